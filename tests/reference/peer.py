"""peer.py - the paper's networks and losses in PyTorch, written from their definitions; shares no code with saddle.

What the scripts beside it compare saddle with. Needs torch, numpy and safetensors from PyPI; not part of `make check`.
"""
import numpy as np
import torch
import torch.nn.functional as F


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
        if self.pad:  # option A: every second pixel, zeros for the new channels
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.pad, self.pad))
        return F.relu(y + x)


class NormedLinear(torch.nn.Module):
    def __init__(self, features, classes):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.empty(features, classes))

    def forward(self, x):
        return F.normalize(x, dim=1) @ F.normalize(self.weight, dim=0)


class ResNet(torch.nn.Module):
    def __init__(self, depth, classes, norm=False):
        super().__init__()
        n = (depth - 2) // 6
        self.conv1 = torch.nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(16)
        cin = 16
        for i, width in enumerate((16, 32, 64)):
            blocks = [Block(cin if b == 0 else width, width, 2 if i and b == 0 else 1) for b in range(n)]
            setattr(self, f"layer{i + 1}", torch.nn.Sequential(*blocks))
            cin = width
        self.linear = NormedLinear(64, classes) if norm else torch.nn.Linear(64, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


def make_loss(name, counts, weights, vs_gamma=0.05, vs_tau=0.75, max_m=0.5, s=30.0):
    """name as in the reference numbers: ce, focal, vs, ldam, with _drw for class weights. A function of logits and labels."""
    base, _, drw = name.partition("_")
    n = torch.tensor(counts, dtype=torch.float64)
    weight = torch.tensor(weights, dtype=torch.float64) if drw else None
    margin = max_m * (n.min() / n) ** 0.25
    delta, iota = (n.max() / n) ** vs_gamma, vs_tau * torch.log(n / n.sum())

    def loss(x, y):
        w = None if weight is None else weight.to(x.dtype)
        if base == "focal":
            one = F.cross_entropy(x, y, weight=w, reduction="none")
            return ((1 - torch.exp(-one)) * one).mean()
        if base == "ldam":
            x = s * (x - F.one_hot(y, len(counts)).to(x.dtype) * margin.to(x.dtype))
        if base == "vs":
            x = x / delta.to(x.dtype) + iota.to(x.dtype)
        return F.cross_entropy(x, y, weight=w)

    return loss


def f32(x):
    """Rounded to float32, in double: what saddle does to everything it keeps."""
    return np.asarray(x, np.float64).astype(np.float32).astype(np.float64)


def gradient(model, loss, images, labels):
    value = loss(model(images), labels)
    grads = torch.autograd.grad(value, list(model.parameters()))
    return float(value.detach()), {k: g.double().numpy() for (k, _), g in zip(model.named_parameters(), grads)}


class Steps:
    """SGD, SAM or adaptive SAM (methods 4.1, 4.2) on a network in training mode. Passes run in the network's type; weights, momentum
    and ascent are kept in double, put through store() whenever saddle would store them: f32, or nothing at all."""

    def __init__(self, model, loss, kind, store, momentum, decay, rho):
        self.model, self.loss, self.kind, self.store, self.rho = model.train(), loss, kind, store, rho
        self.momentum, self.decay = store(momentum), store(decay)
        self.w = {k: p.detach().double().numpy().copy() for k, p in model.named_parameters()}
        self.buf = {k: np.zeros_like(v) for k, v in self.w.items()}

    def passed(self, at, images, labels):
        dtype = images.dtype
        with torch.no_grad():
            for k, p in self.model.named_parameters():
                p.copy_(torch.from_numpy(np.asarray(at[k])).to(dtype))
        value, g = gradient(self.model, self.loss, images, labels)
        with torch.no_grad():
            for b in self.model.buffers():
                if b.is_floating_point():
                    b.copy_(torch.from_numpy(np.asarray(self.store(b.double().numpy()))).to(dtype))
        return value, {k: self.store(v) for k, v in g.items()}

    def ascended(self, g):
        scaled = {k: np.abs(self.w[k]) * g[k] if self.kind == "asam" else g[k] for k in g}
        norm = np.sqrt(sum((v * v).sum() for v in scaled.values()))
        scale = self.store(self.rho / (norm + 1e-12))
        return {k: self.store(w + (w * w * (scale * g[k]) if self.kind == "asam" else scale * g[k])) for k, w in self.w.items()}

    def step(self, images, labels, lr):
        """One step; its losses at w and at w + e (None for SGD)."""
        value, g = self.passed(self.w, images, labels)
        up = None
        if self.kind != "sgd":
            up, g = self.passed(self.ascended(g), images, labels)
        for k, w in self.w.items():
            b = self.momentum * self.buf[k] + (g[k] + self.decay * w)
            self.buf[k], self.w[k] = self.store(b), self.store(w - self.store(lr) * b)
        return value, up


def summary(x):
    """[sum, L2 norm, sum of x_i cos(0.37 i)] in double."""
    x = np.asarray(x, np.float64).ravel()
    return [float(x.sum()), float(np.sqrt((x * x).sum())), float((x * np.cos(0.37 * np.arange(x.size))).sum())]
