#!/usr/bin/env python3
"""courses.py: whole trainings, to the bit, beside what they came to when they were last looked at. TAP.

course_table.py has the courses: here what is asked of a run while it goes on, and how it is taken up again; in courses_of_knobs.py each knob at some
values and changed in mid-run, each loss, optimiser, schedule, stage, sampler. Each is a few steps of ResNet-8 on 22 images of 8x8 pixels, with SADDLE_ISA=portable.
courses.expected has a few lines of each: of the events of a kind how many there are, a digest of all their fields but times, and some numbers to
read by; commands, notes and states whole. What was changed on purpose: `courses.py --update`, and read the difference.

courses.py [--update] [PATTERN...] takes the courses with such names only. As a test it takes a third, by SADDLE_FAULT_SEED, and each with
SADDLE_COURSES=all, as nightly does, and whoever makes a wrong edit.
"""
import fnmatch
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import course_data
import course_table
from tap import Tap

SADDLE = os.path.abspath(os.environ.get("SADDLE", "build/saddle"))
LINE_BY_LINE = os.path.join(os.path.abspath(os.environ.get("top_builddir", os.path.dirname(SADDLE))), "tests/golden/line_by_line")
TOP = Path(os.environ.get("top_srcdir", HERE.parent.parent)).resolve()
# Of what differs from run to run or from machine to machine: order of the journal, times, sizes of compressed files, what built the program.
VOLATILE = {"q", "m", "ms", "sec", "bytes", "build"}
UNTOLD = {"open", "seal", "status", "config", "env"}
# Told by what looks on from another thread, when it comes to it: what an alert notes, and that a run waits for its first command.
BESIDE = re.compile(r"^(note .* text=the loss is |state s=0 state=paused why=waiting for 'resume'|> warning: the loss is )")
TEXTS = ("cmd", "note", "say", "state", "stage", "branch", "snap", "unsnap")


def number(value):
    return f"{value:.7g}" if isinstance(value, (int, float)) else str(value)


def in_runs(values):
    """0.05 0.05 0.1: 0.05x2 0.1"""
    out = []
    for value in map(number, values):
        if out and out[-1][0] == value:
            out[-1][1] += 1
        else:
            out.append([value, 1])
    return " ".join(value if n == 1 else f"{value}x{n}" for value, n in out)


def plain(event):
    """An event without what is not its course's."""
    out = {key: value for key, value in event.items() if key not in VOLATILE}
    if event["k"] == "snap":
        del out["sha256"]
    if event["k"] == "unsnap":
        del out["s"]  # when a later file was written
    return out


def digest(events):
    return hashlib.sha256("\n".join(json.dumps(e, sort_keys=True) for e in events).encode()).hexdigest()[:12]


def told_of(kind, events):
    """The numbers that are there to be read."""
    if kind == "step":
        out = ["loss " + in_runs(e["loss"] for e in events), "lr " + in_runs(e["lr"] for e in events)]
        if any(e["rho"] != "nan" for e in events):
            out.append("rho " + in_runs(e["rho"] for e in events))
        return " | ".join(out)
    if kind == "epoch":
        return " | ".join(f"{number(e['ep'])} {e['split']} {number(e['loss'])} {number(e['acc'])} best {number(e['best'])}@{number(e['best_ep'])}"
                          for e in events)
    if kind == "eig":
        return " | ".join(f"{e['class']}@{e['of']} {e['iters']} it, {number(e['lmin'])} {number(e['lmax'])}" for e in events)
    if kind == "gauge":
        return " | ".join(f"{e['s']}: {number(e['rise'])} {number(e['cos'])}" for e in events)
    if kind == "reading":
        return " | ".join(f"{e['kind']}@{e['of']}" for e in events)
    return ""


def line_of(event):
    """A text event as one line."""
    e = {key: value for key, value in event.items() if key not in ("k", "ep") and value is not None}
    words = [event["k"], f"s={e.pop('s')}" if "s" in e else ""]
    if "state" in e and event["k"] == "snap":
        e["state"] = e["state"][:16]
    return " ".join(filter(None, words)) + " " + " ".join(f"{key}={value}" for key, value in e.items())


