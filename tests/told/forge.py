#!/usr/bin/env python3
"""forge.py [NAME...] - recordings that nobody trained, written by saddle-session(5) alone: into the folder where it is called, NAME.saddle each.

Their numbers are chosen, not computed: groups of different sizes, ties, a best that is not the last, what is not a number, classes without test images,
names with commas, quotes and underscores, a run that was taken up again, forks, other data. So right and wrong differ, and no training has to run.
Without NAME: all of them but "family", a run with notes and children beyond what is told."""
import hashlib
import json
import os
import struct
import sys

# --- the format ------------------------------------------------------------------------------------------------------------

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


M64 = (1 << 64) - 1
P1, P2, P3, P4, P5 = 11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261


def rotl(x, n):
    return (x << n | x >> 64 - n) & M64


def xxh64(data):
    def one(acc, lane):
        return rotl(acc + lane * P2 & M64, 31) * P1 & M64
    at, n = 0, len(data)
    if n >= 32:
        v = [P1 + P2 & M64, P2, 0, -P1 & M64]
        while at + 32 <= n:
            v = [one(a, x) for a, x in zip(v, struct.unpack_from("<4Q", data, at))]
            at += 32
        h = rotl(v[0], 1) + rotl(v[1], 7) + rotl(v[2], 12) + rotl(v[3], 18) & M64
        for a in v:
            h = (h ^ one(0, a)) * P1 + P4 & M64
    else:
        h = P5
    h = h + n & M64
    while at + 8 <= n:
        h = rotl(h ^ one(0, struct.unpack_from("<Q", data, at)[0]), 27) * P1 + P4 & M64
        at += 8
    if at + 4 <= n:
        h = rotl(h ^ struct.unpack_from("<I", data, at)[0] * P1 & M64, 23) * P2 + P3 & M64
        at += 4
    while at < n:
        h = rotl(h ^ data[at] * P5 & M64, 11) * P1 & M64
        at += 1
    h = (h ^ h >> 33) * P2 & M64
    h = (h ^ h >> 29) * P3 & M64
    return h ^ h >> 32


def zstd_frame(data):
    """Blocks that are not compressed, the size and a checksum."""
    out = struct.pack("<IBI", 0xFD2FB528, 0xA4, len(data))
    step = 100000
    for at in range(0, len(data), step):
        part = data[at:at + step]
        head = len(part) << 3 | (at + step >= len(data))
        out += head.to_bytes(3, "little") + part
    return out + struct.pack("<I", xxh64(data) & 0xFFFFFFFF)


def record(session, seq, chain, lines):
    text = b"".join(line + b"\n" for line in lines)
    frame = zstd_frame(text)
    steps = [json.loads(line)["s"] for line in lines]
    head = struct.pack("<II4sBBBB16sQQQIIIIHH", 0x184D2A53, 72, b"SDLB", 1, 0, 1, 2, session, seq, min(steps), max(steps), len(frame), len(text),
                       crc32c(frame), chain, 0, len(lines))
    crc = crc32c(head)
    return head + struct.pack("<I", crc) + frame, crc


