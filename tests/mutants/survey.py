#!/usr/bin/python3
"""survey.py [FOLDER]: which of many thousand small wrong edits does no test see? Called in a build that has been tested; FOLDER keeps what is built.

spoil.py writes all of them into one copy of the sources, each behind a number, so that they are compiled once. Then each test runs once to see which
edits it reaches, and then, for one edit after another, the tests that reach it, quick ones first, until one fails. Edits that no test reaches are
listed without. It prints one line an edit that lives:

    src/engine/probe/evaluate.c:131  unseen  < -> <=: first < set->n     (or: unreached)

SADDLE_SURVEY         only files whose name contains one of these words (all)
SADDLE_SURVEY_EDITS   how many of the reached edits are tried, drawn at random but evenly over the files (1000; 0: none)
SADDLE_SURVEY_SEED    of the draw (today)
SADDLE_SURVEY_TESTS   only tests whose name contains one of these words (all)
SADDLE_SURVEY_SECONDS what the tests of one edit may take together (30); an edit is unseen when none of those failed
Needs gcc and libclang's Python (Debian: python3-clang).
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import play
import spoil

TOP = os.path.realpath(os.environ.get("top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")))
BUILD = os.path.realpath(os.environ.get("top_builddir", "."))
WORDS = os.environ.get("SADDLE_SURVEY", "").split()
TESTS = os.environ.get("SADDLE_SURVEY_TESTS", "").split()
EDITS = int(os.environ.get("SADDLE_SURVEY_EDITS", "1000"))
SECONDS = float(os.environ.get("SADDLE_SURVEY_SECONDS", "30"))
NOT = re.compile(r"src/kernels/(cuda/|cpu/isa_|cpu/amx|cuda_none)")  # other compilers and processors
LIBRARIES = ["lib%s.a" % room for room in ("base", "kernels", "engine", "session", "repl", "tui")]
FLAGS = ["-std=gnu11", "-D_FILE_OFFSET_BITS=64", "-D_GNU_SOURCE"]
SLOW = {"SADDLE_KILLS": "0", "SADDLE_FAULTS": "1", "SADDLE_MUTANTS": "0", "SADDLE_FIXTURES": "/nonexistent", "SADDLE_FUZZ_RUNS": "300"}


class Survey:
    def __init__(self, folder):
        self.folder = folder
        self.top, self.build = os.path.join(folder, "top"), os.path.join(folder, "top", "build")
        self.edits = {}  # number: (file, line, what)
        self.own = {}  # test: seconds
        self.reached = {}  # test: bytes

    # --- sources that wait ---------------------------------------------------------------------------------------------------

    def copy(self):
        listed = subprocess.run(["git", "-C", TOP, "ls-files", "-z"], stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
        for name in filter(None, listed):
            to = os.path.join(self.top, name)
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copy2(os.path.join(TOP, name), to, follow_symlinks=False)
        subprocess.run(["./autogen.sh"], cwd=self.top, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.makedirs(self.build, exist_ok=True)
        subprocess.run(["../configure", "--quiet", "--with-cuda=no", "--disable-emulated-cuda", "--disable-werror",
                        "CFLAGS=-O1 -g0 -w"], cwd=self.build, check=True)
        subprocess.run(["make", "-s", "src/base/version.h"], cwd=self.build, stderr=subprocess.DEVNULL)

    def spoil(self):
        names = sorted(os.path.relpath(os.path.join(folder, n), TOP) for folder, _, ns in os.walk(os.path.join(TOP, "src")) for n in ns if n.endswith(".c"))
        names = [n for n in names if n != "src/main.c" and not NOT.match(n) and (not WORDS or any(w in n for w in WORDS))]
        include = ["-I" + os.path.join(self.top, "src"), "-I" + os.path.join(self.build, "src"), "-I" + self.build]
        self.files, number = {}, 0
        for name in names:
            s = self.files[name] = spoil.Spoiler(os.path.join(self.top, name), name, FLAGS + include, number)
            number = s.number
            self.edits.update({n: (name, line, what) for n, line, what in s.edits})
        self.most = number + 1
        dropped = {name: set() for name in names}
        for name in names:
            self.write(name, dropped[name])
        while True:  # what does not compile goes, line by line
            done = subprocess.run(["make", "-k", "-j2", "--no-print-directory"] + LIBRARIES, cwd=self.build, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True, errors="replace")
            bad = set()
            for name, line in re.findall(r"^(?:\.\./)?(src/[^:\n]+\.c):(\d+):\d+: (?:error|note: in expansion)", done.stderr, re.M):
                if name in self.files:
                    bad |= {(name, n) for n, at, _ in self.files[name].edits if at <= int(line) <= self.files[name].last[n]}
            bad = {(name, n) for name, n in bad if n not in dropped[name]}
            if not bad:
                if done.returncode:
                    sys.exit("survey.py: the sources do not build:\n" + done.stderr[-3000:])
                break
            for name, n in bad:
                dropped[name].add(n)
                self.edits.pop(n)
            for name in {name for name, _ in bad}:
                self.write(name, dropped[name])
        print("# %d edits in %d files, %d others do not compile" % (len(self.edits), len(names), number - len(self.edits)), flush=True)

    def write(self, name, without):
        with open(os.path.join(self.top, name), "wb") as f:
            f.write(self.files[name].spoiled(without, self.most))

    def programs(self):
        """All of them, and which tests there are."""
        log = os.path.join(self.folder, "build.log")
        with open(log, "w") as out:
            if subprocess.run(["make", "-j2", "--no-print-directory", "all"], cwd=self.build, stdout=out, stderr=out).returncode or subprocess.run(
                    ["make", "-j2", "--no-print-directory", "check", "TESTS="], cwd=self.build, stdout=out, stderr=out).returncode:
                sys.exit("survey.py: no build: see " + log)
        show = "include Makefile\nshow-tests:\n\t@printf '%s\\n' $(TESTS)\n"
        tests = subprocess.run(["make", "-s", "-f", "-", "show-tests"], cwd=self.build, input=show, stdout=subprocess.PIPE, text=True).stdout.split()
        self.tests = [t for t in tests if not re.search(r"mutants|/ptx/|/gpu/|bench/|cuda|dead\.py|namesakes|verbs|layering|citations|summary", t) and
                      (not TESTS or any(w in t for w in TESTS))]

    # --- tests ---------------------------------------------------------------------------------------------------------------

    def run(self, test, limit, **more):
        return play.play(test, self.top, self.build, limit, **SLOW, **more)

    def reach(self, test):
        with tempfile.NamedTemporaryFile(dir=self.folder) as f:
            f.truncate(self.most)
            code, seconds = self.run(test, 600, MUTANT_REACHED=f.name)
            if code != 0:
                print("# %s %s without an edit: it is left out" % (test, "is skipped" if code == play.SKIPPED else "fails"), flush=True)
                return
            self.own[test], self.reached[test] = seconds, f.read()

    def attempt(self, number):
        """The test that sees the edit, or None."""
        spent = 0
        for test in sorted((t for t, r in self.reached.items() if r[number]), key=self.own.get):
            if spent and spent + self.own[test] > SECONDS:
                return None
            code, seconds = self.run(test, max(30, 10 * self.own[test]), MUTANT_NOW=str(number))
            if code not in (0, play.SKIPPED):
                return test
            spent += seconds
        return None

    def drawn(self):
        """Evenly over the files, as far as they have as many."""
        rng = random.Random(int(os.environ.get("SADDLE_SURVEY_SEED") or time.time() // 86400))
        by_file = {}
        for n in sorted(n for n in self.edits if any(r[n] for r in self.reached.values())):
            by_file.setdefault(self.edits[n][0], []).append(n)
        for ns in by_file.values():
            rng.shuffle(ns)
        drawn = []
        while len(drawn) < EDITS and any(by_file.values()):
            names = [name for name in by_file if by_file[name]]
            rng.shuffle(names)
            drawn += [by_file[name].pop() for name in names]
        return drawn[:EDITS]

    def tell(self, number, how):
        print("%s:%d  %s  %s" % (self.edits[number][0], self.edits[number][1], how, self.edits[number][2]), flush=True)

    def whole(self):
        self.copy()
        self.spoil()
        self.programs()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self.reach, self.tests))
        with open(os.path.join(self.folder, "reached.json"), "w") as f:  # for who asks which tests come to a line
            json.dump({"edits": self.edits, "seconds": self.own, "reached": {t: [n for n in self.edits if r[n]] for t, r in self.reached.items()}}, f)
        unreached = [n for n in self.edits if not any(r[n] for r in self.reached.values())]
        for n in unreached:
            self.tell(n, "unreached")
        drawn, killers, seen = self.drawn(), {}, {}
        with ThreadPoolExecutor(2) as pool:
            for n, test in zip(drawn, pool.map(self.attempt, drawn)):
                told = seen.setdefault(os.path.dirname(self.edits[n][0]), [0, 0])
                told[1] += 1
                if test:
                    told[0] += 1
                    killers[test] = killers.get(test, 0) + 1
                else:
                    self.tell(n, "unseen")
        for room, (n, of) in sorted(seen.items()):
            print("# %s: %d of %d reached edits are seen" % (room, n, of))
        print("# %d of %d edits are reached; %d of %d drawn ones are seen" % (len(self.edits) - len(unreached), len(self.edits),
                                                                          sum(n for n, _ in seen.values()), len(drawn)))
        for test in sorted(killers, key=killers.get, reverse=True)[:20]:
            print("# %5d by %s" % (killers[test], test))


def main():
    if len(sys.argv) > 1:
        os.makedirs(sys.argv[1], exist_ok=True)
        Survey(os.path.realpath(sys.argv[1])).whole()
    else:
        with tempfile.TemporaryDirectory(prefix="saddle-survey-") as folder:
            Survey(folder).whole()


main()
