#!/bin/sh
# Registers and spills of the CUDA kernels, from what ptxas said while they were compiled. No kernel may spill, but a few bytes
# on the newest architectures, which none was tuned for and where ptxas pays so for occupancy. Those that matter must leave
# room for the blocks per multiprocessor that they were written for: (registers in units of 8 per thread) x threads x blocks <= 65536.
cd "${top_builddir:-.}" || exit 1
set -- src/kernels/cuda/*.o.ptxas
[ -f "$1" ] || { echo "skipped: this build has no CUDA kernels (no nvcc)"; exit 77; }
grep -q 'Compiling entry function' "$@" || { echo "skipped: this build has CUDA kernels as PTX alone (CUDA_ARCHS)"; exit 77; }
cat "$@" | awk '
    BEGIN { # kernel: threads, blocks wanted
        split("conv_kernel:256:2 conv_kernel8:128:4 weights_kernel:192:3 norm_mask:256:4 norm_forward:256:4 " \
              "norm_product:256:4 norm_backward:256:4 pack_kernel:256:4 add_up_kernel:256:4 " \
              "mixed_forward_kernel:256:2 mixed_backward_kernel:256:2 mixed_weights_kernel:384:2 mixed_add_up_kernel:256:4 mixed_head_kernel:256:2 " \
              "general_conv_kernel:256:2 general_weights_kernel:256:3 general_conv_narrow:256:4 general_weights_narrow:256:4 between_mask:256:4 " \
              "between_forward:256:4 between_product:256:4 between_backward:256:4 pool_backward:256:4 general_pack_kernel:256:4 " \
              "head_forward_kernel:128:4 head_product_kernel:128:4 head_result_kernel:128:4 mixed_pool_kernel:256:3 mixed_stem_kernel:256:4 mixed_pack_kernel:256:4 gather_kernel:256:4 step_perturb:256:4 step_finish:256:4 step_norm:256:4 step_blend:256:4 range_dots:256:4 range_across:256:4", list, " ")
        for (i in list) { split(list[i], part, ":"); ceiling[part[1]] = int(65536 / part[2] / part[3] / 8) * 8 }
    }
    /Compiling entry function/ {
        name = $0; sub(/.*function .(_Z[0-9]*)?/, "", name); target = name
        sub(/.* for ./, "", target); sub(/.$/, "", target); sub(/ii*E?v.*/, "", name); full = name
    }
    /bytes spill stores/ { stores = $0; sub(/ bytes spill stores.*/, "", stores); sub(/.* /, "", stores) }
    function may_spill() { return target == "sm_100" || target == "sm_120" ? 32 : 0 }
    /Used [0-9]+ registers/ {
        registers = $0; sub(/.*Used /, "", registers); sub(/ registers.*/, "", registers)
        if (stores + 0 > may_spill()) { print "FAIL " target " " name ": " stores " bytes spilled"; bad = 1 }
        kind = name ~ /^conv_kernelILi[0-9]*ELi8/ ? "conv_kernel8" : name
        for (k in ceiling) if (index(kind, k) == 1 && (k != "conv_kernel" || kind !~ /^conv_kernel8/)) {
            seen[k]++
            if (registers + 0 > ceiling[k]) { print "FAIL " target " " name ": " registers " registers, ceiling " ceiling[k]; bad = 1 }
        }
        kernels++
    }
    END {
        for (k in ceiling) if (!seen[k]) { print "FAIL no kernel is called " k; bad = 1 }
        print kernels " kernels checked"
        exit bad
    }'
