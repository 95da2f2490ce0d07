What is shown of a recorded moment: views of the set-up and the classes; and where 'seek' goes. forge.py says what was recorded.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py
  $ S="--sessions ."
  $ saddle $S replay sam
  sam: at epoch 5.0 of 5.0; 'seek', 'speed', 'live'
  sam: pets-lt beta=100, resnet8, ldam+drw+sam; step 50, epoch 5.0, finished
  eval at epoch 5: acc 67.86, loss -0.1250, best 68.45 at epoch 3
     0 ant              head n    500  acc  80.0  watched
     1 bee              head n    300  acc  67.5
     2 cat              mid  n    300  acc  63.3
     3 dog              mid  n     90  acc  65.0
     4 elk              mid  n     40  acc  60.0
     5 fox              tail n     12  acc  50.0  watched
     6 gnu              tail n      5  acc  50.0
  $ saddle $S replay sam@3
  sam: at epoch 3.0 of 5.0; 'seek', 'speed', 'live'
  sam: pets-lt beta=100, resnet8, ldam+drw+sam; step 30, epoch 3.0, training
  eval at epoch 3: acc 68.45, loss 1.1250, best 68.45 at epoch 3
     0 ant              head n    500  acc  86.0  watched
     1 bee              head n    300  acc  67.5
     2 cat              mid  n    300  acc  63.3
     3 dog              mid  n     90  acc  60.0
     4 elk              mid  n     40  acc  60.0
     5 fox              tail n     12  acc  50.0  watched
     6 gnu              tail n      5  acc  37.5
  $ saddle $S replay sam@best | sed 2q
  sam: at epoch 3.0 of 5.0; 'seek', 'speed', 'live'
  sam: pets-lt beta=100, resnet8, ldam+drw+sam; step 30, epoch 3.0, training
  $ saddle $S replay sam@before | sed 2q
  sam: at epoch 2.5 of 5.0; 'seek', 'speed', 'live'
  sam: pets-lt beta=100, resnet8, ldam+drw+sam; step 25, epoch 2.5, training
  $ saddle $S replay plain@0.55 | sed 4q
  plain: at epoch 0.6 of 4.0; 'seek', 'speed', 'live'
  plain: pets-lt beta=100, resnet8, ce; step 6, epoch 0.6, training
  eval at epoch 0.5: acc 16.07, loss 2.6875, best 17.00 at epoch 0.5, chosen on test images
     0 ant              head n    500  acc  40.0
  $ saddle $S replay bare
  bare: at epoch 0.3 of 0.3; 'seek', 'speed', 'live'
  bare: pets-lt beta=100, resnet8, ce+drw+sam; step 3, epoch 0.3, training
     0 ant              head n    500  acc     -
     1 bee              head n    300  acc     -
     2 cat              mid  n    300  acc     -
     3 dog              mid  n     90  acc     -
     4 elk              mid  n     40  acc     -
     5 fox              tail n     12  acc     -
     6 gnu              tail n      5  acc     -
  $ saddle $S view lost
  lost: pets-lt beta=100, resnet8, ce; step 16, epoch 1.6, diverged
  eval at epoch 1.6: acc 29.76, loss nan, best 29.76 at epoch 1, chosen on test images
  $ saddle $S replay plain@4.1
  saddle: replay: epoch 4.1 is past the end of the recording (4.0)
  [exit 1]
  $ saddle $S replay plain@worst
  saddle: replay: no snapshot 'worst' in it; accepted: an epoch, best, last
  [exit 1]
  $ for at in 0 0.05 0.06 1 +1 -1 +9 start end -0.5 5.4 5.6 2,5 -9; do saddle $S -c "replay sam; seek 3; seek $at" | tail -n +3; done
  at epoch 0.0 of 5.0
  at epoch 0.1 of 5.0
  at epoch 0.1 of 5.0
  at epoch 1.0 of 5.0
  at epoch 4.0 of 5.0
  at epoch 2.0 of 5.0
  at epoch 5.0 of 5.0
  at epoch 0.0 of 5.0
  at epoch 5.0 of 5.0
  at epoch 2.5 of 5.0
  at epoch 5.0 of 5.0
  saddle: seek: epoch 5.6 is past the end of the recording (5.0)
  [exit 1]
  saddle: seek: epoch '2,5' is not a number
  [exit 1]
  at epoch 0.0 of 5.0
  $ saddle $S -c 'seek 1'
  saddle: seek: no replay; 'replay RUN' opens one
  [exit 1]
  $ saddle $S -c 'speed 2'
  saddle: speed: no replay; 'replay RUN' opens one
  [exit 1]
  $ saddle $S -c 'replay sam; live; seek 1'
  sam: at epoch 5.0 of 5.0; 'seek', 'speed', 'live'
  saddle: seek: no replay; 'replay RUN' opens one
  [exit 1]

