# lib.sh - what .ci/run and .ci/nightly share: stages that print their name and their time, builds of their own, the last lines.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
root=$PWD
if [ -n "${KEPT:-}" ]; then # of nightly: the next call goes on from here
    work=$root/$KEPT
    mkdir -p "$work"
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
export LC_ALL=C.UTF-8 TZ=UTC
failures=0
started=$SECONDS

# With KEPT, a stage that was green with these sources is not run again.
sources=$({ git rev-parse HEAD && git diff HEAD; } | sha256sum | cut -c 1-16)
stage() { # NAME COMMAND...
    local name=$1 from=$SECONDS
    shift
    printf '\n=== %s\n' "$name"
    if [ -n "${KEPT:-}" ] && grep -sF "$sources $name: " "$work/done"; then
        return
    fi
    if "$@"; then
        printf '=== %s: done in %d s\n' "$name" $((SECONDS - from))
        [ -z "${KEPT:-}" ] || printf '%s %s: done before, in %d s\n' "$sources" "$name" $((SECONDS - from)) >>"$work/done"
    else
        printf '=== %s: FAILED after %d s\n' "$name" $((SECONDS - from))
        failures=$((failures + 1))
    fi
}

# Stages that wait more than they compute, or compute on one processor: SADDLE_LANES (2) of them at a time, each with all it says when it is done.
# `together` ends such a group.
beside() { # NAME COMMAND...
    while [ "$(jobs -rp | wc -l)" -ge "${SADDLE_LANES:-2}" ]; do
        wait -n || true
    done
    (
        said=$(mktemp) failures=0
        stage "$@" >"$said" 2>&1
        exec 9>"$work/lanes"
        flock 9
        cat "$said"
        rm -f "$said"
        [ $failures -eq 0 ] || echo "$1" >>"$work/failed"
    ) &
}
together() {
    wait
    [ ! -e "$work/failed" ] || failures=$((failures + $(wc -l <"$work/failed")))
    rm -f "$work/failed"
}

need() { # PACKAGE PROBE-COMMAND: what only CI uses; stages beside each other install one after the other
    local package=$1
    shift
    "$@" >/dev/null 2>&1 && return 0
    local as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    DEBIAN_FRONTEND=noninteractive flock "$work/apt" $as_root apt-get -qq install -y --no-install-recommends "$package" >/dev/null
}

# What both of the next take: configure's arguments before a word --, those of `make check` after it.
before=() after=()
split() {
    before=() after=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        before+=("$1")
        shift
    done
    [ $# -eq 0 ] || after=("${@:2}")
}

# Of so many tests, and no programs of others: for split's `after`.
only() { # TEST...
    local test programs=
    for test; do
        case $test in *.sh | *.py | *.t) ;; *) programs="$programs $test" ;; esac
    done
    printf '%s\n' "TESTS=$*" "check_PROGRAMS=$programs"
}

words_of() { # VARIABLE BUILD: of its Makefile, one on a line
    printf 'include Makefile\nshow-words:\n\t@printf "%%s\\n" $(%s)\n' "$1" | make -s -C "$2" -f - show-words
}

tests_of() { # FOLDER: the tests of the plain build in it
    words_of TESTS "$root/build" | grep "^tests/$1/"
}

# A build of its own, then its tests, two more at a time than there are processors, for some wait for a clock; fixtures and kills take long and
# run once, in the plain build. UNBUILT: a pattern of names of programs that none of these tests needs.
variant() { # NAME CONFIGURE-ARGUMENTS -- MAKE-CHECK-ARGUMENTS
    local name=$1 status=0
    shift
    split "$@"
    mkdir -p "$work/$name" && cd "$work/$name" || return 1
    "$root/configure" --quiet "${before[@]}" &&
        make -j2 --no-print-directory >"$work/$name.build" 2>&1 || { tail -n 40 "$work/$name.build"; cd "$root"; return 1; }
    [ -z "${UNBUILT:-}" ] || after+=("check_PROGRAMS=$(words_of check_PROGRAMS . | grep -vxE "$UNBUILT" | tr '\n' ' ')")
    SADDLE_KILLS=0 SADDLE_FIXTURES=/nonexistent make -j4 --no-print-directory check "${after[@]}" >"$work/$name.check" 2>&1 || status=1
    python3 "$root/tests/summary.py" . || status=1
    [ $status -eq 0 ] || grep -q '^PASS' "$work/$name.check" || tail -n 40 "$work/$name.check" # it did not come to the tests
    cd "$root"
    return $status
}

distribution() { # CONFIGURE-ARGUMENTS -- MAKE-CHECK-ARGUMENTS: a build and its tests from the packed sources
    local status=0
    split "$@"
    mkdir -p "$work/dist" && cd "$work/dist" && rm -f saddle-*.tar.xz || return 1
    "$root/configure" --quiet "${before[@]}" && SADDLE_KILLS=1 SADDLE_FAULTS=1 SADDLE_FIXTURES=/nonexistent make -j2 --no-print-directory distcheck \
        DISTCHECK_CONFIGURE_FLAGS="${before[*]}" "${after[@]}" >"$work/dist.log" 2>&1 || status=1
    if [ $status -ne 0 ]; then
        grep -E '^(FAIL|ERROR)|[Ee]rror' "$work/dist.log" | head -n 30
        tail -n 20 "$work/dist.log"
        for tree in saddle-*/_build/sub; do
            [ -d "$tree/tests" ] && python3 "$root/tests/summary.py" "$tree"
        done
    fi
    [ ! -f saddle-*.tar.xz ] || everything_is_packed saddle-*.tar.xz || status=1
    cd "$root"
    return $status
}

