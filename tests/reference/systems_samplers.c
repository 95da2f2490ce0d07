/* The visits of samplers to each class: the rule's chances, and what an order draws. */
#include "config.h"
#include "tests/reference/systems.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/data/order.h"
#include "tests/reference/fixture.h"

static const double CHANCE = 1e-12; /* double against double */
enum { EPOCHS = 10 };

struct sampler_rule {
    enum sampler_kind kind;
};

struct sampler_case {
    struct systems *s;
    struct sampler sampler;
    int classes;
    uint32_t *counts, epoch;
    double *weight;
};

/* The sizes of the classes: they stand beside the rules in the group of the case, or in that of the same number of classes. */
static json_t *group_member(struct systems *s, const char *key)
{
    json_t *samplers = fixture_member(s->stages, "samplers");
    const char *group = s->name + strlen("sampler ");
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(group, "/:"), group);
    return json_object_get(fixture_member(samplers, name), key);
}

/* Over how many epochs the progressive rules run: their names say "of 90"; where one does not, its neighbours do. */
static uint32_t progressive_epochs(struct systems *s)
{
    const char *name, *of = strstr(s->name, " of ");
    json_t *any;
    const char *group = s->name + strlen("sampler ");
    char near[64];
    snprintf(near, sizeof near, "%.*s", (int)strcspn(group, "/:"), group);
    json_object_foreach(fixture_member(fixture_member(s->stages, "samplers"), near), name, any)
        if (!of && strncmp(name, "progressive", strlen("progressive")) == 0)
            of = strstr(name, " of ");
    if (!of)
        fixture_stop(1, "%s: of how many epochs?", s->name);
    return (uint32_t)atoi(of + strlen(" of "));
}

/* A power of the class's size, that its name says: "q=0.25", "reverse (BBN)" -1, "per-image weight n^-0.2" one more. */
static double power_of(const char *name)
{
    const char *q = strstr(name, "q="), *n = strstr(name, "per-image weight n^");
    return q ? atof(q + 2) : n ? 1 + atof(n + strlen("per-image weight n^")) : -1;
}

static void open_case(struct sampler_case *c, enum sampler_kind kind)
{
    struct systems *s = c->s;
    const char *epoch = strstr(s->name, "epoch ");
    c->counts = systems_counts(group_member(s, "counts"), &c->classes);
    c->weight = malloc((size_t)c->classes * sizeof *c->weight);
    if (!c->weight)
        fixture_stop(1, "no memory");
    c->sampler = (struct sampler){ .kind = kind, .weight = c->weight, .beta_en = systems_hyper(s->losses, NULL, "cb_beta", NAN) };
    for (int k = 0; k < c->classes; k++)
        c->weight[k] = pow(c->counts[k], power_of(s->name));
    if (kind != SAMPLER_PROGRESSIVE)
        return;
    c->sampler.epochs = progressive_epochs(s);
    c->epoch = epoch ? (uint32_t)atoi(epoch + strlen("epoch ")) : 0;
}

/* The draws of EPOCHS epochs are within five standard deviations. Images have no pixels here. */
static void judge_draws(struct sampler_case *c, json_t *expected)
{
    struct image_set set = { .count = c->counts };
    struct order o;
    struct err err = { 0 };
    for (int k = 0; k < c->classes; k++)
        set.n += c->counts[k];
    const size_t classes = (size_t)c->classes;
    uint32_t *position = malloc(set.n * sizeof *position), *drawn = malloc(classes * sizeof *drawn), at = 0;
    set.labels = malloc(set.n * sizeof *set.labels);
    if (!position || !drawn || !set.labels)
        fixture_stop(1, "no memory");
    memset(drawn, 0, classes * sizeof *drawn);
    for (int k = 0; k < c->classes; k++)
        for (uint32_t i = 0; i < c->counts[k]; i++)
            set.labels[at++] = k;
    systems_must(order_init(&o, &c->sampler, &set, c->classes, &err), &err);
    for (uint64_t seed = 0; seed < EPOCHS; seed++) {
        order_fill(&o, position, seed, c->epoch);
        for (uint32_t i = 0; i < o.n; i++)
            drawn[set.labels[position[i]]]++;
    }
    for (int k = 0; k < c->classes; k++) {
        const double mean = (double)EPOCHS * o.n * json_number_value(json_array_get(expected, (size_t)k));
        systems_judge(c->s, "images drawn of a class", fabs(drawn[k] - mean), 5 * sqrt(mean));
    }
    order_release(&o);
    free(position);
    free(drawn);
    free(set.labels);
}

static void check_sampler(struct systems *s, json_t *numbers, const struct family *f)
{
    struct sampler_case c = { .s = s };
    struct err err = { 0 };
    double sum = 0;
    open_case(&c, ((const struct sampler_rule *)f->detail)->kind);
    double *share = malloc((size_t)c.classes * sizeof *share);
    if (!share || json_array_size(numbers) != (size_t)c.classes)
        fixture_stop(1, "%s: not %d chances", s->name, c.classes);
    systems_must(sampler_shares(&c.sampler, c.counts, c.classes, c.epoch, share, &err), &err);
    for (int k = 0; k < c.classes; k++)
        sum += share[k];
    for (int k = 0; k < c.classes; k++)
        systems_judge(s, "chance of a class", fabs(share[k] / sum - json_number_value(json_array_get(numbers, (size_t)k))), CHANCE);
    judge_draws(&c, numbers);
    free(share);
    free(c.weight);
    free(c.counts);
}

#define RULE(pattern, kind) { "sampler k*: " pattern, check_sampler, &(const struct sampler_rule){ kind } }
const struct family sampler_families[] = {
    RULE("instance *", SAMPLER_INSTANCE),
    RULE("square-root*", SAMPLER_SQUARE_ROOT),
    RULE("class-aware q=*", SAMPLER_CLASS_AWARE),
    RULE("q=*", SAMPLER_WEIGHTED),
    RULE("reverse*", SAMPLER_WEIGHTED),
    RULE("per-image weight n^*", SAMPLER_WEIGHTED),
    RULE("effective number*", SAMPLER_EFFECTIVE),
    RULE("progressive epoch * (source*", SAMPLER_PROGRESSIVE),
    RULE("progressive epoch *[0-9]", SAMPLER_PROGRESSIVE), /* the authors' own, e/(T - 1) too */
    { "sampler k*: progressive epoch *t/T)", NULL, NULL }, /* another rule, that never comes to all classes alike */
    { "sampler k*: counts", NULL, NULL },
    { "sampler k*: class-aware epoch length*", NULL, NULL },
    { NULL, NULL, NULL },
};
