#!/usr/bin/env python3
"""agree.py - does a short real training in saddle agree with PyTorch?

Trains CIFAR-10-LT (beta 100) twice from the same initial weights, without augmentation, with the same batch order:
once with saddle, once with the few lines of PyTorch below, which share no code with saddle: the network, SAM, the
choice of kept images (numpy's RandomState) and the batch order (Philox) are written out again from the definitions.
Prints the largest relative difference of the step losses over the first 100 steps and fails above 1 %.

    python3 tests/reference/agree.py --saddle build/saddle --root DIR-WITH-CIFAR-10 [--epochs 3] [--opt sam --rho 0.05]

Needs torch, numpy and safetensors from PyPI; not part of `make check`.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file


# --- the network: CIFAR ResNet, option-A shortcuts ---------------------------------------------------------------
class Block(torch.nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(cout)
        self.conv2 = torch.nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(cout)
        self.pad = (cout - cin) // 2 if cin != cout else 0

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.pad:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.pad, self.pad))
        return F.relu(y + x)


class ResNet(torch.nn.Module):
    def __init__(self, depth, classes):
        super().__init__()
        n = (depth - 2) // 6
        self.conv1 = torch.nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(16)
        cin = 16
        for i, width in enumerate((16, 32, 64)):
            blocks = [Block(cin if b == 0 else width, width, 2 if i and b == 0 else 1) for b in range(n)]
            setattr(self, f"layer{i + 1}", torch.nn.Sequential(*blocks))
            cin = width
        self.linear = torch.nn.Linear(64, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


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
    mean, std = np.array([0.4914, 0.4822, 0.4465]), np.array([0.2023, 0.1994, 0.2010])
    images = records[kept, 1:].reshape(-1, 3, 32, 32) / 255.0
    images = (images - mean[:, None, None]) / std[:, None, None]
    return torch.tensor(images, dtype=torch.float32), torch.tensor(labels[kept])


def perturb(parameters, rho):
    """SAM's ascent: returns the saved weights."""
    norm = torch.norm(torch.stack([p.grad.norm() for p in parameters]))
    saved = [p.detach().clone() for p in parameters]
    with torch.no_grad():
        for p in parameters:
            p.add_(p.grad * (rho / (norm + 1e-12)))
    return saved


def train(model, images, labels, options):
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9, weight_decay=2e-4)
    parameters, losses = list(model.parameters()), []
    model.train()
    for epoch in range(options.epochs):
        for group in optimizer.param_groups:
            group["lr"] = 0.1 * min(1.0, (epoch + 1) / 5)
        order = permutation(len(labels), options.seed, epoch)
        for start in range(0, len(order), 128):
            pick = order[start : start + 128]
            x, y = images[pick], labels[pick]
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            losses.append(loss.item())
            if options.opt == "sam":
                saved = perturb(parameters, options.rho)
                optimizer.zero_grad()
                F.cross_entropy(model(x), y).backward()
                with torch.no_grad():
                    for p, w in zip(parameters, saved):
                        p.copy_(w)
            optimizer.step()
        print(f"pytorch: epoch {epoch + 1} mean loss {np.mean(losses[-(len(labels) + 127) // 128:]):.4f}", flush=True)
    return losses


def run_saddle(options, folder):
    script = (
        f"data cifar10-lt --beta 100 --root {options.root}; set model resnet{options.depth}; set seed {options.seed}; "
        f"set augment off; set opt {options.opt}; set rho {options.rho}; set weights none; set eval_every 0; set device {options.device}; "
        f"save weights {folder}/initial.safetensors; train --epochs {options.epochs} --name agree"
    )
    saddle = [options.saddle, "--sessions", str(folder), "--log=none"]
    subprocess.run(saddle + ["--no-config", "-c", script], check=True)
    text = subprocess.run(saddle + ["cat", "agree"], check=True, capture_output=True, text=True).stdout
    events = [json.loads(line) for line in text.splitlines()]
    return [float(e["loss"]) for e in events if e["k"] == "step"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saddle", default=os.environ.get("SADDLE", "build/saddle"))
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--depth", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--opt", choices=("sgd", "sam"), default="sgd")
    parser.add_argument("--rho", type=float, default=0.05)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours = run_saddle(options, pathlib.Path(folder))
        weights = load_file(f"{folder}/initial.safetensors")
    model = ResNet(options.depth, 10)
    model.load_state_dict(weights)
    images, labels = long_tailed(options.root, 100)
    theirs = train(model, images, labels, options)
    if len(ours) != len(theirs):
        sys.exit(f"saddle took {len(ours)} steps, PyTorch {len(theirs)}")
    difference = [abs(a - b) / abs(b) for a, b in zip(ours, theirs)]
    for first, last in ((1, 10), (1, 50), (1, 100), (101, len(ours))):
        part = difference[first - 1 : last]
        if part:
            print(f"steps {first}..{last}: largest relative difference {max(part):.2e}, median {np.median(part):.2e}")
    worst = max(difference[:100])
    print(f"{options.opt} resnet{options.depth}: {'agrees' if worst <= 0.01 else 'DISAGREES'} (bound 1e-2 over the first 100 steps)")
    sys.exit(0 if worst <= 0.01 else 1)


if __name__ == "__main__":
    main()
