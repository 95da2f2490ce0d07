#!/usr/bin/env python3
"""What terminals, slow links, shells and other programs do to the screen: pastes without an end, keys torn apart, a locked history,
background jobs, blocked output."""
import fcntl
import os
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from loop import HOME, STAGE, finish, start  # noqa: E402
from terminal import PATIENCE, Terminal, children, run_tests, threads, wait_gone  # noqa: E402


SADDLE = os.environ.get("SADDLE", "./saddle")


def state(*names):
    """A state folder, and files in it."""
    folder = tempfile.mkdtemp(dir=HOME)
    os.mkdir(os.path.join(folder, "saddle"))
    return [folder] + [os.path.join(folder, "saddle", name) for name in names]


def keys_after_train(t):
    t.press("train\r", "TRAIN")
    t.keys()


# --- pastes ----------------------------------------------------------------------------------------------------------


def test_a_paste_without_its_end_does_not_hold_the_keyboard():
    t = start()
    t.send("\x1b[200~one")
    t.typed("one")  # after a second of silence
    t.send(" more\x03")
    t.typed("")
    t.send("\x1b[200~two\rthree")
    t.pump(0.1)
    t.send("\x03")
    t.typed("two↵three")  # C-c ends the paste and shows what arrived
    t.send("\x03")
    t.typed("")
    finish(t)


def test_a_paste_that_is_too_long_is_refused_whole():
    t = start()
    t.send("\x1b[200~" + "echo x\r" * 10000 + "\x1b[201~")
    t.see("the pasted text has 70000 bytes, more than 65536: nothing of it was taken")
    t.typed("")
    t.send("\x1b[200~" + "x" * 65536 + "\x1b[201~")
    t.matches(r"^saddle> <x+$")
    t.send("\x03")
    finish(t)


def test_text_that_bursts_into_keys_is_a_paste():
    t = start()
    keys_after_train(t)
    t.send("pause\rquit\r")
    t.typed("pause↵quit↵")
    t.see("TRAIN")
    t.send("\x03")
    t.typed("")
    t.keys()
    t.send("/auto\r")  # what follows / is its text
    t.see(">H 1 automobile")
    finish(t)


def test_a_block_is_recalled_as_it_was():
    folder, name = state("history")
    t = start(env={"XDG_STATE_HOME": folder})
    t.send("\x1b[200~one # a comment\rtwo\r\x1b[201~\r")
    t.typed("")
    t.see("one # a comment", "two")
    t.send("\x1b[A")
    t.typed("one # a comment↵two")
    t.send("\x03")
    finish(t)
    with open(name, "rb") as f:
        assert f.read() == b"one # a comment\x1etwo\nquit\n"
    t = start(env={"XDG_STATE_HOME": folder})
    t.send("\x1b[A\x1b[A")
    t.typed("one # a comment↵two")
    t.send("\r")
    t.see("one # a comment", "two")
    finish(t)


def test_a_backslash_continues_the_line():
    t = start()
    t.send("bad one \\\r")
    t.typed("bad one \\↵")
    t.send("two\r")
    t.see("this word is wrong")
    t.typed("")
    t.send("\x1b[200~long \\\r 2\rlong 3\x1b[201~\r")
    t.see("line 3 of 3")
    finish(t)


def test_a_paste_goes_where_text_is_asked_for():
    t = start()
    keys_after_train(t)
    t.press("/", "find class:")
    t.press("\x1b[200~truck\rpause\x1b[201~", "find class: truck")
    t.send("\r")
    t.see(">T●9 truck")
    t.press("\\", "only classes with:")
    t.press("\x1b[200~ship\x1b[201~", "ship")
    t.gone("horse")
    t.send("\x1b")
    t.gone("only classes")
    t.prompt()
    t.press("ask\r", "really? [y/N]")
    t.send("\x1b[200~y\x1b[201~\r")  # a question is answered by hand
    t.see("answer: no")
    finish(t)


# --- keys ------------------------------------------------------------------------------------------------------------


def test_torn_answers_are_no_keys():
    t = start()
    keys_after_train(t)
    for part in ("\x1b]11;rgb:00", "00p", "\x07"):
        t.send(part)
        t.pump(0.2)
    t.press("G", "TRAIN", ">T●9 truck")  # not paused
    finish(t)


