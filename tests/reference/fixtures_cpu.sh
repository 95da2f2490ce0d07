#!/bin/sh
# The cpu back end against the paper's own code.
exec "${top_builddir:-.}/tests/reference/fixtures" cpu
