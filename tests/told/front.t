From the command line to a face: which saddlerc is read, what stands before a sub-command, where words go.

  $ . $TOLD/setup.sh
  $ bare() { local code=0; "$SADDLE" --device=cpu --threads=1 "$@" 2>&1 </dev/null || code=$?; [ $code -eq 0 ] || echo "[exit $code]"; }
  $ mkdir -p config/saddle .config/saddle relative/saddle
  $ echo 'set lr 0.25' >config/saddle/saddlerc; echo 'set lr 0.5' >.config/saddle/saddlerc; echo 'set lr 0.75' >relative/saddle/saddlerc
  $ echo 'set lr 1' >own
  $ bare -c 'show lr'
  lr 0.25  (default multistep:0.1) learning rate
  $ XDG_CONFIG_HOME=relative bare -c 'show lr'
  lr 0.5  (default multistep:0.1) learning rate
  $ XDG_CONFIG_HOME= bare -c 'show lr'
  lr 0.5  (default multistep:0.1) learning rate
  $ (unset XDG_CONFIG_HOME; bare -c 'show lr')
  lr 0.5  (default multistep:0.1) learning rate
  $ (unset XDG_CONFIG_HOME HOME; bare -c 'show lr')
  lr multistep:0.1  (default multistep:0.1) learning rate
  $ bare --config own -c 'show lr'
  lr 1  (default multistep:0.1) learning rate
  $ bare --no-config -c 'show lr'
  lr multistep:0.1  (default multistep:0.1) learning rate
  $ bare --no-config --config own -c 'show lr'
  lr multistep:0.1  (default multistep:0.1) learning rate
  $ bare --config nothing -c 'show lr'
  saddle: cannot read 'nothing': No such file or directory
  [exit 2]
  $ echo 'set nothing 1' >config/saddle/saddlerc
  $ bare -c 'show lr' | calm
  saddle: HOME/config/saddle/saddlerc:1: set: unknown knob 'nothing'; 'show' lists them
  [exit 2]
  $ bare --config own -c 'show lr'
  lr 1  (default multistep:0.1) learning rate
  $ rm config/saddle/saddlerc
  $ bare -c 'show lr'
  lr multistep:0.1  (default multistep:0.1) learning rate

What stands before: in order, and a mistake in it ends all.

  $ bare --do 'set lr 0.125' -c 'show lr'
  lr multistep:0.1 -> 0.125
  lr 0.125  (default multistep:0.1) learning rate
  $ bare --config own --do 'set rho 0.5' -c 'show lr; show rho'
  rho 0.05 -> 0.5
  lr 1  (default multistep:0.1) learning rate
  rho 0.5  (default 0.05) SAM's radius. auto, or auto:0.1 to begin there: moved while training by what the watched classes of the tail and the head's accuracy say, between 0.01 and 1, each move recorded with its numbers (by auto); in a new run it begins at 0.05, in a running one where it is. Training waits for those spectra, every hessian_every epochs
  $ bare --do 'set nothing 1' -c 'show lr'
  saddle: set: unknown knob 'nothing'; 'show' lists them
  [exit 1]
  $ echo 'show lr' | "$SADDLE" --do 'set lr 0.125' --device=cpu 2>&1
  lr multistep:0.1 -> 0.125
  lr 0.125  (default multistep:0.1) learning rate
  $ echo 'show lr' | "$SADDLE" --do 'set nothing 1' --device=cpu 2>&1; echo "[exit $?]"
  saddle: set: unknown knob 'nothing'; 'show' lists them
  [exit 1]
  $ echo 'show lr' >script; bare --do 'set lr 0.125' run script
  lr multistep:0.1 -> 0.125
  lr 0.125  (default multistep:0.1) learning rate
  $ bare run --dry-run script
  lr multistep:0.1  (default multistep:0.1) learning rate

A run that is not there, or has bytes of a terminal in its name; who needs a terminal.

  $ for verb in verify cat info replay resume fork view attach; do echo ": $verb"; bare $verb nobody; bare $verb $'no\ebody@3'; done
  : verify
  saddle: no session 'nobody'; there are none yet
  [exit 3]
  saddle: no session 'no\xef\xbf\xbdbody@3'; there are none yet (esc)
  [exit 3]
  : cat
  saddle: no session 'nobody'; there are none yet
  [exit 3]
  saddle: no session 'no\xef\xbf\xbdbody@3'; there are none yet (esc)
  [exit 3]
  : info
  saddle: info: no session 'nobody'; there are none yet
  [exit 3]
  saddle: control character 0x1b in a command
  [exit 1]
  : replay
  saddle: replay: no session 'nobody'; there are none yet
  [exit 3]
  saddle: control character 0x1b in a command
  [exit 1]
  : resume
  saddle: resume: no session 'nobody'; there are none yet
  [exit 3]
  saddle: control character 0x1b in a command
  [exit 1]
  : fork
  saddle: fork: no session 'nobody'; there are none yet
  [exit 3]
  saddle: control character 0x1b in a command
  [exit 1]
  : view
  saddle: view: no session 'nobody'; there are none yet
  [exit 3]
  saddle: view: no session 'no\xef\xbf\xbdbody@3'; there are none yet (esc)
  [exit 3]
  : attach
  saddle: attach needs a terminal; without one 'saddle view RUN' tells what happens, and 'saddle ctl RUN COMMAND' steers
  [exit 2]
  saddle: attach needs a terminal; without one 'saddle view RUN' tells what happens, and 'saddle ctl RUN COMMAND' steers
  [exit 2]
  $ bare ctl nobody pause now
  saddle: no session 'nobody'; there are none yet
  [exit 3]
  $ bare export csv out nobody
  saddle: export: no session 'nobody'; there are none yet
  [exit 3]
