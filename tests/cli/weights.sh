#!/bin/sh
# load weights: the spellings that others use are taken, and said; what cannot be taken is told by name; no bad number gets in.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
python3 "$here/tensors.py" images.st 1 2
data='data tensors images.st --classes 10; model resnet8'
set_up="$data; load weights"
run -q -c "$data; seed 3; save weights w.safetensors"
is 'weights are written' "$code $err" '0 '
spell() { # NAME CHANGE...
    name=$1
    shift
    python3 "$here/respell.py" w.safetensors "$name.safetensors" "$@"
}
# Taken, with this remark, and the same bits come out again.
taken() { # NAME REMARK FILE
    run -c "$set_up $3.safetensors; save weights back.safetensors --force"
    is "$1" "$code $err $(printf '%s\n' "$out" | sed -n 's/^weights of //p') $(cmp w.safetensors back.safetensors && echo same)" \
        "0  resnet8 from $3.safetensors$2 same"
}
refused() { # NAME CODE-AND-LINE FILE
    run -q -c "$set_up $3"
    is "$1" "$code $err" "3 saddle: load: $2"
}

# --- spellings ---
taken 'exact names need no remark' '' w
spell module before=module.
taken 'module. before each name' ": 'module.' before each name is left out" module
spell deep before=state_dict.model._orig_mod.
taken 'several wrappers' ": 'state_dict.model._orig_mod.' before each name is left out" deep
for word in model net network backbone state_dict model_state_dict; do
    spell "$word" before=$word.
    taken "$word. before each name" ": '$word.' before each name is left out" "$word"
done
spell fc name=linear.:fc.
taken 'fc for linear' ': fc is taken for linear' fc
spell bare without=running_ without=num_batches
taken 'parameters only: statistics are 0 and 1, as the manual says' ': no running statistics there: 0 and 1' bare
spell all before=module. name=module.linear.:module.fc. without=running_ without=num_batches
taken 'all at once' ": 'module.' before each name is left out, fc is taken for linear, no running statistics there: 0 and 1" all
spell wide f64
taken 'float64' '' wide

# --- what is not clear is refused, with what is missing and what is left over ---
spell twice twice=module.
refused 'two sets of weights' \
    "twice.safetensors: 'bn1.num_batches_tracked' and 'module.bn1.num_batches_tracked' do not begin alike; expected the tensors of one resnet8 and nothing else" \
    twice.safetensors
spell other before=gradient.
refused 'a prefix that says it is something else' \
    "other.safetensors: none of the tensors of resnet8 is there; it holds 'gradient.conv1.weight' [16, 3, 3, 3], 'gradient.bn1.weight' [16], 'gradient.bn1.bias' [16] and 34 more" \
    other.safetensors
spell part without=layer3 name=linear.:classifier.
refused 'a part' \
    "part.safetensors: tensor 'layer3.0.conv1.weight' of resnet8 is missing, and 11 more; left over: 'classifier.weight' [10, 64], 'classifier.bias' [10]" \
    part.safetensors
spell some without=layer3.0.bn2.running_var
refused 'some of the statistics' "some.safetensors: tensor 'layer3.0.bn2.running_var' of resnet8 is missing" some.safetensors
spell nobias without=linear.bias
refused 'one tensor less' "nobias.safetensors: tensor 'linear.bias' of resnet8 is missing" nobias.safetensors
spell none only=nothing
refused 'no tensor at all' 'none.safetensors: none of the tensors of resnet8 is there; it holds no tensors' none.safetensors

# --- weights of another network: whose, and whose are expected ---
run -q -c "$data; model resnet20; save weights w20.safetensors; model resnet8 --head norm; save weights norm.safetensors"
refused 'of another depth' 'w20.safetensors: weights of resnet20 for 10 classes; expected those of resnet8 for 10 classes' w20.safetensors
run -q -c "$data; model resnet18; save weights w18.safetensors"
refused 'of another family' 'w18.safetensors: weights of resnet18 for 10 classes; expected those of resnet8 for 10 classes' w18.safetensors
run -q -c "$data; model resnet18; load weights w.safetensors"
is 'and the other way round' "$code $err" '3 saddle: load: w.safetensors: weights of resnet8 for 10 classes; expected those of resnet18 for 10 classes'
refused 'of another classifier' 'norm.safetensors: weights of resnet8 for 10 classes, head norm; expected those of resnet8 for 10 classes, head linear' norm.safetensors
run -q -c "data tensors images.st --classes 12; model resnet8; load weights w.safetensors"
is 'of another number of classes' "$code $err" '3 saddle: load: w.safetensors: weights of resnet8 for 10 classes; expected those of resnet8 for 12 classes'
python3 "$here/respell.py" w20.safetensors most.safetensors without=layer3.2.conv2 before=module.
refused 'and what is like another' \
    "most.safetensors: resnet8 has no tensor 'module.layer1.1.conv1.weight' [16, 16, 3, 3], 'module.layer1.1.bn1.weight' [16], 'module.layer1.1.bn1.bias' [16] and 56 more; most like resnet20 for 10 classes (96 of 97 tensors)" \
    most.safetensors

