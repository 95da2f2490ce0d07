Runs beside each other as of a moment: one for all, one of each, before a fork, before anything was measured, at a run's end. forge.py says what was recorded.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py
  $ python3 $TOLD/forge.py wide-one wide-two found-1 found-2 doubt
  $ S="--sessions ."
  $ numbers() { sed -n '/^warning/p;/^metric/,/^$/p'; }
  $ saddle $S compare sam fork@2.5 plain@best --metric acc,lmin:fox,lmax:5,drw | numbers
  metric         run       last   change     best@epoch    of
  acc            sam      67.86             68.45@3         5
                 fork     67.26    -0.60    67.26@2         2
                 plain    67.86    +0.00    67.86@2         3
  lmin:fox       sam       -0.5              0.25@3         4
                 fork        -4     -3.5       -4@2         2
                 plain        -        -                    0
  lmax:fox       sam         10                10@5         4
                 fork        30      +20       24@1         2
                 plain        -        -                    0
  drw            sam          1                             5
                 fork         0       -1                    2
                 plain        0       -1                    3
  best: of so many values ('of'); chosen on test images in plain
  
  $ saddle $S compare sam fork waiting --at 2.5 --metric tail,step_gn | numbers
  metric         run         last   change     best@epoch    of
  tail           sam        17.50             17.50@2         2
                 fork       17.50    +0.00    17.50@2         2
                 waiting    17.50    +0.00    17.50@2         2
  step_gn        sam        1.875                            25
                 fork       2.375     +0.5                   25
                 waiting    2.375     +0.5                   25
  best: of so many values ('of'), chosen on validation images
  
  $ saddle $S compare sam fork --at 2 --metric tail | numbers
  metric         run      last   change     best@epoch    of
  tail           sam     17.50             17.50@2         2
                 fork    17.50    +0.00    17.50@2         2
  best: of so many values ('of'), chosen on validation images
  
  $ saddle $S compare fork plain --at 3.9 --metric tail | numbers
  warning: compare: fork ends at epoch 3.3: it is compared there
  metric         run       last   change     best@epoch    of
  tail           fork     55.00             55.00@3         3
                 plain    11.25   -43.75    16.25@2         4
  best: of so many values ('of'); chosen on test images in plain
  
  $ saddle $S compare orphan plain --at 0.4 --metric acc,step_loss | numbers
  warning: compare: nothing is known of orphan before epoch 1
  warning: compare: orphan is known from epoch 1 on: it goes on from gone@1, which is not here
  metric         run        last   change     best@epoch    of
  acc            orphan        -                             0
                 plain         -        -                    0
  step_loss      orphan        -                             0
                 plain      2.54        -     2.38@0.3       4
  best: of so many values ('of'), chosen on test images
  $ saddle $S compare plain seed --at 0.5 --metric acc,train_loss,train_acc,lr | numbers
  metric         run       last   change     best@epoch    of
  acc            plain    16.07             16.07@0.5       1
                 seed         -        -                    0
  train_loss     plain    2.344             2.344@0.5       1
                 seed         -        -                    0
  train_acc      plain    25.00             25.00@0.5       1
                 seed         -        -                    0
  lr             plain      0.1                             1
                 seed         -        -                    0
  best: of so many values ('of'), chosen on test images
  $ saddle $S compare plain@1.26 seed@0 sam@before --metric step_loss,step_lr | numbers
  metric         run       last   change     best@epoch    of
  step_loss      plain     1.98              1.98@1.3      13
                 seed         -        -                    0
                 sam        1.5    -0.48      1.5@2.5      25
  step_lr        plain      0.1                            13
                 seed         -        -                    0
                 sam        0.1       +0                   25
  best: of so many values ('of'); chosen on test images in plain, seed
  

