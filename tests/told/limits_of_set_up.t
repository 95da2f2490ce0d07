Numbers that are chosen before training: the least and the most that each knob takes, what is just below and just above.

  $ . $TOLD/setup.sh
  $ limits <<'END'
  > classes classes 0 10000 -1 10001
  > picture_size picture_size 8 256 7 257
  > picture_resize picture_resize 0 512 -1 513
  > picture_memory picture_memory 0 1048576 -1 1048577
  > beta beta 1 100000 0.999 100000.001
  > subset_seed rand_number 0 4294967295 -1 4294967296
  > val val 0 1000000 -1 1000001
  > jitter jitter 0 1 -0.001 1.001
  > sampler_power sampler_power -2 2 -2.001 2.001
  > sampler_epochs sampler_epochs 1 100000 0 100001
  > seed seed 0 4294967295 -1 4294967296
  > threads threads 0 1024 -1 1025
  > drw drw_epoch 0 100000 -1 100001
  > beta_en beta_en 0 0.99999999 -0.001 0.999999991
  > margin margin 0 100 -0.001 100.001
  > ldam_s ldam_s 0.001 1000 0.000999 1000.001
  > focal_gamma focal_gamma 0 20 -0.001 20.001
  > vs_gamma vs_gamma 0 10 -0.001 10.001
  > tau tau 0 10 -0.001 10.001
  > ib_start start_ib_epoch 0 100000 -1 100001
  > ib_alpha ib_alpha 1e-6 1000000 9e-7 1000000.001
  > END
  classes is 0 already
  classes 0 -> 10000
  saddle: set: classes: -1 is not in 0..10000
  [exit 1]
  saddle: set: classes: 10001 is not in 0..10000
  [exit 1]
  picture_size 64 -> 8
  picture_size 8 -> 256
  saddle: set: picture_size: 7 is not in 8..256
  [exit 1]
  saddle: set: picture_size: 257 is not in 8..256
  [exit 1]
  picture_resize is 0 already
  picture_resize 0 -> 512
  saddle: set: picture_resize: -1 is not in 0..512
  [exit 1]
  saddle: set: picture_resize: 513 is not in 0..512
  [exit 1]
  picture_memory 1024 -> 0
  picture_memory 0 -> 1048576
  saddle: set: picture_memory: -1 is not in 0..1048576
  [exit 1]
  saddle: set: picture_memory: 1048577 is not in 0..1048576
  [exit 1]
  beta 100 -> 1
  beta 1 -> 100000
  saddle: set: beta: 0.999 is not in 1..100000
  [exit 1]
  saddle: set: beta: 100000.001 is not in 1..100000
  [exit 1]
  subset_seed is 0 already
  subset_seed 0 -> 4294967295
  saddle: set: subset_seed: -1 is not in 0..4294967295
  [exit 1]
  saddle: set: subset_seed: 4294967296 is not in 0..4294967295
  [exit 1]
  val is 0 already
  val 0 -> 1000000
  saddle: set: val: -1 is not in 0..1000000
  [exit 1]
  saddle: set: val: 1000001 is not in 0..1000000
  [exit 1]
  jitter is 0 already
  jitter 0 -> 1
  saddle: set: jitter: -0.001 is not in 0..1
  [exit 1]
  saddle: set: jitter: 1.001 is not in 0..1
  [exit 1]
  sampler_power 0 -> -2
  sampler_power -2 -> 2
  saddle: set: sampler_power: -2.001 is not in -2..2
  [exit 1]
  saddle: set: sampler_power: 2.001 is not in -2..2
  [exit 1]
  sampler_epochs 200 -> 1
  sampler_epochs 1 -> 100000
  saddle: set: sampler_epochs: 0 is not in 1..100000
  [exit 1]
  saddle: set: sampler_epochs: 100001 is not in 1..100000
  [exit 1]
  seed is 0 already
  seed 0 -> 4294967295
  saddle: set: seed: -1 is not in 0..4294967295
  [exit 1]
  saddle: set: seed: 4294967296 is not in 0..4294967295
  [exit 1]
  threads 1 -> 0
  threads 0 -> 1024
  saddle: set: threads: -1 is not in 0..1024
  [exit 1]
  saddle: set: threads: 1025 is not in 0..1024
  [exit 1]
  drw 160 -> 0
  drw 0 -> 100000
  saddle: set: drw: -1 is not in 0..100000
  [exit 1]
  saddle: set: drw: 100001 is not in 0..100000
  [exit 1]
  beta_en 0.9999 -> 0
  beta_en 0 -> 0.99999999
  saddle: set: beta_en: -0.001 is not in 0..0.99999999
  [exit 1]
  saddle: set: beta_en: 0.999999991 is not in 0..0.99999999
  [exit 1]
  margin 0.5 -> 0
  margin 0 -> 100
  saddle: set: margin: -0.001 is not in 0..100
  [exit 1]
  saddle: set: margin: 100.001 is not in 0..100
  [exit 1]
  ldam_s 30 -> 0.001
  ldam_s 0.001 -> 1000
  saddle: set: ldam_s: 0.000999 is not in 0.001..1000
  [exit 1]
  saddle: set: ldam_s: 1000.001 is not in 0.001..1000
  [exit 1]
  focal_gamma 1 -> 0
  focal_gamma 0 -> 20
  saddle: set: focal_gamma: -0.001 is not in 0..20
  [exit 1]
  saddle: set: focal_gamma: 20.001 is not in 0..20
  [exit 1]
  vs_gamma 0.05 -> 0
  vs_gamma 0 -> 10
  saddle: set: vs_gamma: -0.001 is not in 0..10
  [exit 1]
  saddle: set: vs_gamma: 10.001 is not in 0..10
  [exit 1]
  tau 0.75 -> 0
  tau 0 -> 10
  saddle: set: tau: -0.001 is not in 0..10
  [exit 1]
  saddle: set: tau: 10.001 is not in 0..10
  [exit 1]
  ib_start 100 -> 0
  ib_start 0 -> 100000
  saddle: set: ib_start: -1 is not in 0..100000
  [exit 1]
  saddle: set: ib_start: 100001 is not in 0..100000
  [exit 1]
  ib_alpha 1000 -> 1e-06
  ib_alpha 1e-06 -> 1000000
  saddle: set: ib_alpha: 9e-7 is not in 1e-06..1000000
  [exit 1]
  saddle: set: ib_alpha: 1000000.001 is not in 1e-06..1000000
  [exit 1]
