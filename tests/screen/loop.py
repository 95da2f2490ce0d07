#!/usr/bin/env python3
"""The terminal loop through a pseudo-terminal: keys, states, questions, paste, resize, signals, and the way back to the shell."""
import os
import random
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from terminal import Terminal, children, run_tests  # noqa: E402

STAGE = os.path.join(os.environ.get("top_builddir", "."), "tests/screen/stage")
if not os.access(STAGE, os.X_OK):
    print("SKIP: tests/screen/stage was not built (cmocka's library is missing)")
    sys.exit(77)
with open(STAGE, "rb") as program:  # a sanitizer reports a crash itself, and ncurses' own leak when TERM is unknown
    SANITIZED = b"__asan_init" in program.read()
HOME = tempfile.mkdtemp(prefix="saddle-screen-")


def start(*args, rows=24, cols=80, ascii_only=False, env=None, wait="saddle>"):
    env = dict({"HOME": HOME, "XDG_STATE_HOME": tempfile.mkdtemp(dir=HOME)}, **(env or {}))
    t = Terminal([STAGE, *args], rows, cols, env, ascii_only)
    if wait:
        t.wait_for(wait)
    t.settle(0.2)
    return t


def finish(t, code=0):
    t.send("\x03", 0.1)
    t.settle(0.15, 1)
    if "KEYS" in t.text():
        t.send(":", 0.1)
    t.send("quit\r")
    if "quit? [y/N]" in t.text():
        t.send("y\r")
    got = t.exit_code()
    t.close()
    assert got == code, "exit code %d, expected %d" % (got, code)


def test_typing_and_states():
    t = start()
    assert "PROMPT" in t.text() and "KEYS" not in t.text()
    t.send("hello")
    assert "saddle> hello" in t.text()
    assert t.cursor() == (23, 13), t.cursor()
    t.send("\r")
    assert "hello" in t.screen.display[21] or "hello" in t.text(), t.text()
    t.send("\x1b", 0.3)
    t.wait_for("KEYS Esc/: prompt")
    t.send(":", 0.1)
    t.wait_for("PROMPT")
    finish(t)


def test_wide_characters_and_cursor():
    t = start()
    t.send("λé漢x\x1b[D")
    assert t.cursor() == (23, 12), t.cursor()
    t.send("\x03")
    finish(t)


def test_completion_list():
    t = start()
    t.send("\t")
    assert "pause" in t.text() and "watch" in t.text() and "train" in t.text()
    t.send("tr\t")
    assert "saddle> train" in t.text() and t.cursor() == (23, 14), t.text()
    finish(t)


def test_long_output_opens_a_box():
    t = start()
    t.send("long 100\r")
    t.wait_for("of 100")
    assert "line 1 of 100" in t.text() and "q close" in t.text()
    t.send(" ")
    assert "line 1 of" not in t.text()
    t.send("/99")
    t.wait_for("line 99 of 100")
    assert "line 98" not in t.text()
    t.send("\r", 0.2)
    t.send("q")
    assert "line 99" not in t.text()
    t.send("long 2\r")
    assert "line 1 of 2" in t.text() and "line 2 of 2" in t.text()
    finish(t)


def test_error_has_a_caret():
    t = start()
    t.send("bad word\r")
    lines = t.text().split("\n")
    at = next(i for i, line in enumerate(lines) if "this word is wrong" in line)
    assert lines[at - 1] == "            ^~~~", lines[at - 2:at + 1]
    assert lines[at - 2] == "saddle> bad word"
    finish(t)


def test_questions_want_a_typed_y():
    t = start()
    for answer, expected in (("\r", "no"), ("n\r", "no"), ("x\r", "no"), ("\x03", "no"), ("y\r", "yes")):
        t.send("ask\r")
        t.wait_for("really? [y/N]")
        t.send(answer)
        t.wait_for("answer: " + expected)
    finish(t)


