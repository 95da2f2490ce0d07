#!/usr/bin/env python3
"""faults.py: the Nth call of the shipped program that changes a file fails, or the program is killed there; then what it
acknowledged must be on disk, and resume must come to the numbers of a run that nothing happened to (scenes.py says how).

    faults.py                    a sample (SADDLE_FAULTS of them, 40; at least one that is met in every scene), part of `make check`
    SADDLE_FAULTS=all            every call of every scene x {ENOSPC EIO EDQUOT EROFS short dropped} x {once, for good, until
                                 mended}, kills before, in and after it, and SIGTERM (.ci/nightly)
    SADDLE_FAULT_SEED=N          another sample
    faults.py PATTERN            those whose names begin so: train:sync:7:EIO:once, 'resume:*:heals'
TAP output; a line of figures at the end."""
import concurrent.futures
import fnmatch
import os
import random
import shutil
import sys
import tempfile
import time

import scenes

ERRORS = ("ENOSPC", "EIO", "EDQUOT", "EROFS")
KILLS = {"write": ("before", "half", "after"), "open": ()}
# What long sweeps have found is met in every sample.
FOUND = ("train:write:12:short:good", "train:sync:13:term:once", "train:sync:24:term:once", "finish:write:3:term:once", "finish:sync:2:term:once",
         "resume:write:2:short:good", "safetensors:open:3:EIO:once", "finish:open:20:EIO:good", "snapshot:sync:6:EDQUOT:good")
WORKERS = 4  # most of what lasts is waiting


def faults_of(kind, at):
    """Every fault that one call can meet."""
    errors = ("EIO",) if kind == "open" else ERRORS[:3] if kind == "sync" else ERRORS
    for how in errors:
        yield scenes.Fault(kind, at, how)
        yield scenes.Fault(kind, at, how, "good")
    if kind in ("write", "creat", "allocate"):
        yield scenes.Fault(kind, at, "ENOSPC", "heals")
    if kind in ("write", "sync"):
        how = "short" if kind == "write" else "dropped"
        yield scenes.Fault(kind, at, how)
        yield scenes.Fault(kind, at, how, "good")
        yield scenes.Fault(kind, at, "term")
    for how in KILLS.get(kind, ("before", "after")):
        yield scenes.Fault(kind, at, how)


def shuffled(points, seed):
    draw = random.Random(seed)
    rest = {name: list(faults) for name, faults in points.items()}
    for faults in rest.values():
        draw.shuffle(faults)
    return rest


def draw_from(rest, n):
    """n of them: those of FOUND, then scene by scene in turn, so that short scenes are met too, one of each whatever n is."""
    chosen = [(name, fault) for name, faults in rest.items() for fault in faults if f"{name}:{fault}" in FOUND]
    for name, fault in chosen:
        rest[name].remove(fault)
    for turn in range(n):
        for name, faults in rest.items():
            if faults and (turn == 0 or len(chosen) < n):
                chosen.append((name, faults.pop()))
        if len(chosen) >= n:
            break
    return chosen


class Figures:
    def __init__(self):
        self.faults = self.kills = self.missed = self.acknowledged = self.lost = self.failed = 0

    def add(self, fault, outcome, verdict):
        if not outcome.struck:
            self.missed += 1
            return
        self.kills += fault.kills
        self.faults += not fault.kills
        self.acknowledged += verdict.acknowledged
        self.lost += verdict.lost
        self.failed += bool(verdict.problems)

    def __str__(self):
        return (f"{self.faults} faults, {self.kills} kills, {self.failed} of them failed; {self.acknowledged} acknowledgements checked, "
                f"{self.lost} lost; {self.missed} points were not reached")


def attempt(scene, fault, root, number):
    folder = os.path.join(root, f"trial-{number}")
    try:
        outcome, verdict = scene.attempt(folder, fault)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return scene, fault, outcome, verdict


def prepare(wanted, root):
    data, ready, points = os.path.join(root, "data.safetensors"), {}, {}
    scenes.write_data(data)
    for scene in scenes.scenes():
        chosen = not wanted or fnmatch.fnmatch(scene.name, wanted)
        if not chosen and scene.name != "train": # whose recording is what others export
            continue
        calls = scene.prepare(root, data)
        if chosen:
            ready[scene.name] = scene
            points[scene.name] = [f for kind, n in calls.items() for at in range(1, n + 1) for f in faults_of(kind, at)]
            print(f"# {scene.name}: {sum(calls.values())} calls, {len(points[scene.name])} faults and kills; "
                  + ", ".join(f"{n} {kind}" for kind, n in sorted(calls.items())), flush=True)
    return ready, points


class Sweep:
    def __init__(self, ready, root):
        self.ready, self.root, self.tried, self.figures = ready, root, 0, Figures()
        self.problems, self.done = {name: [] for name in ready}, {name: 0 for name in ready}

    def go(self, chosen):
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            waiting = [pool.submit(attempt, self.ready[name], fault, self.root, f"{self.tried}-{i}") for i, (name, fault) in enumerate(chosen)]
            for future in concurrent.futures.as_completed(waiting):
                self.note(*future.result())
                if self.tried % 500 == 0: # a long sweep that is cut off has said something
                    print(f"# {self.tried}: {self.figures}", *sum(self.problems.values(), []), sep="\n# ", flush=True)

    def note(self, scene, fault, outcome, verdict):
        self.tried += 1
        self.figures.add(fault, outcome, verdict)
        self.done[scene.name] += outcome.struck
        for problem in verdict.problems:
            self.problems[scene.name].append(f"{scene.name}:{fault} ({outcome.where}): {problem}")

    def spared(self, rest):
        """Scenes none of whose points was reached (how events share a record varies), and which have more."""
        return {name: rest[name] for name, done in self.done.items() if not done and rest[name]}


def main():
    if not os.path.exists(scenes.PRELOAD):
        print("1..0 # SKIP this build has no library to preload (a sanitizer's comes first, a static program takes none)")
        return 77
    pattern = sys.argv[1] + ":*" if len(sys.argv) > 1 else None
    how_many = os.environ.get("SADDLE_FAULTS", "40")
    seed = int(os.environ.get("SADDLE_FAULT_SEED", "1"))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="saddle-faults-") as root:
        root = os.path.realpath(root)
        ready, points = prepare(pattern and pattern.split(":")[0], root)
        if pattern:
            how_many = os.environ.get("SADDLE_FAULTS", "all")
            points = {name: [f for f in faults if fnmatch.fnmatch(f"{name}:{f}:", pattern)] for name, faults in points.items()}
        total = sum(len(faults) for faults in points.values())
        rest, sweep = shuffled(points, seed), Sweep(ready, root)
        sweep.go(draw_from(rest, total if how_many == "all" else int(how_many)))
        while sweep.spared(rest):
            sweep.go(draw_from(sweep.spared(rest), 1))
    print(f"1..{len(ready)}")
    for number, name in enumerate(ready, 1):
        bad, done = sweep.problems[name], sweep.done[name]
        print(f"{'not ok' if bad or not done else 'ok'} {number} - {name}: {done} faults and kills")
        for line in bad[:40]:
            print("# " + line.replace("\n", " / "))
    cpu = os.times()
    print(f"# {sweep.tried} of {total} (seed {seed}): {sweep.figures}; {cpu.children_user + cpu.children_system:.0f} s of CPU, "
          f"{time.monotonic() - began:.0f} s")
    return 1 if sweep.figures.failed or not all(sweep.done.values()) else 0


sys.exit(main())
