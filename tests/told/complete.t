What Tab offers, at every place of a line. The shells ask the same: `--complete` and the words so far.

  $ . $TOLD/setup.sh
  $ complete() { "$SADDLE" --complete "$@" 2>&1 | sed 's/\t/  |  /'; }
  $ line() { complete -c "$1"; }

Verbs: at the beginning, behind a semicolon, by their beginning, an exact one too.

  $ line '' | wc -l
  57
  $ line '' | sed -n '1,3p'
  alert  |  be told when a metric is past a limit, or have something done then
  alias  |  give a name to a command, or list the names
  cancel  |  take back a pending command
  $ line 'se'
  seed  |  choose the seed
  seek  |  move the replay, or the cursor of a comparison, to an epoch
  sessions  |  list recorded runs, newest first
  set  |  change a knob, now or later
  $ line 'set rho .1; st'
  set rho .1; stage  |  train the classifier once more at the end
  set rho .1; step  |  train N steps or epochs, then pause
  set rho .1; stop  |  end the run after this step
  $ line 'set rho .1 ; stop'
  set rho .1 ; stop  |  end the run after this step
  $ line 'set rho .1 '
  $ line 'nothing '
  $ line 'echo "open'

Knobs, their values, and when.

  $ line 'set hessian_'
  set hessian_every  |  1  0..100000
  set hessian_images  |  128  1..100000
  set hessian_iters  |  40  2..1000
  set hessian_tol  |  0.01  0..1
  set hessian_vectors  |  1  1..100
  $ line 'set l'
  set ldam_s  |  30  0.001..1000
  set list_names  |  path
  set list_root  |  path
  set list_test  |  path
  set list_val  |  path
  set looksam_alpha  |  0.7  0..100
  set looksam_form  |  global  global tensor
  set looksam_k  |  10  1..1000000
  set loss  |  ce  ce focal ldam vs la ib ib-focal
  set lpf_gamma  |  0.001  0..10
  set lpf_m  |  8  1..1024
  set lr  |  multistep:0.1  0..100
  $ line 'set weig'
  set weight_decay  |  0.0002  0..10
  set weights  |  none  none effective inverse
  $ line 'set weights '
  set weights effective
  set weights inverse
  set weights none
  $ line 'set weights e'
  set weights effective
  $ line 'set nesterov '
  set nesterov off
  set nesterov on
  $ line 'set rho '
  set rho 0.05
  set rho auto
  $ line 'set rho a'
  set rho at
  set rho auto
  $ line 'set rho .1 a'
  set rho .1 at
  $ line 'set rho .1 i'
  set rho .1 if
  set rho .1 in
  $ line 'set rho .1 at '
  set rho .1 at epoch
  set rho .1 at step
  $ line 'set rho .1 at e'
  set rho .1 at epoch
  $ line 'set rho .1 in 5 '
  set rho .1 in 5 epochs
  set rho .1 in 5 steps
  $ line 'set rho .1 if '
  set rho .1 if acc
  set rho .1 if head
  set rho .1 if lmin:
  set rho .1 if loss
  set rho .1 if mid
  set rho .1 if tail
  $ line 'set rho .1 if t'
  set rho .1 if tail
  $ line 'set rho a; set drw '
  set rho a; set drw 160
  $ line 'set d'
  set data  |  demo  demo cifar10 cifar100 tensors folder list
  set data_path  |  path
  set device  |  auto  
  set drw  |  160  0..100000
  set drw_epoch
  $ line 'set device ' | grep -v cuda # which only some builds have
  set device auto
  set device cpu
  set device reference
  $ line 'set device c' | grep -v cuda
  set device cpu
  $ line 'seed '
  seed 0
  $ line 'pause a'
  pause at
  $ line 'train a'

