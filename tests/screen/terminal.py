"""A program in a pseudo-terminal, with an emulator that shows what a person would see. Used by the tests beside it.

A test never sleeps and then looks: it waits for what must come (see, gone, cursor_at, matches), with a patience that is only
there to end a test that has failed. What must not come is looked for after something that comes later has been seen."""
import atexit
import errno
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time

try:
    import pyte
except ImportError:
    # python3 may be one of a user's own without Debian's modules
    if os.access("/usr/bin/python3", os.X_OK) and not os.environ.get("SADDLE_SYSTEM_PYTHON"):
        os.environ["SADDLE_SYSTEM_PYTHON"] = "tried"
        os.execv("/usr/bin/python3", ["/usr/bin/python3"] + sys.argv)
    print("SKIP: the terminal emulator pyte is missing (Debian: python3-pyte)")
    sys.exit(77)


PATIENCE = int(os.environ.get("SADDLE_PATIENCE", 120))  # seconds; no test that passes takes it


KEYS = r"^ *KEYS +Esc/: prompt"


def scratch(prefix):
    """A folder that goes when the test does."""
    folder = tempfile.mkdtemp(prefix=prefix)
    atexit.register(shutil.rmtree, folder, True)
    return folder


def at_home(home):
    """The environment of a program that keeps everything in that folder."""
    return {name: home for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}


