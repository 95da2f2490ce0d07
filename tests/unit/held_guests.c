/* All that probes and evaluations say to their host: how far they are, what was found, when they ask to be stopped, and what becomes of them then.
 * Held as a whole; the numbers are in the transcripts. */
#include "config.h"
#include "tests/unit/held.h"

#include <inttypes.h>
#include <math.h>

#include "base/buf.h"
#include "engine/probe/readings.h"
#include "tests/unit/house.h"

static void tell_progress(void *ctx, const char *what, uint64_t done, uint64_t of, int class_index, const struct spectrum *s)
{
    struct spectrum_result r;
    (void)ctx;
    fprintf(held, " %s %" PRIu64 "/%" PRIu64 " of %d", what, done, of, class_index);
    if (s) {
        spectrum_status(s, &r);
        fprintf(held, " (%d %d)", r.products, r.iters);
    }
    fputc(';', held);
}

static void tell_event(void *ctx, struct event *e)
{
    (void)ctx;
    fprintf(held, " EVENT %s of step %" PRIu64 ";", event_table[e->kind].kind, e->step);
    event_unref(e);
}

static void tell_say(void *ctx, const char *level, const char *text)
{
    (void)ctx;
    fprintf(held, " SAY %s '%s';", level, text);
}

static bool tell_stopped(void *ctx, bool waited_for)
{
    struct house *h = ctx;
    fputc(waited_for ? '?' : ':', held);
    return stopped(ctx, waited_for) && h->stop_after > 0;
}

static void tell_found(void *ctx, const char *metric, double value)
{
    (void)ctx;
    fprintf(held, " FOUND %s %.4g;", metric, value);
}

static const struct guest_host teller = { .moment = moment, .emit = tell_event, .say = tell_say, .progress = tell_progress, .stopped = tell_stopped,
                                          .found = tell_found, .wants = wants, .fill = fill, .spent = spent };

static void begin(struct house *h, const char *what, int stop_after)
{
    h->guest.host = &teller;
    h->asked = 0;
    h->stop_after = stop_after;
    fprintf(held, "%s, stopped after %d:", what, stop_after);
}

static void end(int result, struct buf *text)
{
    fprintf(held, "\n  %s\n", result < 0 ? last.text : text->len ? text->data : "done");
    buf_release(text);
}

