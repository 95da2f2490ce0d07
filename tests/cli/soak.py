#!/usr/bin/env python3
"""soak.py - a run that goes on for long while knobs are changed at random from outside: its files and threads stay as many, its memory does not grow with
the changes, and killed in the end it is whole and repeats from its last snapshot what it had recorded, bit for bit.

SADDLE_SOAK          how many changes (12); 1,800 of them with the pause below are an hour
SADDLE_SOAK_PAUSE    seconds between two (0.05)
SADDLE_STEER_SEED    other ones"""
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from steered import SADDLE, change, run, write_images
from tap import Tap

CHANGES = int(os.environ.get('SADDLE_SOAK', '12'))
PAUSE = float(os.environ.get('SADDLE_SOAK_PAUSE', '0.05'))
SEED = int(os.environ.get('SADDLE_STEER_SEED', '0'))
PATIENCE = 600
SETUP = ('data tensors small.safetensors; model resnet8; set eval_every 50; set hessian_every 0; set snapshot_seconds 5; set snapshot_every 0; set batch 10; '
         'unwatch; set lr 0.01; set on_nan pause; set epochs 90000')
TAP = Tap()


def sizes(pid):
    """Open files, threads and MiB of memory."""
    with open('/proc/%d/status' % pid) as f:
        status = f.read()
    return (len(os.listdir('/proc/%d/fd' % pid)), int(re.search(r'Threads:\s+(\d+)', status)[1]), int(re.search(r'VmRSS:\s+(\d+)', status)[1]) / 1024)


def until(child, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and child.poll() is None:
        if what():
            return True
        time.sleep(0.05)
    return False


def steps_of(where):
    return run(['cat', 'soak'], where).stdout.count('"k":"step"')


def one_change(rng, where):
    """What it said when it was refused, if it was. A learning rate or radius that is too large may have paused it: it goes on with smaller ones."""
    command = change(rng)
    while command.startswith('set epochs'):
        command = change(rng)
    got = run(['ctl', '--timeout', str(PATIENCE), 'soak', command], where)
    state = run(['info', 'soak'], where).stdout
    if ' paused' in state:
        run(['ctl', 'soak', 'set lr 1e-4 --force; set rho 0.01 --force; resume'], where)
    return None if got.returncode == 0 else '%s: %s' % (command, got.stdout.strip())


def soak(where):
    rng, refused, seen = random.Random(SEED), [], []
    with open(os.path.join(where, 'log'), 'w+') as log:
        child = subprocess.Popen([SADDLE, '--threads', '1', '--log=none', '-c', SETUP + '; train --name soak; wait'], cwd=where, stdin=subprocess.DEVNULL, stdout=log,
                                 stderr=subprocess.STDOUT)
        try:
            begun = until(child, lambda: run(['ctl', 'soak', 'show'], where).returncode == 0)
            for i in range(CHANGES if begun else 0):
                why = one_change(rng, where)
                refused += [why] if why else []
                if child.poll() is not None:
                    break
                if i >= CHANGES // 4:  # what it needs it has by then
                    seen.append(sizes(child.pid))
                time.sleep(PAUSE)
            alive = child.poll() is None
            until(child, lambda: any(name.startswith('snap-') for name in os.listdir(os.path.join(where, 'runs', 'soak.saddle'))))
        finally:
            if child.poll() is None:
                child.send_signal(signal.SIGKILL)
            child.wait()
        log.seek(0)
        return begun and alive, refused, seen, log.read()


def main():
    with tempfile.TemporaryDirectory(prefix='saddle-soak-') as where:
        for name in ('SADDLE_DATA', 'SADDLE_CONFIG', 'SADDLE_DEVICE', 'SADDLE_LOG'):
            os.environ.pop(name, None)
        os.environ.update(HOME=where, XDG_DATA_HOME=where + '/data', XDG_STATE_HOME=where + '/state', XDG_CONFIG_HOME=where + '/config', LC_ALL='C',
                          SADDLE_SESSIONS=where + '/runs')
        write_images(os.path.join(where, 'small.safetensors'))
        began = time.monotonic()
        alive, refused, seen, log = soak(where)
        hours = (time.monotonic() - began) / 3600
        TAP.check('a run goes on through %d changes' % CHANGES, alive, log[-1500:])
        TAP.check('each of which it takes', not refused, '\n'.join(refused[:5]))
        files, threads, memory = ([s[i] for s in seen] or [0] for i in range(3))
        print('# %d steps in %.0f s; %d to %d files, %d to %d threads, %.1f to %.1f MiB' %
              (steps_of(where), 3600 * hours, min(files), max(files), min(threads), max(threads), min(memory), max(memory)))
        TAP.check('no file and no thread stays open', files and files[-1] <= files[0] + 1 and threads[-1] <= threads[0] + 1, (files[-5:], threads[-5:]))
        TAP.check('its memory does not grow', memory[-1] < memory[0] + 8, memory[-5:])
        whole = run(['verify', 'soak'], where)
        TAP.check('killed, it is whole', whole.returncode == 0, whole.stdout[-600:])
        again = run(['-c', 'resume soak --paused; stop --yes'], where)
        TAP.check('and repeats what it had recorded since its last snapshot', again.returncode == 0, again.stdout[-1500:])
    sys.exit(TAP.end())


main()
