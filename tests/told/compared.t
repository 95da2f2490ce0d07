Runs beside each other, as text. forge.py says what was recorded.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py
  $ S="--sessions ."
  $ saddle $S compare plain seed
  warning: compare: the runs are at different epochs, 3.5 to 4, and so are the numbers; '--at 3' has all at one
  run    id      epoch    of  state       goes on from
  plain  r68c46      4     4  finished
  seed   r92713    3.5     4  stopped
  
  knob           run    value, and what it was changed to @ epoch
  seed           plain  0
                 seed   3
  
  metric         run       last   change     best@epoch    of
  acc            plain    63.69             67.86@2         5
                 seed     64.29    +0.60    64.29@2         3
                 mean     63.99 sd 0.42   of 2 seeds: plain, seed
  head           plain    78.50             82.50@2         5
                 seed     79.75    +1.25    81.25@2         3
                 mean     79.12 sd 0.88   of 2 seeds: plain, seed
  mid            plain    53.33             55.00@2         5
                 seed     52.78    -0.56    52.78@3         3
                 mean     53.06 sd 0.39   of 2 seeds: plain, seed
  tail           plain     5.00             16.25@2         5
                 seed      5.00    +0.00     5.00@2         3
                 mean      5.00 sd 0.00   of 2 seeds: plain, seed
  loss           plain      0.5               0.5@4         5
                 seed     1.125   +0.625    1.125@3         3
                 mean    0.8125 sd 0.4419 of 2 seeds: plain, seed
  best: of so many values ('of'), chosen on test images
  
  seed against plain
  accuracy of class        images    plain     seed     gain
  1 bee                       300    65.00    77.50   +12.50  ++++++++++++++++++++
  3 dog                        90    60.00    65.00    +5.00  ++++++++
  2 cat                       300    60.00    63.33    +3.33  +++++
  5 fox                        12    10.00    10.00    +0.00
  6 gnu                         5     0.00     0.00    +0.00
  0 ant                       500    92.00    82.00   -10.00  ----------------
  4 elk                        40    40.00    30.00   -10.00  ----------------
  $ saddle $S compare sam fork waiting --metric acc,mid,loss
  warning: compare: the runs are at different epochs, 3 to 5, and so are the numbers; '--at 3' has all at one
  run      id      epoch    of  state       goes on from
  sam      rf16be      5     5  finished
  fork     r3f673    3.3     5  stopped     sam@2
  waiting  r12625      3     6  waiting     fork@3
  
  knob           run      value, and what it was changed to @ epoch
  lr             sam      0.1 > 0.05@3
                 fork     0.1
                 waiting  0.1
  rho            sam      0.1 > 0.3@2
                 fork     0.1 > 0.6@2
                 waiting  0.1 > 0.6@2
  epochs         sam      5
                 fork     5
                 waiting  5 > 6@3
  
  metric         run         last   change     best@epoch    of
  acc            sam        67.86             68.45@3         5
                 fork       67.26    -0.60    67.26@2         3
                 waiting    67.26    -0.60    67.26@2         3
  mid            sam        62.78             62.78@5         5
                 fork       65.56    +2.78    65.56@3         3
                 waiting    65.56    +2.78    65.56@3         3
  loss           sam       -0.125            -0.125@5         5
                 fork       1.125    +1.25    1.125@3         3
                 waiting    1.125    +1.25    1.125@3         3
  best: of so many values ('of'), chosen on validation images
  
  fork against sam
  accuracy of class        images      sam     fork     gain
  4 elk                        40    60.00    70.00   +10.00  ++++++++++++++++++++
  5 fox                        12    50.00    60.00   +10.00  ++++++++++++++++++++
  3 dog                        90    65.00    70.00    +5.00  ++++++++++
  0 ant                       500    80.00    80.00    +0.00
  6 gnu                         5    50.00    50.00    +0.00
  1 bee                       300    67.50    62.50    -5.00  ----------
  2 cat                       300    63.33    56.67    -6.67  -------------
  
  waiting against sam
  accuracy of class        images      sam  waiting     gain
  4 elk                        40    60.00    70.00   +10.00  ++++++++++++++++++++
  5 fox                        12    50.00    60.00   +10.00  ++++++++++++++++++++
  3 dog                        90    65.00    70.00    +5.00  ++++++++++
  0 ant                       500    80.00    80.00    +0.00
  6 gnu                         5    50.00    50.00    +0.00
  1 bee                       300    67.50    62.50    -5.00  ----------
  2 cat                       300    63.33    56.67    -6.67  -------------
  $ saddle $S compare plain rf9978 --metric acc,loss,acc:bee,acc:dog,tail
  warning: compare: the runs are at different epochs, 2 to 4, and so are the numbers; '--at 2' has all at one
  warning: compare: other, "x" is trained on other images than plain (zoo, beta=20, pets-lt beta=100); classes are matched by name
  warning: compare: other, "x" has no acc:dog
  warning: compare: other, "x" has no tail
  run         id      epoch    of  state       goes on from
  plain       r68c46      4     4  finished
  other, "x"  rf9978      2     4  finished
  
  knob           run         value, and what it was changed to @ epoch
  data           plain       demo
                 other, "x"  cifar10
  beta           plain       100
                 other, "x"  20
  opt            plain       sgd
                 other, "x"  asam
  rho            plain       0.1
                 other, "x"  0.5
  
  metric         run            last   change     best@epoch    of
  acc            plain         63.69             67.86@2         5
                 other, "x"    56.52    -7.17    56.52@2         2
  loss           plain           0.5               0.5@4         5
                 other, "x"     1.75    +1.25     1.75@2         2
  acc:bee        plain         65.00             75.00@2         5
                 other, "x"    70.00    +5.00    70.00@2         2
  acc:dog        plain         60.00             60.00@4         5
                 other, "x"        -        -                    0
  tail           plain          5.00             16.25@2         5
                 other, "x"        -        -                    0
  best: of so many values ('of'), chosen on test images
  
  other, "x" against plain
  accuracy of class    images      plain other, "x"     gain
  5 fox                    12      10.00      40.00   +30.00  ++++++++++++++++++++
  1 bee                   300      65.00      70.00    +5.00  +++
  $ saddle $S compare again lost bare orphan --metric acc,loss,step_loss,step_rho,rho --class all
  warning: compare: the runs are at different epochs, 0.3 to 3, and so are the numbers; '--at 0.3' has all at one
  warning: compare: orphan is known from epoch 1 on: it goes on from gone@1, which is not here
  run     id      epoch    of  state       goes on from
  again   raaa4d      3     4  broken off
  lost    r20102    1.6     4  diverged
  bare    rb9e2c    0.3     4  broken off
  orphan  r150c7      2     4  failed      gone@1
  
  knob           run     value, and what it was changed to @ epoch
  seed           again   0
                 lost    0
                 bare    0
                 orphan  3
  weights        again   none
                 lost    none
                 bare    inverse
                 orphan  none
  drw            again   0
                 lost    0
                 bare    1
                 orphan  0
  opt            again   sam
                 lost    sgd
                 bare    sam
                 orphan  sgd
  lr             again   0.1
                 lost    8
                 bare    0.1
                 orphan  0.1
  rho            again   0.2 > 0.5@2 > 0.05@2
                 lost    0.1
                 bare    0.1
                 orphan  0.1
  
  metric         run        last   change     best@epoch    of
  acc            again     67.26             67.26@3         3
                 lost      29.76   -37.50    29.76@1         2
                 bare          -        -                    0
                 orphan    55.36   -11.90    55.36@2         1
  loss           again     1.125             1.125@3         3
                 lost        nan        -    2.375@1         1
                 bare          -        -                    0
                 orphan     1.75   +0.625     1.75@2         1
  step_loss      again       1.6              1.28@2.8      30
                 lost        nan        -     1.98@1.3      14
                 bare       2.38    +0.78     2.38@0.3       3
                 orphan      1.7     +0.1      1.7@2        10
  step_rho       again      0.05                            30
                 lost          -        -                    0
                 bare        0.1    +0.05                    3
                 orphan        -        -                    0
  rho            again      0.05                             3
                 lost          -        -                    0
                 bare          -        -                    0
                 orphan        -        -                    0
  best: of so many values ('of'), chosen on test images
  
  lost against again
  accuracy of class        images    again     lost     gain
  0 ant                       500    84.00   100.00   +16.00  ++++
  6 gnu                         5    12.50     0.00   -12.50  ---
  5 fox                        12    30.00     0.00   -30.00  --------
  4 elk                        40    40.00     0.00   -40.00  ----------
  3 dog                        90    50.00     0.00   -50.00  -------------
  2 cat                       300    70.00     0.00   -70.00  ------------------
  1 bee                       300    80.00     0.00   -80.00  --------------------
  
  orphan against again
  accuracy of class        images    again   orphan     gain
  4 elk                        40    40.00    50.00   +10.00  ++++++++++
  3 dog                        90    50.00    50.00    +0.00
  6 gnu                         5    12.50    12.50    +0.00
  5 fox                        12    30.00    20.00   -10.00  ----------
  0 ant                       500    84.00    70.00   -14.00  --------------
  1 bee                       300    80.00    62.50   -17.50  ------------------
  2 cat                       300    70.00    50.00   -20.00  --------------------
