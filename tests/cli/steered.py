#!/usr/bin/env python3
"""steered.py - however a run was steered, `export script` of it repeats its weights bit for bit.

Random sequences of commands (knobs at once, at a step, at an epoch and under a condition, taken back and undone, pauses, some of which give the
memory back, single steps, evaluations, probes, notes, snapshots), some of them sent from outside by `saddle ctl`. SADDLE_STEERED is how many, of which every fifth is steered from
outside; SADDLE_STEER_SEED another beginning. What a sequence was is printed when it fails."""
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import time

SADDLE = os.environ['SADDLE']
COUNT = int(os.environ.get('SADDLE_STEERED', '5'))
SEED = int(os.environ.get('SADDLE_STEER_SEED', '0'))
STEPS = 26 # an epoch has 20
SETUP = ('data tensors small.safetensors; model resnet8; set epochs 3; set eval_every 1; set hessian_every 0; set snapshot_seconds 0; set snapshot_every 0; set batch 10; '
         'unwatch; set lr 0.05; set on_nan pause')
KNOBS = {
    'lr': ['0.01', '0.05@0 0.02@1', 'cosine:0.05', 'linear:0.05..0.01', 'multistep:0.05,warmup=1,2:0.1', '/2', 'x1.5'],
    'rho': ['0.02', '0.2', '0.05@0 0.1@1', '/2', 'x1.5'], 'rho_drw': ['=', '0.1', '0.3'], 'drw': ['0', '1', '2'],
    'weights': ['none', 'effective', 'inverse'], 'weight_decay': ['0', '5e-4', 'x2'], 'momentum': ['0', '0.9', '/3'],
    'opt': ['sgd', 'sam', 'asam', 'pgd', 'usam'], 'nesterov': ['on', 'off'], 'bn_second_pass': ['update', 'freeze'],
    'pgd_sigma': ['1e-3', '/2'], 'sam_every': ['1', '3'], 'sam_from': ['0', '1'], 'eval_every': ['1', '2'], 'snapshot_every': ['0', '1'],
    'epochs': ['2', '4', '6'],
}
WHENS = [' at epoch 1', ' at epoch 1.5', ' in 5 steps', ' at step 15', ' if acc > 5', ' if loss < 3', ' in 0.5 epochs']


def write_images(path):
    """200 images of 8x8 to train on and 40 to test on, of 10 classes: what is asked here needs no large ones."""
    rng, parts, header, at = random.Random(7), [], {}, 0
    for name, n in (('', 200), ('test_', 40)):
        labels = [min(i % 10, i % 7) if name == '' and i >= 10 else i % 10 for i in range(n)]
        pixels = [rng.gauss(0.3 * (label % 5), 1) for label in labels for _ in range(64)]
        for key, kind, shape, data in ((name + 'images', 'F32', [n, 1, 8, 8], struct.pack('<%df' % len(pixels), *pixels)),
                                       (name + 'labels', 'I64', [n], struct.pack('<%dq' % n, *labels))):
            header[key] = {'dtype': kind, 'shape': shape, 'data_offsets': [at, at + len(data)]}
            parts.append(data)
            at += len(data)
    head = json.dumps(header).encode()
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(head)) + head + b''.join(parts))


def change(rng):
    knob = rng.choice(sorted(KNOBS))
    return 'set %s %s --force' % (knob, rng.choice(KNOBS[knob]))


def sequence(rng):
    """(step, command) pairs in order; each is accepted where it stands."""
    out, at = [], 0
    for _ in range(rng.randint(4, 10)):
        at = min(STEPS - 2, at + rng.randint(0, 6))
        what = rng.random()
        if what < 0.55:
            out.append((at, change(rng)))
        elif what < 0.75 and at < 12:
            out.append((at, change(rng) + rng.choice(WHENS)))
        else:
            out.append((at, rng.choice(['eval', 'eval; wait until acc > -1', 'note "on the way"', 'snapshot', 'snapshot kept', 'hessian 9 --iters 3 --images 8', 'watch 8,9'])))
        if rng.random() < 0.15: # one that does change
            out += [(at, 'set momentum 0.%d' % rng.randint(10000, 89999)), (at, 'undo')]
    return out


def run(args, where, **more):
    return subprocess.run([SADDLE, '--threads', '1'] + args, cwd=where, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=800, **more)


