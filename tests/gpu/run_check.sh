#!/bin/sh
# tests/gpu/run with programs that only say something, or take too long, or fail: what it makes of them, and that its log and table grow meanwhile.
set -u
top=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0
has() { # FILE PATTERN
    grep -Eq -- "$2" "$dir/$1" && return
    echo "FAIL $1 has no line of $2:"
    cat "$dir/$1"
    bad=1
}
program() { # NAME: its text comes on standard input
    mkdir -p "$(dirname "$dir/build/$1")"
    { echo '#!/bin/sh'; cat; } >"$dir/build/$1"
    chmod +x "$dir/build/$1"
}
export LOOK="$dir" PATH="$dir/path:$PATH" LD_LIBRARY_PATH=/nothing
unset SADDLE_FIXTURES
mkdir "$dir/path"
program saddle <<'END'
echo "a saddle with LD_LIBRARY_PATH=$LD_LIBRARY_PATH"
END
program tests/gpu/probe <<'END'
case $1 in
bits | parts) printf 'step 1 loss 0x1p+0\ndigest %s\n' "$4" ;;
gradient) echo "$4 loss 2.3 of $3 images" ;;
train) echo "$4 sam step 0.050 ms waited for, 0.038 ms queued" ;;
esac
END
for name in tests/kernels/device tests/kernels/features tests/reference/fixtures tests/gpu/ceilings tests/bench/step; do
    echo 'echo "$0 $*"' | program $name
done
echo 'echo "skipped: no such operation"; exit 77' | program tests/kernels/operations
# As ncu writes it.
cat >"$dir/path/ncu" <<'END'
#!/bin/sh
while [ "$1" != --log-file ]; do shift; done
csv=$2
while [ "$1" != tests/gpu/probe ]; do shift; done
"$@"
cat >"$csv" <<'CSV'
==PROF== Connected to process 7
"ID","Process ID","Process Name","Host Name","Kernel Name","Context","Stream","Block Size","Grid Size","Device","CC","Section Name","Metric Name","Metric Unit","Metric Value"
"0","7","probe","127.0.0.1","_Z13gather_kernel11cuda_gather","1","13","(256, 1, 1)","(128, 1, 1)","0","9.0","Command line profiler metrics","gpu__time_duration.sum","nsecond","2,016"
"1","7","probe","127.0.0.1","_Z11pack_kernelv","1","13","(256, 1, 1)","(128, 1, 1)","0","9.0","Command line profiler metrics","gpu__time_duration.sum","nsecond","1,000"
"2","7","probe","127.0.0.1","_Z11pack_kernelv","1","13","(256, 1, 1)","(128, 1, 1)","0","9.0","Command line profiler metrics","gpu__time_duration.sum","nsecond","500"
CSV
END
chmod +x "$dir/path/ncu"

# A call with time for all: what fails is said, the rest goes on.
"$top/tests/gpu/run" --call 1 --out "$dir/one" "$dir/build" >"$dir/said" 2>&1
[ $? -eq 1 ] || { echo "FAIL a failure is no exit status 1"; bad=1; }
has one/table-1 '^the bits of one step, bf16 +ok'
has one/table-1 '^  digest bf16$'
has one/table-1 '^parity, captured passes +ok'
has one/table-1 '^parity, each operation +skipped: no such operation$'
has one/table-1 '^class spectra +FAILED: exit 1$'
has one/log-1 'tests/kernels/device cuda$'
has one/log-1 'a saddle with LD_LIBRARY_PATH=/nothing$'
if command -v c++filt >/dev/null; then
    has one/table-1 '^  all 3 launches of a gradient of 128 images in bf16, one after the other: 3.5 us$'
    has one/table-1 '^       1.50 us in   2 launches,     0.75 us each  pack_kernel$'
fi
has said '^call 1 ended at'

# One that never ends: it is stopped at the call's end, what it said is kept, and the table had been written before.
echo 'cp "$LOOK/two/table-1" "$LOOK/seen"; echo "half of it"; exec sleep 60' | program tests/kernels/device
"$top/tests/gpu/run" --call 1 --seconds 14 --out "$dir/two" "$dir/build" >"$dir/said" 2>&1
[ $? -eq 1 ] || { echo "FAIL a program that never ends is no failure"; bad=1; }
has seen '^the bits of one step, tf32 +ok'
has two/log-1 '^half of it$'
has two/table-1 '^parity, captured passes +FAILED: longer than [1-4] s$'
has two/table-1 '^fixtures +FAILED: no time was left$'

# PyTorch is somebody else's time: its lines are kept and it fails nothing.
printf '#!/bin/sh\necho "$@"\n' >"$dir/path/compute-sanitizer"
printf '#!/bin/sh\necho "torch fp32 eager: sgd 9.99 ms"\nexec sleep 60\n' >"$dir/path/python-here"
chmod +x "$dir/path/compute-sanitizer" "$dir/path/python-here"
PYTHON=python-here "$top/tests/gpu/run" --call 2 --seconds 14 --out "$dir/three" "$dir/build" >"$dir/said" 2>&1
has three/table-2 '^compute-sanitizer racecheck, bf16 +ok'
has three/table-2 '^PyTorch +cut after [1-5] s$'
has three/table-2 '^  torch fp32 eager: sgd 9.99 ms$'
has three/table-2 '^200 epochs, bf16 +left out: less than 130 s were left$'

# What is asked for wrongly, and a machine without a device.
"$top/tests/gpu/run" --call 3 "$dir/build" >/dev/null 2>&1
[ $? -eq 2 ] || { echo "FAIL --call 3 is taken"; bad=1; }
echo 'echo "probe: cuda: no CUDA device: this machine has no NVIDIA driver"; exit 1' | program tests/gpu/probe
"$top/tests/gpu/run" "$dir/build" >"$dir/said" 2>&1
[ $? -eq 77 ] || { echo "FAIL no device is no exit status 77"; bad=1; }
has said 'no CUDA device'
[ $bad -eq 0 ] && echo "ok   calls of tests/gpu/run"
exit $bad
