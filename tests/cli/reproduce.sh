#!/bin/sh
# reproduce: rows of the paper as recorded runs, its numbers beside ours. Runs are made with SADDLE_REPRODUCE=all (nightly) only: half a minute each.
. "$(dirname "$0")/lib.sh"
mkdir empty

run reproduce table5 --dry-run --data-root empty
is 'a plan needs no images' "$code $(printf '%s\n' "$out" | grep -c '^  [ip].* b[12]00 ')" '0 8'
has 'it says how long, what is missing, and what cannot be run' "$out" \
    '^cifar100-lt$' '^  ib b100              resnet32, 200 epochs, 0 of 1 there, about .*, no images$' '^runs are named like paper-cifar100-lt-b100-ib-s0$' \
    '^  paco b200            cannot be run: its contrastive head' '^plan: 4 runs to make, about ' \
    '^missing: cifar100-lt: no images: train.bin and test.bin of CIFAR-100 are not in empty$' \
    '^4 rows of 8 cannot be run by this program$'
is 'what is missing is said once' "$(printf '%s\n' "$out" | grep -c '^missing')" 1
run reproduce all -n --seeds 3
is 'of all tables and figures' "$code $(printf '%s\n' "$out" | grep -c '^plan: ')" '0 9'
has 'runs that tables share are made once' "$out" '^all: [0-9]* runs to make, each once, '
is 'and nothing was recorded' "$(ls data/saddle/sessions 2>/dev/null | wc -l | tr -d ' ')" 0

run -n --do 'set math winograd' reproduce table3 --rows 'ce+drw b100' --data-root empty
has 'the math that is set is that of the runs' "$out" '^runs are named like paper-cifar10-lt-b100-ce+drw-winograd-s0$'

run reproduce table5 --rows 'paco*'
is 'rows that cannot be run are told beside the paper' "$code $(printf '%s\n' "$out" | grep '^paco b100' | tr -s ' ')" '0 paco b100 51.5 - ? - ? - 33.9 -'
has 'with the reason' "$out" '^not run: cifar100-lt paco+sam b200: its contrastive head'
run reproduce table5 --rows 'ib*' --csv - --data-root empty
is 'what is damaged in the text is ?' "$code $err $(printf '%s\n' "$out" | grep -c '^table5,cifar100-lt,100,ib,,acc,,?,,,0,')" '3 saddle: reproduce: 4 of 4 rows of table5 were not run, for the reasons above 1'
run reproduce table3 --rows '*b100' --tex t.tex --data-root empty
is 'booktabs' "$code $(grep -c '^cifar10-lt & ce+drw+sam b100 & 80.6 & -- & 91.4 & -- & 78.0 & -- & 73.1 & -- ' t.tex)" '3 1'

mistake 'a table that there is not' 1 "saddle: reproduce: 'table9'; did you mean 'table1'?; accepted: table1 table2 table3 table4 table5 main-fig4 figure1 figure2 figure3 all" reproduce table9
mistake 'a row that there is not' 1 "saddle: reproduce: --rows 'vs': no such row of table5; ib b100, ib+sam b100, paco b100, paco+sam b100, ib b200, ib+sam b200, paco b200, paco+sam b200" reproduce table5 --rows vs
mistake 'no row at all' 1 "saddle: reproduce: --rows ',' names no row" reproduce table5 --rows ,
mistake 'no drawing of that kind' 1 "saddle: reproduce: --figure 'x.pdf'; a name that ends in .svg or .png" reproduce table5 --figure x.pdf
mistake 'rows of several data sets are named once' 1 "saddle: reproduce: --rows 'x': no such row of table1; ce+sam b100, ce+drw+sam b100, ldam+drw+sam b100, vs+sam b100" reproduce table1 --rows x
echo mine >mine.csv
mistake 'a file that is there, before anything is trained' 1 "saddle: reproduce: 'mine.csv' exists; --force replaces it" reproduce table5 --csv mine.csv --data-root empty
run reproduce table5 --rows 'paco*' --tex nowhere/t.tex
is 'a folder that is not, likewise' "$code $err $(printf '%s' "$out" | wc -l)" "1 saddle: reproduce: cannot write 'nowhere/t.tex': No such file or directory 0"
mistake 'images in no folder' 3 "saddle: reproduce: --data-root 'nowhere': no such folder; one that holds cifar-10-batches-bin, cifar-100-binary or ImageNet-LT is accepted" reproduce table5 -n --data-root nowhere
mistake 'classes are of figures' 1 'saddle: reproduce: --class is for figure1, figure2 and figure3' reproduce table5 --class 1
mistake 'no epochs' 1 "saddle: reproduce: --epochs 0 is outside 1..100000" reproduce table5 --epochs 0
run --readonly reproduce table3
is 'nor with --readonly' "$code $err" '1 saddle: reproduce: not with --readonly'
[ "${SADDLE_REPRODUCE:-}" = all ] || finish

# --- a figure of two runs, killed on the way ---
python3 - <<'PY'
import os
os.mkdir("cifar")
with open("cifar/data_batch_1.bin", "wb") as out:
    for i in range(10000):
        out.write(bytes([i % 10]) + bytes([i * 7 % 256, i % 10 * 20]) * 1536)
for name in ["data_batch_%d.bin" % i for i in range(2, 6)] + ["test_batch.bin"]:
    os.symlink("data_batch_1.bin", "cifar/" + name)
open("cifar/batches.meta.txt", "w").write("\n".join("class%d" % i for i in range(10)) + "\n")
PY
run -c 'set device cuda:63; reproduce figure1 --rows ce --epochs 1 --model resnet8 --data-root cifar'
is 'its runs are trained on the device that was set' "$code $(printf '%s\n' "$err" | grep -c ' failed: .*cuda')" '3 1'
figure='reproduce figure1 --epochs 1 --model resnet8 --data-root cifar --class 0,9'
"$SADDLE" $figure >log 2>&1 &
pid=$!
sleep 6
kill -9 $pid
wait $pid 2>/dev/null
run $figure --csv f.csv --figure f.svg
is 'killed, the same command goes on' "$code $(printf '%s\n' "$out" | grep -c '^[A-D]  .*%$')" '0 4'
is 'panels with their numbers' "$(grep -c ',lmin,class9,' f.csv) $(grep -c ',below_zero,' f.csv) $(grep -c '<svg' f.svg)" '2 4 1'
told() { # OUTPUT: from its table on
    printf '%s\n' "$1" | sed -n '/^figure1/,$p' | grep -v '^wrote '
}
before=$(told "$out")
run $figure
is 'and is at its end at once' "$code $(printf '%s\n' "$out" | grep -c ' trains$') $([ "$(told "$out")" = "$before" ] && echo same)" '0 0 same'
finish
