Limits of a set-up: how much can be undone, how long a value may be; what takes its words back when it is refused.

  $ . $TOLD/setup.sh
  $ saddle view nothing
  saddle: view: no session 'nothing'; there are none yet
  [exit 3]
  $ "$SADDLE" --no-config -c 'show diff; set fps 5; show diff; undo; show diff; undo'
  every knob has its default value
  fps 4 -> 5
  fps              5 frames/s
  fps 5 -> 4
  every knob has its default value
  saddle: undo: nothing that was set is left to undo
  [1]
  $ for n in 511 512 600; do saddle -c "set groups $(printf %0${n}d 7)" | cut -c1-60; done
  groups paper -> 00000000000000000000000000000000000000000000
  saddle: set: groups: at most 511 bytes are accepted
  [exit 1]
  saddle: set: groups: at most 511 bytes are accepted
  [exit 1]
  $ saddle -c "set lr $(for i in $(seq 0 15); do printf '0.0000000000%d@%d ' $i $((i * 100)); done)"
  lr multistep:0.1 -> 0@0 1e-11@100 2e-11@200 3e-11@300 4e-11@400 5e-11@500 6e-11@600 7e-11@700 8e-11@800 9e-11@900 1e-11@1000 1.1e-11@1100 1.2e-11@1200 1.3e-11@1300 1.4e-11@1400 1.5e-11@1500
  $ (for i in $(seq 300); do echo "set batch $i;"; done; for i in $(seq 256); do echo 'undo;'; done; echo undo) | saddle -c "$(cat)" | tail -3
  batch 45 -> 44
  saddle: undo: nothing that was set is left to undo
  [exit 1]
  $ saddle -c "set lr $(for i in $(seq 0 15); do printf '0.%0100d@%d ' 1 $i; done)" | cut -c1-60
  saddle: set: lr: a schedule has at most 399 characters
  [exit 1]
  $ each <<'END'
  > loss vs --gamma .2 --tau 11; show diff
  > loss vs --gamma .2 --tau 1; show diff
  > loss focal --gamma 2; show diff
  > loss ib-focal --gamma 2; show diff
  > opt sam --nesterov --rho .2; show diff
  > opt sam --rho .2 --wd x; show diff
  > preset demo; show diff; show
  > preset demo@50; show diff
  > preset demo@0.5
  > preset demo@x
  > preset nothing
  > preset demo --beta 7; show beta
  > data demo --beta 0.5
  > data demo --val 99999999
  > data demo --classes 3
  > data mnist
  > data demo --groups 0-2/3-6
  > data demo --groups 0-2/3-6/8-9
  > data demo --groups shots; show classes
  > END
  : loss vs --gamma .2 --tau 11; show diff
  saddle: loss: tau: 11 is not in 0..10
  [exit 1]
  : loss vs --gamma .2 --tau 1; show diff
  device           cpu
  threads          1
  loss             vs
  vs_gamma         0.2
  tau              1
  : loss focal --gamma 2; show diff
  device           cpu
  threads          1
  loss             focal
  focal_gamma      2
  : loss ib-focal --gamma 2; show diff
  device           cpu
  threads          1
  loss             ib-focal
  focal_gamma      2
  : opt sam --nesterov --rho .2; show diff
  device           cpu
  threads          1
  opt              sam
  rho              0.2
  nesterov         on
  : opt sam --rho .2 --wd x; show diff
  saddle: opt: weight_decay: 'x' is not a number in 0..10
  [exit 1]
  : preset demo; show diff; show
  demo: demo-lt beta=100, resnet8, ce+drw+sam rho 0.1, 40 epochs; 'train' starts
  model            resnet8
  device           cpu
  threads          1
  weights          effective
  drw              24 epochs
  opt              sam
  lr               multistep:0.1,warmup=2,32:0.1,37:0.01
  rho              0.1
  epochs           40 epochs
  batch            64 images
  hessian_every    2 epochs
  hessian_images   64 images
  budget           0.2
  set up: demo-lt beta=100, resnet8, ce+drw+sam, 40 epochs
  : preset demo@50; show diff
  demo: demo-lt beta=50, resnet8, ce+drw+sam rho 0.1, 40 epochs; 'train' starts
  beta             50
  model            resnet8
  device           cpu
  threads          1
  weights          effective
  drw              24 epochs
  opt              sam
  lr               multistep:0.1,warmup=2,32:0.1,37:0.01
  rho              0.1
  epochs           40 epochs
  batch            64 images
  hessian_every    2 epochs
  hessian_images   64 images
  budget           0.2
  : preset demo@0.5
  saddle: preset: beta: 0.5 is not in 1..100000
  [exit 1]
  : preset demo@x
  saddle: preset: beta: 'x' is not a number in 1..100000
  [exit 1]
  : preset nothing
  saddle: preset: unknown recipe 'nothing'; 'preset' lists them
  [exit 1]
  : preset demo --beta 7; show beta
  demo: demo-lt beta=7, resnet8, ce+drw+sam rho 0.1, 40 epochs; 'train' starts
  beta 7  (default 100) imbalance factor: images of the largest class over images of the smallest
  : data demo --beta 0.5
  saddle: data: beta: 0.5 is not in 1..100000
  [exit 1]
  : data demo --val 99999999
  saddle: data: val: 99999999 is not in 0..1000000
  [exit 1]
  : data demo --classes 3
  saddle: data: --classes is for tensors FILE and list FILE; this data has classes of its own
  [exit 1]
  : data mnist
  saddle: data: unknown data 'mnist'; did you mean 'list'?
  [exit 1]
  : data demo --groups 0-2/3-6
  saddle: data: groups '0-2/3-6': missing class 7; expected paper, shots or every class of 0..9 once, such as 0-2/3-6/7-9 (head/mid/tail) or 0-4/5-9 (head/tail)
  [exit 1]
  : data demo --groups 0-2/3-6/8-9
  saddle: data: groups '0-2/3-6/8-9': missing class 7; expected paper, shots or every class of 0..9 once, such as 0-2/3-6/7-9 (head/mid/tail) or 0-4/5-9 (head/tail)
  [exit 1]
  : data demo --groups shots; show classes
  demo-lt beta=100: 10 classes of 10..1000 images, 2478 in all, 1000 to test on; 32x32 pixels, 3 channels
     0 circle           head n   1000  acc     -
     1 square           head n    599  acc     -
     2 star             head n    359  acc     -
     3 triangle         head n    215  acc     -
     4 cross            head n    129  acc     -
     5 moon             mid  n     77  acc     -
     6 heart            mid  n     46  acc     -
     7 hexagon          mid  n     27  acc     -
     8 house            tail n     16  acc     -
     9 flower           tail n     10  acc     -
  $ mkdir recipes; printf 'data demo --beta 1000\nopt sam --rho .3\nset lr .2\nset rho .4 at epoch 2\nwatch tail\ntrain --epochs 7\n' >recipes/mine.sad
  $ printf 'data demo --beta 1000\nset rho 101\ntrain\n' >recipes/wrong.sad
  $ printf 'data demo\nfork a\ntrain\n' >recipes/forks.sad
  $ export SADDLE_RECIPES=recipes
  $ saddle -c 'preset mine; show diff; show pending; show lr'
  mine: demo-lt beta=1000, resnet8, ce+drw+sam rho 0.3, 40 epochs; 'train' starts
  beta             1000
  model            resnet8
  device           cpu
  threads          1
  weights          effective
  drw              24 epochs
  opt              sam
  lr               0.2
  rho              0.3
  epochs           40 epochs
  batch            64 images
  hessian_every    2 epochs
  hessian_images   64 images
  budget           0.2
  1: set rho .4 at epoch 2
  lr 0.2  (default multistep:0.1) learning rate
  $ saddle -c 'set lr .5; preset mine@10; show lr; show beta; show epochs'
  lr multistep:0.1 -> 0.5
  mine: demo-lt beta=10, resnet8, ce+drw+sam rho 0.3, 40 epochs; 'train' starts
  lr 0.2  (default multistep:0.1) learning rate
  beta 10  (default 100) imbalance factor: images of the largest class over images of the smallest
  epochs 40 epochs  (default 200) length of the run; with a second stage, of what comes before it
  $ saddle -c 'preset wrong; show'
  saddle: recipes/wrong.sad:2: set: rho: 101 is not in 0..100
  [exit 1]
  $ saddle -c 'preset forks'
  forks: demo-lt beta=100, resnet8, ce+drw+sam rho 0.1, 40 epochs; 'train' starts
  $ saddle -c 'preset min'
  saddle: preset: unknown recipe 'min'; did you mean 'mine'?
  [exit 1]
