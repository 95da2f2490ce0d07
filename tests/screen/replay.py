#!/usr/bin/env python3
"""A recorded run on the screen: golden text at fixed sizes, and moving through it. SADDLE_GOLDEN=write rewrites the golden
files; read the difference before committing it."""
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from terminal import Terminal, at_home, check_golden, run_tests, scratch  # noqa: E402

SADDLE = os.environ.get("SADDLE", "./saddle")
TOUR = os.path.join(HERE, "tour.saddle")


def start(rows, cols, ascii_only=False, session=TOUR):
    home = scratch("saddle-replay-")
    t = Terminal([SADDLE, "replay", session], rows, cols, at_home(home), ascii_only)
    t.see("saddle>", "REPLAY")
    t.at_rest()
    return t


def seek(t, epoch):
    t.press("g", "go to epoch:")
    t.send("%s\r" % epoch)
    t.gone("go to epoch:")
    t.send(":\r\x1b")  # prompt and back: no message lies over the panes
    t.at_rest()


def test_what_the_run_told_of_itself():
    """Time to the end, pending commands and the machine, as they were at the shown moment."""
    home = scratch("saddle-told-")
    subprocess.run([SADDLE, "--no-config", "--sessions", home, "--log=none", "-c",
                    "data demo; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; set batch 8; unwatch; set rho 0.3 at step 15; "
                    "train --name told --steps 20; wait"], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   env=dict(os.environ, HOME=home, SADDLE_STATUS_SECONDS="0"))
    t = start(50, 140, session=os.path.join(home, "told.saddle"))
    text = t.text()
    assert " 0 pending" in text and "ETA" not in text and " mem  " in text, text
    seek(t, 10 / 310)
    text = t.text()
    assert " 1 pending" in text and "step 10" in text and re.search(r"step 10 · ETA 00:\d\d", text) and " mem  " in text and "nan" not in text, text
    t.end(":quit\r")


def test_golden_80x24_ascii():
    t = start(24, 80, ascii_only=True)
    seek(t, 12)
    check_golden("replay-80x24-ascii", t)
    t.end(":quit\r")


def test_golden_80x24_utf8():
    t = start(24, 80)
    seek(t, 7)
    check_golden("replay-80x24-utf8", t)
    t.end(":quit\r")


def test_golden_120x40_utf8():
    t = start(40, 120)
    seek(t, 12)
    check_golden("replay-120x40-utf8", t)
    t.end(":quit\r")


def test_backwards_is_forwards():
    t = start(40, 120)
    seek(t, 4)
    first = t.text()
    seek(t, 11)
    assert t.text() != first
    seek(t, 4)
    assert t.text() == first, "epoch 4 looks different when reached backwards:\n" + t.text() + "\nbefore:\n" + first
    t.end(":quit\r")


def test_keys():
    t = start(24, 80)
    seek(t, 0)
    t.send("\x1b[C")
    t.see("REPLAY ep 1.00/12")
    t.send("\x1b[C")
    t.see("REPLAY ep 2.00/12")
    t.send("\x1b[D")
    t.see("REPLAY ep 1.00/12")
    t.send("]", 0.3)  # the next mark: rho at epoch 5
    t.wait_for("ep 5.00/12")
    t.send("\x1b[F")
    t.see("ep 12.0/12")
    t.send("[")
    t.see("ep 8.03/12")  # the first step with class weights
    t.send("[")
    t.see("ep 6.03/12")  # the note
    t.send("]")
    t.see("ep 8.03/12")
    t.end(":quit\r")


def test_event_by_event():
    """. and , go one event on and back."""
    t = start(24, 80)
    seek(t, 6)
    shown = [t.text()]
    for _ in range(3):
        t.send(".")
        t.at_rest()
        shown.append(t.text())
    assert len(set(shown)) == 4, "\n".join(shown)
    for i in (2, 1, 0):
        t.send(",")
        t.at_rest()
        assert t.text() == shown[i], t.text() + "\nbefore:\n" + shown[i]
    t.end(":quit\r")


def test_plays():
    t = start(24, 80)
    seek(t, 0)
    t.send(">>>>>> ")
    t.matches(r"ep ([2-9]|1\d)\.\d/12")
    t.end(":quit\r")


def test_the_bar_says_who_gets_the_keys():
    for rows, cols in ((24, 80), (40, 120)):
        t = start(rows, cols)
        assert t.screen.display[rows - 2].split()[:2] == ["KEYS", "REPLAY"], t.text()
        t.press(":", "PROMPT REPLAY", "Esc keys")
        t.send("\x1b")
        t.see("KEYS REPLAY")
        t.end(":quit\r")


def test_set_speaks_of_the_next_run():
    t = start(40, 120)
    seek(t, 7)
    t.press(":", "PROMPT")
    t.press("set rho .4\r", "-> 0.4 for the next run; a replay shows what was recorded")
    t.see("rho 0.20*")
    t.press("show rho\r", "rho 0.2", "(next run: 0.4)")
    t.press("set glyphs block\r", "glyphs auto -> block")
    assert "for the next run" not in t.text()
    t.end()


def test_what_is_measured_of_a_moment_says_how_far_it_is():
    t = start(24, 80)
    seek(t, 0.3)
    t.press(":", "PROMPT")
    t.send("hessian 0 --iters 400 --tol 0\r")
    t.matches(r"REPLAY (roll|hessian) \d+%")
    t.send("\x03")
    t.wait_for(lambda t: not re.search(r"REPLAY \w+ \d+%", t.text()), name="the end of the probe")
    t.end()


def test_what_happened_is_told_once():
    t = start(60, 160)
    seek(t, 5.2)
    t.see("set rho 0.2 (was 0.1) from step 196, ep 5.0, by schedule")
    assert "undo" not in t.text(), t.text()
    seek(t, 8.2)
    t.see("drw ON at ep 8: weights effective β=0.9999")
    assert t.text().count("drw ON at ep") == 1, t.text()
    t.end(":quit\r")


def test_damaged_file_is_refused():
    with tempfile.TemporaryDirectory() as d:
        name = os.path.join(d, "broken.saddle")
        os.mkdir(name)
        with open(os.path.join(name, "journal-000001.zst"), "wb") as f:
            f.write(b"\x53\x2a\x4d\x18" + bytes(range(256)) * 8)
        home = scratch("saddle-replay-")
        t = Terminal([SADDLE, "replay", name], 24, 80, at_home(home))
        try:
            t.typed("")
            t.send("quit\r")
        except AssertionError:
            pass  # it ended before that
        code = t.exit_code()
        assert code in (0, 1, 3), code
        t.close()


if __name__ == "__main__":
    run_tests(globals())
