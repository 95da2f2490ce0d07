/* The panes that are lists of text: events, confusions of the selected class, and what the process costs the machine. */
#include "config.h"
#include "tui/screen.h"

#include "tui/widgets.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* --- events --- */

static void line_when(const struct screen *s, const struct history_line *line, char out[16])
{
    if (s->view.wall_offset_ns == 0 || line->ns < s->view.started_ns) {
        snprintf(out, 16, "%8.1f", line->epoch);
        return;
    }
    time_t t = (time_t)(((int64_t)line->ns + s->view.wall_offset_ns) / 1000000000);
    struct tm tm;
    localtime_r(&t, &tm);
    strftime(out, 16, "%H:%M:%S", &tm);
}

static void paint_events(const struct screen *s, struct area a)
{
    const struct history *h = s->view.h;
    size_t back = (size_t)s->events_back, n = h->n_line > back ? h->n_line - back : 0;
    size_t first = n > (size_t)a.rows ? n - (size_t)a.rows : 0;
    for (size_t i = first; i < n; i++) {
        const struct history_line *line = &h->line[i];
        int row = (int)(i - first);
        char when[16];
        line_when(s, line, when);
        area_put(a, row, 0, INK_DIM, when);
        unsigned ink = line->level == ' ' ? INK_TEXT : INK_WARN | INK_BOLD;
        int col = 9;
        if (line->level != ' ' && strncmp(line->text, "warning", 7) != 0 && strncmp(line->text, "error", 5) != 0)
            col += area_put(a, row, col, ink, line->level == 'E' ? "error: " : "warning: ");
        area_putn(a, row, col, ink, line->text, a.cols - col);
    }
    if (h->n_line == 0)
        area_put(a, 0, 1, INK_DIM, "what happens to the run is listed here");
}

static void events_recalc(struct screen *s, int rows, int cols)
{
    (void)cols;
    int most = (int)s->view.h->n_line - rows;
    if (s->events_back > most)
        s->events_back = most < 0 ? 0 : most;
}

static void events_title(const struct screen *s, struct area a, int col)
{
    const struct history *h = s->view.h;
    if (s->events_back) {
        area_putf(a, 0, col, INK_BOLD, "%d below, End goes back ", s->events_back);
        return;
    }
    int shown = 0;
    for (size_t i = h->n_mark; i > 0 && shown < 4 && s->layout.timeline.rows == 0; i--) {
        const struct history_mark *m = &h->mark[i - 1];
        char text[128];
        if (m->letter == 'S')
            continue;
        snprintf(text, sizeof text, "%s%c%.0f %s  ", shown ? "" : "marks: ", m->letter, m->epoch, m->text);
        if (col + text_width(a.canvas, text) > a.cols - 2)
            break;
        col += area_put(a, 0, col, INK_MARK | (m->by_hand ? INK_BOLD : 0u), text);
        shown++;
    }
}

const struct pane pane_events = { "events", events_recalc, events_title, paint_events };

/* --- confusions of the selected class --- */

static const struct history_eval *latest_confusion(const struct history *h)
{
    for (size_t i = h->n_eval; i > 0; i--)
        if (h->eval[i - 1].conf)
            return &h->eval[i - 1];
    return NULL;
}

/* The evaluation to compare with: the last one before re-weighting began, else the one ten before. */
static const struct history_eval *earlier_confusion(const struct history *h, const struct history_eval *now, char *label, size_t size)
{
    const struct history_mark *on = history_reweighted(h);
    for (size_t k = h->n_eval; on && k > 0; k--)
        if (h->eval[k - 1].conf && h->eval[k - 1].step <= on->step && &h->eval[k - 1] != now) {
            snprintf(label, size, "at D%.0f", on->epoch);
            return &h->eval[k - 1];
        }
    size_t at = (size_t)(now - h->eval);
    if (at >= 10 && h->eval[at - 10].conf) {
        snprintf(label, size, "ep %.0f", h->eval[at - 10].epoch);
        return &h->eval[at - 10];
    }
    return NULL;
}

static double confused_share(const struct history *h, const struct history_eval *e, int class, int as)
{
    const uint32_t *row = e->conf + (size_t)class * (size_t)h->n_classes;
    double all = 0;
    for (int i = 0; i < h->n_classes; i++)
        all += row[i];
    return all > 0 ? 100 * row[as] / all : NAN;
}

enum { MOST_CONFUSED = 32 };