def test_interrupt():
    t = start()
    t.send("typed")
    t.send("\x03")
    assert "typed" not in t.text()
    t.send("wait\r", 0.3)
    t.send("\x03")
    t.wait_for("waited")
    os.kill(children(t.pid)[0], signal.SIGINT)  # from outside: never ends the program
    t.pump(0.2)
    t.send("\x12zz")  # a search that fails, then C-c: plain typing again
    t.send("\x03")
    t.send("after")
    assert "saddle> after" in t.text(), t.text()
    t.send("\x03")
    finish(t)


def test_bracketed_paste_runs_nothing():
    t = start()
    assert b"\x1b[?2004h" in t.bytes
    t.send("\x1b[200~one\rtwo\x1b[201~", 0.3)
    assert "saddle> one↵two" in t.text(), t.text()
    t.send("\r", 0.3)
    assert "one" in t.text() and "two" in t.text()
    t.send("\x1b[200~bad x\rnever\x1b[201~\r", 0.3)  # stops at the first error
    assert "this word is wrong" in t.text()
    assert "never" not in t.text(), t.text()
    finish(t)


def test_unknown_sequences_do_not_leak():
    t = start()
    for junk in ("\x1b[25~", "\x1b[<0;10;5M", "\x1b[99;99u", "\x1b]11;rgb:0/0/0\x07", "\x1bOx", "\x1b[23~", "\x1b[20~" * 0):
        t.send(junk, 0.05)
    t.send("x", 0.2)
    assert "saddle> x" in t.text().split("\n")[-1] and t.cursor() == (23, 9), t.text()
    t.send("\x03")
    finish(t)


def test_keys_move_and_open():
    t = start()
    t.send("train\r")
    t.send("\x1b", 0.3)
    t.wait_for("KEYS")
    t.send("G")
    assert ">T●9 truck" in t.text(), t.text()
    t.send("k")
    assert ">T 8 ship" in t.text()
    t.send(" ", 0.3)
    assert ">T●8 ship" in t.text(), t.text()
    t.send("\r")
    assert "class 8 ship" in t.text()
    t.send("q")
    assert "class 8 ship" not in t.text()
    t.send("?")
    assert "MOVE" in t.text() and "S-Tab" in t.text()
    t.send("q")
    t.send("\x1b[17~")  # F6
    assert "sort:acc" in t.text()
    t.send("/auto\r")
    assert ">H 1 automobile" in t.text()
    t.send("+")
    t.send("+")
    assert "TRACES" not in t.text()
    t.send("0")
    assert "TRACES" in t.text()
    t.send("p", 0.3)
    assert "PAUSED" in t.text() and "saddle> pause" in t.text()
    finish(t)


def test_history_is_kept():
    state = tempfile.mkdtemp(dir=HOME)
    t = start(env={"XDG_STATE_HOME": state})
    t.send("first\r")
    t.send(" second\r")
    finish(t)
    t = start(env={"XDG_STATE_HOME": state})
    t.send("\x1b[A")
    assert "saddle> quit" in t.text()
    t.send("\x1b[A")
    assert "saddle> first" in t.text()
    t.send("\x03")
    finish(t)


def test_nothing_changed_nothing_written():
    t = start()
    t.settle(1.2, 10)
    before = len(t.bytes)
    t.pump(3)
    assert len(t.bytes) == before, "wrote %r" % t.bytes[before:]
    finish(t)


def test_bytes_at_rest():
    t = start("--rate", "20", "--fps", "10")
    t.pump(1)
    before = len(t.bytes)
    t.pump(4)
    rate = (len(t.bytes) - before) / 4
    assert rate < 5 * 1024, "%.0f bytes/s" % rate
    assert b"\x1b[2J" not in t.bytes[before:], "a full repaint"
    finish(t)


def test_cpu_share():
    """The budget of the design is a few tenths of a per cent; this catches a painter gone wrong, not noise."""
    report = os.path.join(HOME, "report")
    t = start("--rate", "20", "--fps", "10", "--report", report, rows=40, cols=120)
    t.pump(3)
    t.send(":", 0.1)
    finish(t)
    words = open(report).read().split()
    share = float(words[1]) / float(words[3])
    assert share < 0.02, "%.2f %% of a core" % (100 * share)


