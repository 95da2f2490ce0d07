#!/bin/sh
# The reference back end against the code of the systems that came after the paper: losses; more: a case of steps too; all: every case that
# saddle has.
. "$(dirname "$0")/cases.sh"
compare systems reference 'k10/ k100/' 'k10/ k100/ resnet8/ce/sam'
