/* A back end and the engine against numbers computed in float64 by the code of long-tail systems: losses (value and every
 * gradient), readings of features, optimiser steps, second stages, frequencies of samplers, networks; and, case by case, what saddle does not have yet.
 *
 *   systems BACKEND [FILTER]     FILTER: part of a case's name, such as k10/ or bsoftmax or /sam, or "net " for the
 *                              networks, which are left out otherwise ("net resnet18", ".224")
 *
 * SADDLE_FIXTURE_FIRST: of steps the first alone. The numbers lie in the folder `systems` of $SADDLE_FIXTURES, or of ../shared/fixtures; the sizes of batches and classes and all
 * constants are read from them. Each line shows the largest error as a share of its limit; above 1 fails. Exit status 77 when
 * there are no numbers, or nothing that was asked for is in saddle. A new kind of case is a row of a table of families. */
#include "config.h"
#include "tests/reference/systems.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "tests/reference/fixture.h"

/* --- for the families --- */

void systems_must(int result, const struct err *err)
{
    if (result < 0)
        fixture_stop(1, "%s", err->text);
}

void systems_judge(struct systems *s, const char *what, double error, double limit)
{
    double share = error / limit;
    if (share > s->worst || isnan(share))
        s->worst = share;
    if (share <= 1)
        return;
    s->failures++;
    if (!s->quiet)
        printf("FAIL %s: %s: error %.3g, allowed %.3g\n", s->name, what, error, limit);
}

double systems_norm(const float *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * x[i];
    return sqrt(sum);
}

/* An error vector e moves a sum by at most sqrt(n) |e|, but only when all of its numbers point one way; independent ones move it by
 * about |e|. Ten times that is allowed. */
void systems_judge_summary(struct systems *s, const char *what, const float *x, size_t n, json_t *summary, double limit)
{
    double sum = 0, wave = 0, spread = fmin(sqrt((double)n), 10);
    if (json_array_size(summary) != 3)
        fixture_stop(1, "%s: no summary of %s", s->name, what);
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        wave += x[i] * cos(0.37 * (double)i);
    }
    systems_judge(s, what, fabs(systems_norm(x, n) - json_number_value(json_array_get(summary, 1))), limit);
    systems_judge(s, what, fabs(sum - json_number_value(json_array_get(summary, 0))), spread * limit);
    systems_judge(s, what, fabs(wave - json_number_value(json_array_get(summary, 2))), spread * limit);
}

double systems_hashed(uint64_t seed, uint64_t t, uint64_t i)
{
    uint64_t z = (seed << 56) + (t << 40) + i + UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    return 2 * ldexp((double)(z >> 40), -24) - 1;
}

double systems_hyper(json_t *file, json_t *numbers, const char *key, double otherwise)
{
    json_t *value = json_object_get(json_object_get(numbers, "hyper"), key);
    if (!json_is_number(value))
        value = json_object_get(json_object_get(file, "hyper"), key);
    return json_is_number(value) ? json_number_value(value) : otherwise;
}

uint32_t *systems_counts(json_t *list, int *n)
{
    *n = (int)json_array_size(list);
    uint32_t *counts = calloc((size_t)*n + 1, sizeof *counts);
    if (!counts || *n == 0)
        fixture_stop(1, "no class sizes");
    for (int c = 0; c < *n; c++)
        counts[c] = (uint32_t)json_integer_value(json_array_get(list, (size_t)c));
    return counts;
}

float *systems_floats(const struct systems *s, const char *prefix, const char *name, bool must, size_t *n)
{
    char full[160];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    const struct safetensors_tensor *t = safetensors_find(s->tensors, full);
    if (!t && must)
        fixture_stop(1, "no tensor '%s'", full);
    *n = t ? t->count : 0;
    if (!t)
        return NULL;
    float *out = malloc((t->count + 1) * sizeof *out);
    if (!out || safetensors_to_float(t, out, NULL) < 0)
        fixture_stop(1, "tensor '%s' cannot be read", full);
    return out;
}

int32_t *systems_labels(const struct systems *s, const char *prefix, const char *name, size_t *n)
{
    char full[160];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    const struct safetensors_tensor *t = safetensors_find(s->tensors, full);
    if (!t || t->count == 0)
        fixture_stop(1, "no labels '%s'", full);
    int64_t *wide = malloc(t->count * sizeof *wide);
    int32_t *out = malloc(t->count * sizeof *out);
    if (!wide || !out || safetensors_to_int64(t, wide, NULL) < 0)
        fixture_stop(1, "labels '%s' cannot be read", full);
    for (size_t i = 0; i < t->count; i++)
        out[i] = (int32_t)wide[i];
    free(wide);
    *n = t->count;
    return out;
}

