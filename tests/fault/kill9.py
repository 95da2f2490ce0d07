#!/usr/bin/env python3
"""kill9.py [KILLS]: kill -9 the real program at random moments while it trains; resume; go on.

Everything the program printed before a kill is an acknowledgement: every command, evaluation and snapshot it showed must
be in the journal afterwards, and after the last resume the final weights must be bit-identical to those of a run that was
never killed. Default 4 kills (a few seconds, part of `make check`); SADDLE_KILLS=50 or an argument for the long run.
TAP output.
"""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

SADDLE = os.environ.get("SADDLE", "build/saddle")
KILLS = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SADDLE_KILLS", "4"))
EPOCHS = max(3, KILLS // 8)
SCRIPT = f"""
data demo
model resnet8
seed 7
set threads 1
set opt sam
set rho 0.1
set weights effective
set drw 2
set batch 64
set epochs {EPOCHS}
set lr 0.05
set snapshot_seconds 1
set eval_every 1
watch 9
set hessian_iters 4
set hessian_images 16
set rho 0.2 at step 30
set lr 0.02 at epoch 2
set momentum 0.8 at step 77
train --name NAME
"""


def start(folder, arguments):
    command = [SADDLE, "--no-config", "--sessions", folder, "--log=jsonl"] + arguments
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)


def script(folder, name):
    path = os.path.join(folder, name + ".sad")
    with open(path, "w") as file:
        file.write(SCRIPT.replace("NAME", name))
    return ["run", path]


def journal(folder, name):
    result = subprocess.run([SADDLE, "--no-config", "--sessions", folder, "cat", name], capture_output=True, text=True)
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def key(event):
    """What identifies an acknowledged event, whatever else its line carries."""
    return (event.get("k"), event.get("s"), event.get("key"), event.get("value"), event.get("name"), event.get("state"))


def acknowledged(text):
    seen = []
    for line in text.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue  # the line the kill cut
        if event.get("k") in ("cmd", "epoch", "snap", "note"):
            seen.append(key(event))
    return seen


def final_states(events):
    return [(e["s"], e["state"]) for e in events if e["k"] == "snap"]


def first_difference(whole, broken):
    def steps(events):
        return {e["s"]: (e["loss"], e["lr"], e["rho"]) for e in events if e["k"] == "step"}

    a, b = steps(whole), steps(broken)
    for s in sorted(a):
        if a[s] != b.get(s):
            return f"first different step: {s}: loss, lr, rho {a[s]} whole, {b.get(s)} broken"
    return "every recorded step is the same"


def run_and_kill(folder, arguments, delay):
    process = start(folder, arguments)
    try:
        out, err = process.communicate(timeout=delay)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        out, err = process.communicate()
    return process.returncode, out, err


def main():
    if KILLS < 1:
        print("1..0 # SKIP no kills asked for (SADDLE_KILLS)")
        return 77
    random.seed(int(os.environ.get("SADDLE_KILL_SEED", "1")))
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        code, out, err = run_and_kill(folder, script(folder, "whole"), 3600)
        whole_seconds = time.monotonic() - began
        whole = journal(folder, "whole")
        print(f"# unbroken run: {whole_seconds:.1f} s, exit {code}, {len(whole)} events")
        if code != 0 or not final_states(whole):
            print(f"not ok 1 - unbroken run\n# {err.strip()[-500:]}\n1..1")
            return 1
        arguments, kills, lost, shown = script(folder, "broken"), 0, 0, []
        while True:
            delay = random.uniform(0.05, max(1.5, min(0.6, 4 / KILLS) * whole_seconds)) if kills < KILLS else 3600
            code, out, err = run_and_kill(folder, arguments, delay)
            shown += acknowledged(out)
            events = journal(folder, "broken")
            known = {key(e) for e in events}
            missing = [k for k in shown if k not in known]
            if missing:
                lost += len(missing)
                print(f"# after kill {kills}: acknowledged but not in the journal: {missing[:3]}")
                shown = [k for k in shown if k in known]
            if code != -signal.SIGKILL:
                if code == 0 or kills >= KILLS or "is finished" in err:  # killed just after its end: nothing to go on with
                    code = 0 if "is finished" in err else code
                    break
                if os.path.isdir(os.path.join(folder, "broken.saddle")):
                    print(f"# resume ended with exit {code}: {err.strip()[-400:]}")
                    failures += 1
                    break
            kills += 1
            if any(e["k"] == "snap" for e in events):
                arguments = ["resume", "broken"]
            else:  # killed before the first snapshot existed: nothing to resume from; start over under the same name
                subprocess.run(["rm", "-rf", os.path.join(folder, "broken.saddle")], check=True)
                shown = []
                arguments = script(folder, "broken")
        broken = journal(folder, "broken")
        same = final_states(broken) and final_states(broken)[-1] == final_states(whole)[-1]
        tests = [
            (f"{kills} kills: every resume ran to the next kill or the end", failures == 0 and code == 0),
            (f"{kills} kills: no acknowledged command, evaluation or snapshot lost", lost == 0),
            (f"{kills} kills: final state {final_states(whole)[-1][1][:12]} as in the unbroken run", bool(same)),
        ]
        verify = subprocess.run([SADDLE, "--no-config", "--sessions", folder, "verify", "broken"], capture_output=True, text=True)
        tests.append(("verify finds no damage", verify.returncode == 0))
        for number, (name, good) in enumerate(tests, 1):
            print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not same:
            print(f"# whole  {final_states(whole)[-3:]}\n# broken {final_states(broken)[-3:]}")
            print(f"# {first_difference(whole, broken)}")
            for e in broken:
                if e["k"] in ("open", "cmd", "snap", "branch", "say"):
                    print("#", json.dumps({k: e[k] for k in ("k", "q", "s", "txt", "op", "by", "text", "name") if k in e}))
        print(f"1..{len(tests)}")
        return 0 if all(good for _, good in tests) else 1


sys.exit(main())
