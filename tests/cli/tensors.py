#!/usr/bin/env python3
"""tensors.py FILE SEED TEST_SEED: a small file for `data tensors`: 24 images of 3 classes and 6 to test on, the same bytes on every host."""
import json
import struct
import sys

TRAIN, TEST, VALUES = 24, 6, 3 * 32 * 32


def images(n, seed):
    x, out = seed, []
    for _ in range(n * VALUES):
        x = (1664525 * x + 1013904223) & 0xFFFFFFFF
        out.append((x >> 16) / 65536 - 0.5)
    return struct.pack(f"<{n * VALUES}f", *out)


def labels(n):
    return struct.pack(f"<{n}q", *(i % 3 for i in range(n)))


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
    write(path, [("images", "F32", [TRAIN, 3, 32, 32], images(TRAIN, seed)), ("labels", "I64", [TRAIN], labels(TRAIN)),
                 ("test_images", "F32", [TEST, 3, 32, 32], images(TEST, test_seed)), ("test_labels", "I64", [TEST], labels(TEST))])


main()
