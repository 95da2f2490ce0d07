#!/usr/bin/env python3
"""Much of everything at a terminal: commands of all kinds, sizes while training, signals in every state. A small seeded sample; with
SADDLE_STORM=all the whole, with its figures. SADDLE_STORM_SEED chooses another sample."""
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from loop import HOME, STAGE  # noqa: E402
from terminal import PATIENCE, Terminal, at_home, children, run_tests, scratch  # noqa: E402

SADDLE = os.environ.get("SADDLE", "./saddle")
ALL = os.environ.get("SADDLE_STORM") == "all"
SEED = int(os.environ.get("SADDLE_STORM_SEED", "1"))
COMMANDS, SIZES, STORM_SECONDS = (10000, 2000, 60) if ALL else (120, 40, 2)
SMALL = "data demo; set device cpu; set epochs 100000; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; set threads 1; set batch 32"


def training(rows=24, cols=80):
    home = scratch("saddle-storm-")
    work = os.path.join(home, "work")
    os.mkdir(work)
    t = Terminal(["/bin/sh", "-c", "cd '%s' && exec '%s'" % (work, os.path.abspath(SADDLE))], rows, cols, at_home(home))
    t.home = home
    t.typed("")
    t.press(SMALL + "\r", "10 classes")
    t.press("train --name storm\r", "TRAIN")
    return t


def alive(t):
    pid, status = os.waitpid(t.pid, os.WNOHANG)
    assert not pid, "it ended with status %d\n%s" % (status, t.text())


def leave(t):
    t.send("\x03")
    t.typed("")
    t.press("quit\r", "[y/N]")
    t.send("y\r")
    code = t.exit_code()
    t.close()
    assert code == 0, code


# --- commands --------------------------------------------------------------------------------------------------------

WORDS = ("set rho lr drw wd show help why info sessions watch unwatch note undo find sort zoom replay seek speed live pause resume step alias bind "
         "echo history confusion cancel model data loss opt seed weights effective pending config classes truck flower 0 9 -1 1e9 .5 0..3 tail head all "
         "worst:2 at epoch in steps if > < 70 tail_acc lmin:9 --force --sort acc storm nosuch '' \"a b\" ; # \\ ~ @ λ_min 漢字 é ‮ ﷽").split(" ")
WHOLE = ("set rho .3", "set rho .05", "undo", "show classes", "show weights", "help amp", "why flower", "why 0..2", "note x", "watch 9", "unwatch", "sort acc",
         "zoom events", "zoom none", "find flower", "show pending", "set rho .4 at epoch 5000", "cancel 1", "sessions --sort tail", "info storm", "set glyphs ascii",
         "set glyphs auto", "set theme light", "set theme auto", "set fps 30", "set fps 4", "pause", "resume", "help", "echo hi", "snapshot", "replay storm", "live")


def one_command(pick):
    kind = pick.random()
    if kind < 0.35:
        return pick.choice(WHOLE).encode() + b"\r"
    text = " ".join(pick.choice(WORDS) for _ in range(pick.randint(1, 6))).encode()
    if kind < 0.65:
        return text + b"\r"
    if kind < 0.75:  # a paste of several lines
        return b"\x1b[200~" + text + b"\r" + pick.choice(WHOLE).encode() + b"\x1b[201~\r"
    if kind < 0.85:  # broken UTF-8 and control characters
        return bytes(pick.choice(b"\xff\xc3\xe2\x82\xf0\x9f abc\t\x01\x05\x0b\x17\x18\x1f\x7f") for _ in range(pick.randint(1, 20))) + b"\x03"
    if kind < 0.95:  # keys of the screen, and back to the prompt
        return b"\x1b" + bytes(pick.choice(b"jkGg12345670+_vyx~nNrI[]{}?q/\t ") for _ in range(pick.randint(1, 8))) + b"\x03\x03\x1b[A"
    return text[:pick.randint(0, len(text))] + pick.choice([b"\t\t", b"\x12", b"\x1b[A\x1b[A", b"\x1b[200~", b"\x1b]11;rgb:", b"\x1b[", b"\x1b[1;5D"])


