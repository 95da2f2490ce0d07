#!/usr/bin/env python3
"""run.py: make the wrong edits of tests/mutants/list one by one in a copy of sources and build, and see whether a test fails.

SADDLE_MUTANTS    how many (8); `all`: what was caught is kept in mutants.done of the build, and a later call goes on from there; 0: none, only
                  whether each edit has its line still
SADDLE_MUTANT_DAY which ones: so many days into the list, which is gone through in a shuffled order (today)
SADDLE_MUTANT     only those whose file or lines contain this text
SADDLE_MUTANT_SECONDS  how long a test must take at least before it hangs (60)

An edit is caught when one of the tests beside it fails. It is not when they pass; when one has to be ended here, for a test has limits of its
own; when the old line is not in the file any more; when the edit does not build; when a test fails without the edit.
"""
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import play

TOP = os.path.realpath(os.environ.get("top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")))
LIST = os.path.join(TOP, "tests", "mutants", "list")
BUILD = os.path.realpath(os.environ.get("top_builddir", "."))
PATIENCE = int(os.environ.get("SADDLE_MUTANT_SECONDS", "60"))
TIMES = 10  # what a test takes without an edit: longer than both, it hangs


class Trouble(Exception):
    """What stands in the way of an edit."""


class Edit:
    def __init__(self, number):
        self.number = number  # of its first line in the list
        self.file, self.after, self.old, self.new, self.tests = "", "", None, "", []

    def text(self):
        return "%s\n%s\n%s\n%s\n%s" % (self.file, self.after, self.old, self.new, " ".join(self.tests))

    def name(self):
        return "%s: %s  ->  %s" % (self.file, self.old, self.new or "(no such line)")

    def applied(self, top):
        """The text of the file, without and with the edit."""
        path = os.path.join(top, self.file)
        if not os.path.exists(path):
            raise Trouble("there is no such file")
        with open(path, encoding="utf-8") as f:
            lines = f.read().split("\n")
        begin = next((i for i, line in enumerate(lines) if self.after in line), None)
        if begin is None:
            raise Trouble("no line with '%s' any more" % self.after)
        places = [i for i, line in enumerate(lines) if i >= begin and line.strip() == self.old]
        if not places:
            raise Trouble("the old line is not there any more: give the edit a line of today's code")
        if len(places) > 1 and not self.after:
            raise Trouble("the old line is there %d times: name a text before it by 'after'" % len(places))
        at = places[0]
        edited = list(lines)
        indent = lines[at][:len(lines[at]) - len(lines[at].lstrip())]
        edited[at:at + 1] = [indent + self.new] if self.new else []
        return "\n".join(lines), "\n".join(edited)


def read_list(path):
    edits = []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            word, _, rest = line.rstrip("\n").partition(" ")
            if not word or word.startswith("#"):
                continue
            if word == "file":
                edits.append(Edit(number))
            if word not in ("file", "after", "-", "+", "by") or not edits:
                sys.exit("%s:%d: a line begins with file, after, -, + or by" % (path, number))
            edit = edits[-1]
            if word == "by":
                edit.tests = rest.split()
            else:
                setattr(edit, {"file": "file", "after": "after", "-": "old", "+": "new"}[word], rest.strip() if word in "-+" else rest)
    for edit in edits:
        if not edit.old or not edit.tests or edit.old == edit.new:
            sys.exit("%s:%d: an edit has a file, an old line, another new one and tests" % (path, edit.number))
    return edits


