#!/usr/bin/env python3
"""spectra.py - saddle's spectra against PyHessian (PyPI: pyhessian 0.1) on the same weights and images.

Trains ResNet-32 on CIFAR-10-LT (beta 100) for some steps with saddle, writes the weights, and takes the spectrum of a class's
mean cross-entropy (running statistics, images without augmentation) once with saddle and once with PyHessian's own class: its
eigenvalues() (power iteration, its tolerance tightened) and its density() (100 Lanczos steps; its smallest Ritz value is
lambda_min). The network is PyTorch's own (tests/reference/peer.py) and the images are read and chosen again (agree.py), so
nothing but the file of weights is shared.

A density from one random start vector differs from one start to the next. So density() runs twice: from saddle's start vector
(Philox, written out below), which must give saddle's moments again, and from one of torch's own, which tells how far two
densities of PyHessian lie apart. Distances are Wasserstein-1: the area between the two cumulative weights, as a share of
lambda_max - lambda_min. From the same start they do not vanish: PyHessian orthogonalises once, in float32, so its nodes within the bulk
drift; they must stay within half of what another start does.

    spectra.py --saddle BUILD/saddle --root DIR-WITH-CIFAR-10 [--steps 200] [--classes 9,0] [--images 500] [--iters 100]
               [--weights FILE] [--threads 2] [--json FILE]

Without --root, $SADDLE_DATA is taken. Exit status 1 and a line on each disagreement. Needs torch, numpy, safetensors and
pyhessian from PyPI; says what is missing and exits 0 without them, because `make bench` runs it.
"""
import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

HERE = pathlib.Path(os.path.abspath(__file__)).parent
LIMIT_LAMBDA = 1e-3   # of each end, relative to it
LIMIT_MOMENT = 1e-3   # of the second moment, and of the first as a share of the root mean square eigenvalue, from the same start
LIMIT_SHARE = 0.5     # of the distance between two densities of PyHessian
LIMIT_SPREAD = 1e-5   # or of lambda_max - lambda_min, whichever is more

try:
    import numpy as np
    import pyhessian
    import torch
    from safetensors import safe_open
    from safetensors.torch import load_file

    sys.path.insert(0, str(HERE.parent / "reference"))
    warnings.filterwarnings("ignore", "Using backward.. with create_graph")  # PyHessian's way
    from agree import long_tailed
    from peer import ResNet
except ImportError as error:
    print(f"spectra.py: {error.name} is missing in this Python: no comparison with PyHessian")
    sys.exit(0)


# --- saddle ---------------------------------------------------------------------------------------------------------
def saddle(options, folder, script):
    command = [options.saddle, "--sessions", str(folder), "--log=none", "--no-config", "-c", script]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"spectra.py: saddle ended with {done.returncode}: {done.stdout[-500:]}")


def setting(options):
    return (f"data cifar10-lt --beta 100 --root '{options.root}'; set model resnet32; set weights none; set seed {options.seed}; "
            f"set device cpu; set threads {options.threads}; set eval_every 0; set hessian_every 0; ")


def trained(options, folder):
    """A file of weights after some steps of SGD with the paper's learning rate."""
    path = f"{folder}/trained.safetensors"
    saddle(options, folder, setting(options) + f"set lr 0.1; set drw 200; train --paused --no-record; step {options.steps}; "
           f"wait step {options.steps}; save weights '{path}'; stop --yes")
    return path


def ours(options, folder, weights, which):
    """The event of one probe: ends with bounds, nodes and weights of the quadrature, all iterations done."""
    saddle(options, folder, setting(options) + f"load weights '{weights}'; train --paused --name probe{which}; hessian {which} "
           f"--iters {options.iters} --images {options.images} --tol 0; stop --yes")
    text = subprocess.run([options.saddle, "--sessions", str(folder), "cat", f"probe{which}"], check=True, capture_output=True,
                          text=True).stdout
    return next(e for e in map(json.loads, text.splitlines()) if e["k"] == "eig")


