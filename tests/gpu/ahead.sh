#!/bin/sh
# What a queue of steps and probes beside them come to: SADDLE DEVICE [MODEL [STEPS [MATH]]]; the demo, one step at a time, with steps
# under way, and with every class watched beside them; the latter twice each. The recorded times of steps add up to the clock's. 1 when
# the states of the end differ, or when no probe came to its end beside the steps.
saddle=$1 device=$2 model=${3:-resnet32} steps=${4:-600} math=${5:-fp32}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 129' HUP INT TERM

one_run() { # NAME COMMANDS
    "$saddle" --no-config --sessions="$dir" --device="$device" --yes -c "data demo; set model $model; set math $math; set seed 1; set eval_every 0;
        set snapshot_every 0; set snapshot_seconds 0; $2; train --steps $steps --name $1" >"$dir/$1.log" 2>&1 || { tail -n 5 "$dir/$1.log"; exit 1; }
    "$saddle" --sessions="$dir" cat "$1" | awk -v name="$1" '
        /"k":"step"/ && match($0, /"ms":[0-9.e+-]+/) { ms += substr($0, RSTART + 5, RLENGTH - 5); n++ }
        /"k":"eig"/ { probes++ }
        /"k":"snap"/ && match($0, /"state":"[0-9a-f]+/) { state = substr($0, RSTART + 9, RLENGTH - 9) }
        END { printf "%-9s %.3f ms each of %d steps, %d probes\n", name, ms / n, n, probes; print state >"/dev/stderr"; exit name ~ /^watched/ && !probes }' 2>"$dir/$1.state" || { echo "$1: no probe"; exit 1; }
}
SADDLE_STEPS_AHEAD=1 one_run single unwatch
for turn in 1 2; do
    one_run queued-$turn unwatch
    one_run watched-$turn 'watch all every 1 iters 5; set budget 0.5'
done
[ -s "$dir/single.state" ] || { echo "no state was recorded"; exit 1; }
for name in queued-1 watched-1 queued-2 watched-2; do
    cmp "$dir/single.state" "$dir/$name.state" || exit 1
done
echo "five times the same state: $(cat "$dir/single.state")"
