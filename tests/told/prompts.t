At a prompt: what a slip leaves as it was, where it is marked, what was typed.

  $ . $TOLD/setup.sh
  $ python3 $top/tests/cli/tensors.py some.st 1 2 1x8x8 U8 LT

Data that are refused leave those that were there, with all that was set.

  $ prompt <<'END'
  > data tensors some.st --val 6
  > watch 2
  > data demo --root x
  > data cifar10 --beta 3
  > data nothing
  > data tensors nothere.st
  > data tensors some.st --classes 2
  > data tensors some.st --sha256 0
  > show data_path
  > show classes
  > data tensors --root y
  > data demo-step --val 10
  > show beta
  > show val
  > show data_path
  > END
  saddle> data tensors some.st --val 6
  tensors some.st: 3 classes of 2..11 images, 18 in all, 6 to test on, 6 held out; 8x8 pixels, 1 channel
  saddle> watch 2
  watched: 1 class
  saddle> data demo --root x
  saddle: data: --root is for CIFAR; the demo is drawn and needs no folder
                    ^~~~~~~~
  saddle> data cifar10 --beta 3
  saddle: data: cifar10 keeps every image, so beta 3 does nothing; cifar10-lt and cifar10-step take it
                       ^~~~~~~~
  saddle> data nothing
  saddle: data: unknown data 'nothing'; demo, cifar10, cifar10-lt, cifar10-step, cifar100..., tensors FILE, folder DIR, list FILE
               ^~~~~~~
  saddle> data tensors nothere.st
  saddle: data: cannot open nothere.st: No such file or directory
                       ^~~~~~~~~~
  saddle> data tensors some.st --classes 2
  saddle: data: some.st: 'labels': number 7 is 2, expected 0..1
                       ^~~~~~~
  saddle> data tensors some.st --sha256 0
  saddle: data: --sha256 '0'; 64 digits 0-9 a-f are accepted
                               ^~~~~~~~~~
  saddle> show data_path
  data_path some.st path  (default '') folder of the CIFAR binary files, the tensors file, the folder of pictures or the list of them
  saddle> show classes
  saddle: show: 'data tensors some.st --sha256 0' failed, and other data are not taken instead; 'data ...' or 'preset ...' first
  saddle> data tensors --root y
  saddle: data: which file? data tensors FILE
               ^~~~~~~
  saddle> data demo-step --val 10
  demo-step beta=100: 10 classes of 9..999 images, 5040 in all, 1000 to test on, 10 held out; 32x32 pixels, 3 channels
  saddle> show beta
  beta 100  (default 100) imbalance factor: images of the largest class over images of the smallest
  saddle> show val
  val 10 images  (default 0) validation images, to choose rho, tau or an epoch by; val_from says which
  saddle> show data_path
  data_path '' path  (default '') folder of the CIFAR binary files, the tensors file, the folder of pictures or the list of them
  saddle> quit

What was typed; aliases; words that begin one command alone.

  $ prompt <<'END'
  > echo a
  >   echo   b ; echo c
  > history 2
  > history
  > alias hi 'echo hello'
  > hi there
  > al
  > h
  > help undo
  > source nothere
  > undo
  > set rho .3
  > undo
  > END
  saddle> echo a
  a
  saddle>   echo   b ; echo c
  b
  c
  saddle> history 2
      1  echo a
      2  history 2
  saddle> history
      1  echo a
      2  history 2
      3  history
  saddle> alias hi 'echo hello'
  saddle> hi there
  hello there
  saddle> al
  saddle: 'al' is the beginning of several commands: alert, alias
          ^~
  saddle> h
  saddle: 'h' is the beginning of several commands: hessian, hvp, history, help
          ^
  saddle> help undo
  undo
    set the last changed knob back, from now on
  History is not rewritten: the way back is recorded as another change. When
  steps were made since, the fork that leaves them out is offered
  saddle> source nothere
  saddle: source: cannot read 'nothere': No such file or directory
                 ^~~~~~~
  saddle> undo
  saddle: undo: nothing that was set is left to undo
  saddle> set rho .3
  rho 0.05 -> 0.3
  saddle> undo
  rho 0.3 -> 0.05
  saddle> quit