def test_a_torn_arrow_is_an_arrow():
    t = start()
    t.send("first\r")
    t.typed("")
    t.keys()
    t.prompt()
    t.send("\x1b")
    t.pump(0.25)
    t.send("[A")
    t.typed("first")
    t.see("PROMPT")
    t.send("\x03")
    finish(t)


def test_reported_escape_and_interrupt():
    t = start()
    for interrupt, escape in (("\x1b[99;5u", "\x1b[27u"), ("\x1b[27;5;99~", "\x1b[27;1;27~")):
        t.send("typed")
        t.typed("typed")
        t.send(interrupt)
        t.typed("")
        t.send(escape)
        t.see("KEYS")
        t.prompt()
    finish(t)


def test_a_question_mark_at_an_empty_prompt_helps():
    t = start()
    t.press("?", "MOVE", "S-Tab")
    t.send("q")
    t.gone("S-Tab")
    t.send("a?")
    t.typed("a?")
    t.send("\x03")
    finish(t)


def test_vi_users_find_the_keys():
    inputrc = os.path.join(HOME, "inputrc")
    with open(inputrc, "w") as f:
        f.write("set editing-mode vi\n")
    t = start(env={"INPUTRC": inputrc})
    t.see("C-] or Esc Esc keys")
    t.press("\x1b", "PROMPT vi")
    t.send("\x1b")
    t.see("KEYS")
    t.prompt()
    t.send("\x1d")
    t.see("KEYS")
    finish(t)


# --- history ---------------------------------------------------------------------------------------------------------


def test_interrupt_forgets_the_place_in_the_history():
    t = start()
    for word in ("one", "two", "three"):
        t.send(word + "\r")
        t.typed("")
    t.send("\x1b[A\x1b[A\x1b[A")
    t.typed("one")
    t.send("\x03")
    t.typed("")
    t.send("\x1b[A")
    t.typed("three")
    t.send("\x03")
    finish(t)


def test_a_locked_history_holds_nobody():
    folder, name = state("history")
    with open(name, "w") as f:
        f.write("old\n")
        f.flush()
        fcntl.flock(f, fcntl.LOCK_EX)
        t = start(env={"XDG_STATE_HOME": folder})
        t.see("the prompt's history is not kept", "is locked by another program")
        t.send("new\r")
        t.see("new")
        finish(t)
    with open(name) as f:
        assert f.read() == "old\n"


def test_a_pipe_as_history_holds_nobody():
    folder, name = state("history")
    os.mkfifo(name)
    t = start(env={"XDG_STATE_HOME": folder})
    t.see("the prompt's history is not kept", "is no file")
    t.send("new\r")
    t.see("new")
    finish(t)


def test_a_history_behind_a_link_is_used():
    folder, name, kept, gone = state("history", "kept", "gone")
    with open(kept, "w") as f:
        f.write("old\n")
    os.symlink(kept, name)
    t = start(env={"XDG_STATE_HOME": folder})
    t.send("\x1b[A")
    t.typed("old")
    t.send("\x03new\r")
    t.see("new")
    finish(t)
    with open(kept) as f:
        assert f.read() == "old\nnew\nquit\n"
    assert os.path.islink(name)
    os.unlink(name)
    os.symlink(gone, name)
    t = start(env={"XDG_STATE_HOME": folder})
    t.see("is a link that leads nowhere")
    finish(t)


# --- colours ---------------------------------------------------------------------------------------------------------


DIRECT = r"""saddle-direct|24 bit colours as xterm-direct and tmux-direct have them,
	RGB, colors#0x1000000, pairs#0x7fff,
	setab=\E[%?%p1%{8}%<%t4%p1%d%e48;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
	setaf=\E[%?%p1%{8}%<%t3%p1%d%e38;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
	use=screen-256color,
"""


def color_of(t, text):
    """Of the first character of this on the screen; 'default' or rrggbb."""
    for y, line in enumerate(t.screen.display):
        if text in line:
            return t.screen.buffer[y][line.index(text)].fg
    raise AssertionError("never seen: %r\n%s" % (text, t.text()))


