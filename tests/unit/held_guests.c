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
    held_end("rounds");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_said, enter, leave), cmocka_unit_test_setup_teardown(test_rounds, enter, leave) };
    setenv("SADDLE_ISA", "portable", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
