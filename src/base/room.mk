noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/buf.c src/base/buf.h \
	src/base/choice.c src/base/choice.h \
	src/base/clock.h \
	src/base/crc32c.c src/base/crc32c.h \
	src/base/digest.c src/base/digest.h \
	src/base/err.c src/base/err.h \
	src/base/file.c src/base/file.h \
	src/base/foreign.c src/base/foreign.h \
	src/base/host.c src/base/host.h \
	src/base/intern.c src/base/intern.h \
	src/base/memory.c src/base/memory.h \
	src/base/number.c src/base/number.h \
	src/base/parallel.c src/base/parallel.h \
	src/base/path.c src/base/path.h \
	src/base/rng.c src/base/rng.h \
	src/base/safetensors.c src/base/safetensors_write.c src/base/safetensors_private.h src/base/safetensors.h \
	src/base/spread.c src/base/spread.h \
	src/base/state.c src/base/state.h \
	src/base/text.c src/base/text.h src/base/text_ranges.inc
