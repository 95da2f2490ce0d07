/* Every loss with every optimiser and second stage: what is accepted trains, on cpu as on reference, for three steps; what is refused names both
 * sides. A sample of them is trained; all where SADDLE_COMBINATIONS is all. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "engine/criteria/loss.h"
#include "engine/criteria/loss_knobs.h"
#include "engine/optimisers.h"
#include "engine/run/learner.h"
#include "repl/combinations.h"
#include "tests/unit/bands.h"

enum { STEPS = 3 };

struct walk { /* where three steps led */
    float *from, *to;
    double loss, loss_up; /* of the first */
    size_t n;
};

static void small_run(struct knobs *k)
{
    static const char *const pairs[][2] = { { "model", "resnet8" }, { "batch", "6" }, { "threads", "1" }, { "epochs", "2" }, { "augment", "off" },
                                            { "lr", "0.005" }, { "wsam_gamma", "0.6" }, { "stage_lr", "0.02" }, { "stage_rho", "0.05" }, { "weights", "effective" },
                                            { "drw", "0" }, { "ib_start", "0" }, { "ib_alpha", "1" }, { "stage_loss", "same" },
                                            { "looksam_k", "2" }, { "resample", "off" }, { "sampler", "class-aware" } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        knob(k, pairs[i][0], pairs[i][1]);
    if (knob_is(k, KNOB_STAGE, "ccsam") && criterion_table[loss_chosen(k)->criterion].linear_head) /* it has the cross-entropy, whatever loss says */
        knob(k, "stage_loss", "ce");
}

static float *read_weights(const struct learner *l)
{
    float *w = malloc(l->net.params.total * sizeof *w);
    assert_non_null(w);
    l->backend->vec_read(l->model, w, l->params, l->net.params.total);
    return w;
}

static void walk_on(const struct backend *b, const struct dataset *data, const struct knobs *k, bool second, struct walk *out)
{
    struct learner l;
    struct learned done;
    if (learner_open(&l, b, 0, data, k, &last) < 0 || learner_set_weights(&l, NULL, NULL, &last) < 0)
        fail_msg("%s", last.text);
    l.step = second ? l.spe * (uint64_t)knob_int(k, KNOB_EPOCHS) : 0;
    out->from = read_weights(&l);
    out->n = l.net.params.total;
    for (int i = 0; i < STEPS; i++) {
        if (learner_step(&l, &done, &last) < 0)
            fail_msg("%s: %s", b->name, last.text);
        if (i == 0) {
            out->loss = done.r.first.loss;
            out->loss_up = done.r.second.loss;
        }
    }
    out->to = read_weights(&l);
    learner_close(&l);
}

static double length_of(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    return sqrt(sum);
}

static bool is_close(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) < 5e-5 * (1 + fabs(a));
}

/* The first losses tell most: later a ReLU that flips may cost float32 some hundredths of the way. */
static void compare(const struct dataset *data, const struct knobs *k, bool second, const char *what)
{
    struct walk a, b;
    walk_on(&backend_reference, data, k, second, &a);
    walk_on(&backend_cpu, data, k, second, &b);
    const double way = length_of(a.from, a.to, a.n), gap = length_of(a.to, b.to, a.n);
    if (!(way > 0) || !(gap < 0.05 * way) || !is_close(a.loss, b.loss) || !is_close(a.loss_up, b.loss_up))
        fail_msg("%s: way %g, gap %g, losses %.9g and %.9g, at w + e %.9g and %.9g", what, way, gap, a.loss, b.loss, a.loss_up, b.loss_up);
    free(a.from);
    free(a.to);
    free(b.from);
    free(b.to);
}

/* A sample has each loss and each optimiser; a second stage trains by a radius of its own and not by `opt`. */
static bool is_asked(int loss, int opt, int stage)
{
    const char *all = getenv("SADDLE_COMBINATIONS");
    if (all && strcmp(all, "all") == 0)
        return true;
    return stage == 0 ? (loss + opt) % LOSS_COUNT == 0 : opt == OPTIMISER_SGD && loss % 3 == 0;
}

static void accepted_train_alike_and_refused_say_why(void **state)
{
    struct dataset data;
    int accepted = 0, refused = 0, walked = 0;
    (void)state;
    make_data(&data, train_counts, 0);
    for (int loss = 0; loss < LOSS_COUNT; loss++)
        for (int opt = 0; opt < OPTIMISER_COUNT; opt++)
            for (int stage = 0; stage < combination_stages(); stage++) {
                struct knobs k;
                char what[96], word[32];
                const bool good = combination_check(loss, opt, stage, &k, &last) == 0;
                knob_choice(&k, KNOB_STAGE, word, sizeof word);
                snprintf(what, sizeof what, "loss %s, opt %s, stage %s", loss_table[loss].name, optimiser_table[opt].name, word);
                accepted += good;
                refused += !good;
                if (!good)
                    assert_true((strstr(last.text, word) || strstr(last.text, optimiser_table[opt].name)) && strstr(last.text, loss_table[loss].name));
                if (!good || !is_asked(loss, opt, stage))
                    continue;
                small_run(&k);
                compare(&data, &k, stage > 0, what);
                walked++;
            }
    printf("accepted %d, refused %d, trained on both %d\n", accepted, refused, walked);
    assert_int_equal(accepted + refused, LOSS_COUNT * OPTIMISER_COUNT * combination_stages());
    assert_true(refused > 0);
    dataset_free(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(accepted_train_alike_and_refused_say_why) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
