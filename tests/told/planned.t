What a run would be: --dry-run, and choices that can never act.

  $ . $TOLD/setup.sh
  $ little
  $ plan() { saddle --dry-run -c "$little; $1; train" | calm | grep -vE '^(tensors|batch|eval_every [01] ->|hessian_every 1 ->|snapshot_|nothing is watched)' | sed -E 's/; [0-9]+ MiB; about N min/; N MiB; about N min/'; }
  $ plan 'set epochs 3'
  epochs 200 -> 3
  plan: tensors little.safetensors, resnet8, ce: 15 steps of 4 images in 3 epochs, 1 pass each; N MiB; about N min on cpu
  $ plan 'opt sam; set epochs 3; set steps 7'
  epochs 200 -> 3
  steps 0 -> 7
  plan: tensors little.safetensors, resnet8, ce+sam: 7 steps of 4 images in 3 epochs, 2 passes each; N MiB; about N min on cpu
  $ plan 'opt usam; set steps 1000'
  steps 0 -> 1000
  plan: tensors little.safetensors, resnet8, ce+usam: 1000 steps of 4 images in 200 epochs, 2 passes each; N MiB; about N min on cpu
  $ plan 'opt looksam; set epochs 1; stage lws --epochs 2'
  epochs 200 -> 1
    stage   from epoch  trains  differs from the first in
    first            0  all     -
    lws              1  scales  stage_lr multistep:0.1,warmup=5,10:0.1,20:0.01, stage_rho 0, stage_weight_decay 0.0005, stage_sampler class-aware
    end              3
  plan: tensors little.safetensors, resnet8, ce+looksam+lws: 15 steps of 4 images in 3 epochs, 2 passes each; N MiB; about N min on cpu
  $ plan 'opt msam; set rho .1; set batch 3; set epochs 2; set weights inverse; set drw 2; set drw 3'
  rho 0.05 -> 0.1
  epochs 200 -> 2
  weights none -> inverse
  drw 160 -> 2
  drw 2 -> 3
  plan: tensors little.safetensors, resnet8, ce+drw+msam: 14 steps of 3 images in 2 epochs, 2 passes each; N MiB; about N min on cpu
  warning: train: drw 3 is past the end of training (2): class weights never act
  $ plan 'set epochs 2; set weights inverse; set drw 1'
  epochs 200 -> 2
  weights none -> inverse
  drw 160 -> 1
  plan: tensors little.safetensors, resnet8, ce+drw: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  $ plan 'set epochs 2; set weights inverse; set drw 2'
  epochs 200 -> 2
  weights none -> inverse
  drw 160 -> 2
  plan: tensors little.safetensors, resnet8, ce+drw: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: drw 2 is past the end of training (2): class weights never act
  $ plan 'set epochs 2; set drw 1'
  epochs 200 -> 2
  drw 160 -> 1
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: weights is none, so drw does nothing until 'set weights effective'
  $ plan 'set epochs 2; set weights inverse; set steps 5; set drw 1'
  epochs 200 -> 2
  weights none -> inverse
  steps 0 -> 5
  drw 160 -> 1
  plan: tensors little.safetensors, resnet8, ce+drw: 5 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: drw 1 is past the end of training (5 steps, epoch 1): class weights never act
  $ plan 'set epochs 2; opt sam; set rho_drw .3; set sam_from 2'
  epochs 200 -> 2
  rho_drw = -> 0.3
  sam_from 0 -> 2
  plan: tensors little.safetensors, resnet8, ce+sam: 10 steps of 4 images in 2 epochs, 2 passes each; N MiB; about N min on cpu
  warning: train: weights is none, so rho_drw does nothing until 'set weights effective'
  $ plan 'set epochs 2; opt sam; set sam_from 1; set sam_every 11'
  epochs 200 -> 2
  sam_from 0 -> 1
  sam_every 1 -> 11
  plan: tensors little.safetensors, resnet8, ce+sam: 10 steps of 4 images in 2 epochs, 2 passes each; N MiB; about N min on cpu
  $ plan 'set epochs 2; opt sam; set sam_every 10'
  epochs 200 -> 2
  sam_every 1 -> 10
  plan: tensors little.safetensors, resnet8, ce+sam: 10 steps of 4 images in 2 epochs, 2 passes each; N MiB; about N min on cpu
  $ plan 'set epochs 2; set rho .2'
  epochs 200 -> 2
  rho 0.05 -> 0.2
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: opt is sgd, so rho does nothing until 'set opt sam'
  $ plan 'set epochs 2; set eval_every 3'
  epochs 200 -> 2
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  $ plan 'set epochs 2; set eval_every 2'
  epochs 200 -> 2
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  $ plan 'set epochs 2; set snapshot_every 3'
  epochs 200 -> 2
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: snapshot_every 3 is past the end of training (2): it makes none before the last
  $ plan 'set epochs 2; set hessian_every 1'
  epochs 200 -> 2
  hessian_every 0 -> 1
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  $ plan 'set epochs 2; watch 3; set hessian_every 1; set hessian_iters 3; set hessian_images 0'
  epochs 200 -> 2
  watched: 1 class
  hessian_every 0 -> 1
  hessian_iters 40 -> 3
  saddle: set: hessian_images: 0 is not in 1..100000
  [exit 1]
  $ plan 'set epochs 2; watch 3; set hessian_every 3'
  epochs 200 -> 2
  watched: 1 class
  hessian_every 0 -> 3
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: hessian_every 3 is past the end of training (2): nothing is probed
  $ plan 'set epochs 2; watch 3; set hessian_every 2; set budget 0'
  epochs 200 -> 2
  watched: 1 class
  hessian_every 0 -> 2
  budget 0.1 -> 0
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: budget is 0, so nothing is probed; 'set budget 0.1'
  $ plan 'set epochs 2; set lr .1@0 .01@2'
  epochs 200 -> 2
  lr multistep:0.1 -> 0.1@0 0.01@2
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: lr: epoch 2 is past the end of training (2), so it never changes there
  $ plan 'set epochs 2; set lr .1@0 .01@1 .001@3'
  epochs 200 -> 2
  lr multistep:0.1 -> 0.1@0 0.01@1 0.001@3
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: lr: epoch 3 is past the end of training (2), so it never changes there
  $ plan 'set epochs 6; set lr multistep:.1'
  epochs 200 -> 6
  lr is multistep:0.1 already
  plan: tensors little.safetensors, resnet8, ce: 30 steps of 4 images in 6 epochs, 1 pass each; N MiB; about N min on cpu
  $ plan 'set epochs 6; set lr multistep:.1,warmup=2,4:.1,7:.01'
  epochs 200 -> 6
  lr multistep:0.1 -> multistep:0.1,warmup=2,4:0.1,7:0.01
  plan: tensors little.safetensors, resnet8, ce: 30 steps of 4 images in 6 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: lr: epoch 7 is past the end of training (6), so it never changes there
  $ plan 'set epochs 2; set lr linear:.1..0@3; opt sam; set rho cosine:.1@3'
  epochs 200 -> 2
  lr multistep:0.1 -> linear:0.1..0@3
  rho 0.05 -> cosine:0.1@3
  plan: tensors little.safetensors, resnet8, ce+sam: 10 steps of 4 images in 2 epochs, 2 passes each; N MiB; about N min on cpu
  warning: train: lr follows its line over 3 epochs, but training ends before (2): it stops at 0.05 and never comes to 0
  warning: train: rho follows its cosine over 3 epochs, but training ends before (2): it stops at 0.075 and never comes to 0
  $ plan 'set epochs 2; set rho .1 at epoch 2; set lr .1 at epoch 3; set wd 0 at step 10; set momentum .5 at step 11; set lr .2 if acc > 5; set lr .2 if lmin:3 < 0; show pending'
  epochs 200 -> 2
  pending 1: set rho .1 at epoch 2
  pending 2: set lr .1 at epoch 3
  pending 3: set wd 0 at step 10
  pending 4: set momentum .5 at step 11
  pending 5: set lr .2 if acc > 5
  pending 6: set lr .2 if lmin:3 < 0
  1: set rho .1 at epoch 2
  2: set lr .1 at epoch 3
  3: set wd 0 at step 10
  4: set momentum .5 at step 11
  5: set lr .2 if acc > 5
  6: set lr .2 if lmin:3 < 0
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: pending 5 'if acc': eval_every is 0: only an 'eval' by hand can meet it
  warning: train: pending 6 'if lmin:3': class 3 is not watched, so it waits for a 'hessian 3' by hand
  $ plan 'set epochs 2; set loss ib; set ib_start 2; set weights effective'
  epochs 200 -> 2
  loss ce -> ib
  ib_start 100 -> 2
  weights none -> effective
  plan: tensors little.safetensors, resnet8, ib+drw: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: drw 160 is past the end of training (2): class weights never act
  warning: train: ib_start 2 is past the end of training (2): ib never acts, the loss stays plain cross-entropy
  $ plan 'set epochs 2; set loss ib; set ib_start 1; set opt ccsam'
  epochs 200 -> 2
  loss ce -> ib
  ib_start 100 -> 1
  opt sgd -> ccsam
  saddle: train: opt ccsam perturbs the classifier's part alone, and loss ib looks at the features too; accepted with it: the losses of outputs alone, such as ce and la
  [exit 1]
  $ plan 'set epochs 2; set sampler progressive; set sampler_epochs 3; set sampler_power .5; set focal_gamma 2; set tau 1'
  epochs 200 -> 2
  sampler instance -> progressive
  sampler_epochs 200 -> 3
  sampler_power 0 -> 0.5
  focal_gamma 1 -> 2
  tau 0.75 -> 1
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: loss is ce, so focal_gamma does nothing; it is for loss focal and ib-focal
  warning: train: loss is ce, so tau does nothing; it is for loss vs and la
  warning: train: sampler_epochs 3 is past the end of training (2): the classes are never visited alike
  warning: train: sampler is progressive, so sampler_power does nothing; it is for sampler weighted
  $ plan 'set epochs 2; set stage crt; set stage_lr .1@0 .2@30; set stage_norm frozen; set stage_augment off; set jitter .2'
  epochs 200 -> 2
  stage none -> crt
  stage_lr multistep:0.1,warmup=5,10:0.1,20:0.01 -> 0.1@0 0.2@30
  stage_norm shifted -> frozen
  stage_augment on -> off
  jitter 0 -> 0.2
  plan: tensors little.safetensors, resnet8, ce+crt: 160 steps of 4 images in 32 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: stage_lr: epoch 30 is past the end of stage crt (30), so it never changes there
  $ plan 'set epochs 2; set stage_epochs 5; set stage_rho .1; set tail_gain 2; set ccsam_a 1; set asam_eta .01; set pgd_sigma 1'
  epochs 200 -> 2
  stage_epochs 30 -> 5
  stage_rho 0 -> 0.1
  tail_gain 1 -> 2
  ccsam_a 1e-06 -> 1
  asam_eta 0 -> 0.01
  pgd_sigma 0.0001 -> 1
  plan: tensors little.safetensors, resnet8, ce: 10 steps of 4 images in 2 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: opt is sgd, so tail_gain does nothing until 'set opt imbsam'
  warning: train: opt is sgd, so asam_eta does nothing until 'set opt asam'
  warning: train: opt is sgd, so ccsam_a does nothing until 'set opt ccsam'
  warning: train: opt is sgd, so pgd_sigma does nothing until 'set opt pgd'
  warning: train: stage is none, so stage_epochs does nothing until 'set stage crt'
  warning: train: stage is none, so stage_rho does nothing until 'set stage crt'
  $ plan 'set head norm; set loss ldam; set opt imbsam; set epochs 1; set tail_below 1'
  head auto -> norm
  loss ce -> ldam
  opt sgd -> imbsam
  epochs 200 -> 1
  tail_below 0 -> 1
  saddle: train: tail_below 1: no class has fewer images, so none would climb; accepted: 2 to 9, or 0 for the group tail
  [exit 1]
  $ plan 'set opt imbsam; set epochs 1; set tail_below 100; set resample on; set sampler class-aware'
  opt sgd -> imbsam
  epochs 200 -> 1
  tail_below 0 -> 100
  resample off -> on
  sampler instance -> class-aware
  saddle: train: tail_below 100: all classes have fewer images, so nothing is left at w; accepted: 2 to 9, or 0 for the group tail
  [exit 1]
  $ plan 'set rho auto; set epochs 3'
  rho 0.05 -> auto
  epochs 200 -> 3
  plan: tensors little.safetensors, resnet8, ce: 15 steps of 4 images in 3 epochs, 1 pass each; N MiB; about N min on cpu
  warning: train: opt is sgd, so rho does nothing until 'set opt sam'
  $ plan 'set rho auto; opt sam; watch 3; set hessian_every 1; set eval_every 1; set epochs 3'
  rho 0.05 -> auto
  watched: 1 class
  hessian_every 0 -> 1
  epochs 200 -> 3
  plan: tensors little.safetensors, resnet8, ce+sam: 15 steps of 4 images in 3 epochs, 2 passes each; N MiB; about N min on cpu
  warning: train: rho is auto and heeds the accuracy on test images: what the run comes to is chosen on them; 'data ... --val N --val-from unused' sets others apart
  $ saddle -c "$little; show memory" | quiet
  plan: tensors little.safetensors, resnet8, ce: 1000 steps of 4 images in 200 epochs, 1 pass each; 17 MiB; about N min on cpu
  $ saddle -c "$little; set rho .1 at epoch 2; set lr .1 at epoch 3; set wd 0 at step 10; set momentum .5 at step 11; train --epochs 2 --no-record --paused; note x; show pending; quit --yes" | quiet
  pending 1: set rho .1 at epoch 2
  pending 2: set lr .1 at epoch 3
  pending 3: set wd 0 at step 10
  pending 4: set momentum .5 at step 11
  not recorded: resnet8, ce on 19 images, 10 steps of 4
  saddle: set rho .1 at epoch 2: epoch 2 is not before the end of training (2), it would never fire; not kept (use --force)
  saddle: set lr .1 at epoch 3: epoch 3 is not before the end of training (2), it would never fire; not kept (use --force)
  saddle: set wd 0 at step 10: step 10 is not before the end of training (10), it would never fire; not kept (use --force)
  saddle: set momentum .5 at step 11: step 11 is not before the end of training (10), it would never fire; not kept (use --force)
  nothing is pending
  [exit 1]
  event step=0 ep=0.00 note x
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped done
