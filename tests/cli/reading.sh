#!/bin/sh
# reading: other classifiers on the features of a network; recorded, exported, told of a replay, and never silent about test images.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
# 10 classes of 60 to 3 images to train on, 10 of each to test on.
PYTHONDONTWRITEBYTECODE=1 python3 - "$here" <<'E'
import struct, sys
sys.path.insert(0, sys.argv[1])
import tensors
kept, test, size = [c for c in range(10) for _ in range(round(60 * 20 ** (-c / 9)))], list(range(10)) * 10, [3, 8, 8]
rows = []
for split, seed, labels in (("", 1, kept), ("test_", 2, test)):
    rows.append((split + "images", "U8", [len(labels)] + size, tensors.images(len(labels), seed, size, "U8")))
    rows.append((split + "labels", "I64", [len(labels)], struct.pack(f"<{len(labels)}q", *labels)))
tensors.write("images", rows)
E
set_up='model resnet8; data tensors images --val 60; set snapshot_every 0; set eval_every 100'
run -c "$set_up; train --steps 24 --name r; wait; reading plain --on test; reading tau_post 0 --on test; reading tau_norm; reading ncm_cl2n --on test"
is 'a run is read at its end' "$code $err" '0 '
is 'a line in the log for each' "$(printf '%s\n' "$out" | grep -c 'Z reading step=24 ep=[0-9.]* kind=[a-z_0-9]* split=[a-z]* images=[0-9]* .*value=[0-9.]*,.* plain=[0-9.]*,')" 5

# --- the same of the recorded moment ---
run -c 'replay r; seek end; eval test; reading plain --on test; reading tau_post 0 --on test; reading tau_norm; reading ncm_cl2n --on test; reading tau_norm --on test; reading tau_norm 0.25 --on test'
acc() { # of the answer that begins so: the numbers of all, head, mid and tail
    printf '%s\n' "$out" | sed -n "s/^$1: \(acc \)\{0,1\}\([0-9.]* head [0-9.]* mid [0-9.]* tail [0-9.]*\).*/\2/p"
}
is 'plain is what an evaluation says' "$code $(acc 'plain, test')" "0 $(acc test)"
is 'and so is tau_post 0' "$(acc 'tau_post 0, test') $(acc test | wc -l | tr -d ' ')" "$(acc test) 1"
is 'tau is chosen on the images held out, and told for the test images' \
    "$(printf '%s\n' "$out" | grep -c '^tau_norm [0-9.]* (best on val), test: .*own classifier .*; step 24 (ep [0-9.]*)$')" 1
is 'class means answer' "$(printf '%s\n' "$out" | grep -c '^ncm_cl2n, test: [0-9]')" 1
is 'chosen on test images, it says so' \
    "$(printf '%s\n' "$out" | grep -c '^tau_norm [0-9.]* (best on test), test:.*Chosen on test images: no result to publish')" 1
is 'a tau of its own chooses nothing' "$(printf '%s\n' "$out" | grep '^tau_norm 0.25, test:' | grep -c Chosen)" 0
is 'the weights are as they were' "$(run -q -c 'export safetensors a.st r'; run -q -c 'replay r; seek end; reading ncm; save weights b.st'; cmp a.st b.st && echo same)" same

# --- exports ---
run -c 'export csv reading.csv r --what reading; export jsonl reading.jsonl r --what reading; export csv all.csv r'
is 'it was recorded' "$code $err $(sed -n 1p reading.csv)" '0  run,step,epoch,reading,split,images,tau,acc,head,mid,tail,chosen'
is 'the whole curve, of both splits' "$(grep -c ',tau_norm,val,60,' reading.csv) $(grep -c ',tau_norm,test,100,' reading.csv)" '21 21'
is 'where its tau comes from' "$(grep -c ',tau_norm,.*,val$' reading.csv) $(grep -c ',tau_post,.*,given$' reading.csv)" '2 1'
is 'one event each, two where tau was chosen on val' "$(wc -l <reading.jsonl | tr -d ' ') $(grep -c '"k":"reading"' reading.jsonl)" '5 5'
run -c 'export svg reading.svg r --what reading'
case $err in
*'without cairo'*) skip 'a figure of it' 'built without cairo' ;;
*) is 'a figure of it' "$code $(grep -c '<svg' reading.svg)" '0 1' ;;
esac

# --- margins: measured class by class, recorded, exported, and of a replay the same ---
run -c "$set_up; train --steps 6 --name m --paused; margins 0,9; resume; wait; margins 9 --test --images 5; export csv m.csv m --what margins; export jsonl m.jsonl m --what margins; export csv numbers.csv m"
is 'margins in the log' "$code $err $(printf '%s\n' "$out" | grep -c 'Z margins step=[06] ep=[0-9.]* class=\([09]\) name=\1 split=[a-z]* images=[0-9]* mean=.* worst=.* below=')" '0  3'
is 'their table' "$(sed -n 1p m.csv) $(wc -l <m.csv | tr -d ' ')" 'run,step,epoch,class,name,images,split,mean,worst,least,below 4'
is 'their events, and rows of the table of all numbers' "$(grep -c '"k":"margins"' m.jsonl) $(grep -c ',margins_worst,' numbers.csv)" '3 3'
cut -d, -f2,4- m.csv | grep '^6,9,' >recorded
run -c 'replay m; seek end; margins 9 --test --images 5'
is 'the recorded moment has the same' "$code $(printf '%s\n' "$out" | sed -n 's/^9 9: margin \([-0-9.e]*\), worst tenth \([-0-9.e]*\),.* of \(5 test\) images.*/\1 \2 \3/p')" \
    "0 $(awk -F, '{ printf "%.4g %.4g 5 test", $6, $7 }' recorded)"

# --- what cannot be read ---
mistake 'no such reading' 1 \
    "saddle: reading: unknown reading 'ncn'; known: plain, tau_norm, tau_post, ncm, ncm_l2n, ncm_cl2n, ncm_cosine, ncm_dot, ncm_l2n_dot, ncm_cl2n_dot" \
    -c 'data tensors images; reading ncn'
mistake 'a tau out of range' 1 'saddle: reading: tau 11 is outside 0..10' -c 'data tensors images; reading tau_post 11'
mistake 'a tau for class means' 1 'saddle: reading: ncm takes no tau' -c 'data tensors images; reading ncm 1'
mistake 'no such split' 1 "saddle: reading: unknown split 'valid'; test, val or train" -c 'data tensors images; reading tau_post --on valid'
mistake 'rows of unit length' 1 \
    'saddle: reading: tau_norm needs a linear classifier; this one'"'"'s rows are of unit length already (head norm): tau_post or ncm read it' \
    -c 'data tensors images; model resnet8; set head norm; reading tau_norm'
finish
