# The real program, run by scripts.
cli_scripts = \
	tests/cli/mistakes.sh \
	tests/cli/scripts.sh \
	tests/cli/runs.sh \
	tests/cli/manual.sh \
	tests/cli/sam.sh \
	tests/cli/words.sh \
	tests/cli/curves.sh \
	tests/cli/damage.sh \
	tests/cli/numbers.sh \
	tests/cli/data.sh \
	tests/cli/sizes.sh \
	tests/cli/classes.sh \
	tests/cli/cache.sh tests/cli/longtail.sh tests/cli/pictures.sh \
	tests/cli/weights.sh \
	tests/cli/output.sh \
	tests/cli/trouble.sh \
	tests/cli/files.sh \
	tests/cli/plan.sh \
	tests/cli/again.sh \
	tests/cli/reading.sh \
	tests/cli/stage.sh \
	tests/cli/fork.sh \
	tests/cli/math.sh \
	tests/cli/second.sh \
	tests/cli/repeat.sh \
	tests/cli/bundle.sh \
	tests/cli/takehome.sh \
	tests/cli/completion.py \
	tests/cli/compare.sh \
	tests/cli/sweep.sh \
	tests/cli/outside.sh \
	tests/cli/release.sh \
	tests/cli/batch.sh \
	tests/cli/alerts.sh \
	tests/cli/auto.sh \
	tests/cli/reproduce.sh \
	tests/cli/steered.py tests/cli/soak.py
dist_check_SCRIPTS += $(cli_scripts) tests/cli/board.py tests/cli/compare.py tests/cli/tensors.py tests/cli/respell.py
TESTS += $(cli_scripts)
EXTRA_DIST += tests/cli/lib.sh tests/cli/older.saddle/journal-000001.zst

# The recorded session a newcomer replays first.
dist_check_SCRIPTS += tests/cli/demo_session.sh
TESTS += tests/cli/demo_session.sh
EXTRA_DIST += sessions/demo.saddle/journal-000001.zst sessions/demo.saddle/snap-000000001560-t0.safetensors.zst
