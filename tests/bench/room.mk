# tests/bench: run by `make bench`, never by `make check` (they time, and want a quiet machine).
EXTRA_PROGRAMS += tests/bench/step
tests_bench_step_SOURCES = tests/bench/step.c
tests_bench_step_LDADD = $(LINK_ENGINE)
EXTRA_PROGRAMS += tests/bench/record
tests_bench_record_SOURCES = tests/bench/record.c
tests_bench_record_LDADD = $(LINK_SESSION)
CLEANFILES += tests/bench/step$(EXEEXT) tests/bench/record$(EXEEXT)
EXTRA_DIST += tests/bench/compare.py tests/bench/RESULTS.md

# PYTHON: an interpreter that has torch, for the ratios.
.PHONY: bench
bench: tests/bench/step$(EXEEXT) tests/bench/record$(EXEEXT)
	$(builddir)/tests/bench/record$(EXEEXT)
	$${PYTHON-python3} $(srcdir)/tests/bench/compare.py --step $(builddir)/tests/bench/step$(EXEEXT) $(BENCHFLAGS)

# What the screen costs: CPU of the terminal thread at 10 frames a second (needs python3 and pyte).
EXTRA_DIST += tests/bench/ui.py
.PHONY: bench-ui
bench-ui: tests/screen/stage$(EXEEXT)
	top_builddir=$(builddir) python3 $(srcdir)/tests/bench/ui.py
