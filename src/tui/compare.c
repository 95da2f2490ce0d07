/* The screen of a comparison: the table of its runs, what stands above it, and its cursor. */
#include "config.h"
#include "tui/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/knobs.h"

const struct pane *const compare_table[PANE_COUNT] = { &pane_compared_runs, &pane_compared_traces, &pane_compared_classes, &pane_compared_density };

char compare_letter(int run)
{
    return (char)('a' + run);
}

unsigned compare_ink(const struct screen *s, int run)
{
    static const unsigned ink[PLOT_STYLES] = { INK_HEAD, INK_MARK, INK_TAIL };
    return ink[run % PLOT_STYLES] | (run == s->compare.run ? INK_BOLD : 0u);
}

enum plot_style compare_style(const struct screen *s, int run)
{
    return run == s->compare.run ? PLOT_STRONG : (enum plot_style)(run % PLOT_STYLES);
}

void compare_begin(struct screen *s)
{
    struct compare_view *v = &s->compare;
    struct comparison *c = s->view.comparison;
    if (c && v->shown != c) { /* another one than before */
        v->run = comparison_runs(c) - 1;
        v->metric = v->top = 0;
        v->class = -1;
        s->focus = COMPARE_RUNS;
        s->zoom = ZOOM_NONE;
    }
    v->shown = c;
    if (!c)
        return;
    v->run = v->run < comparison_runs(c) ? v->run : 0;
    v->metric = v->metric < comparison_metrics(c) ? v->metric : 0;
    v->other = v->run > 0 ? v->run : 1;
    compare_gains(s);
}

/* --- above the panes ------------------------------------------------------------------------------------------------- */

double compare_cursor(const struct screen *s)
{
    const struct comparison *c = s->view.comparison;
    const double at = comparison_latest_cursor(c);
    return at < comparison_latest_end(c) ? at : INFINITY;
}

static void what_is_compared(const struct screen *s, struct area a)
{
    const struct comparison *c = s->view.comparison;
    const struct history *h = comparison_history(c, 0);
    char right[96], where[40];
    if (isinf(compare_cursor(s)))
        snprintf(where, sizeof where, "at the end, ep %.6g", round(10 * comparison_latest_end(c)) / 10);
    else
        snprintf(where, sizeof where, "at ep %.1f of %.6g", compare_cursor(s), round(10 * comparison_latest_end(c)) / 10);
    if (s->view.has_run && s->view.run.phase == TRAINER_TRAINING)
        snprintf(right, sizeof right, "%s · TRAIN ep %.1f", where, s->view.run.epoch);
    else
        snprintf(right, sizeof right, "%s", where);
    int end = area_put_right(a, 0, a.cols - 1, INK_BOLD, right);
    struct area left = area_part(a, 0, 0, 1, end - 1);
    int col = area_putf(left, 0, a.cols >= 100, INK_BOLD, "saddle ▸ compare ") + (a.cols >= 100);
    area_putf(left, 0, col, INK_TEXT, "%d runs · %s", comparison_runs(c), h->data_name);
}

/* Somebody writes it, and it is not over. */
static bool is_growing(const struct comparison *c, int run)
{
    return comparison_is_live(c, run) && run_end_of(comparison_history(c, run)->state) == RUN_GOES_ON;
}

/* The highlighted run: where it comes from, and in what it differs, in full. */
static void highlighted_row(const struct screen *s, struct area a)
{
    struct comparison *c = s->view.comparison;
    const int run = s->compare.run;
    char text[160];
    int col = a.cols >= 100;
    col += area_putf(a, 1, col, compare_ink(s, run) | INK_BOLD, "%c %s", compare_letter(run), comparison_name(c, run));
    comparison_lineage(c, run, text, sizeof text);
    if (text[0])
        col += area_putf(a, 1, col, INK_TEXT, " from %s", text);
    if (is_growing(c, run))
        col += area_putf(a, 1, col, INK_BOLD, " %s", comparison_history(c, run)->state);
    enum knob_id knobs[KNOB_COUNT];
    int n = comparison_knobs(c, knobs);
    for (int i = 0; i < n && col < a.cols; i++) {
        char name[48];
        comparison_knob_text(c, run, knobs[i], text, sizeof text);
        snprintf(name, sizeof name, " · %s ", knob_table[knobs[i]].name);
        col += area_putn(a, 1, col, INK_DIM, name, a.cols - col);
        col += area_putn(a, 1, col, INK_TEXT, text, a.cols - col);
    }
    if (n == 0)
        area_put(a, 1, col, INK_DIM, " · no knob differs");
}