static int most_confused(const struct history *h, const struct history_eval *e, int class, int max, int out[MOST_CONFUSED])
{
    const uint32_t *row = e->conf + (size_t)class * (size_t)h->n_classes;
    int n = 0;
    max = max > MOST_CONFUSED ? MOST_CONFUSED : max;
    for (int i = 0; i < h->n_classes; i++) {
        if (i == class || row[i] == 0 || max == 0 || (n == max && row[i] <= row[out[n - 1]]))
            continue;
        int at = n < max ? n++ : max - 1;
        for (; at > 0 && row[out[at - 1]] < row[i]; at--)
            out[at] = out[at - 1];
        out[at] = i;
    }
    return n;
}

static void paint_confused(const struct screen *s, struct area a)
{
    const struct history *h = s->view.h;
    const struct history_eval *now = latest_confusion(h);
    int class = s->selected, at[MOST_CONFUSED];
    if (!now || class < 0 || class >= h->n_classes) {
        area_put(a, 0, 1, INK_DIM, h->n_classes > 128 ? "not kept for more than 128 classes" : now ? "no class is selected" : "after the first evaluation");
        return;
    }
    char label[24] = "";
    const struct history_eval *before = earlier_confusion(h, now, label, sizeof label);
    int n = most_confused(h, now, class, a.rows, at), bar = 21, width = a.cols - bar - 9 - (before ? 18 : 0);
    if (n == 0)
        area_put(a, 0, 1, INK_DIM, "never taken for another class");
    for (int i = 0; i < n; i++) {
        double share = confused_share(h, now, class, at[i]);
        char name[48], change[16];
        snprintf(name, sizeof name, "%3d %s", at[i], h->cls[at[i]].name);
        area_putn(a, i, 1, group_ink(h, h->cls[at[i]].group), name, bar - 2);
        if (width >= 4)
            widget_bar(a, i, bar, width, share / 100, INK_TEXT);
        int end = bar + (width > 0 ? width : 0) + 8;
        area_putf(a, i, end - 6, INK_TEXT, "%5.1f%%", share);
        if (before) {
            double was = confused_share(h, before, class, at[i]);
            area_putf(a, i, end + 2, INK_DIM, "%5.1f%%", was);
            format_signed(change, share - was, 6, 1);
            area_put(a, i, end + 10, INK_TEXT, change);
        }
    }
}

static void confused_title(const struct screen *s, struct area a, int col)
{
    const struct history *h = s->view.h;
    const struct history_eval *now = latest_confusion(h);
    if (!now || s->selected < 0 || s->selected >= h->n_classes)
        return;
    const struct history_class *c = &h->cls[s->selected];
    char label[24] = "";
    const struct history_eval *before = earlier_confusion(h, now, label, sizeof label);
    col += area_putf(a, 0, col, INK_TEXT, "%d %s n_test %u ", s->selected, c->name, c->n_test);
    int end = a.cols - 1 - (before ? 18 : 0);
    if (end - 4 > col)
        area_put_right(a, 0, end, INK_DIM, "now");
    if (before && end + 2 > col)
        area_putf(a, 0, end + 2, INK_DIM, "%s", label);
    if (col + 17 < end - 4)
        area_put(a, 0, col, INK_DIM, "─ predicted as ");
}

const struct pane pane_confused = { "confused", NULL, confused_title, paint_confused };

/* --- host --- */

/* The load of this process, or of the one that recorded what is shown, by its statuses up to that moment. */
struct load {
    const struct host *host;    /* NULL: of the history */
    const struct history *h;
    int n, processors;          /* n: samples, the newest last; 0: nothing is known */
    double busy, rss, free, memory;
};

static struct load load_of(const struct screen *s)
{
    const struct host *host = s->view.host;
    const struct history_status *told = history_last_status(s->view.h);
    if (!s->view.replaying)
        return host ? (struct load){ .host = host, .n = host->n < HOST_SAMPLES ? (int)host->n : HOST_SAMPLES, .processors = host->processors,
                                     .busy = host_get(host->busy, host->n, 0), .rss = host->rss_bytes, .free = host->free_bytes,
                                     .memory = host->total_bytes }
                    : (struct load){ .n = 0 };
    return told ? (struct load){ .h = s->view.h, .n = s->view.h->n_status < HOST_SAMPLES ? (int)s->view.h->n_status : HOST_SAMPLES,
                                 .processors = (int)told->processors, .busy = told->busy, .rss = told->rss_bytes, .free = told->free_bytes,
                                 .memory = told->memory_bytes }
                : (struct load){ .n = 0 };
}

