A run that is killed, and taken up again: what is repeated, what is measured once more, what waits on.

  $ . $TOLD/setup.sh
  $ little
  $ mkfifo in
  $ killed() {
  >     "$SADDLE" --no-config --device=cpu --threads=1 <in >out 2>&1 &
  >     exec 3>in
  >     cat >&3; echo 'echo ready' >&3
  >     until grep -q ready out && grep -q "${1:-ready}" out; do sleep 0.02; done
  >     kill -9 $!; wait $! 2>/dev/null; echo "[exit $?]"
  >     exec 3>&-
  > }
  $ killed 'snapshot two .* state=' <<END
  > $little
  > opt sam; set eval_every 1; seed 5; watch 1
  > train --epochs 4 --name a --paused
  > step 2; wait step 2; snapshot two; step 2; wait step 4
  > set rho .2; set lr .3 at step 12; set wd 0 in 3 steps; set momentum .5 if acc < 1; note mark; eval train; hessian 3 --iters 3; margins 2; unwatch; watch 2 3
  > step 4; wait step 8; cancel 1; save weights before.safetensors; note last
  > END
  [exit 137]
  $ saddle info a | steady | sed -E 's/ [0-9.]+ KiB/ N KiB/; s/^[0-9]+ events/N events/'
  a rID: tensors little.safetensors, ce+sam rho 0.2, broken off at epoch 1.6, step 8, acc 40.00 best 40.00 on test tail 0.00, DATE
  HOME/data/saddle/sessions/a.saddle
  not as by default: data tensors, imbalance none, groups 0/1/2-3, augment off, model resnet8, seed 5, device cpu, threads 1, opt sam, rho 0.2* (0.05 > 0.2@0.8), weight_decay 0* (0.0002 > 0@1.4), epochs 4, batch 4, snapshot_every 0, snapshot_seconds 0, hessian_every 0
  note at epoch 0.8: mark
  note at epoch 1.6: last
  N events, 1 snapshot:
    two        step 2        ep 0.4         N KiB  kept
  $ saddle -v -c "resume a --paused; note taken; show pending; show diff; save weights after.safetensors; undo; undo; note end; quit --yes" | quiet
  a: from the snapshot of step 2, repeating 6 recorded steps
  3: set momentum 0.5 if acc < 1
  rho              0.05 -> 0.2
  weight_decay     0.0002 -> 0
  after.safetensors written, step 8 (ep 1.6)
  event step=8 ep=1.60 note taken
  event step=8 ep=1.60 set weight_decay 0 0.0002 by=script
  event step=8 ep=1.60 set rho 0.2 0.05 by=script
  event step=8 ep=1.60 note end
  event step=8 ep=1.60 stop
  event step=8 ep=1.60 stopped done
  event step=8 ep=1.60 snapshot s0001 state=3bb3a978635a6441d159229e0067f2481592d781ca3db418e7571cac0b503f30
  $ cmp before.safetensors after.safetensors
  $ saddle -c "resume a@last" | quiet
  a: from the snapshot of step 8
  event step=8 ep=1.60 training
  eval  step=10 ep=2 lr=0.04 rho=0.05 drw=0 loss=1.2964 acc=70.00 head=100.00 mid=100.00 tail=0.00 best=70.00@2 train_loss=0.4093 train_acc=84.21
  eval  step=15 ep=3 lr=0.06 rho=0.05 drw=0 loss=1.7756 acc=80.00 head=100.00 mid=100.00 tail=50.00 best=80.00@3 train_loss=0.5191 train_acc=89.47
  eval  step=20 ep=4 lr=0.08 rho=0.05 drw=0 loss=0.1455 acc=100.00 head=100.00 mid=100.00 tail=100.00 best=100.00@4 train_loss=0.4667 train_acc=89.47
  event step=20 ep=4.00 finished all 20 steps are done
  event step=20 ep=4.00 snapshot s0004 state=d541ed77e56a38b566db8632aa7eae50fdf946b678345afa716b2f7d39aa815b
  $ killed <<END
  > $little
  > train --epochs 2 --name b --paused
  > step 1; wait step 1; note x
  > END
  [exit 137]
  $ saddle -c "resume b" | quiet
  b: from the weights of the seed, repeating 1 recorded step
  event step=1 ep=0.20 training
  event step=10 ep=2.00 finished all 10 steps are done
  event step=10 ep=2.00 snapshot s0002 state=b42f970f7cb2a5f45f148b02fdf1f78728807e67f2f4bab50e128ca0f05e7e40
  $ saddle verify b | steady | sed -E 's/[0-9]+ (bytes|records|events)/N \1/g; s/[0-9a-f]{64}/HASH/'
  journal-000001.zst: N records, N events, N bytes
  journal-000002.zst: N records, N events, N bytes
  snap-000000000010-t0.safetensors.zst: 's0002', N bytes decoded, sha256 HASH
  journal: N events count, last step 10
  session: sha256 HASH
  $ killed 'snapshot s0000 .* state=' <<END
  > $little
  > opt sam; train --epochs 2 --name c --paused
  > pause --release
  > note x
  > END
  [exit 137]
  $ saddle -c "resume c --paused; eval; pause --release; note y; eval" | quiet
  c: from the snapshot of step 0
  saddle: eval: eval needs the weights, and the run gave device and memory back; 'resume' takes them again
  [exit 1]
  event step=0 ep=0.00 eval test by=script
  eval  step=0 ep=0 lr=0.02 rho=0.05 drw=0 loss=2.6934 acc=30.00 head=100.00 mid=0.00 tail=0.00 best=30.00@0
  event step=0 ep=0.00 pause by=script
  event step=0 ep=0.00 paused asked for; device and memory are given back
  event step=0 ep=0.00 note y
  event step=0 ep=0.00 stop
  event step=0 ep=0.00 stopped a command failed
  $ saddle -c "resume c --paused; note y; pause --release; show; set rho .2; step 2; wait step 2; eval; pause --release; hessian 3" | quiet
  c: from the snapshot of step 0
  c: tensors little.safetensors, resnet8, ce+sam; step 0, epoch 0.0, paused
  eval at epoch 0: acc 30.00, loss 2.6934, best 30.00 at epoch 0, chosen on test images
  saddle: hessian: hessian needs the weights, and the run gave device and memory back; 'resume' takes them again
  [exit 1]
  event step=0 ep=0.00 note y
  event step=0 ep=0.00 pause by=script
  event step=0 ep=0.00 paused asked for; device and memory are given back
  event step=0 ep=0.00 set rho 0.05 0.2 by=script
  event step=0 ep=0.00 step by=script
  event step=0 ep=0.00 training for some steps
  event step=2 ep=0.40 paused the steps asked for are done
  event step=2 ep=0.40 eval test by=script
  eval  step=2 ep=0.4 lr=0.02 rho=0.2 drw=0 loss=2.9009 acc=30.00 head=100.00 mid=0.00 tail=0.00 best=30.00@0 train_loss=1.1453 train_acc=75.00
  event step=2 ep=0.40 pause by=script
  event step=2 ep=0.40 paused asked for; device and memory are given back
  event step=2 ep=0.40 stop
  event step=2 ep=0.40 stopped a command failed
  event step=2 ep=0.40 snapshot s0000-2 state=82d5b084820837f009d53098af3c15a0657edc2c2f57325a35c3d1c264a30cca
  $ saddle -c "resume c --paused; note y; pause --release; pause --release; pause; save weights x" | quiet
  c: from the snapshot of step 2
  saddle: pause: paused already at step 2, device and memory given back; 'resume' goes on
  [exit 1]
  event step=2 ep=0.40 note y
  event step=2 ep=0.40 pause by=script
  event step=2 ep=0.40 paused asked for; device and memory are given back
  event step=2 ep=0.40 stop
  event step=2 ep=0.40 stopped a command failed
  $ killed 'snapshot late .* state=' <<END
  > $little
  > train --epochs 2 --name d --paused
  > step 1; wait step 1; snapshot early; step 2; wait step 3; snapshot late
  > END
  [exit 137]
  $ ls data/saddle/sessions/d.saddle | grep snap
  snap-000000000001-t0.safetensors.zst
  snap-000000000003-t0.safetensors.zst
  $ rm data/saddle/sessions/d.saddle/snap-*
  $ saddle -c "resume d --paused; note x; quit --yes" | quiet
  d: from the weights of the seed, repeating 3 recorded steps
  event step=3 ep=0.60 note x
  event step=3 ep=0.60 stop
  event step=3 ep=0.60 stopped done
  event step=3 ep=0.60 snapshot s0000 state=405721ec8b802dada789f2579ce33b12ce2e32d99441f32cb2d3d821c4c21222
  $ saddle info d | steady | sed -E 's/ [0-9.]+ KiB/ N KiB/; s/^[0-9]+ events/N events/'
  d rID: tensors little.safetensors, ce, stopped at epoch 0.6, step 3, DATE
  HOME/data/saddle/sessions/d.saddle
  not as by default: data tensors, imbalance none, groups 0/1/2-3, augment off, model resnet8, device cpu, threads 1, epochs 2, batch 4, eval_every 0, snapshot_every 0, snapshot_seconds 0, hessian_every 0
  note at epoch 0.6: x
  N events, 1 snapshot:
    s0000      step 3        ep 0.6         N KiB
