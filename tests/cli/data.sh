#!/bin/sh
# Where data lie is of this machine and this user: nothing of it is recorded, and a run finds its data again by their hash.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
make_file() { # FILE SEED TEST_SEED
    python3 "$here/tensors.py" "$@"
}
known=$XDG_STATE_HOME/saddle/data
quiet='model resnet8; set batch 8; set eval_every 0; set hessian_every 0; set snapshot_seconds 0'
mkdir a b elsewhere
make_file a/batch.safetensors 1 2
goes_on() { # NAME STEP WORDS-OF-RESUME: the last lines of a resume up to that step
    run -c "resume $3 --paused; stop --yes at step $2; resume"
    is "$1" "$code $err $(printf '%s\n' "$out" | grep -c " step=$2 .* stopped asked for")" '0  1'
}

# --- what is recorded ---
run -c "data tensors a/batch.safetensors; $quiet; train --steps 40 --name one --paused; stop --yes at step 5; resume"
is 'a run on a file of tensors' "$code $err" '0 '
paths() { # RUN: places of this machine in its journal and its snapshots
    zstd -dcq "$XDG_DATA_HOME/saddle/sessions/$1.saddle"/*.zst | grep -ac -e "$work" -e data_path -e "a/batch"
}
is 'its recording holds no path of this machine' "$(paths one)" 0
is 'but the hashes of what it trains on and is tested on' \
    "$("$SADDLE" cat one | grep -c '"k":"data",.*"sha256":"[0-9a-f]\{64\}",.*"test_sha256":"[0-9a-f]\{64\}"')" 1
is 'where they lie is noted for this user alone' "$(stat -c %a "$known") $(sed 's/^[0-9a-f]\{64\} //' "$known")" \
    "600 tensors $work/a/batch.safetensors"

# --- what is told before the training ---
run -c "data tensors a/batch.safetensors; show config"
is 'images are mixed, and stay as they are' "$code $(printf '%s\n' "$out" | grep -cE '^ *(shuffle +on|augment +off)( |$)')" '0 2'
PYTHONPATH=$here python3 -c 'import struct, tensors
tensors.write("few.safetensors", [("images", "U8", [4, 1, 8, 8], bytes(256)), ("labels", "I64", [4], struct.pack("<4q", 1, 1, 3, 3))])'
run -c 'data tensors few.safetensors'
is 'classes without images and a file without a test set' "$code $(printf '%s\n' "$out" | grep -c -e \
    '^2 of the 4 classes without an image to train on, the first is 0; labels count from 0$' -e \
    '^no images to test on, so nothing will be evaluated; test_images and test_labels in the file, or --val N, change that$')" '0 2'
run -c 'data tensors few.safetensors --classes 4 --val 2'
is 'with some held out that is fine' "$code $(printf '%s\n' "$out" | grep -c 'nothing will be')" '0 0'
printf '\211PNG\r\n\032\n' >one.png
mistake 'a picture' 3 'saddle: data: one.png is a PNG picture, not safetensors' -c 'data tensors one.png'

vectors='hessian 1 --iters 3 --images 4 --save'
run -c "data tensors a/batch.safetensors; $quiet; train --steps 4 --name saves --paused; $vectors $work/v0.st; $vectors '$work/v1.st' at step 1
$vectors $work/v1.st at step 2; $vectors $work/v9.st --force at step 9; cancel 3; resume"
is 'files that commands write are there' "$code $(ls v*.st | tr '\n' ' ')" '0 v0.st v1.st '
is 'and recorded by name, not by place' "$(paths saves) $("$SADDLE" cat saves | grep -c '"txt":"hessian .* --save .v0.st')" '0 1'

# --- found again ---
(cd elsewhere && goes_on 'resume finds it from any folder' 8 one; echo "$n $failed" >"$work/count")
read -r n failed <"$work/count"
looked() { # NAME COMMANDS: a replay that evaluates its moment
    run -c "$2"
    is "$1" "$code $(printf '%s\n' "$out" | grep -c '^test: acc .* at step 3 ')" '0 1'
}
looked 'so does a replay that evaluates' 'replay one@1; eval'
mv a/batch.safetensors b/moved.safetensors
run -c 'replay one@1; eval'
is 'moved data: a replay says so' "$code $(printf '%s\n' "$err" | grep -c "^saddle: eval: where are the data of this run .* 'set data_path' says it")" '3 1'
looked "and takes 'set data_path'" 'set data_path b/moved.safetensors; replay one@1; eval'
mistake 'no other sub-command takes --root' 2 "saddle: --root is for 'saddle resume RUN' and 'saddle fork RUN'; commands have a --root of their own" replay one --root b
mistake 'moved data: the message says how to name them' 3 \
    "saddle: resume: where are the data of this run (tensors batch.safetensors)? 'resume RUN --root FILE' or 'set data_path' says it; tried: cannot open $work/a/batch.safetensors: No such file or directory" \
    resume one
goes_on 'resume --root names the file' 11 'one --root b/moved.safetensors'
is 'and is remembered' "$(sed 's/^[0-9a-f]* //' "$known" | tail -n 1)" "tensors $work/b/moved.safetensors"
mv b/moved.safetensors a/batch.safetensors
looked 'data that came back are found at the place of before' 'replay one@1; eval'
mv a/batch.safetensors b/moved.safetensors
is 'of which each is noted once' "$(sed 's/^[0-9a-f]* //' "$known" | tr '\n' ' ')" "tensors $work/a/batch.safetensors tensors $work/b/moved.safetensors "
goes_on 'so that the next resume needs no word' 14 one
rm "$known"
mkdir -p "$XDG_CONFIG_HOME/saddle"
echo "set data_path $work/b/moved.safetensors" >"$XDG_CONFIG_HOME/saddle/saddlerc"
goes_on "'set data_path' in saddlerc is a place too" 17 one
rm "$XDG_CONFIG_HOME/saddle/saddlerc" "$known"
mistake 'a machine that knows nothing' 3 \
    "saddle: resume: where are the data of this run (tensors batch.safetensors)? 'resume RUN --root FILE' or 'set data_path' says it" resume one

# --- other data in their place ---
hash() { # FIELD: of the recording
    "$SADDLE" cat one | sed -n "s/.*\"k\":\"data\",.*\"$1\":\"\([0-9a-f]*\)\".*/\1/p"
}
refused() { # NAME WHICH FIELD FILE
    run -c "resume one --root $4"
    is "$1" "$code $(printf '%s\n' "$err" | sed "s/SHA-256 [0-9a-f]\{12\}/SHA-256 .../")" \
        "3 saddle: resume: --root names other data than the run's (tensors batch.safetensors): tensors ${4##*/} of $4: its $2 images are not those of this run (SHA-256 ..., recorded $(hash "$3" | cut -c1-12))"
}
make_file b/trained.safetensors 3 2
make_file b/tested.safetensors 1 3
refused 'other training images are refused' training sha256 b/trained.safetensors
refused 'other test images too' test test_sha256 b/tested.safetensors
is 'and nothing of it is remembered' "$(ls "$known" 2>/dev/null)" ''
goes_on 'the right file still goes on' 20 'one --root b/moved.safetensors'
run resume one --root "$work/b/tested.safetensors" --no-screen
is 'the same from a shell' "$code $(printf '%s\n' "$err" | grep -c 'its test images are not those of this run')" '3 1'

