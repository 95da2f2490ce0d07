Lines that are not understood, at a prompt: what is said, and the mark under the words that are meant.

  $ . $TOLD/setup.sh
  $ prompt <<'END'
  > foo
  > fro a
  > s 5
  > st
  > ru
  > run
  > rho .3
  > rho
  > train 5
  > train --step 5
  > train --zzz 5
  > train --steps
  > train --paused=yes
  > train --steps 0.5
  > train --epochs 0 --steps 2
  > quit "5 x
  > note 'open
  > quit \
  > 5
  > pause --release at epoch
  > show a b
  > show rho rho
  > show --x
  > show rho --sheet x
  > wait epoch
  > show rho; show lrr ; show drw
  >   show   lrr   # behind
  > # nothing
  > ;;
  > show "rho" 'x
  > show r\ho
  > show rh\ o
  > show 'a
  > END
  saddle> foo
  saddle: unknown command 'foo'; 'help' lists what there is
          ^~~
  saddle> fro a
  saddle: unknown command 'fro'; 'help' lists what there is
          ^~~
  saddle> s 5
  saddle: 's' is the beginning of several commands: stage, seed, step, stop, sweep, set, show, slice, sort, snapshot, sessions, seek, speed, save, source
          ^
  saddle> st
  saddle: 'st' is the beginning of several commands: stage, step, stop
          ^~
  saddle> ru
  saddle: unknown command 'ru'; did you mean 'rm'?
          ^~
  saddle> run
  saddle: unknown command 'run'; did you mean 'train'?
          ^~~
  saddle> rho .3
  saddle: 'rho' is a knob; did you mean 'set rho .3'?
          ^~~
  saddle> rho
  saddle: 'rho' is a knob; did you mean 'show rho'?
          ^~~
  saddle> train 5
  saddle: train: '5' is too much; usage: train [--epochs N] [--steps N] [--name NAME] [--paused] [--no-augment] [--no-record]
                ^
  saddle> train --step 5
  saddle: train: unknown option '--step'; did you mean '--steps'?
                ^~~~~~
  saddle> train --zzz 5
  saddle: train: unknown option '--zzz'; usage: train [--epochs N] [--steps N] [--name NAME] [--paused] [--no-augment] [--no-record]
                ^~~~~
  saddle> train --steps
  saddle: train: option '--steps' needs a value
                ^~~~~~~
  saddle> train --paused=yes
  saddle: train: option '--paused' takes no value
                ^~~~~~~~~~~~
  saddle> train --steps 0.5
  saddle: train: steps: 0.5 is not whole; 0..1000000000000 is accepted
                ^~~~~~~~~~~
  saddle> train --epochs 0 --steps 2
  saddle: train: epochs: 0 is not in 1..100000
                ^~~~~~~~~~
  saddle> quit "5 x
  saddle: quote " is not closed
               ^
  saddle> note 'open
  saddle: quote ' is not closed
               ^
  saddle> quit \
        > 5
  saddle: quit: '5' is too much; usage: quit [--yes]
                 ^
  saddle> pause --release at epoch
  saddle: pause: when? 'at epoch N', 'at step N', 'in N epochs' or 'in N steps'
                          ^~
  saddle> show a b
  saddle: show: 'b' is too much; usage: show [KNOB | config|pending|weights|memory|classes|diff|stages|sam | augment CLASS [--sheet FILE [--force]]]
                 ^
  saddle> show rho rho
  saddle: show: 'rho' is too much; usage: show [KNOB | config|pending|weights|memory|classes|diff|stages|sam | augment CLASS [--sheet FILE [--force]]]
                   ^~~
  saddle> show --x
  saddle: show: unknown option '--x'; usage: show [KNOB | config|pending|weights|memory|classes|diff|stages|sam | augment CLASS [--sheet FILE [--force]]]
               ^~~
  saddle> show rho --sheet x
  saddle: show: '--sheet' is too much; usage: show [KNOB | config|pending|weights|memory|classes|diff|stages|sam | augment CLASS [--sheet FILE [--force]]]
                   ^~~~~~~~~
  saddle> wait epoch
  saddle: wait: no run; 'train' starts one
  saddle> show rho; show lrr ; show drw
  rho 0.1  (default 0.05) SAM's radius. auto, or auto:0.1 to begin there: moved while training by what the watched classes of the tail and the head's accuracy say, between 0.01 and 1, each move recorded with its numbers (by auto); in a new run it begins at 0.05, in a running one where it is. Training waits for those spectra, every hessian_every epochs
  saddle: show: unknown knob 'lrr'; did you mean 'lr'?
                         ^~~
  saddle>   show   lrr   # behind
  saddle: show: unknown knob 'lrr'; did you mean 'lr'?
                   ^~~
  saddle> # nothing
  saddle> ;;
  saddle> show "rho" 'x
  saddle: quote ' is not closed
                     ^
  saddle> show r\ho
  rho 0.1  (default 0.05) SAM's radius. auto, or auto:0.1 to begin there: moved while training by what the watched classes of the tail and the head's accuracy say, between 0.01 and 1, each move recorded with its numbers (by auto); in a new run it begins at 0.05, in a running one where it is. Training waits for those spectra, every hessian_every epochs
  saddle> show rh\ o
  saddle: show: unknown knob 'rh o'; did you mean 'rho'?
               ^~~~~
  saddle> show 'a
  saddle: quote ' is not closed
               ^
  saddle> quit
