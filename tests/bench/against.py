#!/usr/bin/env python3
"""against.py - is this build slower than an older one? Both on the same machine, in turn, by processor time.

    make bench BENCHFLAGS="--against OLD-BUILD"         OLD-BUILD: a build folder, or its program tests/bench/step
    against.py --step BUILD/tests/bench/step --against OLD-BUILD [--rounds 12] [--starts 3] [--threads 1] [--isa NAME]
               [--ops sgd,sam,eval,hvp] [--limit 1.02]

Three processes take turns: the old program, the old program again, and the new one; every round runs each operation once in
each of them, and who begins moves on from round to round. An operation's time is its processor time (user and system, all
threads) without the start of the process. The least of all rounds counts, for whatever disturbs a program makes it slower,
never faster. Where a process's memory happens to lie can be worth a per cent, so all three are started anew `--starts` times.
The first table is the old program against itself: that is the noise, and a ratio of the second table within it says nothing.

Any old build will do whose tests/bench/step answers to --serve. Exit 1 when a ratio is above --limit; without it, always 0.
"""
import argparse
import os
import sys

from server import Program

LEAST_ROUNDS = 10
NEEDS = {"hvp": "prepare", "hvp2": "prepare", "hvp4": "prepare"}  # what must have run in the process before


def program_of(path):
    """A build folder's step, or the program itself."""
    program = os.path.join(path, "tests", "bench", "step") if os.path.isdir(path) else path
    if not os.access(program, os.X_OK):
        make = f": make -C {path} tests/bench/step" if os.path.exists(os.path.join(path, "Makefile")) else ""
        sys.exit(f"against.py: there is no program {program}{make}")
    return program


def measure(programs, op, rounds, offset, least):
    """Adds to least[op][name] the least processor time (ms) of an operation in `rounds` rounds."""
    for round_number in range(-1, rounds):  # the first warms up
        for i in range(len(programs)):
            p = programs[(i + round_number + offset) % len(programs)]
            cpu = p.run(op)[1]
            if round_number >= 0:
                least[op][p.name] = min(cpu, least[op].get(p.name, cpu))


def one_start(commands, ops, rounds, offset, least):
    programs = [Program(name, args) for name, args in commands]
    for op in ops:
        if op in NEEDS:
            for p in programs:
                p.run(NEEDS[op])
        measure(programs, op, rounds, offset, least)
    for p in programs:
        p.close()


def table(title, least, first, second):
    print(f"\n{title}\n  {'operation':10} {'old ms':>9} {second + ' ms':>12} {'ratio':>8}")
    worst = 0
    for op, cpu in least.items():
        ratio = cpu[second] / cpu[first]
        worst = max(worst, ratio)
        print(f"  {op:10} {cpu[first]:9.2f} {cpu[second]:12.2f} {ratio:8.4f}")
    return worst


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--step", required=True)
    parser.add_argument("--against", required=True)
    parser.add_argument("--rounds", type=int, default=12, help=f"in all, at least {LEAST_ROUNDS}")
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--isa")
    parser.add_argument("--ops", default="sgd,sam,eval,hvp", help="which, separated by commas")
    parser.add_argument("--limit", type=float, default=0, help="exit 1 when a ratio is above it")
    args = parser.parse_args()
    if args.rounds < LEAST_ROUNDS:
        parser.error(f"--rounds {args.rounds} is too few for a minimum, at least {LEAST_ROUNDS}")
    if not 1 <= args.starts <= args.rounds:
        parser.error(f"--starts {args.starts} is not accepted, 1..{args.rounds} (the rounds)")
    return args


def main():
    args = arguments()
    flags = ["--serve", "--threads", str(args.threads)] + (["--isa", args.isa] if args.isa else [])
    old, new = program_of(args.against), program_of(args.step)
    commands = [("old", [old] + flags), ("old again", [old] + flags), ("new", [new] + flags)]
    ops = args.ops.split(",")
    least = {op: {} for op in ops}
    print(f"old: {os.path.abspath(old)}\nnew: {os.path.abspath(new)}")
    print(f"processor time, least of {args.rounds} rounds in {args.starts} starts, {args.threads} thread(s); load average "
          f"{os.getloadavg()[0]:.2f} on {os.cpu_count()} processors", flush=True)
    for start in range(args.starts):
        rounds = args.rounds // args.starts + (start < args.rounds % args.starts)
        one_start(commands, ops, rounds, start, least)
    table("old against itself: the noise", least, "old", "old again")
    worst = table("new against old (above 1: the new build is slower)", least, "old", "new")
    print(f"load average at the end: {os.getloadavg()[0]:.2f}")
    if args.limit and worst > args.limit:
        sys.exit(f"against.py: a ratio of {worst:.4f} is above the limit of {args.limit:g}")


if __name__ == "__main__":
    main()
