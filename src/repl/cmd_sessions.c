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

/* A run that is over stays locked while its process looks at it; one that nobody writes and that is not over was cut off. */
static const char *state_word(const struct session_info *i)
{
    bool over = i->state[0] && strcmp(i->state, "training") != 0 && strcmp(i->state, "paused") != 0;
    if (over)
        return i->state;
    return i->locked ? "running" : "broken off";
}

/* "ce+drw" and so on are the screen's; here the loss and the optimiser as they are set, with the radius where there is one. */
static void method_text(const struct session_info *i, char *out, size_t size)
{
    bool radius = strcmp(i->opt, "sam") == 0 || strcmp(i->opt, "asam") == 0;
    snprintf(out, size, "%s%s%s%s%s", i->loss, i->loss[0] ? "/" : "", i->opt, radius ? " rho " : "", radius ? i->rho : "");
}

static void when_text(const struct session_info *i, char *out, size_t size)
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
static const char *chosen(const struct session_info *i)
{
    return i->has_val ? "" : " on test";
}

void session_line(const struct session_info *i, char *out, size_t size)
{
    char when[32], method[64];
    when_text(i, when, sizeof when);
    method_text(i, method, sizeof method);
    snprintf(out, size, "%s r%.5s: %s, %s, %s", i->name, i->id, i->data, method, state_word(i));
    if (!isnan(i->epoch))
        text_append(out, size, " at epoch %.4g", i->epoch);
    text_append(out, size, ", step %llu", (unsigned long long)i->step);
    if (!isnan(i->acc))
        text_append(out, size, ", acc %.2f best %.2f%s", i->acc, i->best, chosen(i));
    if (!isnan(i->acc) && !isnan(i->tail))
        text_append(out, size, " tail %.2f", i->tail);
    text_append(out, size, ", %s%s%s%s", when, i->parent[0] ? ", from " : "", i->parent, i->damaged ? ", damaged" : "");
}

/* --- a table of runs; what is asked for first stands left, where a narrow screen has room --- */

enum { COLUMNS = 11, FROM = 10, CELL = 132 };
static const char *const titles[COLUMNS] = { "NAME", "STATE", "EPOCH", "ACC", "TAIL", "BEST", "LOSS/OPT", "DATA", "RECORDED", "ID", "FROM" };
struct row {
    char cell[COLUMNS][CELL];
};