# --- numbers ---
bad() { # NAME WHAT PUT...
    kind=$1 line=$2
    shift 2
    spell bad "$@"
    refused "$kind" "bad.safetensors: $line" bad.safetensors
}
bad 'NaN' "tensor 'layer1.0.conv1.weight' holds nan at [1, 0, 1, 2]; expected numbers that are finite as float32" put=layer1.0.conv1.weight:149:nan
bad 'infinity' "tensor 'linear.bias' holds -inf at [9]; expected numbers that are finite as float32" put=linear.bias:9:-inf
bad 'too large for float32' "tensor 'conv1.weight' holds 1e+300 at [0, 0, 0, 0]; expected numbers that are finite as float32" f64 put=conv1.weight:0:1e300
bad 'a negative variance' "tensor 'bn1.running_var' holds -0.25 at [3]; expected variances of 0 or more" put=bn1.running_var:3:-0.25
bad 'NaN in a mean' "tensor 'bn1.running_mean' holds nan at [0]; expected numbers that are finite as float32" put=bn1.running_mean:0:nan
bad 'under a prefix too' "tensor 'module.linear.bias' holds nan at [0]; expected numbers that are finite as float32" put=linear.bias:0:nan before=module.
spell bad put=linear.bias:2:nan without=running_ without=num_batches
run -q -c "$data; hvp bad.safetensors out.safetensors"
is 'a direction is looked at too' "$code $(printf '%s\n' "$err" | grep -c "tensor 'linear.bias' holds nan at \[2\]") $(ls out.safetensors 2>/dev/null)" '1 1 '

# --- other formats: what it is, and for PyTorch and NumPy the line that converts it ---
torch_line() { # IN STEM
    printf '%s' "python3 -c \"import torch, safetensors.torch as s; d = torch.load('$1', map_location='cpu'); d = d.get('state_dict', d); s.save_file({k: v.clone().contiguous() for k, v in d.items() if torch.is_tensor(v)}, '$2.safetensors')\""
}
numpy_line() { # IN STEM
    printf '%s' "python3 -c \"import numpy, safetensors.numpy as s; s.save_file({k: numpy.ascontiguousarray(v) for k, v in numpy.load('$1').items()}, '$2.safetensors')\""
}
python3 - <<'PY'
import pickle, zipfile
with zipfile.ZipFile("w.pt", "w") as z:
    z.writestr("archive/data.pkl", pickle.dumps({}, 2))
    z.writestr("archive/data/0", b"\0" * 64)
with zipfile.ZipFile("w.npz", "w") as z:
    z.writestr("conv1.weight.npy", b"\x93NUMPY\1\0")
with zipfile.ZipFile("other.zip", "w") as z:
    z.writestr("readme.txt", "hello")
open("old.pth", "wb").write(pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps({}, 2))
open("dir.v2", "wb").write(b"")
open("a b.pkl", "wb").write(pickle.dumps({"conv1.weight": [1.0]}))
open("w.npy", "wb").write(b"\x93NUMPY\1\0" + b" " * 100)
open("w.gguf", "wb").write(b"GGUF\3\0\0\0" + b"\0" * 64)
open("w.h5", "wb").write(b"\x89HDF\r\n\x1a\n" + b"\0" * 64)
open("w.gz", "wb").write(b"\x1f\x8b\x08\0\0\0\0\0\0\3" + b"\0" * 64)
PY
refused 'a PyTorch file' "w.pt is a PyTorch file (zip); this makes safetensors of it: $(torch_line w.pt w)" w.pt
refused 'an old PyTorch file' "old.pth is a PyTorch file (pickle, of before version 1.6); this makes safetensors of it: $(torch_line old.pth old)" old.pth
refused 'a pickle, with a name that would need quoting' \
    "a b.pkl is a Python pickle, perhaps PyTorch's; this makes safetensors of it: $(torch_line FILE.pt FILE)" "'a b.pkl'"
