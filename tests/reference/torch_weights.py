#!/usr/bin/env python3
"""torch_weights.py - weights to and from torchvision.

  there and here   a random state_dict (batch norm's too), written as safetensors: saddle's logits and features of two images of 224 pixels are
                   torchvision's, with 10 and 1000 classes
  and back         what `save weights` writes loads strictly, and holds the same numbers
  the beginning    the weights that saddle begins with are spread as torchvision's

    python3 tests/reference/torch_weights.py         from a build folder; $top_builddir names another
    DEVICE=reference                                another device

Needs torch and torchvision from PyPI (SADDLE_TORCH_PYTHON: a python3 that has them); exit status 77 without.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

python = os.environ.pop("SADDLE_TORCH_PYTHON", None)
if python:
    os.execvp(python, [python, *sys.argv])
try:
    import torch
    import torchvision
except ImportError as why:
    print(f"skipped: no torch and torchvision ({why}); $SADDLE_TORCH_PYTHON names a python3 that has them")
    sys.exit(77)

BUILD = os.environ.get("top_builddir", ".")
DEVICE = os.environ.get("DEVICE", "cpu")
NETWORKS = {"resnet18": "resnet18", "resnet34": "resnet34", "resnet50": "resnet50", "resnext50": "resnext50_32x4d"}
LIMIT = 1e-4
TYPES = {"F32": torch.float32, "I64": torch.int64}


def write(path, tensors):
    head, parts, at = {}, [], 0
    for name, t in tensors.items():
        raw = t.detach().contiguous().numpy().tobytes()
        head[name] = {"dtype": "I64" if t.dtype == torch.int64 else "F32", "shape": list(t.shape), "data_offsets": [at, at + len(raw)]}
        parts.append(raw)
        at += len(raw)
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def read(path):
    raw = open(path, "rb").read()
    n = struct.unpack("<Q", raw[:8])[0]
    head, data = json.loads(raw[8 : 8 + n]), raw[8 + n :]
    head.pop("__metadata__", None)
    return {k: torch.frombuffer(bytearray(data[slice(*t["data_offsets"])]), dtype=TYPES[t["dtype"]]).reshape(t["shape"]) for k, t in head.items()}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"FAIL {' '.join(command)}: {done.stdout}{done.stderr}")


def random_model(name, classes):
    """As torchvision begins, but with batch norms that do something."""
    torch.manual_seed(classes + len(name))
    model = getattr(torchvision.models, name)(num_classes=classes).eval()
    for key, t in model.state_dict().items():
        if key.endswith("running_mean"):
            t.uniform_(-0.3, 0.3)
        elif key.endswith("running_var") or (t.dim() == 1 and key.endswith("weight")):
            t.uniform_(0.5, 1.5)
        elif t.dim() == 1 and not key.startswith("fc"):
            t.uniform_(-0.2, 0.2)
    return model


def judge(what, error, limit=LIMIT):
    print(f"{'ok  ' if error <= limit else 'FAIL'} {what}: {error:.2g}")
    return error <= limit


def apart(ours, theirs):
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()


def there_and_here(name, theirs, classes):
    model, images = random_model(theirs, classes), torch.randn(2, 3, 224, 224)
    features = []
    model.avgpool.register_forward_hook(lambda module, inputs, output: features.append(output.flatten(1)))
    with torch.no_grad():
        logits = model(images)
    write("w.safetensors", model.state_dict())
    write("images.safetensors", {"images": images, "labels": torch.zeros(2, dtype=torch.int64)})
    run(f"{BUILD}/tests/reference/logits", DEVICE, name, str(classes), "w.safetensors", "images.safetensors", "out.safetensors")
    out = read("out.safetensors")
    return judge(f"{name} of {classes} classes, logits", apart(out["logits"], logits)) & judge(
        f"{name} of {classes} classes, features", apart(out["features"], features[0]))


def saddle(name, classes, commands):
    images = {"images": torch.rand(4, 3, 32, 32), "labels": torch.arange(4)}
    write("data.safetensors", images | {f"test_{k}": t for k, t in images.items()})
    run(f"{BUILD}/saddle", "-q", "-c", f"set device {DEVICE}; data tensors data.safetensors --classes {classes}; model {name}; {commands}")


def and_back(name, theirs, classes):
    model, other = random_model(theirs, classes), getattr(torchvision.models, theirs)(num_classes=classes)
    write("w.safetensors", model.state_dict())
    saddle(name, classes, "load weights w.safetensors; save weights back.safetensors --force")
    other.load_state_dict(read("back.safetensors"), strict=True)
    whole, back = model.state_dict(), other.state_dict()
    worst = max((whole[k] - back[k]).abs().max().item() for k in whole if not k.endswith("num_batches_tracked"))
    return judge(f"{name} and back", worst, 0)


def the_beginning(name, theirs, classes):
    torch.manual_seed(1)
    model = getattr(torchvision.models, theirs)(num_classes=classes)
    saddle(name, classes, "seed 1; save weights first.safetensors --force")
    first = read("first.safetensors")
    model.load_state_dict(first, strict=True)
    large = {k: t for k, t in getattr(torchvision.models, theirs)(num_classes=classes).state_dict().items() if t.numel() > 4000}
    worst = max(abs(first[k].std() / t.std() - 1).item() for k, t in large.items())
    small = {k: t for k, t in getattr(torchvision.models, theirs)().state_dict().items() if t.dim() == 1 and "num" not in k and "fc" not in k}
    assert all(torch.equal(first[k], t) for k, t in small.items()), "batch norm begins otherwise"
    return judge(f"{name}, spread of the weights of the beginning", worst, 0.06)


def main():
    global BUILD
    BUILD = os.path.abspath(BUILD)
    print(f"torch {torch.__version__}, torchvision {torchvision.__version__}, {DEVICE}")
    held = True
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ.update({k: folder for k in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")})
        for name, theirs in NETWORKS.items():
            for classes in 10, 1000:
                held &= there_and_here(name, theirs, classes)
            held &= and_back(name, theirs, 10)
            held &= the_beginning(name, theirs, 1000)
        os.chdir("/")
    return 0 if held else 1


sys.exit(main())