void systems_loss(struct loss *l, const struct loss_config *c, json_t *counts)
{
    struct err err = { 0 };
    int classes;
    uint32_t *n = systems_counts(counts, &classes);
    systems_must(loss_init(l, classes, n, &err), &err);
    systems_must(loss_set(l, c, &err), &err);
    free(n);
}

/* --- the cases --- */

struct tally {
    const char *filter;
    int checked, absent;
};

/* Networks take seconds each, and with images of 224 pixels minutes: only who names them asks for them. */
static bool is_asked(const struct tally *t, const char *name)
{
    if (!t->filter)
        return strncmp(name, "net ", 4) != 0;
    return strstr(name, t->filter) && (!strstr(name, ".224") || strstr(t->filter, ".224"));
}

static const struct family *family_of(const struct family *const *lists, const char *name)
{
    for (; *lists; lists++)
        for (const struct family *f = *lists; f->pattern; f++)
            if (fnmatch(f->pattern, name, 0) == 0)
                return f;
    return NULL;
}

/* Steps that look at a batch on the host: saddle has them on no back end that keeps batches to itself. */
static bool is_refused(const struct systems *s, const char *name)
{
    static const char *const on_host[] = { "*/sam.ib.frozen", "*/ccsam.*" };
    bool held = false;
    for (size_t i = 0; i < sizeof on_host / sizeof *on_host; i++)
        held = held || fnmatch(on_host[i], name, 0) == 0;
    return held && s->backend->store_new;
}

static void one(struct systems *s, struct tally *t, const struct family *const *lists, const char *name, json_t *numbers)
{
    if (!is_asked(t, name))
        return;
    const struct family *f = family_of(lists, name);
    if (!f) {
        printf("skip %s: not yet in saddle\n", name);
        t->absent++;
        return;
    }
    if (!f->check) /* no case */
        return;
    if (is_refused(s, name)) {
        printf("skip %s: %s refuses it\n", name, s->backend->name);
        t->absent++;
        return;
    }
    const int failures = s->failures;
    s->name = name;
    s->worst = 0;
    f->check(s, numbers, f);
    printf("%s %s  %.2g\n", s->failures > failures ? "FAIL" : "ok  ", name, s->worst);
    fflush(stdout);
    t->checked++;
}

static void all(struct systems *s, struct tally *t, const struct family *const *lists, json_t *cases, const char *prefix)
{
    const char *key;
    json_t *numbers;
    json_object_foreach(cases, key, numbers) {
        char name[160];
        snprintf(name, sizeof name, "%s%s", prefix, key);
        one(s, t, lists, name, numbers);
    }
}

static json_t *read_json(const char *name)
{
    char path[4096];
    json_error_t why;
    fixture_path(path, sizeof path, "systems/%s", name);
    if (access(path, R_OK) != 0)
        fixture_stop(77, "skip: no reference numbers at %s (set SADDLE_FIXTURES)", path);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (!root)
        fixture_stop(1, "%s: line %d: %s", path, why.line, why.text);
    return root;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3)
        fixture_stop(2, "usage: systems BACKEND [FILTER]");
    struct systems s = { .backend = fixture_backend(argv[1]), .losses = read_json("losses.json"), .steps = read_json("steps.json"),
                         .stages = read_json("stages.json"), .nets = read_json("nets.json"),
                         .tensors = fixture_open("systems/losses.safetensors") };
    struct tally t = { .filter = argc > 2 ? argv[2] : NULL };
    const char *group;
    json_t *samplers;
    all(&s, &t, (const struct family *const[]){ loss_families, class_families, reading_families, NULL }, fixture_member(s.losses, "cases"), "");
    all(&s, &t, (const struct family *const[]){ step_families, NULL }, fixture_member(s.steps, "cases"), "");
    all(&s, &t, (const struct family *const[]){ stage_families, NULL }, fixture_member(s.stages, "cases"), "stage ");
    json_object_foreach(fixture_member(s.stages, "samplers"), group, samplers) {
        char prefix[96];
        snprintf(prefix, sizeof prefix, "sampler %s: ", group);
        all(&s, &t, (const struct family *const[]){ sampler_families, NULL }, samplers, prefix);
    }
    safetensors_close(s.tensors);
    s.tensors = fixture_open("systems/nets.safetensors");
    all(&s, &t, (const struct family *const[]){ net_families, NULL }, fixture_member(s.nets, "cases"), "net ");
    printf("%s: %d cases, %d failures; %d not in saddle\n", argv[1], t.checked, s.failures, t.absent);
    if (!t.checked && !t.absent)
        printf("no case's name holds '%s'\n", t.filter);
    safetensors_close(s.tensors);
    json_decref(s.losses);
    json_decref(s.steps);
    json_decref(s.stages);
    json_decref(s.nets);
    return s.failures || (!t.checked && !t.absent) ? 1 : t.checked ? 0 : 77;
}
