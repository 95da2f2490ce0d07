#!/bin/sh
# `saddle ctl`: commands from outside come in order, once, and are recorded as those of the prompt; nothing else in the inbox disturbs a run.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
python3 "$here/tensors.py" images 1 2 3x8x8 LT
tiny="data tensors images; model resnet8; set opt sam; set weights effective; set drw 80000; set lr .02; $quick"
sessions=$XDG_DATA_HOME/saddle/sessions

begin() { # NAME [still]: a run in the background, which stands still if asked; its lines go to NAME.log, its process is $pid
    : >"$1.log"
    : >"$1.err"
    "$SADDLE" --threads=1 -c "$tiny; set epochs 90000; set snapshot_every 80000; set rho .05; train --name $1" >"$1.log" 2>"$1.err" &
    pid=$!
    until_seen $pid "$1.log" 1 ' event .* training'
    [ -z "${2-}" ] || "$SADDLE" ctl "$1" pause >/dev/null
    inbox=$sessions/$1.saddle/inbox
}
over() { # RUN: ends it; $code
    "$SADDLE" ctl "$1" 'stop --yes' >/dev/null
    wait $pid
    code=$?
}
letter() { # NUMBER ID LINE: a file as `saddle ctl` puts it there
    mkdir -m 700 -p "$inbox"
    printf 'saddle-command 1\nid %s\nline %s\nend\n' "$2" "$3" >"$inbox/.new"
    chmod 600 "$inbox/.new"
    mv "$inbox/.new" "$inbox/cmd-$1"
}
answer() { # ID: waits for what became of it
    tries=0
    while [ $tries -lt 3000 ] && ! seen "$inbox/ans-$1" 1 '^state [raw][efap][fpi]'; do
        tries=$((tries + 1))
        sleep 0.1
    done
    sed -n 's/^state //p' "$inbox/ans-$1"
}
nanoseconds() { # that the thread which looks has run
    cut -d ' ' -f 1 "/proc/$pid/task/$pid/schedstat" 2>/dev/null || echo 0
}
lines() { # FILE PATTERN
    grep -c -e "$2" "$1"
}

begin one
run ctl one 'set rho .5'
is 'ctl changes a knob of a run' "$code $(printf '%s\n' "$out" | grep -c '^rho 0.05 -> 0.5 from step [0-9]* (ep [0-9.]*)')$err" '0 1'
until_seen $pid one.log 1 'set rho 0.05 0.5 by=ctl'
is 'which is recorded, and by whom' "$(lines one.log 'set rho 0.05 0.5 by=ctl')" 1
run ctl --json one set rho .3
is 'words need no quotes, and --json tells state and step' \
    "$code $(printf '%s\n' "$out" | grep -c -E '^\{"id":"[0-9a-f]{16}","state":"applied","step":[0-9]+,"text":\["rho 0.5 -> 0.3 from step')" '0 1'
run ctl one pause
is 'pause stands still' "$code $(printf '%s\n' "$out" | grep -c '^paused at step')" '0 1'
mistake 'twice is once too often' 1 "$("$SADDLE" ctl one pause 2>&1)" ctl one pause
mistake 'a knob that is not there is refused with its reason' 1 "saddle: set: unknown knob 'roh'; did you mean 'rho'?" ctl one 'set roh .5'
run ctl --json one 'set rho -1'
is 'and so is a value, in JSON too' "$code $(printf '%s\n' "$out" | grep -c '"state":"refused","step":[0-9]*,"text":\["set: ')" '1 1'
run ctl one 'set lr .02; note "from outside"; show lr'
is 'a line of several commands' "$code $(printf '%s\n' "$out" | grep -c -e '^lr .* -> 0.02 from step' -e '^lr ')" '0 2'
run ctl --json one 'set rho .2 at epoch 80000'
is 'a command for later waits' "$code $(printf '%s\n' "$out" | grep -c '"state":"waits"')" '0 1'
run ctl one 'show pending'
is 'and is shown' "$code $out" '0 1: set rho 0.2 at epoch 80000'
run ctl one 'cancel 1'
is 'and can be taken back' "$code $(printf '%s\n' "$out" | grep -c '^cancelled 1: ')" '0 1'
mistake 'a knob that follows another has no value to change' 1 \
    "saddle: set: rho_drw: it follows another knob and has no value of its own to change; a number is accepted" ctl one 'set rho_drw /2'
run ctl one 'set lr x3; set lr /2; set rho_drw 0.2@0 0.4@5; set rho_drw /4'
is 'factors of what is in force, of every value of a schedule' "$code $(printf '%s\n' "$out" | sed 's/ from step.*//' | tr '\n' ';')" \
    '0 lr 0.02 -> 0.06;lr 0.06 -> 0.03;rho_drw = -> 0.2@0 0.4@5;rho_drw 0.2@0 0.4@5 -> 0.05@0 0.1@5;'
