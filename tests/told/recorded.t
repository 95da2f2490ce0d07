The table of recordings, whole: its order, filters, trees and notes; and what is known of each. forge.py says what was recorded.

  $ . $TOLD/setup.sh
  $ mkdir runs && cd runs && python3 $TOLD/forge.py && mkdir ../empty
  $ S="--sessions ."
  $ saddle $S sessions
  NAME        STATE       EPOCH  ACC   TAIL  BEST          LOSS/OPT              DATA              RECORDED          ID      FROM
  waiting     waiting     3.0    -     -     -             ldam+drw+sam rho 0.6  pets-lt beta=100  2026-09-30 14:13  r12625  fork@3
  other, "x"  finished    2.0    56.5  40.0  56.5 on test  ce+asam rho 0.5       zoo, beta=20      2026-09-29 14:13  rf9978
  again       broken off  3.0    67.3  21.2  67.3 on test  ce+sam rho 0.05       pets-lt beta=100  2026-09-28 14:13  raaa4d
  fork        stopped     3.3    67.3  55.0  67.3          ldam+drw+sam rho 0.6  pets-lt beta=100  2026-09-27 14:13  r3f673  sam@2
  orphan      failed      2.0    55.4  16.2  55.4 on test  ce                    pets-lt beta=100  2026-09-26 14:13  r150c7  gone@1
  sam         finished    5.0    67.9  50.0  68.5          ldam+drw+sam rho 0.3  pets-lt beta=100  2026-09-25 14:13  rf16be
  bare        broken off  0.0    -     -     -             ce+drw+sam rho 0.1    pets-lt beta=100  2026-09-24 14:13  rb9e2c
  plain       finished    4.0    63.7  5.0   67.9 on test  ce                    pets-lt beta=100  2026-09-23 14:13  r68c46
  lost        diverged    1.6    29.8  0.0   29.8 on test  ce                    pets-lt beta=100  2026-09-22 14:13  r20102
  seed        stopped     3.5    64.3  5.0   64.3 on test  ce                    pets-lt beta=100  2026-09-21 14:13  r92713
  $ for by in name data loss opt state epoch acc tail best time; do echo "$by: $(saddle $S sessions --sort $by | awk 'NR > 1 { printf "%s ", $1 }')"; done
  name: again bare fork lost orphan other, plain sam seed waiting 
  data: waiting again fork orphan sam bare plain lost seed other, 
  loss: other, again orphan bare plain lost seed waiting fork sam 
  opt: other, waiting again fork sam bare orphan plain lost seed 
  state: again bare lost orphan other, sam plain fork seed waiting 
  epoch: sam plain seed fork waiting again other, orphan lost bare 
  acc: sam again fork seed plain other, orphan lost waiting bare 
  tail: fork sam other, again orphan plain seed lost waiting bare 
  best: sam plain again fork seed other, orphan lost waiting bare 
  time: waiting other, again fork orphan sam bare plain lost seed 
  $ saddle $S sessions --tree
  NAME         STATE       EPOCH  ACC   TAIL  BEST          LOSS/OPT              DATA              RECORDED          ID      FROM
  other, "x"   finished    2.0    56.5  40.0  56.5 on test  ce+asam rho 0.5       zoo, beta=20      2026-09-29 14:13  rf9978
  again        broken off  3.0    67.3  21.2  67.3 on test  ce+sam rho 0.05       pets-lt beta=100  2026-09-28 14:13  raaa4d
  orphan       failed      2.0    55.4  16.2  55.4 on test  ce                    pets-lt beta=100  2026-09-26 14:13  r150c7  gone@1 (not here)
  sam          finished    5.0    67.9  50.0  68.5          ldam+drw+sam rho 0.3  pets-lt beta=100  2026-09-25 14:13  rf16be
    fork       stopped     3.3    67.3  55.0  67.3          ldam+drw+sam rho 0.6  pets-lt beta=100  2026-09-27 14:13  r3f673  sam@2
      waiting  waiting     3.0    -     -     -             ldam+drw+sam rho 0.6  pets-lt beta=100  2026-09-30 14:13  r12625  fork@3
  bare         broken off  0.0    -     -     -             ce+drw+sam rho 0.1    pets-lt beta=100  2026-09-24 14:13  rb9e2c
  plain        finished    4.0    63.7  5.0   67.9 on test  ce                    pets-lt beta=100  2026-09-23 14:13  r68c46
  lost         diverged    1.6    29.8  0.0   29.8 on test  ce                    pets-lt beta=100  2026-09-22 14:13  r20102
  seed         stopped     3.5    64.3  5.0   64.3 on test  ce                    pets-lt beta=100  2026-09-21 14:13  r92713
  $ saddle $S sessions --tree 'f*'
  NAME    STATE    EPOCH  ACC   TAIL  BEST  LOSS/OPT              DATA              RECORDED          ID      FROM
    fork  stopped  3.3    67.3  55.0  67.3  ldam+drw+sam rho 0.6  pets-lt beta=100  2026-09-27 14:13  r3f673  sam@2
  $ saddle $S sessions '*a*' --notes
  NAME     STATE       EPOCH  ACC   TAIL  BEST          LOSS/OPT              DATA              RECORDED          ID      FROM
  waiting  waiting     3.0    -     -     -             ldam+drw+sam rho 0.6  pets-lt beta=100  2026-09-30 14:13  r12625  fork@3
  again    broken off  3.0    67.3  21.2  67.3 on test  ce+sam rho 0.05       pets-lt beta=100  2026-09-28 14:13  raaa4d
  orphan   failed      2.0    55.4  16.2  55.4 on test  ce                    pets-lt beta=100  2026-09-26 14:13  r150c7  gone@1
  sam      finished    5.0    67.9  50.0  68.5          ldam+drw+sam rho 0.3  pets-lt beta=100  2026-09-25 14:13  rf16be
    note at epoch 2.5: rho, "larger": look_at \xce\xbb (esc)
  bare     broken off  0.0    -     -     -             ce+drw+sam rho 0.1    pets-lt beta=100  2026-09-24 14:13  rb9e2c
  plain    finished    4.0    63.7  5.0   67.9 on test  ce                    pets-lt beta=100  2026-09-23 14:13  r68c46
    note at epoch 2: best so far
  $ saddle $S sessions --names
  seed
  lost
  plain
  bare
  sam
  orphan
  fork
  again
  other, "x"
  waiting
  $ saddle $S sessions --names '?o*'
  lost
  fork
  $ saddle $S sessions 'no*'
  no run matches 'no*'; 10 recorded in .
  $ saddle --sessions ../empty sessions
  no recorded runs in ../empty
  $ saddle --sessions ../empty sessions --names
  $ saddle $S sessions --sort size
  saddle: sessions: 'size' is no column; there are time, name, data, loss, opt, state, epoch, acc, tail and best
  [exit 1]
  $ saddle $S sessions --tree --sort name
  saddle: sessions: --tree has an order of its own: what came of a run stands below it
  [exit 1]
  $ saddle $S sessions --names --notes
  saddle: sessions: --names lists names alone, newest first; --sort, --notes and --tree are for the table
  [exit 1]
  $ saddle $S sessions --names --tree
  saddle: sessions: --names lists names alone, newest first; --sort, --notes and --tree are for the table
  [exit 1]
  $ saddle $S sessions --names --sort acc
  saddle: sessions: --names lists names alone, newest first; --sort, --notes and --tree are for the table
  [exit 1]
  $ saddle $S sessions --names --sort time plain
  plain

