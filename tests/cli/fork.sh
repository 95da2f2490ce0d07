#!/bin/sh
# fork: a new run from any moment of a recorded one, of which nothing is written.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
sessions=data/saddle/sessions
python3 "$here/tensors.py" batch.st 1 2 3x8x8
python3 "$here/tensors.py" other.st 3 2 3x8x8
quiet='model resnet8; set batch 8; set lr .02; set opt sam; set rho .05; set hessian_every 0; set snapshot_seconds 0; set snapshot_every 2; unwatch'
state() { # RUN STEP: hash of its snapshot of that step
    states "$@" | sort -u
}
steps() { # RUN FROM: loss and gradient of its steps from there on, without times
    "$SADDLE" cat "$1" | sed -n 's/.*"k":"step","q":[0-9]*,"s":\([0-9]*\),"m":[0-9]*,\(.*\),"ms".*/\1 \2/p' | awk -v from="$2" '$1 >= from'
}
evals() { # RUN FROM: its evaluations after that step, without times
    "$SADDLE" cat "$1" | sed -n 's/.*"k":"epoch","q":[0-9]*,"s":\([0-9]*\),"m":[0-9]*,\(.*\),"sec":[^,]*,\(.*\)/\1 \2 \3/p' | awk -v from="$2" '$1 > from'
}
made() {
    for d in $sessions/*; do basename "$d"; done | tr '\n' ' '
}

# --- left as it is, a fork comes to the bits of its parent: at a snapshot, in the middle of an epoch, before anything waits or acts ---
run -c "data tensors batch.st; $quiet; train --epochs 6 --name base --paused; set lr .01 at epoch 4.5; set rho .1 if loss < 99; note x; resume"
is 'a run to fork' "$code $err" '0 '
before=$(sums base)
run -c 'fork base@s0004 four; train'
is 'at a snapshot, by its name' "$code $err $(field four parent) $(field four parent_step) $(field four began)" '0  base@4 12 fork'
is 'and with its state' "$(field four parent_state)" "$(state base 12)"
is 'it goes on with the same steps' "$(steps four 0)" "$(steps base 13)"
is 'and evaluations, the best so far included' "$(evals four 12)" "$(evals base 12)"
is 'to the same state' "$(state four 18)" "$(state base 18)"
is 'it is told when it ends, and the last value beside the best' "$(printf '%s\n' "$out" | grep -c -E ' eval  step=1[58] .* acc=[0-9.]+ .* best=[0-9.]+@[0-9.]+ .* eta=[0-9]+')" 2
is 'what waited there acted at its step' "$("$SADDLE" cat four | grep -c '"s":14,.*"op":"set","key":"lr","value":"0.01",.*"by":"schedule"')" 1
is 'it says so' "$(printf '%s\n' "$out" | grep -c -e "^'set lr 0.01 at epoch 4.5' waited there, and waits on" -e '^forked base@4 -> four r[0-9a-f]* (snapshot s0004, optimizer state kept); at ep 4.0:' -e '^four: training from ep 4.0')" 3
run -c 'fork base@3.4 part; train'
is 'in the middle of an epoch, where steps are repeated first' "$code $err $(field part parent) $(field part parent_step) $(printf '%s\n' "$out" | grep -c '^state of step 10, from the snapshot of step 6, repeating 4 recorded steps')" '0  base@3.3 10 1'
is 'the same steps' "$(steps part 0)" "$(steps base 11)"
is 'evaluations with the sums of the whole epoch' "$(evals part 10)" "$(evals base 10)"
is 'and state' "$(state part 18)" "$(state base 18)"
best=$("$SADDLE" cat base | sed -n 's/.*"best_ep":\([0-9.]*\).*/\1/p' | tail -n 1)
run -c 'fork base@best'
is 'at its best epoch, without a name, and not trained' "$code $err $(field base-fork-1 parent) $("$SADDLE" cat base-fork-1 | grep -c '"k":"step"')" "0  base@$best 0"
is 'it is listed where it stands' "$("$SADDLE" sessions base-fork-1 | tail -n 1 | tr -s ' ' | cut -d' ' -f1-2) $("$SADDLE" info base-fork-1 | grep -c "^began with the state of base@$best (step ")" 'base-fork-1 waiting 1'
run resume base-fork-1
is 'resume trains it another day' "$code $err $(state base-fork-1 18)" "0  $(state base 18)"
run fork base last
is 'from the shell; its end leaves nothing to train' "$code $err" "0 warning: fork: it is at its end, with no step left to train: 'train --epochs N' or 'set epochs N' gives it more"
is 'who is told how it goes on' "$(printf '%s\n' "$out" | grep -c "^last waits where it begins; \"saddle --do 'set epochs N' resume last\" trains it$")" 1
run -c 'set epochs 7; resume last'
is 'until it is made longer' "$code $err $(state last 18) $("$SADDLE" cat last | grep -c '"s":21,.*"state":"finished"')" "0  $(state base 18) 1"

# --- what is changed where it begins ---
run -c 'set rho .3; fork base@4 other; set lr .03; set momentum .8; train --epochs 5'
is 'knobs that were set before and after it' "$code $err $("$SADDLE" cat other | sed -n 's/.*"s":12,.*"op":"set","key":"\([a-z_]*\)","value":"\([^"]*\)".*/\1 \2/p' | tr '\n' ' ')" \
    '0  rho 0.3 lr 0.03 momentum 0.8 epochs 5 '
is 'lead elsewhere' "$(steps other 0 | head -n 1 | cut -d, -f1) $(test "$(state other 15)" != "$(state base 15)" && echo elsewhere)" "$(steps base 13 | head -n 1 | cut -d, -f1) elsewhere"
run -q -c 'export script other.sad other; export script four.sad four'
run run other.sad
is 'a script of it repeats it' "$code $err $(last_state out)" "0  $(state other 15)"
run run four.sad
is 'and one of a fork in which commands waited' "$code $err $(last_state out)" "0  $(state four 18)"
run -c 'fork base@4 without; cancel 1; train'
run -q -c 'export script without.sad without'
run run without.sad
is 'also of those that were cancelled' "$code $(grep -c '^cancel 1$' without.sad) $(last_state out)" "0 1 $(state without 18)"

# --- other commands take the same points ---
run -c "export safetensors best.st base@best; export safetensors number.st base@$best; replay base@s0004; replay base@last; export safetensors at.st @s0004"
is 'weights of the best epoch are those of its number' "$code $err $(cmp best.st number.st 2>&1)" '0  '
is 'a replay stands at a snapshot, or at the end' "$(printf '%s\n' "$out" | grep -o '^base: at epoch [0-9.]* of [0-9.]*' | tr '\n' ' ')" 'base: at epoch 4.0 of 6.0 base: at epoch 6.0 of 6.0 '
is 'and its run need not be named' "$(printf '%s\n' "$out" | grep -c '^at.st written, step 12 (ep 4.0)$')" 1
run compare base@s0004 other@last --metric acc --csv -
is 'runs are compared there' "$code $(printf '%s\n' "$out" | sed 1d | awk -F, '{ last[$1] = $4 } END { print last["base"], last["other"] }')" '0 4 5'
run resume four@base
is 'a run is taken up there, and comes to the same end' "$code $err $(printf '%s\n' "$out" | grep -c '^four: from the snapshot of step 12') $(state four 18)" "0  1 $(state base 18)"

run -c 'fork base@4 twice'
run -c 'resume twice --paused; set rho .3; step 1; wait step 13; set rho .1; resume'
run -c 'info twice'
is 'what was changed and set back is told' "$code $(printf '%s\n' "$out" | grep -c '^not as by default: .*rho 0\.1\* (0\.1 > 0\.3@4 > 0\.1@4\.333)')" '0 1'

# --- a fork of a fork of a run that was taken up ---
cp -R $sessions/base.saddle $sessions/again.saddle
run -c 'resume again@3'
is 'a run that was taken up at an earlier epoch' "$code $err $(state again 18)" "0  $(state base 18)"
run -c 'fork again@3.3 child; train; wait; fork @5.3 grandchild; train'
is 'is forked, and its fork too' "$code $err $(field grandchild parent) $(state grandchild 18)" "0  child@5.3 $(state base 18)"
is 'with the steps of the first' "$(steps child 0)$(steps grandchild 0)" "$(steps base 11)$(steps base 17)"
mv $sessions/child.saddle $sessions/renamed.saddle
cp -R $sessions/grandchild.saddle $sessions/copy.saddle
run -c 'resume copy@5.5'
is 'its own recording has all that it needs' "$code $err $(state copy 18) $(field copy parent)" "0  $(state base 18) child@5.3"
mv $sessions/renamed.saddle $sessions/child.saddle

# --- what came of what ---
run -c 'sessions --tree *child'
is 'a tree' "$code $err
$(printf '%s\n' "$out" | sed -n 's/^\( *[a-z]*child\) .* \([a-z]*@[0-9.]*\)$/\1 \2/p')" '0 
  child again@3.3
    grandchild child@5.3'
mv $sessions/child.saddle $sessions/kid.saddle
run -c 'sessions --tree *i*d; info grandchild; info kid'
is 'by the names of now' "$code $(printf '%s\n' "$out" | grep -c -e '^  kid .* again@3.3$' -e '^    grandchild .* kid@5.3$' -e '^that run is here: kid$' -e '^what came of it: grandchild, from epoch 5.3 on$')" '0 4'
mv $sessions/kid.saddle away
run -c 'sessions --tree grandchild; info grandchild'
is 'and which parents are gone' "$code $(printf '%s\n' "$out" | grep -c -e '^grandchild .* child@5.3 (not here)$' -e '^that run is not in the sessions folder, and not needed$')" '0 2'
mv away $sessions/child.saddle
table() { # COLUMNS: the tree as a terminal of that width shows it, its longest line and its first one
    python3 - "$1" "$SADDLE" <<'END'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("4H", 24, int(sys.argv[1]), 0, 0))
    os.execv(sys.argv[2], [sys.argv[2], "sessions", "--tree"])
text = b""
try:
    while more := os.read(fd, 65536):
        text += more
except OSError:
    pass
lines = text.decode().splitlines()
print(max(map(len, lines)) <= int(sys.argv[1]), " ".join(lines[0].split()), sum(l.startswith("    grandchild ") for l in lines))
END
}
is 'a row is a line of a narrow terminal' "$(table 80)
$(table 100)
$(table 250)" 'True NAME STATE EPOCH ACC TAIL BEST ID FROM 1
True NAME STATE EPOCH ACC TAIL BEST LOSS/OPT ID FROM 1
True NAME STATE EPOCH ACC TAIL BEST LOSS/OPT DATA RECORDED ID FROM 1'
mistake 'a tree is not sorted otherwise' 1 'saddle: sessions: --tree has an order of its own: what came of a run stands below it' -c 'sessions --tree --sort name'
mkdir -p $sessions/half.saddle

head -c 1500 $sessions/child.saddle/journal-000001.zst >$sessions/half.saddle/journal-000001.zst
run -c 'sessions half'
is 'what was ended before it had a state is no run' "$code $(printf '%s\n' "$out" | grep -c '^half ') $("$SADDLE" cat half 2>/dev/null | grep -c '"k":"config"')" '0 0 1'
run -c 'fork base@4 half'
is 'and its name is free' "$code $err" '0 '

# --- a second stage goes on too ---
run -c "data tensors batch.st; $quiet; stage lws --epochs 3 --lr .1; train --epochs 2 --name staged"
run -c 'fork staged@3.5 in-stage; train'
is 'a fork within a second stage' "$code $err $(state in-stage 15)" "0  $(state staged 15)"
is 'has the steps of the stage' "$(steps in-stage 0)" "$(steps staged 12)"
run -c 'stage crt --from base@s0004 --epochs 1 --name crt'
is 'a stage may begin at a point that has a name' "$code $err $(field crt parent) $(field crt began)" '0  base@4 null'

# --- which run is meant ---
run -c 'replay base@2; fork @3 shown; stop --yes'
is '@POINT is of the run that is shown' "$code $err $(field shown parent)" '0  base@3'
run -c "data tensors batch.st; $quiet; train --epochs 9 --name live --paused; step 7; wait step 7; fork @2 early --yes; train --epochs 3"
is 'a run that trains ends first' "$code $err $(field early parent) $("$SADDLE" cat live | grep -c '"s":7,.*"state":"stopped"')" '0  live@2 1'
run -c 'fork base@1 one; fork base@2 two; set rho .4; train --epochs 3'
is 'a fork that waits gives way, and is there' "$code $err $(field one parent) $("$SADDLE" cat one | grep -c '"k":"step"') $(printf '%s\n' "$out" | grep -c "^one waits where it begins; 'resume one' trains it")" '0  base@1 0 1'
is 'of all this the parent knows nothing' "$(sums base)" "$before"

# --- refused, and nothing of it is made ---
was=$(made)
no() { # NAME CODE LINE COMMAND
    mistake "$1" "$2" "saddle: $3" -c "$4"
}
no 'no such run' 3 "fork: no session 'bose'; did you mean 'base'?" 'fork bose@2'
no 'no run is shown' 1 "fork: '@2' of which run? fork RUN@2" 'fork @2'
no 'past its end' 1 'fork: epoch 9 is past the end of the recording (6.0)' 'fork base@9'
no 'before its beginning' 1 'fork: epoch 2 is before the beginning of the recording (3.3)' 'fork part@2'
no 'no such snapshot' 1 "fork: no snapshot 's0009' in it; accepted: an epoch, best, last, or one of $("$SADDLE" info base | sed -n 's/^  \(s[0-9-]*\) .*/\1/p' | tail -n 6 | tr '\n' ' ' | sed 's/ $//')" 'fork base@s0009'
no 'nor for a replay' 1 "replay: no snapshot 'x' in it; accepted: an epoch, best, last, or one of base s0006" 'replay four@x'
no 'nor to go on from' 1 "resume: '@best' of which run? resume RUN@best" 'resume @best'
no 'a name that is taken' 1 "fork: a session 'four' is there already; choose another name, or resume it" 'fork base@4 four'
no 'a name that is none' 1 "fork: 'a/b' is not a name for a session: 1 to 100 of A-Z a-z 0-9 . _ + -, not starting with . or -" 'fork base@4 a/b'
no 'a number for a name' 1 "fork: '4' is no name for a fork; did you mean base@4?" 'fork base 4'
no 'beside a point too' 1 "fork: '4.5' is no name for a fork: a number alone is none" 'fork base@4 4.5'
no 'a knob that is fixed, in a fork' 1 "set: math is fixed for this run: a fork keeps what its parent has; a new run may have another: 'stop', 'set math VALUE', 'train'" 'fork base@4 math; set math bf16'
no 'or in a run' 1 "set: batch is fixed for this run and for forks of it; a new run may have another: 'stop', 'set batch VALUE', 'train'" "data tensors batch.st; $quiet; train --name fixed --paused; set batch 4"
no 'or later' 1 "set: batch cannot change while a run trains, so nothing can change it later; set it at once, before 'train'" 'set batch 4 at epoch 3'
rm -r $sessions/math.saddle $sessions/fixed.saddle
no 'another state than wanted' 3 "fork: the recording has another state there (SHA-256 $(state base 18 | cut -c1-12), wanted $(state base 12 | cut -c1-12))" \
    "fork base --sha256 $(state base 12)"
no 'what is fixed' 1 "fork: model is fixed while a run exists: it is recorded with resnet8, and resnet20 was set here; 'train' starts another run" 'model resnet20; fork base@4'
mistake 'with --readonly' 1 'saddle: fork: not with --readonly' --readonly -c 'fork base@4'
mv batch.st away.st
no 'its data are gone' 3 "fork: where are the data of this run (tensors batch.st)? 'fork RUN --root FILE' or 'set data_path' says it; tried: cannot open $work/batch.st: No such file or directory" 'fork base@4'
run -c 'fork base@4 --root other.st'
is 'or others' "$code $(printf '%s\n' "$err" | sed 's/SHA-256 .*/SHA-256/')" \
    "3 saddle: fork: --root names other data than the run's (tensors batch.st): tensors other.st of other.st: its training images are not those of this run (SHA-256"
mv away.st batch.st
is 'and of all this nothing is left' "$(made)" "$was"
run -c "data tensors batch.st; $quiet; train --steps 9 --name busy --paused; fork base@4 x"
is 'while another run trains, which nobody is asked about' "$code $err $(made | grep -c ' x.saddle')" "1 saddle: fork: busy is training; 'stop' it first, or give --yes 0"
run -c 'fork base@4 w; train --name other'
is 'it has its name' "$code $err" "1 saddle: train: --name is for a new run; w is there already, and waits"
run -c 'fork base e; train'
is 'and cannot train past its end' "$code $(printf '%s\n' "$err" | tail -n 1)" "1 saddle: train: e is at its end, epoch 6; 'set epochs N' gives it more to train"

# --- parents in trouble ---
cp -R $sessions/base.saddle $sessions/bare.saddle
for file in $sessions/bare.saddle/snap-*; do flip "$file" 5000; done
run -q -c 'fork bare@4.4 rescued'
is 'damaged snapshots are passed over, and named' "$code $(printf '%s\n' "$err" | grep -c 'warning: fork: the snapshot of step .* cannot be read') $(field rescued parent_step)" '0 2 13'
rm -r $sessions/bare.saddle
run -c 'resume rescued'
is 'a fork does not need its parent' "$code $err $(state rescued 18)" "0  $(state base 18)"
cp -R $sessions/base.saddle $sessions/torn.saddle
flip $sessions/torn.saddle/journal-000001.zst
run -c 'fork torn'
is 'the end of a damaged one is not known' "$code $(printf '%s\n' "$err" | grep -c '^saddle: fork: damaged: .*; which epoch is its last is not known, name one: RUN@EPOCH$')" '3 1'
: >live.log
"$SADDLE" -v -c "data tensors batch.st; $quiet; train --epochs 100000 --name written" >live.log 2>&1 &
pid=$!
until_seen $pid live.log 1 ' step  step=7 '
run -c 'fork written@2 early-one'
is 'one that is being written is forked where it was' "$code $err $(field early-one parent_step)" '0  6'
kill -TERM $pid
wait $pid
"$SADDLE" -q -c "data tensors batch.st; $quiet; set snapshot_every 0; set eval_every 0; train --epochs 150 --name longer" >/dev/null 2>&1
: >cut.log
"$SADDLE" -c 'fork longer@149 cut; train' >cut.log 2>&1 &
pid=$!
until_seen $pid cut.log 1 '^state of step 447, from the weights of the seed, repeating 447 recorded steps'
kill -INT $pid
wait $pid
is 'C-c while steps are repeated leaves nothing' "$? $(made | grep -c ' cut.saddle')" '130 0'
isa=$(isa_of base)
if [ "$isa" != portable ]; then # other rounding: the recorded weights are not to be had here
    SADDLE_ISA=portable run -c 'fork base@3.4 foreign'
    is 'where the steps cannot be repeated the snapshot before is taken, and that is said' \
        "$code $(printf '%s\n' "$err" | grep -c "^warning: fork: the recorded weights cannot be made here: they were made on cpu $isa, and this is cpu portable; it begins at the nearest snapshot before: s0002, step 6 (ep 2)$") $(field foreign parent)" '0 1 base@2'
    SADDLE_ISA=portable run -c "fork base@3.4 wanted --sha256 $(field part parent_state)"
    is 'unless another one is wanted' "$code $(printf '%s\n' "$err" | grep -c "^saddle: fork: the recorded weights cannot be made here: they were made on cpu $isa, and this is cpu portable")$(made | grep wanted)" '3 1'
    SADDLE_ISA=portable run -c 'fork base@1 near'
    is 'and there is one' "$code $(printf '%s\n' "$err" | grep -c "^saddle: fork: the recorded weights cannot be made here: they were made on cpu $isa, and this is cpu portable, and there is no snapshot before$")$(made | grep near)" '3 1'
else
    skip 'where the steps cannot be repeated the snapshot before is taken' 'one instruction set'
fi
is 'the parent knows nothing of it either' "$(sums base)" "$before"
finish
