#!/bin/sh
# tests/gpu/predict by hand: a few launches of round numbers, with and without what a device measured; then the counts that are kept, as
# tests/gpu/run --dry shows them, and whether their kernels are still there.
set -u
top_srcdir=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd)
cd "${top_builddir:-.}" || exit 1
predict=$top_srcdir/tests/gpu/predict
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0
is() { # WHAT GOT WANTED
    if [ "$2" = "$3" ]; then
        echo "ok   $1"
    else
        printf 'FAIL %s\n got    %s\n wanted %s\n' "$1" "$2" "$3"
        bad=1
    fi
}
line() { # KERNEL FIELD: of a row of the table
    awk -v k="$1" -v f="$2" 'index($0, k " ") == 1 { print $f }' "$dir/table"
}

# 10 multiprocessors of 1 GHz: 256 x 10 x 1e9 = 2.56 TFLOP/s.
cat >"$dir/ceilings" <<'END'
a GPU: 10 multiprocessors, L2 50 MB
fp32 multiply-add 2.56 TFLOP/s (no tensor cores)
graph node 2.00 us in a chain; 0.50 us in each of 4 branches side by side; launched early 1.20 us
END
# issue: 2 launches of 15 blocks, two to the busiest multiprocessor: 120000 / 4 x 2/15 = 4000 cycles, 2 us a launch, and its node.
# shared: 10 blocks, 90000 passes: 9000 a multiprocessor, 9 us. tensor: 1 block, 5000 products, 5 us. L2: 10 blocks, 60000 sectors: 3 us.
# alone: 10 blocks of 2 warps, 100 instructions each but one that has 1100: 4 x (1100 - 200) cycles, and 4000 / 4 / 10.
cat >"$dir/counts" <<'END'
# by hand
math kernel code launches early blocks threads instructions integer fp32 fp64 tensor shared passes global sectors longest
fp32 issue_kernel 50 2 0 15 64 120000 0 90000 0 0 0 0 0 0 4000
fp32 shared_kernel<16,8> 50 1 0 10 32 10000 0 0 0 0 30000 90000 0 0 1000
bf16 tensor_kernel 50 1 0 1 32 10000 0 0 0 5000 0 0 0 0 10000
bf16 sectors_kernel 50 1 1 10 32 10000 0 0 0 0 0 0 500 60000 1000
bf16 alone_kernel 50 1 0 10 64 4000 0 0 0 0 0 0 0 0 1100
END
"$predict" --ceilings "$dir/ceilings" "$dir/counts" >"$dir/table" || bad=1
is 'the device' "$(head -n 1 "$dir/table")" "predicted for 10 multiprocessors at 1.00 GHz and 2.00 us a node, 1.20 us launched early, from $dir/counts"
is 'bound by issue' "$(line issue_kernel 6) $(line issue_kernel 7)" 'issue 4.00'
is 'bound by shared memory' "$(line 'shared_kernel<16,8>' 4) $(line 'shared_kernel<16,8>' 6) $(line 'shared_kernel<16,8>' 7)" '3.00 shared 11.00'
is 'bound by products' "$(line tensor_kernel 6) $(line tensor_kernel 7)" 'tensor 7.00'
is 'bound by the cache' "$(line sectors_kernel 6) $(line sectors_kernel 7)" 'L2 4.20'
is 'a warp alone' "$(awk '$1 == "alone_kernel" { print $6, $7, $8 }' "$dir/table")" 'a warp 5.70'
is 'sums' "$(awk '/^all of them/ { print $5, $6, $7, $8, $9 } /^the step/ { print $9, $10, $11 }' "$dir/table" | tr '\n' ' ')" '3 130000 19 - - 0.02 - - 3 24000 17 - - 0.02 - - '

if command -v c++filt >/dev/null; then
    cat >"$dir/measured" <<'END'
fp32 sgd step 1.000 ms waited for, 0.900 ms queued (ResNet-32, batch 128, images on the device)
fp32 sam step 0.050 ms waited for, 0.038 ms queued (ResNet-32, batch 128, images on the device)
fp32 _Z12issue_kernelv 6.00 20
fp32 _Z13shared_kernelILi16ELi8EEvPf 22.00 10
fp32 pair 1.00 31
END
    printf '_Z12issue_kernelv 50\n_Z13shared_kernelILi16ELi8EEvPf 51\n' >"$dir/code"
    "$predict" --ceilings "$dir/ceilings" --code "$dir/code" "$dir/counts" "$dir/measured" >"$dir/table" || bad=1
    is 'measured beside' "$(line issue_kernel 8) $(line issue_kernel 9) $(line 'shared_kernel<16,8>' 8) $(line 'shared_kernel<16,8>' 9)" '6.00 1.50 22.00 2.00'
    is 'sums beside' "$(awk '/^all of them/ { print $8, $9 } /^the step/ { print $10, $11 }' "$dir/table" | head -n 2 | tr '\n' ' ')" '34 1.79 0.04 2.00 '
    is 'other code is named' "$(grep '^counted' "$dir/table")" 'counted of other code than there is today (make gpu-counts): shared_kernel<16,8>'
else
    echo 'skip measured beside: no c++filt'
fi
"$predict" >/dev/null 2>&1
is 'nothing to predict from' $? 2

# The counts that are kept.
"$top_srcdir/tests/gpu/run" --dry >"$dir/table" || bad=1
is 'each math has its table and its step' "$(awk '/a SAM step/ { print $1 } /^the step/ { print ($9 > 0.2 && $9 < 20), $10, $11 }' "$dir/table" | tr '\n' ' ')" \
    'fp32, 1 - - tf32, 1 - - bf16, 1 - - '
sed -n -e 's/,//' -e '/^predicted for/p' -e '/^fp32/p;/^tf32/p;/^bf16/p;/^all of/p;/^of that/p;/^the step/p' "$dir/table"
set -- src/kernels/cuda/*.compute_90.ptx
if [ -f "$1" ] && command -v c++filt >/dev/null; then
    tests/ptx/kernels --list "$@" >"$dir/code" || bad=1
    "$top_srcdir/tests/ptx/words.sh" <"$dir/code" | cut -d ' ' -f 1 | sort -u >"$dir/there"
    gone=$(awk '!/^#/ && $1 != "math" { print $2 }' "$top_srcdir/tests/gpu/counts" | sort -u | comm -23 - "$dir/there")
    is 'its kernels are there (else: make gpu-counts)' "$gone" ''
    "$predict" --code "$dir/code" "$top_srcdir/tests/gpu/counts" | grep '^counted'
fi
exit $bad
