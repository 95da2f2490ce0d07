#!/usr/bin/env python3
"""forks.py [KILLS]: kill -9 the real program at random moments of `fork`, of the run that was forked, and of taking that up again.

Of the run that is forked no byte changes. What `sessions` lists is whole: it can be resumed, and comes to the very numbers of a fork
that was never killed, with what was set for it. What is not listed is nothing: its name is free, and the same command makes it. Everything
that was printed before a kill is recorded. Default 10 kills (part of `make check`); SADDLE_FORK_KILLS=200 or an argument for the long run.
TAP output.
"""
import os
import random
import shutil
import signal
import sys
import tempfile
import time

import scenes

KILLS = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SADDLE_FORK_KILLS", "10"))
SEED = int(os.environ.get("SADDLE_KILL_SEED", "1"))
# 3 steps an epoch; at a snapshot, in the middle of an epoch, before the first snapshot that is kept, at the last step
POINTS = ("4", "3.4", "1", "last")
WAITS = ["note begun", "set lr 0.02 at step 14", "hessian 1 at step 15", "snapshot keep at step 16", "set momentum 0.8 if loss < 99"]


def words_of(point):
    return ["-c", f"set threads 1; set rho 0.3; set epochs 7; fork base@{point} run; train"]


def is_listed(place):
    return any(e.get("text", "").split()[:1] == ["run"] for e in scenes.lines_of(place.run("sessions").stdout))


class Whole:
    """A fork that nothing happened to."""

    def __init__(self, root, base, point):
        self.point, place = point, scenes.Place(os.path.join(root, "whole-" + point), base)
        began = time.monotonic()
        code, _, err = place.start(words_of(point), scenes.PATIENCE)
        self.seconds, self.events = time.monotonic() - began, place.events()
        if code != 0 or not scenes.is_finished(self.events):
            raise RuntimeError(f"the unbroken fork at {point} ends with {code}: {err[-500:]}")


class Trial:
    def __init__(self, folder, base, whole):
        self.place, self.whole, self.kills, self.told, self.problems = scenes.Place(folder, base), whole, 0, [], []

    def demand(self, holds, text):
        if not holds:
            self.problems.append(f"fork at {self.whole.point}, kill {self.kills}: {text}")

    def try_once(self, most):
        """Makes it or goes on with it, killed or not; True: it ended by itself."""
        listed = is_listed(self.place)
        words = ["resume", "run"] if listed else words_of(self.whole.point)
        seconds = random.uniform(0.02, 1.05 * self.whole.seconds) if self.kills < most else scenes.PATIENCE
        code, out, err = self.place.start(words, seconds)
        told = scenes.acknowledged(out)
        born = listed or any(e["k"] == "snap" for e in told)
        self.kills += code == -signal.SIGKILL
        if born:
            self.told += told
            self.demand(is_listed(self.place), "acknowledged, and not listed")
            lost = [scenes.kept(e)[:200] for e in scenes.missing_of(self.told, self.place)]
            self.demand(not lost, f"acknowledged, and not recorded: {lost[:3]}")
        if code != -signal.SIGKILL:
            self.demand(code == 0, f"exit {code}: {err.strip()[-300:]}")
        return code != -signal.SIGKILL

    def go(self, most):
        while not self.try_once(most):
            if is_listed(self.place):
                self.demand(self.place.run("info", "run").returncode == 0, "listed, and info says that it is nothing")
        for line in scenes.differences(self.whole.events, self.place.events()):
            self.demand(False, line)
        self.demand(self.place.run("verify", "run").returncode == 0, "verify finds damage")


def make_base(root, data):
    base = scenes.Place(os.path.join(root, "base"))
    with open(base.path("base.sad"), "w") as file:
        file.write("\n".join([scenes.SETUP.replace("DATA", data), "set opt sam", "set rho 0.1", "set eval_every 1", "set hessian_every 2", "watch 2",
                              "set snapshot_every 2", "train --epochs 6 --name base --paused", *WAITS, "resume"]) + "\n")
    code, _, err = base.start(["run", base.path("base.sad")], scenes.PATIENCE)
    if code != 0:
        raise RuntimeError(f"base ends with {code}: {err[-500:]}")
    return base


def main():
    if KILLS < 1:
        print("1..0 # SKIP no kills asked for (SADDLE_FORK_KILLS)")
        return 77
    random.seed(SEED)
    problems, kills, told, trials = [], 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="saddle-forks-") as root:
        root = os.path.realpath(root)
        data = os.path.join(root, "data.safetensors")
        scenes.write_data(data)
        base = make_base(root, data)
        before = scenes.ChildScene.sums(base)
        wholes = [Whole(root, base, point) for point in POINTS]
        while kills < KILLS:
            trial = Trial(os.path.join(root, f"trial-{trials}"), base, wholes[trials % len(wholes)])
            trial.go(min(KILLS - kills, 3))
            trial.demand(scenes.ChildScene.sums(trial.place) == before, "the run that was forked has changed")
            shutil.rmtree(trial.place.folder)
            kills, told, trials, problems = kills + trial.kills, told + len(trial.told), trials + 1, problems + trial.problems
    print(f"{'not ok' if problems else 'ok'} 1 - {kills} kills of {trials} forks (seed {SEED}): {told} acknowledgements are recorded, "
          "nothing half is listed, all came to the numbers of unbroken forks")
    for line in problems[:10]:
        print("# " + line.strip().replace("\n", " / "))
    print("1..1")
    return 1 if problems else 0


sys.exit(main())
