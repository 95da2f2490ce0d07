/* export: what was recorded, as files for other programs. */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "repl/script.h"
#include "session/export_curves.h"
#include "session/figure_run.h"
#include "session/pack.h"
#include "session/rows.h"

/* --- export -------------------------------------------------------------------------------------------------------- */

static int fill_jsonl(void *ctx, FILE *out, struct err *err)
{
    return session_cat(ctx, out, err);
}

/* The recording that is exported. A damaged one is not: a table or a script that lacks the half says nothing of it. */
struct recording *whole_recording(const char *dir, struct err *err)
{
    bool loud = false;
    struct recording *r = recording_open(dir, err);
    const char *damage = r ? recording_damage(r, &loud) : NULL;
    if (!loud)
        return r;
    err_set(err, ERR_DATA, "%.500s; 'cat' prints what can be read", damage);
    recording_close(r);
    return NULL;
}

static int fill_script(void *ctx, FILE *out, struct err *err)
{
    struct recording *r = whole_recording(ctx, err);
    int result = r ? script_put(out, r, err) : -1;
    recording_close(r);
    return result;
}

/* The folder of the run that is meant: by name, else the one that is shown. */
static int export_source(struct workbench *w, struct call *c, char *dir, size_t size, struct err *err)
{
    if (c->n > 3)
        return err_set(err, ERR_USAGE, "one run at a time; tex, md and tensorboard take several"), call_bad(c, 3);
    return export_run_dir(w, c, 0, dir, size, err);
}

/* The whole recording, folded, under the name that it has now: what was imported is called otherwise than where it was made. NULL with *err on
 * failure; release with whole_drop(). */
struct history *whole_history(struct recording *r, const char *dir, struct err *err)
{
    struct history *h = calloc(1, sizeof *h);
    char name[256];
    if (h)
        history_init(h);
    for (size_t i = 0; h && i < recording_count(r); i++)
        history_fold(h, recording_event(r, i));
    session_name_of(dir, name, sizeof name);
    if (h)
        text_safe(name, h->name, sizeof h->name);
    if (h && !h->failed)
        return h;
    if (h)
        history_release(h);
    free(h);
    err_set(err, ERR_MEMORY, "no memory for the history");
    return NULL;
}

void whole_drop(struct history *h)
{
    if (h)
        history_release(h);
    free(h);
}

static int put_folded(const char *dir, bool wide, FILE *out, struct err *err)
{
    struct recording *r = whole_recording(dir, err);
    struct history *h = r ? whole_history(r, dir, err) : NULL;
    int result = h ? 0 : -1;
    if (h && wide)
        result = history_put_wide(out, h, err);
    else if (h)
        history_put_csv(out, h);
    whole_drop(h);
    recording_close(r);
    return result;
}

static int fill_csv(void *ctx, FILE *out, struct err *err)
{
    return put_folded(ctx, false, out, err);
}

static int fill_wide(void *ctx, FILE *out, struct err *err)
{
    return put_folded(ctx, true, out, err);
}

/* --- what was measured of curvature -------------------------------------------------------------------------------- */

struct curves_job {
    const struct recording *recording;
    const struct history *history;
    const char *format;
    struct curves_request request;
    int run_figure; /* one of a run's panes instead; FIGURE_RUNS: none */
};

/* The recorded events of that kind, as they are in the journal. */
static int put_events(FILE *out, const struct curves_job *j, struct err *err)
{
    const struct measure_info *m = curves_measure(j->request.what);
    int n = 0;
    for (size_t i = 0; i < recording_count(j->recording); i++) {
        const struct event *e = recording_event(j->recording, i);
        if (e->kind != m->kind)
            continue;
        const uint64_t class = m->class_index < 0 ? 0 : e->f[m->class_index].u;
        if (class > UINT32_MAX || !curves_wanted(j->history, &j->request, (uint32_t)class, e->f[m->epoch].f))
            continue;
        struct buf line = { 0 };
        event_to_json(e, &line);
        if (line.failed)
            return buf_release(&line), err_set(err, ERR_MEMORY, "no memory for an event");
        fprintf(out, "%s\n", line.data);
        buf_release(&line);
        n++;
    }
    return n ? 0 : curves_nothing(&j->request, err);
}

