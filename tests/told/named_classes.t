Which classes words name, how they are weighted, and which climb.

  $ . $TOLD/setup.sh
  $ little
  $ saddle -c "$little; show sam; opt sam; show sam; opt imbsam; set tail_gain 2; show sam; set tail_below 7; show sam; opt focalsam; show sam; set sam_focus 0; show sam; opt blend; show sam; opt ssesam; set sam_from 2; set sam_every 3; show sam; opt esam; show sam; opt ccsam; show sam" | quiet
  opt sgd does not climb; 'opt sam', 'opt imbsam' and others do
  opt sam in epoch 0: rho 0.05
     0 0                head n      9  c 1.000 ####################
     1 1                mid  n      6  c 1.000 ####################
     2 2                tail n      3  c 1.000 ####################
     3 3                tail n      1  c 1.000 ####################
  tail_gain 1 -> 2
  opt imbsam in epoch 0: rho 0.05, tail_gain 2
     0 0                head n      9  c 0.000 
     1 1                mid  n      6  c 0.000 
     2 2                tail n      3  c 1.000 ####################
     3 3                tail n      1  c 1.000 ####################
  tail_below 0 -> 7
  opt imbsam in epoch 0: rho 0.05, tail_gain 2
     0 0                head n      9  c 0.000 
     1 1                mid  n      6  c 1.000 ####################
     2 2                tail n      3  c 1.000 ####################
     3 3                tail n      1  c 1.000 ####################
  opt focalsam in epoch 0: rho 0.05
     0 0                head n      9  c 0.073 #
     1 1                mid  n      6  c 0.160 ###
     2 2                tail n      3  c 0.299 ######
     3 3                tail n      1  c 0.425 #########
  sam_focus 3 -> 0
  opt focalsam in epoch 0: rho 0.05
     0 0                head n      9  c 0.500 ##########
     1 1                mid  n      6  c 0.500 ##########
     2 2                tail n      3  c 0.500 ##########
     3 3                tail n      1  c 0.500 ##########
  opt blend in epoch 0: rho 0.05
     0 0                head n      9  c 0.500 ##########
     1 1                mid  n      6  c 0.500 ##########
     2 2                tail n      3  c 0.500 ##########
     3 3                tail n      1  c 0.500 ##########
  sam_from 0 -> 2
  sam_every 1 -> 3
  opt ssesam in epoch 0: rho 0.05, rho_head 0.05, tail_gain 2
     0 0                head n      9  c 0.000 
     1 1                mid  n      6  c 1.000 ####################
     2 2                tail n      3  c 1.000 ####################
     3 3                tail n      1  c 1.000 ####################
  sam_from 2, sam_every 3: the other steps are of sgd
  opt esam in epoch 0: rho 0.05
  esam_beta 0.6 of the weights climb, esam_gamma 0.5 of a batch's images are descended
     0 0                head n      9  c 1.000 ####################
     1 1                mid  n      6  c 1.000 ####################
     2 2                tail n      3  c 1.000 ####################
     3 3                tail n      1  c 1.000 ####################
  sam_from 2, sam_every 3: the other steps are of sgd
  opt ccsam in epoch 0: ccsam_a 1e-06, ccsam_phi 0.3 of the loss is under the perturbed classifiers
  r: how far a class perturbs the classifier where its gradient is as long as the rarest one's, which has r 1
     0 0                head n      9  r 0.595 ############
     1 1                mid  n      6  r 0.669 #############
     2 2                tail n      3  r 0.841 #################
     3 3                tail n      1  r 1.000 ####################
  sam_from 2, sam_every 3: the other steps are of sgd
  $ saddle -c "$little; show weights; set weights inverse; set drw 3; show weights; set weights effective; set beta_en .5; show weights; show classes" | quiet
  weights none: every class counts alike
     0 0                n      9  weight 1
     1 1                n      6  weight 1
     2 2                n      3  weight 1
     3 3                n      1  weight 1
  weights none -> inverse
  drw 160 -> 3
  weights inverse, from epoch 3, sum 4
     0 0                n      9  weight 0.275862
     1 1                n      6  weight 0.413793
     2 2                n      3  weight 0.827586
     3 3                n      1  weight 2.48276
  weights inverse -> effective
  beta_en 0.9999 -> 0.5
  weights effective, from epoch 3, sum 4
     0 0                n      9  weight 0.776607
     1 1                n      6  weight 0.787394
     2 2                n      3  weight 0.885818
     3 3                n      1  weight 1.55018
     0 0                head n      9  acc     -
     1 1                mid  n      6  acc     -
     2 2                tail n      3  acc     -
     3 3                tail n      1  acc     -
  $ for words in 0 c1 2 3 4 -1 +1 tail head all 0..2 2..0 1..9 a..2 0,3 0,,1 , worst:2 worst:0 worst:5 worst:x c tial '2..' '' '0 1'; do echo ": $words"; saddle -c "$little; watch '$words'; show classes" | quiet | grep -E 'watched|saddle:|exit'; done
  : 0
  watched: 1 class
  : c1
  watched: 1 class
  : 2
  watched: 1 class
  : 3
  watched: 1 class
  : 4
  saddle: watch: unknown class '4'; an index 0..3, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  : -1
  saddle: watch: unknown class '-1'; did you mean '1'?
  [exit 1]
  : +1
  saddle: watch: unknown class '+1'; did you mean '1'?
  [exit 1]
  : tail
  watched: 2 classes
  : head
  watched: 1 class
  : all
  watched: 4 classes
  : 0..2
  watched: 3 classes
  : 2..0
  saddle: watch: range '2..0' runs backwards
  [exit 1]
  : 1..9
  saddle: watch: unknown class '9'; an index 0..3, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  : a..2
  saddle: watch: unknown class 'a'; an index 0..3, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  : 0,3
  watched: 2 classes
  : 0,,1
  saddle: watch: empty entry in list '0,,1'
  [exit 1]
  : ,
  saddle: watch: empty entry in list ','
  [exit 1]
  : worst:2
  saddle: watch: 'worst:2' needs an evaluation first; 'eval' makes one
  [exit 1]
  : worst:0
  saddle: watch: worst: 0 is outside 1..4
  [exit 1]
  : worst:5
  saddle: watch: worst: 5 is outside 1..4
  [exit 1]
  : worst:x
  saddle: watch: worst: 'x' is not a number
  [exit 1]
  : c
  saddle: watch: unknown class 'c'; an index 0..3, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  : tial
  saddle: watch: unknown class 'tial'; did you mean 'tail'?
  [exit 1]
  : 2..
  saddle: watch: unknown class ''; an index 0..3, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  : 
  saddle: watch: empty entry in list ''
  [exit 1]
  : 0 1
  saddle: watch: unknown class '0 1'; an index 0..3, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
