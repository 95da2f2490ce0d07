#!/usr/bin/env python3
"""The terminal loop through a pseudo-terminal: keys, states, questions, paste, resize, signals, and the way back to the shell."""
import os
import random
import re
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from terminal import KEYS, PATIENCE, Terminal, children, run_tests, scratch, wait_gone  # noqa: E402

STAGE = os.path.join(os.environ.get("top_builddir", "."), "tests/screen/stage")
if not os.access(STAGE, os.X_OK):
    print("SKIP: tests/screen/stage was not built (cmocka's library is missing)")
    sys.exit(77)
with open(STAGE, "rb") as program:  # a sanitizer reports a crash itself, and ncurses' own leak when TERM is unknown
    SANITIZED = b"__asan_init" in program.read()
HOME = scratch("saddle-screen-")


def start(*args, rows=24, cols=80, ascii_only=False, env=None):
    env = dict({"HOME": HOME, "XDG_STATE_HOME": tempfile.mkdtemp(dir=HOME)}, **(env or {}))
    t = Terminal([STAGE, *args], rows, cols, env, ascii_only)
    t.typed("")
    return t


def finish(t, code=0):
    """From KEYS or PROMPT, whatever is typed there."""
    if re.search(r"^ *KEYS ", t.text(), re.M):
        t.prompt()
    t.send("\x03")
    t.typed("")
    t.send("quit\r")
    t.wait_for(lambda t: "quit? [y/N]" in t.text() or ended(t), name="the question or the end")
    if t.status is None:
        t.send("y\r")
    got = t.exit_code()
    t.close()
    assert got == code, "exit code %d, expected %d" % (got, code)


def ended(t):
    if t.status is None:
        pid, status = os.waitpid(t.pid, os.WNOHANG)
        t.status = status if pid else None
    return t.status is not None


def row_of(t, text):
    """Which row of the screen is this; -1: none."""
    return next((i for i, line in enumerate(t.screen.display) if line.rstrip() == text), -1)


def test_typing_and_states():
    t = start()
    t.see("PROMPT")
    assert not re.search(KEYS, t.text(), re.M)
    t.send("hello")
    t.typed("hello")
    t.cursor_at(23, 13)
    t.send("\r")
    t.typed("")
    t.see("hello")
    t.keys()
    t.prompt()
    finish(t)


def test_wide_characters_and_cursor():
    t = start()
    t.send("λé漢x\x1b[D")
    t.cursor_at(23, 12)
    t.send("\x03")
    finish(t)


def test_completion_list():
    t = start()
    t.press("\t", "pause", "watch", "train")
    t.send("tr\t")
    t.typed("train")
    t.cursor_at(23, 14)
    finish(t)


def test_long_output_opens_a_box():
    t = start()
    t.press("long 100\r", "of 100", "line 1 of 100", "q close")
    t.send(" ")
    t.gone("line 1 of")
    t.send("/99")
    t.wait_for(lambda t: "line 99 of 100" in t.text() and "line 98" not in t.text(), name="line 99 as the first one")
    t.send("\rq")
    t.gone("line 99")
    t.press("long 2\r", "line 1 of 2", "line 2 of 2")
    finish(t)


def test_quit_is_typed_over_a_box():
    """q closes a box when nothing was typed; typed on, it was the beginning of quit."""
    t = start()
    t.press("long 100\r", "line 1 of 100", "q close")
    t.send("q")
    t.gone("line 1 of")
    t.send("undo")
    t.typed("undo")
    t.send("\x03")
    t.press("long 100\r", "line 1 of 100", "q close")
    t.send("quit")
    t.typed("quit")
    t.gone("line 1 of")
    t.send("\x03")
    t.press("long 100\r", "line 1 of 100", "q close")
    finish(t)


def test_messages_cover_no_pane():
    t = start()
    t.press("bad word\r", "this word is wrong")
    lines = [line.rstrip() for line in t.screen.display]
    rule = max(i for i, line in enumerate(lines) if set(line) == {"─"})
    assert any(line.startswith("      └─") for line in lines[rule - 3:rule]), t.text()  # the traces' axis is still seen
    finish(t)


