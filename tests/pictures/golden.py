"""golden.py FOLDER: the pictures that tests/unit/picture.c reads, and beside each the bytes that Pillow makes of it: 24x24 pixels from the
centre of the shorter side resized to 27. Made once, with Pillow 13.0 (the pictures are wider than high: any version gives these)."""
import sys

import numpy
from PIL import Image

folder = sys.argv[1]


def scene(channels, width=50, height=36):
    y, x = numpy.mgrid[0:height, 0:width]
    planes = [128 + 90 * numpy.sin(x / (3 + c) + c) * numpy.cos(y / (5 + c)) + 30 * ((x // 7 + y // 5 + c) % 2) for c in range(channels)]
    return numpy.clip(numpy.stack(planes, -1), 0, 255).astype(numpy.uint8)


rgb = Image.fromarray(scene(3))
exif = Image.Exif()
exif[0x112] = 6
rgb.save(f"{folder}/plain.jpg", quality=85)
rgb.save(f"{folder}/progressive.jpg", quality=70, progressive=True)
rgb.save(f"{folder}/turned.jpg", quality=80, subsampling=0, exif=exif)
rgb.convert("L").save(f"{folder}/grey.jpg")
Image.fromarray(scene(4), "CMYK").save(f"{folder}/cmyk.jpg", quality=75)
Image.fromarray(scene(4), "RGBA").save(f"{folder}/alpha.png")
rgb.quantize(30).save(f"{folder}/palette.png", transparency=3)
for name in ("plain.jpg", "progressive.jpg", "turned.jpg", "grey.jpg", "cmyk.jpg", "alpha.png", "palette.png"):
    image = Image.open(f"{folder}/{name}").convert("RGB")
    w, h = image.size
    image = image.resize((int(27 * w / h), 27), Image.BILINEAR)
    left, top = int(round((image.size[0] - 24) / 2.0)), int(round((27 - 24) / 2.0))
    with open(f"{folder}/{name}.rgb", "wb") as out:
        out.write(image.crop((left, top, left + 24, top + 24)).tobytes())
