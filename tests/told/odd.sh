# odd.sh - read by transcripts that measure: a small run on images whose classes have 131, 3, 20, 7 and 1 to train on and 60, 1, none, 45 and 7 to
# test on: two shards of a probe, one and a part of a batch of an evaluation, a class without test images. Its network takes some for others.
odd='data tensors odd; set batch 16; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; unwatch; set epochs 2; set lr 0.01; set model resnet8; set seed 5'
python3 "$TOLD/images.py" odd 131,3,20,7,1 60,1,0,45,7
# events RUN KIND|KIND: what was recorded, without times, numbers cut to seven digits.
events() {
    saddle --sessions . cat "$1" | sed -nE "/\"k\":\"($2)\"/{ s/\"(q|s|m)\":[0-9]*,//g; s/,\"sec\":[^,}]*//; s/([0-9]\.[0-9]{6})[0-9]+/\1/g; p }"
}
# at RUN[@EPOCH] 'COMMAND; ...': of a replay there, what is told there.
at() {
    saddle --sessions . -c "replay $1; $2" | grep -vE '^[^ ]+: at epoch|^weights of epoch'
}
