# tests/reference: against mathematics (finite differences) and against the paper's own code (fixtures).
check_PROGRAMS += tests/reference/derivatives
tests_reference_derivatives_SOURCES = tests/reference/derivatives.c tests/reference/tiny.c tests/reference/tiny.h $(DIFFERENCES) $(CRITERION_CASES)
tests_reference_derivatives_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_reference_derivatives_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/reference/derivatives

check_PROGRAMS += tests/reference/dense
tests_reference_dense_SOURCES = tests/reference/dense.c tests/reference/tiny.c tests/reference/tiny.h
tests_reference_dense_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_reference_dense_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/reference/dense

# against PyTorch itself, where there is one
EXTRA_DIST += tests/reference/agree.py tests/reference/peer.py tests/reference/rounding.py tests/reference/torch_weights.py
check_PROGRAMS += tests/reference/logits
tests_reference_logits_SOURCES = tests/reference/logits.c tests/reference/fixture.c tests/reference/fixture.h
tests_reference_logits_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_reference_logits_LDADD = $(LINK_ENGINE)

check_PROGRAMS += tests/reference/fixtures
EXTRA_DIST += tests/reference/rounding.json
tests_reference_fixtures_SOURCES = tests/reference/fixtures.c tests/reference/fixture.c tests/reference/fixture.h
tests_reference_fixtures_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_reference_fixtures_LDADD = $(LINK_ENGINE)
dist_check_SCRIPTS += tests/reference/fixtures_reference.sh tests/reference/fixtures_cpu.sh
TESTS += tests/reference/fixtures_reference.sh tests/reference/fixtures_cpu.sh

# losses, steps and samplers of the systems that came after the paper
SYSTEMS_TEST = tests/reference/systems.c tests/reference/systems.h tests/reference/systems_losses.c tests/reference/systems_readings.c tests/reference/systems_steps.c \
	tests/reference/systems_nets.c tests/reference/systems_heads.c tests/reference/systems_heads.h tests/reference/systems_stages.c tests/reference/systems_samplers.c tests/reference/fixture.c tests/reference/fixture.h
check_PROGRAMS += tests/reference/systems
tests_reference_systems_SOURCES = $(SYSTEMS_TEST)
tests_reference_systems_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_reference_systems_LDADD = $(LINK_ENGINE)
dist_check_SCRIPTS += tests/reference/systems_reference.sh tests/reference/systems_cpu.sh tests/reference/systems_nets.sh
TESTS += tests/reference/systems_reference.sh tests/reference/systems_cpu.sh tests/reference/systems_nets.sh

check_PROGRAMS += tests/reference/spectra
tests_reference_spectra_SOURCES = tests/reference/spectra.c tests/reference/fixture.c tests/reference/fixture.h
tests_reference_spectra_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_reference_spectra_LDADD = $(LINK_ENGINE)
dist_check_SCRIPTS += tests/reference/spectra_reference.sh tests/reference/spectra_cpu.sh
TESTS += tests/reference/spectra_reference.sh tests/reference/spectra_cpu.sh
