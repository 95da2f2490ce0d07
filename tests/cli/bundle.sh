#!/bin/sh
# A session in one file: written, read where it lies, unpacked; and what of it a stranger may have made.
. "$(dirname "$0")/lib.sh"

sessions=data/saddle/sessions
demo=$top/sessions/demo.saddle
"$SADDLE" -c "$tiny; train --steps 12 --name one --paused; snapshot early at step 4; resume; wait; note hello" >one.log 2>&1
is 'a run' "$(grep -c finished one.log)" 1

# --- written ---
for weights in none last all; do
    run export bundle "$weights.saddle.zst" one --weights "$weights"
    is "a bundle with $weights of its weights" "$code $err" '0 '
done
is 'how many snapshots are in them' \
    "$(for weights in none last all; do "$SADDLE" info "$weights.saddle.zst" | sed -n 's/.* events, \([0-9]*\) snap.*/\1/p'; done | tr '\n' ' ')" \
    "0 1 $("$SADDLE" info one | sed -n 's/.* events, \([0-9]*\) snap.*/\1/p') "
mistake 'it replaces nothing' 1 "saddle: export: 'all.saddle.zst' exists; --force replaces it" export bundle all.saddle.zst one
run export bundle none.saddle.zst one --force
is 'but with --force' "$code" 0
is 'Tab offers moments where one is taken' "$("$SADDLE" --complete export bundle x one@ | wc -l) $("$SADDLE" --complete export safetensors x one@ | grep -c '^one@last')" '0 1'
mistake 'a moment of it' 1 "saddle: export: export bundle takes a whole run, not a moment of it ('@1'): one; safetensors takes one" export bundle new one@1
run export bundle odd.zip one
is 'one of another name says how it is found' "$code $(printf '%s\n' "$out" | grep -c "does not end in .saddle.zst, so it is found with its folder alone: './odd.zip'$")" '0 1'
run export bundle two.saddle.zst.saddle.zst one
is 'one whose name ends in it, and has it before' "$code $(printf '%s\n' "$out" | grep -c 'does not end')" '0 0'
mistake 'and who does not find it is told' 3 "saddle: info: no session 'odd.zip'; the file of that name is './odd.zip'" info odd.zip
mistake 'weights of another kind' 1 "saddle: export: --weights 'best'; last, all or none" export bundle new one --weights best
mistake 'weights of a table' 1 "saddle: export: --weights is for 'export bundle'" export csv new one --weights all
mistake 'the curves of a bundle' 1 'saddle: export: --what, --class, --at and --smooth choose curves; a bundle has the whole run' export bundle new one --what slice
mistake 'a bundle on a screen' 1 "saddle: export: '-' is for csv, jsonl, script, tex and md; the name of a file" export bundle - one
is 'nothing was left by these' "$(ls new 2>/dev/null)" ''

# --- read where it lies ---
"$SADDLE" cat one >events
"$SADDLE" cat all.saddle.zst >packed
if cmp -s events packed; then ok 'every event is in it'; else not_ok 'every event is in it' "$(diff events packed | head -n 4)"; fi
if command -v zstd >/dev/null; then
    is 'zstd prints them too, and nothing else' "$(zstd -dc all.saddle.zst | cmp - events && zstd -tq all.saddle.zst && echo same)" same
else
    skip 'zstd prints them too, and nothing else' 'no zstd'
fi
"$SADDLE" cat none.saddle.zst | sed '/"k":"unsnap"/d' >packed
if cmp -s events packed; then ok 'so they are in one without weights'; else not_ok 'so they are in one without weights' "$(diff events packed | head -n 4)"; fi
for weights in none last all; do
    run verify "$weights.saddle.zst"
    is "it verifies, $weights" "$code $err" '0 '
done
run replay all.saddle.zst@early
"$SADDLE" replay one@early >folder 2>&1
is 'replayed as the folder is' "$code $(sed 's/all/one/g' out)" "0 $(cat folder)"
run export csv table.csv all.saddle.zst
"$SADDLE" export csv folder.csv one >/dev/null
is 'a table of it' "$code $(sed 's/^all,/one,/' table.csv | cmp - folder.csv && echo same)" '0 same'
run export safetensors early.safetensors all.saddle.zst@early
"$SADDLE" export safetensors folder.safetensors one@early >/dev/null 2>&1
is 'weights of it' "$code $(cmp early.safetensors folder.safetensors && echo same)" '0 same'
run -c 'fork all.saddle.zst@early young; train --steps 12'
is 'a fork of it trains on to the same bits' "$code $(states young 12)" "0 $(states one 12)"
run compare young all.saddle.zst --metric step_loss
is 'compared with a run' "$code $(printf '%s\n' "$out" | grep -c '^all ')" '0 1'
run export bundle again.saddle.zst all.saddle.zst --weights all
is 'a bundle of a bundle is the same' "$code $(cmp again.saddle.zst all.saddle.zst && echo same)" '0 same'
killed_at 'step=6 .*paused' "$tiny; train --steps 12 --name open --paused; snapshot mid at step 5; pause at step 6; resume"
"$SADDLE" export bundle open.saddle.zst open --weights last >/dev/null
mistake 'it is not gone on with' 1 "saddle: resume: 'open.saddle.zst' is a packed session, which is only read; 'import' makes one of it that goes on" resume open.saddle.zst
run -y -c 'rm all.saddle.zst'
is 'nor removed' "$([ "$code" -ne 0 ] && ls all.saddle.zst)" all.saddle.zst

