# tests/ptx/lib.sh - what the scripts share that run the emulated device on PTX.
cd "${top_builddir:-.}" || exit 1
top_builddir=$PWD
export top_builddir
folder=${SADDLE_PTX:-$top_builddir/src/kernels/cuda}
set -- "$folder"/*.compute_80.ptx
[ -f "$1" ] || { echo "skipped: this build has no CUDA kernels (no nvcc)"; exit 77; }
need() { # PROGRAM
    [ -x "$1" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
}
