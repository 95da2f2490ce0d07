#!/usr/bin/python3
"""The real kernels with one line of their PTX changed: each fault must be found by its check, in a test that passes without it.

A row: what was broken, file, kernel, the line (a pattern, and which of those that match; None: the last), what it reads then, the test, and
what has to be said. A file of "NAME.90" is that of compute_90, which alone has waits. "FAILED" means that the test itself finds it: a wrong lane or fragment breaks no rule, only the result."""
import os
import re
import subprocess
import sys

top = os.environ.get('top_builddir', '.')
folder = os.environ.get('SADDLE_PTX', os.path.join(top, 'src/kernels/cuda'))
program = os.path.join(top, 'tests/kernels/device_emulated')

ROWS = [
    ('no barrier before the staged tile is read', 'conv', r'conv_kernelILi16ELi8ELi1', r'bar\.sync', 1, (r'bar\.sync.*', ''), 'far_means', 'ptx: shared race'),
    ('no barrier before the tile is staged anew', 'conv', r'conv_kernelILi16ELi8ELi1', r'bar\.sync', 0, (r'bar\.sync.*', ''), 'nan_is_passed_on', 'ptx: shared race'),
    ('no barrier in the sum over a block', 'norm', r'norm_batch_kernel', r'bar\.sync', 1, (r'bar\.sync.*', ''), 'far_means', 'ptx: (shared race|uninitialised)'),
    ('a bound that is off by one', 'vector', r'scale_kernel', r'setp\.(ge|lt)\.u64', 0, (r'setp\.ge\.u64|setp\.lt\.u64', lambda m: {'ge': 'setp.gt.u64', 'lt': 'setp.le.u64'}[m.group(0)[5:7]]), 'vectors', 'ptx: bounds'),
    ('a store of the tile left out', 'conv', r'conv_kernelILi16ELi8ELi1', r'st\.shared\.v4', 0, (r'st\.shared.*', ''), 'far_means', 'ptx: uninitialised'),
    ('an access at half its size', 'vector', r'axpy_kernel', r'ld\.global\.f32', 0, (r'\[(%rd\d+)\]', r'[\1+2]'), 'vectors', 'ptx: misaligned'),
    ('no fence before the blocks are counted', 'mixed_conv', r'mixed_forward_kernelI11tensor_tf32Li16ELi1E', r'membar', 0, (r'membar.*', ''), 'small_maths', 'ptx: global race'),
    ('no fence in the last block', 'mixed_conv', r'mixed_forward_kernelI11tensor_tf32Li16ELi1E', r'membar', 1, (r'membar.*', ''), 'small_maths', 'ptx: global race'),
    ('blocks counted without an atomic', 'mixed_conv', r'mixed_forward_kernelI11tensor_tf32Li16ELi1E', r'atom\.global', 0,
     (r'atom\.global\.inc\.u32\s+(%r\d+), \[(%rd\d+)\], (%r\d+);', r'ld.global.u32 \1, [\2]; st.global.u32 [\2], \3;'), 'small_maths', 'ptx: global race'),
    ('no barrier where the last block joins rows', 'mixed_conv', r'mixed_forward_kernelI11tensor_tf32Li16ELi1E', r'bar\.sync', -2, (r'bar\.sync.*', ''), 'small_maths', 'ptx: shared race'),
    ('no barrier where groups join their gradients', 'mixed_weights', r'mixed_weights_kernelI11tensor_tf32Li1E', r'bar\.sync', None, (r'bar\.sync.*', ''), 'small_maths', 'ptx: shared race'),
    ('a shuffle with the wrong lane', 'mixed_conv', r'mixed_forward_kernelI11tensor_tf32Li16ELi1E', r'shfl\.sync', 0,
     (r'(shfl\S+\s+\S+ %r\d+, )%r\d+', r'\g<1>1'), 'small_maths', 'FAILED'),
    ('two parts of a fragment changed round, tf32', 'mixed_conv', r'mixed_forward_kernelI11tensor_tf32Li16ELi1E', r'mma\.sync', 0,
     (r'(\}, \{%r\d+), (%r\d+), (%r\d+)', r'\1, \3, \2'), 'small_maths', 'FAILED'),
    ('two parts of a fragment changed round, bf16', 'mixed_conv', r'mixed_forward_kernelI11tensor_bf16Li16ELi1E', r'mma\.sync', 0,
     (r'(\}, \{%r\d+), (%r\d+), (%r\d+)', r'\1, \3, \2'), 'small_maths', 'FAILED'),
    ('a convolution that reads before the one before it is done', 'mixed_conv.90', r'mixed_forward_kernelI11tensor_bf16Li16ELi1E', r'griddepcontrol\.wait', None,
     (r'griddep.*', ''), 'small_maths', 'ptx: early'),
    ('the same on the way back', 'mixed_conv.90', r'mixed_backward_kernelI11tensor_tf32Li16E', r'griddepcontrol\.wait', None, (r'griddep.*', ''), 'small_maths', 'ptx: early'),
    ('weights that are read while they are packed', 'mixed_conv.90', r'mixed_forward_kernelI11tensor_bf16Li16ELi1E', r'griddepcontrol\.wait', 0,
     (r'griddep.*', ''), 'small_maths', 'ptx: early: read of'),
    ('a mean over pixels that are not there yet', 'mixed_ends.90', r'mixed_pool_kernelI11tensor_bf16E', r'griddepcontrol\.wait', 0, (r'griddep.*', ''), 'small_maths', 'ptx: early'),
    ('a kernel that lets the next one go before it waits', 'mixed_ends.90', r'mixed_stem_kernelI11tensor_bf16E', r'griddepcontrol\.wait', 0,
     (r'griddep.*', 'griddepcontrol.launch_dependents;'), 'small_maths', 'ptx: early: .*launch_dependents'),
    ('gradients that are added up before they are there', 'mixed_weights.90', r'mixed_add_up_kernel', r'griddepcontrol\.wait', 0, (r'griddep.*', ''), 'small_maths', 'ptx: early'),
]