everything_is_packed() { # TARBALL: has each file of the repository but CI's own
    local missing
    missing=$(comm -23 <(git -C "$root" ls-files | grep -vE '^(\.ci/|\.gitignore$)' | LC_ALL=C sort) \
        <(tar -tf "$1" | sed 's|^[^/]*/||' | LC_ALL=C sort))
    [ -z "$missing" ] || { printf 'not in the packed sources: %s\n' $missing | head -n 30; return 1; }
}

memory_check() { # PROGRAMS LEFT OUT, by name: the unit tests under valgrind, two at a time
    local program programs=()
    for program in "$root"/build/tests/unit/*; do
        [ -x "$program" ] && [ -f "$program" ] || continue
        case $program in *.sh | *.py | *.log | *.trs) continue ;; esac
        case " $1 " in *" ${program##*/} "*) continue ;; esac
        programs+=("$program")
    done
    export root work
    export -f under_valgrind
    [ ${#programs[@]} -gt 0 ] && printf '%s\0' "${programs[@]}" | xargs -0 -n 1 -P 2 bash -c 'under_valgrind "$0"'
}

# It cannot follow libjpeg's vector instructions, and takes what they make for uninitialised.
under_valgrind() { # PROGRAM
    local log=$work/valgrind.${1##*/}
    (cd "$root/build" && top_srcdir=$root srcdir=$root top_builddir=$root/build SADDLE=$root/build/saddle SADDLE_ISA=avx2 JSIMD_FORCENONE=1 \
        timeout -k 10 "${VALGRIND_SECONDS:-300}" valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
        "$1" >"$log" 2>&1) || { echo "valgrind: ${1##*/}"; tail -n 30 "$log"; return 1; }
}

# libFuzzer over a build of its own in which everything is instrumented, under AddressSanitizer and UBSan: each target so many seconds, two at a
# time. Inputs that reached something new are kept in build/fuzz-corpus and are where the next call begins; what was found lies there too.
fuzz() { # SECONDS
    local probe='echo "int LLVMFuzzerTestOneInput(void) { return 0; }" | clang -x c - -fsanitize=fuzzer -o /dev/null'
    need clang clang --version
    need libclang-rt-14-dev bash -c "$probe"
    mkdir -p "$work/fuzz" && cd "$work/fuzz" || return 1
    "$root/configure" --quiet --with-cuda=no --disable-emulated-cuda --enable-fuzzing --disable-werror CFLAGS='-O1 -g1' CC="$root/tests/fuzz/clang.sh" CXX=clang++ &&
        make -j2 --no-print-directory fuzz-targets >"$work/fuzz.build" 2>&1 || { tail -n 40 "$work/fuzz.build"; cd "$root"; return 1; }
    cd "$root"
    export root work
    export -f fuzz_target
    find "$work/fuzz/tests/fuzz" -name 'fuzz_*' -type f -perm -u+x -print0 | sort -z | SADDLE_FUZZ_SECONDS=$1 SADDLE_FUZZ_SEED=${SADDLE_FUZZ_SEED:-$(date +%Y%j)} \
        xargs -0 -n 1 -P 2 bash -c 'fuzz_target "$0"'
}

fuzz_target() { # PROGRAM
    local name=${1##*/} kept=$root/build/fuzz-corpus status=0
    mkdir -p "$kept/$name"
    "$1" -max_total_time="$SADDLE_FUZZ_SECONDS" -seed="$SADDLE_FUZZ_SEED" -timeout=10 -rss_limit_mb=1024 -max_len=65536 -verbosity=0 -print_final_stats=1 \
        -artifact_prefix="$kept/$name-" "$kept/$name" "$root/tests/fuzz/corpus/$name" >"$work/$name.log" 2>&1 || status=1
    printf '%s: %s runs in %s s, seed %s, %s inputs kept\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$name.log")" \
        "$SADDLE_FUZZ_SECONDS" "$SADDLE_FUZZ_SEED" "$(find "$kept/$name" -type f | wc -l)"
    [ $status -eq 0 ] || tail -n 40 "$work/$name.log"
    return $status
}

# A test of the plain build by itself, in the environment of `make check`, with all that it says.
alone() { # TEST NAME=VALUE...
    local program=$root/$1 status=0
    [ -f "$program" ] || program=$root/build/$1
    shift
    (cd "$root/build" && env PATH="/usr/bin:$PATH" "$@" SADDLE="$root/build/saddle" srcdir="$root" top_srcdir="$root" top_builddir="$root/build" "$program") || status=$?
    [ $status -eq 0 ] || [ $status -eq 77 ] # skipped
}

finish() {
    printf '\n%d stage(s) failed, %d s in all\n' "$failures" $((SECONDS - started))
    python3 tests/summary.py build || failures=$((failures + 1))
    exit $((failures > 0))
}
