Classes with blanks, quotes, equal signs and backslashes in their names: how a log line, a list and a command take them.

  $ . $TOLD/setup.sh
  $ cat >pictures.py <<'END'
  > import os, struct, zlib
  > def part(kind, data):
  >     return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
  > for split, counts in (("train", (5, 4, 3, 2, 1)), ("test", (1, 2, 1, 1, 1))):
  >     for name, n in zip(("a b", 'x"y', "c=d", "e\\f", "plain"), counts):
  >         os.makedirs(f"set/{split}/{name}")
  >         for i in range(n):
  >             rows = b"".join(b"\0" + bytes((17 * n + 31 * i + 7 * x * y + len(split)) % 256 for x in range(24)) for y in range(8))
  >             with open(f"set/{split}/{name}/{i}.png", "wb") as out:
  >                 out.write(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b""))
  > END
  $ python3 pictures.py
  $ names='data folder set --size 8 --groups 0-1/2-3/4; model resnet8; set batch 4; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; set snapshot_every 0; unwatch'
  $ saddle -c "$names; show classes; watch 'a b' 'x\"y' c=d; watch 'e\\f'; train --epochs 1 --name a --paused; hessian 'a b' --iters 2; hessian 'x\"y' --iters 2; hessian c=d --iters 2; hessian 'e\\f' --iters 2; hessian plain --iters 2; set rho .1 if 'lmin:a b' < -1000; set rho .2 if lmin:c=d < -1000; note 'a \"b\" c'; show pending; resume; wait; show classes" | quiet
  folder set: 5 classes of 1..5 images, 15 in all, 6 to test on; 8x8 pixels, 3 channels
     0 a b              head n      5  acc     -
     1 x"y              head n      4  acc     -
     2 c=d              mid  n      3  acc     -
     3 e\f              mid  n      2  acc     -
     4 plain            tail n      1  acc     -
  watched: 3 classes
  watched: 4 classes
  warning: train: hessian_every is 0, so nothing is probed; 'set hessian_every 1'
  a: resnet8, ce on 15 images, 4 steps of 4
  warning: 'if lmin:0': hessian_every is 0, so nothing is probed; 'set hessian_every 1'; it waits for a 'hessian 0' by hand
  pending 1: set rho 0.1 if lmin:0 < -1000
  warning: 'if lmin:2': hessian_every is 0, so nothing is probed; 'set hessian_every 1'; it waits for a 'hessian 2' by hand
  pending 2: set rho 0.2 if lmin:2 < -1000
  1: set rho 0.1 if lmin:0 < -1000
  2: set rho 0.2 if lmin:2 < -1000
     0 a b              head n      5  acc     -  watched
     1 x"y              head n      4  acc     -  watched
     2 c=d              mid  n      3  acc     -  watched
     3 e\f              mid  n      2  acc     -  watched
     4 plain            tail n      1  acc     -
  event step=0 ep=0.00 watch 0 1 2 3 by=script
  event step=0 ep=0.00 hessian 0 by=script
  eig   step=0 ep=0.00 class=0 name="a b" lmin=-0.0824904 lmax=6.08188 rmin=3.5 rmax=30 iters=2 images=5 loss=0.639141 why=iters
  event step=0 ep=0.00 hessian 1 by=script
  eig   step=0 ep=0.00 class=1 name="x\"y" lmin=-0.0372166 lmax=97.1728 rmin=1.8 rmax=93 iters=2 images=4 loss=3.17041 why=iters
  event step=0 ep=0.00 hessian 2 by=script
  eig   step=0 ep=0.00 class=2 name="c=d" lmin=-0.0223352 lmax=68.2374 rmin=2.1 rmax=92 iters=2 images=3 loss=3.84832 why=iters
  event step=0 ep=0.00 hessian 3 by=script
  eig   step=0 ep=0.00 class=3 name="e\\f" lmin=-0.125888 lmax=23.9303 rmin=5 rmax=71 iters=2 images=2 loss=3.70399 why=iters
  event step=0 ep=0.00 hessian 4 by=script
  eig   step=0 ep=0.00 class=4 name=plain lmin=-0.0556003 lmax=15.5702 rmin=3.7 rmax=59 iters=2 images=1 loss=0.568244 why=iters
  event step=0 ep=0.00 pending 1 set rho .1 if 'lmin:a b' < -1000 by=script
  event step=0 ep=0.00 warning 'if lmin:0': hessian_every is 0, so nothing is probed; 'set hessian_every 1'; it waits for a 'hessian 0' by hand
  event step=0 ep=0.00 pending 2 set rho .2 if lmin:c=d < -1000 by=script
  event step=0 ep=0.00 warning 'if lmin:2': hessian_every is 0, so nothing is probed; 'set hessian_every 1'; it waits for a 'hessian 2' by hand
  event step=0 ep=0.00 note a "b" c
  event step=0 ep=0.00 resume by=script
  event step=0 ep=0.00 training
  event step=4 ep=1.00 finished all 4 steps are done
  event step=4 ep=1.00 snapshot s0001 state=5c37e2097bf7e8ab8db3148bb21df46fc2b654b2e05f90452cb200de277ea089
  $ saddle -c "resume a" | quiet
  a is finished at epoch 1.0; 'set epochs N' before 'resume' makes it longer, 'replay' shows it
  $ saddle -c "replay a; show classes; why 'a b'" | quiet | cut -c1-200
  a: at epoch 1.0 of 1.0; 'seek', 'speed', 'live'
     0 a b              head n      5  acc     -  watched
     1 x"y              head n      4  acc     -  watched
     2 c=d              mid  n      3  acc     -  watched
     3 e\f              mid  n      2  acc     -  watched
     4 plain            tail n      1  acc     -
  0 a b: 5 training images, head, 4 of 5 classes have fewer; 1 test images
  its accuracy is not known yet: 'eval' measures it
  what it is taken for is not known yet: 'eval' measures it
  no class is re-weighted; 'set weights effective' and 'set drw N' would
  \xce\xbbmin -0.08249 \xc2\xb1 4, \xce\xbbmax 6.082 \xc2\xb1 3e+01 at epoch 0, by 2 products on 5 images, whose mean loss was 0.6391 (esc)
  no negative curvature was found: these weights are no saddle for it
  $ saddle -c "$names; watch 'a c'" | quiet
  folder set: 5 classes of 1..5 images, 15 in all, 6 to test on; 8x8 pixels, 3 channels
  saddle: watch: unknown class 'a c'; did you mean 'a b'?
  [exit 1]
