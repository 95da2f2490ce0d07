#!/usr/bin/env python3
"""A terminal that closes, as a cut connection does, in whatever state the program is: at a prompt, in the middle of a line, in a box, a question, a
replay; while it trains, waits, probes. What trains goes on, and a signal ends it in order with its recording whole; what has nothing to do ends. No process
is left. SADDLE_CLOSED is how many terminals close (one of each state), SADDLE_FAULT_SEED chooses the moments."""
import os
import random
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from live import events, prompt, saddle, session, start, steps_go_on, verify  # noqa: E402
from terminal import PATIENCE, Terminal, children, run_tests, wait_gone  # noqa: E402

SETUP = ("data demo; set device cpu; set epochs 3000; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; set threads 1; set batch 16; unwatch")


def begin(t):
    t.press(SETUP + "\r", "10 classes")


def train(t):
    begin(t)
    t.press("train --name live\r", "TRAIN")


def paused(t):
    begin(t)
    t.press("train --name live --paused\r", "PAUSED")


def replayed(t):
    assert saddle("--sessions=" + os.path.dirname(session(t)), "--threads", "1", "-c", SETUP + "; train --steps 3 --name live; wait").returncode == 0
    t.press("replay live\r", "REPLAY")


# What is on the screen when it closes: how it comes there, and whether something trains (True), could (None: a run that waits) or does not.
STATES = {
    "at the prompt": (lambda t: None, False),
    "in the middle of a line": (lambda t: t.send("set rho .3 at ep"), False),
    "in the middle of a paste": (lambda t: t.send("\x1b[200~set rho"), False),
    "in a box of help": (lambda t: t.press("help\r", "help"), False),
    "in keys": (lambda t: t.keys(), False),
    "in a replay": (replayed, False),
    "while it trains": (train, True),
    "while it trains, at a question": (lambda t: (train(t), t.press("quit\r", "[y/N]")), True),
    "while it trains, with a probe": (lambda t: (train(t), t.send("hessian 9 --iters 60 --images 32\r")), True),
    "while it trains, with a snapshot": (lambda t: (train(t), t.send("snapshot mine\r")), True),
    "while it trains, in a search": (lambda t: (train(t), t.keys(), t.press("/", "find class")), True),
    "while it trains, stopped by the shell's key and continued": (lambda t: (train(t), os.kill(t.pid, signal.SIGTSTP), os.kill(t.pid, signal.SIGCONT)), True),
    "while a run waits": (paused, None),
}


def gone(pid):
    """Its exit code once it has ended; it is our child."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        got, status = os.waitpid(pid, os.WNOHANG)
        if got:
            return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
        time.sleep(0.02)
    raise AssertionError("it outlives its terminal")


def sealed(t):
    verify(t)
    return '"k":"seal"' in events(t).rstrip().split("\n")[-1]


def close_in(name, pick):
    """Seconds from what ends it, which is the closing where nothing trains, to its end."""
    come, trains = STATES[name]
    t = start()
    come(t)
    t.pump(pick.uniform(0, 0.3))
    worker = children(t.pid)[0]
    since = time.monotonic()
    os.close(t.fd)
    t.fd = os.open(os.devnull, os.O_RDONLY)  # nobody else's number
    if trains:
        assert steps_go_on(t), "training stopped with the terminal"
    if trains is not False:
        since = time.monotonic()
        os.kill(worker, signal.SIGTERM)
    code, took = gone(t.pid), time.monotonic() - since
    t.status = code << 8
    assert code == (129 if trains is False else 75), code
    assert wait_gone(worker), "a process is left"
    assert trains is False or sealed(t), "the recording is not closed in order"
    Terminal.opened.remove(t)
    return took


def test_closed_terminals():
    seed = os.environ.get("SADDLE_FAULT_SEED", "1")
    pick, wrong = random.Random(seed), []
    names = sorted(STATES)
    pick.shuffle(names)
    count = int(os.environ.get("SADDLE_CLOSED", "3"))
    begun, took = time.monotonic(), [0]
    for i in range(count):
        name = names[i % len(names)]
        try:
            took.append(close_in(name, pick))
        except (AssertionError, OSError, subprocess.SubprocessError) as e:
            wrong.append("%s (number %d): %s" % (name, i + 1, e))
    print("# %d terminals closed in %.0f s, seed %s; the longest end took %.1f s" % (count, time.monotonic() - begun, seed, max(took)))
    assert not wrong, "\n".join(wrong)


if __name__ == "__main__":
    run_tests({"test_closed_terminals": test_closed_terminals})