class Terminal:
    """Runs argv; self.screen is the emulated screen, self.bytes everything that was written."""
    opened = []

    def __init__(self, argv, rows=24, cols=80, env=None, ascii_only=False):
        self.rows, self.cols = rows, cols
        self.screen = pyte.Screen(cols, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.bytes = self.begun = b""
        environment = {k: v for k, v in os.environ.items()
                       if k not in ("LINES", "COLUMNS", "LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "COLORTERM", "INPUTRC")}
        environment.update(TERM="screen-256color", LC_ALL="C" if ascii_only else "C.UTF-8", TZ="UTC", INPUTRC="/dev/null")
        environment.update(env or {})
        # screen, not xterm: the emulator does not know xterm's "repeat the character"
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], argv, environment)
        self.status = None
        self.opened.append(self)
        self.resize(rows, cols, announce=False)

    def resize(self, rows, cols, announce=True):
        self.rows, self.cols = rows, cols
        self.screen.resize(rows, cols)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    # --- reading -----------------------------------------------------------------------------------------------------

    def read_once(self, seconds):
        """What is there, or comes within that time: how many bytes; -1 when the other side is gone."""
        ready, _, _ = select.select([self.fd], [], [], max(seconds, 0))
        if not ready:
            return 0
        try:
            data = os.read(self.fd, 65536)
        except OSError as e:
            if e.errno != errno.EIO:
                raise
            data = b""
        self.bytes += data
        self.show(data)
        return len(data) or -1

    def show(self, data):
        """The emulator does not know "scroll by n", which curses sends from the last or first line of a region: n lines instead."""
        data = self.begun + data
        cut = data.rfind(b"\x1b")
        self.begun = data[cut:] if cut >= 0 and re.fullmatch(rb"\x1b(\[[0-9;?]*)?", data[cut:]) else b""
        data = data[:len(data) - len(self.begun)]
        data = re.sub(rb"\x1b\[(\d*)S", lambda m: b"\n" * int(m.group(1) or 1), data)
        data = re.sub(rb"\x1b\[(\d*)T", lambda m: b"\x1bM" * int(m.group(1) or 1), data)
        self.stream.feed(data)

    def pump(self, seconds=0.05):
        """Reads for that long; returns how many bytes came."""
        end, count = time.monotonic() + seconds, 0
        while True:
            left = end - time.monotonic()
            got = self.read_once(left)
            count += max(got, 0)
            if left <= 0 and got <= 0:
                return count
            if got < 0:
                time.sleep(max(end - time.monotonic(), 0))
                return count

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def cursor(self):
        return self.screen.cursor.y, self.screen.cursor.x

    def line(self):
        """The row of the cursor: the prompt, with what is typed."""
        return self.screen.display[self.screen.cursor.y].rstrip()

    def modes(self):
        return termios.tcgetattr(self.fd)

    # --- waiting -----------------------------------------------------------------------------------------------------

    def wait_for(self, what, seconds=PATIENCE, name=None):
        """what: text on the screen, or a function of this terminal. Fails with the screen when it does not come."""
        end, over = time.monotonic() + seconds, None
        while not (what(self) if callable(what) else what in self.text()):
            now = time.monotonic()
            if self.read_once(0.05) < 0:  # it left the terminal; its end may take a moment more
                over = over or now
                time.sleep(0.01)
            if now > end or (over and now > over + 10):
                raise AssertionError("%s: %s\n%s" % ("ended before" if over else "never seen", name or repr(what), self.text()))

    def see(self, *texts):
        """All of them at the same time."""
        self.wait_for(lambda t: all(text in t.text() for text in texts), name=" and ".join(map(repr, texts)))

    def gone(self, *texts):
        """None of them any more."""
        self.wait_for(lambda t: not any(text in t.text() for text in texts), name="the end of " + " and ".join(map(repr, texts)))

    def matches(self, pattern):
        self.wait_for(lambda t: re.search(pattern, t.text(), re.M), name=pattern)

    def cursor_at(self, row, col):
        self.wait_for(lambda t: t.cursor() == (row, col), name="the cursor at %d, %d (now %s)" % (row, col, self.cursor()))

    def typed(self, text):
        """The prompt holds this, and the cursor stands in it."""
        self.wait_for(lambda t: t.line() == ("saddle> " + text).rstrip(), name="a prompt with " + repr(text))

    def wrote(self, data):
        self.wait_for(lambda t: data in t.bytes, name="bytes %r" % data)

    def at_rest(self, quiet=0.5):
        """Nothing was written for that long and no thread of the program wanted the processor: it has painted what there is."""
        end, since = time.monotonic() + PATIENCE, time.monotonic()
        while time.monotonic() - since < quiet:
            if self.read_once(0.02) > 0 or busy(self.pid):
                since = time.monotonic()
            if time.monotonic() > end:
                raise AssertionError("never at rest\n" + self.text())

    def exit_code(self, seconds=PATIENCE):
        """Waits for the end, and for all that was written before it; negative: killed by a signal."""
        end = time.monotonic() + seconds
        while self.status is None:
            if self.read_once(0.05) < 0:
                time.sleep(0.01)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
            elif time.monotonic() > end:
                raise AssertionError("still running\n" + self.text())
        while self.read_once(5) > 0:
            continue
        return os.WEXITSTATUS(self.status) if os.WIFEXITED(self.status) else -os.WTERMSIG(self.status)

    # --- typing ------------------------------------------------------------------------------------------------------

    def send(self, text, wait=0):
        """wait is for measurements; a test waits for what comes of it."""
        os.write(self.fd, text.encode() if isinstance(text, str) else text)
        if wait:
            self.pump(wait)

    def press(self, text, *seen):
        self.send(text)
        self.see(*seen)

    def keys(self):
        """From PROMPT to KEYS. What follows an Esc too soon would be taken as one key with it."""
        self.send("\x1b")
        self.matches(KEYS)

    def prompt(self):
        self.press(":", "PROMPT")

    def end(self, keys="quit\r"):
        """Leaves by these keys, and nothing was wrong."""
        self.send(keys)
        assert self.exit_code() == 0, self.text()
        self.close()

    def close(self):
        if self not in self.opened:
            return
        self.opened.remove(self)
        if self.status is None:
            for pid in children(self.pid) + [self.pid]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            try:
                os.waitpid(self.pid, 0)
            except ChildProcessError:
                pass
        try:
            os.close(self.fd)
        except OSError:
            pass  # the test hung up itself


def check_golden(name, t):
    """What is on the screen is the golden file. SADDLE_GOLDEN=write rewrites it; a person reads the difference."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", name + ".txt")
    text = t.text() + "\n"
    if os.environ.get("SADDLE_GOLDEN") == "write":
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return
    with open(path, encoding="utf-8") as f:
        golden = f.read()
    assert text == golden, "%s differs; shown:\n%s\nexpected:\n%s" % (name, text, golden)


def children(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            return [int(word) for word in f.read().split()]
    except OSError:
        return []


def threads(pid):
    """Of the program and its worker: state letter and CPU seconds of each thread."""
    found = []
    for one in [pid] + children(pid):
        try:
            for tid in os.listdir("/proc/%d/task" % one):
                with open("/proc/%d/task/%s/stat" % (one, tid)) as f:
                    words = f.read().rsplit(")", 1)[1].split()
                found.append((words[0], (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")))
        except OSError:
            pass  # ended meanwhile
    return found


def busy(pid):
    return any(state in "RD" for state, _ in threads(pid))


def cpu_seconds(pid):
    return sum(seconds for _, seconds in threads(pid))


def wait_gone(pid):
    """Until that process, not a child of this one, is no more."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with open("/proc/%d/stat" % pid) as f:
                if f.read().rsplit(")", 1)[1].split()[0] in "ZX":
                    return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def leave_on_signal(number, frame):
    sys.exit(128 + number)  # so that what must be removed is


def run_tests(namespace):
    """Every function called test_..., or those that are named as arguments; TAP. Exit status for make check. SADDLE_SCREEN_SKIP: one to leave out."""
    signal.signal(signal.SIGTERM, leave_on_signal)
    failed = 0
    only = sys.argv[1:]
    leave = os.environ.get("SADDLE_SCREEN_SKIP")
    tests = [(name, test) for name, test in list(namespace.items()) if name.startswith("test_") and (not only or name in only) and name != leave]
    for number, (name, test) in enumerate(tests, 1):
        start = time.monotonic()
        try:
            test()
            result, why = "ok", ""
        except Exception as e:  # a test that breaks in another way has failed as well; the others still run
            failed += 1
            result, why = "not ok", ("" if isinstance(e, AssertionError) else type(e).__name__ + ": ") + str(e)
            at = e.__traceback__
            while at.tb_next and at.tb_next.tb_frame.f_code.co_filename == test.__code__.co_filename:
                at = at.tb_next
            why = "line %d: %s" % (at.tb_lineno, why)
        print("%s %d - %s (%.1f s)" % (result, number, name[5:].replace("_", " "), time.monotonic() - start))
        if why:
            print("\n".join("# " + line for line in why.rstrip().split("\n")))
        sys.stdout.flush()
        for t in list(Terminal.opened):
            t.close()
    print("1..%d" % len(tests))
    sys.exit(1 if failed else 0)
