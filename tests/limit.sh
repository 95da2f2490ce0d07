#!/bin/sh
# limit.sh TEST [ARGUMENT...]: runs a test of make check. One that takes longer than SADDLE_TEST_SECONDS (900; 0: no limit) has failed, and what it
# started goes with it. The last line says how long it took, by the clock and of processors, for tests/summary.py.
# The system's python3 is the one that ./start gives packages; one that stands before it in PATH may be a script that looks for it, ten times as long.
PATH=/usr/bin:$PATH
from=$(date +%s)
timeout -k 10 "${SADDLE_TEST_SECONDS:-900}" "$@"
code=$?
took=$(mktemp)
times >"$took" # in a pipe a shell of its own would have taken no time
awk -v wall=$(($(date +%s) - from)) 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, part, "[ms]"); cpu += 60 * part[1] + part[2] }
    printf "# took %d s, %.1f s of processors\n", wall, cpu }' "$took"
rm -f "$took"
exit $code
