"""scenes.py - what faults.py disturbs: small sessions from beginning to end, and what must hold after a fault or a kill.

A run lasts half a second: three classes of noise, resnet8, steps of 8 images. Its commands are all given before the first
step ("at step 2"), so that a run resumed from anywhere must come to the very numbers of one that nothing happened to.
"""
import array
import hashlib
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import time

BUILD = os.path.abspath(os.environ.get("top_builddir") or os.path.join(os.path.dirname(__file__), "../../build"))
SADDLE = os.path.abspath(os.environ.get("SADDLE") or os.path.join(BUILD, "saddle"))
PRELOAD = os.path.join(BUILD, "tests/fault/preload.so")
PATIENCE = 300  # seconds: ends a failed trial only
STALL = 1.0     # a fault that lasts: after so long the program is asked to stop, or the disk is mended

SETUP = """
data tensors DATA
model resnet8
seed 7
set threads 1
set batch 8
set budget 1
set hessian_iters 2
set hessian_images 2
set snapshot_seconds 0
"""


def write_data(path, counts=(14, 7, 3), n_test=9, side=8):
    """Noise, with so many training images of each class, as a safetensors file."""
    draw = random.Random(5)

    def images(n):
        return array.array("f", [byte / 64 - 2 for byte in draw.randbytes(n * 3 * side * side)]).tobytes()

    labels, test = [c for c, n in enumerate(counts) for _ in range(n)], [i % len(counts) for i in range(n_test)]
    head, data = {}, b""
    for name, label in (("", labels), ("test_", test)):
        for key, dtype, shape, raw in ((name + "images", "F32", [len(label), 3, side, side], images(len(label))),
                                       (name + "labels", "I64", [len(label)], struct.pack(f"<{len(label)}q", *label))):
            head[key] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
            data += raw
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


