noinst_LIBRARIES += libtui.a
libtui_a_SOURCES = src/tui/canvas.c src/tui/canvas.h src/tui/glyphs.c src/tui/glyphs.h src/tui/palette.c src/tui/palette.h src/tui/widgets.c src/tui/widgets.h \
	src/tui/layout.c src/tui/layout.h src/tui/screen.c src/tui/screen.h src/tui/classes.c \
	src/tui/classes.h src/tui/classes_paint.c src/tui/compare.c src/tui/compare.h src/tui/compare_classes.c src/tui/compare_traces.c src/tui/curvature.c src/tui/curves.h src/tui/esd.c src/tui/slices.c src/tui/readings.c src/tui/results.c src/tui/traces.c src/tui/lists.c src/tui/header.c \
	src/tui/overlay.c src/tui/keys.c src/tui/keys.h src/tui/keys.def src/tui/input.c src/tui/input.h src/tui/prompt.c \
	src/tui/prompt.h src/tui/line.c src/tui/line.h src/tui/guard.c src/tui/guard.h src/tui/term.c src/tui/term.h \
	src/tui/app.h src/tui/actions.c src/tui/cursor_keys.c src/tui/run_line.c src/tui/jobs.c src/tui/doctor.c src/tui/tui.c src/tui/tui.h
