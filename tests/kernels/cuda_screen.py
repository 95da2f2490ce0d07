#!/usr/bin/env python3
"""The screen stays when a CUDA call fails in mid-run: it says so, answers, and the session is sealed. Emulated device."""
import os
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(os.environ.get("top_builddir", "."), "tests", "kernels", "saddle_emulated")
if not os.access(PROGRAM, os.X_OK):
    print("skipped: the emulated device needs g++ and cmocka, and no thread sanitizer")
    sys.exit(77)
sys.path.insert(0, os.path.join(HERE, "..", "screen"))
from terminal import Terminal, at_home, run_tests, scratch  # noqa: E402

SMALL = "model resnet8; set batch 8; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; opt sgd; unwatch"


def test_a_failed_call_leaves_the_screen():
    home = scratch("saddle-cuda-")
    env = dict(at_home(home), SHIM_FAIL_AT="300")
    subprocess.run([sys.executable, os.path.join(HERE, "..", "cli", "tensors.py"), os.path.join(home, "images"), "1", "2", "3x8x8"], check=True)
    t = Terminal([PROGRAM, "--device=cuda"], 50, 120, env)
    t.see("saddle>")
    t.send(f"data tensors {home}/images; {SMALL}" + "; train --steps 100000 --name lost\r")
    t.see("FAILED", "error: failed: cuda: ", "failed: unknow")
    t.send("\x1b:show math\r")  # whatever had the keys, now the prompt has them
    t.see("math fp32")
    t.send("quit\r")
    assert t.exit_code() == 4, t.text()
    t.close()
    out = subprocess.run([PROGRAM, "verify", "lost"], env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert out.returncode == 0, out.stdout.decode()
    journal = subprocess.run([PROGRAM, "cat", "lost"], env={**os.environ, **env}, stdout=subprocess.PIPE, check=True).stdout.decode()
    assert '"k":"seal"' in journal.rstrip().split("\n")[-1], journal[-300:]
    assert journal.count('"k":"step"') > 3


run_tests(globals())