static int fill_curves(void *ctx, FILE *out, struct err *err)
{
    const struct curves_job *j = ctx;
    if (strcmp(j->format, "jsonl") == 0)
        return put_events(out, j, err);
    if (strcmp(j->format, "csv") == 0)
        return curves_put_csv(out, j->history, &j->request, err);
    const enum figure_format format = strcmp(j->format, "png") == 0 ? FIGURE_PNG : FIGURE_SVG;
    if (j->run_figure < FIGURE_RUNS)
        return figure_run_put(out, j->history, j->run_figure, j->request.epoch, format, err);
    return figure_put(out, j->history, &j->request, format, err);
}

/* A pane of the run behind --what; FIGURE_RUNS: it is none, or no figure is drawn. */
static int find_run_figure(const struct call *c)
{
    const char *what = call_value(c, "what");
    int i = 0;
    while (i < FIGURE_RUNS && !(what && strcmp(what, figure_run_name(i)) == 0))
        i++;
    return i;
}

/* "spectra, density ... or reading" */
static const char *whats(char *out, size_t size)
{
    out[0] = '\0';
    for (int i = 0; i < CURVES_WHATS; i++)
        text_append(out, size, "%s%s", i == 0 ? "" : i + 1 < CURVES_WHATS ? ", " : " or ", curves_what_name(i));
    return out;
}

static int read_request(struct call *c, const struct history *h, struct curves_request *q, bool **classes, struct err *err)
{
    const char *what = call_value(c, "what"), *smooth = call_value(c, "smooth"), *at = call_value(c, "at");
    char list[200];
    *q = (struct curves_request){ .what = CURVES_WHATS, .epoch = INFINITY };
    if (find_run_figure(c) < FIGURE_RUNS)
        q->what = CURVES_OF_LAMBDA; /* not asked for its curves */
    for (int i = 0; i < CURVES_WHATS; i++)
        if (strcmp(what ? what : curves_what_name(0), curves_what_name(i)) == 0)
            q->what = i;
    if (q->what == CURVES_WHATS)
        return err_set(err, ERR_INVALID, "--what '%s'; %s; as a figure also acc, loss, traces, confusion", what, whats(list, sizeof list)), call_bad_option(c, "what");
    q->reference = smooth && strcmp(smooth, "reference") == 0;
    if (smooth && !q->reference && strcmp(smooth, "resolved") != 0)
        return err_set(err, ERR_INVALID, "--smooth '%s'; resolved or reference", smooth), call_bad_option(c, "smooth");
    if (at && word_number(at, "--at", 0, 1e9, &q->epoch, err) < 0)
        return call_bad_option(c, "at");
    *classes = call_has(c, "class") ? call_classes(c, h, err) : NULL;
    q->classes = *classes;
    return call_has(c, "class") && !*classes ? -1 : 0;
}

static int export_curves(struct workbench *w, struct call *c, const char *dir, struct err *err)
{
    struct curves_job j = { .format = c->word[0].text, .run_figure = find_run_figure(c) };
    struct recording *r = whole_recording(dir, err);
    struct history *h = r ? whole_history(r, dir, err) : NULL;
    bool *classes = NULL;
    j.recording = r;
    j.history = h;
    int result = h ? read_request(c, h, &j.request, &classes, err) : -1;
    if (result == 0)
        result = bench_write(w, c->word[1].text, call_has(c, "force"), fill_curves, &j, err);
    free(classes);
    whole_drop(h);
    recording_close(r);
    return result;
}

/* --- weights of a recorded step ------------------------------------------------------------------------------------ */

/* RUN or RUN@POINT, else the moment of the replay or the end of the run that is shown. */
static int export_weights(struct workbench *w, struct call *c, struct err *err)
{
    char dir[1300];
    const char *at = NULL;
    const bool shown = c->n < 3 && w->replay.on;
    uint64_t step = w->replay.stream.history.step;
    if (c->n == 3 ? point_run(w, c->word[2].text, "export safetensors PATH", dir, sizeof dir, &at, err) < 0 : export_source(w, c, dir, sizeof dir, err) < 0)
        return c->n == 3 ? call_bad(c, 2) : -1;
    struct recording *r = recording_open(dir, err);
    if (!r)
        return -1;
    bool loud = false;
    const char *damage = recording_damage(r, &loud);
    int result = shown ? 0 : point_step(r, at, &step, err);
    if (!shown && point_is_end(at) && loud)
        result = err_set(err, ERR_DATA, "%.500s; which weights are its last is not known, name a moment: RUN@EPOCH", damage);
    recording_close(r);
    if (result < 0)
        return call_bad(c, 2);
    return moment_save(w, c, dir, step, c->word[1].text, err) < 0 ? call_bad(c, 1) : 0;
}