void compare_header(const struct screen *s, struct area a)
{
    what_is_compared(s, a);
    highlighted_row(s, a);
}

void compare_hints(struct area a, int col)
{
    static const char *const narrow[] = { "r run", "t trace", "←/→ epoch", "[ ] mark", "x fork", "v density", "Esc close", "? help" };
    static const char *const wide[] = { "r run", "t trace", "←/→ epoch", ", . value", "[ ] mark", "g go to", "x from fork", "v density", "Tab pane", "Esc close", "? help" };
    const bool room = a.cols >= 100;
    col += area_put(a, 0, col, INK_BOLD | INK_REVERSE, "COMPARE") + 1 + room;
    for (size_t i = 0; i < (room ? sizeof wide / sizeof *wide : sizeof narrow / sizeof *narrow); i++) {
        const char *hint = room ? wide[i] : narrow[i];
        if (col + text_width(a.canvas, hint) > a.cols)
            return;
        col += area_put(a, 0, col, INK_TEXT, hint) + 1 + room;
    }
}

/* --- the table of runs ----------------------------------------------------------------------------------------------- */

enum { VALUE = 8, BEST = 12, DELTA = 8, SAMPLE = 4 };
struct runs_plan { /* columns of a row: start of each */
    int name, name_width, parent, parent_width, first, others, n_others, knobs;
    enum knob_id knob[KNOB_COUNT]; /* [n_knobs] that differ, from `knobs` on */
    int n_knobs, knob_width[KNOB_COUNT];
};

static int widest_name(const struct comparison *c, const struct canvas *canvas, int most)
{
    int width = 4;
    for (int r = 0; r < comparison_runs(c); r++)
        width = (int)fmax(width, text_width(canvas, comparison_name(c, r)));
    return width < most ? width : most;
}

static int widest_parent(const struct comparison *c, const struct canvas *canvas, int most)
{
    char text[160];
    int width = 0;
    for (int r = 0; r < comparison_runs(c); r++) {
        comparison_lineage(c, r, text, sizeof text);
        width = (int)fmax(width, text_width(canvas, text));
    }
    return width < most ? width : most;
}

static int knob_width(const struct comparison *c, enum knob_id knob, const struct canvas *canvas)
{
    char text[96];
    int width = (int)strlen(knob_table[knob].name);
    for (int r = 0; r < comparison_runs(c); r++) {
        comparison_knob_text(c, r, knob, text, sizeof text);
        width = (int)fmax(width, text_width(canvas, text));
    }
    return width < 16 ? width : 16;
}

/* The last value of a knob that changed on the way is what matters, then the first: of a long text the middle is left out, else the
 * beginning. A cut has its mark. */
static void put_knob(struct area a, int row, int col, unsigned ink, const char *text, int width)
{
    const char *last = NULL;
    for (const char *p = text; (p = strstr(p, " > ")); p++)
        last = p;
    if (!last || text_width(a.canvas, text) <= width) {
        area_putn(a, row, col, ink, text, width);
        return;
    }
    char cut[120];
    const char *end = strstr(text, " > ");
    snprintf(cut, sizeof cut, "%.*s …%s", (int)(end - text), text, last);
    if (end == last || text_width(a.canvas, cut) > width)
        snprintf(cut, sizeof cut, "…%s", last);
    if (text_width(a.canvas, cut) > width)
        snprintf(cut, sizeof cut, "…%s", last + strlen(" > "));
    area_putn(a, row, col, ink, cut, width);
}

/* The chosen metric in full, then what differs between the runs; other metrics have what is left, at least one where there is much room. */
static void make_table(const struct screen *s, const struct canvas *canvas, int cols, struct runs_plan *t)
{
    struct comparison *c = s->view.comparison;
    *t = (struct runs_plan){ .name = 3 + SAMPLE };
    t->name_width = widest_name(c, canvas, cols >= 100 ? 20 : 12);
    t->parent = t->name + t->name_width + 1;
    t->parent_width = widest_parent(c, canvas, cols >= 100 ? 20 : cols >= 70 ? 12 : 0);
    t->first = t->parent + t->parent_width + (t->parent_width > 0);
    t->others = t->first + VALUE + BEST + DELTA;
    t->n_knobs = comparison_knobs(c, t->knob);
    int wanted = 0, left = cols - t->others;
    for (int i = 0; i < t->n_knobs; i++)
        wanted += 2 + (t->knob_width[i] = knob_width(c, t->knob[i], canvas));
    t->n_others = (left - wanted) / (VALUE + DELTA);
    t->n_others = t->n_others < 1 && left >= 60 ? 1 : t->n_others < 0 ? 0 : t->n_others;
    if (t->n_others > comparison_metrics(c) - 1)
        t->n_others = comparison_metrics(c) - 1;
    t->knobs = t->others + t->n_others * (VALUE + DELTA);
}

