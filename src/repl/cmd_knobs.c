/* set show cancel undo */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/criteria/loss.h"
#include "engine/recorded.h"
#include "engine/stages.h"

/* --- set ----------------------------------------------------------------------------------------------------------- */

static void set_before(struct workbench *w, enum knob_id id, const struct knob_value *value)
{
    char old[KNOB_TEXT_MAX], now[KNOB_TEXT_MAX];
    knob_format(id, &w->setup.knobs.v[id], old, sizeof old);
    setup_set_value(w, id, value);
    w->setup.by_set[id] = !w->recipe;
    knob_format(id, value, now, sizeof now);
    if (w->recipe || w->rc)
        return;
    if (strcmp(old, now) == 0)
        bench_say(w, "%s is %s already", knob_table[id].name, now[0] ? now : "''");
    else
        bench_say(w, "%s %s -> %s%s", knob_table[id].name, old[0] ? old : "''", now[0] ? now : "''",
                  w->replay.on && knob_table[id].when != KNOB_SCREEN ? " for the next run; a replay shows what was recorded" : "");
}

static int keep_for_later(struct workbench *w, const struct call *c, const struct command *command, struct err *err)
{
    struct bench_setup *s = &w->setup;
    if (s->n_later == s->cap_later) {
        int cap = s->cap_later ? 2 * s->cap_later : 8;
        struct later *more = realloc(s->later, sizeof *more * (size_t)cap);
        if (!more)
            return err_set(err, ERR_MEMORY, "no memory for a command");
        s->later = more;
        s->cap_later = cap;
    }
    if (!(s->later[s->n_later].command = command_copy(command)))
        return err_set(err, ERR_MEMORY, "no memory for a command");
    snprintf(s->later[s->n_later++].text, sizeof s->later->text, "%s", c->typed);
    s->any = true;
    if (!w->recipe)
        bench_say(w, "pending %d: %s", s->n_later, c->typed);
    return 0;
}

/* "rho=.3" is a knob and a value in one word. */
static int find_knob(struct call *c, struct err *err)
{
    char name[64];
    const char *word = c->word[0].text;
    size_t n = strcspn(word, "=");
    snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : 0), word);
    int id = word[n] ? knob_find(name, NULL) : -1;
    if (id >= 0)
        err_set(err, ERR_INVALID, "a blank parts knob and value; did you mean 'set %s %.100s'?", name,
                word[n + 1] ? word + n + 1 : c->n < 2 ? "VALUE" : c->word[1].text);
    else if ((id = knob_find(word, err)) >= 0)
        return id;
    return call_bad(c, 0);
}

/* Such a knob stays for the whole of a run, and of what is forked from it: 'stop' frees it for the next new run alone. */
static void refuse_setup_knob(const struct workbench *w, int id, struct err *err)
{
    const struct knob_info *k = &knob_table[id];
    if (!run_active(w))
        err_set(err, ERR_INVALID, "%s cannot change while a run trains, so nothing can change it later; set it at once, before 'train'", k->name);
    else
        err_set(err, ERR_INVALID, "%s is fixed for this run%s; a new run may have another: 'stop', 'set %s VALUE', 'train'", k->name,
                w->run.forked ? ": a fork keeps what its parent has" : " and for forks of it", k->name);
}

/* "set math auto": the fastest that the device of the set-up has, for the network of the set-up; what is kept and recorded is its name.
 * The order was measured on the CPU (tests/bench/RESULTS.md), and on a GPU follows from what its instructions do. */
static int fastest_math(struct workbench *w, struct knob_value *value, struct err *err)
{
    static const enum math fastest[] = { MATH_BF16, MATH_TF32, MATH_WINOGRAD, MATH_FP32 };
    int device, plain;
    const struct backend *b = setup_device(&w->setup.knobs, &device, err);
    if (!b || (plain = setup_net_is_plain(w, err)) < 0)
        return -1;
    int i = plain ? 0 : (int)(sizeof fastest / sizeof *fastest) - 1;
    while (backend_check_math(b, fastest[i], NULL) < 0)
        i++;
    return knob_parse(KNOB_MATH, math_name[fastest[i]], value, err);
}

