A recorded run that is taken up again: from its end, from a moment between, with other knobs, and what is refused.

  $ . $TOLD/setup.sh
  $ little
  $ saddle -q -c "$little; seed 2; opt sam; set eval_every 1; set rho .2 at step 7; train --epochs 3 --name a --paused; step 4; wait step 4; snapshot four; step 5; wait step 9; watch 3; note x; quit --yes" | steady
  warning: watch: hessian_every is 0, so nothing is probed; 'set hessian_every 1'
  eval  step=5 ep=1 lr=0.02 rho=0.05 drw=0 loss=0.8020 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=1.0371 train_acc=57.89
  $ saddle -c "resume a" | quiet
  a: from the snapshot of step 9
  event step=9 ep=1.80 training
  eval  step=10 ep=2 lr=0.04 rho=0.2 drw=0 loss=1.0243 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=0.5123 train_acc=89.47
  eval  step=15 ep=3 lr=0.06 rho=0.2 drw=0 loss=0.2795 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=0.4003 train_acc=89.47
  event step=15 ep=3.00 finished all 15 steps are done
  event step=15 ep=3.00 snapshot s0003 state=cad38d2854d9836cf0fec7608eecab1dc9b03bb7e08d2a6930e0e4937fcf9cd1
  $ saddle -c "resume a; wait" | quiet
  a is finished at epoch 3.0; 'set epochs N' before 'resume' makes it longer, 'replay' shows it
  $ saddle -c "set epochs 4; set rho .3; resume a" | quiet
  epochs 200 -> 4
  rho 0.05 -> 0.3
  a: from the snapshot of step 15
  then set epochs 4
  then set rho 0.3
  event step=15 ep=3.00 training
  event step=15 ep=3.00 set epochs 3 4
  event step=15 ep=3.00 set rho 0.2 0.3
  eval  step=20 ep=4 lr=0.08 rho=0.3 drw=0 loss=0.6699 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=0.4858 train_acc=78.95
  event step=20 ep=4.00 finished all 20 steps are done
  event step=20 ep=4.00 snapshot s0004 state=b1a9680287fe071f20e9904ef34d7674c85127e08a935a50eff5641549a11643
  $ saddle -c "set epochs 1; resume a@2" | quiet
  epochs 200 -> 1
  saddle: resume: the run is at step 10 already: with an end at epoch 1 it would end at once
  [exit 1]
  $ saddle -c "set steps 10; resume a@2" | quiet
  steps 0 -> 10
  saddle: resume: the run is at step 10 already: with an end at 10 steps, epoch 2 it would end at once
  [exit 1]
  $ saddle -c "set steps 11; resume a@2 --paused; note y; show diff; undo; undo; undo" | quiet
  steps 0 -> 11
  a: from the snapshot of step 9, repeating 1 recorded step
  then set steps 11
  steps            0 -> 11
  saddle: undo: nothing that was set since the run began is left to undo
  [exit 1]
  event step=10 branch taken up again at epoch 2; what was recorded after it is left behind
  event step=10 ep=2.00 set steps 0 11
  event step=10 ep=2.00 note y
  event step=10 ep=2.00 set steps 11 0 by=script
  event step=10 ep=2.00 set rho 0.2 0.05 by=script
  event step=10 ep=2.00 stop
  event step=10 ep=2.00 stopped a command failed
  event step=10 ep=2.00 snapshot s0002 state=60a6ced7ac6e920f68ec1e984ce90a4712f45a8175e2f9f8175ba5d8b20332eb
  $ saddle -c "set batch 8; resume a" | quiet
  saddle: resume: batch is fixed while a run exists: it is recorded with 4, and 8 was set here; 'train' starts another run
  [exit 1]
  $ saddle -c "resume a@1.6 --paused; note y; show pending; show rho; undo; note z; show diff; undo" | quiet
  a: from the snapshot of step 4, repeating 4 recorded steps
  nothing is pending
  rho 0.2*  (default 0.05) SAM's radius. auto, or auto:0.1 to begin there: moved while training by what the watched classes of the tail and the head's accuracy say, between 0.01 and 1, each move recorded with its numbers (by auto); in a new run it begins at 0.05, in a running one where it is. Training waits for those spectra, every hessian_every epochs
  as when this run began
  saddle: undo: nothing that was set since the run began is left to undo
  [exit 1]
  event step=8 branch taken up again at epoch 1.6; what was recorded after it is left behind
  event step=8 ep=1.60 note y
  event step=8 ep=1.60 set rho 0.2 0.05 by=script
  event step=8 ep=1.60 note z
  event step=8 ep=1.60 stop
  event step=8 ep=1.60 stopped a command failed
  event step=8 ep=1.60 snapshot s0001 state=98781c617748880851a790f2647e209f3ac8148ea5060365a80a196b0357b891
  $ saddle -c "resume a" | quiet
  a: from the snapshot of step 8
  event step=8 ep=1.60 training
  eval  step=10 ep=2 lr=0.04 rho=0.05 drw=0 loss=1.0319 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=0.5095 train_acc=89.47
  eval  step=15 ep=3 lr=0.06 rho=0.05 drw=0 loss=0.3255 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=0.3390 train_acc=89.47
  event step=15 ep=3.00 finished all 15 steps are done
  event step=15 ep=3.00 snapshot s0003 state=b574cbb27b2ff790a9b73c44d5e299e1206ca882e6cd528af3ff3fab27ffeb58
  $ saddle -c "resume a@four --paused; note y; undo" | quiet
  a: from the snapshot of step 4
  saddle: undo: nothing that was set since the run began is left to undo
  [exit 1]
  event step=4 branch taken up again at epoch 0.8; what was recorded after it is left behind
  event step=4 ep=0.80 note y
  event step=4 ep=0.80 stop
  event step=4 ep=0.80 stopped a command failed
  $ saddle -c "resume a --paused; note z; quit --yes" | quiet
  a: from the snapshot of step 4
  event step=4 ep=0.80 note z
  event step=4 ep=0.80 stop
  event step=4 ep=0.80 stopped done
  $ each <<'END'
  > resume a@9
  > resume a@-1
  > resume a@foo
  > resume a@
  > resume a@best
  > resume b
  > resume @1
  > resume a at step 3
  > resume a --root nowhere
  > resume a extra
  > END
  : resume a@9
  saddle: resume: epoch 9 is past the end of the recording (0.8)
  [exit 1]
  : resume a@-1
  saddle: resume: epoch -1 is before the beginning of the recording (0.0)
  [exit 1]
  : resume a@foo
  saddle: resume: no snapshot 'foo' in it; accepted: an epoch, best, last, or one of four
  [exit 1]
  : resume a@
  saddle: resume: no snapshot '' in it; accepted: an epoch, best, last, or one of four
  [exit 1]
  : resume a@best
  saddle: resume: nothing was evaluated in it, so it has no best epoch
  [exit 1]
  : resume b
  saddle: resume: no session 'b'; did you mean 'a'?
  [exit 3]
  : resume @1
  saddle: resume: '@1' of which run? resume RUN@1
  [exit 1]
  : resume a at step 3
  saddle: resume: a recorded run is taken up at once or not at all
  [exit 1]
  : resume a --root nowhere
  saddle: resume: --root names other data than the run's (tensors little.safetensors): cannot open nowhere: No such file or directory
  [exit 3]
  : resume a extra
  saddle: resume: 'extra' is too much; usage: resume [RUN[@EPOCH]] [--root DIR] [--paused]
  [exit 1]
  $ saddle info a | steady | sed -E 's/ [0-9.]+ KiB/ N KiB/; s/^[0-9]+ events/N events/'
  a rID: tensors little.safetensors, ce+sam rho 0.05, stopped at epoch 0.8, step 4, DATE
  HOME/data/saddle/sessions/a.saddle
  not as by default: data tensors, imbalance none, groups 0/1/2-3, augment off, model resnet8, seed 2, device cpu, threads 1, opt sam, epochs 3, batch 4, snapshot_every 0, snapshot_seconds 0, hessian_every 0
  note at epoch 0.8: y
  note at epoch 0.8: z
  N events, 1 snapshot:
    four       step 4        ep 0.8         N KiB  kept
  $ saddle -q -c "$little; opt sam; train --epochs 2 --name c --paused; step 3; wait step 3; set rho .2; step 2; wait step 5; set rho .3; note x; quit --yes" | steady
  $ saddle -c "resume c@.6 --paused; note y; show rho; undo; note z; undo" | quiet
  c: from the weights of the seed, repeating 3 recorded steps
  rho 0.2*  (default 0.05) SAM's radius. auto, or auto:0.1 to begin there: moved while training by what the watched classes of the tail and the head's accuracy say, between 0.01 and 1, each move recorded with its numbers (by auto); in a new run it begins at 0.05, in a running one where it is. Training waits for those spectra, every hessian_every epochs
  saddle: undo: nothing that was set since the run began is left to undo
  [exit 1]
  event step=3 branch taken up again at epoch 0.6; what was recorded after it is left behind
  event step=3 ep=0.60 note y
  event step=3 ep=0.60 set rho 0.2 0.05 by=script
  event step=3 ep=0.60 note z
  event step=3 ep=0.60 stop
  event step=3 ep=0.60 stopped a command failed
  event step=3 ep=0.60 snapshot s0000 state=6d2b6d13369bff805ae087cd6a23ce94459c589c167a22d0cb622f7fce877910
  $ saddle -q -c "$little; opt sam; train --epochs 2 --name e --paused; set rho .2; set rho .3; undo; note x; quit --yes" | steady
  $ saddle -c "resume e --paused; note y; undo; note z; undo" | quiet
  e: from the snapshot of step 0
  saddle: undo: nothing that was set since the run began is left to undo
  [exit 1]
  event step=0 ep=0.00 note y
  event step=0 ep=0.00 set rho 0.2 0.05 by=script
  event step=0 ep=0.00 note z
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
