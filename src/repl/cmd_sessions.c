/* sessions info: what is recorded, a line for each run, or all that is known about one. */
#define _GNU_SOURCE 1
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/text.h"
#include "engine/stages.h"
#include "session/knob_trail.h"
#include "session/lineage.h"

/* A run that is over stays locked while its process looks at it; one that nobody writes and that is not over was cut off. What has another
 * run's state and no step of its own waits for 'resume'. */
const char *session_state_word(const struct session_info *i)
{
    bool over = i->state[0] && strcmp(i->state, "training") != 0 && strcmp(i->state, "paused") != 0;
    if (run_end_of(i->state) == RUN_STOPPED && i->parent_id[0] && i->step == i->parent_step)
        return "waiting";
    if (over)
        return i->state;
    return i->locked ? "running" : "broken off";
}

/* The knobs of a recorded run, from its first config event to its end; by_hand: changed on the way. false: it has none. history_release(). */
static bool recorded_knobs(const struct recording *r, struct history *h)
{
    bool known = false;
    history_init(h);
    for (size_t i = 0; i < recording_count(r); i++) {
        enum event_kind kind = recording_kind(r, i);
        if (kind == EVENT_CMD || kind == EVENT_DATA || (kind == EVENT_CONFIG && !known))
            history_fold(h, recording_event(r, i));
        known |= kind == EVENT_CONFIG;
    }
    return known;
}

struct method { /* how a run is trained, at its end; "": not known */
    char loss[16], opt[16], text[160];
};

/* A run's method in the words of the screen's header: "ce+drw+sam", and the radius where there is one. */
static void method_of(const char *dir, struct method *out)
{
    struct history h;
    struct recording *r = recording_open_only(dir, UINT64_C(1) << EVENT_CONFIG | UINT64_C(1) << EVENT_CMD, NULL);
    *out = (struct method){ .text = "" };
    if (!r)
        return;
    if (recorded_knobs(r, &h)) {
        const struct knobs *k = &h.knobs;
        knob_choice(k, KNOB_LOSS, out->loss, sizeof out->loss);
        knob_choice(k, KNOB_OPT, out->opt, sizeof out->opt);
        setup_method_at(k, out->text, sizeof out->text);
    }
    history_release(&h);
    recording_close(r);
}

static void started_text(const struct session_info *i, char *out, size_t size)
{
    time_t t = (time_t)i->mtime;
    struct tm tm;
    if (!localtime_r(&t, &tm) || strftime(out, size, "%Y-%m-%d %H:%M", &tm) == 0)
        out[0] = '\0';
}

static void number_text(double value, const char *after, char *out, size_t size)
{
    if (isnan(value))
        snprintf(out, size, "-");
    else
        snprintf(out, size, "%.1f%s", value, after);
}

/* A best that was chosen on test images says so. */
static const char *is_chosen(const struct session_info *i)
{
    return i->has_val ? "" : " on test";
}

void session_line(const struct session_info *i, char *out, size_t size)
{
    char when[32];
    struct method method;
    started_text(i, when, sizeof when);
    method_of(i->dir, &method);
    snprintf(out, size, "%s r%.5s: %s, %s, %s", i->name, i->id, i->data, method.text, session_state_word(i));
    if (!isnan(i->epoch))
        text_append(out, size, " at epoch %.4g", i->epoch);
    text_append(out, size, ", step %llu", (unsigned long long)i->step);
    if (!isnan(i->acc))
        text_append(out, size, ", acc %.2f", i->acc);
    if (!isnan(i->acc) && !isnan(i->best))
        text_append(out, size, " best %.2f%s", i->best, is_chosen(i));
    if (!isnan(i->acc) && !isnan(i->tail))
        text_append(out, size, " tail %.2f", i->tail);
    text_append(out, size, ", %s%s%s%s", when, i->parent[0] ? ", from " : "", i->parent, i->damaged ? ", damaged" : "");
}

/* --- a table of runs; what is asked for first stands left, where a narrow screen has room --- */

enum { COLUMNS = 11, FROM = 10, CELL = 132 };
static const char *const titles[COLUMNS] = { "NAME", "STATE", "EPOCH", "ACC", "TAIL", "BEST", "LOSS/OPT", "DATA", "RECORDED", "ID", "FROM" };
struct list_row {
    char cell[COLUMNS][CELL];
};
struct listed {
    struct session_info info;
    int depth;       /* in a tree: parents above it */
    char from[CELL]; /* what it came from */
    struct method method;
};

