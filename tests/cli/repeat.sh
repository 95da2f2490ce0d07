#!/bin/sh
# `export script`: a recorded run, run again as the script says, has the same losses; where something is missing the first line names it.
. "$(dirname "$0")/lib.sh"

losses() { # SESSIONS RUN
    "$SADDLE" --sessions="$1" cat "$2" | sed -n 's/^{"k":"step".*"s":\([0-9]*\),.*"loss":\([^,]*\),.*/\1 \2/p'
}
again() { # NAME: exports NAME's script, runs it in a fresh folder, compares
    rm -rf fresh
    run export script "$1.sad" "$1" --force
    run --log=none --sessions=fresh run "$1.sad"
    is "the script of $1 runs as written" "$code $err" '0 '
    is "with the same losses" "$(losses fresh ./fresh/*.saddle)" "$(losses data/saddle/sessions "$1")"
}
"$SADDLE" --log=none -c "$tiny; set seed 5; train --steps 2 --no-record; wait; save weights w.safetensors" >/dev/null
run --log=none -c "$tiny; load weights w.safetensors; set momentum .8 at step 3; train --steps 5 --name loaded"
run --log=none -c "$tiny; train --steps 3 --name plain"
is 'a run from the seed needs nothing' "$("$SADDLE" export script plain.sad plain; head -c 15 plain.sad)" 'wrote plain.sad
# repeats plain'
again loaded
run --log=none -c "$tiny; data demo --val 20 --val-from unused; set sampler square-root; set eval_every 1; train --steps 3 --name held"
is 'validation images from those left out: kept ones where none are' "$(printf '%s\n' "$out" | grep '^val: ')" \
    'val: too few images are left out of 0 circle (2); kept ones are held out instead'
again held
run sessions held
is 'the best by validation images needs no mark' "$(printf '%s\n' "$out" | grep -c 'on test')" 0
run --log=none -c "$tiny; set eval_every 1; train --steps 1 --name judged"
run sessions judged
is 'the best by test images is said to be' "$(printf '%s\n' "$out" | grep -c '^judged .* [0-9.]* on test ')" 1
is 'weights are named by their hash' "$(head -n 1 loaded.sad | sed 's/[0-9a-f]\{64\}/HASH/')" \
    "# needs: the weights it began with, with this SHA-256 (where 'load' does not find them, write FILE behind 'load weights'): HASH"
is 'and neither recorded nor exported by path' "$("$SADDLE" cat loaded | grep -c safetensors) $(grep -c w.safetensors loaded.sad)" '0 0'
if [ "$(losses data/saddle/sessions loaded | head -n 1)" = "$(losses data/saddle/sessions plain | head -n 1)" ]; then
    not_ok 'the loaded weights mattered' 'same first loss'
else ok 'the loaded weights mattered'; fi
hash=$(sed -n 's/^load weights --sha256 //p' loaded.sad)
mkdir cut
cp -r data/saddle/sessions/loaded.saddle cut/
rm cut/loaded.saddle/snap-*
run -q --log=none resume cut/loaded.saddle
is 'without a snapshot they are not taken for those of the seed' "$code $(printf '%s\n' "$err" | grep -c 'the run began with loaded weights')" '3 1'
mv w.safetensors moved.safetensors
mistake 'weights that are gone are asked for' 3 \
    "saddle: loaded.sad:$(grep -n '^load' loaded.sad | cut -d: -f1): load: where are the weights with SHA-256 $(printf %.12s "$hash")? 'load weights FILE' says it; tried: cannot open $work/w.safetensors: No such file or directory" \
    -q --log=none --sessions=fresh run loaded.sad
"$SADDLE" --log=none -c "$tiny; set seed 6; train --steps 1 --no-record; wait; save weights w.safetensors" >/dev/null
run -q --log=none --sessions=fresh run loaded.sad
is 'and others are not taken for them' "$code $(printf '%s\n' "$err" | grep -c "w.safetensors holds other weights (SHA-256 .*, wanted $(printf %.12s "$hash"))")" '3 1'
sed 's/^load weights/& moved.safetensors/' loaded.sad >told.sad
rm -rf fresh
run --log=none --sessions=fresh run told.sad
is 'a FILE in the line is taken' "$code $(losses fresh ./fresh/*.saddle | tail -n 1)" "0 $(losses data/saddle/sessions loaded | tail -n 1)"
mistake 'no hash' 1 "saddle: load: --sha256 'abc'; 64 digits 0-9 a-f are accepted" -c 'load weights --sha256 abc'
mistake 'no file and no hash' 1 "saddle: load: which file? usage: load weights [FILE] [--sha256 HASH]" -c 'load weights'

if command -v python3 >/dev/null 2>&1; then
    python3 "$top/tests/cli/tensors.py" t.safetensors 1 2
    run --log=none -c "data tensors t.safetensors --groups 0-0/1-1/2-2; model resnet8; set eval_every 0; set hessian_every 0; set batch 4; train --steps 3 --name tensors"
    again tensors
    is 'tensors are found by their hash' "$(grep -c '^data tensors .*--sha256' tensors.sad) $(grep -c t.safetensors tensors.sad)" '1 0'
    rm t.safetensors
    run -q --log=none run tensors.sad
    is 'and asked for when they are gone' "$code $(printf '%s\n' "$err" | grep -c "data: where are the data tensors with SHA-256 [0-9a-f]*? 'data tensors FILE' says it")" '3 1'
else
    skip 'a script of tensors' 'no python3'
fi
finish
