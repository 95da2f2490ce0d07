What is measured at a moment of a recorded run, and of weights without a run; default classes; what a set-up takes back.

  $ . $TOLD/setup.sh
  $ little
  $ saddle -q -c "$little; seed 2; opt sam; train --epochs 2 --name a --paused; snapshot three at step 3; watch 1; resume"
  warning: watch: hessian_every is 0, so nothing is probed; 'set hessian_every 1'
  $ saddle -c "replay a@1; hessian 3 --iters 4; hessian --iters 3; eval; eval train; margins; reading tau_norm 1; show; seek 0.4; eval; seek 0.6; eval; slice 2 random:1 --points 3 --span .5" | quiet
  a: at epoch 1.0 of 2.0; 'seek', 'speed', 'live'
  weights of epoch 1.0 (step 5), from the snapshot of step 3, repeating 2 recorded steps
  3 3: \xce\xbbmin -41.8 \xce\xbbmax 391 |\xce\xbbmin|/\xce\xbbmax 0.11 bound 0.8 after all 4 products (\xcf\x81/|g|)\xce\xbbmin -0.23 at step 5 (ep 1.0) (esc)
  1 1: \xce\xbbmin -0.01667 \xce\xbbmax 12.45 |\xce\xbbmin|/\xce\xbbmax 0.0013 bound 2e+01 after all 3 products (\xcf\x81/|g|)\xce\xbbmin -9.2e-05 at step 5 (ep 1.0) (esc)
  test: acc 80.00 head 100.00 mid 100.00 tail 50.00 loss 0.802 at step 5 (ep 1.0)
  train: acc 94.74 head 100.00 mid 100.00 tail 50.00 loss 0.2453 at step 5 (ep 1.0)
  1 1: margin 4.759, worst tenth 3.43, smallest 3.43; 0.0 % of 6 training images below 0; step 5 (ep 1.0)
  tau_norm 1, test: 80.00 head 100.00 mid 100.00 tail 50.00; own classifier 80.00 head 100.00 mid 100.00 tail 50.00; step 5 (ep 1.0)
  a: tensors little.safetensors, resnet8, ce+sam; step 5, epoch 1.0, training
  at epoch 0.4 of 2.0
  weights of epoch 0.4 (step 2), from the weights of the seed, repeating 2 recorded steps
  test: acc 80.00 head 100.00 mid 100.00 tail 50.00 loss 0.7759 at step 2 (ep 0.4)
  at epoch 0.6 of 2.0
  weights of epoch 0.6 (step 3), from the snapshot of step 3
  test: acc 80.00 head 100.00 mid 100.00 tail 50.00 loss 0.8285 at step 3 (ep 0.6)
  2 2 along random:1: loss 0.7954 here, lowest 0.7755 at -0.5, 0.7755 and 0.8132 at -+0.5; curvature -0.002364 at step 3 (ep 0.6)
  $ saddle -c "replay a@2; eval val" | quiet
  a: at epoch 2.0 of 2.0; 'seek', 'speed', 'live'
  weights of epoch 2.0 (step 10), from the snapshot of step 10
  saddle: eval: there are no val images; 'data ... --val N' holds some out
  [exit 1]
  $ saddle -c "replay a@2; eval at step 3" | quiet
  a: at epoch 2.0 of 2.0; 'seek', 'speed', 'live'
  saddle: eval: no run; 'train' starts one
  [exit 1]
  $ saddle -c "replay a@1; save weights w.safetensors; save weights w.safetensors" | quiet
  a: at epoch 1.0 of 2.0; 'seek', 'speed', 'live'
  weights of epoch 1.0 (step 5), from the snapshot of step 3, repeating 2 recorded steps
  w.safetensors written, step 5 (ep 1.0)
  saddle: save: 'w.safetensors' exists; --force replaces it
  [exit 1]
  $ saddle -c "$little; load weights w.safetensors; eval; unwatch; margins; hessian --iters 3" | quiet
  weights of resnet8 from w.safetensors
  test: acc 80.00 head 100.00 mid 100.00 tail 50.00 loss 0.802 at step 0 (ep 0.0)
  3 3: margin -3.069, worst tenth -3.069, smallest -3.069; 100.0 % of 1 training images below 0; step 0 (ep 0.0)
  3 3: \xce\xbbmin -12.38 \xce\xbbmax 227.2 |\xce\xbbmin|/\xce\xbbmax 0.055 bound 5 after all 3 products at step 0 (ep 0.0) (esc)
  event step=0 ep=0.00 eval test by=script
  eval  step=0 ep=0 lr=0.02 drw=0 loss=0.8020 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@0
  event step=0 ep=0.00 margins 3 by=script
  margins step=0 ep=0.00 class=3 name=3 split=train images=1 mean=-3.0692 worst=-3.0692 least=-3.0692 below=100
  event step=0 ep=0.00 hessian 3 by=script
  eig   step=0 ep=0.00 class=3 name=3 lmin=-12.3834 lmax=227.174 rmin=64 rmax=1.7e+02 iters=3 images=1 loss=3.8117 why=iters
  event step=0 ep=0.00 stopped the program ended
  $ saddle -c "$little; load weights w.safetensors; model resnet20; eval" | quiet
  weights of resnet8 from w.safetensors
  saddle: eval: w.safetensors: weights of resnet8 for 4 classes; expected those of resnet20 for 4 classes
  [exit 3]
  $ each <<'END'
  > load weights
  > load wights x
  > load weights none.safetensors
  > load weights little.safetensors
  > load weights little.safetensors --sha256 1234
  > END
  : load weights
  saddle: load: which file? usage: load weights [FILE] [--sha256 HASH]
  [exit 1]
  : load wights x
  saddle: load: 'wights' cannot be loaded; usage: load weights [FILE] [--sha256 HASH]
  [exit 1]
  : load weights none.safetensors
  saddle: load: cannot open none.safetensors: No such file or directory
  [exit 3]
  : load weights little.safetensors
  saddle: load: little.safetensors: none of the tensors of resnet8 is there; it holds 'images' [19, 1, 8, 8], 'labels' [19], 'test_images' [10, 1, 8, 8] and 1 more
  [exit 3]
  : load weights little.safetensors --sha256 1234
  saddle: load: --sha256 '1234'; 64 digits 0-9 a-f are accepted
  [exit 1]
  $ while read -r line; do echo ": $line"; saddle -c "$little; $line" | quiet | grep -v ^event; done <<'END'
  > eval tests
  > hessian 3 --iters 1
  > hessian 3 --images 0
  > hessian 3 --vectors 101
  > hessian 3 --top 0
  > hessian 3 --tol 2
  > cnc 3 --rho 0
  > cnc 3 --batches 0
  > cnc 3 --batch 4097
  > slice
  > slice tail
  > slice 3 v_mid
  > slice 3 v_min --points 2
  > slice 3 v_min --points 1002
  > slice 3 v_min --span 1001
  > reading tau
  > reading ncm 1
  > reading tau_norm -1
  > reading tau_norm --on tests
  > margins 3 --images 0
  > END
  : eval tests
  saddle: eval: unknown split 'tests'; test, val or train
  [exit 1]
  : hessian 3 --iters 1
  saddle: hessian: hessian_iters: 1 is not in 2..1000
  [exit 1]
  : hessian 3 --images 0
  saddle: hessian: hessian_images: 0 is not in 1..100000
  [exit 1]
  : hessian 3 --vectors 101
  saddle: hessian: hessian_vectors: 101 is not in 1..100
  [exit 1]
  : hessian 3 --top 0
  saddle: hessian: top 0 is outside 1..20
  [exit 1]
  : hessian 3 --tol 2
  saddle: hessian: tol 2 is outside 0..1
  [exit 1]
  : cnc 3 --rho 0
  saddle: cnc: rho 0 is outside 1e-09..100
  [exit 1]
  : cnc 3 --batches 0
  saddle: cnc: batches 0 is outside 1..1000000
  [exit 1]
  : cnc 3 --batch 4097
  saddle: cnc: batch 4097 is outside 1..4096
  [exit 1]
  : slice
  saddle: slice: nothing given; usage: slice CLASS [v_min|v_max|random:N] [--span S] [--points P] [--iters M] [--images K]
  [exit 1]
  : slice tail
  saddle: slice: 'tail' names 2 classes; one is needed
  [exit 1]
  : slice 3 v_mid
  saddle: slice: direction 'v_mid'; v_min, v_max or random:N with N in 0..999999
  [exit 1]
  : slice 3 v_min --points 2
  saddle: slice: points 2 is outside 3..1001
  [exit 1]
  : slice 3 v_min --points 1002
  saddle: slice: points 1002 is outside 3..1001
  [exit 1]
  : slice 3 v_min --span 1001
  saddle: slice: span 1001 is outside 1e-09..1000
  [exit 1]
  : reading tau
  saddle: reading: unknown reading 'tau'; known: plain, tau_norm, tau_post, ncm, ncm_l2n, ncm_cl2n, ncm_cosine, ncm_dot, ncm_l2n_dot, ncm_cl2n_dot
  [exit 1]
  : reading ncm 1
  saddle: reading: ncm takes no tau
  [exit 1]
  : reading tau_norm -1
  saddle: reading: tau -1 is outside 0..10
  [exit 1]
  : reading tau_norm --on tests
  saddle: reading: unknown split 'tests'; test, val or train
  [exit 1]
  : margins 3 --images 0
  saddle: margins: hessian_images: 0 is not in 1..100000
  [exit 1]

