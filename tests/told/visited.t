Which images each step sees, by each setting: losses of steps in an epoch whose last batch is a part, and what is left of them in the weights.

  $ . $TOLD/setup.sh
  $ . $TOLD/odd.sh
  $ python3 $TOLD/images.py grey 1x9x8 9,5,2 4,4,4
  $ losses() { saddle --sessions . cat $1 | sed -nE 's/.*"k":"step".*"loss":([0-9.e-]+).*/\1/p' | cut -c1-9 | tr '\n' ' '; saddle --sessions . cat $1 | sed -nE 's/.*"k":"snap".*"(state|sha256)":"([0-9a-f]{12}).*/\2/p' | tail -1; }
  $ i=0
  $ for s in '' 'set shuffle off' 'set augment on' 'set seed 6' 'set batch 60' 'set batch 162' 'set batch 161; set augment on' 'set sampler class-aware' 'set sampler square-root' \
  >   'set sampler progressive' 'set sampler progressive; set sampler_epochs 2' 'set sampler weighted' 'set sampler weighted; set sampler_power -1' 'set sampler weighted; set sampler_power 0.5' \
  >   'set resample on' 'set resample fixed' 'set resample on; set beta_en 0.9' 'set val 40' 'set jitter 0.3; set augment on'; do
  >   i=$((i + 1)); echo "$s:"
  >   saddle --sessions . -c "$odd; set batch 70; set augment off; set epochs 2; $s; train --name r$i; wait; quit --yes" | grep -E '^saddle|^warning|^tensors.*held'
  >   losses r$i
  > done
  :
  3.9024012 3.4492218 3.0812943 1.9255697 1.1950151 0.6558557 d4e6bff3e835
  set shuffle off:
  3.0996465 4.1899056 3.3498117 1.7171517 1.1789553 0.4236674 9d60e0875249
  set augment on:
  4.0907244 3.6096119 3.0116996 1.9589356 1.2556790 0.8576619 960f3553f6b5
  set seed 6:
  2.4362731 2.1711087 1.7056330 1.3025186 0.7969228 0.7499104 0b66fde78473
  set batch 60:
  3.7725698 3.4899044 3.0847313 1.9330731 1.2266869 0.7957781 b1dabd42e06c
  set batch 162:
  3.9124023 3.5149662 28e33f98fc11
  set batch 161; set augment on:
  4.0878472 0.3845517 3.3061323 2.2976260 ed2e0cac0b62
  set sampler class-aware:
  2.7401728 2.301826 1.8991988 1.6633331 1.2338136 1.2056634 795563a8677d
  set sampler square-root:
  3.0500857 3.1017410 2.9908499 1.9564824 1.5138949 1.0564253 fe5d9f60f2d7
  set sampler progressive:
  warning: train: sampler_epochs 200 is past the end of training (2): the classes are never visited alike
  3.8748171 3.8210961 2.6355385 1.9072030 1.1066753 0.9358094 72dc8be27363
  set sampler progressive; set sampler_epochs 2:
  3.8748171 3.8210961 2.6355385 1.8028975 1.605106 1.4059034 ca36d629a9f9
  set sampler weighted:
  2.483181 2.0726797 2.1469988 1.3590366 1.1917077 1.1847200 b8b6a47a07d6
  set sampler weighted; set sampler_power -1:
  2.1785538 1.6091930 1.2288848 0.5438472 0.2014730 0.2418543 ca91ef99d1cb
  set sampler weighted; set sampler_power 0.5:
  3.0500857 3.1017410 2.9908499 1.9564824 1.5138949 1.0564253 fe5d9f60f2d7
  set resample on:
  2.8743805 2.4168260 1.8946844 1.3508186 1.2149314 1.0780969 030e3a5fd134
  set resample fixed:
  2.8743805 2.4168260 1.8946844 1.3508186 1.2149314 1.0780969 030e3a5fd134
  set resample on; set beta_en 0.9:
  3.7468774 3.0061483 2.6571109 1.9935817 1.5086727 1.0077893 4ab82220ec57
  set val 40:
  3.9037671 3.5731310 2.7370479 2.0122156 0528dde364a3
  set jitter 0.3; set augment on:
  4.0917978 3.5065040 2.9571166 2.0128307 1.3470226 0.9132552 c1f898f7082b

Grey images, whose colours cannot change; a second stage has an order of its own.

  $ grey="${odd/odd;/grey;}; set batch 6"
  $ saddle --sessions . -c "$grey; set augment on; train --name g1; wait; quit --yes" | grep -E '^saddle|^warning|^tensors'; losses g1; events g1 data
  tensors grey: 3 classes of 2..9 images, 16 in all, 12 to test on; 9x8 pixels, 1 channel
  2.9875621 3.5899236 3.1202185 1.5777927 1.3415213 1.7320344 4f0febe4a119
  {"k":"data","name":"tensors grey","sha256":"78ae4974cefec2e79e48ec432a41a2b930e4e562bb8dd7889afe8708df4d120b","n":16,"n_test":12,"classes":["0","1","2"],"counts":[9,5,2],"test_counts":[4,4,4],"group_of":[0,1,2],"groups":["head","mid","tail"],"steps":3,"test_sha256":"213f3a06a4ab51c5e5f7e2e22c98d82dd060b2a29cdf883983f50d28aa76238f","image":[9,8,1],"norm":[0.284667,0.151291],"known_by":"pixels"}
  $ saddle --sessions . -c "$grey; set augment on; set jitter 0.1; train --name g2"
  tensors grey: 3 classes of 2..9 images, 16 in all, 12 to test on; 9x8 pixels, 1 channel
  batch 128 -> 16
  eval_every 1 -> 0
  hessian_every 1 -> 0
  snapshot_seconds 60 -> 0
  nothing is watched
  epochs 200 -> 2
  lr multistep:0.1 -> 0.01
  model resnet32 -> resnet8
  seed 0 -> 5
  batch 16 -> 6
  augment off -> on
  jitter 0 -> 0.1
  saddle: train: jitter 0.1 changes colours, and the images are grey; jitter 0 is accepted
  [exit 1]
  $ for s in instance class-aware square-root progressive; do
  >   saddle --sessions . -c "$grey; stage crt --epochs 3 --sampler $s; set epochs 1; train --name $s; wait; quit --yes" | grep -E '^saddle|^warning'; losses $s
  > done
  2.9940586 3.4886705 3.1001498 1.2010492 1.1450210 1.7341604 0.9862475 0.7885252 1.4997406 1.7096310 0.7881696 0.5383578 3cf480727e5d
  2.9940586 3.4886705 3.1001498 1.6175894 0.9633430 0.9364680 1.4814598 0.9634922 1.6623938 1.0288951 1.7239886 1.8870291 b18d289729c1
  2.9940586 3.4886705 3.1001498 1.5137118 1.2825378 1.0262332 0.9301065 1.2540251 1.7997182 1.0673075 0.6017333 0.4825859 255127029bd4
  2.9940586 3.4886705 3.1001498 1.5137118 1.2472910 1.1138994 0.9085837 1.3242478 1.9184209 0.8528294 1.9248052 2.5367529 314daac56ea1
  $ saddle --sessions . -c "$grey; set augment on; stage crt --epochs 1 --no-augment --norm frozen; set epochs 1; train --name frozen; wait; quit --yes" | grep -E '^saddle|^warning'
  [1]
  $ losses frozen
  2.9875621 3.5899236 3.1202185 1.1875158 1.2287911 1.2341884 70ed1e954262
