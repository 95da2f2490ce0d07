# tests/bench: run by `make bench`, never by `make check` (they time, and want a quiet machine).
EXTRA_PROGRAMS += tests/bench/step
tests_bench_step_SOURCES = tests/bench/step.c
tests_bench_step_LDADD = $(LINK_ENGINE)
CLEANFILES += tests/bench/step$(EXEEXT)