static void fill_row(const struct listed *run, struct list_row *r)
{
    const struct session_info *i = &run->info;
    snprintf(r->cell[0], CELL, "%*s%.100s", 2 * (run->depth < 15 ? run->depth : 15), "", i->name);
    snprintf(r->cell[1], CELL, "%s%s", session_state_word(i), i->damaged ? ", damaged" : "");
    number_text(i->epoch, "", r->cell[2], CELL);
    number_text(i->acc, "", r->cell[3], CELL);
    number_text(i->tail, "", r->cell[4], CELL);
    number_text(i->best, is_chosen(i), r->cell[5], CELL);
    snprintf(r->cell[6], CELL, "%.131s", run->method.text);
    snprintf(r->cell[7], CELL, "%s", i->data);
    started_text(i, r->cell[8], CELL);
    snprintf(r->cell[9], CELL, "r%.5s", i->id);
    snprintf(r->cell[FROM], CELL, "%s", run->from);
}

static int columns_of(const char *text)
{
    int n = 0;
    while (*text) {
        text_next(&text);
        n++;
    }
    return n;
}

/* Of its first so many columns. */
static int bytes_of(const char *text, int columns)
{
    const char *at = text;
    while (*at && columns-- > 0)
        text_next(&at);
    return (int)(at - text);
}

static void say_row(struct workbench *w, const char *const cell[COLUMNS], const int width[COLUMNS])
{
    char line[COLUMNS * (CELL + 2)] = "";
    for (int k = 0; k < COLUMNS; k++) {
        const int more = columns_of(cell[k]) - width[k];
        if (width[k] > 0 && more > 0) /* a column that was made narrow: two dots end what is cut */
            text_append(line, sizeof line, "%.*s..  ", bytes_of(cell[k], width[k] - 2), cell[k]);
        else if (width[k] > 0)
            text_append(line, sizeof line, "%s%*s", cell[k], 2 - more, "");
    }
    size_t n = strlen(line);
    while (n > 0 && line[n - 1] == ' ')
        line[--n] = '\0';
    bench_say(w, "%s", line);
}

/* --- sorting --- */

enum sort_key { BY_TIME, BY_NAME, BY_DATA, BY_LOSS, BY_OPT, BY_STATE, BY_EPOCH, BY_ACC, BY_TAIL, BY_BEST, SORT_KEYS };
static const char *const sort_names[SORT_KEYS] = { "time", "name", "data", "loss", "opt", "state", "epoch", "acc", "tail", "best" };

static int by_text(const char *a, const char *b)
{
    return strcmp(a, b);
}

/* Largest first; what is not known last. */
static int largest_first(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(a) - isnan(b) : a > b ? -1 : a < b;
}

static int compare_runs(const void *pa, const void *pb, void *key)
{
    const struct listed *x = pa, *y = pb;
    const struct session_info *a = &x->info, *b = &y->info;
    switch (*(const enum sort_key *)key) {
    case BY_NAME: return by_text(a->name, b->name);
    case BY_DATA: return by_text(a->data, b->data);
    case BY_LOSS: return by_text(x->method.loss, y->method.loss);
    case BY_OPT: return by_text(x->method.opt, y->method.opt);
    case BY_STATE: return by_text(session_state_word(a), session_state_word(b));
    case BY_EPOCH: return largest_first(a->epoch, b->epoch);
    case BY_ACC: return largest_first(a->acc, b->acc);
    case BY_TAIL: return largest_first(a->tail, b->tail);
    case BY_BEST: return largest_first(a->best, b->best);
    default: return largest_first((double)a->mtime, (double)b->mtime);
    }
}

static int sort_key_of(struct call *c, enum sort_key *out, struct err *err)
{
    const char *word = call_value(c, "sort");
    *out = BY_TIME;
    for (int i = 0; word && i < SORT_KEYS; i++)
        if (strcmp(word, sort_names[i]) == 0) {
            *out = (enum sort_key)i;
            return 0;
        }
    return !word ? 0 : (err_set(err, ERR_INVALID, "'%.40s' is no column; there are time, name, data, loss, opt, state, epoch, acc, tail and best", word),
                        call_bad_option(c, "sort"));
}

static void say_notes(struct workbench *w, const struct recording *r, const char *indent)
{
    enum { MOST_NOTES = 20 };
    int notes = 0;
    for (size_t i = 0; i < recording_count(r); i++) {
        const struct event *e = recording_kind(r, i) == EVENT_NOTE ? recording_event(r, i) : NULL;
        if (e && ++notes <= MOST_NOTES)
            bench_say(w, "%snote at epoch %.4g: %s", indent, e->f[EV_NOTE_EP].f, event_text(e, EV_NOTE_TEXT));
    }
    if (notes > MOST_NOTES)
        bench_say(w, "%sand %d more notes; 'export csv PATH RUN' has all", indent, notes - MOST_NOTES);
}

