#!/usr/bin/env python3
"""world.py: small runs of the shipped program in other worlds, with a library before libc (world.c): another clock, another locale, a request for
memory that fails.

Clock and locale change no number of a recording, and no text of it but its times. Without memory the program may refuse or end; it does not die, says
so, by its exit code or a warning, when something of the run is not recorded, and what it leaves behind is a session that `verify` accepts.

SADDLE_WORLD_MEMORIES  how many requests fail, each in a run of its own (12), or `all`
SADDLE_FAULT_SEED      which; a failure names its number, and SADDLE_WORLD_MEMORY=N repeats it
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from tap import Tap

SADDLE = os.environ.get("SADDLE", "./saddle")
LIBRARY = os.path.join(os.environ.get("top_builddir", "."), "tests", "fault", "world.so")
SETUP = ("data demo; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; set threads 1; set batch 8; unwatch; set lr 0.05 at step 2; "
         "train --steps 4 --name run; wait")
VARY = {"m", "w", "q", "ms", "seconds", "time"}  # times; a snapshot is announced when it is on the disk, whichever steps are done by then
TAP = Tap()


class World:
    """A run from beginning to end in a folder of its own."""

    def __init__(self, **env):
        self.folder = tempfile.mkdtemp(prefix="saddle-world-")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "SADDLE_"))}
        self.env.update(HOME=self.folder, LC_ALL="C", TZ="UTC")
        env = dict(self.env, LD_PRELOAD=os.path.abspath(LIBRARY), SADDLE_WORLD_COUNT=self.path("count"), **env)
        self.code, self.said = self.saddle(env, "--log=none", "-c", SETUP)

    def path(self, name):
        return os.path.join(self.folder, name)

    def saddle(self, env, *words):
        try:
            p = subprocess.run([SADDLE, "--no-config", "--sessions=" + self.path("sessions"), *words], env=env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, cwd=self.folder)
        except subprocess.TimeoutExpired:
            return "hangs", ""
        return p.returncode, p.stdout.decode(errors="replace")

    def recorded(self):
        """Its lines without what varies, those of snapshots last; None: there is no session."""
        if not os.path.isdir(self.path("sessions/run.saddle")):
            return None
        code, text = self.saddle(self.env, "cat", "run")
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")] if code == 0 else []
        lines = [{k: v for k, v in line.items() if k not in VARY} for line in lines if line["k"] not in ("open", "status")]
        return sorted(lines, key=lambda line: line["k"] == "snap")

    def end(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def compare(name, wanted, **env):
    w = World(**env)
    got = w.recorded()
    differ = next(("%s\nhere:    %s" % (a, b) for a, b in zip(wanted, got or []) if a != b), "%d lines, here %d" % (len(wanted), len(got or [])))
    TAP.check(name, w.code == 0 and got == wanted, "exit %s\n%s\n%s" % (w.code, w.said[-600:], differ))
    w.end()


def clocks(wanted):
    for name, clock in (("ten years ahead", "315360000"), ("ten years behind", "-315360000"), ("a clock that stands still", "freeze"),
                        ("a clock that runs back", "back")):
        compare("%s changes nothing but times" % name, wanted, SADDLE_WORLD_CLOCK=clock)


def locales(wanted):
    """A comma in numbers, 8 bits, two bytes a character; made here, for few machines have them."""
    made = tempfile.mkdtemp(prefix="saddle-locales-")
    for locale, source, charset in (("de_DE.UTF-8", "de_DE", "UTF-8"), ("de_DE", "de_DE", "ISO-8859-1"), ("ja_JP.eucJP", "ja_JP", "EUC-JP")):
        have = shutil.which("localedef") and subprocess.run(["localedef", "-i", source, "-f", charset, "--no-archive", os.path.join(made, locale)],
                                                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode in (0, 1)
        if have and os.path.isdir(os.path.join(made, locale)):
            compare("locale %s changes nothing" % locale, wanted, LC_ALL=locale, LOCPATH=made)
        else:
            TAP.skip("locale %s" % locale, "no localedef, or no source of it")
    for name, env in (("no locale", {"LC_ALL": "", "LANG": ""}), ("one that is not there", {"LC_ALL": "xx_YY.UTF-8"}), ("C.UTF-8", {"LC_ALL": "C.UTF-8"})):
        compare("%s changes nothing" % name, wanted, **env)
    shutil.rmtree(made, ignore_errors=True)


def numbers(lines):
    return [(line.get("k"), line.get("s"), line.get("loss"), line.get("state")) for line in lines if line["k"] in ("config", "data", "step", "snap", "cmd")]


def without_memory(n, wanted):
    w = World(SADDLE_WORLD_MEMORY=str(n))
    got, why = w.recorded(), ""
    if not isinstance(w.code, int) or w.code < 0 or w.code >= 128 or w.code == 70:
        why = "it died: %s" % w.code
    elif got is not None and w.saddle(w.env, "verify", "run")[0] != 0:
        why = w.saddle(w.env, "verify", "run")[1]
    elif w.code == 0 and "\nwarning: " not in w.said and (got is None or numbers(got) != numbers(wanted)):
        why = "not all of it is recorded, and nothing tells it: %s" % numbers(got or [])
    TAP.check("request %d for memory fails" % n, not why, "exit %s\n%s\n%s" % (w.code, why, w.said[-600:]))
    w.end()


def memory(wanted):
    w = World(SADDLE_WORLD_MEMORY="0")
    with open(w.path("count")) as f:
        total = int(f.read())
    w.end()
    one, many = os.environ.get("SADDLE_WORLD_MEMORY"), os.environ.get("SADDLE_WORLD_MEMORIES", "12")
    seed = os.environ.get("SADDLE_FAULT_SEED", "1")
    chosen = [int(one)] if one else range(1, total + 1) if many == "all" else sorted(random.Random(seed).sample(range(1, total + 1), int(many)))
    for n in chosen:
        without_memory(n, wanted)
    print("# %d of about %d requests for memory failed, seed %s" % (len(chosen), total, seed))


def main():
    if not os.path.exists(LIBRARY):
        print("1..0 # SKIP sanitized and static builds have no library before libc")
        sys.exit(77)
    plain = World()
    wanted = plain.recorded()
    plain.end()
    TAP.check("a run", plain.code == 0 and wanted and len(numbers(wanted)) >= 9, "%s\n%s" % (plain.said, wanted))
    if not os.environ.get("SADDLE_WORLD_MEMORY"):
        clocks(wanted)
        locales(wanted)
    memory(wanted)
    sys.exit(TAP.end())


main()
