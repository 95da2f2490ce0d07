#include "config.h"
#include "engine/probe/reading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/choice.h"
#include "base/err.h"

const struct reading_info reading_table[READING_COUNT] = {
#define READING_ROW(id, name, has_tau, space, measure, help) [READING_##id] = { name, help, has_tau, SPACE_##space, MEASURE_##measure },
    READING_TABLE(READING_ROW)
#undef READING_ROW
};

static const double TINY = 1e-12; /* the least length that anything is divided by */

int reading_find(const char *name, struct err *err)
{
    return choice_find(name, "reading", reading_table, sizeof reading_table[0], READING_COUNT, err);
}

/* --- what is read -------------------------------------------------------------------------------------------------- */

int bank_init(struct bank *b, uint32_t n, int features, int classes, struct err *err)
{
    *b = (struct bank){ .n = n, .features = features, .classes = classes };
    b->feature = malloc((size_t)n * (size_t)features * sizeof *b->feature);
    b->logit = malloc((size_t)n * (size_t)classes * sizeof *b->logit);
    b->label = malloc((size_t)n * sizeof *b->label);
    if (b->feature && b->logit && b->label)
        return 0;
    bank_release(b);
    return err_set(err, ERR_MEMORY, "no memory for the features of %u images", n);
}

void bank_release(struct bank *b)
{
    free(b->feature);
    free(b->logit);
    free(b->label);
    *b = (struct bank){ 0 };
}

/* --- class means --------------------------------------------------------------------------------------------------- */

/* f of image i in a space, into x[features]. */
static void place_features(enum reading_space space, const double *centre, const struct bank *b, uint32_t i, double *x)
{
    const float *f = b->feature + (size_t)i * (size_t)b->features;
    double square = 0;
    for (int k = 0; k < b->features; k++) {
        x[k] = f[k] - centre[k];
        square += x[k] * x[k];
    }
    const double length = space == SPACE_RAW ? 1 : fmax(sqrt(square), TINY);
    for (int k = 0; k < b->features; k++)
        x[k] /= length;
}

static void take_centre(struct class_means *c, const struct bank *of)
{
    for (uint32_t i = 0; i < of->n; i++)
        for (int k = 0; k < of->features; k++)
            c->centre[k] += of->feature[(size_t)i * (size_t)of->features + (size_t)k] / (double)of->n;
}

static void take_means(struct class_means *c, const struct bank *of, double *x, uint32_t *count)
{
    const size_t features = (size_t)c->features;
    for (uint32_t i = 0; i < of->n; i++) {
        double *mean = c->mean + (size_t)of->label[i] * features;
        place_features(c->space, c->centre, of, i, x);
        count[of->label[i]]++;
        for (size_t k = 0; k < features; k++)
            mean[k] += x[k];
    }
    for (int j = 0; j < c->classes; j++)
        for (size_t k = 0; k < features; k++)
            c->mean[(size_t)j * features + k] /= count[j]; /* 0/0: NaN */
}

int class_means_init(struct class_means *c, enum reading_space space, const struct bank *of, struct err *err)
{
    const size_t features = (size_t)of->features, classes = (size_t)of->classes;
    double *x = malloc(features * sizeof *x);
    uint32_t *count = calloc(classes, sizeof *count);
    *c = (struct class_means){ .space = space, .features = of->features, .classes = of->classes };
    c->mean = calloc(classes * features, sizeof *c->mean);
    c->centre = calloc(features, sizeof *c->centre);
    const bool room = x && count && c->mean && c->centre;
    if (room && space == SPACE_CENTRED)
        take_centre(c, of);
    if (room)
        take_means(c, of, x, count);
    free(x);
    free(count);
    if (room)
        return 0;
    class_means_release(c);
    return err_set(err, ERR_MEMORY, "no memory for the means of %zu classes", classes);
}

void class_means_release(struct class_means *c)
{
    free(c->mean);
    free(c->centre);
    *c = (struct class_means){ 0 };
}

/* --- scores -------------------------------------------------------------------------------------------------------- */

static double nearness(enum reading_measure measure, const double *x, const double *mean, int features)
{
    double distance = 0, product = 0, xx = 0, mm = 0;
    for (int k = 0; k < features; k++) {
        distance += (x[k] - mean[k]) * (x[k] - mean[k]);
        product += x[k] * mean[k];
        xx += x[k] * x[k];
        mm += mean[k] * mean[k];
    }
    if (measure == MEASURE_COSINE)
        return product / (fmax(sqrt(xx), TINY) * fmax(sqrt(mm), TINY));
    return measure == MEASURE_PRODUCT ? product : -distance;
}

static double total_of(const uint32_t *count, int classes)
{
    double total = 0;
    for (int j = 0; j < classes; j++)
        total += count[j];
    return total;
}

void reading_scores(const struct reading *r, uint32_t i, double *score, double *room)
{
    const struct bank *b = r->bank;
    const struct reading_info *info = &reading_table[r->kind];
    const float *z = b->logit + (size_t)i * (size_t)b->classes;
    const double total = r->kind == READING_TAU_POST ? total_of(r->count, b->classes) : 0;
    if (info->space != SPACE_NONE)
        place_features(info->space, r->means->centre, b, i, room);
    for (int j = 0; j < b->classes; j++)
        if (info->space != SPACE_NONE)
            score[j] = nearness(info->measure, room, r->means->mean + (size_t)j * (size_t)b->features, b->features);
        else if (r->kind == READING_TAU_NORM)
            score[j] = ((double)z[j] - r->bias[j]) / pow(fmax(r->length[j], TINY), r->tau);
        else if (r->kind == READING_TAU_POST && r->tau != 0)
            score[j] = r->scale * z[j] - r->tau * log(r->count[j] / total);
        else
            score[j] = z[j];
}

int reading_answer(const double *score, int classes)
{
    int best = -1;
    for (int j = 0; j < classes; j++)
        if (!isnan(score[j]) && (best < 0 || score[j] > score[best]))
            best = j;
    return best < 0 ? 0 : best;
}

bool reading_completes(const char *split, const char *chosen)
{
    return !chosen || strcmp(chosen, "given") == 0 || strcmp(chosen, split) == 0;
}

int reading_count(const struct reading *r, uint32_t *hits, uint32_t *count, struct err *err)
{
    const struct bank *b = r->bank;
    double *score = malloc(((size_t)b->classes + (size_t)b->features) * sizeof *score);
    if (!score)
        return err_set(err, ERR_MEMORY, "no memory for the scores of %d classes", b->classes);
    memset(hits, 0, (size_t)b->classes * sizeof *hits);
    memset(count, 0, (size_t)b->classes * sizeof *count);
    for (uint32_t i = 0; i < b->n; i++) {
        reading_scores(r, i, score, score + b->classes);
        count[b->label[i]]++;
        hits[b->label[i]] += reading_answer(score, b->classes) == b->label[i] && !isnan(score[b->label[i]]);
    }
    free(score);
    return 0;
}
