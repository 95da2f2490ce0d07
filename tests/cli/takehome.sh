#!/bin/sh
# A run taken home: event files of TensorBoard, tables for pandas and for a paper, a script that repeats it, figures; journey 10 of a user.
. "$(dirname "$0")/lib.sh"

demo=$top/sessions/demo.saddle
board() { # NAME FOLDER TABLE WIDE: also by the packages of PyPI, where a python3 has them
    if python3 "$here/board.py" "$2" "$3" "$4" >board.log 2>&1; then ok "$1: $(cat board.log)"; else not_ok "$1" "$(tail -n 3 board.log)"; fi
    python=${SADDLE_TENSORBOARD_PYTHON:-python3}
    if ! "$python" -c 'import pandas; from tensorboard.backend.event_processing import event_accumulator' >/dev/null 2>&1; then
        skip "$1, by tensorboard and pandas" "no tensorboard and pandas for $python (SADDLE_TENSORBOARD_PYTHON names another)"
    elif "$python" "$here/board.py" "$2" "$3" "$4" packages >board.log 2>&1; then
        ok "$1, by tensorboard and pandas"
    else
        not_ok "$1, by tensorboard and pandas" "$(tail -n 3 board.log)"
    fi
}

# --- TensorBoard and tables of the demo ---
run export tensorboard runs "$demo"
is 'event files' "$code $err $out" '0  wrote runs/demo/events.out.tfevents.1795423128.saddle'
run export csv long.csv "$demo"
run export csv wide.csv "$demo" --wide
is 'a table with a column for each metric' "$code $(head -n 1 wide.csv | cut -c1-38) $(head -n 1 wide.csv | grep -o ',mark,mark_text$')" \
    '0 run,step,epoch,time,acc,loss,train_los ,mark,mark_text'
board 'the demo' runs/demo long.csv wide.csv
is 'numbers have the fewest digits that read back' "$(grep -c '0\.1000000\|0\.0999999' long.csv wide.csv | tr '\n' ' ')" 'long.csv:0 wide.csv:0 '
mistake 'event files that are there' 1 "saddle: export: 'runs/demo/events.out.tfevents.1795423128.saddle' exists; --force replaces it" export tensorboard runs "$demo"
run export tensorboard runs "$demo" --force
is 'with --force' "$code" 0
mistake 'a table that is there' 1 "saddle: export: 'wide.csv' exists; --force replaces it" export csv wide.csv "$demo" --wide
mistake 'wide of another format' 1 "saddle: export: --wide is for 'export csv'" export jsonl new "$demo" --wide
mistake 'follow of another format' 1 "saddle: export: --follow is for 'export tensorboard'" export csv new "$demo" --follow
mistake 'a folder that cannot be made' 1 "saddle: export: cannot make the folder 'gone/runs': No such file or directory" export tensorboard gone/runs "$demo"
mistake 'no such run' 3 "saddle: export: no session 'gone'; there are none yet" export tensorboard runs gone

# --- a run of one's own, followed while it trains; with a probe, and knobs that are changed ---
listening live.log
echo "$tiny; train --steps 8 --name live --paused" >&3
until_seen $pid live.log 1 'waiting\|paused'
"$SADDLE" export tensorboard follow live --follow >follow.log 2>&1 &
follower=$!
until_seen $follower follow.log 1 'while the run goes on'
echo 'set rho 0.3; set lr 0.02 at step 4; resume; wait; hessian 9 --iters 3 --images 8; eval; quit --yes' >&3
exec 3>&-
wait $pid
wait $follower
is 'event files that grow with the run' "$? $(cat follow.log)" "0 writing follow/live/$(ls follow/live) while the run goes on"
run export tensorboard after live
cmp follow/live/events* after/live/events* >cmp.log 2>&1
is 'are in the end what is written afterwards' "$? $(cat cmp.log)" '0 '
"$SADDLE" export csv live.csv live >/dev/null && "$SADDLE" export csv live-wide.csv live --wide >/dev/null
board 'a run of one''s own' after/live live.csv live-wide.csv

mistake 'following it once more' 1 "saddle: export: 'follow/live/$(ls follow/live)' exists; --force replaces it" export tensorboard follow live --follow
run export tensorboard follow live --follow --force
is 'with --force, of a run that is over' "$code $(cmp follow/live/events* after/live/events* && echo same)" '0 same'

# --- tables of results ---
for seed in 1 2 3; do
    "$SADDLE" -c "${tiny}; set seed $seed; train --steps 4 --name s_$seed; wait; eval" >/dev/null 2>&1
done
"$SADDLE" -c "${tiny}; opt sgd; train --steps 4 --name plain; wait; eval" >/dev/null 2>&1
run export tex table.tex s_1 s_2 s_3 plain
is 'a table for a paper' "$code $err $(grep -c 'pm' table.tex) $(grep -c '^ce.*\\\\$' table.tex)" '0  1 2'
wanted=$(for run in s_1 s_2 s_3; do "$SADDLE" export csv - $run | sed -n 's/.*,acc,,\(.*\),$/\1/p' | tail -n 1; done |
    awk '{ s += $1; q += $1 * $1 } END { m = s / NR; printf "%.2f $\\pm$ %.2f", m, sqrt((q - NR * m * m) / (NR - 1)) }')
