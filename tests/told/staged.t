A second stage of a recorded run: from its end or a moment, with its knobs or others, and what is refused.

  $ . $TOLD/setup.sh
  $ little
  $ saddle -q -c "$little; seed 2; opt sam; set weights inverse; set drw 1; train --epochs 2 --name a; wait; set epochs 3; set stage lws; train --epochs 1 --name b --paused; stop --yes" | steady
  warning: train: drw 1 is past the end of the first stage (1): class weights never act
  $ saddle -c "stage crt --from a --epochs 1" | quiet
  state of step 10, from the snapshot of step 10
  a-crt-1: from a@2, resnet8, ce+drw+sam+crt on 19 images, 5 steps of 4
  event step=10 run a-crt-1 from=a@2 state=d9cba30713625fb146b732cca5a7f98b711c884deafd9a68f999024e8ae99475
  event step=10 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=10 env cpu isa=portable threads=1 build="..."
  event step=10 ep=2.00 training
  event step=11 ep=2.00 stage crt number=3 epochs=1 steps=5 trains=head redraw=1 sampler=class-aware norm=shifted loss=ce weights=none augment=0
  event step=15 ep=3.00 finished all 15 steps are done
  event step=10 ep=2.00 snapshot base state=d9cba30713625fb146b732cca5a7f98b711c884deafd9a68f999024e8ae99475
  event step=15 ep=3.00 snapshot s0003 state=c60e568e7c987fccae9efbccbe95244b80dc669e32e068fb8711a6d27c00ad6e
  $ saddle -c "set seed 2; stage lws --from a@1 --name w --epochs 2 --lr .05 --wd 0 --sampler instance --norm frozen --loss same --no-augment --paused; show stages; show diff; resume; wait; show stages; show sam; show weights" | quiet
  seed 0 -> 2
  state of step 5, from the weights of the seed, repeating 5 recorded steps
  w: from a@1, resnet8, ce+drw+sam+lws on 19 images, 10 steps of 4
    stage   from epoch  trains  differs from the first in
    first            0  all     -
  => lws              1  scales  stage_lr 0.05, stage_rho 0, stage_weight_decay 0, stage_norm frozen
    end              3
  as when this run began
    stage   from epoch  trains  differs from the first in
    first            0  all     - (in a@1)
  => lws              1  scales  stage_lr 0.05, stage_rho 0, stage_weight_decay 0, stage_norm frozen
    end              3
  opt sgd does not climb; 'opt sam', 'opt imbsam' and others do
  weights inverse, from epoch 1, sum 4
     0 0                n      9  weight 0.275862
     1 1                n      6  weight 0.413793
     2 2                n      3  weight 0.827586
     3 3                n      1  weight 2.48276
  event step=5 run w from=a@1 state=2b9e5627c50a87842426cf4ecaffc93b64fbcd25fa6f96f322ffa3b2a29a2d1d
  event step=5 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=5 env cpu isa=portable threads=1 build="..."
  event step=5 ep=1.00 resume by=script
  event step=5 ep=1.00 training
  event step=6 ep=1.00 stage lws number=2 epochs=2 steps=5 trains=scales redraw=0 sampler=instance norm=frozen loss=ce weights=none augment=0
  event step=15 ep=3.00 finished all 15 steps are done
  event step=5 ep=1.00 snapshot base state=2b9e5627c50a87842426cf4ecaffc93b64fbcd25fa6f96f322ffa3b2a29a2d1d
  event step=15 ep=3.00 snapshot s0003 state=fd58ba8d5c673e154e16f3380cc96181860719a4bb057bc887b9f98c0522c614
  $ saddle -c "stage ccsam --from a --epochs 1 --name v; wait; show sam" | quiet
  state of step 10, from the snapshot of step 10
  v: from a@2, resnet8, ce+drw+sam+ccsam on 19 images, 5 steps of 4
  stage ccsam in epoch 3: 1 of the loss is of shifted features, up to ccsam_cap 1
  r: how far a class shifts the features of its images, and what its loss weighs then; the rarest one has r 1
     0 0                head n      9  r 0.005 
     1 1                mid  n      6  r 0.187 ####
     2 2                tail n      3  r 0.501 ##########
     3 3                tail n      1  r 1.000 ####################
  steps without ascent: 0 of 5 (0.0 %)
  event step=10 run v from=a@2 state=d9cba30713625fb146b732cca5a7f98b711c884deafd9a68f999024e8ae99475
  event step=10 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=10 env cpu isa=portable threads=1 build="..."
  event step=10 ep=2.00 training
  event step=11 ep=2.00 stage ccsam number=3 epochs=1 steps=5 trains=head redraw=0 sampler=class-aware norm=shifted loss=ce weights=none augment=0
  event step=15 ep=3.00 finished all 15 steps are done
  event step=10 ep=2.00 snapshot base state=d9cba30713625fb146b732cca5a7f98b711c884deafd9a68f999024e8ae99475
  event step=15 ep=3.00 snapshot s0003 state=b056a917fe46e6442fd44c1f0a9588f581d8d469bbf94e0d7da9f1bcb6611a1b
  $ each <<'END' | quiet
  > stage crt --from a@1.5
  > stage crt --from a@0
  > stage crt --from a@3
  > stage crt --from b
  > stage crt --from bb
  > stage none --from a
  > stage --from a
  > stage crt --from a --name w
  > stage crt --from a --at 1
  > stage crt --from w
  > stage crt --from a --sha256 0000000000000000000000000000000000000000000000000000000000000000
  > set batch 8; stage crt --from a
  > END
  : stage crt --from a@1.5
  saddle: stage: epoch 1.5 of a is not whole; a new run begins where an epoch ends: a@1, a@2
  [exit 1]
  : stage crt --from a@0
  saddle: stage: no whole epoch is trained at epoch 0 of a; the first one is 1
  [exit 1]
  : stage crt --from a@3
  saddle: stage: epoch 3 is past the end of the recording (2.0)
  [exit 1]
  : stage crt --from b
  saddle: stage: no whole epoch is trained at epoch 0 of b; the first one is 1
  [exit 1]
  : stage crt --from bb
  saddle: stage: no session 'bb'; did you mean 'b'?
  [exit 3]
  : stage none --from a
  saddle: stage: 'none' takes no options
  [exit 1]
  : stage --from a
  saddle: stage: which stage? usage: stage [NAME] [--epochs N] [--lr S] [--wd W] [--rho S] [--sampler W] [--norm shifted|frozen] [--loss ce|same] [--no-augment] [--at EPOCH] [--from RUN[@EPOCH]] [--name NAME] [--paused] [--root DIR] [--sha256 HASH]
  [exit 1]
  : stage crt --from a --name w
  saddle: stage: a session 'w' is there already; choose another name, or resume it
  [exit 1]
  : stage crt --from a --at 1
  saddle: stage: --from RUN@EPOCH says where the stage begins; --at is for a run that trains or is set up
  [exit 1]
  : stage crt --from w
  state of step 15, from the snapshot of step 15
  w-crt-1: from w@3, resnet8, ce+drw+sam+crt on 19 images, 10 steps of 4
  : stage crt --from a --sha256 0000000000000000000000000000000000000000000000000000000000000000
  state of step 10, from the snapshot of step 10
  saddle: stage: the recording has another state there (SHA-256 d9cba3071362, wanted 000000000000)
  [exit 3]
  : set batch 8; stage crt --from a
  state of step 10, from the snapshot of step 10
  saddle: stage: batch is fixed while a run exists: it is recorded with 4, and 8 was set here; 'train' starts another run
  [exit 1]
  event step=15 run w-crt-1 from=w@3 state=847a9a061b09bdd5803a7b3df218bf896aaefabaa68814b8df8946bb304ef044
  event step=15 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=15 env cpu isa=portable threads=1 build="..."
  event step=15 ep=3.00 training
  event step=16 ep=3.00 stage crt number=3 epochs=2 steps=5 trains=head redraw=1 sampler=instance norm=frozen loss=ce weights=inverse augment=0
  event step=25 ep=5.00 finished all 25 steps are done
  event step=15 ep=3.00 snapshot base state=847a9a061b09bdd5803a7b3df218bf896aaefabaa68814b8df8946bb304ef044
  event step=25 ep=5.00 snapshot s0005 state=dae2f50785ed3f3ff90965a837abbbb5445c0be80ce780699946d2e467ad8729
  $ saddle -c "$little; stage crt --epochs 2; train --epochs 1 --name c --paused; step 6; wait step 6; stage lws" | quiet
    stage   from epoch  trains  differs from the first in
    first            0  all     -
    crt            200  head    stage_lr multistep:0.1,warmup=5,10:0.1,20:0.01, stage_weight_decay 0.0005, stage_sampler class-aware
    end            202
  c: resnet8, ce+crt on 19 images, 15 steps of 4
  saddle: stage: stage is fixed (crt) since stage crt began at epoch 1; 'stage crt --from c@1' begins one anew from there
  [exit 1]
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=6 ep=1.00 stage crt number=2 epochs=2 steps=5 trains=head redraw=1 sampler=class-aware norm=shifted loss=ce weights=none augment=0
  event step=6 ep=1.20 paused the steps asked for are done
  event step=6 ep=1.20 stop
  event step=6 ep=1.20 stopped a command failed
  event step=6 ep=1.20 snapshot s0001 state=1a300f1aa6fff6ce4a591e91c61faead807508592fda7a3eb222f0affc74fd63
  $ saddle -c "$little; train --epochs 2 --name d --paused; stage crt --epochs 1 --at 1; show stages; stage none; stage crt; set stage_epochs 1; set epochs 1; note x; show diff; resume; wait step 6; show stages" | quiet
  d: resnet8, ce on 19 images, 10 steps of 4
    stage   from epoch  trains  differs from the first in
  => first            0  all     -
    crt              1  head    stage_lr multistep:0.1,warmup=5,10:0.1,20:0.01, stage_weight_decay 0.0005, stage_sampler class-aware
    end              2
  stage            none -> crt
  stage_epochs     30 -> 1
  epochs           2 -> 1
    stage   from epoch  trains  differs from the first in
    first            0  all     -
  => crt              1  head    stage_lr multistep:0.1,warmup=5,10:0.1,20:0.01, stage_weight_decay 0.0005, stage_sampler class-aware
    end              2
  event step=0 ep=0.00 set stage none crt by=script
  event step=0 ep=0.00 set epochs 2 1 by=script
  event step=0 ep=0.00 set stage_epochs 30 1 by=script
  event step=0 ep=0.00 set stage crt none by=script
  event step=0 ep=0.00 set stage none crt by=script
  event step=0 ep=0.00 note x
  event step=0 ep=0.00 resume by=script
  event step=0 ep=0.00 training
  event step=6 ep=1.00 stage crt number=2 epochs=1 steps=5 trains=head redraw=1 sampler=class-aware norm=shifted loss=ce weights=none augment=0
  event step=10 ep=2.00 finished all 10 steps are done
  event step=10 ep=2.00 snapshot s0002 state=a079231f7c30ab60505bf8881c0fb8a65178cbdd05213ca5e0088b4413abdeba
