/* tests/reference/systems.h - what the files of tests/reference/systems*.c share. These are tests: they print and exit. */
#ifndef TESTS_REFERENCE_SYSTEMS_H
#define TESTS_REFERENCE_SYSTEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/safetensors.h"
#include "engine/criteria/loss.h"
#include "kernels/backend.h"

struct err;

struct systems {
    const struct backend *backend;
    json_t *losses, *steps, *stages, *nets; /* whole files */
    struct safetensors *tensors;      /* of the cases under way */
    const char *name;                 /* the case under way */
    int failures;
    bool quiet;                       /* failures are counted, not told: there is another try */
    double worst;                     /* of the case: largest error as a share of its limit */
};

/* One family of cases: names that fit the pattern (fnmatch) are checked by check(), NULL: they are passed over; `detail` is the family's
 * own. The first that fits counts. */
struct family {
    const char *pattern;
    void (*check)(struct systems *s, json_t *numbers, const struct family *f);
    const void *detail;
};
extern const struct family loss_families[], class_families[], reading_families[], step_families[], stage_families[], sampler_families[],
    net_families[]; /* a NULL pattern ends each */

/* An error, and the most that is allowed; above it the case fails. */
void systems_judge(struct systems *s, const char *what, double error, double limit);
/* A whole tensor against its summary [sum x, L2 norm, sum x_i cos(0.37 i)]; `limit`: largest L2 norm of the error. */
void systems_judge_summary(struct systems *s, const char *what, const float *x, size_t n, json_t *summary, double limit);

/* dL/d of this leaf ("z", "W") against the case's summary, and against the whole tensor where it is stored. */
void systems_judge_gradient(struct systems *s, json_t *numbers, const char *leaf, const float *x, size_t n);

/* Element i of tensor t, in (-1, 1): the finaliser of splitmix64. */
double systems_hashed(uint64_t seed, uint64_t t, uint64_t i);

/* A number of the case's own `hyper`, else of the file's, else `otherwise`. */
double systems_hyper(json_t *file, json_t *numbers, const char *key, double otherwise);
/* Training images of each class, as a list of the fixtures has them; *n: classes. The caller frees it. */
uint32_t *systems_counts(json_t *list, int *n);

/* Tensor "PREFIX/NAME" or exits 1; NULL with *n 0 when it may be missing. The caller frees it. */
float *systems_floats(const struct systems *s, const char *prefix, const char *name, bool must, size_t *n);
double systems_norm(const float *x, size_t n);
void systems_must(int result, const struct err *err);

/* A network of one unit over one pixel of so many channels, with a linear classifier of its features. net_release() releases it. */
void systems_net(struct net *net, int channels, int features, int classes);

/* In it the place of the weight of the one pixel, in the middle of 3x3, from channel i to channel o. */
size_t systems_tap(const struct net *net, size_t o, size_t i);

/* Labels "PREFIX/NAME" or exits 1. The caller frees them. */
int32_t *systems_labels(const struct systems *s, const char *prefix, const char *name, size_t *n);

/* The features "f" of these inputs as images of that network, one pixel each: the features and, behind them, a channel for each image that is 1 in its own.
 * Their labels, how many there are, features of each. The caller frees both. */
float *systems_pixels(const struct systems *s, const char *prefix, int32_t **labels, size_t *n, size_t *features);

/* Fills a loss for the class sizes. */
void systems_loss(struct loss *l, const struct loss_config *c, json_t *counts);

#endif
