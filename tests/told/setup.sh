# setup.sh - read by each transcript: `. $TOLD/setup.sh`. In the folder of its own where cram runs it.
export HOME=$PWD XDG_CONFIG_HOME=$PWD/config XDG_DATA_HOME=$PWD/data XDG_STATE_HOME=$PWD/state LC_ALL=C.UTF-8 TZ=UTC COLUMNS=80
export SADDLE_ISA=portable
unset SADDLE_SESSIONS SADDLE_DATA SADDLE_CONFIG SADDLE_DEVICE SADDLE_LOG SADDLE_RECIPES

# The program, both outputs in one; what is not 0 of its exit code is a last line.
saddle() {
    local code=0
    "$SADDLE" --no-config --device=cpu --threads=1 "$@" 2>&1 </dev/null || code=$?
    [ $code -eq 0 ] || echo "[exit $code]"
}
# What differs from day to day and machine to machine becomes a word: times, speeds, folders.
calm() {
    sed -E -e "s|$HOME|HOME|g" -e "s|$top|TOP|g" -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?/DATE/g' \
        -e 's/[0-9]{2}:[0-9]{2}:[0-9]{2}/CLOCK/g' -e 's/[0-9.]+ (ms|µs|s|min|h|img\/s|images\/s)\b/N \1/g'
}
# Steps of eight images of the demo's, without evaluation and probes: a second for a hundred.
tiny='data demo; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; set batch 8; unwatch'
# 23 images, six steps of four an epoch: the smallest.
smallest='data demo --beta 1000 --val 1840; set batch 4; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; unwatch'
# Each line of the input by a process of its own; what it says stands below the line.
each() {
    local line
    while IFS= read -r line; do
        echo ": $line"
        saddle -c "$line"
    done
}
# The lines of the input at a prompt; what is typed stands behind it. Ends by itself.
prompt() {
    { cat; echo quit; echo y; } | "$TOLD/prompt.py" "$SADDLE" --no-config --device=cpu --threads=1 --no-screen "$@"
}
# 19 images of four classes, five steps of four an epoch, 10 images to test on: runs, evaluations and probes of milliseconds. A step that
# nothing asks for takes no snapshot and no probe.
little='data tensors little.safetensors --groups 0/1/2-3; model resnet8; set batch 4; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; set snapshot_every 0; unwatch'
little() { "$TOLD/little.py" little.safetensors; }
# What a run says, and below it its log, without what differs from time to time: the order of both, times, speeds, sizes after compression, the
# compiler, and whether a run had begun its first pause when the first command came. Snapshots are written, and alerts noted, beside the steps:
# those stand last.
steady() {
    calm | sed -E -e 's/ (ips|data|eta|sec|bytes)=[0-9][^ ]*//g' -e 's/build=".*"/build="..."/' -e 's/\([0-9.]+ GiB free\)/(N GiB free)/' -e 's/ r[0-9a-f]{5}\b/ rID/' |
        awk "/paused waiting for '(resume|train)'/ { next }"'
            ! sub(/^DATE /, "") { sub(/^>/, "=>"); print; next }
            / note (alert [0-9]|the loss is )/ { sub(/step=.* note/, "... note"); noted = noted $0 "\n"; next }
            / snapshot .* state=/ { saved = saved $0 "\n"; next }
            { log_lines = log_lines $0 "\n" }
            END { printf "%s%s%s", log_lines, noted, saved }'
}
# The same without what stands there of every run of `little`.
quiet() { steady | grep -vE '^(tensors|batch|eval_every [01] ->|hessian_every 1 ->|snapshot_|nothing is watched|recorded in)|event step=0 (run|data|env)'; }
# Lines of: a knob, another name of it, its least and most, what is just below and just above.
limits() {
    local knob other low high below above
    while read -r knob other low high below above; do
        saddle -c "set $knob $low; set $other $high; set $knob $below"
        saddle -c "set $knob $above"
    done
}
