# Every folder of tests lists its own programs and scripts.
include $(srcdir)/tests/unit/room.mk
include $(srcdir)/tests/ptx/room.mk
include $(srcdir)/tests/kernels/room.mk
include $(srcdir)/tests/reference/room.mk
include $(srcdir)/tests/cli/room.mk
include $(srcdir)/tests/screen/room.mk
include $(srcdir)/tests/fault/room.mk
include $(srcdir)/tests/golden/room.mk
include $(srcdir)/tests/fuzz/room.mk
include $(srcdir)/tests/bench/room.mk
include $(srcdir)/tests/gpu/room.mk

dist_check_SCRIPTS += tests/layering.sh tests/summary_check.py
TESTS += tests/layering.sh tests/summary_check.py
EXTRA_DIST += tests/summary.py
