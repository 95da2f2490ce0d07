# tests/screen
if HAVE_CMOCKA
check_PROGRAMS += tests/screen/input tests/screen/layout tests/screen/canvas tests/screen/palette tests/screen/line tests/screen/looks tests/screen/panes
tests_screen_input_SOURCES = tests/screen/input.c
tests_screen_input_LDADD = libtui.a $(LINK_BASE) $(CMOCKA_LIBS)
tests_screen_layout_SOURCES = tests/screen/layout.c
tests_screen_layout_LDADD = libtui.a $(CMOCKA_LIBS)
tests_screen_palette_SOURCES = tests/screen/palette.c
tests_screen_palette_LDADD = libtui.a $(CMOCKA_LIBS) -lm
tests_screen_canvas_SOURCES = tests/screen/canvas.c
tests_screen_canvas_LDADD = libtui.a $(LINK_BASE) $(CMOCKA_LIBS)
tests_screen_line_SOURCES = tests/screen/line.c
tests_screen_line_LDADD = libtui.a $(READLINE_LIBS) $(LINK_BASE) $(CMOCKA_LIBS)
tests_screen_looks_SOURCES = tests/screen/looks.c tests/screen/tui_model.c tests/screen/tui_model.h
tests_screen_looks_LDADD = $(LINK_TUI) $(CMOCKA_LIBS)
tests_screen_panes_SOURCES = tests/screen/panes.c tests/screen/tui_model.c tests/screen/tui_model.h
tests_screen_panes_LDADD = $(LINK_TUI) $(CMOCKA_LIBS)
check_PROGRAMS += tests/screen/curvature
tests_screen_curvature_SOURCES = tests/screen/curvature.c tests/screen/tui_model.c tests/screen/tui_model.h
tests_screen_curvature_LDADD = $(LINK_TUI) $(CMOCKA_LIBS)
TESTS += tests/screen/curvature
check_PROGRAMS += tests/screen/compared
tests_screen_compared_SOURCES = tests/screen/compared.c tests/unit/compared.h tests/unit/session_root.h $(SESSION_TEST_HELPERS)
tests_screen_compared_LDADD = $(LINK_TUI) $(CMOCKA_LIBS)
TESTS += tests/screen/compared tests/screen/input tests/screen/layout tests/screen/canvas tests/screen/palette tests/screen/line tests/screen/looks tests/screen/panes
check_PROGRAMS += tests/screen/tables
tests_screen_tables_SOURCES = tests/screen/tables.c
tests_screen_tables_LDADD = libtui.a $(LINK_BASE) $(CMOCKA_LIBS) -lm
TESTS += tests/screen/tables
EXTRA_DIST += tests/screen/golden/table-layouts.txt tests/screen/golden/table-colors.txt tests/screen/golden/table-keys.txt tests/screen/golden/table-glyphs.txt \
	tests/screen/golden/table-numbers.txt
check_PROGRAMS += tests/screen/term_calls
tests_screen_term_calls_SOURCES = tests/screen/term_calls.c
tests_screen_term_calls_LDADD = libtui.a libbase.a -lm
TESTS += tests/screen/term_calls
EXTRA_DIST += tests/screen/golden/table-term.txt
# the same with the loop, row by row after each key: scenes
check_PROGRAMS += tests/screen/shown
tests_screen_shown_SOURCES = tests/screen/shown.c tests/screen/shown_stage.c tests/screen/shown_script.c tests/screen/shown_model.c \
	tests/screen/shown_compare.c tests/screen/shown.h tests/screen/tui_model.c tests/screen/tui_model.h tests/unit/compared.h tests/unit/session_root.h \
	$(SESSION_TEST_HELPERS)
tests_screen_shown_LDADD = $(LINK_TUI) $(CMOCKA_LIBS)
TESTS += tests/screen/shown
EXTRA_DIST += \
	tests/screen/shown.d/boxes.frames \
	tests/screen/shown.d/classes.frames \
	tests/screen/shown.d/compare.frames \
	tests/screen/shown.d/curvature.frames \
	tests/screen/shown.d/face.frames \
	tests/screen/shown.d/header.frames \
	tests/screen/shown.d/keys.frames \
	tests/screen/shown.d/layout.frames \
	tests/screen/shown.d/lists.frames \
	tests/screen/shown.d/many.frames \
	tests/screen/shown.d/prompt.frames \
	tests/screen/shown.d/replay.frames \
	tests/screen/shown.d/traces.frames
# the screen without training: driven by the scripts, in front of a made-up run
check_PROGRAMS += tests/screen/stage
tests_screen_stage_SOURCES = tests/screen/stage.c tests/screen/tui_model.c tests/screen/tui_model.h
tests_screen_stage_LDADD = $(LINK_TUI)
endif
EXTRA_DIST += tests/screen/terminal.py tests/screen/golden/panes-80x24-ascii.txt tests/screen/golden/panes-80x24-utf8.txt \
	tests/screen/golden/panes-120x40-utf8.txt tests/screen/golden/panes-120x40-block.txt tests/screen/golden/panes-200x60-100.txt \
	tests/screen/golden/panes-80x24-100.txt tests/screen/golden/panes-120x40-8142.txt tests/screen/golden/panes-40x8.txt \
	tests/screen/golden/panes-200x60-1000.txt tests/screen/golden/panes-80x24-1000.txt tests/screen/golden/panes-40x12.txt \
	tests/screen/golden/inks-120x40.txt tests/screen/golden/panes-welcome.txt tests/screen/golden/panes-help.txt tests/screen/golden/panes-detail.txt \
	tests/screen/golden/curves-spectra-80x24-ascii.txt tests/screen/golden/curves-spectra-200x60.txt \
	tests/screen/golden/curves-probe-120x40.txt tests/screen/golden/curves-slice-80x24-ascii.txt \
	tests/screen/golden/curves-slice-120x40.txt tests/screen/golden/curves-cnc-80x24.txt
EXTRA_DIST += tests/screen/tour.saddle/journal-000001.zst tests/screen/golden/replay-80x24-ascii.txt \
	tests/screen/golden/replay-80x24-utf8.txt tests/screen/golden/replay-120x40-utf8.txt \
	tests/screen/golden/compare-80x24-ascii.txt tests/screen/golden/compare-120x40-utf8.txt
dist_check_SCRIPTS += tests/screen/sweep.py tests/screen/storm.py tests/screen/terminals.py tests/screen/loop.py tests/screen/live.py tests/screen/attach.py tests/screen/replay.py tests/screen/face.py tests/screen/compare.py \
	tests/screen/journey.py tests/screen/keys.py tests/screen/closed.py
TESTS += tests/screen/storm.py tests/screen/keys.py tests/screen/live.py tests/screen/closed.py tests/screen/sweep.py tests/screen/attach.py tests/screen/face.py tests/screen/compare.py tests/screen/journey.py # the others: tests/room.mk
