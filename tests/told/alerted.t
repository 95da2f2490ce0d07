Alerts: how they are set, listed and dropped, what is refused, when they are raised and what they do then.

  $ . $TOLD/setup.sh
  $ little
  $ saddle -c "alert if acc > 60; alert if tail<5 for 10 epochs; alert if lmin:9 < -1 for .5 epochs then hessian 9 --level note; alert if loss > 1e3 then 'pause; note up' --level error; alert; alert off 2; alert; alert if mid < 1; alert; alert off; alert"
  alert 1: acc > 60
  alert 2: tail < 5 for 10 epochs
  alert 3: lmin:9 < -1 for 0.5 epochs then hessian 9
  alert 4: loss > 1000 then pause; note up
  1: acc > 60
  2: tail < 5 for 10 epochs
  3: lmin:9 < -1 for 0.5 epochs then hessian 9
  4: loss > 1000 then pause; note up
  1: acc > 60
  3: lmin:9 < -1 for 0.5 epochs then hessian 9
  4: loss > 1000 then pause; note up
  alert 5: mid < 1
  1: acc > 60
  3: lmin:9 < -1 for 0.5 epochs then hessian 9
  4: loss > 1000 then pause; note up
  5: mid < 1
  no alerts; 'alert if tail < 5 for 10 epochs' sets one
  $ each <<'END'
  > alert if
  > alert when acc > 5
  > alert if acc
  > alert if acc > 5 for
  > alert if acc > 5 for 3
  > alert if acc > 5 for x epochs
  > alert if acc > 5 for 3 steps
  > alert if acc > 5 for 1000000 epochs; alert if acc > 5 for 1000001 epochs
  > alert if acc > 5 for -1 epochs
  > alert if acc > 5 then
  > alert if acc > 5 then train
  > alert if acc > 5 then alert off
  > alert if acc > 5 then sett rho 1
  > alert if acc > 5 then 'pause; quit'
  > alert if acc > 5 --level loud
  > alert off 0
  > alert off 33
  > alert off x
  > alert off 1 2
  > alert if acc > 5; alert off 1; alert off 1
  > END
  : alert if
  saddle: alert: a condition is 'METRIC > NUMBER' or 'METRIC < NUMBER', such as tail > 60
  [exit 1]
  : alert when acc > 5
  saddle: alert: usage: alert [if METRIC > X [for N epochs] [then COMMAND] [--level note|warning|error] | off [N]]
  [exit 1]
  : alert if acc
  saddle: alert: a condition is 'METRIC > NUMBER' or 'METRIC < NUMBER', such as tail > 60
  [exit 1]
  : alert if acc > 5 for
  saddle: alert: how long? 'for 10 epochs'
  [exit 1]
  : alert if acc > 5 for 3
  saddle: alert: how long? 'for 10 epochs'
  [exit 1]
  : alert if acc > 5 for x epochs
  saddle: alert: epochs 'x' is not a number
  [exit 1]
  : alert if acc > 5 for 3 steps
  saddle: alert: how long? 'for 10 epochs'
  [exit 1]
  : alert if acc > 5 for 1000000 epochs; alert if acc > 5 for 1000001 epochs
  alert 1: acc > 5 for 1e+06 epochs
  saddle: alert: epochs 1000001 is outside 0..1000000
  [exit 1]
  : alert if acc > 5 for -1 epochs
  saddle: alert: epochs -1 is outside 0..1000000
  [exit 1]
  : alert if acc > 5 then
  saddle: alert: then what? a command that steers a run, such as pause
  [exit 1]
  : alert if acc > 5 then train
  saddle: alert: 'train' cannot be done by an alert; what steers a run or measures can
  [exit 1]
  : alert if acc > 5 then alert off
  saddle: alert: 'alert' cannot be done by an alert; what steers a run or measures can
  [exit 1]
  : alert if acc > 5 then sett rho 1
  saddle: alert: unknown command 'sett'; did you mean 'set'?
  [exit 1]
  : alert if acc > 5 then 'pause; quit'
  saddle: alert: 'quit' cannot be done by an alert; what steers a run or measures can
  [exit 1]
  : alert if acc > 5 --level loud
  saddle: alert: level 'loud'; note, warning or error
  [exit 1]
  : alert off 0
  saddle: alert: number 0 is outside 1..32
  [exit 1]
  : alert off 33
  saddle: alert: number 33 is outside 1..32
  [exit 1]
  : alert off x
  saddle: alert: number 'x' is not a number
  [exit 1]
  : alert off 1 2
  saddle: alert: usage: alert [if METRIC > X [for N epochs] [then COMMAND] [--level note|warning|error] | off [N]]
  [exit 1]
  : alert if acc > 5; alert off 1; alert off 1
  alert 1: acc > 5
  saddle: alert: no alert 1; 'alert' lists them
  [exit 1]
  $ saddle -c "$little; set eval_every 1; alert if acc > 1 for 1 epochs then 'set on_nan stop'; alert if acc > 99 --level note; alert if tail > 0 for 2 epochs --level note; alert if head < 1; alert if loss > 0 --level error
  > train --epochs 9 --name f; wait; alert; show on_nan" | quiet | grep -vE '^eval|snapshot' | sed -E 's/from step [0-9]+ \(ep [0-9.]+\)/from step N/; s/step=.* set on_nan/step=N set on_nan/'
  alert 1: acc > 1 for 1 epochs then set on_nan stop
  alert 2: acc > 99
  alert 3: tail > 0 for 2 epochs
  alert 4: head < 1
  alert 5: loss > 0
  f: resnet8, ce on 19 images, 45 steps of 4
  error: alert 5: loss > 0: it is 0.7763 at epoch 1
  warning: alert 1: acc > 1 for 1 epochs: it is 80 at epoch 2
  alert: on_nan pause -> stop from step N; 'undo' reverts
  alert 3: tail > 0 for 2 epochs: it is 50 at epoch 3
  alert 2: acc > 99: it is 100 at epoch 5
  1: acc > 1 for 1 epochs then set on_nan stop  (raised)
  2: acc > 99
  3: tail > 0 for 2 epochs  (raised)
  4: head < 1
  5: loss > 0  (raised)
  on_nan stop*  (next run: pause)  (default pause) what a loss that is not finite does, before the update
  [exit 7]
  event step=0 ep=0.00 training
  event step=N set on_nan pause stop by=alarm
  event step=45 ep=9.00 finished all 45 steps are done
  event ... note alert 5: loss > 0: it is 0.7763 at epoch 1
  event ... note alert 1: acc > 1 for 1 epochs: it is 80 at epoch 2
  event ... note alert 3: tail > 0 for 2 epochs: it is 50 at epoch 3
  event ... note alert 2: acc > 99: it is 100 at epoch 5
  $ saddle -c "$little; set eval_every 1; alert if acc > 99; set lr 0; train --epochs 21 --name g" | quiet | grep -vE '^eval|note 3'
  alert 1: acc > 99
  lr multistep:0.1 -> 0
  g: resnet8, ce on 19 images, 105 steps of 4
  warning: 3 classes were never right for 20 epochs: 1, 2, 3
  event step=0 ep=0.00 training
  event step=105 ep=21.00 finished all 105 steps are done
  event step=105 ep=21.00 snapshot s0021 state=766b933ead6307efd00ae6fcae55b0565e0b35dcb066622168ae5643cf92a7fd
  $ python3 $TOLD/images.py five 3x8x8 2,2,2,2,2 1,1,1,1,1
  $ saddle -c "data tensors five; model resnet8; set batch 10; set hessian_every 0; set snapshot_seconds 0; set snapshot_every 0; unwatch; set lr 0; train --epochs 21 --no-record" | quiet | grep -vE '^eval|note'
  lr multistep:0.1 -> 0
  not recorded: resnet8, ce on 10 images, 21 steps of 10
  warning: 4 classes were never right for 20 epochs: 1, 2, 3 ...
  event step=0 ep=0.00 training
  event step=21 ep=21.00 finished all 21 steps are done
