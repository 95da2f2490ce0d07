noinst_LIBRARIES += libkernels.a
libkernels_a_SOURCES = \
	src/kernels/backend.c src/kernels/backend.h \
	src/kernels/criterion.h src/kernels/share.h \
	src/kernels/doctor.c \
	src/kernels/net.c src/kernels/net.h
