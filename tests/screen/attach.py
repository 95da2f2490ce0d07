#!/usr/bin/env python3
"""saddle attach: a run whose terminal is gone is taken over from another one, by a screen whose keys and commands go to it."""
import os
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from terminal import PATIENCE, Terminal, at_home, run_tests, scratch  # noqa: E402

SADDLE = os.environ.get("SADDLE", "./saddle")
SMALL = "data demo; set device cpu; set epochs 3000; set eval_every 0; set snapshot_seconds 0; set threads 1; set batch 16"


def waits_for(what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.1)
    return False


def test_a_run_that_outlived_its_terminal():
    home = scratch("saddle-attach-")
    env = at_home(home)
    run = os.path.join(home, "saddle", "sessions", "away.saddle")

    def cat():
        return subprocess.run([SADDLE, "cat", run], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()

    first = Terminal([SADDLE], 24, 80, env)
    first.typed("")
    first.press(SMALL + "\r", "10 classes")
    first.send("train --name away\r")
    first.see("TRAIN")
    assert waits_for(lambda: '"k":"step"' in cat())
    os.close(first.fd)  # the line drops: training goes on without a screen

    t = Terminal([SADDLE, "attach", "away"], 24, 80, env)
    t.see("TRAIN")
    t.send("p")
    t.see("PAUSED")
    assert waits_for(lambda: '"op":"pause"' in cat() and '"by":"ctl"' in cat())
    steps = cat().count('"k":"step"')
    time.sleep(1)
    assert cat().count('"k":"step"') == steps, "it stands still"
    t.prompt()
    t.press("set rho .7\r", "0.7 from step")
    t.press("set roh .7\r", "did you mean 'rho'?")
    t.press("resume\r", "TRAIN")
    assert waits_for(lambda: cat().count('"k":"step"') > steps)
    t.send("eval\r")
    t.press("wait until acc < 101; note measured\r", "measured")
    assert waits_for(lambda: '"text":"measured"' in cat()), "a line waits for the run that is followed"
    t.press("wait step 1; note passed\r", "passed")
    t.press("wait until acc > 101; note never\r", "saddle> wait until acc > 101; note never")
    t.press("\x03", "cancelled")  # not for ever
    t.press("set roh .8\r", "did you mean 'rho'?")
    assert '"text":"never"' not in cat()
    t.end()  # leaves it alone
    steps = cat().count('"k":"step"')
    assert waits_for(lambda: cat().count('"k":"step"') > steps), "it goes on"
    t.close()

    t = Terminal([SADDLE, "attach", "away"], 24, 80, env)
    t.see("TRAIN")
    t.prompt()
    t.press("stop\r", "[y/N]")
    t.send("y\r")
    t.see("STOPPED")
    assert waits_for(lambda: '"k":"seal"' in cat())
    t.end()
    t.close()
    out = subprocess.run([SADDLE, "verify", run], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert out.returncode == 0, out.stdout


def test_nobody_there_to_steer():
    home = scratch("saddle-attach-")
    env = at_home(home)
    subprocess.run([SADDLE, "-c", SMALL + "; train --steps 2 --name over"], env={**os.environ, **env}, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, check=True)
    t = Terminal([SADDLE, "attach", "over"], 24, 80, env)
    t.see("nobody records over just now")
    t.prompt()
    t.end()
    t.close()


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    run_tests(globals())
