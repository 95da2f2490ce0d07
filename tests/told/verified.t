What verify, cat, info and the table say of recordings that are cut, changed, or lack a file. forge.py says what was recorded.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py plain again sam fork
  $ cp -r $top/tests/golden/knobs.saddle $top/tests/golden/probes.saddle .
  $ S="--sessions ."
  $ flip() { python3 -c "import sys; f = open(sys.argv[1], 'r+b'); f.seek(int(sys.argv[2])); c = f.read(1)[0]; f.seek(int(sys.argv[2])); f.write(bytes([c ^ 64]))" "$@"; }
  $ fresh() { rm -rf x.saddle; cp -rp $1.saddle x.saddle; }
  $ told() { saddle $S verify x; saddle $S info x | calm | sed -n '1p;$p'; saddle $S cat x | tail -n 2 | cut -c1-110; }
  $ second() { grep -abo SDLB $1 | sed -n 2p | cut -d: -f1; }
  $ saddle $S verify knobs
  journal-000001.zst: 29 records, 41 events, 7540 bytes
  snap-000000000000-t0.safetensors.zst: 's0000', 605584 bytes decoded, sha256 8e62584c9e446e75f5b149b92c688586d6df32c9bc6fc6df4a2bf67a78c7af81
  journal: 41 events count, last step 11
  session: sha256 0d2691faa1d1f76b1e2ddd37198ff086fac61a0d39004ff1eb11d7d16f7adeca
  $ saddle $S verify sam
  saddle: session './sam.saddle' is damaged
  journal-000001.zst: 3 records, 94 events, 17750 bytes
  journal: 94 events count, last step 50
  snapshot of step 25: it was announced, and its file is missing or damaged
  snapshot of step 40: it was announced, and its file is missing or damaged
  session: sha256 e6cbce6b448c1c9cfdb66379fa16991fa18ae339386b1229ffe7e6d4a2083ae3
  [exit 3]