def contrast(a, b):
    def light(color):
        parts = [int(color[i:i + 2], 16) / 255 for i in (0, 2, 4)]
        r, g, b = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
    return max(light(a), light(b)) / min(light(a), light(b))


def test_colours_stand_out_from_what_the_terminal_says_it_is():
    info = tempfile.mkdtemp(dir=HOME)
    with open(os.path.join(info, "direct.ti"), "w") as f:
        f.write(DIRECT)
    subprocess.run(["tic", "-x", "-o", info, os.path.join(info, "direct.ti")], check=True)
    for term in ("screen-256color", "saddle-direct"):
        t = start(env={"TERM": term, "TERMINFO_DIRS": info + ":/usr/share/terminfo:/lib/terminfo:/etc/terminfo"})
        t.wrote(b"\x1b]11;?\x1b\\\x1b[c")
        t.see("truck")
        unknown = color_of(t, "truck")  # a class of the tail
        for back in ("000000", "ffffff"):
            assert contrast(unknown, back) >= 4.5, (term, unknown)
        for back, answer in (("ffffff", "ffff/ffff/ffff"), ("000000", "0000/0000/0000")):
            t.send("\x1b]11;rgb:%s\x1b\\\x1b[?62c" % answer)
            t.wait_for(lambda t: "truck" in t.text() and color_of(t, "truck") not in (unknown, "default"), name="another colour")
            t.at_rest(0.2)
            for text in ("truck", "airplane"):
                assert contrast(color_of(t, text), back) >= 4.5, (term, back, text, color_of(t, text))
            unknown = color_of(t, "truck")
        finish(t)


def test_an_answer_under_way_at_the_end_is_not_left_to_the_shell():
    t = start()
    t.wrote(b"\x1b[c")
    t.send("quit\r\x1b]11;rgb:0000/0000/0000\x07\x1b[?62c")
    assert t.exit_code() == 0
    assert b"rgb:" not in t.bytes, t.bytes[-200:]
    t.close()


# --- what is missing -------------------------------------------------------------------------------------------------


def test_a_missing_locale_says_what_to_set():
    for env, word in (({"LC_ALL": "xx_YY.UTF-8"}, "LC_ALL=xx_YY.UTF-8 is not installed here"), ({"LC_ALL": ""}, "no locale is set (LANG)")):
        t = start(env=env, cols=120)
        t.see(word, "LC_ALL=C.UTF-8 gives lines")
        finish(t)


