Which images are trained on: chosen, told, checked, refused, remembered and found again.

  $ . $TOLD/setup.sh
  $ known() { sed -E "s|$PWD|HERE|; s/^([0-9a-f]{6})[0-9a-f]{58}/\1/" $XDG_STATE_HOME/saddle/data; }
  $ cut_hash() { sed -E 's/([0-9a-f]{12})[0-9a-f]{52}/\1/g'; }

The demo, its profiles, what is held out, groups.

  $ saddle -c 'data'
  saddle: data: nothing given; one of demo demo-lt demo-step cifar10 cifar10-lt cifar10-step cifar100 cifar100-lt cifar100-step tensors FILE folder DIR list FILE; usage: data [NAME | check | cache DIR] [--beta B] [--imb exp|step|none] [--root DIR] [--val N] [--val-from kept|unused] [--groups RULE] [--classes N] [--size N] [--resize N] [--decode exact|fast] [--bad stop|skip] [--shorter N] [--memory MIB] [--test LIST] [--val-list LIST] [--names FILE] [--sha256 HASH]
  [exit 1]
  $ saddle -c 'data demo-step; show classes'
  demo-step beta=100: 10 classes of 10..1000 images, 5050 in all, 1000 to test on; 32x32 pixels, 3 channels
     0 circle           head n   1000  acc     -
     1 square           head n   1000  acc     -
     2 star             head n   1000  acc     -
     3 triangle         head n   1000  acc     -
     4 cross            head n   1000  acc     -
     5 moon             tail n     10  acc     -
     6 heart            tail n     10  acc     -
     7 hexagon          tail n     10  acc     -
     8 house            tail n     10  acc     -
     9 flower           tail n     10  acc     -
  $ saddle -c 'data demo --beta 1'; saddle -c 'data demo-step --beta 2 --val 30'
  demo-lt beta=1: 10 classes of 1000..1000 images, 10000 in all, 1000 to test on; 32x32 pixels, 3 channels
  demo-step beta=2: 10 classes of 498..996 images, 7470 in all, 1000 to test on, 30 held out; 32x32 pixels, 3 channels
  $ saddle -c 'data demo --val 1840; show classes'
  demo-lt beta=100: 10 classes of 3..258 images, 638 in all, 1000 to test on, 1840 held out; 32x32 pixels, 3 channels
     0 circle           head n    258  acc     -
     1 square           head n    154  acc     -
     2 star             head n     92  acc     -
     3 triangle         mid  n     55  acc     -
     4 cross            mid  n     33  acc     -
     5 moon             mid  n     20  acc     -
     6 heart            mid  n     12  acc     -
     7 hexagon          tail n      7  acc     -
     8 house            tail n      4  acc     -
     9 flower           tail n      3  acc     -
  $ saddle -c 'data demo --beta 1000 --val 1323 --val-from kept'
  demo-lt beta=1000: 10 classes of 1..290 images, 540 in all, 1000 to test on, 1323 held out; 32x32 pixels, 3 channels
  $ saddle -c 'data demo --val 7000'; saddle -c 'data demo --val 1841'; saddle -c 'data demo --val 9'; saddle -c 'data demo --val 10'
  saddle: data: val 7000 is not accepted, expected 0 or 10..2468 (each class gives one at least and keeps one)
  [exit 1]
  demo-lt beta=100: 10 classes of 3..257 images, 637 in all, 1000 to test on, 1841 held out; 32x32 pixels, 3 channels
  saddle: data: val 9 is not accepted, expected 0 or 10..2468 (each class gives one at least and keeps one)
  [exit 1]
  demo-lt beta=100: 10 classes of 9..999 images, 2468 in all, 1000 to test on, 10 held out; 32x32 pixels, 3 channels
  $ saddle -c 'data demo --beta 1000 --val 15 --val-from unused'
  saddle: data: val 15 is not accepted with val_from unused, expected a multiple of 10: as many images of each class
  [exit 1]
  $ saddle -c 'data demo --beta 1000 --groups 0-2/3-8/9; show classes' | cut -c1-40
  demo-lt beta=1000: 10 classes of 1..1000
     0 circle           head n   1000  acc
     1 square           head n    464  acc
     2 star             head n    215  acc
     3 triangle         mid  n    100  acc
     4 cross            mid  n     46  acc
     5 moon             mid  n     21  acc
     6 heart            mid  n     10  acc
     7 hexagon          mid  n      4  acc
     8 house            mid  n      2  acc
     9 flower           tail n      1  acc
  $ saddle -c 'data demo --beta 1000 --groups shots; show classes' | cut -c1-40
  demo-lt beta=1000: 10 classes of 1..1000
     0 circle           head n   1000  acc
     1 square           head n    464  acc
     2 star             head n    215  acc
     3 triangle         mid  n    100  acc
     4 cross            mid  n     46  acc
     5 moon             mid  n     21  acc
     6 heart            tail n     10  acc
     7 hexagon          tail n      4  acc
     8 house            tail n      2  acc
     9 flower           tail n      1  acc
  $ saddle -c 'data demo --beta 1000 --groups 0-3/5-9'
  saddle: data: groups '0-3/5-9': missing class 4; expected paper, shots or every class of 0..9 once, such as 0-2/3-6/7-9 (head/mid/tail) or 0-4/5-9 (head/tail)
  [exit 1]
  $ saddle -c 'data demo --beta 1.1 --val 400 --val-from unused'; saddle -c 'data demo --beta 1.1 --val 500 --val-from unused'
  demo-lt beta=1.1: 10 classes of 909..960 images, 9439 in all, 1000 to test on, 400 held out; 32x32 pixels, 3 channels
  val: too few images are left out of 0 circle (40), 1 square (29), 2 star (19), 3 triangle (8); kept ones are held out instead
  demo-lt beta=1.1: 10 classes of 909..950 images, 9391 in all, 1000 to test on, 500 held out; 32x32 pixels, 3 channels
  val: too few images are left out of 0 circle (50), 1 square (39), 2 star (29), 3 triangle (18) and more; kept ones are held out instead
  $ saddle -c 'data demo --beta .5'; saddle -c 'data demo --beta 100001'
  saddle: data: beta: .5 is not in 1..100000
  [exit 1]
  saddle: data: beta: 100001 is not in 1..100000
  [exit 1]

