/* compare: recorded runs beside each other, as text, as files, and on a screen by its face. */
#include "config.h"
#include "repl/bench.h"
#include "repl/compare_text.h"
#include "repl/handlers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "session/comparison.h"
#include "session/figure_compare.h"

/* --- which runs ---------------------------------------------------------------------------------------------------- */

struct compared { /* the words of the call */
    char dir[COMPARISON_RUNS][1300];
    const char *at[COMPARISON_RUNS]; /* as for point_step() */
};

static int find_runs(struct workbench *w, struct call *c, struct compared *out, struct err *err)
{
    if (c->n > COMPARISON_RUNS)
        return err_set(err, ERR_USAGE, "%d runs; 2 to %d can be compared", c->n, COMPARISON_RUNS), call_bad(c, COMPARISON_RUNS);
    if (c->n < 2)
        return err_set(err, ERR_USAGE, "one run; 2 to %d can be compared: compare %s RUN", COMPARISON_RUNS, c->word[0].text);
    for (int i = 0; i < c->n; i++) {
        if (point_run(w, c->word[i].text, "compare", out->dir[i], sizeof out->dir[i], &out->at[i], err) < 0)
            return call_bad(c, i);
        for (int k = 0; k < i; k++)
            if (strcmp(out->dir[k], out->dir[i]) == 0)
                return err_set(err, ERR_USAGE, "%s is named twice; each run is compared once", c->word[i].text), call_bad(c, i);
    }
    return 0;
}

static int refuse_past(const struct comparison *c, int run, double epoch, struct err *err)
{
    return err_set(err, ERR_RANGE, "epoch %.6g is past the end of %s (%.6g)", epoch, comparison_name(c, run), comparison_end(c, run));
}

/* Numbers of different epochs stand beside each other, as they may when nobody asked for an epoch. */
static void warn_apart(struct workbench *w, const struct comparison *c)
{
    const double last = comparison_latest_cursor(c);
    double first = INFINITY;
    for (int i = 0; i < comparison_runs(c); i++)
        first = fmin(first, comparison_cursor(c, i));
    if (first < last)
        bench_warn(w, "compare", "the runs are at different epochs, %.4g to %.4g, and so are the numbers; '--at %.6g' has all at one", first, last,
                   first < 1 ? first : floor(first));
}

/* A number is taken as it is: before a run's own beginning lies what it went on from. */
static int point_epoch(const char *dir, const char *at, double *epoch, struct err *err)
{
    uint64_t step;
    if (number_parse(at, epoch))
        return word_number(at, "epoch", 0, 1e9, epoch, err);
    struct recording *r = recording_open(dir, err);
    const int result = r ? point_step(r, at, &step, err) : -1;
    if (result == 0)
        *epoch = recording_epochs(r, step);
    recording_close(r);
    return result;
}

/* --at is of all runs, and past the end of some it is their end; what a run's own word says is of it alone. */
static int seek_runs(struct workbench *w, struct call *c, struct comparison *cmp, const struct compared *runs, struct err *err)
{
    const char *at = call_value(c, "at");
    double epoch = INFINITY, own;
    int longest = 0;
    bool apart = !at;
    if (at && word_number(at, "--at", 0, 1e9, &epoch, err) < 0)
        return call_bad_option(c, "at");
    comparison_seek(cmp, epoch);
    for (int i = 0; i < c->n; i++) {
        longest = comparison_end(cmp, i) > comparison_end(cmp, longest) ? i : longest;
        if (!runs->at[i])
            continue;
        if (point_epoch(runs->dir[i], runs->at[i], &own, err) < 0)
            return call_bad(c, i);
        apart = false;
        comparison_seek_run(cmp, i, own);
        if (comparison_is_past(cmp, i))
            return refuse_past(cmp, i, own, err), call_bad(c, i);
    }
    if (comparison_is_past(cmp, longest))
        return refuse_past(cmp, longest, epoch, err), call_bad_option(c, "at");
    if (apart)
        warn_apart(w, cmp);
    for (int i = 0; i < c->n; i++)
        if (comparison_is_past(cmp, i))
            bench_warn(w, "compare", "%s ends at epoch %.6g: it is compared there", comparison_name(cmp, i), comparison_end(cmp, i));
        else if (comparison_cursor(cmp, i) < comparison_begin(cmp, i))
            bench_warn(w, "compare", "nothing is known of %s before epoch %.6g", comparison_name(cmp, i), comparison_begin(cmp, i));
    return 0;
}

