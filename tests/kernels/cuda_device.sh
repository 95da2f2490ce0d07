#!/bin/sh
# The cuda back end against the reference on this machine's GPU; skips without one.
exec "${top_builddir:-.}/tests/kernels/device" cuda
