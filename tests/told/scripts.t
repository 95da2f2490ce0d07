Lines of a script: where they are counted, continued, nested and left; aliases; help.

  $ . $TOLD/setup.sh

Words, quotes, comments, continuations. A mistake names the line where its command begins.

  $ saddle -c 'echo a  b   "c  d" '"'e # f'"' g#h # comment; echo no'
  a b c  d e # f g#h
  $ saddle -c 'echo one; echo two;; echo "three; four";'
  one
  two
  three; four
  $ saddle -c "echo a\\ b 'c\"d' \"e'f\" \"g\\\"h\" \\# \\;"
  a b c"d e'f g"h # ;
  $ printf 'echo one\n\n  # nothing\necho two \\\n  three \\\n  four\necho "five\\\nsix"\nset roh 1\necho not\n' >lines.sad
  $ saddle run lines.sad
  one
  two three four
  saddle: lines.sad:7: quote " is not closed
  [exit 1]
  $ printf 'echo \\\n \\\nset\nset lr \\\n x\n' >late.sad
  $ saddle run late.sad
  set
  saddle: late.sad:4: set: lr: 'x' is not a schedule; accepted: 0.1, 0.05@0 0.1@5, linear:A..B, cosine:A, multistep:A
  [exit 1]
  $ printf 'echo crlf\r\necho "last line, without end"' >crlf.sad
  $ saddle run crlf.sad
  crlf
  last line, without end
  $ printf 'echo open \\' >open.sad; saddle run open.sad
  open
  $ printf 'echo "open\n' >quote.sad; saddle run quote.sad
  saddle: quote.sad:1: quote " is not closed
  [exit 1]
  $ printf 'echo a\nquit\necho b\n' >quit.sad; saddle run quit.sad; saddle -c 'source quit.sad; echo c'
  a
  a
  $ saddle -c 'echo a; quit; echo b'
  a
  $ : >empty.sad; saddle run empty.sad | calm
  $ saddle run nothere.sad
  saddle: cannot read 'nothere.sad': No such file or directory
  [exit 1]
  $ saddle run files
  saddle: cannot read 'files': No such file or directory
  [exit 1]
  $ mkdir folder.sad; saddle run folder.sad
  saddle: cannot read 'folder.sad': Is a directory
  [exit 1]

A script in a script: each line is counted in its own file.

  $ printf 'echo inner\nset lr x\n' >inner.sad
  $ printf 'echo outer\nsource inner.sad\necho not\n' >outer.sad
  $ saddle run outer.sad
  outer
  inner
  saddle: inner.sad:2: set: lr: 'x' is not a schedule; accepted: 0.1, 0.05@0 0.1@5, linear:A..B, cosine:A, multistep:A
  [exit 1]
  $ printf 'source crlf.sad\nset lr y\n' >after.sad
  $ saddle -c 'source after.sad'
  crlf
  last line, without end
  saddle: after.sad:2: set: lr: 'y' is not a schedule; accepted: 0.1, 0.05@0 0.1@5, linear:A..B, cosine:A, multistep:A
  [exit 1]
  $ saddle -c 'source nothere.sad; echo not'
  saddle: source: cannot read 'nothere.sad': No such file or directory
  [exit 1]
  $ printf 'echo deep\nsource self.sad\n' >self.sad
  $ saddle -c 'source self.sad' | sort | uniq -c
        1 [exit 1]
        8 deep
        1 saddle: self.sad:2: source: self.sad: scripts nested deeper than 8

