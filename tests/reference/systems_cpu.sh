#!/bin/sh
# The cpu back end against the code of the systems that came after the paper: every case that saddle has but steps of some losses twice; more and all: each.
. "$(dirname "$0")/cases.sh"
compare systems cpu 'k10/ k100/ sampler stage resnet8/ce resnet8+batch10/bs' 'k10/ k100/ sampler stage resnet8'
