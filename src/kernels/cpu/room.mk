# The cpu back end's files are part of libkernels.a; this fragment is read after kernels/room.mk.
libkernels_a_SOURCES += \
	src/kernels/cpu/backward.c \
	src/kernels/cpu/amx.c src/kernels/cpu/amx.h src/kernels/cpu/amx.inc \
	src/kernels/cpu/avx512.inc \
	src/kernels/cpu/bf16.h src/kernels/cpu/bf16.inc \
	src/kernels/cpu/bf16_pass.c \
	src/kernels/cpu/bn.c \
	src/kernels/cpu/conv.inc \
	src/kernels/cpu/criterion.h \
	src/kernels/cpu/criterion_ib.c \
	src/kernels/cpu/criterion_softmax.c \
	src/kernels/cpu/cpu.c src/kernels/cpu/cpu.h \
	src/kernels/cpu/forward.c \
	src/kernels/cpu/gemm.inc \
	src/kernels/cpu/general.h \
	src/kernels/cpu/general_gemm.c \
	src/kernels/cpu/general_layout.c \
	src/kernels/cpu/general_outer.c \
	src/kernels/cpu/general_pass.c \
	src/kernels/cpu/general_product.c \
	src/kernels/cpu/general_units.c \
	src/kernels/cpu/head.c \
	src/kernels/cpu/isa.c src/kernels/cpu/isa.h \
	src/kernels/cpu/isa_avx2.c \
	src/kernels/cpu/isa_avx512.c \
	src/kernels/cpu/isa_avx512bf16.c \
	src/kernels/cpu/isa_portable.c \
	src/kernels/cpu/isa_portable_bf16.c \
	src/kernels/cpu/kernels.inc \
	src/kernels/cpu/layout.c src/kernels/cpu/layout.h \
	src/kernels/cpu/pack.c \
	src/kernels/cpu/passes.inc \
	src/kernels/cpu/pieces.c src/kernels/cpu/pieces.h \
	src/kernels/cpu/pool.c src/kernels/cpu/pool.h \
	src/kernels/cpu/rop.c \
	src/kernels/cpu/portable.inc \
	src/kernels/cpu/steps.c \
	src/kernels/cpu/tiles.c src/kernels/cpu/tiles.h \
	src/kernels/cpu/unroll.h \
	src/kernels/cpu/vector.c src/kernels/cpu/vector.h \
	src/kernels/cpu/wino.c \
	src/kernels/cpu/winograd.inc src/kernels/cpu/winograd2.inc src/kernels/cpu/winograd4.inc
