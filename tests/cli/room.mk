# The real program, run by scripts.
cli_scripts = tests/cli/mistakes.sh tests/cli/scripts.sh tests/cli/runs.sh tests/cli/manual.sh tests/cli/damage.sh tests/cli/numbers.sh
dist_check_SCRIPTS += $(cli_scripts) tests/cli/compare.py
TESTS += $(cli_scripts)
EXTRA_DIST += tests/cli/lib.sh
