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
        sum += share_weight(&m->labelled, i, m->criterion.coef.weight);
    return sum;
}

/* Image i with a label that it counts as. */
static struct ref_row row_of(const struct model *m, size_t i, struct share share, double divisor)
{
    const struct head_state *h = &m->head;
    return (struct ref_row){
        .criterion = &m->criterion, .coef = &m->criterion.coef, .classes = m->net->classes, .features = m->net->features,
        .label = share.label, .divisor = divisor / share.part, .p = h->p, .logit = h->logit + i * (size_t)m->net->classes,
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

static double image_value(struct model *m, size_t i, double divisor, bool want_gradient)
{
    struct head_state *h = &m->head;
    const int classes = m->net->classes;
    double *g = h->g_logit + i * (size_t)classes, *g_feature = h->g_feature + i * (size_t)m->net->features, sum = 0;
    memset(g, 0, sizeof *g * (size_t)classes);
    memset(g_feature, 0, sizeof *g_feature * (size_t)m->net->features);
    for (EACH_SHARE(s, &m->labelled, i)) {
        const struct ref_row r = row_of(m, i, s, divisor);
        sum += s.part * criteria[m->criterion.kind]->row(&r, want_gradient, g, g_feature);
    }
    return sum;
}

void ref_criterion(struct model *m, bool want_gradient, struct pass_result *result)
{
    const int classes = m->net->classes;
    double sum = weight_sum(m), divisor = divisor_of(m, sum), total = 0;
    uint32_t correct = 0;
    for (size_t i = 0; i < m->n; i++) {
        m->head.loss[i] = image_value(m, i, divisor, want_gradient);
        total += m->head.loss[i];
        correct += best_class(m->head.logit + i * (size_t)classes, classes) == m->label[i];
    }
    *result = (struct pass_result){ .loss = total / divisor, .weight_sum = sum, .n = m->n, .correct = correct };
}

static void image_product(struct model *m, size_t i, double divisor)
{
    struct head_state *h = &m->head;
    const size_t logit = i * (size_t)m->net->classes, feature = i * (size_t)m->net->features;
    memset(h->r_g_logit + logit, 0, sizeof(double) * (size_t)m->net->classes);
    memset(h->r_g_feature + feature, 0, sizeof(double) * (size_t)m->net->features);
    for (EACH_SHARE(s, &m->labelled, i)) {
        const struct ref_row r = row_of(m, i, s, divisor);
        criteria[m->criterion.kind]->product(&r, h->r_logit + logit, h->r_feature + feature, h->r_g_logit + logit,
                                             h->r_g_feature + feature);
    }
}

void ref_criterion_product(struct model *m)
{
    const double divisor = divisor_of(m, weight_sum(m));
    for (size_t i = 0; i < m->n; i++)
        image_product(m, i, divisor);
}
