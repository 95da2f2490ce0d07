#!/usr/bin/env python3
"""The real program in a terminal: the first minute, a knob changed in mid-run, snapshots, and what survives when it dies."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from terminal import Terminal, children, run_tests  # noqa: E402

SADDLE = os.environ.get("SADDLE", "./saddle")
SMALL = "data demo; set epochs 30; set eval_every 0; set snapshot_seconds 0; set threads 1"


def start(rows=24, cols=80, home=None, **more):
    home = home or tempfile.mkdtemp(prefix="saddle-live-")
    env = {"HOME": home, "XDG_DATA_HOME": home, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}
    env.update(more.pop("env", {}))
    t = Terminal([SADDLE], rows, cols, env, **more)
    t.home = home
    t.wait_for("saddle>")
    return t


def train(t):
    t.send(SMALL + "\r", 0.2)
    t.wait_for("10 classes", 30)
    t.send("train --name live\r", 0.2)
    t.wait_for("TRAIN", 30)
    assert "PROMPT" in t.text(), t.text() # training does not take the prompt away
    t.send("\x1b", 0.3)
    t.wait_for("KEYS", 10)
    t.wait_for(lambda t: re.search(r"\d img/s", t.text()), 60)


def prompt(t):
    if "KEYS" in t.text():
        t.send(":", 0.1)
        t.wait_for("PROMPT")


def quit_with_y(t):
    prompt(t)
    t.send("quit\r", 0.2)
    t.wait_for("[y/N]", 30)
    t.send("y\r", 0.2)
    code = t.exit_code(60)
    t.close()
    return code


def verify(t):
    """The recording passes every checksum."""
    out = subprocess.run([SADDLE, "verify", os.path.join(t.home, "saddle", "sessions", "live.saddle")], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert out.returncode == 0, out.stdout.decode()
    return out.stdout.decode()


def events(t):
    out = subprocess.run([SADDLE, "cat", os.path.join(t.home, "saddle", "sessions", "live.saddle")], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE)
    return out.stdout.decode()


def test_first_screen_is_quick():
    begin = time.monotonic()
    t = start()
    assert time.monotonic() - begin < 3, "first screen after %.1f s" % (time.monotonic() - begin)
    assert "train" in t.text() and "help" in t.text() and "quit" in t.text()
    t.send("quit\r")
    assert t.exit_code() == 0
    t.close()


def test_first_minute():
    t = start()
    t.send("trian\r", 0.3)  # each wrong word gets a suggestion
    assert "did you mean 'train'" in t.text(), t.text()
    t.send("\x03")
    train(t)
    assert "circle" in t.text() and "flower" in t.text()
    t.send("p", 0.2)
    t.wait_for("PAUSED", 30)
    t.send("p", 0.2)
    t.wait_for("TRAIN", 30)
    t.send("S", 0.2)
    t.wait_for("snapshot", 30)
    t.send("G", 0.2)
    assert re.search(r"^>T.9 flower", t.text(), re.M), t.text()
    assert quit_with_y(t) == 0
    verify(t)


def test_knob_in_mid_run():
    t = start(rows=40, cols=120)
    train(t)
    prompt(t)
    t.send("set rho .8\r", 0.2)
    t.wait_for("rho 0.80*", 30)
    t.wait_for("(was 0.1) from step", 30)
    t.wait_for(lambda t: "R" in t.screen.display[2], 10)  # the timeline
    t.send("undo\r", 0.2)
    t.wait_for(lambda t: "rho 0.80*" not in t.text(), 30)
    assert quit_with_y(t) == 0
    assert '"value":"0.8' in events(t)
    verify(t)


def test_enter_alone_does_not_quit():
    t = start()
    train(t)
    prompt(t)
    t.send("quit\r", 0.2)
    t.wait_for("[y/N]")
    t.send("\r", 0.3)
    assert "TRAIN" in t.text()
    assert quit_with_y(t) == 0


def test_killed_while_training():
    t = start()
    train(t)
    os.kill(children(t.pid)[0], signal.SIGKILL)
    assert t.exit_code() == 137
    assert "saddle resume live" in t.bytes[-500:].decode("utf-8", "replace")
    assert b"\x1b[?2004l" in t.bytes[-500:]
    t.close()
    assert "stopped" not in verify(t)


def test_termination_leaves_a_snapshot():
    t = start()
    train(t)
    os.kill(t.pid, signal.SIGTERM)
    assert t.exit_code(60) == 75
    t.close()
    verify(t)
    assert any(name.startswith("snap-") for name in os.listdir(os.path.join(t.home, "saddle", "sessions", "live.saddle")))


def test_hang_up_goes_on():
    """The terminal goes away: training goes on without it, and a signal ends it in order."""
    t = start()
    train(t)
    worker = children(t.pid)[0]
    os.close(t.fd)
    time.sleep(1)
    steps = events(t).count('"k":"step"')
    for _ in range(100):
        time.sleep(0.2)
        if events(t).count('"k":"step"') > steps:
            break
    else:
        raise AssertionError("training stopped with the terminal")
    os.kill(worker, signal.SIGTERM)
    _, status = os.waitpid(t.pid, 0)
    assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 75, status
    verify(t)


if __name__ == "__main__":
    run_tests(globals())