static void tell_probes(struct house *h, int stop_after)
{
    static const struct {
        const char *what;
        probe_measure *measure;
        struct probe_plan plan;
        int class_index;
    } rows[] = {
        { "hessian", probe_hessian, { .save = "", .iters = 3 }, 2 },
        { "hessian, two vectors", probe_hessian, { .save = "", .iters = 2, .options = { .vectors = 2, .images = 2 } }, 1 },
        { "hessian of test images", probe_hessian, { .save = "", .iters = 2, .options = { .test = true } }, 0 },
        { "cnc", probe_cnc, { .save = "", .rho = 0.1, .batches = 3, .batch = 2, .iters = 200 }, 2 },
        { "slice", probe_slice, { .save = "", .along = "random:1", .points = 3 }, 2 },
        { "slice along v_max", probe_slice, { .save = "", .along = "v_max", .points = 3, .iters = 2, .options = { .images = 1 } }, 2 },
        { "margins", probe_margins, { .save = "", .options = { .images = 3 } }, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct probe p;
        struct buf text = { 0 };
        assert_int_equal(probe_init(&p, &h->guest, &last), 0);
        begin(h, rows[i].what, stop_after);
        end(rows[i].measure(&p, &rows[i].plan, rows[i].class_index, &text, &last), &text);
        probe_release(&p);
    }
}

static void test_said(void **state)
{
    struct house *h = *state;
    held_begin();
    h->moment.rho = NAN; /* what is amplified is not this test's */
    for (int stop_after = 0; stop_after < 4; stop_after++) {
        struct buf text = { 0 };
        struct evaluation v = { 0 };
        tell_probes(h, stop_after);
        begin(h, "reading", stop_after);
        end(readings_take(&h->guest, &(struct reading_plan){ .kind = READING_NCM, .tau = NAN, .split = "train" }, &text, &last), &text);
        begin(h, "evaluation", stop_after);
        assert_int_equal(evaluation_init(&v, CLASSES, &last), 0);
        const int result = evaluate(&v, &h->guest, &h->data.test, &last);
        if (result == 0)
            evaluation_found(&v, &h->guest);
        end(result, &text);
        evaluation_release(&v);
    }
    held_end("guests");
}

static void tell_reading(struct house *h, struct reading_plan plan)
{
    struct buf text = { 0 };
    begin(h, reading_table[plan.kind].name, 0);
    end(readings_take(&h->guest, &plan, &text, &last), &text);
}

/* What no prompt lets through. */
static void test_refused(void **state)
{
    struct house *h = *state;
    static const double taus[] = { NAN, 0, -0.1, READING_MOST_TAU, READING_MOST_TAU + 0.1, INFINITY };
    static const struct probe_plan plans[] = { { .save = "", .iters = -1 }, { .save = "", .iters = 1001 }, { .save = "", .options = { .images = -1 } },
                                               { .save = "", .options = { .vectors = 101 } }, { .save = "", .options = { .vectors = -1 } }, { .save = "", .options = { .top = 21 } },
                                               { .save = "", .rho = -1 }, { .save = "", .rho = 101 }, { .save = "", .batches = -1 }, { .save = "", .batches = 1000001 },
                                               { .save = "", .batch = -1 }, { .save = "", .batch = 4097 }, { .save = "", .along = "", .span = -1 }, { .save = "", .along = "", .span = 1001 },
                                               { .save = "", .along = "", .points = 2 }, { .save = "", .along = "", .points = 1002 }, { .save = "", .along = "v" } };
    struct probe p;
    struct buf text = { 0 };
    h->moment.rho = NAN;
    held_begin();
    for (size_t i = 0; i < sizeof taus / sizeof *taus; i++) {
        fprintf(held, "tau %g:\n", taus[i]);
        tell_reading(h, (struct reading_plan){ .kind = READING_TAU_NORM, .tau = taus[i], .split = "test" });
        tell_reading(h, (struct reading_plan){ .kind = READING_NCM_COSINE, .tau = taus[i], .split = "" });
    }
    tell_reading(h, (struct reading_plan){ .kind = READING_PLAIN, .tau = NAN, .split = "val" });
    tell_reading(h, (struct reading_plan){ .kind = READING_PLAIN, .tau = NAN, .split = "tests" });
    const uint32_t n = h->data.test.n, rare = h->data.train.count[2];
    h->data.test.n = 0;
    tell_reading(h, (struct reading_plan){ .kind = READING_PLAIN, .tau = NAN, .split = "" });
    h->data.test.n = n;
    h->data.train.count[2] = 0;
    tell_reading(h, (struct reading_plan){ .kind = READING_TAU_POST, .tau = NAN, .split = "" });
    h->data.train.count[2] = rare;
    assert_int_equal(probe_init(&p, &h->guest, &last), 0);
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        fprintf(held, "plan %zu\n", i);
        begin(h, "probe", 1); /* what is accepted is stopped at once */
        end((i < 6 ? probe_hessian : i < 12 ? probe_cnc : probe_slice)(&p, &plans[i], 2, &text, &last), &text);
    }
    probe_release(&p);
    held_end("refused_probes");
}