/* --- which numbers ------------------------------------------------------------------------------------------------- */

/* NAME:LIST is a metric for each class of the list. */
static int add_of_classes(struct comparison *c, const char *name, const char *list, struct err *err)
{
    const struct history *h = comparison_history(c, 0);
    struct class_names names;
    char text[256];
    bool *set = calloc((size_t)h->n_classes + 1, sizeof *set);
    if (!set)
        return err_set(err, ERR_MEMORY, "no memory for %d classes", h->n_classes);
    bench_history_classes(h, &names);
    int result = classes_parse(&names, list, set, err);
    for (int i = 0; i < h->n_classes && result == 0; i++) {
        snprintf(text, sizeof text, "%.100s:%s", name, h->cls[i].name);
        if (set[i] && comparison_add_metric(c, text, err) < 0)
            result = -1;
    }
    free(set);
    return result;
}

static int add_metric(struct comparison *c, char *text, struct err *err)
{
    char *colon = strchr(text, ':');
    if (!colon || !colon[1])
        return comparison_add_metric(c, text, err) < 0 ? -1 : 0;
    *colon = '\0';
    return add_of_classes(c, text, colon + 1, err);
}

/* Without a choice the accuracies and the loss. */
static int add_usual(struct comparison *c, struct err *err)
{
    const struct history *h = comparison_history(c, 0);
    if (comparison_add_metric(c, "acc", err) < 0)
        return -1;
    for (int g = 0; g < h->n_groups && g < COMPARISON_METRICS - 2; g++)
        if (comparison_add_metric(c, h->group_name[g], err) < 0)
            return -1;
    return comparison_add_metric(c, "loss", err) < 0 ? -1 : 0;
}

/* --metric may be given more than once; each is a list. */
static int compare_metrics(struct call *c, struct comparison *cmp, struct err *err)
{
    for (int i = 0; i < c->n_options; i++) {
        if (strncmp(c->option[i].name, "metric", 6) != 0)
            continue;
        char *list = strdup(c->option[i].value), *save = NULL;
        int result = list ? 0 : err_set(err, ERR_MEMORY, "no memory for metrics");
        for (char *p = list ? strtok_r(list, ",", &save) : NULL; p && result == 0; p = strtok_r(NULL, ",", &save))
            result = add_metric(cmp, p, err);
        free(list);
        if (result < 0)
            return call_bad_option(c, "metric");
    }
    return comparison_metrics(cmp) ? 0 : add_usual(cmp, err);
}

static int read_what(struct call *c, struct comparison_view *view, struct err *err)
{
    const char *what = call_value(c, "what");
    view->density = what && strcmp(what, "density") == 0;
    if (what && !view->density && strcmp(what, "metrics") != 0)
        return err_set(err, ERR_INVALID, "--what '%s'; metrics or density", what), call_bad_option(c, "what");
    if (view->density && call_has(c, "metric"))
        return err_set(err, ERR_USAGE, "--metric is not of densities; --class says of which classes"), call_bad_option(c, "metric");
    return 0;
}

/* A class that some of the runs have not is left out of theirs, which is said. */
static void warn_lacking(struct workbench *w, const struct comparison *c, const struct comparison_view *view)
{
    enum { MOST = 5 };
    const struct history *h = comparison_history(c, 0);
    int told = 0;
    for (int class = 0; view->classes && class < h->n_classes; class++)
        for (int i = 1; view->classes[class] && i < comparison_runs(c) && told < MOST; i++)
            if (comparison_class(c, i, class) < 0) {
                bench_warn(w, "compare", "%s has no class '%s'", comparison_name(c, i), h->cls[class].name);
                told++;
            }
    for (int m = 0; m < comparison_metrics(c); m++)
        for (int i = 1; i < comparison_runs(c) && told < MOST; i++) {
            struct metric bound;
            if (!metric_bind(comparison_metric(c, m), comparison_history(c, i), &bound)) {
                bench_warn(w, "compare", "%s has no %s", comparison_name(c, i), comparison_metric(c, m)->label);
                told++;
            }
        }
}