is 'with mean and deviation over seeds' "$(grep 'pm' table.tex | cut -d'&' -f2 | sed 's/^ //; s/ $//')" "$wanted"
is 'it says of which runs' "$(grep -c '^% .* epoch .* of s_1 (seed 1) s_2 (seed 2) s_3 (seed 3)$' table.tex)" 1
run export md - s_1 plain
is 'and in Markdown' "$code $(printf '%s\n' "$out" | grep -c '^| ')" '0 3'
for seed in 2 3; do
    "$SADDLE" -c "${tiny}; opt sam; set rho .1; set seed $seed; set rho 2 at step $seed; train --steps 4 --name moved_$seed; wait; eval" >/dev/null 2>&1
done
run export md - moved_2 moved_3
is 'what was changed at another step is no repeat' "$code $(printf '%s\n' "$out" | grep -c '^| ce') $(printf '%s\n' "$out" | grep -c '±')" '0 2 0'
"$SADDLE" export bundle mailed.saddle.zst s_1 >/dev/null
"$SADDLE" import mailed.saddle.zst >/dev/null
mistake 'a run that came home too is not a second seed' 1 'saddle: export: s_1 and mailed are the same run' export tex new.tex s_1 s_2 mailed
run export md - mailed
is 'an imported run has the name that it was given' "$code $(printf '%s\n' "$out" | grep -c ' of mailed (seed 1) ') $("$SADDLE" export csv - mailed | cut -d, -f1 | sort -u | tr '\n' ' ')" '0 1 mailed run '
mistake 'one of two with an id' 3 "saddle: info: $("$SADDLE" info s_1 | sed -n '1s/^[^ ]* \([^:]*\):.*/\1/p') is both 'mailed' and 's_1'; they are the same run, so give a name" \
    info "$("$SADDLE" info s_1 | sed -n '1s/^[^ ]* \([^:]*\):.*/\1/p')"
mv mailed.saddle.zst s_1.saddle.zst
mistake 'two of one name' 1 'saddle: export: two runs are called s_1, and would be one folder' export tensorboard twice s_1 ./s_1.saddle.zst
mistake 'a run without an evaluation' 3 'saddle: export: quiet was not evaluated' -c "$tiny; train --steps 2 --name quiet; wait; export tex new.tex quiet"
mistake 'curves of a table' 1 'saddle: export: --what chooses curves; it is for csv, jsonl, svg and png' export tex new.tex s_1 --what slice
if command -v pdflatex >/dev/null; then
    { printf '%s\n' '\documentclass{article}' '\usepackage{booktabs}' '\begin{document}'; cat table.tex; echo '\end{document}'; } >paper.tex
    pdflatex -interaction=nonstopmode paper.tex >latex.log 2>&1
    is 'LaTeX compiles it' "$? $(ls paper.pdf)" '0 paper.pdf'
else
    skip 'LaTeX compiles it' 'no pdflatex'
fi

# --- the rest of the journey: everything to files, once; a script that repeats the run ---
for format in csv jsonl safetensors script; do
    run export $format "home.$format" live
    is "to $format" "$code $err" '0 '
    run export $format "home.$format" live
    is "$format, a second time" "$code $err" "1 saddle: export: 'home.$format' exists; --force replaces it"
done
sed 's/name live/name again/' home.script >again.sad
run run again.sad
is 'the script repeats the run, bit for bit' "$code $(last_state out)" "0 $(states live 8 | tail -n 1)"
# --- figures of what the panes show ---
if "$SADDLE" export svg probe.svg "$demo" --what acc >/dev/null 2>err; then
    for what in acc loss traces confusion; do
        run export svg $what.svg "$demo" --what $what
        is "a figure of $what" "$code $err $(head -c 5 $what.svg) $(tail -n 1 $what.svg)" '0  <?xml </svg>'
        run export png $what.png "$demo" --what $what
        is "and as PNG" "$code $(od -An -tx1 -N 4 $what.png | tr -d ' ')" '0 89504e47'
    done
    dotted() { # FIGURE: its dotted lines, which are marks
        grep -c 'stroke-dasharray="1 2"\|stroke-dasharray:1,2' "$1"
    }
    is 'with the marks: D and R, in each panel' "$(dotted acc.svg) $(dotted traces.svg)" '2 10'
    is 'of an earlier epoch another one' "$("$SADDLE" export svg early.svg "$demo" --what confusion --at 20 >/dev/null && cmp -s early.svg confusion.svg || echo other)" other
    mistake 'SVG that is called PNG' 1 "saddle: export: 'acc2.png' is to be a figure in svg; a name that ends so" export svg acc2.png "$demo" --what acc
    mistake 'before there is anything' 1 "saddle: export: nothing to draw of 'loss': none of it was recorded up to that epoch" export svg new.svg "$demo" --what loss --at 0.01
    mistake 'a table of a pane' 1 'saddle: export: --what acc is a figure, svg or png; the tables of csv have its numbers without --what' export csv new.csv "$demo" --what acc
    mistake 'a pane of classes' 1 'saddle: export: --class and --smooth are for what was measured of classes, not for --what traces' \
        export svg new.svg "$demo" --what traces --class 9
else
    skip 'figures of what the panes show' "$(cat err)"
fi
finish
