#!/bin/sh
# Lines with a mangled name of a kernel, which becomes a word: "_Z11conv_kernelILi16ELi8ELi1EEv9cuda_conv 5" is "conv_kernel<16,8,1> 5", as in the
# tables of SADDLE_PTX_COSTS. The words of a file `names` beside it (tests/gpu/pack), else of c++filt; 1 where there is neither.
names=$(dirname "$0")/names
if [ -f "$names" ]; then
    exec awk 'FILENAME != "-" { word[$1] = $2; next } { for (i = 1; i <= NF; i++) if ($i in word) $i = word[$i]; print }' "$names" -
fi
command -v c++filt >/dev/null || exit 1
c++filt | sed -E 's/(^| )void /\1/; s/\(.*\)( |$)/\1/; s/, /,/g'
