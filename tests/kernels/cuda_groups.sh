#!/bin/sh
# Parameter groups on the emulated device.
program=${top_builddir:-.}/tests/kernels/groups_emulated
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
exec "$program"