static void row_of(const struct session_info *i, struct row *r)
{
    snprintf(r->cell[0], CELL, "%s", i->name);
    snprintf(r->cell[1], CELL, "%s%s", state_word(i), i->damaged ? ", damaged" : "");
    number_text(i->epoch, "", r->cell[2], CELL);
    number_text(i->acc, "", r->cell[3], CELL);
    number_text(i->tail, "", r->cell[4], CELL);
    number_text(i->best, chosen(i), r->cell[5], CELL);
    method_text(i, r->cell[6], CELL);
    snprintf(r->cell[7], CELL, "%s", i->data);
    when_text(i, r->cell[8], CELL);
    snprintf(r->cell[9], CELL, "r%.5s", i->id);
    snprintf(r->cell[FROM], CELL, "%.131s", i->parent);
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

static void say_row(struct workbench *w, const char *const cell[COLUMNS], const int width[COLUMNS])
{
    char line[COLUMNS * (CELL + 2)] = "";
    for (int k = 0; k < COLUMNS && width[k] > 0; k++)
        text_append(line, sizeof line, "%s%*s", cell[k], width[k] - columns_of(cell[k]) + 2, "");
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
static int by_number(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(a) - isnan(b) : a > b ? -1 : a < b;
}

static int compare(const void *pa, const void *pb, void *key)
{
    const struct session_info *a = pa, *b = pb;
    switch (*(const enum sort_key *)key) {
    case BY_NAME: return by_text(a->name, b->name);
    case BY_DATA: return by_text(a->data, b->data);
    case BY_LOSS: return by_text(a->loss, b->loss);
    case BY_OPT: return by_text(a->opt, b->opt);
    case BY_STATE: return by_text(state_word(a), state_word(b));
    case BY_EPOCH: return by_number(a->epoch, b->epoch);
    case BY_ACC: return by_number(a->acc, b->acc);
    case BY_TAIL: return by_number(a->tail, b->tail);
    case BY_BEST: return by_number(a->best, b->best);
    default: return by_number((double)a->mtime, (double)b->mtime);
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
            bench_say(w, "%snote at epoch %.4g: %s", indent, e->f[EV_NOTE_EP].f, e->f[EV_NOTE_TEXT].s ? e->f[EV_NOTE_TEXT].s : "");
    }
    if (notes > MOST_NOTES)
        bench_say(w, "%sand %d more notes; 'export csv PATH RUN' has all", indent, notes - MOST_NOTES);
}

static void say_notes_of(struct workbench *w, const char *dir)
{
    struct err why;
    struct recording *r = recording_open(dir, &why);
    if (r)
        say_notes(w, r, "  ");
    else
        bench_say(w, "  %s", why.text);
    recording_close(r);
}

/* Room for everything that stands in a column. */
static void measure(const struct session_info *list, int n, int width[COLUMNS])
{
    struct row r;
    for (int k = 0; k < COLUMNS; k++)
        width[k] = k == FROM ? 0 : columns_of(titles[k]); /* few runs have a parent: that column comes with the first that has */
    for (int i = 0; i < n; i++) {
        row_of(&list[i], &r);
        for (int k = 0; k < COLUMNS; k++)
            width[k] = columns_of(r.cell[k]) > width[k] ? columns_of(r.cell[k]) : width[k];
    }
    if (width[FROM] > 0 && width[FROM] < columns_of(titles[FROM]))
        width[FROM] = columns_of(titles[FROM]);
}

static void say_table(struct workbench *w, const struct session_info *list, int n, bool notes)
{
    int width[COLUMNS];
    measure(list, n, width);
    say_row(w, titles, width);
    for (int i = 0; i < n; i++) {
        struct row r;
        const char *cell[COLUMNS];
        row_of(&list[i], &r);
        for (int k = 0; k < COLUMNS; k++)
            cell[k] = r.cell[k];
        say_row(w, cell, width);
        if (notes)
            say_notes_of(w, list[i].dir);
    }
}

/* Those whose names match, to the front. */
static int keep_matching(struct session_info *list, int n, const char *pattern)
{
    int kept = 0;
    for (int i = 0; i < n; i++)
        if (!pattern || fnmatch(pattern, list[i].name, 0) == 0)
            list[kept++] = list[i];
    return kept;
}

int cmd_sessions(struct workbench *w, struct call *c, struct err *err)
{
    char root[1024];
    struct session_info *list;
    enum sort_key key;
    int n;
    if (sort_key_of(c, &key, err) < 0)
        return -1;
    if (session_root(w->options.sessions, root, sizeof root, err) < 0 || session_list(root, &list, &n, err) < 0)
        return -1;
    if (key != BY_TIME && n > 0)
        qsort_r(list, (size_t)n, sizeof *list, compare, &key);
    const int shown = keep_matching(list, n, c->n ? c->word[0].text : NULL);
    if (shown)
        say_table(w, list, shown, call_has(c, "notes"));
    else if (n)
        bench_say(w, "no run matches '%s'; %d recorded in %s", c->word[0].text, n, root);
    else
        bench_say(w, "no recorded runs in %s", root);
    free(list);
    return 0;
}

static void info_snapshots(struct workbench *w, const struct recording *r)
{
    int n;
    bool loud;
    const struct snapshot_info *s = recording_snapshots(r, &n);
    const char *damage = recording_damage(r, &loud);
    bench_say(w, "%zu events, %d snapshots%s", recording_count(r), n, n ? ":" : "");
    for (int i = 0; i < n; i++)
        bench_say(w, "  %-10s step %-8llu ep %-8.1f %8.1f KiB%s%s", s[i].name[0] ? s[i].name : "-", (unsigned long long)s[i].step, s[i].epoch,
                  (double)s[i].bytes / 1024, s[i].pinned ? "  kept" : "", s[i].finite ? "" : "  not finite");
    if (damage)
        bench_warn(w, "info", "%s", damage);
}

/* Knobs that the run began with and that are not the defaults; those of the screen and of the machine aside. */
static void info_knobs(struct workbench *w, const struct event_field *list)
{
    struct knobs fresh;
    struct buf line = { 0 };
    char initial[KNOB_TEXT_MAX], entry[KNOB_TEXT_MAX + 64];
    knobs_init(&fresh);
    for (uint32_t i = 0; i < list->n; i++) {
        snprintf(entry, sizeof entry, "%s", list->strs[i] ? list->strs[i] : "");
        char *equals = strchr(entry, '=');
        if (!equals)
            continue;
        *equals = '\0';
        int id = knob_find(entry, NULL);
        if (id < 0 || knob_table[id].when == KNOB_SCREEN || id == KNOB_DATA_PATH)
            continue;
        knob_format((enum knob_id)id, &fresh.v[id], initial, sizeof initial);
        if (strcmp(initial, equals + 1) != 0)
            buf_addf(&line, "%s%s %s", line.len ? ", " : "", entry, equals[1] ? equals + 1 : "''");
    }
    bench_say(w, "not as by default: %s", line.len ? line.data : "nothing");
    buf_release(&line);
}

/* Whether the parent is still there or not: the run has all it needs. */
static void info_parent(struct workbench *w, const struct event *config)
{
    const struct event_field *f = config->f;
    if (f[EV_CONFIG_PARENT].s)
        bench_say(w, "began with the state of %s (step %llu, run r%.12s), SHA-256 %s", f[EV_CONFIG_PARENT].s,
                  (unsigned long long)f[EV_CONFIG_PARENT_STEP].u, f[EV_CONFIG_PARENT_ID].s ? f[EV_CONFIG_PARENT_ID].s : "?",
                  f[EV_CONFIG_PARENT_STATE].s ? f[EV_CONFIG_PARENT_STATE].s : "not known");
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
    for (size_t i = 0; i < recording_count(r); i++) {
        enum event_kind kind = recording_kind(r, i);
        const struct event *e = kind == EVENT_CONFIG || kind == EVENT_STAGE ? recording_event(r, i) : NULL;
        if (e && kind == EVENT_CONFIG) {
            info_parent(w, e);
            info_knobs(w, &e->f[EV_CONFIG_KNOBS]);
        } else if (e && ++stages <= MOST_STAGES)
            info_stage(w, e);
    }
    if (stages > MOST_STAGES)
        bench_say(w, "and %d more stages that began", stages - MOST_STAGES);
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
        const char *shown = w->replay.on ? w->replay.dir : w->run.dir;
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