/* 50% of a plain number becomes 0.5 in knob_parse(); a lone word in quotes may be empty (data_path ''). */
int build_set(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    char text[KNOB_TEXT_MAX + 1]; /* one byte too long is seen, and refused */
    const bool later = c->when.kind != AT_ONCE;
    const int id = find_knob(c, err);
    if (id < 0)
        return -1;
    const struct knob_info *k = &knob_table[id];
    if (c->n < 2)
        return err_set(err, ERR_USAGE, "%s to what? %s", k->name, k->help);
    if (k->when == KNOB_SCREEN && later)
        return err_set(err, ERR_INVALID, "%s belongs to this screen and changes at once", k->name);
    if (k->when == KNOB_SETUP && (run_active(w) || later))
        return refuse_setup_knob(w, id, err), call_bad(c, 0);
    out->knob = id;
    call_join(c, 1, text, sizeof text);
    const int relative = knob_factor((enum knob_id)id, text, &out->factor, err);
    if (relative)
        return relative < 0 ? call_bad(c, c->n - 1) : 0;
    if (id == KNOB_MATH && strcmp(text, "auto") == 0)
        return fastest_math(w, &out->value, err);
    return knob_parse((enum knob_id)id, text, &out->value, err) < 0 ? call_bad(c, c->n - 1) : 0;
}

/* Knob and value are read once, by call_command(): for the run, for later, or for the set-up. */
int cmd_set(struct workbench *w, struct call *c, struct err *err)
{
    struct command command;
    if (call_command(w, c, &command, err) < 0)
        return -1;
    if (run_active(w) && knob_table[command.knob].when != KNOB_SCREEN)
        return run_post(w, c, &command, err);
    if (command.when != WHEN_NOW)
        return keep_for_later(w, c, &command, err);
    if (command.factor > 0 && knob_scale((enum knob_id)command.knob, &w->setup.knobs.v[command.knob], command.factor, &command.value, err) < 0)
        return call_bad(c, c->n - 1);
    set_before(w, (enum knob_id)command.knob, &command.value);
    return 0;
}

/* --- show ---------------------------------------------------------------------------------------------------------- */

/* A run that is over still shows its own values: what the next one would have is told beside where it differs. */
static void next_value(const struct workbench *w, int id, const char *value, char *out, size_t size)
{
    char next[KNOB_TEXT_MAX];
    knob_format((enum knob_id)id, &w->setup.knobs.v[id], next, sizeof next);
    bool over = w->run.trainer && !w->run.idle && !run_active(w) && !w->replay.on;
    bool chosen = w->replay.on && w->setup.by_set[id]; /* while the replay shows another's */
    out[0] = '\0';
    if ((over || chosen) && strcmp(value, next) != 0)
        snprintf(out, size, "  (next run: %s)", next[0] ? next : "''");
}

static void show_knob(struct workbench *w, const struct knobs *k, int id, bool help)
{
    const struct knob_info *info = &knob_table[id];
    char value[KNOB_TEXT_MAX], next[KNOB_TEXT_MAX + 32];
    knob_format((enum knob_id)id, &k->v[id], value, sizeof value);
    next_value(w, id, value, next, sizeof next);
    const char *hand = k->by_hand[id] ? "*" : "";
    if (help)
        bench_say(w, "%s %s%s%s%s%s  (default %s) %s", info->name, value[0] ? value : "''", hand, info->unit[0] ? " " : "", info->unit,
                  next, info->initial[0] ? info->initial : "''", info->help);
    else
        bench_say(w, "%-16s %s%s%s%s%s", info->name, value[0] ? value : "''", hand, info->unit[0] ? " " : "", info->unit, next);
}

static bool is_default(const struct knobs *k, int id)
{
    struct knobs fresh;
    char now[KNOB_TEXT_MAX], initial[KNOB_TEXT_MAX];
    knobs_init(&fresh);
    knob_format((enum knob_id)id, &k->v[id], now, sizeof now);
    knob_format((enum knob_id)id, &fresh.v[id], initial, sizeof initial);
    return strcmp(now, initial) == 0;
}

