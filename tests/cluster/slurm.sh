#!/bin/sh
# A run under a real batch system: Slurm on this machine alone, started here and ended here (Debian: slurm-wlm, munge). The job's time limit
# sends SIGUSR1; the run takes a snapshot and leaves with 75; the job is queued again, and resume goes on. Meanwhile it is watched and steered
# from outside. Takes two minutes, most of it Slurm's time limit, whose unit is a minute. Where Slurm cannot run it is skipped.
. "$(dirname "$0")/../cli/lib.sh"
sessions=$XDG_DATA_HOME/saddle/sessions

cannot() { # REASON
    echo "1..0 # SKIP $1"
    exit 77
}
[ "${SADDLE_CLUSTER:-}" = 1 ] || cannot 'SADDLE_CLUSTER=1 runs it: two minutes under a Slurm of its own'
PATH=$PATH:/usr/sbin:/sbin
for program in munged slurmctld slurmd sbatch scontrol squeue; do
    command -v $program >/dev/null 2>&1 || cannot "no $program here (Debian: slurm-wlm, munge)"
done
[ "$(id -u)" = 0 ] || cannot 'a Slurm of its own needs root'

# --- a cluster of one machine ---
cluster=$work/cluster
mkdir -p "$cluster/state" "$cluster/spool"
chmod 755 "$work" "$cluster"
dd if=/dev/urandom of="$cluster/munge.key" bs=1 count=1024 2>/dev/null
chmod 600 "$cluster/munge.key"
host=$(hostname -s 2>/dev/null || hostname)
port=$((20000 + $$ % 20000))
cat >"$cluster/slurm.conf" <<END
ClusterName=saddle
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$cluster/munge.socket
CredType=cred/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/slurmd.pid
SlurmctldLogFile=$cluster/slurmctld.log
SlurmdLogFile=$cluster/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MailProg=/bin/true
KillWait=10
MinJobAge=300
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF="$cluster/slurm.conf"
# A job that is on its way out ends before the daemons that would end it, and one that is out of their reach by its own number.
end_cluster() {
    [ -z "${job:-}" ] || scancel --full --signal=KILL "$job" 2>/dev/null
    [ -z "${job:-}" ] || scancel "$job" 2>/dev/null
    tries=0
    while [ -n "${job:-}" ] && squeue -h -j "$job" 2>/dev/null | grep -q . && [ $tries -lt 150 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    [ ! -e "$work/job.pid" ] || kill -9 $(cat "$work/job.pid") 2>/dev/null
    for name in slurmd slurmctld munged; do
        eval "[ -z \"\${$name:-}\" ] || kill \$$name 2>/dev/null"
    done
    wait
    rm -rf "$work"
}
trap end_cluster EXIT
munged --force --foreground --key-file="$cluster/munge.key" --socket="$cluster/munge.socket" --pid-file="$cluster/munge.pid" \
    --log-file="$cluster/munge.log" --seed-file="$cluster/munge.seed" >"$cluster/munged.out" 2>&1 &
munged=$!
tries=0
until [ -S "$cluster/munge.socket" ] || [ $tries -gt 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
slurmctld -D -c >"$cluster/slurmctld.out" 2>&1 &
slurmctld=$!
slurmd -D >"$cluster/slurmd.out" 2>&1 &
slurmd=$!
tries=0
until sinfo -h -o %T 2>/dev/null | grep -q '^idle' || [ $tries -gt 300 ]; do
    tries=$((tries + 1))
    sleep 0.1
    kill -0 $slurmctld 2>/dev/null && kill -0 $slurmd 2>/dev/null || break
done
sinfo -h -o %T 2>/dev/null | grep -q '^idle' || cannot "Slurm does not start here: $(tail -n 1 "$cluster/slurmd.log" "$cluster/slurmctld.log" 2>&1 | grep -v '^$' | tr '\n' ' ')"

# --- the job: saddle(1), "A batch job that survives its time limit" ---
echo "$tiny; set rho .05; train --steps 1000000 --name batch" >exp.sad
cat >job.sh <<'END'
#!/bin/sh
#SBATCH --signal=B:USR1@35 --requeue --open-mode=append
if saddle info batch >/dev/null 2>&1; then set -- resume batch; else set -- run exp.sad; fi
saddle "$@" --log-file log &
echo $! >job.pid
trap 'kill -USR1 $!' USR1
until wait $!; code=$?; [ $code -le 128 ]; do :; done
rm -f job.pid
[ $code != 75 ] || scontrol requeue "$SLURM_JOB_ID"
exit $code
END
mkdir bin
ln -s "$SADDLE" bin/saddle
chmod 755 job.sh
job=$(PATH=$work/bin:$PATH sbatch --parsable --time=1 --ntasks=1 --output=out --error=err job.sh 2>sbatch.err) || cannot "sbatch: $(cat sbatch.err)"
until_seen $slurmctld log 1 ' event .* training'
is 'the job runs, and its log says where' "$(grep -c "Slurm job $job on $host" log)" 1
run ctl batch 'set rho .5'
is 'it is steered from outside' "$code $(printf '%s\n' "$out" | grep -c '^rho 0.05 -> 0.5 from step')" '0 1'
timeout 5 "$SADDLE" view batch >view.log 2>&1 </dev/null
is 'and watched' "$(grep -c '^batch: ' view.log)" 1
until_seen $slurmctld log 1 ' stopped User defined signal 1'
until_seen $slurmctld err 1 'goes on' # said when the snapshot is on disk, after the log
is 'the time limit sends SIGUSR1, the run ends with a snapshot' "$(grep -c "'saddle resume batch' goes on" err)" 1
at=$(sed -n 's/.* step=\([0-9]*\) .* stopped User defined signal 1.*/\1/p' log | head -n 1)
is 'of its last step' "$(grep -c " step=$at .* snapshot .* state=" log)" 1
until scontrol show job "$job" | grep -q JobState=PENDING || ! kill -0 $slurmctld; do sleep 0.2; done
sleep 3 # slurmd does not launch a job that it ended in the same second
scontrol update JobId="$job" StartTime=now 2>/dev/null # Slurm lets it wait for two minutes
until_seen $slurmctld log 2 ' event .* training' || until_seen $slurmctld log 2 ' event .* training'
is 'the job is queued again' "$(scontrol show job "$job" | sed -n 's/.*Restarts=\([0-9]*\).*/\1/p')" 1
is 'and says so' "$(grep -c "Slurm job $job on $host, start 2" log)" 1
run ctl batch 'show rho'
is 'it goes on as it was' "$code $(printf '%s\n' "$out" | grep -c '^rho 0.5\*')" '0 1'
run ctl batch 'stop --yes'
tries=0
until [ "$(scontrol show job "$job" | sed -n 's/.*JobState=\([A-Z]*\).*/\1/p')" = COMPLETED ] || [ $tries -gt 100 ]; do
    tries=$((tries + 1))
    sleep 0.2
done
is 'a run that is stopped ends the job' "$(scontrol show job "$job" | sed -n 's/.*JobState=\([A-Z]*\).*/\1/p')" COMPLETED
is 'no step is missing or done twice' "$("$SADDLE" cat batch | sed -n 's/.*"k":"step","q":[0-9]*,"s":\([0-9]*\).*/\1/p' | awk '$1 != NR { bad++ } END { print bad + 0 }')" 0
"$SADDLE" verify batch >verify.log 2>&1
is 'every checksum is right' "$?" 0
is 'the log has neither escapes nor carriage returns' "$(tr -d '\33\r' <log | cmp -s - log && echo plain)" plain
job=
finish
