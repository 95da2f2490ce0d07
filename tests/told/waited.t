`wait` in all its forms: for the end, for a moment, for a metric.

  $ . $TOLD/setup.sh
  $ little
  $ quieter() { quiet | grep -v '^event'; }
  $ saddle -c "$little; set eval_every 1; train --epochs 3 --name a; wait step 4; wait epoch 1; wait epoch 1.1; wait epoch 99; show; wait step 1; wait; wait until acc > 1; wait until tail < 1" | quieter
  a: resnet8, ce on 19 images, 15 steps of 4
  a: tensors little.safetensors, resnet8, ce; step 15, epoch 3.0, finished
  eval at epoch 3: acc 80.00, loss 1.5564, best 80.00 at epoch 2, chosen on test images
  saddle: wait: the run ended before tail < 1: the last one is 50 at epoch 3
  [exit 1]
  eval  step=5 ep=1 lr=0.02 drw=0 loss=0.7763 acc=70.00 head=100.00 mid=75.00 tail=50.00 best=70.00@1 train_loss=1.1866 train_acc=47.37
  eval  step=10 ep=2 lr=0.04 drw=0 loss=1.0852 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@2 train_loss=0.2380 train_acc=100.00
  eval  step=15 ep=3 lr=0.06 drw=0 loss=1.5564 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@2 train_loss=0.4249 train_acc=94.74
  $ saddle -c "$little; train --epochs 3 --name half --paused; step 7; wait step 7; wait epoch 1.3; wait epoch 1.5; show; stop --yes" | quieter
  half: resnet8, ce on 19 images, 15 steps of 4
  saddle: wait: training is paused: the steps asked for are done; 'resume' goes on
  [exit 1]
  $ saddle -c "$little; train --epochs 1 --name b; wait until loss < 1" | quieter
  b: resnet8, ce on 19 images, 5 steps of 4
  saddle: wait: the run ended before loss < 1: it was never measured
  [exit 1]
  $ saddle -c "$little; set eval_every 1; train --epochs 1 --name c; wait step 1; wait until lmin:3 < 0" | quieter
  c: resnet8, ce on 19 images, 5 steps of 4
  saddle: wait: the run ended before lmin:3 < 0: it was never measured
  [exit 1]
  eval  step=5 ep=1 lr=0.02 drw=0 loss=0.7763 acc=70.00 head=100.00 mid=75.00 tail=50.00 best=70.00@1 train_loss=1.1866 train_acc=47.37
  $ saddle -c "$little; train --epochs 1 --name c2; wait; wait until lmin:x < 0" | quieter
  c2: resnet8, ce on 19 images, 5 steps of 4
  saddle: wait: no class 'x' in c2: 0 to 3, or a name
  [exit 1]
  $ saddle -c "$little; set eval_every 1; train --epochs 2 --name d; wait until head > 99; echo there; wait until acc > 100" | quieter
  d: resnet8, ce on 19 images, 10 steps of 4
  there
  saddle: wait: the run ended before acc > 100: the last one is 80 at epoch 2
  [exit 1]
  eval  step=5 ep=1 lr=0.02 drw=0 loss=0.7763 acc=70.00 head=100.00 mid=75.00 tail=50.00 best=70.00@1 train_loss=1.1866 train_acc=47.37
  eval  step=10 ep=2 lr=0.04 drw=0 loss=1.0852 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@2 train_loss=0.2380 train_acc=100.00
  $ saddle -c "$little; train --epochs 1 --name e --paused; step 2; wait step 3" | quieter
  e: resnet8, ce on 19 images, 5 steps of 4
  saddle: wait: training is paused: the steps asked for are done; 'resume' goes on
  [exit 1]
  $ saddle -c "$little; train --epochs 2 --name e2 --paused; step 5; wait step 5; wait epoch 1.08; echo there; wait epoch 1.1" | quieter
  e2: resnet8, ce on 19 images, 10 steps of 4
  there
  saddle: wait: training is paused: the steps asked for are done; 'resume' goes on
  [exit 1]
  $ each <<'END' | steady
  > wait 5
  > wait epoch
  > wait until
  > wait until acc
  > wait until acc > x
  > wait until acn > 5
  > wait until acc > 5 6
  > END
  : wait 5
  saddle: wait: no run; 'train' starts one
  [exit 1]
  : wait epoch
  saddle: wait: no run; 'train' starts one
  [exit 1]
  : wait until
  saddle: wait: a condition is 'METRIC > NUMBER' or 'METRIC < NUMBER', such as tail > 60
  [exit 1]
  : wait until acc
  saddle: wait: a condition is 'METRIC > NUMBER' or 'METRIC < NUMBER', such as tail > 60
  [exit 1]
  : wait until acc > x
  saddle: wait: the limit 'x' is not a number
  [exit 1]
  : wait until acn > 5
  saddle: wait: unknown metric 'acn'; did you mean 'acc'?
  [exit 1]
  : wait until acc > 5 6
  saddle: wait: '6' is too much; usage: wait [epoch N | step N | until METRIC > X]
  [exit 1]
  $ for words in 'epoch' 'epoch x' 'epoch -1' 'epoch 1e13' 'step 1 2' 'for 3' 'until acc > 5 6' 'until acc' 'until' 'until acc > x' 'step 0' 'epoch 0'; do
  >     saddle -c "$little; train --no-record --paused; wait $words; quit --yes" | quieter | grep -v '^not recorded'
  > done
  saddle: wait: usage: wait [epoch N | step N | until METRIC > X]
  [exit 1]
  saddle: wait: epoch 'x' is not a number
  [exit 1]
  saddle: wait: epoch -1 is outside 0..1000000000000
  [exit 1]
  saddle: wait: epoch 1e13 is outside 0..1000000000000
  [exit 1]
  saddle: wait: usage: wait [epoch N | step N | until METRIC > X]
  [exit 1]
  saddle: wait: 'for' is not epoch, step or until
  [exit 1]
  saddle: wait: '6' is too much; usage: wait [epoch N | step N | until METRIC > X]
  [exit 1]
  saddle: wait: a condition is 'METRIC > NUMBER' or 'METRIC < NUMBER', such as tail > 60
  [exit 1]
  saddle: wait: a condition is 'METRIC > NUMBER' or 'METRIC < NUMBER', such as tail > 60
  [exit 1]
  saddle: wait: the limit 'x' is not a number
  [exit 1]
  [1]
