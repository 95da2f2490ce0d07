# tests/kernels: the cpu back end against the reference, and against itself.
# What a dozen of these programs, and of tests/reference and tests/unit, are made of.
check_LIBRARIES += tests/kernels/libcases.a
tests_kernels_libcases_a_SOURCES = tests/kernels/criterion_cases.c tests/kernels/criterion_cases.h tests/kernels/definition.c tests/kernels/definition.h \
	tests/kernels/differences.c tests/kernels/differences.h tests/kernels/half.c tests/kernels/half.h tests/kernels/nets.c tests/kernels/nets.h tests/kernels/problem.c tests/kernels/problem.h \
	tests/kernels/steps.c tests/kernels/steps.h tests/kernels/step_rules.c tests/kernels/trial.h tests/reference/tiny.c tests/reference/tiny.h
tests_kernels_libcases_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
CASES = tests/kernels/libcases.a
check_PROGRAMS += tests/kernels/parity
tests_kernels_parity_SOURCES = tests/kernels/parity.c
tests_kernels_parity_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_kernels_parity_LDADD = $(CASES) $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/kernels/parity
check_PROGRAMS += tests/kernels/again
tests_kernels_again_SOURCES = tests/kernels/again.c
tests_kernels_again_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_kernels_again_LDADD = $(CASES) $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/kernels/again
check_PROGRAMS += tests/kernels/bf16
tests_kernels_bf16_SOURCES = tests/kernels/bf16.c
tests_kernels_bf16_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_kernels_bf16_LDADD = $(CASES) $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/kernels/bf16
check_PROGRAMS += tests/kernels/tiles
tests_kernels_tiles_SOURCES = tests/kernels/tiles.c tests/kernels/tiles_avx512.c
tests_kernels_tiles_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_kernels_tiles_LDADD = $(CASES) $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/kernels/tiles
check_PROGRAMS += tests/kernels/operations
tests_kernels_operations_SOURCES = tests/kernels/operations.c
tests_kernels_operations_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_kernels_operations_LDADD = $(CASES) $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/kernels/operations
check_PROGRAMS += tests/kernels/general
tests_kernels_general_SOURCES = tests/kernels/general.c
tests_kernels_general_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_kernels_general_LDADD = $(CASES) $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/kernels/general
check_PROGRAMS += tests/kernels/pool
tests_kernels_pool_SOURCES = tests/kernels/pool.c
tests_kernels_pool_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_kernels_pool_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/kernels/pool
check_PROGRAMS += tests/kernels/features
tests_kernels_features_SOURCES = tests/kernels/features.c
tests_kernels_features_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_kernels_features_LDADD = $(CASES) $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/kernels/features

# The cuda back end on a device: tests/gpu/run; here it skips where none answers.
check_PROGRAMS += tests/kernels/device
DEVICE_TEST = tests/kernels/device.c tests/kernels/device_general.c
tests_kernels_device_SOURCES = $(DEVICE_TEST)
tests_kernels_device_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_kernels_device_LDADD = $(CASES) $(LINK_ENGINE) $(CMOCKA_LIBS)

# The cuda back end's own sources on an emulated device (cuda_shim/cuda_shim.h). Its backend.c comes before that of
# libkernels.a, so "cuda" is the emulated one in these programs.
if WITH_SHIM
check_LIBRARIES += tests/kernels/libshim.a
tests_kernels_libshim_a_SOURCES = $(CUDA_HOST) $(CUDA_INSIDE) src/kernels/backend.c src/kernels/net.c \
	tests/kernels/cuda_shim/compiled.cc tests/kernels/cuda_shim/compiled.h tests/kernels/cuda_shim/conv.cc \
	tests/kernels/cuda_shim/criterion_ib.cc tests/kernels/cuda_shim/criterion_softmax.cc \
	tests/kernels/cuda_shim/cuda_shim.cc tests/kernels/cuda_shim/cuda_shim.h tests/kernels/cuda_shim/early.cc tests/kernels/cuda_shim/early.h \
	tests/kernels/cuda_shim/fibre.cc tests/kernels/cuda_shim/fibre.h tests/kernels/cuda_shim/gather.cc \
	tests/kernels/cuda_shim/general_conv.cc tests/kernels/cuda_shim/general_norm.cc tests/kernels/cuda_shim/general_pool.cc \
	tests/kernels/cuda_shim/general_rows.cc tests/kernels/cuda_shim/general_weights.cc \
	tests/kernels/cuda_shim/head.cc tests/kernels/cuda_shim/head_outside.cc tests/kernels/cuda_shim/mixed_conv.cc tests/kernels/cuda_shim/mixed_ends.cc \
	tests/kernels/cuda_shim/mixed_weights.cc \
	tests/kernels/cuda_shim/norm.cc tests/kernels/cuda_shim/step.cc tests/kernels/cuda_shim/vector.cc \
	tests/kernels/cuda_shim/weights.cc
SHIM_CPPFLAGS = -DSADDLE_CUDA_SHIM $(AM_CPPFLAGS) -I$(srcdir) -I$(srcdir)/tests/kernels/cuda_shim $(CMOCKA_CFLAGS)
tests_kernels_libshim_a_CPPFLAGS = $(SHIM_CPPFLAGS)
SHIM = tests/kernels/libshim.a tests/ptx/libptx.a
LINK_SHIM = $(SHIM) $(LINK_ENGINE) -lstdc++

