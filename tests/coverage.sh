#!/usr/bin/env bash
# coverage.sh [FOLDER]: what share of the lines that read a recording the fuzz corpora, unit and fault tests reach, file by file. Only these files
# are compiled with counters, in a build of its own in FOLDER, which is made (without: in a temporary one); counters of a folder that is kept add up.
# Fails when a file has less than SADDLE_COVERAGE_LEAST (95) per cent; the lines that were not reached are marked in FOLDER/*.gcov. Whether the tests
# pass is for `make check` to say, which has the same inputs: counters make slow. One that did not is named, for it may have counted nothing.
# SADDLE_COVERAGE_RUNS (3000): mutations of each corpus. Needs gcc and its gcov.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
least=${SADDLE_COVERAGE_LEAST:-95}
files='session/record session/walk session/journal session/recording session/shelf session/folder session/place session/history
    session/fold_lines session/fold_probe session/fold_result session/fold_said session/verify session/snapshot_read
    engine/event_read engine/event_parts'
tests='unit/record unit/session unit/history unit/lineage unit/event unit/catalog unit/comparison unit/comparison_odd unit/curves unit/density
    unit/many_classes unit/deep unit/edges unit/written unit/writer fault/no_memory fault/session_damage fault/session_io fault/session_kill fault/power_cut
    fuzz/fuzz_walk fuzz/fuzz_event fuzz/fuzz_recording fuzz/fuzz_snapshot fuzz/fuzz_pack fuzz/fuzz_roll fuzz/fuzz_exports'
if [ $# -gt 0 ]; then
    mkdir -p "$1" && cd "$1" || exit 1
else
    work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work" || exit 1
fi

build() {
    local objects programs
    objects=$(printf 'src/%s.o ' $files)
    programs=$(printf 'tests/%s ' $tests)
    [ -f Makefile ] || "$top/configure" --quiet --with-cuda=no --disable-emulated-cuda --with-cairo=no || return 1
    make -j2 --no-print-directory $objects CFLAGS='-Og -g --coverage -fprofile-update=atomic' &&
        make -j2 --no-print-directory LDFLAGS=--coverage saddle $programs
}

share_of() { # FILE: prints it; fails when it is too small, or there is none
    gcov -o "src/${1%/*}" "src/$1.gcda" 2>/dev/null | awk -v file="src/$1.c" -v least="$least" -F '[:% ]+' '
        index($0, "/" file "\x27") { here = 1; next }
        here && /^Lines executed/ { found = 1; bad = $3 < least; printf "%6.2f %% of %4d lines  %s%s\n", $3, $5, file, bad ? "  (too few)" : ""; here = 0 }
        /^$/ { here = 0 }
        END { exit !found || bad }'
}

build >build.log 2>&1 || { tail -n 20 build.log; exit 1; }
SADDLE_FUZZ_RUNS=${SADDLE_COVERAGE_RUNS:-3000} make -j2 --no-print-directory check check_PROGRAMS= check_LIBRARIES= check_DATA= \
    TESTS="$(printf 'tests/%s ' $tests)" >check.log 2>&1 || grep -E '^(FAIL|ERROR): |\*\*\*' check.log
status=0
for file in $files; do
    share_of "$file" || status=1
done
[ $status -eq 0 ] || echo "fewer than $least % of the lines of a file"
exit $status
