#!/bin/sh
# stage: a second stage planned, given to a run, or as a new run that begins with the state of a recorded one, of which nothing is written.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
sessions=data/saddle/sessions
python3 "$here/tensors.py" batch.st 1 2
python3 "$here/tensors.py" other.st 3 2
quiet='model resnet8; set batch 8; set lr .02; set hessian_every 0; set snapshot_seconds 0; set snapshot_every 2; unwatch'
sha() { # FILE
    sha256sum "$1" | cut -d' ' -f1
}

# --- a new run from a recorded one: at a snapshot, and where the state must be computed first ---
run -c "data tensors batch.st; $quiet; set hessian_every 4; set hessian_iters 2; set hessian_images 2; watch 2; train --epochs 5 --name base --paused; set lr .01 at epoch 4.5; resume"
is 'a run to go on from' "$code $err" '0 '
before=$(sums base)
run -c 'set eval_every 2; stage crt --from base@4 --epochs 2 --lr .1 --name four'
is 'a new run from its fourth epoch' "$code $err" '0 '
is 'its steps and epochs go on' "$("$SADDLE" cat four | sed -n 's/.*"k":"step","q":[0-9]*,"s":\([0-9]*\).*/\1/p' | tr '\n' ' ')" '13 14 15 16 17 18 '
is 'it says what it came from' "$(field four parent) $(field four parent_id) $(field four parent_step)" \
    "base@4 $("$SADDLE" info base | sed -n 's/.*base  *r\([0-9a-f]*\).*/\1/p' | head -n 1)$(field four parent_id | cut -c6-) 12"
is 'and with which state' "$(field four parent_state) $(states four 12)" "$(states base 12) $(states base 12)"
is 'what waited there is named, what was watched is watched on' \
    "$(printf '%s\n' "$out" | grep -c "^'set lr 0.01 at epoch 4.5' waited there") $("$SADDLE" cat four | grep -c '"op":"watch","key":"2"')" '1 1'
is 'the knobs are the parent'"'"'s, the stage and what was set by hand' \
    "$("$SADDLE" info four | grep -c 'not as by default: .*lr 0.02, .*stage crt, stage_epochs 2, stage_lr 0.1, .*epochs 4, .*eval_every 2')" 1
run -c 'stage crt --from base@3 --epochs 2 --name three'
is 'the third epoch has no snapshot' "$code $err $(printf '%s\n' "$out" | grep -c '^state of step 9, from the snapshot of step 6, repeating 3 recorded steps')" '0  1'
run -c 'export safetensors b3.st base@3; export safetensors t3.st three@3; export safetensors t5.st three'
is 'but weights' "$code $(sha t3.st)" "0 $(sha b3.st)"
run -c "data tensors batch.st; $quiet; set eval_every 2; stage lws --epochs 2 --lr .1 --norm frozen; train --epochs 3 --name planned" # as base, but for what was watched
run -c 'set eval_every 2; stage lws --from base@3 --epochs 2 --lr .1 --norm frozen --name late'
is 'the stage comes to the same bits as one that was planned' "$code $err $(states late 15)" "0  $(states planned 15)"
run -c 'set ccsam_cap .4; stage ccsam --from base@3 --epochs 2 --name shifts; wait; show sam'
has 'classes shift features, and show sam says how far' "$code $out" '^stage ccsam in epoch [45]: 0.4 of the loss is of shifted features, up to ccsam_cap 0.4$' \
    '^   2 .* r 1.000 ####################$' 'steps without ascent: 0 of 6 (0.0 %)'
run -c "data tensors batch.st; $quiet; opt sam; stage ccsam; show stages"
has 'a stage without a radius has none to list' "$code $out" '^  ccsam  .* head    stage_lr [^ ]*, stage_weight_decay'
run -c 'stage crt --from late@4 --epochs 1 --name third'
is 'a stage may follow a part of another one' "$code $err $("$SADDLE" cat third | grep -c '"k":"stage",.*"s":13,.*"name":"crt",.*"first":4,')" '0  1'
run -c 'replay base@2; stage crt --from @3 --epochs 1 --name shown --paused; stage; stop --yes'
is '@EPOCH is of the run that is shown' "$code $err $(field shown parent) $(printf '%s\n' "$out" | grep -c '^> crt *3  head ')" '0  base@3 1'
run -c 'replay four; seek 5; show stages'
is 'what was over before it began is told apart' "$code $err
$(printf '%s\n' "$out" | sed -n 's/^  \(first .*\)/\1/p; s/^\(> crt *4  head\).*/\1/p; s/^  \(end .*\)/\1/p' | tr -s ' ')" '0 
first 0 all - (in base@4)
> crt 4 head
end 6'
is 'of all this the parent knows nothing' "$(sums base)" "$before"
run -c "stage crt --from base@3 --epochs 2 --name three --sha256 $(states base 12)"
is 'a name that is taken' "$code $err" "1 saddle: stage: a session 'three' is there already; choose another name, or resume it"