An unknown name, too many words, options that the data do not look at.

  $ saddle -c 'data cifar10-tl'; saddle -c 'data zzzzzz'
  saddle: data: unknown data 'cifar10-tl'; did you mean 'cifar10-lt'?
  [exit 1]
  saddle: data: unknown data 'zzzzzz'; demo, cifar10, cifar10-lt, cifar10-step, cifar100..., tensors FILE, folder DIR, list FILE
  [exit 1]
  $ saddle -c 'data demo more' | cut -c1-60; saddle -c 'data tensors'; saddle -c 'data folder'; saddle -c 'data list'
  saddle: data: 'more' is too much; usage: data [NAME | check 
  [exit 1]
  saddle: data: which file? data tensors FILE
  [exit 1]
  saddle: data: which folder? data folder DIR
  [exit 1]
  saddle: data: which file? data list FILE
  [exit 1]
  $ saddle -c 'data demo --root x'; saddle -c 'data folder x --root y'; saddle -c 'data tensors x --root y'
  saddle: data: --root is for CIFAR; the demo is drawn and needs no folder
  [exit 1]
  saddle: data: --root is for CIFAR and list FILE; folder DIR names its folder
  [exit 1]
  saddle: data: --root is for CIFAR; tensors FILE names its file
  [exit 1]
  $ saddle -c 'data demo --classes 3'; saddle -c 'data demo --subset_seed 3'; saddle -c 'data demo --size 32'; saddle -c 'data demo --resize 32'
  saddle: data: --classes is for tensors FILE and list FILE; this data has classes of its own
  [exit 1]
  saddle: data: --subset_seed is for CIFAR, folder and list, whose images it chooses
  [exit 1]
  saddle: data: --size is for folder DIR and list FILE, whose pictures become so large
  [exit 1]
  saddle: data: --resize is for folder DIR and list FILE
  [exit 1]
  $ saddle -c 'data demo --decode fast'; saddle -c 'data demo --shorter 3'; saddle -c 'data demo --memory 3'; saddle -c 'data demo --bad skip'
  saddle: data: --decode is for folder DIR and list FILE
  [exit 1]
  saddle: data: --shorter is for data cache DIR
  [exit 1]
  saddle: data: --memory is for folder DIR and list FILE
  [exit 1]
  saddle: data: --bad is for folder DIR and list FILE
  [exit 1]
  $ saddle -c 'data demo --test x'; saddle -c 'data demo --val-list x'; saddle -c 'data demo --names x'; saddle -c 'data folder x --names y'
  saddle: data: --test is for list FILE
  [exit 1]
  saddle: data: --val-list is for list FILE
  [exit 1]
  saddle: data: --names is for list FILE
  [exit 1]
  saddle: data: --names is for list FILE
  [exit 1]
  $ saddle -c 'data tensors x --imb exp'; saddle -c 'data tensors x --beta 3'; saddle -c 'data cifar10 --beta 3'; saddle -c 'data cifar10-lt --imb none --beta 3'
  saddle: data: --imb is not for tensors FILE, which is taken as it is
  [exit 1]
  saddle: data: --beta is not for tensors FILE, which is taken as it is
  [exit 1]
  saddle: data: cifar10 keeps every image, so beta 3 does nothing; cifar10-lt and cifar10-step take it
  [exit 1]
  saddle: data: beta 3 does nothing with --imb none; exp and step take it
  [exit 1]
  $ saddle -c 'data demo --sha256 12'; saddle -c "data demo --sha256 $(printf '%064d' 0 | tr 0 A)"
  saddle: data: --sha256 '12'; 64 digits 0-9 a-f are accepted
  [exit 1]
  saddle: data: --sha256 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'; 64 digits 0-9 a-f are accepted
  [exit 1]
  $ saddle -c "data demo --beta 1000 --sha256 $(printf '%064d' 0)" | cut_hash
  saddle: data: demo-lt beta=1000: its training images have SHA-256 a4ed76715aa7, and --sha256 says 000000000000
  [exit 3]
  $ saddle -c "data demo --beta 1000 --sha256 $(saddle -c 'data demo --beta 1000; train --steps 1 --name d --paused; stop --yes' >/dev/null; saddle cat d | grep -o '"sha256":"[^"]*' | head -1 | cut -d'"' -f4)"
  demo-lt beta=1000: 10 classes of 1..1000 images, 1863 in all, 1000 to test on; 32x32 pixels, 3 channels

CIFAR that is not there.

  $ saddle -c 'data cifar10'; mkdir none; saddle -c 'data cifar100-lt --root none' | calm
  saddle: data: cifar10 needs its binary version, data_batch_1.bin to data_batch_5.bin and test_batch.bin; name their folder with --root DIR or $SADDLE_DATA (looked here, in data, ../data, ~/data, ~/datasets and ~/Downloads)
  [exit 3]
  saddle: data: cifar100: neither none nor cifar-100-binary there holds train.bin (the binary version of the data set)
  [exit 3]
  $ saddle -c "data cifar10 --sha256 $(printf '%064d' 0)" | cut_hash
  saddle: data: where are the data cifar10 with SHA-256 000000000000? --root DIR says it
  [exit 3]

Tensors: as they are, with or without a test set, with classes that no image has.

  $ python3 $top/tests/cli/tensors.py a.st 1 2 1x8x12; python3 $top/tests/cli/tensors.py b.st 3 4 U8 LT
  $ saddle -c 'data tensors a.st; show augment; show classes'
  tensors a.st: 3 classes of 8..8 images, 24 in all, 6 to test on; 8x12 pixels, 1 channel
  augment off  (default on) random crop with 4 pixels of padding, and mirror
     0 0                head n      8  acc     -
     1 1                mid  n      8  acc     -
     2 2                tail n      8  acc     -
  $ saddle -c 'data tensors b.st; show classes'
  tensors b.st: 3 classes of 3..15 images, 24 in all, 6 to test on; 32x32 pixels, 3 channels
     0 0                head n     15  acc     -
     1 1                mid  n      6  acc     -
     2 2                tail n      3  acc     -
  $ saddle -c 'data tensors b.st --classes 5 --val 6; show classes'
  tensors b.st: 5 classes of 0..11 images, 18 in all, 6 to test on, 6 held out; 32x32 pixels, 3 channels
  2 of the 5 classes without an image to train on, the first is 3; labels count from 0
     0 0                head n     11  acc     -
     1 1                mid  n      5  acc     -
     2 2                mid  n      2  acc     -
     3 3                mid  n      0  acc     -
     4 4                tail n      0  acc     -
  $ saddle -c 'set augment on; data tensors b.st; show augment'
  augment is on already
  tensors b.st: 3 classes of 3..15 images, 24 in all, 6 to test on; 32x32 pixels, 3 channels
  augment on  (default on) random crop with 4 pixels of padding, and mirror
  $ saddle -c 'data tensors b.st; data demo --beta 1000; show augment'
  tensors b.st: 3 classes of 3..15 images, 24 in all, 6 to test on; 32x32 pixels, 3 channels
  demo-lt beta=1000: 10 classes of 1..1000 images, 1863 in all, 1000 to test on; 32x32 pixels, 3 channels
  augment on  (default on) random crop with 4 pixels of padding, and mirror
  $ saddle -c 'data demo --beta 1000; watch 1 3; data tensors b.st; watch 2' | grep watched
  watched: 4 classes
  watched: 1 class
  $ saddle -c 'data tensors b.st --classes 2' ; saddle -c 'data tensors nothere.st'
  saddle: data: b.st: 'labels': number 7 is 2, expected 0..1
  [exit 3]
  saddle: data: cannot open nothere.st: No such file or directory
  [exit 3]
  $ few() { PYTHONPATH=$top/tests/cli python3 -c "import struct, tensors
  > tensors.write('few.st', [('images', 'U8', [4, 1, 8, 8], bytes(256)), ('labels', 'I64', [4], struct.pack('<4q', $1))])"; }
  $ few 1,1,3,3; saddle -c 'data tensors few.st'; saddle -c 'data tensors few.st --classes 4 --val 2'
  tensors few.st: 4 classes of 0..2 images, 4 in all, 0 to test on; 8x8 pixels, 1 channel
  2 of the 4 classes without an image to train on, the first is 0; labels count from 0
  no images to test on, so nothing will be evaluated; test_images and test_labels in the file, or --val N, change that
  tensors few.st: 4 classes of 0..1 images, 2 in all, 0 to test on, 2 held out; 8x8 pixels, 1 channel
  2 of the 4 classes without an image to train on, the first is 0; labels count from 0
  $ few 0,1,2,3; saddle -c 'data tensors few.st --classes 4'; saddle -c 'data tensors few.st --classes 5'
  tensors few.st: 4 classes of 1..1 images, 4 in all, 0 to test on; 8x8 pixels, 1 channel
  no images to test on, so nothing will be evaluated; test_images and test_labels in the file, or --val N, change that
  tensors few.st: 5 classes of 0..1 images, 4 in all, 0 to test on; 8x8 pixels, 1 channel
  1 of the 5 classes without an image to train on, the first is 4; labels count from 0
  no images to test on, so nothing will be evaluated; test_images and test_labels in the file, or --val N, change that
  $ few 0,1,2,-1; saddle -c 'data tensors few.st'
  saddle: data: few.st: 'labels': number 3 is -1, expected 0..9999
  [exit 3]

What is recorded is remembered here, once for each place; a few older places stay.

  $ train='model resnet8; set batch 8; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; train --steps 9 --paused --name'
  $ saddle --quiet -c "data tensors a.st; $train one; step 2; stop --yes"; known
  f08d5c tensors HERE/a.st
  $ saddle --quiet -c "data tensors b.st; $train two; step 2; stop --yes"; known
  f08d5c tensors HERE/a.st
  cbf932 tensors HERE/b.st
  $ saddle --quiet -c "data tensors a.st; $train three; stop --yes"; known
  f08d5c tensors HERE/a.st
  cbf932 tensors HERE/b.st
  $ for i in 2 3 4 5 6; do mkdir p$i; cp a.st p$i/; saddle --quiet -c "data tensors p$i/a.st; $train p$i; stop --yes"; done; known
  cbf932 tensors HERE/b.st
  f08d5c tensors HERE/p3/a.st
  f08d5c tensors HERE/p4/a.st
  f08d5c tensors HERE/p5/a.st
  f08d5c tensors HERE/p6/a.st
  $ saddle --quiet -c "data tensors p3/a.st; $train again; stop --yes"; known
  cbf932 tensors HERE/b.st
  f08d5c tensors HERE/p4/a.st
  f08d5c tensors HERE/p5/a.st
  f08d5c tensors HERE/p6/a.st
  f08d5c tensors HERE/p3/a.st
  $ stat -c '%a %F' $XDG_STATE_HOME/saddle/data $XDG_STATE_HOME/saddle
  600 regular file
  700 directory

Found again by the hash: the newest place that has it, by name in --sha256 too.

  $ hash=$(saddle cat one | grep -o '"sha256":"[^"]*' | head -1 | cut -d'"' -f4)
  $ saddle -c "data tensors --sha256 $hash"
  tensors a.st: 3 classes of 8..8 images, 24 in all, 6 to test on; 8x12 pixels, 1 channel
  $ saddle -c "data tensors b.st --sha256 $hash" | calm | cut_hash
  saddle: data: tensors b.st: its training images have SHA-256 cbf9326f3d3c, and --sha256 says f08d5cffd0f4
  [exit 3]
  $ rm -r p3; saddle -c 'resume one --paused; show data_path; stop --yes' 2>&1 | grep -o 'data_path.*p.*/a.st' | calm
  data_path HOME/p6/a.st
  $ mkdir q; cp b.st q; saddle --quiet -c "data tensors q/b.st; $train q; stop --yes"; mv b.st c.st; rm q/b.st; saddle -c 'resume two --paused' | calm; saddle -c 'resume two --root a.st --paused' | calm | cut_hash
  saddle: resume: where are the data of this run (tensors b.st)? 'resume RUN --root FILE' or 'set data_path' says it; tried: cannot open HOME/q/b.st: No such file or directory
  [exit 3]
  saddle: resume: --root names other data than the run's (tensors b.st): tensors a.st of a.st: its images are of 8x12 pixels with 1 channel, those of this run of 32x32 with 3
  [exit 3]
  $ saddle -c 'resume two --root c.st --paused; show data_path; stop --yes' 2>&1 | grep -o 'data_path.*c.st'; known | tail -2
  data_path c.st
  cbf932 tensors HERE/q/b.st
  cbf932 tensors HERE/c.st
  $ saddle -c 'resume d --root . --paused'
  saddle: resume: the demo is drawn and needs no folder
  [exit 1]

What is no line of ours in the list is gone with the next one.

  $ printf 'strange\n%064d tensors relative\n%064d tensors /x\n%063d tensors /y\n%064d %032d /z\n%064d %031d /w\nlast' 1 2 3 4 5 6 >>$XDG_STATE_HOME/saddle/data
  $ saddle --quiet -c "data tensors p2/a.st; $train last; stop --yes"; known
  cbf932 tensors HERE/b.st
  f08d5c tensors HERE/p5/a.st
  f08d5c tensors HERE/p3/a.st
  f08d5c tensors HERE/p6/a.st
  cbf932 tensors HERE/q/b.st
  cbf932 tensors HERE/c.st
  000000 tensors /x
  000000 0000000000000000000000000000000 /w
  f08d5c tensors HERE/p2/a.st
