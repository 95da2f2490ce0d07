#!/usr/bin/env python3
"""The real program in a terminal: the first minute, a knob changed in mid-run, snapshots, and what survives when it dies."""
import os
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from terminal import KEYS, PATIENCE, Terminal, at_home, children, cpu_seconds, run_tests, scratch  # noqa: E402

SADDLE = os.environ.get("SADDLE", "./saddle")
# long enough not to end by itself, on any machine
SMALL = "data demo; set device cpu; set epochs 3000; set eval_every 0; set snapshot_seconds 0; set threads 1"


def start(rows=24, cols=80):
    home = scratch("saddle-live-")
    t = Terminal([SADDLE], rows, cols, at_home(home))
    t.home = home
    t.typed("")
    return t


def train(t):
    t.press(SMALL + "\r", "10 classes")
    t.send("train --name live\r")
    t.see("TRAIN", "PROMPT")  # training does not take the prompt away
    t.keys()
    t.matches(r"\d img/s")


def prompt(t):
    if re.search(KEYS, t.text(), re.M):
        t.prompt()


def quit_with_y(t):
    prompt(t)
    t.press("quit\r", "[y/N]")
    t.send("y\r")
    code = t.exit_code()
    t.close()
    return code


def session(t):
    return os.path.join(t.home, "saddle", "sessions", "live.saddle")


def saddle(*words):
    return subprocess.run([SADDLE, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def verify(t):
    """The recording passes every checksum."""
    out = saddle("verify", session(t))
    assert out.returncode == 0, out.stdout.decode()
    return out.stdout.decode()


def events(t):
    return saddle("cat", session(t)).stdout.decode()


def steps_go_on(t):
    """More steps are recorded than now."""
    end, before = time.monotonic() + PATIENCE, events(t).count('"k":"step"')
    while time.monotonic() < end:
        if events(t).count('"k":"step"') > before:
            return True
        time.sleep(0.1)
    return False


def test_first_screen_is_quick():
    """In CPU seconds: what else the machine does is not this program's."""
    t = start()
    spent = cpu_seconds(t.pid)
    assert spent < 2, "the first screen took %.1f s of CPU" % spent
    t.see("train", "help", "quit")
    t.end()


def test_first_minute():
    t = start()
    t.press("trian\r", "did you mean 'train'")  # each wrong word gets a suggestion
    t.send("\x03")
    t.typed("")
    train(t)
    t.see("circle", "flower")
    t.press("p", "PAUSED")
    t.press("p", "TRAIN")
    t.press("S", "is being written")
    t.send("G")
    t.matches(r"^>T.9 flower")
    assert quit_with_y(t) == 0
    verify(t)


def test_knob_in_mid_run():
    t = start(rows=40, cols=120)
    train(t)
    prompt(t)
    t.press("set rho .8\r", "rho 0.80*", "(was 0.1) from step")
    t.wait_for(lambda t: "R" in t.screen.display[2], name="an R in the timeline")
    t.send("undo\r")
    t.gone("rho 0.80*")
    assert quit_with_y(t) == 0
    assert '"value":"0.8' in events(t)
    verify(t)


def test_enter_alone_does_not_quit():
    t = start()
    train(t)
    prompt(t)
    t.press("quit\r", "[y/N]")
    t.send("\r")
    t.gone("[y/N]")
    t.see("TRAIN")
    assert quit_with_y(t) == 0


def test_quitting_waits_for_no_probe():
    """What was asked for and has not begun when the user leaves is not worked off first."""
    t = start(rows=40, cols=120)
    train(t)
    prompt(t)
    for _ in range(3):
        t.send("hessian 0 --iters 400 --tol 0\r")
    t.see("PROBE")
    assert quit_with_y(t) == 0
    recorded = events(t)
    assert '"k":"eig"' not in recorded and '"op":"hessian"' in recorded, recorded[-2000:]
    verify(t)


def test_data_refused_while_training_do_not_stay_chosen():
    t = start()
    train(t)
    prompt(t)
    t.press("data tensors /nowhere\r", "live is training; 'stop' it first")
    t.press("stop --yes\r", "stopped at step")
    t.press("train --steps 1 --name again\r", "again DONE")
    t.end()


def test_killed_while_training():
    t = start()
    train(t)
    os.kill(children(t.pid)[0], signal.SIGKILL)
    code = t.exit_code()
    assert code == 137, code
    assert "saddle resume live" in t.bytes[-500:].decode("utf-8", "replace")
    assert b"\x1b[?2004l" in t.bytes[-500:]
    t.close()
    assert "stopped" not in verify(t)


def test_termination_leaves_a_snapshot():
    t = start()
    train(t)
    os.kill(t.pid, signal.SIGTERM)
    code = t.exit_code()
    assert code == 75, code
    t.close()
    verify(t)
    assert any(name.startswith("snap-") for name in os.listdir(session(t)))


def test_hang_up_goes_on():
    """The terminal goes away: training goes on without it, and a signal ends it in order."""
    t = start()
    train(t)
    worker = children(t.pid)[0]
    os.close(t.fd)
    assert steps_go_on(t) and steps_go_on(t), "training stopped with the terminal"
    os.kill(worker, signal.SIGTERM)
    _, t.status = os.waitpid(t.pid, 0)
    assert os.WIFEXITED(t.status) and os.WEXITSTATUS(t.status) == 75, t.status
    t.close()
    verify(t)


if __name__ == "__main__":
    run_tests(globals())
