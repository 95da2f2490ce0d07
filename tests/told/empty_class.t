A class without images to train on, and tensors that cannot be trained on: what is measured, and what is said.

  $ . $TOLD/setup.sh
  $ . $TOLD/odd.sh
  $ python3 $TOLD/images.py gap 3x8x8 9,5,0,2 2,3,4,0
  $ gap="${odd/odd;/gap;}; set batch 6"
  $ saddle --sessions . -c "$gap; set budget 1; watch 2,3 every 1 iters 3; train --name r; wait; quit --yes" | grep -E '^saddle|^warning|^tensors|eig|hessian:' | sed -E 's/ sec=[0-9.]+//' | calm
  tensors gap: 4 classes of 0..9 images, 16 in all, 9 to test on; 8x8 pixels, 3 channels
  warning: hessian: class 2 2 has no training images to probe
  DATE event step=3 ep=1.00 warning hessian: class 2 2 has no training images to probe
  DATE event step=6 ep=2.00 note hessian: the probes of an earlier epoch are still under way within budget 1; a larger budget, fewer hessian_iters or a longer hessian_every would keep up
  DATE eig   step=6 ep=1.00 class=3 name=3 lmin=-2.19445 lmax=89.3138 rmin=13 rmax=23 iters=3 images=2 loss=0.945852 why=iters
  warning: hessian: class 2 2 has no training images to probe
  DATE event step=6 ep=2.00 warning hessian: class 2 2 has no training images to probe
  DATE eig   step=6 ep=2.00 class=3 name=3 lmin=-1.60936 lmax=64.8911 rmin=11 rmax=17 iters=3 images=2 loss=0.71954 why=iters
  $ for c in 'hessian 2' 'hessian 2 --test --iters 2' 'hessian 3 --test' 'hessian' 'margins 2' 'margins 2 --test' 'margins 3 --test' 'cnc 2' 'slice 2' 'reading tau_post' 'reading tau_norm' \
  >   'reading ncm' 'reading ncm --on train' 'eval' 'eval train' 'eval val' 'why 2' 'confusion 2' 'show classes'; do
  >   echo "$c:"; at r "set hessian_iters 3; $c" | grep -v '^hessian_iters'
  > done
  hessian 2:
  saddle: hessian: class 2 2 has no training images to probe
  [exit 1]
  hessian 2 --test --iters 2:
  2 2: \xce\xbbmin -0.06895 \xce\xbbmax 16.04 |\xce\xbbmin|/\xce\xbbmax 0.0043 bound 3e+01 after all 2 products at step 6 (ep 2.0), test images (esc)
  hessian 3 --test:
  saddle: hessian: class 3 3 has no test images to probe
  [exit 1]
  hessian:
  saddle: hessian: class 2 2 has no training images to probe
  [exit 1]
  margins 2:
  saddle: margins: class 2 2 has no training images
  [exit 1]
  margins 2 --test:
  2 2: margin -1.398, worst tenth -1.716, smallest -1.716; 100.0 % of 4 test images below 0; step 6 (ep 2.0)
  margins 3 --test:
  saddle: margins: class 3 3 has no test images
  [exit 1]
  cnc 2:
  saddle: cnc: class 2 2 has no training images to probe
  [exit 1]
  slice 2:
  saddle: slice: class 2 2 has no training images to probe
  [exit 1]
  reading tau_post:
  saddle: reading: tau_post needs the share of every class; class 2 2 has no training images
  [exit 1]
  reading tau_norm:
  tau_norm 0 (best on test), test: 44.44 head 100.00 mid 66.67 tail 0.00; own classifier 44.44 head 100.00 mid 66.67 tail 0.00; step 6 (ep 2.0). Chosen on test images: no result to publish; 'data ... --val N' holds images out to choose on
  reading ncm:
  ncm, test: 55.56 head 100.00 mid 100.00 tail 0.00; own classifier 44.44 head 100.00 mid 66.67 tail 0.00; step 6 (ep 2.0)
  reading ncm --on train:
  ncm, train: 100.00 head 100.00 mid 100.00; own classifier 93.75 head 100.00 mid 90.00; step 6 (ep 2.0)
  eval:
  test: acc 44.44 head 100.00 mid 66.67 tail 0.00 loss 1.531 at step 6 (ep 2.0)
  eval train:
  train: acc 93.75 head 100.00 mid 90.00 loss 0.6002 at step 6 (ep 2.0)
  eval val:
  saddle: eval: there are no val images; 'data ... --val N' holds some out
  [exit 1]
  why 2:
  2 2: 0 training images, tail, 0 of 4 classes have fewer; 4 test images
  its accuracy is not known yet: 'eval' measures it
  what it is taken for is not known yet: 'eval' measures it
  no class is re-weighted; 'set weights effective' and 'set drw N' would
  \xce\xbbmin and \xce\xbbmax are not measured: 'hessian 2' measures them, 'watch 2' while training (esc)
  confusion 2:
  saddle: confusion: no confusion matrix yet; 'eval' makes one
  [exit 1]
  show classes:
     0 0                head n      9  acc     -
     1 1                mid  n      5  acc     -
     2 2                tail n      0  acc     -  watched
     3 3                mid  n      2  acc     -  watched
  $ for s in 'loss ce --weights inverse --drw 1' 'loss ce --weights effective --drw 0' 'loss la' 'loss ldam' 'set sampler class-aware' 'set sampler square-root' 'set sampler progressive' 'set sampler weighted'; do
  >   echo "$s:"; saddle --sessions . -c "$gap; $s; set epochs 2; train --name n --steps 1; wait; quit --yes" | grep -E '^saddle|^warning'; rm -rf n.saddle
  > done
  loss ce --weights inverse --drw 1:
  warning: train: drw 1 is past the end of training (1 step, epoch 0.333): class weights never act
  saddle: train: class 2 has no training images, but the class weight needs its count
  loss ce --weights effective --drw 0:
  saddle: train: class 2 has no training images, but the class weight needs its count
  loss la:
  saddle: train: class 2 has no training images, but la needs its count
  loss ldam:
  saddle: train: class 2 has no training images, but ldam needs its count
  set sampler class-aware:
  saddle: train: sampler class-aware visits class 2, which has no training images; instance and square-root pass over such classes
  set sampler square-root:
  set sampler progressive:
  warning: train: sampler_epochs 200 is past the end of training (1 step, epoch 0.333): the classes are never visited alike
  saddle: train: sampler progressive visits class 2, which has no training images; instance and square-root pass over such classes
  set sampler weighted:

  $ tensor() { python3 -c 'import json, struct, sys
  > of, dims, dtype, size = sys.argv[1].split(), json.loads(sys.argv[2]), sys.argv[3], int(sys.argv[4]); head, at = {}, 0
  > for name, d, t, s in zip(("images", "labels", "test_images", "test_labels"), dims, (dtype, "I64", dtype, "I64"), (size, 8, size, 8)):
  >     n = s
  >     for x in d: n *= x
  >     head[name] = {"dtype": t, "shape": d, "data_offsets": [at, at + n]}; at += n
  > text = json.dumps(head).encode(); text += b" " * (-len(text) % 8)
  > body = bytearray(at)
  > for name in of:
  >     for i in range(head[name]["shape"][0]): struct.pack_into("<q", body, head[name]["data_offsets"][0] + 8 * i, i % 3)
  > open("t", "wb").write(struct.pack("<Q", len(text)) + text + body)' "$1" "$2" "$3" "$4"; saddle -c "data tensors t${5:-}"; }
  $ tensor labels '[[6,3,8,9],[6]]' U8 1; tensor labels '[[6,1,8,9],[6]]' F32 4; tensor labels '[[6,1,8,9],[6]]' F16 2; tensor labels '[[6,3,8,9],[6]]' I32 4
  tensors t: 3 classes of 2..2 images, 6 in all, 0 to test on; 8x9 pixels, 3 channels
  no images to test on, so nothing will be evaluated; test_images and test_labels in the file, or --val N, change that
  tensors t: 3 classes of 2..2 images, 6 in all, 0 to test on; 8x9 pixels, 1 channel
  no images to test on, so nothing will be evaluated; test_images and test_labels in the file, or --val N, change that
  tensors t: 3 classes of 2..2 images, 6 in all, 0 to test on; 8x9 pixels, 1 channel
  no images to test on, so nothing will be evaluated; test_images and test_labels in the file, or --val N, change that
  saddle: data: t: tensor 'images' is I32; accepted are F64, F32, F16 and BF16
  [exit 3]
  $ tensor labels '[[6,2,8,9],[6]]' U8 1; tensor labels '[[6,3,7,9],[6]]' U8 1; tensor labels '[[6,3,8,257],[6]]' U8 1; tensor labels '[[6,3,8,9],[5]]' U8 1; tensor labels '[[6,3,8],[6]]' U8 1
  saddle: data: t: 'images': shape [6, 2, 8, 9]: 2 channels; 1 and 3 are accepted, before height and width
  [exit 3]
  saddle: data: t: 'images': shape [6, 3, 7, 9]: images 7 pixels high; 8 to 256 are accepted
  [exit 3]
  saddle: data: t: 'images': shape [6, 3, 8, 257]: images 257 pixels wide; 8 to 256 are accepted
  [exit 3]
  saddle: data: t: 'labels' has shape [5], expected [6] as 'images' has shape [6, 3, 8, 9]
  [exit 3]
  saddle: data: t: 'images': shape [6, 3, 8], expected [N, channels, height, width] with N of 1..16777216
  [exit 3]
  $ tensor 'labels test_labels' '[[6,3,8,9],[6],[2,3,8,9],[2]]' U8 1; tensor 'labels test_labels' '[[6,3,8,9],[6],[2,3,9,8],[2]]' U8 1
  tensors t: 3 classes of 2..2 images, 6 in all, 2 to test on; 8x9 pixels, 3 channels
  saddle: data: t: 'test_images' are of 9x8 pixels with 3 channels, 'images' of 8x9 with 3: the same are accepted
  [exit 3]
  $ tensor 'labels test_labels' '[[6,3,8,9],[6],[2,3,8,9],[2]]' U8 1 ' --classes 3'; tensor labels '[[6,3,8,9],[6]]' U8 1 ' --classes 2'; tensor labels '[[6,3,8,9],[6]]' U8 1 ' --classes 5'
  tensors t: 3 classes of 2..2 images, 6 in all, 2 to test on; 8x9 pixels, 3 channels
  saddle: data: t: 'labels': number 2 is 2, expected 0..1
  [exit 3]
  tensors t: 5 classes of 0..2 images, 6 in all, 0 to test on; 8x9 pixels, 3 channels
  2 of the 5 classes without an image to train on, the first is 3; labels count from 0
  no images to test on, so nothing will be evaluated; test_images and test_labels in the file, or --val N, change that
