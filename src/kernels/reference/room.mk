# The reference back end's files are part of libkernels.a; this fragment is read after kernels/room.mk.
libkernels_a_SOURCES += \
	src/kernels/reference/conv.c \
	src/kernels/reference/cosine.c \
	src/kernels/reference/criterion.c \
	src/kernels/reference/criterion_ib.c \
	src/kernels/reference/criterion_softmax.c \
	src/kernels/reference/grid.c \
	src/kernels/reference/head.c \
	src/kernels/reference/pass.c \
	src/kernels/reference/pieces.c \
	src/kernels/reference/pool.c \
	src/kernels/reference/product.c \
	src/kernels/reference/reference.c \
	src/kernels/reference/reference.h
