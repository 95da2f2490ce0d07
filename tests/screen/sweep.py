#!/usr/bin/env python3
"""A sweep at the prompt: its table fills in where the welcome was, the prompt stays free, leaving asks first, and what was interrupted goes on."""
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from terminal import Terminal, at_home, run_tests, scratch  # noqa: E402

SADDLE = os.environ.get("SADDLE", "./saddle")


def start(epochs):
    home = scratch("saddle-sweep-")
    t = Terminal([SADDLE], 24, 80, at_home(home), True)
    t.typed("")
    images = os.path.join(home, "images.st")
    subprocess.check_call([sys.executable, os.path.join(HERE, "..", "cli", "tensors.py"), images, "1", "2"])
    t.press("data tensors %s --val 4; model resnet8; set batch 8; set lr .02; opt sam; set snapshot_seconds 0; set epochs %d\r" % (images, epochs), "3 classes")
    return t


def row(t, rho, first):
    return re.search(r"^ +%s +%s .* s-rho%s-s0$" % (first, re.escape(rho), re.escape(rho)), t.text().replace(" not done", ""), re.M)


def test_fills_in(t=None):
    t = start(25)
    t.press("sweep rho=.05,.4 --name s\r", "s goes on beside everything else")
    t.see("1 SWEEP", "0 of 2 runs done")
    t.press("show rho\r", "0.05")  # the prompt is free meanwhile
    t.see("(2 of 2)", "'fork s-rho0", "WELCOME")
    t.press("sweep s\r", "2 of 2 runs done")
    assert row(t, "0.05", "[12]") and row(t, "0.4", "[12]"), t.text()
    t.end()


def test_leaving_asks_and_resume_goes_on(t=None):
    t = start(100000)
    t.press("sweep rho=.05,.4 --name s --jobs 2\r", "s-rho0.4-s0: training")
    t.press("sweep rho=.1\r", "s is under way; 'sweep --stop' ends it")
    t.press("quit\r", "a sweep is under way: end its runs with snapshots and leave?")
    t.press("n\r", "not done")
    t.press("sweep --stop\r", "'sweep s --resume' goes on", "WELCOME")
    t.press("sweep s --resume\r", "s goes on beside everything else", "1 SWEEP")
    t.press("quit\r", "leave?")
    t.send("y\r")
    assert t.exit_code() == 0
    t.close()


if __name__ == "__main__":
    run_tests(globals())
