# tests/gpu: for a machine with a GPU; tests/gpu/run is the one script. `make gpu-programs` makes what it needs.
EXTRA_PROGRAMS += tests/gpu/probe
tests_gpu_probe_SOURCES = tests/gpu/probe.c tests/gpu/timed.h
tests_gpu_probe_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_gpu_probe_LDADD = $(LINK_ENGINE)
if WITH_CUDA
# The runtime's function behind a launch, by the names of CUDA 12 and 13.
tests_gpu_probe_SOURCES += tests/gpu/timed.c
tests_gpu_probe_CPPFLAGS += -DTIMED_LAUNCHES
tests_gpu_probe_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=cudaLaunchKernel,--wrap=__cudaLaunchKernel
check_PROGRAMS += tests/gpu/timed_check
tests_gpu_timed_check_SOURCES = tests/gpu/timed.c tests/gpu/timed.h tests/gpu/timed_check.c
tests_gpu_timed_check_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(CMOCKA_CFLAGS)
tests_gpu_timed_check_LDADD = $(CMOCKA_LIBS)
TESTS += tests/gpu/timed_check
endif
CLEANFILES += tests/gpu/probe$(EXEEXT)
if WITH_SHIM
EXTRA_PROGRAMS += tests/gpu/probe_emulated
tests_gpu_probe_emulated_SOURCES = tests/gpu/probe.c
tests_gpu_probe_emulated_CPPFLAGS = $(SHIM_CPPFLAGS)
tests_gpu_probe_emulated_LDADD = $(LINK_SHIM)
CLEANFILES += tests/gpu/probe_emulated$(EXEEXT)
# What each kernel does in a step, counted anew: after a change to a kernel that matters.
gpu-counts: tests/gpu/probe_emulated$(EXEEXT)
	$(srcdir)/tests/gpu/count >tests/gpu/counts.new && mv tests/gpu/counts.new $(srcdir)/tests/gpu/counts
endif
dist_check_SCRIPTS += tests/gpu/predict.sh tests/gpu/run_check.sh
TESTS += tests/gpu/predict.sh tests/gpu/run_check.sh
EXTRA_DIST += tests/gpu/pack tests/gpu/run tests/gpu/ncu.sh tests/gpu/same_bits.sh tests/gpu/predict tests/gpu/count tests/gpu/counts tests/gpu/ahead.sh tests/gpu/spectra.sh tests/gpu/exact_spectra.sh tests/gpu/epochs.sh tests/gpu/torch_step.py tests/gpu/ceilings.cu
CLEANFILES += tests/gpu/ceilings$(EXEEXT)

if WITH_CUDA
GPU_CEILINGS = tests/gpu/ceilings$(EXEEXT)
tests/gpu/ceilings$(EXEEXT): tests/gpu/ceilings.cu
	@$(MKDIR_P) $(@D)
	$(AM_V_NVCC)$(NVCC) $(NVCCFLAGS) $(CUDA_GENCODE) -o $@ $(srcdir)/tests/gpu/ceilings.cu
endif

FOR_GPU = $(GPU_CEILINGS) saddle$(EXEEXT) tests/ptx/kernels$(EXEEXT) tests/kernels/device$(EXEEXT) tests/kernels/operations$(EXEEXT) \
	tests/kernels/features$(EXEEXT) tests/reference/fixtures$(EXEEXT) tests/gpu/probe$(EXEEXT) tests/bench/step$(EXEEXT)
.PHONY: gpu-programs gpu-list gpu-counts
gpu-programs: $(FOR_GPU)
gpu-list:
	@echo $(FOR_GPU)