def test_a_long_list_of_candidates_has_pages():
    t = start()
    t.press("many \t", "word-00", "1 to ", "of 120; Tab shows the next")
    t.send("\t")
    t.gone("word-00")
    for _ in range(20):
        if "word-119" in t.text():
            break
        t.send("\t")
        t.at_rest(0.1)
    t.see("word-119", "to 120 of 120")
    t.press("\t", "word-00")  # and round
    t.send("\x03")
    finish(t)


def test_a_number_shows_the_pane_that_has_no_room():
    t = start()
    t.keys()
    t.press("5", "5 CONFUSED")
    t.press("0", "1 CLASSES", "3 TRACES", "4 EVENTS")
    finish(t)


def test_help_begins_with_the_pane_that_has_the_keys():
    t = start(rows=40, cols=120)
    t.keys()
    t.press("2?", "Smallest eigenvalue of the Hessian", "effective amplification", "MOVE")
    t.send("q")
    t.gone("Smallest eigenvalue")
    t.press("4?", "What happened to the run", "MOVE")
    assert "Smallest eigenvalue" not in t.text()
    t.send("q")
    t.gone("MOVE")
    finish(t)


def test_find_before_there_are_classes():
    t = start("--empty")
    t.press("find truck\r", "there are no classes to find yet")
    t.keys()
    t.press("/truck\r", "there are no classes to find yet")
    finish(t)


def test_error_has_a_caret():
    t = start()
    t.send("bad word\r")
    t.wait_for(lambda t: any(row_of(t, "saddle> bad word") == i and line.rstrip() == "            ^~~~" and "this word is wrong" in below
                             for i, (line, below) in enumerate(zip(t.screen.display[1:], t.screen.display[2:]))),
               name="line, caret and message")
    finish(t)


def test_questions_want_a_typed_y():
    t = start()
    for answer, expected in (("\r", "no"), ("n\r", "no"), ("x\r", "no"), ("\x03", "no"), ("y\r", "yes")):
        t.send("ask\r")
        t.wait_for(lambda t: "really? [y/N]" in t.text() and "answer:" not in t.text(), name="the question")
        t.send(answer)
        t.see("answer: ")
        t.at_rest(0.1)
        assert "answer: " + expected in t.text(), "%r\n%s" % (answer, t.text())
    finish(t)


def test_interrupt():
    t = start()
    t.send("typed")
    t.typed("typed")
    t.send("\x03")
    t.typed("")
    t.press("wait\r", "waiting")
    t.press("\x03", "waited")
    os.kill(children(t.pid)[0], signal.SIGINT)  # from outside: never ends the program
    t.see("C-c clears the line")
    t.send("\x12zz\x03after")  # a search that fails, then C-c: plain typing again
    t.typed("after")
    t.send("\x03")
    finish(t)


def test_bracketed_paste_runs_nothing():
    t = start()
    t.wrote(b"\x1b[?2004h")
    t.send("\x1b[200~one\rtwo\x1b[201~")
    t.typed("one↵two")
    t.send("\r")
    t.typed("")
    t.see("one", "two")
    t.press("\x1b[200~bad x\rnever\x1b[201~\r", "this word is wrong")  # stops at the first error
    t.at_rest()
    assert "never" not in t.text(), t.text()
    finish(t)


def test_unknown_sequences_do_not_leak():
    t = start()
    for junk in ("\x1b[25~", "\x1b[<0;10;5M", "\x1b[99;99u", "\x1b]11;rgb:0/0/0\x07", "\x1bOx", "\x1b[23~"):
        t.send(junk)
    t.send("x")
    t.typed("x")
    t.cursor_at(23, 9)
    t.send("\x03")
    finish(t)


def test_keys_move_and_open():
    t = start()
    t.send("train\r")
    t.typed("")
    t.keys()
    t.press("G", ">T●9 truck")
    t.press("k", ">T 8 ship")
    t.press(" ", ">T●8 ship")
    t.press("\r", "class 8 ship")
    t.send("q")
    t.gone("class 8 ship")
    t.press("?", "A row for each class")
    t.press("/S-Tab", "pane before")
    t.send("\rq")
    t.gone("pane before")
    t.press("\x1b[17~", "sort:acc")  # F6
    t.press("/auto\r", ">H 1 automobile")
    t.send("++")
    t.gone("TRACES")
    t.press("0", "TRACES")
    t.press("p", "PAUSED", "saddle> pause")
    finish(t)