# --- a recording of before: it holds a path, which is not used, and no hash of the test images ---
mkdir older.saddle # of files that may be written, wherever the sources are
cat "$here/older.saddle/journal-000001.zst" >older.saddle/journal-000001.zst
is 'an older recording holds a path' "$("$SADDLE" cat ./older.saddle | grep -c 'data_path=/tmp/elsewhere/data/batch.safetensors')" 1
mv "$known" known
run resume ./older.saddle
is 'which is not even looked at' "$code $err" \
    "3 saddle: resume: where are the data of this run (tensors batch.safetensors)? 'resume RUN --root FILE' or 'set data_path' says it"
mv known "$known"
goes_on 'its data are found by their hash' 8 ./older.saddle
run resume ./older.saddle --root b/trained.safetensors
is 'other training images are refused' "$code $(printf '%s\n' "$err" | grep -c 'its training images are not those of this run')" '3 1'
# --- a list that cannot be kept is a warning, a damaged one no list ---
printf 'nonsense\n%s\n\n' "$(hash sha256) tensors relative" >"$known"
mistake 'a damaged list is empty' 3 \
    "saddle: resume: where are the data of this run (tensors batch.safetensors)? 'resume RUN --root FILE' or 'set data_path' says it" resume one
goes_on 'and is written anew' 23 'one --root b/moved.safetensors'
is 'line by line' "$(sed 's/^[0-9a-f]\{64\} //' "$known")" "tensors $work/b/moved.safetensors"
rm "$known"
mkdir "$known"
run -c "data tensors b/moved.safetensors; $quiet; train --steps 2 --name two"
is 'a list that cannot be written ends no run' "$code $(printf '%s\n' "$err" | grep -c "^warning: train: where the data lie is not remembered, 'resume' will need --root: .*$known")" '0 1'
rmdir "$known"

