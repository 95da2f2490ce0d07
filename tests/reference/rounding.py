#!/usr/bin/env python3
"""rounding.py - what rounding to float32 does to the reference numbers, measured with PyTorch. Writes rounding.json.

    python3 tests/reference/rounding.py FIXTURES >tests/reference/rounding.json
    python3 tests/reference/rounding.py FIXTURES maths >new.json     only "maths" anew, of resnet8; the rest as in rounding.json

The reference numbers are float64 throughout. saddle keeps weights, momentum and statistics as float32, and its fast back
ends their activations too. Two things follow, and this script measures both, so that tests can be strict:

  rounded  Three steps each of SGD, SAM and adaptive SAM with float64 passes, where what saddle stores as float32 (gradient,
           weights, w + e, momentum, statistics, coefficients of a loss) is rounded to it and nothing else. A back end with
           double activations must follow these steps exactly, however steep the loss is.
  float32  The largest error of PyTorch's own float32 against float64, in the units of fixtures.c, over two memory layouts
           and four orders of the batch. A pre-activation within a rounding error of zero lands on the other side of a ReLU and the
           gradient jumps; no float32 implementation escapes that, and none may be worse than this times a small factor.
  maths    The largest error against float64 of training passes whose convolutions multiply factors rounded to tf32 or bf16, over four
           orders of the batch and all losses: by math and network, then as "train" and "steps" in float32. With bf16 what a convolution gives, and the gradient of
           it and of its input, are rounded too: they are kept so.

Before anything is written, losses and gradients are compared with the reference numbers in float64 (1e-12).
"""
import copy
import json
import pathlib
import sys

import numpy as np
import torch
from safetensors.torch import load_file

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from peer import ResNet, Steps, f32, gradient, make_loss, summary  # noqa: E402

OPTIMISERS = ("sgd", "sam", "asam")


class Case:
    def __init__(self, folder, expected, name):
        net, self.loss_name = name.split("/")
        self.name, self.expected, self.numbers = name, expected, expected["cases"][name]
        self.model = ResNet(int(net.split("-")[0][len("resnet"):]), 10, net.endswith("-norm"))
        self.model.load_state_dict(load_file(folder / f"{net}.safetensors"), strict=False)
        self.full = load_file(folder / f"{net}.expected.safetensors")
        batch = load_file(folder / "batch.safetensors")
        self.images, self.labels = batch["images"], batch["labels"]
        self.loss = make_loss(self.loss_name, expected["counts"], expected["drw_weights"])
        self.rounded_loss = rounded_loss(self.loss_name, expected["counts"], expected["drw_weights"])

    def variant(self, dtype, layout="nchw", order=0):
        """A copy of the network and the batch in this type, layout and order."""
        model = copy.deepcopy(self.model).to(dtype)
        pick = torch.randperm(len(self.labels), generator=torch.Generator().manual_seed(order)) if order else slice(None)
        images, labels = self.images[pick].to(dtype), self.labels[pick]
        if layout == "nhwc":
            model, images = model.to(memory_format=torch.channels_last), images.contiguous(memory_format=torch.channels_last)
        return model, images, labels

    def variants32(self):
        for layout in ("nchw", "nhwc"):
            for order in range(4):
                yield self.variant(torch.float32, layout, order)


def rounded_loss(name, counts, weights):
    """The loss with coefficients rounded to float32, as scale x + shift - [y] margin."""
    base, _, drw = name.partition("_")
    n = np.array(counts, np.float64)
    scale, shift, margin = np.ones(len(n)), np.zeros(len(n)), np.zeros(len(n))
    if base == "ldam":
        scale, margin = 30 * scale, 30 * (0.5 * (n.min() / n) ** 0.25)
    if base == "vs":
        scale, shift = 1 / (n.max() / n) ** 0.05, 0.75 * np.log(n / n.sum())
    weight = np.array(weights if drw else np.ones(len(n)))
    scale, shift, margin, weight = (torch.tensor(x.astype(np.float32), dtype=torch.float64) for x in (scale, shift, margin, weight))

    def loss(x, y):
        a = scale * x + shift - torch.nn.functional.one_hot(y, len(n)) * margin
        one = weight[y] * torch.nn.functional.cross_entropy(a, y, reduction="none")
        return ((1 - torch.exp(-one)) * one).mean() if base == "focal" else one.sum() / weight[y].sum()

    return loss


def product(model, loss, images, labels, direction):
    parameters = list(model.parameters())
    grads = torch.autograd.grad(loss(model(images), labels), parameters, create_graph=True)
    dot = sum((g * direction[f"v.{k}"].to(g.dtype)).sum() for (k, _), g in zip(model.named_parameters(), grads))
    return {k: h.double().numpy() for (k, _), h in zip(model.named_parameters(), torch.autograd.grad(dot, parameters))}