long=a-folder-with-a-long-name/and-a-file-of-its.pth
mkdir a-folder-with-a-long-name
cp old.pth $long
refused 'the line is whole for the longest name that is put in it' \
    "$long is a PyTorch file (pickle, of before version 1.6); this makes safetensors of it: $(torch_line $long ${long%.pth})" $long
refused 'a NumPy archive' "w.npz is a NumPy archive (npz); this makes safetensors of it: $(numpy_line w.npz w)" w.npz
refused 'one array' 'w.npy is one NumPy array without a name, not safetensors' w.npy
refused 'GGUF' 'w.gguf is a GGUF file, not safetensors' w.gguf
refused 'HDF5' 'w.h5 is an HDF5 file, as Keras writes, not safetensors' w.h5
refused 'gzip' "w.gz is compressed (gzip); 'gunzip' unpacks it, not safetensors" w.gz
run -q -c "$data; set batch 8; set eval_every 0; set hessian_every 0; train --steps 1 --name s"
cp "$XDG_DATA_HOME"/saddle/sessions/s.saddle/snap-000000000001-*.zst snapshot
refused 'a snapshot' "snapshot is a file of a saddle session ('saddle export safetensors FILE RUN' writes its weights), not safetensors" snapshot
run export safetensors exported.safetensors s
if command -v zstd >/dev/null 2>&1; then
    zstd -q -dc <snapshot >decoded.safetensors
    run -c "$set_up decoded.safetensors; save weights back.safetensors --force"
    is 'decoded, it is a file of weights' "$code $err $(python3 - "$here" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
from respell import read
end, back, whole = read("exported.safetensors"), read("back.safetensors"), read("decoded.safetensors")
own = {k: t for k, t in end.items() if not k.endswith("num_batches_tracked")}
assert all(back[k] == t == whole[k] for k, t in own.items())
momentum = {k: t[:2] for k, t in whole.items() if "/" in k}
assert momentum == {"momentum/" + k: t[:2] for k, t in own.items() if "running_" not in k}
print(len(whole) - len(own) - len(momentum))
PY
)" '0  0'
else
    skip 'decoded, it is a file of weights' 'no zstd'
fi
run -c "$set_up exported.safetensors"
is 'and what it tells to do does it' "$code $err" '0 '
refused 'some other archive' 'other.zip is a zip archive, not safetensors' other.zip
refused 'nothing' 'dir.v2 is empty, not safetensors' dir.v2
mistake 'a file of images is told the same' 3 "saddle: data: w.npz is a NumPy archive (npz); this makes safetensors of it: $(numpy_line w.npz w)" -c 'data tensors w.npz'
if python3 -c 'import numpy, safetensors.numpy' 2>/dev/null; then
    python3 - <<'PY'
import numpy, safetensors.numpy
numpy.savez("real.npz", **safetensors.numpy.load_file("w.safetensors"))
PY
    eval "$(numpy_line real.npz real)"
    taken 'and the line does what it says' '' real
else
    skip 'and the line does what it says' 'no python3 with numpy and safetensors'
fi
# The line for PyTorch, with modules that stand for its own: only what it asks of them.
mkdir -p stand/safetensors
cat >stand/torch.py <<'PY'
class Tensor:
    def __init__(self, text): self.text = text
    def clone(self): return self
    def contiguous(self): return Tensor(self.text + " whole")
def is_tensor(v): return isinstance(v, Tensor)
def load(path, map_location):
    return {"epoch": 3, "state_dict": {"fc.bias": Tensor(path + " " + map_location), "note": "text"}}
PY
: >stand/safetensors/__init__.py
echo 'def save_file(d, path): open(path, "w").write(" ".join(k + ": " + v.text for k, v in d.items()))' >stand/safetensors/torch.py
(PYTHONPATH=$PWD/stand && export PYTHONPATH && eval "$(torch_line w.pt stood)")
is 'the line takes the tensors of a checkpoint' "$(cat stood.safetensors)" 'fc.bias: w.pt cpu whole'
if python3 -c 'import torch, safetensors.torch' 2>/dev/null; then
    python3 -c 'import torch, safetensors.torch as s; torch.save({"state_dict": s.load_file("w.safetensors"), "epoch": 3}, "real.pt")'
    eval "$(torch_line real.pt real2)"
    taken "and PyTorch's too" '' real2
else
    skip "and PyTorch's too" 'no python3 with torch and safetensors'
fi
finish
