"""pillow.py SEE FOLDER: what saddle makes of pictures of every kind beside what Pillow makes of them: crops and resized ones, byte by byte.
saddle resizes across first and then down, as Pillow always did; version 13 turns the order for boxes that lose most of their height, and there
one grey level is allowed. Writes the pictures to FOLDER; SEE is the program made of see.c. Prints TAP; exits with 77 where there is no Pillow or numpy."""
import itertools
import math
import os
import random
import subprocess
import sys

try:
    import numpy
    from PIL import Image, ImageEnhance
except ImportError as e:
    print(e)
    sys.exit(77)

see, folder = sys.argv[1:3]
random.seed(5)
Image.MAX_IMAGE_PIXELS = None


def scene(width, height, channels):
    """Smooth, with edges and noise: what a photograph has."""
    y, x = numpy.mgrid[0:height, 0:width]
    noise = numpy.random.default_rng(width * height + channels).integers(-20, 20, (height, width, channels))
    planes = [128 + 90 * numpy.sin(x / (3 + c) + c) * numpy.cos(y / (5 + c)) + 30 * ((x // 7 + y // 5 + c) % 2) for c in range(channels)]
    return numpy.clip(numpy.stack(planes, -1) + noise, 0, 255).astype(numpy.uint8)


def pictures():
    for width, height in ((61, 45), (45, 61), (500, 375), (33, 32), (8, 300), (1, 1), (1200, 90)):
        rgb = Image.fromarray(scene(width, height, 3))
        for sampling in (0, 1, 2):
            yield f"{width}x{height}-{sampling}.jpg", rgb, dict(quality=90 - 20 * sampling, subsampling=sampling)
        yield f"{width}x{height}-progressive.jpg", rgb, dict(progressive=True)
        yield f"{width}x{height}-grey.jpg", rgb.convert("L"), {}
        yield f"{width}x{height}-cmyk.jpg", Image.fromarray(scene(width, height, 4), "CMYK"), {}
        yield f"{width}x{height}-rgb.png", rgb, {}
        yield f"{width}x{height}-rgba.png", Image.fromarray(scene(width, height, 4), "RGBA"), {}
        yield f"{width}x{height}-la.png", Image.fromarray(scene(width, height, 2), "LA"), {}
        yield f"{width}x{height}-palette.png", rgb.quantize(40), dict(transparency=3)
        yield f"{width}x{height}-bits.png", rgb.convert("1"), {}
        exif = Image.Exif()
        exif[0x112] = 6
        yield f"{width}x{height}-turned.jpg", rgb, dict(exif=exif)


def centre(image, shorter, side):
    """torchvision's Resize(shorter) and CenterCrop(side)."""
    w, h = image.size
    size = (shorter, int(shorter * h / w)) if w <= h else (int(shorter * w / h), shorter)
    image = image.resize(size, Image.BILINEAR)
    left, top = int(round((size[0] - side) / 2.0)), int(round((size[1] - side) / 2.0))
    return image.crop((left, top, left + side, top + side))


def box(image, left, top, width, height, side):
    return image.crop((left, top, left + width, top + height)).resize((side, side), Image.BILINEAR)


def philox(counter, key):
    c, (k0, k1) = list(counter), key
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k0, b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ k1, a & 0xFFFFFFFF]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c


def draws(seed, epoch, position):
    """By block, the numbers that decide what is done to an image in an epoch."""
    return lambda block: philox((block, position, epoch, 21), (seed, 0))


def train_box(image, draw):
    """torchvision's RandomResizedCrop.get_params() with numbers from a counter."""
    w, h = image.size
    for block in range(10):
        r = draw(block)
        area = w * h * (0.08 + 0.92 * (r[0] / 2**32))
        aspect = math.exp(math.log(3 / 4) + (math.log(4 / 3) - math.log(3 / 4)) * (r[1] / 2**32))
        bw, bh = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < bw <= w and 0 < bh <= h:
            return r[3] * (w - bw + 1) >> 32, r[2] * (h - bh + 1) >> 32, bw, bh
    bw, bh = w, h
    if w / h < 3 / 4:
        bh = min(h, round(w / (3 / 4)))
    elif w / h > 4 / 3:
        bw = min(w, round(h * (4 / 3)))
    return (w - bw) // 2, (h - bh) // 2, bw, bh


def train(image, seed, epoch, position, side, jitter):
    """RandomResizedCrop and ColorJitter(jitter, jitter, jitter, 0) of torchvision, which are these calls of Pillow."""
    draw = draws(seed, epoch, position)
    image = box(image, *train_box(image, draw), side)
    change = [ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color]
    order = list(itertools.permutations(range(3)))[draw(11)[0] * 6 >> 32]
    for k in order if jitter else ():
        image = change[k](image).enhance(1 + jitter * (2 * (draw(10)[k] / 2**32) - 1))
    return image


def difference(path, words, wanted):
    got = subprocess.run([see, path, *map(str, words)], check=True, stdout=subprocess.PIPE).stdout
    return int(numpy.abs(numpy.frombuffer(got, numpy.uint8).astype(int) - numpy.asarray(wanted, numpy.uint8).ravel().astype(int)).max())


def down_first(image, case):
    if case[0] == "train":
        across = down = case[4]
        w, h = train_box(image, draws(*case[1:4]))[2:]
        return (h > down and h - down > 2 * (w - across)) * (1 if case[5] == 0 else 5)  # brighter: that level once more
    w, h = case[3:5] if case[0] == "box" else image.size
    across, down = (case[-1], case[-1]) if case[0] == "box" else [int(case[1] * n / min(w, h)) for n in (w, h)]
    return h > down and h - down > 2 * (w - across)


def worst(path):
    image = Image.open(path).convert("RGB")
    w, h = image.size
    cases = [("centre", 64, 64), ("centre", 73, 64), ("centre", 20, 16), ("box", 0, 0, w, h, 32)]
    for _ in range(4):
        width, height = random.randint(1, w), random.randint(1, h)
        cases.append(("box", random.randint(0, w - width), random.randint(0, h - height), width, height, random.choice((8, 32, 64))))
    far = -1
    for jitter in (0, .4):
        cases.append(("train", random.getrandbits(31), random.randrange(90), random.randrange(100000), 64, jitter))
    for case in cases:
        wanted = dict(centre=centre, box=box, train=train)[case[0]](image, *case[1:])
        far = max(far, difference(path, case, wanted) - down_first(image, case))
    return far


n, failed = 0, 0
for name, image, options in pictures():
    path = os.path.join(folder, name)
    image.save(path, **options)
    far = worst(path)
    n += 1
    failed |= far > 0
    print(f"{'ok' if far <= 0 else 'not ok'} {n} - {name} is as with Pillow" + (f" # {far} grey levels more than allowed" if far > 0 else ""))
print(f"1..{n}")
sys.exit(failed)
