/* Readings of a bank against the code of the systems that published them: scores of every image and class, and the answers. */
#include "config.h"
#include "tests/reference/systems.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/probe/reading.h"
#include "tests/reference/fixture.h"

static const double SCORE = 1e-6; /* relative, of float32 features */

struct reading_rule {
    enum reading_kind kind;
    bool by_features; /* the source divides its inner product by the number of features */
};

struct reading_case {
    struct systems *s;
    json_t *numbers;
    char inputs[32]; /* "k10/in" */
    struct bank query, train;
    struct class_means means;
    float *weight, *bias;
    double *length;  /* [classes] */
    uint32_t *count;
};

static void read_labels(const struct reading_case *c, const char *name, struct bank *b)
{
    size_t n;
    int32_t *labels = systems_labels(c->s, c->inputs, name, &n);
    if (n != b->n)
        fixture_stop(1, "%s: %zu labels '%s' for %u images", c->s->name, n, name, b->n);
    memcpy(b->label, labels, n * sizeof *labels);
    free(labels);
}

/* Outputs W f + b, in double, rounded as a network's are. */
static void classify(const struct reading_case *c, struct bank *b)
{
    for (uint32_t i = 0; i < b->n; i++)
        for (int j = 0; j < b->classes; j++) {
            double sum = c->bias[j];
            for (int k = 0; k < b->features; k++)
                sum += (double)c->weight[j * b->features + k] * b->feature[i * (uint32_t)b->features + (uint32_t)k];
            b->logit[i * (uint32_t)b->classes + (uint32_t)j] = (float)sum;
        }
}

static void read_bank(struct reading_case *c, const char *features, const char *labels, int classes, int d, struct bank *b)
{
    struct err err = { 0 };
    size_t n;
    float *f = systems_floats(c->s, c->inputs, features, true, &n);
    systems_must(bank_init(b, (uint32_t)(n / (size_t)d), d, classes, &err), &err);
    memcpy(b->feature, f, n * sizeof *f);
    free(f);
    read_labels(c, labels, b);
    classify(c, b);
}

static void read_inputs(struct reading_case *c)
{
    size_t n_w, n_b;
    int classes;
    char vectors[32];
    c->weight = systems_floats(c->s, c->inputs, "W", true, &n_w);
    c->bias = systems_floats(c->s, c->inputs, "b", true, &n_b);
    snprintf(vectors, sizeof vectors, "%.*s/vectors", (int)strcspn(c->s->name, "/"), c->s->name);
    c->count = systems_counts(fixture_member(fixture_member(fixture_member(c->s->losses, "cases"), vectors), "counts"), &classes);
    if ((size_t)classes != n_b || n_w % n_b != 0)
        fixture_stop(1, "%s: %zu biases and %d class sizes", c->s->name, n_b, classes);
    const int d = (int)(n_w / n_b);
    c->length = calloc(n_b, sizeof *c->length);
    for (size_t i = 0; c->length && i < n_w; i++)
        c->length[i / (size_t)d] += (double)c->weight[i] * c->weight[i];
    for (size_t j = 0; c->length && j < n_b; j++)
        c->length[j] = sqrt(c->length[j]);
    read_bank(c, "f2", "y", classes, d, &c->query);
    read_bank(c, "bank_f", "bank_y", classes, d, &c->train);
}

static void judge(struct reading_case *c, const struct reading *r, bool by_features)
{
    const size_t k = (size_t)c->query.classes, n = c->query.n * k;
    float *scores = malloc(n * sizeof *scores);
    double *row = malloc((k + (size_t)c->query.features) * sizeof *row);
    json_t *answers = fixture_member(c->numbers, "pred");
    uint32_t wrong = 0;
    if (!scores || !row || json_array_size(answers) != c->query.n)
        fixture_stop(1, "%s: %zu answers for %u images", c->s->name, json_array_size(answers), c->query.n);
    for (uint32_t i = 0; i < c->query.n; i++) {
        reading_scores(r, i, row, row + k);
        for (size_t j = 0; j < k; j++)
            scores[i * k + j] = (float)(by_features ? row[j] / c->query.features : row[j]);
        wrong += reading_answer(row, (int)k) != (int)json_integer_value(json_array_get(answers, i));
    }
    systems_judge_summary(c->s, "scores", scores, n, fixture_member(c->numbers, "logits"), SCORE * systems_norm(scores, n));
    systems_judge(c->s, "answers that differ", wrong, 0.5);
    free(scores);
    free(row);
}

static void check_reading(struct systems *s, json_t *numbers, const struct family *f)
{
    const struct reading_rule *rule = f->detail;
    struct reading_case c = { .s = s, .numbers = numbers };
    struct err err = { 0 };
    snprintf(c.inputs, sizeof c.inputs, "%.*s/in.", (int)strcspn(s->name, "/"), s->name);
    read_inputs(&c);
    if (reading_table[rule->kind].space != SPACE_NONE)
        systems_must(class_means_init(&c.means, reading_table[rule->kind].space, &c.train, &err), &err);
    json_t *given = json_object_get(numbers, "tau");
    const double tau = json_is_number(given) ? json_number_value(given) : NAN;
    const struct reading r = { .kind = rule->kind, .tau = tau, .bank = &c.query, .length = c.length,
                               .bias = c.bias, .count = c.count, .scale = 1, .means = &c.means };
    judge(&c, &r, rule->by_features);
    bank_release(&c.query);
    bank_release(&c.train);
    class_means_release(&c.means);
    free(c.weight);
    free(c.bias);
    free(c.length);
    free(c.count);
}

#define RULE(pattern, kind, by_features) { pattern, check_reading, &(const struct reading_rule){ READING_##kind, by_features } }
const struct family reading_families[] = {
    RULE("k*/taunorm.*", TAU_NORM, false),
    RULE("k*/posthoc", TAU_POST, false),
    RULE("k*/ncm.un.l2", NCM, false),
    RULE("k*/ncm.un.cos", NCM_DOT, true),
    RULE("k*/ncm.l2n.l2", NCM_L2N, false),
    RULE("k*/ncm.l2n.cos", NCM_L2N_DOT, true),
    RULE("k*/ncm.cl2n.l2", NCM_CL2N, false),
    RULE("k*/ncm.cl2n.cos", NCM_CL2N_DOT, true),
    RULE("k*/ncm.cosine", NCM_COSINE, false),
    { NULL, NULL, NULL },
};
