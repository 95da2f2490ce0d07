#!/bin/sh
# Images of another size than CIFAR's, through the whole program: training with SAM and re-weighting, spectra, kill and resume, export.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
make_file() { # FILE SEED TEST_SEED SIZES...
    python3 "$here/tensors.py" "$@"
}
make_file grey.st 1 2 1x24x40 U8 LT
method='data tensors grey.st; model resnet8; loss ce --weights effective --drw 2; opt sam --rho 0.1; set augment on; set shuffle on; set batch 8
set epochs 4; set lr 0.01; set hessian_every 0; set snapshot_seconds 0'

# --- a run, whole ---
run -c "$method; train --name whole; wait; hessian 2 --iters 6; save weights end.st"
cp out whole.log
is 'grey images of 24x40 train' "$code $err $(grep -c '^tensors grey.st: 3 classes of 3..15 images, 24 in all, 6 to test on; 24x40 pixels, 1 channel$' whole.log)" '0  1'
is 'with an evaluation each epoch, re-weighted from the second' "$(grep -c '^[^ ]* eval .* drw=0 .* acc=' whole.log) $(grep -c '^[^ ]* eval .* drw=1 .* acc=' whole.log)" '2 2'
is 'and the spectrum of a class' "$(grep -c '^[^ ]* eig .* class=2 .* lmin=.* iters=6 images=3' whole.log)" 1
is 'the recording says the size' "$("$SADDLE" cat whole | grep -c '"k":"data",.*"image":\[24,40,1\]')" 1
run -c 'export safetensors out.st whole@4'
is 'the weights are exported, of one channel' "$code $(cmp out.st end.st) $(head -c 9000 out.st | grep -ac '"conv1.weight":{"dtype":"F32","shape":\[16,1,3,3\]')" '0  1'

# --- killed and resumed ---
killed_at ' step  step=7 ' "$method; train --name cut --paused; step 7"
make_file turned.st 1 2 1x40x24 U8 LT
mistake 'a recording with the same bytes in another shape' 3 \
    "saddle: resume: --root names other data than the run's (tensors grey.st): tensors turned.st of turned.st: its images are of 40x24 pixels with 1 channel, those of this run of 24x40 with 1" \
    -c 'resume cut --root turned.st'
run -c 'resume cut; wait'
cp out resumed.log
is 'killed in its third epoch and resumed it ends in the very same state' "$code $err $(last_state resumed.log)" "0  $(last_state whole.log)"

# --- bytes are normalised: as if a file had brought what they become; augmentation changes them ---
losses() { # of steps, evaluation and probe
    sed -n 's/^[^ ]* \(step\|eval\|eig\) .* loss=\([0-9.]*\).*/\1 \2/p' out
}
alike() { # FILE FILE: how many losses, and how many of them are further apart than 1e-4
    paste -d ' ' "$1" "$2" | awk '{ d = $2 - $4; if ($1 != $3 || d > 1e-4 * $4 || -d > 1e-4 * $4) n++ } END { print NR, n + 0 }'
}
short='model resnet8; device cpu; set batch 8; set lr 0.01; train --steps 2; wait; hessian 2 --iters 2'
for channels in 1 3; do
    make_file bytes.st 1 2 ${channels}x64x48 U8 LT
    make_file floats.st 1 2 ${channels}x64x48 NORM LT
    run -v -c "data tensors floats.st; $short"
    losses >floats.log
    run -v -c "data tensors bytes.st; $short"
    losses >bytes.log
    is "pictures of 64x48 with $channels channels are normalised" "$code $err $(alike floats.log bytes.log)" '0  4 0'
    run -v -c "data tensors bytes.st; set augment on; $short"
    losses >augmented.log
    is 'and augmented' "$code $err $(alike augmented.log bytes.log | sed 's/[1-4]$/some/')" '0  4 some'
done

# --- a network for larger pictures ---
run -c "data tensors bytes.st; model resnet18; device cpu; set batch 8; opt sam --rho 0.1; set augment on; set snapshot_seconds 0; train --steps 2; wait
hessian 2 --iters 2" -v
cp out larger.log
is 'resnet18 trains on the cpu' "$code $err $(grep -c '^[^ ]* eval .* step=2 .* acc=' larger.log)" '0  1'
is 'and has its spectrum' "$(grep -c '^[^ ]* eig .* class=2 .* lmin=.* iters=2 images=3' larger.log)" 1

# --- what is refused ---
make_file two.st 1 2 2x16x16 U8
make_file low.st 1 2 1x7x16 U8
make_file wide.st 1 2 1x8x257 U8
make_file unlike.st 1 2 1x16x16 1x16x17 U8
refuse() { # NAME FILE WHY
    mistake "$1" 3 "saddle: data: $2: $3" -c "data tensors $2"
}
refuse 'two channels' two.st "'images': shape [24, 2, 16, 16]: 2 channels; 1 and 3 are accepted, before height and width"
refuse 'a side too short' low.st "'images': shape [24, 1, 7, 16]: images 7 pixels high; 8 to 256 are accepted"
refuse 'a side too long' wide.st "'images': shape [24, 1, 8, 257]: images 257 pixels wide; 8 to 256 are accepted"
refuse 'other images to test on' unlike.st "'test_images' are of 16x17 pixels with 1 channel, 'images' of 16x16 with 1: the same are accepted"
sed 's/\[24, 1, 16, 16\]/[24, 1, 16, 61]/' unlike.st >odd.st
refuse 'a shape that is not the size of the data' odd.st "tensor 'images': data_offsets span 6144 bytes, dtype and shape say 23424"

# --- what does not fit into memory: 4096 images of resnet110 at 256x256, thousands of gigabytes ---
make_file big.st 1 2 1x256x256 U8
too_large() { # NAME WHAT COMMANDS...
    what=$2 name=$1
    shift 2
    run "$@"
    is "$name" "$code $(printf '%s\n' "$err" | sed 's/needs .*[0-9] [GM]iB are free; .*batch.* fits*\(,.*\|\)$/.../; s/needs more memory than there is.*/.../')" \
        "4 saddle: $what: resnet110 on images of 256x256 in batches of 4096 ..."
}
large='data tensors big.st; model resnet110; set batch 4096'
too_large 'a batch too large' train -c "$large; train --name large"
is 'nothing is recorded of it' "$(ls "$XDG_DATA_HOME"/saddle/sessions | grep -c large)" 0
too_large 'the same, planned' train -n -c "$large; train"
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}allocator_may_return_null=1" # a sanitizer's own limit is an answer too
too_large 'the same on the reference device' train -c "$large; device reference; train"
too_large 'and evaluated' eval -c "$large; eval train"
too_large 'and its curvature' hessian -c "$large; hessian 1"
finish
