# tests/fault
check_PROGRAMS += tests/fault/session_damage tests/fault/session_io tests/fault/session_kill
SESSION_TEST_HELPERS = tests/unit/sessions.c tests/unit/sessions.h tests/unit/check.h
tests_fault_session_damage_SOURCES = tests/fault/session_damage.c $(SESSION_TEST_HELPERS)
tests_fault_session_damage_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
tests_fault_session_io_SOURCES = tests/fault/session_io.c $(SESSION_TEST_HELPERS)
tests_fault_session_io_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
tests_fault_session_kill_SOURCES = tests/fault/session_kill.c $(SESSION_TEST_HELPERS)
tests_fault_session_kill_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/fault/session_damage tests/fault/session_io tests/fault/session_kill

dist_check_SCRIPTS += tests/fault/kill9.py
TESTS += tests/fault/kill9.py
