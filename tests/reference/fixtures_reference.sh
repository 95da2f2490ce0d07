#!/bin/sh
# The reference back end against the paper's own code: a case of the smallest network; more: one of each loss; all: all sixteen, ResNet-32
# too (five minutes of one core).
. "$(dirname "$0")/cases.sh"
compare fixtures reference resnet8/ce_drw 'resnet8/ce_drw resnet8/focal_drw resnet8/vs_drw resnet8-norm/ldam_drw'
