A recorded run that is looked at: where a seek leads, what is shown there, and what is measured at its weights.

  $ . $TOLD/setup.sh
  $ cp $top/tests/screen/tour.saddle -r .
  $ for at in 0 1 1.49 1.5 1.51 5 6.3 11.99 12 start end +1 -1 +0.5 -3.25; do saddle --sessions . -c "replay tour; seek 6; seek $at; show"; done
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 0.0 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 0, epoch 0.0, training
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 1.0 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 39, epoch 1.0, training
  eval at epoch 1: acc 10.10, loss 3.4321, best 10.10 at epoch 1, chosen on test images
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 1.5 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 58, epoch 1.5, training
  eval at epoch 1: acc 10.10, loss 3.4321, best 10.10 at epoch 1, chosen on test images
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 1.5 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 59, epoch 1.5, training
  eval at epoch 1: acc 10.10, loss 3.4321, best 10.10 at epoch 1, chosen on test images
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 1.5 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 59, epoch 1.5, training
  eval at epoch 1: acc 10.10, loss 3.4321, best 10.10 at epoch 1, chosen on test images
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 5.0 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 195, epoch 5.0, training
  eval at epoch 5: acc 18.10, loss 3.1767, best 18.10 at epoch 5, chosen on test images
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 6.3 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 246, epoch 6.3, training
  eval at epoch 6: acc 27.00, loss 3.0317, best 27.00 at epoch 6, chosen on test images
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 12.0 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 468, epoch 12.0, finished
  eval at epoch 12: acc 55.20, loss 1.3773, best 55.20 at epoch 12, chosen on test images
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 12.0 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 468, epoch 12.0, finished
  eval at epoch 12: acc 55.20, loss 1.3773, best 55.20 at epoch 12, chosen on test images
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 0.0 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 0, epoch 0.0, training
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 12.0 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 468, epoch 12.0, finished
  eval at epoch 12: acc 55.20, loss 1.3773, best 55.20 at epoch 12, chosen on test images
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 7.0 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 273, epoch 7.0, training
  eval at epoch 7: acc 31.00, loss 2.6454, best 31.00 at epoch 7, chosen on test images
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 5.0 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 195, epoch 5.0, training
  eval at epoch 5: acc 18.10, loss 3.1767, best 18.10 at epoch 5, chosen on test images
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 6.5 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 253, epoch 6.5, training
  eval at epoch 6: acc 27.00, loss 3.0317, best 27.00 at epoch 6, chosen on test images
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 6.0 of 12.0
  at epoch 2.7 of 12.0
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 107, epoch 2.7, training
  eval at epoch 2: acc 10.00, loss 3.3138, best 10.10 at epoch 1, chosen on test images
  $ each <<'END'
  > replay tour
  > seek 5
  > speed 2
  > live
  > END
  : replay tour
  saddle: replay: no session 'tour'; there are none yet
  [exit 3]
  : seek 5
  saddle: seek: no replay; 'replay RUN' opens one
  [exit 1]
  : speed 2
  saddle: speed: no replay; 'replay RUN' opens one
  [exit 1]
  : live
  saddle: live: no replay; 'replay RUN' opens one
  [exit 1]
  $ for line in 'seek 12.1' 'seek -1' 'seek x' 'seek' 'seek +99' 'seek -99' 'seek e' 'speed x' 'speed -1' 'speed 0' 'speed 100' 'speed 1000' 'speed 1001' 'train' 'set rho .9; show rho; show diff' 'undo' 'live; show' 'resume' 'pause' 'replay tour@3; show' 'replay tour@best; show' 'replay tour@last; show' 'replay tour@13' 'replay tour@x' 'replay nothing' 'fork @99' 'snapshot' 'note x'; do
  >     echo ": $line"; saddle --sessions . -c "replay tour@6; $line" | calm
  > done
  : seek 12.1
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 12.0 of 12.0
  : seek -1
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 5.0 of 12.0
  : seek x
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: seek: epoch 'x' is not a number
  [exit 1]
  : seek
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: seek: nothing given; usage: seek EPOCH
  [exit 1]
  : seek +99
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 12.0 of 12.0
  : seek -99
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  at epoch 0.0 of 12.0
  : seek e
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: seek: epoch 'e' is not a number
  [exit 1]
  : speed x
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: speed: speed 'x' is not a number
  [exit 1]
  : speed -1
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: speed: speed -1 is outside 0..100000
  [exit 1]
  : speed 0
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  : speed 100
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  : speed 1000
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  : speed 1001
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  : train
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: train: a recorded run is shown; 'resume RUN@EPOCH' goes on from there, 'live' leaves it
  [exit 1]
  : set rho .9; show rho; show diff
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  rho 0.05 -> 0.9 for the next run; a replay shows what was recorded
  rho 0.2*  (next run: 0.9)  (default 0.05) SAM's radius. auto, or auto:0.1 to begin there: moved while training by what the watched classes of the tail and the head's accuracy say, between 0.01 and 1, each move recorded with its numbers (by auto); in a new run it begins at 0.05, in a running one where it is. Training waits for those spectra, every hessian_every epochs
  model            resnet8
  weights          effective
  drw              8 epochs
  opt              sam
  lr               multistep:0.1,warmup=2,32:0.1,37:0.01
  rho              0.2*  (next run: 0.9)
  epochs           12 epochs
  batch            64 images
  snapshot_every   0 epochs
  snapshot_seconds N s
  hessian_every    3 epochs
  hessian_iters    12
  hessian_images   16 images
  : undo
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: undo: nothing that was set is left to undo
  [exit 1]
  : live; show
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  set up: demo, resnet32, ce, 200 epochs
  : resume
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: resume: no run; 'train' starts one
  [exit 1]
  : pause
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: pause: no run; 'train' starts one
  [exit 1]
  : replay tour@3; show
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  tour: at epoch 3.0 of 12.0; 'seek', 'speed', 'live'
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 117, epoch 3.0, training
  eval at epoch 3: acc 10.00, loss 3.1196, best 10.10 at epoch 1, chosen on test images
  : replay tour@best; show
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 468, epoch 12.0, finished
  eval at epoch 12: acc 55.20, loss 1.3773, best 55.20 at epoch 12, chosen on test images
  : replay tour@last; show
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
  tour: demo-lt beta=100, resnet8, ce+drw+sam; step 468, epoch 12.0, finished
  eval at epoch 12: acc 55.20, loss 1.3773, best 55.20 at epoch 12, chosen on test images
  : replay tour@13
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: replay: epoch 13 is past the end of the recording (12.0)
  [exit 1]
  : replay tour@x
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: replay: no snapshot 'x' in it; accepted: an epoch, best, last
  [exit 1]
  : replay nothing
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: replay: no session 'nothing'; the newest is 'tour'
  [exit 3]
  : fork @99
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: fork: epoch 99 is past the end of the recording (12.0)
  [exit 1]
  : snapshot
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: snapshot: no run; 'train' starts one, 'save weights FILE' writes weights without
  [exit 1]
  : note x
  tour: at epoch 6.0 of 12.0; 'seek', 'speed', 'live'
  saddle: note: no run to write it into; 'train' starts one
  [exit 1]
  $ saddle --sessions . -c 'replay tour@7; show classes; show weights; show sam; show stages; show pending' | sed 's/^>/=>/'
  tour: at epoch 7.0 of 12.0; 'seek', 'speed', 'live'
     0 circle           head n   1000  acc  95.0  watched
     1 square           head n    599  acc  58.0  watched
     2 star             head n    359  acc  78.0
     3 triangle         mid  n    215  acc  60.0
     4 cross            mid  n    129  acc   0.0
     5 moon             mid  n     77  acc  19.0
     6 heart            mid  n     46  acc   0.0
     7 hexagon          tail n     27  acc   0.0
     8 house            tail n     16  acc   0.0
     9 flower           tail n     10  acc   0.0  watched
  weights effective, from epoch 8, sum 10
     0 circle           n   1000  weight 0.0415969
     1 square           n    599  weight 0.0680836
     2 star             n    359  weight 0.112255
     3 triangle         n    215  weight 0.186101
     4 cross            n    129  weight 0.308841
     5 moon             n     77  weight 0.516068
     6 heart            n     46  weight 0.862516
     7 hexagon          n     27  weight 1.46808
     8 house            n     16  weight 2.47602
     9 flower           n     10  weight 3.96044
  opt sam in epoch 7: rho 0.2
     0 circle           head n   1000  c 1.000 ####################
     1 square           head n    599  c 1.000 ####################
     2 star             head n    359  c 1.000 ####################
     3 triangle         mid  n    215  c 1.000 ####################
     4 cross            mid  n    129  c 1.000 ####################
     5 moon             mid  n     77  c 1.000 ####################
     6 heart            mid  n     46  c 1.000 ####################
     7 hexagon          tail n     27  c 1.000 ####################
     8 house            tail n     16  c 1.000 ####################
     9 flower           tail n     10  c 1.000 ####################
  steps without ascent: 0 of 273 (0.0 %)
    stage   from epoch  trains  differs from the first in
  => first            0  all     -
    drw              8  all     weights effective
    end             12
  nothing is pending
  $ saddle --sessions . -c 'replay tour@7.5; show config' | grep -E '^(rho|drw|weights |epochs|hessian|lr|opt|batch)'
  weights          effective
  drw              8 epochs
  opt              sam
  lr               multistep:0.1,warmup=2,32:0.1,37:0.01
  rho              0.2*
  rho_drw          =
  rho_head         0.05
  epochs           12 epochs
  batch            64 images
  hessian_every    3 epochs
  hessian_iters    12
  hessian_images   16 images
  hessian_vectors  1
  hessian_tol      0.01
