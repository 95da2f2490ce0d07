#!/bin/bash
# told.sh [--update] FILE.t - what the program tells, word for word: a transcript for cram (Debian: python3-cram). Lines that begin with "  $ " are
# given to one bash, one after another; what they must print stands below them. TAP, one case a file. Skipped without cram.
# --update writes what is printed today into the file: read the difference before you commit it.
# A line that ends in " (re)" or " (glob)" is a pattern. setup.sh, which each transcript reads first, says what there is: a home of its own, the
# instruction set that computes the same bits everywhere, saddle(), calm().
set -u
update=
[ "${1:-}" = --update ] && { update=yes; shift; }
file=$(realpath "$1")
name=$(basename "$file" .t)
TOLD=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$TOLD/../.." && pwd)
: "${SADDLE:?SADDLE names the program}"
SADDLE=$(realpath -e "$SADDLE") || exit 99
export TOLD top SADDLE
command -v cram3 >/dev/null || { echo "1..0 # SKIP needs cram (Debian: python3-cram)"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/saddle-told-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP INT TERM
cp "$file" "$work/$name.t" && cd "$work" || exit 99
for variable in $(compgen -e | grep '^SADDLE'); do
    [ "$variable" = SADDLE ] || unset "$variable"
done
if [ -n "$update" ]; then
    cram3 --shell=/bin/bash --interactive --yes "$name.t" >/dev/null
    cmp -s "$name.t" "$file" || cat "$name.t" >"$file"
    exit 0
fi
echo 1..1
# It fails, it does not hang: what waits for something waits for ever.
if timeout -k 5 300 cram3 --shell=/bin/bash "$name.t" >said 2>&1; then
    echo "ok 1 - $name: $(grep -c '^  \$ ' "$name.t") commands print what they should"
else
    echo "not ok 1 - $name: a command prints something else (told.sh --update tests/told/$name.t, if it should)"
    sed 's/^/# /' said
    exit 1
fi
