# The reference back end's files are part of libkernels.a; this fragment is read after kernels/room.mk.
libkernels_a_SOURCES += \
	src/kernels/reference/conv.c \
	src/kernels/reference/criterion.c \
	src/kernels/reference/criterion_ib.c \
	src/kernels/reference/criterion_softmax.c \
	src/kernels/reference/head.c \
	src/kernels/reference/pass.c \
	src/kernels/reference/product.c \
	src/kernels/reference/reference.c \
	src/kernels/reference/reference.h