static void say_notes_of(struct workbench *w, const char *dir)
{
    struct err why;
    struct recording *r = recording_open_only(dir, UINT64_C(1) << EVENT_NOTE, &why);
    if (r)
        say_notes(w, r, "  ");
    else
        bench_say(w, "  %s", why.text);
    recording_close(r);
}

/* Room for everything that stands in a column. */
static void measure_columns(const struct listed *list, int n, int width[COLUMNS])
{
    struct list_row r;
    for (int k = 0; k < COLUMNS; k++)
        width[k] = k == FROM ? 0 : columns_of(titles[k]); /* few runs have a parent: that column comes with the first that has */
    for (int i = 0; i < n; i++) {
        fill_row(&list[i], &r);
        for (int k = 0; k < COLUMNS; k++)
            width[k] = columns_of(r.cell[k]) > width[k] ? columns_of(r.cell[k]) : width[k];
    }
    if (width[FROM] > 0 && width[FROM] < columns_of(titles[FROM]))
        width[FROM] = columns_of(titles[FROM]);
}

static int columns_over(const int width[COLUMNS], int most)
{
    int all = -2; /* two blanks between columns */
    for (int k = 0; k < COLUMNS; k++)
        all += width[k] > 0 ? width[k] + 2 : 0;
    return all - most;
}

/* Leaves out, or makes narrow, what is least asked for, until a row is a line of the terminal: a row that wraps loses its place. */
static void fit_columns(int width[COLUMNS], int most)
{
    enum { METHOD = 6, METHOD_LEAST = 10 };
    static const int dispensable[] = { 7, 8, METHOD, 9 }; /* data, when it was recorded, loss and optimiser, id */
    for (size_t i = 0; i < sizeof dispensable / sizeof *dispensable; i++) {
        int *of = &width[dispensable[i]];
        const int over = columns_over(width, most);
        if (over <= 0)
            return;
        if (dispensable[i] == METHOD && *of - over >= METHOD_LEAST)
            *of -= over;
        else
            *of = 0;
    }
}

static void say_table(struct workbench *w, const struct listed *list, int n, bool notes)
{
    int width[COLUMNS];
    measure_columns(list, n, width);
    const int most = w->face.table_columns ? w->face.table_columns(w->face.ctx) : 0;
    if (most > 0)
        fit_columns(width, most);
    say_row(w, titles, width);
    for (int i = 0; i < n; i++) {
        struct list_row r;
        const char *cell[COLUMNS];
        fill_row(&list[i], &r);
        for (int k = 0; k < COLUMNS; k++)
            cell[k] = r.cell[k];
        say_row(w, cell, width);
        if (notes)
            say_notes_of(w, list[i].info.dir);
    }
}

/* A parent by the name that it has now; or that it is not in the sessions folder. */
static void from_text(const struct session_info *list, const struct kin *k, char *out, size_t size)
{
    const struct session_info *i = &list[k->run];
    const char *at = strrchr(i->parent, '@');
    if (k->parent >= 0 && at)
        snprintf(out, size, "%.100s%.31s", list[k->parent].name, at);
    else
        snprintf(out, size, "%.120s%s", i->parent, i->parent[0] ? " (not here)" : "");
}

/* Those whose names match, in the order of kin; kin NULL: of the list. Heap; NULL with *err. */
static struct listed *matching(const struct session_info *list, int n, const struct kin *kin, const char *pattern, int *kept, struct err *err)
{
    struct listed *out = malloc(sizeof *out * ((size_t)n + 1));
    *kept = 0;
    if (!out)
        err_set(err, ERR_MEMORY, "no memory to list sessions");
    for (int i = 0; out && i < n; i++) {
        const struct session_info *info = &list[kin ? kin[i].run : i];
        struct listed *to = &out[*kept];
        if (pattern && fnmatch(pattern, info->name, 0) != 0)
            continue;
        to->info = *info;
        to->depth = kin ? kin[i].depth : 0;
        snprintf(to->from, sizeof to->from, "%s", info->parent);
        if (kin)
            from_text(list, &kin[i], to->from, sizeof to->from);
        method_of(info->dir, &to->method);
        ++*kept;
    }
    return out;
}