def test_history_is_kept():
    state = tempfile.mkdtemp(dir=HOME)
    t = start(env={"XDG_STATE_HOME": state})
    t.send("first\r")
    t.send(" second\r")
    finish(t)
    t = start(env={"XDG_STATE_HOME": state})
    t.send("\x1b[A")
    t.typed("quit")
    t.send("\x1b[A")
    t.typed("first")
    t.send("\x03")
    finish(t)


def test_nothing_changed_nothing_written():
    """Once it has painted what there is. A busy machine may be late with that, so the silence is looked for, not timed."""
    t = start()
    for _ in range(PATIENCE // 3):
        t.at_rest()
        if t.pump(3) == 0:
            break
    else:
        raise AssertionError("it never stops writing: %r" % t.bytes[-200:])
    finish(t)


def test_bytes_at_rest():
    t = start("--rate", "20", "--fps", "10")
    t.pump(1)
    before, since = len(t.bytes), time.monotonic()
    t.pump(4)
    rate = (len(t.bytes) - before) / (time.monotonic() - since)
    assert rate < 5 * 1024, "%.0f bytes/s" % rate
    assert b"\x1b[2J" not in t.bytes[before:], "a full repaint"
    finish(t)


def test_cpu_share():
    """CPU seconds of the terminal thread; a busy machine makes the wall's seconds more, never fewer. The budget of the design is
    a few tenths of a per cent; this catches a painter gone wrong, not noise."""
    report = os.path.join(HOME, "report")
    t = start("--rate", "20", "--fps", "10", "--report", report, rows=40, cols=120)
    t.pump(4)
    finish(t)
    with open(report) as f:
        words = f.read().split()
    share = float(words[1]) / float(words[3])
    assert share < 0.05, "%.2f %% of a core" % (100 * share)


def test_c_locale_is_seven_bits():
    t = start("--rate", "20", ascii_only=True, rows=40, cols=120)
    t.see("CLASSES", "####")
    t.keys()
    t.press("?", "MOVE")
    t.send("q")
    t.gone("MOVE")
    t.see("CLASSES", "####")
    assert all(b < 0x80 for b in t.bytes), "bytes above 7 bits"
    finish(t)


def test_no_color():
    t = start(env={"NO_COLOR": "1"})
    t.press("bad x\r", "this word is wrong")
    for code in (b"\x1b[3", b"\x1b[4", b"\x1b[9", b";3", b";4"):
        for part in t.bytes.split(code)[1:]:
            assert not part[:6].split(b"m")[0].isdigit(), "a colour: %r" % (code + part[:6])
    finish(t)


def test_every_size():
    t = start("--rate", "20")
    random.seed(3)
    sizes = [(1, 1), (1, 500), (200, 1), (7, 40), (8, 39), (8, 40), (2, 2), (200, 500), (24, 80)]
    sizes += [(random.randint(1, 70), random.randint(1, 250)) for _ in range(60)]
    for rows, cols in sizes:
        t.resize(rows, cols)
        t.pump(0.01)
    t.resize(6, 31)
    t.see("40x8 needed, 31x6 now")
    t.press(":hi", "hi")
    t.send("\x03")
    t.gone("hi")
    t.resize(24, 80)
    t.typed("")
    t.press("rate 0\r", "CLASSES")
    t.press("settled\r", "settled")
    t.at_rest(1)
    shown = t.text()
    for redraw in ("\x1b[15~", "\x0c"):  # F5, C-l: on an empty screen, all of it comes again
        t.screen.reset()
        t.send(redraw)
        try:
            t.wait_for(lambda t: t.text() == shown)
        except AssertionError:
            raise AssertionError("after the storm:\n%s\nfresh, with %r:\n%s" % (shown, redraw, t.text()))
        t.at_rest()
    finish(t)


def test_fixed_size():
    t = start("--size", "60x12", rows=30, cols=100)
    assert t.cursor()[0] == 11, t.text()
    assert not t.screen.display[20].strip()
    finish(t)


def check_restored(t, before):
    assert t.modes() == before, "terminal modes differ"
    tail = t.bytes[-20000 if SANITIZED else -600:]
    assert b"\x1b[?2004l" in tail and b"\x1b[?1049l" in t.bytes, "screen not left"


def start_with_modes(*args):
    """The modes before the program changed them: taken from a terminal of the same kind."""
    probe = Terminal(["/bin/sh", "-c", "sleep 1000"])
    before = probe.modes()
    probe.close()
    return start(*args), before


def test_normal_end_restores():
    t, before = start_with_modes()
    t.send("quit\r")
    code = t.exit_code()
    assert code == 0, code
    check_restored(t, before)
    t.close()


def test_crash_restores():
    for how, number in (("crash", signal.SIGSEGV), ("abort", signal.SIGABRT)):
        t, before = start_with_modes()
        t.send(how + "\r")
        code = t.exit_code()
        assert code == 128 + number or SANITIZED, code
        check_restored(t, before)
        if not SANITIZED:
            text = t.bytes[-600:].decode("utf-8", "replace")
            assert "ended by signal %d" % number in text, text
            assert how != "crash" or "last words on stderr" in text, text
        t.close()


def test_kill_restores():
    t, before = start_with_modes("--rate", "20")
    worker = children(t.pid)
    assert len(worker) == 1, worker
    os.kill(worker[0], signal.SIGKILL)
    code = t.exit_code()
    assert code == 137, code
    check_restored(t, before)
    assert "saddle resume demo-run" in t.bytes[-400:].decode("utf-8", "replace")
    t.close()


def test_guard_killed_ends_the_worker():
    t = start("--rate", "20")
    worker = children(t.pid)[0]
    os.kill(t.pid, signal.SIGKILL)
    os.waitpid(t.pid, 0)
    t.status = 0
    assert wait_gone(worker), "the worker lives on"
    t.close()


def test_termination_signals():
    for number, code in ((signal.SIGTERM, 75), (signal.SIGUSR1, 75)):
        t, before = start_with_modes("--rate", "20")
        os.kill(t.pid, number)  # the process a person sees
        got = t.exit_code()
        assert got == code, (number, got)
        check_restored(t, before)
        t.close()
    t, before = start_with_modes()
    os.kill(t.pid, signal.SIGTERM)
    got = t.exit_code()
    assert got == 143, got
    t.close()


def test_suspend_and_continue():
    t = start()
    t.send("kept")
    t.typed("kept")
    t.press("\x1a", "C-z again suspends")
    t.send("\x1a")
    end = time.monotonic() + PATIENCE
    pid = 0
    while not pid and time.monotonic() < end:
        t.pump(0.05)
        pid, status = os.waitpid(t.pid, os.WUNTRACED | os.WNOHANG)
    assert pid and os.WIFSTOPPED(status), "not stopped"
    t.wrote(b"\x1b[?1049l")
    os.killpg(t.pid, signal.SIGCONT)
    t.send("X")
    t.typed("keptX")
    t.send("\x03")
    finish(t)


def test_hang_up():
    t = start()
    worker = children(t.pid)[0]
    os.close(t.fd)
    assert wait_gone(worker), "the worker outlives its terminal"
    _, t.status = os.waitpid(t.pid, 0)
    assert os.WIFEXITED(t.status) and os.WEXITSTATUS(t.status) == 129, t.status
    t.close()


def test_refuses_a_dumb_terminal():
    t = Terminal([STAGE], env={"TERM": "dumb", "HOME": HOME})
    assert t.exit_code() == 2
    assert "TERM=dumb" in t.bytes.decode()
    t.close()
    t = Terminal([STAGE], env={"TERM": "no-such-terminal", "HOME": HOME})
    assert t.exit_code() == (1 if SANITIZED else 2)
    assert "not known" in t.bytes.decode(), t.bytes
    t.close()


if __name__ == "__main__":
    run_tests(globals())