static double cores_at(const struct load *l, int i)
{
    return l->host ? host_get(l->host->cores, l->host->n, l->n - 1 - i) : l->h->status[l->h->n_status - (size_t)l->n + (size_t)i].cores;
}

/* " · TEXT" where it fits whole; else it is left out. Returns the column after it. */
static int host_part(struct area a, int row, int col, bool first, const char *format, ...)
{
    char text[128];
    size_t n = first ? 0 : (size_t)snprintf(text, sizeof text, " · ");
    va_list args;
    va_start(args, format);
    vsnprintf(text + n, sizeof text - n, format, args);
    va_end(args);
    return col + text_width(a.canvas, text) <= a.cols ? col + area_put(a, row, col, INK_TEXT, text) : col;
}

/* The device and the math that computed the run: recorded, so the same in a replay. */
static void paint_env(const struct screen *s, struct area a, int row)
{
    const struct history *h = s->view.h;
    if (!h->backend[0])
        return;
    char math[32];
    int col = area_put(a, row, 1, INK_DIM, "run") + 4;
    bool exact = knob_is(&h->knobs, KNOB_MATH, "fp32");
    knob_choice(&h->knobs, KNOB_MATH, math, sizeof math);
    col = host_part(a, row, col, true, "%s %s%s%s", h->backend, h->isa, exact ? "" : " ", exact ? "" : math);
    if (!knob_is(&h->knobs, KNOB_EVAL_MATH, "fp32"))
        col = host_part(a, row, col, false, "eval %s", knob_choice(&h->knobs, KNOB_EVAL_MATH, math, sizeof math));
    if (isfinite(h->step_ms))
        col = host_part(a, row, col, false, "%.1f ms a step", h->step_ms);
    col = host_part(a, row, col, false, "%llu threads", (unsigned long long)h->threads);
    host_part(a, row, col, false, "%s", h->build);
}

static void paint_cpu(const struct load *l, struct area a)
{
    int width = a.cols - 7 - 34, end = 7;
    width = width > HOST_SAMPLES ? HOST_SAMPLES : width;
    int skip = l->n > width ? l->n - width : 0;
    if (width >= 8) {
        const struct spark cores = { .area = a, .col = 7, .cols = width, .high = l->processors, .ink = INK_TEXT };
        for (int i = skip; i < l->n; i++)
            widget_spark_cell(&cores, i - skip, cores_at(l, i));
        end = 7 + width + 1;
    }
    const double now = cores_at(l, l->n - 1);
    int col = isfinite(now) ? host_part(a, 0, end, true, "%.1f of %d cores", now, l->processors)
                            : host_part(a, 0, end, true, "- of %d cores", l->processors);
    if (isfinite(l->busy))
        host_part(a, 0, col, false, "host %.0f%%", l->busy * 100);
}

static void paint_disk(const struct screen *s, struct area a)
{
    char why[256];
    if (s->view.has_session && session_waits(&s->view.session, why, sizeof why))
        area_putf(a, 3, 1, INK_WARN | INK_BOLD, "%s; training waits", why);
    else if (s->view.has_session && s->view.session.last_snapshot[0])
        area_putf(a, 3, 1, INK_DIM, "disk  last snapshot %s%s", s->view.session.last_snapshot, s->view.session.snapshot_busy ? ", saving" : "");
}

static void paint_host(const struct screen *s, struct area a)
{
    const struct load l = load_of(s);
    if (s->view.replaying && l.n == 0) { /* recorded before runs told; the load of this machine says nothing about them */
        paint_env(s, a, 0);
        return;
    }
    paint_env(s, a, 2);
    area_put(a, 0, 1, INK_DIM, "cpu");
    if (l.n == 0)
        return;
    paint_cpu(&l, a);
    area_put(a, 1, 1, INK_DIM, "mem");
    const int begin = 7;
    int col = begin;
    if (isfinite(l.rss))
        col = host_part(a, 1, col, true, "%.0f MiB", l.rss / 1048576);
    if (isfinite(l.free))
        col = host_part(a, 1, col, col == begin, "free %.1f of %.1f GiB", l.free / 1073741824, l.memory / 1073741824);
    if (s->view.replaying)
        return;
    if (s->view.has_session)
        host_part(a, 1, col, col == begin, "queue %.1f KiB", (double)s->view.session.queued_bytes / 1024);
    paint_disk(s, a);
}

const struct pane pane_host = { "host", NULL, NULL, paint_host };
