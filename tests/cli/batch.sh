#!/bin/sh
# Journey 9 without a Slurm: the job script of saddle(1) under a batch system that knows no more than to send SIGUSR1 before its time limit and to
# queue the job again. The log is followed, the run watched and steered from outside; it is saved, leaves with 75, goes on, and comes to the bits of
# a run that nobody interrupted. (Under a real Slurm: tests/cluster/slurm.sh.)
. "$(dirname "$0")/lib.sh"
host=$(hostname -s 2>/dev/null || hostname)
escape=$(printf '\033')
return=$(printf '\r')

# The script stands in the manual; what it says there is what runs here.
roff=$top/man/saddle.1
sed -n '/^A batch job that survives/,/^\.fi/p' "$roff" | sed '1,/^\.nf/d; /^\.fi/d; s/\\-/-/g' >manual.sh
sed 's/exp1/batch/g' manual.sh >job.sh
has 'the manual has a job script' "$(cat job.sh)" '^#SBATCH --signal=B:USR1' 'kill -USR1 ' '^exit \$code$'
mkdir bin
ln -s "$SADDLE" bin/saddle
cat >bin/scontrol <<'END'
#!/bin/sh
echo "$*" >>requeued
END
chmod 755 bin/scontrol job.sh
PATH=$work/bin:$PATH
export PATH
echo "$tiny; set opt sam; set rho .05; train --steps 1000000 --name batch" >batch.sad

submit() { # NUMBER OF THE START: the job, with nothing to read from; $job
    SLURM_JOB_ID=4711 SLURM_RESTART_COUNT=$1 sh job.sh <&- >>job.out 2>>job.err &
    job=$!
}
submit 0
until_seen $job log 1 ' event .* training'
run ctl batch 'pause'
run ctl batch 'set rho .5'
from=$(printf '%s\n' "$out" | sed -n 's/^rho 0.05 -> 0.5 from step \([0-9]*\) .*/\1/p')
is 'it is steered from the login node' "$code ${from:+is set}" '0 is set'
"$SADDLE" view batch >view.log 2>&1 </dev/null &
view=$!
until_seen $view view.log 1 '^batch: '
is 'and watched' "$(grep -c '^batch: ' view.log)" 1
kill $view
wait $view 2>/dev/null
run ctl batch resume
until_seen $job log 2 ' training$'
began=$(date +%s)
kill -USR1 $job
wait $job
is 'the time limit: a snapshot, 75, and queued again' "$? $(cat requeued) $(grep -c "'saddle resume batch' goes on" job.err)" '75 requeue 4711 1'
[ $(($(date +%s) - began)) -le 20 ] && ok 'within its step' || not_ok 'within its step' "$(($(date +%s) - began)) s"
at=$(sed -n 's/.* step=\([0-9]*\) .* stopped User defined signal 1.*/\1/p' log)
is 'of the last step' "$(grep -c " step=$at .* snapshot .* state=" log)" 1
run verify batch
is 'the recording is whole' "$code" 0

submit 1
until_seen $job log 3 ' training$'
run ctl batch pause
all=$(($(printf '%s\n' "$out" | sed -n 's/^paused at step \([0-9]*\) .*/\1/p') + 20))
run ctl batch "set steps $all"
run ctl batch resume
wait $job
is 'it goes on to its end' "$? $(grep -c " finished all $all steps" log) $(cat requeued)" '0 1 requeue 4711'
is 'host, job and start are recorded' "$("$SADDLE" cat batch | grep -c -e "\"text\":\"[^\"]*Slurm job 4711 on $host\"" -e "\"text\":\"[^\"]*Slurm job 4711 on $host, start 2\"")" 2
is 'and so they are in the log' "$(grep -c "Slurm job 4711 on $host" log)" 2
is 'no step is missing or done twice' "$("$SADDLE" cat batch | sed -n 's/.*"k":"step","q":[0-9]*,"s":\([0-9]*\).*/\1/p' | awk '$1 != NR { bad++ } END { print NR, bad + 0 }')" "$all 0"
is 'the log has neither escapes nor carriage returns' "$(grep -c -e "$escape" -e "$return" log)" 0
"$SADDLE" -v -c "$tiny; set opt sam; set rho .05; set rho .5 at step $((from - 1)); train --steps $all --name whole" >whole.log 2>&1
is 'the bits are those of a run that nobody interrupted' "$(last_state log)" "$(last_state whole.log)"
finish
