# tests/kernels: the cpu back end against the reference, and against itself.
check_PROGRAMS += tests/kernels/parity
tests_kernels_parity_SOURCES = tests/kernels/parity.c tests/kernels/nets.c tests/kernels/nets.h
tests_kernels_parity_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_kernels_parity_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/kernels/parity
check_PROGRAMS += tests/kernels/pool
tests_kernels_pool_SOURCES = tests/kernels/pool.c
tests_kernels_pool_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_kernels_pool_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/kernels/pool
