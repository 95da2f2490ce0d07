/* tests/kernels/definition.h - the forward pass as kernels/net.h says it, one sum at a time, to check the back end that checks the others. */
#ifndef TESTS_KERNELS_DEFINITION_H
#define TESTS_KERNELS_DEFINITION_H

#include "tests/kernels/problem.h"

/* The classifier's outputs [n][classes] and those of the network's output k [n][channels], in which[1 + k]; to be freed. */
void define_outputs(const struct problem *p, double *which[1 + NET_MAX_OUTPUTS]);

#endif
