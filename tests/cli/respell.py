#!/usr/bin/env python3
"""respell.py IN.safetensors OUT.safetensors CHANGE...: the same tensors otherwise.
  before=TEXT   TEXT before each name          name=OLD:NEW  the beginning OLD of names becomes NEW
  without=TEXT  no tensor whose name holds TEXT  only=TEXT   none but those
  twice=TEXT    each tensor again with TEXT before its name
  put=NAME:I:V  number I of that tensor is V     f64          all float32 as float64, before put"""
import json
import struct
import sys


def read(path):
    raw = open(path, "rb").read()
    n = struct.unpack("<Q", raw[:8])[0]
    head, data = json.loads(raw[8 : 8 + n]), raw[8 + n :]
    head.pop("__metadata__", None)
    order = sorted(head, key=lambda k: head[k]["data_offsets"])
    return {k: [head[k]["dtype"], head[k]["shape"], bytearray(data[slice(*head[k]["data_offsets"])])] for k in order}


def write(path, tensors):
    head, at = {}, 0
    for name, (dtype, shape, raw) in tensors.items():
        head[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(raw)]}
        at += len(raw)
    text = json.dumps(head).encode()
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(bytes(t[2]) for t in tensors.values()))


def widen(t):
    if t[0] == "F32":
        n = len(t[2]) // 4
        t[0], t[2] = "F64", bytearray(struct.pack(f"<{n}d", *struct.unpack(f"<{n}f", t[2])))


def change(tensors, what):
    word, _, value = what.partition("=")
    if word == "before":
        return {value + k: t for k, t in tensors.items()}
    if word == "name":
        old, new = value.split(":")
        return {new + k[len(old) :] if k.startswith(old) else k: t for k, t in tensors.items()}
    if word in ("without", "only"):
        return {k: t for k, t in tensors.items() if (value in k) == (word == "only")}
    if word == "twice":
        return {**tensors, **{value + k: t for k, t in tensors.items()}}
    if word == "f64":
        for t in tensors.values():
            widen(t)
    elif word == "put":
        name, i, number = value.split(":")
        form = "<d" if tensors[name][0] == "F64" else "<f"
        struct.pack_into(form, tensors[name][2], int(i) * struct.calcsize(form), float(number))
    else:
        sys.exit(__doc__)
    return tensors


def main():
    tensors = read(sys.argv[1])
    for what in sys.argv[3:]:
        tensors = change(tensors, what)
    write(sys.argv[2], tensors)


if __name__ == "__main__":
    main()
