# tests/ptx: runs the PTX that nvcc made of the CUDA kernels, on the host (ptx.h). tests/kernels' emulated device hands launches to it.
check_LIBRARIES += tests/ptx/libptx.a
tests_ptx_libptx_a_SOURCES = tests/ptx/access.c tests/ptx/build.h tests/ptx/costs.c tests/ptx/decode.c tests/ptx/flow.c tests/ptx/flow.h \
	tests/ptx/layout.c tests/ptx/lexer.c tests/ptx/lexer.h tests/ptx/load.c tests/ptx/module.h tests/ptx/numbers.h tests/ptx/ops.inc \
	tests/ptx/ops_avx2.c tests/ptx/ops_portable.c tests/ptx/parse.c tests/ptx/ptx.h tests/ptx/run.c tests/ptx/watch.c tests/ptx/watch.h
tests_ptx_libptx_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
# Registers are read as whatever they hold; loops over lanes shall become vectors.
tests_ptx_libptx_a_CFLAGS = $(AM_CFLAGS) -fno-strict-aliasing -fno-math-errno -fno-trapping-math -ftree-vectorize

check_PROGRAMS += tests/ptx/accesses tests/ptx/kernels tests/ptx/opcodes tests/ptx/warps
PTX_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
PTX_LDADD = tests/ptx/libptx.a $(LINK_BASE) $(CMOCKA_LIBS) -lm
tests_ptx_accesses_SOURCES = tests/ptx/accesses.c
tests_ptx_accesses_CPPFLAGS = $(PTX_CPPFLAGS)
tests_ptx_accesses_LDADD = $(PTX_LDADD)
tests_ptx_kernels_SOURCES = tests/ptx/kernels.c
tests_ptx_kernels_CPPFLAGS = $(PTX_CPPFLAGS)
tests_ptx_kernels_LDADD = $(PTX_LDADD)
tests_ptx_opcodes_SOURCES = tests/ptx/opcodes.c
tests_ptx_opcodes_CPPFLAGS = $(PTX_CPPFLAGS)
tests_ptx_opcodes_LDADD = $(PTX_LDADD)
tests_ptx_warps_SOURCES = tests/ptx/warps.c
tests_ptx_warps_CPPFLAGS = $(PTX_CPPFLAGS)
tests_ptx_warps_LDADD = $(PTX_LDADD)
EXTRA_DIST += tests/ptx/lib.sh tests/ptx/words.sh tests/ptx/all_run.sh
CLEANFILES += tests/ptx/emulated.launches
dist_check_SCRIPTS += tests/ptx/broken.py tests/ptx/emulated.sh tests/ptx/exact.sh tests/ptx/kernels.sh tests/ptx/occupancy.sh
TESTS += tests/ptx/accesses tests/ptx/broken.py tests/ptx/emulated.sh tests/ptx/exact.sh tests/ptx/kernels.sh tests/ptx/occupancy.sh tests/ptx/opcodes tests/ptx/warps