def plain(value):
    """Numbers as the journal has them: what is not one is a word."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return "nan" if value != value else "inf" if value > 0 else "-inf"
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def write(name, segments):
    """segments: lists of (kind, step, fields); an open event is put before each, and (\"open\", step, after, fields) says which."""
    folder = name + ".saddle"
    os.makedirs(folder, 0o700)
    session = hashlib.sha1(name.encode()).digest()[:16]
    q = 0
    for number, events in enumerate(segments, 1):
        lines, blob, chain = [], b"", 0
        for kind, step, fields in events:
            line = {"k": kind, "q": q, "s": step, "m": 10 ** 9 * (q + 1)}
            if kind == "open":
                line.update({"w": str(1790000000 * 10 ** 9 + 86400 * 10 ** 9 * number), "seg": number, "tl": 0, "after": None, "parent": None, "build": "saddle 0.1.0"})
            line.update({key: plain(value) for key, value in fields.items()})
            lines.append(json.dumps(line, separators=(",", ":")).encode())
            q += 1
        for seq, at in enumerate(range(0, len(lines), 40)):
            part, chain = record(session, seq, chain, lines[at:at + 40])
            blob += part
        path = os.path.join(folder, "journal-%06d.zst" % number)
        with open(path, "wb") as f:
            f.write(blob)
        os.utime(path, (1790000000 + 86400 * ORDER.get(name, -number), 1790000000 + 86400 * ORDER.get(name, -number)))
    os.utime(folder, (1790000000 - 86400 * ORDER.get(name, 0), 1790000000 - 86400 * ORDER.get(name, 0))) # the other way round


# --- what is recorded ------------------------------------------------------------------------------------------------------

nan, inf = float("nan"), float("inf")
PETS = ["ant", "bee", "cat", "dog", "elk", "fox", "gnu"]
COUNTS, TESTS, GROUP = [500, 300, 300, 90, 40, 12, 5], [50, 40, 30, 20, 10, 10, 8], [0, 0, 1, 1, 1, 2, 2]
EACH = 10  # steps an epoch
KNOBS = {"data": "demo", "imbalance": "exp", "beta": "100", "groups": "paper", "val": "0", "model": "resnet8", "seed": "0", "threads": "1", "loss": "ce",
         "weights": "none", "drw": "0", "opt": "sgd", "lr": "0.1", "rho": "0.1", "epochs": "4", "batch": "64", "eval_every": "1", "hessian_every": "2"}


def config(name, knobs, **more):
    return "config", more.pop("step", 0), dict({"knobs": ["%s=%s" % pair for pair in dict(KNOBS, **knobs).items()], "parent": None, "name": name}, **more)


def data(classes=PETS, name="pets-lt beta=100", counts=COUNTS, tests=TESTS, group=GROUP, groups=("head", "mid", "tail"), sha="ab", step=0):
    return "data", step, {"name": name, "sha256": sha * 32, "n": sum(counts), "n_test": sum(tests), "classes": classes, "counts": counts, "test_counts": tests,
                          "group_of": group, "groups": list(groups), "steps": EACH, "test_sha256": "cd" * 32, "image": [32, 32, 3], "norm": [],
                          "known_by": "pixels"}


def env(step=0):
    return "env", step, {"build": "saddle 0.1.0 gcc 12.2.0", "backend": "cpu", "isa": "portable", "threads": 1}


def state(step, word, why=None):
    return "state", step, {"state": word, "why": why, "ep": step / EACH}


def steps(first, last, seed=0, sam=0, lr=0.1, lost=None, gauge=0):
    """(first, last]: a loss that falls in waves; rho only with SAM; from step `lost` on not a number."""
    out = []
    for s in range(first + 1, last + 1):
        loss = nan if lost and s >= lost else round(2.4 - 0.04 * (s % 1000) + 0.1 * ((s * 7 + seed) % 5), 6)
        out.append(("step", s, {"loss": loss, "loss_up": loss + 0.25 if sam else nan, "acc": 0.125 + s % 1000 / 64, "gn": 3 - s % 1000 / 20 + seed / 8,
                                "lr": lr if s <= 30 else lr / 10, "rho": sam or nan, "ms": 20 + s % 3}))
        if gauge and s % gauge == 0:
            out.append(("gauge", s, {"rise": 0.25 - s / 400, "rho_gn": 0.05 + s / 100, "rho_wn": 0.001 * s, "cos": 0.9 - s / 100}))
    return out


def matrix(right, tests=TESTS, wrong=None):
    """right: of each class; what is wrong goes to (class + 1, class + 3, class + 1, ...), or where `wrong` says."""
    n = len(right)
    conf = [[0] * n for _ in range(n)]
    for i, (ok, all_) in enumerate(zip(right, tests)):
        conf[i][i] = ok
        for k in range(all_ - ok):
            to = wrong[i] if wrong and i in wrong else (i + 3) % n if k % 3 == 1 else (i + 1) % n
            conf[i][to] += 1
    return conf


def evaluation(step, right, best, best_ep, tests=TESTS, group=GROUP, split="test", ep=None, drw=0, rho=nan, loss=None, wrong=None, losses=True, lr=0.1, math=None):
    conf = matrix(right, tests, wrong)
    cls = [100 * conf[i][i] / sum(conf[i]) if sum(conf[i]) else nan for i in range(len(right))]
    means = []
    for g in range(max(group) + 1):
        known = [c for c, of in zip(cls, group) if of == g and c == c]
        means.append(sum(known) / len(known) if known else nan)
    out = {"ep": step / EACH if ep is None else ep, "split": split, "loss": 3 - step / 16 if loss is None else loss, "acc": 100 * sum(right) / sum(tests),
           "groups": means, "cls": [round(c, 5) if c == c else c for c in cls], "conf": sum(conf, []), "train_loss": 2.5 - step / 32,
           "train_acc": 20 + step, "lr": lr, "rho": rho, "drw": drw, "best": best, "best_ep": best_ep, "sec": 0.5}
    if losses:
        out["cls_loss"] = [0.5 + i / 4 - step / 100 if c == c else nan for i, c in enumerate(cls)]
        out["train_cls_loss"] = [0.25 + i / 8 - step / 100 for i in range(len(right))]
    if math:
        out["math"] = math
    return "epoch", step, out


def eig(step, class_, lmin, lmax, of=None, ep=None, nodes=True, how=None, why="bound", iters=12, rmin=0.02, rmax=1e-5, amp=nan, trace=nan, se=nan, runs=1, images=64):
    out = {"of": step if of is None else of, "ep": (step if of is None else of) / EACH if ep is None else ep, "class": class_, "images": images,
           "subset": "fea7b32778ecbdd7", "loss": 0.75 + class_ / 8, "lmin": lmin, "lmax": lmax, "rmin": rmin, "rmax": rmax, "iters": iters, "sec": 1.5,
           "nodes": [lmin, lmin / 2, 0.0 if lmin < 0 else 0.375, lmax / 4, lmax] if nodes else [], "wts": [0.125, 0.0625, 0.5, 0.25, 0.0625] if nodes else [], "runs": runs,
           "trace": trace, "trace_se": se, "amp": amp, "how": how, "why": why}
    return "eig", step, out


def uneven(event, n):
    """So many nodes, the further apart the larger."""
    low, high = event[2]["lmin"], event[2]["lmax"]
    event[2].update({"nodes": [low + (high - low) * (i / (n - 1)) ** 2 for i in range(n)], "wts": [2 * (i + 1) / (n * (n + 1)) for i in range(n)]})
    return event


def cmd(step, txt, op, key=None, value=None, old=None, by="user", id_=0, bits=None, why=None):
    out = {"txt": txt, "op": op, "key": key, "value": value, "old": old, "bits": bits, "by": by, "ep": step / EACH, "id": id_}
    if why:
        out["why"] = why
    return "cmd", step, out


def note(step, text):
    return "note", step, {"text": text, "ep": step / EACH}


def say(step, text, level="note"):
    return "say", step, {"level": level, "text": text, "ep": step / EACH}


def snap(step, name, pinned=0, size=123456, hash_="11"):
    return "snap", step, {"name": name, "ep": step / EACH, "sha256": "ab" * 32, "state": hash_ * 32, "bytes": size, "pinned": pinned}


def opened(step=0, **more):
    return "open", step, more


def sealed(step):
    return "seal", step, {"why": "done"}


def begin(name, knobs, **more):
    step, of = more.pop("step", 0), more.pop("data", {})
    return [opened(step), config(name, knobs, step=step, **more), data(step=step, **of), env(step)]


# Evaluated in mid-epoch too, twice at one step, best at the second of four.
def plain_run():
    return [begin("plain", {}) + [state(0, "training")] + steps(0, 5) + [evaluation(5, [20, 4, 3, 0, 0, 0, 0], 17.0, 0.5)] + steps(5, 10) +
            [evaluation(10, [30, 20, 9, 4, 1, 0, 0], 38.095238, 1)] + steps(10, 20) + [evaluation(20, [45, 30, 21, 11, 4, 2, 1], 67.857143, 2), note(20, "best so far")] +
            steps(20, 30) + [evaluation(30, [44, 28, 20, 9, 5, 1, 1], 67.857143, 2), evaluation(30, [44, 28, 20, 9, 4, 1, 1], 67.857143, 2)] + steps(30, 40) +
            [evaluation(40, [46, 26, 18, 12, 4, 1, 0], 67.857143, 2), state(40, "finished", "all 40 steps are done"), snap(40, "s0004"), sealed(40)]]


# The same but for the seed; stopped in the fourth epoch; a tie of the best.
def seed_run():
    return [begin("seed", {"seed": "3"}) + [state(0, "training")] + steps(0, 10, 2) + [evaluation(10, [33, 18, 12, 2, 0, 0, 0], 38.690476, 1)] + steps(10, 20, 2) +
            [evaluation(20, [40, 33, 18, 13, 3, 1, 0], 64.285714, 2)] + steps(20, 30, 2) + [evaluation(30, [41, 31, 19, 13, 3, 1, 0], 64.285714, 2)] + steps(30, 35, 2) +
            [state(35, "stopped", "by 'stop'"), sealed(35)]]


# SAM with re-weighting from epoch 2, radius and rate changed; curvature, slices, readings, margins; val chooses the best.
def sam_run():
    val = dict(split="val", rho=0.1)
    later = dict(split="val", rho=0.3, drw=1)
    kinds = ["lmin", "residual", "rho", "batches", "batch", "a2", "a2_se"]
    cnc = dict(zip(kinds, [-4.0, 0.125, 0.1, 12, 8, 2.5, 0.5]))
    cnc.update({"of": 20, "ep": 2.0, "class": 5, "images": 12, "subset": "aa" * 8, "ratio": [1.5, 9.0, 4.25], "low": [1.25, 7.0, 3.5], "high": [1.75, 11.0, 5.0],
                "predicted": [1.44, 1.44, 4.0], "gn": 3.5, "share": 0.25, "sec": 2.0})
    slice_ = {"of": 20, "ep": 2.0, "class": 5, "images": 12, "subset": "aa" * 8, "along": "v_min", "lambda": -4.0, "at": [-0.5, -0.25, 0, 0.25, 0.5],
              "loss": [1.75, 1.5, 2.0, 1.25, 1.375], "sec": 0.75}
    reading = {"of": 20, "ep": 2.0, "kind": "tau_norm", "split": "val", "images": 168, "tau": [0.0, 0.5, 1.0], "acc": [60.0, 62.5, 58.0], "head": [85.0, 80.0, 70.0],
               "mid": [50.0, 55.0, 52.0], "tail": [10.0, 25.0, 30.0], "at": 0.5, "chosen": "val", "value": [62.5, 80.0, 55.0, 25.0], "plain": [60.0, 85.0, 50.0, 10.0],
               "cls": [80, 80, 60, 55, 50, 30, 20], "sec": 0.25}
    ncm = dict(reading, kind="ncm", tau=[], acc=[], head=[], mid=[], tail=[], at=nan, chosen=None, value=[57.0, 70.0, 48.0, nan], split="test", of=30, ep=3.0)
    margins = {"of": 30, "ep": 3.0, "class": 6, "images": 5, "split": "train", "mean": -0.5, "worst": -2.25, "least": -3.0, "below": 60.0, "sec": 0.25}
    knobs = {"opt": "sam", "loss": "ldam", "weights": "effective", "drw": "2", "val": "168", "eval_every": "1", "beta_en": "0.999", "ldam_s": "20", "epochs": "5"}
    return [begin("sam", knobs) + [cmd(0, "watch 0 5", "watch", "0 5"), cmd(0, "set lr 0.05 at epoch 3", "pending", "lr", "0.05", id_=1), state(0, "training")] +
            steps(0, 10, 1, 0.1, gauge=5) + [evaluation(10, [30, 22, 12, 5, 2, 0, 0], 42.261905, 1, **val), eig(10, 0, -1.5, 12.0, amp=-0.25), eig(10, 5, -6.0, 24.0, amp=-2.5, trace=40.0, se=2.0)] +
            steps(10, 20, 1, 0.1, gauge=5) + [evaluation(20, [44, 30, 20, 11, 5, 1, 2], 67.261905, 2, **val)] +
            [("cnc", 20, cnc), ("slice", 20, slice_), ("slice", 20, dict(slice_, along="random:1", **{"lambda": 0.5, "loss": [2.5, 2.125, 2.0, 2.0, 2.375]})),
             eig(20, 5, -4.0, 30.0, amp=-1.75, why="iters", iters=40), say(20, "drw ON at ep 2: weights effective \u03b2=0.999, 0.1…4"),
             cmd(20, "set rho 0.3", "set", "rho", "0.3", "0.1", bits="3fd3333333333333")] +
            steps(20, 25, 1, 0.3, gauge=5) + [note(25, 'rho, "larger": look_at λ'), snap(25, "before", 1, 2048), cmd(25, "hessian 6 --test", "hessian", "6")] + steps(25, 30, 1, 0.3, gauge=5) +
            [("reading", 20, reading), evaluation(30, [43, 27, 19, 12, 6, 5, 3], 68.452381, 3, **later), uneven(eig(30, 6, -2.0, 8.0, of=25, how="test images", iters=7, runs=2, images=8), 11),
             eig(30, 5, 0.25, 20.0, rmin=nan, nodes=False), eig(30, 0, -1.0, 16.0, amp=-2.0), cmd(30, "set lr 0.05 at epoch 3", "set", "lr", "0.05", "0.1", by="schedule", id_=1)] +
            steps(30, 40, 1, 0.3, lr=0.05, gauge=5) + [("reading", 30, ncm), ("margins", 40, margins), evaluation(40, [42, 26, 18, 12, 6, 5, 4], 68.452381, 3, **later),
             evaluation(40, [480, 280, 200, 80, 30, 9, 4], nan, nan, tests=COUNTS, split="train", drw=1, rho=0.3), snap(40, "s0004"),
             ("stage", 41, {"name": "crt", "number": 1, "first": 4, "epochs": 1, "steps": 10, "trains": "head", "redraw": 1, "sampler": "balanced", "norm": "frozen", "loss": "ce",
                            "weights": "none", "augment": 1})] +
            steps(40, 50, 1, 0.3, lr=0.05) + [evaluation(50, [40, 27, 19, 13, 6, 5, 4], 68.452381, 3, **later), eig(50, 5, -0.5, 10.0, rmin=0.625, amp=-2.0), state(50, "finished", "all 50 steps are done"), sealed(50)]]


# Killed at step 27, taken up again at 20: what was after it counts no more.
def again_run():
    one = begin("again", {"opt": "sam", "rho": "0.2"}) + [state(0, "training")] + steps(0, 10, 3, 0.2) + [evaluation(10, [31, 21, 10, 5, 1, 1, 0], 41.071429, 1, rho=0.2)] + steps(10, 20, 3, 0.2) + \
        [evaluation(20, [41, 31, 20, 10, 4, 3, 0], 64.880952, 2, rho=0.2), snap(20, "s0002"), cmd(20, "set rho 0.5", "set", "rho", "0.5", "0.2", bits="3fe0000000000000")] + steps(20, 27, 3, 0.5) + \
        [evaluation(27, [50, 40, 30, 20, 10, 10, 8], 100.0, 2.7, rho=0.5)]
    two = [opened(20, after=str(len(one) - 1)), ("branch", 20, {"tl": 1, "why": "resumed"}), state(20, "training"), cmd(20, "set rho 0.05", "set", "rho", "0.05", "0.2", bits="3fa999999999999a")] + \
        steps(20, 30, 4, 0.05) + [evaluation(30, [42, 32, 21, 10, 4, 3, 1], 67.261905, 3, rho=0.05), state(30, "paused", "by 'pause'")]
    return [one, two]


# From sam at epoch 2 on, of which it is known what was before; and from one that is not there.
def fork_run():
    return [begin("fork", {"opt": "sam", "loss": "ldam", "weights": "effective", "drw": "2", "val": "168", "beta_en": "0.999", "ldam_s": "20", "rho": "0.6", "epochs": "5"}, step=20,
                  parent="sam@2", parent_id=hashlib.sha1(b"sam").digest()[:16].hex(), parent_step=20, parent_state="22" * 32, began="fork") +
            [snap(20, "base", 1, hash_="22"), state(20, "training")] + steps(20, 30, 5, 0.6) + [evaluation(30, [40, 25, 17, 14, 7, 6, 4], 67.261905, 2, split="val", rho=0.6, drw=1), eig(30, 0, -2.5, 14.0, amp=-0.5)] +
            steps(30, 33, 5, 0.6) + [state(33, "stopped", "by 'stop'"), sealed(33)]]


def orphan_run():
    return [begin("orphan", {"seed": "3"}, step=10, parent="gone@1", parent_id="0123456789abcdef0123456789abcdef", parent_step=10, parent_state="33" * 32, began="fork") +
            [snap(10, "base", 1, hash_="33"), state(10, "training")] + steps(10, 20, 6) + [evaluation(20, [35, 25, 15, 10, 5, 2, 1], 55.357143, 2), state(20, "failed", "no more room")]]


# A child of fork that has not taken a step: it waits.
def waiting_run():
    return [begin("waiting", {"opt": "sam", "loss": "ldam", "weights": "effective", "drw": "2", "val": "168", "beta_en": "0.999", "ldam_s": "20", "rho": "0.6", "epochs": "6"}, step=30, parent="fork@3", parent_id=hashlib.sha1(b"fork").digest()[:16].hex(), parent_step=30, parent_state="44" * 32, began="fork") +
            [snap(30, "base", 1, hash_="44"), state(30, "stopped", "waits for 'resume'"), sealed(30)]]


# The loss is lost in the second epoch.
def lost_run(name="lost", seed="0"):
    return [begin(name, {"lr": "8", "seed": seed}) + [state(0, "training")] + steps(0, 10, 0, lr=8.0) + [evaluation(10, [50, 0, 0, 0, 0, 0, 0], 29.761905, 1, lr=8.0)] + steps(10, 16, 0, lr=8.0, lost=15) +
            [evaluation(16, [50, 0, 0, 0, 0, 0, 0], 29.761905, 1, lr=8.0, loss=nan), say(16, "the loss of step 15 is not a number", "error"), state(16, "diverged", "loss is nan at step 15"), sealed(16)]]


# Other data: two groups, some of the classes, another order; names that tables have to quote; none of one class to be tested; no losses of classes.
def other_run():
    classes, counts, tests, group = ["bee", 'the "big", cat', "fox", "snow_owl"], [80, 60, 20, 4], [10, 8, 5, 0], [0, 0, 1, 1]
    kind = dict(tests=tests, group=group, losses=False)
    return [begin('other, "x"', {"data": "cifar10", "beta": "20", "opt": "asam", "rho": "0.5"}, data=dict(classes=classes, name="zoo, beta=20", counts=counts, tests=tests, group=group, groups=("many", "few"), sha="ef")) +
            [state(0, "training")] + steps(0, 10, 7, 0.5) + [evaluation(10, [6, 4, 1, 0], 47.826087, 1, rho=0.5, **kind), eig(10, 2, -3.0, 9.0, nodes=True, images=20)] + steps(10, 20, 7, 0.5) +
            [evaluation(20, [7, 4, 2, 0], 56.521739, 2, rho=0.5, wrong={2: 0}, **kind), state(20, "finished", "all 20 steps are done"), sealed(20)]]


# Set up and begun, not evaluated.
def bare_run():
    return [begin("bare", {"weights": "inverse", "drw": "1", "opt": "sam"}) + [state(0, "training")] + steps(0, 3, 0, 0.1)]


# More notes and stages than are told, snapshots that are gone; its children are more than are told, too.
def many_run():
    stage = {"number": 1, "epochs": 1, "steps": 10, "trains": "all", "redraw": 0, "sampler": "all", "norm": "shifted", "loss": "ce", "weights": "none", "augment": 1}
    out = begin("many", {}) + [state(0, "training")]
    for i in range(22):
        out += steps(i, i + 1) + [note(i + 1, "number %d" % (i + 1)), ("stage", i + 1, dict(stage, name="drw" if i % 2 else "lws", first=i))]
    return [out + [state(22, "stopped"), sealed(22)]]


def child_run(i):
    return lambda: [begin("child-%02d" % i, {}, step=10 + i % 3, parent="many@%.4g" % (1 + i % 3 / 10), parent_id=hashlib.sha1(b"many").digest()[:16].hex(), parent_step=10 + i % 3,
                          parent_state="55" * 32, began="fork") + [state(10 + i % 3, "training")] + steps(10 + i % 3, 14)]


# More classes than a table of gains tells, one group; the second trains longer, and some gain alike.
def wide_run(name):
    classes = ["kind-%c" % (97 + i) for i in range(14)]
    counts, tests, group = [200 - 10 * i for i in range(14)], [10] * 14, [0] * 14
    right = [10 - i // 2 for i in range(14)]
    more = [r + (i * 5 % 7 - 3 if name == "wide-two" else 0) for i, r in enumerate(right)]
    more = [min(10, max(0, r)) for r in more]
    kind = dict(tests=tests, group=group)
    return lambda: [begin(name, {"seed": "1" if name == "wide-one" else "2"}, data=dict(classes=classes, counts=counts, tests=tests, group=group, groups=("all-of-them",), sha="12")) + steps(0, 10) +
                    [evaluation(10, more, 100 * sum(more) / 140, 1, **kind), state(10, "finished"), sealed(10)]]


RUNS = {"plain": plain_run, "seed": seed_run, "sam": sam_run, "again": again_run, "fork": fork_run, "orphan": orphan_run, "waiting": waiting_run, "lost": lost_run,
        'other, "x"': other_run, "bare": bare_run}
# So long that a curve of it has not each step.
def long_run():
    return [begin("long", {"epochs": "1000", "seed": "5"}) + [state(0, "training")] + steps(0, 13)]


# For papers: repeats of one method, of which one was evaluated less often; the same words for another one, told apart by a name.
def seeds_run(seed, right, **knobs):
    return lambda: [begin("ce_%d" % seed, dict({"seed": str(seed)}, **knobs)) + steps(0, 10) + [evaluation(10, right, 50.0, 1), state(10, "finished"), sealed(10)]]


PAPER = {"ce_1": seeds_run(1, [50, 40, 20, 10, 3, 1, 0]), "ce_2": seeds_run(2, [45, 36, 24, 12, 4, 2, 1], threads="2"), "ce_3": seeds_run(3, [48, 30, 27, 9, 5, 0, 2]),
         "ce_9": seeds_run(1, [40, 20, 10, 5, 2, 1, 0], lr="0.2", threads="2")}
# For scripts: of each kind of data, of older and newer programs, of what began with another run's state; commands by whomever.
def script_run(name, knobs, cmds=(), first=0, last=3, step_of_end=None, **more):
    of = more.pop("data", {})
    return lambda: [begin(name, knobs, step=first, data=of, **more) + list(cmds) + [state(first, "training")] + steps(first, last)]


def left_run():
    one = begin("s-left", {}) + [state(0, "training")] + steps(0, 4) + [cmd(4, "set lr 0.2", "set", "lr", "0.2", "0.1")] + steps(4, 6) + [cmd(6, "set momentum 0.5", "set", "momentum", "0.5", "0.9")] + steps(6, 9)
    return [one, [opened(5, after=str(len(one) - 1)), ("branch", 5, {"tl": 1, "why": "resumed"}), state(5, "training")] + steps(5, 7) + [cmd(7, "set rho 0.3", "set", "rho", "0.3", "0.1")] + steps(7, 8)]


SHA = "0123456789abcdef" * 4
SCRIPTS = {
    "s-cifar": script_run("s-cifar", {"data": "cifar10", "beta": "50", "subset_seed": "3", "val": "500", "val_from": "unused", "groups": "0-1/2-4/5-6"}, weights=SHA),
    "s-step": script_run("s-step", {"imbalance": "step", "beta": "10", "subset_seed": "3", "val": "40"}, data=dict(sha="zz"), weights="not a hash"),
    "s-even": script_run("s-even", {"imbalance": "none", "val": "9", "groups": "shots"}),
    "s-none": script_run("s-none", {"data": "cifar100", "imbalance": "none"}, data=dict(sha="zz")),
    "s-tensors": script_run("s-tensors", {"data": "tensors", "classes": "7", "val_from": "unused"}),
    "s-folder": script_run("s-folder", {"data": "folder", "picture_size": "32", "picture_resize": "40", "picture_decode": "fast", "picture_bad": "skip", "picture_memory": "64", "classes": "0"}),
    "s-list": script_run("s-list", {"data": "list", "imbalance": "none", "classes": "7", "picture_size": "16"}, data=dict(sha="zz")),
    "s-odd": script_run("s-odd[2J", {"warp": "9", "opt": "warp", "threads": "3", "fps": "9", "lr": "0.1 @ 2", "data_path": "/away"},
                        [cmd(0, "watch tail;note x", "watch", "5 6"), cmd(0, "watch 'elk' fox", "watch", "4 5"), cmd(0, "set warp 3", "set", "warp", "3"),
                         cmd(1, "set rho 0.2", "set", "rho", "0.2", "0.1", by="auto", why="looked"), cmd(1, "set rho 0.3", "set", "rho", "0.3", "0.2", by="roll"),
                         cmd(1, "set lr 0.05", "set", "lr", "0.05", "0.1", by="schedule"), cmd(1, "set rho x", "set", "rho", "x", "0.1"), cmd(2, "watch 2", "watch", "2"),
                         cmd(2, "set lr '0.1@0 0.01@2'", "set", "lr", "0.1@0 0.01@2", "0.05"), cmd(2, "pause", "pause"), cmd(3, "set rho 0.4 at epoch 3", "pending", "rho", "0.4", id_=2)]),
    "s-stage": script_run("s-stage", {"stage": "crt", "stage_epochs": "3", "stage_lr": "0.05", "stage_augment": "off", "stage_sampler": "instance", "epochs": "4", "rho": "0.2", "momentum": "0.8"},
                          [cmd(10, "set stage_lr 0.02", "set", "stage_lr", "0.02", "0.05"), cmd(12, "set rho 0.3", "set", "rho", "0.3", "0.2")], first=10, last=14,
                          parent="plain@1", parent_id="0123456789abcdef" * 2, parent_step=10, parent_state=SHA, began=None),
    "s-fork": script_run("s-fork", {"rho": "0.2"}, [cmd(10, "set rho 0.4 at epoch 3", "pending", "rho", "0.4", by="roll", id_=1), cmd(10, "eval at epoch 3", "pending", "", by="roll", id_=2),
                                                    cmd(11, "cancel 2", "cancel", value="eval at epoch 3", id_=2), cmd(11, "cancel 7", "cancel", value="what is not there", id_=7),
                                                    cmd(12, "set rho 0.3", "set", "rho", "0.3", "0.2")], first=10, last=13,
                         parent="two words@1", parent_id="0123456789abcdef" * 2, parent_step=10, parent_state="?", began="fork"),
    "s-away": script_run("s-away", {}, first=10, last=10, parent="../x@1", parent_id="0123456789abcdef" * 2, parent_step=10, parent_state=SHA, began="fork"),
    "s-left": left_run}
# Cut off behind an evaluation, long after it said that it trains.
def cut_run():
    return [begin("cut", {}) + [state(0, "training")] + steps(0, 40) + [evaluation(40, [46, 26, 18, 12, 4, 1, 0], 63.690476, 4)]]


# Of the same method as lost, with a loss; and one that went on from a run that was taken up again before that.
def found_run(name, seed, loss):
    return lambda: [begin(name, {"lr": "8", "seed": seed}) + steps(0, 10, 2) + [evaluation(10, [40, 10, 5, 5, 0, 0, 0], 35.7, 1, lr=8.0, loss=loss), state(10, "finished"), sealed(10)]]


def doubt_run():
    return [begin("doubt", {"opt": "sam", "rho": "0.2"}, step=25, parent="again@2.5", parent_id=hashlib.sha1(b"again").digest()[:16].hex(), parent_step=25, parent_state="77" * 32, began="fork") +
            [snap(25, "base", 1, hash_="77"), state(25, "training")] + steps(25, 30, 5, 0.2) + [evaluation(30, [41, 25, 17, 14, 7, 6, 4], 67.857143, 3, rho=0.2), state(30, "stopped"), sealed(30)]]


# Watched, and no longer: one, all, and again.
def eyes_run():
    return [begin("eyes", {}) + [cmd(0, "watch 1 3 9", "watch", "1 3 9"), state(0, "training")] + steps(0, 10) + [cmd(10, "unwatch bee", "unwatch", "1")] + steps(10, 20) +
            [cmd(20, "unwatch", "unwatch", "")] + steps(20, 25) + [cmd(25, "watch 6, 3", "watch", "6, 3")] + steps(25, 30)]


# As many groups, of which one has another name.
def zones_run():
    return [begin("zones", {}, data=dict(groups=("head", "mid", "rest"))) + steps(0, 10) + [evaluation(10, [33, 18, 12, 2, 0, 0, 0], 38.690476, 1), state(10, "finished"), sealed(10)]]


# Beyond the 4096 steps of which a trace keeps each: then two, then four share a place. What lies between is not there.
def sparse_run():
    return [begin("sparse", {"epochs": "2000"}) + [state(0, "training")] + steps(0, 4) + steps(4093, 4099, 1) + [cmd(4099, "set rho 0.5", "set", "rho", "0.5", "0.1")] + steps(8190, 8195, 2)]


# Of its last evaluation the groups are known and not the accuracy, of the other the accuracy alone.
def part_run(name, known):
    def run():
        kind, step, last = evaluation(10, [33, 18, 12, 2, 0, 0, 0], 38.690476, 1)
        last = dict(last, acc=nan) if known == "groups" else dict(last, groups=[], best=nan)
        return [begin(name, {}) + [state(0, "training")] + steps(0, 10) + [(kind, step, last), state(10, "stopped"), sealed(10)]]
    return run


WIDE = {"groups-alone": part_run("groups-alone", "groups"), "acc-alone": part_run("acc-alone", "acc"), "sparse": sparse_run, "zones": zones_run, "eyes": eyes_run, "found-1": found_run("found-1", "1", 2.0), "found-2": found_run("found-2", "2", 1.5), "doubt": doubt_run, "cut": cut_run, "long": long_run, "wide-one": wide_run("wide-one"), "wide-two": wide_run("wide-two")}
MORE = dict({"many": many_run}, **{"child-%02d" % i: child_run(i) for i in range(22)})
ORDER = {name: place for place, name in enumerate(["seed", "lost", "plain", "bare", "sam", "orphan", "fork", "again", 'other, "x"', "waiting"])}

if __name__ == "__main__":
    for run in sys.argv[1:] or RUNS:
        for name in sorted(MORE) if run == "family" else sorted(SCRIPTS) if run == "scripts" else [run]:
            write(name, dict(RUNS, **MORE, **WIDE, **PAPER, **SCRIPTS)[name]())
