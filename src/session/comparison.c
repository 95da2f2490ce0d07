#include "config.h"
#include "session/comparison_private.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "session/recording.h"

/* --- notes ----------------------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void add_note(struct comparison *c, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    char **more = realloc(c->note, sizeof *more * (size_t)(c->n_notes + 1)), *copy = more ? strdup(text) : NULL;
    if (more)
        c->note = more;
    if (copy)
        c->note[c->n_notes++] = copy;
}

const char *comparison_note(const struct comparison *c, int i)
{
    return i >= 0 && i < c->n_notes ? c->note[i] : NULL;
}

/* --- a recording and its fold ---------------------------------------------------------------------------------------- */

static void source_free(struct compared_source *s)
{
    if (!s)
        return;
    recording_close(s->recording);
    history_release(&s->h);
    free(s->state);
    free(s);
}

/* The step at which its line was left for another one, and the states it is known to have had. */
static void note_line(struct compared_source *s, const struct event *e)
{
    if (e->kind == EVENT_CONFIG)
        snprintf(s->began_with, sizeof s->began_with, "%.16s", event_text(e, EV_CONFIG_PARENT_STATE));
    if (e->kind == EVENT_BRANCH && e->step < s->left)
        s->left = e->step;
    if (e->kind != EVENT_SNAP)
        return;
    struct compared_state *more = s->n_states % 64 ? s->state : realloc(s->state, sizeof *more * (s->n_states + 64));
    if (!more)
        return; /* one that is not known is said to be in doubt */
    s->state = more;
    more[s->n_states].step = e->step;
    snprintf(more[s->n_states++].hash, sizeof more->hash, "%.16s", event_text(e, EV_SNAP_STATE));
}

/* false: no memory for all of it. */
static bool fold_on(struct compared_source *s, const struct recording *r)
{
    if (recording_generation(r) != s->generation) {
        history_clear(&s->h);
        s->folded = 0;
        s->n_states = 0;
        s->left = UINT64_MAX;
        s->generation = recording_generation(r);
    }
    for (const size_t n = recording_count(r); s->folded < n; s->folded++) {
        const struct event *e = recording_event(r, s->folded);
        history_fold(&s->h, e);
        note_line(s, e);
    }
    s->version++;
    return !s->h.failed;
}

static int source_fill(struct compared_source *s, struct err *err)
{
    struct session_info info;
    if (session_info(s->dir, &info, err) < 0)
        return -1;
    snprintf(s->id, sizeof s->id, "%s", info.id);
    snprintf(s->name, sizeof s->name, "%s", info.name);
    struct recording *r = recording_open(s->dir, err);
    if (!r)
        return -1;
    s->recording = r;
    const char *damage = recording_damage(r, NULL);
    snprintf(s->damage, sizeof s->damage, "%s", damage ? damage : "");
    s->generation = recording_generation(r);
    if (!fold_on(s, r))
        return err_set(err, ERR_MEMORY, "no memory for the history of %.100s", s->name);
    if (s->h.steps_per_epoch == 0 || s->h.n_classes == 0)
        return s->damage[0] ? err_set(err, ERR_DATA, "%.100s: %.400s", s->name, s->damage)
                            : err_set(err, ERR_DATA, "nothing is recorded in %.100s yet: there is nothing to compare", s->name);
    if (!info.locked) {
        recording_close(r);
        s->recording = NULL;
    }
    return 0;
}

struct compared_source *comparison_source_open(const char *dir, struct err *err)
{
    struct compared_source *s = calloc(1, sizeof *s);
    if (!s) {
        err_set(err, ERR_MEMORY, "no memory for a comparison");
        return NULL;
    }
    history_init(&s->h);
    s->left = UINT64_MAX;
    snprintf(s->dir, sizeof s->dir, "%s", dir);
    if (source_fill(s, err) == 0)
        return s;
    source_free(s);
    return NULL;
}

