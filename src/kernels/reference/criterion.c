#include "config.h"
#include "kernels/reference/reference.h"

#include <math.h>
#include <string.h>

/* Image by image through the criterion of the pass. */

static const struct ref_criterion *const criteria[N_CRITERIA] = {
#define ROW(id, name, ...) [CRITERION_##id] = &ref_##name,
    CRITERION_TABLE(ROW)
#undef ROW
};

bool ref_supports(enum criterion_kind kind, enum criterion_use use)
{
    return use == CRITERION_GRADIENT || criteria[kind]->product;
}

static double divisor_of(const struct model *m, double weight_sum)
{
    const struct loss_coef *c = &m->criterion.coef;
    if (c->divisor > 0)
        return c->divisor;
    return c->reduction == REDUCE_WEIGHTED_MEAN ? weight_sum : (double)m->n;
}

static double weight_sum(const struct model *m)
{
    double sum = 0;
    for (uint32_t i = 0; i < m->n; i++)
        sum += m->criterion.coef.weight[m->label[i]];
    return sum;
}

static struct ref_row row_of(const struct model *m, size_t i, double divisor)
{
    const struct head_state *h = &m->head;
    return (struct ref_row){
        .criterion = &m->criterion, .coef = &m->criterion.coef, .classes = m->net->classes, .features = m->net->features,
        .label = m->label[i], .divisor = divisor, .logit = h->logit + i * (size_t)m->net->classes,
        .feature = h->feature + i * (size_t)m->net->features,
    };
}

static int best_class(const double *x, int classes)
{
    int best = -1;
    double top = -INFINITY;
    for (int j = 0; j < classes; j++)
        if (x[j] > top) {
            best = j;
            top = x[j];
        }
    return best;
}

void ref_criterion(struct model *m, bool want_gradient, struct pass_result *result)
{
    struct head_state *h = &m->head;
    const size_t classes = (size_t)m->net->classes, features = (size_t)m->net->features;
    double sum = weight_sum(m), divisor = divisor_of(m, sum), total = 0;
    uint32_t correct = 0;
    memset(h->g_feature, 0, sizeof(double) * m->n * features);
    for (size_t i = 0; i < m->n; i++) {
        const struct ref_row r = row_of(m, i, divisor);
        h->loss[i] = criteria[m->criterion.kind]->row(&r, want_gradient, h->g_logit + i * classes, h->g_feature + i * features);
        total += h->loss[i];
        correct += best_class(r.logit, r.classes) == r.label;
    }
    *result = (struct pass_result){ .loss = total / divisor, .weight_sum = sum, .n = m->n, .correct = correct };
}

void ref_criterion_product(struct model *m)
{
    struct head_state *h = &m->head;
    const size_t classes = (size_t)m->net->classes, features = (size_t)m->net->features;
    const double divisor = divisor_of(m, weight_sum(m));
    memset(h->r_g_feature, 0, sizeof(double) * m->n * features);
    for (size_t i = 0; i < m->n; i++) {
        const struct ref_row r = row_of(m, i, divisor);
        criteria[m->criterion.kind]->product(&r, h->r_logit + i * classes, h->r_feature + i * features,
                                             h->r_g_logit + i * classes, h->r_g_feature + i * features);
    }
}