# --- CIFAR: a folder, of which every run keeps other images ---
python3 - <<'PY'
import os
os.mkdir("cifar")
with open("cifar/data_batch_1.bin", "wb") as out:
    for i in range(10000):
        out.write(bytes([i % 10]) + bytes([i * 7 % 256, i // 256]) * 1536)
for name in ["data_batch_%d.bin" % i for i in range(2, 6)] + ["test_batch.bin"]:
    os.symlink("data_batch_1.bin", "cifar/" + name)
open("cifar/batches.meta.txt", "w").write("\n".join("class%d" % i for i in range(10)) + "\n")
PY
mistake 'no folder' 3 'saddle: data: cifar10 needs its binary version, data_batch_1.bin to data_batch_5.bin and test_batch.bin; name their folder with --root DIR or $SADDLE_DATA (looked here, in data, ../data, ~/data, ~/datasets and ~/Downloads)' \
    -c 'data cifar10-lt'
mkdir datasets
ln -s "$work/cifar" datasets/cifar-10-batches-bin
run -c 'data cifar10-lt'
is 'a folder in a usual place is found and named' "$code $(echo "$out" | grep found)" \
    "0 cifar10: found in '$HOME/datasets/cifar-10-batches-bin'; --root DIR names another folder"
rm -r datasets
SADDLE_DATA=$work/cifar
export SADDLE_DATA
run -c "data cifar10-lt --beta 100; $quiet; train --steps 4 --name env --paused; stop --yes at step 2; resume"
unset SADDLE_DATA
is 'a folder of $SADDLE_DATA is remembered' "$code $(sed 's/^[0-9a-f]\{64\} //' "$known")" "0 cifar10 $work/cifar"
run resume env
is 'and found' "$code $err" '0 '
XDG_STATE_HOME=$work/another run -c "data cifar10-lt --beta 200 --root cifar; $quiet; train --steps 40 --name sent --paused; stop --yes at step 2; resume"
XDG_STATE_HOME=$work/state
run -c 'resume sent --paused; stop --yes at step 5; resume'
is 'so are other images of the same files, recorded elsewhere' "$code $err $(grep -c " cifar10 $work/cifar\$" "$known")" '0  2'
mv cifar moved
run -c "data cifar10-lt --beta 100 --root moved; $quiet; train --steps 4 --name third --paused; stop --yes at step 2; resume; wait; resume sent --root moved --paused; stop --yes at step 8; resume"
is 'of each hash the newest place and the one before' "$(sed 's/^[0-9a-f]\{64\} //' "$known" | sort | uniq -c | tr -s ' ')" " 2 cifar10 $work/cifar
 2 cifar10 $work/moved"

run -c "set data_path $work/moved; data cifar10-lt; $quiet; train --steps 4 --name set --paused; set data_path $work/a"
is 'data_path is no knob of a run under way' "$code $(printf '%s\n' "$err" | grep -c '^saddle: set: data_path ')" '1 1'
is 'and is in no recording, however it was given' "$(paths env) $(paths sent) $(paths third) $(paths set)" '0 0 0 0'

# --- the demo is drawn ---
run -c "$tiny; train --steps 3 --name drawn --paused; stop --yes at step 2; resume"
mistake 'the demo has no folder' 1 'saddle: resume: the demo is drawn and needs no folder' resume drawn --root moved
is 'and is not in the list' "$(grep -c demo "$known")" 0
finish
