What 'rm' takes away: a recording alone, and nothing that is anything else.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py plain again sam fork seed
  $ S="--sessions ."
  $ saddle $S -c 'rm plain'
  saddle: rm: nobody here to say yes; give --yes
  [exit 1]
  $ saddle $S --yes -c "rm plain"; saddle $S sessions plain
  removed plain
  no run matches 'plain'; 4 recorded in .
  $ saddle $S --yes -c "rm nobody"
  saddle: rm: no session 'nobody'; the newest is 'again'
  [exit 3]
  $ touch sam.saddle/mine; saddle $S --yes -c "rm sam"; ls sam.saddle; rm sam.saddle/mine
  saddle: rm: ./sam.saddle holds 'mine', which is no part of a session; remove it by hand
  [exit 1]
  journal-000001.zst
  mine
  $ mkdir sam.saddle/inbox; echo x >sam.saddle/inbox/mine; saddle $S --yes -c "rm sam"; ls sam.saddle; rm -r sam.saddle/inbox
  saddle: rm: ./sam.saddle/inbox holds what is no part of a session; remove it by hand
  [exit 1]
  inbox
  journal-000001.zst
  $ mkdir sam.saddle/inbox; touch sam.saddle/lock sam.saddle/reserve sam.saddle/tmp-0 sam.saddle/snap-1 sam.saddle/inbox/cmd-000001; saddle $S --yes -c "rm sam"; ls -d sam.saddle 2>&1
  removed sam
  ls: cannot access 'sam.saddle': No such file or directory
  [2]
  $ ln -s again.saddle link.saddle; saddle $S --yes -c "rm link"; ls again.saddle; rm link.saddle
  saddle: rm: cannot open './link.saddle': Not a directory
  [exit 1]
  journal-000001.zst
  journal-000002.zst
  $ saddle $S --yes -c 'replay again; rm again'
  again: at epoch 3.0 of 3.0; 'seek', 'speed', 'live'
  saddle: rm: again is being replayed; 'live' leaves it
  [exit 1]
  $ saddle $S --yes -c 'replay again; live; rm again'
  again: at epoch 3.0 of 3.0; 'seek', 'speed', 'live'
  removed again
  $ saddle $S --yes -c "rm ./seed.saddle/"; ls -d seed.saddle 2>&1
  removed seed
  ls: cannot access 'seed.saddle': No such file or directory
  [2]
  $ saddle $S --readonly --yes -c 'rm fork'
  saddle: rm: not with --readonly
  [exit 1]
  $ (flock() { python3 -c "import fcntl, struct, sys, time; f = open(sys.argv[1], 'w'); fcntl.fcntl(f, 37, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0)); print('held', flush=True); sys.stdin.read()" $1; }; mkfifo in; flock fork.saddle/lock <in >held & exec 9>in; until [ -s held ]; do sleep 0.05; done; saddle $S --yes -c "rm fork"; saddle $S sessions fork | cut -c1-20; exec 9>&-; wait)
  saddle: rm: fork is being written; 'stop' it first
  [exit 6]
  NAME  STATE    EPOCH
  fork  stopped  3.3  
  $ saddle $S --yes -c "rm fork"
  removed fork