What is known of each.

  $ for run in plain seed sam again fork waiting orphan lost 'other, "x"' bare; do saddle $S info "$run"; echo; done
  plain r68c46: pets-lt beta=100, ce, finished at epoch 4, step 40, acc 63.69 best 67.86 on test tail 5.00, 2026-09-23 14:13
  ./plain.saddle
  not as by default: model resnet8, threads 1, drw 0, lr 0.1, rho 0.1, epochs 4, batch 64, hessian_every 2
  note at epoch 2: best so far
  55 events, 0 snapshots
  
  seed r92713: pets-lt beta=100, ce, stopped at epoch 3.5, step 35, acc 64.29 best 64.29 on test tail 5.00, 2026-09-21 14:13
  ./seed.saddle
  not as by default: model resnet8, seed 3, threads 1, drw 0, lr 0.1, rho 0.1, epochs 4, batch 64, hessian_every 2
  45 events, 0 snapshots
  
  sam rf16be: pets-lt beta=100, ldam+drw+sam rho 0.3, finished at epoch 5, step 50, acc 67.86 best 68.45 tail 50.00, 2026-09-25 14:13
  ./sam.saddle
  not as by default: val 168, model resnet8, threads 1, loss ldam, weights effective, drw 2, beta_en 0.999, ldam_s 20, opt sam, lr 0.05* (0.1 > 0.05@3), rho 0.3* (0.1 > 0.3@2), epochs 5, batch 64, hessian_every 2
  from epoch 4 on stage crt: head trains for 1 epochs of 10 steps, sampler balanced, norm frozen, loss ce, weights none
  what came of it: fork, from epoch 2 on
  note at epoch 2.5: rho, "larger": look_at \xce\xbb (esc)
  94 events, 0 snapshots
  
  again raaa4d: pets-lt beta=100, ce+sam rho 0.05, broken off at epoch 3, step 30, acc 67.26 best 67.26 on test tail 21.25, 2026-09-28 14:13
  ./again.saddle
  not as by default: model resnet8, threads 1, drw 0, opt sam, lr 0.1, rho 0.05* (0.2 > 0.5@2 > 0.05@2), epochs 4, batch 64, hessian_every 2
  45 events, 0 snapshots
  
  fork r3f673: pets-lt beta=100, ldam+drw+sam rho 0.6, stopped at epoch 3.3, step 33, acc 67.26 best 67.26 tail 55.00, 2026-09-27 14:13, from sam@2
  ./fork.saddle
  began with the state of sam@2 (step 20, run rf16bed56189e), SHA-256 2222222222222222222222222222222222222222222222222222222222222222
  not as by default: val 168, model resnet8, threads 1, loss ldam, weights effective, drw 2, beta_en 0.999, ldam_s 20, opt sam, lr 0.1, rho 0.6, epochs 5, batch 64, hessian_every 2
  what came of it: waiting, from epoch 3 on
  that run is here: sam
  23 events, 0 snapshots
  
  waiting r12625: pets-lt beta=100, ldam+drw+sam rho 0.6, waiting at epoch 3, step 30, 2026-09-30 14:13, from fork@3
  ./waiting.saddle
  began with the state of fork@3 (step 30, run r3f673f2a8e0a), SHA-256 4444444444444444444444444444444444444444444444444444444444444444
  not as by default: val 168, model resnet8, threads 1, loss ldam, weights effective, drw 2, beta_en 0.999, ldam_s 20, opt sam, lr 0.1, rho 0.6, epochs 6, batch 64, hessian_every 2
  that run is here: fork
  7 events, 0 snapshots
  
  orphan r150c7: pets-lt beta=100, ce, failed at epoch 2, step 20, acc 55.36 best 55.36 on test tail 16.25, 2026-09-26 14:13, from gone@1
  ./orphan.saddle
  began with the state of gone@1 (step 10, run r0123456789ab), SHA-256 3333333333333333333333333333333333333333333333333333333333333333
  not as by default: model resnet8, seed 3, threads 1, drw 0, lr 0.1, rho 0.1, epochs 4, batch 64, hessian_every 2
  that run is not in the sessions folder, and not needed
  18 events, 0 snapshots
  
  lost r20102: pets-lt beta=100, ce, diverged at epoch 1.6, step 16, acc 29.76 best 29.76 on test tail 0.00, 2026-09-22 14:13
  ./lost.saddle
  not as by default: model resnet8, threads 1, drw 0, lr 8, rho 0.1, epochs 4, batch 64, hessian_every 2
  26 events, 0 snapshots
  
  other, "x" rf9978: zoo, beta=20, ce+asam rho 0.5, finished at epoch 2, step 20, acc 56.52 best 56.52 on test tail 40.00, 2026-09-29 14:13
  ./other, "x".saddle
  not as by default: data cifar10, beta 20, model resnet8, threads 1, drw 0, opt asam, lr 0.1, rho 0.5, epochs 4, batch 64, hessian_every 2
  30 events, 0 snapshots
  
  bare rb9e2c: pets-lt beta=100, ce+drw+sam rho 0.1, broken off at epoch 0, step 3, 2026-09-24 14:13
  ./bare.saddle
  not as by default: model resnet8, threads 1, weights inverse, drw 1, opt sam, lr 0.1, rho 0.1, epochs 4, batch 64, hessian_every 2
  8 events, 0 snapshots
  
  $ saddle $S info
  saddle: usage: saddle info RUN
  [exit 2]
  $ saddle $S info nobody
  saddle: info: no session 'nobody'; the newest is 'waiting'
  [exit 3]
  $ saddle $S info sam@3
  saddle: info: no session 'sam@3'; did you mean 'sam'?
  [exit 3]
  $ saddle $S -c 'replay sam; info'
  sam: at epoch 5.0 of 5.0; 'seek', 'speed', 'live'
  sam rf16be: pets-lt beta=100, ldam+drw+sam rho 0.3, finished at epoch 5, step 50, acc 67.86 best 68.45 tail 50.00, 2026-09-25 14:13
  ./sam.saddle
  not as by default: val 168, model resnet8, threads 1, loss ldam, weights effective, drw 2, beta_en 0.999, ldam_s 20, opt sam, lr 0.05* (0.1 > 0.05@3), rho 0.3* (0.1 > 0.3@2), epochs 5, batch 64, hessian_every 2
  from epoch 4 on stage crt: head trains for 1 epochs of 10 steps, sampler balanced, norm frozen, loss ce, weights none
  what came of it: fork, from epoch 2 on
  note at epoch 2.5: rho, "larger": look_at \xce\xbb (esc)
  94 events, 0 snapshots