/* The runs of the list, with --tree by descent. Heap; NULL with *err. */
static struct listed *list_runs(const struct session_info *list, int n, const struct call *c, int *shown, struct err *err)
{
    const char *pattern = c->n ? c->word[0].text : NULL;
    if (!call_has(c, "tree"))
        return matching(list, n, NULL, pattern, shown, err);
    struct kin *kin = malloc(sizeof *kin * ((size_t)n + 1));
    struct listed *out = NULL;
    if (!kin || lineage_of(list, n, kin) < 0)
        err_set(err, ERR_MEMORY, "no memory to list sessions");
    else
        out = matching(list, n, kin, pattern, shown, err);
    free(kin);
    return out;
}

/* The list for scripts and shells: nothing but names, and so quick. */
static int say_names(struct workbench *w, const char *pattern, struct err *err)
{
    char root[1024];
    struct session_info *list;
    int n;
    if (session_root(w->options.sessions, root, sizeof root, err) < 0 || session_names(root, &list, &n, err) < 0)
        return -1;
    for (int i = 0; i < n; i++)
        if (!pattern || fnmatch(pattern, list[i].name, 0) == 0)
            bench_say(w, "%s", list[i].name);
    free(list);
    return 0;
}

int cmd_sessions(struct workbench *w, struct call *c, struct err *err)
{
    char root[1024];
    struct session_info *list;
    enum sort_key key;
    int n, shown;
    if (sort_key_of(c, &key, err) < 0)
        return -1;
    if (call_has(c, "tree") && call_has(c, "sort"))
        return err_set(err, ERR_USAGE, "--tree has an order of its own: what came of a run stands below it"), call_bad_option(c, "sort");
    if (call_has(c, "names") && (key != BY_TIME || call_has(c, "tree") || call_has(c, "notes")))
        return err_set(err, ERR_INVALID, "--names lists names alone, newest first; --sort, --notes and --tree are for the table"), call_bad_option(c, "names");
    if (call_has(c, "names"))
        return say_names(w, c->n ? c->word[0].text : NULL, err);
    if (session_root(w->options.sessions, root, sizeof root, err) < 0 || session_list(root, &list, &n, err) < 0)
        return -1;
    struct listed *run = list_runs(list, n, c, &shown, err);
    free(list);
    if (!run)
        return -1;
    if (key != BY_TIME && shown > 0)
        qsort_r(run, (size_t)shown, sizeof *run, compare_runs, &key);
    if (shown)
        say_table(w, run, shown, call_has(c, "notes"));
    else if (n)
        bench_say(w, "no run matches '%s'; %d recorded in %s", c->word[0].text, n, root);
    else
        bench_say(w, "no recorded runs in %s", root);
    free(run);
    return 0;
}

static void info_snapshots(struct workbench *w, const struct recording *r)
{
    int n;
    bool loud;
    const struct snapshot_info *s = recording_snapshots(r, &n);
    const char *damage = recording_damage(r, &loud);
    bench_say(w, "%zu events, %d snapshot%s%s", recording_count(r), n, n == 1 ? "" : "s", n ? ":" : "");
    for (int i = 0; i < n; i++)
        bench_say(w, "  %-10s step %-8llu ep %-8.1f %8.1f KiB%s%s", s[i].name[0] ? s[i].name : "-", (unsigned long long)s[i].step, s[i].epoch,
                  (double)s[i].bytes / 1024, s[i].pinned ? "  kept" : "", s[i].finite ? "" : "  not finite");
    if (damage)
        bench_warn(w, "info", "%s", damage);
}

/* Knobs that are not the defaults at the end of the run, those of the machine aside; a star: changed while it trained, with all values. */
static void info_knobs(struct workbench *w, const struct history *h)
{
    const struct knobs *now = &h->knobs;
    struct knobs fresh;
    struct buf line = { 0 };
    char initial[KNOB_TEXT_MAX], last[KNOB_TEXT_MAX], trail[8 * KNOB_TEXT_MAX];
    knobs_init(&fresh);
    for (enum knob_id id = 0; id < KNOB_COUNT; id++) {
        knob_format(id, &fresh.v[id], initial, sizeof initial);
        knob_format(id, &now->v[id], last, sizeof last);
        if (!knob_recorded(id) || (!now->by_hand[id] && strcmp(initial, last) == 0))
            continue;
        buf_addf(&line, "%s%s %s%s", line.len ? ", " : "", knob_table[id].name, last[0] ? last : "''", now->by_hand[id] ? "*" : "");
        if (knob_trail_text(h, id, trail, sizeof trail) > 1)
            buf_addf(&line, " (%s)", trail);
    }
    bench_say(w, "not as by default: %s", line.len ? line.data : "nothing");
    buf_release(&line);
}

