Sweeps whose set-up is more than knobs, and whose runs fail: what the file holds, what is said, what is tried again.

  $ . $TOLD/setup.sh
  $ python3 $top/tests/cli/tensors.py some.st 1 2 1x8x8 U8 LT; dir=data/saddle/sessions
  $ set='data tensors some.st --val 6; model resnet8; set batch 8; set lr .05; opt sam; set weights effective; set drw 1; set hessian_every 0; set snapshot_seconds 0; set eval_every 1'

Watched classes, what waits for its moment, weights that are loaded, the data by their whole path.

  $ saddle -q -c "$set; train --steps 1 --name first; wait; save weights 'my w.st'" >/dev/null; rm -r $dir/*
  $ saddle -q -c "$set; watch 2 0; set momentum .8 at epoch 1; set wd .001 at step 3; load weights 'my w.st'; seed 3; sweep rho=.1 lr='0.05@0 0.1@1',.02 --epochs 2 --name more"
  $ sed "s|$PWD|HERE|" $dir/more.sweep; ls $dir; saddle sweep more
  # a sweep of saddle; 'sweep more --resume' goes on with it
  set data tensors
  set data_path HERE/some.st
  set imbalance none
  set val 6
  set augment off
  set model resnet8
  set seed 3
  set weights effective
  set drw 1
  set opt sam
  set lr 0.05
  set epochs 2
  set batch 8
  set snapshot_seconds 0
  set hessian_every 0
  load weights "HERE/my w.st"
  watch 0 2
  set momentum .8 at epoch 1
  set wd .001 at step 3
  sweep rho=0.1 "lr=0.05@0 0.1@1,0.02" --seeds 1 --name more
  more-rho0.1-lr0.02-s3.saddle
  more-rho0.1-lr0.05_0_0.1_1-s3.saddle
  more.sweep
  more: 2 of 2 runs done, 1 seed each; val and tail: on validation images
    #  rho  lr               val   tail   test  epoch  run
    1  0.1  0.02           33.33   0.00  33.33      2  more-rho0.1-lr0.02-s3
    2  0.1  0.05@0 0.1@1   16.67   0.00  33.33      2  more-rho0.1-lr0.05_0_0.1_1-s3
  'fork more-rho0.1-lr0.02-s3' goes on from the best
  $ saddle info more-rho0.1-lr0.02-s3 | sed -n '3p' | cut -d, -f2-
   imbalance none, val 6, augment off, model resnet8, seed 3, device cpu, threads 1, weights effective, drw 1, opt sam, lr 0.02, rho 0.1, momentum 0.8* (0.9 > 0.8@1), weight_decay 0.001* (0.0002 > 0.001@1), epochs 2, batch 8, snapshot_seconds 0, hessian_every 0

Runs that fail.

  $ saddle -q -c "$set; sweep rho=.1,.2 --seeds 2 --epochs 1 --name grid"; rm -r $dir/grid-rho0.2-s1.saddle $dir/grid-rho0.1-s0.saddle; mv some.st gone.st
  $ saddle -c 'sweep grid --resume --jobs 2' | calm | sort -s -k1,1
    #  rho     val    sd   tail   test  epoch  run
    -  0.1       .     .      .      .      1 failed  grid-rho0.1-s1
    -  0.2       .     .      .      .      1 failed  grid-rho0.2-s0
  [exit 1]
  grid-rho0.1-s0: training
  grid-rho0.1-s0: failed: stdin:16: train: cannot open HOME/some.st: No such file or directory
  grid-rho0.2-s1: training
  grid-rho0.2-s1: failed: stdin:17: train: cannot open HOME/some.st: No such file or directory
  grid: 2 of 4 runs done, 2 seeds each; val and tail: on validation images
  saddle: sweep: 2 of 4 runs failed; 'sweep grid --resume' tries them again
  $ saddle sweep grid; saddle sweep grid --csv - | cut -d, -f1,2,3,4,8,9,10
  grid: 2 of 4 runs done, 2 seeds each; val and tail: on validation images
    #  rho     val    sd   tail   test  epoch  run
    -  0.1       .     .      .      .      1 not done  grid-rho0.1-s1
    -  0.2       .     .      .      .      1 not done  grid-rho0.2-s0
  'sweep grid --resume' goes on with it, unless another process does
  rank,rho,seed,val,state,val_mean,val_sd
  ,0.1,0,,not done,,
  ,0.1,1,66.666667,done,,
  ,0.2,0,66.666667,done,,
  ,0.2,1,,not done,,
  $ mv gone.st some.st; saddle -c 'sweep grid --resume' | calm; saddle sweep grid --resume | head -1
  grid-rho0.1-s0: training
  grid-rho0.1-s0: val 66.67, test 33.33 at epoch 1 (1 of 4)
  grid-rho0.2-s1: training
  grid-rho0.2-s1: val 66.67, test 33.33 at epoch 1 (4 of 4)
  grid: 4 of 4 runs done, 2 seeds each; val and tail: on validation images
    #  rho     val    sd   tail   test  epoch  run
    1  0.1   66.67  0.00   0.00  33.33      1  grid-rho0.1-s0
    2  0.2   66.67  0.00   0.00  33.33      1  grid-rho0.2-s0
  'fork grid-rho0.1-s0' goes on from the best
  grid: 4 of 4 runs done, 2 seeds each; val and tail: on validation images

A ladder that fails on its way tries nothing larger.

  $ saddle -c "$set; sweep rho=auto --epochs 1 --name up" | grep -e '^rho 0.1' -e '^rho 12.8' -e '^rho 51.2'; saddle sweep up; rm -r $dir/up-rho0.1-s1.saddle; mv some.st gone.st
  rho 0.1: val 66.67 (66.67 66.67), 0.00 above rho 0.05, noise 16.67: 0.2 is next
  rho 12.8: val 50.00 (33.33 66.67), 16.67 below rho 0.05, noise 17.57: 25.6 is next
  rho 51.2: val 66.67 (66.67 66.67); the largest rho that there is
  up: 22 of 22 runs done, 2 seeds each; val and tail: on validation images
    #  rho      val    sd   tail   test  epoch  run
    1  0.05   66.67  0.00   0.00  33.33      1  up-rho0.05-s0
    2  0.1    66.67  0.00   0.00  33.33      1  up-rho0.1-s0
    3  0.2    66.67  0.00   0.00  33.33      1  up-rho0.2-s0
    4  0.4    66.67  0.00   0.00  33.33      1  up-rho0.4-s0
    5  0.8    66.67  0.00   0.00  33.33      1  up-rho0.8-s0
    6  1.6    66.67  0.00   0.00  33.33      1  up-rho1.6-s0
    7  3.2    66.67  0.00   0.00  25.00      1  up-rho3.2-s0
    8  51.2   66.67  0.00   0.00  41.67      1  up-rho51.2-s0
    9  6.4    58.33 11.79   0.00  25.00      1  up-rho6.4-s1
   10  12.8   50.00 23.57  50.00  33.33      1  up-rho12.8-s1
   11  25.6   41.67 35.36   0.00  25.00      1  up-rho25.6-s1
  'fork up-rho0.05-s0' goes on from the best
  $ saddle -c 'sweep up --resume' | calm | grep -v trains; mv gone.st some.st
  rho 0.05: val 66.67 (66.67 66.67); 0.1 is next
  up-rho0.1-s1: training
  up-rho0.1-s1: failed: stdin:17: train: cannot open HOME/some.st: No such file or directory
  rho 0.1: failed, so nothing larger is tried
  up: 3 of 4 runs done, 2 seeds each; val and tail: on validation images
    #  rho      val    sd   tail   test  epoch  run
    1  0.05   66.67  0.00   0.00  33.33      1  up-rho0.05-s0
    -  0.1        .     .      .      .      1 failed  up-rho0.1-s0
  'fork up-rho0.05-s0' goes on from the best
  saddle: sweep: 1 of 4 runs failed; 'sweep up --resume' tries them again
  [exit 1]

One at a time: another process is at it, or trains one of its runs.

  $ flock $dir/grid.sweep -c "SADDLE=$SADDLE; . $TOLD/setup.sh; saddle -c 'sweep grid --resume'; saddle sweep grid | head -1"
  saddle: sweep: another process is at this sweep
  [exit 6]
  grid: 4 of 4 runs done, 2 seeds each; val and tail: on validation images
  $ head -c 65535 /dev/zero | tr '\0' '#' >$dir/large.sweep; saddle sweep large | calm; head -c 65534 /dev/zero | tr '\0' '#' >$dir/large.sweep; saddle sweep large; mkfifo $dir/pipe.sweep; saddle sweep pipe; saddle sweep | head -5; rm $dir/large.sweep $dir/pipe.sweep
  saddle: sweep: 'HOME/data/saddle/sessions/large.sweep' is no sweep
  [exit 3]
  saddle: sweep: large.sweep: there is no command in it
  [exit 3]
  saddle: sweep: pipe.sweep: there is no command in it
  [exit 3]
  grid
  large
  more
  pipe
  up
  $ saddle -c 'rm grid --yes'; ls $dir | grep grid
  removed the sweep grid and its 4 runs
  [1]