def in_order(kind, events):
    """What is asked of a run and what had waited for the same step meet there as the clock wants: `old` tells which change came first."""
    if kind == "unsnap":  # files go when others are written
        return sorted(events, key=lambda e: e["of"])
    if kind not in ("cmd", "say"):
        return events
    return [e for _, group in itertools.groupby(events, lambda e: e["s"]) for e in sorted(group, key=line_of)]


def account(events):
    """The lines of courses.expected about a recording."""
    lines, kinds = [], {}
    for event in events:
        if event["k"] not in UNTOLD:
            kinds.setdefault(event["k"], []).append(plain(event))
    for kind in sorted(kinds):
        found = kinds[kind]
        if kind in TEXTS:
            lines += [line for line in map(line_of, in_order(kind, found)) if not BESIDE.match(line)]
        else:
            lines.append(f"{kind} {len(found)} {digest(found)} {told_of(kind, found)}".rstrip())
    return lines


def calm(text):
    """What the program printed, without log lines and what differs from day to day."""
    kept = [line for line in text.splitlines() if not re.match(r"\d{4}-\d\d-\d\dT", line)]
    begins = [at for at, line in enumerate(kept) if line.startswith("recorded in ")]
    text = "\n".join(kept[begins[0] + 1:] if begins else kept)  # what was set up before stands in the course
    text = re.sub(r"\(?\d+(\.\d+)? (GiB free|TiB free)\)?|, about \d+ s|\d+(\.\d+)? (ms|s)\b", "~", text)
    text = re.sub(r"\br[0-9a-f]{5}\b", "RUN", text)
    return [f"> {line}" for line in text.splitlines()]