Numbers of classes and of what was measured.

  $ saddle $S compare sam fork seed --at 5 --metric margins_mean:gnu,cnc_sam_ratio:fox,step_rise,step_cos,loss:gnu,train_loss:0 --metric trace:fox,amplification:5 | numbers
  warning: compare: fork ends at epoch 3.3: it is compared there
  warning: compare: seed ends at epoch 3.5: it is compared there
  metric         run      last   change     best@epoch    of
  marg..mean:gnu sam      -0.5              -0.5@3         1
                 fork        -        -                    0
                 seed        -        -                    0
  cnc_..atio:fox sam      4.25                             1
                 fork     4.25       +0                    1
                 seed        -        -                    0
  step_rise      sam      0.15                             8
                 fork      0.2    +0.05                    4
                 seed        -        -                    0
  step_cos       sam       0.5                             8
                 fork      0.7     +0.2                    4
                 seed        -        -                    0
  loss:gnu       sam       1.5               1.5@5         5
                 fork      1.7     +0.2      1.7@3         3
                 seed      1.7     +0.2      1.7@3         3
  train_loss:ant sam     -0.25             -0.25@5         5
                 fork    -0.05     +0.2    -0.05@3         3
                 seed    -0.05     +0.2    -0.05@3         3
  trace:fox      sam        40                             1
                 fork       40       +0                    1
                 seed        -        -                    0
  ampl..tion:fox sam        -2                             3
                 fork    -1.75    +0.25                    2
                 seed        -        -                    0
  best: of so many values ('of'); chosen on test images in seed
  
  $ saddle $S compare sam fork --class head,5 --metric mid | sed -n '/^metric/,$p'
  metric         run      last   change     best@epoch    of
  mid            sam     62.78             62.78@5         5
                 fork    65.56    +2.78    65.56@3         3
  best: of so many values ('of'), chosen on validation images
  
  fork against sam
  accuracy of class        images      sam     fork     gain
  5 fox                        12    50.00    60.00   +10.00  ++++++++++++++++++++
  0 ant                       500    80.00    80.00    +0.00
  1 bee                       300    67.50    62.50    -5.00  ----------
  $ saddle $S compare plain seed --class worst:2 --metric loss:tail | sed -n '/^metric/,$p'
  metric         run       last   change     best@epoch    of
  loss:fox       plain     1.35              1.35@4         5
                 seed      1.45     +0.1     1.45@3         3
                 mean       1.4 sd 0.07071 of 2 seeds: plain, seed
  loss:gnu       plain      1.6               1.6@4         5
                 seed       1.7     +0.1      1.7@3         3
                 mean      1.65 sd 0.07071 of 2 seeds: plain, seed
  best: of so many values ('of'), chosen on test images
  
  seed against plain
  accuracy of class        images    plain     seed     gain
  5 fox                        12    10.00    10.00    +0.00
  6 gnu                         5     0.00     0.00    +0.00
  $ saddle $S compare wide-one wide-two --metric all-of-them | sed -n '/^metric/,$p'
  metric         run          last   change     best@epoch    of
  all-of-them    wide-one    70.00             70.00@1         1
                 wide-two    67.86    -2.14    67.86@1         1
                 mean        68.93 sd 1.52   of 2 seeds: wide-one, wide-two
  best: of so many values ('of'), chosen on test images
  
  wide-two against wide-one
  accuracy of class        images wide-one wide-two     gain
  11 kind-l                    90    50.00    80.00   +30.00  ++++++++++++++++++++
  4 kind-e                    160    80.00   100.00   +20.00  +++++++++++++
  8 kind-i                    120    60.00    80.00   +20.00  +++++++++++++
  5 kind-f                    150    80.00    90.00   +10.00  +++++++
  12 kind-m                    80    40.00    50.00   +10.00  +++++++
    4 classes between
  13 kind-n                    70    40.00    30.00   -10.00  -------
  3 kind-d                    170    90.00    70.00   -20.00  -------------
  10 kind-k                   100    50.00    30.00   -20.00  -------------
  0 kind-a                    200   100.00    70.00   -30.00  --------------------
  7 kind-h                    130    70.00    40.00   -30.00  --------------------
  $ saddle $S compare wide-two wide-one --metric acc:13 --class 11..13 --class kind-a | sed -n '/^metric/,$p'
  metric         run          last   change     best@epoch    of
  acc:kind-n     wide-two    30.00             30.00@1         1
                 wide-one    40.00   +10.00    40.00@1         1
                 mean        35.00 sd 7.07   of 2 seeds: wide-two, wide-one
  best: of so many values ('of'), chosen on test images
  
  wide-one against wide-two
  accuracy of class        images wide-two wide-one     gain
  0 kind-a                    200    70.00   100.00   +30.00  ++++++++++++++++++++
  13 kind-n                    70    30.00    40.00   +10.00  +++++++
  12 kind-m                    80    50.00    40.00   -10.00  -------
  11 kind-l                    90    80.00    50.00   -30.00  --------------------

Repeats of which one has no finite value; a fork from a line that was left, or not; runs that end at the same epoch, without a warning.

  $ saddle $S compare found-1 lost plain found-2 --metric loss,step_loss | numbers
  warning: compare: the runs are at different epochs, 1 to 4, and so are the numbers; '--at 1' has all at one
  metric         run         last   change     best@epoch    of
  loss           found-1        2                 2@1         1
                 lost         nan        -    2.375@1         1
                 plain        0.5     -1.5      0.5@4         5
                 found-2      1.5     -0.5      1.5@1         1
                 mean        1.75 sd 0.3536 of 2 seeds: found-1, found-2
                         without lost, which has no finite value
  step_loss      found-1      2.2              2.04@0.9      10
                 lost         nan        -     1.98@1.3      14
                 plain        0.8     -1.4      0.8@4        40
                 found-2      2.2       +0     2.04@0.9      10
                 mean         2.2 sd 0      of 2 seeds: found-1, found-2
                         without lost, which has no finite value
  best: of so many values ('of'), chosen on test images
  
  $ saddle $S compare again doubt sam --metric acc | sed '/^knob/,/^$/d;/^fork against/,$d' | head -n 14
  warning: compare: the runs are at different epochs, 3 to 5, and so are the numbers; '--at 3' has all at one
  warning: compare: doubt: what it had before its fork may be another line: again was taken up again at epoch 2, perhaps since
  run    id      epoch    of  state       goes on from
  again  raaa4d      3     4  broken off
  doubt  rd69cb      3     4  stopped     again@2.5
  sam    rf16be      5     5  finished
  
  metric         run       last   change     best@epoch    of
  acc            again    67.26             67.26@3         3
                 doubt    67.86    +0.60    67.86@3         3
                 sam      67.86    +0.60    68.45@3         5
  best: of so many values ('of'); chosen on test images in again, doubt
  
  doubt against again
  $ saddle $S compare wide-one wide-two --metric acc | sed 2q
  run       id      epoch    of  state       goes on from
  wide-one  ra87f7      1     4  finished
  $ saddle $S compare plain seed lost --at 3 --metric loss | numbers
  warning: compare: lost ends at epoch 1.6: it is compared there
  metric         run       last   change     best@epoch    of
  loss           plain    1.125             1.125@3         4
                 seed     1.125       +0    1.125@3         3
                 lost       nan        -    2.375@1         1
                 mean     1.125 sd 0      of 2 seeds: plain, seed
  best: of so many values ('of'), chosen on test images
  
