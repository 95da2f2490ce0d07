"""Results in TAP, for the tests that are written in Python."""


class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def check(self, name, good, why=""):
        self.n += 1
        print(f"{'ok' if good else 'not ok'} {self.n} - {name}", flush=True)
        if not good:
            self.failed += 1
            print("".join(f"# {line}\n" for line in str(why).splitlines()[:20]), end="", flush=True)

    def skip(self, name, why):
        self.n += 1
        print(f"ok {self.n} - {name} # SKIP {why}", flush=True)

    def end(self):
        """The plan, and the exit code."""
        print(f"1..{self.n}")
        return 1 if self.failed else 0
