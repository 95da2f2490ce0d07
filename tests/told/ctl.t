Commands from outside, to a run that stands still at step 3 of 12; what is answered, word for word.

  $ . $TOLD/setup.sh
  $ printf '%s\n' "$smallest" 'set rho .1; opt sam; set weights effective; set drw 1' 'train --paused --epochs 2 --name run' 'step 3' | python3 $TOLD/prompt.py "$SADDLE" --no-config --no-screen --device=cpu --threads=1 >/dev/null 2>&1 &
  $ ctl() { saddle ctl "$@" | grep -v '"state":"received"' | sed -E 's/"id":"[0-9a-f]{16}"/"id":ID/; s/about [0-9.]+ (ms|s)/about N \1/'; }
  $ tries=0; until saddle cat run 2>/dev/null | grep -q '"k":"step".*"s":3' || [ $((tries += 1)) -gt 600 ]; do sleep 0.05; done; sleep 0.2

Knobs, what is shown, what waits.

  $ ctl run set rho .5
  rho 0.1 -> 0.5 from step 4 (ep 0.5); 'undo' reverts
  $ ctl run 'set rho .5'; ctl run 'set lr .02; set lr x2'; ctl run 'show lr'
  rho is 0.5 already
  lr multistep:0.1,warmup=2,32:0.1,37:0.01 -> 0.02 from step 4 (ep 0.5); 'undo' reverts
  lr 0.02 -> 0.04 from step 4 (ep 0.5); 'undo' reverts
  lr 0.04*  (default multistep:0.1) learning rate
  $ ctl run --json 'set rho .3' ; ctl --json run 'set lr .01; set rho .2 at epoch 1'
  {"id":ID,"state":"applied","step":3,"text":["rho 0.5 -> 0.3 from step 4 (ep 0.5); 'undo' reverts"]}
  {"id":ID,"state":"waits","step":3,"text":["lr 0.04 -> 0.01 from step 4 (ep 0.5); 'undo' reverts","pending 1: set rho 0.2 at epoch 1 (in 0.5 epochs, about N s)"]}
  $ ctl run 'show pending'; ctl run 'cancel 2'; ctl run 'cancel 1'
  1: set rho 0.2 at epoch 1
  saddle: cancel: no pending command 2; 'show pending' lists them
  [exit 1]
  cancelled 1: set rho 0.2 at epoch 1
  $ ctl run 'note "a note"'; ctl run --json note two words
  applied at step 3
  {"id":ID,"state":"applied","step":3,"text":[]}
  $ ctl run undo; ctl run undo
  lr 0.01 -> 0.04 from step 4 (ep 0.5)
  rho 0.3 -> 0.5 from step 4 (ep 0.5)

What is refused, and what was done before it.

  $ ctl run 'set roh 1'; ctl run 'set rho .4; set roh 1; set rho .6'; ctl run --json 'set rho .45; set roh 1'; ctl run 'show rho' | cut -c1-30
  saddle: set: unknown knob 'roh'; did you mean 'rho'?
  [exit 1]
  rho 0.5 -> 0.4 from step 4 (ep 0.5); 'undo' reverts
  saddle: set: unknown knob 'roh'; did you mean 'rho'?
  [exit 1]
  {"id":ID,"state":"refused","step":3,"text":["rho 0.4 -> 0.45 from step 4 (ep 0.5); 'undo' reverts","set: unknown knob 'roh'; did you mean 'rho'?"]}
  saddle: set: unknown knob 'roh'; did you mean 'rho'?
  [exit 1]
  rho 0.45*  (default 0.05) SAM'
  $ ctl run 'set batch 3'; ctl run train; ctl run quit; ctl run 'hessian 9 --save x'; ctl run stop; ctl run pause; ctl run 'resume other'; ctl run "alias a 'b'"
  saddle: set: batch is fixed for this run and for forks of it; a new run may have another: 'stop', 'set batch VALUE', 'train'
  [exit 1]
  saddle: train: cannot be sent to a run: only what steers it, or asks it something
  [exit 1]
  saddle: quit: cannot be sent to a run: only what steers it, or asks it something
  [exit 1]
  saddle: hessian: a command that names a file or a run cannot be sent; it would be one of the other machine
  [exit 1]
  saddle: stop: nobody here to say yes; give --yes
  [exit 1]
  saddle: pause: paused already at step 3; 'resume' goes on
  [exit 1]
  saddle: resume: a command that names a file or a run cannot be sent; it would be one of the other machine
  [exit 1]
  saddle: alias: cannot be sent to a run: only what steers it, or asks it something
  [exit 1]
  $ ctl run 'note "open'; ctl run ''; ctl run 'sho rho'; ctl run "note $(printf '%01018d' 0)" | cut -c1-60; ctl run "note $(printf '%01019d' 0)" | cut -c1-60
  saddle: quote " is not closed
  [exit 1]
  saddle: an empty command is not sent; a line of the prompt is, such as 'set rho .5' or pause
  [exit 2]
  saddle: unknown command 'sho'; in a script write it out: 'show'
  [exit 1]
  applied at step 3
  saddle: one line of at most 1023 bytes can be sent
  [exit 1]
  $ ctl run; ctl; ctl nothere pause; ctl run --timeout 0 pause; ctl run --timeout x pause
  saddle: usage: saddle ctl RUN COMMAND
  [exit 2]
  saddle: usage: saddle ctl RUN COMMAND
  [exit 2]
  saddle: no session 'nothere'; the newest is 'run'
  [exit 3]
  saddle: it was not received within 0 s, and is taken back: the run's process may be stopped, or busy
  [exit 1]
  saddle: --timeout 'x' is not a number
  [exit 2]

It goes on, and is over.

  $ ctl run --json 'step 2' | tail -1; tries=0; until saddle cat run | grep -q '"k":"step".*"s":5' || [ $((tries += 1)) -gt 600 ]; do sleep 0.05; done; sleep 0.2
  {"id":ID,"state":"applied","step":3,"text":[]}
  $ ctl run 'stop --yes'; ctl run pause; kill $!; wait $! 2>/dev/null; tries=0; until saddle ctl run --timeout 1 pause | grep -q nobody || [ $((tries += 1)) -gt 60 ]; do sleep 0.05; done; saddle ctl run pause
  stopped at step 5 (ep 0.8)
  saddle: pause: the run is over (stopped); 'resume run' goes on with it
  [exit 1]
  saddle: nobody records run just now (stopped at epoch 0.8333); 'saddle resume run' goes on with it
  [exit 1]
  $ saddle cat run | sed -n 's/.*"k":"\(knob\|note\|cmd\)".*"s":\([0-9]*\),.*/\1 \2/p' | uniq -c
        1 cmd 0
        7 cmd 3
        2 note 3
        4 cmd 3
        1 note 3
        1 cmd 3
        1 cmd 5
  $ saddle info run | sed -n 's/.*\(stopped at epoch [^,]*\).*/\1/p'
  stopped at epoch 0.8333
