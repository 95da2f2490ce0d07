What Tab offers of what lies on the disk: recordings, their moments, sweeps, files, recipes. And what a shell asks.

  $ . $TOLD/setup.sh
  $ complete() { "$SADDLE" --complete "$@" 2>&1 | sed 's/\t/  |  /'; }
  $ line() { complete -c "$1"; }

Recordings, their moments and sweeps.

  $ mkdir recordings && cp -r $top/tests/golden/sam.saddle $top/tests/golden/sgd.saddle $top/tests/golden/drw.saddle recordings
  $ touch -d @1000 recordings/sam.saddle recordings/sam.saddle/*; touch -d @3000 recordings/drw.saddle recordings/drw.saddle/*
  $ touch -d @2000 recordings/sgd.saddle recordings/sgd.saddle/*
  $ export SADDLE_SESSIONS=$PWD/recordings
  $ line 'replay '
  replay drw  |  r3fcef: demo-lt beta=1000, ce+drw+sam rho 0.05, broken off at epoch 1.333, step 9, acc 10.00 tail 0.00, 1970-01-01 00:50
  replay sgd  |  ra0dd8: demo-lt beta=1000, ce, finished at epoch 2.333, step 14, 1970-01-01 00:33
  replay sam  |  r8d858: demo-lt beta=1000, ce+drw+sam rho 0.08, finished at epoch 3, step 18, 1970-01-01 00:16
  $ line 'replay s'
  replay sgd  |  ra0dd8: demo-lt beta=1000, ce, finished at epoch 2.333, step 14, 1970-01-01 00:33
  replay sam  |  r8d858: demo-lt beta=1000, ce+drw+sam rho 0.08, finished at epoch 3, step 18, 1970-01-01 00:16
  $ line 'fork sam@'
  fork sam@s0003  |  ep 3.0  step 18
  fork sam@best
  fork sam@last
  $ line 'fork sam@b'
  fork sam@best
  $ line 'fork nothere@'
  $ line 'stage crt --from s'
  stage crt --from sam  |  r8d858: demo-lt beta=1000, ce+drw+sam rho 0.08, finished at epoch 3, step 18, 1970-01-01 00:16
  stage crt --from sgd  |  ra0dd8: demo-lt beta=1000, ce, finished at epoch 2.333, step 14, 1970-01-01 00:33
  $ printf '# a\nset data demo\nsweep rho=0.1,0.2 --seeds 1 --name grid\n' >recordings/grid.sweep
  $ printf 'sweep weights=none --seeds 1 --name \033[31m\n' >recordings/odd.sweep
  $ line 'sweep ' | sed 's/^sweep //' | paste -sd' ' | fold -s -w 140
  asam_eta= augment= batch= beta= beta_en= bn_second_pass= budget= ccsam_a= ccsam_cap= ccsam_phi= classes= crop= data= drw= epochs= 
  esam_beta= esam_form= esam_gamma= eval_every= eval_math= focal_gamma= fsam_form= fsam_lambda= fsam_sigma= gauge_every= grid  |  sweep 
  rho=0.1,0.2 --seeds 1 --name grid gsam_alpha= head= head_until= hessian_every= hessian_images= hessian_iters= hessian_tol= hessian_vectors= 
  ib_alpha= ib_factor= ib_start= imbalance= jitter= ldam_s= looksam_alpha= looksam_form= looksam_k= loss= lpf_gamma= lpf_m= lr= margin= math= 
  model= momentum= msam_m= nesterov= odd  |  sweep weights=none --seeds 1 --name \xef\xbf\xbd[31m on_nan= opt= pgd_sigma= pgd_where= picture_bad=  (esc)
  picture_decode= picture_memory= picture_resize= picture_size= reduction= resample= rho= rho_drw= rho_head= sam_every= sam_focus= sam_from= 
  sam_share= sampler= sampler_epochs= sampler_power= shuffle= snapshot_every= snapshot_seconds= stage= stage_augment= stage_epochs= 
  stage_loss= stage_lr= stage_norm= stage_rho= stage_sampler= stage_weight_decay= steps= subset_seed= tail_below= tail_gain= tau= val= 
  val_from= vs_gamma= weight_decay= weights= wsam_form= wsam_gamma=
  $ line 'sweep g'
  sweep gauge_every=
  sweep grid  |  sweep rho=0.1,0.2 --seeds 1 --name grid
  sweep gsam_alpha=
So many runs are told of, and named alone when there are more.

  $ for i in $(seq 10 50); do cp -r recordings/sgd.saddle recordings/many-$i.saddle; done; touch -d @500 recordings/many-*/*
  $ line 'replay many-' | sort | sed -n '1p;$='
  replay many-10
  41
  $ rm -r recordings/many-50.saddle
  $ line 'replay many-' | sort | sed -n '1p;$='
  replay many-10  |  ra0dd8: demo-lt beta=1000, ce, finished at epoch 2.333, step 14, 1970-01-01 00:08
  40
  $ unset SADDLE_SESSIONS
  $ complete --sessions recordings replay s
  sgd  |  ra0dd8: demo-lt beta=1000, ce, finished at epoch 2.333, step 14, 1970-01-01 00:33
  sam  |  r8d858: demo-lt beta=1000, ce+drw+sam rho 0.08, finished at epoch 3, step 18, 1970-01-01 00:16
  $ complete --sessions=recordings replay sg
  sgd  |  ra0dd8: demo-lt beta=1000, ce, finished at epoch 2.333, step 14, 1970-01-01 00:33
  $ complete --sessions recordings --sessions=. replay sg
  $ complete --sessions recordings view d
  drw  |  r3fcef: demo-lt beta=1000, ce+drw+sam rho 0.05, broken off at epoch 1.333, step 9, acc 10.00 tail 0.00, 1970-01-01 00:50
  $ complete --sessions recordings info sam@
  $ complete --sessions recordings rm gr
  grid  |  sweep rho=0.1,0.2 --seeds 1 --name grid

