#!/bin/sh
# Own pictures, through the whole program: a folder and a list of them train, are found again, and are refused when they changed.
. "$(dirname "$0")/lib.sh"
painter=${top_builddir:-.}/tests/pictures/painter
[ -x "$painter" ] || { echo "no $painter"; exit 77; }
paint() { # FOLDER COUNT SEED: pictures of one class
    mkdir -p "$1"
    i=0
    while [ $i -lt "$2" ]; do
        echo "$1/$i.$([ $((i % 3)) = 0 ] && echo png || echo jpg) $((40 + i % 5)) $((36 + i % 7)) $(($3 + i % 2))"
        i=$((i + 1))
    done | "$painter"
}
paint pics/train/ant 4 10
paint pics/train/bee 12 20
paint pics/train/cat 6 30
for class in ant bee cat; do
    paint pics/test/$class 2 "$(($(printf '%d' "'$class") % 3 * 10 + 10))"
done
data_says() { # RUN FIELD: what its data event says
    "$SADDLE" cat "$1" | sed -n "s/.*\"k\":\"data\".*\"$2\":\"\([0-9a-z]*\)\".*/\1/p"
}
touch pics/train/notes.txt pics/train/bee/readme.txt
quiet='model resnet8; set batch 8; set lr 0.01; set hessian_every 0; set snapshot_seconds 0; opt sam --rho 0.1'
method="$quiet; loss ce --weights effective --drw 2; set epochs 4"

# --- a folder ---
run -c "data folder pics --size 32; $method; train --name whole; wait"
cp out whole.log
is 'a folder of pictures trains' "$code $err $(grep -c '^[^ ]* eval .* drw=1 .* tail=' whole.log)" '0  2'
is 'and is told' "$(grep -c '^folder pics: 3 classes of 4..12 images, 22 in all, 6 to test on; 32x32 pixels, 3 channels$' whole.log)" 1
is 'with what is left out' "$(grep -c '^1 file is neither .jpg, .jpeg nor .png and left out$' whole.log)" 1
is 'its classes, largest first, are recorded' "$("$SADDLE" cat whole | grep -o '"classes":\[[^]]*\],"counts":\[[^]]*\]')" '"classes":["bee","cat","ant"],"counts":[12,6,4]'
is 'and its place is not' "$("$SADDLE" cat whole | grep -c "$work")" 0

# --- killed and resumed, from the very pictures ---
killed_at ' step  step=7 ' "data folder pics --size 32; $method; train --name cut --paused; step 7"
mv pics moved
mistake 'pictures that went away' 3 "saddle: resume: where are the data of this run (folder pics)? 'resume RUN --root DIR' or 'set data_path' says it; tried: $work/pics: cannot open it: No such file or directory" resume cut
cp moved/train/ant/1.jpg saved.jpg
cp moved/train/ant/2.jpg moved/train/ant/1.jpg
run -c 'data folder moved --size 32; train --steps 1 --name other; wait'
mistake 'pictures that changed' 3 "saddle: resume: --root names other data than the run's (folder pics): folder moved of $work/moved: its training images are not those of this run (SHA-256 $(data_says other sha256 | cut -c1-12), recorded $(data_says whole sha256 | cut -c1-12))" \
    resume cut --root "$work/moved"
cp saved.jpg moved/train/ant/1.jpg
run -c 'resume cut --root moved; wait'
cp out resumed.log
is 'killed in its second epoch and resumed it ends in the very same state' "$code $err $(last_state resumed.log)" "0  $(last_state whole.log)"
run -c 'replay whole@2; eval'
is 'a moment of it is measured' "$code $err $(grep -c '^test: acc .* at step 6 ' out)" '0  1'

# --- boxes of the pictures on disk, other colours, and no picture in memory: a batch is read while the step before it is computed ---
rich="$method; set crop resized; set jitter 0.4; set picture_memory 0"
# a picture that becomes another one while a run trains on it: known by its size, as in the recording's hash
cp saved.jpg again.jpg
listening cut.log
echo "data folder moved --size 32; $rich; train --name turned --paused; step 2" >&3
until_seen $pid cut.log 1 ' step  step=2 '
cp moved/train/ant/2.jpg moved/train/ant/1.jpg
echo 'resume; wait' >&3
exec 3>&-
wait $pid
is 'a picture that is replaced in mid-run ends it, and is named' "$? $(grep -c "^error: step .*train/ant/1.jpg.: it has changed: " cut.log)" '3 1'
rm lines
cp again.jpg moved/train/ant/1.jpg
run verify turned
is 'what was trained before is whole' "$code" 0
run -v -c "data folder moved --size 32; $rich; train --name rich; wait"
cp out rich.log
is 'boxes of pictures that are read as they are needed' "$code $err $(grep -c '^[^ ]* step ' rich.log)" '0  12'
killed_at ' step  step=7 ' "data folder moved --size 32; $rich; train --name richcut --paused; step 7"
run -c 'set threads 1; resume richcut; wait'
is 'are the same for any number of threads, resumed or not' "$code $err $(last_state out)" "0  $(last_state rich.log)"
run -c "data folder moved --size 32; $method; set crop resized; set jitter 0.4; train --name rich2; wait"
is 'and from memory' "$code $err $(last_state out)" "0  $(last_state rich.log)"
mistake 'boxes of what is no picture on disk' 1 'saddle: train: crop resized is for pictures on disk (data folder, data list); crop pad is accepted' -c 'data demo; set crop resized; train'
run -c 'export script again.saddle rich'
run run again.saddle
is 'its script trains to the same state' "$code $err $(last_state out)" "0  $(last_state rich.log)"
is 'how bytes are normalised is recorded' "$("$SADDLE" cat rich | grep -c '"k":"data",.*"norm":\[0\.[0-9]*,0\.[0-9]*,0\.[0-9]*,0\.[0-9]*,0\.[0-9]*,0\.[0-9]*\]')" 1

