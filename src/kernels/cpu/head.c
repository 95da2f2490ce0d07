#include "config.h"
#include "kernels/cpu/cpu.h"
#include "kernels/cpu/criterion.h"

#include <math.h>
#include <string.h>

/* Global average pooling, classifier, criterion, and the way back to the last unit's output; then the same along a
 * direction. Weights are held as [features][classes], so that loops run along classes, of which there may be
 * thousands. Normalised classifier and its derivatives: methods 2.2. */

/* --- once per pass ------------------------------------------------------------------------------------------------ */

static double dot_of_doubles(int n, const double *x, const double *y)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

static double column_dot(const struct head *h, const float *x, const float *y, int c)
{
    double sum = 0;
    for (int f = 0; f < h->features; f++)
        sum += (double)x[(size_t)f * h->classes + c] * (double)y[(size_t)f * h->classes + c];
    return sum;
}

/* Copies the classifier of a parameter-shaped vector to [features][classes]. */
static void load_matrix(const struct model *m, const float *from, float *to)
{
    const struct head *h = &m->head;
    from += m->net->head_weight;
    if (m->net->head == HEAD_NORM) {
        memcpy(to, from, (size_t)h->features * h->classes * sizeof *to);
        return;
    }
    for (int c = 0; c < h->classes; c++)
        for (int f = 0; f < h->features; f++)
            to[(size_t)f * h->classes + c] = from[(size_t)c * h->features + f];
}

void head_load(struct model *m)
{
    struct head *h = &m->head;
    load_matrix(m, m->pass.params, h->weight);
    if (m->net->head == HEAD_LINEAR) {
        memcpy(h->bias, m->pass.params + m->net->head_bias, (size_t)h->classes * sizeof(float));
        return;
    }
    for (int c = 0; c < h->classes; c++) {
        double norm = fmax(sqrt(column_dot(h, h->weight, h->weight, c)), NORM_EPS);
        h->norm[c] = (float)norm;
        for (int f = 0; f < h->features; f++) {
            float *w = &h->weight[(size_t)f * h->classes + c];
            *w = (float)((double)*w / norm);
        }
    }
}

static bool column_clamped(const struct head *h, int c)
{
    return (double)h->norm[c] <= NORM_EPS;
}

void head_load_direction(struct model *m, struct direction *d)
{
    const struct head *h = &m->head;
    const struct r_head *r = &d->head;
    load_matrix(m, d->v, r->v);
    if (m->net->head == HEAD_LINEAR) {
        memcpy(r->bias, d->v + m->net->head_bias, (size_t)h->classes * sizeof(float));
        memcpy(r->weight, r->v, (size_t)h->features * h->classes * sizeof(float));
        return;
    }
    for (int c = 0; c < h->classes; c++) {
        double along = column_clamped(h, c) ? 0 : column_dot(h, h->weight, r->v, c);
        for (int f = 0; f < h->features; f++) {
            size_t at = (size_t)f * h->classes + c;
            r->weight[at] = (float)(((double)r->v[at] - (double)h->weight[at] * along) / (double)h->norm[c]);
        }
    }
}

/* --- one image: forward ------------------------------------------------------------------------------------------- */

void head_average(const struct layer *l, const float *act, int features, double *out)
{
    for (int f = 0; f < features; f++)
        out[f] = 0;
    for (int p = 0; p < l->px; p++)
        for (int f = 0; f < features; f++)
            out[f] += (double)act[(size_t)p * l->ocs + f];
    for (int f = 0; f < features; f++)
        out[f] /= l->px;
}

void head_take_features(struct model *m, const float *features)
{
    const size_t n = (size_t)m->head.features;
    memcpy(m->head.pooled + (size_t)m->base * n, features, (size_t)m->n * n * sizeof *features);
}

/* The features of an image, into u; act: what the classifier's unit gave of it. By itself the classifier gets floats, as a batch of features brings
 * them. */
static void features_of(const struct model *m, int image, const float *act, double *u)
{
    const int n = m->head.features;
    float *pooled = m->head.pooled + (size_t)image * n;
    const bool alone = m->pass.head_only && !m->train;
    if (!m->of_features)
        head_average(&m->layers[m->net->head_in], act, n, u);
    for (int f = 0; f < n && !m->of_features; f++)
        pooled[f] = (float)u[f];
    for (int f = 0; f < n && alone; f++)
        u[f] = (double)pooled[f];
}

/* out = matrix^T x (+ out) */
static void apply_matrix(const struct model *m, const float *matrix, const float *x, float *out)
{
    for (int f = 0; f < m->head.features; f++)
        m->k->axpy((size_t)m->head.classes, out, x[f], matrix + (size_t)f * m->head.classes);
}

