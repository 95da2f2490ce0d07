A run that is steered: changes now and later, what is refused and why, undo, cancel, steps, and what `show` says meanwhile.

  $ . $TOLD/setup.sh
  $ little
  $ saddle -c "$little; opt sam; train --epochs 4 --name a --paused
  > step 3; wait step 3
  > set rho .1 in 2 steps; set rho .2 in 1 epoch; set rho .3 at epoch 2.5; set rho .6 if loss < 1; set rho .7 if lmin:3 < -1
  > set momentum x.5 at step 8; show pending; cancel 3; cancel 6; show pending; show diff; show rho; show momentum
  > set rho .05 at step 2" | quiet
  a: resnet8, ce+sam on 19 images, 20 steps of 4
  pending 1: set rho 0.1 at step 5 (in 0.4 epochs, about N s)
  pending 2: set rho 0.2 at epoch 1.6 (in 1.0 epochs, about N s)
  pending 3: set rho 0.3 at epoch 2.5 (in 2.0 epochs, about N s)
  warning: 'if loss': eval_every is 0: only an 'eval' by hand can meet it
  pending 4: set rho 0.6 if loss < 1
  warning: 'if lmin:3': class 3 is not watched, so it waits for a 'hessian 3' by hand
  pending 5: set rho 0.7 if lmin:3 < -1
  pending 6: set momentum x0.5 at step 8 (in 1.0 epochs, about N s)
  1: set rho 0.1 at step 5
  2: set rho 0.2 at epoch 1.6
  3: set rho 0.3 at epoch 2.5
  4: set rho 0.6 if loss < 1
  5: set rho 0.7 if lmin:3 < -1
  6: set momentum x0.5 at step 8
  cancelled 3: set rho 0.3 at epoch 2.5
  cancelled 6: set momentum x0.5 at step 8
  1: set rho 0.1 at step 5
  2: set rho 0.2 at epoch 1.6
  4: set rho 0.6 if loss < 1
  5: set rho 0.7 if lmin:3 < -1
  as when this run began
  rho 0.05  (default 0.05) SAM's radius. auto, or auto:0.1 to begin there: moved while training by what the watched classes of the tail and the head's accuracy say, between 0.01 and 1, each move recorded with its numbers (by auto); in a new run it begins at 0.05, in a running one where it is. Training waits for those spectra, every hessian_every epochs
  momentum 0.9  (default 0.9) SGD momentum
  saddle: set: step 2 is past (now 3)
  [exit 1]
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=3 ep=0.60 paused the steps asked for are done
  event step=3 ep=0.60 pending 1 set rho 0.1 at step 5 by=script
  event step=3 ep=0.60 pending 2 set rho 0.2 at epoch 1.6 by=script
  event step=3 ep=0.60 pending 3 set rho .3 at epoch 2.5 by=script
  event step=3 ep=0.60 pending 4 set rho .6 if loss < 1 by=script
  event step=3 ep=0.60 warning 'if loss': eval_every is 0: only an 'eval' by hand can meet it
  event step=3 ep=0.60 pending 5 set rho .7 if lmin:3 < -1 by=script
  event step=3 ep=0.60 warning 'if lmin:3': class 3 is not watched, so it waits for a 'hessian 3' by hand
  event step=3 ep=0.60 pending 6 set momentum x.5 at step 8 by=script
  event step=3 ep=0.60 cancel set by=script
  event step=3 ep=0.60 cancel set by=script
  event step=3 ep=0.60 stop
  event step=3 ep=0.60 stopped a command failed
  event step=3 ep=0.60 snapshot s0000 state=6d2b6d13369bff805ae087cd6a23ce94459c589c167a22d0cb622f7fce877910
  $ saddle -c "$little; opt sam; train --epochs 4 --name now --paused; step 3; wait step 3; set rho .4 at step 3; set wd 0 at epoch .6; set lr 1 in 0 steps; step 1; wait step 4; note x; show diff; show pending; quit --yes" | quiet | grep -vE 'pending|training for|step by'
  now: resnet8, ce+sam on 19 images, 20 steps of 4
  lr               multistep:0.1 -> 1
  rho              0.05 -> 0.4
  weight_decay     0.0002 -> 0
  event step=3 ep=0.60 paused the steps asked for are done
  event step=3 ep=0.60 set rho 0.05 0.4 by=schedule
  event step=3 ep=0.60 note rho 0.05 -> 0.4 from step 4 (ep 0.6); 'undo' reverts
  event step=3 ep=0.60 set weight_decay 0.0002 0 by=schedule
  event step=3 ep=0.60 note weight_decay 0.0002 -> 0 from step 4 (ep 0.6); 'undo' reverts
  event step=3 ep=0.60 set lr multistep:0.1 1 by=schedule
  event step=3 ep=0.60 note lr multistep:0.1 -> 1 from step 4 (ep 0.6); 'undo' reverts
  event step=4 ep=0.80 paused the steps asked for are done
  event step=4 ep=0.80 note x
  event step=4 ep=0.80 stop
  event step=4 ep=0.80 stopped done
  event step=4 ep=0.80 snapshot s0000 state=19c156864f651c7f105e7752a25e953019f73d90223a676476ed06be554b6ad5
  $ saddle -c "$little; opt sam; train --epochs 4 --name b --paused; step 1 epoch; wait epoch 1; set rho .05 at epoch .9" | quiet
  b: resnet8, ce+sam on 19 images, 20 steps of 4
  saddle: set: epoch 0.9 is past (now 1.0)
  [exit 1]
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=5 ep=1.00 paused the steps asked for are done
  event step=5 ep=1.00 stop
  event step=5 ep=1.00 stopped a command failed
  event step=5 ep=1.00 snapshot s0001 state=7800e9403f6351e861f162e59747591dc4e7a30e0148f74c6ef58e8190375d97
  $ saddle -c "$little; opt sam; train --epochs 4 --name c --paused; step .5 epochs; wait epoch .5; note here; cancel 1" | quiet
  c: resnet8, ce+sam on 19 images, 20 steps of 4
  saddle: cancel: no pending command 1; 'show pending' lists them
  [exit 1]
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=3 ep=0.60 paused the steps asked for are done
  event step=3 ep=0.60 note here
  event step=3 ep=0.60 stop
  event step=3 ep=0.60 stopped a command failed
  event step=3 ep=0.60 snapshot s0000 state=6d2b6d13369bff805ae087cd6a23ce94459c589c167a22d0cb622f7fce877910
  $ saddle -c "$little; opt sam; train --epochs 4 --name d --paused
  > set rho .1; set lr .02; set lr .02; set wd /4; undo; undo; show diff; undo; undo; show diff
  > undo; show diff; undo" | quiet
  d: resnet8, ce+sam on 19 images, 20 steps of 4
  warning: set: lr warms up for 5 epochs, beyond the end of training (4): it never comes to 0.1
  rho              0.05 -> 0.1
  saddle: undo: nothing that was set since the run began is left to undo
  [exit 1]
  event step=0 ep=0.00 set rho 0.05 0.1 by=script
  event step=0 ep=0.00 set lr multistep:0.1 0.02 by=script
  event step=0 ep=0.00 set weight_decay 0.0002 5e-05 by=script
  event step=0 ep=0.00 set weight_decay 5e-05 0.0002 by=script
  event step=0 ep=0.00 warning set: lr warms up for 5 epochs, beyond the end of training (4): it never comes to 0.1
  event step=0 ep=0.00 set lr 0.02 multistep:0.1 by=script
  event step=0 ep=0.00 set rho 0.1 0.05 by=script
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; opt sam; set eval_every 1; set rho .1 if acc > 60; set lr .01 if acc < 10; set momentum .5 if tail > 49; set wd .01 if head < 101; train --epochs 2 --name e --paused
  > resume; wait epoch 2; show pending; show diff" | quiet
  pending 1: set rho .1 if acc > 60
  pending 2: set lr .01 if acc < 10
  pending 3: set momentum .5 if tail > 49
  pending 4: set wd .01 if head < 101
  e: resnet8, ce+sam on 19 images, 10 steps of 4
  2: set lr 0.01 if acc < 10
  rho              0.05 -> 0.1
  momentum         0.9 -> 0.5
  weight_decay     0.0002 -> 0.01
  event step=0 ep=0.00 pending 1 set rho .1 if acc > 60 by=script
  event step=0 ep=0.00 pending 2 set lr .01 if acc < 10 by=script
  event step=0 ep=0.00 pending 3 set momentum .5 if tail > 49 by=script
  event step=0 ep=0.00 pending 4 set wd .01 if head < 101 by=script
  event step=0 ep=0.00 resume by=script
  event step=0 ep=0.00 training
  eval  step=5 ep=1 lr=0.02 rho=0.05 drw=0 loss=0.5420 acc=100.00 head=100.00 mid=100.00 tail=100.00 best=100.00@1 train_loss=1.2001 train_acc=47.37
  event step=5 ep=1.00 set rho 0.05 0.1 by=schedule
  event step=5 ep=1.00 note rho 0.05 -> 0.1 from step 6 (ep 1.0); 'undo' reverts
  event step=5 ep=1.00 set momentum 0.9 0.5 by=schedule
  event step=5 ep=1.00 note momentum 0.9 -> 0.5 from step 6 (ep 1.0); 'undo' reverts
  event step=5 ep=1.00 set weight_decay 0.0002 0.01 by=schedule
  event step=5 ep=1.00 note weight_decay 0.0002 -> 0.01 from step 6 (ep 1.0); 'undo' reverts
  eval  step=10 ep=2 lr=0.04 rho=0.1 drw=0 loss=0.4923 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=100.00@1 train_loss=0.2013 train_acc=94.74
  event step=10 ep=2.00 finished all 10 steps are done
  event step=10 ep=2.00 snapshot s0002 state=8693c2c2be532b5afe44d96e25abf8fa3d8115d8d9857e3ff7a34e02264bb5c2
  $ saddle -c "$little; train --epochs 4 --name f --paused; set drw 9 --force; set weights inverse; set sam_from 2; set stage crt; set stage_epochs 2; show stages; set epochs 3; set steps 12; note x; show diff; set drw 8" | quiet
  f: resnet8, ce on 19 images, 20 steps of 4
  warning: set: weights is none, so drw does nothing until 'set weights effective'
  warning: set: drw 9 is past the end of training (4): class weights never act
  warning: set: opt is sgd, so sam_from does nothing until 'set opt sam'
    stage   from epoch  trains  differs from the first in
  => first            0  all     -
    crt              4  head    stage_lr multistep:0.1,warmup=5,10:0.1,20:0.01, stage_weight_decay 0.0005, stage_sampler class-aware
    end              6
  warning: set: stage crt is to begin at epoch 3, past the end of training (12 steps, epoch 2.4): it never does
  weights          none -> inverse
  drw              160 -> 9
  sam_from         0 -> 2
  stage            none -> crt
  stage_epochs     30 -> 2
  epochs           4 -> 3
  steps            0 -> 12
  saddle: set: drw 8 is past the end of training (12 steps, epoch 2.4), it would never fire; not set (use --force)
  [exit 1]
  event step=0 ep=0.00 warning set: weights is none, so drw does nothing until 'set weights effective'
  event step=0 ep=0.00 set drw 160 9 by=script
  event step=0 ep=0.00 warning set: drw 9 is past the end of training (4): class weights never act
  event step=0 ep=0.00 set weights none inverse by=script
  event step=0 ep=0.00 warning set: opt is sgd, so sam_from does nothing until 'set opt sam'
  event step=0 ep=0.00 set sam_from 0 2 by=script
  event step=0 ep=0.00 set stage none crt by=script
  event step=0 ep=0.00 set stage_epochs 30 2 by=script
  event step=0 ep=0.00 set epochs 4 3 by=script
  event step=0 ep=0.00 warning set: stage crt is to begin at epoch 3, past the end of training (12 steps, epoch 2.4): it never does
  event step=0 ep=0.00 set steps 0 12 by=script
  event step=0 ep=0.00 note x
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; train --epochs 4 --name g --paused; step 6; wait step 6; set epochs 1" | quiet
  g: resnet8, ce on 19 images, 20 steps of 4
  saddle: set: the run is at epoch 1.2 (step 6) already: with epochs 1 it would end at once; not set (use --force)
  [exit 1]
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=6 ep=1.20 paused the steps asked for are done
  event step=6 ep=1.20 stop
  event step=6 ep=1.20 stopped a command failed
  event step=6 ep=1.20 snapshot s0001 state=b51a6ada71c0bb8bc4b4f2c85d5af9d514c8106c3b8595365d1081270441c5c5
  $ saddle -c "$little; train --epochs 4 --name h --paused; step 6; wait step 6; set steps 6; wait" | quiet
  h: resnet8, ce on 19 images, 20 steps of 4
  saddle: set: the run is at epoch 1.2 (step 6) already: with epochs 4, steps 6 it would end at once; not set (use --force)
  [exit 1]
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=6 ep=1.20 paused the steps asked for are done
  event step=6 ep=1.20 stop
  event step=6 ep=1.20 stopped a command failed
  event step=6 ep=1.20 snapshot s0001 state=b51a6ada71c0bb8bc4b4f2c85d5af9d514c8106c3b8595365d1081270441c5c5
  $ saddle -c "$little; train --epochs 4 --name y --paused; set weights inverse; set drw 9 --force; set drw 2; undo; note x; show drw; quit --yes" | quiet
  y: resnet8, ce on 19 images, 20 steps of 4
  warning: set: drw 160 is past the end of training (4): class weights never act
  warning: set: drw 9 is past the end of training (4): class weights never act
  warning: set: drw 9 is past the end of training (4): class weights never act
  drw 9* epochs  (default 160) deferred re-weighting: class weights act from this epoch on (0 = always)
  event step=0 ep=0.00 warning set: drw 160 is past the end of training (4): class weights never act
  event step=0 ep=0.00 set weights none inverse by=script
  event step=0 ep=0.00 warning set: drw 9 is past the end of training (4): class weights never act
  event step=0 ep=0.00 set drw 160 9 by=script
  event step=0 ep=0.00 set drw 9 2 by=script
  event step=0 ep=0.00 warning set: drw 9 is past the end of training (4): class weights never act
  event step=0 ep=0.00 set drw 2 9 by=script
  event step=0 ep=0.00 note x
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped done
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
