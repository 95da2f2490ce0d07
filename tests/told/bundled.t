A recording in one file: what is taken along, what is read of it where it lies, what is made of it again.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py plain again seed
  $ cp -r $top/tests/golden/knobs.saddle $top/tests/golden/twice.saddle .
  $ saddle --sessions . -c "$smallest; set snapshot_every 1; set epochs 3; train --steps 15 --name real; snapshot kept at step 8; wait" >log
  $ calmer() { calm | sed -E 's/ [0-9.]+ (bytes|KiB)/ N \1/g; s/^([0-9]+) KiB/N KiB/; s/^(ball|blast) r[0-9a-f]{5}/\1 ID/; s/(session: |, )sha256 [0-9a-f]{64}/\1HASH/; s/[0-9]+ of [0-9]+:/N of N:/'; }
  $ S="--sessions ."
  $ for weights in '' none last all; do saddle $S export bundle b$weights.saddle.zst real ${weights:+--weights $weights} | calmer; done
  wrote b.saddle.zst
  N KiB, with 0 snapshots
  left out: 3 snapshots of N KiB; --weights last takes the end's along, all takes all
  wrote bnone.saddle.zst
  N KiB, with 0 snapshots
  left out: 3 snapshots of N KiB; --weights last takes the end's along, all takes all
  wrote blast.saddle.zst
  N KiB, with 1 snapshot
  left out: 2 snapshots of N KiB; --weights last takes the end's along, all takes all
  wrote ball.saddle.zst
  N KiB, with 3 snapshots
  $ cmp b.saddle.zst bnone.saddle.zst; for b in none last all; do saddle $S verify ./b$b.saddle.zst | calmer; done
  journal-000001.zst: 1 records, 37 events, N bytes
  journal: 37 events count, last step 15
  session: HASH
  journal-000001.zst: 1 records, 36 events, N bytes
  snap-000000000015-t0.safetensors.zst: 's0002-15', N bytes decoded, HASH
  journal: 36 events count, last step 15
  session: HASH
  journal-000001.zst: 1 records, 34 events, N bytes
  snap-000000000008-t0.safetensors.zst: 'kept', N bytes decoded, HASH
  snap-000000000012-t0.safetensors.zst: 's0002', N bytes decoded, HASH
  snap-000000000015-t0.safetensors.zst: 's0002-15', N bytes decoded, HASH
  journal: 34 events count, last step 15
  session: HASH
  $ saddle $S info ./ball.saddle.zst | grep -v '^not as' | calmer
  ball ID: demo-lt beta=1000, ce+drw+sam rho 0.1, finished at epoch 2.5, step 15, DATE
  ./ball.saddle.zst
  34 events, 3 snapshots:
    kept       step 8        ep 1.3         N KiB  kept
    s0002      step 12       ep 2.0         N KiB
    s0002-15   step 15       ep 2.5         N KiB
  $ saddle $S export bundle odd.file again | calmer; saddle $S verify ./odd.file | calmer
  wrote odd.file
  N KiB, with 0 snapshots
  its name does not end in .saddle.zst, so it is found with its folder alone: './odd.file'
  saddle: session './odd.file' is damaged
  journal-000001.zst: 1 records, 37 events, N bytes
  journal-000002.zst: 1 records, 16 events, N bytes
  journal: 53 events count, last step 30
  snapshot of step 20: it was announced, and its file is missing or damaged
  session: HASH
  [exit 3]
  $ saddle $S export bundle odd.file again
  saddle: export: 'odd.file' exists; --force replaces it
  [exit 1]
  $ saddle $S export bundle odd.file seed --force | calmer; saddle $S info ./odd.file | sed 2q | calm
  wrote odd.file
  N KiB, with 0 snapshots
  its name does not end in .saddle.zst, so it is found with its folder alone: './odd.file'
  odd.file r92713: pets-lt beta=100, ce, stopped at epoch 3.5, step 35, acc 64.29 best 64.29 on test tail 5.00, DATE
  ./odd.file
  $ saddle $S export bundle no/where.saddle.zst plain
  saddle: export: cannot write 'no/where.saddle.zst': No such file or directory
  [exit 1]
  $ saddle $S cat ./odd.file | cmp - <(saddle $S cat seed)
  $ saddle $S cat ./bnone.saddle.zst | diff - <(saddle $S cat real) | sed -E 's/"q":[0-9]+/"q":N/; s/"m":[0-9]+/"m":N/; s/^[0-9,d]+$/LINES/'
  LINES
  < {"k":"unsnap","q":N,"s":15,"m":N,"of":8}
  < {"k":"unsnap","q":N,"s":15,"m":N,"of":12}
  < {"k":"unsnap","q":N,"s":15,"m":N,"of":15}
  $ saddle $S replay ./odd.file | sed 3q
  seed: at epoch 3.5 of 3.5; 'seek', 'speed', 'live'
  seed: pets-lt beta=100, resnet8, ce; step 35, epoch 3.5, stopped
  eval at epoch 3: acc 64.29, loss 1.1250, best 64.29 at epoch 2, chosen on test images
  $ saddle $S export csv - ./odd.file | sed 's/^odd.file/seed/' | cmp - <(saddle $S export csv - seed)
  $ saddle $S compare seed ./odd.file
  saddle: compare: seed and odd.file are the same run
  [exit 1]
  $ saddle $S compare ./odd.file again --metric acc | sed -n '/^run/,/^$/p;/^metric/,/^best/p'
  run       id      epoch    of  state       goes on from
  odd.file  r92713    3.5     4  stopped
  again     raaa4d      3     4  broken off
  
  metric         run          last   change     best@epoch    of
  acc            odd.file    64.29             64.29@2         3
                 again       67.26    +2.98    67.26@3         3
  best: of so many values ('of'), chosen on test images
  $ saddle $S import odd.file seed-2 && saddle $S info seed-2 | calm | sed 1q
  imported seed-2: 'replay seed-2' shows it, 'resume' and 'fork' go on with it
  seed-2 r92713: pets-lt beta=100, ce, stopped at epoch 3.5, step 35, acc 64.29 best 64.29 on test tail 5.00, DATE
  $ saddle $S import ball.saddle.zst back && ls back.saddle && saddle $S verify back | calmer
  imported back: 'replay back' shows it, 'resume' and 'fork' go on with it
  journal-000001.zst
  lock
  snap-000000000008-t0.safetensors.zst
  snap-000000000012-t0.safetensors.zst
  snap-000000000015-t0.safetensors.zst
  journal-000001.zst: 1 records, 34 events, N bytes
  snap-000000000008-t0.safetensors.zst: 'kept', N bytes decoded, HASH
  snap-000000000012-t0.safetensors.zst: 's0002', N bytes decoded, HASH
  snap-000000000015-t0.safetensors.zst: 's0002-15', N bytes decoded, HASH
  journal: 34 events count, last step 15
  session: HASH
  $ cmp back.saddle/snap-*8-t0* real.saddle/snap-*8-t0* && zstd -dc back.saddle/journal* | cmp - <(zstd -dc real.saddle/journal*)
  $ saddle $S import blast.saddle.zst back
  saddle: import: a session 'back' is there already; choose another name, or resume it
  [exit 1]
  $ saddle $S import blast.saddle.zst a/b
  saddle: import: 'a/b' is not a name for a session: 1 to 100 of A-Z a-z 0-9 . _ + -, not starting with . or -
  [exit 1]
  $ saddle $S import blast.saddle.zst && saddle $S info blast | grep -v '^not as' | calmer
  imported blast: 'replay blast' shows it, 'resume' and 'fork' go on with it
  blast ID: demo-lt beta=1000, ce+drw+sam rho 0.1, finished at epoch 2.5, step 15, DATE
  ./blast.saddle
  36 events, 1 snapshot:
    s0002-15   step 15       ep 2.5         N KiB
  $ saddle $S import nobody.saddle.zst
  saddle: import: cannot open folder 'nobody.saddle.zst': No such file or directory
  [exit 1]
  $ saddle $S import knobs.saddle
  saddle: import: a session 'knobs' is there already; choose another name, or resume it
  [exit 1]
  $ saddle $S sessions --sort name | cut -c1-30
  NAME    STATE       EPOCH  ACC
  again   broken off  3.0    67.
  back    finished    2.5    -  
  blast   finished    2.5    -  
  knobs   broken off  0.7    -  
  plain   finished    4.0    63.
  real    finished    2.5    -  
  seed    stopped     3.5    64.
  seed-2  stopped     3.5    64.
  twice   broken off  0.8    -  