/* The metric in the i-th place of the table: the chosen one, then the others in order. */
static int metric_in(const struct screen *s, int i)
{
    return i == 0 ? s->compare.metric : i - 1 < s->compare.metric ? i - 1 : i;
}

static void put_value(const struct metric *m, double value, char out[16])
{
    if (m->percent && isfinite(value))
        snprintf(out, 16, "%.2f", value);
    else
        format_short(out, value, 7);
}

static void put_difference(const struct metric *m, double value, char out[20])
{
    char size[16];
    if (!isfinite(value)) {
        snprintf(out, 20, ".");
        return;
    }
    put_value(m, fabs(value), size);
    snprintf(out, 20, "%c%s", value < 0 ? '-' : '+', size);
}

static void paint_values_of(const struct screen *s, struct area a, int row, int col, int run, int metric, bool best)
{
    struct comparison *c = s->view.comparison;
    const struct metric *m = comparison_metric(c, metric);
    const unsigned strong = run == s->compare.run ? INK_BOLD : 0;
    const struct comparison_value now = comparison_at(c, run, metric), top = comparison_best(c, run, metric);
    char text[32];
    put_value(m, now.value, text);
    if (isnan(now.value) && !isnan(now.epoch)) /* measured, and lost */
        snprintf(text, sizeof text, "nan");
    area_put_right(a, row, col + VALUE, INK_TEXT | strong, text);
    col += VALUE;
    if (best && isfinite(top.value)) {
        put_value(m, top.value, text);
        text_append(text, sizeof text, "@%.0f", top.epoch);
        area_put_right(a, row, col + BEST, INK_TEXT | strong, text);
    }
    col += best ? BEST : 0;
    put_difference(m, run ? comparison_delta(c, run, metric) : NAN, text);
    area_put_right(a, row, col + DELTA, run ? INK_TEXT | strong : INK_DIM, text);
}

/* A short piece of the run's line, as it is drawn now. */
static void paint_sample(const struct screen *s, struct area a, int row, int col, int run)
{
    static const uint32_t line[PLOT_STRONG + 1] = { 0x2500, 0x254c, 0xb7, 0x2501 };
    const enum plot_style style = compare_style(s, run);
    struct plot p;
    plot_begin(&p, area_part(a, row, col, 1, SAMPLE - 1), s->glyphs, compare_ink(s, run));
    plot_set_style(&p, style);
    for (int k = 0; k < SAMPLE - 1; k++)
        area_char(a, row, col + k, compare_ink(s, run), s->glyphs == GLYPHS_ASCII ? (uint32_t)p.letter : line[style]);
}

static void paint_knobs(const struct screen *s, struct area a, int row, const struct runs_plan *t, int run)
{
    char text[96];
    for (int i = 0, col = t->knobs; i < t->n_knobs && col + 4 < a.cols; i++) {
        const int width = t->knob_width[i];
        comparison_knob_text(s->view.comparison, run, t->knob[i], text, sizeof text);
        put_knob(a, row, col + 2, run == s->compare.run ? INK_BOLD : INK_TEXT, text, col + 2 + width > a.cols ? a.cols - col - 2 : width);
        col += 2 + width;
    }
}

static void paint_run(const struct screen *s, struct area a, int row, const struct runs_plan *t, int run)
{
    struct comparison *c = s->view.comparison;
    const bool here = run == s->compare.run;
    char text[160];
    if (here)
        area_char(a, row, 0, INK_BOLD, '>');
    area_char(a, row, 1, compare_ink(s, run), (uint32_t)compare_letter(run));
    paint_sample(s, a, row, 3, run);
    area_putn(a, row, t->name, compare_ink(s, run), comparison_name(c, run), t->name_width);
    if (is_growing(c, run))
        area_char(a, row, t->name - 1, INK_BOLD, 0x25cf);
    comparison_lineage(c, run, text, sizeof text);
    if (t->parent_width)
        area_putn(a, row, t->parent, INK_DIM, text, t->parent_width);
    for (int i = 0; i <= t->n_others; i++)
        paint_values_of(s, a, row, i ? t->others + (i - 1) * (VALUE + DELTA) : t->first, run, metric_in(s, i), i == 0);
    paint_knobs(s, a, row, t, run);
    if (here && s->keys && s->focus == COMPARE_RUNS)
        area_ink(a, row, 0, t->name + t->name_width, INK_REVERSE);
}

