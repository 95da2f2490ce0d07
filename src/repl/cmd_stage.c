/* stage: a second stage of the run that is set up or trains, or a new run that begins with it (--from). */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/stages.h"

/* --- a table of them ----------------------------------------------------------------------------------------------- */

/* "stage_lr 0.1" where that knob says something else than the first stage's. */
static void add_other(struct buf *out, const struct knobs *k, enum knob_id id, enum knob_id first)
{
    char here[KNOB_TEXT_MAX], there[KNOB_TEXT_MAX];
    knob_format(id, &k->v[id], here, sizeof here);
    knob_format(first, &k->v[first], there, sizeof there);
    if (strcmp(here, there) != 0)
        buf_addf(out, "%s%s %s", out->len ? ", " : "", knob_table[id].name, here);
}

static void add_setting(struct buf *out, const struct knobs *k, enum knob_id id)
{
    char value[KNOB_TEXT_MAX];
    knob_format(id, &k->v[id], value, sizeof value);
    buf_addf(out, "%s%s %s", out->len ? ", " : "", knob_table[id].name, value);
}

/* The knobs by which a stage differs from the first one. */
static void add_differences(struct buf *out, const struct knobs *k, const struct stage *s, const struct stage *first)
{
    const bool plain = knob_is(k, KNOB_LOSS, "ce") && !first->reweight;
    if (s->reweight && !first->reweight) {
        add_setting(out, k, KNOB_WEIGHTS);
        if (!s->second && optimiser_uses_rho(knobs_optimiser(k)) && knob_schedule(k, KNOB_RHO_DRW)->kind != SCHEDULE_SAME)
            add_other(out, k, KNOB_RHO_DRW, KNOB_RHO);
    }
    if (!s->second)
        return;
    add_other(out, k, s->lr, first->lr);
    if (!s->shifts && (optimiser_uses_rho(knobs_optimiser(k)) || knobs_optimiser_at(k, s->first) != OPTIMISER_SGD))
        add_other(out, k, s->rho, first->rho);
    add_other(out, k, s->weight_decay, first->weight_decay);
    add_other(out, k, s->sampler, first->sampler);
    if (s->frozen_norm)
        add_setting(out, k, KNOB_STAGE_NORM);
    if (s->own_loss && !plain)
        add_setting(out, k, KNOB_STAGE_LOSS);
    if (!s->augment && knob_on(k, KNOB_AUGMENT))
        add_setting(out, k, KNOB_STAGE_AUGMENT);
}

/* Over where the shown run began: the one that it goes on from; else NULL. */
static const char *parent_of(const struct workbench *w, const struct stage *s)
{
    const struct history *h = bench_shown(w);
    const uint64_t end = (uint64_t)(s->first + s->epochs) * h->steps_per_epoch;
    return h->parent[0] && h->steps_per_epoch && end <= h->first_step ? h->parent : NULL;
}

/* epoch: > marks the stage that it lies in, and what was over before the run began is said; below 0: of a run that is only set up. */
static int list_stages(struct workbench *w, const struct knobs *k, double epoch, struct err *err)
{
    struct stage list[STAGES_MAX];
    const int n = stages_of(k, list), now = epoch >= 0 ? stage_at(k, (long)floor(epoch)).number : 0;
    bool failed = false;
    bench_say(w, "  stage   from epoch  trains  differs from the first in");
    for (int i = 0; i < n && !failed; i++) {
        const char *parent = epoch >= 0 ? parent_of(w, &list[i]) : NULL;
        struct buf other = { 0 };
        add_differences(&other, k, &list[i], &list[0]);
        bench_say(w, "%c %-7s %10ld  %-7s %s%s%s%s", list[i].number == now ? '>' : ' ', list[i].name, list[i].first,
                  stage_trains_name[list[i].trains], i == 0 ? "-" : other.len ? other.data : "nothing", parent ? " (in " : "", parent ? parent : "",
                  parent ? ")" : "");
        failed = other.failed;
        buf_release(&other);
    }
    bench_say(w, "  end     %10ld", knobs_epochs(k));
    return failed ? err_set(err, ERR_MEMORY, "no memory for a stage") : 0;
}