Words of commands, the options behind them and what those take.

  $ line 'step '
  $ line 'step 3 '
  step 3 epochs
  step 3 steps
  $ line 'load '
  load weights
  $ line 'show a'
  show asam_eta  |  0  0..1
  show augment  |  on  on off
  $ line 'show augment '
  $ line 'sort '
  sort acc
  sort delta
  sort lmin
  sort n
  sort name
  $ line 'slice 9 '
  slice 9 random:1
  slice 9 v_max
  slice 9 v_min
  $ line 'wait '
  wait epoch
  wait step
  wait until
  $ line 'wait epoch '
  $ line 'zoom '
  zoom classes
  zoom cnc
  zoom confused
  zoom curvature
  zoom events
  zoom host
  zoom margins
  zoom reading
  zoom slice
  zoom spectra
  zoom spectrum
  zoom traces
  $ line 'help TA'
  $ line 'help bet'
  help beta  |  100  1..100000
  help beta_en  |  0.9999  0..0.99999999
  $ line 'loss '
  loss ce
  loss focal
  loss ib
  loss ib-focal
  loss la
  loss ldam
  loss vs
  $ line 'loss vs --'
  loss vs --drw=
  loss vs --gamma=
  loss vs --margin=
  loss vs --reduction=
  loss vs --scale=
  loss vs --tau=
  loss vs --weights=
  $ line 'loss vs --dr'
  loss vs --drw=
  $ line 'loss vs --weights '
  loss vs --weights effective
  loss vs --weights inverse
  loss vs --weights none
  $ line 'loss vs --weights=e'
  loss vs --weights=effective
  $ line 'loss vs --gamma '
  $ line 'loss --weights effective l'
  loss --weights effective la
  loss --weights effective ldam
  $ line 'opt sam --nesterov '
  $ line 'train --no'
  train --no-augment
  train --no-record
  $ line 'hessian --like '
  hessian --like pyhessian
  $ line 'hessian --like py'
  hessian --like pyhessian
  $ line 'sweep --early '
  sweep --early median
  $ line 'cancel '
  $ line 'undo '
  $ line 'undo --'

Axes of a sweep.

  $ line 'sweep rh'
  sweep rho=
  sweep rho_drw=
  sweep rho_head=
  $ line 'sweep l' | tr '\n' ' '
  sweep ldam_s= sweep looksam_alpha= sweep looksam_form= sweep looksam_k= sweep loss= sweep lpf_gamma= sweep lpf_m= sweep lr=  (no-eol)
  $ line 'sweep weights='
  sweep weights=effective
  sweep weights=inverse
  sweep weights=none
  $ line 'sweep weights=none,e'
  sweep weights=none,effective
  $ line 'sweep weights=none lo'
  sweep weights=none looksam_alpha=
  sweep weights=none looksam_form=
  sweep weights=none looksam_k=
  sweep weights=none loss=
  $ line 'sweep rho='
  sweep rho=0.05
  sweep rho=auto
  $ line 'sweep rho=.1,a'
  sweep rho=.1,auto
  $ line 'sweep se'

Classes are offered when they are known without loading anything.

  $ line 'hessian '
  $ line 'hessian a'
  hessian at
  $ line 'why 9'
  $ line 'compare --metric ' | sed 's/^compare --metric //' | paste -sd' ' | fold -s -w 140
  acc loss train_loss train_acc lr rho drw acc: loss: train_loss: step_loss step_gn step_lr step_rho step_rise step_rho_gn step_rho_wn 
  step_cos lmin: lmax: lmin_residual: lmax_residual: probe_loss: probe_iters: probe_seconds: trace: trace_se: amplification: cnc_a2: 
  cnc_linear_ratio: cnc_unnormalised_ratio: cnc_sam_ratio: cnc_linear_low: cnc_unnormalised_low: cnc_sam_low: cnc_linear_high: 
  cnc_unnormalised_high: cnc_sam_high: cnc_linear_predicted: cnc_unnormalised_predicted: cnc_sam_predicted: margins_mean: margins_worst: 
  margins_below:
