#!/usr/bin/env python3
"""tensors.py FILE SEED TEST_SEED [CHANNELSxHEIGHTxWIDTH [TEST_SIZE]] [U8 | NORM] [LT]: a small file for `data tensors`: 24 images of 3 classes and
6 to test on (3x32x32 floats), the same bytes on every host. NORM: what the bytes of U8 become, normalised with mean and deviation of
each channel over the training images. LT: 14, 7 and 3 of the classes, else 8 of each."""
import json
import math
import struct
import sys

TRAIN, TEST = 24, 6


def images(n, seed, size, dtype):
    x, out, count = seed, [], n * math.prod(size)
    for _ in range(count):
        x = (1664525 * x + 1013904223) & 0xFFFFFFFF
        out.append((x >> 24) if dtype == "U8" else (x >> 16) / 65536 - 0.5)
    return bytes(out) if dtype == "U8" else struct.pack(f"<{count}f", *out)


def normalised(train, test, size):
    """As floats; both [n][channels][height][width] of bytes."""
    plane, done = size[1] * size[2], ([0.0] * len(train), [0.0] * len(test))
    for channel in range(size[0]):
        places = [[i for i in range(len(x)) if i // plane % size[0] == channel] for x in (train, test)]
        of_train = [train[i] / 255 for i in places[0]]
        mean = sum(of_train) / len(of_train)
        std = math.sqrt(sum((v - mean) ** 2 for v in of_train) / len(of_train))
        for x, to, at in zip((train, test), done, places):
            for i in at:
                to[i] = (x[i] / 255 - mean) / std
    return [struct.pack(f"<{len(x)}f", *x) for x in done]


def labels(n, skewed=False):
    return struct.pack(f"<{n}q", *((i % 8 > 4) + (i % 8 > 6) if skewed else i % 3 for i in range(n)))


def write(path, tensors):
    head, data = {}, b""
    for name, dtype, shape, raw in tensors:
        head[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(head).encode()
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


def main():
    path, seed, test_seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    sizes = [[int(side) for side in word.split("x")] for word in sys.argv[4:] if "x" in word] or [[3, 32, 32]]
    size, test_size, normal = sizes[0], sizes[-1], "NORM" in sys.argv
    dtype = "U8" if normal or "U8" in sys.argv else "F32"
    train, test = images(TRAIN, seed, size, dtype), images(TEST, test_seed, test_size, dtype)
    if normal:
        (train, test), dtype = normalised(train, test, size), "F32"
    write(path, [("images", dtype, [TRAIN] + size, train), ("labels", "I64", [TRAIN], labels(TRAIN, "LT" in sys.argv)),
                 ("test_images", dtype, [TEST] + test_size, test), ("test_labels", "I64", [TEST], labels(TEST))])


if __name__ == "__main__":
    main()