def last_state(text):
    found = re.findall(r' snapshot \S+ .*state=([0-9a-f]{64})', text)
    return found[-1] if found else None


def as_script(commands, name, rng):
    lines, done = ['%s; train --steps %d --name %s --paused' % (SETUP, STEPS, name)], 0
    for at, command in commands:
        if at > done:
            lines += ['pause --release'] if rng.random() < 0.3 else []
            lines += ['step %d' % (at - done), 'wait step %d' % at]
            done = at
        lines.append(command)
    return '; '.join(lines + ['resume'])


def from_script(commands, name, where):
    return run(['-c', as_script(commands, name, random.Random(name))], where)


def check(number, where):
    rng = random.Random(SEED * 1000 + number)
    commands, name = sequence(rng), 'run%d' % number
    first = from_script(commands, name, where)
    script = os.path.join(where, name + '.sad')
    exported = run(['export', 'script', script, name], where)
    again = run(['run', script], where)
    want, got = last_state(first.stdout), last_state(again.stdout)
    good = first.returncode == 0 and exported.returncode == 0 and again.returncode == 0 and want and want == got
    if good:
        return None
    text = open(script).read() if os.path.exists(script) else exported.stdout
    return '\n'.join([as_script(commands, name, random.Random(name)), 'exit codes %d %d %d, states %s %s' % (first.returncode, exported.returncode, again.returncode, want, got),
                      first.stdout[-600:], '--- script', text, '--- again', again.stdout[-600:]])


def steer_outside(number, where):
    """The same by `saddle ctl`, in a run that a script waits for."""
    rng = random.Random(SEED * 1000 + 500 + number)
    commands, name = sequence(rng), 'out%d' % number
    commands = [(at, re.sub(r'set epochs (\d)', r'set epochs 9000\1', c)) for at, c in commands] # it must not end by itself
    lent = rng.randrange(len(commands))
    commands[lent:lent] = [(0, 'pause --release'), (0, 'resume')]
    with open(os.path.join(where, name + '.log'), 'w+') as log:
        child = subprocess.Popen([SADDLE, '--threads', '1', '-c', '%s; set epochs 100000; train --name %s; wait' % (SETUP, name)], cwd=where,
                                 stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        until = time.monotonic() + 800
        while child.poll() is None and run(['ctl', name, 'show'], where).returncode != 0 and time.monotonic() < until:
            time.sleep(0.1)
        told = [run(['ctl', name, command], where) for _, command in commands]
        end = run(['ctl', name, 'stop --yes'], where)
        child.wait(timeout=800)
        log.seek(0)
        text = log.read()
    script = os.path.join(where, name + '.sad')
    exported = run(['export', 'script', script, name], where)
    again = run(['run', script], where)
    want, got = last_state(text), last_state(again.stdout)
    if end.returncode == 0 and child.returncode == 0 and exported.returncode == 0 and want and want == got:
        return None
    return '\n'.join(['%s -> %d %s' % (c, t.returncode, t.stdout.strip()) for (_, c), t in zip(commands, told)] +
                     ['exit codes %d %d %d %d, states %s %s' % (end.returncode, child.returncode, exported.returncode, again.returncode, want, got),
                      text[-800:], open(script).read() if os.path.exists(script) else exported.stdout, '--- again', again.stdout[-800:]])


def main():
    bad = 0
    with tempfile.TemporaryDirectory(prefix='saddle-steered-') as where:
        for name in ('SADDLE_DATA', 'SADDLE_CONFIG', 'SADDLE_DEVICE', 'SADDLE_LOG'):
            os.environ.pop(name, None)
        os.environ.update(HOME=where, XDG_DATA_HOME=where + '/data', XDG_STATE_HOME=where + '/state', XDG_CONFIG_HOME=where + '/config', LC_ALL='C',
                          SADDLE_SESSIONS=where + '/runs')
        write_images(os.path.join(where, 'small.safetensors'))
        print('1..%d' % COUNT)
        for i in range(COUNT):
            outside = i % 5 == 4
            why = steer_outside(i, where) if outside else check(i, where)
            bad += why is not None
            print('%sok %d - sequence %d of seed %d%s' % ('not ' if why else '', i + 1, i, SEED, ', from outside' if outside else ''))
            for line in (why or '').splitlines():
                print('# ' + line)
            sys.stdout.flush()
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