uint64_t comparison_step(const struct compared_source *s, double epoch)
{
    const double step = epoch * (double)s->h.steps_per_epoch;
    return isinf(step) || step > 1e18 ? UINT64_MAX : step > 0 ? (uint64_t)(step + 1e-6 * (1 + step * 1e-6)) : 0;
}

double comparison_epoch(const struct compared_source *s, uint64_t step)
{
    return (double)step / (double)s->h.steps_per_epoch;
}

int comparison_known(const struct comparison *c, const char *id)
{
    for (int i = 0; i < c->n_sources; i++)
        if (strcmp(c->source[i]->id, id) == 0)
            return i;
    return -1;
}

/* --- the runs -------------------------------------------------------------------------------------------------------- */

/* Names of runs from several folders may be alike: then the id is added. */
static void name_streams(struct comparison *c)
{
    for (int i = 0; i < c->n; i++) {
        const struct compared_source *s = comparison_source(c, i);
        bool alike = false;
        for (int k = 0; k < c->n; k++)
            alike |= k != i && strcmp(s->name, comparison_source(c, k)->name) == 0;
        snprintf(c->stream[i].name, sizeof c->stream[i].name, alike ? "%s r%.5s" : "%s", s->name, s->id);
    }
}

static bool same_classes(const struct history *a, const struct history *b)
{
    bool same = a->n_classes == b->n_classes;
    for (int i = 0; same && i < a->n_classes; i++)
        same = strcmp(a->cls[i].name, b->cls[i].name) == 0;
    return same;
}

struct named { /* a class by its name */
    const char *name;
    int index;
};

static int by_name(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    const int order = strcmp(x->name, y->name);
    return order ? order : x->index - y->index;
}

