#!/bin/sh
# A run of 8142 classes, as many as iNaturalist 2018 has: recorded, killed and resumed, replayed, exported, its lines.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
K=8142
# An image of 8x8 for each class to train on, two of the first 300; every eighth class is tested, the last among them: an evaluation is as
# many images times classes.
python3 - $K many.st <<'E'
import json, random, struct, sys
classes, path = int(sys.argv[1]), sys.argv[2]
draw = random.Random(1)
labels = list(range(classes)) + list(range(300))
test = [c for c in labels[::-1] if c % 8 == 5]
def images(n):
    return bytes(draw.getrandbits(8) for _ in range(64 * n))
def numbers(x):
    return struct.pack("<%dq" % len(x), *x)
head, data = {}, b""
for name, dtype, shape, raw in [("images", "U8", [len(labels), 1, 8, 8], images(len(labels))), ("labels", "I64", [len(labels)], numbers(labels)),
                                ("test_images", "U8", [len(test), 1, 8, 8], images(len(test))), ("test_labels", "I64", [len(test)], numbers(test))]:
    head[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(head).encode()
with open(path, "wb") as out:
    out.write(struct.pack("<Q", len(text)) + text + data)
E
method='data tensors many.st; model resnet8; device cpu; loss ce; opt sgd; set batch 16; set lr 0.05; set hessian_every 0; set snapshot_seconds 0'

# --- a run, whole ---
run --log=jsonl -c "$method; train --name whole --steps 4; wait"
cp out whole.log
is 'a run of 8142 classes is recorded, and nothing of it is left out' "$code $err $(grep -c '"k":"fault"' whole.log) $(grep -c '"k":"epoch"' whole.log)" '0  0 1'
longer() { # of FILE: lines beyond 64 KiB, the wall clock that a log adds aside
    awk 'length > 65536 + 64' "$1" | wc -l
}
"$SADDLE" cat whole >whole.txt
is 'no line is longer than 64 KiB, in the log either' "$(longer whole.log) $(longer whole.txt)" '0 0'
run verify whole
is 'the recording is as it should be' "$code $err" '0 '
run export csv whole.csv whole
tested=$((K / 8 + 1))
is 'each class that is tested has its accuracy and its losses, of 64 images that were trained on too' \
    "$code $(cut -d, -f5 whole.csv | sort | uniq -c | awk '/class_/ { printf "%s %s ", $2, $1 }')" "0 class_acc $tested class_loss $tested class_train_loss 64 "
run view whole
is 'and it is looked at without complaint' "$code $err" '0 '
run -c 'replay whole; why 8141'
is 'the last class is known' "$code $(grep -c '^8141' out)" '0 1'

# --- a reader that knows no parts takes the rest ---
python3 - $K whole.txt <<'E' >joined
import json, sys
classes, parts, lists, alone = int(sys.argv[1]), {}, 0, 0
for line in open(sys.argv[2]):
    e = json.loads(line)
    if e["k"] == "part":
        part = parts.setdefault(e["key"], [])
        assert e["at"] == len(part)
        part += e["f32"] + e["f64"] + e["u32"] + e["text"]
        continue
    for key, part in parts.items():
        assert e[key] == [] and len(part) == classes
        lists += 1
    alone += bool(parts)
    parts = {}
print(lists >= 2, alone, not parts)
E
is 'lists that are taken apart are whole, and their events stand alone' "$(cat joined)" 'True 2 True'

# --- killed and resumed ---
listening cut.log
echo "$method; train --name cut --steps 4 --paused; step 2" >&3
until_seen $pid cut.log 1 '^[^ ]* step .*step=2 '
"$SADDLE" --no-screen --log=jsonl view cut >view.log 2>&1 &
viewer=$!
until_seen $viewer view.log 1 paused
echo eval >&3
until_seen $pid cut.log 1 '^[^ ]* eval .*step=2 '
until_seen $viewer view.log 1 '"k":"epoch"'
kill -9 $pid $viewer
wait $pid $viewer 2>/dev/null
exec 3>&-
is 'another process that views it gets lines that are as long' "$(longer view.log) $(grep -c '"of":"epoch","key":"cls",' view.log)" '0 3'
run -c 'resume cut; wait'
cp out resumed.log
is 'killed after an evaluation and resumed it ends in the very same state' "$(last_state resumed.log)" "$(sed -n 's/.*"k":"snap".*"state":"\([0-9a-f]*\)".*/\1/p' whole.txt | tail -n 1)"
run export csv cut.csv cut
is 'with both evaluations' "$code $(grep -c ',class_acc,' cut.csv)" "0 $((2 * tested))"
finish
