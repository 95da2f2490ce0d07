/* The classes pane: one row for each class or group with accuracy, change, bar and trend; columns when the pane is wide;
 * a heat strip above the list when there are too many classes for rows. */
#include "config.h"
#include "tui/classes.h"

#include "base/text.h"
#include "tui/widgets.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct column_plan { /* columns of a row: start of each, width 0 = left out */
    int watch, index, index_width, name, name_width;
    int n_end, acc_end, delta_end, bar, bar_width, trend, trend_width, lmin_end;
    bool letter;
};

static int digits(int n)
{
    int d = 1;
    while (n >= 10) {
        n /= 10;
        d++;
    }
    return d;
}

static int longest_name(const struct screen *s, const struct canvas *c)
{
    const struct history *h = s->view.h;
    int most = 4;
    for (int i = 0; i < h->n_classes && i < 1000; i++) {
        int width = text_width(c, h->cls[i].name);
        if (width > most)
            most = width;
    }
    return most;
}

/* c00 .. c99: the name says the index already. */
static bool names_are_indices(const struct history *h)
{
    char last[16];
    snprintf(last, sizeof last, "%d", h->n_classes - 1);
    return h->n_classes > 30 && strstr(h->cls[h->n_classes - 1].name, last) != NULL;
}

/* Fields join in the order of what a reader needs first: accuracy, count, change, bar, curvature, trend. */
static void make_plan(const struct screen *s, const struct canvas *c, int cols, struct column_plan *p)
{
    *p = (struct column_plan){ .letter = !s->classes.with_groups && s->view.h->n_groups > 1 };
    p->watch = p->letter ? 2 : 1;
    p->index = p->watch + 1;
    p->index_width = names_are_indices(s->view.h) ? 0 : digits(s->view.h->n_classes - 1);
    p->name = p->index + (p->index_width ? p->index_width + 1 : 0);
    int widest = cols < 60 ? 8 : cols < 100 ? 12 : 16, longest = longest_name(s, c);
    p->name_width = longest < 10 && cols >= 60 ? 10 : longest < widest ? longest : widest;
    int at = p->name + p->name_width, left = cols - at;
    bool n = left >= 13, delta = left >= 19, bar = left >= 27;
    bool lmin = s->layout.pane[PANE_CURVATURE].rows == 0 && s->view.h->n_eig > 0 && left >= 34;
    int graphs = left - 7 - (n ? 6 : 0) - (delta ? 6 : 0) - (lmin ? 7 : 0);
    bool trend = bar && graphs >= 14;
    if (n)
        p->n_end = at += 6;
    p->acc_end = at += 7;
    if (delta)
        p->delta_end = at += 6;
    if (bar) {
        p->bar = at + 1;
        p->bar_width = trend ? (graphs - 2) * 11 / 20 : graphs - 1;
        p->bar_width = p->bar_width > 40 ? 40 : p->bar_width;
        at = p->bar + p->bar_width;
    }
    if (trend) {
        p->trend = at + 1;
        p->trend_width = graphs - p->bar_width - 2;
        p->trend_width = p->trend_width > 48 ? 48 : p->trend_width;
        at = p->trend + p->trend_width;
    }
    if (lmin)
        p->lmin_end = at + 7;
}

struct class_series {
    const struct history *h;
    int class, group;
};

static double class_value(const void *ctx, int i)
{
    const struct class_series *c = ctx;
    return history_class_acc(c->h, (size_t)i, c->class);
}

static double group_value(const void *ctx, int i)
{
    const struct class_series *c = ctx;
    return history_group_acc(c->h, (size_t)i, c->group);
}

static struct spark trend_of(struct area a, int row, const struct column_plan *p, unsigned ink)
{
    return (struct spark){ .area = a, .row = row, .col = p->trend, .cols = p->trend_width, .high = 100, .ink = ink };
}

static void paint_numbers(struct area a, int row, const struct column_plan *p, double acc, double delta, unsigned ink)
{
    char text[32];
    if (isnan(acc))
        snprintf(text, sizeof text, "-");
    else
        snprintf(text, sizeof text, "%.1f", acc);
    area_put_right(a, row, p->acc_end, ink, text);
    if (p->delta_end) {
        format_signed(text, delta, 6, 1);
        area_put_right(a, row, p->delta_end, isnan(delta) ? INK_DIM : INK_TEXT, text);
    }
}

