#!/usr/bin/env python3
"""agree.py - does a real training in saddle agree with PyTorch?

Trains CIFAR-10-LT (beta 100) from the same initial weights, without augmentation, with the same batch order, once with
saddle and once with PyTorch, sharing no code: the network, SGD and SAM, the choice of kept images (numpy's RandomState) and
the batch order (Philox) are written out again from the definitions.

    python3 tests/reference/agree.py --saddle build/saddle --root DIR-WITH-CIFAR-10 [--steps 100] [--opt sam] [--device reference]

--device reference  against PyTorch in float64 that rounds to float32 what saddle keeps as float32: the losses must agree
                    within 1 %.
--device cpu        PyTorch's float32 does not agree with itself within 1 % over 100 steps: a few ReLUs land on the other side in another
                    memory layout, and training amplifies it. So three float32 runs, saddle's and PyTorch's in two layouts,
                    are compared with PyTorch in float64; saddle's may be no further from it than twice the worse of PyTorch's.

Needs torch, numpy and safetensors from PyPI; not part of `make check`.
"""
import argparse
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from safetensors.torch import load_file

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from peer import ResNet, Steps, f32, make_loss  # noqa: E402


# --- the batch order: Philox 4x32-10 and Fisher-Yates, as saddle's documentation defines them ---------------------
def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def words(seed, purpose, epoch, index):
    block = 0
    while True:
        yield from philox((block, index, epoch, purpose), (seed & 0xFFFFFFFF, seed >> 32))
        block += 1


def permutation(n, seed, epoch):
    draw, order = words(seed, 2, epoch, 0), list(range(n))
    for i in range(n, 1, -1):
        product = next(draw) * i
        if product & 0xFFFFFFFF < i:
            reject = ((1 << 32) - i) % i
            while product & 0xFFFFFFFF < reject:
                product = next(draw) * i
        j = product >> 32
        order[i - 1], order[j] = order[j], order[i - 1]
    return order


# --- the data: CIFAR-10's binary files, long-tailed ----------------------------------------------------------------
def long_tailed(root, beta):
    records = np.concatenate([np.fromfile(root / f"data_batch_{i}.bin", np.uint8) for i in range(1, 6)]).reshape(-1, 3073)
    labels = records[:, 0].astype(np.int64)
    rng, kept = np.random.RandomState(0), []
    for c in range(10):
        where = np.where(labels == c)[0]
        rng.shuffle(where)
        kept.append(where[: int(5000 * (1 / beta) ** (c / 9.0))])
    kept = np.concatenate(kept)
    mean, std = (np.float32(x)[:, None, None] for x in ([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]))
    images = records[kept, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / np.float32(255)  # in float32, as torchvision has it
    return torch.from_numpy((images - mean) / std), torch.from_numpy(labels[kept])


# --- the runs -------------------------------------------------------------------------------------------------------
def batches(n, options):
    """Epoch and images of each step."""
    epoch = 0
    while True:
        order = permutation(n, options.seed, epoch)
        for start in range(0, n, 128):
            yield epoch, order[start : start + 128]
        epoch += 1


def train(name, model, images, labels, options, dtype, layout=torch.contiguous_format, store=lambda x: np.asarray(x, np.float64)):
    """Losses of the steps."""
    model = copy.deepcopy(model).to(dtype).to(memory_format=layout)
    steps = Steps(model, make_loss("ce", [1] * 10, None), options.opt, store, 0.9, 2e-4, options.rho)
    losses = []
    for (epoch, pick), _ in zip(batches(len(labels), options), range(options.steps)):
        x = images[pick].to(dtype).contiguous(memory_format=layout)
        losses.append(steps.step(x, labels[pick], 0.1 * min(1.0, (epoch + 1) / 5))[0])
    print(f"{name}: {len(losses)} steps, last loss {losses[-1]:.4f}", flush=True)
    return losses


def run_saddle(options, folder):
    script = (
        f"data cifar10-lt --beta 100 --root {options.root}; set model resnet{options.depth}; set seed {options.seed}; "
        f"set augment off; set opt {options.opt}; set rho {options.rho}; set weights none; set eval_every 0; set hessian_every 0; "
        f"set device {options.device}; save weights {folder}/initial.safetensors; train --steps {options.steps} --name agree"
    )
    saddle = [options.saddle, "--sessions", str(folder), "--log=none"]
    subprocess.run(saddle + ["--no-config", "-c", script], check=True)
    text = subprocess.run(saddle + ["cat", "agree"], check=True, capture_output=True, text=True).stdout
    events = [json.loads(line) for line in text.splitlines()]
    return [float(e["loss"]) for e in events if e["k"] == "step"]


def differences(name, losses, exact):
    off = [abs(a - b) / abs(b) for a, b in zip(losses, exact)]
    for last in sorted({10, 20, 50, 100, len(off)}):
        if last <= len(off):
            print(f"  {name:28s} steps 1..{last}: largest relative difference {max(off[:last]):.1e}, median {np.median(off[:last]):.1e}")
    return max(off[:100])


def compare(options, ours, model, images, labels):
    """Prints the table; 0 when saddle agrees."""
    if options.device == "reference":
        exact = train("PyTorch float64, rounded", model, images, labels, options, torch.float64, store=f32)
        worst, bound = differences("saddle reference", ours, exact), 0.01
    else:
        exact = train("PyTorch float64", model, images, labels, options, torch.float64)
        theirs = [differences(f"PyTorch float32 {n}", train(n, model, images, labels, options, torch.float32, layout, f32), exact)
                  for n, layout in (("nchw", torch.contiguous_format), ("channels_last", torch.channels_last))]
        worst, bound = differences(f"saddle {options.device}", ours, exact), 2 * max(theirs)
    agrees = worst <= bound
    print(f"{options.opt} resnet{options.depth}: {'agrees' if agrees else 'DISAGREES'}: {worst:.1e} of {bound:.1e} over the first "
          f"{min(100, len(ours))} steps")
    return 0 if agrees else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saddle", default=os.environ.get("SADDLE", "build/saddle"))
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--depth", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--opt", choices=("sgd", "sam", "asam"), default="sgd")
    parser.add_argument("--rho", type=float, default=0.05)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours = run_saddle(options, pathlib.Path(folder))
        weights = load_file(f"{folder}/initial.safetensors")
    if len(ours) != options.steps:
        sys.exit(f"saddle took {len(ours)} steps, not {options.steps}")
    model = ResNet(options.depth, 10)
    model.load_state_dict(weights)
    sys.exit(compare(options, ours, model, *long_tailed(options.root, 100)))


if __name__ == "__main__":
    main()