def chosen(edits):
    """Those of today, so that each has its turn."""
    only = os.environ.get("SADDLE_MUTANT")
    if only:
        return [e for e in edits if only in e.text()]
    count = os.environ.get("SADDLE_MUTANTS", "8")
    if count == "all":
        return edits
    shuffled = sorted(edits, key=lambda e: hashlib.sha256(e.text().encode()).digest())
    day = int(os.environ.get("SADDLE_MUTANT_DAY") or time.time() // 86400)
    begin = day * int(count) % len(edits)
    return (shuffled + shuffled)[begin:begin + min(int(count), len(edits))]


# --- a copy to spoil -------------------------------------------------------------------------------------------------------


class Copy:
    """Sources and build elsewhere. Programs of tests that are not needed stay behind, but not the libraries that scripts put before libc."""

    def __init__(self, tests):
        self.folder = tempfile.mkdtemp(prefix="saddle-mutants-")
        self.top = os.path.join(self.folder, "top")
        up = os.path.relpath(BUILD, TOP)
        if up.startswith(".."):
            sys.exit("run.py: the build %s does not lie in %s" % (BUILD, TOP))
        self.build = os.path.join(self.top, up)
        self.own_time = {}  # of each test, without an edit
        shutil.copytree(TOP, self.top, symlinks=True, ignore=self.not_sources)
        shutil.copytree(BUILD, self.build, symlinks=True, ignore=lambda folder, names: self.not_needed(folder, names, tests))
        self.lead_here()

    def lead_here(self):
        """A build that was configured by an absolute path names the sources so, in its Makefile and in what it knows of headers."""
        for folder, _, names in os.walk(self.build):
            for name in names:
                path = os.path.join(folder, name)
                if name == "Makefile" or name.endswith(".Po"):
                    with open(path, encoding="utf-8") as f:
                        text = f.read()
                    if TOP + "/" in text or TOP + "\n" in text:
                        times = os.stat(path)
                        with open(path, "w", encoding="utf-8") as f:
                            f.write(text.replace(TOP + "/", self.top + "/").replace(TOP + "\n", self.top + "\n"))
                        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    @staticmethod
    def not_sources(folder, names):
        return [n for n in names if n == ".git" or os.path.exists(os.path.join(folder, n, "config.status"))]

    @staticmethod
    def not_needed(folder, names, tests):
        inside = os.path.relpath(folder, BUILD)
        if inside == ".":
            return [n for n in names if n in ("nightly", "fuzz-corpus")]  # what .ci keeps there: builds, Pythons, inputs
        if not inside.startswith("tests"):
            return []
        paths = {n: os.path.join(folder, n) for n in names}
        return [n for n, path in paths.items() if os.path.isfile(path) and os.access(path, os.X_OK) and not n.endswith(".so") and
                os.path.join(inside, n) not in tests]

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def make(self, tests):
        """0, or what make says."""
        done = subprocess.run(["make", "-j2", "--no-print-directory"] + play.wanted(tests), cwd=self.build, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, text=True, errors="replace")
        return done.stdout if done.returncode else None

    def run(self, test, limit):
        """Exit code, or None when it had to be ended; seconds; what it said."""
        with tempfile.TemporaryFile(mode="w+", errors="replace") as out:
            code, seconds = play.play(test, self.top, self.build, limit, out)
            out.seek(0)
            return code, seconds, out.read()

    def own(self, test):
        """How long the test takes when nothing is wrong."""
        if test not in self.own_time:
            code, seconds, said = self.run(test, None)
            if code != 0:
                raise Trouble("%s %s without the edit:\n%s" % (test, "is skipped" if code == play.SKIPPED else "fails", said[-2000:]))
            self.own_time[test] = seconds
        return self.own_time[test]

    def write(self, file, text):
        with open(os.path.join(self.top, file), "w", encoding="utf-8") as f:
            f.write(text)

    def try_edit(self, edit):
        """The test that caught it, and in what time. Trouble when none did."""
        whole, edited = edit.applied(self.top)
        said = self.make(edit.tests)
        if said:
            raise Trouble("the sources do not build:\n%s" % said[-2000:])
        limits = [max(PATIENCE, TIMES * self.own(t)) for t in edit.tests]
        self.write(edit.file, edited)
        try:
            said = self.make(edit.tests)
            if said:
                raise Trouble("the edit does not build:\n%s" % said[-2000:])
            for test, limit in zip(edit.tests, limits):
                code, seconds, _ = self.run(test, limit)
                if code is None:
                    raise Trouble("HANGS: %s had not ended after %.0f s; give it a limit of its own" % (test, limit))
                if code not in (0, play.SKIPPED):
                    return test, seconds
        finally:
            self.write(edit.file, whole)
        raise Trouble("SURVIVED %s" % " ".join(edit.tests))


# --- the whole ---------------------------------------------------------------------------------------------------------------


def key_of(edit):
    """Of an edit in today's file: caught once is caught until one of them changes."""
    return hashlib.sha256((edit.text() + "\n" + edit.applied(TOP)[0]).encode()).hexdigest()


def caught_before(path):
    try:
        with open(path, encoding="utf-8") as f:
            return set(f.read().split())
    except FileNotFoundError:
        return set()


def main():
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    edits = read_list(LIST)
    lost = 0
    for edit in edits:
        try:
            edit.applied(TOP)
        except Trouble as why:
            lost += 1
            print("# tests/mutants/list:%d: %s: %s" % (edit.number, edit.name(), why))
    if os.environ.get("SADDLE_MUTANTS") == "0":
        print("1..1\n%s 1 - each of the %d edits has its line" % ("not ok" if lost else "ok", len(edits)))
        sys.exit(1 if lost else 0)
    tried = chosen(edits)
    if not tried:
        sys.exit("run.py: no edit of tests/mutants/list contains '%s'" % os.environ.get("SADDLE_MUTANT"))
    whole = os.environ.get("SADDLE_MUTANTS") == "all" and not os.environ.get("SADDLE_MUTANT")
    kept = os.path.join(BUILD, "mutants.done")
    before = caught_before(kept) if whole else set()
    print("1..%d" % len(tried))
    bad = 0
    copy = Copy({t for e in tried for t in e.tests})
    try:
        for n, edit in enumerate(tried, 1):
            try:
                if whole and key_of(edit) in before:
                    print("ok %d - %s # caught before" % (n, edit.name()))
                    continue
                test, seconds = copy.try_edit(edit)
                print("ok %d - %s # caught by %s in %.1f s" % (n, edit.name(), test, seconds), flush=True)
                if whole:
                    with open(kept, "a", encoding="utf-8") as f:
                        f.write(key_of(edit) + "\n")
            except Trouble as why:
                bad += 1
                print("not ok %d - %s\n# tests/mutants/list:%d: %s" % (n, edit.name(), edit.number, str(why).replace("\n", "\n# ")), flush=True)
    finally:
        copy.remove()
    print("# %d of %d edits tried, %d caught, %d not, %d of the list without their line" % (len(tried), len(edits), len(tried) - bad, bad, lost))
    sys.exit(1 if bad or lost else 0)


main()
