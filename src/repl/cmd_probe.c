/* hessian cnc slice margins reading: what a guest measures at the weights of a moment */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <math.h>
#include <string.h>

#include "engine/probe/reading.h"

/* --- words --------------------------------------------------------------------------------------------------------- */

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

static int option_path(struct call *c, const char *option, const char **out, struct err *err)
{
    *out = call_value(c, option);
    return *out && path_check(*out, err) < 0 ? call_bad_option(c, option) : 0;
}

/* Options that hessian, cnc and slice share. */
static int probe_options(struct call *c, struct command *out, struct err *err)
{
    if (option_number(c, "iters", KNOB_HESSIAN_ITERS, &out->count, err) < 0)
        return -1;
    return option_number(c, "images", KNOB_HESSIAN_IMAGES, &out->probe.images, err);
}

int build_hessian(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    struct probe_options *o = &out->probe;
    const char *tol = call_value(c, "tol");
    if (probe_options(c, out, err) < 0 || option_number(c, "vectors", KNOB_HESSIAN_VECTORS, &o->vectors, err) < 0
        || call_whole(c, "top", 1, 20, &o->top, err) < 0 || option_path(c, "save", &out->text, err) < 0)
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

int build_cnc(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    if (probe_options(c, out, err) < 0 || option_positive(c, "rho", knob_table[KNOB_RHO].high, &out->rho, err) < 0
        || call_whole(c, "batches", 1, 1000000, &out->batches, err) < 0 || call_whole(c, "batch", 1, 4096, &out->batch, err) < 0)
        return -1;
    return build_classes(w, c, out, err);
}

int build_slice(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    int words = c->n;
    out->text = words > 1 ? c->word[1].text : "";
    if (probe_options(c, out, err) < 0 || option_positive(c, "span", 1000, &out->span, err) < 0
        || call_whole(c, "points", 3, 1001, &out->points, err) < 0)
        return -1;
    c->n = 1;
    int result = build_classes(w, c, out, err);
    c->n = words;
    if (result == 0 && out->n_classes != 1)
        return err_set(err, ERR_INVALID, "'%s' names %d classes; one is needed", c->word[0].text, out->n_classes), call_bad(c, 0);
    return result;
}

/* A tau may be left out: the best is looked for. */
int build_reading(struct workbench *w, struct call *c, struct command *out, struct err *err)
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

/* --- carried out ------------------------------------------------------------------------------------------------------- */

/* The watched classes, or else the one with the fewest images, into out[COMMAND_MAX_CLASSES]. hessian names none: the trainer knows what is
 * watched then. */
static int default_classes(struct workbench *w, const struct command *command, int *out)
{
    int n = 0;
    workbench_pump(w);
    bool moment = w->replay.on && w->moment.trainer;
    const struct history *h = moment ? &w->replay.stream.history : &w->live.history;
    const struct dataset *d = moment ? &w->moment.setup.data : &w->setup.data;
    for (int i = 0; i < h->n_classes && n < COMMAND_MAX_CLASSES; i++)
        if (h->cls[i].watched)
            out[n++] = i;
    if (n > 0)
        return operation_is(command->op, OP_WATCHED) ? 0 : n;
    int rarest = 0;
    for (int i = 0; i < d->classes; i++)
        if (d->train.count[i] > 0 && d->train.count[i] <= d->train.count[rarest])
            rarest = i;
    out[0] = rarest;
    return 1;
}

int cmd_probe(struct workbench *w, struct call *c, struct err *err)
{
    struct command command;
    if (look_ready(w, c, err) < 0 || call_command(w, c, &command, err) < 0)
        return -1;
    if (c->n == 0)
        command.n_classes = default_classes(w, &command, c->classes);
    return run_post(w, c, &command, err);
}

int cmd_reading(struct workbench *w, struct call *c, struct err *err)
{
    return look_ready(w, c, err) < 0 ? -1 : call_post(w, c, err);
}
