#!/usr/bin/env python3
"""compare.py - saddle's cpu back end against PyTorch on the same machine in the same run.

Trains one batch of 128 with ResNet-32 (option A) again and again: one SGD step, one SAM step, one evaluation, and the
Hessian-vector product of 500 images (batches of 128, inference-mode batch norm), in turn with tests/bench/step. For the product
PyHessian's own hessian class (PyPI: pyhessian; its dataloader_hv_product, batches of 128, fp32) takes part where it is installed,
and the peak memory of each process is printed: PyHessian then runs in a process of its own. saddle appears with every batch
prepared again as PyHessian does it, and as a probe does it, which keeps the passes of all images between products. Unless --no-compile is given the product is also that
of torch.func, forward over reverse, compiled, whose values are first held against double backward. Every round runs every variant once, so that a busy machine disturbs all alike. Prints minima and medians of wall time, the
minimum of processor time (all threads; the figure to trust on a busy machine with --threads 1), and ratios.

    compare.py --step BUILD/tests/bench/step [--rounds 9] [--threads 2] [--isa avx512] [--json FILE] [--no-compile]
    compare.py ... --net resnet18 --side 32 --batch 64 --hvp-images 64        a network of torchvision's, which must be installed too

Needs torch for the comparison; without it only saddle's own times are printed. $PYTHON chooses the interpreter for
`make bench`.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

from server import Program

try:
    import torch
    import torch.nn.functional as F

    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
    from peer import ResNet
except ImportError:
    torch = None
try:
    import pyhessian
except ImportError:
    pyhessian = None

BATCH, HVP_IMAGES, HVP_BATCH, SIDE, NET = 128, 500, 128, 32, "resnet32"
OURS_ALONE = {"crt": ", an epoch of the classifier on 12406 banked features", "lws": ", an epoch of its rows' scales on 12406 banked features"}


def network():
    torch.manual_seed(0)
    if NET == "resnet32":
        return ResNet(32, 10)
    import torchvision.models

    return getattr(torchvision.models, {"resnext50": "resnext50_32x4d"}.get(NET, NET))(num_classes=10)


class Peer:
    """One PyTorch variant: its own network, optimiser and batch."""

    def __init__(self, name, channels_last=False, compiled=False, bf16=False):
        self.name, self.bf16 = name, bf16
        layout = torch.channels_last if channels_last else torch.contiguous_format
        self.net = network().to(memory_format=layout)
        self.forward = torch.compile(self.net) if compiled else self.net
        self.images = torch.randn(max(BATCH, HVP_IMAGES), 3, SIDE, SIDE).to(memory_format=layout)
        self.labels = torch.randint(0, 10, (max(BATCH, HVP_IMAGES),))
        self.opt = torch.optim.SGD(self.net.parameters(), lr=1e-3, momentum=0.9, weight_decay=2e-4)
        self.vectors = None

    def gradient(self):
        self.opt.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            loss = F.cross_entropy(self.forward(self.images[:BATCH]), self.labels[:BATCH])
        loss.backward()

    def sgd(self):
        self.net.train()
        self.gradient()
        self.opt.step()

    @torch.no_grad() if torch else lambda f: f
    def climb(self):
        grads = [p.grad for p in self.net.parameters()]
        norm = torch.stack([g.norm(2) for g in grads]).norm(2)
        kept = [p.clone() for p in self.net.parameters()]
        for p, g in zip(self.net.parameters(), grads):
            p.add_(g * (0.05 / (norm + 1e-12)))
        return kept

    @torch.no_grad() if torch else lambda f: f
    def restore(self, kept):
        for p, old in zip(self.net.parameters(), kept):
            p.copy_(old)

    def sam(self):
        self.net.train()
        self.gradient()
        kept = self.climb()
        self.gradient()
        self.restore(kept)
        self.opt.step()

    def eval(self):
        self.net.eval()
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            self.forward(self.images[:BATCH])

    def hvp_full(self):
        """PyHessian's way: double backward batch by batch, nothing kept between products."""
        self.net.eval()
        params = list(self.net.parameters())
        self.vectors = self.vectors or [torch.randn_like(p) for p in params]
        total = [torch.zeros_like(p) for p in params]
        for i in range(0, HVP_IMAGES, HVP_BATCH):
            x, y = self.images[i:i + HVP_BATCH], self.labels[i:i + HVP_BATCH]
            grads = torch.autograd.grad(F.cross_entropy(self.net(x), y), params, create_graph=True)
            hv = torch.autograd.grad(grads, params, grad_outputs=self.vectors)
            total = [t + h * x.size(0) / HVP_IMAGES for t, h in zip(total, hv)]
        return total

    def run(self, op):
        wall, cpu = time.perf_counter(), time.process_time()
        getattr(self, op)()
        return (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3


class CompiledProduct(Peer):
    """The fastest product that PyTorch has: forward over reverse (torch.func), compiled. Checked against double backward before it is timed."""

    def __init__(self, name):
        super().__init__(name)
        self.net.eval()
        params = dict(self.net.named_parameters())

        def loss(p, x, y):
            return F.cross_entropy(torch.func.functional_call(self.net, p, (x,)), y)

        def product(p, v, x, y):
            return torch.func.jvp(lambda q: torch.func.grad(loss)(q, x, y), (p,), (v,))[1]

        self.names, self.params = list(params), {k: p.detach() for k, p in params.items()}
        self.product = torch.compile(product)
        truth = torch.cat([t.flatten() for t in super().hvp_full()])
        wrong = float((torch.cat([t.flatten() for t in self.hvp_full()]) - truth).norm() / truth.norm())
        if not wrong < 1e-3:
            raise ValueError(f"the compiled product is off by {wrong:.1e}")

    def hvp_full(self):
        v = dict(zip(self.names, self.vectors))
        total = [torch.zeros_like(p) for p in self.vectors]
        for i in range(0, HVP_IMAGES, HVP_BATCH):
            x, y = self.images[i:i + HVP_BATCH], self.labels[i:i + HVP_BATCH]
            hv = self.product(self.params, v, x, y)
            total = [t + hv[k] * x.size(0) / HVP_IMAGES for t, k in zip(total, self.names)]
        return total


def serve_pyhessian(threads):
    """One process of its own, so that its peak memory is its own: one product for every line read."""
    torch.set_num_threads(threads)
    peer = Peer("pyhessian")
    data = [(peer.images[i:i + HVP_BATCH], peer.labels[i:i + HVP_BATCH]) for i in range(0, HVP_IMAGES, HVP_BATCH)]
    hessian = pyhessian.hessian(peer.net, torch.nn.CrossEntropyLoss(), dataloader=data, cuda=False)
    v = [torch.randn_like(p) for p in hessian.params]
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        hessian.dataloader_hv_product(v)
        print((time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3, flush=True)


def start_pyhessian(threads):
    if torch is None or pyhessian is None:
        print("no " + ("torch" if torch is None else "pyhessian") + " in this Python: no row for PyHessian")
        return None
    return Program("PyHessian fp32", [sys.executable, os.path.abspath(__file__), "--serve-pyhessian", "--threads", str(threads)] + chosen())


class Kept(Program):
    """saddle as inside a probe: the forward and backward pass of all images is kept between products."""

    def __init__(self, name, op, args):
        super().__init__(name, args)
        self.op = op
        super().run("prepare")

    def run(self, op):
        return super().run(self.op)


def products(ours, maths, eager, step, threads, n):
    """The Hessian-vector product; PyHessian and saddle each in processes of their own, whose peak memory is printed."""
    theirs = start_pyhessian(threads)
    blocks = {1: Kept("saddle fp32, passes kept", "hvp", step)}
    for k in (2, 4):
        blocks[k] = Kept(f"saddle fp32, kept, {k} at a time", f"hvp{k}", step)
    fewer = [Kept(f"{p.name}, passes kept", "hvp", step + ["--math", "winograd"]) for p in maths if p.name == "saddle winograd"]
    programs = [ours] + list(blocks.values()) + fewer + ([theirs] if theirs else [])
    times = rounds([programs[0], programs[1]] + fewer + ([theirs] if theirs else []) + list(blocks.values())[1:] + eager, "hvp_full", n)
    for k, program in blocks.items():  # per direction
        times[program.name] = [(wall / k, cpu / k) for wall, cpu in times[program.name]]
    show("hvp_full", times)
    print("  'at a time': milliseconds per direction. PyHessian and 'saddle fp32' keep nothing between products: both prepare every\n"
          "  batch again. 'passes kept' is what a product of a probe costs, where saddle prepares once for all products.")
    for program in programs:
        peak = program.peak_mib()
        print(f"  {program.name}: peak memory " + (f"{peak:.0f} MiB" if peak else "unknown here"))
    for program in programs[:-1] if theirs else []:
        ratio = [b / a for a, b in zip(figures(times[program.name]), figures(times[theirs.name]))]
        print(f"  {program.name} against PyHessian: " + "{:.2f}x (minima), {:.2f}x (medians), {:.2f}x (cpu)".format(*ratio))
    for program in programs[1:]:
        program.close()
    return times


def peers(use_compile):
    if torch is None:
        return [], []
    eager = [Peer("torch eager fp32 nchw"), Peer("torch eager fp32 channels_last", channels_last=True)]
    more = [Peer("torch bf16 autocast channels_last", channels_last=True, bf16=True)]
    for name, how in (("torch.compile fp32", {}), ("torch.compile fp32 channels_last", {"channels_last": True}), ("torch.compile bf16 channels_last", {"channels_last": True, "bf16": True})):
        if not use_compile:
            break
        try:
            compiled = Peer(name, compiled=True, **how)
            compiled.run("sgd")
            compiled.run("eval")
            more.append(compiled)
        except Exception as error:  # any failure of the compiler is only a missing row, and is said
            print(f"{name} does not work here: {type(error).__name__}: {str(error).splitlines()[0][:100]}")
    return eager, more


def other_maths(step):
    """saddle in the maths beside fp32 that this machine has, bf16's evaluations too; of each that it lacks the reason is said."""
    programs = []
    for math, more in (("winograd", []), ("bf16", ["--eval-math", "bf16"])):
        args = step + ["--math", math] + more
        tried = subprocess.run(args, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if tried.returncode == 0:
            programs.append(Program(f"saddle {math}", args))
        else:
            print(f"no row for math {math}: {tried.stderr.strip()}")
    return programs


def compiled_product(use_compile):
    if torch is None or not use_compile:
        return []
    try:
        return [CompiledProduct("torch.func fp32, compiled")]
    except Exception as error:
        print(f"no compiled product: {type(error).__name__}: {str(error).splitlines()[0][:100]}")
        return []


def rounds(runners, op, n):
    times = {r.name: [] for r in runners}
    for i in range(n + 1):  # the first round warms up
        for r in runners:
            wall_cpu = r.run(op)
            if i:
                times[r.name].append(wall_cpu)
    return times


def figures(times):
    """Minimum and median of wall time, minimum of processor time; milliseconds."""
    wall = [t[0] for t in times]
    return min(wall), statistics.median(wall), min(t[1] for t in times)


def show(op, times):
    ours = figures(times["saddle fp32"])
    print(f"\n{op}" + (f", {HVP_IMAGES} images" if op == "hvp_full" else OURS_ALONE.get(op, f", batch {BATCH}")))
    print(f"  {'':36} {'min ms':>9} {'median':>9} {'cpu min':>9}   saddle is faster by (min, median, cpu)")
    best = None
    for name, t in times.items():
        f = figures(t)
        ratio = [a / b for a, b in zip(f, ours)]
        text = "" if name.startswith("saddle") else " ".join(f"{r:6.2f}x" for r in ratio)
        print(f"  {name:36} {f[0]:9.1f} {f[1]:9.1f} {f[2]:9.1f}   {text}")
        if "eager" in name:
            best = ratio if best is None else [min(a, b) for a, b in zip(best, ratio)]
    theirs = {name: figures(t) for name, t in times.items() if not name.startswith("saddle")}
    for name in times:
        if theirs and name.startswith("saddle ") and name != "saddle fp32":
            ratio = [min(f[i] for f in theirs.values()) / figures(times[name])[i] for i in range(3)]
            print(f"  {name} against the best of PyTorch in any precision: " + "{:.2f}x (minima), {:.2f}x (medians), {:.2f}x (cpu)".format(*ratio))
            exact = [min(f[i] for n, f in theirs.items() if "bf16" not in n) / figures(times[name])[i] for i in range(3)]
            print(f"  {name} against the best fp32 of PyTorch: " + "{:.2f}x (minima), {:.2f}x (medians), {:.2f}x (cpu)".format(*exact))
    if best:
        print("  against the best eager fp32: {:.2f}x (minima), {:.2f}x (medians), {:.2f}x (cpu)".format(*best))
    sys.stdout.flush()


def choose(args):
    global BATCH, HVP_IMAGES, HVP_BATCH, SIDE, NET
    BATCH, HVP_IMAGES, HVP_BATCH, SIDE, NET = args.batch, args.hvp_images, args.batch, args.side, args.net


def chosen():
    return ["--net", NET, "--side", str(SIDE), "--batch", str(BATCH), "--hvp-images", str(HVP_IMAGES)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--step")
    parser.add_argument("--serve-pyhessian", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--isa")
    parser.add_argument("--ops", default="sgd,sam,eval,crt,lws,hvp_full", help="which, separated by commas")
    parser.add_argument("--json")
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out (it takes minutes to warm up)")
    parser.add_argument("--no-eager", action="store_true", help="leave plain double backward out of hvp_full")
    parser.add_argument("--net", default=NET, help="resnet32, or one of torchvision's: resnet18, resnet50 ...")
    parser.add_argument("--side", type=int, default=SIDE)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--hvp-images", type=int, default=HVP_IMAGES)
    args = parser.parse_args()
    choose(args)
    if args.serve_pyhessian:
        serve_pyhessian(args.threads)
        return
    if not args.step:
        parser.error("--step is needed")
    print(f"load average at the start: {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")
    if torch is None:
        print("no torch in this Python: only saddle's times, no ratios")
    else:
        torch.set_num_threads(args.threads)
        print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, {args.threads} threads")
    step = [args.step, "--serve", "--threads", str(args.threads)] + chosen() + (["--isa", args.isa] if args.isa else [])
    ours = Program("saddle fp32", step)
    maths = other_maths(step)
    eager, more = peers(not args.no_compile)
    result = {}
    for op in args.ops.split(","):
        if op == "hvp_full":  # takes seconds
            theirs = ([] if args.no_eager else eager) + compiled_product(not args.no_compile)
            result[op] = products(ours, maths, theirs, step, args.threads, max(2, args.rounds // 4))
            continue
        others = maths if op in ("sgd", "sam") else [p for p in maths if p.name == "saddle bf16"] if op == "eval" else []
        result[op] = rounds([ours] if op in OURS_ALONE else [ours] + others + eager + more, op, args.rounds)
        show(op, result[op])
    for program in [ours] + maths:
        program.close()
    print(f"\nload average at the end: {os.getloadavg()[0]:.2f}")
    if args.json:
        with open(args.json, "w") as f:
            json.dump(result, f, indent=1)


if __name__ == "__main__":
    main()
