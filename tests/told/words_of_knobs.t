Knobs whose values are words, switches or texts: what is taken, how it is written again, and what is refused.

  $ . $TOLD/setup.sh
  $ saddle -c 'show'
  set up: demo, resnet32, ce, 200 epochs
  $ saddle -c 'show config'
  data             demo
  data_path        '' path
  classes          0 classes
  list_root        '' path
  list_test        '' path
  list_val         '' path
  list_names       '' path
  picture_size     64 pixels
  picture_resize   0 pixels
  picture_decode   exact
  picture_bad      stop
  picture_memory   1024 MiB
  imbalance        exp
  beta             100
  subset_seed      0
  groups           paper
  val              0 images
  val_from         kept
  augment          on
  shuffle          on
  crop             pad
  jitter           0
  sampler          instance
  sampler_power    0
  sampler_epochs   200 epochs
  resample         off
  model            resnet32
  head             auto
  seed             0
  device           cpu
  math             fp32
  eval_math        fp32
  threads          1
  loss             ce
  weights          none
  drw              160 epochs
  beta_en          0.9999
  reduction        weighted-mean
  margin           0.5
  ldam_s           30
  focal_gamma      1
  vs_gamma         0.05
  tau              0.75
  ib_start         100 epochs
  ib_alpha         1000
  ib_factor        through
  opt              sgd
  lr               multistep:0.1
  rho              0.05
  rho_drw          =
  momentum         0.9
  weight_decay     0.0002
  nesterov         off
  bn_second_pass   update
  sam_from         0 epochs
  sam_every        1 steps
  gauge_every      10 steps
  tail_below       0 images
  tail_gain        1
  sam_share        0.5
  sam_focus        3
  rho_head         0.05
  head_until       0.7
  asam_eta         0
  gsam_alpha       0.4
  wsam_gamma       0.9
  wsam_form        decoupled
  fsam_sigma       1
  fsam_lambda      0.9
  fsam_form        source
  looksam_k        10 steps
  looksam_alpha    0.7
  looksam_form     global
  msam_m           4
  esam_beta        0.6
  esam_gamma       0.5
  esam_form        tensor
  ccsam_a          1e-06
  ccsam_phi        0.3
  ccsam_cap        1
  pgd_sigma        0.0001
  pgd_where        gradient
  lpf_m            8
  lpf_gamma        0.001
  stage            none
  stage_epochs     30 epochs
  stage_lr         multistep:0.1,warmup=5,10:0.1,20:0.01
  stage_weight_decay 0.0005
  stage_rho        0
  stage_sampler    class-aware
  stage_norm       shifted
  stage_loss       ce
  stage_augment    on
  epochs           200 epochs
  steps            0 steps
  batch            128 images
  eval_every       1 epochs
  snapshot_every   1 epochs
  snapshot_seconds 60 s
  on_nan           pause
  hessian_every    1 epochs
  hessian_iters    40
  hessian_images   128 images
  hessian_vectors  1
  hessian_tol      0.01
  budget           0.1
  fps              4 frames/s
  color            auto
  theme            auto
  glyphs           auto
  mouse            off
  esc_ms           25 ms
  $ saddle -c 'set jitter .25; set eval_every 2; set mouse on; show diff'
  jitter 0 -> 0.25
  eval_every 1 -> 2
  mouse off -> on
  jitter           0.25
  device           cpu
  threads          1
  eval_every       2 epochs
  mouse            on
  $ saddle -c 'show diff'
  device           cpu
  threads          1
  $ each <<'END'
  > set data cifar
  > set sampler classaware
  > set crop resize
  > set loss LDAM
  > set weights invers
  > set opt asm
  > set stage crl
  > set color 256; set color 16
  > set theme light; set theme bright
  > set augment off; set augment no
  > set nesterov ON
  > set mouse on; set mouse 1
  > set groups shots; set groups ''; set groups 0-2/3-6/7-9
  > set groups 0-2/4-6/7-9
  > set device gpu
  > set data_path '/a b'; set data_path ''
  > set imb step; set optimizer sam; set wd 1e-3; set drw_epoch 5; set rand_number 3; set batch_size 64; set max_steps 9
  > set start_ib_epoch 3; set stage_wd 0; set root x
  > set rho_drv 1
  > set bath 64
  > set batch 64.5
  > set batch 1e2; set batch 1k
  > set beta 50%; set momentum 50%
  > set jitter 5%; set jitter 1e-300; set jitter nan
  > set jitter inf
  > set jitter 0x1
  > set tau +.5; set tau -0; set tau .
  > set rho=.3
  > set rho= .3
  > set rho=
  > set
  > set rho
  > set nothing
  > set "a long text that is no knob at all"
  > END
  : set data cifar
  saddle: set: data: unknown value 'cifar'; did you mean 'cifar10'? accepted: demo cifar10 cifar100 tensors folder list
  [exit 1]
  : set sampler classaware
  saddle: set: sampler: unknown value 'classaware'; did you mean 'class-aware'? accepted: instance class-aware square-root progressive weighted
  [exit 1]
  : set crop resize
  saddle: set: crop: unknown value 'resize'; did you mean 'resized'? accepted: pad resized
  [exit 1]
  : set loss LDAM
  saddle: set: loss: unknown value 'LDAM'; did you mean 'ldam'? accepted: ce focal ldam vs la ib ib-focal
  [exit 1]
  : set weights invers
  saddle: set: weights: unknown value 'invers'; did you mean 'inverse'? accepted: none effective inverse
  [exit 1]
  : set opt asm
  saddle: set: opt: unknown value 'asm'; did you mean 'sam'? accepted: sgd sam asam pgd lpf usam imbsam focalsam blend ssesam gsam wsam fsam looksam msam esam ccsam
  [exit 1]
  : set stage crl
  saddle: set: stage: unknown value 'crl'; did you mean 'crt'? accepted: none crt lws ccsam
  [exit 1]
  : set color 256; set color 16
  color auto -> 256
  saddle: set: color: unknown value '16'; accepted: auto never always 8 256
  [exit 1]
  : set theme light; set theme bright
  theme auto -> light
  saddle: set: theme: unknown value 'bright'; did you mean 'light'? accepted: auto dark light mono
  [exit 1]
  : set augment off; set augment no
  augment on -> off
  saddle: set: augment: 'no' is neither on nor off
  [exit 1]
  : set nesterov ON
  saddle: set: nesterov: 'ON' is neither on nor off
  [exit 1]
  : set mouse on; set mouse 1
  mouse off -> on
  saddle: set: mouse: '1' is neither on nor off
  [exit 1]
  : set groups shots; set groups ''; set groups 0-2/3-6/7-9
  groups paper -> shots
  groups shots -> ''
  groups '' -> 0-2/3-6/7-9
  : set groups 0-2/4-6/7-9
  groups paper -> 0-2/4-6/7-9
  : set device gpu
  device cpu -> gpu
  : set data_path '/a b'; set data_path ''
  data_path '' -> /a b
  data_path /a b -> ''
  : set imb step; set optimizer sam; set wd 1e-3; set drw_epoch 5; set rand_number 3; set batch_size 64; set max_steps 9
  imbalance exp -> step
  opt sgd -> sam
  weight_decay 0.0002 -> 0.001
  drw 160 -> 5
  subset_seed 0 -> 3
  batch 128 -> 64
  steps 0 -> 9
  : set start_ib_epoch 3; set stage_wd 0; set root x
  ib_start 100 -> 3
  stage_weight_decay 0.0005 -> 0
  data_path '' -> x
  : set rho_drv 1
  saddle: set: unknown knob 'rho_drv'; did you mean 'rho_drw'?
  [exit 1]
  : set bath 64
  saddle: set: unknown knob 'bath'; did you mean 'math'?
  [exit 1]
  : set batch 64.5
  saddle: set: batch: 64.5 is not whole; 1..4096 is accepted
  [exit 1]
  : set batch 1e2; set batch 1k
  batch 128 -> 100
  saddle: set: batch: '1k' is not a whole number in 1..4096
  [exit 1]
  : set beta 50%; set momentum 50%
  saddle: set: beta: 50% is not in 1..100000
  [exit 1]
  : set jitter 5%; set jitter 1e-300; set jitter nan
  jitter 0 -> 0.05
  jitter 0.05 -> 1e-300
  saddle: set: jitter: 'nan' is not a number in 0..1
  [exit 1]
  : set jitter inf
  saddle: set: jitter: 'inf' is not a number in 0..1
  [exit 1]
  : set jitter 0x1
  saddle: set: jitter: '0x1' is not a number in 0..1
  [exit 1]
  : set tau +.5; set tau -0; set tau .
  tau 0.75 -> 0.5
  tau 0.5 -> 0
  saddle: set: tau: '.' is not a number in 0..10
  [exit 1]
  : set rho=.3
  saddle: set: a blank parts knob and value; did you mean 'set rho .3'?
  [exit 1]
  : set rho= .3
  saddle: set: a blank parts knob and value; did you mean 'set rho .3'?
  [exit 1]
  : set rho=
  saddle: set: a blank parts knob and value; did you mean 'set rho VALUE'?
  [exit 1]
  : set
  saddle: set: nothing given; usage: set KNOB VALUE|/N|xN [at epoch N | in N epochs | if METRIC > X] [--force]
  [exit 1]
  : set rho
  saddle: set: rho to what? SAM's radius. auto, or auto:0.1 to begin there: moved while training by what the watched classes of the tail and the head's accuracy say, between 0.01 and 1, each move recorded with its numbers (by auto); in a new run it begins at 0.05, in a running one where it is. Training waits for those spectra, every hessian_every epochs
  [exit 1]
  : set nothing
  saddle: set: unknown knob 'nothing'; 'show' lists them
  [exit 1]
  : set "a long text that is no knob at all"
  saddle: set: unknown knob 'a long text that is no knob at all'; 'show' lists them
  [exit 1]
