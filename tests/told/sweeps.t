Sweeps: their runs, what is said of them, the table, its file; what is refused.

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

Two knobs, two seeds: each run, its end, the table by the mean of validation, the best run of a line behind it.

  $ saddle -c "$set; sweep rho=.4,.05 drw=1,2 --seeds 2 --epochs 3 --name one" | plain
  one-rho0.4-drw1-s5: training
  one-rho0.4-drw1-s5: val 88.89, test 83.33 at epoch 3 (1 of 8)
  one-rho0.4-drw2-s5: training
  one-rho0.4-drw2-s5: val 88.89, test 66.67 at epoch 3 (2 of 8)
  one-rho0.05-drw1-s5: training
  one-rho0.05-drw1-s5: val 88.89, test 100.00 at epoch 3 (3 of 8)
  one-rho0.05-drw2-s5: training
  one-rho0.05-drw2-s5: val 100.00, test 100.00 at epoch 3 (4 of 8)
  one-rho0.4-drw1-s6: training
  one-rho0.4-drw1-s6: val 88.89, test 66.67 at epoch 3 (5 of 8)
  one-rho0.4-drw2-s6: training
  one-rho0.4-drw2-s6: val 100.00, test 83.33 at epoch 3 (6 of 8)
  one-rho0.05-drw1-s6: training
  one-rho0.05-drw1-s6: val 100.00, test 75.00 at epoch 3 (7 of 8)
  one-rho0.05-drw2-s6: training
  one-rho0.05-drw2-s6: val 100.00, test 83.33 at epoch 3 (8 of 8)
  one: 8 of 8 runs done, 2 seeds each; val and tail: on validation images
    #  rho   drw     val    sd   tail   test  epoch  run
    1  0.05  2    100.00  0.00 100.00  91.67      3  one-rho0.05-drw2-s5
    2  0.4   2     94.44  7.86  50.00  75.00      3  one-rho0.4-drw2-s6
    3  0.05  1     94.44  7.86 100.00  87.50      3  one-rho0.05-drw1-s6
    4  0.4   1     88.89  0.00   0.00  75.00      3  one-rho0.4-drw1-s5
  'fork one-rho0.05-drw2-s5' goes on from the best
  $ saddle sweep one --csv -
  rank,rho,drw,seed,val,tail,test,epoch,state,val_mean,val_sd,run
  1,0.05,2,5,100,100,100,3,done,100,0,one-rho0.05-drw2-s5
  1,0.05,2,6,100,100,83.333333,3,done,100,0,one-rho0.05-drw2-s6
  2,0.4,2,5,88.888889,0,66.666667,3,done,94.44444,7.856742,one-rho0.4-drw2-s5
  2,0.4,2,6,100,100,83.333333,3,done,94.44444,7.856742,one-rho0.4-drw2-s6
  3,0.05,1,5,88.888889,100,100,3,done,94.44444,7.856742,one-rho0.05-drw1-s5
  3,0.05,1,6,100,100,75,3,done,94.44444,7.856742,one-rho0.05-drw1-s6
  4,0.4,1,5,88.888889,0,83.333333,3,done,88.888889,0,one-rho0.4-drw1-s5
  4,0.4,1,6,88.888889,0,66.666667,3,done,88.888889,0,one-rho0.4-drw1-s6
  $ saddle sweep one --csv one.csv; cmp one.csv <(saddle sweep one --csv -) && saddle sweep one --csv one.csv; saddle sweep one --csv one.csv --force | tail -1
  one: 8 of 8 runs done, 2 seeds each; val and tail: on validation images
    #  rho   drw     val    sd   tail   test  epoch  run
    1  0.05  2    100.00  0.00 100.00  91.67      3  one-rho0.05-drw2-s5
    2  0.4   2     94.44  7.86  50.00  75.00      3  one-rho0.4-drw2-s6
    3  0.05  1     94.44  7.86 100.00  87.50      3  one-rho0.05-drw1-s6
    4  0.4   1     88.89  0.00   0.00  75.00      3  one-rho0.4-drw1-s5
  'fork one-rho0.05-drw2-s5' goes on from the best
  wrote one.csv
  saddle: sweep: 'one.csv' exists; --force replaces it
  [exit 1]
  wrote one.csv
  $ sed "s|$PWD|HERE|" data/saddle/sessions/one.sweep
  # a sweep of saddle; 'sweep one --resume' goes on with it
  set data tensors
  set data_path HERE/some.st
  set imbalance none
  set val 9
  set augment off
  set model resnet8
  set seed 5
  set weights effective
  set drw 1
  set opt sam
  set lr 0.05
  set epochs 3
  set batch 8
  set snapshot_seconds 0
  set hessian_every 0
  sweep rho=0.4,0.05 drw=1,2 --seeds 2 --name one
  $ saddle -c 'sweep one --resume'
  one: 8 of 8 runs done, 2 seeds each; val and tail: on validation images
    #  rho   drw     val    sd   tail   test  epoch  run
    1  0.05  2    100.00  0.00 100.00  91.67      3  one-rho0.05-drw2-s5
    2  0.4   2     94.44  7.86  50.00  75.00      3  one-rho0.4-drw2-s6
    3  0.05  1     94.44  7.86 100.00  87.50      3  one-rho0.05-drw1-s6
    4  0.4   1     88.89  0.00   0.00  75.00      3  one-rho0.4-drw1-s5
  'fork one-rho0.05-drw2-s5' goes on from the best
  $ saddle info one-rho0.4-drw1-s6 | sed -n 's/.*\(ce+drw.*finished[^,]*\).*/\1/p'
  ce+drw+sam rho 0.4, finished at epoch 3
  $ saddle -c 'sweep'; ls data/saddle/sessions | sort
  one
  'sweep NAME' shows the table of one
  one-rho0.05-drw1-s5.saddle
  one-rho0.05-drw1-s6.saddle
  one-rho0.05-drw2-s5.saddle
  one-rho0.05-drw2-s6.saddle
  one-rho0.4-drw1-s5.saddle
  one-rho0.4-drw1-s6.saddle
  one-rho0.4-drw2-s5.saddle
  one-rho0.4-drw2-s6.saddle
  one.sweep

