#!/usr/bin/env python3
"""run.py on a project made here: what it calls caught, and what not."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from tap import Tap

HERE = os.path.dirname(os.path.abspath(__file__))
MAKEFILE = """srcdir = ..
.PHONY: saddle
saddle: $(srcdir)/src/a.txt
\t@[ ! -e nightly ]
\t@! grep -q broken $(srcdir)/src/a.txt
\tcp $(srcdir)/src/a.txt saddle
"""
FILES = {
    "src/a.txt": "one\ntwo\nsame\nmark\nsame\n",
    "build/Makefile": MAKEFILE,
    "build/config.status": "",
    "build/saddle": "",
    "build/nightly/asan/large": "",  # of another stage of CI: the copy goes without
    "tests/good.sh": "#!/bin/sh\ngrep -q hang saddle && sleep 100\ngrep -q '^two$' saddle && [ \"$(grep -c same saddle)\" = 2 ]\n",
    "tests/blind.sh": "#!/bin/sh\ntrue\n",
    "tests/bad.sh": "#!/bin/sh\nfalse\n",
}
ROW = "file src/a.txt\n- %s\n+ %s\nby %s\n"
TAP = Tap()


def run(rows, times=1, absolute=False, **more):
    """Exit code, what it says, and the source file afterwards."""
    with tempfile.TemporaryDirectory() as top:
        top = os.path.realpath(top)
        for name, text in dict(FILES, **{"tests/mutants/list": "\n".join(rows)}).items():
            path = os.path.join(top, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text.replace("srcdir = ..", "srcdir = " + top) if absolute else text)
            os.chmod(path, 0o755)
        env = dict({k: v for k, v in os.environ.items() if not k.startswith("SADDLE_MUTANT")}, top_srcdir=top, top_builddir=os.path.join(top, "build"),
                   SADDLE_MUTANTS="all", SADDLE_MUTANT_SECONDS="1")
        env.update(more)
        out, code = "", 0
        for _ in range(times):
            p = subprocess.run([sys.executable, os.path.join(HERE, "run.py")], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            out, code = out + p.stdout, p.returncode
        with open(os.path.join(top, "src/a.txt")) as f:
            return code, out, f.read()


def main():
    code, text, after = run([ROW % ("two", "three", "tests/blind.sh tests/good.sh"), ROW % ("two", "", "tests/good.sh")], times=2)
    TAP.check("what a test fails on is caught", code == 0 and text.count("caught by tests/good.sh in") == 2, text)
    TAP.check("and is not tried again", text.count("# caught before") == 2 and text.count("2 of 2 edits tried, 2 caught, 0 not") == 2, text)
    TAP.check("the sources are as before", after == FILES["src/a.txt"], after)
    code, text, _ = run([ROW % ("two", "three", "tests/good.sh")], absolute=True)
    TAP.check("also in a build that names its sources by an absolute path", code == 0 and "caught by tests/good.sh" in text, text)
    code, text, _ = run([ROW % ("one", "eins", "tests/good.sh")])
    TAP.check("what no test fails on survives", code == 1 and "not ok 1 - src/a.txt: one" in text and "SURVIVED tests/good.sh" in text, text)
    code, text, _ = run([ROW % ("one", "hang", "tests/good.sh"), ROW % ("two", "three", "tests/good.sh")])
    TAP.check("what makes a test hang is not caught", code == 1 and "HANGS: tests/good.sh" in text and "ok 2 - " in text, text)
    code, text, _ = run([ROW % ("zero", "three", "tests/good.sh"), ROW % ("two", "three", "tests/good.sh")], SADDLE_MUTANTS="1", SADDLE_MUTANT="two")
    TAP.check("a line that is gone is told of, whichever are tried", code == 1 and "the old line is not there any more" in text and "1 of the list without" in text and
        "ok 1 - " in text, text)
    code, text, _ = run([ROW % ("same", "other", "tests/good.sh")])
    TAP.check("and one that is there twice", code == 1 and "the old line is there 2 times" in text, text)
    code, text, _ = run(["file src/a.txt\nafter mark\n- same\n+ other\nby tests/good.sh\n"])
    TAP.check("unless it is told which", code == 0, text)
    code, text, _ = run([ROW % ("two", "broken", "tests/good.sh")])
    TAP.check("what does not build is not caught", code == 1 and "the edit does not build" in text, text)
    code, text, _ = run([ROW % ("two", "three", "tests/bad.sh")])
    TAP.check("nor is it by a test that fails anyway", code == 1 and "tests/bad.sh fails without the edit" in text, text)
    code, text, _ = run(["file src/a.txt\n- two\n+ two\nby tests/good.sh\n"])
    TAP.check("an edit changes something", code == 1 and "another new one" in text, text)
    p = subprocess.run([sys.executable, os.path.join(HERE, "run.py")], env=dict(os.environ, SADDLE_MUTANTS="0"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    TAP.check("each edit of the list has a line of today's code", p.returncode == 0 and "ok 1 - each of the" in p.stdout, p.stdout)
    sys.exit(TAP.end())


main()
