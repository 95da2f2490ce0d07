/* tests/kernels/steps.h - further parts of the device test. */
#ifndef TESTS_KERNELS_STEPS_H
#define TESTS_KERNELS_STEPS_H

#include "kernels/backend.h"

/* Each runs a group; how many tests failed. */
int run_step_tests(const struct backend *dev);    /* steps.c: optimiser steps in one piece */
int run_rule_tests(const struct backend *dev);    /* step_rules.c: the same of each rule */
int run_general_tests(const struct backend *dev); /* device_general.c: networks that are not plain */

#endif