static void start_logits(const struct model *m, const float *bias, float *z)
{
    if (m->net->head == HEAD_LINEAR)
        memcpy(z, bias, (size_t)m->head.classes * sizeof *z);
    else
        memset(z, 0, (size_t)m->head.classes * sizeof *z);
}

void head_classify(struct model *m, int image, const float *act, int worker)
{
    struct head *h = &m->head;
    double *u = m->scratch[worker].u;
    float *feature = h->feature + (size_t)image * h->features, *z = h->logits + (size_t)image * h->classes;
    double norm = 1;
    features_of(m, image, act, u);
    if (m->net->head == HEAD_NORM)
        norm = fmax(sqrt(dot_of_doubles(h->features, u, u)), NORM_EPS);
    h->feature_norm[image] = (float)norm;
    for (int f = 0; f < h->features; f++) {
        u[f] /= norm;
        feature[f] = (float)u[f];
    }
    start_logits(m, h->bias, z);
    apply_matrix(m, h->weight, feature, z);
}

/* --- one image: backward ------------------------------------------------------------------------------------------ */

/* g[f] = sum over classes of matrix[f] gz (+ g) */
static void back(const struct model *m, const float *matrix, const float *gz, double *g)
{
    for (int f = 0; f < m->head.features; f++)
        g[f] += m->k->dot((size_t)m->head.classes, matrix + (size_t)f * m->head.classes, gz);
}

/* The gradient with respect to the features spreads evenly over the pixels. */
void head_spread(const struct layer *l, const double *g, int features, float *to)
{
    memset(to, 0, (size_t)l->ocs * sizeof *to);
    for (int f = 0; f < features; f++)
        to[f] = (float)(g[f] / l->px);
    for (int p = 1; p < l->px; p++)
        memcpy(to + (size_t)p * l->ocs, to, (size_t)l->ocs * sizeof *to);
}

void unit_back(int n, const double *u, double norm, double *g)
{
    double along = norm <= NORM_EPS ? 0 : dot_of_doubles(n, u, g);
    for (int f = 0; f < n; f++)
        g[f] = (g[f] - u[f] * along) / norm;
}

static const struct cpu_criterion *const criteria[N_CRITERIA] = {
#define ROW(id, name, ...) [CRITERION_##id] = &cpu_##name,
    CRITERION_TABLE(ROW)
#undef ROW
};

bool head_supports(enum criterion_kind kind, enum criterion_use use)
{
    return use == CRITERION_GRADIENT || criteria[kind]->product;
}

static struct row row_of(const struct model *m, const struct scratch *w, int image, struct share share)
{
    const struct head *h = &m->head;
    return (struct row){ .criterion = m->pass.criterion, .classes = h->classes, .features = h->features,
                         .label = share.label, .factor = share.part / m->divisor,
                         .x = h->logits + (size_t)image * h->classes, .feature = w->u, .p = w->prob };
}

/* x_y is the largest, ties going to the lowest index; never with a NaN among them. */
static bool is_correct(int classes, const float *x, int y)
{
    for (int j = 0; j < classes; j++)
        if (!(j < y ? x[y] > x[j] : x[y] >= x[j]))
            return false;
    return true;
}

void head_value(struct model *m, int image, int worker)
{
    struct head *h = &m->head;
    struct scratch *w = &m->scratch[worker];
    float *gz = m->slope ? h->gz + (size_t)image * h->classes : NULL;
    double sum = 0;
    if (gz)
        memset(gz, 0, (size_t)h->classes * sizeof *gz);
    memset(w->g, 0, (size_t)h->features * sizeof *w->g);
    for (EACH_SHARE(s, &m->labelled, (size_t)image)) {
        const struct row row = row_of(m, w, image, s);
        sum += s.part * criteria[row.criterion->kind]->value(&row, gz, w->g);
    }
    h->loss[image] = sum;
    h->correct[image] = is_correct(h->classes, h->logits + (size_t)image * h->classes, m->labels[image]);
}

void head_back(struct model *m, int image, int worker)
{
    const struct head *h = &m->head;
    struct scratch *w = &m->scratch[worker];
    back(m, h->weight, h->gz + (size_t)image * h->classes, w->g);
    if (m->net->head == HEAD_NORM)
        unit_back(h->features, w->u, (double)h->feature_norm[image], w->g);
}