One seed: no deviation. A run that is not there, one that is not done.

  $ saddle -q -c "$set; sweep rho=.4,.1,.05 --epochs 2 --name single"
  $ rm -r data/saddle/sessions/single-rho0.4-s5.saddle; mv data/saddle/sessions/one-rho0.4-drw1-s6.saddle data/saddle/sessions/gone.saddle
  $ saddle sweep single; saddle sweep single --csv -
  single: 2 of 3 runs done, 1 seed each; val and tail: on validation images
    #  rho      val   tail   test  epoch  run
    1  0.1    77.78 100.00  91.67      2  single-rho0.1-s5
    2  0.05   55.56 100.00  66.67      2  single-rho0.05-s5
    -  0.4        .      .      .      . not done  single-rho0.4-s5
  'fork single-rho0.1-s5' goes on from the best
  'sweep single --resume' goes on with it, unless another process does
  rank,rho,seed,val,tail,test,epoch,state,val_mean,val_sd,run
  1,0.1,5,77.77778,100,91.666667,2,done,77.77778,,single-rho0.1-s5
  2,0.05,5,55.555556,100,66.666667,2,done,55.555556,,single-rho0.05-s5
  ,0.4,5,,,,,not done,,,single-rho0.4-s5
  $ saddle sweep one; saddle sweep one --csv - | cut -d, -f1-5,9-12
  one: 7 of 8 runs done, 2 seeds each; val and tail: on validation images
    #  rho   drw     val    sd   tail   test  epoch  run
    1  0.05  2    100.00  0.00 100.00  91.67      3  one-rho0.05-drw2-s5
    2  0.4   2     94.44  7.86  50.00  75.00      3  one-rho0.4-drw2-s6
    3  0.05  1     94.44  7.86 100.00  87.50      3  one-rho0.05-drw1-s6
    -  0.4   1         .     .      .      .      3 not done  one-rho0.4-drw1-s5
  'fork one-rho0.05-drw2-s5' goes on from the best
  'sweep one --resume' goes on with it, unless another process does
  rank,rho,drw,seed,val,state,val_mean,val_sd,run
  1,0.05,2,5,100,done,100,0,one-rho0.05-drw2-s5
  1,0.05,2,6,100,done,100,0,one-rho0.05-drw2-s6
  2,0.4,2,5,88.888889,done,94.44444,7.856742,one-rho0.4-drw2-s5
  2,0.4,2,6,100,done,94.44444,7.856742,one-rho0.4-drw2-s6
  3,0.05,1,5,88.888889,done,94.44444,7.856742,one-rho0.05-drw1-s5
  3,0.05,1,6,100,done,94.44444,7.856742,one-rho0.05-drw1-s6
  ,0.4,1,5,88.888889,done,,,one-rho0.4-drw1-s5
  ,0.4,1,6,,not done,,,one-rho0.4-drw1-s6
  $ saddle -c 'sweep single --resume' | head -2
  single-rho0.4-s5: training
  single-rho0.4-s5: val 66.67, test 50.00 at epoch 2 (1 of 3)
