#include "config.h"
#include "engine/criteria/loss.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/choice.h"
#include "base/err.h"

const struct loss_info loss_table[LOSS_COUNT] = {
#define LIST(...) __VA_ARGS__
#define LOSS_ROW(id, name, criterion, head, priors, batch_mean, first, knobs, help) \
    [LOSS_##id] = { name, help, CRITERION_##criterion, HEAD_##head, priors, batch_mean, first, { LIST knobs } },
    LOSS_TABLE(LOSS_ROW)
#undef LOSS_ROW
#undef LIST
};

bool loss_reads(enum loss_id id, enum knob_id knob)
{
    for (const enum knob_id *k = loss_table[id].knobs; *k != KNOB_COUNT; k++)
        if (*k == knob)
            return true;
    return false;
}

const char *const loss_weights_names[WEIGHTS_COUNT] = { "none", "effective", "inverse" };

int loss_weights_find(const char *name, struct err *err)
{
    return choice_find(name, "class weights", loss_weights_names, sizeof loss_weights_names[0], WEIGHTS_COUNT, err);
}

static const struct number {
    enum knob_id knob;
    size_t at;
} numbers[] = {
    { KNOB_BETA_EN, offsetof(struct loss_config, beta_en) }, { KNOB_MARGIN, offsetof(struct loss_config, margin) },
    { KNOB_LDAM_S, offsetof(struct loss_config, ldam_s) },   { KNOB_FOCAL_GAMMA, offsetof(struct loss_config, focal_gamma) },
    { KNOB_VS_GAMMA, offsetof(struct loss_config, vs_gamma) }, { KNOB_TAU, offsetof(struct loss_config, tau) },
    { KNOB_IB_ALPHA, offsetof(struct loss_config, ib_alpha) },
};
enum { N_NUMBERS = sizeof numbers / sizeof *numbers };

static double *number_at(struct loss_config *c, int i)
{
    return (double *)((char *)c + numbers[i].at);
}

void loss_config_default(struct loss_config *c)
{
    *c = (struct loss_config){ .id = LOSS_CE, .weights = WEIGHTS_NONE, .reduction = REDUCE_WEIGHTED_MEAN };
    for (int i = 0; i < N_NUMBERS; i++) {
        struct knob_value v = { 0 };
        knob_parse(numbers[i].knob, knob_table[numbers[i].knob].initial, &v, NULL); /* a row's own default is in its range */
        *number_at(c, i) = v.num;
    }
}

void loss_config_numbers(struct loss_config *c, const struct knobs *k)
{
    for (int i = 0; i < N_NUMBERS; i++)
        *number_at(c, i) = knob_num(k, numbers[i].knob);
    c->ib_frozen = knob_is(k, KNOB_IB_FACTOR, "frozen");
    c->ib_detached = c->ib_frozen || knob_is(k, KNOB_IB_FACTOR, "detached");
}

/* --- vectors --- */

void loss_class_weights(enum loss_weights rule, double beta_en, int classes, const double *counts, double *out)
{
    double sum = 0;
    for (int c = 0; c < classes; c++) {
        out[c] = 1;
        if (rule == WEIGHTS_INVERSE)
            out[c] = 1 / counts[c];
        else if (rule == WEIGHTS_EFFECTIVE) /* expm1: 1 - beta^n keeps its digits when beta is near 1 */
            out[c] = (1 - beta_en) / -expm1(counts[c] * log(beta_en));
        sum += out[c];
    }
    for (int c = 0; c < classes; c++)
        out[c] = classes * out[c] / sum;
}

static double extreme(int classes, const double *counts, double sign)
{
    double best = counts[0];
    for (int c = 1; c < classes; c++)
        best = sign * counts[c] > sign * best ? counts[c] : best;
    return best;
}

void loss_ldam_margins(double margin, int classes, const double *counts, double *out)
{
    double least = extreme(classes, counts, -1);
    for (int c = 0; c < classes; c++)
        out[c] = margin * pow(least / counts[c], 0.25);
}

void loss_vs_delta(double gamma, int classes, const double *counts, double *out)
{
    double most = extreme(classes, counts, 1);
    for (int c = 0; c < classes; c++)
        out[c] = pow(most / counts[c], gamma);
}

void loss_vs_iota(double tau, int classes, const double *counts, double *out)
{
    double total = 0;
    for (int c = 0; c < classes; c++)
        total += counts[c];
    for (int c = 0; c < classes; c++)
        out[c] = tau * log(counts[c] / total);
}

/* --- settings --- */

static void fill_doubles(float *v, int n, double value)
{
    for (int i = 0; i < n; i++)
        v[i] = (float)value;
}

static void plain_loss(struct loss *l)
{
    fill_doubles(l->scale, l->classes, 1);
    fill_doubles(l->shift, l->classes, 0);
    fill_doubles(l->margin, l->classes, 0);
    fill_doubles(l->weight, l->classes, 1);
    l->criterion = (struct criterion){ .kind = CRITERION_SOFTMAX, .coef = {
        .scale = l->scale, .shift = l->shift, .margin = l->margin, .weight = l->weight, .reduction = REDUCE_WEIGHTED_MEAN,
    } };
}

int loss_init(struct loss *l, int classes, const uint32_t *counts, struct err *err)
{
    *l = (struct loss){ .classes = classes };
    if (classes < 2)
        return err_set(err, ERR_RANGE, "%d classes; a loss needs at least 2", classes);
    size_t n = (size_t)classes;
    l->counts = calloc(n, sizeof *l->counts);
    l->scratch = calloc(n, sizeof *l->scratch);
    l->scale = calloc(n, sizeof(float));
    l->shift = calloc(n, sizeof(float));
    l->margin = calloc(n, sizeof(float));
    l->weight = calloc(n, sizeof(float));
    if (!l->counts || !l->scratch || !l->scale || !l->shift || !l->margin || !l->weight) {
        loss_release(l);
        return err_set(err, ERR_MEMORY, "no memory for the loss of %d classes", classes);
    }
    for (int c = 0; c < classes; c++)
        l->counts[c] = counts[c];
    plain_loss(l);
    return 0;
}

void loss_release(struct loss *l)
{
    free(l->counts);
    free(l->scratch);
    free(l->scale);
    free(l->shift);
    free(l->margin);
    free(l->weight);
    *l = (struct loss){ 0 };
}

static int check_counts(int classes, const double *counts, const char *what, struct err *err)
{
    for (int k = 0; k < classes; k++)
        if (counts[k] <= 0)
            return err_set(err, ERR_DATA, "class %d has no training images, but %s needs its count", k, what);
    return 0;
}

int loss_weights_check(enum loss_weights rule, int classes, const double *counts, struct err *err)
{
    return rule == WEIGHTS_NONE ? 0 : check_counts(classes, counts, "the class weight", err);
}

static int check_config(const struct loss *l, const struct loss_config *c, struct err *err)
{
    for (int i = 0; i < N_NUMBERS; i++) {
        const struct knob_info *k = &knob_table[numbers[i].knob];
        const double value = *(const double *)((const char *)c + numbers[i].at);
        if (!(value >= k->low && value <= k->high))
            return err_set(err, ERR_RANGE, "%s %g is not within %g to %.9g", k->name, value, k->low, k->high);
    }
    if (loss_table[c->id].priors)
        return check_counts(l->classes, l->counts, loss_table[c->id].name, err);
    return loss_weights_check(c->weights, l->classes, l->counts, err);
}

static void round_to(float *out, const double *v, int n, double factor)
{
    for (int i = 0; i < n; i++)
        out[i] = (float)(factor * v[i]);
}

static void set_ldam(struct loss *l, const struct loss_config *c)
{
    fill_doubles(l->scale, l->classes, c->ldam_s);
    loss_ldam_margins(c->margin, l->classes, l->counts, l->scratch);
    round_to(l->margin, l->scratch, l->classes, c->ldam_s); /* subtracted before the scale: s (x - m) */
}

static void set_priors(struct loss *l, double gamma, double tau)
{
    loss_vs_delta(gamma, l->classes, l->counts, l->scratch);
    for (int k = 0; k < l->classes; k++)
        l->scale[k] = (float)(1 / l->scratch[k]);
    loss_vs_iota(tau, l->classes, l->counts, l->scratch);
    round_to(l->shift, l->scratch, l->classes, 1);
}

int loss_set(struct loss *l, const struct loss_config *c, struct err *err)
{
    if (check_config(l, c, err) < 0)
        return -1;
    plain_loss(l);
    l->criterion.kind = loss_table[c->id].criterion;
    l->criterion.coef.reduction = loss_table[c->id].batch_mean ? REDUCE_BATCH_MEAN : c->reduction;
    if (c->id == LOSS_FOCAL || c->id == LOSS_IB_FOCAL) {
        l->criterion.coef.focal = true;
        l->criterion.coef.gamma = (float)c->focal_gamma;
    } else if (c->id == LOSS_LDAM) {
        set_ldam(l, c);
    } else if (c->id == LOSS_VS || c->id == LOSS_LA) {
        set_priors(l, c->id == LOSS_VS ? c->vs_gamma : 0, c->tau);
    }
    l->criterion.ib = (struct ib_coef){ .alpha = (float)c->ib_alpha, .floor = 0.001f, .detached = c->ib_detached,
                                        .frozen = c->ib_frozen };
    if (c->reweight && c->weights != WEIGHTS_NONE) {
        loss_class_weights(c->weights, c->beta_en, l->classes, l->counts, l->scratch);
        round_to(l->weight, l->scratch, l->classes, 1);
    }
    return 0;
}
