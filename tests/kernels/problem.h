/* tests/kernels/problem.h - one batch of one network, and everything a back end says about it. Needs cmocka: a failure
 * ends the test case. */
#ifndef TESTS_KERNELS_PROBLEM_H
#define TESTS_KERNELS_PROBLEM_H

#include <stdbool.h>

#include "kernels/backend.h"
#include "tests/kernels/criterion_cases.h"
#include "tests/kernels/nets.h"

/* An emulated device is slow, and under a sanitizer a hundred times slower than a processor: the same tests with fewer cases, there and
 * where SADDLE_FEW_CASES is set. */
bool few_cases(void);
#define FEW (few_cases())
/* Of few cases every third, of SADDLE_FAULT_SEED which: CI has others every day. */
bool has_its_turn(int n);

struct problem {
    struct net net;
    struct batch batch;
    float *images, *params, *stats, *v[2]; /* host memory */
    int32_t *labels;
    float *coef;    /* [4][classes] */
    float *targets; /* [n][classes + 1]: room of criterion_case_batch() */
    struct criterion criterion;
    enum pass_mode mode;
    enum math math; /* of the model that solve() opens; 0 = fp32 */
};

struct answer { /* host memory */
    struct pass_result result, prepared;
    float *logits, *features, *grad, *stats, *hv[2];
    double *losses;
};

/* Of the network in p->net, everything else zero. row: of criterion_cases. */
void problem_of_net(struct problem *p, int n, enum pass_mode mode, int row);
void problem_init(struct problem *p, const struct net_spec *spec, int n, enum pass_mode mode, int row);
void problem_set_loss(struct problem *p, int row);
void problem_release(struct problem *p);
/* Rounding moves numbers across the ReLU's edge, and a gradient that flips is as wrong as it can be. Here whole channels are
 * alive or dead, so that only roundings are left. */
void problem_keep_off_the_edge(struct problem *p);

/* Opens a model for max_batch images, computes gradient and two Hessian products, closes it. Two threads, or so many. */
extern int problem_device; /* the number of the device that is used; 0 */
void solve_threaded(const struct backend *b, const struct problem *p, int threads, uint32_t max_batch, struct answer *a);
void solve(const struct backend *b, const struct problem *p, uint32_t max_batch, struct answer *a);
/* The same with an open model. */
void solve_with(const struct backend *b, struct model *m, const struct problem *p, struct answer *a);
void answer_release(struct answer *a);

/* Prints every difference beyond float32 accuracy; false when there is one. With another math than fp32 loss, outputs,
 * statistics and gradient may be as far off as that math's roundings take them. */
bool close_answers(const struct problem *p, const struct answer *a, const struct answer *truth, const char *label);
/* Solves it there, with room for two images more, and holds the answer to `truth`. */
bool answers_agree(const struct backend *b, const struct problem *p, const struct answer *truth, const char *label);
/* A line for each math that close_answers() has seen: its largest differences. */
void print_worst_differences(void);
/* The same for one vector of the parameters, tensor by tensor; `what` says what it is. */
bool close_tensors(const struct net *net, const char *what, const char *label, const float *a, const float *b, double limit);
bool close_enough(const char *what, const char *label, double gap, double limit); /* prints when gap is beyond limit */
/* So many threads, with room for more images than there are, give the bits of one thread. */
void assert_threads_do_not_matter(const struct backend *b, const struct problem *p, const int *threads, size_t n);
/* A weight that is not a number shows in the loss of a training pass in that math: it does not vanish in a ReLU. */
void assert_divergence_shows(const struct backend *b, enum math math);
bool same_bits(const struct problem *p, const struct answer *a, const struct answer *b);
/* |a - b| / |b|, both as vectors of n; INFINITY when one of them is not finite. */
double distance(const float *a, const float *b, size_t n);

float *host_floats(size_t n);
float *vec_from(const struct backend *b, struct model *m, const float *host, size_t n); /* host NULL: zeros */

#endif
