#include "config.h"
#include "tests/kernels/criterion_cases.h"

#include "tests/kernels/nets.h"

#define MEAN .reduction = REDUCE_WEIGHTED_MEAN
#define BATCH .reduction = REDUCE_BATCH_MEAN

const struct criterion_case criterion_cases[] = {
    [CASE_WEIGHTED] = { "ce weighted", { .coef = { MEAN } }, .scale = 1, .weight = 0.8f },
    [CASE_FOCAL] = { "focal 1.5 weighted", { .coef = { .focal = true, .gamma = 1.5f, BATCH } }, .scale = 1, .weight = 0.8f },
    [CASE_EVERYTHING] = { "everything", { .coef = { BATCH, .divisor = 3.5 } }, .scale = 4, .scale_spread = 1, .shift = 0.5f,
                          .margin = 0.5f, .weight = 0.8f },
    { "ce", { .coef = { MEAN } }, .scale = 1 },
    { "ce batch mean", { .coef = { BATCH } }, .scale = 1, .weight = 0.8f },
    { "ce shard", { .coef = { MEAN, .divisor = 17.5 } }, .scale = 1, .weight = 0.8f },
    { "focal 1", { .coef = { .focal = true, .gamma = 1, BATCH } }, .scale = 1, .weight = 0.8f },
    { "focal 2", { .coef = { .focal = true, .gamma = 2, BATCH } }, .scale = 1 },
    { "focal 0.5", { .coef = { .focal = true, .gamma = 0.5f, BATCH } }, .scale = 1, .weight = 0.8f },
    { "focal 0", { .coef = { .focal = true, .gamma = 0, BATCH } }, .scale = 1 },
    { "vs", { .coef = { MEAN } }, .scale = 0.8f, .scale_spread = 0.2f, .shift = 1.2f, .weight = 0.8f },
    { "ib", { .kind = CRITERION_IB, .coef = { BATCH }, .ib = { 30, 0.001f, false } }, .scale = 1 },
    { "ib weighted", { .kind = CRITERION_IB, .coef = { BATCH }, .ib = { 2, 0.5f, false } }, .scale = 1, .weight = 0.8f },
    { "ib focal 1 weighted", { .kind = CRITERION_IB, .coef = { .focal = true, .gamma = 1, BATCH }, .ib = { 7, 0.001f, false } },
      .scale = 1, .weight = 0.8f },
    { "ib focal 0.5 everything", { .kind = CRITERION_IB, .coef = { .focal = true, .gamma = 0.5f, BATCH, .divisor = 3.5 },
      .ib = { 7, 0.1f, false } }, .scale = 1, .scale_spread = 0.5f, .shift = 0.5f, .margin = 0.5f, .weight = 0.8f },
    { "ib detached", { .kind = CRITERION_IB, .coef = { MEAN }, .ib = { 30, 0.001f, true } }, .scale = 1, .weight = 0.8f },
    { "ib detached focal", { .kind = CRITERION_IB, .coef = { .focal = true, .gamma = 2, BATCH }, .ib = { 30, 0.001f, true } },
      .scale = 1, .weight = 0.8f },
    { "ldam", { .coef = { MEAN } }, .scale = 9, .margin = 3, .weight = 0.8f },
    { "focal 2 everything of weighted images", { .coef = { .focal = true, .gamma = 2, MEAN } }, .scale = 4, .scale_spread = 1, .shift = 0.5f,
      .margin = 0.5f, .weight = 0.8f, .weighted = true },
    { "ldam soft labels", { .coef = { MEAN } }, .scale = 4, .margin = 1, .weight = 0.8f, .soft = true },
    { "ib soft labels of weighted images", { .kind = CRITERION_IB, .coef = { BATCH }, .ib = { 7, 0.001f, false } }, .scale = 1,
      .weight = 0.8f, .soft = true, .weighted = true },
};
const int n_criterion_cases = sizeof criterion_cases / sizeof *criterion_cases;

void criterion_case_make(const struct criterion_case *row, int classes, float *coef, struct criterion *out)
{
    const size_t n = (size_t)classes;
    fill(coef, n, row->scale, row->scale_spread, 31);
    fill(coef + n, n, 0, row->shift, 32);
    fill(coef + 2 * n, n, 0, row->margin, 33);
    fill(coef + 3 * n, n, 1, row->weight, 34);
    *out = row->criterion;
    out->coef.scale = coef;
    out->coef.shift = coef + n;
    out->coef.margin = coef + 2 * n;
    out->coef.weight = coef + 3 * n;
}

void criterion_case_batch(const struct criterion_case *row, int classes, float *room, struct batch *batch)
{
    const size_t n = batch->n, k = (size_t)classes;
    fill(room, n * k, 0.3f, 0.3f, 35);
    fill(room + n * k, n, 1, 0.8f, 36);
    for (size_t i = 0; i < n * k; i += 3)
        room[i] = 0;
    if (n > 2)
        room[n * k + 2] = 0;
    batch->targets = row->soft ? room : NULL;
    batch->weights = row->weighted ? room + n * k : NULL;
}

bool criterion_case_fits(const struct criterion_case *row, const struct net *net)
{
    return net->head == HEAD_LINEAR || !criterion_table[row->criterion.kind].linear_head;
}