/* --- files --------------------------------------------------------------------------------------------------------- */

struct compare_job {
    struct comparison *c;
    const struct comparison_view *view;
    bool png;
};

static int fill_table(void *ctx, FILE *out, struct err *err)
{
    const struct compare_job *j = ctx;
    return comparison_put_csv(out, j->c, j->view, err);
}

static int fill_figure(void *ctx, FILE *out, struct err *err)
{
    const struct compare_job *j = ctx;
    return comparison_draw(out, j->c, j->view, j->png ? FIGURE_PNG : FIGURE_SVG, err);
}

static int write_one(struct workbench *w, struct call *c, const char *option, struct compare_job *job, struct err *err)
{
    const char *path = call_value(c, option), *dot = path ? strrchr(path, '.') : NULL;
    const bool figure = strcmp(option, "figure") == 0;
    if (!path)
        return 0;
    if (w->options.readonly && (figure || strcmp(path, "-") != 0))
        return err_set(err, ERR_INVALID, "--%s: not with --readonly", option), call_bad_option(c, option);
    job->png = dot && strcmp(dot, ".png") == 0;
    if (figure && !job->png && !(dot && strcmp(dot, ".svg") == 0))
        return err_set(err, ERR_INVALID, "--figure '%s'; a name that ends in .svg or .png", path), call_bad_option(c, option);
    return bench_write(w, path, call_has(c, "force"), figure ? fill_figure : fill_table, job, err) < 0 ? call_bad_option(c, option) : 0;
}

/* --- the command --------------------------------------------------------------------------------------------------- */

/* A screen shows the comparison; the numbers of densities and of chosen classes are told as text there too. What goes to a file needs none. */
static int tell(struct workbench *w, struct call *c, struct comparison **cmp, const struct comparison_view *view, struct err *err)
{
    struct compare_job job = { .c = *cmp, .view = view };
    for (int i = 0; comparison_note(*cmp, i); i++)
        bench_warn(w, "compare", "%s", comparison_note(*cmp, i));
    warn_lacking(w, *cmp, view);
    if (call_has(c, "csv") || call_has(c, "figure"))
        return write_one(w, c, "csv", &job, err) < 0 || write_one(w, c, "figure", &job, err) < 0 ? -1 : 0;
    if (!w->face.sort || view->density || view->classes)
        return compare_say(w, *cmp, view, err);
    compare_show(w, *cmp);
    *cmp = NULL;
    return 0;
}

int cmd_compare(struct workbench *w, struct call *c, struct err *err)
{
    struct compared *runs = calloc(1, sizeof *runs);
    struct comparison_view view = { .density = false };
    struct comparison *cmp = NULL;
    bool *classes = NULL;
    int result = runs ? find_runs(w, c, runs, err) : err_set(err, ERR_MEMORY, "no memory for a comparison");
    if (result == 0 && (result = read_what(c, &view, err)) == 0) {
        const char *dirs[COMPARISON_RUNS];
        char root[1024];
        for (int i = 0; i < c->n; i++)
            dirs[i] = runs->dir[i];
        if (session_root(w->options.sessions, root, sizeof root, err) == 0)
            cmp = comparison_open(dirs, c->n, root, err);
        result = cmp ? seek_runs(w, c, cmp, runs, err) : -1;
    }
    if (result == 0 && !view.density)
        result = compare_metrics(c, cmp, err);
    if (result == 0 && call_has(c, "class"))
        result = (classes = call_classes(c, comparison_history(cmp, 0), err)) ? 0 : -1;
    view.classes = classes;
    if (result == 0)
        result = tell(w, c, &cmp, &view, err);
    free(classes);
    comparison_close(cmp);
    free(runs);
    return result;
}
