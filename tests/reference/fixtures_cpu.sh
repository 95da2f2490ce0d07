#!/bin/sh
# The cpu back end against the paper's own code: every case of the smallest network; more: two of ResNet-32 too; all: all sixteen.
. "$(dirname "$0")/cases.sh"
compare fixtures cpu resnet8 'resnet8 resnet32/ce_drw resnet32-norm/ldam_drw'
