# tests/reference: against mathematics (finite differences) and against the paper's own code (fixtures).
check_PROGRAMS += tests/reference/derivatives
tests_reference_derivatives_SOURCES = tests/reference/derivatives.c
tests_reference_derivatives_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_reference_derivatives_LDADD = $(CASES) $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/reference/derivatives

check_PROGRAMS += tests/reference/dense
tests_reference_dense_SOURCES = tests/reference/dense.c
tests_reference_dense_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_reference_dense_LDADD = $(CASES) $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/reference/dense

# What reads fixtures, here and on the emulated device.
check_LIBRARIES += tests/reference/libfixtures.a
tests_reference_libfixtures_a_SOURCES = tests/reference/fixture.c tests/reference/fixture.h tests/reference/systems.h tests/reference/systems_heads.c \
	tests/reference/systems_classes.c tests/reference/systems_heads.h tests/reference/systems_losses.c tests/reference/systems_nets.c tests/reference/systems_readings.c \
	tests/reference/systems_samplers.c tests/reference/systems_stages.c tests/reference/systems_steps.c
tests_reference_libfixtures_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
FIXTURES = tests/reference/libfixtures.a

# against PyTorch itself, where there is one
EXTRA_DIST += tests/reference/agree.py tests/reference/peer.py tests/reference/rounding.py tests/reference/torch_weights.py
check_PROGRAMS += tests/reference/logits
tests_reference_logits_SOURCES = tests/reference/logits.c
tests_reference_logits_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_reference_logits_LDADD = $(FIXTURES) $(LINK_ENGINE)

check_PROGRAMS += tests/reference/fixtures
EXTRA_DIST += tests/reference/rounding.json tests/reference/cases.sh
tests_reference_fixtures_SOURCES = tests/reference/fixtures.c
tests_reference_fixtures_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_reference_fixtures_LDADD = $(FIXTURES) $(LINK_ENGINE)
dist_check_SCRIPTS += tests/reference/fixtures_reference.sh tests/reference/fixtures_cpu.sh
TESTS += tests/reference/fixtures_reference.sh tests/reference/fixtures_cpu.sh

# losses, steps and samplers of the systems that came after the paper
check_PROGRAMS += tests/reference/systems
tests_reference_systems_SOURCES = tests/reference/systems.c
tests_reference_systems_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_reference_systems_LDADD = $(FIXTURES) $(LINK_ENGINE)
dist_check_SCRIPTS += tests/reference/systems_reference.sh tests/reference/systems_cpu.sh tests/reference/systems_nets.sh
TESTS += tests/reference/systems_reference.sh tests/reference/systems_cpu.sh tests/reference/systems_nets.sh

check_PROGRAMS += tests/reference/spectra
tests_reference_spectra_SOURCES = tests/reference/spectra.c
tests_reference_spectra_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_reference_spectra_LDADD = $(FIXTURES) $(LINK_ENGINE)
dist_check_SCRIPTS += tests/reference/spectra_reference.sh tests/reference/spectra_cpu.sh
TESTS += tests/reference/spectra_reference.sh tests/reference/spectra_cpu.sh
