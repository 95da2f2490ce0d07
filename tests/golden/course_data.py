"""course_data.py: the images of the courses, a safetensors file: five classes of 9, 6, 4, 2 and 1 images to train on, 5, 4, 3, 2 and 6 to test on,
8x8 pixels, noise with a band whose height tells the class."""
import json
import random
import struct

COUNTS, TEST_COUNTS, SIDE = (9, 6, 4, 2, 1), (5, 4, 3, 2, 6), 8


def images(counts, seed):
    """Bytes of the images, class by class, and their labels."""
    draw, pixels, labels = random.Random(seed), bytearray(), b""
    for label, count in enumerate(counts):
        for _ in range(count):
            labels += struct.pack("<q", label)
            for place in range(3 * SIDE * SIDE):
                row = place // SIDE % SIDE
                pixels.append(int(draw.random() * 120) + (100 if row * len(counts) // SIDE == label else 20))
    return bytes(pixels), labels


def write(path):
    items = {}
    for prefix, counts, seed in (("", COUNTS, 1), ("test_", TEST_COUNTS, 2)):
        pixels, labels = images(counts, seed)
        items[prefix + "images"] = ("U8", [sum(counts), 3, SIDE, SIDE], pixels)
        items[prefix + "labels"] = ("I64", [sum(counts)], labels)
    head, data = {}, b""
    for name, (dtype, shape, raw) in items.items():
        head[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