# --- steps -----------------------------------------------------------------------------------------------------------
def three_steps(case, kind, model, images, labels, loss, store):
    """Losses [at w, at w + e] of three steps and the state after 1 and 3."""
    e = case.expected
    steps = Steps(model, loss, kind, store, e["momentum"], e["weight_decay"], e["rho"])
    losses, states = [], {}
    for number in (1, 2, 3):
        losses.append(list(steps.step(images, labels, e["lr"])))
        if number != 2:
            stats = {k: b.double().numpy() for k, b in model.named_buffers() if b.is_floating_point()}
            states[f"after{number}"] = {k: summary(v) for k, v in {**steps.w, **stats}.items()}
    return {"loss": losses, **states}


# --- maths -----------------------------------------------------------------------------------------------------------
def tf32(x):
    """Ten bits of mantissa, halves away from zero: cvt.rna.tf32.f32."""
    return ((x.contiguous().view(torch.int32) + 0x1000) & ~0x1FFF).view(torch.float32)


def bf16(x):
    return x.to(torch.bfloat16).to(torch.float32)


class RoundedProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, stride, padding, factor, kept):
        ctx.save_for_backward(x, w)
        ctx.how = stride, padding, factor, kept
        return kept(torch.nn.functional.conv2d(factor(x), factor(w), None, stride, padding))

    @staticmethod
    def backward(ctx, g):
        (x, w), (stride, padding, factor, kept) = ctx.saved_tensors, ctx.how
        g, x = factor(kept(g)), factor(x)
        return (kept(torch.nn.grad.conv2d_input(x.shape, factor(w), g, stride, padding)),
                torch.nn.grad.conv2d_weight(x, w.shape, g, stride, padding), None, None, None, None)


class RoundedConv(torch.nn.Conv2d):
    factor = kept = None

    def forward(self, x):
        return RoundedProduct.apply(x, self.weight, self.stride, self.padding, self.factor, self.kept)


MATHS = {"tf32": (tf32, lambda x: x), "bf16": (bf16, bf16)}


def with_math(model, math):
    for m in model.modules():
        if isinstance(m, torch.nn.Conv2d):
            m.__class__ = RoundedConv
            m.factor, m.kept = MATHS[math]
    return model


def math_deviations(case, math):
    """Worst of four orders of the batch, for a training pass and three steps."""
    model, images, labels = case.variant(torch.float64)
    model.train()
    exact_logits = model(images).detach().numpy()
    exact = gradient(copy.deepcopy(case.variant(torch.float64)[0].train()), case.loss, images, labels)
    worst, steps = {"logits": 0, "gradient": 0, "loss": 0}, {}
    for order in range(4):
        model, images, labels = case.variant(torch.float32, "nchw", order)
        with_math(model, math).train()
        pick = torch.randperm(len(labels), generator=torch.Generator().manual_seed(order)).numpy() if order else slice(None)
        logits = copy.deepcopy(model)(images).detach().double().numpy()
        value, g = gradient(model, case.loss, images, labels)
        size = np.linalg.norm(exact_logits)
        for key, error in (("gradient", full_error(g, exact[1])), ("loss", abs(value / exact[0] - 1)),
                           ("logits", np.linalg.norm(logits - exact_logits[pick]) / size)):
            worst[key] = max(worst[key], error)
    for kind in OPTIMISERS:
        variants = (case.variant(torch.float32, "nchw", order) for order in range(4))
        steps[kind] = step_deviations(case, kind, ((with_math(m, math), x, y) for m, x, y in variants))
    return {"train": worst, "steps": steps}


# --- errors in the units of fixtures.c ---------------------------------------------------------------------------------
def full_error(out, reference):
    """Per tensor |out - reference| / (|reference| + 1 % of the whole), and the whole's; the largest."""
    whole_out = np.sqrt(sum((v * v).sum() for v in out.values()))
    whole = np.sqrt(sum((v * v).sum() for v in reference.values()))
    errors = {k: np.sqrt(((out[k] - reference[k]) ** 2).sum()) for k in out}
    parts = [errors[k] / (np.sqrt((reference[k] ** 2).sum()) + 0.01 * whole_out) for k in out]
    return max(parts + [np.sqrt(sum(x * x for x in errors.values())) / whole])


def summary_error(out, reference, sizes, whole):
    worst = 0
    for k, x in out.items():
        e, scale = reference[k], reference[k][1] + 0.01 * whole
        spread = min(np.sqrt(sizes[k]), 10)
        worst = max(worst, abs(x[1] - e[1]) / scale, abs(x[0] - e[0]) / scale / spread, abs(x[2] - e[2]) / scale / spread)
    return worst


