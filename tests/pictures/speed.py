#!/usr/bin/env python3
"""speed.py [COUNT [KEPT]]: training images from COUNT (20,000) JPEGs of 500x375, quality 90, that it makes in a folder of its own (in KEPT, which
stays, if given): by saddle (tests/pictures/speed) and by torchvision's loader as its users write it, ImageFolder, RandomResizedCrop,
RandomHorizontalFlip, ToTensor, Normalize and DataLoader, in batches, without workers, which costs it least. Both on one thread, by processor
time, in turn, a quarter of the files each. Fails where exact is not 1.5 times torchvision's, or fast below 300 images a second. Exits with 77 where
there is no torchvision (SADDLE_TORCH_PYTHON names a python3 that has it); a run has some minutes."""
import os
import subprocess
import sys
import tempfile
import time
import warnings

PARTS, BATCH = 4, 128
LEAST_RATIO, LEAST_FAST = 1.5, 300

python = os.environ.pop("SADDLE_TORCH_PYTHON", None)
if python:
    os.execvp(python, [python, *sys.argv])
warnings.filterwarnings("ignore")
try:
    import numpy
    import torch
    from PIL import Image
    from torchvision import __version__, datasets, transforms
except ImportError as why:
    print(f"skipped: no torch and torchvision ({why}); $SADDLE_TORCH_PYTHON names a python3 that has them")
    sys.exit(77)
program = os.environ.get("top_builddir", ".") + "/tests/pictures/speed"


def make(folder, count):
    """Waves of every length and grain: some 80 kB a file, as a photograph of this quality has."""
    rng = numpy.random.default_rng(1)
    grain = [rng.normal(0, 12, (375, 500, 3)).astype(numpy.float32) for _ in range(16)]
    x, y = numpy.arange(500), numpy.arange(375)
    for i in range(count):
        at = f"{folder}/{i % PARTS}/train/c{i // PARTS % 4}"
        os.makedirs(at, exist_ok=True)
        f = rng.uniform(.01, .2, 6)
        waves = numpy.stack([numpy.outer(80 * numpy.cos(y * f[k + 3]), numpy.sin(x * f[k])).astype(numpy.float32) for k in range(3)], -1)
        scene = 128 + waves + numpy.roll(grain[i % len(grain)], i, 1)
        Image.fromarray(numpy.clip(scene, 0, 255).astype(numpy.uint8)).save(f"{at}/{i:06d}.jpg", quality=90)


def theirs(folder, side, jitter):
    steps = [transforms.RandomResizedCrop(side), transforms.RandomHorizontalFlip()] + [transforms.ColorJitter(jitter, jitter, jitter, 0)] * (jitter > 0)
    steps += [transforms.ToTensor(), transforms.Normalize((.485, .456, .406), (.229, .224, .225))]
    loader = torch.utils.data.DataLoader(datasets.ImageFolder(folder + "/train", transforms.Compose(steps)), batch_size=BATCH, shuffle=True)
    start = time.process_time()
    return sum(len(images) for images, _ in loader), time.process_time() - start


def ours(folder, side, way, jitter):
    said = subprocess.run([program, folder, str(side), way, str(jitter)], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return int(said[0]), float(said[1])


def rates(root, side, jitter):
    """Images a second of processor time: by torchvision, exact, fast."""
    made = [[0, 0], [0, 0], [0, 0]]
    for part in range(PARTS):
        folder = f"{root}/{part}"
        for total, got in zip(made, (theirs(folder, side, jitter), ours(folder, side, "exact", jitter), ours(folder, side, "fast", jitter))):
            total[0] += got[0]
            total[1] += got[1]
    assert made[0][0] == made[1][0] == made[2][0]
    return [n / seconds for n, seconds in made]


def compare(root):
    cases, failed = [(224, 0), (224, .4), (64, 0)], False
    print(f"1..{2 * len(cases)}\n# torchvision {__version__}, torch {torch.__version__}")
    for i, (side, jitter) in enumerate(cases):
        loader, exact, fast = rates(root, side, jitter)
        what = f"{side} pixels, jitter {jitter}"
        print(f"# {what}: torchvision {loader:.0f} images/s, saddle exact {exact:.0f} ({exact / loader:.2f}x), fast {fast:.0f} ({fast / loader:.2f}x)", flush=True)
        for n, good, said in ((2 * i + 1, exact >= LEAST_RATIO * loader, f"exact is {LEAST_RATIO} times torchvision's"),
                              (2 * i + 2, fast >= LEAST_FAST, f"fast makes {LEAST_FAST} images a second of a core")):
            print(f"{'ok' if good else 'not ok'} {n} - {what}: {said}", flush=True)
            failed |= not good
    return failed


torch.set_num_threads(1)
count = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
with tempfile.TemporaryDirectory(prefix="saddle-speed-") as own:
    root = sys.argv[2] if len(sys.argv) > 2 else own
    if not os.path.isdir(root + "/0"):
        make(root, count)
    sys.exit(compare(root))
