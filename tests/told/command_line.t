The command line: options and sub-commands that are not understood, and what the ones that are print.

  $ . $TOLD/setup.sh
  $ for line in '--foo' '--log' '--log=xml' '--threads=-1' '--threads=1025' '--threads=x' '--threads=1.5' '--fps=0' '--fps=31' '--fps=30 -c quit' '-z' '-c' '-c quit quit' '--dry-run=yes' '--tread=3' '--logg=none' 'tran' 'train' 'train --epochs 3' 'xyzzy' 'resume' 'resume a b' 'view' 'ctl' 'ctl a' 'run' 'run nothing' 'replay' 'info' 'verify' 'export csv' '--root . info a' '--json info a' '--timeout 3 info a' '--timeout 0 info a' '--timeout 86401 ctl a pause' '--timeout -1 ctl a pause' '--force info a' 'resume --what x' 'replay a --zoom' 'export csv --what' '-q -c quit' '-v -c quit' '-qv -c quit' '--quiet --log=none --yes --readonly -c quit' '--do' '--do foo -c quit' '--config nothing -c quit' '--size 3 -c quit' '--color x -c quit' '--glyphs x -c quit' '--device x -c quit' '--sessions nowhere sessions' '--log-file /nowhere/x -c quit'; do echo ": $line"; saddle $line | calm; done
  : --foo
  saddle: unknown option '--foo'; 'saddle --help' lists them
  [exit 2]
  : --log
  saddle: option '--log' needs a value
  [exit 2]
  : --log=xml
  saddle: --log 'xml'; text, jsonl or none
  [exit 2]
  : --threads=-1
  saddle: --threads -1 is outside 0..1024
  [exit 2]
  : --threads=1025
  saddle: --threads 1025 is outside 0..1024
  [exit 2]
  : --threads=x
  saddle: --threads 'x' is not a number
  [exit 2]
  : --threads=1.5
  saddle: --threads '1.5' is not a whole number
  [exit 2]
  : --fps=0
  saddle: --fps 0 is outside 1..30
  [exit 2]
  : --fps=31
  saddle: --fps 31 is outside 1..30
  [exit 2]
  : --fps=30 -c quit
  : -z
  saddle: unknown option '-z'; 'saddle --help' lists them
  [exit 2]
  : -c
  saddle: option '-c' needs a value
  [exit 2]
  : -c quit quit
  saddle: 'quit' beside -c; quote all commands together
  [exit 2]
  : --dry-run=yes
  saddle: option '--dry-run=yes' takes no value
  [exit 2]
  : --tread=3
  saddle: unknown option '--tread=3'; did you mean '--threads'?
  [exit 2]
  : --logg=none
  saddle: unknown option '--logg=none'; did you mean '--log'?
  [exit 2]
  : tran
  saddle: unknown sub-command 'tran'; did you mean 'run'?
  [exit 2]
  : train
  saddle: 'train' is a command of the prompt: saddle -c "train" runs it
  [exit 2]
  : train --epochs 3
  saddle: unknown option '--epochs'; 'saddle --help' lists them
  [exit 2]
  : xyzzy
  saddle: unknown sub-command 'xyzzy'; 'saddle -h' lists them, 'saddle run xyzzy' runs a file
  [exit 2]
  : resume
  saddle: usage: saddle resume RUN[@EPOCH]
  [exit 2]
  : resume a b
  saddle: usage: saddle resume RUN[@EPOCH]
  [exit 2]
  : view
  saddle: usage: saddle view RUN
  [exit 2]
  : ctl
  saddle: usage: saddle ctl RUN COMMAND
  [exit 2]
  : ctl a
  saddle: usage: saddle ctl RUN COMMAND
  [exit 2]
  : run
  saddle: usage: saddle run FILE
  [exit 2]
  : run nothing
  saddle: cannot read 'nothing': No such file or directory
  [exit 1]
  : replay
  saddle: usage: saddle replay RUN[@EPOCH]
  [exit 2]
  : info
  saddle: usage: saddle info RUN
  [exit 2]
  : verify
  saddle: usage: saddle verify RUN
  [exit 2]
  : export csv
  saddle: usage: saddle export csv|jsonl|script|tex|md|tensorboard|svg|png|safetensors|bundle PATH RUN[@EPOCH]...
  [exit 2]
  : --root . info a
  saddle: --root is for 'saddle resume RUN' and 'saddle fork RUN'; commands have a --root of their own
  [exit 2]
  : --json info a
  saddle: --json is for 'saddle ctl RUN COMMAND'
  [exit 2]
  : --timeout 3 info a
  saddle: --timeout is for 'saddle ctl RUN COMMAND'
  [exit 2]
  : --timeout 0 info a
  saddle: --timeout is for 'saddle ctl RUN COMMAND'
  [exit 2]
  : --timeout 86401 ctl a pause
  saddle: --timeout 86401 is outside 0..86400
  [exit 2]
  : --timeout -1 ctl a pause
  saddle: --timeout -1 is outside 0..86400
  [exit 2]
  : --force info a
  saddle: --force is for 'saddle export', 'compare', 'sweep' and 'reproduce'; commands have a --force of their own
  [exit 2]
  : resume --what x
  saddle: unknown option '--what'; 'saddle --help' lists them
  [exit 2]
  : replay a --zoom
  saddle: unknown option '--zoom'; did you mean '--root'?
  [exit 2]
  : export csv --what
  saddle: option '--what' needs a value
  [exit 2]
  : -q -c quit
  : -v -c quit
  : -qv -c quit
  : --quiet --log=none --yes --readonly -c quit
  : --do
  saddle: option '--do' needs a value
  [exit 2]
  : --do foo -c quit
  saddle: unknown command 'foo'; 'help' lists what there is
  [exit 1]
  : --config nothing -c quit
  : --size 3 -c quit
  : --color x -c quit
  : --glyphs x -c quit
  : --device x -c quit
  : --sessions nowhere sessions
  no recorded runs in nowhere
  : --log-file /nowhere/x -c quit
  saddle: cannot write '/nowhere/x': No such file or directory
  [exit 1]
  $ saddle -h
  saddle: train image classifiers on long-tailed data, and steer and watch them
  
  usage: saddle [OPTIONS] [SUB-COMMAND]
    (none)                             the screen when stdin and stdout are terminals, else commands from stdin
    run FILE                           run a script, wait for the end of the run
    resume RUN[@EPOCH]                 go on from the last snapshot
    fork RUN[@POINT] [NAME]            make a new run that goes on from any moment of a recorded one
    replay RUN[@EPOCH]                 look at a recorded run
    view RUN                           follow a run that another process records, read-only
    attach RUN                         take a run over that another process records: its screen, from where it is steered
    ctl RUN COMMAND                    hand a command to the process that records a run, and print its answer
    sessions [PATTERN]                 list recorded runs
    info RUN                           what is known about a run
    compare RUN RUN...                 lay recorded runs beside each other
    sweep KNOB=V,V,... ... | NAME [--resume] train every combination of some knobs' values, and rank them
    reproduce TABLE|FIGURE             run rows of the paper's tables and figures, its numbers beside ours
    verify RUN                         check every checksum of a run
    cat RUN                            print the verified events of a run as JSON Lines
    export csv|jsonl|script|tex|md|tensorboard|svg|png|safetensors|bundle PATH RUN[@EPOCH]... write a run to a file
    import FILE [NAME]                 make a session of a packed one
    completion bash|zsh|fish           print a completion script for a shell
    doctor                             what can compute here: devices, driver and libraries found and missing
    -c CMDS                            run commands without a screen
  At the prompt: 'train' trains the demo, 'help' lists the commands. All options: saddle --help
  $ saddle --help
  saddle: train image classifiers on long-tailed data, and steer and watch them
  
  usage: saddle [OPTIONS] [SUB-COMMAND]
    (none)                             the screen when stdin and stdout are terminals, else commands from stdin
    run FILE                           run a script, wait for the end of the run
    resume RUN[@EPOCH]                 go on from the last snapshot
    fork RUN[@POINT] [NAME]            make a new run that goes on from any moment of a recorded one
    replay RUN[@EPOCH]                 look at a recorded run
    view RUN                           follow a run that another process records, read-only
    attach RUN                         take a run over that another process records: its screen, from where it is steered
    ctl RUN COMMAND                    hand a command to the process that records a run, and print its answer
    sessions [PATTERN]                 list recorded runs
    info RUN                           what is known about a run
    compare RUN RUN...                 lay recorded runs beside each other
    sweep KNOB=V,V,... ... | NAME [--resume] train every combination of some knobs' values, and rank them
    reproduce TABLE|FIGURE             run rows of the paper's tables and figures, its numbers beside ours
    verify RUN                         check every checksum of a run
    cat RUN                            print the verified events of a run as JSON Lines
    export csv|jsonl|script|tex|md|tensorboard|svg|png|safetensors|bundle PATH RUN[@EPOCH]... write a run to a file
    import FILE [NAME]                 make a session of a packed one
    completion bash|zsh|fish           print a completion script for a shell
    doctor                             what can compute here: devices, driver and libraries found and missing
  
  Options
    -c, --command=CMDS       run these commands without a screen, wait for the run, leave
        --do=CMDS            run these commands first, then go on as usual
    -n, --dry-run            with run, reproduce or -c: check every line and print the plan, train nothing
        --config=FILE        read this saddlerc instead of the usual ones
        --no-config          read no saddlerc
        --sessions=DIR       where recorded runs are
        --root=DIR           with resume and fork: where the run's images are now (of a run on tensors: the file)
        --force              with export, compare, sweep and reproduce: replace a file that is there
        --device=NAME        what computes: auto, cuda, cuda:N, cpu, reference
        --threads=N          worker threads; 0 = one for each processor
        --color=WHEN         auto, never, always, 8 or 256
        --glyphs=SET         auto, block, braille or ascii
        --fps=N              most repaints in a second, 1..30
        --size=COLSxROWS     size of the screen instead of the terminal's
        --no-screen          a plain prompt and log lines instead of the screen
        --log=FORMAT         what is printed without a screen: text, jsonl or none
        --log-file=FILE      write the log to this file too
        --timeout=SECONDS    with ctl: how long an answer is waited for (30)
        --json               with ctl: print every state of the command as a line of JSON
    -y, --yes                answer every question with yes
        --readonly           refuse every command that changes a run or writes a file
    -q, --quiet              print evaluations and errors only
    -v, --verbose            print every step
    -h, --short-help         one screen of help
        --help               all of the help, with examples
    -V, --version            version, compiler, libraries and devices
  
  Examples
    saddle                                   open the screen; type: train
    saddle -c 'preset demo; train'           train on drawn shapes, log to stdout
    saddle -c 'preset paper/cifar10-lt/ce+drw+sam; train' --log-file run.log
    saddle run exp.sad --dry-run             how many steps, how long
    saddle resume cifar10-lt-1               after a power cut, or exit code 75
    saddle view cifar10-lt-1                 watch a batch job from the login node
    saddle ctl cifar10-lt-1 'set rho .5'     steer it from there
    saddle export csv out.csv cifar10-lt-1   every number that was recorded
    saddle compare cifar10-lt-1 cifar10-lt-2 --metric tail,lmin:9
  
  Exit codes
    0 done  1 a command failed  2 wrong usage  3 data or session missing or damaged  4 device or memory
    5 the loss diverged  6 session locked  7 an alert of level error was raised  75 stopped by a signal, 'saddle resume RUN' goes on  130 143 signal  70 our bug
  
  More: man saddle, man saddle-commands, man saddlerc
  $ SADDLE_LOG=xml saddle -c quit
  saddle: $SADDLE_LOG: --log 'xml'; text, jsonl or none
  [exit 2]
  $ SADDLE_LOG=none SADDLE_DEVICE=reference saddle -c quit
  $ SADDLE_CONFIG=nothing "$SADDLE" -c quit
  saddle: cannot read 'nothing': No such file or directory
  [2]
