The log of runs: each kind of line, with -v those of steps, with -q evaluations alone, and as JSON.

  $ . $TOLD/setup.sh
  $ little
  $ json() { calm | sed -E -e 's/"(m|w|sec|ms|time|build|bytes)":("[^"]*"|[0-9][0-9.e+-]*)/"\1":0/g' -e '/"k":"snap"/s/"sha256":"[^"]*"/"sha256":0/' -e 's/[0-9.]+ GiB free/N GiB free/'; }
  $ saddle -v -c "$little; seed 3; opt sam --rho .1; set gauge_every 4; set weights inverse; set drw 1; watch 3 1; set hessian_iters 6
  > set rho .2 at step 3; set lr .05 at epoch 1; set momentum .8 if loss < 100; set eval_every 1; train --epochs 2 --name a --paused
  > step 2; wait step 2; show pending; step 2; wait step 4; note \"half way\"; snapshot mid; eval train; hessian 0; set wd x2; undo
  > set epochs 3; resume; wait" | steady
  tensors little.safetensors: 4 classes of 1..9 images, 19 in all, 10 to test on; 8x8 pixels, 1 channel
  batch 128 -> 4
  eval_every 1 -> 0
  hessian_every 1 -> 0
  snapshot_seconds 60 -> 0
  snapshot_every 1 -> 0
  nothing is watched
  gauge_every 10 -> 4
  weights none -> inverse
  drw 160 -> 1
  watched: 2 classes
  hessian_iters 40 -> 6
  pending 1: set rho .2 at step 3
  pending 2: set lr .05 at epoch 1
  pending 3: set momentum .8 if loss < 100
  eval_every 0 -> 1
  warning: train: hessian_every is 0, so nothing is probed; 'set hessian_every 1'
  a: resnet8, ce+drw+sam on 19 images, 10 steps of 4
  recorded in HOME/data/saddle/sessions/a.saddle (N GiB free)
  1: set rho 0.2 at step 3
  2: set lr 0.05 at epoch 1
  3: set momentum 0.8 if loss < 100
  event step=0 run a
  event step=0 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=0 env cpu isa=portable threads=1 build="..."
  event step=0 ep=0.00 watch 1 3 by=script
  event step=0 ep=0.00 pending 1 set rho .2 at step 3 by=script
  event step=0 ep=0.00 pending 2 set lr .05 at epoch 1 by=script
  event step=0 ep=0.00 pending 3 set momentum .8 if loss < 100 by=script
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  step  step=1 ep=0.20 lr=0.02 rho=0.1 loss=2.33492 acc=0.0000
  step  step=2 ep=0.40 lr=0.02 rho=0.1 loss=2.05915 acc=0.0000
  event step=2 ep=0.40 paused the steps asked for are done
  event step=2 ep=0.40 step by=script
  event step=2 ep=0.40 training for some steps
  step  step=3 ep=0.60 lr=0.02 rho=0.1 loss=1.44826 acc=0.5000
  event step=3 ep=0.60 set rho 0.1 0.2 by=schedule
  event step=3 ep=0.60 note rho 0.1 -> 0.2 from step 4 (ep 0.6); 'undo' reverts
  step  step=4 ep=0.80 lr=0.02 rho=0.2 loss=0.787044 acc=0.7500
  event step=4 ep=0.80 paused the steps asked for are done
  event step=4 ep=0.80 note half way
  event step=4 ep=0.80 snapshot mid by=script
  event step=4 ep=0.80 eval train by=script
  eval  step=4 ep=0.8 lr=0.02 rho=0.2 drw=0 loss=0.5968 acc=94.74 head=100.00 mid=100.00 tail=50.00 train_loss=1.6573 train_acc=31.25 split=train
  event step=4 ep=0.80 hessian 0 by=script
  eig   step=4 ep=0.80 class=0 name=0 lmin=-12.6886 lmax=53.1663 rmin=3.6 rmax=0.17 iters=6 images=9 loss=0.389001 amp=-0.4228 why=iters
  event step=4 ep=0.80 set weight_decay 0.0002 0.0004 by=script
  event step=4 ep=0.80 set weight_decay 0.0004 0.0002 by=script
  event step=4 ep=0.80 set epochs 2 3 by=script
  event step=4 ep=0.80 resume by=script
  event step=4 ep=0.80 training
  step  step=5 ep=1.00 lr=0.02 rho=0.2 loss=0.464636 acc=1.0000
  eval  step=5 ep=1 lr=0.02 rho=0.2 drw=0 loss=0.7351 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=1.4690 train_acc=42.11
  event step=5 ep=1.00 set lr multistep:0.1 0.05 by=schedule
  event step=5 ep=1.00 note lr multistep:0.1 -> 0.05 from step 6 (ep 1.0); 'undo' reverts
  event step=5 ep=1.00 set momentum 0.9 0.8 by=schedule
  event step=5 ep=1.00 note momentum 0.9 -> 0.8 from step 6 (ep 1.0); 'undo' reverts
  event step=5 ep=1.00 note drw ON at ep 1: weights inverse, 0.276\xe2\x80\xa62.48 (esc)
  step  step=6 ep=1.20 lr=0.05 rho=0.2 loss=0.31442 acc=1.0000
  event step=6 ep=1.00 stage drw number=2 epochs=2 steps=5 trains=all redraw=0 sampler=instance norm=shifted loss=ce weights=inverse augment=0
  step  step=7 ep=1.40 lr=0.05 rho=0.2 loss=0.870578 acc=0.2500
  step  step=8 ep=1.60 lr=0.05 rho=0.2 loss=0.204132 acc=1.0000
  step  step=9 ep=1.80 lr=0.05 rho=0.2 loss=3.99625 acc=0.7500
  step  step=10 ep=2.00 lr=0.05 rho=0.2 loss=0.166636 acc=1.0000
  eval  step=10 ep=2 lr=0.05 rho=0.2 drw=1 loss=0.6090 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=1.1601 train_acc=78.95
  step  step=11 ep=2.20 lr=0.05 rho=0.2 loss=0.164419 acc=1.0000
  step  step=12 ep=2.40 lr=0.05 rho=0.2 loss=1.03333 acc=0.7500
  step  step=13 ep=2.60 lr=0.05 rho=0.2 loss=0.554375 acc=0.7500
  step  step=14 ep=2.80 lr=0.05 rho=0.2 loss=0.358016 acc=0.7500
  step  step=15 ep=3.00 lr=0.05 rho=0.2 loss=0.110958 acc=1.0000
  eval  step=15 ep=3 lr=0.05 rho=0.2 drw=1 loss=0.6989 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@1 train_loss=0.4618 train_acc=84.21
  event step=15 ep=3.00 finished all 15 steps are done
  event step=4 ep=0.80 snapshot mid state=7d2ed82b4c4aa3c612fec9954e0e7391b6a7620945556ed6816f1408dbba65d6
  event step=15 ep=3.00 snapshot s0003 state=8d7af793bd3e9a1a40d2ddeebffb62365f8066baa3303268e3b2f7e280b4b6f2
  $ saddle -v -c "$little; seed 3; opt sam --rho .1; stage crt --epochs 1; set stage_loss same; set weights effective; set drw 0; set hessian_iters 5; set eval_every 2
  > train --epochs 1 --name b --paused; step 3; wait step 3; hessian 3 2 --vectors 2; hessian 0 --trace --top 2 --tol .5;  cnc 3 --iters 200 --rho .5 --batches 2; slice 3 random:1 --points 5
  > margins; margins 2 --test; reading tau_norm; reading ncm --on train; reading tau_norm .5; pause --release; resume; wait" | steady
  tensors little.safetensors: 4 classes of 1..9 images, 19 in all, 10 to test on; 8x8 pixels, 1 channel
  batch 128 -> 4
  eval_every 1 -> 0
  hessian_every 1 -> 0
  snapshot_seconds 60 -> 0
  snapshot_every 1 -> 0
  nothing is watched
    stage   from epoch  trains  differs from the first in
    first            0  all     -
    crt            200  head    stage_lr multistep:0.1,warmup=5,10:0.1,20:0.01, stage_rho 0, stage_weight_decay 0.0005, stage_sampler class-aware
    end            201
  stage_loss ce -> same
  weights none -> effective
  drw 160 -> 0
  hessian_iters 40 -> 5
  eval_every 0 -> 2
  b: resnet8, ce+rw+sam+crt on 19 images, 10 steps of 4
  recorded in HOME/data/saddle/sessions/b.saddle (N GiB free)
  event step=0 run b
  event step=0 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=0 env cpu isa=portable threads=1 build="..."
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=0 ep=0.00 note drw ON at ep 0: weights effective \xce\xb2=0.9999, 0.276\xe2\x80\xa62.48 (esc)
  step  step=1 ep=0.20 lr=0.02 rho=0.1 loss=2.19037 acc=0.0000
  step  step=2 ep=0.40 lr=0.02 rho=0.1 loss=2.85342 acc=0.0000
  step  step=3 ep=0.60 lr=0.02 rho=0.1 loss=1.6416 acc=0.2500
  event step=3 ep=0.60 paused the steps asked for are done
  event step=3 ep=0.60 hessian 2 3 by=script
  eig   step=3 ep=0.60 class=2 name=2 lmin=-28.7187 lmax=82.169 rmin=11 rmax=2.7 iters=5 images=3 loss=1.4729 trace=150.513 trace_se=1.6e+02 amp=-0.2617 why=iters
  eig   step=3 ep=0.60 class=3 name=3 lmin=-7.77417 lmax=56.3072 rmin=2.5 rmax=0.14 iters=5 images=1 loss=0.0881681 trace=78.4497 trace_se=69 amp=-0.07085 why=iters
  event step=3 ep=0.60 hessian 0 by=script
  eig   step=3 ep=0.60 class=0 name=0 lmin=-33.6918 lmax=131.691 rmin=14 rmax=4.4 iters=5 images=9 loss=1.64442 trace=227.491 trace_se=41 amp=-0.3071 why=iters
  event step=3 ep=0.60 cnc 3 by=script
  cnc   step=3 ep=0.60 class=3 name=3 lmin=-9.08128 residual=0.012 rho=0.5 batches=1 batch=1 images=1 a2=6.34435e-05 ratio=12.1964,100793,27576.5 low=12.1964,100793,27576.5 high=12.1964,100793,27576.5 predicted=12.5361,12.5361,0.852138 gn=2.36109 share=0
  event step=3 ep=0.60 slice 3 by=script
  slice step=3 ep=0.60 class=3 name=3 along=random:1 lambda=0.00498359 images=1 at=-1,-0.5,0,0.5,1 loss=0.0694975,0.0791366,0.0881681,0.0982948,0.108962
  event step=3 ep=0.60 margins 3 by=script
  margins step=3 ep=0.60 class=3 name=3 split=train images=1 mean=3.12458 worst=3.12458 least=3.12458 below=0
  event step=3 ep=0.60 margins 2 by=script
  margins step=3 ep=0.60 class=2 name=2 split=test images=1 mean=-1.49355 worst=-1.49355 least=-1.49355 below=100
  event step=3 ep=0.60 reading tau_norm by=script
  reading step=3 ep=0.6 kind=tau_norm split=test images=10 tau=0 chosen=test value=20,0,0,50 plain=20,0,0,50
  event step=3 ep=0.60 reading ncm by=script
  reading step=3 ep=0.6 kind=ncm split=train images=19 value=100,100,100,100 plain=5.26316,0,0,50
  event step=3 ep=0.60 reading tau_norm by=script
  reading step=3 ep=0.6 kind=tau_norm split=test images=10 tau=0.5 chosen=given value=20,0,0,50 plain=20,0,0,50
  event step=3 ep=0.60 pause by=script
  event step=3 ep=0.60 paused asked for; device and memory are given back
  event step=3 ep=0.60 resume by=script
  event step=3 ep=0.60 training
  step  step=4 ep=0.80 lr=0.02 rho=0.1 loss=1.22337 acc=0.2500
  step  step=5 ep=1.00 lr=0.02 rho=0.1 loss=1.12825 acc=0.3333
  step  step=6 ep=1.20 lr=0.02 loss=1.59833 acc=0.0000
  event step=6 ep=1.00 stage crt number=2 epochs=1 steps=5 trains=head redraw=1 sampler=class-aware norm=shifted loss=ce weights=effective augment=0
  step  step=7 ep=1.40 lr=0.02 loss=1.90405 acc=0.0000
  step  step=8 ep=1.60 lr=0.02 loss=1.99211 acc=0.0000
  step  step=9 ep=1.80 lr=0.02 loss=1.78425 acc=0.2500
  step  step=10 ep=2.00 lr=0.02 loss=1.2089 acc=0.6667
  eval  step=10 ep=2 lr=0.02 drw=1 loss=1.8510 acc=40.00 head=0.00 mid=100.00 tail=0.00 best=40.00@2 train_loss=1.7232 train_acc=15.79
  event step=10 ep=2.00 finished all 10 steps are done
  event step=3 ep=0.60 snapshot s0000 state=00f7cd4ae301066f7ffc0b17d1238e4b04d3d5336f74ec4e713923a250ec4bb3
  event step=10 ep=2.00 snapshot s0002 state=5e9a5b47ea57554620e66d472b06d70c6cc6b337fe5dc23ec3d36ac98056f5fc
  $ saddle -q -c "$little; set eval_every 1; train --epochs 2 --name c" | steady
  eval  step=5 ep=1 lr=0.02 drw=0 loss=0.7763 acc=70.00 head=100.00 mid=75.00 tail=50.00 best=70.00@1 train_loss=1.1866 train_acc=47.37
  eval  step=10 ep=2 lr=0.04 drw=0 loss=1.0852 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@2 train_loss=0.2380 train_acc=100.00
  $ saddle -c "$little; set eval_every 1; train --epochs 2 --name d --no-record" | steady
  tensors little.safetensors: 4 classes of 1..9 images, 19 in all, 10 to test on; 8x8 pixels, 1 channel
  batch 128 -> 4
  eval_every 1 -> 0
  hessian_every 1 -> 0
  snapshot_seconds 60 -> 0
  snapshot_every 1 -> 0
  nothing is watched
  eval_every 0 -> 1
  not recorded: resnet8, ce on 19 images, 10 steps of 4
  event step=0 run d
  event step=0 data tensors little.safetensors n=19 n_test=10 classes=4 steps_per_epoch=5 sha256=257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499
  event step=0 env cpu isa=portable threads=1 build="..."
  event step=0 ep=0.00 training
  eval  step=5 ep=1 lr=0.02 drw=0 loss=0.7763 acc=70.00 head=100.00 mid=75.00 tail=50.00 best=70.00@1 train_loss=1.1866 train_acc=47.37
  eval  step=10 ep=2 lr=0.04 drw=0 loss=1.0852 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@2 train_loss=0.2380 train_acc=100.00
  event step=10 ep=2.00 finished all 10 steps are done
  $ saddle --log jsonl -v -c "$little; opt sam; set gauge_every 5; set eval_every 1; train --epochs 1 --name e" | json
  {"k":"say","q":null,"s":0,"m":null,"level":"text","text":"tensors little.safetensors: 4 classes of 1..9 images, 19 in all, 10 to test on; 8x8 pixels, 1 channel","ep":0,"time":0}
  {"k":"say","q":null,"s":0,"m":null,"level":"text","text":"batch 128 -> 4","ep":0,"time":0}
  {"k":"say","q":null,"s":0,"m":null,"level":"text","text":"eval_every 1 -> 0","ep":0,"time":0}
  {"k":"say","q":null,"s":0,"m":null,"level":"text","text":"hessian_every 1 -> 0","ep":0,"time":0}
  {"k":"say","q":null,"s":0,"m":null,"level":"text","text":"snapshot_seconds 60 -> 0","ep":0,"time":0}
  {"k":"say","q":null,"s":0,"m":null,"level":"text","text":"snapshot_every 1 -> 0","ep":0,"time":0}
  {"k":"say","q":null,"s":0,"m":null,"level":"text","text":"nothing is watched","ep":0,"time":0}
  {"k":"say","q":null,"s":0,"m":null,"level":"text","text":"gauge_every 10 -> 5","ep":0,"time":0}
  {"k":"say","q":null,"s":0,"m":null,"level":"text","text":"eval_every 0 -> 1","ep":0,"time":0}
  {"k":"say","q":null,"s":0,"m":null,"level":"text","text":"e: resnet8, ce+sam on 19 images, 5 steps of 4","ep":0,"time":0}
  {"k":"say","q":null,"s":0,"m":null,"level":"text","text":"recorded in HOME/data/saddle/sessions/e.saddle (N GiB free)","ep":0,"time":0}
  {"k":"open","q":0,"s":0,"m":0,"w":0,"seg":1,"tl":0,"after":null,"parent":null,"build":0,"time":0}
  {"k":"config","q":1,"s":0,"m":0,"knobs":["data=tensors","classes=0","picture_size=64","picture_resize=0","picture_decode=exact","picture_bad=stop","picture_memory=1024","imbalance=none","beta=100","subset_seed=0","groups=0/1/2-3","val=0","val_from=kept","augment=off","shuffle=on","crop=pad","jitter=0","sampler=instance","sampler_power=0","sampler_epochs=200","resample=off","model=resnet8","head=auto","seed=0","device=cpu","math=fp32","eval_math=fp32","threads=1","loss=ce","weights=none","drw=160","beta_en=0.9999","reduction=weighted-mean","margin=0.5","ldam_s=30","focal_gamma=1","vs_gamma=0.05","tau=0.75","ib_start=100","ib_alpha=1000","ib_factor=through","opt=sam","lr=multistep:0.1","rho=0.05","rho_drw==","momentum=0.9","weight_decay=0.0002","nesterov=off","bn_second_pass=update","sam_from=0","sam_every=1","gauge_every=5","tail_below=0","tail_gain=1","sam_share=0.5","sam_focus=3","rho_head=0.05","head_until=0.7","asam_eta=0","gsam_alpha=0.4","wsam_gamma=0.9","wsam_form=decoupled","fsam_sigma=1","fsam_lambda=0.9","fsam_form=source","looksam_k=10","looksam_alpha=0.7","looksam_form=global","msam_m=4","esam_beta=0.6","esam_gamma=0.5","esam_form=tensor","ccsam_a=1e-06","ccsam_phi=0.3","ccsam_cap=1","pgd_sigma=0.0001","pgd_where=gradient","lpf_m=8","lpf_gamma=0.001","stage=none","stage_epochs=30","stage_lr=multistep:0.1,warmup=5,10:0.1,20:0.01","stage_weight_decay=0.0005","stage_rho=0","stage_sampler=class-aware","stage_norm=shifted","stage_loss=ce","stage_augment=on","epochs=1","steps=0","batch=4","eval_every=1","snapshot_every=0","snapshot_seconds=0","on_nan=pause","hessian_every=0","hessian_iters=40","hessian_images=128","hessian_vectors=1","hessian_tol=0.01","budget=0.1"],"parent":null,"name":"e","weights":null,"parent_id":null,"parent_step":0,"parent_state":null,"began":null,"time":0}
  {"k":"data","q":2,"s":0,"m":0,"name":"tensors little.safetensors","sha256":"257974d14753fb00183d5ffa958bf8d3c0c71cc58968cf9239a08349a7c4f499","n":19,"n_test":10,"classes":["0","1","2","3"],"counts":[9,6,3,1],"test_counts":[3,4,1,2],"group_of":[0,1,2,2],"groups":["head","mid","tail"],"steps":5,"test_sha256":"ea28900ff56c7943a64df4920a90d481b07ede2ddfb73fb5891f3d3ebaa58f7f","image":[8,8,1],"norm":[0.33298503611971103,0.17448205997698882],"known_by":"pixels","time":0}
  {"k":"env","q":3,"s":0,"m":0,"build":0,"backend":"cpu","isa":"portable","threads":1,"time":0}
  {"k":"state","q":4,"s":0,"m":0,"state":"training","why":null,"ep":0,"time":0}
  {"k":"step","q":5,"s":1,"m":0,"loss":0.636591673,"loss_up":0.85918957,"acc":1,"gn":4.17220354,"lr":0.0199999996,"rho":0.0500000007,"ms":0,"time":0}
  {"k":"gauge","q":6,"s":1,"m":0,"rise":0.222597882,"rho_gn":0.0119840754,"rho_wn":0.00185254647,"cos":0.955602705,"time":0}
  {"k":"step","q":7,"s":2,"m":0,"loss":1.62434685,"loss_up":2.05586743,"acc":0.5,"gn":9.31183243,"lr":0.0199999996,"rho":0.0500000007,"ms":0,"time":0}
  {"k":"step","q":8,"s":3,"m":0,"loss":1.08306241,"loss_up":1.50978351,"acc":0.5,"gn":8.43645,"lr":0.0199999996,"rho":0.0500000007,"ms":0,"time":0}
  {"k":"step","q":9,"s":4,"m":0,"loss":1.09065044,"loss_up":1.420398,"acc":0.25,"gn":6.43005466,"lr":0.0199999996,"rho":0.0500000007,"ms":0,"time":0}
  {"k":"step","q":10,"s":5,"m":0,"loss":1.68807781,"loss_up":2.16668391,"acc":0,"gn":9.34379673,"lr":0.0199999996,"rho":0.0500000007,"ms":0,"time":0}
  {"k":"epoch","q":11,"s":5,"m":0,"ep":1,"split":"test","loss":0.54198270238545043,"acc":100,"groups":[100,100,100],"cls":[100,100,100,100],"conf":[3,0,0,0,0,4,0,0,0,0,1,0,0,0,0,2],"train_loss":1.2001494100526189,"train_acc":47.368421052631582,"lr":0.02,"rho":0.050000000000000003,"drw":0,"best":100,"best_ep":1,"sec":0,"cls_loss":[0.0267153513,0.559324205,0.894823492,1.10378039],"train_cls_loss":[0.399675041,1.58867586,2.44411039,2.34137797],"math":null,"time":0}
  {"k":"snap","q":12,"s":5,"m":0,"name":"s0001","ep":1,"sha256":0,"state":"7800e9403f6351e861f162e59747591dc4e7a30e0148f74c6ef58e8190375d97","bytes":0,"pinned":0,"time":0}
  {"k":"state","q":13,"s":5,"m":0,"state":"finished","why":"all 5 steps are done","ep":1,"time":0}
  {"k":"seal","q":14,"s":5,"m":0,"why":"done","time":0}
  $ for quiet in '' -q -v; do saddle --log jsonl $quiet -c "$little; opt sam; set gauge_every 1; set eval_every 1; train --epochs 1 --no-record" | grep -o '"k":"[a-z]*"' | sort | uniq -c; done
        1 "k":"config"
        1 "k":"data"
        1 "k":"env"
        1 "k":"epoch"
       10 "k":"say"
        2 "k":"state"
        1 "k":"epoch"
        1 "k":"config"
        1 "k":"data"
        1 "k":"env"
        1 "k":"epoch"
        5 "k":"gauge"
       10 "k":"say"
        2 "k":"state"
        5 "k":"step"
  $ saddle --log none -c "$little; train --epochs 1 --name f" | steady
  tensors little.safetensors: 4 classes of 1..9 images, 19 in all, 10 to test on; 8x8 pixels, 1 channel
  batch 128 -> 4
  eval_every 1 -> 0
  hessian_every 1 -> 0
  snapshot_seconds 60 -> 0
  snapshot_every 1 -> 0
  nothing is watched
  f: resnet8, ce on 19 images, 5 steps of 4
  recorded in HOME/data/saddle/sessions/f.saddle (N GiB free)
  $ saddle --log none -v --log-file f.log -c "$little; train --steps 2 --name g" | steady; steady <f.log
  tensors little.safetensors: 4 classes of 1..9 images, 19 in all, 10 to test on; 8x8 pixels, 1 channel
  batch 128 -> 4
  eval_every 1 -> 0
  hessian_every 1 -> 0
  snapshot_seconds 60 -> 0
  snapshot_every 1 -> 0
  nothing is watched
  g: resnet8, ce on 19 images, 2 steps of 4
  recorded in HOME/data/saddle/sessions/g.saddle (N GiB free)
  $ saddle --log-file h.log -c "$little; train --steps 2 --name h" | steady >h.out; steady <h.log | diff h.out - | grep '^>'
  [1]
