/* Everything that lies over the panes: output of commands, the completion list, and boxes of text (help, long output, class details). */
#include "config.h"
#include "tui/screen.h"

#include "tui/curves.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "repl/words.h"
#include "tui/keys.h"
#include "tui/widgets.h"

void screen_messages_clear(struct screen *s)
{
    for (int i = 0; i < s->n_messages; i++)
        free(s->message[i].text);
    s->n_messages = 0;
    s->caret = -1;
    s->echo[0] = '\0';
}

void screen_say(struct screen *s, enum say_level level, const char *text, int caret)
{
    if (s->n_messages == MESSAGES_MAX) { /* keep the newest */
        free(s->message[0].text);
        memmove(s->message, s->message + 1, (MESSAGES_MAX - 1) * sizeof s->message[0]);
        s->n_messages--;
    }
    char *copy = strdup(text);
    if (!copy)
        return;
    s->message[s->n_messages++] = (struct message){ level, copy };
    if (caret >= 0) {
        s->caret = caret;
        s->caret_end = caret + 1;
    }
}

void screen_show_text(struct screen *s, const char *title, const char *text)
{
    buf_clear(&s->overlay_text);
    buf_adds(&s->overlay_text, text);
    snprintf(s->overlay_title, sizeof s->overlay_title, "%s", title);
    s->overlay = OVERLAY_TEXT;
    s->overlay_top = 0;
    s->overlay_filter[0] = '\0';
    s->overlay_filtering = false;
}

void screen_close_overlay(struct screen *s)
{
    s->overlay = OVERLAY_NONE;
    s->overlay_filtering = false;
}

/* --- a box of lines --- */

static void box(struct area a, const char *title, const char *right)
{
    area_fill(a, ' ', INK_TEXT);
    for (int k = 0; k < a.cols; k++) {
        area_char(a, 0, k, INK_DIM, 0x2500);
        area_char(a, a.rows - 1, k, INK_DIM, 0x2500);
    }
    for (int r = 0; r < a.rows; r++) {
        area_char(a, r, 0, INK_DIM, 0x2502);
        area_char(a, r, a.cols - 1, INK_DIM, 0x2502);
    }
    area_char(a, 0, 0, INK_DIM, 0x250c);
    area_char(a, 0, a.cols - 1, INK_DIM, 0x2510);
    area_char(a, a.rows - 1, 0, INK_DIM, 0x2514);
    area_char(a, a.rows - 1, a.cols - 1, INK_DIM, 0x2518);
    int col = 2 + area_putf(a, 0, 2, INK_BOLD, " %s ", title);
    if (a.cols - 3 - text_width(a.canvas, right) > col)
        area_put_right(a, 0, a.cols - 2, INK_TEXT, right);
}

struct wrapped_lines { /* the rows of a text: its lines that pass a filter, wrapped at words */
    const char *next;
    const char *filter;
    const struct canvas *canvas;
    int cols;          /* 0: not wrapped */
    char line[1024];   /* the line that is being given out */
    const char *rest;  /* of it; NULL: none */
    int hang;          /* blanks before its further rows */
};

/* Columns of a line are parted by two blanks or more: how many gaps; *first: where what stands behind the first one begins, 0 = none. */
static int gaps(const char *line, int *first)
{
    int n = 0;
    *first = 0;
    for (const char *p = line + strspn(line, " "); (p = strstr(p, "  "));) {
        p += strspn(p, " ");
        *first = n++ ? *first : (int)(p - line);
    }
    return n;
}

/* A table is cut at the edge: wrapped, its columns would be none. */
static bool is_table(const char *text)
{
    char title[256];
    int first;
    snprintf(title, sizeof title, "%.*s", (int)strcspn(text, "\n"), text);
    return gaps(title, &first) >= 3;
}

static bool take_filtered(struct wrapped_lines *l)
{
    size_t n;
    for (const char *line; (line = text_next_line(&l->next, &n));) {
        const size_t keep = n < sizeof l->line - 1 ? n : sizeof l->line - 1;
        memcpy(l->line, line, keep);
        l->line[keep] = '\0';
        if (!text_contains(l->line, l->filter))
            continue;
        l->rest = l->line;
        gaps(l->line, &l->hang);
        if (l->hang == 0 || 3 * l->hang > l->cols)
            l->hang = (int)strspn(l->line, " ") + 2;
        l->hang = 2 * l->hang > l->cols ? 0 : l->hang;
        return true;
    }
    return false;
}

static bool next_row(struct wrapped_lines *l, char *out, size_t size)
{
    if (!l->rest && !take_filtered(l))
        return false;
    int hang = l->rest > l->line ? l->hang : 0, n = (int)strlen(l->rest);
    if (l->cols > 0)
        n = text_break(l->canvas, l->rest, l->cols - hang);
    snprintf(out, size, "%*s%.*s", hang, "", n, l->rest);
    l->rest = l->rest[n] ? l->rest + n : NULL;
    return true;
}