# --- what the network sees ---
run -c 'data folder moved --size 32; set crop resized; set jitter 0.4; show augment bee --sheet sheet.png'
is 'a class is shown' "$code $err $(grep -c '^0 bee: an image as it is evaluated, and as epochs 0 and 1 see it$' out) $(grep -c '^.\{66\}$' out)" '0  1 10'
is 'and more of it on a sheet' "$(tail -n 1 out) $(head -c 24 sheet.png | od -An -tx1 | tr -d ' \n' | cut -c 33-48)" \
    'sheet.png: 6 images of 0 bee, each as it is evaluated and as epochs 0 to 6 see it 0000010e000000ca'
mistake 'a sheet that is there' 1 "saddle: show: 'sheet.png' exists; --force replaces it" -c 'data folder moved --size 32; show augment 0 --sheet sheet.png'
mistake 'a sheet of another kind' 1 "saddle: show: --sheet 'sheet.jpg'; a name that ends in .png" -c 'data folder moved --size 32; show augment 0 --sheet sheet.jpg'
mistake 'two words too much' 1 "saddle: show: 'ant' is too much; usage: show [KNOB | config|pending|weights|memory|classes|diff|stages|sam | augment CLASS [--sheet FILE [--force]]]" -c 'show config ant'

# --- all of them are read once ---
run -c 'data folder moved --size 32; data check'
is 'pictures are checked' "$code $err $(sed -n 3p out)" '0  28 pictures are read, all can be decoded'
is 'and copies are found' "$(sed -n 4p out | sed 's/^[0-9]* pictures\{0,1\} \(have the bytes of others\|has the bytes of another one\)\(, [0-9 of them]*in another class\)\{0,1\}\(, [0-9 of them]*in another split\)\{0,1\}\(; the first\)\{0,1\}: .* and .*/copies/')" copies
run -c "data folder moved --size 32; $method; train --name beside; data check; wait"
is 'beside a run that trains too' "$code $(grep -c '^28 pictures are read' out) $(grep -c 'finished' out)" '0 1 1'
mistake 'which keeps its data' 1 "saddle: data: beside2 is training; 'stop' it first" -c "data folder moved --size 32; set hessian_every 1; $quiet; set epochs 400; train --name beside2; data demo"
head -c 400 moved/train/bee/1.jpg >moved/train/bee/cut.jpg
: >moved/test/cat/void.png
mistake 'some that cannot be decoded' 3 'saddle: data: 2 pictures cannot be decoded' -c 'set picture_memory 0; data folder moved --size 32; data check' 
is 'are named, and nothing else is read again' "$(grep -A 2 '^30 pictures are read (28 by an earlier check: name, size and time are the same), 2 cannot be decoded:$' out | tail -n 2)" "'train/bee/cut.jpg': it ends too early
'test/cat/void.png': empty: 0 bytes"
run -c 'data folder moved --size 32 --bad skip; data check'
is 'those that are left out too' "$code $(grep -c "^2 pictures that cannot be decoded are left out: 'train/bee/cut.jpg', 'test/cat/void.png'" out)" '0 2'
rm moved/train/bee/cut.jpg moved/test/cat/void.png
cp moved/train/ant/2.jpg saved.jpg
tail -c +1000 moved/train/ant/2.jpg >new.jpg
touch -r moved/train/ant/2.jpg new.jpg
mv new.jpg moved/train/ant/2.jpg
touch moved/train/ant/1.jpg
run -c 'set picture_memory 0; data folder moved --size 32; data check'
is 'what has another size or time is read again' "$code $(grep -c '^28 pictures are read (26 by an earlier check' out) $(grep -c "^'train/ant/2.jpg': neither JPEG nor PNG" out)" '3 1 1'
mv saved.jpg moved/train/ant/2.jpg
for file in "$XDG_STATE_HOME"/saddle/checks/*; do echo 'ffffffffffffffffffff' >>"$file"; done
run -c 'data folder moved --size 32; data check'
is 'a kept result that is damaged is not used' "$code $(sed -n 3p out)" '0 28 pictures are read, all can be decoded'
mistake 'a check of what is drawn' 1 "saddle: data: demo-lt beta=100: no pictures on disk; 'data folder DIR' and 'data list FILE' have such" -c 'data demo; data check'

# --- CIFAR in another form ---
mkdir -p cifar/cifar-10-batches-py
touch cifar/cifar-10-batches-py/data_batch_1 cifar/cifar-10-batches-py/batches.meta
python="is the Python version (pickles), as torchvision has it; saddle reads the binary version: unpack cifar-10-binary.tar.gz of www.cs.toronto.edu/~kriz/cifar.html and name its folder"
mistake 'the Python version, below' 3 "saddle: data: cifar10: cifar/cifar-10-batches-py $python" -c 'data cifar10 --root cifar'
mistake 'the Python version' 3 "saddle: data: cifar10: cifar/cifar-10-batches-py $python" -c 'data cifar10 --root cifar/cifar-10-batches-py'
touch cifar-10-binary.tar.gz
mistake 'a packed one' 3 "saddle: data: cifar10: cifar-10-binary.tar.gz is packed; 'tar xzf' it and name the folder" -c 'data cifar10 --root cifar-10-binary.tar.gz'

# --- decoded at once they are known by their pixels, and else by their files ---
for memory in 0 1024; do
    "$SADDLE" -c "set picture_memory $memory; data folder moved --size 32; $quiet; train --steps 1 --name kept-$memory; wait" >/dev/null 2>&1
done
run compare kept-0 kept-1024 --metric step_loss
is 'of hashes of two kinds it is said that they tell nothing' "$code $err $(data_says kept-0 known_by) $(data_says kept-1024 known_by)" \
    '0 warning: compare: whether kept-1024 and kept-0 are trained on the same images cannot be told: kept-1024 knows its own by pixels, kept-0 by file names and sizes (picture_memory) files pixels'

# --- a list of the same ---
(cd moved && for class in ant:0 bee:1 cat:2; do for f in train/${class%:*}/*.jpg train/${class%:*}/*.png; do echo "$f ${class#*:}"; done; done) | sort >train.txt
(cd moved && for class in ant:0 bee:1 cat:2; do for f in test/${class%:*}/*.*; do echo "$f ${class#*:}"; done; done) | sort >test.txt
run -c "data list train.txt --root moved --test test.txt --size 32; $quiet; train --steps 2 --name list; wait"
is 'a list of pictures trains' "$code $err" '0 '
is 'of the very same images' "$(data_says list sha256) $(data_says list test_sha256)" "$(data_says whole sha256) $(data_says whole test_sha256)"
is 'named by their labels' "$("$SADDLE" cat list | grep -o '"classes":\[[^]]*\]')" '"classes":["1","2","0"]'
printf 'ant\nbee\ncat\n' >names.txt
run -c "data list train.txt --root moved --test test.txt --val-list test.txt --names names.txt --size 32; $quiet; train --steps 3 --name named; wait"
is 'or by a list of names; a third list is of validation images' \
    "$code $err $("$SADDLE" cat named | grep -o '"classes":\[[^]]*\]') $("$SADDLE" cat named | grep -c '"split":"val"')" '0  "classes":["bee","cat","ant"] 1'
run -c 'set steps 4; resume list; wait'
is 'all that belongs to it is found again' "$code $err $(grep -c 'step=4 .*finished' out)" '0  1'
mv moved again
run -c 'set steps 6; resume list --root again; wait'
is 'or is told where its pictures are' "$code $err $(grep -c 'step=6 .*finished' out)" '0  1'
mv again pics

# --- gone while it trains ---
"$SADDLE" -v -c "set picture_memory 0; data folder pics --size 32; $quiet; train --steps 100000 --name gone" >gone.log 2>gone.err &
pid=$!
until_seen $pid gone.log 1 ' step  step=3 '
mv pics/train/bee gone
wait $pid
is 'a picture that goes away in mid-run is missing data, whenever it is noticed' "$? $(grep -c '^.*error.* step [0-9]*: .*train/bee/.*No such file' gone.err)" '3 1'
mv gone pics/train/bee
run verify gone
is 'and what was recorded until then is whole' "$code $err" '0 '
mkdir -p kaggle && mv pics/train kaggle/Train && cp -r pics/test kaggle/valid
mistake 'sets of other names are no classes' 3 "saddle: data: kaggle: 'Train' is no class but a set of them by its name; sets are called train, test and val here" -c 'data folder kaggle'
mv kaggle/Train kaggle/train
run -c 'data folder kaggle --size 32'
is 'one beside train is told' "$code $(grep -c 'the folder valid beside train is not read; test and val are$' out)" '0 1'
mv kaggle/train pics/train
mistake 'an option of lists' 1 'saddle: data: --test is for list FILE' -c 'data folder pics --test test.txt'
mistake 'a long tail of too few' 1 'saddle: data: beta 100 leaves class 2 ant without any image (the largest has 12); accepted: 1..12' -c 'data folder pics --beta 100'
run -c 'data folder pics --size 32 --beta 4 --val 3 --groups 0/1/2'
is 'a long tail, a validation set and groups' "$code $err $out" '0  folder pics-lt beta=4: 3 classes of 2..11 images, 18 in all, 6 to test on, 3 held out; 32x32 pixels, 3 channels
1 file is neither .jpg, .jpeg nor .png and left out'
finish
