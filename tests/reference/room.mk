# tests/reference: against mathematics (finite differences) and against the paper's own code (fixtures).
check_PROGRAMS += tests/reference/derivatives
tests_reference_derivatives_SOURCES = tests/reference/derivatives.c tests/reference/tiny.c tests/reference/tiny.h
tests_reference_derivatives_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_reference_derivatives_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/reference/derivatives
# tests/reference
EXTRA_DIST += tests/reference/agree.py