Views at several moments.

  $ for at in 0 3; do saddle $S -c "replay sam; seek $at; show classes" | tail -n +2; done
  > first            0  all     -
  > first            0  all     -
  > drw              2  all     weights effective
  > drw              2  all     weights effective
  > drw              2  all     weights effective
  > drw              2  all     weights effective
  at epoch 0.0 of 5.0
     0 ant              head n    500  acc     -  watched
     1 bee              head n    300  acc     -
     2 cat              mid  n    300  acc     -
     3 dog              mid  n     90  acc     -
     4 elk              mid  n     40  acc     -
     5 fox              tail n     12  acc     -  watched
     6 gnu              tail n      5  acc     -
  at epoch 3.0 of 5.0
     0 ant              head n    500  acc  86.0  watched
     1 bee              head n    300  acc  67.5
     2 cat              mid  n    300  acc  63.3
     3 dog              mid  n     90  acc  60.0
     4 elk              mid  n     40  acc  60.0
     5 fox              tail n     12  acc  50.0  watched
     6 gnu              tail n      5  acc  37.5
  /bin/bash: line 35: first: command not found
  /bin/bash: line 36: first: command not found
  /bin/bash: line 37: drw: command not found
  /bin/bash: line 38: drw: command not found
  /bin/bash: line 39: drw: command not found
  /bin/bash: line 40: drw: command not found
  [127]
  $ for at in 2 2.1 3; do saddle $S -c "replay sam; seek $at; show rho; show lr; show pending; show stages; show weights" | sed -E -e 1d -e 's/^/| /' -e 's/(\(default [^ ]*\)).*/\1/'; done
  | at epoch 2.0 of 5.0
  | rho 0.3*  (default 0.05)
  | lr 0.1  (default multistep:0.1)
  | nothing is pending
  |   stage   from epoch  trains  differs from the first in
  |   first            0  all     -
  | > drw              2  all     weights effective
  |   end              5
  | weights effective, from epoch 2, sum 7
  |    0 ant              n    500  weight 0.0536376
  |    1 bee              n    300  weight 0.0814249
  |    2 cat              n    300  weight 0.0814249
  |    3 dog              n     90  weight 0.245185
  |    4 elk              n     40  weight 0.538186
  |    5 fox              n     12  weight 1.76911
  |    6 gnu              n      5  weight 4.23103
  | at epoch 2.1 of 5.0
  | rho 0.3*  (default 0.05)
  | lr 0.1  (default multistep:0.1)
  | nothing is pending
  |   stage   from epoch  trains  differs from the first in
  |   first            0  all     -
  | > drw              2  all     weights effective
  |   end              5
  | weights effective, from epoch 2, on, sum 7
  |    0 ant              n    500  weight 0.0536376
  |    1 bee              n    300  weight 0.0814249
  |    2 cat              n    300  weight 0.0814249
  |    3 dog              n     90  weight 0.245185
  |    4 elk              n     40  weight 0.538186
  |    5 fox              n     12  weight 1.76911
  |    6 gnu              n      5  weight 4.23103
  | at epoch 3.0 of 5.0
  | rho 0.3*  (default 0.05)
  | lr 0.05*  (default multistep:0.1)
  | nothing is pending
  |   stage   from epoch  trains  differs from the first in
  |   first            0  all     -
  | > drw              2  all     weights effective
  |   end              5
  | weights effective, from epoch 2, on, sum 7
  |    0 ant              n    500  weight 0.0536376
  |    1 bee              n    300  weight 0.0814249
  |    2 cat              n    300  weight 0.0814249
  |    3 dog              n     90  weight 0.245185
  |    4 elk              n     40  weight 0.538186
  |    5 fox              n     12  weight 1.76911
  |    6 gnu              n      5  weight 4.23103
  $ saddle $S -c 'replay sam; seek 1; show diff; seek 5; show diff' | tail -n +2
  at epoch 1.0 of 5.0
  val              168 images
  model            resnet8
  threads          1
  loss             ldam
  weights          effective
  drw              2 epochs
  beta_en          0.999
  ldam_s           20
  opt              sam
  lr               0.1
  rho              0.1
  epochs           5 epochs
  batch            64 images
  hessian_every    2 epochs
  at epoch 5.0 of 5.0
  val              168 images
  model            resnet8
  threads          1
  loss             ldam
  weights          effective
  drw              2 epochs
  beta_en          0.999
  ldam_s           20
  opt              sam
  lr               0.05*
  rho              0.3*
  epochs           5 epochs
  batch            64 images
  hessian_every    2 epochs
  $ saddle $S -c 'replay sam; show sam; show' | grep -v ^plan
  sam: at epoch 5.0 of 5.0; 'seek', 'speed', 'live'
  opt sam in epoch 5: rho 0.3
     0 ant              head n    500  c 1.000 ####################
     1 bee              head n    300  c 1.000 ####################
     2 cat              mid  n    300  c 1.000 ####################
     3 dog              mid  n     90  c 1.000 ####################
     4 elk              mid  n     40  c 1.000 ####################
     5 fox              tail n     12  c 1.000 ####################
     6 gnu              tail n      5  c 1.000 ####################
  steps without ascent: 0 of 50 (0.0 %)
  gauges of step 40: L(w+e) - L(w) 0.15, rho/|g| 0.45, rho/|w| 0.04, cos(g, g_s) 0.5
  sam: pets-lt beta=100, resnet8, ldam+drw+sam; step 50, epoch 5.0, finished
  eval at epoch 5: acc 67.86, loss -0.1250, best 68.45 at epoch 3

What is watched at a moment.

  $ python3 $TOLD/forge.py eyes
  $ for at in 0.5 1.5 2.2 3; do saddle $S -c "replay eyes; seek $at; show classes" | awk '/watched/ { printf "%s ", $2 } END { print "." }'; done
  bee dog .
  dog .
  .
  dog gnu .
