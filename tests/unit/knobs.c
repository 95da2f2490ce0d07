#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/err.h"
#include "engine/knobs.h"
#include "engine/stages.h"
#include "kernels/backend.h"

static struct err last;

static void test_every_row(void **state)
{
    (void)state;
    for (int i = 0; i < KNOB_COUNT; i++) {
        const struct knob_info *k = &knob_table[i];
        struct knob_value value, again;
        char text[KNOB_TEXT_MAX], text_again[KNOB_TEXT_MAX];
        if (knob_parse((enum knob_id)i, k->initial, &value, &last) < 0)
            fail_msg("default of %s: %s", k->name, last.text);
        knob_format((enum knob_id)i, &value, text, sizeof text);
        if (k->type == KNOB_FLOAT)
            assert_true(value.num == strtod(k->initial, NULL));
        else
            assert_string_equal(text, k->initial);
        assert_int_equal(knob_parse((enum knob_id)i, text, &again, &last), 0);
        knob_format((enum knob_id)i, &again, text_again, sizeof text_again);
        assert_string_equal(text, text_again);
        assert_memory_equal(&value.num, &again.num, sizeof value.num);
        assert_true(k->help[0] != '\0' && k->name[0] != '\0');
        assert_int_equal(knob_find(k->name, &last), i);
        if (k->alias[0])
            assert_int_equal(knob_find(k->alias, &last), i);
    }
}

static void test_ranges(void **state)
{
    (void)state;
    for (int i = 0; i < KNOB_COUNT; i++) {
        const struct knob_info *k = &knob_table[i];
        struct knob_value value;
        char text[64];
        if (k->type != KNOB_FLOAT && k->type != KNOB_INT)
            continue;
        snprintf(text, sizeof text, "%.17g", k->low);
        assert_int_equal(knob_parse((enum knob_id)i, text, &value, &last), 0);
        snprintf(text, sizeof text, "%.17g", k->high);
        assert_int_equal(knob_parse((enum knob_id)i, text, &value, &last), 0);
        snprintf(text, sizeof text, "%.17g", k->high + 1);
        assert_int_equal(knob_parse((enum knob_id)i, text, &value, &last), -1);
        assert_int_equal(last.code, ERR_RANGE);
        snprintf(text, sizeof text, "%.17g", k->low - 1);
        assert_int_equal(knob_parse((enum knob_id)i, text, &value, &last), -1);
        assert_non_null(strstr(last.text, k->name));
    }
}

static void test_refusals(void **state)
{
    (void)state;
    struct knobs k, before;
    knobs_init(&k);
    before = k;
    const char *const pairs[][2] = { { "lr", "x" },        { "epochs", "1.5" }, { "epochs", "0" },   { "augment", "yes" },
                                     { "loss", "cee" },    { "beta", "nan" },   { "momentum", "1" }, { "rho", "=" },
                                     { "data_path", "\n" }, { "rho", "0.1@1" },  { "seed", "-1" },    { "nothing", "1" } };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (knobs_set(&k, pairs[i][0], pairs[i][1], &last) == 0)
            fail_msg("%s=%s was accepted", pairs[i][0], pairs[i][1]);
    assert_memory_equal(&k, &before, sizeof k);
}

