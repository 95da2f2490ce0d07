/* The point behind RUN@: an epoch, the name of a snapshot, best or last. Reads only. */
#include "config.h"
#include "repl/bench.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/number.h"
#include "repl/lex.h"

int point_run(struct workbench *w, const char *text, const char *before, char *dir, size_t size, const char **at, struct err *err)
{
    const char *shown = w->replay.on ? w->replay.stream.dir : w->run.dir;
    char name[1024];
    *at = NULL;
    if (text[0] == '@') {
        *at = text + 1;
        if (!shown[0])
            return err_set(err, ERR_USAGE, "'%.200s' of which run? %s RUN%.200s", text, before, text);
        snprintf(dir, size, "%s", shown);
        return 0;
    }
    snprintf(name, sizeof name, "%s", text);
    const char *cut = session_cut_at(name);
    if (cut)
        *at = text + (cut - name);
    return bench_find_run(w, name, dir, size, err);
}

void point_text(uint64_t step, uint64_t steps_per_epoch, char *out, size_t size)
{
    enum { DIGITS = 17 }; /* of a double */
    const double each = (double)(steps_per_epoch ? steps_per_epoch : 1), at = (double)step / each;
    double said = at;
    for (int digits = 1; digits <= DIGITS; digits++) {
        snprintf(out, size, "%.*g", digits, at);
        if (!strchr(out, 'e') && number_parse(out, &said) && floor(said * each + 0.5) == (double)step)
            return;
    }
}

bool workbench_point(const struct workbench *w, char *out, size_t size)
{
    const struct history *h = bench_shown(w);
    char at[40];
    if (!h->steps_per_epoch || !(w->replay.on ? w->replay.stream.dir : w->run.dir)[0])
        return false;
    point_text(h->step, h->steps_per_epoch, at, sizeof at);
    snprintf(out, size, "@%s", at);
    return true;
}

static bool is_same_folder(const char *dir, const char *other)
{
    char *a = realpath(dir, NULL), *b = realpath(other, NULL);
    const bool same = a && b && strcmp(a, b) == 0;
    free(a);
    free(b);
    return same;
}

const char *point_run_word(const struct workbench *w, const char *dir, char name[256])
{
    char root[1024], found[1300];
    session_name_of(dir, name, 256);
    const bool by_name = session_root(w->options.sessions, root, sizeof root, NULL) == 0 &&
                         session_find(root, name, found, sizeof found, NULL) == 0 && is_same_folder(dir, found);
    return by_name ? name : dir;
}

void workbench_moment_word(const struct workbench *w, const char *dir, double epoch, struct buf *out)
{
    char name[256], word[1400];
    snprintf(word, sizeof word, "%.1300s@%.6g", point_run_word(w, dir, name), epoch);
    lex_quote(out, word);
}

/* --- by name ------------------------------------------------------------------------------------------------------- */

/* The last one of that name, also when it is not kept any more: its steps can be repeated. */
static bool find_snapshot(const struct recording *r, const char *name, uint64_t *step)
{
    for (size_t i = recording_count(r); i-- > 0;) {
        const struct event *e = recording_kind(r, i) == EVENT_SNAP ? recording_event(r, i) : NULL;
        if (e && strcmp(event_text(e, EV_SNAP_NAME), name) == 0) {
            *step = e->step;
            return true;
        }
    }
    return false;
}

/* The best epoch by the last evaluation: it may lie before a run that began with another one's state. */
static int find_best(const struct recording *r, uint64_t *step, struct err *err)
{
    for (size_t i = recording_count(r); i-- > 0;) {
        const struct event *e = recording_kind(r, i) == EVENT_EPOCH ? recording_event(r, i) : NULL;
        if (e && isfinite(e->f[EV_EPOCH_BEST_EP].f))
            return recording_step_at(r, e->f[EV_EPOCH_BEST_EP].f, step, err) < 0 ? err_prefix(err, "its best") : 0;
    }
    return err_set(err, ERR_RANGE, "nothing was evaluated in it, so it has no best epoch");
}

/* Names of the last few snapshots, "s0004 s0005". */
static void name_snapshots(const struct recording *r, char *out, size_t size)
{
    enum { MOST = 6 };
    int n;
    const struct snapshot_info *s = recording_snapshots(r, &n);
    size_t used = 0;
    out[0] = '\0';
    for (int i = n > MOST ? n - MOST : 0; i < n && used < size; i++)
        if (s[i].name[0])
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " " : "", s[i].name);
}

bool point_is_end(const char *at)
{
    return !at || strcmp(at, "last") == 0;
}

int point_step(const struct recording *r, const char *at, uint64_t *step, struct err *err)
{
    double epoch;
    char names[400];
    *step = recording_last_step(r);
    if (point_is_end(at))
        return 0;
    if (strcmp(at, "best") == 0)
        return find_best(r, step, err);
    if (number_parse(at, &epoch))
        return recording_step_at(r, epoch, step, err);
    if (find_snapshot(r, at, step))
        return 0;
    name_snapshots(r, names, sizeof names);
    return err_set(err, ERR_INVALID, "no snapshot '%.64s' in it; accepted: an epoch, best, last%s%s", at, names[0] ? ", or one of " : "", names);
}