static void head_image(struct model *m, const struct span *s, int unit, int i)
{
    const struct layer *l = &m->layers[unit];
    const int image = s->first + i;
    head_classify(m, image, image_at(&l->act, s->at + i), s->worker);
    head_value(m, image, s->worker);
    if (!m->backward)
        return;
    head_back(m, image, s->worker);
    head_spread(l, m->scratch[s->worker].g, m->head.features, grad_at(m, l, s->at + i));
    backward_close(m, s, unit, i);
}

void head_step(struct model *m, const struct span *s, int unit)
{
    if (!m->of_features)
        forward_finish(m, s, unit);
    for (int i = 0; i < s->n; i++)
        head_image(m, s, unit, i);
}

/* --- the classifier's own gradient, after all images --------------------------------------------------------------- */

/* to[f] += sum over images, in order, of feature[f] gz */
static void outer(const struct model *m, const float *feature, const float *gz, int f, float *to)
{
    const struct head *h = &m->head;
    for (int i = m->base; i < m->base + m->n; i++)
        m->k->axpy((size_t)h->classes, to + (size_t)f * h->classes, feature[(size_t)i * h->features + f],
                   gz + (size_t)i * h->classes);
}

static void feature_task(void *context, int f, int worker)
{
    struct model *m = context;
    struct head *h = &m->head;
    (void)worker;
    memset(h->grad + (size_t)f * h->classes, 0, (size_t)h->classes * sizeof(float));
    outer(m, h->feature, h->gz, f, h->grad);
}

static void store_matrix(const struct model *m, const float *from, float *out)
{
    const struct head *h = &m->head;
    out += m->net->head_weight;
    for (int f = 0; f < h->features; f++)
        for (int c = 0; c < h->classes; c++)
            out[(size_t)c * h->features + f] = from[(size_t)f * h->classes + c];
}

static void store_bias(const struct model *m, const float *gz, float *out)
{
    const struct head *h = &m->head;
    float *to = out + m->net->head_bias;
    memset(to, 0, (size_t)h->classes * sizeof *to);
    for (int i = m->base; i < m->base + m->n; i++)
        m->k->axpy((size_t)h->classes, to, 1, gz + (size_t)i * h->classes);
}

/* out NULL: only h->grad, for the R-operator. */
void head_gradient(struct model *m, float *out)
{
    struct head *h = &m->head;
    pass_run(m, feature_task, m, h->features);
    if (!out)
        return;
    if (m->net->head == HEAD_LINEAR) {
        store_matrix(m, h->grad, out);
        store_bias(m, h->gz, out);
        return;
    }
    for (int c = 0; c < h->classes; c++) {
        double along = column_clamped(h, c) ? 0 : column_dot(h, h->weight, h->grad, c);
        for (int f = 0; f < h->features; f++) {
            size_t at = (size_t)f * h->classes + c;
            double g = ((double)h->grad[at] - (double)h->weight[at] * along) / (double)h->norm[c];
            out[m->net->head_weight + at] = (float)g;
        }
    }
}

/* --- along a direction --------------------------------------------------------------------------------------------- */

double unit_r(int n, const double *u, double norm, double *r)
{
    double along = norm <= NORM_EPS ? 0 : dot_of_doubles(n, u, r);
    for (int f = 0; f < n; f++)
        r[f] = (r[f] - u[f] * along) / norm;
    return along;
}

void unit_r_back(int n, const double *u, double norm, double along, const double *g, const double *ru,
                        double *rg)
{
    if (norm <= NORM_EPS) {
        for (int f = 0; f < n; f++)
            rg[f] /= norm;
        return;
    }
    double ug = dot_of_doubles(n, u, g), rug = dot_of_doubles(n, ru, g), urg = dot_of_doubles(n, u, rg);
    for (int f = 0; f < n; f++) {
        double g_a = (g[f] - u[f] * ug) / norm;
        rg[f] = (rg[f] - ru[f] * ug - u[f] * rug - u[f] * urg) / norm - g_a * along / norm;
    }
}

double r_head_classify(struct model *m, const struct r_head *d, int image, const float *ract, int worker)
{
    struct head *h = &m->head;
    const struct scratch *w = &m->scratch[worker];
    const float *feature = h->feature + (size_t)image * h->features;
    float *r_feature = d->feature + (size_t)image * h->features, *rz = d->logits + (size_t)image * h->classes;
    double along = 0;
    for (int f = 0; f < h->features; f++)
        w->u[f] = (double)feature[f];
    if (m->pass.head_only) /* the features do not move along the direction */
        memset(w->r, 0, (size_t)h->features * sizeof *w->r);
    else
        head_average(&m->layers[m->net->head_in], ract, h->features, w->r);
    if (m->net->head == HEAD_NORM)
        along = unit_r(h->features, w->u, (double)h->feature_norm[image], w->r);
    for (int f = 0; f < h->features; f++)
        r_feature[f] = (float)w->r[f];
    start_logits(m, d->bias, rz);
    apply_matrix(m, h->weight, r_feature, rz);
    apply_matrix(m, d->weight, feature, rz);
    return along;
}

