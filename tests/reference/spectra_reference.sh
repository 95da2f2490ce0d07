#!/bin/sh
# Hessian eigenvalues of single classes on the reference back end against PyTorch's in float64: minutes of one core, on request.
[ "${SADDLE_FIXTURE_CASES:-}" = all ] || { echo "skipped: takes minutes; SADDLE_FIXTURE_CASES=all runs it, .ci/nightly does"; exit 77; }
exec "${top_builddir:-.}/tests/reference/spectra" reference
