/* Measurements without a view of their own in the curvature pane: their numbers, the newest of each class or of the network. */
#include "config.h"
#include "tui/curves.h"

#include "tui/widgets.h"

#include <math.h>
#include <stdio.h>

enum { NAME = 18, NUMBER = 12, SHOWN = 64 };

/* A number that a table of one row each can show. */
static bool is_number(const struct measure_info *m, const struct measure_column *c)
{
    return c->field >= 0 && event_table[m->kind].field[c->field].type == EVENT_F64;
}

/* The newest of each class, newest first; of the whole network the newest alone. */
static int newest(const struct history *h, const struct measure_info *m, const struct history_result *out[SHOWN])
{
    const struct history_results *list = &h->result[measure_number(m)];
    int n = 0;
    for (size_t i = list->n; i > 0 && n < SHOWN; i--) {
        bool known = false;
        for (int k = 0; k < n; k++)
            known |= out[k]->class == list->at[i - 1].class;
        if (!known)
            out[n++] = &list->at[i - 1];
    }
    return n;
}

static void paint_result_row(const struct screen *s, struct area a, int row, const struct measure_info *m, const struct history_result *r)
{
    const struct history *h = s->view.h;
    int col = NAME;
    char text[48];
    snprintf(text, sizeof text, "%u %s", r->class, h->cls[r->class].name);
    if (m->class_index >= 0)
        area_putn(a, row, 1, group_ink(h, h->cls[r->class].group) | ((int)r->class == s->selected ? INK_BOLD : 0), text, NAME - 2);
    for (const struct measure_column *c = m->column; c->name; c++)
        if (is_number(m, c)) {
            format_short(text, r->f[c->field].f, 8);
            area_put(a, row, col, INK_TEXT, text);
            col += NUMBER;
        }
    area_putf(a, row, col, INK_DIM, "ep %.1f", r->epoch);
}

void results_paint(const struct screen *s, struct area a, const struct measure_info *m)
{
    const struct history_result *r[SHOWN];
    const int n = newest(s->view.h, m, r);
    char title[64];
    if (n == 0 || a.rows < 3)
        return;
    snprintf(title, sizeof title, " %s · ep %.1f ", m->verb, r[0]->epoch);
    curves_rule(s, a, title);
    int col = NAME;
    for (const struct measure_column *c = m->column; c->name; c++)
        if (is_number(m, c)) {
            area_putn(a, 1, col, INK_DIM, c->name, NUMBER - 1);
            col += NUMBER;
        }
    for (int i = 0; i < n && i + 2 < a.rows; i++)
        paint_result_row(s, a, i + 2, m, r[i]);
}

void results_detail(const struct history *h, int class, const struct measure_info *m, struct buf *out)
{
    const struct history_result *r = m->class_index < 0 ? NULL : history_last(h, measure_number(m), class);
    if (!r)
        return;
    buf_addf(out, "%-11s", m->verb);
    for (const struct measure_column *c = m->column; c->name; c++)
        if (is_number(m, c) && !isnan(r->f[c->field].f))
            buf_addf(out, " %s %.4g,", c->name, r->f[c->field].f);
    buf_addf(out, " epoch %.1f\n", r->epoch);
}
