Own pictures: folders, lists, what is checked, copied and shown of them.

  $ . $TOLD/setup.sh
  $ cat >paint.py <<'P'
  > import os, struct, sys, zlib
  > def png(path, w, h, seed):
  >     rows, x = b"", seed
  >     for y in range(h):
  >         rows += b"\0"
  >         for i in range(w):
  >             x = (1664525 * x + 1013904223) & 0xFFFFFFFF
  >             rows += bytes([x >> 24, (i * 255 // w), (y * 255 // h)])
  >     part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
  >     os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
  >     with open(path, "wb") as out:
  >         out.write(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b""))
  > def folder(path, n, seed):
  >     for i in range(n):
  >         png("%s/%d.png" % (path, i), 24 + i % 5, 20 + i % 3, seed + i)
  > folder("own/train/ant", 3, 10); folder("own/train/bee", 40, 100); folder("own/train/cat", 6, 200)
  > folder("own/test/ant", 2, 300); folder("own/test/bee", 1, 310); folder("own/test/cat", 2, 320)
  > folder("flat/x", 2, 400); folder("flat/y", 2, 410)
  > P
  $ python3 paint.py; touch own/train/notes.txt own/train/bee/read.me own/train/.hidden
  $ as='data folder own --size 16'; own() { saddle -c "$as; $1" | grep -v -e '^folder own: ' -e '^1 file is neither'; }

A folder: classes by their number of pictures, a long tail of them, what is held out.

  $ saddle -c "$as; show classes"
  folder own: 3 classes of 3..40 images, 49 in all, 5 to test on; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
     0 bee              head n     40  acc     -
     1 cat              mid  n      6  acc     -
     2 ant              tail n      3  acc     -
  $ saddle -c 'data folder flat; show classes'
  folder flat: 2 classes of 2..2 images, 4 in all, 0 to test on; 64x64 pixels, 3 channels
  no images to test on, so nothing will be evaluated; a folder test beside train, or --val N, change that
     0 x                head n      2  acc     -
     1 y                tail n      2  acc     -
  $ saddle -c "$as --beta 10; show classes"; saddle -c "$as --imb step --beta 4"; saddle -c "$as --beta 10 --val 6"; saddle -c "$as --beta 10 --val 3 --val-from unused"; saddle -c "$as --val 3 --val-from unused"
  folder own-lt beta=10: 3 classes of 1..18 images, 25 in all, 5 to test on; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
     0 bee              head n     18  acc     -
     1 cat              mid  n      6  acc     -
     2 ant              tail n      1  acc     -
  folder own-step beta=4: 3 classes of 3..12 images, 18 in all, 5 to test on; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
  folder own-lt beta=10: 3 classes of 1..14 images, 19 in all, 5 to test on, 6 held out; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
  folder own-lt beta=10: 3 classes of 1..18 images, 24 in all, 5 to test on, 3 held out; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
  val: too few images are left out of 1 cat (1); kept ones are held out instead
  saddle: data: val_from unused: imbalance is none, so no pictures are left out; val_from kept is accepted
  [exit 1]
  $ saddle -c "$as --beta 10 --val 9 --val-from unused"
  saddle: data: val 9 with val_from unused takes 3 images of each class, but class 2 ant has 3 in all and keeps one; accepted there: up to 6
  [exit 1]
  $ saddle -c 'data folder own --size 7'; saddle -c 'data folder own --size 8'; saddle -c 'data folder own --size 256' ; saddle -c 'data folder own --size 257'
  saddle: data: picture_size: 7 is not in 8..256
  [exit 1]
  folder own: 3 classes of 3..40 images, 49 in all, 5 to test on; 8x8 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
  folder own: 3 classes of 3..40 images, 49 in all, 5 to test on; 256x256 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
  saddle: data: picture_size: 257 is not in 8..256
  [exit 1]
  $ saddle -c 'data folder own --size 16 --resize 15'; saddle -c 'data folder own --size 16 --resize 16'
  saddle: data: resize 15 is smaller than size 16; 0 or 16 and more are accepted
  [exit 1]
  folder own: 3 classes of 3..40 images, 49 in all, 5 to test on; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
  $ saddle -c 'data folder nothere'; mkdir none; saddle -c 'data folder none'; saddle -c 'data folder own/train/ant'; saddle -c 'data folder own --bad never'; mkdir -p own/train/empty; saddle -c "$as"; rmdir own/train/empty
  saddle: data: nothere: cannot open it: No such file or directory
  [exit 3]
  saddle: data: none: no folders in it; expected train and, where there are such, test and val, each with a folder of pictures for each class, or just the folders of the classes
  [exit 3]
  saddle: data: own/train/ant: no folders in it; expected train and, where there are such, test and val, each with a folder of pictures for each class, or just the folders of the classes
  [exit 3]
  saddle: data: picture_bad: unknown value 'never'; accepted: stop skip
  [exit 1]
  saddle: data: own: train: class 3 (empty) has no picture to train on; each of the 4 classes needs one
  [exit 3]
  $ saddle -c "$as --memory 0"; saddle -c "$as --memory 1"
  folder own: 3 classes of 3..40 images, 49 in all, 5 to test on; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
  folder own: 3 classes of 3..40 images, 49 in all, 5 to test on; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out

What cannot be decoded is named and refused, or left out.

  $ cp -r own odd; head -c 100 own/train/bee/1.png >odd/train/bee/1.png; printf 'no picture' >odd/train/ant/0.png; cp own/train/cat/3.png odd/train/cat/4.png
  $ saddle -c 'data folder odd --size 16'
  saddle: data: 2 of 49 pictures cannot be read (--bad skip names such and leaves them out), the first is: 'train/bee/1.png': it ends too early
  [exit 3]
  $ saddle -c 'data folder odd --size 16 --bad skip; data check'
  folder odd: 3 classes of 2..39 images, 47 in all, 5 to test on; 16x16 pixels, 3 channels
  2 pictures that cannot be decoded are left out: 'train/ant/0.png', 'train/bee/1.png'; 1 file is neither .jpg, .jpeg nor .png and left out
  52 pictures are read, all can be decoded
  1 picture has the bytes of another one: 'train/cat/3.png' and 'train/cat/4.png'
  2 pictures that cannot be decoded are left out: 'train/ant/0.png', 'train/bee/1.png'; 1 file is neither .jpg, .jpeg nor .png and left out
  $ saddle -c 'data folder odd --size 16 --memory 0; data check'; saddle -c 'data folder odd --size 16 --memory 0; data check' | sed 1,2d
  folder odd: 3 classes of 3..40 images, 49 in all, 5 to test on; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out; 2 of 49 pictures cannot be read; 'data check' names such
  54 pictures are read (52 by an earlier check: name, size and time are the same), 2 cannot be decoded:
  'train/bee/1.png': it ends too early
  'train/ant/0.png': neither JPEG nor PNG by its first bytes
  1 picture has the bytes of another one: 'train/cat/3.png' and 'train/cat/4.png'
  saddle: data: 2 pictures cannot be decoded
  [exit 3]
  54 pictures are read (52 by an earlier check: name, size and time are the same), 2 cannot be decoded:
  'train/bee/1.png': it ends too early
  'train/ant/0.png': neither JPEG nor PNG by its first bytes
  1 picture has the bytes of another one: 'train/cat/3.png' and 'train/cat/4.png'
  saddle: data: 2 pictures cannot be decoded
  [exit 3]
  $ saddle -c "$as; data check"; saddle -c "$as; data check"
  folder own: 3 classes of 3..40 images, 49 in all, 5 to test on; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
  54 pictures are read, all can be decoded
  folder own: 3 classes of 3..40 images, 49 in all, 5 to test on; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
  54 pictures are read (54 by an earlier check: name, size and time are the same), all can be decoded
  $ saddle -c 'data demo; data check'; saddle -c "$as; data check more"; saddle -c "$as; data check --size 3"; saddle -c "data check 3 4" | cut -c1-50
  demo-lt beta=100: 10 classes of 10..1000 images, 2478 in all, 1000 to test on; 32x32 pixels, 3 channels
  saddle: data: demo-lt beta=100: no pictures on disk; 'data folder DIR' and 'data list FILE' have such
  [exit 1]
  folder own: 3 classes of 3..40 images, 49 in all, 5 to test on; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
  saddle: data: 'data check' takes no more words; it checks the data that are set up
  [exit 1]
  folder own: 3 classes of 3..40 images, 49 in all, 5 to test on; 16x16 pixels, 3 channels
  1 file is neither .jpg, .jpeg nor .png and left out
  saddle: data: 'data check' takes no more words; it checks the data that are set up
  [exit 1]
  saddle: data: '4' is too much; usage: data [NAME |
  [exit 1]

Copies of them.

  $ own "data cache small" | sed 's/, [0-9]* MiB are free/, N MiB are free/'
  54 pictures of 16 pixels on the shorter side in small: about 0.1 MiB, N MiB are free
  54 pictures are in small, 54 of them made smaller now
  'data folder small' trains on them
  $ find small -type f | sort | sed -n '1,4p;$p'; find small -type f | wc -l
  small/.saddle-cache
  small/test/ant/0.png
  small/test/ant/1.png
  small/test/bee/0.png
  small/train/cat/5.png
  55
  $ rm small/train/ant/1.*; own "data cache small" | sed 's/, [0-9]* MiB are free/, N MiB are free/'; own "data cache small --shorter 12" | sed 's/, [0-9]* MiB are free/, N MiB are free/'
  1 picture of 16 pixels on the shorter side in small: about 0.0 MiB, N MiB are free; 53 are there
  54 pictures are in small, 1 of them made smaller now
  'data folder small' trains on them
  saddle: data: --shorter 12; 16 (as evaluations see a picture) to 4096 are accepted
  [exit 1]
  $ saddle -c 'data folder small --size 16; data check'
  folder small: 3 classes of 3..40 images, 49 in all, 5 to test on; 16x16 pixels, 3 channels
  54 pictures are read, all can be decoded
  $ own "data cache"; own "data cache a --size 3"; own "data cache a --shorter 0"; own "data cache a --shorter 9999999"; own "data cache a --shorter 3x"; saddle -c 'data demo; data cache a'
  saddle: data: which folder? data cache DIR [--shorter N]
  [exit 1]
  saddle: data: 'data cache DIR' takes --shorter N and no other option; it copies the data that are set up
  [exit 1]
  saddle: data: --shorter '0'; 1 to 4096 pixels are accepted
  [exit 1]
  saddle: data: --shorter '9999999'; 1 to 4096 pixels are accepted
  [exit 1]
  saddle: data: --shorter '3x'; 1 to 4096 pixels are accepted
  [exit 1]
  demo-lt beta=100: 10 classes of 10..1000 images, 2478 in all, 1000 to test on; 32x32 pixels, 3 channels
  saddle: data: no pictures on disk; 'data folder DIR' and 'data list FILE' have such
  [exit 1]
  $ own "data cache own"; own "data cache notes.txt/a"
  saddle: data: own lies in the folder of the pictures themselves; another folder is accepted
  [exit 1]
  saddle: data: cannot make the folder 'notes.txt/a': No such file or directory
  [exit 1]

What the network sees of a class.

  $ own "show augment ant"
  2 ant: an image as it is evaluated, and as epochs 0 and 1 see it; --sheet FILE writes more of them in colour
  ....---:----=-===+++                        ::--:::-=-===+=++**   
  ..::-:::-=--==+++++*         .......:..:::  ::------====+++++++   
  ..:-------===+=++*++     ::::-::===-===+++  :::--====-===++***+   
  ::::----==--=+++++++     .:---:---===+++++  ::-::----===+******   
  :::-:::---===+******     ::::---===-=+++++  :::--=======+++++*#   
  :::--::===++=++**+**     :----:-----+==+*+  :::--==---++==+++*#   
  ::::---==-===+++++*#     ::---:---===++++*  -------==++++++**+*   
  ::-:---===++=++++*+*     :-::-=======+++++  ::---=====+++******   
  :::-----====+++*****     :-::--======+++++  --=-======+++****#*   
  ---=-=======++****#*     ::-----====++++**                        
  $ own "set augment off; show augment 2 --sheet ant.png; show augment bee --sheet bee.png; show augment 0 --sheet ant.png"
  augment on -> off
  2 ant: an image as it is evaluated, and as epochs 0 and 1 see it
  ....---:----=-===+++  ....---:----=-===+++  ....---:----=-===+++  
  ..::-:::-=--==+++++*  ..::-:::-=--==+++++*  ..::-:::-=--==+++++*  
  ..:-------===+=++*++  ..:-------===+=++*++  ..:-------===+=++*++  
  ::::----==--=+++++++  ::::----==--=+++++++  ::::----==--=+++++++  
  :::-:::---===+******  :::-:::---===+******  :::-:::---===+******  
  :::--::===++=++**+**  :::--::===++=++**+**  :::--::===++=++**+**  
  ::::---==-===+++++*#  ::::---==-===+++++*#  ::::---==-===+++++*#  
  ::-:---===++=++++*+*  ::-:---===++=++++*+*  ::-:---===++=++++*+*  
  :::-----====+++*****  :::-----====+++*****  :::-----====+++*****  
  ---=-=======++****#*  ---=-=======++****#*  ---=-=======++****#*  
  ant.png: 3 images of 2 ant, each as it is evaluated and as epochs 0 to 6 see it
  0 bee: an image as it is evaluated, and as epochs 0 and 1 see it
  ...:::::----=-=+++**  ...:::::----=-=+++**  ...:::::----=-=+++**  
  ..:::-----===+=+++++  ..:::-----===+=+++++  ..:::-----===+=+++++  
  ::.:---:----===++**+  ::.:---:----===++**+  ::.:---:----===++**+  
  :::-:----===++++++**  :::-:----===++++++**  :::-:----===++++++**  
  :::----=====+++++**#  :::----=====+++++**#  :::----=====+++++**#  
  ::::---=====+++++**+  ::::---=====+++++**+  ::::---=====+++++**+  
  ::-------===++++++**  ::-------===++++++**  ::-------===++++++**  
  ..:----=+===+++***+*  ..:----=+===+++***+*  ..:----=+===+++***+*  
  ::-----=======++++**  ::-----=======++++**  ::-----=======++++**  
  ::-----===++=++****#  ::-----===++=++****#  ::-----===++=++****#  
  bee.png: 6 images of 0 bee, each as it is evaluated and as epochs 0 to 6 see it
  saddle: show: 'ant.png' exists; --force replaces it
  [exit 1]
  $ own "show augment 0 --sheet ant.png --force" | tail -1
  ant.png: 6 images of 0 bee, each as it is evaluated and as epochs 0 to 6 see it
  $ size() { python3 -c 'import sys, struct; print(*struct.unpack(">II", open(sys.argv[1], "rb").read()[16:24]))' "$1"; }; size ant.png; size bee.png
  142 106
  142 106
  $ python3 - <<'P'
  > import zlib, struct
  > data = open("bee.png", "rb").read(); at, raw = 8, b""
  > while at < len(data):
  >     n, kind = struct.unpack(">I4s", data[at:at + 8]); raw += data[at + 8:at + 8 + n] if kind == b"IDAT" else b""; at += 12 + n
  > print("%08x" % zlib.crc32(zlib.decompress(raw)))
  > P
  1547e2a1
  $ own "show augment 0,1"; own "show augment 3"; own "show augment dog"; own "show augment 0 --sheet x.jpg"; own "show augment 0 --sheet png"; own "show augment 0 --sheet nowhere/x.png"
  saddle: show: one class is shown at a time; usage: show augment CLASS [--sheet FILE [--force]]
  [exit 1]
  saddle: show: unknown class '3'; an index 0..2, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  saddle: show: unknown class 'dog'; an index 0..2, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  saddle: show: --sheet 'x.jpg'; a name that ends in .png
  [exit 1]
  saddle: show: --sheet 'png'; a name that ends in .png
  [exit 1]
  saddle: show: cannot write 'nowhere/x.png': No such file or directory
  [exit 1]
  $ python3 $top/tests/cli/tensors.py a.st 1 2; saddle -c 'data tensors a.st; show augment 0'; saddle -c 'data demo; set augment off; show augment circle'
  tensors a.st: 3 classes of 8..8 images, 24 in all, 6 to test on; 32x32 pixels, 3 channels
  saddle: show: these images are normalised already, and what they looked like is not known; bytes are shown
  [exit 1]
  demo-lt beta=100: 10 classes of 10..1000 images, 2478 in all, 1000 to test on; 32x32 pixels, 3 channels
  augment on -> off
  0 circle: an image as it is evaluated, and as epochs 0 and 1 see it; --sheet FILE writes more of them in colour
   . ....                . ....                . ....               
  . .. . . ..  . .      . .. . . ..  . .      . .. . . ..  . .      
  ..  . ........        ..  . ........        ..  . ........        
   .    ..::::::.. ..    .    ..::::::.. ..    .    ..::::::.. ..   
       .:---------:...       .:---------:...       .:---------:...  
        .---::-----:.         .---::-----:.         .---::-----:.   
         .:. .:---:.           .:. .:---:.           .:. .:---:.    
              .:::.                 .:::.                 .:::.     
           ..:-=+++:             ..:-=+++:             ..:-=+++:    
  ..   .  .:-:.:+**+:   ..   .  .:-:.:+**+:   ..   .  .:-:.:+**+:   

Lists.

  $ for c in ant bee cat; do for i in 0 1 2; do echo "$c/$i.png $(case $c in ant) echo 0;; bee) echo 2;; cat) echo 1;; esac)"; done; done | sed '9d' >train.txt; printf 'ant/0.png 0\nbee/0.png 2\ncat/1.png 1\n' >test.txt; printf 'Ant\nCat\nBee\n' >names.txt
  $ list='data list train.txt --root own/train --size 16'
  $ saddle -c "$list; show classes"; saddle -c "$list --test test.txt --names names.txt; show classes"; saddle -c "$list --val-list test.txt"
  list train.txt: 3 classes of 2..3 images, 8 in all, 0 to test on; 16x16 pixels, 3 channels
  no images to test on, so nothing will be evaluated; --test LIST, or --val N, change that
     0 0                head n      3  acc     -
     1 2                mid  n      3  acc     -
     2 1                tail n      2  acc     -
  list train.txt: 3 classes of 2..3 images, 8 in all, 3 to test on; 16x16 pixels, 3 channels
     0 Ant              head n      3  acc     -
     1 Bee              mid  n      3  acc     -
     2 Cat              tail n      2  acc     -
  list train.txt: 3 classes of 2..3 images, 8 in all, 0 to test on, 3 held out; 16x16 pixels, 3 channels
  $ saddle -c "$list --classes 5"; saddle -c "$list --classes 2"; printf 'Ant\n' >few.txt; saddle -c "$list --names few.txt"; saddle -c "$list --test nothere"; saddle -c 'data list train.txt --size 16'
  saddle: data: train.txt: class 3 (3) has no picture to train on; each of the 5 classes needs one
  [exit 3]
  saddle: data: train.txt: line 4: 'bee/0.png 2': the label is out of range, expected 0..1
  [exit 3]
  saddle: data: few.txt: 1 names, expected 3: one a line, of label 0 first
  [exit 3]
  saddle: data: nothere: cannot open it: No such file or directory
  [exit 3]
  saddle: data: train.txt: line 1: 'ant/0.png': no such file in the current folder (No such file or directory)
  [exit 3]
  $ printf 'ant/0.png\n' >bad.txt; saddle -c 'data list bad.txt --root own/train'; printf 'ant/0.png 0\nant/9.png 0\n' >bad.txt; saddle -c 'data list bad.txt --root own/train'; printf 'ant/0.png -1\n' >bad.txt; saddle -c 'data list bad.txt --root own/train'
  saddle: data: bad.txt: line 1: 'ant/0.png': expected a path, a blank and a label
  [exit 3]
  saddle: data: bad.txt: line 2: 'ant/9.png': no such file in own/train (No such file or directory)
  [exit 3]
  saddle: data: bad.txt: line 1: 'ant/0.png -1': the label is no whole number from 0 on
  [exit 3]
  $ saddle -c "$list --test test.txt; data list train.txt; show list_test"; saddle -c "$list --root own/train --test test.txt --root own/test"
  list train.txt: 3 classes of 2..3 images, 8 in all, 3 to test on; 16x16 pixels, 3 channels
  saddle: data: train.txt: line 1: 'ant/0.png': no such file in the current folder (No such file or directory)
  [exit 3]
  saddle: data: train.txt: line 3: 'ant/2.png': no such file in own/test (No such file or directory)
  [exit 3]
  $ saddle --quiet -c "$list --test test.txt --names names.txt; model resnet8; set batch 8; set eval_every 0; set hessian_every 0; train --steps 9 --paused --name listed; stop --yes"
  $ sed -E "s|$PWD|HERE|; s/^[0-9a-f]{64} //" $XDG_STATE_HOME/saddle/data
  list HERE/train.txt
  list-root HERE/own/train
  list-names HERE/names.txt
  list-test HERE/test.txt
  $ saddle -c 'resume listed --paused; show list_root; show list_test; show list_names; stop --yes' | calm | grep '^list_' | cut -d' ' -f1,2
  list_root HOME/own/train
  list_test HOME/test.txt
  list_names HOME/names.txt
  $ mv own gone; saddle -c 'resume listed --paused' | calm; saddle -c 'resume listed --paused --root gone/train; stop --yes' | calm | grep -c '^resume'; sed -E "s|$PWD|HERE|; s/^[0-9a-f]{64} //" $XDG_STATE_HOME/saddle/data
  saddle: resume: where are the data of this run (list train.txt)? 'resume RUN --root DIR' or 'set data_path' says it; tried: HOME/own/train: cannot open it: No such file or directory
  [exit 3]
  0
  list HERE/train.txt
  list-root HERE/own/train
  list-names HERE/names.txt
  list-test HERE/test.txt
  list-root HERE/gone/train
