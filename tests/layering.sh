#!/bin/sh
# layering.sh - layers point downward only: main > tui > repl > session > engine > kernels > base.
# Greps what each room includes and calls; prints every breach; exit 1 when there is one.
set -eu
cd "${top_srcdir:-$(dirname "$0")/..}/src"
bad=0
report() { # TEXT GREP-OUTPUT
    [ -z "$2" ] && return 0
    printf '%s:\n%s\n' "$1" "$2"
    bad=1
}
room() { # ROOM FORBIDDEN-ROOMS: FORBIDDEN is an alternation for grep -E
    report "$1 includes a room above it" "$(grep -rnE "#include \"($2)/" "$1" || true)"
}
room base 'kernels|engine|session|repl|tui'
room kernels 'engine|session|repl|tui'
room engine 'session|repl|tui'
# within engine: what all speak in < data < model < criteria < optim < probe < run
inner() { # ROOM FORBIDDEN-ROOMS
    report "engine/$1 includes a room above it" "$(grep -nE "#include \"engine/($2)/" "engine/$1"/*.[ch] || true)"
}
inner . 'data|model|criteria|optim|probe|run'
inner data 'model|criteria|optim|probe|run'
inner model 'data|criteria|optim|probe|run'
inner criteria 'data|optim|probe|run'
inner optim 'data|probe|run'
inner probe 'run'
report 'the inside of the trainer seen from outside' "$(grep -rnE 'trainer_private\.h' . | grep -v '^\./engine/run/' | grep -v 'room\.mk' || true)"
report 'learner or inbox know the trainer' "$(grep -nE 'struct trainer\b|trainer_private' engine/run/learner.[ch] engine/run/inbox.[ch] || true)"
room session 'repl|tui'
room repl 'tui'
report 'ncurses outside tui' "$(grep -rnE '#include *[<"](ncurses|curses|panel|term)\b' base kernels engine session repl main.c || true)"
report 'readline outside its bridge' "$(grep -rnlE '#include *[<"]readline/' . | grep -v '^\./tui/line\.c$' || true)"
report 'zstd outside session' "$(grep -rnE '#include *[<"]zstd' base kernels engine repl tui main.c || true)"
report 'cairo outside its figures' "$(grep -rnlE '#include *[<"]cairo' . | grep -vE '^\./session/figure(_chart)?\.[ch]$' || true)"
report 'CUDA outside kernels/cuda' "$(grep -rnE '#include *[<"](cuda|cudnn|nccl|cublas)' . | grep -v '^\./kernels/cuda/' || true)"
report 'exit, abort or printing below session' "$(grep -rnE '(^|[^a-z_])(exit|abort|printf|puts|perror) *\(' base kernels engine | grep -vE ':[0-9]+: *(/?\*|//)' || true)"
report 'a header without its guard' "$(for h in $(find . -name '*.h'); do grep -q '^#ifndef [A-Z]' "$h" || echo "$h"; done)"
exit $bad
