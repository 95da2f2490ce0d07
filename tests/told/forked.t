A new run from a moment of a recorded one: where it begins, what waits, what is refused, and what came of it.

  $ . $TOLD/setup.sh
  $ little
  $ saddle -q -c "$little; seed 2; opt sam; set eval_every 1; set rho .2 at step 7; set wd 0 at step 12; train --epochs 3 --name a --paused; snapshot four at step 4; resume" | steady
  eval  step=5 ep=1 lr=0.02 rho=0.05 drw=0 loss=0.8020 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=1.0371 train_acc=57.89
  eval  step=10 ep=2 lr=0.04 rho=0.2 drw=0 loss=1.0243 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=0.5123 train_acc=89.47
  eval  step=15 ep=3 lr=0.06 rho=0.2 drw=0 loss=0.2798 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=0.4003 train_acc=89.47
  $ each <<'END'
  > fork a 5
  > fork a@1 5
  > fork a@1 a
  > fork a@1 'x y'
  > fork a@five c
  > fork a@1 c --sha256 00
  > fork a@1 c --sha256 0000000000000000000000000000000000000000000000000000000000000000
  > fork a@9
  > fork @1
  > END
  : fork a 5
  saddle: fork: '5' is no name for a fork; did you mean a@5?
  [exit 1]
  : fork a@1 5
  saddle: fork: '5' is no name for a fork: a number alone is none
  [exit 1]
  : fork a@1 a
  saddle: fork: a session 'a' is there already; choose another name, or resume it
  [exit 1]
  : fork a@1 'x y'
  saddle: fork: 'x y' is not a name for a session: 1 to 100 of A-Z a-z 0-9 . _ + -, not starting with . or -
  [exit 1]
  : fork a@five c
  saddle: fork: no snapshot 'five' in it; accepted: an epoch, best, last, or one of four s0003
  [exit 1]
  : fork a@1 c --sha256 00
  saddle: fork: --sha256 '00'; 64 digits 0-9 a-f are accepted
  [exit 1]
  : fork a@1 c --sha256 0000000000000000000000000000000000000000000000000000000000000000
  state of step 5, from the snapshot of step 4, repeating 1 recorded step
  saddle: fork: the recording has another state there (SHA-256 2b9e5627c50a, wanted 000000000000)
  [exit 3]
  : fork a@9
  saddle: fork: epoch 9 is past the end of the recording (3.0)
  [exit 1]
  : fork @1
  saddle: fork: '@1' of which run? fork RUN@1
  [exit 1]
  $ saddle -c "fork a@1 c; show; show pending; set rho .9; note z; train; wait; show diff" | quiet
  state of step 5, from the snapshot of step 4, repeating 1 recorded step
  'set rho 0.2 at step 7' waited there, and waits on
  'set weight_decay 0 at step 12' waited there, and waits on
  c: from a@1, resnet8, ce+sam on 19 images, 10 steps of 4
  forked a@1 -> c rID (its steps repeated, optimizer state kept); at ep 1.0: 'set' changes knobs, 'train' begins
  c: tensors little.safetensors, resnet8, ce+sam; step 5, epoch 1.0, paused
  1: set rho 0.2 at step 7
  2: set weight_decay 0 at step 12
  c: training from ep 1.0
  data             tensors
  data_path        HOME/little.safetensors path
  imbalance        none
  groups           0/1/2-3
  augment          off
  model            resnet8
  seed             2
  device           cpu
  threads          1
  opt              sam
  rho              0.2*  (next run: 0.05)
  weight_decay     0*  (next run: 0.0002)
  epochs           3 epochs
  hessian_every    0 epochs
  event step=5 run c from=a@1 state=2b9e5627c50a87842426cf4ecaffc93b64fbcd25fa6f96f322ffa3b2a29a2d1d
  event step=5 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=5 env cpu isa=portable threads=1 build="..."
  event step=5 ep=1.00 pending 1 set rho 0.2 at step 7 by=roll
  event step=5 ep=1.00 pending 2 set weight_decay 0 at step 12 by=roll
  event step=5 ep=1.00 set rho 0.05 0.9 by=script
  event step=5 ep=1.00 note z
  event step=5 ep=1.00 resume by=script
  event step=5 ep=1.00 training
  event step=7 ep=1.40 set rho 0.9 0.2 by=schedule
  event step=7 ep=1.40 note rho 0.9 -> 0.2 from step 8 (ep 1.4); 'undo' reverts
  eval  step=10 ep=2 lr=0.04 rho=0.2 drw=0 loss=0.7398 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=0.7313 train_acc=78.95
  event step=12 ep=2.40 set weight_decay 0.0002 0 by=schedule
  event step=12 ep=2.40 note weight_decay 0.0002 -> 0 from step 13 (ep 2.4); 'undo' reverts
  eval  step=15 ep=3 lr=0.06 rho=0.2 drw=0 loss=0.6169 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=0.3522 train_acc=89.47
  event step=15 ep=3.00 finished all 15 steps are done
  event step=5 ep=1.00 snapshot base state=2b9e5627c50a87842426cf4ecaffc93b64fbcd25fa6f96f322ffa3b2a29a2d1d
  event step=15 ep=3.00 snapshot s0003 state=7ce901d0737fe71abbf6b43e8dfb54c8140fbb288c2879601f03715456d9e617
  $ saddle -c "fork a@best" | quiet
  state of step 5, from the snapshot of step 4, repeating 1 recorded step
  'set rho 0.2 at step 7' waited there, and waits on
  'set weight_decay 0 at step 12' waited there, and waits on
  a-fork-1: from a@1, resnet8, ce+sam on 19 images, 10 steps of 4
  forked a@1 -> a-fork-1 rID (its steps repeated, optimizer state kept); at ep 1.0: 'set' changes knobs, 'train' begins
  a-fork-1 waits where it begins; "saddle resume a-fork-1" trains it
  event step=5 run a-fork-1 from=a@1 state=2b9e5627c50a87842426cf4ecaffc93b64fbcd25fa6f96f322ffa3b2a29a2d1d
  event step=5 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=5 env cpu isa=portable threads=1 build="..."
  event step=5 ep=1.00 pending 1 set rho 0.2 at step 7 by=roll
  event step=5 ep=1.00 pending 2 set weight_decay 0 at step 12 by=roll
  event step=5 ep=1.00 stop
  event step=5 ep=1.00 stopped done
  event step=5 ep=1.00 snapshot base state=2b9e5627c50a87842426cf4ecaffc93b64fbcd25fa6f96f322ffa3b2a29a2d1d
  $ saddle -c "fork a@four d; set epochs 1; train --epochs 2" | quiet
  state of step 4, from the snapshot of step 4
  'set rho 0.2 at step 7' waited there, and waits on
  'set weight_decay 0 at step 12' waited there, and waits on
  d: from a@0.8, resnet8, ce+sam on 19 images, 11 steps of 4
  forked a@0.8 -> d rID (snapshot four, optimizer state kept); at ep 0.8: 'set' changes knobs, 'train' begins
  d: training from ep 0.8
  event step=4 run d from=a@0.8 state=0031566229731f5b823c802591d3dccf89323104a32159affab573b853c8ac5f
  event step=4 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=4 env cpu isa=portable threads=1 build="..."
  event step=4 ep=0.80 pending 1 set rho 0.2 at step 7 by=roll
  event step=4 ep=0.80 pending 2 set weight_decay 0 at step 12 by=roll
  event step=4 ep=0.80 set epochs 3 1 by=script
  event step=4 ep=0.80 set epochs 1 2 by=script
  event step=4 ep=0.80 resume by=script
  event step=4 ep=0.80 training
  eval  step=5 ep=1 lr=0.02 rho=0.05 drw=0 loss=0.8020 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=1.0371 train_acc=57.89
  event step=7 ep=1.40 set rho 0.05 0.2 by=schedule
  event step=7 ep=1.40 note rho 0.05 -> 0.2 from step 8 (ep 1.4); 'undo' reverts
  eval  step=10 ep=2 lr=0.04 rho=0.2 drw=0 loss=1.0243 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=0.5123 train_acc=89.47
  event step=10 ep=2.00 finished all 10 steps are done
  event step=4 ep=0.80 snapshot base state=0031566229731f5b823c802591d3dccf89323104a32159affab573b853c8ac5f
  event step=10 ep=2.00 snapshot s0002 state=60a6ced7ac6e920f68ec1e984ce90a4712f45a8175e2f9f8175ba5d8b20332eb
  $ saddle -c "fork a@last e; train" | quiet
  state of step 15, from the snapshot of step 15
  e: from a@3, resnet8, ce+sam on 19 images, 0 steps of 4
  forked a@3 -> e rID (snapshot s0003, optimizer state kept); at ep 3.0: 'set' changes knobs, 'train' begins
  warning: fork: it is at its end, with no step left to train: 'train --epochs N' or 'set epochs N' gives it more
  saddle: train: e is at its end, epoch 3; 'set epochs N' gives it more to train
  [exit 1]
  event step=15 run e from=a@3 state=23b614040e59377acd75774cd7224afdac85802954fbffdbe5a9e34e20fee49a
  event step=15 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=15 env cpu isa=portable threads=1 build="..."
  event step=15 ep=3.00 stop
  event step=15 ep=3.00 stopped a command failed
  event step=15 ep=3.00 snapshot base state=23b614040e59377acd75774cd7224afdac85802954fbffdbe5a9e34e20fee49a
  $ saddle -c "fork a@s0003 f; train --name g" | quiet
  state of step 15, from the snapshot of step 15
  f: from a@3, resnet8, ce+sam on 19 images, 0 steps of 4
  forked a@3 -> f rID (snapshot s0003, optimizer state kept); at ep 3.0: 'set' changes knobs, 'train' begins
  warning: fork: it is at its end, with no step left to train: 'train --epochs N' or 'set epochs N' gives it more
  saddle: train: --name is for a new run; f is there already, and waits
  [exit 1]
  event step=15 run f from=a@3 state=23b614040e59377acd75774cd7224afdac85802954fbffdbe5a9e34e20fee49a
  event step=15 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=15 env cpu isa=portable threads=1 build="..."
  event step=15 ep=3.00 stop
  event step=15 ep=3.00 stopped a command failed
  event step=15 ep=3.00 snapshot base state=23b614040e59377acd75774cd7224afdac85802954fbffdbe5a9e34e20fee49a
  $ saddle -c "fork a@2 h; fork a@1.4 i" | quiet
  state of step 10, from the snapshot of step 4, repeating 6 recorded steps
  'set weight_decay 0 at step 12' waited there, and waits on
  h: from a@2, resnet8, ce+sam on 19 images, 5 steps of 4
  forked a@2 -> h rID (its steps repeated, optimizer state kept); at ep 2.0: 'set' changes knobs, 'train' begins
  h waits where it begins; 'resume h' trains it
  state of step 7, from the snapshot of step 4, repeating 3 recorded steps
  'set weight_decay 0 at step 12' waited there, and waits on
  i: from a@1.4, resnet8, ce+sam on 19 images, 8 steps of 4
  forked a@1.4 -> i rID (its steps repeated, optimizer state kept); at ep 1.4: 'set' changes knobs, 'train' begins
  i waits where it begins; "saddle resume i" trains it
  event step=10 run h from=a@2 state=60a6ced7ac6e920f68ec1e984ce90a4712f45a8175e2f9f8175ba5d8b20332eb
  event step=10 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=10 env cpu isa=portable threads=1 build="..."
  event step=10 ep=2.00 pending 1 set weight_decay 0 at step 12 by=roll
  event step=10 ep=2.00 stop
  event step=10 ep=2.00 stopped another fork was made
  event step=7 run i from=a@1.4 state=f7853982af6f12673d215188f41cf5447503f87837c9299f56c3ff53a51e05ec
  event step=7 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=7 env cpu isa=portable threads=1 build="..."
  event step=7 ep=1.40 pending 1 set weight_decay 0 at step 12 by=roll
  event step=7 ep=1.40 stop
  event step=7 ep=1.40 stopped done
  event step=10 ep=2.00 snapshot base state=60a6ced7ac6e920f68ec1e984ce90a4712f45a8175e2f9f8175ba5d8b20332eb
  event step=7 ep=1.40 snapshot base state=f7853982af6f12673d215188f41cf5447503f87837c9299f56c3ff53a51e05ec
  $ saddle resume h | quiet
  h: from the snapshot of step 10
  event step=10 ep=2.00 training
  event step=12 ep=2.40 set weight_decay 0.0002 0 by=schedule
  event step=12 ep=2.40 note weight_decay 0.0002 -> 0 from step 13 (ep 2.4); 'undo' reverts
  eval  step=15 ep=3 lr=0.06 rho=0.2 drw=0 loss=0.2798 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=0.4003 train_acc=89.47
  event step=15 ep=3.00 finished all 15 steps are done
  event step=15 ep=3.00 snapshot s0003 state=23b614040e59377acd75774cd7224afdac85802954fbffdbe5a9e34e20fee49a
  $ saddle -c "$little; train --epochs 1 --name j --paused; fork a@1 l" | quiet
  j: resnet8, ce on 19 images, 5 steps of 4
  saddle: fork: j is training; 'stop' it first, or give --yes
  [exit 1]
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; train --epochs 1 --name m --paused; fork a@2 n --yes; show" | quiet
  m: resnet8, ce on 19 images, 5 steps of 4
  state of step 10, from the snapshot of step 4, repeating 6 recorded steps
  'set weight_decay 0 at step 12' waited there, and waits on
  n: from a@2, resnet8, ce+sam on 19 images, 5 steps of 4
  forked a@2 -> n rID (its steps repeated, optimizer state kept); at ep 2.0: 'set' changes knobs, 'train' begins
  n: tensors little.safetensors, resnet8, ce+sam; step 10, epoch 2.0, paused
  n waits where it begins; "saddle resume n" trains it
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a fork was made
  event step=10 run n from=a@2 state=60a6ced7ac6e920f68ec1e984ce90a4712f45a8175e2f9f8175ba5d8b20332eb
  event step=10 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=10 env cpu isa=portable threads=1 build="..."
  event step=10 ep=2.00 pending 1 set weight_decay 0 at step 12 by=roll
  event step=10 ep=2.00 stop
  event step=10 ep=2.00 stopped done
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  event step=10 ep=2.00 snapshot base state=60a6ced7ac6e920f68ec1e984ce90a4712f45a8175e2f9f8175ba5d8b20332eb
  $ saddle -c "$little; train --epochs 2 --name o; wait; fork @1; train" | quiet
  o: resnet8, ce on 19 images, 10 steps of 4
  state of step 5, from the weights of the seed, repeating 5 recorded steps
  o-fork-1: from o@1, resnet8, ce on 19 images, 5 steps of 4
  forked o@1 -> o-fork-1 rID (its steps repeated, optimizer state kept); at ep 1.0: 'set' changes knobs, 'train' begins
  o-fork-1: training from ep 1.0
  event step=0 ep=0.00 training
  event step=10 ep=2.00 finished all 10 steps are done
  event step=5 run o-fork-1 from=o@1 state=b24304574f90dc51e3a3977b4d5e0693735068893c688794e7523665c4168851
  event step=5 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=5 env cpu isa=portable threads=1 build="..."
  event step=5 ep=1.00 resume by=script
  event step=5 ep=1.00 training
  event step=10 ep=2.00 finished all 10 steps are done
  event step=10 ep=2.00 snapshot s0002 state=b42f970f7cb2a5f45f148b02fdf1f78728807e67f2f4bab50e128ca0f05e7e40
  event step=5 ep=1.00 snapshot base state=b24304574f90dc51e3a3977b4d5e0693735068893c688794e7523665c4168851
  event step=10 ep=2.00 snapshot s0002 state=b42f970f7cb2a5f45f148b02fdf1f78728807e67f2f4bab50e128ca0f05e7e40
  $ saddle --do 'set epochs 5' fork a k | quiet
  epochs 200 -> 5
  state of step 15, from the snapshot of step 15
  k: from a@3, resnet8, ce+sam on 19 images, 0 steps of 4
  forked a@3 -> k rID (snapshot s0003, optimizer state kept); at ep 3.0: 'set' changes knobs, 'train' begins
  then set epochs 5
  k waits where it begins; "saddle resume k" trains it
  event step=15 run k from=a@3 state=23b614040e59377acd75774cd7224afdac85802954fbffdbe5a9e34e20fee49a
  event step=15 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=15 env cpu isa=portable threads=1 build="..."
  event step=15 ep=3.00 set epochs 3 5
  event step=15 ep=3.00 stop
  event step=15 ep=3.00 stopped done
  event step=15 ep=3.00 snapshot base state=23b614040e59377acd75774cd7224afdac85802954fbffdbe5a9e34e20fee49a
  $ saddle info a | steady | sed -E 's/ [0-9.]+ KiB/ N KiB/; s/^[0-9]+ events/N events/' | sort
    four       step 4        ep 0.8         N KiB  kept
    s0003      step 15       ep 3.0         N KiB
  HOME/data/saddle/sessions/a.saddle
  N events, 2 snapshots:
  a rID: tensors little.safetensors, ce+sam rho 0.2, finished at epoch 3, step 15, acc 80.00 best 80.00 on test tail 50.00, DATE
  not as by default: data tensors, imbalance none, groups 0/1/2-3, augment off, model resnet8, seed 2, device cpu, threads 1, opt sam, rho 0.2* (0.05 > 0.2@1.4), weight_decay 0* (0.0002 > 0@2.4), epochs 3, batch 4, snapshot_every 0, snapshot_seconds 0, hessian_every 0
  what came of it: a-fork-1, from epoch 1 on
  what came of it: c, from epoch 1 on
  what came of it: d, from epoch 0.8 on
  what came of it: e, from epoch 3 on
  what came of it: f, from epoch 3 on
  what came of it: h, from epoch 2 on
  what came of it: i, from epoch 1.4 on
  what came of it: k, from epoch 3 on
  what came of it: n, from epoch 2 on
