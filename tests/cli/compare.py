#!/usr/bin/env python3
"""compare.py near A B PREFIX TOLERANCE | rename FILE PREFIX OUT: safetensors files, with nothing but the standard library.

near: every float tensor NAME of A against PREFIX+NAME of B; prints "near" when the relative L2 distance of all of them
together is at most TOLERANCE. rename: the tensors of FILE whose names begin with PREFIX, without it.
"""
import array
import json
import math
import struct
import sys


def read(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    return header, data


def floats(header, data, name):
    begin, end = header[name]["data_offsets"]
    return array.array("f", data[begin:end])


def near(a, b, prefix, tolerance):
    header_a, data_a = read(a)
    header_b, data_b = read(b)
    distance = length = 0.0
    compared = 0
    for name in header_a:
        if header_a[name]["dtype"] != "F32" or prefix + name not in header_b:
            if name.endswith("num_batches_tracked"):
                continue
            sys.exit(f"{name} is missing in {b}")
        if header_a[name]["shape"] != header_b[prefix + name]["shape"]:
            sys.exit(f"{name} has another shape")
        for x, y in zip(floats(header_a, data_a, name), floats(header_b, data_b, prefix + name)):
            distance += (x - y) ** 2
            length += y * y
        compared += 1
    error = math.sqrt(distance / length) if length else math.inf
    if not compared or not error <= float(tolerance):
        sys.exit(f"relative distance {error:.3g} over {compared} tensors, {tolerance} is accepted")
    print("near")


def rename(path, prefix, out):
    header, data = read(path)
    made, blob = {}, b""
    for name in header:
        if name.startswith(prefix):
            begin, end = header[name]["data_offsets"]
            made[name[len(prefix):]] = dict(header[name], data_offsets=[len(blob), len(blob) + end - begin])
            blob += data[begin:end]
    text = json.dumps(made).encode()
    text += b" " * (-len(text) % 8)
    with open(out, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + blob)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "near":
        near(*sys.argv[2:6])
    elif len(sys.argv) > 1 and sys.argv[1] == "rename":
        rename(*sys.argv[2:5])
    else:
        print(__doc__)
