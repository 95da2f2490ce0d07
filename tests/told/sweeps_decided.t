Sweeps that decide on their way: stopped early, and a ladder of rho.

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
  > put = lambda v: struct.pack(f'<{len(v)}q', *v)
  > for name, train in ('few.st', [0] * 13 + [1] * 7 + [2] * 4), ('some.st', [0] * 15 + [1] * 8 + [2] * 4):
  >     n, test = len(train), [0, 1, 2] * 2
  >     tensors.write(name, [('images', 'U8', [n, 1, 8, 8], some(n, train, 1)), ('labels', 'I64', [n], put(train)),
  >                          ('test_images', 'U8', [6, 1, 8, 8], some(6, test, 2)), ('test_labels', 'I64', [6], put(test))])
  > P
  $ plain() { grep -v -e ' -> ' -e '^tensors '; }
  $ set='data tensors some.st --val 9; model resnet8; set batch 8; set lr .05; opt sam; set weights effective; set drw 1; set hessian_every 0; set snapshot_seconds 0; seed 5'

Early: those below the median are stopped, none within its own grace.

  $ saddle -c "${set/some/few}; sweep rho=.05,.5,3 drw=1,3 --epochs 17 --early median --name early" | plain
  early-rho0.05-drw1-s5: training
  early-rho0.05-drw3-s5: training
  early-rho0.5-drw1-s5: training
  early-rho0.5-drw3-s5: training
  early-rho3-drw1-s5: training
  early-rho3-drw3-s5: training
  epoch 11: rho 3 drw 1 is stopped: val 33.33 is below 100.00, the median of 6
  epoch 16: rho 0.5 drw 1 is stopped: val 88.89 is below 94.44, the median of 6
  epoch 16: rho 3 drw 3 is stopped: val 33.33 is below 94.44, the median of 6
  early-rho0.05-drw1-s5: val 100.00, test 100.00 at epoch 17 (4 of 6)
  early-rho0.05-drw3-s5: val 100.00, test 100.00 at epoch 17 (5 of 6)
  early-rho0.5-drw3-s5: val 100.00, test 100.00 at epoch 17 (6 of 6)
  early: 6 of 6 runs done, 1 seed each; val and tail: on validation images
    #  rho   drw     val   tail   test  epoch  run
    1  0.05  1    100.00 100.00 100.00     17  early-rho0.05-drw1-s5
    2  0.05  3    100.00 100.00 100.00     17  early-rho0.05-drw3-s5
    3  0.5   3    100.00 100.00 100.00     17  early-rho0.5-drw3-s5
    -  0.5   1     88.89 100.00      .     16 stopped  early-rho0.5-drw1-s5
    -  3     1     33.33   0.00      .     11 stopped  early-rho3-drw1-s5
    -  3     3     33.33   0.00      .     16 stopped  early-rho3-drw3-s5
  'fork early-rho0.05-drw1-s5' goes on from the best
  $ saddle sweep early --csv - | cut -d, -f1-3,5,8-10
  rank,rho,drw,val,epoch,state,val_mean
  1,0.05,1,100,17,done,100
  2,0.05,3,100,17,done,100
  3,0.5,3,100,17,done,100
  ,0.5,1,88.888889,16,stopped,88.888889
  ,3,1,33.333333,11,stopped,33.333333
  ,3,3,33.333333,16,stopped,33.333333
  $ saddle -c 'sweep early --resume'
  epoch 11: rho 3 drw 1 is stopped: val 33.33 is below 100.00, the median of 6
  epoch 16: rho 0.5 drw 1 is stopped: val 88.89 is below 94.44, the median of 6
  epoch 16: rho 3 drw 3 is stopped: val 33.33 is below 94.44, the median of 6
  early: 6 of 6 runs done, 1 seed each; val and tail: on validation images
    #  rho   drw     val   tail   test  epoch  run
    1  0.05  1    100.00 100.00 100.00     17  early-rho0.05-drw1-s5
    2  0.05  3    100.00 100.00 100.00     17  early-rho0.05-drw3-s5
    3  0.5   3    100.00 100.00 100.00     17  early-rho0.5-drw3-s5
    -  0.5   1     88.89 100.00      .     16 stopped  early-rho0.5-drw1-s5
    -  3     1     33.33   0.00      .     11 stopped  early-rho3-drw1-s5
    -  3     3     33.33   0.00      .     16 stopped  early-rho3-drw3-s5
  'fork early-rho0.05-drw1-s5' goes on from the best

One that was stopped counts with what it had, whatever became of it.

  $ saddle -q -c 'resume early-rho3-drw1-s5' >/dev/null; saddle sweep early | grep rho3; saddle sweep early --csv - | grep rho3
    -  3     1     33.33   0.00      .     11 stopped  early-rho3-drw1-s5
    -  3     3     33.33   0.00      .     16 stopped  early-rho3-drw3-s5
  ,3,1,5,33.333333,0,,11,stopped,33.333333,,early-rho3-drw1-s5
  ,3,3,5,33.333333,0,,16,stopped,33.333333,,early-rho3-drw3-s5