static int show_config(struct workbench *w, const struct knobs *k, struct err *err)
{
    (void)err;
    for (int i = 0; i < KNOB_COUNT; i++)
        show_knob(w, k, i, false);
    return 0;
}

static void show_changed(struct workbench *w, const struct knobs *k)
{
    int shown = 0;
    for (int i = 0; i < KNOB_COUNT; i++)
        if (!is_default(k, i)) {
            show_knob(w, k, i, false);
            shown++;
        }
    if (!shown)
        bench_say(w, "every knob has its default value");
}

static void show_later(struct workbench *w)
{
    for (int i = 0; i < w->setup.n_later; i++)
        bench_say(w, "%d: %s", i + 1, w->setup.later[i].text);
    if (w->setup.n_later == 0)
        bench_say(w, "nothing is pending");
}

static int show_pending(struct workbench *w, const struct knobs *k, struct err *err)
{
    (void)k;
    (void)err;
    if (!run_active(w))
        return show_later(w), 0;
    char **text;
    int n = trainer_pending(w->run.trainer, &text);
    for (int i = 0; i < n; i++) {
        bench_say(w, "%s", text[i]);
        free(text[i]);
    }
    free(text);
    if (n == 0)
        bench_say(w, "nothing is pending");
    return 0;
}

enum loss_weights bench_weights_rule(const struct knobs *k)
{
    if (knob_is(k, KNOB_WEIGHTS, "effective"))
        return WEIGHTS_EFFECTIVE;
    return knob_is(k, KNOB_WEIGHTS, "inverse") ? WEIGHTS_INVERSE : WEIGHTS_NONE;
}

static int show_weights(struct workbench *w, const struct knobs *k, struct err *err)
{
    const struct history *h = bench_shown(w);
    if (!h->n_classes && setup_data(w, err) < 0)
        return -1;
    int n = h->n_classes ? h->n_classes : w->setup.data.classes;
    double *count = malloc(sizeof *count * (size_t)n), *weight = malloc(sizeof *weight * (size_t)n);
    int result = count && weight ? 0 : err_set(err, ERR_MEMORY, "no memory for %d classes", n);
    for (int i = 0; i < n && result == 0; i++)
        count[i] = h->n_classes ? h->cls[i].n : w->setup.data.train.count[i];
    if (result == 0)
        result = loss_weights_check(bench_weights_rule(k), n, count, err); /* as `train` would refuse them */
    if (result == 0) {
        char rule[32];
        loss_class_weights(bench_weights_rule(k), knob_num(k, KNOB_BETA_EN), n, count, weight);
        knob_choice(k, KNOB_WEIGHTS, rule, sizeof rule);
        if (strcmp(rule, "none") == 0)
            bench_say(w, "weights none: every class counts alike");
        else
            bench_say(w, "weights %s, from epoch %.10g%s, sum %d", rule, knob_num(k, KNOB_DRW), h->drw_on ? ", on" : "", n);
        for (int i = 0; i < n; i++)
            bench_say(w, "%4d %-16s n %6.0f  weight %.6g", i, h->n_classes ? h->cls[i].name : w->setup.data.class_name[i], count[i], weight[i]);
    }
    free(count);
    free(weight);
    return result;
}

static int show_memory(struct workbench *w, const struct knobs *k, struct err *err)
{
    (void)k;
    struct trainer_status s;
    if (!w->run.trainer)
        return run_plan(w, "show", err);
    trainer_status(w->run.trainer, &s);
    bench_say(w, "training takes %.1f MiB; data %.1f MiB", (double)s.memory_bytes / 1048576, (double)dataset_memory(&w->setup.data) / 1048576);
    return 0;
}

static int show_classes(struct workbench *w, const struct knobs *k, struct err *err)
{
    (void)k;
    struct class_names names;
    if (bench_classes(w, &names, err) < 0)
        return -1;
    const struct history *h = bench_shown(w);
    bool folded = names.ctx == h;
    for (int i = 0; i < names.n; i++) {
        uint32_t n = folded ? h->cls[i].n : w->setup.data.train.count[i];
        double acc = names.acc(names.ctx, i);
        char shown[16] = "-";
        if (!isnan(acc))
            snprintf(shown, sizeof shown, "%.1f", acc);
        bench_say(w, "%4d %-16s %-4s n %6u  acc %5s%s", i, names.name(names.ctx, i), names.group_name(names.ctx, names.group(names.ctx, i)), n,
                  shown, folded && h->cls[i].watched ? "  watched" : "");
    }
    return 0;
}

