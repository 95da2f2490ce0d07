# The cuda back end: part of libkernels.a when configure found nvcc; this fragment is read after kernels/room.mk.
# tests/kernels compiles the same files against an emulator, whether there is an nvcc or not.
CUDA_HOST = src/kernels/cuda/cuda.c src/kernels/cuda/describe.c src/kernels/cuda/general.c src/kernels/cuda/memory.c \
	src/kernels/cuda/mixed.c src/kernels/cuda/pass.c src/kernels/cuda/pieces.c src/kernels/cuda/rules.c src/kernels/cuda/side.c src/kernels/cuda/slots.c src/kernels/cuda/steps.c src/kernels/cuda/store.c src/kernels/cuda/vectors.c
CUDA_INSIDE = src/kernels/cuda/criterion.h src/kernels/cuda/cuda.h src/kernels/cuda/device.h src/kernels/cuda/early.h src/kernels/cuda/general.h src/kernels/cuda/head.h src/kernels/cuda/lanes.h src/kernels/cuda/mixed.h \
	src/kernels/cuda/mixed_join.h src/kernels/cuda/model.h src/kernels/cuda/numbers.h src/kernels/cuda/tensor.h
CUDA_KERNELS = src/kernels/cuda/conv.cu src/kernels/cuda/criterion_ib.cu src/kernels/cuda/criterion_softmax.cu src/kernels/cuda/gather.cu \
	src/kernels/cuda/general_conv.cu src/kernels/cuda/general_norm.cu src/kernels/cuda/general_pool.cu src/kernels/cuda/general_rows.cu \
	src/kernels/cuda/general_weights.cu src/kernels/cuda/head.cu src/kernels/cuda/head_outside.cu src/kernels/cuda/mixed_conv.cu \
	src/kernels/cuda/mixed_ends.cu src/kernels/cuda/mixed_weights.cu src/kernels/cuda/norm.cu \
	src/kernels/cuda/step.cu src/kernels/cuda/vector.cu src/kernels/cuda/weights.cu
EXTRA_DIST += $(CUDA_KERNELS)

if WITH_CUDA
libkernels_a_SOURCES += $(CUDA_HOST) $(CUDA_INSIDE)
libkernels_a_LIBADD = $(CUDA_KERNELS:.cu=.o)
LINK_KERNELS += $(CUDA_LIBS)
else
libkernels_a_SOURCES += src/kernels/cuda_none.c
endif

# What ptxas says about registers stays beside the object; tests/kernels/cuda_ceilings.sh reads it. So does the PTX that goes into it,
# which tests/ptx runs: conv.compute_80.ptx ...
SUFFIXES = .cu
$(CUDA_KERNELS:.cu=.o): src/kernels/cuda/flags
# Other architectures or flags than before: everything anew. The file is touched when they differ.
src/kernels/cuda/flags: cuda-flags
	@$(MKDIR_P) $(@D)
	@echo '$(NVCC) $(NVCCFLAGS) $(CUDA_GENCODE)' | cmp -s - $@ || echo '$(NVCC) $(NVCCFLAGS) $(CUDA_GENCODE)' >$@
.PHONY: cuda-flags
cuda-flags:
.cu.o:
	@$(MKDIR_P) $(@D)
	@rm -rf $@.kept && $(MKDIR_P) $@.kept
	$(AM_V_NVCC)$(NVCC) $(NVCCFLAGS) $(CUDA_GENCODE) -I$(srcdir)/src -Xptxas -v -MD -MP -MF $@.d -MT $@ --keep --keep-dir $@.kept \
		-c -o $@ $< >$@.ptxas 2>&1 || { cat $@.ptxas; rm -rf $@.kept; exit 1; }; grep -i warning $@.ptxas || :
	@mv $@.kept/*.compute_80.ptx $@.kept/*.compute_90.ptx $(@D) && rm -rf $@.kept
AM_V_NVCC = $(am__v_NVCC_@AM_V@)
am__v_NVCC_ = $(am__v_NVCC_@AM_DEFAULT_V@)
am__v_NVCC_0 = @echo "  NVCC    " $@;
am__v_NVCC_1 =
CLEANFILES += src/kernels/cuda/flags $(CUDA_KERNELS:.cu=.o) $(CUDA_KERNELS:.cu=.o.ptxas) $(CUDA_KERNELS:.cu=.o.d) \
	$(CUDA_KERNELS:.cu=.compute_80.ptx) $(CUDA_KERNELS:.cu=.compute_90.ptx)
-include $(CUDA_KERNELS:.cu=.o.d)