static void paint_class(const struct screen *s, struct area a, int row, const struct column_plan *p, int class, bool cursor)
{
    const struct history *h = s->view.h;
    const struct history_class *c = &h->cls[class];
    unsigned ink = group_ink(h, c->group);
    char text[48];
    if (p->letter)
        area_char(a, row, 1, ink, (uint32_t)group_letter(h, c->group));
    if (c->watched)
        area_char(a, row, p->watch, ink | INK_BOLD, 0x25cf);
    snprintf(text, sizeof text, "%*d", p->index_width, class);
    if (p->index_width)
        area_put(a, row, p->index, INK_TEXT, text);
    area_putn(a, row, p->name, ink, c->name, p->name_width);
    if (p->n_end) {
        snprintf(text, sizeof text, "%u", c->n);
        area_put_right(a, row, p->n_end, INK_TEXT, text);
    }
    double acc = h->n_eval ? history_class_acc(h, h->n_eval - 1, class) : NAN;
    paint_numbers(a, row, p, acc, history_class_delta(h, class, 10), INK_TEXT | (acc == 0 ? INK_BOLD : 0u));
    if (p->bar_width)
        widget_bar(a, row, p->bar, p->bar_width, acc / 100, ink);
    struct class_series series = { h, class, 0 };
    const struct spark trend = trend_of(a, row, p, ink);
    if (p->trend_width)
        widget_sparkline(&trend, (int)h->n_eval, class_value, &series);
    if (p->lmin_end) {
        const struct history_eig *e = history_last_eig(h, (uint32_t)class);
        snprintf(text, sizeof text, "%.2f", e ? e->lmin : 0.0);
        area_put_right(a, row, p->lmin_end, e ? INK_TEXT : INK_DIM, e ? text : ".");
    }
    if (cursor) {
        area_char(a, row, 0, INK_BOLD, '>');
        if (s->keys && s->focus == PANE_CLASSES)
            area_ink(a, row, 0, p->name + p->name_width, INK_REVERSE);
    }
}

struct group_sum {
    int classes, zero;
    uint32_t low, high;
    double worst;
};

static struct group_sum sum_group(const struct history *h, int group)
{
    struct group_sum sum = { .low = UINT32_MAX, .worst = NAN };
    for (int i = 0; i < h->n_classes; i++) {
        if (h->cls[i].group != group)
            continue;
        sum.classes++;
        sum.low = h->cls[i].n < sum.low ? h->cls[i].n : sum.low;
        sum.high = h->cls[i].n > sum.high ? h->cls[i].n : sum.high;
        double acc = h->n_eval ? history_class_acc(h, h->n_eval - 1, i) : NAN;
        sum.zero += acc == 0;
        if (!isnan(acc) && !(sum.worst <= acc))
            sum.worst = acc;
    }
    return sum;
}

static void upper(char *out, const char *text, size_t size)
{
    size_t i = 0;
    for (; text[i] && i + 1 < size; i++)
        out[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i]);
    out[i] = '\0';
}

static void paint_group(const struct screen *s, struct area a, int row, const struct column_plan *p, int group, bool cursor)
{
    const struct history *h = s->view.h;
    if (group < 0)
        return;
    unsigned ink = group_ink(h, group) | INK_BOLD;
    bool closed = s->classes.group_closed[group] && s->classes.columns == 1;
    struct group_sum sum = sum_group(h, group);
    char name[20], text[96];
    upper(name, h->group_name[group], sizeof name);
    area_char(a, row, 0, ink, closed ? 0x25b8 : 0x25be);
    int col = 2 + area_put(a, row, 2, ink, name) + 1;
    int end = p->n_end ? p->n_end : p->name + p->name_width;
    snprintf(text, sizeof text, "%d cls", sum.classes);
    if ((col > 7 ? col : 7) + (int)strlen(text) > end) /* groups beside each other are told alike: HEAD, MID */
        snprintf(text, sizeof text, "%d", sum.classes);
    int counts = area_put_right(a, row, end, INK_TEXT, text);
    snprintf(text, sizeof text, "n %u..%u", sum.low, sum.high);
    if (col + (int)strlen(text) < counts)
        area_put(a, row, col, INK_DIM, text);
    double acc = h->n_eval ? history_group_acc(h, h->n_eval - 1, group) : NAN;
    paint_numbers(a, row, p, acc, history_group_delta(h, group, 10), INK_TEXT | INK_BOLD);
    if (closed && p->bar_width >= 12 && !isnan(sum.worst))
        area_putf(a, row, p->bar, INK_TEXT, "min %.1f zero %d", sum.worst, sum.zero);
    else if (p->bar_width)
        widget_bar(a, row, p->bar, p->bar_width, acc / 100, ink);
    struct class_series series = { h, 0, group };
    const struct spark trend = trend_of(a, row, p, ink);
    if (p->trend_width)
        widget_sparkline(&trend, (int)h->n_eval, group_value, &series);
    if (cursor && s->keys && s->focus == PANE_CLASSES)
        area_ink(a, row, 0, p->n_end ? p->n_end : p->acc_end, INK_REVERSE);
    else if (cursor)
        area_char(a, row, 1, INK_BOLD, '>');
}