A torn tail, as after a crash: what is before counts. Then one byte less than a whole record, a whole record less, an empty segment.

  $ size=$(stat -c %s plain.saddle/journal-000001.zst)
  $ fresh plain; truncate -s -1 x.saddle/journal-000001.zst; told
  journal-000001.zst: 1 records, 40 events, 6985 bytes
  journal-000001.zst: torn tail of 2847 bytes at 6985, ignored
  journal: 40 events count, last step 30
  session: sha256 1c1b4bce343516c16b0dcf15792a39c4d479cb33bad98b1c4fd78820de7a81ca
  x r68c46: pets-lt beta=100, ce, broken off at epoch 3, step 30, acc 64.29 best 67.86 on test tail 11.25, DATE
  warning: info: torn tail of 2847 bytes in segment 1 after step 30: ignored
  {"k":"step","q":38,"s":30,"m":39000000000,"loss":1.2,"loss_up":"nan","acc":0.59375,"gn":1.5,"lr":0.1,"rho":"na
  {"k":"epoch","q":39,"s":30,"m":40000000000,"ep":3.0,"split":"test","loss":1.125,"acc":64.28571428571429,"group
  $ fresh plain; truncate -s 79 x.saddle/journal-000001.zst; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 0 records, 0 events, 0 bytes
  journal-000001.zst: torn tail of 79 bytes at 0, ignored
  journal: torn tail of 79 bytes in segment 1 after step 0: ignored
  session: sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  [exit 3]
  x r: , , broken off, step 0, DATE, damaged
  [exit 3]
  saddle: './x.saddle' has no event that can be read
  [exit 3]
  $ fresh again; truncate -s 0 x.saddle/journal-000002.zst; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 1 records, 37 events, 6462 bytes
  journal-000002.zst: 0 records, 0 events, 0 bytes
  journal: 37 events count, last step 27
  snapshot of step 20: it was announced, and its file is missing or damaged
  session: sha256 2ae6955fccaf604059a99deafd30cabc2d379f832b3d82d20a4a5b73712c58c9
  [exit 3]
  x raaa4d: pets-lt beta=100, ce+sam rho 0.5, broken off at epoch 2.7, step 27, acc 100.00 best 100.00 on test tail 100.00, DATE
  37 events, 0 snapshots
  {"k":"step","q":35,"s":27,"m":36000000000,"loss":1.52,"loss_up":1.77,"acc":0.546875,"gn":2.025,"lr":0.1,"rho":
  {"k":"epoch","q":36,"s":27,"m":37000000000,"ep":2.7,"split":"test","loss":1.3125,"acc":100.0,"groups":[100.0,1

A byte that changed: in a header, in what it holds, in the first record, in the second segment.

  $ fresh sam; flip x.saddle/journal-000001.zst $(($(second x.saddle/journal-000001.zst) + 20)); told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 1 records, 40 events, 7279 bytes
  journal-000001.zst: damaged at byte 7279, after step 20: record header has a wrong checksum
  journal: damaged: segment 1 after event 39 (step 20): bytes 7279 to 17750: record header has a wrong checksum
  session: sha256 8e6febf5f38bfb1e4f21a10115d35ccade314c08f6d1577fb10fc3ace150e5e7
  [exit 3]
  x rf16be: pets-lt beta=100, ldam+drw+sam rho 0.1, broken off at epoch 2, step 20, acc 67.26 best 67.26 tail 17.50, DATE, damaged
  warning: info: damaged: segment 1 after event 39 (step 20): bytes 7279 to 17750: record header has a wrong checksum
  saddle: damaged: segment 1 after event 39 (step 20): bytes 7279 to 17750: record header has a wrong checksum
  [exit 3]
  $ fresh plain; flip x.saddle/journal-000001.zst 100; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 0 records, 0 events, 0 bytes
  journal-000001.zst: damaged at byte 0: record payload has a wrong checksum
  journal: damaged: segment 1 after event -1 (step 0): bytes 0 to 9833: record payload has a wrong checksum
  session: sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  [exit 3]
  x r68c46: , , finished at epoch 4, step 40, acc 63.69 best 67.86 on test tail 5.00, DATE
  warning: info: damaged: segment 1 after event -1 (step 0): bytes 0 to 9833: record payload has a wrong checksum
  saddle: damaged: segment 1 after event -1 (step 0): bytes 0 to 9833: record payload has a wrong checksum
  [exit 3]
  $ fresh plain; flip x.saddle/journal-000001.zst $((size - 10)); told
  journal-000001.zst: 1 records, 40 events, 6985 bytes
  journal-000001.zst: torn tail of 2848 bytes at 6985, ignored
  journal: 40 events count, last step 30
  session: sha256 1c1b4bce343516c16b0dcf15792a39c4d479cb33bad98b1c4fd78820de7a81ca
  x r68c46: pets-lt beta=100, ce, broken off at epoch 3, step 30, acc 64.29 best 67.86 on test tail 11.25, DATE
  warning: info: torn tail of 2848 bytes in segment 1 after step 30: ignored
  {"k":"step","q":38,"s":30,"m":39000000000,"loss":1.2,"loss_up":"nan","acc":0.59375,"gn":1.5,"lr":0.1,"rho":"na
  {"k":"epoch","q":39,"s":30,"m":40000000000,"ep":3.0,"split":"test","loss":1.125,"acc":64.28571428571429,"group
  $ fresh again; flip x.saddle/journal-000002.zst 60; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 1 records, 37 events, 6462 bytes
  journal-000002.zst: 0 records, 0 events, 0 bytes
  journal-000002.zst: torn tail of 2395 bytes at 0, ignored
  journal: 37 events count, last step 27
  snapshot of step 20: it was announced, and its file is missing or damaged
  session: sha256 2ae6955fccaf604059a99deafd30cabc2d379f832b3d82d20a4a5b73712c58c9
  [exit 3]
  x raaa4d: pets-lt beta=100, ce+sam rho 0.5, broken off at epoch 2.7, step 27, acc 100.00 best 100.00 on test tail 100.00, DATE
  warning: info: torn tail of 2395 bytes in segment 2 after step 27: ignored
  {"k":"step","q":35,"s":27,"m":36000000000,"loss":1.52,"loss_up":1.77,"acc":0.546875,"gn":2.025,"lr":0.1,"rho":
  {"k":"epoch","q":36,"s":27,"m":37000000000,"ep":2.7,"split":"test","loss":1.3125,"acc":100.0,"groups":[100.0,1
  $ fresh again; flip x.saddle/journal-000001.zst 90; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 0 records, 0 events, 0 bytes
  journal-000001.zst: torn tail of 6462 bytes at 0, ignored
  journal-000002.zst: 1 records, 16 events, 2395 bytes
  journal: damaged: segment 2 after event -1 (step 0): events 0 to 36 are missing
  session: sha256 abaef7829a82211621f8405fda27950e517689a3295317dde9f2ef45687b3076
  [exit 3]
  x raaa4d: , , broken off at epoch 3, step 30, acc 67.26 best 67.26 on test tail 21.25, DATE
  warning: info: damaged: segment 2 after event -1 (step 0): events 0 to 36 are missing
  saddle: damaged: segment 2 after event -1 (step 0): events 0 to 36 are missing
  [exit 3]

Files that are gone, in another's place, or another run's.

  $ fresh again; rm x.saddle/journal-000001.zst; told
  saddle: session './x.saddle' is damaged
  journal-000002.zst: 1 records, 16 events, 2395 bytes
  journal: damaged: segment 2 after event -1 (step 0): events 0 to 36 are missing
  session: sha256 abaef7829a82211621f8405fda27950e517689a3295317dde9f2ef45687b3076
  [exit 3]
  x raaa4d: , , broken off at epoch 3, step 30, acc 67.26 best 67.26 on test tail 21.25, DATE
  warning: info: damaged: segment 2 after event -1 (step 0): events 0 to 36 are missing
  saddle: damaged: segment 2 after event -1 (step 0): events 0 to 36 are missing
  [exit 3]
  $ fresh again; rm x.saddle/journal-000002.zst; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 1 records, 37 events, 6462 bytes
  journal: 37 events count, last step 27
  snapshot of step 20: it was announced, and its file is missing or damaged
  session: sha256 2ae6955fccaf604059a99deafd30cabc2d379f832b3d82d20a4a5b73712c58c9
  [exit 3]
  x raaa4d: pets-lt beta=100, ce+sam rho 0.5, broken off at epoch 2.7, step 27, acc 100.00 best 100.00 on test tail 100.00, DATE
  37 events, 0 snapshots
  {"k":"step","q":35,"s":27,"m":36000000000,"loss":1.52,"loss_up":1.77,"acc":0.546875,"gn":2.025,"lr":0.1,"rho":
  {"k":"epoch","q":36,"s":27,"m":37000000000,"ep":2.7,"split":"test","loss":1.3125,"acc":100.0,"groups":[100.0,1
  $ fresh again; cp plain.saddle/journal-000001.zst x.saddle/journal-000002.zst; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 1 records, 37 events, 6462 bytes
  journal-000002.zst: 0 records, 0 events, 0 bytes
  journal-000002.zst: damaged at byte 0: a record of another session
  journal: damaged: segment 2 after event 36 (step 27): bytes 0 to 9833: a record of another session
  snapshot of step 20: it was announced, and its file is missing or damaged
  session: sha256 2ae6955fccaf604059a99deafd30cabc2d379f832b3d82d20a4a5b73712c58c9
  [exit 3]
  x r68c46: pets-lt beta=100, ce+sam rho 0.5, finished at epoch 4, step 40, acc 63.69 best 67.86 on test tail 5.00, DATE, damaged
  warning: info: damaged: segment 2 after event 36 (step 27): bytes 0 to 9833: a record of another session
  saddle: damaged: segment 2 after event 36 (step 27): bytes 0 to 9833: a record of another session
  [exit 3]
  $ fresh again; mv x.saddle/journal-000002.zst x.saddle/journal-000007.zst; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 1 records, 37 events, 6462 bytes
  journal-000007.zst: 1 records, 16 events, 2395 bytes
  journal: damaged: segment 7 after event 36 (step 27): the open event belongs to another segment
  snapshot of step 20: it was announced, and its file is missing or damaged
  session: sha256 6f26d75e26b84cd00196a2c9c7168de6cf9ffca706feec1d4d0c948c159e1774
  [exit 3]
  x raaa4d: pets-lt beta=100, ce+sam rho 0.5, broken off at epoch 3, step 30, acc 67.26 best 67.26 on test tail 21.25, DATE
  warning: info: damaged: segment 7 after event 36 (step 27): the open event belongs to another segment
  saddle: damaged: segment 7 after event 36 (step 27): the open event belongs to another segment
  [exit 3]
  $ fresh knobs; ls x.saddle
  journal-000001.zst
  snap-000000000000-t0.safetensors.zst
  $ rm x.saddle/snap-*; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 29 records, 41 events, 7540 bytes
  journal: 41 events count, last step 11
  snapshot of step 0: it was announced, and its file is missing or damaged
  session: sha256 fc7e1ee0ce2e9e23e3609fe00ed734b529f815bb18bcbc5638621c77ca4e90e5
  [exit 3]
  x rd2018: demo-lt beta=1000, ce+drw+asam rho 0.3, broken off at epoch 0.6667, step 11, DATE
  41 events, 0 snapshots
  {"k":"step","q":39,"s":11,"m":1068474922,"loss":1.72602451,"loss_up":1.92982054,"acc":0.25,"gn":3.62812161,"lr
  {"k":"cmd","q":40,"s":11,"m":1068624202,"txt":"set lr 0.05@0 0.01@2 at step 11","op":"set","key":"lr","value":
  $ fresh knobs; mv x.saddle/snap-000000000000-t0.safetensors.zst x.saddle/snap-000000000003-t0.safetensors.zst; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 29 records, 41 events, 7540 bytes
  snap-000000000003-t0.safetensors.zst: is the snapshot of step 0, timeline 0
  journal: 41 events count, last step 11
  snapshot of step 0: it was announced, and its file is missing or damaged
  session: sha256 fc7e1ee0ce2e9e23e3609fe00ed734b529f815bb18bcbc5638621c77ca4e90e5
  [exit 3]
  x rd2018: demo-lt beta=1000, ce+drw+asam rho 0.3, broken off at epoch 0.6667, step 11, DATE
  41 events, 0 snapshots
  {"k":"step","q":39,"s":11,"m":1068474922,"loss":1.72602451,"loss_up":1.92982054,"acc":0.25,"gn":3.62812161,"lr
  {"k":"cmd","q":40,"s":11,"m":1068624202,"txt":"set lr 0.05@0 0.01@2 at step 11","op":"set","key":"lr","value":
  $ fresh knobs; cp probes.saddle/snap-* x.saddle; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 29 records, 41 events, 7540 bytes
  snapshot snap-000000000000-t0.safetensors.zst: a record of another session
  journal: 41 events count, last step 11
  snapshot of step 0: it was announced, and its file is missing or damaged
  session: sha256 fc7e1ee0ce2e9e23e3609fe00ed734b529f815bb18bcbc5638621c77ca4e90e5
  [exit 3]
  x rd2018: demo-lt beta=1000, ce+drw+asam rho 0.3, broken off at epoch 0.6667, step 11, DATE
  41 events, 0 snapshots
  {"k":"step","q":39,"s":11,"m":1068474922,"loss":1.72602451,"loss_up":1.92982054,"acc":0.25,"gn":3.62812161,"lr
  {"k":"cmd","q":40,"s":11,"m":1068624202,"txt":"set lr 0.05@0 0.01@2 at step 11","op":"set","key":"lr","value":
  $ fresh knobs; flip x.saddle/snap-000000000000-t0.safetensors.zst 1000; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 29 records, 41 events, 7540 bytes
  snapshot snap-000000000000-t0.safetensors.zst: record payload has a wrong checksum
  journal: 41 events count, last step 11
  snapshot of step 0: it was announced, and its file is missing or damaged
  session: sha256 fc7e1ee0ce2e9e23e3609fe00ed734b529f815bb18bcbc5638621c77ca4e90e5
  [exit 3]
  x rd2018: demo-lt beta=1000, ce+drw+asam rho 0.3, broken off at epoch 0.6667, step 11, DATE
    s0000      step 0        ep 0.0         272.7 KiB
  {"k":"step","q":39,"s":11,"m":1068474922,"loss":1.72602451,"loss_up":1.92982054,"acc":0.25,"gn":3.62812161,"lr
  {"k":"cmd","q":40,"s":11,"m":1068624202,"txt":"set lr 0.05@0 0.01@2 at step 11","op":"set","key":"lr","value":
  $ fresh knobs; truncate -s -1 x.saddle/snap-000000000000-t0.safetensors.zst; told
  saddle: session './x.saddle' is damaged
  journal-000001.zst: 29 records, 41 events, 7540 bytes
  snapshot snap-000000000000-t0.safetensors.zst: no whole record
  journal: 41 events count, last step 11
  snapshot of step 0: it was announced, and its file is missing or damaged
  session: sha256 fc7e1ee0ce2e9e23e3609fe00ed734b529f815bb18bcbc5638621c77ca4e90e5
  [exit 3]
  x rd2018: demo-lt beta=1000, ce+drw+asam rho 0.3, broken off at epoch 0.6667, step 11, DATE
  41 events, 0 snapshots
  {"k":"step","q":39,"s":11,"m":1068474922,"loss":1.72602451,"loss_up":1.92982054,"acc":0.25,"gn":3.62812161,"lr
  {"k":"cmd","q":40,"s":11,"m":1068624202,"txt":"set lr 0.05@0 0.01@2 at step 11","op":"set","key":"lr","value":
  $ fresh knobs; touch x.saddle/other x.saddle/snap-1; saddle $S verify x | tail -n 1
  session: sha256 0d2691faa1d1f76b1e2ddd37198ff086fac61a0d39004ff1eb11d7d16f7adeca

In the table, for exports and beside others: what is torn counts as far as it goes, what is damaged is no table.

  $ fresh fork; mv x.saddle y.saddle; flip y.saddle/journal-000001.zst 100
  $ fresh sam; flip x.saddle/journal-000001.zst $(($(second x.saddle/journal-000001.zst) + 20))
  $ fresh() { rm -rf z.saddle; cp -rp $1.saddle z.saddle; }
  $ fresh plain; truncate -s -1 z.saddle/journal-000001.zst
  $ saddle $S sessions '[xyz]' --sort name | calm
  NAME  STATE                EPOCH  ACC   TAIL  BEST          LOSS/OPT              DATA              RECORDED          ID
  x     broken off, damaged  2.0    67.3  17.5  67.3          ldam+drw+sam rho 0.1  pets-lt beta=100  DATE  rf16be
  y     broken off           -      -     -     -                                                     DATE  r3f673
  z     broken off           3.0    64.3  11.2  67.9 on test  ce                    pets-lt beta=100  DATE  r68c46
  $ saddle $S sessions '[xyz]' --sort name --notes | grep '^  '
    note at epoch 2: best so far
  $ for format in csv md script jsonl; do for run in x z; do saddle $S export $format - $run | tail -n 1 | cut -c1-150; done; done
  [exit 3]
  z,20,2,,mark_N,,,best so far
  [exit 3]
  <!-- ce: accuracy in %, test images, epoch 3, of z (seed 0) -->
  [exit 3]
  train --steps 30
  [exit 3]
  {"k":"epoch","q":39,"s":30,"m":40000000000,"ep":3.0,"split":"test","loss":1.125,"acc":64.28571428571429,"groups":[79.0,53.88888888888889,11.25],"cls":
  $ saddle $S export tensorboard tb x
  saddle: export: damaged: segment 1 after event 39 (step 20): bytes 7279 to 17750: record header has a wrong checksum; 'cat' prints what can be read
  [exit 3]
  $ saddle $S export safetensors w x
  saddle: export: damaged: segment 1 after event 39 (step 20): bytes 7279 to 17750: record header has a wrong checksum; which weights are its last is not known, name a moment: RUN@EPOCH
  [exit 3]
  $ saddle $S export csv - x --what lambda
  saddle: export: damaged: segment 1 after event 39 (step 20): bytes 7279 to 17750: record header has a wrong checksum; 'cat' prints what can be read
  [exit 3]
  $ saddle $S replay z | sed 3q
  plain: at epoch 3.0 of 3.0; 'seek', 'speed', 'live'
  plain: pets-lt beta=100, resnet8, ce; step 30, epoch 3.0, training
  eval at epoch 3: acc 64.29, loss 1.1250, best 67.86 at epoch 2, chosen on test images
  $ saddle $S replay x | sed 4q
  warning: replay: damaged: segment 1 after event 39 (step 20): bytes 7279 to 17750: record header has a wrong checksum
  sam: at epoch 2.0 of 2.0; 'seek', 'speed', 'live'
  sam: pets-lt beta=100, resnet8, ldam+drw+sam; step 20, epoch 2.0, training
  eval at epoch 2: acc 67.26, loss 1.7500, best 67.26 at epoch 2
  $ saddle $S compare x z --at 1 --metric acc | sed '/^run/,/^metric/d'
  warning: compare: x: damaged: segment 1 after event 39 (step 20): bytes 7279 to 17750: record header has a wrong checksum
  warning: compare: z: torn tail of 2847 bytes in segment 1 after step 30: ignored
  acc            x      42.26             42.26@1         1
                 z      38.10    -4.17    38.10@1         2
  best: of so many values ('of'); chosen on test images in z
  
  z against x
  accuracy of class        images        x        z     gain
  0 ant                       500    60.00    60.00    +0.00
  5 fox                        12     0.00     0.00    +0.00
  6 gnu                         5     0.00     0.00    +0.00
  1 bee                       300    55.00    50.00    -5.00  ----------
  3 dog                        90    25.00    20.00    -5.00  ----------
  2 cat                       300    40.00    30.00   -10.00  --------------------
  4 elk                        40    20.00    10.00   -10.00  --------------------
  $ saddle $S compare y plain
  saddle: compare: y: torn tail of 4250 bytes in segment 1 after step 0: ignored
  [exit 3]
  $ rm -r sam.saddle y.saddle; mv x.saddle sam.saddle; saddle $S compare fork plain --metric acc | grep warning
  warning: compare: the runs are at different epochs, 3.3 to 4, and so are the numbers; '--at 3' has all at one
  warning: compare: fork goes on from sam: damaged: segment 1 after event 39 (step 20): bytes 7279 to 17750: record header has a wrong checksum
  $ saddle $S verify nobody
  saddle: no session 'nobody'; the newest is 'sam'
  [exit 3]
  $ saddle $S cat nobody
  saddle: no session 'nobody'; the newest is 'sam'
  [exit 3]