/* --- one file to mail ---------------------------------------------------------------------------------------------- */

struct bundle_job {
    const char *dir;
    enum pack_weights weights;
    struct pack_summary sum;
};

static int fill_bundle(void *ctx, FILE *out, struct err *err)
{
    struct bundle_job *j = ctx;
    return pack_write(out, j->dir, j->weights, &j->sum, err);
}

static int export_bundle(struct workbench *w, struct call *c, const char *dir, struct err *err)
{
    static const char *const words[] = { [PACK_NONE] = "none", [PACK_LAST] = "last", [PACK_ALL] = "all" };
    const char *weights = call_has(c, "weights") ? call_value(c, "weights") : words[PACK_NONE];
    struct bundle_job j = { .dir = dir };
    while (j.weights <= PACK_ALL && strcmp(weights, words[j.weights]) != 0)
        j.weights++;
    if (j.weights > PACK_ALL)
        return err_set(err, ERR_INVALID, "--weights '%s'; last, all or none", weights), call_bad_option(c, "weights");
    if (bench_write(w, c->word[1].text, call_has(c, "force"), fill_bundle, &j, err) < 0)
        return -1;
    bench_say(w, "%.0f KiB, with %d snapshot%s", (double)j.sum.bytes / 1024, j.sum.kept, j.sum.kept == 1 ? "" : "s");
    const char *file = c->word[1].text;
    if (!strchr(file, '/') && !text_ends(file, PACK_SUFFIX))
        bench_say(w, "its name does not end in " PACK_SUFFIX ", so it is found with its folder alone: './%s'", file);
    if (j.sum.left_out)
        bench_say(w, "left out: %d snapshot%s of %.0f KiB; --weights last takes the end's along, all takes all", j.sum.left_out,
                  j.sum.left_out == 1 ? "" : "s", (double)j.sum.left_bytes / 1024);
    return 0;
}

/* --- the command --------------------------------------------------------------------------------------------------- */

/* Only the screen knows what it shows. */
static int export_screen(struct workbench *w, struct call *c, struct err *err)
{
    const bool force = call_has(c, "force");
    if (!w->face.print)
        return err_set(err, ERR_INVALID, "'export screen' needs the screen"), call_bad(c, 0);
    if (c->n != 2 || c->n_options > force)
        return err_set(err, ERR_USAGE, "the screen is exported as it is: export screen PATH [--force]");
    if (w->face.print(w->face.ctx, c->word[1].text, force, err) < 0)
        return call_bad(c, 1);
    bench_say(w, "wrote %s", c->word[1].text);
    return 0;
}

/* What is no text is a file. */
static const struct {
    const char *name;
    file_fill *fill; /* with the folder of the run */
    bool text;
} formats[] = { { "csv", fill_csv, true }, { "jsonl", fill_jsonl, true }, { "script", fill_script, true }, { "svg", NULL, false }, { "png", NULL, false },
                { "safetensors", NULL, false }, { "bundle", NULL, false } };

static bool is_figure(const struct call *c)
{
    return strcmp(c->word[0].text, "svg") == 0 || strcmp(c->word[0].text, "png") == 0;
}

