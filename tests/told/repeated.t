Scripts that repeat a recording: what each kind of data, an older or newer program, and a run that began with another one's state make of it.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py scripts sam again many
  $ S="--sessions ."
  $ for run in s-*.saddle; do saddle $S export script - ${run%.saddle} | grep -Ev '^set (seed|model|drw|batch|eval_every|hessian_every|loss ce|weights none) ?'; echo; done
  # needs: the recorded run and epoch that it goes on from (its own script repeats it): ../x@1
  # repeats s-away, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE
  fork
  train --steps 11
  
  # needs: the images with this SHA-256 (where 'data' does not find them, add --root DIR): abababababababababababababababababababababababababababababababab; the weights it began with, with this SHA-256 (where 'load' does not find them, write FILE behind 'load weights'): 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  # repeats s-cifar, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE
  data cifar10-lt --beta 50 --subset_seed 3 --val 500 --val-from unused --groups 0-1/2-4/5-6 --sha256 abababababababababababababababababababababababababababababababab
  set opt sgd
  set lr 0.1
  set rho 0.1
  set epochs 4
  load weights --sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  train --steps 3
  
  # repeats s-even, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE
  data demo --imb none --val 9 --groups shots --sha256 abababababababababababababababababababababababababababababababab
  unwatch
  set opt sgd
  set lr 0.1
  set rho 0.1
  set epochs 4
  train --steps 3
  
  # needs: the pictures with this SHA-256 (where 'data' does not find them, write the folder or list behind 'data folder' or 'data list'; --test, --val-list and --names of a list are not recorded): abababababababababababababababababababababababababababababababab
  # repeats s-folder, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE
  data folder --size 32 --resize 40 --decode fast --memory 64 --bad skip --imb exp --beta 100 --sha256 abababababababababababababababababababababababababababababababab
  set picture_size 32
  set picture_resize 40
  set picture_decode fast
  set picture_bad skip
  set picture_memory 64
  set opt sgd
  set lr 0.1
  set rho 0.1
  set epochs 4
  train --steps 3
  
  # needs: the recorded run and epoch that it goes on from (its own script repeats it): two words@1
  # repeats s-fork, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE
  fork "two words@1"
  cancel 2
  set rho 0.3 at step 12 --force
  train --steps 13
  
  # repeats s-left, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE
  data demo --beta 100 --sha256 abababababababababababababababababababababababababababababababab
  unwatch
  set opt sgd
  set lr 0.1
  set rho 0.1
  set epochs 4
  set lr 0.2 at step 4 --force
  set rho 0.3 at step 7 --force
  train --steps 8
  
  # needs: the folder or list of its pictures, behind 'data folder' or 'data list'
  # repeats s-list, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE
  data list --size 16 --memory 1024 --imb none --classes 7
  set picture_size 16
  set opt sgd
  set lr 0.1
  set rho 0.1
  set epochs 4
  train --steps 3
  
  # needs: the folder of its images, as 'data ... --root DIR'
  # repeats s-none, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE
  data cifar100
  set opt sgd
  set lr 0.1
  set rho 0.1
  set epochs 4
  train --steps 3
  
  # needs: a saddle that takes this setting: opt=warp; a saddle that takes this setting: lr=0.1 @ 2; a saddle that takes this setting: warp=9; a saddle that takes this change of a setting: warp; a saddle that takes this change of a setting: rho
  # repeats s-odd\xef\xbf\xbd[2J, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE (esc)
  data demo --beta 100 --sha256 abababababababababababababababababababababababababababababababab
  unwatch
  set rho 0.1
  set epochs 4
  watch elk fox
  set lr 0.05 at step 1 --force
  set lr "0.1@0 0.01@2" at step 2 --force
  train --steps 3
  
  # needs: the recorded run and epoch that it goes on from (its own script repeats it): plain@1
  # repeats s-stage, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE
  set opt sgd
  set lr 0.1
  set rho 0.2
  set momentum 0.8
  set steps 14
  stage crt --from plain@1 --sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef --epochs 3 --lr 0.05 --wd 0.0005 --rho 0 --sampler instance --norm shifted --loss ce --no-augment --paused
  set stage_lr 0.02
  set rho 0.3 at step 12 --force
  resume
  
  # needs: the weights it began with, with this SHA-256 (where 'load' does not find them, write FILE behind 'load weights'): not a hash
  # repeats s-step, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE
  data demo-step --beta 10 --val 40
  unwatch
  set opt sgd
  set lr 0.1
  set rho 0.1
  set epochs 4
  load weights
  train --steps 3
  
  # needs: the tensors with this SHA-256 (where 'data' does not find them, write FILE behind 'data tensors'): abababababababababababababababababababababababababababababababab
  # repeats s-tensors, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE
  data tensors --classes 7 --sha256 abababababababababababababababababababababababababababababababab
  set opt sgd
  set lr 0.1
  set rho 0.1
  set epochs 4
  train --steps 3
  
  $ saddle $S info s-odd | sed -n 3p
  not as by default: model resnet8, threads 3, drw 0, lr 0.1@0 0.01@2* (multistep:0.1 > 0.05@0.1 > 0.1@0 0.01@2@0.2), rho 0.3* (0.1 > 0.2@0.1 > 0.3@0.1), epochs 4, batch 64, hessian_every 2
  $ saddle $S export script - sam
  # repeats sam, recorded on cpu portable by saddle 0.1.0 gcc 12.2.0; run it with: saddle run FILE
  data demo --beta 100 --val 168 --sha256 abababababababababababababababababababababababababababababababab
  unwatch
  set model resnet8
  set seed 0
  set loss ldam
  set weights effective
  set drw 2
  set beta_en 0.999
  set ldam_s 20
  set opt sam
  set lr 0.1
  set rho 0.1
  set epochs 5
  set batch 64
  set eval_every 1
  set hessian_every 2
  watch 0 5
  set rho 0.3 at step 20 --force
  set lr 0.05 at step 30 --force
  train --steps 50
  $ saddle $S export script - again | tail -n 4
  set hessian_every 2
  set rho 0.5 at step 20 --force
  set rho 0.05 at step 20 --force
  train --steps 30
  $ cp -r $top/tests/golden/*.saddle .
  $ for run in twice probes knobs unsaved pending; do saddle $S export script - $run | grep -E '^#|^data|^watch|--step|--force'; done
  # repeats twice, recorded on cpu portable by saddle 0.1.0 ccache gcc 12.2.0; run it with: saddle run FILE
  data demo --beta 1000 --val 1840 --sha256 4659b21880be2119cdeddceb38f56760600fec6493e266d3e8f725254dbdef93
  set rho 0.15 at step 5 --force
  set lr 0.03 at step 10 --force
  train --steps 10
  # repeats probes, recorded on cpu portable by saddle 0.1.0 ccache gcc 12.2.0; run it with: saddle run FILE
  data demo --beta 1000 --val 1840 --sha256 4659b21880be2119cdeddceb38f56760600fec6493e266d3e8f725254dbdef93
  set hessian_every 1 at step 3 --force
  set hessian_iters 3 at step 3 --force
  set hessian_images 2 at step 3 --force
  set weight_decay 0.001 at step 9 --force
  train --steps 9
  # repeats knobs, recorded on cpu portable by saddle 0.1.0 ccache gcc 12.2.0; run it with: saddle run FILE
  data demo --beta 1000 --val 1840 --sha256 4659b21880be2119cdeddceb38f56760600fec6493e266d3e8f725254dbdef93
  set rho 0.3 at step 2 --force
  set lr 0.02 at step 2 --force
  set lr multistep:0.1,warmup=2,32:0.1,37:0.01 at step 4 --force
  set momentum 0.5 at step 4 --force
  set nesterov on at step 4 --force
  set opt sgd at step 6 --force
  set opt asam at step 8 --force
  set lr "0.05@0 0.01@2" at step 11 --force
  train --steps 11
  # repeats unsaved, recorded on cpu portable by saddle 0.1.0 ccache gcc 12.2.0; run it with: saddle run FILE
  data demo --beta 1000 --val 1840 --sha256 4659b21880be2119cdeddceb38f56760600fec6493e266d3e8f725254dbdef93
  set momentum 0.6 at step 9 --force
  train --steps 12
  # repeats pending, recorded on cpu portable by saddle 0.1.0 ccache gcc 12.2.0; run it with: saddle run FILE
  data demo --beta 1000 --val 1840 --sha256 4659b21880be2119cdeddceb38f56760600fec6493e266d3e8f725254dbdef93
  train --steps 5
  $ saddle $S export script - priors
  # repeats priors, recorded on cpu portable by saddle 0.1.0 ccache gcc 12.2.0; run it with: saddle run FILE
  data demo --beta 1000 --val 1840 --sha256 4659b21880be2119cdeddceb38f56760600fec6493e266d3e8f725254dbdef93
  unwatch
  set augment on
  set shuffle on
  set resample on
  set model resnet8
  set head auto
  set seed 11
  set device auto
  set math fp32
  set loss la
  set weights effective
  set drw 24
  set beta_en 0.9999
  set reduction weighted-mean
  set margin 0.5
  set ldam_s 30
  set focal_gamma 1
  set vs_gamma 0.05
  set tau 0.9
  set opt asam
  set lr cosine:0.06
  set rho 0.1
  set rho_drw =
  set momentum 0.9
  set weight_decay 0.0002
  set nesterov off
  set bn_second_pass freeze
  set pgd_sigma 0.0001
  set pgd_where gradient
  set lpf_m 8
  set lpf_gamma 0.001
  set epochs 3
  set steps 0
  set batch 4
  set eval_every 0
  set snapshot_every 0
  set snapshot_seconds 0
  set on_nan pause
  set hessian_every 0
  set hessian_iters 40
  set hessian_images 64
  set hessian_vectors 1
  set hessian_tol 0.01
  set budget 0.2
  set rho 0.5 at step 10 --force
  train --steps 10
