What chooses data, network, loss, optimiser, stage, seed and device: what is listed, taken, told and refused.

  $ . $TOLD/setup.sh
  $ little
  $ saddle -c "model resnet20; model resnet20 --head norm; loss vs --gamma .2 --tau 1; loss focal --gamma 2; loss ldam --margin 1 --weights inverse --drw 3; show diff"
  model            resnet20
  head             norm
  device           cpu
  threads          1
  loss             ldam
  weights          inverse
  drw              3 epochs
  margin           1
  focal_gamma      2
  vs_gamma         0.2
  tau              1
  $ saddle -c "opt sam --rho .2 --lr .01 --momentum .5 --wd 0 --nesterov --rho_drw .3; seed 7; device reference; show diff; show"
  device reference: plain C in double precision: slow, the definition the other devices are checked against
  seed             7
  device           reference
  threads          1
  opt              sam
  lr               0.01
  rho              0.2
  rho_drw          0.3
  momentum         0.5
  weight_decay     0
  nesterov         on
  set up: demo, resnet32, ce+sam, 200 epochs
  $ each <<'END' | sed 's/, cuda, cuda:N, cpu, ref/, cpu, ref/' # some builds have cuda
  > model
  > loss
  > opt
  > seed
  > device
  > model resnet9
  > model resnet20 --head round
  > model resnet20 resnet32
  > loss cee
  > loss ce --gamma 2
  > loss ce --margin -1
  > loss ldam --weights some
  > opt sgdd
  > opt sam --rho 101
  > opt sam --wd 11
  > opt sam --foo 1
  > seed -1
  > seed 1.5
  > device gpu; train --no-record --steps 1
  > device cpu:1; train --no-record --steps 1
  > END
  : model
  saddle: model: nothing given; one of resnet8 resnet20 resnet32 resnet44 resnet56 resnet110 resnet18 resnet34 resnet50 resnext50; usage: model [NAME] [--head auto|linear|norm]
  [exit 1]
  : loss
  saddle: loss: nothing given; one of ce focal ldam vs la ib ib-focal; usage: loss [NAME] [--margin M] [--gamma G] [--tau T] [--weights RULE] [--drw N]
  [exit 1]
  : opt
  saddle: opt: nothing given; one of sgd sam asam pgd lpf usam imbsam focalsam blend ssesam gsam wsam fsam looksam msam esam ccsam; usage: opt [NAME] [--rho R] [--lr L] [--momentum M] [--wd W]
  [exit 1]
  : seed
  saddle: seed: nothing given; 0 to 4294967295; usage: seed [N]
  [exit 1]
  : device
  saddle: device: nothing given; auto, cuda, cuda:N, cpu or reference; usage: device [NAME]
  [exit 1]
  : model resnet9
  saddle: model: unknown value 'resnet9'; did you mean 'resnet8'? accepted: resnet8 resnet20 resnet32 resnet44 resnet56 resnet110 resnet18 resnet34 resnet50 resnext50
  [exit 1]
  : model resnet20 --head round
  saddle: model: head: unknown value 'round'; accepted: auto linear norm
  [exit 1]
  : model resnet20 resnet32
  saddle: model: 'resnet32' is too much; usage: model [NAME] [--head auto|linear|norm]
  [exit 1]
  : loss cee
  saddle: loss: unknown value 'cee'; did you mean 'ce'? accepted: ce focal ldam vs la ib ib-focal
  [exit 1]
  : loss ce --gamma 2
  saddle: loss: --gamma is for losses with an exponent (focal, vs), not for ce
  [exit 1]
  : loss ce --margin -1
  saddle: loss: margin: -1 is not in 0..100
  [exit 1]
  : loss ldam --weights some
  saddle: loss: weights: unknown value 'some'; did you mean 'none'? accepted: none effective inverse
  [exit 1]
  : opt sgdd
  saddle: opt: unknown value 'sgdd'; did you mean 'sgd'? accepted: sgd sam asam pgd lpf usam imbsam focalsam blend ssesam gsam wsam fsam looksam msam esam ccsam
  [exit 1]
  : opt sam --rho 101
  saddle: opt: rho: 101 is not in 0..100
  [exit 1]
  : opt sam --wd 11
  saddle: opt: weight_decay: 11 is not in 0..10
  [exit 1]
  : opt sam --foo 1
  saddle: opt: unknown option '--foo'; usage: opt [NAME] [--rho R] [--lr L] [--momentum M] [--wd W]
  [exit 1]
  : seed -1
  saddle: seed: -1 is not in 0..4294967295
  [exit 1]
  : seed 1.5
  saddle: seed: 1.5 is not whole; 0..4294967295 is accepted
  [exit 1]
  : device gpu; train --no-record --steps 1
  saddle: device: unknown device 'gpu'; known: auto, cpu, reference
  [exit 4]
  : device cpu:1; train --no-record --steps 1
  saddle: device: unknown device 'cpu:1'; known: auto, cpu, reference
  [exit 4]
  $ little; saddle -q -c "$little; train --epochs 2 --no-record --paused; opt"; saddle -q -c "$little; train --epochs 2 --no-record --paused; opt --momentum .5"
  saddle: opt: nothing given; one of sgd sam asam pgd lpf usam imbsam focalsam blend ssesam gsam wsam fsam looksam msam esam ccsam; usage: opt [NAME] [--rho R] [--lr L] [--momentum M] [--wd W]
  [exit 1]
  saddle: opt: nothing given; one of sgd sam asam pgd lpf usam imbsam focalsam blend ssesam gsam wsam fsam looksam msam esam ccsam; usage: opt [NAME] [--rho R] [--lr L] [--momentum M] [--wd W]
  [exit 1]
  $ saddle -c "$little; stage; stage crt --epochs 7 --lr .2 --wd 1e-3 --rho .1 --sampler instance --norm frozen --loss same --no-augment; opt sam; show stages; stage lws --at 9; show stages; stage none; show stages; stage ccsam; set weights inverse; set drw 4; set rho_drw .2; show stages; show diff" | quiet
    stage   from epoch  trains  differs from the first in
    first            0  all     -
    end            200
    stage   from epoch  trains  differs from the first in
    first            0  all     -
    crt            200  head    stage_lr 0.2, stage_rho 0.1, stage_weight_decay 0.001, stage_norm frozen
    end            207
    stage   from epoch  trains  differs from the first in
    first            0  all     -
    crt            200  head    stage_lr 0.2, stage_rho 0.1, stage_weight_decay 0.001, stage_norm frozen
    end            207
    stage   from epoch  trains  differs from the first in
    first            0  all     -
    lws              9  scales  stage_lr 0.2, stage_rho 0.1, stage_weight_decay 0.001, stage_norm frozen
    end             16
    stage   from epoch  trains  differs from the first in
    first            0  all     -
    lws              9  scales  stage_lr 0.2, stage_rho 0.1, stage_weight_decay 0.001, stage_norm frozen
    end             16
  no second stage
    stage   from epoch  trains  differs from the first in
    first            0  all     -
    end              9
    stage   from epoch  trains  differs from the first in
    first            0  all     -
    ccsam            9  head    stage_lr 0.2, stage_weight_decay 0.001, stage_norm frozen
    end             16
  weights none -> inverse
  drw 160 -> 4
  rho_drw = -> 0.2
    stage   from epoch  trains  differs from the first in
    first            0  all     -
    drw              4  all     weights inverse, rho_drw 0.2
    ccsam            9  head    weights inverse, stage_lr 0.2, stage_weight_decay 0.001, stage_norm frozen
    end             16
  data             tensors
  data_path        little.safetensors path
  imbalance        none
  groups           0/1/2-3
  augment          off
  model            resnet8
  device           cpu
  threads          1
  weights          inverse
  drw              4 epochs
  opt              sam
  rho_drw          0.2
  stage            ccsam
  stage_epochs     7 epochs
  stage_lr         0.2
  stage_weight_decay 0.001
  stage_rho        0.1
  stage_sampler    instance
  stage_norm       frozen
  stage_loss       same
  stage_augment    off
  epochs           9 epochs
  eval_every       0 epochs
  hessian_every    0 epochs
  $ each <<'END'
  > stage crtt
  > stage crt --epochs 0
  > stage crt --at -1
  > stage crt --at 1.5
  > stage crt --norm hard
  > stage crt --from nothing
  > stage none --epochs 3
  > stage crt --name x
  > END
  : stage crtt
  saddle: stage: unknown value 'crtt'; did you mean 'crt'? accepted: none crt lws ccsam
  [exit 1]
  : stage crt --epochs 0
  saddle: stage: stage_epochs: 0 is not in 1..100000
  [exit 1]
  : stage crt --at -1
  saddle: stage: epochs: -1 is not in 1..100000
  [exit 1]
  : stage crt --at 1.5
  saddle: stage: epochs: 1.5 is not whole; 1..100000 is accepted
  [exit 1]
  : stage crt --norm hard
  saddle: stage: stage_norm: unknown value 'hard'; accepted: shifted frozen
  [exit 1]
  : stage crt --from nothing
  saddle: stage: no session 'nothing'; there are none yet
  [exit 3]
  : stage none --epochs 3
  saddle: stage: 'none' takes no options
  [exit 1]
  : stage crt --name x
  saddle: stage: --name is for a new run, which --from RUN starts
  [exit 1]
