What sweeps refuse, and leave no runs of; both sides of each limit.

  $ . $TOLD/setup.sh
  $ PYTHONPATH=$top/tests/cli python3 - <<'P'
  > import struct, tensors
  > def some(n, labels, x):
  >     out = []
  >     for k in range(n):
  >         for at in range(64):
  >             x = (1664525 * x + 1013904223) & 0xFFFFFFFF
  >             out.append((x >> 24) // 2 + (60 if at // 22 == labels[k] else 0))
  >     return bytes(out)
  > train, test = [0] * 20 + [1] * 10 + [2] * 5, [0, 1, 2] * 4
  > put = lambda v: struct.pack(f'<{len(v)}q', *v)
  > tensors.write('some.st', [('images', 'U8', [35, 1, 8, 8], some(35, train, 1)), ('labels', 'I64', [35], put(train)),
  >                           ('test_images', 'U8', [12, 1, 8, 8], some(12, test, 2)), ('test_labels', 'I64', [12], put(test))])
  > P
  $ plain() { grep -v -e ' -> ' -e '^tensors '; }
  $ set='data tensors some.st --val 9; model resnet8; set batch 8; set lr .05; opt sam; set weights effective; set drw 1; set hessian_every 0; set snapshot_seconds 0; seed 5'
  $ mkdir -p data/saddle/sessions; printf 'set data demo\nsweep rho=.1,.2 --seeds 1 --name grid\n' >data/saddle/sessions/grid.sweep

  $ no() { for words; do saddle -c "$set; sweep $words" | plain; done; }
  $ no 'rho' 'rho=' 'rho=.1,' 'rho=.1,,.2' 'rho=.1,.1' 'rho=.1,0.10' '=.1' 'roh=.1' 'rho=x' 'rho=.1 rho=.2'
  saddle: sweep: no sweep 'rho'; 'sweep' lists those there are, 'sweep KNOB=V,V,...' makes one
  [exit 3]
  saddle: sweep: rho: a value is empty; expected rho=V,V,...
  [exit 1]
  saddle: sweep: rho: a value is empty; expected rho=V,V,...
  [exit 1]
  saddle: sweep: rho: a value is empty; expected rho=V,V,...
  [exit 1]
  saddle: sweep: rho: .1 is there twice
  [exit 1]
  saddle: sweep: rho: 0.10 is there twice
  [exit 1]
  saddle: sweep: '=.1' is no list of values; expected KNOB=V,V,... such as rho=.05,.1,.2
  [exit 1]
  saddle: sweep: unknown knob 'roh'; did you mean 'rho'?
  [exit 1]
  saddle: sweep: rho: 'x' is not a schedule; accepted: 0.1, 0.05@0 0.1@5, linear:A..B, cosine:A, multistep:A
  [exit 1]
  saddle: sweep: rho is there twice
  [exit 1]
  $ no 'seed=1,2' 'threads=1,2' 'data_path=a,b' 'device=cpu,cuda' 'rho=.1 more' 'fps=3,4'
  saddle: sweep: seed: --seeds N takes so many
  [exit 1]
  saddle: sweep: threads is no part of a run's method; a knob with values is accepted, such as rho, drw, lr or loss
  [exit 1]
  saddle: sweep: data_path is no part of a run's method; a knob with values is accepted, such as rho, drw, lr or loss
  [exit 1]
  saddle: sweep: device is no part of a run's method; a knob with values is accepted, such as rho, drw, lr or loss
  [exit 1]
  saddle: sweep: 'more' is no list of values; expected KNOB=V,V,... such as rho=.05,.1,.2
  [exit 1]
  saddle: sweep: fps is no part of a run's method; a knob with values is accepted, such as rho, drw, lr or loss
  [exit 1]
  $ no 'rho=.1,.2 --seeds 0' 'rho=.1,.2 --seeds x' 'rho=.1,.2 --seeds 21' 'rho=.1,.2 --seeds 20 --jobs 65' 'rho=.1 --name 1234567890123456789012345678901234567890 --jobs 65' 'rho=.1 --jobs 0' 'rho=.1 --jobs 65'
  saddle: sweep: --seeds 0 is outside 1..20
  [exit 1]
  saddle: sweep: --seeds 'x' is not a number
  [exit 1]
  saddle: sweep: --seeds 21 is outside 1..20
  [exit 1]
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  saddle: sweep: --jobs 0 is outside 1..64
  [exit 1]
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  $ no 'rho=auto --seeds 1' 'rho=auto --early median' 'epochs=3,4 --early median' 'rho=.1 --early mean'; saddle -c "$set; set eval_every 0; sweep rho=.1,.2 --early median" | plain
  saddle: sweep: rho=auto needs --seeds 2 or more: one seed says nothing of noise
  [exit 1]
  saddle: sweep: rho=auto compares whole runs; --early is for lists of values
  [exit 1]
  saddle: sweep: --early compares runs at the same epoch; epochs and steps cannot be swept with it
  [exit 1]
  saddle: sweep: --early 'mean'; median is accepted
  [exit 1]
  saddle: sweep: --early compares evaluations, and eval_every is 0
  [exit 1]
  $ no 'rho=.1 --name grid'  'rho=.1 --name a/b' "rho=.1 --name $(printf '%041d' 0)" 'rho=.1 --resume' 'rho=.1 --force'
  saddle: sweep: sweep grid is there already; 'sweep grid --resume' goes on with it
  [exit 1]
  saddle: sweep: --name 'a/b'; 1 to 40 of A-Z a-z 0-9 . _ + - are accepted
  [exit 1]
  saddle: sweep: --name '00000000000000000000000000000000000000000'; 1 to 40 of A-Z a-z 0-9 . _ + - are accepted
  [exit 1]
  saddle: sweep: --resume goes on with a sweep that is there: sweep NAME --resume
  [exit 1]
  saddle: sweep: --force goes with --csv PATH
  [exit 1]
  $ no 'lpf_m=3,4' 'rho=.1 drw=200,300 --epochs 20'
  saddle: sweep: opt is sam, so lpf_m does nothing until 'set opt lpf'
  [exit 1]
  saddle: sweep: drw 200 is past the end of training (20): class weights never act
  [exit 1]
  $ saddle -c 'sweep grid two'; saddle -c 'sweep grid --seeds 2'; saddle -c 'sweep grid --name x'; saddle -c 'sweep --epochs 3'; saddle -c 'sweep nothere'; saddle -c 'sweep --stop'
  saddle: sweep: 'grid' is no list of values; expected KNOB=V,V,... or one NAME
  [exit 1]
  saddle: sweep: --seeds is for a new sweep; grid is what its file says
  [exit 1]
  saddle: sweep: --name is for a new sweep; grid is what its file says
  [exit 1]
  saddle: sweep: --epochs is for a new sweep; one is what its file says
  [exit 1]
  saddle: sweep: no sweep 'nothere'; 'sweep' lists those there are, 'sweep KNOB=V,V,...' makes one
  [exit 3]
  saddle: sweep: no sweep is under way here
  [exit 1]
  $ saddle -c 'sweep --csv x.csv'; saddle -c 'sweep grid --csv nowhere/x.csv'; saddle --readonly -c "data demo; sweep rho=.1"
  saddle: sweep: which sweep? sweep NAME --csv PATH
  [exit 1]
  saddle: sweep: cannot write 'nowhere/x.csv': No such file or directory
  [exit 1]
  demo-lt beta=100: 10 classes of 10..1000 images, 2478 in all, 1000 to test on; 32x32 pixels, 3 channels
  saddle: sweep: not with --readonly
  [exit 1]
  $ values() { seq -s, $1 $2 | sed "s/[0-9]*/$3&/g"; }
  $ no "rho=$(values 11 74 .) --jobs 65 --name many" "rho=$(values 11 75 .)" "rho=$(values 11 60 .) drw=$(values 1 2) --name ok --jobs 65" "rho=$(values 11 61 .) drw=$(values 1 2)"
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  saddle: sweep: rho: more than 64 values
  [exit 1]
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  saddle: sweep: 102 runs of 200 epochs; more than 100 need --yes
  [exit 1]
  $ no "rho=$(values 11 61 .) drw=1,2 --yes --jobs 65 --name yes" "rho=$(values 11 74 .) drw=$(values 1 64) --jobs 65 --yes --name most" "rho=$(values 11 74 .) drw=$(values 1 64) lr=.1,.2 --yes"
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  saddle: sweep: 4096 combinations; at most 1000 are accepted
  [exit 1]
  saddle: sweep: 8192 combinations; at most 1000 are accepted
  [exit 1]
  $ no "rho=$(values 10 19 .) drw=$(values 1 10) lr=$(values 10 19 .) --yes --jobs 65" "rho=$(values 11 17 .) drw=$(values 1 11) lr=$(values 11 23 .) --yes --jobs 65"
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  saddle: sweep: 1001 combinations; at most 1000 are accepted
  [exit 1]
  $ no 'rho=.1 drw=1 lr=.1 momentum=.9 batch=8 weight_decay=0 --jobs 65' 'rho=.1 drw=1 lr=.1 momentum=.9 batch=8 weight_decay=0 epochs=3 nesterov=on augment=on'
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  saddle: sweep: more than 6 knobs
  [exit 1]
  $ saddle sweep | tr '\n' ' '; ls data/saddle/sessions/*.sweep
  grid 'sweep NAME' shows the table of one data/saddle/sessions/grid.sweep

A name of at most 100 letters; a run that is there; images to rank by; what a knob does that acts in no run.

  $ no "lr='0.12345678901234567@0 0.1@1' momentum=0.1234567890123456,.9 --name a123456789012345678901234567890123456789 --jobs 65" "lr='0.12345678901234567@0 0.1@1' momentum=0.1234567890123456,.9 weight_decay=0.12345678901234 --name a123456789012345678901234567890123456789"
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  saddle: sweep: a run would be named 'a123456789012345678901234567890123456789-lr0.12345678901234566_0_0.1_1-momentum0.1234567890123456-weight_decay0.12345678', longer than 100; --name takes a shorter one, or sweep fewer knobs
  [exit 1]
  $ mkdir data/saddle/sessions/taken-rho0.2-s5.saddle; no 'rho=.1,.2 --name taken' 'rho=.1 --name taken --jobs 65'
  saddle: sweep: run taken-rho0.2-s5 is there already; --name takes another name
  [exit 1]
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  $ saddle -c 'data demo; sweep rho=.1 --jobs 65'; saddle -c 'data demo --beta 1000; sweep rho=.1 --jobs 65; show val'; saddle -c 'data tensors some.st; sweep rho=.1'; saddle -c 'data demo --val 20; opt sam; sweep rho=.1 --jobs 65'
  demo-lt beta=100: 10 classes of 10..1000 images, 2478 in all, 1000 to test on; 32x32 pixels, 3 channels
  val 500, val_from unused: runs are ranked by these images, 50 of each class, and not by test images
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  demo-lt beta=1000: 10 classes of 1..1000 images, 1863 in all, 1000 to test on; 32x32 pixels, 3 channels
  val 500, val_from unused: runs are ranked by these images, 50 of each class, and not by test images
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  tensors some.st: 3 classes of 5..20 images, 35 in all, 12 to test on; 8x8 pixels, 1 channel
  saddle: sweep: runs are ranked by validation images, and there are none (val_from unused: tensors are trained on as they are, so no images are left out; val_from kept is accepted); 'data ... --val N' sets some apart
  [exit 1]
  demo-lt beta=100: 10 classes of 9..993 images, 2458 in all, 1000 to test on, 20 held out; 32x32 pixels, 3 channels
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  $ no 'rho_drw=.1 --jobs 65' 'weights=none drw=3' 'tau=1'; saddle -c "$set; set weights none; sweep drw=3,4" | plain; saddle -c "$set; opt sgd; sweep rho=.1" | plain; saddle -c "$set; opt sgd; sweep opt=sgd,sam rho=.1" | plain
  saddle: sweep: --jobs 65 is outside 1..64
  [exit 1]
  saddle: sweep: weights is none, so drw does nothing until 'set weights effective'
  [exit 1]
  saddle: sweep: loss is ce, so tau does nothing; it is for loss vs and la
  [exit 1]
  saddle: sweep: weights is none, so drw does nothing until 'set weights effective'
  [exit 1]
  saddle: sweep: opt is sgd, so rho does nothing until 'set opt sam'
  [exit 1]
  saddle: sweep: opt is sgd, so rho does nothing until 'set opt sam'
  [exit 1]

A strange file.

  $ cd data/saddle/sessions; bad() { printf "$1" >bad.sweep; saddle sweep bad; }
  $ bad ''; bad '# only\n'; bad 'sweep rho=.1\n'; bad 'set roh 3\nsweep rho=.1\n'; bad 'save weights x\nsweep rho=.1\n'; bad 'note hello\nsweep rho=.1\n'; bad 'set rho .1; quit\nsweep rho=.1\n'; bad 'set data demo\necho not\n'
  saddle: sweep: bad.sweep: there is no command in it
  [exit 3]
  saddle: sweep: bad.sweep: there is no command in it
  [exit 3]
  bad: 0 of 1 runs done, 1 seed each; val and tail: on validation images
    #  rho     val   tail   test  epoch  run
    -  0.1       .      .      .      . not done  bad-rho0.1-s0
  'sweep bad --resume' goes on with it, unless another process does
  saddle: sweep: bad.sweep: unknown knob 'roh'; did you mean 'rho'?
  [exit 3]
  saddle: sweep: bad.sweep: 'save weights x' is no line of a sweep
  [exit 3]
  saddle: sweep: bad.sweep: 'note hello' is no line of a sweep
  [exit 3]
  saddle: sweep: bad.sweep: 'set rho .1; quit' is no line of a sweep
  [exit 3]
  saddle: sweep: bad.sweep: 'echo not' is no sweep
  [exit 3]
  $ bad '"open\nsweep rho=.1\n'; bad 'set data demo\nsweep rho=.1; quit\n'
  saddle: sweep: bad.sweep: quote " is not closed
  [exit 3]
  saddle: sweep: bad.sweep: 'sweep rho=.1; quit' is no sweep
  [exit 3]
