#!/usr/bin/env python3
"""A second reader of session files, written from saddle-session(5) alone, and the stock zstd tool, against recorded files.

Checks every header field, both checksums and the chain, prints nothing that zstd does not print, and reads the snapshot as
a safetensors file by hand. Skipped (77) without the zstd tool."""
import hashlib
import json
import math
import os
import shutil
import struct
import subprocess
import sys

CORPUS = os.path.join(os.environ.get("srcdir", "."), "tests", "fuzz", "corpus")
TABLE = []
for i in range(256):
    c = i
    for _ in range(8):
        c = c >> 1 ^ (0x82F63B78 if c & 1 else 0)
    TABLE.append(c)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def zstd(data):
    return subprocess.run(["zstd", "-dc"], input=data, stdout=subprocess.PIPE, check=True).stdout


def records(data):
    at, chain, seq, session = 0, 0, 0, data[16:32]
    while at < len(data):
        magic, content, tag, major, minor, kind, flags = struct.unpack_from("<II4sBBBB", data, at)
        assert (magic, tag, major, minor) == (0x184D2A53, b"SDLB", 1, 0) and flags & ~3 == 0
        number, first, last, clen, ulen, frame_crc, before, timeline, count, crc = struct.unpack_from("<QQQIIIIHHI", data, at + 32)
        ext = data[at + 80:at + 8 + content]
        frame = data[at + 8 + content:at + 8 + content + clen]
        assert data[at + 16:at + 32] == session and number == seq and before == chain and first <= last
        assert crc == crc32c(data[at:at + 76] + ext) and frame_crc == crc32c(frame) and len(frame) == clen
        text = zstd(frame) if clen else b""
        assert len(text) == ulen
        yield kind, count, first, last, ext, text
        at, chain, seq = at + 8 + content + clen, crc, seq + 1


def fields(ext):
    out, at = {}, 0
    while at < len(ext):
        kind, length = struct.unpack_from("<HH", ext, at)
        out[kind] = ext[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
    return out


def check_journal(data):
    text = b""
    for kind, count, first, last, _, part in records(data):
        lines = part.split(b"\n")
        assert kind == 1 and lines.pop() == b"" and len(lines) == count
        steps = [json.loads(line)["s"] for line in lines]
        assert (min(steps), max(steps)) == (first, last)
        text += part
    assert text == zstd(data), "zstd -dc prints something else"
    assert all(byte == 10 or 0x20 <= byte <= 0x7E for byte in text)
    events = [json.loads(line) for line in text.splitlines()]
    assert [e["q"] for e in events] == list(range(len(events)))
    assert all(list(e)[:4] == ["k", "q", "s", "m"] for e in events)
    assert events[0]["k"] == "open" and events[-1]["k"] == "seal"
    return events


def check_snapshot(data, names):
    parts = list(records(data))
    kind, _, step, _, ext, _ = parts.pop()
    seal = fields(ext)
    stream = b"".join(part[5] for part in parts)
    assert kind == 3 and all(part[0] == 2 for part in parts) and stream == zstd(data)
    assert struct.unpack("<Q", seal[1])[0] == len(stream) and struct.unpack("<Q", seal[2])[0] == len(parts)
    assert hashlib.sha256(stream).hexdigest() == seal[3].decode()
    length = struct.unpack_from("<Q", stream)[0]
    assert (8 + length) % 64 == 0
    header = json.loads(stream[8:8 + length])
    meta = header.pop("__metadata__")
    end = 0
    for name, t in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        size = 4 * math.prod(t["shape"])
        assert t["dtype"] == "F32" and t["data_offsets"] == [end, end + size], name
        end += size
    assert 8 + length + end == len(stream)
    assert int(meta["step"]) == step and meta["state"] == seal[4].decode()
    state = hashlib.sha256()
    state.update(stream[8 + length:]) # parameters, momentum, statistics
    state.update(struct.pack("<Q", step))
    assert state.hexdigest() == seal[4].decode()
    assert set(header) == names
    stats = header["bn/stats" if "bn/stats" in header else "bn.running_mean"]["data_offsets"][0] + 8 + length
    assert struct.unpack_from("<6f", stream, stats) == (0, 0.25, 0.5, 0.75, 1, 1.25)
    return seal


def main():
    if not shutil.which("zstd"):
        print("skipped: the zstd tool is not installed")
        return 77
    assert crc32c(b"123456789") == 0xE3069283
    with open(os.path.join(CORPUS, "fuzz_walk", "every-kind"), "rb") as f:
        events = check_journal(f.read())
    with open(os.path.join(CORPUS, "fuzz_snapshot", "small"), "rb") as f:
        seal = check_snapshot(f.read(), {"w/params", "opt/m/params", "bn/stats"})
    with open(os.path.join(CORPUS, "fuzz_snapshot", "named"), "rb") as f:
        check_snapshot(f.read(), {"body.weight", "head.weight", "momentum/body.weight", "momentum/head.weight", "bn.running_mean"})
    snap = [e for e in events if e["k"] == "snap"][0]
    assert (snap["sha256"], snap["state"], snap["name"]) == tuple(seal[i].decode() for i in (3, 4, 7))
    print("%d events and a snapshot read by the second reader and by zstd" % len(events))
    return 0


sys.exit(main())
