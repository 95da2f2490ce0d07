#!/bin/sh
# data cache: copies of pictures in a folder, ended and gone on with, on a disk that fills up, and refused.
. "$(dirname "$0")/lib.sh"
painter=${top_builddir:-.}/tests/pictures/painter
[ -x "$painter" ] || { echo "no $painter"; exit 77; }
for class in ant bee; do
    for set in train test; do
        mkdir -p pics/$set/$class
        for i in 0 1 2 3 4 5; do
            echo "pics/$set/$class/$i.$([ $((i % 3)) = 0 ] && echo png || echo jpg) $((180 + 7 * i)) $((170 - 9 * i)) $(($(printf '%d' "'$class") % 5 + i))"
        done
    done
done | "$painter"
echo "pics/train/ant/small.jpg 40 20 3" | "$painter"
echo 'no picture' >pics/test/bee/text.png
quiet='model resnet8; set batch 4; set lr 0.01; set hessian_every 0; set snapshot_seconds 0'
pictures='set picture_memory 0; data folder pics --size 64'

# --- written, and read ---
run -c "$pictures; data cache small --shorter 80"
is 'pictures are copied' "$code $err" '0 '
is 'how much it will be is said first' "$(sed -n 3p out | sed 's/about [0-9.]* MiB, [0-9]* MiB/about N MiB, N MiB/')" '26 pictures of 80 pixels on the shorter side in small: about N MiB, N MiB are free'
is 'and what came of it' "$(tail -n +4 out)" "26 pictures are in small, 24 of them made smaller now
1 cannot be decoded and is as it was: 'test/bee/text.png'
'data folder small' trains on them"
is 'under the same names' "$(cd small && find . -type f ! -name '.*' | sort)" "$(cd pics && find . -type f | sort)"
is 'what is small as it is' "$(cmp pics/train/ant/small.jpg small/train/ant/small.jpg && cmp pics/test/bee/text.png small/test/bee/text.png && echo same)" same
run -c "data folder small --size 64 --bad skip; $quiet; train --steps 2; wait"
is 'and they train' "$code $err $(grep -c '^folder small: 2 classes of 6..7 images, 13 in all, 12 to test on' out)" '0  1'
run -c "data folder small --size 64 --bad skip; data check"
is 'all of them pictures' "$(grep -c '^25 pictures are read, all can be decoded$' out)" 1

# --- again: only what is new or changed ---
ls -l --time-style=full-iso small/train/ant/1.jpg >before
rm small/train/bee/4.jpg
touch pics/train/bee/2.jpg
run -c "$pictures; data cache small --shorter 80"
is 'what is there stays, and takes nothing more' "$code $(sed -n 3,4p out | sed 's/MiB, .*free/MiB/')" '0 2 pictures of 80 pixels on the shorter side in small: about 0.0 MiB; 24 are there
26 pictures are in small, 2 of them made smaller now'
is 'as it was' "$(ls -l --time-style=full-iso small/train/ant/1.jpg)" "$(cat before)"

# --- a list: the same names below another root ---
(cd pics && for f in train/*/*.jpg; do echo "$f $(case $f in */ant/*) echo 0 ;; *) echo 1 ;; esac)"; done) >list.txt
run -c "data list list.txt --root pics --size 64; data cache bylist; data list list.txt --root bylist --size 64; $quiet; train --steps 2; wait"
is 'a list is copied below another root' "$code $err $(grep -c "^'the same lists with --root bylist' trains on them$" out)" '0  1'
sed 's/^/..\/pics\//' list.txt >out.txt
mkdir -p elsewhere
mistake 'names that lead out of it' 1 "saddle: data: '../pics/train/ant/1.jpg' leads out of --root, and a cache has the names below it; relative paths without .. are accepted" \
    -c 'data list out.txt --root elsewhere --size 64; data cache never'

# --- a disk that is full: one line, what is there stays, training goes on, and the same command too ---
if [ -f "${top_builddir:-.}/tests/fault/preload.so" ] && ! nm -D "$SADDLE" 2>/dev/null | grep -q __asan_init; then
    preload=$(cd "${top_builddir:-.}" && pwd)/tests/fault/preload.so
    : >full
    LD_PRELOAD=$preload FAULT_UNDER=$work/disk FAULT_LOG=$work/calls FAULT_CALL=write FAULT_AT=9 FAULT_HOW=ENOSPC FAULT_WHILE=$work/full \
        "$SADDLE" --threads 1 -c "$pictures; data cache disk" >out 2>err
    is 'a disk that fills up' "$? $(sed "s/write '[^']*'/write 'F'/; s/; [0-9]* of/; N of/" err)" \
        "1 saddle: data: disk: cannot write 'F': No space left on device; N of 26 copies are there and stay, and the same command goes on"
    is 'and no halves' "$(find disk -name '.part*' | wc -l)" 0
    run -c "$pictures; data cache disk"
    is 'goes on when it is mended' "$code $err $(find disk -type f ! -name '.*' | wc -l) $(grep -c '; [1-9][0-9]* are there$' out)" '0  26 1'
    run -c "$pictures; data cache whole"
    is 'to the same copies' "$(diff -r disk whole && echo same)" same
fi

# --- refused ---
mkdir -p other && : >other/file
mistake 'a folder of something else' 1 'saddle: data: other is not empty, and no cache of saddle; an empty or a new folder is accepted' -c "$pictures; data cache other"
mistake 'one of another size' 1 'saddle: data: small holds a cache of another --shorter or of another saddle; another folder is accepted' -c "$pictures; data cache small"
mistake 'the pictures themselves' 1 'saddle: data: pics lies in the folder of the pictures themselves; another folder is accepted' -c "$pictures; data cache pics"
mistake 'a folder among them' 1 'saddle: data: pics/train/cache lies in the folder of the pictures themselves; another folder is accepted' -c "$pictures; data cache pics/train/cache"
is 'leaves nothing there' "$(ls -A pics/train)" 'ant
bee'
mistake 'smaller than what is seen' 1 'saddle: data: --shorter 63; 64 (as evaluations see a picture) to 4096 are accepted' -c "$pictures; data cache new --shorter 63"
mistake 'no number' 1 "saddle: data: --shorter 'x'; 1 to 4096 pixels are accepted" -c "$pictures; data cache new --shorter x"
mistake 'no folder' 1 'saddle: data: which folder? data cache DIR [--shorter N]' -c "$pictures; data cache"
mistake 'no pictures' 1 "saddle: data: no pictures on disk; 'data folder DIR' and 'data list FILE' have such" -c 'data demo; data cache new'
mistake 'another option' 1 "saddle: data: 'data cache DIR' takes --shorter N and no other option; it copies the data that are set up" -c "$pictures; data cache new --size 32"
mistake 'an option of it' 1 'saddle: data: --shorter is for data cache DIR' -c 'data folder pics --size 64 --shorter 80'
if command -v flock >/dev/null; then
    flock -F small sleep 60 &
    until ! flock -n small true; do sleep 0.1; done
    mistake 'a folder that another process writes' 6 'saddle: data: small is being written by another process; the same command goes on when that is over' \
        -c "$pictures; data cache small --shorter 80"
    kill $!
fi
is 'nothing was made' "$(ls -d new never 2>&1 | grep -vc 'No such')" 0
finish
