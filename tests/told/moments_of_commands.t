When a command shall act: what is taken and refused at a prompt, before a run, and the mark under the words that are meant.

  $ . $TOLD/setup.sh
  $ prompt <<'END'
  > data demo --beta 1000 --val 1840
  > set rho .1 at
  > set rho .1 at epoch
  > set rho .1 at epoch x
  > set rho .1 at epoch 5 6
  > set rho .1 at 5 epoch
  > set rho .1 at epoch -1
  > set rho .1 at epoch 1e12
  > set rho .1 at epoch 1e13
  > set rho .1 at step 2.5
  > set rho .1 at step 3 --force
  > set rho .1 in
  > set rho .1 in 5
  > set rho .1 in 5 miles
  > set rho .1 in x epochs
  > set rho .1 in 2.5 epochs
  > set rho .1 in 2.5 steps
  > set rho .1 in 1 step
  > set rho .1 "in" 1 step
  > set rho .1 if
  > set rho .1 if tail
  > set rho .1 if tail 60
  > set rho .1 if tail > x
  > set rho .1 if tail > 60 5
  > set rho .1 if tial > 60
  > set rho .1 if foo > 60
  > set rho .1 if lmin > 60
  > set rho .1 if lmin: > 60
  > set rho .1 if lmin:flour < -1
  > set rho .1 if lmin:flower < -1
  > set rho .1 if lmin:10 < -1
  > set rho .1 if lmin:head < -1
  > set rho .1 if loss<1e12
  > set rho .1 if loss<1.1e12
  > set rho .1 if averylongnameofametricthatis > 60
  > set rho .1 if averylongnameofametricthatisnone > 60
  > set fps 5 at epoch 3
  > set seed 5 at epoch 3
  > show rho at epoch 5
  > show pending
  > cancel 9
  > cancel 0
  > cancel x
  > cancel 1.5
  > cancel 2
  > cancel 1
  > show pending
  > END
  saddle> data demo --beta 1000 --val 1840
  demo-lt beta=1000: 10 classes of 1..11 images, 23 in all, 1000 to test on, 1840 held out; 32x32 pixels, 3 channels
  saddle> set rho .1 at
  saddle: set: when? 'at epoch N', 'at step N', 'in N epochs' or 'in N steps'
                     ^~
  saddle> set rho .1 at epoch
  saddle: set: when? 'at epoch N', 'at step N', 'in N epochs' or 'in N steps'
                     ^~
  saddle> set rho .1 at epoch x
  saddle: set: epoch 'x' is not a number
                              ^
  saddle> set rho .1 at epoch 5 6
  saddle: set: when? 'at epoch N', 'at step N', 'in N epochs' or 'in N steps'
                     ^~
  saddle> set rho .1 at 5 epoch
  saddle: set: '5' is neither epoch nor step
                        ^
  saddle> set rho .1 at epoch -1
  saddle: set: epoch -1 is outside 0..1000000000000
                              ^~
  saddle> set rho .1 at epoch 1e12
  pending 1: set rho .1 at epoch 1e12
  saddle> set rho .1 at epoch 1e13
  saddle: set: epoch 1e13 is outside 0..1000000000000
                              ^~~~
  saddle> set rho .1 at step 2.5
  saddle: set: step '2.5' is not a whole number
                             ^~~
  saddle> set rho .1 at step 3 --force
  pending 2: set rho .1 at step 3 --force
  saddle> set rho .1 in
  saddle: set: when? 'at epoch N', 'at step N', 'in N epochs' or 'in N steps'
                     ^~
  saddle> set rho .1 in 5
  saddle: set: when? 'at epoch N', 'at step N', 'in N epochs' or 'in N steps'
                     ^~
  saddle> set rho .1 in 5 miles
  saddle: set: 'miles' is neither epoch nor step
                          ^~~~~
  saddle> set rho .1 in x epochs
  saddle: set: epoch 'x' is not a number
                        ^
  saddle> set rho .1 in 2.5 epochs
  pending 3: set rho .1 in 2.5 epochs
  saddle> set rho .1 in 2.5 steps
  saddle: set: step '2.5' is not a whole number
                        ^~~
  saddle> set rho .1 in 1 step
  pending 4: set rho .1 in 1 step
  saddle> set rho .1 "in" 1 step
  saddle: set: rho: '.1 in 1 step' is not a number
                            ^~~~
  saddle> set rho .1 if
  saddle: set: a condition is 'METRIC > NUMBER' or 'METRIC < NUMBER', such as tail > 60
                     ^~
  saddle> set rho .1 if tail
  saddle: set: a condition is 'METRIC > NUMBER' or 'METRIC < NUMBER', such as tail > 60
                        ^~~~
  saddle> set rho .1 if tail 60
  saddle: set: a condition is 'METRIC > NUMBER' or 'METRIC < NUMBER', such as tail > 60
                        ^~~~
  saddle> set rho .1 if tail > x
  saddle: set: the limit 'x' is not a number
                               ^
  saddle> set rho .1 if tail > 60 5
  saddle: set: a condition is 'METRIC > NUMBER' or 'METRIC < NUMBER', such as tail > 60
                        ^~~~
  saddle> set rho .1 if tial > 60
  saddle: set: unknown metric 'tial'; did you mean 'tail'?
                        ^~~~
  saddle> set rho .1 if foo > 60
  saddle: set: unknown metric 'foo'; loss, acc, head, mid, tail or lmin:CLASS
                        ^~~
  saddle> set rho .1 if lmin > 60
  saddle: set: unknown metric 'lmin'; loss, acc, head, mid, tail or lmin:CLASS
                        ^~~~
  saddle> set rho .1 if lmin: > 60
  saddle: set: unknown metric 'lmin:'; loss, acc, head, mid, tail or lmin:CLASS
                        ^~~~~
  saddle> set rho .1 if lmin:flour < -1
  saddle: set: unknown class 'flour'; did you mean 'flower'?
  saddle> set rho .1 if lmin:flower < -1
  pending 5: set rho .1 if lmin:flower < -1
  saddle> set rho .1 if lmin:10 < -1
  saddle: set: unknown class '10'; an index 0..9, a name, a..b, head, mid, tail, all or worst:K
  saddle> set rho .1 if lmin:head < -1
  saddle: set: 'lmin:head' names 3 classes; one is needed
  saddle> set rho .1 if loss<1e12
  pending 6: set rho .1 if loss<1e12
  saddle> set rho .1 if loss<1.1e12
  saddle: set: the limit 1.1e12 is outside -1000000000000..1000000000000
                        ^~~~~~~~~~~
  saddle> set rho .1 if averylongnameofametricthatis > 60
  saddle: set: unknown metric 'averylongnameofametricthatis'; loss, acc, head, mid, tail or lmin:CLASS
                        ^~~~~~~~~~~~~~~~~~~~~~~~~~~~
  saddle> set rho .1 if averylongnameofametricthatisnone > 60
  saddle: set: unknown metric 'averylongnameofametricthatisnone'
                        ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  saddle> set fps 5 at epoch 3
  saddle: set: fps belongs to this screen and changes at once
  saddle> set seed 5 at epoch 3
  saddle: set: seed cannot change while a run trains, so nothing can change it later; set it at once, before 'train'
              ^~~~
  saddle> show rho at epoch 5
  saddle: show: 'epoch' is too much; usage: show [KNOB | config|pending|weights|memory|classes|diff|stages|sam | augment CLASS [--sheet FILE [--force]]]
                      ^~~~~~~
  saddle> show pending
  1: set rho .1 at epoch 1e12
  2: set rho .1 at step 3 --force
  3: set rho .1 in 2.5 epochs
  4: set rho .1 in 1 step
  5: set rho .1 if lmin:flower < -1
  6: set rho .1 if loss<1e12
  saddle> cancel 9
  saddle: cancel: no pending command 9; 'show pending' lists them
                 ^
  saddle> cancel 0
  saddle: cancel: number 0 is outside 1..1000000000
                 ^
  saddle> cancel x
  saddle: cancel: number 'x' is not a number
                 ^
  saddle> cancel 1.5
  saddle: cancel: number '1.5' is not a whole number
                 ^~~
  saddle> cancel 2
  cancelled 2: set rho .1 at step 3 --force
  saddle> cancel 1
  cancelled 1: set rho .1 at epoch 1e12
  saddle> show pending
  1: set rho .1 in 2.5 epochs
  2: set rho .1 in 1 step
  3: set rho .1 if lmin:flower < -1
  4: set rho .1 if loss<1e12
  saddle> quit
