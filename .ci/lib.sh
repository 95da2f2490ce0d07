# lib.sh - what .ci/run and .ci/nightly share: stages that print their name and their time, builds of their own, the last lines.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8 TZ=UTC
failures=0
started=$SECONDS

stage() { # NAME COMMAND...
    local name=$1 from=$SECONDS
    shift
    printf '\n=== %s\n' "$name"
    if "$@"; then
        printf '=== %s: done in %d s\n' "$name" $((SECONDS - from))
    else
        printf '=== %s: FAILED after %d s\n' "$name" $((SECONDS - from))
        failures=$((failures + 1))
    fi
}

need() { # PACKAGE PROBE-COMMAND: what only CI uses
    local package=$1
    shift
    "$@" >/dev/null 2>&1 && return 0
    local as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    DEBIAN_FRONTEND=noninteractive $as_root apt-get -qq install -y --no-install-recommends "$package" >/dev/null
}

# A build of its own, then its tests; fixtures and kills take long and run once, in the plain build.
variant() { # NAME CONFIGURE-ARGUMENTS -- MAKE-CHECK-ARGUMENTS
    local name=$1
    shift
    local arguments=()
    while [ "$1" != -- ]; do
        arguments+=("$1")
        shift
    done
    shift
    mkdir -p "$work/$name" && cd "$work/$name" || return 1
    "$root/configure" --quiet "${arguments[@]}" &&
        make -j2 --no-print-directory >"$work/$name.build" 2>&1 || { tail -n 40 "$work/$name.build"; cd "$root"; return 1; }
    local status=0
    SADDLE_KILLS=0 SADDLE_FIXTURES=/nonexistent make -j2 --no-print-directory check "$@" >"$work/$name.check" 2>&1 || status=1
    python3 "$root/tests/summary.py" . || status=1
    [ $status -eq 0 ] || grep -q '^PASS' "$work/$name.check" || tail -n 40 "$work/$name.check" # it did not come to the tests
    cd "$root"
    return $status
}

distribution() { # CONFIGURE-ARGUMENTS: of the build that is made from the packed sources
    mkdir -p "$work/dist" && cd "$work/dist" || return 1
    "$root/configure" --quiet "$@" && SADDLE_KILLS=1 SADDLE_FAULTS=1 SADDLE_FIXTURES=/nonexistent make -j2 --no-print-directory distcheck \
        DISTCHECK_CONFIGURE_FLAGS="$*" >"$work/dist.log" 2>&1
    local status=$?
    if [ $status -ne 0 ]; then
        grep -E '^(FAIL|ERROR)|[Ee]rror' "$work/dist.log" | head -n 30
        tail -n 20 "$work/dist.log"
        for tree in saddle-*/_build/sub; do
            [ -d "$tree/tests" ] && python3 "$root/tests/summary.py" "$tree"
        done
    fi
    cd "$root"
    return $status
}

memory_check() { # PROGRAMS LEFT OUT, by name: the unit tests under valgrind
    local status=0 program
    for program in "$root"/build/tests/unit/*; do
        [ -x "$program" ] && [ -f "$program" ] || continue
        case $program in *.sh | *.py | *.log | *.trs) continue ;; esac
        case " $1 " in *" ${program##*/} "*) continue ;; esac
        (cd "$root/build" && top_srcdir=$root srcdir=$root top_builddir=$root/build SADDLE=$root/build/saddle SADDLE_ISA=avx2 \
            timeout -k 10 "${VALGRIND_SECONDS:-300}" valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
            "$program" >"$work/valgrind.log" 2>&1) || { echo "valgrind: ${program##*/}"; tail -n 30 "$work/valgrind.log"; status=1; }
    done
    return $status
}

# A test of the plain build by itself, in the environment of `make check`, with all that it says.
alone() { # TEST NAME=VALUE...
    local program=$root/$1 status=0
    [ -f "$program" ] || program=$root/build/$1
    shift
    (cd "$root/build" && env "$@" SADDLE="$root/build/saddle" srcdir="$root" top_srcdir="$root" top_builddir="$root/build" "$program") || status=$?
    [ $status -eq 0 ] || [ $status -eq 77 ] # skipped
}

finish() {
    printf '\n%d stage(s) failed, %d s in all\n' "$failures" $((SECONDS - started))
    python3 tests/summary.py build || failures=$((failures + 1))
    exit $((failures > 0))
}
