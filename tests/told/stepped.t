Steps, optimisers, snapshots and watched classes of a run that is steered; what is fixed in it.

  $ . $TOLD/setup.sh
  $ little
  $ saddle -c "$little; train --epochs 4 --name i --paused; set eval_every 1; set hessian_every 1; watch 3; eval; eval val" | quiet
  i: resnet8, ce on 19 images, 20 steps of 4
  warning: set: no class is watched, so hessian_every and budget do nothing until 'watch CLASS'
  saddle: eval: there are no val images; 'data ... --val N' holds some out
  [exit 1]
  event step=0 ep=0.00 set eval_every 0 1 by=script
  event step=0 ep=0.00 warning set: no class is watched, so hessian_every and budget do nothing until 'watch CLASS'
  event step=0 ep=0.00 set hessian_every 0 1 by=script
  event step=0 ep=0.00 watch 3 by=script
  event step=0 ep=0.00 eval test by=script
  eval  step=0 ep=0 lr=0.02 drw=0 loss=2.6934 acc=30.00 head=100.00 mid=0.00 tail=0.00 best=30.00@0
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; train --epochs 4 --name j --paused; set model resnet20" | quiet
  j: resnet8, ce on 19 images, 20 steps of 4
  saddle: set: model is fixed for this run and for forks of it; a new run may have another: 'stop', 'set model VALUE', 'train'
  [exit 1]
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; train --epochs 4 --name k --paused; set opt adam" | quiet
  k: resnet8, ce on 19 images, 20 steps of 4
  saddle: set: opt: unknown value 'adam'; did you mean 'asam'? accepted: sgd sam asam pgd lpf usam imbsam focalsam blend ssesam gsam wsam fsam looksam msam esam ccsam
  [exit 1]
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; train --epochs 4 --name l --paused; opt esam --rho .2 --lr .3 --momentum .1 --wd 0 nesterov" | quiet
  l: resnet8, ce on 19 images, 20 steps of 4
  saddle: opt: 'nesterov' is too much; usage: opt [NAME] [--rho R] [--lr L] [--momentum M] [--wd W]
  [exit 1]
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; train --epochs 4 --name m --paused; opt esam --rho .2 --lr .3 --momentum .1 --wd 0 --nesterov; show diff; undo; show diff; step 0" | quiet
  m: resnet8, ce on 19 images, 20 steps of 4
  opt              sgd -> esam
  lr               multistep:0.1 -> 0.3
  rho              0.05 -> 0.2
  momentum         0.9 -> 0.1
  weight_decay     0.0002 -> 0
  nesterov         off -> on
  opt              sgd -> esam
  lr               multistep:0.1 -> 0.3
  rho              0.05 -> 0.2
  momentum         0.9 -> 0.1
  weight_decay     0.0002 -> 0
  saddle: step: steps 0 is outside 1..1000000000
  [exit 1]
  event step=0 ep=0.00 set opt sgd esam by=script
  event step=0 ep=0.00 set rho 0.05 0.2 by=script
  event step=0 ep=0.00 set lr multistep:0.1 0.3 by=script
  event step=0 ep=0.00 set momentum 0.9 0.1 by=script
  event step=0 ep=0.00 set weight_decay 0.0002 0 by=script
  event step=0 ep=0.00 set nesterov off on by=script
  event step=0 ep=0.00 set nesterov on off by=script
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; train --epochs 4 --name n --paused; step 5 miles" | quiet
  n: resnet8, ce on 19 images, 20 steps of 4
  saddle: step: 'miles' is neither steps nor epochs
  [exit 1]
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; train --epochs 4 --name o --paused; step .09 epochs" | quiet
  o: resnet8, ce on 19 images, 20 steps of 4
  saddle: step: .09 epochs are less than a step
  [exit 1]
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; train --epochs 4 --name p --paused; step 2 steps; wait step 2; step .1 epoch" | quiet
  p: resnet8, ce on 19 images, 20 steps of 4
  saddle: wait: training is paused: the steps asked for are done; 'resume' goes on
  [exit 1]
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=2 ep=0.40 paused the steps asked for are done
  event step=2 ep=0.40 step by=script
  event step=2 ep=0.40 training for some steps
  event step=3 ep=0.60 paused the steps asked for are done
  event step=3 ep=0.60 stop
  event step=3 ep=0.60 stopped a command failed
  event step=3 ep=0.60 snapshot s0000 state=405721ec8b802dada789f2579ce33b12ce2e32d99441f32cb2d3d821c4c21222
  $ saddle -c "$little; train --epochs 1 --name q --paused; step 99; wait" | quiet
  q: resnet8, ce on 19 images, 5 steps of 4
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=5 ep=1.00 finished all 5 steps are done
  event step=5 ep=1.00 snapshot s0001 state=b24304574f90dc51e3a3977b4d5e0693735068893c688794e7523665c4168851
  $ saddle -c "$little; train --epochs 2 --name r --paused; snapshot one; step 1; wait step 1; snapshot one; snapshot; snapshot 'a b'; note x; quit --yes" | quiet
  r: resnet8, ce on 19 images, 10 steps of 4
  event step=0 ep=0.00 snapshot one by=script
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=1 ep=0.20 paused the steps asked for are done
  event step=1 ep=0.20 snapshot one by=script
  event step=1 ep=0.20 snapshot s0000 by=script
  event step=1 ep=0.20 snapshot a b by=script
  event step=1 ep=0.20 note x
  event step=1 ep=0.20 stop
  event step=1 ep=0.20 stopped done
  event step=0 ep=0.00 snapshot one state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  event step=1 ep=0.20 snapshot one state=a298deb3799996cc446489fa54fef1df3be00fb5bf74647e6d377821d1cff0f3
  event step=1 ep=0.20 snapshot s0000 state=a298deb3799996cc446489fa54fef1df3be00fb5bf74647e6d377821d1cff0f3
  event step=1 ep=0.20 snapshot a b state=a298deb3799996cc446489fa54fef1df3be00fb5bf74647e6d377821d1cff0f3
  $ saddle -c "$little; train --epochs 2 --name s --paused; watch 9" | quiet
  s: resnet8, ce on 19 images, 10 steps of 4
  saddle: watch: unknown class '9'; an index 0..3, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; train --epochs 2 --name t --paused; watch 0 3; watch tail every 2 iters 5 images 7; unwatch 0; show diff; unwatch 2..3; unwatch; note x; show classes; unwatch 2-3" | quiet
  t: resnet8, ce on 19 images, 10 steps of 4
  warning: watch: hessian_every is 0, so nothing is probed; 'set hessian_every 1'
  hessian_every    0 -> 2
  hessian_iters    40 -> 5
  hessian_images   128 -> 7
     0 0                head n      9  acc     -
     1 1                mid  n      6  acc     -
     2 2                tail n      3  acc     -
     3 3                tail n      1  acc     -
  saddle: unwatch: unknown class '2-3'; an index 0..3, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  event step=0 ep=0.00 watch 0 3 by=script
  event step=0 ep=0.00 warning watch: hessian_every is 0, so nothing is probed; 'set hessian_every 1'
  event step=0 ep=0.00 watch 2 3 by=script
  event step=0 ep=0.00 set hessian_every 0 2 by=script
  event step=0 ep=0.00 set hessian_iters 40 5 by=script
  event step=0 ep=0.00 set hessian_images 128 7 by=script
  event step=0 ep=0.00 unwatch 0 by=script
  event step=0 ep=0.00 unwatch 2 3 by=script
  event step=0 ep=0.00 unwatch by=script
  event step=0 ep=0.00 note x
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  $ saddle -c "$little; train --epochs 2 --name u --paused; note x; show memory; show classes; show weights; quit --yes" | quiet
  u: resnet8, ce on 19 images, 10 steps of 4
  training takes 16.8 MiB; data 0.0 MiB
     0 0                head n      9  acc     -
     1 1                mid  n      6  acc     -
     2 2                tail n      3  acc     -
     3 3                tail n      1  acc     -
  weights none: every class counts alike
     0 0                n      9  weight 1
     1 1                n      6  weight 1
     2 2                n      3  weight 1
     3 3                n      1  weight 1
  event step=0 ep=0.00 note x
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped done
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
