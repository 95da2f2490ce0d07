/* Each knob of an optimiser arrives in the step that it is for, and changes nothing else of it. The knobs come from the table of optimisers:
 * a new one needs a row here. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/run/step_knobs.h"
#include "tests/unit/school.h"

#define FIELD(name) offsetof(struct optim_knobs, name), sizeof((struct optim_knobs){ 0 }.name)
static const struct {
    enum knob_id knob;
    const char *text; /* another value than the one of stand() */
    size_t at, size;
    double value;     /* what arrives then */
} rows[] = {
    { KNOB_LR, "0.25", FIELD(lr), 0.25 },
    { KNOB_MOMENTUM, "0.5", FIELD(momentum), 0.5 },
    { KNOB_WEIGHT_DECAY, "0.125", FIELD(weight_decay), 0.125 },
    { KNOB_NESTEROV, "on", FIELD(nesterov), 1 },
    { KNOB_RHO, "0.25", FIELD(rho), 0.25 },
    { KNOB_RHO_DRW, "0.75", FIELD(rho), 0.75 },
    { KNOB_ASAM_ETA, "0.25", FIELD(asam_eta), 0.25 },
    { KNOB_BN_SECOND_PASS, "freeze", FIELD(freeze_second_pass), 1 },
    { KNOB_SAM_FROM, "1", FIELD(kind), OPTIMISER_SGD },
    { KNOB_SAM_EVERY, "2", FIELD(kind), OPTIMISER_SGD },
    { KNOB_TAIL_BELOW, "20", FIELD(part), 0 },
    { KNOB_TAIL_GAIN, "2", FIELD(part_gain), 2 },
    { KNOB_SAM_SHARE, "0.25", FIELD(part), 0 },
    { KNOB_SAM_FOCUS, "1", FIELD(part), 0 },
    { KNOB_RHO_HEAD, "0.375", FIELD(rho_head), 0.375 },
    { KNOB_HEAD_UNTIL, "0", FIELD(rho_head), 0 },
    { KNOB_GSAM_ALPHA, "0.25", FIELD(gsam_alpha), 0.25 },
    { KNOB_WSAM_GAMMA, "0.25", FIELD(wsam_gamma), 0.25 },
    { KNOB_WSAM_FORM, "coupled", FIELD(wsam_coupled), 1 },
    { KNOB_FSAM_SIGMA, "0.25", FIELD(fsam_sigma), 0.25 },
    { KNOB_FSAM_LAMBDA, "0.25", FIELD(fsam_lambda), 0.25 },
    { KNOB_FSAM_FORM, "paper", FIELD(fsam_paper), 1 },
    { KNOB_LOOKSAM_K, "3", FIELD(looksam_k), 3 },
    { KNOB_LOOKSAM_ALPHA, "0.25", FIELD(looksam_alpha), 0.25 },
    { KNOB_LOOKSAM_FORM, "tensor", FIELD(looksam_by_tensor), 1 },
    { KNOB_MSAM_M, "7", FIELD(msam_m), 7 },
    { KNOB_ESAM_BETA, "0.25", FIELD(esam_beta), 0.25 },
    { KNOB_ESAM_GAMMA, "0.25", FIELD(esam_gamma), 0.25 },
    { KNOB_CCSAM_A, "0.25", FIELD(ccsam_a), 0.25 },
    { KNOB_CCSAM_PHI, "0.25", FIELD(ccsam_phi), 0.25 },
    { KNOB_ESAM_FORM, "element", FIELD(esam_by_element), 1 },
    { KNOB_GAUGE_EVERY, "1", FIELD(gauges), 1 },
    { KNOB_PGD_SIGMA, "0.25", FIELD(pgd_sigma), 0.25 },
    { KNOB_PGD_WHERE, "weights", FIELD(pgd_on_weights), 1 },
    { KNOB_LPF_M, "3", FIELD(lpf_m), 3 },
    { KNOB_LPF_GAMMA, "0.25", FIELD(lpf_gamma), 0.25 },
};
enum { N_ROWS = sizeof rows / sizeof *rows };