Verbs of a script are written out. What others call a command is told.

  $ saddle -c 'ech a'
  saddle: unknown command 'ech'; in a script write it out: 'echo'
  [exit 1]
  $ saddle -c 'ehco a'
  saddle: unknown command 'ehco'; did you mean 'echo'?
  [exit 1]
  $ saddle -c 'grid rho=.1'
  saddle: unknown command 'grid'; did you mean 'sweep'?
  [exit 1]
  $ saddle -c 'diff'
  saddle: unknown command 'diff'; did you mean 'show diff' or 'compare RUN RUN'?
  [exit 1]
  $ saddle -c 'qqqqqq'
  saddle: unknown command 'qqqqqq'; 'help' lists what there is
  [exit 1]
  $ saddle -c 'undo 1'
  saddle: undo: '1' is too much; usage: undo
  [exit 1]
  $ saddle -c 'seed 1 2'
  saddle: seed: '2' is too much; usage: seed [N]
  [exit 1]
  $ saddle -c 'load'
  saddle: load: nothing given; usage: load weights [FILE] [--sha256 HASH]
  [exit 1]
  $ saddle -c 'load weights --sha 1'
  saddle: load: unknown option '--sha'; usage: load weights [FILE] [--sha256 HASH]
  [exit 1]
  $ saddle -c 'undo --all'
  saddle: undo: no options here, but '--all' was given; usage: undo
  [exit 1]
  $ saddle -c 'loss ce --drw'
  saddle: loss: option '--drw' needs a value
  [exit 1]
  $ saddle -c 'opt sgd --nesterov=1'
  saddle: opt: option '--nesterov' takes no value
  [exit 1]
  $ saddle -c 'loss ce --zzz 1'
  saddle: loss: unknown option '--zzz'; usage: loss [NAME] [--margin M] [--gamma G] [--tau T] [--weights RULE] [--drw N]
  [exit 1]
  $ saddle -c 'set'
  saddle: set: nothing given; usage: set KNOB VALUE|/N|xN [at epoch N | in N epochs | if METRIC > X] [--force]
  [exit 1]
  $ saddle -c 'echo -- --a; echo a --b'
  --a
  saddle: echo: no options here, but '--b' was given; usage: echo [TEXT]
  [exit 1]

Aliases: words behind one follow what it stands for.

  $ saddle -c "alias hi 'echo hello'; hi you; alias hi; alias two echo 2; alias; two 3; alias hi 'echo bye'; hi; alias no"
  hello you
  alias hi 'echo hello'
  alias hi 'echo hello'
  alias two 'echo 2'
  2 3
  bye
  $ saddle -c "alias echo 'set'; echo not"
  saddle: alias: 'echo' is a command and stays one
  [exit 1]
  $ saddle -c "alias '' 'echo'"
  saddle: alias: a name of an alias is a word, not ''
  [exit 1]
  $ saddle -c "alias loop 'loop'; loop"
  saddle: loop: alias calls itself
  [exit 1]
  $ saddle -c "alias a b; alias b c; alias c 'echo end'; a x"
  end x
  $ saddle -c "alias pair 'echo 1; echo 2'; pair"
  1
  2
  $ saddle -c "alias long '$(printf 'echo %01016d' 0)'; long" | wc -c
  1017
  $ saddle -c "alias long '$(printf 'echo %01017d' 0)'; long" | wc -c
  1018
  $ saddle -c "alias long '$(printf 'echo %01018d' 0)'"  | sed 's/0000*/ZEROS/'
  saddle: alias: what an alias stands for has at most 1022 bytes; a script of commands is run by 'source'
  [exit 1]
  $ saddle -c "alias long '$(printf 'echo %02000d' 0)'"  | sed 's/0000*/ZEROS/'
  saddle: alias: what an alias stands for has at most 1022 bytes; a script of commands is run by 'source'
  [exit 1]

  $ saddle -c 'history' ; saddle -c 'history 0'; saddle -c 'history 1000000'; saddle -c 'history 1000001'; saddle -c 'history x'
  saddle: history: lines 0 is outside 1..1000000
  [exit 1]
  saddle: history: lines 1000001 is outside 1..1000000
  [exit 1]
  saddle: history: lines 'x' is not a number
  [exit 1]