/* An operator says of what it was made when images do not fit. */
static void test_operator(void **state)
{
    struct house *h = *state;
    static const struct curvature_options options[] = { { .max_images = 0, .max_vectors = 1 }, { .max_images = 1, .max_vectors = 0 }, { .max_images = 4, .max_vectors = 1, .threads = 1 } };
    struct curvature_op *op = NULL;
    held_begin();
    for (int i = 0; i < 3; i++) {
        op = curvature_op_new(&backend_cpu, &h->net, &options[i], &last);
        fprintf(held, "%s\n", op ? "made" : last.text);
    }
    struct image_set odd;
    const struct image_kind kind = { .size = { 9, 8, 1 } };
    const uint32_t index[5] = { 0, 1, 2, 1, 0 }, far[1] = { 3 };
    assert_int_equal(image_set_init(&odd, &kind, 3, CLASSES, &last), 0);
    image_set_recount(&odd, CLASSES);
    const struct curvature_set sets[] = { { .images = &odd, .index = index, .n = 1 }, { .images = &h->data.train, .index = index, .n = 0 },
                                          { .images = &h->data.train, .index = index, .n = 5, .mode = PASS_TRAIN }, { .images = &h->data.train, .index = index, .n = 5 },
                                          { .images = &odd, .index = far, .n = 1 } };
    fprintf(held, "%s\n", curvature_op_prepare(op, NULL, &last) < 0 ? last.text : "prepared");
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct curvature_set s = sets[i];
        s.criterion = &h->loss.criterion;
        odd.kind.size = i == 4 ? h->data.train.kind.size : kind.size;
        fprintf(held, "%s\n", curvature_op_choose(op, &s, &last) < 0 ? last.text : "chosen");
    }
    odd.kind.size = kind.size;
    fprintf(held, "%s\n", curvature_op_prepare(op, NULL, &last) < 0 ? last.text : "prepared");
    fprintf(held, "%s\n", curvature_op_use_scales(op, h->before, &last) < 0 ? last.text : "scaled");
    image_set_release(&odd);
    curvature_op_free(op);
    held_end("operator");
}

/* Rounds: what is wished, and what a turn does, when classes are wanted or not, budgets are spent, and a step rests. */
static void test_rounds(void **state)
{
    struct house *h = *state;
    static const char *const budgets[] = { "0", "1" };
    held_begin();
    h->moment.rho = NAN;
    knob(&h->knobs, "hessian_iters", "2");
    knob(&h->knobs, "hessian_images", "2");
    for (int wanted = 0; wanted < 8; wanted += wanted == 0 ? 2 : 3)
        for (int b = 0; b < 2; b++) {
            struct probe p;
            knob(&h->knobs, "budget", budgets[b]);
            begin(h, budgets[b], 0);
            for (int c = 0; c < CLASSES; c++)
                h->wanted[c] = wanted >> c & 1;
            h->ahead = 1;
            assert_int_equal(probe_init(&p, &h->guest, &last), 0);
            for (int turn = 0; turn < 16; turn++) {
                if (turn % 6 == 0)
                    round_schedule(&p, turn == 12);
                const enum round_wish wish = round_wish(&p);
                fprintf(held, "\n  step %" PRIu64 " wish %d on %d late %d behind %d:", h->moment.step, wish, p.round.on, p.round.late_said, p.round.behind);
                if (wish == ROUND_WEIGHTS)
                    round_take_weights(&p);
                else
                    round_turn(&p);
                h->moment.step += (uint64_t)turn % 2;
            }
            fprintf(held, "\n  drain:");
            const bool whole = round_drain(&p, 1e6);
            fprintf(held, "\n  whole %d, filled %d\n", whole, h->filled);
            probe_release(&p);
        }
    knob(&h->knobs, "budget", "0.5");
    for (int wanted = 0; wanted < 8; wanted++) { /* no time is left for any of them; the class under way is finished */
        struct probe p;
        for (int c = 0; c < CLASSES; c++)
            h->wanted[c] = wanted >> c & 1;
        assert_int_equal(probe_init(&p, &h->guest, &last), 0);
        round_schedule(&p, false);
        if (wanted > 4) {
            round_take_weights(&p);
            h->moment.step += 5;
            round_turn(&p);
        }
        if (wanted > 5)
            round_schedule(&p, false);
        fprintf(held, "\n  wanted %d, drain without time:", wanted);
        const bool whole = round_drain(&p, 0);
        fprintf(held, " whole %d", whole);
        probe_release(&p);
    }
    fprintf(held, "\n");
    held_end("rounds");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_said, enter, leave), cmocka_unit_test_setup_teardown(test_rounds, enter, leave),
                                        cmocka_unit_test_setup_teardown(test_refused, enter, leave), cmocka_unit_test_setup_teardown(test_operator, enter, leave) };
    setenv("SADDLE_ISA", "portable", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
