# tests/gpu: for a machine with a GPU; tests/gpu/run is the one script. `make gpu-programs` makes what it needs.
EXTRA_PROGRAMS += tests/gpu/probe
tests_gpu_probe_SOURCES = tests/gpu/probe.c
tests_gpu_probe_LDADD = $(LINK_ENGINE)
CLEANFILES += tests/gpu/probe$(EXEEXT)
EXTRA_DIST += tests/gpu/run tests/gpu/torch_step.py

.PHONY: gpu-programs
gpu-programs: saddle$(EXEEXT) tests/kernels/device$(EXEEXT) tests/reference/fixtures$(EXEEXT) tests/gpu/probe$(EXEEXT) \
	tests/bench/step$(EXEEXT)
