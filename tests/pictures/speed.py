"""speed.py SPEED [COUNT]: training images of 224 and 64 pixels from JPEGs of 500x375, quality 90, that it makes (COUNT, 1000 at first): images a
second of CPU time, of one thread, by saddle (SPEED is the program made of speed.c) and by Pillow and numpy, whose calls are those of
torchvision's loader: open, convert, RandomResizedCrop, to floats, normalise. By hand: a figure, not a test."""
import glob
import math
import os
import random
import subprocess
import sys
import tempfile
import time

import numpy
from PIL import Image


def make(folder, count):
    rng = numpy.random.default_rng(1)
    y, x = numpy.mgrid[0:375, 0:500]
    for i in range(count):
        at = f"{folder}/train/c{i % 4}"
        os.makedirs(at, exist_ok=True)
        f = rng.uniform(.01, .2, 6)
        waves = numpy.stack([128 + 80 * numpy.sin(x * f[k]) * numpy.cos(y * f[k + 3]) for k in range(3)], -1)
        Image.fromarray(numpy.clip(waves + rng.normal(0, 12, waves.shape), 0, 255).astype(numpy.uint8)).save(f"{at}/{i:06d}.jpg", quality=90)


def one(path, side):
    image = Image.open(path).convert("RGB")
    width, height = image.size
    w = h = 0
    while not (0 < w <= width and 0 < h <= height):
        area, aspect = width * height * random.uniform(.08, 1), math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        w, h = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
    left, top = random.randint(0, width - w), random.randint(0, height - h)
    image = image.crop((left, top, left + w, top + h)).resize((side, side), Image.BILINEAR)
    return (numpy.asarray(image).transpose(2, 0, 1).astype(numpy.float32) / 255 - numpy.float32(.45)) / numpy.float32(.25)


with tempfile.TemporaryDirectory() as folder:
    make(folder, int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
    files = glob.glob(folder + "/train/*/*.jpg")
    for side in (224, 64):
        start = time.process_time()
        for path in files:
            one(path, side)
        theirs = len(files) / (time.process_time() - start)
        ours = {way: float(subprocess.run([sys.argv[1], folder, str(side), way], check=True, stdout=subprocess.PIPE).stdout) for way in ("exact", "fast")}
        print(f"{side} pixels: Pillow {theirs:.0f} images/s, saddle exact {ours['exact']:.0f} ({ours['exact'] / theirs:.2f}x), fast {ours['fast']:.0f}")
