# tests/fuzz: with --enable-fuzzing (clang) libFuzzer programs of instrumented code, otherwise replay of the corpus and random mutations
FUZZ_TARGETS = tests/fuzz/fuzz_language tests/fuzz/fuzz_keys tests/fuzz/fuzz_cifar tests/fuzz/fuzz_walk tests/fuzz/fuzz_event tests/fuzz/fuzz_snapshot tests/fuzz/fuzz_pack tests/fuzz/fuzz_tensors tests/fuzz/fuzz_pictures \
    tests/fuzz/fuzz_recording tests/fuzz/fuzz_exports tests/fuzz/fuzz_roll tests/fuzz/fuzz_start
check_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_FILES = tests/fuzz/fuzz.h tests/fuzz/repair.c tests/fuzz/repair.h tests/fuzz/memory_io.c tests/fuzz/memory_io.h
if FUZZING
FUZZ_FILES += tests/fuzz/mutator.c
FUZZ_LINK = -fsanitize=fuzzer
else
FUZZ_FILES += tests/fuzz/driver.c
FUZZ_LINK =
TESTS += $(FUZZ_TARGETS)
endif
tests_fuzz_fuzz_walk_SOURCES = tests/fuzz/fuzz_walk.c $(FUZZ_FILES)
tests_fuzz_fuzz_walk_LDADD = $(LINK_SESSION)
tests_fuzz_fuzz_walk_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_event_SOURCES = tests/fuzz/fuzz_event.c $(FUZZ_FILES)
tests_fuzz_fuzz_event_LDADD = $(LINK_SESSION)
tests_fuzz_fuzz_event_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_snapshot_SOURCES = tests/fuzz/fuzz_snapshot.c $(FUZZ_FILES)
tests_fuzz_fuzz_snapshot_LDADD = $(LINK_SESSION)
tests_fuzz_fuzz_snapshot_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_pack_SOURCES = tests/fuzz/fuzz_pack.c $(FUZZ_FILES)
tests_fuzz_fuzz_pack_LDADD = $(LINK_SESSION)
tests_fuzz_fuzz_pack_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_tensors_SOURCES = tests/fuzz/fuzz_tensors.c $(FUZZ_FILES)
tests_fuzz_fuzz_tensors_LDADD = $(LINK_SESSION)
tests_fuzz_fuzz_tensors_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_pictures_SOURCES = tests/fuzz/fuzz_pictures.c tests/pictures/png.h $(FUZZ_FILES)
tests_fuzz_fuzz_pictures_LDADD = $(LINK_SESSION)
tests_fuzz_fuzz_pictures_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_language_SOURCES = tests/fuzz/fuzz_language.c $(FUZZ_FILES)
tests_fuzz_fuzz_language_LDADD = $(LINK_REPL)
tests_fuzz_fuzz_language_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_keys_SOURCES = tests/fuzz/fuzz_keys.c $(FUZZ_FILES)
tests_fuzz_fuzz_keys_LDADD = libtui.a $(LINK_SESSION)
tests_fuzz_fuzz_keys_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_cifar_SOURCES = tests/fuzz/fuzz_cifar.c $(FUZZ_FILES)
tests_fuzz_fuzz_cifar_LDADD = $(LINK_SESSION)
tests_fuzz_fuzz_cifar_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
# Recordings made of text.
FORGED = tests/fuzz/forged.c tests/fuzz/forged.h
tests_fuzz_fuzz_recording_SOURCES = tests/fuzz/fuzz_recording.c $(FORGED) $(FUZZ_FILES)
tests_fuzz_fuzz_recording_LDADD = $(LINK_SESSION)
tests_fuzz_fuzz_recording_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_exports_SOURCES = tests/fuzz/fuzz_exports.c $(FORGED) $(FUZZ_FILES)
tests_fuzz_fuzz_exports_LDADD = $(LINK_REPL)
tests_fuzz_fuzz_exports_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_roll_SOURCES = tests/fuzz/fuzz_roll.c $(FORGED) $(FUZZ_FILES)
tests_fuzz_fuzz_roll_LDADD = $(LINK_REPL)
tests_fuzz_fuzz_roll_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_start_SOURCES = tests/fuzz/fuzz_start.c $(FUZZ_FILES)
tests_fuzz_fuzz_start_LDADD = $(LINK_REPL)
tests_fuzz_fuzz_start_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
# What `make fuzz-targets` builds in a build that instruments everything: the rest of it is of no use there.
fuzz-targets: $(FUZZ_TARGETS)
.PHONY: fuzz-targets
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/clang.sh
