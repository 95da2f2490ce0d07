A run at a prompt: what is asked before it ends, what undo offers, what is said that a script does not hear.

  $ . $TOLD/setup.sh
  $ little
  $ talk() { prompt "$@" | steady | grep -vE '^(tensors|batch|eval_every [01] ->|hessian_every 1 ->|snapshot_|nothing is watched|recorded in|saddle> (data|model|set (batch|eval|hessian|snapshot)|unwatch))|event step=0 (run|data|env)|^saddle> $|^$' | sed 's/^saddle> saddle:/saddle:/'; }
  $ talk <<END
  > $little
  > set rho .1; set rho .2; set lr .05
  > undo
  > undo
  > undo
  > undo
  > train --epochs 4 --name a --paused
  > undo
  > set lr .3
  > set momentum .5; set wd 0
  > step 3; wait step 3; note x
  > snapshot here
  > undo
  > undo
  > undo
  > set model resnet20
  > seed 4
  >   model resnet20
  > stop
  > n
  > stop
  > yess
  > show
  > stop
  > Y
  > wait
  > undo
  > stop
  > END
  saddle> set rho .1; set rho .2; set lr .05
  rho 0.05 -> 0.1
  rho 0.1 -> 0.2
  lr multistep:0.1 -> 0.05
  saddle> undo
  lr 0.05 -> multistep:0.1
  12 more to undo: rho back to 0.1
  saddle> undo
  rho 0.2 -> 0.1
  11 more to undo: rho back to 0.05
  saddle> undo
  rho 0.1 -> 0.05
  10 more to undo: snapshot_every back to 1
  saddle> undo
  9 more to undo: snapshot_seconds back to 60
  saddle> train --epochs 4 --name a --paused
  a: resnet8, ce on 19 images, 20 steps of 4
  saddle> undo
  saddle: undo: nothing that was set since the run began is left to undo
  saddle> set lr .3
  lr multistep:0.1 -> 0.3 from step 1 (ep 0.0); 'undo' reverts
  saddle> set momentum .5; set wd 0
  momentum 0.9 -> 0.5 from step 1 (ep 0.0); 'undo' reverts
  weight_decay 0.0002 -> 0 from step 1 (ep 0.0); 'undo' reverts
  saddle> step 3; wait step 3; note x
  saddle> snapshot here
  snapshot here of step 3 (ep 0.6) is being written
  saddle> undo
  weight_decay 0 -> 0.0002 from step 4 (ep 0.6)
  the 3 steps since then stay; the way without them: 'fork @0; set weight_decay 0.0002; train'
  2 more to undo: momentum back to 0.9
  saddle> undo
  momentum 0.5 -> 0.9 from step 4 (ep 0.6)
  the 3 steps since then stay; the way without them: 'fork @0; set momentum 0.9; train'
  1 more to undo: lr back to multistep:0.1
  saddle> undo
  warning: set: lr warms up for 5 epochs, beyond the end of training (4): it never comes to 0.1
  lr 0.3 -> multistep:0.1 from step 4 (ep 0.6)
  the 3 steps since then stay; the way without them: 'fork @0; set lr multistep:0.1; train'
  saddle> set model resnet20
  saddle: set: model is fixed for this run and for forks of it; a new run may have another: 'stop', 'set model VALUE', 'train'
              ^~~~~
  saddle> seed 4
  saddle: seed: a is training; 'stop' it first
          ^~~~
  saddle>   model resnet20
  saddle: model: a is training; 'stop' it first
            ^~~~~
  saddle> stop
  end a after this step? 'resume a' can go on with it [y/N] n
  saddle: stop: not done
  saddle> stop
  end a after this step? 'resume a' can go on with it [y/N] yess
  saddle: stop: not done
  saddle> show
  a: tensors little.safetensors, resnet8, ce; step 3, epoch 0.6, paused
  saddle> stop
  end a after this step? 'resume a' can go on with it [y/N] Y
  stopped at step 3 (ep 0.6)
  saddle> wait
  saddle> undo
  saddle: undo: nothing that was set is left to undo
  saddle> stop
  saddle: stop: the run is over (stopped); 'resume a' goes on with it
  saddle> quit
  event step=0 ep=0.00 set lr multistep:0.1 0.3
  event step=0 ep=0.00 set momentum 0.9 0.5
  event step=0 ep=0.00 set weight_decay 0.0002 0
  event step=0 ep=0.00 step
  event step=0 ep=0.00 training for some steps
  event step=3 ep=0.60 paused the steps asked for are done
  event step=3 ep=0.60 note x
  event step=3 ep=0.60 snapshot here
  event step=3 ep=0.60 set weight_decay 0 0.0002
  event step=3 ep=0.60 set momentum 0.5 0.9
  event step=3 ep=0.60 warning set: lr warms up for 5 epochs, beyond the end of training (4): it never comes to 0.1
  event step=3 ep=0.60 set lr 0.3 multistep:0.1
  event step=3 ep=0.60 stop
  event step=3 ep=0.60 stopped asked for
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  event step=3 ep=0.60 snapshot here state=127e7ff2b575d18f942edc89f1a88a9d6f8458ec323aa8ead4217305d09d00af
  $ talk <<END
  > $little
  > train --epochs 4 --name b --paused
  > fork a@.2 c
  > 
  > fork a@.2 c
  > yes
  > show
  > fork a@.4 d
  > quit
  > n
  > show
  > END
  saddle> train --epochs 4 --name b --paused
  b: resnet8, ce on 19 images, 20 steps of 4
  saddle> fork a@.2 c
  end b at ep 0.0 and fork? 'resume b' can go on [y/N] 
  saddle: fork: not done
  saddle> fork a@.2 c
  end b at ep 0.0 and fork? 'resume b' can go on [y/N] yes
  state of step 1, from the snapshot of step 0, repeating 1 recorded step
  c: from a@0.2, resnet8, ce on 19 images, 19 steps of 4
  forked a@0.2 -> c rID (its steps repeated, optimizer state kept); at ep 0.2: 'set' changes knobs, 'train' begins
  saddle> show
  c: tensors little.safetensors, resnet8, ce; step 1, epoch 0.2, paused
  saddle> fork a@.4 d
  c waits where it begins; 'resume c' trains it
  state of step 2, from the snapshot of step 0, repeating 2 recorded steps
  d: from a@0.4, resnet8, ce on 19 images, 18 steps of 4
  forked a@0.4 -> d rID (its steps repeated, optimizer state kept); at ep 0.4: 'set' changes knobs, 'train' begins
  saddle> quit
  training is under way: end it with a snapshot and leave? [y/N] n
  saddle: quit: not done
  saddle> show
  d: tensors little.safetensors, resnet8, ce; step 2, epoch 0.4, paused
  saddle> quit
  training is under way: end it with a snapshot and leave? [y/N] y
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a fork was made
  event step=1 run c from=a@0.2 state=a8dfac52781096387078a26475ca7dfbdfd0cc144e648ebae116ae3e737d58f5
  event step=1 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=1 env cpu isa=portable threads=1 build="..."
  event step=1 ep=0.20 stop
  event step=1 ep=0.20 stopped another fork was made
  event step=2 run d from=a@0.4 state=50edfa5725d396c4b842b5964e5bd9ad996410ada44353da73007e087b415bdd
  event step=2 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=2 env cpu isa=portable threads=1 build="..."
  event step=2 ep=0.40 stop
  event step=2 ep=0.40 stopped done
  event step=0 ep=0.00 snapshot s0000 state=f47dba50f5ef57a713fa8c29eb6adc97deb2ba9717091e6153028f0273b76a3c
  event step=1 ep=0.20 snapshot base state=a8dfac52781096387078a26475ca7dfbdfd0cc144e648ebae116ae3e737d58f5
  event step=2 ep=0.40 snapshot base state=50edfa5725d396c4b842b5964e5bd9ad996410ada44353da73007e087b415bdd
  $ talk <<END
  > $little
  > train --epochs 4 --no-record --paused
  > stop
  > n
  > fork a@.2 e
  > n
  > END
  saddle> train --epochs 4 --no-record --paused
  not recorded: resnet8, ce on 19 images, 20 steps of 4
  saddle> stop
  end this run after this step? nothing of it is recorded [y/N] n
  saddle: stop: not done
  saddle> fork a@.2 e
  end the run at ep 0.0 and fork? nothing of it is recorded [y/N] n
  saddle: fork: not done
  saddle> quit
  training is under way, and nothing of it is recorded: end it and leave? [y/N] y
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped done
  $ talk <<END
  > rm a
  > n
  > rm a --yes
  > END
  saddle> rm a
  delete a (tensors little.safetensors, epoch 0.6) for good? [y/N] n
  saddle: rm: not done
  saddle> rm a --yes
  removed a
  saddle> quit
