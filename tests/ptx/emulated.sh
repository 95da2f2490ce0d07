#!/bin/sh
# The cuda back end against the reference, its kernels run as nvcc compiled them. By default tests of seconds; SADDLE_PTX_TESTS names others
# ("*": all of tests/kernels/device.c, many minutes), SADDLE_PTX_ARCH=90 the other architecture.
. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/ptx/lib.sh"
need tests/kernels/device_emulated
set -f
export SADDLE_EMULATOR_LOG="$PWD/tests/ptx/emulated.launches"
rm -f "$SADDLE_EMULATOR_LOG"
for test in ${SADDLE_PTX_TESTS:-vectors far_means small_maths nan_is_passed_on three_steps_of_sam}; do
    SADDLE_EMULATOR=ptx tests/kernels/device_emulated cuda "$test" || exit 1
    tail -n 1 "$SADDLE_EMULATOR_LOG"
done
# Nothing may have fallen back to the sources.
! grep -v ' 0 on the sources, 0 on both$' "$SADDLE_EMULATOR_LOG"