class Place:
    """A folder where the program has its home and its sessions."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.env = {key: value for key, value in os.environ.items() if not key.startswith("SADDLE")}
        self.env.update(SADDLE_ISA="portable", LC_ALL="C.UTF-8", TZ="UTC", HOME=folder, XDG_CONFIG_HOME=folder + "/config", XDG_DATA_HOME=folder,
                        XDG_STATE_HOME=folder)
        course_data.write(self.folder / "data.safetensors")

    def run(self, *words):
        command = [SADDLE, "--no-config", "--sessions", "runs", "--device=cpu", "--threads=1", *words]
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=self.env, cwd=self.folder)

    def run_lines(self, script):
        """As at the prompt: what is refused does not end it."""
        lines = "\n".join(script.split("; ")) + "\n"
        return subprocess.run([LINE_BY_LINE, "runs"], capture_output=True, text=True, input=lines, env=self.env, cwd=self.folder)

    def account(self, course):
        """Lines of a course, and its events. A run that it made beside (fork, stage --from) counts too."""
        lines, events = [], []
        alone = len(course.scripts) == 1 and not course.told
        for script in course.scripts:
            if script.startswith("!rm "):
                for pattern in script.split()[1:]:
                    for file in (self.folder / "runs" / f"{course.name}.saddle").glob(pattern):
                        file.unlink()
                continue
            result = self.run_lines(f"{script}; wait") if course.told else self.run("-c", f"{script}; wait; export jsonl journal {course.name}" if alone else script)
            if course.told or result.returncode:
                lines += [line for line in calm(result.stdout + result.stderr) if not BESIDE.match(line)]
            if result.returncode:
                lines.append(f"exit {result.returncode}")
        for session in sorted((self.folder / "runs").glob("*.saddle")):
            written = self.folder / "journal"
            text = written.read_text() if written.exists() else self.run("cat", session.stem).stdout
            written.unlink(missing_ok=True)
            own = [json.loads(line) for line in text.splitlines()]
            lines += ([f"run {session.stem}"] if session.stem != course.name else []) + account(own)
            events += own
            if course.told and any(e["k"] == "snap" for e in own):
                lines.append("files " + " ".join(sorted(file.name for file in session.glob("snap*"))))
        shutil.rmtree(self.folder / "runs", ignore_errors=True)
        return lines, events


def read_expected(file):
    out = {}
    for line in file.read_text().splitlines() if file.exists() else []:
        if line.startswith("= "):
            own = out.setdefault(line[2:], [])
        elif line:
            own.append(line)
    return out


def shortened(lines, other, name):
    """Without what another course says too, but how much that is."""
    own = [line for line in lines if line not in other]
    return own + [f"{len(lines) - len(own)} of {len(other)} lines of {name}"]


def write_expected(file, all_lines):
    file.write_text("\n".join("\n".join([f"= {name}"] + lines) for name, lines in all_lines.items()) + "\n")


def differences(expected, found):
    lines = []
    for at in range(max(len(expected), len(found))):
        want = expected[at] if at < len(expected) else "nothing more"
        have = found[at] if at < len(found) else "nothing more"
        if want != have:
            lines += [f"expected: {want}", f"now:      {have}"]
    return "\n".join(lines)


def numbers_of(events):
    """What training and measuring came to: two courses that differ in nothing of it are the same."""
    return [plain(e) for e in events if e["k"] in ("step", "epoch", "eig", "gauge", "snap")]


def told_once(events):
    """Steps, evaluations and probes of scheduled rounds by what they are, and the last weights; told twice, the last counts."""
    found, last = {}, None
    for e in map(plain, events):
        if e["k"] == "snap":
            last = e["s"], e["state"]
        elif e["k"] in ("step", "gauge", "epoch") and e.get("split") != "train":
            found[e["k"], e["s"]] = e
        elif e["k"] == "eig":
            found["eig", e["of"], e["class"]] = {key: value for key, value in e.items() if key != "s"}
    return found, last


def check_ways(tap, courses, events):
    """A knob that changes nothing is a wire that is cut; one that is set between two steps changes nothing before; what makes no difference makes none."""
    for course in courses:
        own, base, twin = (events.get(name) for name in (course.name, course.base, course.twin))
        if own and base:
            before = [[plain(e) for e in found if e["k"] in ("step", "gauge") and e["s"] <= course.after] for found in (own, base)]
            tap.check(f"{course.name} is not {course.base}", numbers_of(own) != numbers_of(base), "the same numbers")
            tap.check(f"{course.name} is {course.base} before", not course.after or before[0] == before[1], "differs too early")
        if own and twin:
            (a, last_a), (b, last_b) = told_once(own), told_once(twin)
            if course.name.startswith(("measured", "changes", "long")):
                a, b = ({key: value for key, value in found.items() if key[0] != "eig"} for found in (a, b))
            if course.name.startswith("auto"):  # what rho is moved by; the round of the others is begun again where it was cut off
                a, b = ({key: value for key, value in found.items() if key[0] != "eig" or key[2] > 2} for found in (a, b))
            wrong = [key for key in a.keys() | b.keys() if a.get(key) != b.get(key)] + ([(last_a, last_b)] if last_a != last_b else [])
            tap.check(f"{course.name} has the bits of {course.twin}", not wrong, sorted(map(str, wrong))[:8])


def of_the_day(courses):
    seed = int(os.environ.get("SADDLE_FAULT_SEED") or 0)
    return [c for i, c in enumerate(courses) if (i + seed) % 3 == 0]


def main(part, file):
    words = sys.argv[1:]
    update = "--update" in words
    patterns = [w for w in words if w != "--update"]
    courses = course_table.all_courses(part, TOP)
    chosen = [c for c in courses if any(fnmatch.fnmatch(c.name, p) for p in patterns)]
    if not patterns:
        chosen = courses if update or os.environ.get("SADDLE_COURSES") == "all" else of_the_day(courses)
    expected, tap, events, found, whole = read_expected(file), Tap(), {}, {}, {}
    with tempfile.TemporaryDirectory(prefix="saddle-courses-") as folder:
        place = Place(folder)
        for course in chosen:
            lines, events[course.name] = place.account(course)
            whole[course.name] = lines
            other = course.twin or course.base
            if other:
                lines = shortened(lines, whole.get(other) or expected[other], other)
            found[course.name] = lines
            if not update:
                want = expected.get(course.name, [])
                tap.check(course.name, lines == want, differences(want, lines))
    check_ways(tap, courses, events)
    if update:
        expected.update(found)
        write_expected(file, {c.name: expected[c.name] for c in courses if c.name in expected})
    elif not patterns:
        tap.check("each course that was expected is there", set(expected) == {c.name for c in courses}, set(expected) ^ {c.name for c in courses})
    return tap.end()


if __name__ == "__main__":
    sys.exit(main("ways", HERE / "courses.expected"))