mistake 'a knob that is no number has none' 1 "saddle: set: opt is no number, so '/2' means nothing for it" ctl one 'set opt /2'
mistake 'what begins a run is not sent' 1 "saddle: train: cannot be sent to a run: only what steers it, or asks it something" ctl one train
mistake 'nor a command that names a file' 1 "saddle: hessian: a command that names a file or a run cannot be sent; it would be one of the other machine" \
    ctl one 'hessian 9 --save x'
mistake 'nobody is asked' 1 "saddle: stop: nobody here to say yes; give --yes" ctl one stop
mistake 'nothing' 2 "saddle: an empty command is not sent; a line of the prompt is, such as 'set rho .5' or pause" ctl one ' ; '
mistake 'half a quote' 1 'saddle: quote " is not closed' ctl one 'note "half'
mkdir -m 700 -p "$inbox"
spent=$(nanoseconds)
sleep 2
spent=$(($(nanoseconds) - spent))
kill -0 $pid && ok 'and a script that waits for its run waits on' || not_ok 'and a script that waits for its run waits on' "$(cat one.err)"
# By the processor's time: a busy machine changes nothing of it. 0.5 % of two seconds are ten milliseconds.
echo "# $spent ns in two seconds of looking into an empty inbox"
if [ -e /proc/$pid/task/$pid/schedstat ]; then
    [ "$spent" -lt 10000000 ] && ok 'looking costs less than 0.5 % of a processor' || not_ok 'looking costs less than 0.5 % of a processor' "$spent ns in 2 s"
else
    skip 'looking costs less than 0.5 % of a processor' 'this system does not say'
fi

# Two terminals, one knob, one step: the run stands still until both are in.
letter 000007 00000000000000aa 'set rho .7'
letter 000003 00000000000000bb 'set rho .6'
touch -d '-1 hour' "$inbox/cmd-000003" 2>/dev/null
touch -d '+1 hour' "$inbox/cmd-000007" 2>/dev/null
is 'two terminals set one knob in one step' "$(answer 00000000000000aa) $(answer 00000000000000bb)" 'applied applied'
is 'in the order of their numbers, whatever their clocks say' "$(grep -E 'set rho 0.(3|6) ' one.log | sed 's/.*set //' | tr '\n' ';')" 'rho 0.3 0.6 by=ctl;rho 0.6 0.7 by=ctl;'

# Many at once, each carried out once.
i=0
while [ $i -lt 20 ]; do
    "$SADDLE" ctl one "note many-$i" >>many.out 2>&1 &
    senders="${senders:-} $!"
    i=$((i + 1))
done
for s in $senders; do wait "$s"; done
is 'twenty at once are all answered' "$(lines many.out '^applied at step')" 20
run ctl one resume
over one
is 'stop ends it in order' "$code $(lines one.log ' stopped asked for') $(cat one.err)" '0 1 '
i=0 missing=0
while [ $i -lt 20 ]; do
    [ "$("$SADDLE" cat one | grep -c "\"text\":\"many-$i\"")" = 1 ] || missing=$((missing + 1))
    i=$((i + 1))
done
is 'and were carried out once' "$missing" 0
rm -f "$inbox"/ans-00000000000000aa "$inbox"/ans-00000000000000bb
rmdir "$inbox" 2>/dev/null
is 'nothing is left in the inbox' "$(ls -d "$inbox" 2>/dev/null)" ''
run ctl one pause
is 'a run that nobody records takes nothing' "$code $(printf '%s\n' "$err" | grep -c "^saddle: nobody records one just now (stopped at epoch .*); 'saddle resume one' goes on with it")" '1 1'
run ctl nosuch pause
is 'a run that is not there' "$code" 3
"$SADDLE" export script repeat.sad one >/dev/null
"$SADDLE" run repeat.sad >repeat.log 2>&1
is 'export script repeats a run that was steered from outside, bit for bit' "$(last_state repeat.log)" "$(last_state one.log)"

# --- bad input: a line, and the run goes on ---
begin bad still
mkdir -p -m 700 "$inbox"
printf 'rubbish\0\377' >"$inbox/cmd-000001"
printf 'saddle-command 1\nid 00000000000000cc\nline set rh' >"$inbox/cmd-000002"
printf 'saddle-command 1\nid ../../x\nline pause\nend\n' >"$inbox/cmd-000003"
mkfifo "$inbox/cmd-000004"
mkdir "$inbox/cmd-000005"
ln -s /etc/passwd "$inbox/cmd-000006"
dd if=/dev/zero of="$inbox/cmd-000007" bs=1024 count=64 2>/dev/null
: >"$inbox/cmd-000008"
echo mine >"$inbox/notes.txt"
letter 000009 00000000000000dd 'set rho .5'
is 'rubbish around it does not hold a command up' "$(answer 00000000000000dd)" applied
until_seen $pid bad.err 1 inbox
is 'one line tells of all of it' "$(cat bad.err)" 'warning: inbox: 8 files left out, the first of them cmd-000001: it is no text'
is 'and it is gone; what is of nobody is left alone' "$(ls "$inbox")" 'ans-00000000000000dd
notes.txt'
letter 000001 00000000000000ee 'set rho .4'
chmod 666 "$inbox/cmd-000001" 2>/dev/null
letter 000002 00000000000000ff 'set rho .2'
is 'a later one is applied' "$(answer 00000000000000ff)" applied
over bad
is 'one that others could have written may not be' "$code $(lines bad.log 'rho .* 0.2 by=ctl') $(lines bad.err inbox)" '0 1 1'
run -c 'rm bad --yes'
is 'what is not of saddle keeps a run from being removed' "$code $(printf '%s\n' "$err" | grep -c inbox)" '1 1'
rm "$inbox/notes.txt"
run -c 'rm bad --yes'
is 'the inbox of saddle does not' "$code$err" 0