Two recordings at the same step: each has its own weights, also when they are looked at in turn.

  $ saddle -q -c "$little; seed 2; train --epochs 1 --name one"; saddle -q -c "$little; seed 3; train --epochs 1 --name two"
  $ saddle -c "replay one@1; eval; replay two@1; eval; eval train; replay one@1; eval" | quiet
  one: at epoch 1.0 of 1.0; 'seek', 'speed', 'live'
  weights of epoch 1.0 (step 5), from the snapshot of step 5
  test: acc 80.00 head 100.00 mid 100.00 tail 50.00 loss 0.8965 at step 5 (ep 1.0)
  two: at epoch 1.0 of 1.0; 'seek', 'speed', 'live'
  weights of epoch 1.0 (step 5), from the snapshot of step 5
  test: acc 80.00 head 100.00 mid 100.00 tail 50.00 loss 0.7973 at step 5 (ep 1.0)
  train: acc 94.74 head 100.00 mid 100.00 tail 50.00 loss 0.4236 at step 5 (ep 1.0)
  one: at epoch 1.0 of 1.0; 'seek', 'speed', 'live'
  weights of epoch 1.0 (step 5), from the snapshot of step 5
  test: acc 80.00 head 100.00 mid 100.00 tail 50.00 loss 0.8965 at step 5 (ep 1.0)