/* The parent, whether it is still there or not: the run has all it needs. */
static void info_parent(struct workbench *w, const struct event *config)
{
    const struct event_field *f = config->f;
    if (f[EV_CONFIG_PARENT].s)
        bench_say(w, "began with the state of %s (step %llu, run r%.12s), SHA-256 %s", f[EV_CONFIG_PARENT].s,
                  (unsigned long long)f[EV_CONFIG_PARENT_STEP].u, f[EV_CONFIG_PARENT_ID].s ? f[EV_CONFIG_PARENT_ID].s : "?",
                  f[EV_CONFIG_PARENT_STATE].s ? f[EV_CONFIG_PARENT_STATE].s : "not known");
}

/* Its parent by the name of now, and what came of it. */
static void info_kin(struct workbench *w, const struct session_info *info)
{
    enum { MOST = 20 };
    char root[1024];
    struct session_info *list;
    int n, children = 0;
    if (session_root(w->options.sessions, root, sizeof root, NULL) < 0 || session_list(root, &list, &n, NULL) < 0)
        return;
    for (int i = 0; i < n; i++) {
        const char *at = strrchr(list[i].parent, '@');
        if (list[i].parent_id[0] && strcmp(list[i].parent_id, info->id) == 0 && ++children <= MOST)
            bench_say(w, "what came of it: %s, from epoch %s on", list[i].name, at ? at + 1 : "?");
    }
    const struct session_info *parent = lineage_parent(list, n, info->parent, info->parent_id);
    if (parent)
        bench_say(w, "that run is here: %s", parent->name);
    else if (info->parent_id[0])
        bench_say(w, "that run is not in the sessions folder, and not needed");
    if (children > MOST)
        bench_say(w, "and %d more; 'sessions --tree' has all", children - MOST);
    free(list);
}

static void info_stage(struct workbench *w, const struct event *e)
{
    char text[240];
    history_stage_text(e, text, sizeof text);
    bench_say(w, "from epoch %llu on stage %s", (unsigned long long)e->f[EV_STAGE_FIRST].u, text);
}

static void info_events(struct workbench *w, const struct recording *r)
{
    enum { MOST_STAGES = 20 };
    int stages = 0;
    struct history h;
    bool told = !recorded_knobs(r, &h);
    for (size_t i = 0; i < recording_count(r); i++) {
        enum event_kind kind = recording_kind(r, i);
        const struct event *e = (kind == EVENT_CONFIG && !told) || kind == EVENT_STAGE ? recording_event(r, i) : NULL;
        if (e && kind == EVENT_CONFIG) {
            info_parent(w, e);
            info_knobs(w, &h);
            told = true;
        } else if (e && ++stages <= MOST_STAGES)
            info_stage(w, e);
    }
    if (stages > MOST_STAGES)
        bench_say(w, "and %d more stages that began", stages - MOST_STAGES);
    history_release(&h);
}

/* A script asks whether there is something to resume. */
static int info_recording(struct workbench *w, const struct session_info *info, const char *dir, struct err *err)
{
    struct err why;
    struct recording *r = recording_open(dir, &why);
    int result = 0;
    if (!r)
        bench_warn(w, "info", "%s", why.text);
    else if (recording_is_empty(r) && !info->locked)
        result = err_set(err, ERR_DATA, "nothing is recorded in it: it was ended while it was being set up; 'train --name %s' takes its place", info->name);
    else {
        info_events(w, r);
        info_kin(w, info);
        say_notes(w, r, "");
        info_snapshots(w, r);
    }
    recording_close(r);
    return result;
}

int cmd_info(struct workbench *w, struct call *c, struct err *err)
{
    char dir[1300], line[512];
    struct session_info info;
    if (c->n == 0) {
        const char *shown = w->replay.on ? w->replay.stream.dir : w->run.dir;
        if (!shown[0])
            return err_set(err, ERR_USAGE, "which run? 'sessions' lists them");
        snprintf(dir, sizeof dir, "%s", shown);
    } else if (bench_find_run(w, c->word[0].text, dir, sizeof dir, err) < 0)
        return call_bad(c, 0);
    if (session_info(dir, &info, err) < 0)
        return c->n ? call_bad(c, 0) : -1;
    session_line(&info, line, sizeof line);
    bench_say(w, "%s", line);
    bench_say(w, "%s", info.dir);
    return info_recording(w, &info, dir, err);
}