void r_head_value(struct model *m, const struct r_head *r, int image, int worker)
{
    const struct head *h = &m->head;
    const struct scratch *w = &m->scratch[worker];
    const size_t at = (size_t)image * h->classes;
    memset(r->gz + at, 0, (size_t)h->classes * sizeof *r->gz);
    memset(w->rg, 0, (size_t)h->features * sizeof *w->rg);
    for (EACH_SHARE(s, &m->labelled, (size_t)image)) {
        const struct row row = row_of(m, w, image, s);
        criteria[row.criterion->kind]->product(&row, r->logits + at, w->r, w->r_logit, r->gz + at, w->rg);
    }
}

void r_head_back(struct model *m, const struct r_head *r, int image, double along, int worker)
{
    const struct head *h = &m->head;
    const struct scratch *w = &m->scratch[worker];
    const size_t at = (size_t)image * h->classes;
    back(m, h->weight, r->gz + at, w->rg);
    back(m, r->weight, h->gz + at, w->rg);
    if (m->net->head != HEAD_NORM)
        return;
    memset(w->g, 0, (size_t)h->features * sizeof *w->g);
    back(m, h->weight, h->gz + at, w->g);
    unit_r_back(h->features, w->u, (double)h->feature_norm[image], along, w->g, w->r, w->rg);
}

static void r_head_image(struct model *m, const struct span *s, const struct direction *d, int unit, int i)
{
    const struct r_layer *last = &d->layers[unit];
    const int image = s->first + i;
    const double along = r_head_classify(m, &d->head, image, image_at(&last->act, s->r_at + i), s->worker);
    r_head_value(m, &d->head, image, s->worker);
    if (m->pass.head_only)
        return;
    r_head_back(m, &d->head, image, along, s->worker);
    head_spread(&m->layers[unit], m->scratch[s->worker].rg, m->head.features, image_at(&last->grad, s->r_at + i));
    r_backward_close(m, s, d, unit, i);
}

void r_head_step(struct model *m, const struct span *s, int unit)
{
    for (int i = 0; i < s->n; i++) {
        if (!m->pass.head_only)
            r_forward_finish(m, s, unit, i, 1);
        for (int k = 0; k < m->n_directions; k++)
            r_head_image(m, s, &m->directions[k], unit, i);
    }
}

static void r_outer_task(void *context, int task, int worker)
{
    struct model *m = context;
    struct head *h = &m->head;
    const struct r_head *r = &m->directions[task / h->features].head;
    const int f = task % h->features;
    (void)worker;
    memset(r->grad + (size_t)f * h->classes, 0, (size_t)h->classes * sizeof(float));
    outer(m, h->feature, r->gz, f, r->grad);
    outer(m, r->feature, h->gz, f, r->grad);
}

/* The same formula as unit_r_back(), for column c of the classifier. */
static void r_column(const struct model *m, const struct direction *d, int c)
{
    const struct head *h = &m->head;
    const struct r_head *r = &d->head;
    const bool clamped = column_clamped(h, c);
    double norm = (double)h->norm[c], ug = 0, rug = 0, urg = 0, along = 0;
    if (!clamped) {
        ug = column_dot(h, h->weight, h->grad, c);
        rug = column_dot(h, r->weight, h->grad, c);
        urg = column_dot(h, h->weight, r->grad, c);
        along = column_dot(h, h->weight, r->v, c);
    }
    for (int f = 0; f < h->features; f++) {
        size_t at = (size_t)f * h->classes + c;
        double u = (double)h->weight[at], ru = (double)r->weight[at], g_a = ((double)h->grad[at] - u * ug) / norm;
        double rg = ((double)r->grad[at] - ru * ug - u * rug - u * urg) / norm - g_a * along / norm;
        d->out[m->net->head_weight + at] = (float)rg;
    }
}

void r_head_outer(struct model *m)
{
    pass_run(m, r_outer_task, m, m->n_directions * m->head.features);
}

void r_head_gradient(struct model *m, struct direction *d)
{
    if (m->net->head == HEAD_LINEAR) {
        store_matrix(m, d->head.grad, d->out);
        store_bias(m, d->head.gz, d->out);
        return;
    }
    for (int c = 0; c < m->head.classes; c++)
        r_column(m, d, c);
}
