What is known of each class, a sentence each: a class without test images, one that was measured under other conditions alone, no evaluation at all. forge.py says what was recorded.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py
  $ S="--sessions ."
  $ for at in 0.5 1.5 2.5 4 5; do for class in 0 5 6; do saddle $S -c "replay sam; seek $at; why $class" | tail -n +3; done; echo; done
  0 ant: 500 training images, head, 6 of 7 classes have fewer; 50 test images
  its accuracy is not known yet: 'eval' measures it
  what it is taken for is not known yet: 'eval' measures it
  it is not re-weighted yet: its loss will count 0.0536 times from epoch 2 (weights effective), now 0.5
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 0' measures them, 'watch 0' while training (esc)
  5 fox: 12 training images, tail, 1 of 7 classes have fewer; 10 test images
  its accuracy is not known yet: 'eval' measures it
  what it is taken for is not known yet: 'eval' measures it
  it is not re-weighted yet: its loss will count 1.77 times from epoch 2 (weights effective), now 0.5
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 5' measures them, 'watch 5' while training (esc)
  6 gnu: 5 training images, tail, 0 of 7 classes have fewer; 8 test images
  its accuracy is not known yet: 'eval' measures it
  what it is taken for is not known yet: 'eval' measures it
  it is not re-weighted yet: its loss will count 4.23 times from epoch 2 (weights effective), now 0.5
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 6' measures them, 'watch 6' while training (esc)
  
  0 ant: 500 training images, head, 6 of 7 classes have fewer; 50 test images
  accuracy 60.0 % at epoch 1; best 60.0 at epoch 1
  its mean loss is 0.4 on val images, 0.15 in the epoch's steps, without class weights
  it is taken for bee (26.0 %) and dog (14.0 %); 'confusion 0' lists more
  it is not re-weighted yet: its loss will count 0.0536 times from epoch 2 (weights effective), now 1.5
  \xce\xbbmin -1.5 \xc2\xb1 0.02, \xce\xbbmax 12 \xc2\xb1 1e-05 at epoch 1, by 12 products on 64 images, whose mean loss was 0.75 (esc)
  (rho/|g|) \xce\xbbmin is -0.25, not below -2: SAM's step does not leave the saddle; a larger rho would (esc)
  5 fox: 12 training images, tail, 1 of 7 classes have fewer; 10 test images
  accuracy 0.0 % at epoch 1; best 0.0 at epoch 1
  its mean loss is 1.65 on val images, 0.775 in the epoch's steps, without class weights
  it is taken for gnu (70.0 %) and bee (30.0 %); 'confusion 5' lists more
  it is not re-weighted yet: its loss will count 1.77 times from epoch 2 (weights effective), now 1.5
  \xce\xbbmin -6 \xc2\xb1 0.02, \xce\xbbmax 24 \xc2\xb1 1e-05 at epoch 1, by 12 products on 64 images, whose mean loss was 1.375 (esc)
  (rho/|g|) \xce\xbbmin is -2.5, below -2: SAM's step makes the component along v_min grow, the saddle is being left (esc)
  6 gnu: 5 training images, tail, 0 of 7 classes have fewer; 8 test images
  accuracy 0.0 % at epoch 1; best 0.0 at epoch 1
  its mean loss is 1.9 on val images, 0.9 in the epoch's steps, without class weights
  it is taken for ant (62.5 %) and cat (37.5 %); 'confusion 6' lists more
  it is not re-weighted yet: its loss will count 4.23 times from epoch 2 (weights effective), now 1.5
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 6' measures them, 'watch 6' while training (esc)
  
  0 ant: 500 training images, head, 6 of 7 classes have fewer; 50 test images
  accuracy 88.0 % at epoch 2, +28.0 since the first evaluation; best 88.0 at epoch 2
  its mean loss is 0.3 on val images, 0.05 in the epoch's steps, without class weights
    before D2 (drw on: weights effective) it was 88.0 %, its loss 0.3 on val images, 0.05 in the epoch's steps
    before R2 (rho 0.1>0.3) it was 88.0 %, its loss 0.3 on val images, 0.05 in the epoch's steps
  it is taken for bee (8.0 %) and dog (4.0 %); 'confusion 0' lists more
  its loss counts 0.0536 times since epoch 2 (weights effective); 'show weights' lists all
  \xce\xbbmin -1.5 \xc2\xb1 0.02, \xce\xbbmax 12 \xc2\xb1 1e-05 at epoch 1, by 12 products on 64 images, whose mean loss was 0.75 (esc)
  (rho/|g|) \xce\xbbmin is -0.25, not below -2: SAM's step does not leave the saddle; a larger rho would (esc)
  5 fox: 12 training images, tail, 1 of 7 classes have fewer; 10 test images
  accuracy 10.0 % at epoch 2, +10.0 since the first evaluation; best 10.0 at epoch 2
  its mean loss is 1.55 on val images, 0.675 in the epoch's steps, without class weights
    before D2 (drw on: weights effective) it was 10.0 %, its loss 1.55 on val images, 0.675 in the epoch's steps
    before R2 (rho 0.1>0.3) it was 10.0 %, its loss 1.55 on val images, 0.675 in the epoch's steps
  it is taken for gnu (60.0 %) and bee (30.0 %); 'confusion 5' lists more
  its loss counts 1.77 times since epoch 2 (weights effective); 'show weights' lists all
  \xce\xbbmin -4 \xc2\xb1 0.02, \xce\xbbmax 30 \xc2\xb1 1e-05 at epoch 2, by 40 products on 64 images, whose mean loss was 1.375 (esc)
  (rho/|g|) \xce\xbbmin is -1.75, not below -2: SAM's step does not leave the saddle; a larger rho would (esc)
  6 gnu: 5 training images, tail, 0 of 7 classes have fewer; 8 test images
  accuracy 25.0 % at epoch 2, +25.0 since the first evaluation; best 25.0 at epoch 2
  its mean loss is 1.8 on val images, 0.8 in the epoch's steps, without class weights
    before D2 (drw on: weights effective) it was 25.0 %, its loss 1.8 on val images, 0.8 in the epoch's steps
    before R2 (rho 0.1>0.3) it was 25.0 %, its loss 1.8 on val images, 0.8 in the epoch's steps
  it is taken for ant (50.0 %) and cat (25.0 %); 'confusion 6' lists more
  its loss counts 4.23 times since epoch 2 (weights effective); 'show weights' lists all
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 6' measures them, 'watch 6' while training (esc)
  
  0 ant: 500 training images, head, 6 of 7 classes have fewer; 50 test images
  accuracy 84.0 % at epoch 4, +24.0 since the first evaluation; best 88.0 at epoch 2
  its mean loss is 0.1 on val images, -0.15 in the epoch's steps, without class weights
    before L3 (lr 0.1>0.05) it was 86.0 %, its loss 0.2 on val images, -0.05 in the epoch's steps
    before D2 (drw on: weights effective) it was 88.0 %, its loss 0.3 on val images, 0.05 in the epoch's steps
    before R2 (rho 0.1>0.3) it was 88.0 %, its loss 0.3 on val images, 0.05 in the epoch's steps
  it is taken for bee (10.0 %) and dog (6.0 %); 'confusion 0' lists more
  its loss counts 0.0536 times since epoch 2 (weights effective); 'show weights' lists all
  \xce\xbbmin -1 \xc2\xb1 0.02, \xce\xbbmax 16 \xc2\xb1 1e-05 at epoch 3, by 12 products on 64 images, whose mean loss was 0.75 (esc)
  (rho/|g|) \xce\xbbmin is -2, not below -2: SAM's step does not leave the saddle; a larger rho would (esc)
  5 fox: 12 training images, tail, 1 of 7 classes have fewer; 10 test images
  accuracy 50.0 % at epoch 4, +50.0 since the first evaluation; best 50.0 at epoch 3
  its mean loss is 1.35 on val images, 0.475 in the epoch's steps, without class weights
    before L3 (lr 0.1>0.05) it was 50.0 %, its loss 1.45 on val images, 0.575 in the epoch's steps
    before D2 (drw on: weights effective) it was 10.0 %, its loss 1.55 on val images, 0.675 in the epoch's steps
    before R2 (rho 0.1>0.3) it was 10.0 %, its loss 1.55 on val images, 0.675 in the epoch's steps
  it is taken for gnu (30.0 %) and bee (20.0 %); 'confusion 5' lists more
  its loss counts 1.77 times since epoch 2 (weights effective); 'show weights' lists all
  \xce\xbbmin 0.25 \xc2\xb1 -, \xce\xbbmax 20 \xc2\xb1 1e-05 at epoch 3, by 12 products on 64 images, whose mean loss was 1.375 (esc)
  no negative curvature was found: these weights are no saddle for it
  6 gnu: 5 training images, tail, 0 of 7 classes have fewer; 8 test images
  accuracy 50.0 % at epoch 4, +50.0 since the first evaluation; best 50.0 at epoch 4
  its mean loss is 1.6 on val images, 0.6 in the epoch's steps, without class weights
    before L3 (lr 0.1>0.05) it was 37.5 %, its loss 1.7 on val images, 0.7 in the epoch's steps
    before D2 (drw on: weights effective) it was 25.0 %, its loss 1.8 on val images, 0.8 in the epoch's steps
    before R2 (rho 0.1>0.3) it was 25.0 %, its loss 1.8 on val images, 0.8 in the epoch's steps
  it is taken for ant (37.5 %) and cat (12.5 %); 'confusion 6' lists more
  its loss counts 4.23 times since epoch 2 (weights effective); 'show weights' lists all
  \xce\xbbmin -2 \xc2\xb1 0.02, \xce\xbbmax 8 \xc2\xb1 1e-05 at epoch 2.5, by 7 products on 8 images, whose mean loss was 1.5 (esc)
  its loss falls along v_min: a saddle; (rho/|g|) \xce\xbbmin is not known, SAM was not used or the step after the probe not taken (esc)
  
  0 ant: 500 training images, head, 6 of 7 classes have fewer; 50 test images
  accuracy 80.0 % at epoch 5, +20.0 since the first evaluation; best 88.0 at epoch 2
  its mean loss is 0 on val images, -0.25 in the epoch's steps, without class weights
    before B4 (crt) it was 84.0 %, its loss 0.1 on val images, -0.15 in the epoch's steps
    before L3 (lr 0.1>0.05) it was 86.0 %, its loss 0.2 on val images, -0.05 in the epoch's steps
    before D2 (drw on: weights effective) it was 88.0 %, its loss 0.3 on val images, 0.05 in the epoch's steps
  it is taken for bee (14.0 %) and dog (6.0 %); 'confusion 0' lists more
  its loss counts 0.0536 times since epoch 2 (weights effective); 'show weights' lists all
  \xce\xbbmin -1 \xc2\xb1 0.02, \xce\xbbmax 16 \xc2\xb1 1e-05 at epoch 3, by 12 products on 64 images, whose mean loss was 0.75 (esc)
  (rho/|g|) \xce\xbbmin is -2, not below -2: SAM's step does not leave the saddle; a larger rho would (esc)
  5 fox: 12 training images, tail, 1 of 7 classes have fewer; 10 test images
  accuracy 50.0 % at epoch 5, +50.0 since the first evaluation; best 50.0 at epoch 3
  its mean loss is 1.25 on val images, 0.375 in the epoch's steps, without class weights
    before B4 (crt) it was 50.0 %, its loss 1.35 on val images, 0.475 in the epoch's steps
    before L3 (lr 0.1>0.05) it was 50.0 %, its loss 1.45 on val images, 0.575 in the epoch's steps
    before D2 (drw on: weights effective) it was 10.0 %, its loss 1.55 on val images, 0.675 in the epoch's steps
  it is taken for gnu (30.0 %) and bee (20.0 %); 'confusion 5' lists more
  its loss counts 1.77 times since epoch 2 (weights effective); 'show weights' lists all
  \xce\xbbmin -0.5 \xc2\xb1 0.6, \xce\xbbmax 10 \xc2\xb1 1e-05 at epoch 5, by 12 products on 64 images, whose mean loss was 1.375 (esc)
  no negative curvature was found: these weights are no saddle for it
  6 gnu: 5 training images, tail, 0 of 7 classes have fewer; 8 test images
  accuracy 50.0 % at epoch 5, +50.0 since the first evaluation; best 50.0 at epoch 4
  its mean loss is 1.5 on val images, 0.5 in the epoch's steps, without class weights
    before B4 (crt) it was 50.0 %, its loss 1.6 on val images, 0.6 in the epoch's steps
    before L3 (lr 0.1>0.05) it was 37.5 %, its loss 1.7 on val images, 0.7 in the epoch's steps
    before D2 (drw on: weights effective) it was 25.0 %, its loss 1.8 on val images, 0.8 in the epoch's steps
  it is taken for ant (37.5 %) and cat (12.5 %); 'confusion 6' lists more
  its loss counts 4.23 times since epoch 2 (weights effective); 'show weights' lists all
  \xce\xbbmin -2 \xc2\xb1 0.02, \xce\xbbmax 8 \xc2\xb1 1e-05 at epoch 2.5, by 7 products on 8 images, whose mean loss was 1.5 (esc)
  its loss falls along v_min: a saddle; (rho/|g|) \xce\xbbmin is not known, SAM was not used or the step after the probe not taken (esc)
  
  $ for class in 'snow_owl' 2 'bee'; do saddle $S -c "replay rf9978; why $class" | tail -n +2; done
  3 snow_owl: 4 training images, few, 0 of 4 classes have fewer; 0 test images
  its accuracy is not known: it has no image among those that are evaluated
  no class is re-weighted; 'set weights effective' and 'set drw N' would
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 3' measures them, 'watch 3' while training (esc)
  2 fox: 20 training images, few, 1 of 4 classes have fewer; 5 test images
  accuracy 40.0 % at epoch 2, +20.0 since the first evaluation; best 40.0 at epoch 2
  it is taken for bee (60.0 %) and for no other
  no class is re-weighted; 'set weights effective' and 'set drw N' would
  \xce\xbbmin -3 \xc2\xb1 0.02, \xce\xbbmax 9 \xc2\xb1 1e-05 at epoch 1, by 12 products on 20 images, whose mean loss was 1 (esc)
  its loss falls along v_min: a saddle; (rho/|g|) \xce\xbbmin is not known, SAM was not used or the step after the probe not taken (esc)
  0 bee: 80 training images, many, 3 of 4 classes have fewer; 10 test images
  accuracy 70.0 % at epoch 2, +10.0 since the first evaluation; best 70.0 at epoch 2
  it is taken for the "big", cat (20.0 %) and snow_owl (10.0 %); 'confusion 0' lists more
  no class is re-weighted; 'set weights effective' and 'set drw N' would
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 0' measures them, 'watch 0' while training (esc)
  $ saddle $S -c 'replay plain; why 6; why elk' | tail -n +2
  6 gnu: 5 training images, tail, 0 of 7 classes have fewer; 8 test images
  accuracy 0.0 % at epoch 4, +0.0 since the first evaluation; best 12.5 at epoch 2
  its mean loss is 1.6 on test images, 0.6 in the epoch's steps, without class weights
  it is taken for ant (62.5 %) and cat (37.5 %); 'confusion 6' lists more
  no class is re-weighted; 'set weights effective' and 'set drw N' would
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 6' measures them, 'watch 6' while training (esc)
  4 elk: 40 training images, mid, 2 of 7 classes have fewer; 10 test images
  accuracy 40.0 % at epoch 4, +40.0 since the first evaluation; best 40.0 at epoch 2
  its mean loss is 1.1 on test images, 0.35 in the epoch's steps, without class weights
  it is taken for fox (40.0 %) and ant (20.0 %); 'confusion 4' lists more
  no class is re-weighted; 'set weights effective' and 'set drw N' would
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 4' measures them, 'watch 4' while training (esc)
  $ saddle $S -c 'replay lost; why 0; why 2' | tail -n +2
  0 ant: 500 training images, head, 6 of 7 classes have fewer; 50 test images
  accuracy 100.0 % at epoch 1.6, +0.0 since the first evaluation; best 100.0 at epoch 1
  its mean loss is 0.34 on test images, 0.09 in the epoch's steps, without class weights
  it is never taken for another class
  no class is re-weighted; 'set weights effective' and 'set drw N' would
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 0' measures them, 'watch 0' while training (esc)
  2 cat: 300 training images, mid, 4 of 7 classes have fewer; 30 test images
  accuracy 0.0 % at epoch 1.6, +0.0 since the first evaluation; best 0.0 at epoch 1
  its mean loss is 0.84 on test images, 0.34 in the epoch's steps, without class weights
  it is taken for dog (66.7 %) and fox (33.3 %); 'confusion 2' lists more
  no class is re-weighted; 'set weights effective' and 'set drw N' would
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 2' measures them, 'watch 2' while training (esc)
  $ saddle $S -c 'replay bare; why 0; why tail'
  bare: at epoch 0.3 of 0.3; 'seek', 'speed', 'live'
  0 ant: 500 training images, head, 6 of 7 classes have fewer; 50 test images
  its accuracy is not known yet: 'eval' measures it
  what it is taken for is not known yet: 'eval' measures it
  it is not re-weighted yet: its loss will count 0.0427 times from epoch 1 (weights inverse), now 0.3
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 0' measures them, 'watch 0' while training (esc)
  saddle: why: 'tail' names 2 classes; one is needed
  [exit 1]
  $ saddle $S -c 'replay bare; why 7'
  bare: at epoch 0.3 of 0.3; 'seek', 'speed', 'live'
  saddle: why: unknown class '7'; an index 0..6, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  $ saddle $S -c 'replay bare; why owl'
  bare: at epoch 0.3 of 0.3; 'seek', 'speed', 'live'
  saddle: why: unknown class 'owl'; an index 0..6, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  $ saddle $S -c 'why owl'
  saddle: why: nothing is recorded yet; 'train' or 'replay RUN' first
  [exit 1]