static int count_rows(struct wrapped_lines l, int *widest)
{
    char row[1024];
    int n = 0;
    *widest = 0;
    while (next_row(&l, row, sizeof row)) {
        int width = text_width(l.canvas, row);
        *widest = width > *widest ? width : *widest;
        n++;
    }
    return n;
}

static void paint_text_box(struct screen *s, struct area body, const char *title, const char *text)
{
    char right[128], row[1024];
    struct wrapped_lines l = { .next = text, .filter = s->overlay_filter, .canvas = body.canvas };
    int widest, n = count_rows(l, &widest), cols = widest + 4;
    cols = cols < 60 ? 60 : cols;
    cols = cols > body.cols ? body.cols : cols;
    if (widest > cols - 4 && !is_table(text)) {
        l.cols = cols - 4 > 1 ? cols - 4 : 1;
        n = count_rows(l, &widest);
    }
    int rows = n + 2 < body.rows ? n + 2 : body.rows;
    rows = rows < 3 ? 3 : rows;
    struct area a = area_part(body, (body.rows - rows) / 2, (body.cols - cols) / 2, rows, cols);
    int inner = rows - 2, most = n > inner ? n - inner : 0;
    s->overlay_top = s->overlay_top > most ? most : s->overlay_top < 0 ? 0 : s->overlay_top;
    if (s->overlay_filtering || s->overlay_filter[0])
        snprintf(right, sizeof right, " /%s%s ── q close ", s->overlay_filter, s->overlay_filtering ? "_" : "");
    else if (most > 0)
        snprintf(right, sizeof right, " %d..%d of %d ── / filter ── q close ", s->overlay_top + 1, s->overlay_top + inner, n);
    else
        snprintf(right, sizeof right, " / filter ── q close ");
    box(a, title, right);
    for (int i = 0; next_row(&l, row, sizeof row); i++)
        if (i >= s->overlay_top && i < s->overlay_top + inner)
            area_putn(a, 1 + i - s->overlay_top, 2, l.line[0] && l.line[0] != ' ' ? INK_BOLD : INK_TEXT, row, cols - 4);
}

/* --- class details --- */

/* Wilson score interval, 95 %: half width and centre in percent. */
static double wilson(double percent, double n, double *centre)
{
    double z = 1.959964, p = percent / 100, z2 = z * z;
    *centre = 100 * (p + z2 / (2 * n)) / (1 + z2 / n);
    return 100 * z * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
}

static void detail_accuracy(const struct history *h, int class, struct buf *out)
{
    double best = NAN, best_epoch = 0;
    for (size_t i = 0; i < h->n_eval; i++) {
        double acc = history_class_acc(h, i, class);
        if (isfinite(acc) && !(best >= acc)) {
            best = acc;
            best_epoch = h->eval[i].epoch;
        }
    }
    double now = h->n_eval ? history_class_acc(h, h->n_eval - 1, class) : NAN;
    if (!isfinite(now)) {
        buf_adds(out, "accuracy    not evaluated yet\n");
        return;
    }
    double centre, half = h->cls[class].n_test ? wilson(now, h->cls[class].n_test, &centre) : NAN;
    buf_addf(out, "accuracy    %.1f", now);
    if (isfinite(half))
        buf_addf(out, "  (95%%: %.1f..%.1f)", centre - half, centre + half);
    double delta = history_class_delta(h, class, 10);
    if (isfinite(delta))
        buf_addf(out, "   %s%.1f in 10 evaluations", delta < 0 ? "▼" : "▲", fabs(delta));
    buf_addf(out, "\nbest        %.1f at epoch %.0f%s\n", best, best_epoch, history_best_on_test(h) ? " on test" : "");
}

static bool detail_losses(const struct history *h, size_t eval, int class, struct buf *out)
{
    const double now = history_class_loss(h, eval, class, EVAL_LOSS), trained = history_class_loss(h, eval, class, EVAL_TRAIN_LOSS);
    if (isfinite(now))
        buf_addf(out, "%.4g on %s", now, history_best_on_test(h) ? "test" : "val");
    if (isfinite(trained))
        buf_addf(out, "%s%.4g in training", isfinite(now) ? "   " : "", trained);
    return isfinite(now) || isfinite(trained);
}

/* Nothing of recordings that do not tell. */
static void detail_loss(const struct history *h, int class, struct buf *out)
{
    struct buf line = { 0 };
    const struct history_mark *on = history_reweighted(h);
    size_t before = on ? h->n_eval : 0; /* evaluations until re-weighting began */
    while (before > 0 && h->eval[before - 1].step > on->step)
        before--;
    if (h->n_eval && detail_losses(h, h->n_eval - 1, class, &line))
        buf_addf(out, "loss        %s\n", line.data);
    buf_clear(&line);
    if (before > 0 && before < h->n_eval && detail_losses(h, before - 1, class, &line))
        buf_addf(out, "before D%-3.0f %s\n", on->epoch, line.data);
    buf_release(&line);
}