/* Recordings of before name a knob that nobody read, and drew by 0.9999 whatever beta_en was. */
static void test_as_recorded(void **state)
{
    (void)state;
    static const char *const now[] = { "resample=on", "beta_en=0.5", "fps=9" };
    static const char *const before[] = { "tensor_classes=5", "resample=on", "beta_en=0.5" };
    static const char *const usual[] = { "resample=on", "tensor_classes=0", "beta_en=0.9999" };
    static const char *const younger[] = { "resample=on", "warp=9" };
    struct knobs k;
    knobs_init(&k);
    assert_int_equal(knobs_read(&k, now, 3, &last), 0);
    assert_true(knob_is(&k, KNOB_RESAMPLE, "on") && knob_num(&k, KNOB_BETA_EN) == 0.5 && knob_num(&k, KNOB_FPS) == 4);
    assert_int_equal(knobs_read(&k, before, 3, &last), 0);
    assert_true(knob_is(&k, KNOB_RESAMPLE, "fixed") && knob_num(&k, KNOB_BETA_EN) == 0.5);
    assert_int_equal(knobs_read(&k, usual, 3, &last), 0);
    assert_true(knob_is(&k, KNOB_RESAMPLE, "on"));
    assert_int_equal(knobs_read(&k, younger, 2, &last), -1);
    assert_string_equal(last.text, "the recording sets 'warp', which this version does not know");
    assert_int_equal(knobs_read(&k, (const char *const[]){ NULL }, 1, &last), -1);
    assert_int_equal(knobs_set(&k, "tensor_classes", "5", &last), -1);
}

/* One word each: copied under a lock and with every frame. Who holds a copy keeps its texts, whatever is set meanwhile. */
static void test_small_values(void **state)
{
    (void)state;
    static struct knobs first, copy;
    char steps[64], text[KNOB_TEXT_MAX], long_text[KNOB_TEXT_MAX + 1];
    assert_int_equal(sizeof(struct knob_value), 8);
    assert_int_equal(knob_int(&first, KNOB_EPOCHS), 0); /* zero-filled ones can be read */
    assert_string_equal(knob_text(&first, KNOB_GROUPS), "");
    assert_true(knob_schedule(&first, KNOB_LR)->kind == SCHEDULE_CONSTANT && knob_schedule(&first, KNOB_LR)->base == 0);
    knobs_init(&first);
    assert_int_equal(knobs_set(&first, "groups", "0-2/3-6/7-9", &last), 0);
    assert_int_equal(knobs_set(&first, "lr", "0.5@0 0.25@7", &last), 0);
    copy = first;
    for (int i = 0; i < 1000; i++) {
        snprintf(steps, sizeof steps, "0.5@0 0.25@%d", 1 + i % 10);
        assert_int_equal(knobs_set(&first, "lr", steps, &last), 0);
    }
    assert_int_equal(knobs_set(&first, "groups", "shots", &last), 0);
    assert_string_equal(knob_text(&copy, KNOB_GROUPS), "0-2/3-6/7-9");
    knob_format(KNOB_LR, &copy.v[KNOB_LR], text, sizeof text);
    assert_string_equal(text, "0.5@0 0.25@7");
    assert_int_equal(knobs_set(&first, "lr", text, &last), 0);
    assert_ptr_equal(first.v[KNOB_LR].schedule, copy.v[KNOB_LR].schedule); /* said a hundred times, kept once */
    memset(long_text, 'g', sizeof long_text);
    long_text[KNOB_TEXT_MAX - 1] = '\0';
    assert_int_equal(knobs_set(&first, "data_path", long_text, &last), 0);
    assert_string_equal(knob_text(&first, KNOB_DATA_PATH), long_text);
}