/* The stages of what is shown: a replay, a run, the set-up. */
int show_stages(struct workbench *w, const struct knobs *k, struct err *err)
{
    struct trainer_status run;
    const bool runs = workbench_status(w, &run);
    return list_stages(w, k, w->replay.on ? w->replay.stream.history.epoch : runs ? run.epoch : -1, err);
}

/* --- the changes --------------------------------------------------------------------------------------------------- */

struct change {
    enum knob_id knob;
    struct knob_value value;
};
struct changes {
    struct change *change;
    int n;
};

static int add_change(struct changes *all, enum knob_id knob, const char *text, struct err *err)
{
    struct change *c = &all->change[all->n];
    if (knob_parse(knob, text, &c->value, err) < 0)
        return -1;
    c->knob = knob;
    all->n++;
    return 0;
}

static int read_options(struct call *c, struct changes *out, struct err *err)
{
    for (int i = 0; i < c->n_options; i++) {
        const int knob = option_knob(c, i);
        if (knob >= 0 && add_change(out, (enum knob_id)knob, c->option[i].value, err) < 0)
            return call_bad_option(c, c->option[i].name);
    }
    return call_has(c, "no-augment") ? add_change(out, KNOB_STAGE_AUGMENT, "off", err) : 0;
}

/* The order in which a run hears of them one by one: of none it must seem that it never acts, because a later one is missing. So the stage
 * comes first, and its schedules before a shorter length of it, but after a longer one. */
static int rank(const struct change *c, const struct knobs *now)
{
    const bool shorter = c->value.num < now->v[c->knob].num;
    return c->knob == KNOB_STAGE ? 0 : c->knob == KNOB_EPOCHS ? 1 : c->knob == KNOB_STAGE_EPOCHS ? (shorter ? 4 : 2) : 3;
}

static void put_in_order(struct changes *all, const struct knobs *now)
{
    for (int i = 1; i < all->n; i++)
        for (int k = i; k > 0 && rank(&all->change[k], now) < rank(&all->change[k - 1], now); k--) {
            const struct change other = all->change[k];
            all->change[k] = all->change[k - 1];
            all->change[k - 1] = other;
        }
}

/* --at, which on a run must not be past: nothing of the command is done then. */
static int read_at(struct workbench *w, struct call *c, struct changes *out, struct err *err)
{
    const char *at = call_value(c, "at");
    struct trainer_status run;
    if (!at)
        return 0;
    if (add_change(out, KNOB_EPOCHS, at, err) < 0)
        return call_bad_option(c, "at");
    const double epoch = out->change[out->n - 1].value.num;
    if (run_active(w) && workbench_status(w, &run) && epoch < run.epoch)
        return err_set(err, ERR_RANGE, "epoch %.10g is past (now %.1f)", epoch, run.epoch), call_bad_option(c, "at");
    return 0;
}

static int read_changes(struct workbench *w, struct call *c, struct changes *out, struct err *err)
{
    struct knobs now;
    out->change = calloc((size_t)c->n_options + 3, sizeof *out->change);
    if (!out->change)
        return err_set(err, ERR_MEMORY, "no memory for a stage");
    if (add_change(out, KNOB_STAGE, c->word[0].text, err) < 0)
        return call_bad(c, 0);
    if (read_at(w, c, out, err) < 0 || read_options(c, out, err) < 0)
        return -1;
    workbench_knobs(w, &now);
    put_in_order(out, &now);
    return 0;
}

/* --- before a run, and on one -------------------------------------------------------------------------------------- */

static int plan_stage(struct workbench *w, const struct changes *all, struct err *err)
{
    for (int i = 0; i < all->n; i++)
        setup_set_value(w, all->change[i].knob, &all->change[i].value);
    if (w->recipe)
        return 0;
    if (knob_is(&w->setup.knobs, KNOB_STAGE, "none"))
        bench_say(w, "no second stage");
    else if (list_stages(w, &w->setup.knobs, -1, err) < 0)
        return -1;
    if (w->run.trainer && !w->run.idle)
        bench_say(w, "for the next run; 'stage NAME --from %s' goes on from the end of this one", run_name(w));
    return 0;
}