static void runs_paint(const struct screen *s, struct area a)
{
    const int n = comparison_runs(s->view.comparison), top = s->compare.run >= a.rows ? s->compare.run - a.rows + 1 : 0;
    struct runs_plan t;
    make_table(s, a.canvas, a.cols, &t);
    for (int row = 0; row < a.rows && top + row < n; row++)
        paint_run(s, a, row, &t, top + row);
}

static void runs_title(const struct screen *s, struct area a, int from)
{
    struct comparison *c = s->view.comparison;
    struct runs_plan t;
    make_table(s, a.canvas, a.cols, &t);
    if (t.parent_width >= 7 && t.parent > from)
        area_put(a, 0, t.parent, INK_DIM, "from ");
    for (int i = 0; i <= t.n_others; i++) {
        const int col = (i ? t.others + (i - 1) * (VALUE + DELTA) : t.first), end = col + VALUE + (i ? 0 : BEST);
        const char *label = comparison_metric(c, metric_in(s, i))->label;
        char head[24];
        snprintf(head, sizeof head, " %.*s", VALUE + 3, label);
        area_put_right(a, 0, col + VALUE, i ? INK_TEXT : INK_BOLD, head);
        if (i == 0)
            area_put_right(a, 0, end, INK_DIM, " best@");
        area_put_right(a, 0, end + DELTA, INK_DIM, " Δ a");
    }
    for (int i = 0, col = t.knobs; i < t.n_knobs && col + 4 < a.cols; i++) {
        area_putn(a, 0, col + 2, INK_TEXT, knob_table[t.knob[i]].name, a.cols - col - 2);
        col += 2 + t.knob_width[i];
    }
}

const struct pane pane_compared_runs = { "runs", NULL, runs_title, runs_paint };

/* --- what keys do ---------------------------------------------------------------------------------------------------- */

void compare_next_run(struct screen *s, int direction)
{
    const int n = comparison_runs(s->view.comparison);
    s->compare.run = (s->compare.run + direction + n) % n;
}

void compare_next_metric(struct screen *s, int direction)
{
    const int n = comparison_metrics(s->view.comparison);
    if (n)
        s->compare.metric = (s->compare.metric + direction + n) % n;
}

void compare_move(struct screen *s, int rows)
{
    const int last = comparison_runs(s->view.comparison) - 1;
    if (s->focus == COMPARE_RUNS)
        s->compare.run = rows < 0 ? (rows < -s->compare.run ? 0 : s->compare.run + rows) : rows > last - s->compare.run ? last : s->compare.run + rows;
    else if (s->focus == COMPARE_TRACES)
        compare_next_metric(s, rows > 0 ? 1 : -1);
    else
        compare_select(s, rows);
}

void compare_seek(struct screen *s, double epoch)
{
    comparison_seek(s->view.comparison, epoch < 0 ? 0 : epoch >= comparison_latest_end(s->view.comparison) ? INFINITY : epoch);
}

static double cursor(const struct screen *s)
{
    return fmin(compare_cursor(s), comparison_latest_end(s->view.comparison));
}

void compare_epoch(struct screen *s, int direction)
{
    compare_seek(s, direction < 0 ? ceil(cursor(s)) - 1 : floor(cursor(s)) + 1);
}

struct nearest { /* of epochs on one side of the cursor */
    double from, best;
    int direction;
};

static void consider(struct nearest *n, double epoch)
{
    if (n->direction > 0 ? epoch > n->from && epoch < n->best : epoch < n->from && epoch > n->best)
        n->best = epoch;
}

static struct nearest nearest_to(const struct screen *s, int direction)
{
    return (struct nearest){ cursor(s), direction > 0 ? INFINITY : -INFINITY, direction };
}

void compare_step(struct screen *s, int direction)
{
    struct nearest n = nearest_to(s, direction);
    for (int r = 0; r < comparison_runs(s->view.comparison); r++) {
        const struct comparison_series series = comparison_series(s->view.comparison, r, s->compare.metric);
        for (size_t i = 0; i < series.n; i++)
            consider(&n, series.at[i].epoch);
    }
    if (isfinite(n.best) || direction > 0)
        compare_seek(s, n.best);
}

void compare_mark(struct screen *s, int direction)
{
    struct comparison *c = s->view.comparison;
    struct nearest n = nearest_to(s, direction);
    comparison_seek(c, INFINITY); /* marks are told up to the cursor */
    for (int r = 0; r < comparison_runs(c); r++)
        for (const struct history_mark *m = NULL; (m = comparison_next_mark(c, r, m));)
            consider(&n, m->epoch);
    compare_seek(s, isfinite(n.best) ? n.best : n.from);
}
