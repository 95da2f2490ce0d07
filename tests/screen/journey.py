#!/usr/bin/env python3
"""Journey 4, at 80x24: two forks of one run, each with a rho of its own, both trained; from a replay, by keys; and a detour taken back."""
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from terminal import Terminal, at_home, run_tests, scratch  # noqa: E402

SADDLE = os.environ.get("SADDLE", "./saddle")
TENSORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli", "tensors.py")
# three steps an epoch
TINY = ("data tensors %s; set model resnet8; set device cpu; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; set opt sam; set rho .1; "
        "set epochs 3; set batch 8; set threads 1; unwatch")


class Place:
    """A folder of its own for everything."""

    def __init__(self):
        self.home = scratch("saddle-journey-")
        self.env = at_home(self.home)
        images = os.path.join(self.home, "images.st")
        subprocess.run([sys.executable, TENSORS, images, "1", "2"], check=True)
        self.tiny = TINY % images

    def screen(self, *words):
        return Terminal([SADDLE, *words], 24, 80, self.env)

    def saddle(self, *words):
        environment = dict(os.environ, **self.env)
        return subprocess.run([SADDLE, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, text=True)

    def events(self, run):
        return [json.loads(line) for line in self.saddle("cat", run).stdout.splitlines()]

    def steps(self, run):
        return {e["s"]: (e["loss"], e["gn"]) for e in self.events(run) if e["k"] == "step"}

    def config(self, run):
        return next(e for e in self.events(run) if e["k"] == "config")

    def base(self):
        out = self.saddle("-c", self.tiny + "; train --name base")
        assert out.returncode == 0, out.stdout
        folder = os.path.join(self.home, "saddle", "sessions", "base.saddle")
        return {name: open(os.path.join(folder, name), "rb").read() for name in os.listdir(folder)}, folder


def unchanged(before):
    files, folder = before
    return files == {name: open(os.path.join(folder, name), "rb").read() for name in os.listdir(folder)}


def test_two_forks():
    place = Place()
    before = place.base()
    t = place.screen()
    t.typed("")
    t.press("fork base@2 a\r", "PAUSED", "forked base@2 -> a r", "ep 2.0")
    t.press("fork base@2 b\r", "forked base@2 -> b r", "ep 2.0")  # a waits, and is there
    t.press("set rho .3; train\r", "rho .30*")
    t.see("DONE", "ep 3.0")
    t.press("resume a\r", "DONE", "rho .10 ", "ep 3.0")
    t.press("sessions --tree\r", "  a ", "  b ")
    t.end()
    base, a, b = (place.steps(run) for run in ("base", "a", "b"))
    assert a == {s: v for s, v in base.items() if s in a} and max(a) == max(base) and min(a) == min(b)
    assert set(a) == set(b) and b[max(b)] != a[max(a)], (a, b)
    assert place.config("a")["parent"] == place.config("b")["parent"] == "base@2"
    assert place.config("a")["parent_state"] == place.config("b")["parent_state"]
    assert unchanged(before)


def test_from_a_replay_by_a_key():
    place = Place()
    before = place.base()
    t = place.screen("replay", "base@1")
    t.see("REPLAY", "ep 1.0")
    t.send("F")
    t.see("saddle> fork @1")
    t.send("early\r")
    t.see("PAUSED", "forked base@1 -> early")
    t.press("fork base@nowhere x\r", "no snapshot 'nowhere' in it")
    t.see("PAUSED")  # a slip takes nothing away
    t.press("train --epochs 2\r", "DONE", "ep 2.0")
    t.end()
    base, early = place.steps("base"), place.steps("early")
    assert early == {s: v for s, v in base.items() if s in early} and early
    assert unchanged(before)


def test_undo_offers_the_way_without_a_detour():
    place = Place()
    t = place.screen()
    t.typed("")
    t.press(place.tiny + "; set epochs 3000\r", "3 classes")
    t.press("train --name long --paused; step 2\r", "PAUSED", "ep 0.67")
    t.press("set rho .4\r", "rho .40*")
    t.press("step 3\r", "PAUSED", "ep 1.67")
    t.press("undo\r", "the way without them: 'fork @")
    offered = re.search(r"'(fork @[\d.]+); set rho 0\.1; train'", t.text().replace("\n", " "))
    assert offered, t.text()
    t.press(offered.group(1) + " straight\r", "end long at ep 1.7 and fork? 'resume long' can go on [y/N]")
    t.send("n")
    t.send("\r")
    t.see("not done")
    t.press(offered.group(1) + " straight --yes\r", "forked long@", "ep 0.67")
    t.press("set rho .1; train --steps 4\r", "DONE")
    t.end()
    assert sorted(place.steps("straight")) == [3, 4]


if __name__ == "__main__":
    run_tests(globals())