/* Options that one format takes, and the formats that take none of those that choose curves. */
static int check_format_options(struct call *c, struct err *err)
{
    static const struct {
        const char *option, *format;
    } of[] = { { "weights", "bundle" }, { "wide", "csv" }, { "follow", "tensorboard" } };
    static const char *const curves[] = { "what", "class", "at", "smooth" }, *const whole[] = { "tex", "md", "tensorboard" };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (call_has(c, of[i].option) && strcmp(c->word[0].text, of[i].format) != 0)
            return err_set(err, ERR_USAGE, "--%s is for 'export %s'", of[i].option, of[i].format), call_bad_option(c, of[i].option);
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        for (size_t k = 0; strcmp(c->word[0].text, whole[i]) == 0 && k < sizeof curves / sizeof *curves; k++)
            if (call_has(c, curves[k]))
                return err_set(err, ERR_USAGE, "--%s chooses curves; it is for csv, jsonl, svg and png", curves[k]), call_bad_option(c, curves[k]);
    const bool pane = find_run_figure(c) < FIGURE_RUNS;
    if (pane && !is_figure(c))
        return err_set(err, ERR_USAGE, "--what %s is a figure, svg or png; the tables of csv have its numbers without --what", call_value(c, "what")),
               call_bad_option(c, "what");
    if (pane && (call_has(c, "class") || call_has(c, "smooth")))
        return err_set(err, ERR_USAGE, "--class and --smooth are for what was measured of classes, not for --what %s", call_value(c, "what")),
               call_bad_option(c, call_has(c, "class") ? "class" : "smooth");
    if (call_has(c, "wide") && call_has(c, "what"))
        return err_set(err, ERR_USAGE, "--wide is for the table of everything, without --what"), call_bad_option(c, "wide");
    return 0;
}

/* The name ends as figures of the other format do. */
static bool ends_otherwise(const struct call *c)
{
    const char *dot = strrchr(c->word[1].text, '.');
    return dot && strcmp(dot, strcmp(c->word[0].text, "svg") == 0 ? ".png" : ".svg") == 0;
}

int cmd_export(struct workbench *w, struct call *c, struct err *err)
{
    enum { FORMATS = sizeof formats / sizeof *formats };
    const char *format = c->word[0].text, *path = c->word[1].text;
    char dir[1300];
    int i = 0;
    if (strcmp(format, "screen") == 0)
        return export_screen(w, c, err);
    if (check_format_options(c, err) < 0)
        return -1;
    if (strcmp(format, "tensorboard") == 0)
        return export_board(w, c, err);
    if (strcmp(format, "tex") == 0 || strcmp(format, "md") == 0)
        return export_summary(w, c, err);
    while (i < FORMATS && strcmp(format, formats[i].name) != 0)
        i++;
    if (i == FORMATS)
        return err_set(err, ERR_INVALID, "unknown format '%s'; csv, jsonl, script, tex, md, tensorboard, svg, png, safetensors, bundle, or at the prompt screen", format), call_bad(c, 0);
    if (!formats[i].text && strcmp(path, "-") == 0)
        return err_set(err, ERR_INVALID, "'-' is for csv, jsonl, script, tex and md; the name of a file"), call_bad(c, 1);
    const bool figure = is_figure(c);
    if (figure && ends_otherwise(c))
        return err_set(err, ERR_INVALID, "'%s' is to be a figure in %s; a name that ends so", path, format), call_bad(c, 1);
    const bool some = call_has(c, "what") || call_has(c, "class") || call_has(c, "at") || call_has(c, "smooth");
    if (strcmp(format, "safetensors") == 0)
        return some ? err_set(err, ERR_USAGE, "--what, --class, --at and --smooth choose curves; RUN@EPOCH chooses weights") : export_weights(w, c, err);
    const bool bundle = strcmp(format, "bundle") == 0;
    if (some && (bundle || strcmp(format, "script") == 0))
        return err_set(err, ERR_USAGE, "--what, --class, --at and --smooth choose curves; a %s %s the whole run", format, bundle ? "has" : "repeats");
    if (some && !figure && !call_has(c, "what"))
        return err_set(err, ERR_USAGE, "--class, --at and --smooth go with --what %s", whats(dir, sizeof dir));
    if (export_source(w, c, dir, sizeof dir, err) < 0)
        return -1;
    const int result = bundle ? export_bundle(w, c, dir, err) : figure || some ? export_curves(w, c, dir, err) : bench_write(w, path, call_has(c, "force"), call_has(c, "wide") ? fill_wide : formats[i].fill, dir, err);
    return result == 0 ? 0 : c->bad_start >= 0 ? -1 : call_bad(c, 1);
}
