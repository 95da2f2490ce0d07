What a list tells of recordings of which a part is missing.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py groups-alone acc-alone plain
  $ S="--sessions ."

An evaluation without its accuracy tells neither best nor tail; one without groups and best tells its accuracy alone.

  $ for run in groups-alone acc-alone; do saddle $S info $run | head -1; done
  groups-alone r2f91d: pets-lt beta=100, ce, stopped at epoch 1, step 10, 2026-09-20 14:13
  acc-alone r94d99: pets-lt beta=100, ce, stopped at epoch 1, step 10, acc 38.69, 2026-09-20 14:13

A folder whose journal is gone is listed by the date of the folder, in its place among the others.

  $ mkdir gone.saddle; touch gone.saddle/snap-000000000010-t0.safetensors.zst; touch -d '2026-09-24 10:11' gone.saddle
  $ touch -d '2026-09-23 10:00' plain.saddle/journal-*; touch -d '2026-09-22 10:00' acc-alone.saddle/journal-*; touch -d '2026-09-25 10:00' groups-alone.saddle/journal-*
  $ saddle $S sessions | cat
  NAME          STATE                EPOCH  ACC   TAIL  BEST          LOSS/OPT  DATA              RECORDED          ID
  groups-alone  stopped              1.0    -     0.0   38.7 on test  ce        pets-lt beta=100  2026-09-25 10:00  r2f91d
  gone          broken off, damaged  -      -     -     -                                         2026-09-24 10:11  r
  plain         finished             4.0    63.7  5.0   67.9 on test  ce        pets-lt beta=100  2026-09-23 10:00  r68c46
  acc-alone     stopped              1.0    38.7  -     -             ce        pets-lt beta=100  2026-09-22 10:00  r94d99
  $ saddle $S info gone
  saddle: info: './gone.saddle' is not a session: no journal in it
  [exit 3]

One without a journal and without a snapshot is nothing yet.

  $ rm gone.saddle/snap-*
  $ saddle $S sessions | cat
  NAME          STATE     EPOCH  ACC   TAIL  BEST          LOSS/OPT  DATA              RECORDED          ID
  groups-alone  stopped   1.0    -     0.0   38.7 on test  ce        pets-lt beta=100  2026-09-25 10:00  r2f91d
  plain         finished  4.0    63.7  5.0   67.9 on test  ce        pets-lt beta=100  2026-09-23 10:00  r68c46
  acc-alone     stopped   1.0    38.7  -     -             ce        pets-lt beta=100  2026-09-22 10:00  r94d99
