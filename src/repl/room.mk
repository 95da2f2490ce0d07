noinst_LIBRARIES += librepl.a
librepl_a_CPPFLAGS = $(AM_CPPFLAGS) -DBINDIR=\"$(bindir)\" -DPKGDATADIR=\"$(pkgdatadir)\" -DSOURCE_DIR=\"$(abs_top_srcdir)\"
librepl_a_SOURCES = \
	src/repl/alerts.c \
	src/repl/attach.c \
	src/repl/bench.h \
	src/repl/campaign.c src/repl/campaign.h \
	src/repl/child.c \
	src/repl/class_names.c \
	src/repl/cmd_augment.c \
	src/repl/cmd_data.c \
	src/repl/cmd_export.c \
	src/repl/cmd_pictures.c \
	src/repl/cmd_fork.c \
	src/repl/cmd_import.c \
	src/repl/cmd_knobs.c \
	src/repl/cmd_look.c \
	src/repl/cmd_out.c \
	src/repl/cmd_reproduce.c src/repl/reproduce.h src/repl/reproduce_plan.c src/repl/reproduce_results.c \
	src/repl/cmd_rm.c \
	src/repl/cmd_run.c \
	src/repl/cmd_session.c \
	src/repl/cmd_sessions.c \
	src/repl/cmd_setup.c \
	src/repl/cmd_sweep.c src/repl/sweep.h src/repl/sweep_file.c src/repl/sweep_plan.c src/repl/sweep_results.c src/repl/sweep_run.c src/repl/sweep_table.c \
	src/repl/cmd_shell.c src/repl/cmd_wait.c \
	src/repl/cmd_stage.c src/repl/cmd_sam.c src/repl/combinations.c src/repl/combinations.h \
	src/repl/commands.c src/repl/commands.h src/repl/commands.def \
	src/repl/comparing.c \
	src/repl/cmd_compare.c src/repl/compare_text.c src/repl/compare_text.h \
	src/repl/complete.c \
	src/repl/ctl.c src/repl/ctl.h \
	src/repl/datasets.c src/repl/datasets.h \
	src/repl/export_runs.c \
	src/repl/find_data.c \
	src/repl/grammar.c \
	src/repl/handlers.h \
	src/repl/headless.c src/repl/headless.h \
	src/repl/help.c \
	src/repl/lex.c src/repl/lex.h \
	src/repl/lines.c \
	src/repl/logline.c \
	src/repl/manual.h \
	src/repl/options.c src/repl/options.h src/repl/options.def \
	src/repl/paper.c src/repl/paper.h src/repl/paper.def \
	src/repl/plan.c \
	src/repl/cmd_probe.c \
	src/repl/queue.c \
	src/repl/recipes.c \
	src/repl/replay.c \
	src/repl/moment.c \
	src/repl/origin.c \
	src/repl/outside.c \
	src/repl/parting.c \
	src/repl/point.c \
	src/repl/resume.c \
	src/repl/roll.c \
	src/repl/run.c \
	src/repl/script.c src/repl/script.h \
	src/repl/source.c \
	src/repl/setup.c \
	src/repl/shell_words.c src/repl/shells.c \
	src/repl/why.c \
	src/repl/words.c src/repl/words.h src/repl/words.def \
	src/repl/workbench.c src/repl/workbench.h