def to_prompt(t):
    """Out of whatever is open: a question, a search, a box, KEYS, a paste without its end."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        t.send("\x03")
        t.pump(0.15)
        if re.search(r"^ *KEYS ", t.text(), re.M):
            t.send(":")
            t.pump(0.15)
        if t.line() == "saddle>" and "PROMPT" in t.text():
            return
    raise AssertionError("no prompt\n" + t.text())


def show_marker(t, marker):
    """It lives and obeys. What a step kept waiting may be answered in the same moment and leave the marker no row: then once more."""
    for left in range(5, -1, -1):
        to_prompt(t)
        t.send("echo %s\r" % marker)
        try:
            t.wait_for(lambda t: marker in t.text() and "PROMPT" in t.text(), PATIENCE / 6, marker)
            return
        except AssertionError:
            alive(t)
            if left == 0:
                raise


def test_commands_of_all_kinds():
    pick, t, begin = random.Random(SEED), training(), time.monotonic()
    for i in range(COMMANDS):
        t.send(one_command(pick))
        t.pump(0.002)
        if i % 50 == 49:
            alive(t)
            show_marker(t, "marker-$%d" % i)
            t.send("\r")
            t.typed("")
    to_prompt(t)
    print("# %d commands in %.0f s" % (COMMANDS, time.monotonic() - begin))
    t.send("live\r")
    to_prompt(t)
    t.send("quit --yes\r")
    code = t.exit_code()
    assert code == 0, code
    t.close()


# --- sizes -----------------------------------------------------------------------------------------------------------


def steps_of(t):
    out = subprocess.run([SADDLE, "cat", os.path.join(t.home, "saddle", "sessions", "storm.saddle")], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return out.stdout.count(b'"k":"step"')


def painter_seconds(t):
    """CPU seconds of the terminal thread, the first of the worker."""
    worker = children(t.pid)[0]
    with open("/proc/%d/task/%d/stat" % (worker, worker)) as f:
        words = f.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def rate(t, seconds, do):
    before, since = steps_of(t), time.monotonic()
    while time.monotonic() - since < seconds:
        do()
    spent = time.monotonic() - since
    return (steps_of(t) - before) / spent


def test_sizes_while_training():
    pick, t = random.Random(SEED), training()
    t.pump(1)
    calm = (rate(t, STORM_SECONDS / 2, lambda: t.pump(0.03)))
    spent, since = painter_seconds(t), time.monotonic()
    storm = rate(t, STORM_SECONDS, lambda: (t.resize(pick.randint(1, 70), pick.randint(1, 250)), t.pump(STORM_SECONDS / SIZES)))
    share = (painter_seconds(t) - spent) / (time.monotonic() - since)
    calm = (calm + rate(t, STORM_SECONDS / 2, lambda: t.pump(0.03))) / 2
    print("# %.1f steps/s before and after, %.1f in the storm; the screen took %.1f %% of a core; load %.1f"
          % (calm, storm, 100 * share, os.getloadavg()[0]))  # under a sanitizer a step may take longer than all this
    if ALL and os.getloadavg()[0] < os.cpu_count() + 1:  # neither a short sample nor a busy machine says anything
        assert storm >= 0.95 * calm, "%.1f steps/s instead of %.1f" % (storm, calm)
    t.resize(24, 80)
    t.send("pause\r")
    t.see("PAUSED")
    t.send("\r")
    t.at_rest(1)
    shown = t.text()
    t.screen.reset()
    t.send("\x0c")
    try:
        t.wait_for(lambda t: t.text() == shown)
    except AssertionError:
        raise AssertionError("after the storm:\n%s\nfresh:\n%s" % (shown, t.text()))
    leave(t)


# --- signals ---------------------------------------------------------------------------------------------------------


def state_none(t):
    pass


def state_training(t):
    t.press("train\r", "TRAIN")
    t.press("bad x\r", "this word is wrong")  # then it has begun


def state_paused(t):
    state_training(t)
    t.press("pause\r", "PAUSED")


def state_keys(t):
    state_training(t)
    t.keys()


def state_question(t):
    state_training(t)
    t.press("ask\r", "really? [y/N]")


def state_waiting(t):
    state_training(t)
    t.press("wait\r", "waiting")


def state_box(t):
    state_training(t)
    t.press("\x1bOP", "MOVE")


STATES = (state_none, state_training, state_paused, state_keys, state_question, state_waiting, state_box)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH, signal.SIGKILL)


def quit_from(t):
    for _ in range(3):
        if t.status is None and "[y/N]" in t.line():
            t.send("n\r")
            t.gone("[y/N]")
        t.send("\x03")
        t.at_rest(0.1)
    if re.search(r"^ *KEYS ", t.text(), re.M):
        t.send(":")
        t.see("PROMPT")
    t.typed("")
    t.send("quit\r")
    t.wait_for(lambda t: "quit? [y/N]" in t.text() or not children(t.pid), name="the question or the end")
    if children(t.pid):
        t.send("y\r")


def check_signal(number, state):
    probe = Terminal(["/bin/sh", "-c", "sleep 1000"])
    before = probe.modes()
    probe.close()
    t = Terminal([STAGE], env={"HOME": HOME, "XDG_STATE_HOME": tempfile.mkdtemp(dir=HOME)})
    t.typed("")
    state(t)
    runs, name = state is not state_none, "%s in %s" % (signal.Signals(number).name, state.__name__)
    want = {signal.SIGTERM: 75 if runs else 143, signal.SIGUSR1: 75 if runs else 128 + signal.SIGUSR1, signal.SIGHUP: 75 if runs else 129,
            signal.SIGKILL: 137}.get(number, 0)
    os.kill(children(t.pid)[0] if number == signal.SIGKILL else t.pid, number)
    if number == signal.SIGTSTP:
        t.wait_for(lambda t: t.modes() == before, name="modes given back")
        os.killpg(t.pid, signal.SIGCONT)
        t.wait_for(lambda t: t.modes() != before, name="modes taken again")
    if number == signal.SIGHUP and runs and state is not state_paused:
        t.wait_for(lambda t: t.modes() == before, name="a screen that closes")  # and training goes on without it
        os.kill(t.pid, signal.SIGTERM)
    if want == 0:
        quit_from(t)
    code = t.exit_code()
    assert code == want, "%s: exit code %d, not %d\n%s" % (name, code, want, t.text())
    assert t.modes() == before, name + ": modes differ"
    assert b"\x1b[?1049l" in t.bytes and b"\x1b[?2004l" in t.bytes[-2000:], name + ": the screen was not left"
    t.close()


def test_signals_in_every_state():
    pairs = [(number, state) for number in SIGNALS for state in STATES]
    random.Random(SEED).shuffle(pairs)
    for number, state in pairs if ALL else pairs[:9]:
        check_signal(number, state)


if __name__ == "__main__":
    run_tests(globals())