rho=auto: a ladder, each decision with its numbers; the largest tried is where it ends.

  $ saddle -c "$set; sweep rho=auto drw=1,2 --epochs 3 --name ladder" | plain | grep -v ': training'
  ladder-rho0.05-drw1-s5: val 100.00, test 100.00 at epoch 3 (1 of 4)
  ladder-rho0.05-drw1-s6: val 100.00, test 100.00 at epoch 3 (2 of 4)
  ladder-rho0.05-drw2-s5: val 88.89, test 66.67 at epoch 3 (3 of 4)
  ladder-rho0.05-drw2-s6: val 88.89, test 66.67 at epoch 3 (4 of 4)
  drw 1 rho 0.05: val 100.00 (100.00 100.00); 0.1 is next
  drw 2 rho 0.05: val 88.89 (88.89 88.89); 0.1 is next
  ladder-rho0.1-drw1-s5: val 77.78, test 83.33 at epoch 3 (5 of 8)
  ladder-rho0.1-drw1-s6: val 88.89, test 83.33 at epoch 3 (6 of 8)
  ladder-rho0.1-drw2-s5: val 66.67, test 66.67 at epoch 3 (7 of 8)
  ladder-rho0.1-drw2-s6: val 88.89, test 66.67 at epoch 3 (8 of 8)
  drw 1 rho 0.1: val 83.33 (77.78 88.89), 16.67 below rho 0.05, noise 11.11: it ends here
  drw 2 rho 0.1: val 77.78 (66.67 88.89), 11.11 below rho 0.05, noise 22.22: 0.2 is next
  ladder-rho0.2-drw2-s5: val 77.78, test 66.67 at epoch 3 (9 of 10)
  ladder-rho0.2-drw2-s6: val 66.67, test 50.00 at epoch 3 (10 of 10)
  drw 2 rho 0.2: val 72.22 (77.78 66.67), 16.67 below rho 0.05, noise 20.29: 0.4 is next
  ladder-rho0.4-drw2-s5: val 77.78, test 66.67 at epoch 3 (11 of 12)
  ladder-rho0.4-drw2-s6: val 88.89, test 66.67 at epoch 3 (12 of 12)
  drw 2 rho 0.4: val 83.33 (77.78 88.89), 5.56 below rho 0.05, noise 19.25: 0.8 is next
  ladder-rho0.8-drw2-s5: val 77.78, test 66.67 at epoch 3 (13 of 14)
  ladder-rho0.8-drw2-s6: val 33.33, test 33.33 at epoch 3 (14 of 14)
  drw 2 rho 0.8: val 55.56 (77.78 33.33), 33.33 below rho 0.05, noise 32.96: it ends here
  ladder: 14 of 14 runs done, 2 seeds each; val and tail: on validation images
    #  rho   drw     val    sd   tail   test  epoch  run
    1  0.05  1    100.00  0.00 100.00 100.00      3  ladder-rho0.05-drw1-s5
    2  0.05  2     88.89  0.00   0.00  66.67      3  ladder-rho0.05-drw2-s5
    3  0.1   1     83.33  7.86 100.00  83.33      3  ladder-rho0.1-drw1-s6
    4  0.4   2     83.33  7.86   0.00  66.67      3  ladder-rho0.4-drw2-s6
    5  0.1   2     77.78 15.71   0.00  66.67      3  ladder-rho0.1-drw2-s6
    6  0.2   2     72.22  7.86   0.00  58.33      3  ladder-rho0.2-drw2-s5
    7  0.8   2     55.56 31.43   0.00  50.00      3  ladder-rho0.8-drw2-s5
  'fork ladder-rho0.05-drw1-s5' goes on from the best
  $ saddle sweep ladder | head -1; tail -1 data/saddle/sessions/ladder.sweep
  ladder: 14 of 14 runs done, 2 seeds each; val and tail: on validation images
  sweep rho=auto drw=1,2 --seeds 2 --name ladder
  $ set3=$(echo "$set" | sed 's/some/few/; s/--val 9/--val 3/; s/seed 5/seed 7/'); saddle -c "$set3; sweep rho=auto --epochs 2 --name ties" | grep '^rho'
  rho 0.05: val 83.33 (100.00 66.67); 0.1 is next
  rho 0.1: val 83.33 (100.00 66.67), 0.00 above rho 0.05, noise 47.14: 0.2 is next
  rho 0.2: val 66.67 (66.67 66.67), 16.67 below rho 0.05, noise 38.49: 0.4 is next
  rho 0.4: val 66.67 (66.67 66.67), 16.67 below rho 0.05, noise 33.33: 0.8 is next
  rho 0.8: val 33.33 (33.33 33.33), 50.00 below rho 0.05, noise 33.33: it ends here