A parent that has another name now; a child without it; many notes; more children than are told.

  $ mv sam.saddle renamed.saddle
  $ saddle $S info fork | grep -v '^ '
  fork r3f673: pets-lt beta=100, ldam+drw+sam rho 0.6, stopped at epoch 3.3, step 33, acc 67.26 best 67.26 tail 55.00, 2026-09-27 14:13, from sam@2
  ./fork.saddle
  began with the state of sam@2 (step 20, run rf16bed56189e), SHA-256 2222222222222222222222222222222222222222222222222222222222222222
  not as by default: val 168, model resnet8, threads 1, loss ldam, weights effective, drw 2, beta_en 0.999, ldam_s 20, opt sam, lr 0.1, rho 0.6, epochs 5, batch 64, hessian_every 2
  what came of it: waiting, from epoch 3 on
  that run is here: renamed
  23 events, 0 snapshots
  $ saddle $S sessions --tree '[fr]*'
  NAME     STATE     EPOCH  ACC   TAIL  BEST  LOSS/OPT              DATA              RECORDED          ID      FROM
  renamed  finished  5.0    67.9  50.0  68.5  ldam+drw+sam rho 0.3  pets-lt beta=100  2026-09-25 14:13  rf16be
    fork   stopped   3.3    67.3  55.0  67.3  ldam+drw+sam rho 0.6  pets-lt beta=100  2026-09-27 14:13  r3f673  renamed@2
  $ saddle $S info renamed | grep 'came of it'
  what came of it: fork, from epoch 2 on
  $ mkdir away && mv renamed.saddle away
  $ saddle $S info fork | grep 'that run'
  that run is not in the sessions folder, and not needed
  $ saddle $S sessions --tree 'fork'
  NAME  STATE    EPOCH  ACC   TAIL  BEST  LOSS/OPT              DATA              RECORDED          ID      FROM
  fork  stopped  3.3    67.3  55.0  67.3  ldam+drw+sam rho 0.6  pets-lt beta=100  2026-09-27 14:13  r3f673  sam@2 (not here)

