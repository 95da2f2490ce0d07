#!/bin/sh
# Hessian eigenvalues of single classes on the reference back end against PyTorch's in float64.
exec "${top_builddir:-.}/tests/reference/spectra" reference