def doctor(**env):
    environment = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color", **{})
    environment.update(env)
    return subprocess.run([SADDLE, "doctor"], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout.decode()


def test_doctor_says_what_to_set():
    assert "TERM=xterm-256color, 256 colours" in doctor() and "locale: LC_ALL=C.UTF-8, UTF-8" in doctor()
    assert "TERM=no-such is not known here; 'TERM=xterm-256color saddle'" in doctor(TERM="no-such")
    assert "LC_ALL=xx_YY is not installed here" in doctor(LC_ALL="xx_YY")
    assert "no UTF-8" in doctor(LC_ALL="C")


def test_streams_that_are_closed_at_the_start():
    """The program ends, whichever of its streams are closed, also where the others are a terminal."""
    for closed in ("<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"):
        t = Terminal(["/bin/sh", "-c", "'%s' --no-config %s; echo left$((1+1))" % (SADDLE, closed)],
                     env={"HOME": HOME, "XDG_STATE_HOME": HOME, "XDG_DATA_HOME": HOME})
        if "<&-" not in closed:  # then it reads what is typed, also where it cannot show it
            t.send("quit\r")
        t.see("left2")
        assert t.exit_code() == 0
        t.close()


# --- job control -----------------------------------------------------------------------------------------------------


def shell():
    env = {"HOME": HOME, "XDG_STATE_HOME": tempfile.mkdtemp(dir=HOME), "PS1": "sh% "}
    t = Terminal(["bash", "--norc", "--noprofile", "-i"], env=env)
    t.see("sh%")
    return t


def ask(t, question, *answer):
    t.send(question + "\r")
    t.see(*answer)


def painted(t, since):
    return b"\x1b[?1049h" in t.bytes[since:] or b"CLASSES" in t.bytes[since:]


def leave_shell(t):
    t.press("quit\r", "[y/N]")
    t.send("y\r")
    t.wait_for(lambda t: t.line().startswith("sh%"), name="the shell")
    ask(t, "echo left$((1+1))", "left2")
    t.close()


def test_in_the_background_the_terminal_is_the_shells():
    t = shell()
    ask(t, STAGE + " --rate 20 &", "[1]")
    t.pump(1)
    ask(t, "echo first$((1+1))", "first2")
    assert not painted(t, 0), t.text()
    t.send("fg\r")
    t.typed("")
    t.press("hello\r", "hello")
    t.send("\x1a\x1a")
    t.see("Stopped")
    since = len(t.bytes)
    ask(t, "bg", "&")
    t.pump(1)
    ask(t, "echo second$((1+1))", "second2")
    ask(t, "jobs", "Running")  # it was not stopped by the shell's keys
    assert not painted(t, since), t.text()
    ask(t, "stty -a | grep -c -- -icanon || echo cooked$((1+1))", "cooked2")
    t.send("fg\r")
    t.typed("")
    leave_shell(t)


def test_a_worker_that_was_stopped_alone_repairs_its_terminal():
    t = start("--rate", "20")
    worker, raw = children(t.pid)[0], t.modes()
    os.kill(worker, signal.SIGSTOP)
    t.wait_for(lambda t: t.modes() != raw, name="modes given back")
    os.kill(worker, signal.SIGCONT)
    t.wait_for(lambda t: t.modes() == raw, name="modes taken again")
    t.screen.reset()
    t.send("still here")
    t.typed("still here")
    t.send("\x0c")
    t.see("CLASSES")
    t.send("\x03")
    finish(t)  # the guard was continued too, else this would not end


def test_a_worker_stopped_alone_and_continued_at_once():
    """Its guard may be about to stop with it, just then."""
    t = start("--rate", "20")
    worker = children(t.pid)[0]
    for i in range(300):
        os.kill(worker, signal.SIGSTOP)
        time.sleep(i % 60 * 5e-6)
        os.kill(worker, signal.SIGCONT)
        t.pump(0.005)
        t.wait_for(lambda t: "T" not in [state for state, _ in threads(t.pid)], name="a guard that goes on (%d)" % i)
    finish(t)


# --- a terminal that takes nothing, or is gone -----------------------------------------------------------------------


def block_output(t, slave):
    """Asks for repaints that nobody takes until its keys stay unread: it waits for its terminal."""
    end, unread = time.monotonic() + PATIENCE, 0
    while time.monotonic() < end and unread < 10:
        t.send("\x0c")
        time.sleep(0.02)
        left = struct.unpack("i", fcntl.ioctl(slave, termios.FIONREAD, b"\0" * 4))[0]
        unread = unread + 1 if left else 0
    assert unread, "its output never blocks"


def test_termination_while_the_output_is_blocked():
    for number in (signal.SIGTERM, signal.SIGUSR1):
        t = start("--rate", "20", rows=60, cols=200)
        slave = os.open("/proc/%d/fd/0" % t.pid, os.O_RDWR | os.O_NOCTTY)
        block_output(t, slave)
        os.kill(t.pid, number)
        assert wait_gone(t.pid), "it waits for its terminal"
        os.close(slave)
        _, t.status = os.waitpid(t.pid, 0)
        assert os.WIFEXITED(t.status) and os.WEXITSTATUS(t.status) == 75, t.status
        t.close()


def test_a_run_that_serves_nobody_ends_with_its_window():
    for args, line, code in ((["--rate", "20"], "pause\r", 75), (["--rate", "20", "--no-record"], "train\r", 129)):
        t = start(*args)
        worker = children(t.pid)[0]
        t.send(line)
        t.see("PAUSED" if "pause" in line else "TRAIN")
        os.close(t.fd)
        assert wait_gone(worker), "the worker outlives its terminal"
        _, t.status = os.waitpid(t.pid, 0)
        assert os.WIFEXITED(t.status) and os.WEXITSTATUS(t.status) == code, t.status
        t.close()


if __name__ == "__main__":
    run_tests(globals())
