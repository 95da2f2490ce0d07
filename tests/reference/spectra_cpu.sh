#!/bin/sh
# Hessian eigenvalues of a class of the tail on the cpu back end against PyTorch's in float64. SADDLE_FIXTURE_CASES=all: of each class.
program=${top_builddir:-.}/tests/reference/spectra
[ "${SADDLE_FIXTURE_CASES:-}" != all ] || exec "$program" cpu
exec "$program" cpu 9
