#!/usr/bin/env python3
"""costs.py - what a step costs: by threads, beside busy processes, by network and batch; and how long a whole run takes.

    make bench-costs [COSTFLAGS="--what threads,shapes,run --threads 2 --busy 2 --maths fp32,winograd,bf16 --op sam --rounds 4 --steps 3 --alone 'chrt -f 10'"]

threads  Each round takes `--steps` steps of ResNet-32 with one thread, then with `--threads`, then with as many while `--busy` processes do
         nothing but compute, which are stopped in between. Alone the least of all steps counts, for whatever disturbs makes a step longer;
         beside busy processes the mean stands next to it, for there disturbance is what is measured. A fair share would be 1 + busy /
         processors times the time alone. --alone: what the programs that run alone are started with, so that on a machine that others use
         nothing else gets a processor then; those beside busy processes are not.
shapes   ResNet-8 to 110 at batch 128, and ResNet-32 at batches of 32 to 512: the least processor time of a step, and of an image in it.
run      300 steps one after the other, and from them the time of 200 epochs of CIFAR-10-LT (97 steps) with an evaluation of 10,000 images
         after each: extrapolated, and said to be so.

On a machine that others use the clock says little: processor time stands beside it, and the load at start and end.
"""
import argparse
import os
import signal
import statistics
import subprocess
import sys
import time

from server import Program

SPE, EPOCHS, TESTED, BATCH = 97, 200, 10000, 128
DEPTHS, BATCHES = (8, 20, 32, 56, 110), (32, 128, 512)


def program(args, math, threads, *more, start=()):
    p = Program(f"saddle {math}", [*start, args.step, "--serve", "--math", math, "--threads", str(threads), *more])
    p.run(args.op)
    return p


def steps(p, args):
    return [p.run(args.op) for _ in range(args.steps)]


def busy_processes(n):
    """Stopped at once; each computes when it is let."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n)]
    for p in busy:
        p.send_signal(signal.SIGSTOP)
    return busy


def in_turn(args, math, busy):
    start = args.alone.split()
    one, many = program(args, math, 1, start=start), program(args, math, args.threads, start=start)
    beside = program(args, math, args.threads) if start else many
    times = {"one": [], "many": [], "busy": []}
    for _ in range(args.rounds):
        times["one"] += steps(one, args)
        times["many"] += steps(many, args)
        for p in busy:
            p.send_signal(signal.SIGCONT)
        time.sleep(0.05)
        times["busy"] += steps(beside, args)
        for p in busy:
            p.send_signal(signal.SIGSTOP)
    for p in {one, many, beside}:
        p.close()
    return times


def threads(args):
    busy = busy_processes(args.busy)
    try:
        for math in args.maths.split(","):
            times = in_turn(args, math, busy)
            least = {name: min(wall for wall, _ in t) for name, t in times.items()}
            cpu = {name: min(c for _, c in t) for name, t in times.items()}
            mean = statistics.mean(wall for wall, _ in times["busy"])
            print(f"{math}: 1 thread {least['one']:.1f} ms (cpu {cpu['one']:.1f}); {args.threads} threads {least['many']:.1f} (cpu {cpu['many']:.1f}), "
                  f"{least['one'] / least['many']:.2f}x; beside {args.busy} busy {least['busy']:.1f}, mean {mean:.1f} (cpu {cpu['busy']:.1f}): "
                  f"{least['busy'] / least['many']:.2f}, mean {mean / least['many']:.2f} of the time alone", flush=True)
    finally:
        for p in busy:
            p.kill()


def shapes(args):
    rows = [(depth, BATCH) for depth in DEPTHS] + [(32, batch) for batch in BATCHES if batch != BATCH]
    print(f"{'network':10} {'batch':>6} " + " ".join(f"{math + ' ms':>12} {'an image':>9}" for math in args.maths.split(",")) + "   (processor time, one thread)")
    for depth, batch in rows:
        line = f"resnet{depth:<4} {batch:6} "
        for math in args.maths.split(","):
            p = program(args, math, 1, "--net", f"resnet{depth}", "--batch", str(batch), "--hvp-images", "8")
            least = min(cpu for _, cpu in steps(p, args))
            p.close()
            line += f" {least:12.1f} {least / batch:9.3f}"
        print(line, flush=True)


def run(args):
    for math in args.maths.split(","):
        p = program(args, math, args.threads)
        taken = [p.run(args.op) for _ in range(300)]
        wall, cpu = (sum(t[i] for t in taken) / 300 for i in range(2))
        evaluated = min(p.run("eval") for _ in range(5))
        p.close()
        whole = [(SPE * EPOCHS * step + EPOCHS * TESTED / BATCH * test) / 60e3 for step, test in ((wall, evaluated[0]), (cpu, evaluated[1]))]
        print(f"{math}, {args.threads} threads: {wall:.0f} ms a step over 300 steps (cpu {cpu:.0f}), {evaluated[0]:.0f} a batch evaluated; {EPOCHS} epochs, "
              f"extrapolated and not run: {whole[0]:.0f} minutes (cpu {whole[1]:.0f})", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--step", required=True)
    parser.add_argument("--what", default="threads,shapes,run")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--busy", type=int, default=2)
    parser.add_argument("--maths", default="fp32,winograd,bf16")
    parser.add_argument("--alone", default="", help="a command that starts the programs that run alone")
    parser.add_argument("--op", default="sam", choices=("sam", "sgd"))
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--steps", type=int, default=3)
    args = parser.parse_args()
    tables = {"threads": threads, "shapes": shapes, "run": run}
    chosen = args.what.split(",")
    for what in chosen:
        if what not in tables:
            parser.error(f"--what {what} is not accepted; threads, shapes, run are")
    print(f"load average at the start: {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")
    for what in chosen:
        print(f"\n{what}, {args.op}")
        tables[what](args)
    print(f"\nload average at the end: {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
