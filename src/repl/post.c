/* Calls that become commands of the trainer. One place builds them, for the prompt, for scripts, and for what a recording
 * says was waiting when it ended. */
#include "config.h"
#include "repl/bench.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/probe/reading.h"

/* --- builders: the words of a verb ------------------------------------------------------------------------------------- */

/* "rho=.3" is a knob and a value in one word. */
static int find_knob(struct call *c, struct err *err)
{
    char name[64];
    const char *word = c->word[0].text;
    size_t n = strcspn(word, "=");
    snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : 0), word);
    int id = word[n] ? knob_find(name, NULL) : -1;
    if (id >= 0)
        err_set(err, ERR_INVALID, "a blank parts knob and value; did you mean 'set %s %.100s'?", name, word[n + 1] || c->n < 2 ? word + n + 1 : c->word[1].text);
    else if ((id = knob_find(word, err)) >= 0)
        return id;
    return call_bad(c, 0);
}

/* 50% of a plain number becomes 0.5 in knob_parse(); a lone word in quotes may be empty (data_path ''). */
static int build_set(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    char text[KNOB_TEXT_MAX];
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
        return err_set(err, ERR_INVALID, "%s can only change before training; 'stop' it first", k->name), call_bad(c, 0);
    out->knob = id;
    call_join(c, 1, text, sizeof text);
    return knob_parse((enum knob_id)id, text, &out->value, err) < 0 ? call_bad(c, c->n - 1) : 0;
}

static int build_eval(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    const char *split = c->n ? c->word[0].text : "";
    if (*split && strcmp(split, "test") != 0 && strcmp(split, "val") != 0 && strcmp(split, "train") != 0)
        return err_set(err, ERR_INVALID, "unknown split '%s'; test, val or train", split), call_bad(c, 0);
    out->text = split;
    return 0;
}

static int build_classes(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    _Static_assert((int)CALL_MAX_CLASSES == (int)COMMAND_MAX_CLASSES, "a call holds the classes of its command");
    int n = c->n ? bench_class_list(w, c, 0, c->classes, err) : 0;
    out->classes = c->classes;
    out->n_classes = n > 0 ? n : 0;
    return n < 0 ? -1 : 0;
}

/* "every 5", "iters 30" or "images 64" at the end of `watch`: where they begin. */
static int schedule_start(const struct call *c)
{
    int i = 1;
    while (i < c->n && (c->word[i].quoted || (strcmp(c->word[i].text, "every") && strcmp(c->word[i].text, "iters") &&
                                              strcmp(c->word[i].text, "images"))))
        i++;
    return i;
}

static int schedule_words(struct call *c, int i, struct command *out, struct err *err)
{
    const struct {
        const char *word;
        enum knob_id like;
        long *to;
    } rows[] = { { "every", KNOB_HESSIAN_EVERY, &out->every }, { "iters", KNOB_HESSIAN_ITERS, &out->count },
                 { "images", KNOB_HESSIAN_IMAGES, &out->probe.images } };
    for (; i < c->n; i += 2) {
        size_t r = 0;
        while (r < sizeof rows / sizeof rows[0] && strcmp(rows[r].word, c->word[i].text) != 0)
            r++;
        if (r == sizeof rows / sizeof rows[0])
            return err_set(err, ERR_USAGE, "'%s' after the classes; every N, iters M or images K", c->word[i].text), call_bad(c, i);
        if (i + 1 == c->n)
            return err_set(err, ERR_USAGE, "'%s' needs a number", c->word[i].text), call_bad(c, i);
        const struct knob_info *k = &knob_table[rows[r].like];
        if (word_whole(c->word[i + 1].text, rows[r].word, k->low < 1 ? 1 : (long)k->low, (long)k->high, rows[r].to, err) < 0)
            return call_bad(c, i + 1);
    }
    return 0;
}

static int build_watch(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    int words = c->n, start = schedule_start(c);
    if (schedule_words(c, start, out, err) < 0)
        return -1;
    c->n = start;
    int result = build_classes(w, c, out, err);
    c->n = words;
    return result;
}

static int option_number(struct call *c, const char *option, enum knob_id like, long *out, struct err *err)
{
    const char *text = call_value(c, option);
    struct knob_value v;
    if (!text)
        return 0;
    if (knob_parse(like, text, &v, err) < 0)
        return call_bad_option(c, option);
    *out = (long)v.num;
    return 0;
}

static int option_whole(struct call *c, const char *option, long low, long high, long *out, struct err *err)
{
    const char *text = call_value(c, option);
    if (text && word_whole(text, option, low, high, out, err) < 0)
        return call_bad_option(c, option);
    return 0;
}

static int check_path(const char *path, struct err *err)
{
    return strlen(path) < COMMAND_TEXT_MAX ? 0 : err_set(err, ERR_INVALID, "path longer than %d bytes", COMMAND_TEXT_MAX - 1);
}

static int option_path(struct call *c, const char *option, const char **out, struct err *err)
{
    *out = call_value(c, option);
    return *out && check_path(*out, err) < 0 ? call_bad_option(c, option) : 0;
}

/* Options that hessian, cnc and slice share. */
static int probe_options(struct call *c, struct command *out, struct err *err)
{
    if (option_number(c, "iters", KNOB_HESSIAN_ITERS, &out->count, err) < 0)
        return -1;
    return option_number(c, "images", KNOB_HESSIAN_IMAGES, &out->probe.images, err);
}