static double number_at(const struct optim_knobs *k, size_t at, size_t size)
{
    const char *p = (const char *)k + at;
    if (at == offsetof(struct optim_knobs, kind))
        return *(const enum optimiser *)(const void *)p;
    if (size == sizeof(bool))
        return *(const bool *)p;
    if (at == offsetof(struct optim_knobs, lpf_m) || at == offsetof(struct optim_knobs, looksam_k) || at == offsetof(struct optim_knobs, msam_m))
        return *(const uint32_t *)(const void *)p;
    return size == sizeof(float) ? (double)*(const float *)(const void *)p : *(const double *)(const void *)p;
}

struct seen {
    double number[N_ROWS];
    float share[2 * CLASSES];
};

/* Class weights act from the start, so that rho_drw is in force; step 1 is in no second stage, and no second step of sam_every. */
static void look(struct school *s, enum optimiser kind, int changed, struct seen *out)
{
    struct learner l = { 0 };
    knob(&s->knobs, "opt", optimiser_table[kind].name);
    knob(&s->knobs, "weights", "effective");
    knob(&s->knobs, "drw", "0");
    open_learner(&l, s, &backend_cpu);
    if (changed >= 0)
        knob(&l.knobs, knob_table[rows[changed].knob].name, rows[changed].text);
    const struct optim_knobs k = learner_step_knobs(&l, 1);
    for (int i = 0; i < N_ROWS; i++)
        out->number[i] = rows[i].at == offsetof(struct optim_knobs, part) ? 0 : number_at(&k, rows[i].at, rows[i].size);
    memset(out->share, 0, sizeof out->share);
    if (optimiser_table[k.kind].way == WAY_PARTS)
        memcpy(out->share, l.share, sizeof out->share);
    learner_close(&l);
}

static bool of_every_descent(enum knob_id id)
{
    return id == KNOB_LR || id == KNOB_MOMENTUM || id == KNOB_WEIGHT_DECAY || id == KNOB_NESTEROV;
}

static void check_row(struct school *s, enum optimiser kind, int row, const struct seen *before)
{
    struct seen now;
    const char *name = knob_table[rows[row].knob].name;
    const bool of_shares = rows[row].at == offsetof(struct optim_knobs, part), of_kind = rows[row].at == offsetof(struct optim_knobs, kind);
    look(s, kind, row, &now);
    if (!of_shares && (now.number[row] != rows[row].value || before->number[row] == rows[row].value))
        fail_msg("opt %s: %s %s does not arrive: %g, before %g", optimiser_table[kind].name, name, rows[row].text, now.number[row], before->number[row]);
    if (of_shares == (memcmp(now.share, before->share, sizeof now.share) == 0) && !of_kind)
        fail_msg("opt %s: %s %s: shares of classes are wrong", optimiser_table[kind].name, name, rows[row].text);
    for (int i = 0; i < N_ROWS && !of_kind; i++) /* a step of another kind has other numbers */
        if (rows[i].at != rows[row].at && now.number[i] != before->number[i])
            fail_msg("opt %s: %s %s changes %s too", optimiser_table[kind].name, name, rows[row].text, knob_table[rows[i].knob].name);
}

static void every_knob_arrives(void **state)
{
    struct school *s = *state;
    for (int kind = 0; kind < OPTIMISER_COUNT; kind++) {
        struct seen before;
        look(s, (enum optimiser)kind, -1, &before);
        for (int i = 0; i < N_ROWS; i++)
            if (kind == OPTIMISER_LOOKSAM && rows[i].knob == KNOB_GAUGE_EVERY)
                continue; /* its second step does not climb, so it has no gauges */
            else if (of_every_descent(rows[i].knob) || optimiser_reads((enum optimiser)kind, rows[i].knob))
                check_row(s, (enum optimiser)kind, i, &before);
    }
}

static void every_knob_has_a_row(void **state)
{
    (void)state;
    for (int kind = 0; kind < OPTIMISER_COUNT; kind++)
        for (const enum knob_id *id = optimiser_table[kind].knobs; *id != KNOB_NONE; id++) {
            int n = 0;
            for (int i = 0; i < N_ROWS; i++)
                n += rows[i].knob == *id;
            if (n != 1)
                fail_msg("opt %s reads %s, which has %d rows here", optimiser_table[kind].name, knob_table[*id].name, n);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_knob_has_a_row),
        cmocka_unit_test_setup_teardown(every_knob_arrives, enter, leave),
    };
    return cmocka_run_group_tests_name("unit/step_knobs", tests, NULL, NULL);
}
