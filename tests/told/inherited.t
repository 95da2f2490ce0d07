What waits in a recorded run, and what is watched in it, where another one goes on from it.

  $ . $TOLD/setup.sh
  $ little
  $ many=$(for n in $(seq 11 22); do echo "set wd .00$n at step $n;"; done)
  $ saddle -c "$little; opt sam; watch 3 1; $many set rho .1 if tail > 90; train --epochs 5 --name a --paused; step 3; wait step 3; snapshot; note x; quit --yes" | quiet | grep -v pending
  watched: 2 classes
  warning: train: hessian_every is 0, so nothing is probed; 'set hessian_every 1'
  a: resnet8, ce+sam on 19 images, 25 steps of 4
  event step=0 ep=0.00 watch 1 3 by=script
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=3 ep=0.60 paused the steps asked for are done
  event step=3 ep=0.60 snapshot s0000 by=script
  event step=3 ep=0.60 note x
  event step=3 ep=0.60 stop
  event step=3 ep=0.60 stopped done
  event step=3 ep=0.60 snapshot s0000 state=6d2b6d13369bff805ae087cd6a23ce94459c589c167a22d0cb622f7fce877910
  $ saddle -c "resume a --paused; note x; show pending; cancel 4; set wd 1 at step 4; show pending; show classes; quit --yes" | quiet
  a: from the snapshot of step 3
  1: set weight_decay 0.0011 at step 11
  2: set weight_decay 0.0012 at step 12
  3: set weight_decay 0.0013 at step 13
  4: set weight_decay 0.0014 at step 14
  5: set weight_decay 0.0015 at step 15
  6: set weight_decay 0.0016 at step 16
  7: set weight_decay 0.0017 at step 17
  8: set weight_decay 0.0018 at step 18
  9: set weight_decay 0.0019 at step 19
  10: set weight_decay 0.002 at step 20
  11: set weight_decay 0.0021 at step 21
  12: set weight_decay 0.0022 at step 22
  13: set rho 0.1 if tail > 90
  cancelled 4: set weight_decay 0.0014 at step 14
  pending 14: set weight_decay 1 at step 4 (in 0.2 epochs)
  1: set weight_decay 0.0011 at step 11
  2: set weight_decay 0.0012 at step 12
  3: set weight_decay 0.0013 at step 13
  5: set weight_decay 0.0015 at step 15
  6: set weight_decay 0.0016 at step 16
  7: set weight_decay 0.0017 at step 17
  8: set weight_decay 0.0018 at step 18
  9: set weight_decay 0.0019 at step 19
  10: set weight_decay 0.002 at step 20
  11: set weight_decay 0.0021 at step 21
  12: set weight_decay 0.0022 at step 22
  13: set rho 0.1 if tail > 90
  14: set weight_decay 1 at step 4
     0 0                head n      9  acc     -
     1 1                mid  n      6  acc     -  watched
     2 2                tail n      3  acc     -
     3 3                tail n      1  acc     -  watched
  event step=3 ep=0.60 note x
  event step=3 ep=0.60 cancel set by=script
  event step=3 ep=0.60 pending 14 set wd 1 at step 4 by=script
  event step=3 ep=0.60 stop
  event step=3 ep=0.60 stopped done
  $ saddle -c "fork a b; show pending; show classes; unwatch 1; cancel 1; show classes; note x" | quiet
  state of step 3, from the snapshot of step 3
  'set weight_decay 0.0011 at step 11' waited there, and waits on
  'set weight_decay 0.0012 at step 12' waited there, and waits on
  'set weight_decay 0.0013 at step 13' waited there, and waits on
  'set weight_decay 0.0015 at step 15' waited there, and waits on
  'set weight_decay 0.0016 at step 16' waited there, and waits on
  'set weight_decay 0.0017 at step 17' waited there, and waits on
  'set weight_decay 0.0018 at step 18' waited there, and waits on
  'set weight_decay 0.0019 at step 19' waited there, and waits on
  'set weight_decay 0.002 at step 20' waited there, and waits on
  'set weight_decay 0.0021 at step 21' waited there, and waits on
  and 3 more
  b: from a@0.6, resnet8, ce+sam on 19 images, 22 steps of 4
  warning: 'if tail': eval_every is 0: only an 'eval' by hand can meet it
  forked a@0.6 -> b rID (snapshot s0000, optimizer state kept); at ep 0.6: 'set' changes knobs, 'train' begins
  1: set weight_decay 0.0011 at step 11
  2: set weight_decay 0.0012 at step 12
  3: set weight_decay 0.0013 at step 13
  4: set weight_decay 0.0015 at step 15
  5: set weight_decay 0.0016 at step 16
  6: set weight_decay 0.0017 at step 17
  7: set weight_decay 0.0018 at step 18
  8: set weight_decay 0.0019 at step 19
  9: set weight_decay 0.002 at step 20
  10: set weight_decay 0.0021 at step 21
  11: set weight_decay 0.0022 at step 22
  12: set rho 0.1 if tail > 90
  13: set weight_decay 1 at step 4
     0 0                head n      9  acc     -
     1 1                mid  n      6  acc     -  watched
     2 2                tail n      3  acc     -
     3 3                tail n      1  acc     -  watched
  cancelled 1: set weight_decay 0.0011 at step 11
     0 0                head n      9  acc     -
     1 1                mid  n      6  acc     -
     2 2                tail n      3  acc     -
     3 3                tail n      1  acc     -  watched
  b waits where it begins; "saddle resume b" trains it
  event step=3 run b from=a@0.6 state=6d2b6d13369bff805ae087cd6a23ce94459c589c167a22d0cb622f7fce877910
  event step=3 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=3 env cpu isa=portable threads=1 build="..."
  event step=3 ep=0.60 pending 1 set weight_decay 0.0011 at step 11 by=roll
  event step=3 ep=0.60 pending 2 set weight_decay 0.0012 at step 12 by=roll
  event step=3 ep=0.60 pending 3 set weight_decay 0.0013 at step 13 by=roll
  event step=3 ep=0.60 pending 4 set weight_decay 0.0015 at step 15 by=roll
  event step=3 ep=0.60 pending 5 set weight_decay 0.0016 at step 16 by=roll
  event step=3 ep=0.60 pending 6 set weight_decay 0.0017 at step 17 by=roll
  event step=3 ep=0.60 pending 7 set weight_decay 0.0018 at step 18 by=roll
  event step=3 ep=0.60 pending 8 set weight_decay 0.0019 at step 19 by=roll
  event step=3 ep=0.60 pending 9 set weight_decay 0.002 at step 20 by=roll
  event step=3 ep=0.60 pending 10 set weight_decay 0.0021 at step 21 by=roll
  event step=3 ep=0.60 pending 11 set weight_decay 0.0022 at step 22 by=roll
  event step=3 ep=0.60 pending 12 set rho 0.1 if tail > 90 by=roll
  event step=3 ep=0.60 warning 'if tail': eval_every is 0: only an 'eval' by hand can meet it
  event step=3 ep=0.60 pending 13 set weight_decay 1 at step 4 by=roll
  event step=3 ep=0.60 watch 1 3 by=roll
  event step=3 ep=0.60 unwatch 1 by=script
  event step=3 ep=0.60 cancel set by=script
  event step=3 ep=0.60 note x
  event step=3 ep=0.60 stop
  event step=3 ep=0.60 stopped done
  event step=3 ep=0.60 snapshot base state=6d2b6d13369bff805ae087cd6a23ce94459c589c167a22d0cb622f7fce877910
  $ saddle -c "resume b --paused; note y; show pending; show classes; quit --yes" | quiet
  b: from the snapshot of step 3
  2: set weight_decay 0.0012 at step 12
  3: set weight_decay 0.0013 at step 13
  4: set weight_decay 0.0015 at step 15
  5: set weight_decay 0.0016 at step 16
  6: set weight_decay 0.0017 at step 17
  7: set weight_decay 0.0018 at step 18
  8: set weight_decay 0.0019 at step 19
  9: set weight_decay 0.002 at step 20
  10: set weight_decay 0.0021 at step 21
  11: set weight_decay 0.0022 at step 22
  12: set rho 0.1 if tail > 90
  13: set weight_decay 1 at step 4
     0 0                head n      9  acc     -
     1 1                mid  n      6  acc     -
     2 2                tail n      3  acc     -
     3 3                tail n      1  acc     -  watched
  event step=3 ep=0.60 note y
  event step=3 ep=0.60 stop
  event step=3 ep=0.60 stopped done
  $ saddle -c "set epochs 1; resume a --paused; note y; show pending" | quiet
  epochs 200 -> 1
  a: from the snapshot of step 3
  then set epochs 1
  1: set weight_decay 0.0011 at step 11
  2: set weight_decay 0.0012 at step 12
  3: set weight_decay 0.0013 at step 13
  5: set weight_decay 0.0015 at step 15
  6: set weight_decay 0.0016 at step 16
  7: set weight_decay 0.0017 at step 17
  8: set weight_decay 0.0018 at step 18
  9: set weight_decay 0.0019 at step 19
  10: set weight_decay 0.002 at step 20
  11: set weight_decay 0.0021 at step 21
  12: set weight_decay 0.0022 at step 22
  13: set rho 0.1 if tail > 90
  14: set weight_decay 1 at step 4
  saddle: wait: training is paused: waiting for 'resume'; 'resume' goes on
  [exit 1]
  event step=3 ep=0.60 set epochs 5 1
  event step=3 ep=0.60 note y
  event step=3 ep=0.60 stop
  event step=3 ep=0.60 stopped a command failed
  $ saddle -c "set epochs 3; set eval_every 2; stage crt --from a@0.6 --paused" | quiet
  epochs 200 -> 3
  saddle: stage: no whole epoch is trained at epoch 0.6 of a; the first one is 1
  [exit 1]
  $ saddle -c "set lr cosine:.1; set epochs 2; fork a c; show lr; show epochs; train" | quiet | grep -vE 'pending|waited there'
  lr multistep:0.1 -> cosine:0.1
  epochs 200 -> 2
  state of step 3, from the snapshot of step 3
  and 3 more
  c: from a@0.6, resnet8, ce+sam on 19 images, 2 steps of 4
  warning: 'if tail': eval_every is 0: only an 'eval' by hand can meet it
  forked a@0.6 -> c rID (snapshot s0000, optimizer state kept); at ep 0.6: 'set' changes knobs, 'train' begins
  then set epochs 2
  then set lr cosine:0.1
  lr cosine:0.1*  (default multistep:0.1) learning rate
  epochs 2* epochs  (default 200) length of the run; with a second stage, of what comes before it
  c: training from ep 0.6
  event step=3 run c from=a@0.6 state=6d2b6d13369bff805ae087cd6a23ce94459c589c167a22d0cb622f7fce877910
  event step=3 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=3 env cpu isa=portable threads=1 build="..."
  event step=3 ep=0.60 warning 'if tail': eval_every is 0: only an 'eval' by hand can meet it
  event step=3 ep=0.60 watch 1 3 by=roll
  event step=3 ep=0.60 set epochs 1 2
  event step=3 ep=0.60 set lr multistep:0.1 cosine:0.1
  event step=3 ep=0.60 resume by=script
  event step=3 ep=0.60 training
  event step=4 ep=0.80 set weight_decay 0.0002 1 by=schedule
  event step=4 ep=0.80 note weight_decay 0.0002 -> 1 from step 5 (ep 0.8); 'undo' reverts
  event step=10 ep=2.00 finished all 10 steps are done
  event step=3 ep=0.60 snapshot base state=6d2b6d13369bff805ae087cd6a23ce94459c589c167a22d0cb622f7fce877910
  event step=10 ep=2.00 snapshot s0002 state=0428511cd93d025e9eca6175e0035faa8db25de64936aab3f37794491a7051fb
  $ saddle -c "resume a@.4 --paused; note z; show pending; undo" | quiet
  a: from the weights of the seed, repeating 2 recorded steps
  1: set weight_decay 0.0011 at step 11
  2: set weight_decay 0.0012 at step 12
  3: set weight_decay 0.0013 at step 13
  4: set weight_decay 0.0014 at step 14
  5: set weight_decay 0.0015 at step 15
  6: set weight_decay 0.0016 at step 16
  7: set weight_decay 0.0017 at step 17
  8: set weight_decay 0.0018 at step 18
  9: set weight_decay 0.0019 at step 19
  10: set weight_decay 0.002 at step 20
  11: set weight_decay 0.0021 at step 21
  12: set weight_decay 0.0022 at step 22
  13: set rho 0.1 if tail > 90
  saddle: undo: nothing that was set since the run began is left to undo
  [exit 1]
  event step=2 branch taken up again at epoch 0.4; what was recorded after it is left behind
  event step=2 ep=0.40 note z
  event step=2 ep=0.40 stop
  event step=2 ep=0.40 stopped a command failed
  event step=2 ep=0.40 snapshot s0000-2 state=54f6dc43aba58b2e001cafada9e8daff17cfa46971aa9d1f4a47f0ca0f474d5f
