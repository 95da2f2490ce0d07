#!/bin/sh
# Damaged recordings, full disks, limits on files: said in one line, nothing that was safe is lost.
. "$(dirname "$0")/lib.sh"
"$SADDLE" -c "$tiny; train --steps 40 --name good" >good.log 2>&1
"$SADDLE" -c "$tiny; train --steps 40 --name part" >/dev/null 2>&1
good=data/saddle/sessions/good.saddle

copy() { # NAME: a fresh copy of the good session, to be damaged
    rm -rf "$1.saddle"
    cp -R "$good" "$1.saddle"
}
lines() {
    printf '%s' "$1" | grep -c ''
}

run verify good
is 'a good session verifies' "$code" 0
if [ -c /dev/full ]; then
    err=$("$SADDLE" cat good 2>&1 >/dev/full)
    is 'a full disk is named when a session cannot be printed' "$? $err" \
        '1 saddle: cannot print the session: No space left on device'
fi
copy a
flip a.saddle/journal-000001.zst 300
run verify ./a.saddle
is 'a flipped bit in the journal' "$code $(lines "$err")" '3 1'
run resume ./a.saddle
if [ "$code" -ne 0 ] && [ -n "$err" ]; then ok 'is not resumed in silence'; else not_ok 'is not resumed in silence' "$code $err"; fi
for format in csv jsonl script svg; do
    run -c "export $format lacking ./a.saddle"
    is "nor exported as $format, lacking what cannot be read" "$code $(printf '%s\n' "$err" | grep -c 'damaged: segment 1') $(ls | grep -c lacking)" '3 1 0'
done
copy b
snapshot=$(ls b.saddle/snap-*40-* | head -n 1)
flip "$snapshot" 5000
run verify ./b.saddle
is 'a flipped bit in a snapshot' "$code $(lines "$err")" '3 1'
copy c
head -c 200 "$good/journal-000001.zst" >c.saddle/journal-000001.zst
run info ./c.saddle
is 'a torn journal can still be looked at' "$code" 0
copy d
: >d.saddle/journal-000001.zst
run replay ./d.saddle
is 'an empty journal' "$code $(lines "$err")" '3 1'
rm -f c.saddle/snap-*
run resume ./c.saddle
is 'no snapshot, no resume' "$code" 3
run -y -c 'rm ./a.saddle'
is 'rm removes a session' "$code $(ls -d a.saddle 2>/dev/null)" '0 '
echo precious >b.saddle/notes.txt
run -y -c 'rm ./b.saddle'
is 'but never what is not one' "$code $(cat b.saddle/notes.txt) $(ls b.saddle/journal-000001.zst)" '1 precious b.saddle/journal-000001.zst'

# --- no room --- (a limit on the size of files stands for a full disk; blocks of 512 bytes)
limited() { # BLOCKS WORDS...
    blocks=$1
    shift
    (
        ulimit -f "$blocks" || exit 98
        exec "$SADDLE" "$@"
    ) >out 2>err </dev/null
    code=$?
    err=$(cat err)
}
limited 100 -q -c 'data demo; model resnet8; save weights big.safetensors'
is 'weights that do not fit' "$code $(lines "$err") $(ls big.safetensors* 2>/dev/null)" '1 1 '
limited 100 -q -c "$tiny; train --steps 5"
is 'a session that does not fit is refused at once' "$code $(lines "$err")" '1 1'
limited 9000 -q -c "$tiny; model resnet110; set batch 2; set epochs 1; set drw 0; set weights none; train --steps 2 --name tight"
is 'a snapshot that does not fit is said, and no success is claimed' \
    "$code $(printf '%s\n' "$err" | grep -c 'recording: snapshot of step 2 is not saved') $(printf '%s\n' "$err" | grep -c 'saddle: snapshot of step 2 is not saved')" '1 1 1'
run verify tight
is 'what was written before is whole' "$code" 0
run info tight
is 'a run whose last weights are not on disk is not finished' "$(printf '%s\n' "$out" | grep -c -e ', unsaved[, ]')" 1

# --- hostile text in a recording never reaches the terminal as control bytes ---
"$SADDLE" -c "$tiny; train --steps 3 --name esc --paused; note \"bell $(printf '\302\233')31m \342\200\256 x\"; resume; wait" >esc.log 2>esc.err
"$SADDLE" replay esc >>esc.log 2>&1
"$SADDLE" cat esc >>esc.cat 2>&1
is 'control characters are shown as something else' "$(LC_ALL=C tr -d '\n\40-\176\300-\377\200-\277' <esc.log | wc -c | tr -d ' ') $(LC_ALL=C grep -c "$(printf '\302\233')" esc.log)" '0 0'
is 'cat prints seven-bit text only' "$(LC_ALL=C tr -d '\n\40-\176' <esc.cat | wc -c | tr -d ' ')" 0
finish
