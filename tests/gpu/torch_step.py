#!/usr/bin/env python3
"""torch_step.py [--device cpu --rounds N --images N]: the time of an SGD step and a SAM step of ResNet-32 (option A), batch
128, and of an evaluation, in PyTorch on the same GPU with the batch already there: eager, float32 and bf16 autocast; a
Hessian-vector product of 500 images by double backward, and 30 of them for each of ten classes (a Lanczos run without its
vectors' arithmetic); then compiled, which takes minutes and so comes last. Prints each line when it is known; exits 77 where
there is no torch or no GPU. The partner of `tests/bench/step --backend cuda`, `tests/gpu/probe train cuda` and
`tests/gpu/spectra.sh`. Elsewhere than on a GPU the figures mean nothing; it only shows that the script works."""
import argparse
import contextlib
import pathlib
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    print("skipped: this Python has no torch")
    sys.exit(77)
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
from peer import ResNet


parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--rounds", type=int, default=30)
parser.add_argument("--images", type=int, default=500)
options = parser.parse_args()
on_gpu = options.device == "cuda"


def wait():
    if on_gpu:
        torch.cuda.synchronize()


def median_ms(step, rounds=options.rounds):
    for _ in range(min(10, rounds)):
        step()
    times = []
    for _ in range(rounds):
        wait()
        start = time.perf_counter()
        step()
        wait()
        times.append((time.perf_counter() - start) * 1e3)
    return sorted(times)[rounds // 2]


def batch(n, channels_last):
    x, y = torch.randn(n, 3, 32, 32, device=options.device), torch.arange(n, device=options.device) % 10
    return (x.to(memory_format=torch.channels_last) if channels_last else x), y


def network(channels_last, compiled):
    torch.manual_seed(1)
    model = ResNet(32, 10).to(options.device).train()
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    return model, torch.compile(model, mode="reduce-overhead") if compiled else model


def measure(channels_last, compiled, bf16):
    model, forward = network(channels_last, compiled)
    x, y = batch(128, channels_last)
    params = list(model.parameters())
    optimizer = torch.optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=2e-4)

    def gradient():
        optimizer.zero_grad(set_to_none=not compiled)
        with torch.autocast(options.device, torch.bfloat16) if bf16 else contextlib.nullcontext():
            loss = F.cross_entropy(forward(x), y)
        loss.backward()

    def sgd():
        gradient()
        optimizer.step()

    def sam():
        gradient()
        with torch.no_grad():
            grads = [p.grad for p in params]
            scale = 0.1 / (torch.norm(torch.stack(torch._foreach_norm(grads))) + 1e-12)
            old = torch._foreach_add(params, 0.0)
            torch._foreach_add_(params, torch._foreach_mul(grads, scale))
        gradient()
        with torch.no_grad():
            torch._foreach_copy_(params, old)
        optimizer.step()

    def evaluate():
        with torch.no_grad():
            forward(x)

    steps = median_ms(sgd), median_ms(sam)
    model.eval()
    return (*steps, median_ms(evaluate))


def measure_products(channels_last):
    model, _ = network(channels_last, False)
    model.eval()
    x, y = batch(options.images, channels_last)
    params = list(model.parameters())
    v = [torch.randn_like(p) for p in params]
    grads = torch.autograd.grad(F.cross_entropy(model(x), y), params, create_graph=True)

    def product():
        return torch.autograd.grad(grads, params, grad_outputs=v, retain_graph=True)

    one = median_ms(product, max(options.rounds // 3, 1))
    return one, one * 30 * 10 / 1e3


def measure_variant(name, channels_last, compiled, bf16):
    try:
        sgd, sam, evaluate = measure(channels_last, compiled, bf16)
        print(f"torch {torch.__version__} {name}: sgd {sgd:.2f} ms, sam {sam:.2f} ms, eval {evaluate:.2f} ms", flush=True)
    except Exception as problem:  # a variant that this installation cannot run says so and the next one goes on
        text = (str(problem).splitlines() or [""])[0]
        print(f"torch {torch.__version__} {name}: {type(problem).__name__}: {text}", flush=True)


def main():
    if on_gpu and not torch.cuda.is_available():
        print("skipped: torch sees no GPU")
        sys.exit(77)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    measure_variant("fp32 eager", False, False, False)
    measure_variant("fp32 eager channels_last", True, False, False)
    measure_variant("bf16 eager channels_last", True, False, True)
    one, ten = measure_products(False)
    print(f"torch fp32 eager: product of {options.images} images {one:.2f} ms; 30 for each of ten classes {ten:.1f} s", flush=True)
    if on_gpu:
        a = torch.randn(8192, 8192, device="cuda")
        ms = median_ms(lambda: a @ a, 10)
        b = a.bfloat16()
        fast = median_ms(lambda: b @ b, 10)
        print(f"matmul fp32 {2 * 8192**3 / ms / 1e9:.1f} TFLOP/s, bf16 {2 * 8192**3 / fast / 1e9:.0f} TFLOP/s", flush=True)
    measure_variant("bf16 compiled channels_last", True, True, True)
    measure_variant("fp32 compiled", False, True, False)


main()
