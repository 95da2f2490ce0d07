#!/bin/sh
# all_run.sh - every kernel of nvcc's PTX is in the file SADDLE_PTX_COSTS: after the tests that shall run them (nightly).
top_srcdir=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd)
cd "${top_builddir:-.}" || exit 1
set -- src/kernels/cuda/*.compute_80.ptx
[ -f "$1" ] || { echo "skipped: this build has no CUDA kernels (no nvcc)"; exit 77; }
tests/ptx/kernels --list "$@" | "$top_srcdir/tests/ptx/words.sh" | awk '
    FNR == 1 { file++ }
    file == 1 { ran[$1] }
    file == 2 { n++; if (!($1 in ran)) { print "FAIL no test has run " $1; bad = 1 } }
    END { print n " kernels"; exit bad || n == 0 }' "$SADDLE_PTX_COSTS" -
