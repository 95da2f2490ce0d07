A log that has been without a line for a minute gets one: where the run is, or once why it stands still. minutes.so moves the clock.

  $ . $TOLD/setup.sh
  $ little
  $ clock=$(dirname $SADDLE)/tests/told/minutes.so; [ -e $clock ] || exit 80
  $ export MINUTES=$PWD/minutes
  $ begin() { : >minutes; : >out; rm -f in; mkfifo in; LD_PRELOAD=$clock "$SADDLE" --no-config --device=cpu --threads=1 "$@" <in >out 2>&1 & exec 3>in; echo "$little; train --epochs 100000 --name $name --paused" >&3; }
  $ seen() { [ $(grep -c -- "$1" out) -ge ${2:-1} ]; }
  $ has() { until seen "$@"; do sleep .02; done; }
  $ minutes() { until seen "$@"; do printf . >>minutes; sleep .05; done; }
  $ end() { echo 'stop --yes' >&3; exec 3>&-; wait; }
  $ counts() { calm | sed -E -e 's/(step"?[=:]|"s":)[1-9][0-9]*/\1N/' -e 's/(ep|loss|acc)=[0-9.e-]+/\1=N/g' -e 's/(ips|eta)=[0-9]+/\1=N/g' | uniq; }

  $ name=text; begin --log-file log; has 'paused waiting'; minutes PAUSED; printf . >>minutes; echo 'set lr .05; show lr' >&3; has '^lr  *0.05'; printf . >>minutes
  $ echo 'resume; wait step 9; show batch' >&3; has '^batch  *4'; minutes ' step '; echo pause >&3; has 'paused asked'; minutes PAUSED 2; printf . >>minutes; end
  $ grep -v -e '^[a-z]' -e 'step=0 [rd]' -e 'step=0 env' out | counts | grep -v snapshot
  DATE event step=N ep=N paused waiting for 'resume'
  DATE event step=N ep=N PAUSED; "saddle ctl text resume" goes on
  DATE event step=N ep=N set lr multistep:0.1 0.05 by=script
  DATE event step=N ep=N resume by=script
  DATE event step=N ep=N training
  DATE step  step=N ep=N lr=0.05 loss=N acc=N ips=N eta=N
  DATE event step=N ep=N pause by=script
  DATE event step=N ep=N paused asked for
  DATE event step=N ep=N PAUSED; "saddle ctl text resume" goes on
  DATE event step=N ep=N stop by=script
  DATE event step=N ep=N stopped asked for
  $ cmp log <(grep '^20' out)

Also with --quiet; in --log=jsonl it is the record of the last step.

  $ name=few; begin -q; echo 'resume; wait step 9' >&3; minutes step=; end; counts <out | sed 's, lr=[0-9.]*,,'
  DATE step  step=N ep=N loss=N acc=N ips=N eta=N
  $ name=json; begin --log=jsonl; echo 'resume; wait step 9; note hello' >&3; has hello; minutes '"step",'; end; grep -o '"k":"step",.*' out | cut -d, -f1,3 | counts
  "k":"step","s":N
