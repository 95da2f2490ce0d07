#!/usr/bin/env python3
"""matrix.py: the same bits whatever computes them: numbers of threads, probes beside the training, kills in the middle, for each instruction set
of this processor. SADDLE_MATRIX runs of the matrix are tried (3), or `all`; SADDLE_FAULT_SEED chooses which and when they are killed."""
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from tap import Tap

SADDLE = os.path.abspath(os.environ.get("SADDLE", "./saddle"))
SETUP = ("data demo; device cpu; set eval_every 0; set hessian_every %d; set hessian_iters 4; set hessian_images 8; set budget 1; set snapshot_seconds 0; "
         "set opt sam; set batch 24; watch 9; set lr 0.02 at step 30; train --steps 45 --name run --paused; snapshot a at step 10; snapshot b at step 40; resume; wait")
PATIENCE = 300
TAP = Tap()


def saddle(folder, isa, threads, *words, kill_after=None):
    """Exit code and what it says. Killed: a negative one."""
    env = dict(os.environ, HOME=folder, SADDLE_ISA=isa, LC_ALL="C")
    p = subprocess.Popen([SADDLE, "--no-config", "--sessions=" + os.path.join(folder, "sessions"), "--threads=%d" % threads, "--log=none", *words], env=env,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder)
    try:
        out, _ = p.communicate(timeout=kill_after or PATIENCE)
    except subprocess.TimeoutExpired:
        p.send_signal(signal.SIGKILL)
        out, _ = p.communicate()
        if not kill_after:
            return "hangs", out.decode(errors="replace")
    return p.returncode, out.decode(errors="replace")


def last_state(folder, isa):
    code, text = saddle(folder, isa, 1, "cat", "run")
    states = [(line["s"], line["state"]) for line in map(json.loads, text.splitlines()) if line["k"] == "snap"] if code == 0 else []
    return max(states, default=None)


def run(isa, threads, probes, kills, chance):
    """The last weights of such a run, or what went wrong."""
    folder = tempfile.mkdtemp(prefix="saddle-matrix-")
    try:
        code, said = saddle(folder, isa, threads, "-c", SETUP % probes, kill_after=chance.uniform(0.3, 2) if kills else None)
        for _ in range(10):
            if code == 0:
                return last_state(folder, isa)
            if code != -signal.SIGKILL:
                break
            begun = '"k":"config"' in saddle(folder, isa, 1, "cat", "run")[1]  # else it was ended while it was being set up
            kills -= 1
            code, said = saddle(folder, isa, threads, "-c", "resume run; wait" if begun else SETUP % probes,
                                kill_after=chance.uniform(0.3, 2) if kills > 0 else None)
        return "exit %s: %s" % (code, said[-500:])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def instruction_sets():
    """Those that this processor has."""
    with open("/proc/cpuinfo") as f:
        flags = f.read()
    return ["portable"] + [isa for isa, flag in (("avx2", "avx2"), ("avx512", "avx512f")) if " %s " % flag in flags.replace("\n", " ")]


def main():
    chance = random.Random(os.environ.get("SADDLE_FAULT_SEED", "1"))
    isas, many = instruction_sets(), os.environ.get("SADDLE_MATRIX", "3")
    matrix = list(itertools.product(isas, (1, 2, 3, 4, 8), (0, 1), (0, 2)))
    if many != "all":
        isa = isas[-1]
        matrix = chance.sample([row for row in matrix if row[0] == isa], int(many))
    wanted = {isa: run(isa, 2, 0, 0, chance) for isa in {row[0] for row in matrix}}
    for isa, threads, probes, kills in matrix:
        got = run(isa, threads, probes, kills, chance)
        TAP.check("%s, %d threads, %s, %d kills" % (isa, threads, "probes" if probes else "no probes", kills),
            isinstance(got, tuple) and got[0] == 45 and got == wanted[isa], "%s\nwith 2 threads: %s" % (got, wanted[isa]))
    sys.exit(TAP.end())


main()