# Nightly: 10000.
letters=${SADDLE_LETTERS:-400}
if [ "$letters" -gt 400 ]; then # minutes
    begin idle still
    sleep 130
    is 'a run that stands still says so once' "$(lines idle.log ' PAUSED; "saddle ctl idle resume" goes on$') $(tail -n 1 idle.log | grep -c PAUSED)" '1 1'
    over idle
fi
begin many
mkdir -m 700 "$inbox.new"
awk -v to="$inbox.new" -v n="$letters" 'BEGIN {
    for (i = 1; i <= n; i++) {
        file = sprintf("%s/cmd-%06d", to, i)
        printf "saddle-command 1\nid %016x\nline set rho .%d\nend\n", i, i % 2 + 1 >file
        close(file)
    }
}'
chmod 600 "$inbox.new"/cmd-*
mv "$inbox.new" "$inbox"
is 'of far too many commands those that are too many are refused' "$(answer "$(printf %016x "$letters")")" refused
at=$("$SADDLE" cat many | grep -c '"k":"step"')
run ctl many 'show'
is 'and the run goes on' "$code" 0
over many
is 'the first are taken' "$("$SADDLE" cat many | grep '"op":"set","key":"rho"' | grep -c '"by":"ctl"')" 200 # their answers have made room for later ones
is 'with one line' "$code $(lines many.err .) $(lines many.err "^warning: inbox: $((letters - 200)) files left out, the first of them too many")" '0 1 1'
[ "$("$SADDLE" cat many | grep -c '"k":"step"')" -gt "$at" ] && ok 'and more steps' || not_ok 'and more steps' "$at"

# --- who may, and where ---
begin guarded still
if [ "$(id -u)" = 0 ] && chown 12345 many.err 2>/dev/null; then
    letter 000001 00000000000000a1 'set rho .9'
    mv "$inbox/cmd-000001" "$inbox/x" && chown 12345 "$inbox/x" && mv "$inbox/x" "$inbox/cmd-000001"
    until_seen $pid guarded.err 1 'of user 12345, and this run of user 0'
    is 'a command of another user is left out' "$(lines guarded.err 'it is of user 12345') $(ls "$inbox")" '1 '
    chmod 777 "$inbox"
    letter 000001 00000000000000a2 'set rho .9'
    until_seen $pid guarded.err 1 'can be written by others'
    is 'so is everything in a folder that others may write' "$(ls "$inbox")" cmd-000001
    run ctl guarded pause
    is 'and ctl says so' "$code $(printf '%s\n' "$err" | grep -c 'folder inbox can be written by others (mode 777)')" '3 1'
    rm -r "$inbox"
else
    skip 'a command of another user is left out' 'needs root'
fi
if [ "$(id -u)" = 0 ] && mkdir -p ro && mount --bind "$sessions" ro 2>/dev/null && mount -o remount,ro,bind ro 2>/dev/null; then
    run --sessions ro ctl guarded pause
    is 'a read-only mount' "$code $(printf '%s\n' "$err" | grep -c 'Read-only file system')" '1 1'
    umount ro
else
    skip 'a read-only mount' 'no right to mount here'
fi
kill -STOP $pid
run ctl --timeout 1 guarded 'set rho .9'
kill -CONT $pid
is 'a process that stands still: the command is taken back' "$code $(printf '%s\n' "$err" | grep -c 'not received within 1 s, and is taken back')" '1 1'
over guarded
is 'and never acts' "$code $(lines guarded.log ' 0.9 by=ctl')" '0 0'

# A run that was killed, with a command that came too late.
begin cut
kill -STOP $pid
"$SADDLE" ctl --timeout 600 cut 'set rho .9' >late.out 2>&1 &
late=$!
until_seen $late "$inbox/cmd-000001" 1 'set rho'
kill -9 $pid
wait $pid 2>/dev/null
wait $late
is 'the sender of a killed run is told' "$? $(lines late.out 'ended before it answered')" '1 1'
letter 000002 00000000000000b1 'set rho .8'
run -c 'resume cut --paused; stop --yes'
is 'who takes it up does not do what was sent to another process' "$code $("$SADDLE" cat cut | grep -c '"by":"ctl"') $(answer 00000000000000b1)" '0 0 refused'
finish
