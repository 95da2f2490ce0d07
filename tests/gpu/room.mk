# tests/gpu: for a machine with a GPU; tests/gpu/run is the one script. `make gpu-programs` makes what it needs.
EXTRA_PROGRAMS += tests/gpu/probe
tests_gpu_probe_SOURCES = tests/gpu/probe.c
tests_gpu_probe_LDADD = $(LINK_ENGINE)
CLEANFILES += tests/gpu/probe$(EXEEXT)
EXTRA_DIST += tests/gpu/run tests/gpu/ahead.sh tests/gpu/spectra.sh tests/gpu/exact_spectra.sh tests/gpu/epochs.sh tests/gpu/torch_step.py tests/gpu/ceilings.cu
CLEANFILES += tests/gpu/ceilings$(EXEEXT)

if WITH_CUDA
GPU_CEILINGS = tests/gpu/ceilings$(EXEEXT)
tests/gpu/ceilings$(EXEEXT): tests/gpu/ceilings.cu
	@$(MKDIR_P) $(@D)
	$(AM_V_NVCC)$(NVCC) $(NVCCFLAGS) $(CUDA_GENCODE) -o $@ $(srcdir)/tests/gpu/ceilings.cu
endif

.PHONY: gpu-programs
gpu-programs: $(GPU_CEILINGS) saddle$(EXEEXT) tests/kernels/device$(EXEEXT) tests/kernels/operations$(EXEEXT) tests/kernels/features$(EXEEXT) tests/reference/fixtures$(EXEEXT) tests/gpu/probe$(EXEEXT) \
	tests/bench/step$(EXEEXT)
