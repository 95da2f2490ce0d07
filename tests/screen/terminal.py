"""A program in a pseudo-terminal, with an emulator that shows what a person would see. Used by the tests beside it."""
import errno
import fcntl
import os
import pty
import select
import signal
import struct
import sys
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


class Terminal:
    """Runs argv; self.screen is the emulated screen, self.bytes everything that was written."""

    def __init__(self, argv, rows=24, cols=80, env=None, ascii_only=False):
        self.rows, self.cols = rows, cols
        self.screen = pyte.Screen(cols, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.bytes = b""
        environment = {k: v for k, v in os.environ.items()
                       if k not in ("LINES", "COLUMNS", "LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "COLORTERM", "INPUTRC")}
        environment.update(TERM="screen-256color", LC_ALL="C" if ascii_only else "C.UTF-8", TZ="UTC", INPUTRC="/dev/null")
        environment.update(env or {})
        # screen, not xterm: the emulator does not know xterm's "repeat the character"
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], argv, environment)
        self.status = None
        self.resize(rows, cols, announce=False)

    def resize(self, rows, cols, announce=True):
        self.rows, self.cols = rows, cols
        self.screen.resize(rows, cols)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def pump(self, seconds=0.05):
        """Reads for that long; returns how many bytes came."""
        end, count = time.monotonic() + seconds, 0
        while True:
            left = end - time.monotonic()
            ready, _, _ = select.select([self.fd], [], [], max(left, 0))
            if not ready:
                return count
            try:
                data = os.read(self.fd, 65536)
            except OSError as e:
                if e.errno == errno.EIO:
                    return count
                raise
            if not data:
                return count
            self.bytes += data
            count += len(data)
            self.stream.feed(data)

    def send(self, text, wait=0.1):
        os.write(self.fd, text.encode() if isinstance(text, str) else text)
        self.pump(wait)

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, what, seconds=10):
        """what: text, or a function of this terminal. Fails with the screen when it does not come."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if what(self) if callable(what) else what in self.text():
                return
            self.pump(0.05)
        raise AssertionError("never seen: %r\n%s" % (what, self.text()))

    def settle(self, quiet=0.3, seconds=5):
        """Until nothing was written for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.pump(quiet):
                return

    def modes(self):
        return termios.tcgetattr(self.fd)

    def cursor(self):
        return self.screen.cursor.y, self.screen.cursor.x

    def exit_code(self, seconds=10):
        """Waits for the end; negative: killed by a signal."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
                self.pump(0.1)
                return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
        raise AssertionError("still running\n" + self.text())

    def close(self):
        if self.status is None:
            try:
                for child in children(self.pid):
                    os.kill(child, signal.SIGKILL)
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        os.close(self.fd)


def children(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            return [int(word) for word in f.read().split()]
    except OSError:
        return []


def run_tests(namespace):
    """Every function called test_...; prints one line for each. Exit status for make check."""
    failed = 0
    only = sys.argv[1:]
    for name, test in list(namespace.items()):
        if not name.startswith("test_") or (only and name not in only):
            continue
        start = time.monotonic()
        try:
            test()
            print("ok   %s (%.1f s)" % (name, time.monotonic() - start), flush=True)
        except AssertionError as e:
            failed += 1
            print("FAIL %s: %s" % (name, e), flush=True)
    sys.exit(1 if failed else 0)
