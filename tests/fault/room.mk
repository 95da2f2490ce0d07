# tests/fault
check_PROGRAMS += tests/fault/session_damage tests/fault/session_io tests/fault/session_kill
tests_fault_session_damage_SOURCES = tests/fault/session_damage.c $(SESSION_TEST_HELPERS)
tests_fault_session_damage_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
tests_fault_session_io_SOURCES = tests/fault/session_io.c tests/fault/session_order.c tests/fault/session_order.h $(SESSION_TEST_HELPERS)
tests_fault_session_io_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
tests_fault_session_kill_SOURCES = tests/fault/session_kill.c $(SESSION_TEST_HELPERS)
tests_fault_session_kill_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
check_PROGRAMS += tests/fault/power_cut
tests_fault_power_cut_SOURCES = tests/fault/power_cut.c $(SESSION_TEST_HELPERS)
tests_fault_power_cut_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/fault/power_cut
check_PROGRAMS += tests/fault/acknowledged tests/fault/ending tests/fault/hostile
tests_fault_acknowledged_SOURCES = tests/fault/acknowledged.c tests/fault/dying.h $(SESSION_TEST_HELPERS)
tests_fault_acknowledged_LDADD = $(LINK_REPL) $(CMOCKA_LIBS)
tests_fault_ending_SOURCES = tests/fault/ending.c tests/fault/dying.h tests/unit/small_data.h $(SESSION_TEST_HELPERS)
tests_fault_ending_LDADD = $(LINK_REPL) $(CMOCKA_LIBS)
tests_fault_hostile_SOURCES = tests/fault/hostile.c tests/fault/forge.c tests/fault/forge.h tests/fault/shapes.c tests/fault/shapes.h $(SESSION_TEST_HELPERS)
tests_fault_hostile_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/fault/acknowledged tests/fault/ending tests/fault/session_damage tests/fault/session_io \
	tests/fault/session_kill

check_PROGRAMS += tests/fault/no_memory
tests_fault_no_memory_SOURCES = tests/fault/no_memory.c tests/unit/check.h
tests_fault_no_memory_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
tests_fault_no_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
TESTS += tests/fault/no_memory

dist_check_SCRIPTS += tests/fault/kill9.py tests/fault/forks.py
TESTS += tests/fault/kill9.py tests/fault/forks.py

# The shipped program with a library before it that makes the Nth call fail. A plain shared object: libtool is not used here.
EXTRA_DIST += tests/fault/preload.c tests/fault/world.c tests/fault/scenes.py
dist_check_SCRIPTS += tests/fault/faults.py tests/fault/world.py tests/fault/writers.py tests/fault/matrix.py
TESTS += tests/fault/faults.py tests/fault/world.py tests/fault/writers.py tests/fault/matrix.py
if PRELOAD
check_DATA = tests/fault/preload.so tests/fault/world.so
tests/fault/preload.so tests/fault/world.so: tests/fault/%.so: tests/fault/%.c Makefile
	$(AM_V_at)$(MKDIR_P) tests/fault
	$(AM_V_CCLD)$(CC) $(SADDLE_CFLAGS) $(CFLAGS) -U_FORTIFY_SOURCE -shared -fPIC $(LDFLAGS) -o $@ $(srcdir)/tests/fault/$*.c -ldl
endif
CLEANFILES += tests/fault/preload.so tests/fault/world.so
