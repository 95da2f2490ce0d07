#include "config.h"
#include "session/fold.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "engine/recorded.h"

/* A hostile file must not grow them without bound. */
enum { LINES_MAX = 32768, MARKS_MAX = 32768, SEARCH_MAX = 32 << 20 };

void *fold_grow(struct history *h, void *items, size_t n, size_t size)
{
    bool full = n == 0 || (n >= 64 && (n & (n - 1)) == 0);
    void *grown = full ? realloc(items, (n ? 2 * n : 64) * size) : items;
    h->failed |= !grown;
    return grown;
}

uint64_t fold_wall(const struct history *h, const struct event *e)
{
    return h->wall_offset ? (uint64_t)((int64_t)e->ns + h->wall_offset) : 0;
}

void fold_short(double value, char out[24])
{
    snprintf(out, 24, isnan(value) ? "-" : "%.3g", value);
}

/* The older half goes; the first line that stays says so in its place. */
static void drop_lines(struct history *h)
{
    memmove(h->line, h->line + LINES_MAX / 2, LINES_MAX / 2 * sizeof *h->line);
    h->n_line = LINES_MAX / 2;
    h->lines_left_out += LINES_MAX / 2 + (h->lines_left_out == 0);
    h->line[0].level = '!';
    snprintf(h->line[0].text, sizeof h->line[0].text, "%zu older lines left out", h->lines_left_out);
}

void fold_line(struct history *h, const struct event *e, double epoch, char level, const char *format, ...)
{
    if (h->n_line == LINES_MAX)
        drop_lines(h);
    struct history_line *line = fold_grow(h, h->line, h->n_line, sizeof *h->line);
    if (!line)
        return;
    h->line = line;
    line += h->n_line++;
    if (isnan(epoch))
        epoch = h->epoch;
    *line = (struct history_line){ .step = e->step, .ns = e->ns, .wall_ns = fold_wall(h, e), .epoch = epoch, .level = level };
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    text_safe(text, line->text, sizeof line->text);
}

void fold_mark(struct history *h, const struct event *e, double epoch, char letter, bool by_hand, const char *text)
{
    if (h->n_mark == MARKS_MAX) {
        if (!h->marks_left_out)
            fold_line(h, e, epoch, '!', "%d marks are kept: the later ones are left out", MARKS_MAX);
        h->marks_left_out = true;
        return;
    }
    struct history_mark *mark = fold_grow(h, h->mark, h->n_mark, sizeof *h->mark);
    if (!mark)
        return;
    h->mark = mark;
    mark += h->n_mark++;
    *mark = (struct history_mark){ .step = e->step, .epoch = isnan(epoch) ? h->epoch : epoch, .letter = letter, .by_hand = by_hand };
    text_safe(text, mark->text, sizeof mark->text);
}

/* A run has a few snapshots at a time; a hostile file has many, and would have each of them looked for. */
void fold_unmark(struct history *h, const struct event *e, uint64_t step)
{
    size_t i = h->n_mark;
    if (h->searched > SEARCH_MAX) {
        if (!h->search_left_out)
            fold_line(h, e, h->epoch, '!', "too many snapshots: the marks of those that are gone stay");
        h->search_left_out = true;
        return;
    }
    while (i > 0 && !(h->mark[i - 1].letter == 'S' && h->mark[i - 1].step == step))
        i--;
    h->searched += h->n_mark - i;
    if (i == 0)
        return;
    memmove(&h->mark[i - 1], &h->mark[i], (h->n_mark - i) * sizeof *h->mark);
    h->n_mark--;
}

/* --- evaluations ----------------------------------------------------------------------------------------------------- */

/* " (+0.9)" against the value before, or nothing. */
static const char *change_text(double now, double before, char out[24])
{
    out[0] = '\0';
    if (!isnan(now) && !isnan(before))
        snprintf(out, 24, " (%+.1f)", now - before);
    return out;
}

static int last_group(const struct event *e)
{
    const struct event_field *g = &e->f[EV_EPOCH_GROUPS];
    for (int i = (int)g->n - 1; i >= 0; i--)
        if (i < HISTORY_MAX_GROUPS && !isnan(g->f64s[i]))
            return i;
    return -1;
}

