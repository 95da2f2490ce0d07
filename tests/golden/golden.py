#!/usr/bin/env python3
"""golden.py: recorded sessions of earlier programs open, replay, resume and repeat with the same bits. TAP.

NAME.saddle is a session as an earlier program left it: finished, stopped, or killed with -9 in the middle of an epoch.
NAME.expected is what must come of it, as that same program computed it, one JSON object a line: first how the session
ends and the SHA-256 of its journal's text, then every step, evaluation, change and probe of the whole run, the part
included that only a resume brings, and the state hash of the last weights. record.sh tells how both were made; they are
never made again. A later program may add to an event or a table, and probe once more; what is listed in KEYS stays.

All of it is computed with SADDLE_ISA=portable, on copies in a temporary folder. Its bits do not depend on threads, and
not on which variant of its functions libm chooses for a processor (GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA shows it).
golden.py [NAME...] tests some sessions only. golden.py --expect NAME is for record.sh.
"""
import csv
import hashlib
import json
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from tap import Tap

SADDLE = os.environ.get("SADDLE", "build/saddle")
# What of an event must never change, and which of it says that two events are the same one told twice.
KEYS = {
    "data": ("sha256", "n", "n_test", "classes", "counts", "test_counts", "group_of", "groups", "steps"),
    "step": ("s", "loss", "loss_up", "acc", "gn", "lr", "rho"),
    "epoch": ("s", "split", "loss", "acc", "groups", "cls", "conf", "train_loss", "train_acc", "lr", "rho", "drw", "best", "best_ep"),
    "cmd": ("s", "key", "value", "bits"),
    "eig": ("of", "class", "subset", "images", "how", "iters", "runs", "why", "loss", "lmin", "lmax", "rmin", "rmax", "nodes", "wts",
            "trace", "trace_se", "amp", "power"),
    "cnc": ("of", "class", "subset", "images", "rho", "batches", "batch", "lmin", "residual", "a2", "a2_se", "ratio", "low", "high",
            "predicted", "gn", "share"),
    "slice": ("of", "class", "subset", "images", "along", "lambda", "at", "loss"),
    "snap": ("s", "state"),
}
SAME = {"data": 1, "step": 1, "epoch": 2, "cmd": 2, "eig": 7, "cnc": 7, "slice": 5, "snap": 1}
CSV_OF_STEP = {"step_loss": "loss", "step_gn": "gn", "step_lr": "lr", "step_rho": "rho"}
CSV_OF_EPOCH = ("loss", "acc", "train_loss", "train_acc", "lr", "rho", "drw")
CSV_OF_EIG = {"lmin": "lmin", "lmax": "lmax", "lmin_residual": "rmin", "lmax_residual": "rmax", "probe_loss": "loss", "trace": "trace"}


class Place:
    """A temporary folder with copies of sessions, where the program has its home."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.env = {key: value for key, value in os.environ.items() if not key.startswith("SADDLE")}
        self.env.update(SADDLE_ISA="portable", LC_ALL="C", HOME=folder, XDG_CONFIG_HOME=folder + "/config", XDG_DATA_HOME=folder,
                        XDG_STATE_HOME=folder)

    def copy(self, name):
        """The source tree may be read-only and stays as it is."""
        to = self.folder / f"{name}.saddle"
        to.mkdir(mode=0o700)
        for file in (HERE / f"{name}.saddle").iterdir():
            shutil.copyfile(file, to / file.name)
        return to

    def run(self, *words):
        command = [SADDLE, "--no-config", "--sessions", str(self.folder), "--device=cpu", *words]
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=self.env, cwd=self.folder)

    def events(self, name):
        return [json.loads(line) for line in self.run("cat", name).stdout.splitlines()]


def counts(event):
    return event["k"] in KEYS and (event["k"] != "cmd" or event["op"] == "set")


def kept(event):
    return {"k": event["k"], **{key: event.get(key) for key in KEYS[event["k"]]}}


def identity(event):
    kind = event["k"]
    return json.dumps([kind] + [event[key] for key in KEYS[kind][:SAME[kind]]])


def truth(events):
    """What counts of a recording: each thing once, of snapshots the last. Told twice with different numbers is an error."""
    found, last = {}, None
    for event in map(kept, filter(counts, events)):
        if event["k"] == "snap":
            last = event
            continue
        if found.setdefault(identity(event), event) != event:
            raise ValueError(f"told twice, differently:\n{found[identity(event)]}\n{event}")
    return list(found.values()) + ([last] if last else [])


def differences(expected, events):
    """Lines that say what of `expected` is missing or different. A later program may add, never change."""
    try:
        have = {identity(event): event for event in truth(events)}
    except ValueError as error:
        return [str(error)]
    lines = []
    for event in expected:
        other = have.get(identity(event))
        if other != event:
            lines += [f"expected {json.dumps(event)}"[:400], f"got      {json.dumps(other)}"[:400]]
    def course(found):
        return sum(event["k"] in ("step", "epoch", "cmd") for event in found)

    extra = course(have.values()) - course(expected)
    return lines + ([f"{extra} steps, evaluations or changes more than expected"] if extra else [])


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def tree(folder):
    return {file.name: digest(file.read_bytes().hex()) for file in folder.iterdir()}


def number(text):
    try:
        return float(text)
    except ValueError:
        return math.nan


def single(value):
    """As a float32: the table has the fewest digits that read back to it."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def wanted_rows(events):
    """(step, metric, class) -> value of the table that `export csv` makes of a recording, as far as it must not change."""
    rows, classes, groups = {}, [], []

    def put(step, metric, name, value):
        if not isinstance(value, str):
            rows[step, metric, name] = value

    for e in events:
        if e["k"] == "data":
            classes, groups = e["classes"], e["groups"]
        elif e["k"] == "step":
            for metric, key in CSV_OF_STEP.items():
                put(e["s"], metric, "", e[key])
        elif e["k"] == "epoch" and e["split"] != "train":
            for key in CSV_OF_EPOCH:
                put(e["s"], key, "", e[key])
            for names, metric, key in ((groups, "group_acc", "groups"), (classes, "class_acc", "cls")):
                for name, value in zip(names, e[key]):
                    put(e["s"], metric, name, value)
        elif e["k"] == "eig":
            for metric, key in CSV_OF_EIG.items():
                put(e["of"], metric, classes[e["class"]], e[key])
        elif e["k"] == "cnc":
            put(e["of"], "cnc_a2", classes[e["class"]], e["a2"])
            put(e["of"], "cnc_sam_ratio", classes[e["class"]], e["ratio"][2])
    return rows


