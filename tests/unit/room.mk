# tests/unit

check_PROGRAMS += tests/unit/schedule tests/unit/knobs tests/unit/event
tests_unit_schedule_SOURCES = tests/unit/schedule.c
tests_unit_schedule_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
tests_unit_knobs_SOURCES = tests/unit/knobs.c
tests_unit_knobs_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
tests_unit_event_SOURCES = tests/unit/event.c
tests_unit_event_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/schedule tests/unit/knobs tests/unit/event