def find(row):
    """Number and text of the line to change."""
    _, file, kernel, pattern, which, (old, new), _, _ = row
    name, arch = (file.split('.') + ['80'])[:2]
    path = os.path.join(folder, f'{name}.compute_{arch}.ptx')
    inside, lines = False, []
    for number, line in enumerate(open(path), 1):
        if line.startswith('.entry') or line.startswith('.visible .entry'):
            inside = re.search(kernel, line) is not None
        elif inside and re.search(pattern, line):
            lines.append((number, line.rstrip('\n')))
    if not lines or (which or 0) >= len(lines):
        sys.exit(f'FAIL {row[0]}: no such line in {path}')
    number, line = lines[-1 if which is None else which]
    changed = re.sub(old, new, line, count=1)
    if changed == line:
        sys.exit(f'FAIL {row[0]}: {path}:{number} does not change: {line}')
    return f'{os.path.basename(path)}:{number}:{changed}', arch


def main():
    if not os.path.exists(os.path.join(folder, 'conv.compute_80.ptx')):
        print('skipped: this build has no CUDA kernels (no nvcc)')
        return 77
    if not os.access(program, os.X_OK):
        print('skipped: the emulated device needs g++ and cmocka, and no thread sanitizer')
        return 77
    bad = 0
    for row in ROWS:
        replaced, arch = find(row)
        environment = dict(os.environ, SADDLE_EMULATOR='ptx', SADDLE_PTX_ARCH=arch, SADDLE_PTX_REPLACE=replaced, top_builddir=os.path.abspath(top))
        run = subprocess.run([program, 'cuda', row[6]], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace')
        found = re.search(row[7] + '.*', run.stdout)
        bad += found is None
        print(f"{'ok  ' if found else 'FAIL'} {row[0]}: {found.group(0) if found else run.stdout[-300:]}", flush=True)
    print(f'{len(ROWS)} deliberate faults, {bad} not found')
    return bad > 0


sys.exit(main())
