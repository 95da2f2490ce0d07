#!/usr/bin/env python3
"""stage.py - a second stage on real images: what an epoch from banked features takes, and that the loss of what trains is convex.

Trains a network on CIFAR-10-LT (beta 100) for some epochs and gives it a second stage with `--norm frozen --no-augment`, once cRT and once
LWS. Prints the time of the stage's epochs (the first takes the features of all images) and, at its end, both ends of the spectrum of the
largest and the smallest class over what trains: the classifier, or a factor for each of its rows.

    stage.py --saddle BUILD/saddle --root DIR-WITH-CIFAR-10 [--model resnet8] [--epochs 1] [--stage-epochs 5] [--images 500] [--threads 2]

Without --root, $SADDLE_DATA is taken. Exit status 1 when a lambda_min is below -1e-6 lambda_max.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

LIMIT = 1e-6  # of lambda_max: what float32 leaves of a zero


def saddle(options, folder, *words):
    command = [options.saddle, "--sessions", folder, "--log=none", "--no-config", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"stage.py: saddle ended with {done.returncode}: {done.stdout[-500:]}")
    return done.stdout


def first_stage(options, folder):
    saddle(options, folder, "-c", f"data cifar10-lt --beta 100 --root '{options.root}'; set model {options.model}; set opt sgd; set weights none; "
           f"set device cpu; set threads {options.threads}; set epochs {options.epochs}; set hessian_every 0; watch 0 9; train --name first")


def events(options, folder, kind):
    last = options.epochs + options.stage_epochs  # a multiple: the weights of the end are probed
    saddle(options, folder, "-c", f"set hessian_every {last}; set hessian_iters 40; set hessian_images {options.images}; "
           f"stage {kind} --from first --root '{options.root}' --norm frozen --no-augment --epochs {options.stage_epochs} --name {kind}")
    return [json.loads(line) for line in saddle(options, folder, "cat", kind).splitlines() if line.startswith("{")]


def show(options, kind, recorded):
    stage = next(e for e in recorded if e["k"] == "stage" and e["name"] == kind)
    ms = {e["s"]: e["ms"] for e in recorded if e["k"] == "step" and e["s"] >= stage["s"]}
    epochs = [sum(ms[s] for s in range(first, first + stage["steps"])) for first in range(stage["s"], stage["s"] + len(ms), stage["steps"])]
    spectra = [e for e in recorded if e["k"] == "eig" and e["of"] >= stage["s"]]
    print(f"\n{kind}: {stage['trains']} trains; epochs of {stage['steps']} steps: with the features {epochs[0]:.0f} ms, then "
          f"{min(epochs[1:]):.1f} to {max(epochs[1:]):.1f} ms")
    print(f"  {'class':>5} {'images':>7} {'lambda_min':>12} {'lambda_max':>11} {'ratio':>10}")
    for e in spectra:
        print(f"  {e['class']:5} {e['images']:7} {e['lmin']:12.3g} {e['lmax']:11.4g} {e['lmin'] / e['lmax']:10.2g}")
    concave = [e["class"] for e in spectra if e["lmin"] < -LIMIT * e["lmax"]]
    if concave or not spectra:
        print(f"stage.py: {kind}: not convex in classes {concave}" if spectra else f"stage.py: {kind}: no spectrum at its end")
    return not spectra or bool(concave)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--saddle", required=True)
    parser.add_argument("--root", default=os.environ.get("SADDLE_DATA"))
    parser.add_argument("--model", default="resnet8")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--stage-epochs", type=int, default=5)
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args()
    if not options.root:
        print("stage.py: no CIFAR-10 (--root, or $SADDLE_DATA)")
        return
    print(f"load average: {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        first_stage(options, folder)
        failed = [kind for kind in ("crt", "lws") if show(options, kind, events(options, folder, kind))]
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
