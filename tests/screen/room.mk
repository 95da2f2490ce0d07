# tests/screen
if HAVE_CMOCKA
check_PROGRAMS += tests/screen/input tests/screen/layout tests/screen/canvas tests/screen/line
tests_screen_input_SOURCES = tests/screen/input.c
tests_screen_input_LDADD = libtui.a $(LINK_BASE) $(CMOCKA_LIBS)
tests_screen_layout_SOURCES = tests/screen/layout.c
tests_screen_layout_LDADD = libtui.a $(CMOCKA_LIBS)
tests_screen_canvas_SOURCES = tests/screen/canvas.c
tests_screen_canvas_LDADD = libtui.a $(LINK_BASE) $(CMOCKA_LIBS)
tests_screen_line_SOURCES = tests/screen/line.c
tests_screen_line_LDADD = libtui.a $(READLINE_LIBS) $(LINK_BASE) $(CMOCKA_LIBS)
TESTS += tests/screen/input tests/screen/layout tests/screen/canvas tests/screen/line
endif