Files: a slash behind folders, hidden ones where a dot is typed, ~ as it was typed.

  $ mkdir -p files/sub files/.hid && touch files/sun files/.h2 files/other 'files/two words'
  $ line 'source files/'
  source files/other
  source files/sub/
  source files/sun
  source files/two words
  $ line 'source files/su'
  source files/sub/
  source files/sun
  $ line 'source files/.'
  source files/../
  source files/./
  source files/.h2
  source files/.hid/
  $ line 'source ~/files/su'
  source ~/files/sub/
  source ~/files/sun
  $ line 'source "files/tw'
  $ line 'source files/nothere/'
  $ line 'data tensors files/s'
  data tensors files/sub/
  data tensors files/sun
  $ line 'data demo --root fil'
  data demo --root files/
  $ line 'data demo --root=fil'
  data demo --root=files/
  $ complete source files/t
  files/two words

Recipes.

  $ line 'preset d'
  preset decoupled/cifar10-lt/crt
  preset decoupled/cifar10-lt/lws
  preset demo
  $ line 'preset paper/cifar10-lt/v'
  preset paper/cifar10-lt/vs
  preset paper/cifar10-lt/vs+sam
  $ line 'preset demo --b'
  preset demo --beta=

What a shell asks: options of the command line, sub-commands, words of theirs.

  $ complete --s
  --sessions=  |  where recorded runs are
  --size=  |  size of the screen instead of the terminal's
  --short-help  |  one screen of help
  $ complete --d
  --do=  |  run these commands first, then go on as usual
  --dry-run  |  with run, reproduce or -c: check every line and print the plan, train nothing
  --device=  |  what computes: auto, cuda, cuda:N, cpu, reference
  $ complete - | sed 's/  |.*//' | paste -sd' ' | fold -s -w 140
  --command= --do= --dry-run --config= --no-config --sessions= --root= --force --device= --threads= --color= --glyphs= --fps= --size= 
  --no-screen --log= --log-file= --timeout= --json --yes --readonly --quiet --verbose --short-help --help --version
  $ complete -- --no-c
  --no-config  |  read no saddlerc
  $ complete re
  resume  |  go on from the last snapshot
  replay  |  look at a recorded run
  reproduce  |  run rows of the paper's tables and figures, its numbers beside ours
  $ complete --device ''
  $ complete --device cpu re
  resume  |  go on from the last snapshot
  replay  |  look at a recorded run
  reproduce  |  run rows of the paper's tables and figures, its numbers beside ours
  $ complete -c 'set rho .1' re
  resume  |  go on from the last snapshot
  replay  |  look at a recorded run
  reproduce  |  run rows of the paper's tables and figures, its numbers beside ours
  $ complete completion ''
  bash
  zsh
  fish
  $ complete completion z
  zsh
  $ complete sessions --s
  --sort=
  --sessions=  |  where recorded runs are
  --size=  |  size of the screen instead of the terminal's
  --short-help  |  one screen of help
  $ complete export ''
  csv
  jsonl
  script
  tex
  md
  tensorboard
  svg
  png
  safetensors
  bundle
  screen
  $ complete export svg out.svg sam --what ''
  spectra
  density
  lambda
  slice
  cnc
  reading
  margins
  acc
  loss
  traces
  confusion
  $ complete run files/s
  $ complete doctor ''
  $ complete nothing ''
  $ complete
  run  |  a script, wait for the end of the run
  resume  |  go on from the last snapshot
  fork  |  make a new run that goes on from any moment of a recorded one
  replay  |  look at a recorded run
  view  |  follow a run that another process records, read-only
  attach  |  take a run over that another process records: its screen, from where it is steered
  ctl  |  hand a command to the process that records a run, and print its answer
  sessions  |  list recorded runs
  info  |  what is known about a run
  compare  |  lay recorded runs beside each other
  sweep  |  train every combination of some knobs' values, and rank them
  reproduce  |  run rows of the paper's tables and figures, its numbers beside ours
  verify  |  check every checksum of a run
  cat  |  print the verified events of a run as JSON Lines
  export  |  write a run to a file
  import  |  make a session of a packed one
  completion  |  print a completion script for a shell
  doctor  |  what can compute here: devices, driver and libraries found and missing
