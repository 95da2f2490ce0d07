#!/bin/sh
# Lines with a mangled name of a kernel, which becomes a word: "_Z11conv_kernelILi16ELi8ELi1EEv9cuda_conv 5" is "conv_kernel<16,8,1> 5", as in the
# tables of SADDLE_PTX_COSTS. 1 where there is no c++filt.
command -v c++filt >/dev/null || exit 1
c++filt | sed -E 's/(^| )void /\1/; s/\(.*\)( |$)/\1/; s/, /,/g'
