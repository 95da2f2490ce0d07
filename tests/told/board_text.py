#!/usr/bin/env python3
"""board_text.py FILE - an event file of TensorBoard as text: what each record says, in order. Of a histogram its ends, sums and some of its cells."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.environ["top"], "tests", "cli"))
sys.dont_write_bytecode = True
from board import fields, records


def doubles(data):
    return [x for x, in struct.iter_unpack("<d", data)]


def told(summary):
    out = []
    for _, message in fields(summary):
        value = dict(fields(message))
        tag = value[1].decode()
        if 2 in value:
            out.append("%s %.7g" % (tag, struct.unpack("<f", value[2])[0]))
        elif 5 in value:
            h = dict(fields(value[5]))
            low, high, num, total, squares = (doubles(h[i])[0] for i in range(1, 6))
            limits, mass = doubles(h[6]), doubles(h[7])
            out.append("%s %.6g..%.6g num %.6g sum %.6g squares %.6g, %d cells: to %.6g %.6g, to %.6g %.6g, to %.6g %.6g" %
                       (tag, low, high, num, total, squares, len(mass), limits[0], mass[0], limits[37], mass[37], limits[-1], mass[-1]))
        else:
            plugin, tensor = dict(fields(dict(fields(value[9]))[1]))[1].decode(), dict(fields(value[8]))
            out.append("%s (%s, type %d, shape %s) %s" % (tag, plugin, tensor[1], tensor[2].hex(), tensor[8].decode()))
    return out


for body in records(open(sys.argv[1], "rb").read()):
    event = dict(fields(body))
    rest = "%s" % event[3].decode() if 3 in event else "log %s" % event[7].hex() if 7 in event else "; ".join(told(event[5]))
    print("%d at %.0f: %s" % (event[2], struct.unpack("<d", event[1])[0], rest))