Two copies of one run: the one that is called as the parent was is meant; an id needs digits enough, and tells the copies apart by name alone.

  $ mv away/renamed.saddle away/sam.saddle && cp -rp away/sam.saddle z.saddle && cp -rp away/sam.saddle a.saddle
  $ saddle $S info fork | grep 'that run'
  that run is here: a
  $ mv a.saddle sam.saddle
  $ saddle $S info fork | grep 'that run'
  that run is here: sam
  $ saddle $S info rf16be
  saddle: info: rf16be is both 'sam' and 'z'; they are the same run, so give a name
  [exit 3]
  $ saddle $S info r3f67 | head -n 1
  fork r3f673: pets-lt beta=100, ldam+drw+sam rho 0.6, stopped at epoch 3.3, step 33, acc 67.26 best 67.26 tail 55.00, 2026-09-27 14:13, from sam@2
  $ saddle $S info r3f6 | head -n 1
  saddle: info: no session 'r3f6'; the newest is 'waiting'
  $ saddle $S info r3g673
  saddle: info: no session 'r3g673'; the newest is 'waiting'
  [exit 3]
  $ rm -r z.saddle
  $ saddle $S info samxyz
  saddle: info: no session 'samxyz'; did you mean 'sam'?
  [exit 3]
  $ saddle $S info samvxyz
  saddle: info: no session 'samvxyz'; the newest is 'waiting'
  [exit 3]
  $ saddle $S info wait
  saddle: info: no session 'wait'; did you mean 'waiting'?
  [exit 3]
  $ python3 $TOLD/forge.py cut && saddle $S sessions cut && rm -r cut.saddle
  NAME  STATE       EPOCH  ACC   TAIL  BEST          LOSS/OPT  DATA              RECORDED          ID
  cut   broken off  4.0    63.7  5.0   63.7 on test  ce        pets-lt beta=100  2026-09-20 14:13  r06e45

