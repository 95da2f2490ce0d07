#!/bin/sh
# compare: recorded runs beside each other, as text, table and figure, and what it refuses.
. "$(dirname "$0")/lib.sh"
tour=$top/tests/screen/tour.saddle
small="$tiny; model resnet8; opt sam"
# Evaluated at a step that is somewhere in it, and at its end.
record() { # STEPS NAME SETUP
    "$SADDLE" -c "$small; $3; train --steps $1 --name $2; wait step 4; eval; wait; eval" >log 2>&1 || { cat log; exit 99; }
}
record 40 a 'seed 0'
record 40 b 'seed 1'
record 30 a-run-with-a-name-that-is-long-c 'set rho 0.5; set rho 0.75 at step 20'

# --- text ---
run compare a b a-run-with-a-name-that-is-long-c --metric acc,loss:0
value() { # RUN METRIC CLASS FORMAT: the last value that export csv has
    "$SADDLE" export csv "$1.csv" "$1" --force >/dev/null
    awk -F, -v metric="$2" -v class="$3" '$5 == metric && $6 == class { last = $7 } END { printf "'"$4"'", last }' "$1.csv"
}
is 'knobs that differ, and when they changed' "$code $(printf '%s\n' "$out" | sed -n '/^knob/,/^$/p' | sed 's/  */ /g')" '0 knob run value, and what it was changed to @ epoch
seed a 0
 b 1
 a-run-..that-is-long-c 0
rho a 0.1
 b 0.1
 a-run-..that-is-long-c 0.5 > 0.75@0.06452
steps a 40
 b 40
 a-run-..that-is-long-c 30'
is 'the last values are those of export csv' "$(printf '%s\n' "$out" | sed -n 's/^acc  *a  *\([0-9.]*\) .*/\1/p') $(printf '%s\n' "$out" | sed -n 's/^loss:circle  *a  *\([0-9.]*\) .*/\1/p')" \
    "$(value a acc '' %.2f) $(value a class_loss circle %.4g)"
is 'a best says of how many values, and that test images chose it' "$(printf '%s\n' "$out" | awk '$1 == "acc" { print $NF }') $(printf '%s\n' "$out" | grep -c '^best: .*chosen on test images$')" '2 1'
is 'other seeds are repeats' "$(printf '%s\n' "$out" | grep -c '^  *mean .* sd .* of 2 seeds: a, b$')" 2
is 'it fits 80 columns' "$(printf '%s\n' "$out" | awk 'length > 80' | grep -v '^ *[a-z_]* .* > ')" ''
is 'classes of each against the first' "$(printf '%s\n' "$out" | grep -c ' against a$')" 2
is 'their columns have the names of the runs' "$(printf '%s\n' "$out" | sed -n 's/  */ /g; /^accuracy/p')" 'accuracy of class images a b gain
accuracy images a a-r..-long-c gain'
run -c 'compare a b --class tail --at 0.126'
is 'as of an epoch, of some classes' "$code $(printf '%s\n' "$out" | grep -c '^[789] [a-z]* ') $(printf '%s\n' "$out" | awk '$1 == "acc" { print $NF }')" '0 3 1'
run compare a "$top/tests/golden/sgd.saddle" --metric tail_acc
is 'other images are said' "$code $(printf '%s\n' "$err" | tail -n 1)" '0 warning: compare: sgd is trained on other images than a (demo-lt beta=1000, demo-lt beta=100)'
run compare "$tour" a --what density --class 9
is 'spectra, where there are some' "$code $(printf '%s\n' "$out" | sed -n '/^spectrum/,$p' | awk '{ print $1, $2, $3 }' | tail -n 2)" '0 9 flower tour
a - not'

# --- files ---
run compare a b --metric tail,acc:9 --csv all.csv
is 'a tidy table' "$code $out $(head -n 1 all.csv) $(cut -d, -f1-3 all.csv | sed 1d | sort | uniq -c | tr -s ' \n' ' ')" \
    '0 wrote all.csv run,metric,class,epoch,step,value  2 a,class_acc,flower 2 a,group_acc,tail 2 b,class_acc,flower 2 b,group_acc,tail '
run compare a b --figure all.svg
case $err in
*'without cairo'*) skip 'a figure is drawn' 'built without cairo' ;;
*) is 'a figure is drawn' "$code $(grep -c '<svg' all.svg)" '0 1' ;;
esac
run compare a b --metric tail,acc:9 --csv -
is 'a tidy table on standard output' "$code $(printf '%s\n' "$out" | cmp - all.csv 2>&1)$(test -e ./- && echo 'a file -')" '0 '
mistake 'a figure is a file' 1 "saddle: compare: --figure '-'; a name that ends in .svg or .png" compare a b --figure -
mistake 'an existing file is refused' 1 "saddle: compare: 'all.csv' exists; --force replaces it" compare a b --csv all.csv
mistake 'a figure of another kind' 1 "saddle: compare: --figure 'all.pdf'; a name that ends in .svg or .png" compare a b --figure all.pdf
mistake 'no file with --readonly' 1 'saddle: compare: --csv: not with --readonly' --readonly compare a b --csv no.csv