# --- it stands alone ---
mv $sessions/base.saddle elsewhere
run verify three
is 'every checksum is right' "$code" 0
run -c 'sessions thr*; info three'
is 'it is listed with its parent' "$code $(printf '%s\n' "$out" | grep -c -e '^three .*  base@3$' -e '^three r.*, step 15, .*, from base@3$') $(printf '%s\n' "$out" | grep -c '^began with the state of base@3 (step 9, run r')" '0 2 1'
cp -R $sessions/three.saddle $sessions/again.saddle
run -c 'resume again@3'
is 'it can be taken up where it begins' "$code $err $(printf '%s\n' "$out" | grep -c '^again: from the snapshot of step 9$')" '0  1'
is 'and comes to the same bits' "$(states again 15 | uniq)" "$(states three 15)"
run -c 'set stage_epochs 3; resume three'
is 'and made longer' "$code $err $("$SADDLE" cat three | grep -c '"s":18,.*"state":"finished"')" '0  1'
run -c 'replay three; seek start; export safetensors s.st; seek 4; seek end; export safetensors e.st three@5; export csv t.csv three; export jsonl t.jsonl three'
is 'a replay begins where it begins' "$code $err $(sha s.st) $(sha e.st)" "0  $(sha b3.st) $(sha t5.st)"
is 'and so do its tables' "$(sed -n 's/^three,\([0-9]*\),.*,step_loss,.*/\1/p' t.csv | tr '\n' ' ')$(grep -c ',mark_F,,,base@3$' t.csv) $(grep -c '"k":"step"' t.jsonl)" \
    '10 11 12 13 14 15 16 17 18 1 9'
mistake 'no epoch before that' 1 'saddle: resume: epoch 2 is before the beginning of the recording (3.0)' resume three@2
rm $sessions/again.saddle/snap-*
mistake 'without its own snapshots it is not made of other weights' 3 \
    "saddle: resume: no snapshot can be read, and the run began with the state of base@3: 'export script' begins anew with that" resume again@4
run -c 'export script three.sad three'
is 'a script of it' "$code $err $(sed -n '1s/: base@3$/: PARENT/p' three.sad)" '0  # needs: the recorded run and epoch that it goes on from (its own script repeats it): PARENT'
run run three.sad
is 'does not run without the parent' "$code $(printf '%s\n' "$err" | grep -c "^saddle: three.sad:[0-9]*: stage: no session 'base'; ")" '3 1'
mv elsewhere $sessions/base.saddle
run run three.sad
is 'and comes to the same bits with it' "$code $err $(states base-crt-1 18)" "0  $(states three 18)"

# --- before a run, and on one ---
run -c 'stage; stage lws --epochs 7 --rho .1 --norm frozen --no-augment --at 12; set weights effective; set drw 9; stage; show stage_rho; stage none; stage'
is 'planned and listed' "$code $err
$(printf '%s\n' "$out" | sed -n 's/^  \([a-z]* *[0-9][0-9]* .*\)/\1/p; s/^  \(end *[0-9]*\)$/\1/p' | tr -s ' ')" '0 
first 0 all -
end 200
first 0 all -
lws 12 scales stage_lr multistep:0.1,warmup=5,10:0.1,20:0.01, stage_rho 0.1, stage_weight_decay 0.0005, stage_sampler class-aware, stage_norm frozen, stage_augment off
end 19
first 0 all -
drw 9 all weights effective
lws 12 scales stage_lr multistep:0.1,warmup=5,10:0.1,20:0.01, stage_rho 0.1, stage_weight_decay 0.0005, stage_sampler class-aware, stage_norm frozen, stage_augment off
end 19
first 0 all -
drw 9 all weights effective
end 12'
run -c 'set epochs 12; set weights effective; set drw 9; set opt sam; set rho_drw 0.5; stage crt --epochs 7 --lr .1 --norm frozen --no-augment; stage none; set weights none; show stages'
is 'a table of stages says which knobs differ' "$code $err
$(printf '%s\n' "$out" | sed -n '/^  stage /,/^  end /p')" '0 
  stage   from epoch  trains  differs from the first in
  first            0  all     -
  drw              9  all     weights effective, rho_drw 0.5
  crt             12  head    stage_lr 0.1, stage_rho 0, stage_weight_decay 0.0005, stage_sampler class-aware, stage_norm frozen, stage_augment off
  end             19
  stage   from epoch  trains  differs from the first in
  first            0  all     -
  end             12'