# --- unpacked ---
run import all.saddle.zst two
is 'it becomes a session' "$code $err" '0 '
"$SADDLE" cat two >packed
is 'with the same events and snapshots' "$(cmp events packed && for file in "$sessions"/one.saddle/snap-*; do cmp "$file" "$sessions/two.saddle/${file##*/}"; done)" ''
is 'for its user alone' "$(stat -c %a "$sessions/two.saddle" "$sessions"/two.saddle/* | sort -u | tr '\n' ' ')" '600 700 '
run verify two
is 'which verifies' "$code" 0
run import open.saddle.zst rest
run resume rest
is 'and one that was broken off goes on to the same bits' "$code $(states rest 12)" "0 $(states one 12)"
mistake 'a name that is taken' 1 "saddle: import: a session 'two' is there already; choose another name, or resume it" import all.saddle.zst two
run import none.saddle.zst
is 'the name of the file' "$code $(ls -d "$sessions/none.saddle")" "0 $sessions/none.saddle"
run verify none
is 'without weights it is whole too' "$code" 0
mistake 'a name that is none' 1 "saddle: import: '../x' is not a name for a session: 1 to 100 of A-Z a-z 0-9 . _ + -, not starting with . or -" import all.saddle.zst ../x

# --- of strangers ---
flipped() { # OFFSET: what a bit there makes of it
    cp all.saddle.zst bad.saddle.zst
    flip bad.saddle.zst "$1"
    run import bad.saddle.zst bad
    import="$code $(printf '%s' "$err" | grep -c '')"
    run verify bad.saddle.zst
    echo "$import $code"
}
size=$(wc -c <all.saddle.zst)
for offset in 20 90 300 $((size / 3)) $((size / 2)) $((size - 30)) $((size - 2)); do
    is "a bit of byte $offset" "$(flipped "$offset")" '3 1 3'
done
for bytes in 40 200 $((size / 2)) $((size - 1)); do
    head -c "$bytes" all.saddle.zst >bad.saddle.zst
    run import bad.saddle.zst bad
    is "cut off after $bytes bytes" "$code $(printf '%s' "$err" | grep -c '')" '3 1'
done
run replay bad.saddle.zst
is 'what is left of one that was cut off is shown, and said to be' "$code $(printf '%s' "$err" | grep -c 'its end is missing')" '0 1'
run export bundle worse bad.saddle.zst
is 'but not handed on' "$code $(ls worse 2>/dev/null)" '3 '
{ cat all.saddle.zst; echo more; } >bad.saddle.zst
run import bad.saddle.zst bad
is 'more behind its end' "$code" 3
printf 'not one' >other.saddle.zst
mistake 'another file' 3 "saddle: import: 'other.saddle.zst' is neither the folder of a session nor a packed one" import other.saddle.zst
mistake 'a folder' 1 "saddle: import: './$sessions/one.saddle' is a folder, not a packed session" import "./$sessions/one.saddle" new
mistake 'no file' 1 "saddle: import: cannot open folder 'gone.saddle.zst': No such file or directory" import gone.saddle.zst
is 'none of these left anything' "$(ls -A "$sessions" | grep -v '\.saddle$'; ls -d "$sessions"/bad* 2>/dev/null)" ''

# --- killed ---
half=0
for i in $(seq 1 20); do
    rm -f killed.saddle.zst
    "$SADDLE" export bundle killed.saddle.zst all.saddle.zst --weights all >/dev/null 2>&1 &
    sleep "0.0$((i % 10))$((i / 10))"
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
    if [ -e killed.saddle.zst ] && ! cmp -s killed.saddle.zst all.saddle.zst; then half=$((half + 1)); fi
done
is '20 kills leave no half file' "$half" 0
half=0
for i in $(seq 1 20); do
    rm -rf "$sessions/killed.saddle"
    "$SADDLE" import all.saddle.zst killed >/dev/null 2>&1 &
    sleep "0.0$((i % 10))$((i / 10))"
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
    if [ -e "$sessions/killed.saddle" ] && ! "$SADDLE" verify killed >/dev/null 2>&1; then half=$((half + 1)); fi
done
is 'nor half a session' "$half" 0
stale=$sessions/.import-00112233445566
mkdir "${stale}aa" "${stale}bb"
cp "$sessions"/one.saddle/journal-* "$sessions"/one.saddle/snap-* "${stale}aa"
: >"${stale}bb/lock"
rm -rf "$sessions/killed.saddle"
run import all.saddle.zst killed
is 'the next one removes what they left' "$code $(ls -d "$sessions"/.import-* 2>/dev/null)" '0 '
run verify killed
is 'and is whole' "$code" 0
if command -v python3 >/dev/null; then
    mkdir "${stale}cc"
    python3 -c 'import fcntl, sys, time; f = open(sys.argv[1], "w"); fcntl.lockf(f, fcntl.LOCK_EX); print(flush=True); time.sleep(60)' "${stale}cc/lock" >locked &
    until [ -s locked ]; do sleep 0.1; done
    run import all.saddle.zst beside
    is 'but nothing that another one is at work in' "$code $(ls "${stale}cc")" '0 lock'
    kill $!
else
    skip 'but nothing that another one is at work in' 'no python3'
fi
rm -rf "$sessions/beside.saddle" "${stale}cc"
run sessions --names
is 'and nothing of it is listed' "$(printf '%s\n' "$out" | grep -vcE '^(one|two|young|none|open|rest|killed)$')" 0

# --- its size ---
run export bundle demo.saddle.zst "$demo"
folder=$(cat "$demo"/*.zst | wc -c)
bundle=$(wc -c <demo.saddle.zst)
echo "# the demo: a folder of $folder bytes, a bundle of $bundle"
is 'at most 60 % of the folder' "$code $((bundle * 100 <= folder * 60))" '0 1'
finish
