#!/usr/bin/env python3
"""writers.py: two of the shipped program want to record one run. They begin in the same moment: one records, the other one says who does, with exit
code 6, and changes nothing. The one that records is ended in order, by a signal or by kill -9 in turn, and the next two race for what it left. Two
that begin a run of one name make one run. On a file system without locks nobody records, and the message says why.

SADDLE_RACES  how many races of each kind (3)
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import scenes
from tap import Tap

SADDLE = os.environ.get("SADDLE", "./saddle")
LIBRARY = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "tests", "fault", "world.so"))
RACES = int(os.environ.get("SADDLE_RACES", "3"))
SETUP = ("data tensors %s; model resnet8 --head linear; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; set snapshot_every 0; set threads 1; set batch 8; "
         "unwatch; set epochs 100000; ")
LOCKED = 6
REFUSALS = ((LOCKED, "is being written by another process"), (LOCKED, "another process went on with it just now"), (1, "is there already; choose another name"))
TAP = Tap()


class Writer:
    """A process that wants to record, and goes on until it is ended."""

    def __init__(self, home, *words, **env):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("SADDLE_", "XDG_"))}
        self.said = tempfile.TemporaryFile(mode="w+", errors="replace")
        self.process = subprocess.Popen([SADDLE, "--no-config", "--sessions=" + home, "--log=none", *words], stdin=subprocess.DEVNULL, stdout=self.said,
                                        stderr=subprocess.STDOUT, env=dict(clean, HOME=home, LC_ALL="C.UTF-8", TZ="UTC", **env))

    def text(self):
        self.said.seek(0)
        return self.said.read()

    def end(self, number=None):
        """By a signal if there is one; its exit code."""
        if number:
            self.process.send_signal(number)
        try:
            return self.process.wait(scenes.PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "hangs"

    def ended(self):
        return self.process.poll() is not None


def until(what):
    """Whether it comes true; patience ends a failed test alone."""
    end = time.monotonic() + scenes.PATIENCE
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.02)
    return False


def both(writers):
    """The first that ends, and the one that goes on."""
    if not until(lambda: any(writer.ended() for writer in writers)):
        return None, None
    return writers if writers[0].ended() else reversed(writers)


def saddle(home, *words):
    writer = Writer(home, *words)
    return writer.end(), writer.text()


def segments(home, name):
    """What each process recorded, beginning with its number; nothing where there is no run yet."""
    code, text = saddle(home, "cat", name)
    return re.split(r'"k":"open".*?"seg":', text)[1:] if code == 0 else []


def records(home, name, before):
    """Another process than those of before has recorded a step: until then a signal finds it on its way there."""
    def is_there():
        now = segments(home, name)
        return len(now) > before and '"k":"step"' in now[-1]

    return until(is_there)


def race(home, name, words, how):
    """Who is refused first, then how the one that records ends. What is wrong, or None."""
    before = len(segments(home, name))
    writers = [Writer(home, *words) for _ in range(2)]
    loser, winner = both(writers)
    try:
        if not loser:
            return "neither ended, and one of them had to"
        code, text = loser.end(), loser.text()
        if not any(code == wanted and said in text for wanted, said in REFUSALS):
            return "the refused one ends with %s: %s" % (code, text)
        if winner.ended():
            return "the other one ended too, with %s: %s" % (winner.end(), winner.text())
        if not records(home, name, before):
            return "nobody recorded: %s" % winner.text()
        got = winner.end(how)
        if got != {signal.SIGTERM: 75, signal.SIGKILL: -signal.SIGKILL}[how]:
            return "the one that records ends with %s: %s" % (got, winner.text())
    finally:
        for writer in writers:
            if not writer.ended():
                writer.process.kill()
                writer.process.wait()
    return None


def resumed(home):
    wrong = []
    for n in range(RACES):
        how = (signal.SIGTERM, signal.SIGKILL)[n % 2]
        why = race(home, "run", ["-c", "resume run; wait"], how)
        if why:
            wrong.append("race %d: %s" % (n + 1, why))
    code, text = saddle(home, "verify", "run")
    numbers = [int(re.match(r"\d+", text)[0]) for text in segments(home, "run")]
    TAP.check("of two that resume a run one records it (%d races)" % RACES, not wrong, "\n".join(wrong[:5]))
    TAP.check("and the recording is whole", code == 0, text)
    TAP.check("with a segment of each that recorded and no other", numbers == list(range(1, RACES + 2)), numbers)


def begun(home, data):
    wrong = []
    for n in range(RACES):
        name = "new%d" % n
        why = race(home, name, ["-c", SETUP % data + "train --name %s; wait" % name], signal.SIGKILL)
        code, text = saddle(home, "verify", name)
        if why or code != 0:
            wrong.append("race %d: %s%s" % (n + 1, why, text))
    TAP.check("two that begin a run of one name make one run (%d races)" % RACES, not wrong, "\n".join(wrong[:5]))


def tree(folder):
    return {name: os.stat(os.path.join(folder, name)).st_size for name in os.listdir(folder)}


def without_locks(home):
    """ENOLCK is what NFS without its lock daemon says, EOPNOTSUPP what others do."""
    if not os.path.exists(LIBRARY):
        TAP.skip("a file system without locks", "sanitized and static builds have no library before libc")
        return
    for word in ("ENOLCK", "EOPNOTSUPP"):
        before, known = tree(os.path.join(home, "run.saddle")), len(segments(home, "run"))
        writer = Writer(home, "-c", "resume run; wait", LD_PRELOAD=LIBRARY, SADDLE_WORLD_LOCK=word)
        until(lambda: writer.ended() or len(segments(home, "run")) > known)
        code, text = writer.end(None if writer.ended() else signal.SIGKILL), writer.text()
        good = code not in (0, LOCKED, "hangs") and code > 0 and "cannot lock session 'run': " in text
        TAP.check("without locks (%s) a run is not recorded, and the message says why" % word, good, "exit %s: %s" % (code, text))
        TAP.check("and what was recorded stays as it is", tree(os.path.join(home, "run.saddle")) == before)


def main():
    with tempfile.TemporaryDirectory(prefix="saddle-writers-") as home:
        home = os.path.realpath(home)
        data = os.path.join(home, "data.safetensors")
        scenes.write_data(data)
        code, text = saddle(home, "-c", SETUP % data + "train --name run --paused; step 2; wait step 2; stop --yes; wait")
        TAP.check("a run of two steps", code == 0, "exit %s: %s" % (code, text))
        resumed(home)
        begun(home, data)
        without_locks(home)
    sys.exit(TAP.end())


main()