/* One cell is a bin of classes in order of n; its shade is their mean accuracy. */
static void paint_strip(const struct screen *s, struct area a, int row, int col, int cols)
{
    static const uint32_t shade[5] = { ' ', 0x2591, 0x2592, 0x2593, 0x2588 };
    const struct history *h = s->view.h;
    int n = h->n_classes, bin = (n + cols - 1) / cols;
    for (int k = 0; k * bin < n; k++) {
        double sum = 0;
        int count = 0;
        for (int i = k * bin; i < (k + 1) * bin && i < n; i++) {
            double acc = h->n_eval ? history_class_acc(h, h->n_eval - 1, i) : NAN;
            if (!isnan(acc)) {
                sum += acc;
                count++;
            }
        }
        int level = count ? (int)(sum / count / 20) : 0;
        level = level > 4 ? 4 : level;
        area_char(a, row, col + k, (unsigned)(INK_SHADE0 + level), shade[level]);
    }
}

enum { EXTREMES = 5 };

/* The classes with the smallest keys, without sorting all of them. */
static int extremes(const struct screen *s, double (*key)(const struct history *h, int class), int out[EXTREMES])
{
    const struct history *h = s->view.h;
    double best[EXTREMES];
    int n = 0;
    for (int i = 0; i < h->n_classes; i++) {
        double k = key(h, i);
        if (isnan(k) || (n == EXTREMES && k >= best[n - 1]))
            continue;
        int at = n < EXTREMES ? n++ : EXTREMES - 1;
        for (; at > 0 && best[at - 1] > k; at--) {
            best[at] = best[at - 1];
            out[at] = out[at - 1];
        }
        best[at] = k;
        out[at] = i;
    }
    return n;
}

static double key_acc(const struct history *h, int class)
{
    return h->n_eval ? history_class_acc(h, h->n_eval - 1, class) : NAN;
}

static double key_change(const struct history *h, int class)
{
    double change = fabs(history_class_delta(h, class, 10));
    return change >= 0.05 ? -change : NAN; /* what would read +0.0 has not changed */
}

/* Puts the text where it fits whole: half a number would be another one. Returns the column after it, beyond the last when it does not. */
static int __attribute__((format(printf, 4, 5))) put_whole(struct area a, int row, int col, const char *format, ...)
{
    char text[128];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return col + text_width(a.canvas, text) <= a.cols ? col + area_put(a, row, col, INK_TEXT, text) : a.cols + 1;
}

static void paint_heat(const struct screen *s, struct area a)
{
    const struct history *h = s->view.h;
    int at[EXTREMES], label = 9, right = a.cols - 8;
    uint32_t low = UINT32_MAX, high = 0;
    for (int i = 0; i < h->n_classes; i++) {
        low = h->cls[i].n < low ? h->cls[i].n : low;
        high = h->cls[i].n > high ? h->cls[i].n : high;
    }
    area_putf(a, 0, 0, INK_DIM, "n %6u", high);
    paint_strip(s, a, 0, label, right - label);
    area_putf(a, 0, right + 1, INK_DIM, "%u", low);
    int cols = right - label > 0 ? right - label : 1;
    area_putf(a, 1, label, INK_DIM, "acc ' ░▒▓█' = 0 20 40 60 80; a cell is %d classes", (h->n_classes + cols - 1) / cols);
    int n = extremes(s, key_acc, at), col = area_put(a, 2, 0, INK_TEXT, "lowest   ");
    for (int i = 0; i < n; i++)
        col = put_whole(a, 2, col, "%s%s n=%u %.1f", i ? " · " : "", h->cls[at[i]].name, h->cls[at[i]].n, key_acc(h, at[i]));
    n = extremes(s, key_change, at);
    col = area_put(a, 3, 0, INK_TEXT, n ? "changed  " : "changed  nothing in 10 evaluations");
    for (int i = 0; i < n; i++)
        col = put_whole(a, 3, col, "%s%s n=%u %+.1f", i ? " · " : "", h->cls[at[i]].name, h->cls[at[i]].n,
                        history_class_delta(h, at[i], 10));
}