Help: of all, of a verb, a knob, a word of the screen, the last word of which something is known.

  $ saddle -c 'help' | cut -c1-40 | sed -n '1,8p;$p'
  set up
    preset     take every setting from a r
    data       choose and load the images 
    model      choose the network
    loss       choose the loss
    opt        choose the optimiser
    stage      train the classifier once m
    seed       choose the seed
  'help WORD' says more of a verb, a knob 
  $ saddle -c 'help' | grep -v '^  '
  set up
  run
  knobs
  look
  sessions
  out
  shell
  'help WORD' says more of a verb, a knob or any word of the screen; man saddle-commands has it all
  $ saddle -c 'help undo'
  undo
    set the last changed knob back, from now on
  History is not rewritten: the way back is recorded as another change. When
  steps were made since, the fork that leaves them out is offered
  $ saddle -c 'help rho_drw'
  set rho_drw VALUE
    SAM's radius from the DRW epoch on; = follows rho
    0 to 100, or a schedule; default =; may change while training
    schedules: 0.05@0 0.1@5 0.5@60 | linear:0.05..0.8 | cosine:0.2 | cosine:0.2..0.001@40 | multistep:0.1,warmup=5,160:0.01,180:0.0001
  $ saddle -c 'help lr'
  set lr VALUE
    learning rate
    0 to 100, or a schedule; default multistep:0.1; may change while training
    schedules: 0.05@0 0.1@5 0.5@60 | linear:0.05..0.8 | cosine:0.2 | cosine:0.2..0.001@40 | multistep:0.1,warmup=5,160:0.01,180:0.0001
  $ saddle -c 'help set lr' | head -2
  set lr VALUE
    learning rate
  $ saddle -c 'help data tensors' | head -1
  data [NAME | check | cache DIR] [--beta B] [--imb exp|step|none] [--root DIR] [--val N] [--val-from kept|unused] [--groups RULE] [--classes N] [--size N] [--resize N] [--decode exact|fast] [--bad stop|skip] [--shorter N] [--memory MIB] [--test LIST] [--val-list LIST] [--names FILE] [--sha256 HASH]
  $ saddle -c 'help loss'
  loss [NAME] [--margin M] [--gamma G] [--tau T] [--weights RULE] [--drw N]
    choose the loss
  What each loss is stands at the knob loss in saddle-commands(7). --gamma is
  the focal exponent, and VS's exponent with vs. --weights and --drw set the
  class weights and the epoch from which they act
  set loss VALUE
    loss function; ce: cross-entropy; focal: focal loss, (1 - exp(-l))^gamma l, divided by the batch size; ldam: margins that grow for rare classes, on scaled cosines; vs: vector scaling, logits divided by and shifted by class priors; la: logit adjustment, logits shifted by class priors (vs with gamma 0); ib: influence-balanced, cross-entropy times ib_alpha/(|p - e|_1 |f|_1 + 0.001), divided by the batch size; ib-focal: the same of the focal loss
    one of ce focal ldam vs la ib ib-focal; default ce; before training only
  $ saddle -c 'help weights'
  set weights VALUE
    class weights in force from the DRW epoch on
    one of none effective inverse; default none; may change while training
  $ saddle -c 'help nesterov'
  set nesterov VALUE
    Nesterov momentum
    on or off; default off; may change while training
  $ saddle -c 'help data_path'
  set data_path VALUE  (also root)
    folder of the CIFAR binary files, the tensors file, the folder of pictures or the list of them
    text; default empty; before training only
  $ saddle -c 'help T'
  on the screen: H/M/T head mid tail groups T  (pane classes)
    Head, mid and tail: classes with many, some and few training images, as
    'groups' divides them. Their accuracy is the mean of the classes'. Blue,
    plain and orange; the letter H, M or T says the same
  $ saddle -c 'help t'
  train [--epochs N] [--steps N] [--name NAME] [--paused] [--no-augment] [--no-record]
    start training and recording
  With nothing set up it trains the demo. --steps N stops after N optimiser
  steps; --paused waits for 'resume' before the first step; --no-record keeps
  nothing on disk. What was chosen and can never act, such as drw past the end,
  is warned about; defaults are not
  $ saddle -c 'help tail'
  on the screen: H/M/T head mid tail groups T  (pane classes)
    Head, mid and tail: classes with many, some and few training images, as
    'groups' divides them. Their accuracy is the mean of the classes'. Blue,
    plain and orange; the letter H, M or T says the same
  $ saddle -c 'help TAIL'
  on the screen: H/M/T head mid tail groups T  (pane classes)
    Head, mid and tail: classes with many, some and few training images, as
    'groups' divides them. Their accuracy is the mean of the classes'. Blue,
    plain and orange; the letter H, M or T says the same
  $ saddle -c 'help n'
  note TEXT
    write a note into the recording
  Shown on the timeline and in replay
  $ saddle -c 'help und'
  undo
    set the last changed knob back, from now on
  History is not rewritten: the way back is recorded as another change. When
  steps were made since, the fork that leaves them out is offered
  $ saddle -c 'help qqqq'
  saddle: help: unknown command 'qqqq'; 'help' lists what there is
  [exit 1]
  $ saddle -c 'help set qqqq' | head -1
  set KNOB VALUE|/N|xN [at epoch N | in N epochs | if METRIC > X] [--force]
  $ saddle -c 'help a b c'
  saddle: help: 'c' is too much; usage: help [WORD]
  [exit 1]
