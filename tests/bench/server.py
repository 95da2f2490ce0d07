"""server.py - `tests/bench/step --serve` as a process that is asked for one operation at a time."""
import subprocess
import sys


class Program:
    """Reads names of operations, answers with milliseconds of wall and of processor time."""

    def __init__(self, name, args):
        self.name = name
        try:
            self.process = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        except OSError as error:
            sys.exit(f"{args[0]} does not start: {error.strerror}")

    def run(self, op):
        try:
            self.process.stdin.write(op + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            sys.exit(f"{self.name} ended without an answer to '{op}'")
        return tuple(float(x) for x in answer.split())

    def peak_mib(self):
        """Linux's VmHWM; None elsewhere."""
        try:
            with open(f"/proc/{self.process.pid}/status") as f:
                return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmHWM"))
        except (OSError, StopIteration):
            return None

    def close(self):
        self.process.stdin.close()
        self.process.wait()