/* Of a sweep that has more points than there are rows the best stay. */
static void paint_sweep(struct area a, const char *text)
{
    const char *line;
    char row[400];
    size_t n;
    for (int r = 0; r < a.rows && (line = text_next_line(&text, &n)) && n > 0; r++) {
        snprintf(row, sizeof row, "%.*s", (int)(n < sizeof row ? n : sizeof row - 1), line);
        area_put(a, r, 1, r == 1 ? INK_BOLD : INK_TEXT, row);
    }
}

static void welcome(const struct screen *s, struct area a)
{
    if (s->view.sweep) {
        paint_sweep(a, s->view.sweep);
        return;
    }
    static const char start[] = "Type  train  to start, on built-in images (no download, no GPU) unless data are set up.";
    if (a.cols < 20 + (int)strlen(start)) {
        area_put(a, 0, 1, INK_BOLD, "saddle: type  train  to start, on built-in images unless data are set up.");
        area_put(a, 1, 1, INK_TEXT, "help  lists commands, Tab completes, Esc then ? shows keys, quit leaves.");
        return;
    }
    area_put(a, 0, 1, INK_BOLD, "Welcome to saddle.");
    area_put(a, 0, 20, INK_TEXT, start);
    area_put(a, 1, 1, INK_TEXT, "help  lists what can be typed, Tab completes, Esc then ? shows the keys,  quit  leaves.");
}

static void paint(const struct screen *s, struct area a)
{
    const struct classes_view *v = &s->classes;
    if (s->view.h->n_classes == 0) {
        welcome(s, a);
        return;
    }
    if (v->heat)
        paint_heat(s, area_part(a, 0, 0, HEAT_ROWS, a.cols));
    int first = v->heat ? HEAT_ROWS : 0, rows = a.rows - first;
    struct column_plan plan;
    int width = v->columns > 1 ? a.cols / v->columns : a.cols;
    make_plan(s, a.canvas, width - (v->columns > 1 ? 1 : 0), &plan);
    int selected = classes_selected_row(s);
    for (int k = 0; k < v->columns; k++) {
        struct area column = area_part(a, first, k * width, rows, v->columns > 1 ? width - 1 : width);
        for (int r = 0; r < rows; r++) {
            int at = v->top + k * rows + r;
            if (at >= v->n)
                break;
            if (v->row[at].class >= 0)
                paint_class(s, column, r, &plan, v->row[at].class, at == selected);
            else
                paint_group(s, column, r, &plan, v->row[at].group, at == selected);
        }
        for (int r = 0; k + 1 < v->columns && r < rows; r++)
            area_char(a, first + r, (k + 1) * width - 1, INK_DIM, 0x2502);
    }
}

static void title(const struct screen *s, struct area a, int col)
{
    const struct classes_view *v = &s->classes;
    if (s->view.h->n_classes == 0)
        return;
    col += area_putf(a, 0, col, INK_TEXT, "sort:%s%s ", sort_names[s->sort], s->reversed ? " reversed" : "");
    if (s->filter[0])
        col += area_putf(a, 0, col, INK_BOLD, "only \"%s\" (\\ changes) ", s->filter);
    if (v->held)
        area_put(a, 0, col, INK_BOLD, "order held, r re-sorts ");
    if (v->columns > 1 || v->held || s->filter[0])
        return;
    struct column_plan p;
    make_plan(s, a.canvas, a.cols, &p);
    if (p.n_end > col + 2)
        area_put_right(a, 0, p.n_end, INK_DIM, "n");
    if (p.acc_end - 4 > col)
        area_put_right(a, 0, p.acc_end, INK_DIM, "acc%");
    if (p.delta_end - 3 > col)
        area_put_right(a, 0, p.delta_end, INK_DIM, a.canvas->ascii ? "d10" : "Δ10");
    if (p.bar_width >= 8) {
        area_put(a, 0, p.bar, INK_DIM, "0%");
        area_put_right(a, 0, p.bar + p.bar_width, INK_DIM, "100%");
    }
    if (p.trend_width >= 6)
        area_put(a, 0, p.trend, INK_DIM, "trend");
    if (p.lmin_end)
        area_put_right(a, 0, p.lmin_end, INK_DIM, a.canvas->ascii ? "lmin" : "λmin");
}

const struct pane pane_classes = { "classes", classes_recalc, title, paint };