def state_error(case, got, reference):
    sizes = {k: p.numel() for k, p in case.model.named_parameters()}
    stats = {k: b.numel() for k, b in case.model.named_buffers() if b.is_floating_point()}
    worst = 0
    for group in (sizes, stats):
        whole = np.sqrt(sum(got[k][1] ** 2 for k in group))
        worst = max(worst, summary_error({k: got[k] for k in group}, reference, group, whole))
    return worst


def deviations(case):
    """What PyTorch's float32 makes of one case, worst of its variants."""
    out = {"steps": {}}
    for mode in ("eval", "train"):
        model, images, labels = case.variant(torch.float64)
        model.train(mode == "train")
        exact = gradient(copy.deepcopy(model), case.loss, images, labels)
        exact_product = product(copy.deepcopy(model), case.loss, images, labels, case.full)
        check_exact(case, mode, exact)
        worst = {"gradient": 0, "product": 0, "loss": 0}
        for model, images, labels in case.variants32():
            model.train(mode == "train")
            value, g = gradient(copy.deepcopy(model), case.loss, images, labels)
            h = product(copy.deepcopy(model), case.loss, images, labels, case.full)
            for key, error in (("gradient", full_error(g, exact[1])), ("product", full_error(h, exact_product)),
                               ("loss", abs(value / exact[0] - 1))):
                worst[key] = max(worst[key], error)
        out[mode] = worst
    for kind in OPTIMISERS:
        out["steps"][kind] = step_deviations(case, kind, case.variants32())
    return out


def step_deviations(case, kind, variants):
    """Of three steps: each loss, and the state after the first and the third; worst of the variants."""
    expected = case.numbers[kind]
    losses, states = [[0, 0], [0, 0], [0, 0]], {"after1": 0, "after3": 0}
    for model, images, labels in variants:
        got = three_steps(case, kind, model, images, labels, case.loss, f32)
        for step in range(3):
            for i in range(2):
                if got["loss"][step][i] is not None:
                    losses[step][i] = max(losses[step][i], abs(got["loss"][step][i] / expected["loss"][step][i] - 1))
        for key in states:
            states[key] = max(states[key], state_error(case, got[key], expected[key]))
    return {"loss": losses, **states}


def check_exact(case, mode, exact):
    expected = case.numbers[mode]
    norm = np.sqrt(sum((v * v).sum() for v in exact[1].values()))
    for what, got, wanted in (("loss", exact[0], expected["loss"]), ("gradient norm", norm, expected["grad_norm"])):
        if abs(got / wanted - 1) > 1e-12:
            sys.exit(f"{case.name} {mode}: {what} {got!r}, the reference numbers say {wanted!r}")


def digits(x, n):
    """Every number with n significant digits."""
    if isinstance(x, dict):
        return {k: digits(v, n) for k, v in x.items()}
    if isinstance(x, list):
        return [digits(v, n) for v in x]
    return x if x is None else float(f"{x:.{n}g}")


def largest(trees):
    """Of trees of the same shape the largest number at each place."""
    if isinstance(trees[0], dict):
        return {k: largest([t[k] for t in trees]) for k in trees[0]}
    return [largest(list(part)) for part in zip(*trees)] if isinstance(trees[0], list) else max(trees)


def maths_of(folder, expected):
    """By math and network the largest over its losses: a loss may be as near as it is by chance."""
    names = [name for name in expected["cases"] if name.startswith("resnet8")]
    found = {math: {name: digits(math_deviations(Case(folder, expected, name), math), 2) for name in names} for math in MATHS}
    networks = sorted({name.split("/")[0] for name in names})
    return {math: {net: largest([one for name, one in found[math].items() if name.startswith(net + "/")]) for net in networks} for math in MATHS}


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["maths"]):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    expected = json.loads((folder / "expected.json").read_text())
    torch.set_num_threads(1)
    if sys.argv[2:]:
        out = json.loads((pathlib.Path(__file__).parent / "rounding.json").read_text())
    else:
        rounded, float32 = {}, {}
        for name in expected["cases"]:
            case = Case(folder, expected, name)
            float32[name] = digits(deviations(case), 2)  # of errors, two digits are enough
            exact = {kind: three_steps(case, kind, *case.variant(torch.float64), case.rounded_loss, f32) for kind in OPTIMISERS}
            rounded[name] = digits(exact, 12)
            print(name, json.dumps(float32[name]), file=sys.stderr, flush=True)
        out = {"torch": torch.__version__, "float32": float32, "rounded": rounded}
    out["maths"] = maths_of(folder, expected)
    json.dump(out, sys.stdout, separators=(",", ":"))
    print()


main()