Where nothing was recorded.

  $ mkdir void.saddle
  $ saddle $S info void
  saddle: info: './void.saddle' is not a session: no journal in it
  [exit 3]
  $ saddle $S sessions 'v*'
  no run matches 'v*'; 10 recorded in .
  $ rmdir void.saddle

More than is told: 20 notes, stages and children.

  $ mkdir ../more && cd ../more && python3 $TOLD/forge.py family
  $ saddle $S info many
  many rf2547: pets-lt beta=100, ce, stopped at epoch 2.2, step 22, 2026-09-20 14:13
  ./many.saddle
  not as by default: model resnet8, threads 1, drw 0, lr 0.1, rho 0.1, epochs 4, batch 64, hessian_every 2
  from epoch 0 on stage lws: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 1 on stage drw: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 2 on stage lws: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 3 on stage drw: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 4 on stage lws: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 5 on stage drw: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 6 on stage lws: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 7 on stage drw: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 8 on stage lws: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 9 on stage drw: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 10 on stage lws: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 11 on stage drw: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 12 on stage lws: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 13 on stage drw: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 14 on stage lws: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 15 on stage drw: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 16 on stage lws: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 17 on stage drw: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 18 on stage lws: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  from epoch 19 on stage drw: all trains for 1 epochs of 10 steps, sampler all, norm shifted, loss ce, weights none
  and 2 more stages that began
  what came of it: child-00, from epoch 1 on
  what came of it: child-01, from epoch 1.1 on
  what came of it: child-02, from epoch 1.2 on
  what came of it: child-03, from epoch 1 on
  what came of it: child-04, from epoch 1.1 on
  what came of it: child-05, from epoch 1.2 on
  what came of it: child-06, from epoch 1 on
  what came of it: child-07, from epoch 1.1 on
  what came of it: child-08, from epoch 1.2 on
  what came of it: child-09, from epoch 1 on
  what came of it: child-10, from epoch 1.1 on
  what came of it: child-11, from epoch 1.2 on
  what came of it: child-12, from epoch 1 on
  what came of it: child-13, from epoch 1.1 on
  what came of it: child-14, from epoch 1.2 on
  what came of it: child-15, from epoch 1 on
  what came of it: child-16, from epoch 1.1 on
  what came of it: child-17, from epoch 1.2 on
  what came of it: child-18, from epoch 1 on
  what came of it: child-19, from epoch 1.1 on
  and 2 more; 'sessions --tree' has all
  note at epoch 0.1: number 1
  note at epoch 0.2: number 2
  note at epoch 0.3: number 3
  note at epoch 0.4: number 4
  note at epoch 0.5: number 5
  note at epoch 0.6: number 6
  note at epoch 0.7: number 7
  note at epoch 0.8: number 8
  note at epoch 0.9: number 9
  note at epoch 1: number 10
  note at epoch 1.1: number 11
  note at epoch 1.2: number 12
  note at epoch 1.3: number 13
  note at epoch 1.4: number 14
  note at epoch 1.5: number 15
  note at epoch 1.6: number 16
  note at epoch 1.7: number 17
  note at epoch 1.8: number 18
  note at epoch 1.9: number 19
  note at epoch 2: number 20
  and 2 more notes; 'export csv PATH RUN' has all
  73 events, 0 snapshots
  $ saddle $S sessions many --notes | tail -n 3
    note at epoch 1.9: number 19
    note at epoch 2: number 20
    and 2 more notes; 'export csv PATH RUN' has all
  $ saddle $S sessions --tree | awk '{ print $1, $NF }'
  NAME FROM
  many rf2547
  child-00 many@1
  child-03 many@1
  child-06 many@1
  child-09 many@1
  child-12 many@1
  child-15 many@1
  child-18 many@1
  child-21 many@1
  child-01 many@1.1
  child-04 many@1.1
  child-07 many@1.1
  child-10 many@1.1
  child-13 many@1.1
  child-16 many@1.1
  child-19 many@1.1
  child-02 many@1.2
  child-05 many@1.2
  child-08 many@1.2
  child-11 many@1.2
  child-14 many@1.2
  child-17 many@1.2
  child-20 many@1.2
