#!/bin/sh
# The vector functions and the optimiser step give the same bits (kernels/cuda/numbers.h): their arithmetic in double is spelled out, so that neither
# nvcc nor ptxas makes a fused multiply-add of it. In PTX an operation without .rn may become part of one; of those there may be sums alone,
# which have no product to be fused with.
cd "${top_builddir:-.}" || exit 1
for arch in 80 90; do
    set -- "src/kernels/cuda/step.compute_$arch.ptx" "src/kernels/cuda/vector.compute_$arch.ptx"
    [ -f "$1" ] || { echo "skipped: this build has no CUDA kernels (no nvcc)"; exit 77; }
    awk -v arch=$arch '
        /[.]entry/ { name = $0; sub(/.*entry _Z[0-9]*/, "", name); sub(/(9cuda_step|P[fK]|PKd).*/, "", name); kernel[name] }
        $1 ~ /^fma[.].*f64$/ || $1 == "mul.f64" { print "FAIL compute_" arch " " name ": " $0; bad = 1 }
        $1 ~ /^mul[.]rn[.]f64$/ { products[name]++ }
        END {
            split("step_norm_kernel step_perturb_kernel step_blend_kernel step_tell_kernel range_dots_kernel range_across_kernel step_finish_kernel axpy_kernel dot_kernel perturb_kernel sgd_kernel", wanted, " ")
            for (i in wanted) if (!products[wanted[i]]) { print "FAIL compute_" arch ": no product in " wanted[i]; bad = 1 }
            for (name in kernel) n++
            print "compute_" arch ": " n " kernels, no product of doubles that may be fused with a sum"
            exit bad
        }' "$@" || exit 1
done