run -c "data tensors batch.st; $quiet; set eval_every 0; train --epochs 9 --name on --paused; step 2; wait step 2; stage crt --epochs 1 --lr .1 --at 1; stage; resume; wait; stage lws"
is 'given to a run' "$code $err $("$SADDLE" cat on | sed -n 's/.*"op":"set","key":"\([a-z_]*\)".*/\1/p' | tr '\n' ' ')" '0  stage epochs stage_lr stage_epochs '
is 'whose end it moves' "$("$SADDLE" cat on | grep -c '"s":6,.*"state":"finished"')" 1
is 'which it has then' "$("$SADDLE" cat on | grep -c '"k":"stage",.*"s":4,.*"name":"crt","number":2,"first":1,"epochs":1,')" 1
is 'after its end it is for the next one' "$(printf '%s\n' "$out" | grep -c "^for the next run; 'stage NAME --from on' goes on from the end of this one")" 1
run -q -c 'export script on.sad on'
run run on.sad
is 'a script of it repeats it' "$code $err $(last_state out)" "0  $(states on 6)"

# --- refused, and nothing of it is made ---
no() { # NAME CODE LINE COMMAND
    mistake "$1" "$2" "saddle: stage: $3" -c "$4"
}
run -c "data tensors batch.st; $quiet; set eval_every 0; train --epochs 2 --name here; wait; stage lws --from @2 --epochs 1 --name there; wait; stage crt --from there --epochs 1"
is 'and a new one may begin with it at once' "$code $err $(field there parent) $(field there-crt-1 parent)" '0  here@2 there@3'
run -c "data tensors batch.st; $quiet; set eval_every 0; train --steps 4 --name half"
made=$(ls $sessions)
no 'no such stage' 1 "unknown value 'crd'; did you mean 'crt'? accepted: none crt lws ccsam" 'stage crd'
no 'no such option value' 1 "stage_norm: unknown value 'moving'; accepted: shifted frozen" 'stage crt --norm moving'
no 'which stage' 1 'which stage? usage: '"$("$SADDLE" -c 'help stage' | sed -n 1p)" 'stage --epochs 3'
no 'none with options' 1 "'none' takes no options" 'stage none --from base'
no 'a name without a new run' 1 '--name is for a new run, which --from RUN starts' 'stage crt --name x'
no '--at with --from' 1 '--from RUN@EPOCH says where the stage begins; --at is for a run that trains or is set up' 'stage crt --from base --at 3'
no 'no such run' 3 "no session 'bose'; did you mean 'base'?" 'stage crt --from bose'
no 'no run is shown' 1 "'@2' of which run? --from RUN@2" 'stage crt --from @2'
no 'past its end' 1 'epoch 9 is past the end of the recording (5.0)' 'stage crt --from base@9'
no 'not a whole epoch' 1 'epoch 2.25 of base is not whole; a new run begins where an epoch ends: base@2, base@3' 'stage crt --from base@2.25'
no 'a last epoch that is not whole' 1 'the last epoch of half, 1.333, is not whole; a new run begins where an epoch ends: half@1' 'stage crt --from half'
no 'nothing trained' 1 'no whole epoch is trained at epoch 0 of base; the first one is 1' 'stage crt --from base@0'
no 'a name that is none' 1 "'a/b' is not a name for a session: 1 to 100 of A-Z a-z 0-9 . _ + -, not starting with . or -" 'stage crt --from base --name a/b'
no 'another state than wanted' 3 "the recording has another state there (SHA-256 $(states base 15 | cut -c1-12), wanted $(states base 12 | cut -c1-12))" \
    "stage crt --from base --sha256 $(states base 12)"
