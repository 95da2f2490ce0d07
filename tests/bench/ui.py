#!/usr/bin/env python3
"""What the screen costs: CPU of the terminal thread and bytes written, at 10 frames a second with 20 training events a second.
Fails above 2 % of a core at 120x40 (5 % at 200x60). One argument: seconds for each size (default 4)."""
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "screen"))
from terminal import Terminal  # noqa: E402

STAGE = os.path.join(os.environ.get("top_builddir", "."), "tests/screen/stage")
if not os.access(STAGE, os.X_OK):
    print("SKIP: tests/screen/stage was not built (cmocka's library is missing)")
    sys.exit(77)


def measure(rows, cols, seconds):
    with tempfile.TemporaryDirectory() as home:
        report = os.path.join(home, "report")
        t = Terminal([STAGE, "--rate", "20", "--fps", "10", "--report", report], rows, cols, {"HOME": home, "XDG_STATE_HOME": home})
        t.wait_for("saddle>")
        first = len(t.bytes)
        t.pump(seconds)
        sent = len(t.bytes) - first
        t.send(":quit\r", 0.3)
        t.send("y\r", 0.2)
        t.exit_code()
        t.close()
        words = open(report).read().split()
        return float(words[1]) / float(words[3]), sent / seconds


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 4
    failed = False
    for rows, cols, limit in ((24, 80, 0.02), (40, 120, 0.02), (60, 200, 0.05)):
        cpu, rate = measure(rows, cols, seconds)
        failed |= cpu > limit
        print("%3dx%-3d %5.2f %% of a core (limit %.0f %%), %5.1f KiB/s" % (cols, rows, 100 * cpu, 100 * limit, rate / 1024), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