check_PROGRAMS += tests/kernels/device_emulated tests/kernels/cuda_faults tests/kernels/cuda_devices tests/kernels/fixtures_emulated
tests_kernels_device_emulated_SOURCES = $(DEVICE_TEST)
tests_kernels_device_emulated_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_device_emulated_LDADD = $(CASES) $(LINK_SHIM) $(CMOCKA_LIBS)
check_PROGRAMS += tests/kernels/early_launches
tests_kernels_early_launches_SOURCES = tests/kernels/early_launches.cc
tests_kernels_early_launches_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_early_launches_LDADD = $(LINK_SHIM) $(CMOCKA_LIBS)
TESTS += tests/kernels/early_launches
check_PROGRAMS += tests/kernels/again_emulated
tests_kernels_again_emulated_SOURCES = tests/kernels/again.c
tests_kernels_again_emulated_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_again_emulated_LDADD = $(CASES) $(LINK_SHIM) $(CMOCKA_LIBS)
check_PROGRAMS += tests/kernels/operations_emulated
tests_kernels_operations_emulated_SOURCES = tests/kernels/operations.c
tests_kernels_operations_emulated_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_operations_emulated_LDADD = $(CASES) $(LINK_SHIM) $(CMOCKA_LIBS)
tests_kernels_cuda_faults_SOURCES = tests/kernels/cuda_faults.c
tests_kernels_cuda_faults_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_cuda_faults_LDADD = $(CASES) $(LINK_SHIM) $(CMOCKA_LIBS)
tests_kernels_cuda_devices_SOURCES = tests/kernels/cuda_devices.c tests/unit/running.h
tests_kernels_cuda_devices_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_cuda_devices_LDADD = $(LINK_SHIM) $(CMOCKA_LIBS)
tests_kernels_fixtures_emulated_SOURCES = tests/reference/fixtures.c
tests_kernels_fixtures_emulated_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_fixtures_emulated_LDADD = $(FIXTURES) $(LINK_SHIM)
check_PROGRAMS += tests/kernels/features_emulated tests/kernels/cuda_waits
tests_kernels_cuda_waits_SOURCES = tests/kernels/cuda_waits.c
tests_kernels_cuda_waits_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_cuda_waits_LDADD = $(CASES) $(LINK_SHIM) $(CMOCKA_LIBS)
TESTS += tests/kernels/cuda_waits
tests_kernels_features_emulated_SOURCES = tests/kernels/features.c
tests_kernels_features_emulated_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_features_emulated_LDADD = $(CASES) $(LINK_SHIM) $(CMOCKA_LIBS)
check_PROGRAMS += tests/kernels/groups_emulated
tests_kernels_groups_emulated_SOURCES = $(GROUPS_TEST)
tests_kernels_groups_emulated_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_groups_emulated_LDADD = $(CASES) $(LINK_SHIM) $(CMOCKA_LIBS)
check_PROGRAMS += tests/kernels/systems_emulated
tests_kernels_systems_emulated_SOURCES = tests/reference/systems.c
tests_kernels_systems_emulated_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_systems_emulated_LDADD = $(FIXTURES) $(LINK_SHIM)
check_PROGRAMS += tests/kernels/ahead_emulated tests/kernels/run_faults
tests_kernels_ahead_emulated_SOURCES = $(AHEAD_TEST)
tests_kernels_ahead_emulated_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_ahead_emulated_LDADD = $(LINK_SHIM) $(CMOCKA_LIBS)
tests_kernels_run_faults_SOURCES = tests/kernels/run_faults.c tests/unit/running.h
tests_kernels_run_faults_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_kernels_run_faults_LDADD = $(SHIM) $(LINK_SESSION) $(CMOCKA_LIBS) -lstdc++
# The whole program with the emulated device: SHIM_DEVICES says how many there are.
check_PROGRAMS += tests/kernels/saddle_emulated
tests_kernels_saddle_emulated_SOURCES = src/main.c
tests_kernels_saddle_emulated_CPPFLAGS = $(SHIM_CPPFLAGS) -DSYSCONFDIR=\"$(sysconfdir)\"
tests_kernels_saddle_emulated_LDADD = libtui.a librepl.a libsession.a libengine.a $(SHIM) $(LINK_TUI) -lstdc++
endif
dist_check_SCRIPTS += tests/kernels/cuda_emulated.sh tests/kernels/cuda_faults.sh tests/kernels/cuda_fixtures.sh tests/kernels/cuda_systems.sh \
	tests/kernels/cuda_devices.sh tests/kernels/cuda_saddle.sh tests/kernels/cuda_screen.py tests/kernels/cuda_device.sh tests/kernels/cuda_ceilings.sh \
	tests/kernels/cuda_ahead.sh tests/kernels/cuda_run_faults.sh tests/kernels/cuda_groups.sh tests/kernels/cuda_features.sh tests/kernels/cuda_operations.sh tests/kernels/cuda_again.sh
TESTS += tests/kernels/cuda_emulated.sh tests/kernels/cuda_faults.sh tests/kernels/cuda_fixtures.sh tests/kernels/cuda_systems.sh \
	tests/kernels/cuda_devices.sh tests/kernels/cuda_saddle.sh tests/kernels/cuda_screen.py tests/kernels/cuda_device.sh tests/kernels/cuda_ceilings.sh \
	tests/kernels/cuda_ahead.sh tests/kernels/cuda_run_faults.sh tests/kernels/cuda_groups.sh tests/kernels/cuda_features.sh tests/kernels/cuda_operations.sh tests/kernels/cuda_again.sh
