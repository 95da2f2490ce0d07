# tests/bench: run by `make bench`, never by `make check` (they time, and want a quiet machine).
EXTRA_PROGRAMS += tests/bench/step
tests_bench_step_SOURCES = tests/bench/step.c
tests_bench_step_LDADD = $(LINK_ENGINE)
EXTRA_PROGRAMS += tests/bench/record
tests_bench_record_SOURCES = tests/bench/record.c
tests_bench_record_LDADD = $(LINK_SESSION)
EXTRA_PROGRAMS += tests/bench/runs
tests_bench_runs_SOURCES = tests/bench/runs.c
tests_bench_runs_LDADD = $(LINK_SESSION)
EXTRA_PROGRAMS += tests/bench/drift
tests_bench_drift_SOURCES = tests/bench/drift.c
tests_bench_drift_LDADD = $(LINK_ENGINE)
EXTRA_PROGRAMS += tests/bench/sams
tests_bench_sams_SOURCES = tests/bench/sams.c
tests_bench_sams_LDADD = $(LINK_ENGINE)
CLEANFILES += tests/bench/sams$(EXEEXT) tests/bench/step$(EXEEXT) tests/bench/drift$(EXEEXT) tests/bench/record$(EXEEXT) tests/bench/runs$(EXEEXT)
EXTRA_DIST += tests/bench/against.py tests/bench/server.py tests/bench/compare.py tests/bench/spectra.py tests/bench/stage.py tests/bench/RESULTS.md tests/bench/tau.svg

# BENCHFLAGS="--against OLD-BUILD" lays this build beside an older one instead.
# PYTHON: an interpreter that has torch, for the ratios, and pyhessian, for the spectra; SADDLE_DATA: CIFAR-10, for the spectra.
# `bench` chooses between the two.
.PHONY: bench bench-peers bench-spectra
bench: tests/bench/step$(EXEEXT)
	case " $(BENCHFLAGS)" in *" --against"*) ;; *) $(MAKE) $(AM_MAKEFLAGS) bench-peers; exit ;; esac; \
	$${PYTHON-python3} -B $(srcdir)/tests/bench/against.py --step $(builddir)/tests/bench/step$(EXEEXT) $(BENCHFLAGS)
bench-peers: tests/bench/step$(EXEEXT) tests/bench/record$(EXEEXT) saddle$(EXEEXT)
	$(builddir)/tests/bench/record$(EXEEXT)
	$(MAKE) $(AM_MAKEFLAGS) bench-lists
	$(MAKE) $(AM_MAKEFLAGS) bench-sams
	$${PYTHON-python3} -B $(srcdir)/tests/bench/compare.py --step $(builddir)/tests/bench/step$(EXEEXT) $(BENCHFLAGS)
	$(MAKE) $(AM_MAKEFLAGS) bench-costs
	$(MAKE) $(AM_MAKEFLAGS) bench-spectra
bench-spectra: saddle$(EXEEXT)
	$${PYTHON-python3} -B $(srcdir)/tests/bench/spectra.py --saddle $(builddir)/saddle$(EXEEXT) $(SPECTRAFLAGS)

# What a step costs: by threads, beside busy processes, by network and batch; how long a run takes.
EXTRA_DIST += tests/bench/costs.py
.PHONY: bench-costs
bench-costs: tests/bench/step$(EXEEXT)
	$${PYTHON-python3} -B $(srcdir)/tests/bench/costs.py --step $(builddir)/tests/bench/step$(EXEEXT) $(COSTFLAGS)
# What a step of each later SAM costs beside one of SAM, by processor time.
.PHONY: bench-sams
bench-sams: tests/bench/sams$(EXEEXT)
	$(builddir)/tests/bench/sams$(EXEEXT) $(SAMSFLAGS)

# A second stage on real images: its epochs, and that what trains has no direction of negative curvature (SADDLE_DATA: CIFAR-10).
.PHONY: bench-stage
bench-stage: saddle$(EXEEXT)
	$${PYTHON-python3} -B $(srcdir)/tests/bench/stage.py --saddle $(builddir)/saddle$(EXEEXT) $(STAGEFLAGS)

# What the screen costs: CPU of the terminal thread at 10 frames a second, and while a run of 1000 classes trains (needs python3 and pyte).
EXTRA_DIST += tests/bench/ui.py tests/bench/live.py tests/bench/manyclasses.py
.PHONY: bench-ui bench-classes bench-live
bench-ui: tests/screen/stage$(EXEEXT)
	top_builddir=$(builddir) python3 $(srcdir)/tests/bench/ui.py
bench-classes: tests/pictures/painter$(EXEEXT) saddle$(EXEEXT)
	top_builddir=$(builddir) python3 $(srcdir)/tests/bench/manyclasses.py

# What watching costs a training run, and how quickly the prompt answers meanwhile; CIFAR-10 where SADDLE_DATA names it.
bench-live: saddle$(EXEEXT)
	SADDLE=$(abs_builddir)/saddle$(EXEEXT) python3 $(srcdir)/tests/bench/live.py $(LIVEFLAGS)

# What lists of 2,000 recordings cost: the table, names, completion.
EXTRA_DIST += tests/bench/lists.py
.PHONY: bench-lists
bench-lists: tests/bench/runs$(EXEEXT) saddle$(EXEEXT)
	SADDLE=$(abs_builddir)/saddle$(EXEEXT) python3 $(srcdir)/tests/bench/lists.py $(builddir)/tests/bench/runs$(EXEEXT) $(LISTFLAGS)