static void detail_curvature(const struct history *h, int class, struct buf *out)
{
    const struct history_eig *e = history_last_eig(h, (uint32_t)class);
    if (!e)
        buf_adds(out, "curvature   no probe yet: H probes it now, Space watches it\n");
    if (e) {
        buf_addf(out, "curvature   λmin %.4g (±%.1g)   λmax %.4g (±%.1g)\n", e->lmin, e->rmin, e->lmax, e->rmax);
        buf_addf(out, "            %u images, %u products%s%s, epoch %.1f, %.1f s\n", e->images, e->iters, e->why[0] ? ", " : "", e->why,
                 e->epoch, e->seconds);
    }
    if (e && (isfinite(e->trace) || isfinite(e->amp) || e->how[0])) {
        static const char indent[] = "            ";
        const char *gap = indent;
        if (isfinite(e->trace)) {
            buf_addf(out, isfinite(e->trace_se) ? "%strace %.4g ± %.2g" : "%strace %.4g", gap, e->trace, e->trace_se);
            gap = "  ";
        }
        if (isfinite(e->amp)) {
            buf_addf(out, "%s(ρ/|g|) λmin %.3g%s", gap, e->amp, e->amp < -2 ? ": SAM pushes out" : "");
            gap = "  ";
        }
        if (e->how[0])
            buf_addf(out, "%sby %s", gap, e->how);
        buf_addc(out, '\n');
    }
    curves_detail(h, class, out);
}

void class_detail_text(const struct screen *s, struct buf *out)
{
    const struct history *h = s->view.h;
    int class = s->selected;
    if (class < 0 || class >= h->n_classes)
        return;
    const struct history_class *c = &h->cls[class];
    buf_addf(out, "images      %u training, %u test\n", c->n, c->n_test);
    if (c->group >= 0 && c->group < h->n_groups)
        buf_addf(out, "group       %s\n", h->group_name[c->group]);
    detail_accuracy(h, class, out);
    detail_loss(h, class, out);
    detail_curvature(h, class, out);
    const uint32_t *row = h->n_eval && h->eval[h->n_eval - 1].conf ? h->eval[h->n_eval - 1].conf + (size_t)class * (size_t)h->n_classes : NULL;
    if (!row)
        return;
    buf_adds(out, "taken for\n");
    double all = 0;
    for (int i = 0; i < h->n_classes; i++)
        all += row[i];
    for (int i = 0; i < h->n_classes; i++)
        if (i != class && row[i] > 0)
            buf_addf(out, "  %3d %-16s %5.1f%%\n", i, h->cls[i].name, 100 * row[i] / all);
}

/* A replay's or comparison's own keys, the words of the pane that has the keys, the other keys, then what is seen everywhere. */
static void help_text(const struct screen *s, int cols, struct buf *out)
{
    const enum keys_screen screen = s->view.comparison ? KEYS_COMPARE : s->view.replaying && !s->view.replay.attached ? KEYS_REPLAY : KEYS_RUN_SCREEN;
    keys_help_own(screen, out);
    if (screen == KEYS_REPLAY)
        words_of_pane("replay", cols, out);
    if (s->view.comparison) {
        words_of_pane("compare", cols, out);
        buf_addc(out, '\n');
    } else if (s->keys && s->view.h->n_classes) {
        words_of_pane(pane_table[s->focus]->name, cols, out);
        buf_addc(out, '\n');
    }
    keys_help(screen, out);
    buf_adds(out, "\nWORDS\n");
    words_of_pane("screen", cols, out);
}

void overlay_paint(struct screen *s, struct area body)
{
    struct buf text = { 0 };
    char title[96];
    switch (s->overlay) {
    case OVERLAY_HELP:
        help_text(s, body.cols - 4 < 90 ? body.cols - 4 : 90, &text);
        paint_text_box(s, body, "help", text.data ? text.data : "");
        break;
    case OVERLAY_TEXT:
        paint_text_box(s, body, s->overlay_title, s->overlay_text.data ? s->overlay_text.data : "");
        break;
    case OVERLAY_CLASS:
        class_detail_text(s, &text);
        snprintf(title, sizeof title, "class %d %s", s->selected, s->selected >= 0 && s->selected < s->view.h->n_classes ? s->view.h->cls[s->selected].name : "");
        paint_text_box(s, body, title, text.data ? text.data : "");
        break;
    case OVERLAY_NONE:
        break;
    }
    buf_release(&text);
}
