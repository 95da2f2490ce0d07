# lib.sh - what the scripts of this folder share: a clean environment, TAP lines, and a tiny run that takes seconds.
set -u
: "${SADDLE:?SADDLE names the program}"
here=$(cd "$(dirname "$0")" && pwd)
top=${top_srcdir:-$here/../..}
work=$(mktemp -d "${TMPDIR:-/tmp}/saddle-cli-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP INT TERM
HOME=$work XDG_CONFIG_HOME=$work/config XDG_DATA_HOME=$work/data XDG_STATE_HOME=$work/state LC_ALL=C
export HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME LC_ALL
unset SADDLE_SESSIONS SADDLE_DATA SADDLE_CONFIG SADDLE_DEVICE SADDLE_LOG SADDLE_RECIPES
cd "$work" || exit 99

n=0
failed=0
ok() { # NAME
    n=$((n + 1))
    echo "ok $n - $1"
}
not_ok() { # NAME REASON
    n=$((n + 1))
    failed=1
    echo "not ok $n - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
}
skip() { # NAME REASON
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}
is() { # NAME GOT WANTED
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "got:    $2
wanted: $3"; fi
}
has() { # NAME TEXT PATTERN...: each is in the text
    name=$1 text=$2
    shift 2
    for pattern; do
        printf '%s\n' "$text" | grep -q -e "$pattern" || { not_ok "$name" "no '$pattern' in:
$text"; return; }
    done
    ok "$name"
}
# Runs saddle with the rest of the words; out, err and code hold what came of it.
run() {
    "$SADDLE" "$@" >"$work/out" 2>"$work/err" </dev/null
    code=$?
    out=$(cat "$work/out")
    err=$(cat "$work/err")
}
# A mistake: this exit code, exactly one line on stderr, and this line.
mistake() { # NAME CODE LINE WORDS...
    name=$1 want_code=$2 want=$3
    shift 3
    run "$@"
    is "$name" "$code: $err" "$want_code: $want"
}
# Steps of eight images without evaluation and probes; on the demo set a second for a hundred.
quick='set eval_every 0; set hessian_every 0; set snapshot_seconds 0; set batch 8; unwatch'
tiny="data demo; $quick"
# The state hash of the last snapshot a run said it saved.
last_state() { # LOG
    sed -n 's/.* snapshot .* state=\([0-9a-f]*\).*/\1/p' "$1" | tail -n 1
}
states() { # RUN STEP: state hashes of its snapshots of that step
    "$SADDLE" cat "$1" | sed -n "s/.*\"k\":\"snap\",[^}]*\"s\":$2,.*\"state\":\"\([0-9a-f]*\)\".*/\1/p"
}
field() { # RUN KEY: of its configuration
    "$SADDLE" cat "$1" | sed -n "s/.*\"k\":\"config\".*\"$2\":\"\{0,1\}\([^\",}]*\).*/\1/p"
}
isa_of() { # RUN: the instruction set that it was computed with
    "$SADDLE" cat "$1" | sed -n 's/.*"k":"env".*"isa":"\([a-z0-9-]*\)".*/\1/p'
}
sums() { # RUN: every file of it
    (cd "$XDG_DATA_HOME/saddle/sessions/$1.saddle" && cksum ./*)
}
flip() { # FILE [OFFSET]: one bit, there or in the middle
    offset=${2:-$(($(wc -c <"$1") / 2))}
    byte=$(od -An -tu1 -j "$offset" -N 1 "$1" | tr -d ' ')
    printf "\\$(printf %o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$offset" conv=notrunc 2>/dev/null
}
seen() { # FILE COUNT PATTERN; a file that is not there yet has none
    [ -e "$1" ] && [ "$(grep -c -e "$3" "$1")" -ge "$2" ]
}
# Waits until FILE has COUNT lines with PATTERN, at most two minutes, not longer than the process PID lives. What is
# waited for decides when a test goes on, never the clock.
until_seen() { # PID FILE COUNT PATTERN
    tries=0
    until seen "$2" "$3" "$4"; do
        tries=$((tries + 1))
        if [ $tries -gt 1200 ] || ! kill -0 "$1" 2>/dev/null; then
            seen "$2" "$3" "$4" && return 0
            echo "# not seen $3 times in $2: $4"
            tail -n 8 "$2" | sed 's/^/# /'
            return 1
        fi
        sleep 0.1
    done
}
# Starts the program, process pid, which takes lines from descriptor 3 and says what it does to LOG.
listening() { # LOG
    mkfifo lines
    "$SADDLE" -v --no-screen <lines >"$1" 2>&1 &
    pid=$!
    exec 3>lines
}
# Gives these commands to the program, which goes on listening, and kills it once cut.log has a line with PATTERN.
killed_at() { # PATTERN COMMANDS
    listening cut.log
    echo "$2" >&3
    until_seen $pid cut.log 1 "$1"
    kill -9 $pid
    wait $pid 2>/dev/null
    exec 3>&-
    rm lines
}
finish() {
    echo "1..$n"
    exit $failed
}