static int worst_class(const struct event *e)
{
    const struct event_field *cls = &e->f[EV_EPOCH_CLS];
    int worst = -1;
    for (int i = 0; i < (int)cls->n; i++)
        if (!isnan(cls->f32s[i]) && (worst < 0 || cls->f32s[i] < cls->f32s[worst]))
            worst = i;
    return worst;
}

void fold_say_eval(struct history *h, const struct event *e)
{
    const char *split = e->f[EV_EPOCH_SPLIT].s;
    bool train = split && strcmp(split, "train") == 0;
    double ep = e->f[EV_EPOCH_EP].f, acc = e->f[EV_EPOCH_ACC].f;
    size_t n = h->n_eval;
    if (n && h->eval[n - 1].step == e->step)
        n--; /* measured twice: the change is against the one before */
    const struct history_eval *before = n && !train ? &h->eval[n - 1] : NULL;
    char delta[24], tail[96] = "", worst[96] = "", at[24];
    int g = last_group(e), w = worst_class(e);
    if (g > 0) {
        char tail_delta[24];
        double now = e->f[EV_EPOCH_GROUPS].f64s[g];
        snprintf(tail, sizeof tail, " %s %.1f%s", g < h->n_groups ? h->group_name[g] : "last group", now,
                 change_text(now, before ? before->group[g] : NAN, tail_delta));
    }
    if (w >= 0)
        snprintf(worst, sizeof worst, " worst %d %s %.1f", w, w < h->n_classes ? h->cls[w].name : "", (double)e->f[EV_EPOCH_CLS].f32s[w]);
    snprintf(at, sizeof at, ep == floor(ep) ? "%.0f" : "%.1f", ep);
    const char *math = event_text(e, EV_EPOCH_MATH);
    fold_line(h, e, ep, ' ', "eval%s%s%s%s %s: acc %.1f%s%s%s", split && strcmp(split, "test") != 0 ? " " : "",
              split && strcmp(split, "test") != 0 ? split : "", math[0] ? " " : "", math, at, acc, change_text(acc, before ? before->acc : NAN, delta), tail, worst);
}

/* "±2e-3", or nothing where no bound is known. */
static const char *bound(double value, char out[24])
{
    out[0] = '\0';
    if (!(value > 0) || isinf(value))
        return out;
    int n = snprintf(out, 24, "±%.0e", value);
    char *e = strchr(out, 'e');
    if (n > 0 && e && e[2] == '0') /* one digit of the exponent is enough: 2e-03 */
        memmove(e + 2, e + 3, strlen(e + 3) + 1);
    if (e && e[1] == '+') /* 2e+1 */
        snprintf(out, 24, "±%.0f", value);
    return out;
}

static const char *class_name(const struct history *h, uint32_t class)
{
    return class < (uint32_t)h->n_classes ? h->cls[class].name : "";
}

/* The conditions by which a probe differs from the others: " [test images]". */
static const char *brackets(const char *how, char out[96])
{
    out[0] = '\0';
    if (how[0])
        snprintf(out, 96, " [%.80s]", how);
    return out;
}

void fold_say_eig(struct history *h, const struct history_eig *eig, const struct event *e)
{
    char low[24], high[24], low_bound[24], high_bound[24], trace[64] = "", how[96];
    fold_short(eig->lmin, low);
    fold_short(eig->lmax, high);
    bound(eig->rmin, low_bound);
    bound(eig->rmax, high_bound);
    if (isfinite(eig->trace)) {
        char value[24], se[24];
        fold_short(eig->trace, value);
        snprintf(trace, sizeof trace, " trace %s%s", value, bound(eig->trace_se, se));
    }
    fold_line(h, e, eig->epoch, ' ', "hessian %" PRIu32 " %s: lmin %s%s lmax %s%s%s, %" PRIu32 " it%s%s, %.1f s%s", eig->class,
              class_name(h, eig->class), low, low_bound, high, high_bound, trace, eig->iters, eig->why[0] ? " " : "", eig->why,
              eig->seconds, brackets(eig->how, how));
}

