#!/bin/sh
# export: tables and figures of what was measured of curvature, from a recorded session.
. "$(dirname "$0")/lib.sh"
tour=$top/tests/screen/tour.saddle
run -c "export csv nodes.csv $tour --what spectra; export csv lambda.csv $tour --what lambda --class flower --at 6; export jsonl eig.jsonl $tour --what lambda --class tail"
is 'tables are written' "$code $out" "0 wrote nodes.csv
wrote lambda.csv
wrote eig.jsonl"
is 'a row for each node' "$(wc -l <nodes.csv | tr -d ' ') $(head -n 1 nodes.csv)" \
    '145 run,step,epoch,class,name,images,subset,how,iters,lmin,lmin_bound,lmax,lmax_bound,runs,node,weight'
is 'only the class and the epochs asked for' "$(cut -d, -f2-5 lambda.csv | tr '\n' ' ')" 'step,epoch,class,name 117,3,9,flower 234,6,9,flower '
is 'events as they were recorded' "$(grep -c '^{"k":"eig",.*"class":9,.*"nodes":\[' eig.jsonl)" 4
run -c "export csv lambda.csv $tour --what lambda"
is 'an existing file is refused' "$code $(printf %s "$err" | grep -c -- "--force replaces it")" '1 1'
# A table that any reader takes: each row has a number in `value`, or it is a mark and has words in `text`.
run export csv all.csv "$tour"
if command -v python3 >/dev/null 2>&1; then
    is 'every value is a number, and marks have a column of their own' "$code $(python3 -c 'import csv
rows = list(csv.DictReader(open("all.csv", newline="")))
bad = [r for r in rows if None in r or None in r.values() or (r["metric"][:5] == "mark_") == bool(r["value"]) or (r["value"] and float(r["value"]) is None)]
marks = [r for r in rows if r["text"]]
print(len(rows) > 500, len(marks) > 2, bad)')" '0 True True []'
else
    skip 'every value is a number, and marks have a column of their own' 'no python3'
fi
run export png figure.png "$tour"
case $err in
*'without cairo'*) skip 'a figure is drawn' 'built without cairo' ;;
*) is 'a figure is drawn' "$code $(head -c 8 figure.png | od -An -tx1 | tr -d ' ')" '0 89504e470d0a1a0a' ;;
esac
mistake 'nothing to draw' 1 "saddle: export: no slice of the wanted classes and epochs was recorded; 'slice CLASS' measures one" \
    -c "export csv no.csv $tour --what slice"
is 'leaves no file' "$(ls no.csv* 2>/dev/null)" ''
mistake 'an unknown kind' 1 "saddle: export: --what 'hess'; spectra, density, lambda, slice, cnc, reading or margins; as a figure also acc, loss, traces, confusion" -c "export csv no.csv $tour --what hess"
mistake 'an unknown smoothing' 1 "saddle: export: --smooth 'more'; resolved or reference" -c "export csv no.csv $tour --what density --smooth more"

# --- what one batch cannot tell ---
run -c 'data demo; model resnet8; cnc 9 --images 4 --batch 4 --iters 100'
is 'one batch has no error, and says so' "$code $(printf '%s\n' "$out" | grep -c 'one batch: no error known'; printf '%s\n' "$out" | grep -c nan)" '0 1
0'
finish