def csv_differences(text, events):
    have = {}
    for row in csv.DictReader(text.splitlines()):
        have.setdefault((int(row["step"]), row["metric"], row["class"]), []).append(number(row["value"]))
    lines = []
    for key, value in wanted_rows(events).items():
        if not any(single(value) == single(other) for other in have.get(key, [])):
            lines.append(f"{key}: expected {value}, got {have.get(key)}")
    return lines


def read_expected(name):
    lines = [json.loads(line) for line in (HERE / f"{name}.expected").read_text().splitlines()]
    return lines[0], lines[1:]


def check_reading(tap, place, name, journal):
    """Opening, looking and exporting: the same text, the same numbers, and nothing written."""
    folder = place.copy(name)
    before = tree(folder)
    verify = place.run("verify", name)
    tap.check(f"{name}: verify finds every checksum right", verify.returncode == 0, verify.stdout + verify.stderr)
    text = place.run("cat", name).stdout
    tap.check(f"{name}: the journal says what it said", digest(text) == journal, text[:300])
    jsonl = place.run("export", "jsonl", "out.jsonl", name)
    tap.check(f"{name}: and so does export jsonl", jsonl.returncode == 0 and digest((place.folder / "out.jsonl").read_text()) == journal,
              jsonl.stderr)
    events = [json.loads(line) for line in text.splitlines()]
    table = place.run("export", "csv", "out.csv", name)
    wrong = csv_differences((place.folder / "out.csv").read_text(), events) if table.returncode == 0 else table.stderr.splitlines()
    tap.check(f"{name}: export csv has its numbers", not wrong, "\n".join(wrong))
    if name == "probes":
        check_curves(tap, place, name, events)
    check_replay(tap, place, name, events)
    tap.check(f"{name}: reading changed nothing", tree(folder) == before, sorted(tree(folder)))
    for file in ("out.jsonl", "out.csv"):
        (place.folder / file).unlink(missing_ok=True)


def check_curves(tap, place, name, events):
    """Spectra and slices as tables: every node with its weight, every point with its loss."""
    wrong = []
    for what, kind, x, y, xs, ys in (("spectra", "eig", "node", "weight", "nodes", "wts"), ("slice", "slice", "at", "loss", "at", "loss")):
        wanted = {(e["of"], e["class"], a, b) for e in events if e["k"] == kind for a, b in zip(e[xs], e[ys])}
        result = place.run("-c", f"export csv {what}.csv {name} --what {what} --class all")
        file = place.folder / f"{what}.csv"
        rows = csv.DictReader(file.read_text().splitlines()) if result.returncode == 0 else []
        have = {(int(row["step"]), int(row["class"]), number(row[x]), number(row[y])) for row in rows}
        wrong += [f"{what}: expected {row}" for row in sorted(wanted - have)] + result.stderr.splitlines()
        if not wanted:
            wrong.append(f"no {kind} in the recording")
        file.unlink(missing_ok=True)
    tap.check(f"{name}: spectra and slices have their numbers", not wrong, "\n".join(wrong))