static void *set_and_look(void *arg)
{
    const int *who = arg;
    struct knobs k;
    char text[KNOB_TEXT_MAX], now[KNOB_TEXT_MAX];
    knobs_init(&k);
    for (int i = 0; i < 300; i++) {
        snprintf(text, sizeof text, "folder %d of %d", i, *who % 2);
        if (knobs_set(&k, "data_path", text, NULL) < 0 || strcmp(knob_text(&k, KNOB_DATA_PATH), text) != 0)
            return arg;
        snprintf(text, sizeof text, "0.5@0 0.25@%d", 1 + i);
        if (knobs_set(&k, "lr", text, NULL) < 0)
            return arg;
        knob_format(KNOB_LR, &k.v[KNOB_LR], now, sizeof now);
        if (strcmp(now, text) != 0)
            return arg;
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t thread[4];
    int who[4];
    for (int i = 0; i < 4; i++) {
        who[i] = i;
        assert_int_equal(pthread_create(&thread[i], NULL, set_and_look, &who[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        void *wrong;
        pthread_join(thread[i], &wrong);
        assert_null(wrong);
    }
}

static void test_did_you_mean(void **state)
{
    (void)state;
    assert_int_equal(knob_find("roh", &last), -1);
    assert_string_equal(last.text, "unknown knob 'roh'; did you mean 'rho'?");
    assert_int_equal(knob_find("epoch", &last), -1);
    assert_non_null(strstr(last.text, "'epochs'"));
    assert_int_equal(knob_find("zzzzzzzz", &last), -1);
    assert_null(strstr(last.text, "mean"));
    struct knobs k;
    knobs_init(&k);
    assert_int_equal(knobs_set(&k, "loss", "fokal", &last), -1);
    assert_non_null(strstr(last.text, "did you mean 'focal'"));
    const char *const list[] = { "pause", "resume", "step" };
    assert_string_equal(nearest_word("pasue", list, 3), "pause");
    assert_null(nearest_word("quit", list, 3));
    assert_null(nearest_word("", list, 3));
}

static void set_all(struct knobs *k, const char *const *pairs, size_t n)
{
    for (size_t i = 0; i < n; i += 2)
        assert_int_equal(knobs_set(k, pairs[i], pairs[i + 1], &last), 0);
}

static void test_stages(void **state)
{
    (void)state;
    struct knobs k;
    struct stage list[STAGES_MAX];
    knobs_init(&k);
    assert_int_equal(stages_of(&k, list), 1);
    assert_string_equal(list[0].name, "first");
    assert_int_equal(list[0].epochs, 200);
    assert_int_equal(knobs_epochs(&k), 200);
    assert_false(stage_is_second(&k, 500));

    static const char *const pairs[] = { "epochs", "40", "weights", "effective", "drw", "30", "stage", "crt", "stage_epochs", "12",
                                         "stage_lr", "0.2@0 0.02@10", "stage_rho", "linear:0.1..0.21", "lr", "cosine:1" };
    set_all(&k, pairs, sizeof pairs / sizeof pairs[0]);
    assert_int_equal(stages_of(&k, list), 3);
    assert_string_equal(list[1].name, "drw");
    assert_true(list[1].first == 30 && list[1].epochs == 10 && list[1].number == 2 && list[1].reweight && !list[1].second);
    assert_string_equal(list[2].name, "crt");
    assert_true(list[2].first == 40 && list[2].epochs == 12 && list[2].number == 3 && list[2].second && list[2].redraw);
    assert_true(list[2].trains == TRAINS_HEAD && list[2].own_loss && !list[2].reweight && list[2].augment && !list[2].frozen_norm);
    assert_int_equal(knobs_epochs(&k), 52);
    assert_int_equal(stage_at(&k, 29).number, 1);
    assert_int_equal(stage_at(&k, 39).number, 2);
    assert_int_equal(stage_at(&k, 40).number, 3);
    assert_int_equal(stage_at(&k, 1000).number, 3);
    assert_true(knobs_lr(&k, 20) == 0.5 && knobs_lr(&k, 40) == 0.2 && knobs_lr(&k, 49) == 0.2 && knobs_lr(&k, 50) == 0.02);
    assert_true(knobs_rho(&k, 39) == 0.05 && knobs_rho(&k, 40) == 0.1 && knobs_rho(&k, 51) == 0.21);
    assert_true(knobs_weight_decay(&k, 39) == 2e-4 && knobs_weight_decay(&k, 40) == 5e-4);
    assert_true(knobs_drw_on(&k, 39) && !knobs_drw_on(&k, 40));
    assert_true(knobs_optimiser_at(&k, 39) == OPTIMISER_SGD && knobs_optimiser_at(&k, 40) == OPTIMISER_SAM);

    static const char *const others[] = { "stage", "lws", "stage_loss", "same", "stage_rho", "0", "drw", "0", "opt", "sam" };
    set_all(&k, others, sizeof others / sizeof others[0]);
    assert_int_equal(stages_of(&k, list), 2);
    assert_true(list[0].reweight && list[1].number == 2 && list[1].trains == TRAINS_SCALES && !list[1].redraw && list[1].reweight);
    assert_true(knobs_drw_on(&k, 45) && knobs_optimiser_at(&k, 45) == OPTIMISER_SGD && knobs_optimiser_at(&k, 0) == OPTIMISER_SAM);
}

static void test_in_force(void **state)
{
    (void)state;
    struct knobs k;
    knobs_init(&k);
    assert_true(knobs_lr(&k, 0) == 0.1 * 1 / 5);
    assert_true(knobs_rho(&k, 0) == 0.05);
    assert_false(knobs_drw_on(&k, 199)); /* weights none */
    assert_int_equal(knobs_set(&k, "weights", "effective", &last), 0);
    assert_int_equal(knobs_set(&k, "rho_drw", "0.5", &last), 0);
    assert_false(knobs_drw_on(&k, 159));
    assert_true(knobs_drw_on(&k, 160));
    assert_true(knobs_rho(&k, 159) == 0.05);
    assert_true(knobs_rho(&k, 160) == 0.5);
    assert_true(knob_is(&k, KNOB_WEIGHTS, "effective"));
    assert_false(knob_is(&k, KNOB_WEIGHTS, "effect"));
    char word[32];
    assert_string_equal(knob_choice(&k, KNOB_MODEL, word, sizeof word), "resnet32");
    assert_int_equal(knob_int(&k, KNOB_BATCH), 128);
    assert_true(knob_on(&k, KNOB_AUGMENT));
}

/* The trainer hands the index of the choice to the back end. */
static void test_maths(void **state)
{
    (void)state;
    struct knobs k;
    char word[32];
    knobs_init(&k);
    assert_int_equal(knob_int(&k, KNOB_MATH), MATH_FP32);
    for (int i = 0; i < N_MATHS; i++) {
        assert_int_equal(knobs_set(&k, "math", math_name[i], &last), 0);
        assert_int_equal(knob_int(&k, KNOB_MATH), i);
        assert_string_equal(knob_choice(&k, KNOB_MATH, word, sizeof word), math_name[i]);
    }
    assert_int_equal(knobs_set(&k, "math", "fp16", &last), -1);
    assert_non_null(strstr(last.text, "accepted: fp32 tf32 bf16"));
    k.v[KNOB_MATH].num = N_MATHS;
    assert_string_equal(knob_choice(&k, KNOB_MATH, word, sizeof word), ""); /* no choice beyond */
}

/* --- no change of a knob moves the schedule of another one ---------------------------------------------------------- */

enum { LONG_RUN = 60 };

/* Another value than the one in force; false: there is none. */
static bool other_value(const struct knobs *k, enum knob_id id, struct knob_value *out)
{
    static const char *const tries[] = { "on", "off", "1", "2", "7", "0.5", "0.3" };
    char now[KNOB_TEXT_MAX], text[KNOB_TEXT_MAX], choices[KNOB_TEXT_MAX];
    knob_format(id, &k->v[id], now, sizeof now);
    snprintf(choices, sizeof choices, "%s", knob_table[id].choices);
    for (char *save, *word = strtok_r(choices, " ", &save); word; word = strtok_r(NULL, " ", &save))
        if (strcmp(word, now) != 0 && knob_parse(id, word, out, NULL) == 0)
            return true;
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        if (knob_parse(id, tries[i], out, NULL) < 0)
            continue;
        knob_format(id, out, text, sizeof text);
        if (strcmp(text, now) != 0)
            return true;
    }
    return false;
}

/* What decides on a radius beside its schedule: from when on rho_drw's holds, and which it is. */
static bool chooses_radius(enum knob_id id)
{
    return id == KNOB_RHO || id == KNOB_RHO_DRW || id == KNOB_DRW || id == KNOB_WEIGHTS;
}

static void test_no_knob_moves_a_schedule(void **state)
{
    static const char *const shapes[] = { "0.1", "0.1@0 0.2@20 0.3@40", "linear:0.05..0.8", "cosine:0.2..0.001", "multistep:0.1,warmup=5,20:0.1,50:0.01" };
    int pairs = 0;
    (void)state;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int id = 0; id < KNOB_COUNT; id++) {
            struct knobs before, after;
            knobs_init(&before);
            assert_int_equal(knobs_set(&before, "epochs", "60", &last), 0);
            assert_int_equal(knobs_set(&before, "weights", "effective", &last), 0);
            assert_int_equal(knobs_set(&before, "drw", "30", &last), 0);
            assert_int_equal(knobs_set(&before, "lr", shapes[s], &last), 0);
            assert_int_equal(knobs_set(&before, "rho", shapes[s], &last), 0);
            after = before;
            if (knob_table[id].when != KNOB_LIVE || !other_value(&before, (enum knob_id)id, &after.v[id]))
                continue;
            const bool laid_over = id == KNOB_EPOCHS && (strncmp(shapes[s], "linear", 6) == 0 || strncmp(shapes[s], "cosine", 6) == 0); /* which is said */
            for (long e = 0; e < LONG_RUN && e < knob_int(&after, KNOB_EPOCHS) && !laid_over; e++) {
                if (id != KNOB_LR && knobs_lr(&before, e) != knobs_lr(&after, e))
                    fail_msg("%s moves lr %s in epoch %ld", knob_table[id].name, shapes[s], e);
                if (!chooses_radius((enum knob_id)id) && knobs_rho(&before, e) != knobs_rho(&after, e))
                    fail_msg("%s moves rho %s in epoch %ld", knob_table[id].name, shapes[s], e);
            }
            pairs++;
        }
    assert_true(pairs > 150);
}

static void test_factors(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double factor;
    } rows[] = { { "/2", 0.5 }, { "/4", 0.25 }, { "x1.5", 1.5 }, { "x.5", 0.5 } };
    struct err err = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double factor = 0;
        assert_int_equal(knob_factor(KNOB_LR, rows[i].text, &factor, &err), 1);
        assert_true(factor == rows[i].factor);
    }
}

