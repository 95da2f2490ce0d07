#!/usr/bin/python3
"""images.py FILE [SHAPE] TRAIN TEST - a file for `data tensors`: bytes, of SHAPE (3x8x10: channels, height, width). TRAIN and TEST are numbers of
images of class 0, 1, ... as 5,3,1; the classes take turns, so that none stands in one piece. A class has a stripe of its own under noise."""
import json
import struct
import sys


def numbers(seed):
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 56


def labels(counts):
    left, out = list(counts), []
    while any(left):
        for c, n in enumerate(left):
            if n:
                left[c] -= 1
                out.append(c)
    return out


def pixels(label, shape, noise):
    channels, height, width = shape
    return bytes((next(noise) // 2 + (32 if (y + c * x) % 7 == label else 2 * label) for c in range(channels) for y in range(height) for x in range(width)))


def main():
    path, shape = sys.argv[1], [int(d) for d in (sys.argv[2] if len(sys.argv) > 4 else "3x8x10").split("x")]
    tensors = []
    for seed, (prefix, counts) in enumerate(zip(("", "test_"), sys.argv[-2:]), 1):
        noise, of = numbers(seed), labels([int(n) for n in counts.split(",")])
        if of:
            tensors.append((prefix + "images", "U8", [len(of)] + shape, b"".join(pixels(c, shape, noise) for c in of)))
            tensors.append((prefix + "labels", "I32", [len(of)], struct.pack("<%di" % len(of), *of)))
    header, at = {}, 0
    for name, dtype, dims, raw in tensors:
        header[name] = {"dtype": dtype, "shape": dims, "data_offsets": [at, at + len(raw)]}
        at += len(raw)
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head + b"".join(raw for _, _, _, raw in tensors))


main()
