/* tests/kernels/trial.h - a step in one piece beside the same step made of single calls: what both say and leave behind must be the same.
 * Of cmocka's tests; everything is static. */
#ifndef TESTS_KERNELS_TRIAL_H
#define TESTS_KERNELS_TRIAL_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "engine/optim/optim.h"
#include "kernels/backend.h"
#include "tests/kernels/problem.h"

enum { POSITIONS = 4 }; /* at most so many images in a batch */

static const struct net_spec trial_small = { .name = "small", 9, 10, 3, 5, HEAD_NORM,
                                             { PLAIN(NET_IMAGE, NET_NO_ADD, 16, 1), PLAIN(0, 0, 16, 1), PLAIN(1, NET_NO_ADD, 32, 2),
                                               PLAIN(2, 1, 32, 1) } };
static const struct net_spec trial_tiny = { .name = "tiny", 6, 5, 3, 5, HEAD_NORM,
                                            { PLAIN(NET_IMAGE, NET_NO_ADD, 16, 1), PLAIN(0, 0, 16, 1), PLAIN(1, NET_NO_ADD, 32, 2) } };

/* For what is asked of steps alone: most of a step's time on the emulated device would be convolutions. */
static inline const struct net_spec *trial_net(void)
{
    return FEW ? &trial_tiny : &trial_small;
}

struct trial { /* a model with weights, and an optimiser on it */
    const struct backend *b;
    const struct problem *p;
    struct model *m;
    struct optim optim;
    float *w, *stats;
    double losses[POSITIONS];
    struct optimiser_result result;
    struct err err;
};

static inline void begin(struct trial *t, const struct backend *b, const struct problem *p)
{
    *t = (struct trial){ .b = b, .p = p };
    const struct model_options options = { .max_batch = p->batch.n, .threads = 1, .device = problem_device, .math = p->math };
    t->m = b->open(&p->net, &options, &t->err);
    if (!t->m)
        fail_msg("%s", t->err.text);
    t->w = vec_from(b, t->m, p->params, p->net.params.total);
    t->stats = vec_from(b, t->m, p->stats, p->net.stats.total);
    assert_int_equal(optim_init(&t->optim, b, t->m, &p->net, &t->err), 0);
    assert_true(p->batch.n <= POSITIONS);
    t->optim.losses = t->losses;
}

static inline void end(struct trial *t)
{
    optim_release(&t->optim);
    t->b->vec_free(t->m, t->w);
    t->b->vec_free(t->m, t->stats);
    t->b->close(t->m);
}

static inline void assert_same_vector(struct trial *a, const float *x, struct trial *b, const float *y, size_t n)
{
    float *p = host_floats(n), *q = host_floats(n);
    a->b->vec_read(a->m, p, x, n);
    b->b->vec_read(b->m, q, y, n);
    assert_memory_equal(p, q, n * sizeof *p);
    free(p);
    free(q);
}

static inline void assert_same_state(struct trial *a, struct trial *b)
{
    const struct net *net = &a->p->net;
    assert_same_vector(a, a->w, b, b->w, net->params.total);
    assert_same_vector(a, a->optim.momentum, b, b->optim.momentum, net->params.total);
    assert_same_vector(a, a->stats, b, b->stats, net->stats.total);
    assert_true(!a->optim.kept == !b->optim.kept);
    if (a->optim.kept)
        assert_same_vector(a, a->optim.kept, b, b->optim.kept, net->params.total);
}

static inline bool same_number(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static inline void assert_same_result(const struct optimiser_result *a, const struct optimiser_result *b)
{
    assert_true(same_number(a->first.loss, b->first.loss));
    assert_true(same_number(a->second.loss, b->second.loss));
    assert_true(same_number(a->norm, b->norm));
    assert_true(same_number(a->reach, b->reach));
    assert_true(same_number(a->norm_up, b->norm_up));
    assert_true(same_number(a->norm_w, b->norm_w));
    assert_true(same_number(a->cosine, b->cosine));
    assert_int_equal(a->first.n, b->first.n);
    assert_int_equal(a->first.correct, b->first.correct);
    assert_int_equal(a->second.correct, b->second.correct);
    assert_int_equal(a->updated, b->updated);
}

static inline int take_step(struct trial *t, const struct optim_knobs *k, const struct batch *batch)
{
    const struct optim_task task = { .batch = batch, .criterion = &t->p->criterion, .w = t->w, .stats = t->stats };
    return optim_step(&t->optim, k, &task, &t->result, &t->err);
}

/* One step of both; what they say and leave behind must be the same. 0, or -1 as the steps did. */
static inline int both(struct trial *a, struct trial *b, const struct optim_knobs *k, const struct batch *batch)
{
    const int x = take_step(a, k, batch);
    const int y = take_step(b, k, batch);
    assert_int_equal(x, y);
    if (x < 0)
        assert_string_equal(a->err.text, b->err.text);
    assert_same_result(&a->result, &b->result);
    if (x == 0)
        assert_memory_equal(a->losses, b->losses, batch->n * sizeof *a->losses);
    assert_same_state(a, b);
    return x;
}

#endif