static int build_hessian(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    struct probe_options *o = &out->probe;
    const char *tol = call_value(c, "tol");
    if (probe_options(c, out, err) < 0 || option_number(c, "vectors", KNOB_HESSIAN_VECTORS, &o->vectors, err) < 0
        || option_whole(c, "top", 1, 20, &o->top, err) < 0 || option_path(c, "save", &out->text, err) < 0)
        return -1;
    if (tol && word_number(tol, "tol", 0, 1, &o->tol, err) < 0)
        return call_bad_option(c, "tol");
    o->has_tol = tol != NULL;
    const char *like = call_value(c, "like");
    if (like && strcmp(like, "pyhessian") != 0)
        return err_set(err, ERR_INVALID, "like '%s'; pyhessian is accepted", like), call_bad_option(c, "like");
    o->pyhessian = like != NULL;
    o->trace = call_has(c, "trace");
    o->test = call_has(c, "test");
    o->train_mode = call_has(c, "train-mode");
    o->weighted = call_has(c, "weighted");
    o->augment = call_has(c, "augment");
    return build_classes(w, c, out, err);
}

static int option_positive(struct call *c, const char *option, double high, double *out, struct err *err)
{
    const char *text = call_value(c, option);
    if (text && word_number(text, option, 1e-9, high, out, err) < 0)
        return call_bad_option(c, option);
    return 0;
}

static int build_cnc(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    if (probe_options(c, out, err) < 0 || option_positive(c, "rho", knob_table[KNOB_RHO].high, &out->rho, err) < 0
        || option_whole(c, "batches", 1, 1000000, &out->batches, err) < 0 || option_whole(c, "batch", 1, 4096, &out->batch, err) < 0)
        return -1;
    return build_classes(w, c, out, err);
}

static int build_slice(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    int words = c->n;
    out->text = words > 1 ? c->word[1].text : "";
    if (probe_options(c, out, err) < 0 || option_positive(c, "span", 1000, &out->span, err) < 0
        || option_whole(c, "points", 3, 1001, &out->points, err) < 0)
        return -1;
    c->n = 1;
    int result = build_classes(w, c, out, err);
    c->n = words;
    if (result == 0 && out->n_classes != 1)
        return err_set(err, ERR_INVALID, "'%s' names %d classes; one is needed", c->word[0].text, out->n_classes), call_bad(c, 0);
    return result;
}

/* A tau may be left out: the best is looked for. */
static int build_reading(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    const int kind = reading_find(c->word[0].text, err);
    const char *split = call_value(c, "on");
    if (kind < 0)
        return call_bad(c, 0);
    out->tau = NAN;
    if (c->n > 1 && !reading_table[kind].has_tau)
        return err_set(err, ERR_USAGE, "%s takes no tau", reading_table[kind].name), call_bad(c, 1);
    if (c->n > 1 && word_number(c->word[1].text, "tau", 0, READING_MOST_TAU, &out->tau, err) < 0)
        return call_bad(c, 1);
    if (split && strcmp(split, "test") != 0 && strcmp(split, "val") != 0 && strcmp(split, "train") != 0)
        return err_set(err, ERR_INVALID, "unknown split '%s'; test, val or train", split), call_bad_option(c, "on");
    out->text = reading_table[kind].name;
    out->direction = split;
    return 0;
}

static int build_snapshot(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    (void)err;
    out->text = c->n ? c->word[0].text : "";
    return 0;
}

static int build_nothing(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    (void)c;
    (void)out;
    (void)err;
    return 0;
}

static int build_step(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    out->count = 1;
    if (c->n && word_whole(c->word[0].text, "steps", 1, 1000000000L, &out->count, err) < 0)
        return call_bad(c, 0);
    return 0;
}

static int build_note(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    (void)err;
    call_join(c, 0, c->joined, sizeof c->joined);
    out->text = c->joined;
    return 0;
}

static int build_cancel(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    if (word_whole(c->word[0].text, "number", 1, 1000000000L, &out->count, err) < 0)
        return call_bad(c, 0);
    return 0;
}

/* --- files --- */

static int path_word(struct call *c, int word, const char **out, struct err *err)
{
    *out = c->word[word].text;
    return check_path(*out, err) < 0 ? call_bad(c, word) : 0;
}

static int batch_options(struct call *c, struct command *out, struct err *err)
{
    const char *batch = call_value(c, "batch");
    if (batch && word_whole(batch, "batch", 0, 1000000000L, &out->count, err) < 0)
        return call_bad_option(c, "batch");
    out->train_mode = call_has(c, "train-mode");
    return 0;
}

static int build_save(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    if (strcmp(c->word[0].text, "weights") != 0)
        return err_set(err, ERR_USAGE, "'%s' cannot be saved; usage: %s", c->word[0].text, c->info->usage), call_bad(c, 0);
    return path_word(c, 1, &out->text, err);
}

static int build_gradient(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    if (path_word(c, 0, &out->text, err) < 0)
        return -1;
    return batch_options(c, out, err);
}

static int build_hvp(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    if (path_word(c, 0, &out->direction, err) < 0 || path_word(c, 1, &out->text, err) < 0)
        return -1;
    return batch_options(c, out, err);
}

static int (*const builders[COMMAND_OPS])(struct workbench *w, struct call *c, struct command *out, struct err *err) = {
#define COMMAND(...)
#define RUN_COMMAND(op, builder, ...) [COMMAND_##op] = build_##builder,
#include "repl/commands.def"
#undef COMMAND
};

int call_command(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    memset(out, 0, sizeof *out);
    if (c->info->op < 0)
        return err_set(err, ERR_INVALID, "'%s' is no command of a run", c->info->verb);
    out->op = (enum command_op)c->info->op;
    return builders[out->op](w, c, out, err) < 0 ? -1 : run_when(w, c, out, err);
}

int call_post(struct workbench *w, struct call *c, struct err *err)
{
    struct command command;
    return call_command(w, c, &command, err) < 0 ? -1 : run_post(w, c, &command, err);
}
