#!/bin/sh
# How many warps of each kernel a multiprocessor can hold, from what ptxas said of registers and shared memory and from the PTX's bound of
# threads: a table in the log, and a floor for the kernels that most of the time goes to. Limits of the architectures from NVIDIA's CUDA C++
# programming guide: registers come 256 to a warp at a time, a block's shared memory in 128 bytes and 1 KiB more.
cd "${top_builddir:-.}" || exit 1
set -- src/kernels/cuda/*.o.ptxas
[ -f "$1" ] || { echo "skipped: this build has no CUDA kernels (no nvcc)"; exit 77; }
grep -q 'Compiling entry function' "$@" || { echo "skipped: this build has CUDA kernels as PTX alone (CUDA_ARCHS)"; exit 77; }
awk '
    BEGIN {
        # architecture: threads, blocks, KiB of shared memory
        split("80:2048:32:164 86:1536:16:100 87:1536:16:164 89:1536:24:100 90:2048:32:228 100:2048:32:228 103:2048:32:228 110:1536:24:228 120:1536:24:100 " \
              "121:1536:24:100", list, " ")
        for (i in list) { split(list[i], part, ":"); threads_of[part[1]] = part[2]; blocks_of[part[1]] = part[3]; shared_of[part[1]] = part[4] * 1024 }
        # kernels without a bound of threads of their own
        split("pack_kernel:256 head_columns_kernel:256 mixed_pack_kernel:256 norm_running_kernel:64 norm_batch_kernel:128 " \
              "norm_sums_kernel:128 add_up_kernel:256", list, " ")
        for (i in list) { split(list[i], part, ":"); launched[part[1]] = part[2] }
        # the least warps, in percent, that a hot kernel may have on any architecture
        split("conv_kernel:25 weights_kernel:25 mixed_forward_kernel:25 mixed_backward_kernel:25 mixed_weights_kernel:37 norm_mask_kernel:50 " \
              "norm_forward_kernel:75 norm_backward_kernel:62 norm_product_kernel:75 " \
              "general_conv_kernel:25 general_weights_kernel:37 between_mask_kernel:50 between_forward_kernel:75", list, " ")
        for (i in list) { split(list[i], part, ":"); floor[part[1]] = part[2] }
        printf "%-72s %4s %8s %9s %7s %6s %7s %9s\n", "kernel", "arch", "threads", "registers", "spilled", "shared", "blocks", "occupancy"
    }
    function short(name,   n) { # _Z11conv_kernelILi16ELi8ELi1EEv9cuda_conv -> conv_kernel
        sub(/^_Z/, "", name); n = name + 0; sub(/^[0-9]+/, "", name)
        return substr(name, 1, n)
    }
    function smaller(a, b) { return a < b ? a : b }
    FILENAME ~ /[.]ptx$/ && /[.]entry/ { name = $2; sub(/\(.*/, "", name) }
    FILENAME ~ /[.]ptx$/ && /^[.]maxntid/ { gsub(/,/, ""); bound[name] = $2 * $3 * $4 }
    /Compiling entry function/ { split($0, part, "\047"); name = part[2]; arch = part[4]; sub(/^sm_/, "", arch); sub(/[a-z]$/, "", arch) }
    /bytes spill stores/ { spilled = $0; sub(/ bytes spill stores.*/, "", spilled); sub(/.* /, "", spilled) }
    /Used [0-9]+ registers/ {
        registers = $0; sub(/.*Used /, "", registers); sub(/ .*/, "", registers)
        shared = 0
        if (/bytes smem/) { shared = $0; sub(/ bytes smem.*/, "", shared); sub(/.* /, "", shared) }
        kind = short(name); threads = (name in bound) ? bound[name] : launched[kind]
        if (!threads) { print "FAIL " kind ": how many threads a block has is not known"; bad = 1; next }
        if (!(arch in threads_of)) {
            if (!(arch in told)) print "FAIL what a multiprocessor of architecture " arch " holds is not known"
            told[arch]; bad = 1; next
        }
        warps = int((threads + 31) / 32)
        by_registers = int(int(65536 / (int((registers + 7) / 8) * 8 * 32)) / warps)
        by_shared = int(shared_of[arch] / (int((shared + 127) / 128) * 128 + 1024))
        blocks = smaller(smaller(by_registers, by_shared), smaller(blocks_of[arch], int(threads_of[arch] / 32 / warps)))
        percent = 100 * blocks * warps / (threads_of[arch] / 32)
        printf "%-72s %4s %8d %9d %7d %6d %7d %8d%%\n", substr(name, 1, 72), arch, threads, registers, spilled, shared, blocks, percent
        if (kind in floor) { seen[kind]++; if (percent < floor[kind]) { print "FAIL " name " on " arch ": " percent "%, at least " floor[kind] "% is wanted"; bad = 1 } }
        kernels++
    }
    END {
        for (k in floor) if (!seen[k]) { print "FAIL no kernel is called " k; bad = 1 }
        print kernels " kernels"
        exit bad
    }' src/kernels/cuda/*.compute_80.ptx "$@"