def start_vector(n, seed, which):
    """Signs of saddle's first Lanczos vector, 1 for + and 0 for -: Philox 4x32-10 over (block, 0, class, 4), bit by bit."""
    blocks = np.arange((n + 127) // 128, dtype=np.uint64)
    c = [blocks, np.zeros_like(blocks), np.full_like(blocks, which), np.full_like(blocks, 4)]
    k, low = [seed & 0xFFFFFFFF, seed >> 32], np.uint64(0xFFFFFFFF)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(k[0]), p1 & low, (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(k[1]), p0 & low]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    words = np.stack(c, 1).reshape(-1)
    bits = (words[:, None] >> np.arange(32, dtype=np.uint64)) & np.uint64(1)
    return torch.from_numpy(bits.reshape(-1)[:n].astype(np.float32))


# --- PyHessian ------------------------------------------------------------------------------------------------------
def eig(matrix, eigenvectors):
    """torch.eig, which PyHessian 0.1 calls and PyTorch 2 no longer has: the same LAPACK routine under its present name."""
    values, vectors = torch.linalg.eig(matrix)
    return torch.stack((values.real, values.imag), 1), vectors.real


@contextlib.contextmanager
def drawn(signs, order):
    """PyHessian draws 0 or 1 for each parameter with randint_like: these instead, in `order` of the parameters' names."""
    given, original = iter(order), torch.randint_like
    torch.randint_like = lambda p, high, device: signs[next(given)].reshape(p.shape).clone()
    try:
        yield
    finally:
        torch.randint_like = original


class Peer:
    def __init__(self, options, weights, which, images, labels):
        self.net = ResNet(32, 10)
        self.net.load_state_dict(load_file(weights))
        pick = torch.where(labels == which)[0][: options.images]
        self.count, self.options = len(pick), options
        data = [(images[pick[i:i + 128]], labels[pick[i:i + 128]]) for i in range(0, len(pick), 128)]
        self.hessian = pyhessian.hessian(self.net, torch.nn.CrossEntropyLoss(), dataloader=data, cuda=False)
        with torch.no_grad():
            self.loss = sum(torch.nn.functional.cross_entropy(self.net(x), y).item() * len(y) for x, y in data) / len(pick)

    def power(self):
        torch.manual_seed(1)
        return self.hessian.eigenvalues(maxIter=300, tol=1e-6)[0][0]

    def density(self, seed=None, signs=None):
        """Ritz values in ascending order and their weights."""
        names = [name for name, _ in self.net.named_parameters()]
        with drawn(signs, names) if signs else contextlib.nullcontext():
            torch.manual_seed(seed or 0)
            values, weights = self.hessian.density(iter=self.options.iters, n_v=1)
        values, weights = np.array(values[0], np.float64), np.array(weights[0], np.float64)
        order = np.argsort(values)
        return values[order], weights[order]


def by_name(vector, weights):
    """The pieces of a flat vector in the order of the file, which is saddle's, under PyTorch's names."""
    pieces, at = {}, 0
    with safe_open(weights, "pt") as file:
        names = [n for n in file.keys() if "running_" not in n and "num_batches" not in n]
    for name, p in ResNet(32, 10).named_parameters():
        assert name in names, name
        pieces[name] = vector[at:at + p.numel()]
        at += p.numel()
    assert at == len(vector) and len(names) == len(pieces)
    return pieces


# --- what is compared -----------------------------------------------------------------------------------------------
def distance(a, b):
    """Wasserstein-1 of two discrete measures (values, weights)."""
    at = np.concatenate((a[0], b[0]))
    order = np.argsort(at, kind="stable")
    step = np.cumsum(np.concatenate((a[1], -b[1]))[order])
    return float(np.sum(np.abs(step[:-1]) * np.diff(at[order])))


def moments(d):
    return float(d[0] @ d[1]), float(d[0] ** 2 @ d[1])


def off(a, b):
    return abs(a - b) / max(abs(b), 1e-30)


class Table:
    """Rows of two numbers and a bound on how far they may be apart."""

    def __init__(self):
        self.failed, self.rows = [], []

    def row(self, name, mine, theirs, limit, of="relative", apart=None):
        apart = off(mine, theirs) if apart is None else apart
        good = apart <= limit
        self.rows.append([name, mine, theirs, apart, limit])
        print(f"  {name:34s} {mine:14.7g} {theirs:14.7g}   {apart:8.1e} {of} (limit {limit:.0e}) {'' if good else '  DISAGREES'}", flush=True)
        if not good:
            self.failed.append(f"{name}: {mine:.7g} and {theirs:.7g}")


def compare(options, folder, weights, which, images, labels):
    began = time.monotonic()
    mine = ours(options, folder, weights, which)
    took = time.monotonic() - began
    peer, table = Peer(options, weights, which, images, labels), Table()
    if peer.count != mine["images"]:
        sys.exit(f"spectra.py: class {which} has {mine['images']} images in saddle and {peer.count} here")
    density = np.array(mine["nodes"]), np.array(mine["wts"])
    signs = by_name(start_vector(sum(p.numel() for p in peer.net.parameters()), options.seed, which), weights)
    began = time.monotonic()
    same, another, largest = peer.density(signs=signs), peer.density(seed=2), peer.power()
    print(f"\nclass {which}, {peer.count} images, {options.iters} Lanczos steps: saddle {took:.0f} s in all, PyHessian {time.monotonic() - began:.0f} s "
          f"(two densities, power iteration)")
    print(f"  {'':34s} {'saddle':>14s} {'PyHessian':>14s}")
    spread, (first, second), (first_same, second_same) = mine["lmax"] - mine["lmin"], moments(density), moments(same)
    apart, chance = distance(density, same), distance(same, another)
    table.row("mean loss", mine["loss"], peer.loss, 1e-5)
    end = mine["lmax"] if mine["lmax"] >= -mine["lmin"] else mine["lmin"]
    table.row("largest |lambda|, power iteration", end, largest, LIMIT_LAMBDA)
    for name, theirs in (("same start", same), ("another start", another)):
        table.row(f"lambda_max, Lanczos, {name}", mine["lmax"], theirs[0][-1], LIMIT_LAMBDA)
        table.row(f"lambda_min, Lanczos, {name}", mine["lmin"], theirs[0][0], LIMIT_LAMBDA)
    table.row("density: trace / n, same start", first, first_same, LIMIT_MOMENT, "of the rms", abs(first - first_same) / second_same ** 0.5)
    table.row("density: 2nd moment, same start", second, second_same, LIMIT_MOMENT)
    limit = max(LIMIT_SHARE * chance / spread, LIMIT_SPREAD)
    table.row("density: distance, same start", apart, 0, limit, "of the spread", apart / spread)
    print(f"  density: PyHessian with another start: trace / n {moments(another)[0]:.4g}, 2nd moment {moments(another)[1]:.4g}, distance "
          f"{chance / spread:.1e} of the spread from its own with the same start, saddle {distance(density, another) / spread:.1e}")
    print(f"  saddle's own bounds: lambda_min +- {mine['rmin']:.1e}, lambda_max +- {mine['rmax']:.1e}")
    return {"class": which, "images": peer.count, "rows": table.rows, "chance": chance / spread}, [f"class {which}: {f}" for f in table.failed]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saddle", default=os.environ.get("SADDLE", "build/saddle"))
    parser.add_argument("--root", type=pathlib.Path, default=os.environ.get("SADDLE_DATA"))
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--weights", help="a file of `save weights` instead of training")
    parser.add_argument("--classes", default="9")
    parser.add_argument("--images", type=int, default=500, help="at most, of each class")
    parser.add_argument("--iters", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--json")
    options = parser.parse_args()
    if not options.root:
        print("spectra.py: no images: --root or SADDLE_DATA names the folder of CIFAR-10 (binary version): no comparison with PyHessian")
        return 0
    options.root = pathlib.Path(options.root)
    torch.set_num_threads(options.threads)
    torch.eig = eig
    images, labels = long_tailed(options.root, 100)
    results, failed = [], []
    with tempfile.TemporaryDirectory() as folder:
        weights = options.weights or trained(options, folder)
        print(f"ResNet-32 on CIFAR-10-LT beta 100, " + ("weights from a file" if options.weights else f"{options.steps} steps of SGD")
              + f"; PyHessian on torch {torch.__version__}, {options.threads} threads, fp32")
        for which in map(int, options.classes.split(",")):
            result, bad = compare(options, folder, weights, which, images, labels)
            results.append(result)
            failed += bad
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1))
    print(f"\nspectra.py: DISAGREES with PyHessian: {'; '.join(failed)}" if failed else "\nspectra.py: agrees with PyHessian")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