/* A factor reaches every value of a schedule that is one: both ends of a slope, each of the steps; factors of factors stay. */
static void factors_reach_whole_schedules(void **state)
{
    static const char *const rows[][2] = {
        { "0.25", "0.5" }, { "cosine:0.2", "cosine:0.4" }, { "cosine:0.2..0.02", "cosine:0.4..0.04" }, { "linear:0.5..0.1@8", "linear:1..0.2@8" },
        { "0.1@0 0.3@5", "0.2@0 0.6@5" }, { "multistep:0.1,warmup=3,8:0.5", "multistep:0.2,warmup=3,8:0.5" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct knob_value v = { 0 }, twice = { 0 };
        struct err err = { 0 };
        char text[KNOB_TEXT_MAX];
        assert_int_equal(knob_parse(KNOB_LR, rows[i][0], &v, &err), 0);
        assert_int_equal(knob_scale(KNOB_LR, &v, 2, &twice, &err), 0);
        knob_format(KNOB_LR, &twice, text, sizeof text);
        assert_string_equal(text, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_reach_whole_schedules),
        cmocka_unit_test(test_factors),
        cmocka_unit_test(test_every_row),    cmocka_unit_test(test_ranges),   cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_as_recorded),  cmocka_unit_test(test_small_values), cmocka_unit_test(test_threads),
        cmocka_unit_test(test_did_you_mean), cmocka_unit_test(test_in_force), cmocka_unit_test(test_stages),
        cmocka_unit_test(test_maths),        cmocka_unit_test(test_no_knob_moves_a_schedule),
    };
    return cmocka_run_group_tests_name("unit/knobs", tests, NULL, NULL);
}