/* The number in b of each class of a, -1: none; NULL: no memory. */
static int *match_classes(const struct history *a, const struct history *b)
{
    int *out = malloc(sizeof *out * ((size_t)a->n_classes + 1));
    struct named *list = malloc(sizeof *list * ((size_t)b->n_classes + 1));
    for (int i = 0; list && i < b->n_classes; i++)
        list[i] = (struct named){ b->cls[i].name, i };
    if (list)
        qsort(list, (size_t)b->n_classes, sizeof *list, by_name);
    for (int i = 0; out && list && i < a->n_classes; i++) {
        int low = 0, high = b->n_classes;
        while (low < high) {
            const int middle = (low + high) / 2;
            if (strcmp(list[middle].name, a->cls[i].name) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        out[i] = low < b->n_classes && strcmp(list[low].name, a->cls[i].name) == 0 ? list[low].index : -1;
    }
    if (!list) {
        free(out);
        out = NULL;
    }
    free(list);
    return out;
}

static bool reads_pictures(const struct history *h)
{
    char kind[32];
    const char *data = knob_choice(&h->knobs, KNOB_DATA, kind, sizeof kind);
    return strcmp(data, "folder") == 0 || strcmp(data, "list") == 0;
}

/* Hashes of pixels and of files, or of who knows which, say nothing of each other. */
static bool may_be_same_images(const struct history *a, const struct history *b)
{
    return reads_pictures(a) && reads_pictures(b) && a->n_train == b->n_train && same_classes(a, b) &&
           (!a->data_known_by[0] || strcmp(a->data_known_by, b->data_known_by) != 0);
}

static const char *known_by(const struct history *h)
{
    return strcmp(h->data_known_by, "files") == 0 ? "file names and sizes" : h->data_known_by[0] ? h->data_known_by : "what was not recorded";
}

/* How classes of that run are found, where their names are others; else "". */
static const char *match_text(const struct comparison *c, int run)
{
    const int *class_of = c->stream[run].class_of;
    for (int i = 0; class_of && i < c->n_classes; i++)
        if (class_of[i] >= 0)
            return "; classes are matched by name";
    return class_of ? "; no class matches by name" : "";
}

static void note_data(struct comparison *c, int run)
{
    const struct history *first = &comparison_source(c, 0)->h, *h = &comparison_source(c, run)->h;
    const char *name = c->stream[run].name, *first_name = c->stream[0].name, *match = match_text(c, run);
    if (strcmp(first->data_sha256, h->data_sha256) == 0) {
        if (match[0])
            add_note(c, "%s has the images of %s under other class names%s", name, first_name, match);
    } else if (may_be_same_images(first, h))
        add_note(c, "whether %s and %s are trained on the same images cannot be told: %s knows its own by %s, %s by %s (picture_memory)%s", name, first_name,
                 name, known_by(h), first_name, known_by(first), match);
    else
        add_note(c, "%s is trained on other images than %s (%.60s, %.60s)%s", name, first_name, h->data_name, first->data_name, match);
}

static int match_data(struct comparison *c, struct err *err)
{
    const struct history *first = &comparison_source(c, 0)->h;
    c->n_classes = first->n_classes;
    for (int i = 1; i < c->n; i++) {
        const struct history *h = &comparison_source(c, i)->h;
        const bool same = same_classes(first, h);
        c->stream[i].class_of = same ? NULL : match_classes(first, h);
        if (!same && !c->stream[i].class_of)
            return err_set(err, ERR_MEMORY, "no memory for %d classes", first->n_classes);
        note_data(c, i);
    }
    return 0;
}

static bool is_compared(const struct comparison *c, int source)
{
    for (int i = 0; i < c->n; i++)
        if (c->stream[i].source == source)
            return true;
    return false;
}

/* What is damaged in a line before the run itself; what is compared tells that of itself. */
static void note_ancestors(struct comparison *c, int run)
{
    const struct compared_stream *stream = &c->stream[run];
    for (int k = 0; k < stream->n_line; k++) {
        const struct compared_source *s = c->source[stream->line[k].source];
        if (s->damage[0] && !is_compared(c, stream->line[k].source))
            add_note(c, "%s goes on from %s: %s", stream->name, s->name, s->damage);
    }
}

static void note_all(struct comparison *c)
{
    for (int i = 0; i < c->n; i++) {
        const struct compared_stream *stream = &c->stream[i];
        const struct compared_source *s = comparison_source(c, i);
        if (s->damage[0])
            add_note(c, "%s: %s", stream->name, s->damage);
        note_ancestors(c, i);
        if (stream->too_long)
            add_note(c, "%s is known from epoch %.6g on: more than %d forks", stream->name, comparison_begin(c, i), LINE_MAX - 1);
        if (stream->circle)
            add_note(c, "%s is known from epoch %.6g on: its recordings name each other as parents", stream->name, comparison_begin(c, i));
        if (stream->missing[0])
            add_note(c, "%s is known from epoch %.6g on: it goes on from %s, which is not here", stream->name, comparison_begin(c, i), stream->missing);
        if (stream->doubt[0])
            add_note(c, "%s: what it had before its fork may be another line: %s", stream->name, stream->doubt);
    }
}

static int open_streams(struct comparison *c, const char *const *dirs, int n, struct err *err)
{
    for (int i = 0; i < n; i++) {
        struct compared_source *s = comparison_source_open(dirs[i], err);
        if (!s)
            return -1;
        const int known = comparison_known(c, s->id);
        c->source[c->n_sources] = s;
        c->stream[i] = (struct compared_stream){ .source = c->n_sources++, .wanted = INFINITY };
        c->n++;
        if (known >= 0)
            return err_set(err, ERR_INVALID, "%.100s and %.100s are the same run", c->source[known]->name, s->name);
    }
    for (int i = 0; i < n; i++)
        comparison_make_line(c, &c->stream[i]);
    name_streams(c);
    if (match_data(c, err) < 0)
        return -1;
    note_all(c);
    return 0;
}

struct comparison *comparison_open(const char *const *dirs, int n, const char *root, struct err *err)
{
    if (n < 2 || n > COMPARISON_RUNS) {
        err_set(err, ERR_USAGE, "%d run%s; 2 to %d can be compared", n, n == 1 ? "" : "s", COMPARISON_RUNS);
        return NULL;
    }
    struct comparison *c = calloc(1, sizeof *c);
    if (!c) {
        err_set(err, ERR_MEMORY, "no memory for a comparison");
        return NULL;
    }
    snprintf(c->root, sizeof c->root, "%s", root ? root : "");
    if (open_streams(c, dirs, n, err) == 0)
        return c;
    comparison_close(c);
    return NULL;
}

void comparison_close(struct comparison *c)
{
    if (!c)
        return;
    comparison_drop_metrics(c);
    for (int i = 0; i < c->n; i++)
        free(c->stream[i].class_of);
    for (int i = 0; i < c->n_sources; i++)
        source_free(c->source[i]);
    for (int i = 0; i < c->n_notes; i++)
        free(c->note[i]);
    free(c->note);
    free(c);
}

/* 1: there is more, 0: there is not; -1 with *err. */
static int source_follow(struct compared_source *s, struct err *err)
{
    const unsigned generation = s->recording ? recording_generation(s->recording) : 0;
    const int came = s->recording ? recording_follow(s->recording, err) : 0;
    if (came < 0)
        return -1;
    if (came == 0 && (!s->recording || generation == recording_generation(s->recording)))
        return 0;
    if (!fold_on(s, s->recording))
        return err_set(err, ERR_MEMORY, "no memory for the history of %.100s", s->name);
    return 1;
}

int comparison_follow(struct comparison *c, struct err *err)
{
    int more = 0;
    *err = (struct err){ 0 };
    for (int i = 0; i < c->n_sources; i++) {
        struct err why = { 0 };
        const int came = source_follow(c->source[i], &why);
        more += came > 0;
        if (came < 0 && !err->text[0])
            *err = why;
    }
    return more;
}

int comparison_runs(const struct comparison *c)
{
    return c->n;
}

const char *comparison_name(const struct comparison *c, int run)
{
    return c->stream[run].name;
}

const char *comparison_dir(const struct comparison *c, int run)
{
    return comparison_source(c, run)->dir;
}

bool comparison_is_live(const struct comparison *c, int run)
{
    return comparison_source(c, run)->recording != NULL;
}

const struct history *comparison_history(const struct comparison *c, int run)
{
    return &comparison_source(c, run)->h;
}

double comparison_end(const struct comparison *c, int run)
{
    return comparison_source(c, run)->h.epoch;
}

double comparison_latest_end(const struct comparison *c)
{
    double last = 0;
    for (int i = 0; i < c->n; i++)
        last = fmax(last, comparison_end(c, i));
    return last;
}

/* --- cursors --------------------------------------------------------------------------------------------------------- */

void comparison_seek_run(struct comparison *c, int run, double epoch)
{
    const double each = (double)comparison_source(c, run)->h.steps_per_epoch;
    c->stream[run].wanted = isfinite(epoch) ? floor(epoch * each + 0.5) / each : epoch;
}

void comparison_seek(struct comparison *c, double epoch)
{
    for (int i = 0; i < c->n; i++)
        comparison_seek_run(c, i, epoch);
}

double comparison_cursor(const struct comparison *c, int run)
{
    const double end = comparison_end(c, run);
    return c->stream[run].wanted < end ? c->stream[run].wanted : end;
}

double comparison_latest_cursor(const struct comparison *c)
{
    double last = 0;
    for (int i = 0; i < c->n; i++)
        last = fmax(last, comparison_cursor(c, i));
    return last;
}

bool comparison_is_past(const struct comparison *c, int run)
{
    return isfinite(c->stream[run].wanted) && c->stream[run].wanted > comparison_end(c, run) + 1e-9;
}

int comparison_class(const struct comparison *c, int run, int class)
{
    if (class < 0 || class >= c->n_classes || class >= comparison_source(c, 0)->h.n_classes)
        return -1;
    const int there = c->stream[run].class_of ? c->stream[run].class_of[class] : class;
    return there < comparison_source(c, run)->h.n_classes ? there : -1; /* a journal that is followed may tell of other data */
}
