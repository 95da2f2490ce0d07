Several runs of one process, one after another: what is kept of the set-up and what is not.

  $ . $TOLD/setup.sh
  $ little
  $ saddle -c "$little; opt sam; set rho .1 at step 2; train --epochs 1 --steps 4 --name a; wait; show pending; show epochs; show steps; show rho; train --epochs 1 --no-augment --name b; wait; show rho" | quiet
  pending 1: set rho .1 at step 2
  a: resnet8, ce+sam on 19 images, 4 steps of 4
  nothing is pending
  epochs 1 epochs  (next run: 200)  (default 200) length of the run; with a second stage, of what comes before it
  steps 4 steps  (next run: 0)  (default 0) end the run after this many optimiser steps; 0 = epochs decide
  rho 0.1*  (next run: 0.05)  (default 0.05) SAM's radius. auto, or auto:0.1 to begin there: moved while training by what the watched classes of the tail and the head's accuracy say, between 0.01 and 1, each move recorded with its numbers (by auto); in a new run it begins at 0.05, in a running one where it is. Training waits for those spectra, every hessian_every epochs
  b: resnet8, ce+sam on 19 images, 5 steps of 4
  rho 0.05  (default 0.05) SAM's radius. auto, or auto:0.1 to begin there: moved while training by what the watched classes of the tail and the head's accuracy say, between 0.01 and 1, each move recorded with its numbers (by auto); in a new run it begins at 0.05, in a running one where it is. Training waits for those spectra, every hessian_every epochs
  event step=0 ep=0.00 pending 1 set rho .1 at step 2 by=script
  event step=0 ep=0.00 training
  event step=2 ep=0.40 set rho 0.05 0.1 by=schedule
  event step=2 ep=0.40 note rho 0.05 -> 0.1 from step 3 (ep 0.4); 'undo' reverts
  event step=4 ep=0.80 finished all 4 steps are done
  event step=0 ep=0.00 training
  event step=5 ep=1.00 finished all 5 steps are done
  event step=4 ep=0.80 snapshot s0000 state=ec15b53acf3c3d999cf70381b22615f2ecd146b93efa347bc09cf5d482ebe23a
  event step=5 ep=1.00 snapshot s0001 state=7800e9403f6351e861f162e59747591dc4e7a30e0148f74c6ef58e8190375d97
  $ saddle -c "$little; train --epochs 1 --name c; wait; set epochs 2; set lr .01; show lr; undo; undo; undo; show diff" | quiet
  c: resnet8, ce on 19 images, 5 steps of 4
  epochs 200 -> 2
  lr multistep:0.1 -> 0.01
  lr multistep:0.1  (next run: 0.01)  (default multistep:0.1) learning rate
  lr 0.01 -> multistep:0.1
  epochs 2 -> 200
  saddle: undo: nothing that was set is left to undo
  [exit 1]
  event step=0 ep=0.00 training
  event step=5 ep=1.00 finished all 5 steps are done
  event step=5 ep=1.00 snapshot s0001 state=b24304574f90dc51e3a3977b4d5e0693735068893c688794e7523665c4168851
  $ saddle -c "$little; set lr .01; set lr .02; undo; show lr; train --epochs 1 --name d --paused; undo" | quiet
  lr multistep:0.1 -> 0.01
  lr 0.01 -> 0.02
  lr 0.02 -> 0.01
  lr 0.01  (default multistep:0.1) learning rate
  d: resnet8, ce on 19 images, 5 steps of 4
  saddle: undo: nothing that was set since the run began is left to undo
  [exit 1]
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; set eval_every 1; train --epochs 2 --name e --paused; eval; watch worst:2 at epoch 1; watch worst:1; set rho .1 if lmin:tail < 0" | quiet
  e: resnet8, ce on 19 images, 10 steps of 4
  pending 1: watch 1 2 at epoch 1 (in 1.0 epochs)
  saddle: set: 'lmin:tail' names 2 classes; one is needed
  [exit 1]
  event step=0 ep=0.00 eval test by=script
  eval  step=0 ep=0 lr=0.02 drw=0 loss=2.6934 acc=30.00 head=100.00 mid=0.00 tail=0.00 best=30.00@0
  event step=0 ep=0.00 pending 1 watch 1 2 at epoch 1 by=script
  event step=0 ep=0.00 watch 1 by=script
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; set eval_every 1; train --epochs 2 --name f --paused; eval; watch worst:2 at epoch 1; hessian worst:1 --iters 2 at step 2; unwatch 3 in 1 epochs; eval at step 3; snapshot here at step 4; note x; show pending; resume; wait" | quiet
  f: resnet8, ce on 19 images, 10 steps of 4
  pending 1: watch 1 2 at epoch 1 (in 1.0 epochs)
  pending 2: hessian 1 --iters 2 at step 2 (in 0.4 epochs)
  pending 3: unwatch 3 at epoch 1 (in 1.0 epochs)
  pending 4: eval at step 3 (in 0.6 epochs)
  pending 5: snapshot here at step 4 (in 0.8 epochs)
  1: watch 1 2 at epoch 1
  2: hessian 1 --iters 2 at step 2
  3: unwatch 3 at epoch 1
  4: eval at step 3
  5: snapshot here at step 4
  event step=0 ep=0.00 eval test by=script
  eval  step=0 ep=0 lr=0.02 drw=0 loss=2.6934 acc=30.00 head=100.00 mid=0.00 tail=0.00 best=30.00@0
  event step=0 ep=0.00 pending 1 watch 1 2 at epoch 1 by=script
  event step=0 ep=0.00 pending 2 hessian 1 --iters 2 at step 2 by=script
  event step=0 ep=0.00 pending 3 unwatch 3 at epoch 1 by=script
  event step=0 ep=0.00 pending 4 eval at step 3 by=script
  event step=0 ep=0.00 pending 5 snapshot here at step 4 by=script
  event step=0 ep=0.00 note x
  event step=0 ep=0.00 resume by=script
  event step=0 ep=0.00 training
  event step=2 ep=0.40 hessian 1 by=schedule
  eig   step=2 ep=0.40 class=1 name=1 lmin=-0.192853 lmax=7.2655 rmin=5 rmax=31 iters=2 images=6 loss=2.8783 why=iters
  event step=2 ep=0.40 note 1 1: \xce\xbbmin -0.1929 \xce\xbbmax 7.265 |\xce\xbbmin|/\xce\xbbmax 0.027 bound 3e+01 after all 2 products at step 2 (ep 0.4) (esc)
  event step=3 ep=0.60 eval test by=schedule
  eval  step=3 ep=0.6 lr=0.02 drw=0 loss=2.0504 acc=30.00 head=100.00 mid=0.00 tail=0.00 best=30.00@0 train_loss=1.0996 train_acc=66.67
  event step=3 ep=0.60 note test: acc 30.00 head 100.00 mid 0.00 tail 0.00 loss 2.05 at step 3 (ep 0.6)
  event step=4 ep=0.80 snapshot here by=schedule
  event step=4 ep=0.80 note snapshot here of step 4 (ep 0.8) is being written
  eval  step=5 ep=1 lr=0.02 drw=0 loss=0.7763 acc=70.00 head=100.00 mid=75.00 tail=50.00 best=70.00@1 train_loss=1.1866 train_acc=47.37
  event step=5 ep=1.00 watch 1 2 by=schedule
  event step=5 ep=1.00 note watching 2 classes, every 0 epochs, at most 40 products of 128 images, at most 0.1 of the time
  event step=5 ep=1.00 unwatch 3 by=schedule
  event step=5 ep=1.00 note watching 2 classes, every 0 epochs, at most 40 products of 128 images, at most 0.1 of the time
  eval  step=10 ep=2 lr=0.04 drw=0 loss=1.0852 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@2 train_loss=0.2380 train_acc=100.00
  event step=10 ep=2.00 finished all 10 steps are done
  event step=4 ep=0.80 snapshot here state=d8b35e10ad9be61b7e71d9daffd0018ae17d36d8b28269d1166e71d5ab6c9d22
  event step=10 ep=2.00 snapshot s0002 state=b42f970f7cb2a5f45f148b02fdf1f78728807e67f2f4bab50e128ca0f05e7e40
  $ saddle -c "set rho .1 at step 2; set lr .1 at step 3; cancel 1; show pending; cancel 1; show pending; undo"
  pending 1: set rho .1 at step 2
  pending 2: set lr .1 at step 3
  cancelled 1: set rho .1 at step 2
  1: set lr .1 at step 3
  cancelled 1: set lr .1 at step 3
  nothing is pending
  saddle: undo: nothing that was set is left to undo
  [exit 1]
  $ saddle -c "$little; load weights nothing" | quiet
  saddle: load: cannot open nothing: No such file or directory
  [exit 3]
  $ saddle -c "$little; eval; train --epochs 1 --name g; wait; show" | quiet
  test: acc 30.00 head 100.00 mid 0.00 tail 0.00 loss 2.693 at step 0 (ep 0.0)
  g: resnet8, ce on 19 images, 5 steps of 4
  g: tensors little.safetensors, resnet8, ce; step 5, epoch 1.0, finished
  event step=0 ep=0.00 eval test by=script
  eval  step=0 ep=0 lr=0.02 drw=0 loss=2.6934 acc=30.00 head=100.00 mid=0.00 tail=0.00 best=30.00@0
  event step=0 ep=0.00 stopped the program ended
  event step=0 ep=0.00 training
  event step=5 ep=1.00 finished all 5 steps are done
  event step=5 ep=1.00 snapshot s0001 state=b24304574f90dc51e3a3977b4d5e0693735068893c688794e7523665c4168851
  $ saddle -c "$little; hessian 3 --iters 3; show pending; pause" | quiet
  3 3: \xce\xbbmin -93.68 \xce\xbbmax 83 |\xce\xbbmin|/\xce\xbbmax 1.1 bound 0.7 after all 3 products at step 0 (ep 0.0) (esc)
  nothing is pending
  saddle: pause: no run; 'train' starts one
  [exit 1]
  event step=0 ep=0.00 hessian 3 by=script
  eig   step=0 ep=0.00 class=3 name=3 lmin=-93.6843 lmax=83.005 rmin=66 rmax=58 iters=3 images=1 loss=5.80252 why=iters
  event step=0 ep=0.00 stopped the program ended
  $ saddle -c "$little; train --epochs 1 --name h --paused; snapshot; hessian 3 --iters 1" | quiet
  h: resnet8, ce on 19 images, 5 steps of 4
  saddle: hessian: hessian_iters: 1 is not in 2..1000
  [exit 1]
  event step=0 ep=0.00 snapshot s0000 by=script
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