class Place:
    """Folders of one trial: sessions, what is exported, and a home."""

    def __init__(self, folder, like=None):
        self.folder = folder
        if like:
            shutil.copytree(like.folder, folder)
        for name in ("sessions", "out", "home"):
            os.makedirs(os.path.join(folder, name), exist_ok=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    @property
    def session(self):
        return self.path("sessions", "run.saddle")

    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("SADDLE_", "FAULT_", "XDG_"))}
        env.update(HOME=self.path("home"), LC_ALL="C.UTF-8", TZ="UTC")
        for name in ("SADDLE_ISA",):
            if name in os.environ:
                env[name] = os.environ[name]
        return env

    def command(self, words):
        return [SADDLE, "--no-config", "--sessions", self.path("sessions"), "--log=jsonl", *words]

    def run(self, *words):
        """The program without faults."""
        return subprocess.run(self.command(words), env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=PATIENCE)

    def start(self, words, seconds):
        """The program, killed after so long unless it has ended. Its exit code, what it printed and told."""
        process = subprocess.Popen(self.command(words), env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, err = process.communicate()
        return process.returncode, out, err

    def events(self):
        return lines_of(self.run("cat", "run").stdout)

    def tree(self):
        return {os.path.relpath(os.path.join(at, name), self.folder): os.path.getsize(os.path.join(at, name))
                for at, _, names in os.walk(self.path("sessions")) for name in names}

    def temporaries(self):
        names = os.listdir(self.session) if os.path.isdir(self.session) else []
        return {n for n in names if n.startswith("tmp-") or n == "reserve"}


class Fault:
    """The at-th call of a kind meets `how`: once, for good, or until the disk is mended (heals)."""

    def __init__(self, kind, at, how, lasts="once"):
        self.kind, self.at, self.how, self.lasts = kind, at, how, lasts
        self.kills = how in ("before", "half", "after")

    def __str__(self):
        return f"{self.kind}:{self.at}:{self.how}:{self.lasts}"

    def lets_remove(self):
        """The program could clean up."""
        return not self.kills and self.kind != "unlink" and not (self.lasts == "good" and self.how in ("EIO", "EROFS"))

    def environment(self, log, flag):
        env = {"FAULT_CALL": self.kind, "FAULT_AT": str(self.at), "FAULT_HOW": self.how, "FAULT_LOG": log}
        if self.lasts != "once":
            env["FAULT_WHILE"] = flag
        return env


class Outcome:
    def __init__(self, code, out, err, calls, asked, hung):
        self.code, self.out, self.err, self.asked, self.hung = code, out, err, asked, hung
        self.calls = [line.split(" ", 2) for line in calls if not line.startswith("fault ")]
        self.struck = any(line.startswith("fault ") for line in calls)
        at = next((line.split(" ", 3)[3] for line in calls if line.startswith("fault ")), "")
        self.where = os.path.basename(at)


def read_lines(path):
    try:
        with open(path) as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def launch(place, words, under, fault=None):
    """The program with the library before it. A lasting fault ends with SIGTERM, or heals, when the program has met it."""
    log, flag = place.path("calls"), place.path("broken")
    env = place.environment()
    env.update(LD_PRELOAD=PRELOAD, FAULT_UNDER=":".join(under), FAULT_LOG=log)
    if fault:
        env.update(fault.environment(log, flag))
        open(flag, "w").close()
    with open(place.path("stdout"), "w+") as out, open(place.path("stderr"), "w+") as err:
        process = subprocess.Popen(place.command(words), env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        asked, hung, since, began = False, False, None, time.monotonic()
        while process.poll() is None:
            time.sleep(0.02)
            now = time.monotonic()
            if fault and fault.lasts != "once" and not asked:
                if since is None and any(line.startswith("fault ") for line in read_lines(log)):
                    since = now
                if since is not None and now - since > STALL:
                    asked = True
                    if fault.lasts == "heals":
                        os.unlink(flag)
                    else:
                        process.send_signal(signal.SIGTERM)
            if now - began > PATIENCE:
                hung = True
                process.kill()
        out.seek(0)
        err.seek(0)
        return Outcome(process.returncode, out.read(), err.read(), read_lines(log), asked, hung)


# --- events -----------------------------------------------------------------------------------------------------------

def lines_of(text):
    found = []
    for line in text.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            pass  # the line a kill cut
    return found


def kept(event):
    """An event without what printing adds."""
    return json.dumps({k: v for k, v in event.items() if k not in ("q", "m", "time")}, sort_keys=True)


def acknowledged(text):
    """What the program showed as recorded. `say` and `step` are shown before they are synced, and promise nothing."""
    return [event for event in lines_of(text) if event.get("k") not in ("say", "step", None)]


def missing_of(told, place):
    """What of it is not recorded."""
    events = {kept(e) for e in place.events()} if told else set()
    return [e for e in told if kept(e) not in events]


def is_finished(events):
    states = [e["state"] for e in events if e["k"] == "state"]
    return bool(states) and states[-1] == "finished"


def last_snapshot(events):
    """Of the last step: one that failed is saved again later, so it need not be the last that was said to be."""
    snaps = {e["s"]: e["state"] for e in events if e["k"] == "snap"}
    return (max(snaps), snaps[max(snaps)]) if snaps else None


def numbers(events):
    """What a run came to: each step, evaluation and probe by what it is of; the last timeline's where there are several."""
    came = {}
    for e in events:
        if e["k"] == "step":
            came["step", e["s"]] = [e[key] for key in ("loss", "loss_up", "acc", "gn", "lr", "rho")]
        elif e["k"] == "epoch":
            came["epoch", e["s"], e["split"]] = {k: v for k, v in e.items() if k not in ("q", "m", "sec")}
        elif e["k"] in ("eig", "cnc", "slice"):
            came[e["k"], e["of"], e["class"]] = {k: v for k, v in e.items() if k not in ("q", "m", "s", "sec")}
    return came


def differences(whole, broken):
    """Lines about what differs. A round of watched classes that was cut off may be missing, what a command asked for may not."""
    a, b, found = numbers(whole), numbers(broken), []
    for key, value in a.items():
        if key not in b:
            found.append(f"{key} is missing")
        elif b[key] != value:
            found.append(f"{key} differs: {value} whole, {b[key]} broken")
    if last_snapshot(whole) != last_snapshot(broken):
        found.append(f"last snapshot: {last_snapshot(whole)} whole, {last_snapshot(broken)} broken")
    return found


# --- scenes -----------------------------------------------------------------------------------------------------------

class Verdict:
    def __init__(self):
        self.problems, self.acknowledged, self.lost = [], 0, 0

    def demand(self, holds, text):
        if not holds:
            self.problems.append(text)
        return holds


class RunScene:
    """A run from a script, from its beginning or from where it was cut off (`cut`: a Fault that kills it there)."""

    def __init__(self, name, options, commands, cut=None):
        self.name, self.options, self.commands, self.cut = name, options, commands, cut
        self.start = self.whole = None

    def script(self, place, data):
        lines = [SETUP.replace("DATA", data), *self.options, "train --name run --paused", *self.commands, "resume"]
        with open(place.path("run.sad"), "w") as file:
            file.write("\n".join(lines) + "\n")
        return ["run", place.path("run.sad")]

    def prepare(self, root, data):
        """Runs it unbroken, counts its calls; returns them by kind, or raises."""
        self.data = data
        place = Place(os.path.join(root, self.name + "-whole"))
        outcome = launch(place, self.script(place, data), self.under(place))
        self.whole, self.err = place.events(), outcome.err
        if outcome.code != 0 or not is_finished(self.whole):
            raise RuntimeError(f"{self.name}: the unbroken run ends with {outcome.code}: {outcome.err}")
        if self.cut:
            self.start = Place(os.path.join(root, self.name + "-cut"))
            outcome = launch(self.start, self.script(self.start, data), self.under(self.start), self.cut)
            if outcome.code != -signal.SIGKILL:
                raise RuntimeError(f"{self.name}: not cut at {self.cut}: {outcome.code} {outcome.err}")
            counting = Place(os.path.join(root, self.name + "-count"), self.start)
            os.unlink(counting.path("calls"))
            outcome = launch(counting, ["resume", "run"], self.under(counting))
            if outcome.code != 0:
                raise RuntimeError(f"{self.name}: resume ends with {outcome.code}: {outcome.err}")
        return count(outcome.calls)

    def under(self, place):
        return [place.path("sessions")]

    def words(self, place):
        """What meets the fault."""
        return ["resume", "run"] if self.start else self.script(place, self.data)

    def attempt(self, folder, fault):
        place = Place(folder, self.start)
        if self.start:
            os.unlink(place.path("calls"))
        outcome = launch(place, self.words(place), self.under(place), fault)
        verdict = Verdict()
        if outcome.struck:
            self.judge_end(verdict, place, outcome, fault)
            self.judge_kept(verdict, place, acknowledged(outcome.out))
            self.judge_resumed(verdict, place, outcome, fault)
        return outcome, verdict

    def judge_end(self, v, place, outcome, fault):
        """The exit code tells the truth, and an ended program cleans up."""
        events = place.events() if os.path.isdir(place.session) else []
        if outcome.hung:
            v.problems.append("it did not end")
        elif fault.kills:
            v.demand(outcome.code == -signal.SIGKILL, f"killed, but exit {outcome.code}")
        elif outcome.code == 0:
            v.demand(is_finished(events), "exit 0, but the recording is not finished")
            v.demand(last_snapshot(events) == last_snapshot(self.whole), f"exit 0, last snapshot {last_snapshot(events)}")
        else:
            v.demand(outcome.code in (1, 3, 4, 75, 143), f"exit {outcome.code}")
            v.demand(outcome.err.strip() and outcome.err != self.err, f"exit {outcome.code}, and stderr does not say why")
            v.demand(outcome.code != 75 or any(e["k"] == "snap" for e in events), "exit 75 without a snapshot")
            # lines that a log file has lost stay lost, and are told by the exit code; a run that ends while nothing can be written is given up, and
            # on a crowded machine its program may live to see the disk mended
            v.demand(fault.lasts != "heals" or not outcome.asked or self.name == "log" or "recording was given up" in outcome.err, f"mended while it ran, but exit {outcome.code}: {outcome.err.strip()[-300:]}")
        if not outcome.hung and fault.lets_remove():
            left = place.temporaries() - (self.start.temporaries() if self.start else set())
            v.demand(not left, f"left behind: {sorted(left)}")

    def judge_kept(self, v, place, told):
        v.acknowledged = len(told)
        missing = missing_of(told, place)
        v.lost = len(missing)
        for e in missing[:3]:
            v.problems.append("acknowledged and lost: " + kept(e)[:300])
        if told:
            checked = place.run("verify", "run")
            v.demand(checked.returncode == 0 or checked.returncode == 3 and checked.stderr.strip(),
                     f"verify: exit {checked.returncode}: {(checked.stderr or checked.stdout)[-300:]}")

    def judge_resumed(self, v, place, outcome, fault):
        """Resume goes on to the end, and the end is that of the unbroken run."""
        told, before = acknowledged(outcome.out), place.events() if os.path.isdir(place.session) else []
        if not any(e["k"] == "env" for e in told) and not self.start:
            self.begin_again(v, place, fault)
        elif not self.resume(v, place):
            return
        events = place.events()
        v.demand(is_finished(events), "not finished after resume")
        v.problems += differences(self.whole, events)[:4]
        left = sorted(place.temporaries())
        v.demand(not left or is_finished(before), f"left behind after resume: {left}") # a finished run is not opened again
        again = place.run("verify", "run")
        v.demand(again.returncode in (0, 3), f"verify after resume: exit {again.returncode}")

    def missing_commands(self, place):
        events = place.events()
        given = {e.get("txt") for e in events if e["k"] == "cmd"} | {"note " + e["text"] for e in events if e["k"] == "note"}
        return [c for c in ["watch 2", *self.commands] if c not in given and (c != "watch 2" or c in self.options)]

    def resuming(self, place):
        """The words that resume it. What was never acknowledged is given again."""
        missing = self.missing_commands(place)
        if not missing or is_finished(place.events()):
            return ["resume", "run"]
        return ["-c", "; ".join(["resume run --paused", *missing, "resume"])]

    def resume(self, v, place):
        result = place.run(*self.resuming(place))
        return v.demand(result.returncode == 0, f"resume: exit {result.returncode}: {result.stderr.strip()[-400:]}")

    def begin_again(self, v, place, fault):
        """Nothing of a run was acknowledged: its name is free again, or what there is can be resumed."""
        if os.path.isdir(place.session):
            if place.run(*self.resuming(place)).returncode == 0:
                return
            if not fault.lets_remove():
                shutil.rmtree(place.session)
        result = place.run(*self.script(place, self.data))
        v.demand(result.returncode == 0, f"begun again: exit {result.returncode}: {result.stderr.strip()[-300:]}")


class ExportScene:
    """A file made of a finished recording, where there is none, or in place of another one."""

    OLD = "of before\n"

    def __init__(self, name, words, replaces):
        self.name, self.words, self.replaces = name, words, replaces

    def command(self, place):
        return ["-c", self.words.replace("FILE", place.path("out", "file"))]

    def prepare(self, root, data):
        del data
        self.start = Place(os.path.join(root, self.name + "-whole"), Place(os.path.join(root, "train-whole")))
        os.unlink(self.start.path("calls"))
        if self.replaces:
            self.put_old(self.start)
        self.tree = self.start.tree()
        whole = Place(os.path.join(root, self.name + "-count"), self.start)
        outcome = launch(whole, self.command(whole), self.under(whole))
        if outcome.code != 0:
            raise RuntimeError(f"{self.name}: exit {outcome.code}: {outcome.err}")
        self.content = self.read(whole)
        return count(outcome.calls)

    def put_old(self, place):
        with open(place.path("out", "file"), "w") as file:
            file.write(self.OLD)

    def under(self, place):
        return [place.path("sessions"), place.path("out")]

    @staticmethod
    def read(place):
        try:
            with open(place.path("out", "file"), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def attempt(self, folder, fault):
        place, v = Place(folder, self.start), Verdict()
        outcome = launch(place, self.command(place), self.under(place), fault)
        if not outcome.struck:
            return outcome, v
        before = self.OLD.encode() if self.replaces else None
        content, names = self.read(place), set(os.listdir(place.path("out")))
        v.acknowledged = int(outcome.code == 0)
        if outcome.hung:
            v.problems.append("it did not end")
        elif fault.kills:
            v.demand(outcome.code == -signal.SIGKILL, f"killed, but exit {outcome.code}")
            v.demand(content in (before, self.content), "killed, and the file is neither the old nor the new one")
        elif outcome.code == 0:
            v.lost = int(not v.demand(content == self.content, "exit 0, but the file is not what it should be"))
        elif fault.how == "term":
            v.demand(outcome.code == 143 and outcome.err.strip(), f"exit {outcome.code}: {outcome.err.strip()}")
            v.demand(content in (before, self.content), "SIGTERM, and the file is neither the old nor the new one")
        else:
            v.demand(outcome.code in (1, 3), f"exit {outcome.code}")
            v.demand(outcome.err.strip(), f"exit {outcome.code}, and stderr does not say why")
            replaced = "sync the folder" in outcome.err and content == self.content # is there, but may not survive a power cut
            v.demand(content == before or replaced, f"exit {outcome.code}, but the file changed: {outcome.err.strip()}")
        if fault.lets_remove():
            v.demand(names <= {"file"}, f"left behind: {sorted(names - {'file'})}")
        v.demand(place.tree() == self.tree, "the recording changed")
        again = place.run("-c", self.command(place)[1] + ("" if self.replaces else " --force"))
        v.demand(again.returncode == 0 and self.read(place) == self.content, f"tried again: exit {again.returncode}: {again.stderr[-300:]}")
        return outcome, v


class ChildScene(RunScene):
    """A run that begins with the state of another one, `base`: there is none of it, or it goes on from its own first snapshot.
    Of base nothing is written."""
    BEGIN, GO = "stage crt --from base --epochs 1 --name run --paused", "resume"

    def script(self, place, data):
        with open(place.path("run.sad"), "w") as file:
            file.write("\n".join(["set threads 1", *self.options, self.BEGIN, *self.commands, self.GO]) + "\n")
        return ["run", place.path("run.sad")]

    def words(self, place):
        return self.script(place, self.data)

    def prepare(self, root, data):
        base = Place(os.path.join(root, self.name + "-base"))
        result = base.run("-c", "; ".join([*SETUP.replace("DATA", data).split("\n"), "set eval_every 0", "set hessian_every 0", "train --epochs 1 --name base"]))
        if result.returncode != 0:
            raise RuntimeError(f"{self.name}: base: {result.stderr}")
        self.data = data
        self.start = Place(os.path.join(root, self.name + "-start"), base)
        open(self.start.path("calls"), "w").close()
        self.base = self.sums(self.start)
        place = Place(os.path.join(root, self.name + "-whole"), base)
        outcome = launch(place, self.words(place), self.under(place))
        self.whole, self.err = place.events(), outcome.err
        if outcome.code != 0 or not is_finished(self.whole):
            raise RuntimeError(f"{self.name}: the unbroken run ends with {outcome.code}: {outcome.err}")
        return count(outcome.calls)

    @staticmethod
    def sums(place):
        folder = place.path("sessions", "base.saddle")
        found = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                found[name] = hashlib.sha256(file.read()).hexdigest()
        return found

    def judge_resumed(self, v, place, outcome, fault):
        told = acknowledged(outcome.out)
        v.demand(self.sums(place) == self.base, "base was written")
        if any(e["k"] == "snap" for e in told):
            super().judge_resumed(v, place, outcome, fault)
            return
        again = place.run("resume", "run") if os.path.isdir(place.session) else None
        if not again or again.returncode != 0:
            again = place.run(*self.words(place))
        v.demand(again.returncode == 0, f"begun again: exit {again.returncode}: {again.stderr.strip()[-300:]}")
        v.demand(last_snapshot(place.events()) == last_snapshot(self.whole), "begun again it comes to another end")


class ForkScene(ChildScene):
    """The same of a fork, in the middle of an epoch, so that steps are repeated first."""
    BEGIN, GO = "fork base@0.5 run", "train"


class LogScene(RunScene):
    """The log file of a run: the run does not depend on it, but exit 0 says that it is whole."""

    def under(self, place):
        return [place.path("out")]

    def script(self, place, data):
        return ["--log-file", place.path("out", "log"), *super().script(place, data)]

    def judge_end(self, v, place, outcome, fault):
        super().judge_end(v, place, outcome, fault)
        if outcome.code == 0:
            logged = [line for line in read_lines(place.path("out", "log"))]
            v.demand(all(line in logged for line in outcome.out.splitlines()), "exit 0, but the log file lacks lines")


def count(calls):
    kinds = {}
    for kind, number, _ in calls:
        kinds[kind] = max(kinds.get(kind, 0), int(number))
    return kinds


PROBES = ["note begun", "set lr 0.02 at step 2", "snapshot keep at step 2", "hessian 1 at step 2",
          "cnc 2 --iters 6 --images 2 --batches 2 --batch 2 at step 4", "slice 1 random:1 --points 3 --images 2 at step 5"]


def scenes():
    two = ["set epochs 2", "set eval_every 1", "set hessian_every 2", "watch 2"]
    quiet = ["set eval_every 0", "set hessian_every 0", "unwatch"]
    found = [
        RunScene("create", [*quiet, "set epochs 1", "set snapshot_every 0"], []),
        RunScene("train", two, PROBES),
        RunScene("snapshot", [*quiet, "set epochs 3", "set batch 24"], ["snapshot first at step 1"]),
        RunScene("finish", [*quiet, "set epochs 1", "set eval_every 1"], ["snapshot late at step 2", "hessian 2 at step 2"],
                 cut=Fault("rename", 2, "after")),
        RunScene("resume", two, PROBES, cut=Fault("rename", 3, "before")),
        LogScene("log", [*quiet, "set epochs 1"], []),
        ChildScene("child", ["set eval_every 0"], ["snapshot early at step 4"]),
        ForkScene("fork", ["set momentum 0.8", "set epochs 2"], ["snapshot early at step 4"]),
    ]
    exports = {word: f"export {word} FILE run" for word in ("csv", "jsonl", "script", "safetensors")}
    exports["weights"] = "replay run@1; save weights FILE"
    exports["bundle"] = "export bundle FILE run --weights all"
    for name, command in exports.items():
        for replaces in (False, True):
            found.append(ExportScene(f"{name}-over" if replaces else name, command + " --force" * replaces, replaces))
    return found
