#!/bin/sh
# Every instruction of every kernel, as nvcc made it for each architecture whose PTX is part of the program, is one that tests/ptx knows, and one
# that a test of tests/ptx holds to what NVIDIA's document says of it.
top_srcdir=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd)
cd "${top_builddir:-.}" || exit 1
for arch in 80 90; do
    set -- src/kernels/cuda/*.compute_$arch.ptx
    [ -f "$1" ] || { echo "skipped: this build has no CUDA kernels (no nvcc)"; exit 77; }
    tests/ptx/kernels "$@" || exit 1
done

# Spellings and special registers, one a line.
spelled() { # FILE...
    sed -e 's,//.*,,' "$@" | sed -n -E 's/^[[:space:]]*(@!?%p[0-9]+[[:space:]]+)?([a-z][a-z0-9]*(\.[a-z0-9_:]+)*)([[:space:]].*|;)$/\2/p'
    grep -ohE '%(n?tid|n?ctaid|laneid)(\.[xyz])?' "$@"
}
tests="$top_srcdir/tests/ptx/accesses.c $top_srcdir/tests/ptx/opcodes.c $top_srcdir/tests/ptx/warps.c"
# shellcheck disable=SC2086
spelled src/kernels/cuda/*.ptx | sort -u | awk -v tests="$tests" '
    BEGIN {
        split(tests, file, " ")
        for (f in file)
            while ((getline line <file[f]) > 0) {
                words(line)
            }
    }
    function words(line,   text) { # those in quotes
        while (match(line, /"[^"]*"/)) {
            text = substr(line, RSTART + 1, RLENGTH - 2)
            line = substr(line, RSTART + RLENGTH)
            gsub(/\\n/, " ", text)
            while (match(text, /%?[a-z][a-z0-9_]*([.][a-z0-9_:]+)*/)) {
                tested[substr(text, RSTART, RLENGTH)]
                text = substr(text, RSTART + RLENGTH)
            }
        }
    }
    { n++; sub(/;$/, "") }
    !($0 in tested) { print "FAIL no test of tests/ptx has " $0; bad = 1 }
    END { print n " spellings of instructions and special registers, each in a test of its own"; exit bad || n < 150 }'
