#!/usr/bin/env python3
"""kill9.py [KILLS]: kill -9 the real program at random moments while it trains; resume; go on.

Everything the program printed before a kill is an acknowledgement: every command, evaluation, probe and snapshot it showed
must be in the journal afterwards, and after the last resume losses, evaluations, probes and final weights must be those of a
run that was never killed. Default 3 kills (part of `make check`); SADDLE_KILLS=50 or an argument for the long run.
TAP output.
"""
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

import scenes

KILLS = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SADDLE_KILLS", "3"))
SEED = int(os.environ.get("SADDLE_KILL_SEED", "1"))
EPOCHS = max(6, KILLS)
OPTIONS = f"""
set opt sam
set rho 0.1
set weights effective
set drw 2
set batch 16
set epochs {EPOCHS}
set lr 0.05
set eval_every 1
set snapshot_seconds 1
set hessian_every 2
watch 2
"""
COMMANDS = ["note begun", "set rho 0.2 at step 30", "set lr 0.02 at epoch 2", "set momentum 0.8 at step 60", "snapshot keep at step 40",
            "hessian 0 at step 20", "cnc 2 --iters 12 --images 2 --batches 2 --batch 2 at step 50",
            f"slice 1 random:1 --points 3 --images 2 at step {EPOCHS * 14}"]


def unbroken(scene, place, data):
    began = time.monotonic()
    code, _, err = place.start(scene.script(place, data), scenes.PATIENCE)
    scene.whole = place.events()
    if code != 0 or not scenes.is_finished(scene.whole):
        raise RuntimeError(f"the unbroken run ends with {code}: {err[-500:]}")
    return time.monotonic() - began


def killed_again_and_again(scene, place, data, whole_seconds):
    """Kills it so often, or until it has ended. Problems, kills, and what it said it had recorded."""
    words, kills, told, problems = scene.script(place, data), 0, [], []
    while True:
        longest = max(0.5, 2 * whole_seconds / (KILLS + 1))
        code, out, err = place.start(words, random.uniform(0.05, longest) if kills < KILLS else scenes.PATIENCE)
        told += scenes.acknowledged(out)
        lost = scenes.missing_of(told, place)
        if lost:
            problems.append(f"after kill {kills}: acknowledged but not in the journal: {[scenes.kept(e)[:200] for e in lost[:3]]}")
            told = [e for e in told if e not in lost]
        if code != -signal.SIGKILL:
            if code != 0:
                problems.append(f"after {kills} kills: exit {code}: {err.strip()[-400:]}")
            return problems, kills, told
        kills += 1
        if any(e.get("k") == "env" for e in told): # the set-up is recorded: it can be resumed
            words = scene.resuming(place)
        else:
            subprocess.run(["rm", "-rf", place.session], check=True)


def main():
    if KILLS < 1:
        print("1..0 # SKIP no kills asked for (SADDLE_KILLS)")
        return 77
    random.seed(SEED)
    scene = scenes.RunScene("kill9", OPTIONS.strip().split("\n"), COMMANDS)
    with tempfile.TemporaryDirectory(prefix="saddle-kill9-") as root:
        root = os.path.realpath(root)
        data = os.path.join(root, "data.safetensors")
        scenes.write_data(data, (150, 60, 30), 60, side=32) # large ones: a second and more to be killed in
        seconds = unbroken(scene, scenes.Place(os.path.join(root, "whole")), data)
        print(f"# unbroken run: {seconds:.1f} s, {len(scene.whole)} events", flush=True)
        place = scenes.Place(os.path.join(root, "broken"))
        problems, kills, told = killed_again_and_again(scene, place, data, seconds)
        other = scenes.differences(scene.whole, place.events())
        checked = place.run("verify", "run")
    tests = [(f"{kills} kills of {KILLS} (seed {SEED}): {len(told)} acknowledgements are recorded, and resume ran on", problems),
             (f"{kills} kills: every loss, evaluation and probe and the last state as in the unbroken run", other),
             ("verify finds no damage", [checked.stderr] if checked.returncode else [])]
    for number, (name, bad) in enumerate(tests, 1):
        print(f"{'not ok' if bad else 'ok'} {number} - {name}")
        for line in bad[:10]:
            print("# " + line.strip().replace("\n", " / "))
    print(f"1..{len(tests)}")
    return 1 if any(bad for _, bad in tests) else 0


sys.exit(main())