What a class is taken for.

  $ saddle $S -c 'replay sam; confusion; confusion 0; confusion gnu; confusion 0,1'
  sam: at epoch 5.0 of 5.0; 'seek', 'speed', 'live'
  epoch 5, true class taken for another
  bee              cat                   9   22.5%
  ant              bee                   7   14.0%
  cat              dog                   7   23.3%
  dog              elk                   5   25.0%
  bee              elk                   4   10.0%
  cat              fox                   4   13.3%
  ant              dog                   3    6.0%
  elk              fox                   3   30.0%
  fox              gnu                   3   30.0%
  gnu              ant                   3   37.5%
  epoch 5, true class taken for another
  ant              bee                   7   14.0%
  ant              dog                   3    6.0%
  epoch 5, true class taken for another
  gnu              ant                   3   37.5%
  gnu              cat                   1   12.5%
  saddle: confusion: '0,1' names 2 classes; one is needed
  [exit 1]
  $ saddle $S -c 'replay plain; seek 2; confusion; confusion 1; confusion worst'
  plain: at epoch 4.0 of 4.0; 'seek', 'speed', 'live'
  at epoch 2.0 of 4.0
  epoch 2, true class taken for another
  bee              cat                   7   17.5%
  cat              dog                   6   20.0%
  dog              elk                   6   30.0%
  fox              gnu                   5   50.0%
  gnu              ant                   5   62.5%
  elk              fox                   4   40.0%
  ant              bee                   3    6.0%
  bee              elk                   3    7.5%
  cat              fox                   3   10.0%
  dog              gnu                   3   15.0%
  epoch 2, true class taken for another
  bee              cat                   7   17.5%
  bee              elk                   3    7.5%
  saddle: confusion: unknown class 'worst'; an index 0..6, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  $ saddle $S -c 'replay bare; confusion'
  bare: at epoch 0.3 of 0.3; 'seek', 'speed', 'live'
  saddle: confusion: no confusion matrix yet; 'eval' makes one
  [exit 1]
