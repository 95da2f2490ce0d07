A signal, while a run trains and without one: what is said, what is kept, the exit code.

  $ . $TOLD/setup.sh
  $ little
  $ mkfifo in
  $ signalled() {
  >     local signal=$1; shift
  >     env --default-signal "$SADDLE" --no-config --device=cpu --threads=1 "$@" <in >out 2>&1 &
  >     exec 3>in
  >     cat >&3; echo 'echo ready' >&3
  >     until grep -q ready out; do sleep 0.02; done
  >     kill -$signal $!; [ $signal = USR2 ] && { until grep -q 'snapshot .* state=' out; do sleep 0.02; done; echo 'quit --yes' >&3; }
  >     wait $!; echo "[exit $?]"
  >     exec 3>&-
  >     quiet <out | grep -v ready
  > }
  $ for signal in TERM INT HUP USR1; do
  >     echo ": $signal"; echo "$little; train --epochs 9 --name on-$signal --paused; step 2; wait step 2; note x" | signalled $signal
  >     echo ": $signal, nothing trains"; echo 'set rho .1' | signalled $signal
  > done
  : TERM
  [exit 75]
  on-TERM: resnet8, ce on 19 images, 45 steps of 4
  saddle: Terminated at step 2; 'saddle resume on-TERM' goes on
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=2 ep=0.40 paused the steps asked for are done
  event step=2 ep=0.40 note x
  event step=2 ep=0.40 stop
  event step=2 ep=0.40 stopped Terminated
  event step=2 ep=0.40 snapshot s0000 state=15cdd084b7b5d49acbf5366a4d9ad3b053162dd3e78b3285e7a40fcf4c63db54
  : TERM, nothing trains
  [exit 143]
  rho 0.05 -> 0.1
  saddle: Terminated; no run was under way
  : INT
  [exit 130]
  on-INT: resnet8, ce on 19 images, 45 steps of 4
  saddle: Interrupt at step 2; 'saddle resume on-INT' goes on
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=2 ep=0.40 paused the steps asked for are done
  event step=2 ep=0.40 note x
  event step=2 ep=0.40 stop
  event step=2 ep=0.40 stopped Interrupt
  event step=2 ep=0.40 snapshot s0000 state=15cdd084b7b5d49acbf5366a4d9ad3b053162dd3e78b3285e7a40fcf4c63db54
  : INT, nothing trains
  [exit 130]
  rho 0.05 -> 0.1
  saddle: Interrupt; no run was under way
  : HUP
  [exit 75]
  on-HUP: resnet8, ce on 19 images, 45 steps of 4
  saddle: Hangup at step 2; 'saddle resume on-HUP' goes on
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=2 ep=0.40 paused the steps asked for are done
  event step=2 ep=0.40 note x
  event step=2 ep=0.40 stop
  event step=2 ep=0.40 stopped Hangup
  event step=2 ep=0.40 snapshot s0000 state=15cdd084b7b5d49acbf5366a4d9ad3b053162dd3e78b3285e7a40fcf4c63db54
  : HUP, nothing trains
  [exit 129]
  rho 0.05 -> 0.1
  saddle: Hangup; no run was under way
  : USR1
  [exit 75]
  on-USR1: resnet8, ce on 19 images, 45 steps of 4
  saddle: User defined signal 1 at step 2; 'saddle resume on-USR1' goes on
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=2 ep=0.40 paused the steps asked for are done
  event step=2 ep=0.40 note x
  event step=2 ep=0.40 stop
  event step=2 ep=0.40 stopped User defined signal 1
  event step=2 ep=0.40 snapshot s0000 state=15cdd084b7b5d49acbf5366a4d9ad3b053162dd3e78b3285e7a40fcf4c63db54
  : USR1, nothing trains
  [exit 143]
  rho 0.05 -> 0.1
  saddle: User defined signal 1; no run was under way
  $ echo "$little; train --epochs 9 --name on-USR2 --paused; step 2; wait step 2; note x" | signalled USR2
  [exit 0]
  on-USR2: resnet8, ce on 19 images, 45 steps of 4
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=2 ep=0.40 paused the steps asked for are done
  event step=2 ep=0.40 note x
  event step=2 ep=0.40 snapshot s0000
  event step=2 ep=0.40 stop
  event step=2 ep=0.40 stopped done
  event step=2 ep=0.40 snapshot s0000 state=15cdd084b7b5d49acbf5366a4d9ad3b053162dd3e78b3285e7a40fcf4c63db54
  $ echo "$little; train --epochs 9 --no-record --paused" | signalled TERM
  [exit 143]
  not recorded: resnet8, ce on 19 images, 45 steps of 4
  saddle: Terminated at step 0; nothing of the run is recorded
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped Terminated
  $ echo "$little; train --epochs 1 --name over; wait" | signalled TERM
  [exit 143]
  over: resnet8, ce on 19 images, 5 steps of 4
  saddle: Terminated; no run was under way
  event step=0 ep=0.00 training
  event step=5 ep=1.00 finished all 5 steps are done
  event step=5 ep=1.00 snapshot s0001 state=b24304574f90dc51e3a3977b4d5e0693735068893c688794e7523665c4168851
  $ saddle sessions --sort name | calm | sed 's/DATE .*/DATE/'
  NAME     STATE     EPOCH  ACC  TAIL  BEST  LOSS/OPT  DATA                        RECORDED          ID
  on-HUP   stopped   0.4    -    -     -     ce        tensors little.safetensors  DATE
  on-INT   stopped   0.4    -    -     -     ce        tensors little.safetensors  DATE
  on-TERM  stopped   0.4    -    -     -     ce        tensors little.safetensors  DATE
  on-USR1  stopped   0.4    -    -     -     ce        tensors little.safetensors  DATE
  on-USR2  stopped   0.4    -    -     -     ce        tensors little.safetensors  DATE
  over     finished  1.0    -    -     -     ce        tensors little.safetensors  DATE