static int change_run(struct workbench *w, const struct call *c, const struct changes *all, struct err *err)
{
    for (int i = 0; i < all->n; i++) {
        const struct change *change = &all->change[i];
        const struct command set = { .op = COMMAND_SET, .knob = (int)change->knob, .value = change->value, .by = c->interactive ? "user" : "script" };
        if (run_post(w, c, &set, err) < 0)
            return -1;
    }
    return 0;
}

/* --- a new run that begins with it --------------------------------------------------------------------------------- */

/* The first stage ends where the parent was; what was set by hand decides nothing of that. */
static int begin_second(struct knobs *k, const struct child_moment *at, const void *how, struct err *err)
{
    const struct changes *all = how;
    char epoch[24];
    if (at->wanted->asked[KNOB_EPOCHS])
        return err_set(err, ERR_INVALID, "epochs was set here, and is %ld in the new run, where its stage begins; --epochs N is the length of the stage", at->epoch);
    snprintf(epoch, sizeof epoch, "%ld", at->epoch);
    if (knob_parse(KNOB_EPOCHS, epoch, &k->v[KNOB_EPOCHS], err) < 0)
        return -1;
    if (!at->wanted->asked[KNOB_STEPS])
        k->v[KNOB_STEPS].num = 0;
    for (int i = 0; i < all->n; i++)
        k->v[all->change[i].knob] = all->change[i].value;
    return 0;
}

static int start_from(struct workbench *w, struct call *c, const struct changes *all, struct err *err)
{
    char dir[1024];
    struct child_request q = { .dir = dir, .name = call_value(c, "name"), .suffix = c->word[0].text, .root = call_value(c, "root"), .verb = c->info->verb,
                               .change = begin_second, .how = all, .paused = call_has(c, "paused") };
    if (w->recipe)
        return err_set(err, ERR_USAGE, "a recipe starts no run; --from is for the prompt and for scripts");
    if (run_active(w))
        return err_set(err, ERR_INVALID, "%s is training; 'stop' it first", run_name(w));
    if (call_hash(c, &q.state, err) < 0)
        return -1;
    if (point_run(w, call_value(c, "from"), "--from", dir, sizeof dir, &q.at, err) < 0)
        return call_bad_option(c, "from");
    if (w->dry) {
        bench_say(w, "not run: %s", c->typed);
        return 0;
    }
    if (child_start(w, &q, err) < 0)
        return call_bad_option(c, "from");
    replay_leave(w); /* the run is what is looked at now */
    return 0;
}

/* --- the command --------------------------------------------------------------------------------------------------- */

/* Options that make no sense together are refused rather than passed over. */
static int check_options(struct call *c, struct err *err)
{
    static const char *const of_child[] = { "name", "root", "sha256", "paused" };
    const bool from = call_has(c, "from");
    for (size_t i = 0; i < sizeof of_child / sizeof *of_child; i++)
        if (!from && call_has(c, of_child[i]))
            return err_set(err, ERR_USAGE, "--%s is for a new run, which --from RUN starts", of_child[i]), call_bad_option(c, of_child[i]);
    if (from && call_has(c, "at"))
        return err_set(err, ERR_USAGE, "--from RUN@EPOCH says where the stage begins; --at is for a run that trains or is set up"), call_bad_option(c, "at");
    if (c->n > 0 && strcmp(c->word[0].text, "none") == 0 && c->n_options > 0)
        return err_set(err, ERR_USAGE, "'none' takes no options");
    if (c->n == 0 && c->n_options > 0)
        return err_set(err, ERR_USAGE, "which stage? usage: %s", c->info->usage);
    return 0;
}

int cmd_stage(struct workbench *w, struct call *c, struct err *err)
{
    struct changes all = { 0 };
    if (check_options(c, err) < 0)
        return -1;
    if (c->n == 0) {
        struct knobs k;
        bench_knobs(w, &k);
        return show_stages(w, &k, err);
    }
    if (w->options.readonly)
        return err_set(err, ERR_INVALID, "not with --readonly");
    int result = read_changes(w, c, &all, err);
    if (result == 0 && call_has(c, "from"))
        result = start_from(w, c, &all, err);
    else if (result == 0 && run_active(w))
        result = change_run(w, c, &all, err);
    else if (result == 0)
        result = plan_stage(w, &all, err);
    free(all.change);
    return result;
}
