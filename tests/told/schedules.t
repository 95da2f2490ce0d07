Schedules of knobs, and values as factors of the ones before: what is taken, how it is written again, and what is refused.

  $ . $TOLD/setup.sh
  $ each <<'END'
  > set lr .05; set lr 100; set lr 100.1
  > set lr -.1
  > set lr fast
  > set lr ''
  > set lr =
  > set rho_drw .2; set rho_drw =; set rho =
  > set rho auto; set rho auto:.01; set rho auto:1; set rho auto:.0099
  > set rho auto:1.01
  > set rho auto:x
  > set rho_drw auto
  > set lr auto
  > set lr 0.05@0 0.1@5 0.5@60; set lr .05@1 .1@5
  > set lr .05@0 .1@0
  > set lr .05@0 .1@6 .2@5
  > set lr .05@0 .1@5.5
  > set lr .05@0 .1@-1
  > set lr .05@0 .1
  > set lr .05@0 200@5
  > set lr .05@0 .1@1000000; set lr .05@0 .1@1000001
  > set lr linear:.05..0.8; set lr linear:.05..0.8@30; set lr linear:.05
  > set lr linear:1..101
  > set lr linear:..1
  > set lr linear:1..2@0
  > set lr linear:1..2@1; set lr linear:1..2@1.5
  > set lr cosine:.1; set lr cosine:.1..0.01; set lr cosine:.1@50; set lr cosine:.1..x
  > set lr cosine:
  > set lr multistep:.2; set lr multistep:.2,warmup=5,160:0.01,180:0.0001; set lr multistep:.2,warmup=4,160:0.01,180:0.0001
  > set lr multistep:.2,10:.5; set lr multistep:.2,warmup=3; set lr multistep:.2,warmup=3,3:.5; set lr multistep:.2,warmup=3,2:.5
  > set lr multistep:.2,10:501
  > set lr multistep:.2,10:500; set lr multistep:.2,10
  > set lr multistep:.2,10:.5,10:.1
  > set lr multistep:.2,warmup=x
  > set lr multistep:
  > set lr 0@0 1@1 2@2 3@3 4@4 5@5 6@6 7@7 8@8 9@9 10@10 11@11 12@12 13@13 14@14 15@15 16@16
  > END
  : set lr .05; set lr 100; set lr 100.1
  lr multistep:0.1 -> 0.05
  lr 0.05 -> 100
  saddle: set: lr: 100.1 is not in 0..100
  [exit 1]
  : set lr -.1
  saddle: set: lr: -0.1 is not in 0..100
  [exit 1]
  : set lr fast
  saddle: set: lr: 'fast' is not a schedule; accepted: 0.1, 0.05@0 0.1@5, linear:A..B, cosine:A, multistep:A
  [exit 1]
  : set lr ''
  saddle: set: lr: a value is missing; accepted: 0.1, 0.05@0 0.1@5, linear:A..B, cosine:A, multistep:A
  [exit 1]
  : set lr =
  saddle: set: lr: '=' is for rho_drw only (as rho)
  [exit 1]
  : set rho_drw .2; set rho_drw =; set rho =
  rho_drw = -> 0.2
  rho_drw 0.2 -> =
  saddle: set: rho: '=' is for rho_drw only (as rho)
  [exit 1]
  : set rho auto; set rho auto:.01; set rho auto:1; set rho auto:.0099
  rho 0.05 -> auto
  rho auto -> auto:0.01
  rho auto:0.01 -> auto:1
  saddle: set: rho: auto begins at 0.01..1, and not at 0.0099
  [exit 1]
  : set rho auto:1.01
  saddle: set: rho: auto begins at 0.01..1, and not at 1.01
  [exit 1]
  : set rho auto:x
  saddle: set: rho: 'x' is not a number
  [exit 1]
  : set rho_drw auto
  saddle: set: rho_drw: 'auto' is for rho only
  [exit 1]
  : set lr auto
  saddle: set: lr: 'auto' is for rho only
  [exit 1]
  : set lr 0.05@0 0.1@5 0.5@60; set lr .05@1 .1@5
  lr multistep:0.1 -> 0.05@0 0.1@5 0.5@60
  saddle: set: lr: the first value must hold from epoch 0 on, like 0.05@0
  [exit 1]
  : set lr .05@0 .1@0
  saddle: set: lr: epoch 0 does not come after epoch 0
  [exit 1]
  : set lr .05@0 .1@6 .2@5
  saddle: set: lr: epoch 5 does not come after epoch 6
  [exit 1]
  : set lr .05@0 .1@5.5
  saddle: set: lr: epoch 5.5: a whole number from 0 on is needed
  [exit 1]
  : set lr .05@0 .1@-1
  saddle: set: lr: epoch -1: a whole number from 0 on is needed
  [exit 1]
  : set lr .05@0 .1
  saddle: set: lr: '.1': VALUE@EPOCH is needed, like 0.1@5
  [exit 1]
  : set lr .05@0 200@5
  saddle: set: lr: 200 is not in 0..100
  [exit 1]
  : set lr .05@0 .1@1000000; set lr .05@0 .1@1000001
  lr multistep:0.1 -> 0.05@0 0.1@1e+06
  saddle: set: lr: epoch 1000001: a whole number from 0 on is needed
  [exit 1]
  : set lr linear:.05..0.8; set lr linear:.05..0.8@30; set lr linear:.05
  lr multistep:0.1 -> linear:0.05..0.8
  lr linear:0.05..0.8 -> linear:0.05..0.8@30
  saddle: set: lr: '.05': linear needs two values, like linear:0.05..0.8
  [exit 1]
  : set lr linear:1..101
  saddle: set: lr: 101 is not in 0..100
  [exit 1]
  : set lr linear:..1
  saddle: set: lr: '' is not a number
  [exit 1]
  : set lr linear:1..2@0
  saddle: set: lr: '1..2@0': over how many epochs? 1 and more are accepted
  [exit 1]
  : set lr linear:1..2@1; set lr linear:1..2@1.5
  lr multistep:0.1 -> linear:1..2@1
  saddle: set: lr: epoch 1.5: a whole number from 0 on is needed
  [exit 1]
  : set lr cosine:.1; set lr cosine:.1..0.01; set lr cosine:.1@50; set lr cosine:.1..x
  lr multistep:0.1 -> cosine:0.1
  lr cosine:0.1 -> cosine:0.1..0.01
  lr cosine:0.1..0.01 -> cosine:0.1@50
  saddle: set: lr: 'x' is not a number
  [exit 1]
  : set lr cosine:
  saddle: set: lr: '' is not a number
  [exit 1]
  : set lr multistep:.2; set lr multistep:.2,warmup=5,160:0.01,180:0.0001; set lr multistep:.2,warmup=4,160:0.01,180:0.0001
  lr multistep:0.1 -> multistep:0.2
  lr is multistep:0.2 already
  lr multistep:0.2 -> multistep:0.2,warmup=4,160:0.01,180:0.0001
  : set lr multistep:.2,10:.5; set lr multistep:.2,warmup=3; set lr multistep:.2,warmup=3,3:.5; set lr multistep:.2,warmup=3,2:.5
  lr multistep:0.1 -> multistep:0.2,10:0.5
  lr multistep:0.2,10:0.5 -> multistep:0.2,warmup=3
  lr multistep:0.2,warmup=3 -> multistep:0.2,warmup=3,3:0.5
  saddle: set: lr: epoch 2 lies within the warm-up of 3 epochs
  [exit 1]
  : set lr multistep:.2,10:501
  saddle: set: lr: 0.2 x 501 = 100.2 is not in 0..100
  [exit 1]
  : set lr multistep:.2,10:500; set lr multistep:.2,10
  lr multistep:0.1 -> multistep:0.2,10:500
  saddle: set: lr: '10': warmup=N or EPOCH:FACTOR is needed, like 160:0.01
  [exit 1]
  : set lr multistep:.2,10:.5,10:.1
  saddle: set: lr: epoch 10 does not come after epoch 10
  [exit 1]
  : set lr multistep:.2,warmup=x
  saddle: set: lr: 'x' is not a number
  [exit 1]
  : set lr multistep:
  saddle: set: lr: '' is not a number
  [exit 1]
  : set lr 0@0 1@1 2@2 3@3 4@4 5@5 6@6 7@7 8@8 9@9 10@10 11@11 12@12 13@13 14@14 15@15 16@16
  saddle: set: lr: more than 16 points
  [exit 1]
  $ each <<'END'
  > set lr /2; set lr x4; set lr /0
  > set batch /4; set batch x1.5; set batch /5
  > set batch x32; set batch x2
  > set batch x86
  > set batch x1000000; set batch x1000001
  > set rho x-1
  > set rho x0
  > set lr .05@0 0.1@5; set lr /3; set lr x3
  > set lr linear:1..2; set lr x2; set lr cosine:.4; set lr /4; set rho auto:.2; set rho x2
  > set lr x1001
  > set rho_drw x2
  > set augment x2
  > set loss /2
  > set data_path /2; set data_path x2
  > set opt xyz
  > END
  : set lr /2; set lr x4; set lr /0
  lr multistep:0.1 -> multistep:0.05
  lr multistep:0.05 -> multistep:0.2
  saddle: set: lr '/0': /2 and x1.5 are accepted, of numbers above 0 up to 1000000
  [exit 1]
  : set batch /4; set batch x1.5; set batch /5
  batch 128 -> 32
  batch 32 -> 48
  saddle: set: batch: 9.6 is not whole; 1..4096 is accepted
  [exit 1]
  : set batch x32; set batch x2
  batch 128 -> 4096
  saddle: set: batch: 8192 is not in 1..4096
  [exit 1]
  : set batch x86
  saddle: set: batch: 11008 is not in 1..4096
  [exit 1]
  : set batch x1000000; set batch x1000001
  saddle: set: batch: 128000000 is not in 1..4096
  [exit 1]
  : set rho x-1
  saddle: set: rho: 'x-1' is not a schedule; accepted: 0.1, 0.05@0 0.1@5, linear:A..B, cosine:A, multistep:A
  [exit 1]
  : set rho x0
  saddle: set: rho 'x0': /2 and x1.5 are accepted, of numbers above 0 up to 1000000
  [exit 1]
  : set lr .05@0 0.1@5; set lr /3; set lr x3
  lr multistep:0.1 -> 0.05@0 0.1@5
  lr 0.05@0 0.1@5 -> 0.0166666666667@0 0.0333333333333@5
  lr 0.0166666666667@0 0.0333333333333@5 -> 0.0500000000001@0 0.0999999999999@5
  : set lr linear:1..2; set lr x2; set lr cosine:.4; set lr /4; set rho auto:.2; set rho x2
  lr multistep:0.1 -> linear:1..2
  lr linear:1..2 -> linear:2..4
  lr linear:2..4 -> cosine:0.4
  lr cosine:0.4 -> cosine:0.1
  rho 0.05 -> auto:0.2
  rho auto:0.2 -> auto:0.4
  : set lr x1001
  saddle: set: lr: 100.1 is not in 0..100
  [exit 1]
  : set rho_drw x2
  saddle: set: rho_drw: it follows another knob and has no value of its own to change; a number is accepted
  [exit 1]
  : set augment x2
  saddle: set: augment is no number, so 'x2' means nothing for it
  [exit 1]
  : set loss /2
  saddle: set: loss is no number, so '/2' means nothing for it
  [exit 1]
  : set data_path /2; set data_path x2
  data_path '' -> /2
  data_path /2 -> x2
  : set opt xyz
  saddle: set: opt: unknown value 'xyz'; accepted: sgd sam asam pgd lpf usam imbsam focalsam blend ssesam gsam wsam fsam looksam msam esam ccsam
  [exit 1]