/* --- commands -------------------------------------------------------------------------------------------------------- */

static char letter_of(int knob)
{
    switch (knob) {
    case KNOB_RHO:
    case KNOB_RHO_DRW:
    case KNOB_STAGE_RHO:
        return 'R';
    case KNOB_DRW:
        return 'D';
    case KNOB_LR:
    case KNOB_STAGE_LR:
        return 'L';
    default:
        return 'W';
    }
}

/* Keeps at most as many as there may be marks: each makes one. */
static void keep_set(struct history *h, const struct event *e, enum knob_id knob, struct knob_value before)
{
    struct history_set *set = h->n_set < MARKS_MAX ? fold_grow(h, h->set, h->n_set, sizeof *h->set) : NULL;
    if (!set)
        return;
    h->set = set;
    h->set[h->n_set++] = (struct history_set){ .step = e->step, .knob = knob, .before = before };
}

static void set_knob(struct history *h, const struct event *e, const struct recorded *r)
{
    char text[160];
    const struct knob_value before = h->knobs.v[r->knob < 0 ? 0 : r->knob];
    struct err err = { 0 };
    if (recorded_value(r, r->knob < 0 ? NULL : &h->knobs.v[r->knob], &err) < 0) {
        h->failed |= err.code == ERR_MEMORY;
        fold_line(h, e, r->epoch, '!', "set %.60s %.100s: not understood by this program", r->key[0] ? r->key : "?", r->value ? r->value : "?");
        return;
    }
    keep_set(h, e, (enum knob_id)r->knob, before);
    h->knobs.by_hand[r->knob] |= !r->automatic; /* in mid-run: a schedule that was asked for is a change by hand too */
    const char *name = knob_table[r->knob].name;
    snprintf(text, sizeof text, "%s %.40s>%.40s", name, r->old ? r->old : "?", r->value);
    fold_mark(h, e, r->epoch, letter_of(r->knob), !r->scheduled && !r->automatic, text);
    fold_line(h, e, r->epoch, ' ', "set %s %.100s%s%.100s%s from step %" PRIu64 ", ep %.1f%s", name, r->value, r->old ? " (was " : "",
              r->old ? r->old : "", r->old ? ")" : "", r->step + 1, r->epoch, r->scheduled ? ", by schedule" : r->automatic ? ", by auto" : "");
    if (r->automatic && r->why)
        fold_line(h, e, r->epoch, ' ', "  %.200s", r->why);
}

static void watch_class(struct history *h, uint32_t class, bool on)
{
    h->cls[class].watched = on;
    if (!on || h->cls[class].listed)
        return;
    h->cls[class].listed = true;
    h->watched[h->n_watched++] = class;
}

static void watch_none(struct history *h)
{
    while (h->n_watched > 0) {
        struct history_class *c = &h->cls[h->watched[--h->n_watched]];
        c->watched = c->listed = false;
    }
}

/* An empty list means all (unwatch). */
static void set_watched(struct history *h, const char *list, bool on)
{
    unsigned long class;
    if (!on && list[strspn(list, " ")] == '\0')
        watch_none(h);
    while (recorded_class(&list, &class))
        if (class < (unsigned long)h->n_classes)
            watch_class(h, (uint32_t)class, on);
}

void fold_command(struct history *h, const struct event *e)
{
    struct recorded r;
    if (!recorded_read(e, &r))
        return;
    if (operation_is(r.op, OP_SETS))
        set_knob(h, e, &r);
    else if (operation_is(r.op, OP_WATCHES | OP_UNWATCHES))
        set_watched(h, r.key, operation_is(r.op, OP_WATCHES));
    if (r.waits)
        fold_line(h, e, r.epoch, ' ', "pending %" PRIu64 ": %.200s", r.id, r.text);
    else if (operation_is(r.op, OP_WITHDRAWS))
        fold_line(h, e, r.epoch, ' ', "cancelled %" PRIu64 ": %.200s", r.id, r.value ? r.value : "");
    else if (operation_is(r.op, OP_LISTED))
        fold_line(h, e, r.epoch, ' ', "%.220s", r.text[0] ? r.text : r.word);
}
