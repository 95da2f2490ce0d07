#!/bin/sh
# The cpu back end against the code of the systems that came after the paper: every case that saddle has.
exec "${top_builddir:-.}/tests/reference/systems" cpu