def test_c_locale_is_seven_bits():
    t = start("--rate", "20", ascii_only=True, rows=40, cols=120)
    t.send("?", 0.2)
    t.send("q", 0.2)
    t.pump(0.5)
    assert all(b < 0x80 for b in t.bytes), "bytes above 7 bits"
    assert "CLASSES" in t.text() and "####" in t.text()
    finish(t)


def test_no_color():
    t = start(env={"NO_COLOR": "1"})
    t.send("bad x\r")
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
    t.wait_for("40x8 needed, 31x6 now")
    t.send(":hi")
    assert "hi" in t.text(), t.text()
    t.send("\x03")
    t.resize(24, 80)
    t.send("rate 0\r")
    t.settle(0.7, 8)
    t.send("\x1b[15~", 0)  # F5: a fresh redraw looks the same
    shown = t.text()
    t.screen.reset()
    t.send("\x0c")
    t.settle(0.7, 8)
    assert t.text() == shown, "after the storm:\n%s\nfresh:\n%s" % (shown, t.text())
    finish(t)


def test_fixed_size():
    t = start("--size", "60x12", rows=30, cols=100, wait="saddle>")
    assert t.screen.display[11].startswith("saddle>"), t.text()
    assert not t.screen.display[20].strip()
    finish(t)


def check_restored(t, before):
    assert t.modes() == before, "terminal modes differ"
    tail = t.bytes[-20000 if SANITIZED else -600:]
    assert b"\x1b[?2004l" in tail and b"\x1b[?1049l" in t.bytes, "screen not left"


def start_with_modes(*args):
    """The modes before the program changed them: taken from a terminal of the same kind."""
    probe = Terminal(["/bin/sh", "-c", "sleep 1"])
    before = probe.modes()
    probe.close()
    return start(*args), before


def test_normal_end_restores():
    t, before = start_with_modes()
    t.send("quit\r", 0)
    code = t.exit_code()
    assert code == 0
    check_restored(t, before)
    t.close()


def test_crash_restores():
    for how, number in (("crash", signal.SIGSEGV), ("abort", signal.SIGABRT)):
        t, before = start_with_modes()
        t.send(how + "\r", 0)
        code = t.exit_code()
        assert code == 128 + number or SANITIZED, code
        check_restored(t, before)
        if SANITIZED:
            t.close()
            continue
        text = t.bytes[-600:].decode("utf-8", "replace")
        assert "ended by signal %d" % number in text, text
        if how == "crash":
            assert "last words on stderr" in text, text
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
    for _ in range(100):
        time.sleep(0.05)
        if not os.path.exists("/proc/%d" % worker) or open("/proc/%d/stat" % worker).read().split()[2] == "Z":
            break
    else:
        raise AssertionError("the worker lives on")
    os.waitpid(t.pid, 0)
    t.status = 0
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
    t.send("kept", 0.1)
    t.send("\x1a", 0.3)
    assert "C-z again suspends" in t.text()
    t.send("\x1a", 0.5)
    pid, status = os.waitpid(t.pid, os.WUNTRACED | os.WNOHANG)
    for _ in range(40):
        if pid:
            break
        t.pump(0.1)
        pid, status = os.waitpid(t.pid, os.WUNTRACED | os.WNOHANG)
    assert pid and os.WIFSTOPPED(status), "not stopped"
    assert b"\x1b[?1049l" in t.bytes
    os.killpg(t.pid, signal.SIGCONT)
    t.wait_for("saddle> kept")
    t.send("X")
    assert "saddle> keptX" in t.text()
    t.send("\x03")
    finish(t)


def test_hang_up():
    t = start()
    worker = children(t.pid)[0]
    os.close(t.fd)
    for _ in range(100):
        time.sleep(0.05)
        if not os.path.exists("/proc/%d" % worker) or open("/proc/%d/stat" % worker).read().split()[2] == "Z":
            break
    else:
        os.kill(worker, signal.SIGKILL)
        raise AssertionError("the worker outlives its terminal")
    _, status = os.waitpid(t.pid, 0)
    assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 129, status


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