def check_replay(tap, place, name, events):
    """A replay shows the accuracies of the last evaluation, and forgets them when it goes back before the first."""
    shown = place.run("-c", f"replay {name}; show classes; echo then; seek start; show classes")
    now, _, start = shown.stdout.partition("\nthen\n")
    evaluations = [e for e in events if e["k"] == "epoch" and e["split"] != "train"]
    data = next(e for e in events if e["k"] == "data")
    accuracies = evaluations[-1]["cls"] if evaluations else [None] * len(data["classes"])
    wrong = [f"no line of {c}" for c in data["classes"] if f" {c} " not in now or f" {c} " not in start]
    for c, n, value in zip(data["classes"], data["counts"], accuracies):
        line = next((line.split() for line in now.splitlines() if f" {c} " in line), [])[:7]
        told = f"{value:.1f}" if isinstance(value, (int, float)) else "-"
        if str(n) not in line or line[-1:] != [told]:
            wrong.append(f"{c}: expected {n} images and {told}, got {' '.join(line)}")
    tap.check(f"{name}: it replays", shown.returncode == 0 and not wrong, "\n".join(wrong) + "\n" + shown.stderr + shown.stdout)


def check_resume(tap, place, name, expected):
    """Goes on to the end: recorded steps are repeated bit for bit (else there were a `branch` and a warning), and what
    follows is what the old program computed."""
    result = place.run("--threads=2", "resume", name)
    bad = re.search("timeline|not repeated|damaged", result.stderr)
    tap.check(f"{name}: resume comes to the end", result.returncode == 0 and not bad,
              f"exit {result.returncode}\n{result.stderr}\n{result.stdout[-1500:]}")
    events = place.events(name)
    tap.check(f"{name}: every recorded loss was repeated to the bit", not [e for e in events if e["k"] == "branch"],
              [e for e in events if e["k"] == "branch"])
    wrong = differences(expected, events)
    tap.check(f"{name}: steps, evaluations, changes, probes and last state are the old program's", not wrong, "\n".join(wrong))
    verify = place.run("verify", name)
    tap.check(f"{name}: and the session is whole", verify.returncode == 0, verify.stdout + verify.stderr)


def check_script(tap, place, name, expected):
    """A finished run: its script makes it again."""
    script = place.run("export", "script", "again.sad", name)
    text = (place.folder / "again.sad").read_text() if script.returncode == 0 else ""
    shutil.rmtree(place.folder / f"{name}.saddle")
    result = place.run("run", "again.sad")
    runs = [file.stem for file in place.folder.glob("*.saddle")]
    tap.check(f"{name}: its script runs", result.returncode == 0 and len(runs) == 1, text + result.stderr)
    wrong = differences(expected, place.events(runs[0])) if len(runs) == 1 else ["no run"]
    tap.check(f"{name}: steps and last state of the script are the old program's", not wrong, "\n".join(wrong))


def check(tap, name):
    head, expected = read_expected(name)
    with tempfile.TemporaryDirectory(prefix="saddle-golden-") as folder:
        place = Place(folder)
        check_reading(tap, place, name, head["journal"])
        go_on = check_script if head["ends"] == "finished" else check_resume
        go_on(tap, place, name, expected)


def ending(events):
    """finished: with its last weights; unsaved: told as finished, but killed before they were; stopped; killed."""
    state = [e["state"] for e in events if e["k"] == "state"][-1]
    if state == "finished" and not any(e["k"] == "snap" and e["s"] == events[-1]["s"] for e in events):
        return "unsaved"
    return state if state in ("finished", "stopped") else "killed"


def expect(name, twin=None):
    """For record.sh: what the program that recorded makes of it; without a snapshot, of the same commands (`twin`)."""
    with tempfile.TemporaryDirectory(prefix="saddle-golden-") as folder:
        place = Place(folder)
        place.copy(name)
        text = place.run("cat", name).stdout
        head = {"ends": ending([json.loads(line) for line in text.splitlines()]), "journal": digest(text)}
        if head["ends"] != "finished" and not twin:
            result = place.run("--threads=1", "resume", name)
            if result.returncode != 0 or "warning" in result.stderr:
                sys.exit(f"{name}: {result.stderr}")
        lines = [head] + truth(place.events(twin or name))
        (HERE / f"{name}.expected").write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))


def main():
    if sys.argv[1:2] == ["--expect"]:
        return expect(*sys.argv[2:])
    tap = Tap()
    for name in sys.argv[1:] or sorted(folder.stem for folder in HERE.glob("*.saddle")):
        check(tap, name)
    return tap.end()


sys.exit(main())
