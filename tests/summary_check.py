#!/usr/bin/env python3
"""summary.py on logs made here: what it counts, and that a failed case is shown with its reason."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from tap import Tap

HERE = os.path.dirname(os.path.abspath(__file__))
LONG = "".join("ok %d - case %d\n" % (i, i) for i in range(1, 101))
LOGS = {
    "tap": ("FAIL", LONG + "not ok 101 - the one\n# got:    5\n# wanted: 7\n" + LONG.replace("case", "later") + "FAIL tests/tap (exit status: 1)\n"),
    "cmocka": ("FAIL", "[==========] x: Running 2 test(s).\n[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\n[  ERROR   ] --- 0x1 != 0x2\n"
                       "[   LINE   ] --- x.c:3: error: Failure!\n[  FAILED  ] b\n[==========] x: 2 test(s) run.\n[  FAILED  ] b\n"
                       "FAIL tests/cmocka (exit status: 1)\n"),
    "silent": ("FAIL", "a word on the way\nFAIL tests/silent (exit status: 139)\n"),
    "plain": ("PASS", "fine\nPASS tests/plain (exit status: 0)\n"),
    "left": ("SKIP", "SKIP: no such tool\nSKIP tests/left (exit status: 77)\n"),
}
TAP = Tap()


def summary(logs):
    with tempfile.TemporaryDirectory() as build:
        os.mkdir(os.path.join(build, "tests"))
        for name, (result, log) in logs.items():
            with open(os.path.join(build, "tests", name + ".log"), "w") as f:
                f.write(log)
            with open(os.path.join(build, "tests", name + ".trs"), "w") as f:
                f.write(":test-result: %s\n:global-test-result: %s\n" % (result, result))
        out = subprocess.run([sys.executable, os.path.join(HERE, "summary.py"), build], stdout=subprocess.PIPE)
    return out.returncode, out.stdout.decode()


def main():
    code, text = summary(LOGS)
    lines = text.split("\n")
    TAP.check("a failure is an exit code", code == 1, text)
    TAP.check("every case is counted", lines[-2] == "202 passed, 3 failed, 1 skipped", text)
    TAP.check("a failed case of TAP comes with its reason", "    not ok 101 - the one\n    # got:    5\n    # wanted: 7\n" in text, text)
    TAP.check("and not with all the others", "case 50" not in text and "later 50" not in text, text)
    TAP.check("a failed case of cmocka too", "    [  ERROR   ] --- 0x1 != 0x2\n" in text, text)
    TAP.check("a log without a reason is shown from its end", "    a word on the way\n    FAIL tests/silent (exit status: 139)\n" in text, text)
    TAP.check("what passed is not shown", "fine" not in text, text)
    TAP.check("a skipped test says why", "tests/left: skipped: SKIP: no such tool" in text, text)
    code, text = summary({"many": ("FAIL", "".join("not ok %d - x\n# y\n" % i for i in range(1, 400)) + "FAIL tests/many (exit status: 1)\n")})
    TAP.check("a log full of failures is cut", len(text.split("\n")) < 66 and "lines more)" in text and "399 failed" in text, text)
    code, text = summary({"plain": LOGS["plain"]})
    TAP.check("all well is 0", code == 0 and text == "1 passed, 0 failed, 0 skipped\n", text)
    code, text = summary({"t%d" % i: ("SKIP" if i == 7 else "PASS", "no tool\n# took %d s, %d.5 s of processors\nPASS tests/t%d (exit status: 0)\n" % (2 * i, i, i))
                          for i in range(1, 8)})
    TAP.check("the five slowest are named", "slowest: tests/t7 8 s (14 by the clock), tests/t6 6 s (12 by the clock)" in text and "t3 4 s" in text and
        "t2 2 s" not in text, text)
    TAP.check("and their last line is no reason", "tests/t7: skipped: no tool" in text, text)
    code, text = summary({})
    TAP.check("nothing run is not well", code == 1, text)
    sys.exit(TAP.end())


main()
