#!/bin/sh
# What saddle makes of pictures beside what Pillow makes of them. SADDLE_PILLOW_PYTHON: a python3 that has Pillow and numpy.
python=${SADDLE_PILLOW_PYTHON:-python3}
work=$(mktemp -d "${TMPDIR:-/tmp}/saddle-pillow-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
"$python" -c 'import numpy, PIL' 2>/dev/null || { echo "no Pillow and numpy for $python (SADDLE_PILLOW_PYTHON names another)"; exit 77; }
"$python" -W ignore "${top_srcdir:-.}/tests/pictures/pillow.py" "${top_builddir:-.}/tests/pictures/see" "$work"
