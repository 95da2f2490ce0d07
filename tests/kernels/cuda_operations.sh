#!/bin/sh
# The cuda back end's own sources on networks of each operation, against the reference, on an emulated device.
program=${top_builddir:-.}/tests/kernels/operations_emulated
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
exec "$program" cuda
