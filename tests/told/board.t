Event files of TensorBoard, decoded: each record's step, time and values. forge.py says what was recorded.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py
  $ S="--sessions ."
  $ saddle $S export tensorboard tb plain seed
  wrote tb/plain/events.out.tfevents.1790086400.saddle
  wrote tb/seed/events.out.tfevents.1790086400.saddle
  $ ls tb tb/plain
  tb:
  plain
  seed
  
  tb/plain:
  events.out.tfevents.1790086400.saddle
  $ text() { python3 $TOLD/board_text.py "$1"/*; }
  $ text tb/plain | grep -v ': step/'
  0 at 1790086400: brain.Event:2
  5 at 1790086410: acc/overall 16.07143; eval/loss 2.6875; eval/train_loss 2.34375; eval/train_acc 25; knob/lr 0.1; knob/drw 0; acc/head 25; acc/mid 3.333333; acc/tail 0; class/ant 40; class/bee 10; class/cat 10; class/dog 0; class/elk 0; class/fox 0; class/gnu 0; class_loss/ant 0.45; class_loss/bee 0.7; class_loss/cat 0.95; class_loss/dog 1.2; class_loss/elk 1.45; class_loss/fox 1.7; class_loss/gnu 1.95; class_train_loss/ant 0.2; class_train_loss/bee 0.325; class_train_loss/cat 0.45; class_train_loss/dog 0.575; class_train_loss/elk 0.7; class_train_loss/fox 0.825; class_train_loss/gnu 0.95
  10 at 1790086416: acc/overall 38.09524; eval/loss 2.375; eval/train_loss 2.1875; eval/train_acc 30; knob/lr 0.1; knob/drw 0; acc/head 55; acc/mid 20; acc/tail 0; class/ant 60; class/bee 50; class/cat 30; class/dog 20; class/elk 10; class/fox 0; class/gnu 0; class_loss/ant 0.4; class_loss/bee 0.65; class_loss/cat 0.9; class_loss/dog 1.15; class_loss/elk 1.4; class_loss/fox 1.65; class_loss/gnu 1.9; class_train_loss/ant 0.15; class_train_loss/bee 0.275; class_train_loss/cat 0.4; class_train_loss/dog 0.525; class_train_loss/elk 0.65; class_train_loss/fox 0.775; class_train_loss/gnu 0.9
  20 at 1790086427: acc/overall 67.85714; eval/loss 1.75; eval/train_loss 1.875; eval/train_acc 40; knob/lr 0.1; knob/drw 0; acc/head 82.5; acc/mid 55; acc/tail 16.25; class/ant 90; class/bee 75; class/cat 70; class/dog 55; class/elk 40; class/fox 20; class/gnu 12.5; class_loss/ant 0.3; class_loss/bee 0.55; class_loss/cat 0.8; class_loss/dog 1.05; class_loss/elk 1.3; class_loss/fox 1.55; class_loss/gnu 1.8; class_train_loss/ant 0.05; class_train_loss/bee 0.175; class_train_loss/cat 0.3; class_train_loss/dog 0.425; class_train_loss/elk 0.55; class_train_loss/fox 0.675; class_train_loss/gnu 0.8
  20 at 1790086428: marks (text, type 7, shape 12020801) N at epoch 2: best so far
  30 at 1790086439: acc/overall 64.28571; eval/loss 1.125; eval/train_loss 1.5625; eval/train_acc 50; knob/lr 0.1; knob/drw 0; acc/head 79; acc/mid 53.88889; acc/tail 11.25; class/ant 88; class/bee 70; class/cat 66.66667; class/dog 45; class/elk 50; class/fox 10; class/gnu 12.5; class_loss/ant 0.2; class_loss/bee 0.45; class_loss/cat 0.7; class_loss/dog 0.95; class_loss/elk 1.2; class_loss/fox 1.45; class_loss/gnu 1.7; class_train_loss/ant -0.05; class_train_loss/bee 0.075; class_train_loss/cat 0.2; class_train_loss/dog 0.325; class_train_loss/elk 0.45; class_train_loss/fox 0.575; class_train_loss/gnu 0.7
  30 at 1790086440: acc/overall 63.69048; eval/loss 1.125; eval/train_loss 1.5625; eval/train_acc 50; knob/lr 0.1; knob/drw 0; acc/head 79; acc/mid 50.55556; acc/tail 11.25; class/ant 88; class/bee 70; class/cat 66.66667; class/dog 45; class/elk 40; class/fox 10; class/gnu 12.5; class_loss/ant 0.2; class_loss/bee 0.45; class_loss/cat 0.7; class_loss/dog 0.95; class_loss/elk 1.2; class_loss/fox 1.45; class_loss/gnu 1.7; class_train_loss/ant -0.05; class_train_loss/bee 0.075; class_train_loss/cat 0.2; class_train_loss/dog 0.325; class_train_loss/elk 0.45; class_train_loss/fox 0.575; class_train_loss/gnu 0.7
  40 at 1790086451: acc/overall 63.69048; eval/loss 0.5; eval/train_loss 1.25; eval/train_acc 60; knob/lr 0.1; knob/drw 0; acc/head 78.5; acc/mid 53.33333; acc/tail 5; class/ant 92; class/bee 65; class/cat 60; class/dog 60; class/elk 40; class/fox 10; class/gnu 0; class_loss/ant 0.1; class_loss/bee 0.35; class_loss/cat 0.6; class_loss/dog 0.85; class_loss/elk 1.1; class_loss/fox 1.35; class_loss/gnu 1.6; class_train_loss/ant -0.15; class_train_loss/bee -0.025; class_train_loss/cat 0.1; class_train_loss/dog 0.225; class_train_loss/elk 0.35; class_train_loss/fox 0.475; class_train_loss/gnu 0.6
  $ text tb/plain | grep ': step/' | sed -n '1p;40p'
  1 at 1790086405: step/loss 2.56; step/gn 2.95; step/lr 0.1
  40 at 1790086450: step/loss 0.8; step/gn 1; step/lr 0.01
  $ saddle $S export tensorboard tb sam && text tb/sam | awk '!/: step\/loss/ || /^2[0-2] /' | sed -E 's/class(_[a-z]*|)\/[a-f][^;]*(; |$)//g'
  wrote tb/sam/events.out.tfevents.1790086400.saddle
  0 at 1790086400: brain.Event:2
  5 at 1790086412: step/rise 0.2375; step/rho_gn 0.1; step/rho_wn 0.005; step/cos 0.85
  10 at 1790086418: step/rise 0.225; step/rho_gn 0.15; step/rho_wn 0.01; step/cos 0.8
  10 at 1790086419: acc/overall 42.26191; eval/loss 2.375; eval/train_loss 2.1875; eval/train_acc 30; knob/lr 0.1; knob/rho 0.1; knob/drw 0; acc/head 57.5; acc/mid 28.33333; acc/tail 0; class/gnu 0; class_loss/gnu 1.9; class_train_loss/ant 0.15; class_train_loss/bee 0.275; class_train_loss/cat 0.4; class_train_loss/dog 0.525; class_train_loss/elk 0.65; class_train_loss/fox 0.775; class_train_loss/gnu 0.9
  10 at 1790086420: lmin/ant -1.5; lmax/ant 12; lmin_residual/ant 0.02; lmax_residual/ant 1e-05; probe_loss/ant 0.75; probe_iters/ant 12; probe_seconds/ant 1.5; amplification/ant -0.25; density/ant -2.175..12.675 num 0.97112 sum 1.02773 squares 9.00099, 100 cells: to -2.0265 0.00813068, to 3.468 0.0105549, to 12.675 0.00248317
  10 at 1790086421: lmin/fox -6; lmax/fox 24; lmin_residual/fox 0.02; lmax_residual/fox 1e-05; probe_loss/fox 1.375; probe_iters/fox 12; probe_seconds/fox 1.5; trace/fox 40; trace_se/fox 2; amplification/fox -2.5; density/fox -7.5..25.5 num 0.960585 sum 1.70057 squares 39.8916, 100 cells: to -7.17 0.00761137, to 5.04 0.0130287, to 25.5 0.00248317
  15 at 1790086427: step/rise 0.2125; step/rho_gn 0.2; step/rho_wn 0.015; step/cos 0.75
  20 at 1790086432: step/loss 1.7; step/gn 2.125; step/lr 0.1; step/rho 0.1
  20 at 1790086433: step/rise 0.2; step/rho_gn 0.25; step/rho_wn 0.02; step/cos 0.7
  20 at 1790086434: acc/overall 67.2619; eval/loss 1.75; eval/train_loss 1.875; eval/train_acc 40; knob/lr 0.1; knob/rho 0.1; knob/drw 0; acc/head 81.5; acc/mid 57.22222; acc/tail 17.5; class/gnu 25; class_loss/gnu 1.8; class_train_loss/ant 0.05; class_train_loss/bee 0.175; class_train_loss/cat 0.3; class_train_loss/dog 0.425; class_train_loss/elk 0.55; class_train_loss/fox 0.675; class_train_loss/gnu 0.8
  20 at 1790086435: cnc_a2/fox 2.5; cnc_linear_ratio/fox 1.5; cnc_linear_low/fox 1.25; cnc_linear_high/fox 1.75; cnc_linear_predicted/fox 1.44; cnc_unnormalised_ratio/fox 9; cnc_unnormalised_low/fox 7; cnc_unnormalised_high/fox 11; cnc_unnormalised_predicted/fox 1.44; cnc_sam_ratio/fox 4.25; cnc_sam_low/fox 3.5; cnc_sam_high/fox 5; cnc_sam_predicted/fox 4
  20 at 1790086438: lmin/fox -4; lmax/fox 30; lmin_residual/fox 0.02; lmax_residual/fox 1e-05; probe_loss/fox 1.375; probe_iters/fox 40; probe_seconds/fox 1.5; amplification/fox -1.75; density/fox -5.7..31.7 num 0.971027 sum 2.53255 squares 56.6088, 100 cells: to -5.326 0.00814295, to 8.512 0.0107158, to 31.7 0.00248317
  20 at 1790086440: marks (text, type 7, shape 12020801) R at epoch 2: rho 0.1>0.3
  21 at 1790086441: step/loss 1.86; step/gn 2.075; step/lr 0.1; step/rho 0.3
  21 at 1790086441: marks (text, type 7, shape 12020801) D at epoch 2: drw on: weights effective
  22 at 1790086442: step/loss 1.52; step/gn 2.025; step/lr 0.1; step/rho 0.3
  25 at 1790086446: step/rise 0.1875; step/rho_gn 0.3; step/rho_wn 0.025; step/cos 0.65
  25 at 1790086447: marks (text, type 7, shape 12020801) N at epoch 2.5: rho, "larger": look_at \xce\xbb (esc)
  30 at 1790086455: step/rise 0.175; step/rho_gn 0.35; step/rho_wn 0.03; step/cos 0.6
  30 at 1790086457: acc/overall 68.45238; eval/loss 1.125; eval/train_loss 1.5625; eval/train_acc 50; knob/lr 0.1; knob/rho 0.3; knob/drw 1; acc/head 76.75; acc/mid 61.11111; acc/tail 43.75; class/gnu 37.5; class_loss/gnu 1.7; class_train_loss/ant -0.05; class_train_loss/bee 0.075; class_train_loss/cat 0.2; class_train_loss/dog 0.325; class_train_loss/elk 0.45; class_train_loss/fox 0.575; class_train_loss/gnu 0.7
  25 at 1790086458: lmin/gnu -2; lmax/gnu 8; lmin_residual/gnu 0.02; lmax_residual/gnu 1e-05; probe_loss/gnu 1.5; probe_iters/gnu 7; probe_seconds/gnu 1.5; density/gnu -2.5..8.5 num 0.944945 sum 2.69193 squares 17.0585, 100 cells: to -2.39 0.00227119, to 1.68 0.00942766, to 8.5 0.00704971
  30 at 1790086459: lmin/fox 0.25; lmax/fox 20; lmax_residual/fox 1e-05; probe_loss/fox 1.375; probe_iters/fox 12; probe_seconds/fox 1.5
  30 at 1790086460: lmin/ant -1; lmax/ant 16; lmin_residual/ant 0.02; lmax_residual/ant 1e-05; probe_loss/ant 0.75; probe_iters/ant 12; probe_seconds/ant 1.5; amplification/ant -2; density/ant -1.85..16.85 num 0.955581 sum 1.5562 squares 15.3285, 100 cells: to -1.663 0.0103098, to 5.256 0.00868221, to 16.85 0.00248317
  30 at 1790086461: marks (text, type 7, shape 12020801) L at epoch 3: lr 0.1>0.05
  35 at 1790086467: step/rise 0.1625; step/rho_gn 0.4; step/rho_wn 0.035; step/cos 0.55
  40 at 1790086473: step/rise 0.15; step/rho_gn 0.45; step/rho_wn 0.04; step/cos 0.5
  30 at 1790086475: margins_mean/gnu -0.5; margins_worst/gnu -2.25; margins_below/gnu 60
  40 at 1790086476: acc/overall 67.2619; eval/loss 0.5; eval/train_loss 1.25; eval/train_acc 60; knob/lr 0.1; knob/rho 0.3; knob/drw 1; acc/head 74.5; acc/mid 60; acc/tail 50; class/gnu 50; class_loss/gnu 1.6; class_train_loss/ant -0.15; class_train_loss/bee -0.025; class_train_loss/cat 0.1; class_train_loss/dog 0.225; class_train_loss/elk 0.35; class_train_loss/fox 0.475; class_train_loss/gnu 0.6
  41 at 1790086479: marks (text, type 7, shape 12020801) B at epoch 4: crt
  50 at 1790086490: acc/overall 67.85714; eval/loss -0.125; eval/train_loss 0.9375; eval/train_acc 70; knob/lr 0.1; knob/rho 0.3; knob/drw 1; acc/head 73.75; acc/mid 62.77778; acc/tail 50; class/gnu 50; class_loss/gnu 1.5; class_train_loss/ant -0.25; class_train_loss/bee -0.125; class_train_loss/cat 0; class_train_loss/dog 0.125; class_train_loss/elk 0.25; class_train_loss/fox 0.375; class_train_loss/gnu 0.5
  50 at 1790086491: lmin/fox -0.5; lmax/fox 10; lmin_residual/fox 0.625; lmax_residual/fox 1e-05; probe_loss/fox 1.375; probe_iters/fox 12; probe_seconds/fox 1.5; amplification/fox -2; density/fox -1.025..10.525 num 0.94662 sum 1.00128 squares 5.94545, 100 cells: to -0.9095 0.0125815, to 3.364 0.00816844, to 10.525 0.00248317
  $ saddle $S export tensorboard tb again lost 'other, "x"' fork
  wrote tb/again/events.out.tfevents.1790086400.saddle
  wrote tb/lost/events.out.tfevents.1790086400.saddle
  wrote tb/other, "x"/events.out.tfevents.1790086400.saddle
  wrote tb/fork/events.out.tfevents.1790086400.saddle
  $ text tb/again | sed -E 's/class(_[a-z]*|)\/[^;]*(; |$)//g' | awk 'NR == 1 || /^20 |^2[1-7] /'
  0 at 1790086400: brain.Event:2
  20 at 1790086425: step/loss 1.9; step/gn 2.375; step/lr 0.1; step/rho 0.2
  20 at 1790086426: acc/overall 64.88095; eval/loss 1.75; eval/train_loss 1.875; eval/train_acc 40; knob/lr 0.1; knob/rho 0.2; knob/drw 0; acc/head 79.75; acc/mid 52.22222; acc/tail 15; class_train_loss/ant 0.05; class_train_loss/bee 0.175; class_train_loss/cat 0.3; class_train_loss/dog 0.425; class_train_loss/elk 0.55; class_train_loss/fox 0.675; class_train_loss/gnu 0.8
  20 at 1790086428: marks (text, type 7, shape 12020801) R at epoch 2: rho 0.2>0.5
  20 at 1790172803: marks (text, type 7, shape 12020801) R at epoch 2: rho 0.2>0.05
  21 at 1790172804: step/loss 1.66; step/gn 2.45; step/lr 0.1; step/rho 0.05
  22 at 1790172805: step/loss 1.82; step/gn 2.4; step/lr 0.1; step/rho 0.05
  23 at 1790172806: step/loss 1.48; step/gn 2.35; step/lr 0.1; step/rho 0.05
  24 at 1790172807: step/loss 1.64; step/gn 2.3; step/lr 0.1; step/rho 0.05
  25 at 1790172808: step/loss 1.8; step/gn 2.25; step/lr 0.1; step/rho 0.05
  26 at 1790172809: step/loss 1.46; step/gn 2.2; step/lr 0.1; step/rho 0.05
  27 at 1790172810: step/loss 1.62; step/gn 2.15; step/lr 0.1; step/rho 0.05
  $ text tb/lost | tail -n 3
  15 at 1790086420: step/gn 2.25; step/lr 8
  16 at 1790086421: step/gn 2.2; step/lr 8
  16 at 1790086422: acc/overall 29.76191; eval/train_loss 2; eval/train_acc 36; knob/lr 8; knob/drw 0; acc/head 50; acc/mid 0; acc/tail 0; class/ant 100; class/bee 0; class/cat 0; class/dog 0; class/elk 0; class/fox 0; class/gnu 0; class_loss/ant 0.34; class_loss/bee 0.59; class_loss/cat 0.84; class_loss/dog 1.09; class_loss/elk 1.34; class_loss/fox 1.59; class_loss/gnu 1.84; class_train_loss/ant 0.09; class_train_loss/bee 0.215; class_train_loss/cat 0.34; class_train_loss/dog 0.465; class_train_loss/elk 0.59; class_train_loss/fox 0.715; class_train_loss/gnu 0.84
  $ text 'tb/other, "x"' | grep class; text 'tb/other, "x"' | grep -c step
  10 at 1790086415: acc/overall 47.82609; eval/loss 2.375; eval/train_loss 2.1875; eval/train_acc 30; knob/lr 0.1; knob/rho 0.5; knob/drw 0; acc/many 55; acc/few 20; class/bee 60; class/the "big", cat 50; class/fox 20
  20 at 1790086427: acc/overall 56.52174; eval/loss 1.75; eval/train_loss 1.875; eval/train_acc 40; knob/lr 0.1; knob/rho 0.5; knob/drw 0; acc/many 60; acc/few 40; class/bee 70; class/the "big", cat 50; class/fox 40
  20
  $ text tb/fork | sed -n 2,4p
  20 at 1790086402: marks (text, type 7, shape 12020801) F at epoch 2: sam@2
  21 at 1790086406: step/loss 1.76; step/gn 2.575; step/lr 0.1; step/rho 0.6
  22 at 1790086407: step/loss 1.92; step/gn 2.525; step/lr 0.1; step/rho 0.6
  $ python3 $TOLD/forge.py long && saddle $S export tensorboard tb long && text tb/long
  wrote tb/long/events.out.tfevents.1790086400.saddle
  0 at 1790086400: brain.Event:2
  3 at 1790086407: step/loss 2.38; step/gn 2.85; step/lr 0.1
  6 at 1790086410: step/loss 2.36; step/gn 2.7; step/lr 0.1
  9 at 1790086413: step/loss 2.34; step/gn 2.55; step/lr 0.1
  12 at 1790086416: step/loss 2.32; step/gn 2.4; step/lr 0.1

Refused.

  $ saddle $S export tensorboard tb plain
  saddle: export: 'tb/plain/events.out.tfevents.1790086400.saddle' exists; --force replaces it
  [exit 1]
  $ saddle $S export tensorboard tb plain --force
  wrote tb/plain/events.out.tfevents.1790086400.saddle
  $ saddle $S export tensorboard tb plain plain
  saddle: export: two runs are called plain, and would be one folder
  [exit 1]
  $ mkdir -p away && cp -r plain.saddle away/ && saddle $S export tensorboard t2 plain away/plain.saddle
  saddle: export: two runs are called plain, and would be one folder
  [exit 1]
  $ cp -r plain.saddle copy.saddle && saddle $S export tensorboard t2 plain copy
  wrote t2/plain/events.out.tfevents.1790086400.saddle
  wrote t2/copy/events.out.tfevents.1790086400.saddle
  $ saddle $S export tensorboard t2 plain seed --follow
  saddle: export: --follow is for one run: 'export tensorboard DIR RUN --follow'
  [exit 1]
  $ saddle $S export tensorboard no/where plain
  saddle: export: cannot make the folder 'no/where': No such file or directory
  [exit 1]
  $ saddle $S export tensorboard t2 plain@2
  saddle: export: export tensorboard takes a whole run, not a moment of it ('@2'): plain; safetensors takes one
  [exit 1]
  $ saddle $S --readonly export tensorboard t3 plain; ls t3 2>&1
  saddle: export: not with --readonly
  [exit 1]
  ls: cannot access 't3': No such file or directory
  [2]
  $ saddle $S export tensorboard t4 plain --follow && text t4/plain >4.txt; text tb/plain | cmp - 4.txt
  writing t4/plain/events.out.tfevents.1790086400.saddle while the run goes on
  $ saddle $S export tensorboard t4 plain --follow
  saddle: export: 't4/plain/events.out.tfevents.1790086400.saddle' exists; --force replaces it
  [exit 1]
  $ saddle $S export tensorboard t4 plain --follow --force
  writing t4/plain/events.out.tfevents.1790086400.saddle while the run goes on