# --- a fork is one line with its parent until its point ---
run -c 'fork a@0.0645161 a-more; set rho 0.4; train --steps 44; wait; eval'
first=$("$SADDLE" info a-more | sed -n 's/^began with the state of a@[^ ]* (step \([0-9]*\),.*/\1/p')
run compare a a-more --metric step_loss --csv line.csv
is 'the steps before it are the same, bit for bit, and after it others' "$code $(awk -F, -v first="$first" '
    $1 == "a" { loss[$5] = $6 }
    $1 == "a-more" && $5 <= first { same += loss[$5] == $6; differ += loss[$5] != $6 }
    $1 == "a-more" && $5 > first { later++ }
    END { print (first > 0), (same == first), differ + 0, (later > 0) }' line.csv)" '0 1 1 0 1'
run compare a a-more
point=$("$SADDLE" info a-more | sed -n 's/^began with the state of a@\([^ ]*\) .*/\1/p')
run compare "a@$point" a-more --metric step_loss
is 'its point stands there as in info, and leads to the same step' \
    "$code $(printf '%s\n' "$out" | sed -n 's/^a-more .* //p' | head -n 1) $(printf '%s\n' "$out" | sed -n 's/^step_loss  *a .* //p')" "0 a@$point $first"
run compare a a-more
is 'and so is its rho' "$(printf '%s\n' "$out" | sed -n 's/^rho  *a  */a /p; s/^  *a-more  *\(0.1 > 0.4\)@.*/a-more \1/p')" 'a 0.1
a-more 0.1 > 0.4'

# --- mistakes ---
mistake 'one run' 1 'saddle: compare: one run; 2 to 8 can be compared: compare a RUN' compare a
mistake 'nine runs' 1 'saddle: compare: 9 runs; 2 to 8 can be compared' -c 'compare a b a b a b a b a'
mistake 'the same run twice' 1 'saddle: compare: a is named twice; each run is compared once' compare a b a
mistake 'an unknown run' 3 "saddle: compare: no session 'bb'; did you mean 'b'?" compare a bb
mistake 'an unknown metric' 1 "saddle: compare: unknown metric 'tial'; did you mean 'tail'?" compare a b --metric tial
run compare a b --metric foo
is 'what is near no metric: they are listed' "$code $err" "1 saddle: compare: unknown metric 'foo'; acc, loss, train_loss, train_acc, lr, rho, drw, head, mid, tail, acc:CLASS, loss:CLASS, train_loss:CLASS, step_loss, step_gn, step_lr, step_rho, step_rise, step_rho_gn, step_rho_wn, step_cos, lmin:CLASS, lmax:CLASS ..."
mistake 'a metric without its class' 1 "saddle: compare: 'lmin' is of a class: lmin:CLASS" compare a b --metric lmin
mistake 'an unknown class' 1 "saddle: compare: unknown class 'fish'; an index 0..9, a name, a..b, head, mid, tail, all or worst:K" compare a b --metric acc:fish
mistake 'past the end of all' 1 'saddle: compare: epoch 20 is past the end of tour (12)' compare a "$tour" --at 20
mistake 'past the end of one that is put there' 1 'saddle: compare: epoch 3 is past the end of a (0.129032)' compare a@3 b
mistake 'no spectrum' 1 "saddle: compare: no spectrum of the wanted classes was recorded in any of these runs; 'hessian CLASS' measures one" compare a b --what density
mistake 'densities of metrics' 1 'saddle: compare: --metric is not of densities; --class says of which classes' compare a b --what density --metric acc
run compare a "$tour"
is 'ends at different epochs are said' "$code $(printf '%s\n' "$err" | grep 'different epochs')" "0 warning: compare: the runs are at different epochs, 0.129 to 12, and so are the numbers; '--at 0.129032' has all at one"
run compare a "$tour" --at 5
is 'past the end of one is said' "$code $(printf '%s\n' "$err" | tail -n 1)" '0 warning: compare: a ends at epoch 0.129032: it is compared there'

# --- what is lost ---
"$SADDLE" -c "$small; seed 3; set lr 100 at step 6; set wd 1 at step 6; train --steps 10 --name lost --paused; step 4; wait step 4; eval; resume; wait; eval" >log 2>&1
run compare a lost --metric loss
is 'a loss that is no number is said, and is no best' "$code $(printf '%s\n' "$out" | sed -n 's/  */ /g; s/^ lost \(nan - \)[0-9.]*@[0-9.]* \(1\)$/\1\2/p')" '0 nan - 1'

# --- what is damaged ---
sessions=$XDG_DATA_HOME/saddle/sessions
cp -r "$sessions/b.saddle" "$sessions/torn.saddle"
flip "$sessions/torn.saddle/journal-000001.zst"
run compare a torn
is 'a damaged recording is compared as far as it goes, and said' "$code $(printf '%s\n' "$err" | grep -c '^warning: compare: torn: ')" '0 1'
flip "$sessions/a.saddle/journal-000001.zst"
run compare b a-more
is 'so is damage of what a run goes on from' "$code $(printf '%s\n' "$err" | grep -c '^warning: compare: a-more goes on from a: damaged: ')" '0 1'
mkdir "$sessions/empty.saddle"
run compare a empty
is 'a folder without a recording' "$code $(printf '%s\n' "$err" | wc -l | tr -d ' ')" '3 1'
finish
