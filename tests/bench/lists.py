#!/usr/bin/env python3
"""What lists cost: 2,000 recordings made by tests/bench/runs, then CPU time of `sessions` (limit 0.3 s), of their names (0.05 s), and of Tab
behind `info ` on the screen (0.05 s, start-up aside; needs pyte). The least of five counts. `lists.py RUNS [COUNT]`; SADDLE names the program."""
import os
import resource
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "screen"))
try:
    from terminal import Terminal, at_home, children  # noqa: E402
except SystemExit:  # it has said what is missing
    Terminal = None
SADDLE = os.environ.get("SADDLE", "./saddle")
TIMES = 5


def cpu_of(words):
    least = None
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        least = used if least is None else min(least, used)
    return least


def cpu_of_group(pid):
    """User and system time of a process and of those that it started and that live."""
    ticks, kids = 0, [pid]
    while kids:
        one = kids.pop()
        with open("/proc/%d/stat" % one) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
        kids += children(one)
    return ticks / os.sysconf("SC_CLK_TCK")


def tab(folder):
    with tempfile.TemporaryDirectory() as home:
        t = Terminal([SADDLE, "--no-config", "--sessions", folder], 24, 80, at_home(home))
        t.wait_for("saddle>")
        t.send("info run")
        t.see("info run")
        before = cpu_of_group(t.pid)
        for _ in range(TIMES):
            t.send("\t", 0.5)
        used = (cpu_of_group(t.pid) - before) / TIMES
        t.send("\x15quit\r", 0.2)
        t.exit_code()
        t.close()
        return used


def main():
    runs, count = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "2000"
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([runs, folder, count, "20", "39", "10"], check=True)
        whole = [SADDLE, "--no-config", "--sessions", folder, "sessions"]
        measured = [("sessions", 0.3, cpu_of(whole)), ("sessions --names", 0.05, cpu_of(whole + ["--names"]))]
        if Terminal:
            measured.append(("Tab", 0.05, tab(folder)))
        for what, limit, used in measured:
            failed |= used > limit
            print("%s of %s runs: %.3f s of CPU (limit %.2f s)" % (what, count, used, limit), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
