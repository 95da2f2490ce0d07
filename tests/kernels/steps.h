/* tests/kernels/steps.h - the second half of the device test: optimiser steps in one piece. */
#ifndef TESTS_KERNELS_STEPS_H
#define TESTS_KERNELS_STEPS_H

#include "kernels/backend.h"

/* Runs the group; how many tests failed. */
int run_step_tests(const struct backend *dev);

#endif