/* The knobs that differ from when this run began; without a run, from the defaults. */
static int show_diff(struct workbench *w, const struct knobs *k, struct err *err)
{
    (void)err;
    if (!run_active(w))
        return show_changed(w, k), 0;
    int shown = 0;
    for (int i = 0; i < KNOB_COUNT; i++) {
        char old[KNOB_TEXT_MAX], now[KNOB_TEXT_MAX];
        knob_format((enum knob_id)i, &w->run.knobs.v[i], old, sizeof old);
        knob_format((enum knob_id)i, &k->v[i], now, sizeof now);
        if (knob_table[i].when == KNOB_SCREEN || strcmp(old, now) == 0)
            continue;
        bench_say(w, "%-16s %s -> %s", knob_table[i].name, old, now);
        shown++;
    }
    if (!shown)
        bench_say(w, "as when this run began");
    return 0;
}

static void show_summary(struct workbench *w, const struct knobs *k)
{
    const struct history *h = bench_shown(w);
    char method[96], model[32];
    setup_method(k, method, sizeof method);
    knob_choice(k, KNOB_MODEL, model, sizeof model);
    if (h->n_classes == 0) {
        char data[32];
        knob_choice(k, KNOB_DATA, data, sizeof data);
        bench_say(w, "set up: %s, %s, %s, %ld epochs", w->setup.data_key[0] ? w->setup.data.name : data, model, method, knobs_epochs(k));
        return;
    }
    bench_say(w, "%s: %s, %s, %s; step %llu, epoch %.1f, %s", h->name, h->data_name, model, method, (unsigned long long)h->step, h->epoch,
              h->state[0] ? h->state : "not started");
    if (h->n_eval) {
        const struct history_eval *e = &h->eval[h->n_eval - 1];
        bench_say(w, "eval at epoch %.4g: acc %.2f, loss %.4f, best %.2f at epoch %.4g%s", e->epoch, e->acc, e->loss, h->best,
                  h->best_epoch, history_best_on_test(h) ? ", chosen on test images" : "");
    }
}

/* Things to show beside a single knob; the words are those of the row in commands.def. `weights` is also a knob: the list says both. */
static const struct {
    const char *word;
    int (*show)(struct workbench *w, const struct knobs *k, struct err *err);
} shows[] = { { "config", show_config }, { "pending", show_pending }, { "weights", show_weights },
              { "memory", show_memory }, { "classes", show_classes }, { "diff", show_diff }, { "stages", show_stages }, { "sam", show_sam } };

int cmd_show(struct workbench *w, struct call *c, struct err *err)
{
    const char *what = c->n ? c->word[0].text : "";
    struct knobs k;
    bench_knobs(w, &k);
    if (!*what)
        return show_summary(w, &k), 0;
    if (strcmp(what, "augment") == 0 && c->n > 1)
        return show_augment(w, c, err) < 0 ? call_bad(c, 1) : 0;
    if (c->n > 1 || c->n_options)
        return err_set(err, ERR_USAGE, "'%s%s' is too much; usage: %s", c->n > 1 ? "" : "--", c->n > 1 ? c->word[1].text : c->option[0].name,
                       c->info->usage),
               c->n > 1 ? call_bad(c, 1) : call_bad_option(c, c->option[0].name);
    for (size_t i = 0; i < sizeof shows / sizeof *shows; i++)
        if (strcmp(shows[i].word, what) == 0)
            return shows[i].show(w, &k, err);
    int id = knob_find(what, err);
    if (id < 0)
        return call_bad(c, 0);
    show_knob(w, &k, id, true);
    return 0;
}

/* --- cancel, undo -------------------------------------------------------------------------------------------------- */

