#!/bin/sh
# The cuda back end's own sources against the reference, on an emulated device.
program=${top_builddir:-.}/tests/kernels/device_emulated
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
# Every case is nightly's: SADDLE_EMULATED_CASES=all, or another word for the tests of that name (a pattern) with all of theirs.
case ${SADDLE_EMULATED_CASES:-} in
'') SADDLE_FEW_CASES=1 exec "$program" cuda ;;
all) exec "$program" cuda ;;
*) exec "$program" cuda "$SADDLE_EMULATED_CASES" ;;
esac
