# The cpu back end's files are part of libkernels.a; this fragment is read after kernels/room.mk.
libkernels_a_SOURCES +=
