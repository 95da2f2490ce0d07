#!/usr/bin/env python3
"""torch_step.py: the time of an SGD step and a SAM step of ResNet-32 (option A), batch 128, exact float32, in PyTorch
on the same GPU with the batch already there. Prints one line per variant; exits 77 where there is no torch or no GPU.
The partner of `tests/bench/step --backend cuda`."""
import sys
import time

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError:
    print("skipped: this Python has no torch")
    sys.exit(77)


class Block(nn.Module):
    def __init__(self, before, planes, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.pad = 0 if before == planes else planes // 4

    def forward(self, x):
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.pad:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.pad, self.pad))
        return F.relu(out + x)


def resnet32():
    layers, before = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
    for planes in (16, 32, 64):
        for i in range(5):
            layers.append(Block(before, planes, 2 if i == 0 and planes > 16 else 1))
            before = planes
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def median_ms(step, rounds=30):
    for _ in range(10):
        step()
    times = []
    for _ in range(rounds):
        torch.cuda.synchronize()
        start = time.perf_counter()
        step()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) * 1e3)
    return sorted(times)[rounds // 2]


def measure(channels_last, compiled):
    torch.manual_seed(1)
    model = resnet32().cuda().train()
    x, y = torch.randn(128, 3, 32, 32, device="cuda"), torch.arange(128, device="cuda") % 10
    if channels_last:
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    forward = torch.compile(model, mode="reduce-overhead") if compiled else model
    params = list(model.parameters())
    optimizer = torch.optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=2e-4)

    def gradient():
        optimizer.zero_grad(set_to_none=not compiled)
        F.cross_entropy(forward(x), y).backward()

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

    return median_ms(sgd), median_ms(sam)


def main():
    if not torch.cuda.is_available():
        print("skipped: torch sees no GPU")
        sys.exit(77)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    for name, last, compiled in (("eager", False, False), ("eager channels_last", True, False), ("compiled", False, True)):
        try:
            sgd, sam = measure(last, compiled)
            print(f"torch {torch.__version__} fp32 {name}: sgd {sgd:.2f} ms, sam {sam:.2f} ms", flush=True)
        except Exception as problem:  # a variant that this installation cannot run says so and the next one goes on
            print(f"torch {torch.__version__} fp32 {name}: {type(problem).__name__}: {str(problem).splitlines()[0]}", flush=True)
    a = torch.randn(8192, 8192, device="cuda")
    ms = median_ms(lambda: a @ a, 10)
    print(f"matmul fp32 {2 * 8192**3 / ms / 1e9:.1f} TFLOP/s")


main()
