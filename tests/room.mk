# Every folder of tests lists its own programs and scripts. Tests begin in the order of TESTS: one of half a minute (hostile) not last, and those
# that wait for a clock (loop, replay, terminals: half a minute each) not beside each other but beside what computes.
TESTS += tests/fault/hostile
include $(srcdir)/tests/unit/room.mk
include $(srcdir)/tests/ptx/room.mk
TESTS += tests/screen/loop.py
include $(srcdir)/tests/kernels/room.mk
TESTS += tests/screen/replay.py
include $(srcdir)/tests/reference/room.mk
include $(srcdir)/tests/cli/room.mk
include $(srcdir)/tests/cluster/room.mk
include $(srcdir)/tests/pictures/room.mk
include $(srcdir)/tests/screen/room.mk
include $(srcdir)/tests/fault/room.mk
TESTS += tests/screen/terminals.py
include $(srcdir)/tests/golden/room.mk
include $(srcdir)/tests/told/room.mk
include $(srcdir)/tests/fuzz/room.mk
include $(srcdir)/tests/bench/room.mk
include $(srcdir)/tests/gpu/room.mk

dist_check_SCRIPTS += tests/layering.sh tests/citations.sh tests/dead.py tests/namesakes.py tests/verbs.py tests/summary_check.py \
	tests/mutants/run.py tests/mutants/run_check.py tests/mutants/survey.py
TESTS += tests/layering.sh tests/citations.sh tests/dead.py tests/namesakes.py tests/verbs.py tests/summary_check.py tests/mutants/run_check.py
EXTRA_DIST += tests/tap.py tests/summary.py tests/limit.sh tests/mutants/list tests/mutants/play.py tests/mutants/spoil.py tests/coverage.sh
coverage:
	$(srcdir)/tests/coverage.sh
.PHONY: coverage