static int cancel_later(struct workbench *w, long n, struct err *err)
{
    struct bench_setup *s = &w->setup;
    if (n > s->n_later)
        return err_set(err, ERR_RANGE, "no pending command %ld; 'show pending' lists them", n);
    bench_say(w, "cancelled %ld: %s", n, s->later[n - 1].text);
    free(s->later[n - 1].command);
    memmove(&s->later[n - 1], &s->later[n], sizeof *s->later * (size_t)(s->n_later - n));
    s->n_later--;
    return 0;
}

int build_cancel(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    if (word_whole(c->word[0].text, "number", 1, 1000000000L, &out->count, err) < 0)
        return call_bad(c, 0);
    return 0;
}

int cmd_cancel(struct workbench *w, struct call *c, struct err *err)
{
    long n;
    if (word_whole(c->word[0].text, "number", 1, 1000000000L, &n, err) < 0)
        return call_bad(c, 0);
    if (!run_active(w))
        return cancel_later(w, n, err) < 0 ? call_bad(c, 0) : 0;
    return call_post(w, c, err);
}

static int undo_live(struct workbench *w, struct call *c, const struct undo *u, struct err *err)
{
    struct command command = { .op = COMMAND_SET, .knob = (int)u->knob };
    if (knob_parse(u->knob, u->old, &command.value, err) < 0 || run_when(w, c, &command, err) < 0)
        return -1;
    command.typed = RECORDED_UNDO;
    command.force = true;
    return run_post(w, c, &command, err);
}

/* History is not rewritten: the way without what was taken back is a fork where it began. The change itself belongs to that moment. */
static void offer_fork(struct workbench *w, const struct undo *u)
{
    struct trainer_status t;
    char at[40];
    if (!w->run.session || !workbench_status(w, &t) || t.step <= u->step)
        return;
    point_text(u->step, t.steps_per_epoch, at, sizeof at);
    const unsigned long long steps = t.step - u->step;
    bench_say(w, "the %llu %s since then %s; the way without %s: 'fork @%s; set %s %s; train'", steps, steps == 1 ? "step" : "steps",
              steps == 1 ? "stays" : "stay", steps == 1 ? "it" : "them", at, knob_table[u->knob].name, u->old[0] ? u->old : "''");
}

/* The number of changes that could still be undone; a script does not ask. */
static void say_undo_left(struct workbench *w, const struct call *c)
{
    const struct undo *next = w->n_undo ? &w->undo[w->n_undo - 1] : NULL;
    if (c->interactive && next)
        bench_say(w, "%d more to undo: %s back to %s", w->n_undo, knob_table[next->knob].name, next->old[0] ? next->old : "''");
}

int cmd_undo(struct workbench *w, struct call *c, struct err *err)
{
    enum { UNDO_MS = 300 }; /* a step of a large network may take longer: then the offer comes first */
    workbench_pump(w); /* a change that was just applied counts */
    if (w->n_undo == 0)
        return err_set(err, ERR_INVALID, "nothing that was set%s is left to undo", run_active(w) ? " since the run began" : "");
    if (w->undo[w->n_undo - 1].of_run && !run_active(w))
        return err_set(err, ERR_INVALID, "nothing was set since the run was over");
    struct undo u = w->undo[--w->n_undo];
    if (run_active(w)) {
        int posted = undo_live(w, c, &u, err);
        if (posted == 0 && c->interactive) {
            workbench_settle(w, UNDO_MS); /* what is undone is told first */
            offer_fork(w, &u);
        }
        if (posted == 0)
            say_undo_left(w, c);
        return posted;
    }
    char now[KNOB_TEXT_MAX];
    knob_format(u.knob, &w->setup.knobs.v[u.knob], now, sizeof now);
    int result = setup_set(w, u.knob, u.old, err);
    if (result == 0) {
        w->n_undo--; /* setup_set() noted this change too */
        w->setup.by_set[u.knob] = true;
        bench_say(w, "%s %s -> %s", knob_table[u.knob].name, now, u.old);
        say_undo_left(w, c);
    }
    return result;
}

int knob_meant(const char *verb, bool value, const char *line, int n, struct err *err)
{
    if (knob_find(verb, NULL) >= 0)
        err_set(err, ERR_INVALID, "'%.60s' is a knob; did you mean '%s %.*s'?", verb, value ? "set" : "show", n, line);
    return -1;
}
