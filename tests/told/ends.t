How a run ends or is refused, what is said of it, and the exit code.

  $ . $TOLD/setup.sh
  $ little
  $ saddle -c "$little; train --steps 7 --name steps" | quiet
  steps: resnet8, ce on 19 images, 7 steps of 4
  event step=0 ep=0.00 training
  event step=7 ep=1.40 finished all 7 steps are done
  event step=7 ep=1.40 snapshot s0001 state=d943af0b8479969b1d202d19c7af4a33b7c75b9869a21c7abb31620622933ccb
  $ saddle -c "$little; train --epochs 2 --steps 11 --name both" | quiet
  both: resnet8, ce on 19 images, 10 steps of 4
  event step=0 ep=0.00 training
  event step=10 ep=2.00 finished all 10 steps are done
  event step=10 ep=2.00 snapshot s0002 state=b42f970f7cb2a5f45f148b02fdf1f78728807e67f2f4bab50e128ca0f05e7e40
  $ saddle -c "$little; train --epochs 3 --name stop --paused; stop --yes at step 6; resume; wait" | quiet
  stop: resnet8, ce on 19 images, 15 steps of 4
  pending 1: stop at step 6 (in 1.2 epochs)
  event step=0 ep=0.00 pending 1 stop --yes at step 6 by=script
  event step=0 ep=0.00 resume by=script
  event step=0 ep=0.00 training
  event step=6 ep=1.20 stop by=schedule
  event step=6 ep=1.20 note stopped at step 6 (ep 1.2)
  event step=6 ep=1.20 stopped asked for
  event step=6 ep=1.20 snapshot s0001 state=b51a6ada71c0bb8bc4b4f2c85d5af9d514c8106c3b8595365d1081270441c5c5
  $ saddle -c "$little; train --epochs 3 --name paused --paused; pause at step 4; resume; wait" | quiet
  paused: resnet8, ce on 19 images, 15 steps of 4
  pending 1: pause at step 4 (in 0.8 epochs)
  saddle: wait: training is paused: a pending 'pause' was due; 'resume' goes on
  [exit 1]
  event step=0 ep=0.00 pending 1 pause at step 4 by=script
  event step=0 ep=0.00 resume by=script
  event step=0 ep=0.00 training
  event step=4 ep=0.80 pause by=schedule
  event step=4 ep=0.80 paused a pending 'pause' was due
  event step=4 ep=0.80 note paused at step 4 (ep 0.8)
  event step=4 ep=0.80 stop
  event step=4 ep=0.80 stopped a command failed
  event step=4 ep=0.80 snapshot s0000 state=d8b35e10ad9be61b7e71d9daffd0018ae17d36d8b28269d1166e71d5ab6c9d22
  $ saddle -c "$little; train --epochs 3 --name paused2 --paused; pause --release at epoch 1; resume; wait step 9" | quiet
  paused2: resnet8, ce on 19 images, 15 steps of 4
  pending 1: pause --release at epoch 1 (in 1.0 epochs)
  saddle: wait: training is paused: a pending 'pause' was due; device and memory are given back; 'resume' goes on
  [exit 1]
  event step=0 ep=0.00 pending 1 pause --release at epoch 1 by=script
  event step=0 ep=0.00 resume by=script
  event step=0 ep=0.00 training
  event step=5 ep=1.00 pause by=schedule
  event step=5 ep=1.00 paused a pending 'pause' was due; device and memory are given back
  event step=5 ep=1.00 note paused at step 5 (ep 1.0); device and memory are given back
  event step=5 ep=1.00 stop
  event step=5 ep=1.00 stopped a command failed
  event step=5 ep=1.00 snapshot s0001 state=b24304574f90dc51e3a3977b4d5e0693735068893c688794e7523665c4168851
  $ saddle -c "$little; set lr 100; set wd 10; set on_nan stop; train --epochs 9 --name nan" | quiet
  lr multistep:0.1 -> 100
  weight_decay 0.0002 -> 10
  on_nan pause -> stop
  nan: resnet8, ce on 19 images, 45 steps of 4
  warning: the loss is 2.614e+05, 188553 times that of guessing: lr 100 may be too large; 'pause', or 'resume nan@EPOCH' from before
  [exit 5]
  event step=0 ep=0.00 training
  event step=5 ep=1.00 diverged the gradient's norm is nan at step 6, before the update
  event ... note the loss is 2.614e+05, 188553 times that of guessing: lr 100 may be too large; 'pause', or 'resume nan@EPOCH' from before
  event step=5 ep=1.00 snapshot s0001 state=92138ca3fd37e4274b3c7b14088f99d2bebfb3dabb6e57169930f57beb94c38f
  $ saddle -c "$little; set lr 100; set wd 10; set lr 1 at epoch 8; train --epochs 9 --name nan2" | quiet
  lr multistep:0.1 -> 100
  weight_decay 0.0002 -> 10
  pending 1: set lr 1 at epoch 8
  nan2: resnet8, ce on 19 images, 45 steps of 4
  warning: the loss is 2.614e+05, 188553 times that of guessing: lr 100 may be too large; 'pause', or 'resume nan2@EPOCH' from before
  error: the gradient's norm is nan at step 6, before the update; paused: change a knob and 'resume', or end it and 'resume RUN@EPOCH' from before
  saddle: wait: training is paused: the gradient's norm is nan at step 6, before the update
  [exit 5]
  event step=0 ep=0.00 pending 1 set lr 1 at epoch 8 by=script
  event step=0 ep=0.00 training
  event step=5 ep=1.00 error the gradient's norm is nan at step 6, before the update; paused: change a knob and 'resume', or end it and 'resume RUN@EPOCH' from before
  event step=5 ep=1.00 paused the gradient's norm is nan at step 6, before the update
  event step=5 ep=1.00 stop
  event step=5 ep=1.00 stopped a command failed
  event ... note the loss is 2.614e+05, 188553 times that of guessing: lr 100 may be too large; 'pause', or 'resume nan2@EPOCH' from before
  event step=5 ep=1.00 snapshot s0001 state=92138ca3fd37e4274b3c7b14088f99d2bebfb3dabb6e57169930f57beb94c38f
  $ saddle -c "$little; train --epochs 3 --name failed --paused; step 2; wait step 2; set lr 101; set lr 1" | quiet
  failed: resnet8, ce on 19 images, 15 steps of 4
  saddle: set: lr: 101 is not in 0..100
  [exit 1]
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=2 ep=0.40 paused the steps asked for are done
  event step=2 ep=0.40 stop
  event step=2 ep=0.40 stopped a command failed
  event step=2 ep=0.40 snapshot s0000 state=15cdd084b7b5d49acbf5366a4d9ad3b053162dd3e78b3285e7a40fcf4c63db54
  $ saddle -c "$little; train --epochs 2 --name quit --paused; step 2; wait step 2; quit" | quiet
  quit: resnet8, ce on 19 images, 10 steps of 4
  saddle: quit: nobody here to say yes; give --yes
  [exit 1]
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=2 ep=0.40 paused the steps asked for are done
  event step=2 ep=0.40 stop
  event step=2 ep=0.40 stopped a command failed
  event step=2 ep=0.40 snapshot s0000 state=15cdd084b7b5d49acbf5366a4d9ad3b053162dd3e78b3285e7a40fcf4c63db54
  $ saddle -c "$little; train --epochs 2 --name quit2 --paused; step 2; wait step 2; quit --yes" | quiet
  quit2: resnet8, ce on 19 images, 10 steps of 4
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=2 ep=0.40 paused the steps asked for are done
  event step=2 ep=0.40 stop
  event step=2 ep=0.40 stopped done
  event step=2 ep=0.40 snapshot s0000 state=15cdd084b7b5d49acbf5366a4d9ad3b053162dd3e78b3285e7a40fcf4c63db54
  $ saddle -c "$little; train --epochs 2 --name twice --paused; train --name twice2" | quiet
  twice: resnet8, ce on 19 images, 10 steps of 4
  saddle: train: twice is training; 'stop' it first
  [exit 1]
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; train --epochs 1 --name steps" | quiet
  saddle: train: a session 'steps' is there already; choose another name, or resume it
  [exit 1]
  $ saddle -c "$little; train --name 'a b/c'" | quiet
  saddle: train: 'a b/c' is not a name for a session: 1 to 100 of A-Z a-z 0-9 . _ + -, not starting with . or -
  [exit 1]
  $ saddle -c "$little; train --epochs 1 --no-record; wait; resume; pause; show pending; undo" | quiet
  not recorded: resnet8, ce on 19 images, 5 steps of 4
  saddle: resume: the run is over (finished)
  [exit 1]
  event step=0 ep=0.00 training
  event step=5 ep=1.00 finished all 5 steps are done
  $ saddle -c "$little; train --epochs 1 --name over; wait; eval; hessian 3 --iters 3; set rho .2; show pending; resume" | quiet
  over: resnet8, ce on 19 images, 5 steps of 4
  rho 0.05 -> 0.2
  nothing is pending
  saddle: resume: the run is over (finished); 'set epochs N; resume over' goes on with it
  [exit 1]
  event step=0 ep=0.00 training
  event step=5 ep=1.00 finished all 5 steps are done
  event step=5 ep=1.00 eval test by=script
  eval  step=5 ep=1 lr=0.02 drw=0 loss=0.7763 acc=70.00 head=100.00 mid=75.00 tail=50.00 best=70.00@1
  event step=5 ep=1.00 hessian 3 by=script
  eig   step=5 ep=1.00 class=3 name=3 lmin=-23.3593 lmax=136.398 rmin=44 rmax=58 iters=3 images=1 loss=1.17377 why=iters
  event step=5 ep=1.00 snapshot s0001 state=b24304574f90dc51e3a3977b4d5e0693735068893c688794e7523665c4168851
  $ saddle -c "$little; train --epochs 1 --name over2; wait; set epochs 2; resume over2; wait; pause" | quiet
  over2: resnet8, ce on 19 images, 5 steps of 4
  epochs 200 -> 2
  over2: from the snapshot of step 5
  then set epochs 2
  saddle: pause: the run is over (finished); 'set epochs N; resume over2' goes on with it
  [exit 1]
  event step=0 ep=0.00 training
  event step=5 ep=1.00 finished all 5 steps are done
  event step=5 ep=1.00 training
  event step=5 ep=1.00 set epochs 1 2
  event step=10 ep=2.00 finished all 10 steps are done
  event step=5 ep=1.00 snapshot s0001 state=b24304574f90dc51e3a3977b4d5e0693735068893c688794e7523665c4168851
  event step=10 ep=2.00 snapshot s0002 state=b42f970f7cb2a5f45f148b02fdf1f78728807e67f2f4bab50e128ca0f05e7e40
  $ saddle -c "$little; set eval_every 1; alert if acc > 1 --level error; train --epochs 1 --name alert" | quiet
  alert 1: acc > 1
  alert: resnet8, ce on 19 images, 5 steps of 4
  error: alert 1: acc > 1: it is 70 at epoch 1
  [exit 7]
  event step=0 ep=0.00 training
  eval  step=5 ep=1 lr=0.02 drw=0 loss=0.7763 acc=70.00 head=100.00 mid=75.00 tail=50.00 best=70.00@1 train_loss=1.1866 train_acc=47.37
  event step=5 ep=1.00 finished all 5 steps are done
  event ... note alert 1: acc > 1: it is 70 at epoch 1
  event step=5 ep=1.00 snapshot s0001 state=b24304574f90dc51e3a3977b4d5e0693735068893c688794e7523665c4168851
  $ each <<'EOF'
  > resume
  > pause
  > step
  > stop --yes
  > undo
  > wait
  > wait step 5
  > snapshot
  > note x
  > cancel 1
  > alert off 1
  > train --epochs 0
  > train --steps -1
  > train --name ''
  > EOF
  : resume
  saddle: resume: no run; 'train' starts one
  [exit 1]
  : pause
  saddle: pause: no run; 'train' starts one
  [exit 1]
  : step
  saddle: step: no run; 'train' starts one
  [exit 1]
  : stop --yes
  saddle: stop: no run; 'train' starts one
  [exit 1]
  : undo
  saddle: undo: nothing that was set is left to undo
  [exit 1]
  : wait
  : wait step 5
  saddle: wait: no run; 'train' starts one
  [exit 1]
  : snapshot
  saddle: snapshot: no run; 'train' starts one, 'save weights FILE' writes weights without
  [exit 1]
  : note x
  saddle: note: no run to write it into; 'train' starts one
  [exit 1]
  : cancel 1
  saddle: cancel: no pending command 1; 'show pending' lists them
  [exit 1]
  : alert off 1
  saddle: alert: no alert 1; 'alert' lists them
  [exit 1]
  : train --epochs 0
  saddle: train: epochs: 0 is not in 1..100000
  [exit 1]
  : train --steps -1
  saddle: train: steps: -1 is not in 0..1000000000000
  [exit 1]
  : train --name ''
  saddle: train: '' is not a name for a session: 1 to 100 of A-Z a-z 0-9 . _ + -, not starting with . or -
  [exit 1]
  $ saddle -c 'resume nothing'
  saddle: resume: no session 'nothing'; the newest is 'alert'
  [exit 3]
  $ saddle sessions --sort name | calm | sed 's/DATE .*/DATE/'
  NAME     STATE     EPOCH  ACC   TAIL  BEST          LOSS/OPT  DATA                        RECORDED          ID
  alert    finished  1.0    70.0  50.0  70.0 on test  ce        tensors little.safetensors  DATE
  both     finished  2.0    -     -     -             ce        tensors little.safetensors  DATE
  failed   stopped   0.4    -     -     -             ce        tensors little.safetensors  DATE
  nan      diverged  1.0    -     -     -             ce        tensors little.safetensors  DATE
  nan2     stopped   1.0    -     -     -             ce        tensors little.safetensors  DATE
  over     finished  1.0    70.0  50.0  70.0 on test  ce        tensors little.safetensors  DATE
  over2    finished  2.0    -     -     -             ce        tensors little.safetensors  DATE
  paused   stopped   0.8    -     -     -             ce        tensors little.safetensors  DATE
  paused2  stopped   1.0    -     -     -             ce        tensors little.safetensors  DATE
  quit     stopped   0.4    -     -     -             ce        tensors little.safetensors  DATE
  quit2    stopped   0.4    -     -     -             ce        tensors little.safetensors  DATE
  steps    finished  1.4    -     -     -             ce        tensors little.safetensors  DATE
  stop     stopped   1.2    -     -     -             ce        tensors little.safetensors  DATE
  twice    stopped   0.0    -     -     -             ce        tensors little.safetensors  DATE
