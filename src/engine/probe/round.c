#include "config.h"
#include "engine/probe/round.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"

static uint64_t step_now(const struct probe *p)
{
    return p->guest->host->moment(p->guest->ctx).step;
}

static double budget(const struct probe *p)
{
    return knob_num(p->guest->knobs, KNOB_BUDGET);
}

static void warn_probe(const struct probe *p, const struct err *err)
{
    char text[sizeof err->text + 16];
    snprintf(text, sizeof text, "hessian: %s", err->text);
    p->guest->host->say(p->guest->ctx, "warning", text);
}

static void drop_probe(struct probe *p)
{
    p->round.on = false;
    p->running = false;
    memset(p->round.todo, 0, (size_t)p->guest->net->classes * sizeof *p->round.todo);
}

static int next_class(const struct probe *p)
{
    for (int c = 0; c < p->guest->net->classes; c++)
        if (p->round.todo[c])
            return c;
    return -1;
}

/* --- it begins ----------------------------------------------------------------------------------------------------- */

static void say_late(struct probe *p)
{
    char text[200];
    snprintf(text, sizeof text, "hessian: the probes of an earlier epoch are still under way within budget %g; a larger budget, "
             "fewer hessian_iters or a longer hessian_every would keep up", budget(p));
    if (!p->round.late_said)
        p->guest->host->say(p->guest->ctx, "note", text);
    p->round.late_said = true;
}

void round_schedule(struct probe *p, bool anew)
{
    const bool holds = p->running || p->round.weights; /* one that was interrupted would go on with the weights of now: it starts anew */
    if (p->round.on && holds && !anew) {
        say_late(p);
        p->round.behind = true;
        return;
    }
    p->round.behind = false;
    p->round.on = false;
    for (int c = 0; c < p->guest->net->classes; c++)
        p->round.todo[c] = p->guest->host->wants(p->guest->ctx, c);
    if (next_class(p) < 0 || budget(p) <= 0)
        return;
    p->round.on = true;
    p->round.weights = false;
    p->round.ns = 0;
    p->round.start_ns = clock_now_ns();
}

void round_take_weights(struct probe *p)
{
    struct err err;
    if (!p->round.on || p->round.weights)
        return;
    p->round.weights = probe_open(p, &err) == 0 && subject_take_weights(&p->subject, &err) == 0;
    if (p->round.weights)
        return;
    warn_probe(p, &err);
    drop_probe(p);
}

/* --- it goes on ---------------------------------------------------------------------------------------------------- */

/* The next class of the round when none is under way, and the round's weights. 0, 1 the round is over, -1 this class cannot
 * be probed. */
static int next_of_round(struct probe *p, int *c, struct err *err)
{
    *c = p->running ? p->class_index : next_class(p);
    if (p->running)
        return 0;
    if (*c < 0) {
        drop_probe(p);
        return 1;
    }
    p->round.todo[*c] = false;
    if (probe_open(p, err) < 0)
        return -1;
    if (!p->round.weights) {
        if (subject_take_weights(&p->subject, err) < 0)
            return -1;
        p->round.weights = true;
    }
    return 0;
}

/* A product of class c, beside as many steps as may be under way: it works on copies, on a stream of its own. */
static int product_beside(struct probe *p, int c, struct err *err)
{
    const struct probe_plan plain = { .save = "" };
    const struct guest *g = p->guest;
    p->round.rest_until = g->host->fill(g->ctx);
    const uint64_t start = clock_now_ns();
    int result = p->running ? 0 : probe_begin(p, &plain, c, err);
    if (result == 0)
        result = probe_product(p, err);
    if (result == 0 && spectrum_done(p->spectrum))
        probe_finish(p, 0, NULL);
    g->host->spent(g->ctx, clock_now_ns() - start);
    return result;
}

/* One product of the round. false: the round is over. */
static bool advance(struct probe *p)
{
    struct err err;
    int c;
    uint64_t start = clock_now_ns();
    int result = next_of_round(p, &c, &err);
    if (result == 0)
        result = product_beside(p, c, &err);
    if (result < 0)
        subject_blame(&p->subject, &err);
    if (result < 0 && err.code != ERR_CANCELLED) { /* cancelled: the program is about to end */
        warn_probe(p, &err);
        if (err.code == ERR_MEMORY || err.code == ERR_DEVICE)
            drop_probe(p);
    }
    p->round.ns += clock_now_ns() - start;
    return p->round.on && (p->running || next_class(p) >= 0);
}

/* The wall time of products counts, whether steps were under way beside them or not: more than that they cannot cost. */
static bool within_budget(const struct probe *p)
{
    const uint64_t all = clock_now_ns() - p->round.start_ns;
    return (double)p->round.ns <= budget(p) * (double)all;
}

enum round_wish round_wish(const struct probe *p)
{
    if (!p->round.on || !within_budget(p))
        return ROUND_NOTHING;
    return p->round.weights ? ROUND_PRODUCT : ROUND_WEIGHTS;
}

/* Those steps beside which a product ran are collected before the next product, so that they are followed by others. */
void round_turn(struct probe *p)
{
    if (p->round.on && step_now(p) >= p->round.rest_until && !advance(p))
        drop_probe(p);
}

/* --- it ends ------------------------------------------------------------------------------------------------------- */

static void say_products_left(const struct probe *p)
{
    char text[160];
    int left = 0;
    for (int c = 0; c < p->guest->net->classes; c++)
        left += p->round.todo[c];
    if (!p->round.on || left == 0)
        return;
    snprintf(text, sizeof text, "hessian: the budget left %d watched %s of the last round without a probe; 'hessian' probes now", left,
             left == 1 ? "class" : "classes");
    p->guest->host->say(p->guest->ctx, "note", text);
}

/* The weights at the end are those that most will be asked about: the last round may take the budget's share of the whole run,
 * and the class under way is finished in any case, so that even a short run tells something. A round of an earlier epoch
 * makes way for that of the last. With all of the time as its budget it is not cut short. */
bool round_drain(struct probe *p, double run_s)
{
    bool whole = true;
    const uint64_t start = clock_now_ns();
    const double allowed_ns = budget(p) < 1 ? budget(p) * run_s * 1e9 : INFINITY;
    for (bool more = p->round.on || p->round.behind; more && (whole = !probe_cancelled(p));) {
        if (!p->running && p->round.behind) {
            drop_probe(p);
            round_schedule(p, false);
        }
        if (!p->running && (double)(clock_now_ns() - start) >= allowed_ns)
            break;
        more = advance(p) || p->round.behind; /* one that ended on its last class makes way too */
    }
    say_products_left(p);
    drop_probe(p);
    return whole;
}