One that was cut off or changed.

  $ head -c -1 bnone.saddle.zst >cut.saddle.zst; saddle $S verify ./cut.saddle.zst | calmer; saddle $S import cut.saddle.zst; saddle $S info ./cut.saddle.zst | tail -n 1 | calmer
  saddle: session './cut.saddle.zst' is damaged
  journal-000001.zst: 1 records, 37 events, N bytes
  journal: damaged: segment 1 after event 36 (step 15): packed file, byte N of N: its end is missing
  session: HASH
  [exit 3]
  saddle: import: session 'cut.saddle.zst' is damaged
  [exit 3]
  warning: info: damaged: segment 1 after event 36 (step 15): packed file, byte N of N: its end is missing
  $ head -c 300000 ball.saddle.zst >cut.saddle.zst; saddle $S verify ./cut.saddle.zst | calmer; saddle $S import cut.saddle.zst
  saddle: session './cut.saddle.zst' is damaged
  journal-000001.zst: 1 records, 34 events, N bytes
  journal: damaged: segment 1 after event 33 (step 15): packed file, byte N of N: record 1 is cut off
  snapshot of step 8: it was announced, and its file is missing or damaged
  snapshot of step 12: it was announced, and its file is missing or damaged
  snapshot of step 15: it was announced, and its file is missing or damaged
  session: HASH
  [exit 3]
  saddle: import: session 'cut.saddle.zst' is damaged
  [exit 3]
  $ (cat bnone.saddle.zst; echo) >cut.saddle.zst; saddle $S verify ./cut.saddle.zst | calmer
  saddle: session './cut.saddle.zst' is damaged
  journal-000001.zst: 1 records, 37 events, N bytes
  journal: damaged: segment 1 after event 36 (step 15): packed file, byte N of N: its end is missing
  session: HASH
  [exit 3]
  $ python3 -c "d = bytearray(open('ball.saddle.zst', 'rb').read()); d[len(d) // 2] ^= 1; open('cut.saddle.zst', 'wb').write(d)"; saddle $S verify ./cut.saddle.zst | calmer; saddle $S import cut.saddle.zst; ls -d .import* 2>/dev/null
  saddle: session './cut.saddle.zst' is damaged
  journal-000001.zst: 1 records, 34 events, N bytes
  snap-000000000008-t0.safetensors.zst: 'kept', N bytes decoded, HASH
  snapshot snap-000000000012-t0.safetensors.zst: record payload has a wrong checksum
  snap-000000000015-t0.safetensors.zst: 's0002-15', N bytes decoded, HASH
  journal: 34 events count, last step 15
  snapshot of step 12: it was announced, and its file is missing or damaged
  session: HASH
  [exit 3]
  saddle: import: session 'cut.saddle.zst' is damaged
  [exit 3]
  [2]
