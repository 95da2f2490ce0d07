# What is sent to a run, typed at a prompt, and fails of a sweep.
told_of_plans = \
	tests/told/ctl.t \
	tests/told/prompts.t \
	tests/told/sweeps_failed.t
TESTS += $(told_of_plans)
EXTRA_DIST += $(told_of_plans)

# Transcripts: what the program prints, word for word. One a line, by name.
told_transcripts = \
	tests/told/alerted.t \
	tests/told/board.t \
	tests/told/bundled.t \
	tests/told/chosen.t \
	tests/told/command_line.t \
	tests/told/compared.t \
	tests/told/compared_files.t \
	tests/told/compared_moments.t \
	tests/told/complete.t \
	tests/told/complete_names.t \
	tests/told/data.t \
	tests/told/directions.t \
	tests/told/empty_class.t \
	tests/told/ends.t \
	tests/told/beats.t \
	tests/told/forked.t \
	tests/told/front.t \
	tests/told/grammar.t \
	tests/told/inherited.t \
	tests/told/killed.t \
	tests/told/limits_of_run.t \
	tests/told/limits_of_set_up.t \
	tests/told/listed.t \
	tests/told/log_lines.t \
	tests/told/looking.t \
	tests/told/terminal.t \
	tests/told/many.t \
	tests/told/maths.t \
	tests/told/moments.t \
	tests/told/moments_of_commands.t \
	tests/told/named_classes.t \
	tests/told/odd_names.t \
	tests/told/paper.t \
	tests/told/paper_rows.t \
	tests/told/papers.t \
	tests/told/pictures.t \
	tests/told/planned.t \
	tests/told/prompted.t \
	tests/told/readings.t \
	tests/told/recorded.t \
	tests/told/removed.t \
	tests/told/repeated.t \
	tests/told/replayed.t \
	tests/told/schedules.t \
	tests/told/scripts.t \
	tests/told/shown.t \
	tests/told/signalled.t \
	tests/told/spectra.t \
	tests/told/staged.t \
	tests/told/stages_probed.t \
	tests/told/steered.t \
	tests/told/stepped.t \
	tests/told/sweeps.t \
	tests/told/sweeps_decided.t \
	tests/told/sweeps_refused.t \
	tests/told/tables.t \
	tests/told/tables_of.t \
	tests/told/tables_wide.t \
	tests/told/taken_up.t \
	tests/told/twice.t \
	tests/told/verified.t \
	tests/told/visited.t \
	tests/told/waited.t \
	tests/told/watched.t \
	tests/told/why.t \
	tests/told/words_of_knobs.t
TEST_EXTENSIONS = .t
T_LOG_COMPILER = $(LOG_COMPILER) $(srcdir)/tests/told/told.sh
TESTS += $(told_transcripts)
EXTRA_DIST += $(told_transcripts) \
	tests/told/board_text.py \
	tests/told/forge.py \
	tests/told/images.py \
	tests/told/little.py \
	tests/told/odd.sh \
	tests/told/prompt.py \
	tests/told/setup.sh \
	tests/told/told.sh

# What is read of recordings: forge.py writes them.
told_of_recordings = \
	tests/told/recorded.t \
	tests/told/shown.t \
	tests/told/why.t \
	tests/told/compared.t \
	tests/told/compared_moments.t \
	tests/told/compared_files.t \
	tests/told/tables.t \
	tests/told/tables_of.t \
	tests/told/tables_wide.t \
	tests/told/papers.t \
	tests/told/board.t \
	tests/told/repeated.t \
	tests/told/verified.t \
	tests/told/bundled.t \
	tests/told/figures.t \
	tests/told/figures_confused.t \
	tests/told/figures_dense.t \
	tests/told/figures_compared.t \
	tests/told/removed.t
TESTS += $(told_of_recordings)
EXTRA_DIST += tests/told/forge.py tests/told/board_text.py $(told_of_recordings)

# What is drawn, as text: pen.so stands before cairo. Time that passes: minutes.so stands before libc.
EXTRA_DIST += tests/told/pen.c tests/told/minutes.c
if PRELOAD
check_DATA += tests/told/pen.so tests/told/minutes.so
tests/told/minutes.so: tests/told/minutes.c Makefile
	$(AM_V_at)$(MKDIR_P) tests/told
	$(AM_V_CCLD)$(CC) $(SADDLE_CFLAGS) $(CFLAGS) -shared -fPIC $(LDFLAGS) -o $@ $(srcdir)/tests/told/minutes.c
tests/told/pen.so: tests/told/pen.c Makefile
	$(AM_V_at)$(MKDIR_P) tests/told
	$(AM_V_CCLD)$(CC) $(SADDLE_CFLAGS) $(CFLAGS) $(CAIRO_CFLAGS) -shared -fPIC $(LDFLAGS) -o $@ $(srcdir)/tests/told/pen.c
endif
CLEANFILES += tests/told/pen.so tests/told/minutes.so