no 'a length of the first stage' 1 'epochs was set here, and is 5 in the new run, where its stage begins; --epochs N is the length of the stage' \
    'set epochs 3; stage crt --from base'
no 'a moment that is past' 1 'epoch 1 is past (now 2.0)' \
    "data tensors batch.st; $quiet; set eval_every 0; train --epochs 4 --name past --paused; step 6; wait step 6; stage crt --epochs 1 --at 1"
is 'of which nothing is done' "$("$SADDLE" cat past | grep -c '"op":"set"')" 0
no 'what is fixed' 1 "model is fixed while a run exists: it is recorded with resnet8, and resnet20 was set here; 'train' starts another run" \
    'model resnet20; stage crt --from base'
no 'while another run trains' 1 "busy is training; 'stop' it first" "data tensors batch.st; $quiet; train --steps 9 --name busy --paused; stage crt --from base"
mistake 'with --readonly' 1 'saddle: stage: not with --readonly' --readonly -c 'stage crt'
mv batch.st away.st
no 'its data are gone' 3 "where are the data of this run (tensors batch.st)? 'resume RUN --root FILE' or 'set data_path' says it; tried: cannot open $work/batch.st: No such file or directory" \
    'stage crt --from base'
run -c 'stage crt --from base --root other.st'
is 'or others' "$code $(printf '%s\n' "$err" | sed 's/SHA-256 .*/SHA-256/')" \
    "3 saddle: stage: --root names other data than the run's (tensors batch.st): tensors other.st of other.st: its training images are not those of this run (SHA-256"
mv away.st batch.st
is 'and of all this nothing is left' "$(ls $sessions | grep -v -e busy -e past)" "$made"
cp -R $sessions/base.saddle $sessions/part.saddle
for file in $sessions/part.saddle/snap-*; do flip "$file" 5000; done
run -q -c 'stage crt --from part@3 --epochs 1 --name rescued'
is 'damaged snapshots are passed over, and named' "$code $(printf '%s\n' "$err" | grep -c 'warning: stage: the snapshot of step .* cannot be read') $(states rescued 9)" "0 1 $(states three 9)"
# --- a parent that is being written, one that is damaged, and where nothing is to be started ---
: >live.log
"$SADDLE" -v -c "data tensors batch.st; $quiet; set eval_every 0; train --epochs 100000 --name live" >live.log 2>&1 &
pid=$!
until_seen $pid live.log 1 ' step  step=7 '
run -c 'stage crt --from live@1 --epochs 1 --name early'
# It may take a snapshot away that was seen a moment ago.
is 'a parent that is being written is read all the same' "$code $(printf '%s\n' "$err" | grep -v 'cannot open snap-.*: No such file') $(field early parent_step)" '0  3'
kill -TERM $pid
wait $pid
cp -R $sessions/base.saddle $sessions/torn.saddle
flip $sessions/torn.saddle/journal-000001.zst
run -c 'stage crt --from torn --epochs 1 --name of-torn'
is 'the last epoch of a damaged one is not known' "$code $(printf '%s\n' "$err" | grep -c '^saddle: stage: damaged: .*; which epoch is its last is not known, name one: RUN@EPOCH$')" '3 1'
isa=$(isa_of base)
if [ "$isa" != portable ]; then # other rounding: the recorded weights are not to be had here
    run -c "set steps 0; stage crt --from $top/tests/golden/sgd.saddle@1 --name elsewhere"
    is 'a state that cannot be repeated here is no beginning' \
        "$code $(printf '%s\n' "$err" | grep -c '^saddle: stage: the recorded weights cannot be made here: step .* was recorded, .* is computed now$')$(ls $sessions | grep elsewhere)" '3 1'
else
    skip 'a state that cannot be repeated here is no beginning' 'one instruction set'
fi
mkdir recipes
printf 'stage crt --from base\ntrain\n' >recipes/starts.sad
SADDLE_RECIPES=$work/recipes run -c 'preset starts'
is 'a recipe starts none' "$code $(printf '%s\n' "$err" | grep -c "starts.sad:1: stage: a recipe starts no run; --from is for the prompt and for scripts")" '1 1'
run --dry-run -c 'stage crt --from base'
is 'and a dry run says so' "$code $err $out" '0  not run: stage crt --from base'
is 'the parent knows nothing of it either' "$(sums base)" "$before"
finish
