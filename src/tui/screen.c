#include "config.h"
#include "tui/screen.h"

#include "tui/classes.h"
#include "tui/compare.h"
#include "tui/curves.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const struct pane *const pane_table[PANE_COUNT] = { &pane_classes, &pane_curvature, &pane_traces,
                                                    &pane_events,  &pane_confused,  &pane_host };

void screen_init(struct screen *s)
{
    memset(s, 0, sizeof *s);
    s->selected = -1;
    s->caret = -1;
    s->trace = TRACE_LOSS;
    s->classes.order_classes = -1;
    s->glyphs = GLYPHS_ASCII;
    s->view.ui_share = NAN;
}

void screen_release(struct screen *s)
{
    screen_messages_clear(s);
    buf_release(&s->overlay_text);
    free(s->classes.row);
    free(s->classes.order);
    free(s->classes.key);
    free(s->compare.gain);
    free(s->compare.value);
    s->compare = (struct compare_view){ 0 };
    s->classes = (struct classes_view){ 0 };
}

/* --- groups --- */

unsigned group_ink(const struct history *h, int group)
{
    if (group < 0 || h->n_groups < 2)
        return INK_TEXT;
    return group == 0 ? INK_HEAD : group == h->n_groups - 1 ? INK_TAIL : INK_MID;
}

char group_letter(const struct history *h, int group)
{
    if (group < 0 || group >= h->n_groups)
        return ' ';
    return (char)toupper((unsigned char)h->group_name[group][0]);
}

double history_group_acc(const struct history *h, size_t eval, int group)
{
    return eval < h->n_eval && group >= 0 && group < h->n_groups ? h->eval[eval].group[group] : NAN;
}

double history_group_delta(const struct history *h, int group, int evals_back)
{
    if (h->n_eval < 2)
        return NAN;
    size_t last = h->n_eval - 1, from = last >= (size_t)evals_back ? last - (size_t)evals_back : 0;
    return history_group_acc(h, last, group) - history_group_acc(h, from, group);
}

const struct pane *screen_pane(const struct screen *s, enum pane_id id)
{
    return s->view.comparison ? compare_table[id] : pane_table[id];
}

/* --- painting --- */

static bool on_rule(const struct layout *l, int row, bool left)
{
    for (int p = 0; p < PANE_COUNT; p++)
        if (l->pane[p].rows && l->pane[p].row == row && (l->pane[p].col < l->split) == left)
            return true;
    return false;
}

/* Borders of the two columns: each cell is a junction of the lines that meet in it. */
static void paint_borders(const struct layout *l, struct area a)
{
    enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };
    static const uint32_t glyph[16] = { ' ',    0x2502, 0x2502, 0x2502, 0x2500, 0x2518, 0x2510, 0x2524,
                                        0x2500, 0x2514, 0x250c, 0x251c, 0x2500, 0x2534, 0x252c, 0x253c };
    int top = l->body.row, bottom = l->body.row + l->body.rows - 1;
    for (int r = top; r <= bottom; r++) {
        bool left = on_rule(l, r, true), right = r < l->split_row ? left : on_rule(l, r, false), whole = r < l->split_row;
        int vertical = (r > top ? UP : 0) | (r < bottom ? DOWN : 0), middle = (r > l->split_row ? UP : 0) | (r < bottom ? DOWN : 0);
        area_char(a, r, 0, INK_DIM, glyph[vertical | (left ? RIGHT : 0)]);
        if (!whole)
            area_char(a, r, l->split, INK_DIM, glyph[middle | (left ? LEFT : 0) | (right ? RIGHT : 0)]);
        for (int k = 1; k < a.cols; k++)
            if ((whole || k != l->split) && (k < l->split ? left : right))
                area_char(a, r, k, INK_DIM, 0x2500);
    }
}

static void paint_title(const struct screen *s, enum pane_id id, struct area title)
{
    char name[32];
    int start = s->layout.framed ? 0 : 1;
    if (!s->layout.framed)
        for (int k = 0; k < title.cols; k++)
            area_char(title, 0, k, INK_DIM, 0x2500);
    bool welcome = id == PANE_CLASSES && !s->view.comparison && s->view.h->n_classes == 0;
    snprintf(name, sizeof name, "%d %s", s->layout.number[id], welcome ? (s->view.sweep ? "sweep" : "welcome") : screen_pane(s, id)->name);
    for (char *p = name; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    bool focused = s->keys && s->focus == id;
    int col = start + area_put(title, 0, start, INK_BOLD | (focused ? INK_REVERSE : 0u), name) + 1;
    area_char(title, 0, col - 1, INK_TEXT, ' ');
    if (screen_pane(s, id)->title)
        screen_pane(s, id)->title(s, title, col);
}

static void paint_panes(struct screen *s, struct area whole)
{
    const struct layout *l = &s->layout;
    if (l->framed)
        paint_borders(l, whole);
    for (int p = 0; p < PANE_COUNT; p++) {
        const struct rect *r = &l->pane[p];
        if (r->rows == 0)
            continue;
        const struct pane *pane = screen_pane(s, (enum pane_id)p);
        if (pane->recalc)
            pane->recalc(s, r->rows - 1, r->cols);
        paint_title(s, (enum pane_id)p, area_part(whole, r->row, r->col, 1, r->cols));
        pane->paint(s, area_part(whole, r->row + 1, r->col, r->rows - 1, r->cols));
    }
}

static void paint_caret(const struct screen *s, struct area a, int row)
{
    char part[sizeof s->echo];
    snprintf(part, sizeof part, "saddle> %.*s", s->caret, s->echo);
    int col = text_width(a.canvas, part);
    snprintf(part, sizeof part, "saddle> %.*s", s->caret_end, s->echo);
    int end = text_width(a.canvas, part);
    for (int i = 0; i == 0 || col + i < end; i++)
        area_char(a, row, col + i, INK_WARN | INK_BOLD, i ? '~' : '^');
}

/* Rows a message takes when nothing of it is cut off. */
static int message_rows(const struct canvas *c, const char *text, int cols)
{
    int rows = 1;
    for (int n = text_break(c, text, cols); text[n]; n = text_break(c, text, cols), rows++)
        text += n;
    return rows;
}

/* A message in `rows` rows of the area from `row` on; what does not fit into the last is cut. */
static void paint_message(struct area a, int row, int rows, const struct message *m)
{
    unsigned ink = m->level == SAY_ERROR || m->level == SAY_WARNING ? INK_WARN | INK_BOLD : INK_TEXT;
    const char *text = m->text;
    for (; rows > 1; rows--) {
        int n = text_break(a.canvas, text, a.cols);
        area_putf(a, row++, 0, ink, "%.*s", n, text);
        text += n;
    }
    area_putn(a, row, 0, ink, text, a.cols);
}

struct message_plan { /* rows of the last command's output */
    int head, lines, rows; /* what was typed (with a caret), messages that are shown, all together */
    bool caret, wrap, rule;
};

/* Lines that are too long are wrapped when there is room for all of them; else, as in a long table, they are cut at the edge. */
static struct message_plan plan_messages(const struct screen *s, const struct canvas *c)
{
    struct message_plan p = { .caret = s->caret >= 0 && s->echo[0] };
    int most = (c->rows - 4) / 2 < 3 ? 3 : (c->rows - 4) / 2, wrapped = 0; /* wrapped lines may take two thirds */
    p.head = (s->echo[0] ? 1 : 0) + p.caret;
    if (p.head == 0 && s->n_messages == 0)
        return p;
    p.lines = s->n_messages + p.head > most ? most - p.head : s->n_messages;
    for (int i = s->n_messages - p.lines; i < s->n_messages; i++)
        wrapped += message_rows(c, s->message[i].text, c->cols);
    p.wrap = p.lines == s->n_messages && wrapped + p.head <= (s->n_messages <= 2 ? most : most + most / 3);
    p.rows = p.head + (p.wrap ? wrapped : p.lines);
    p.rule = p.rows > 1;
    p.rows += p.rule;
    return p;
}

/* Between panes and hints: a rule, what was typed (with a caret), then the newest lines. */
static void paint_messages(const struct screen *s, struct area whole)
{
    const struct rect *r = &s->layout.messages;
    struct message_plan p = plan_messages(s, whole.canvas);
    int row = 0;
    if (r->rows == 0 || p.rows == 0)
        return;
    if (p.rows > r->rows) { /* a small screen: without the rule, then without what was typed */
        p.rule = false;
        p.head = p.lines < r->rows ? p.head : 0;
        p.wrap = false;
        p.caret = p.caret && p.head;
        p.lines = p.lines + p.head > r->rows ? r->rows - p.head : p.lines;
    }
    struct area a = area_part(whole, r->row, 0, r->rows, r->cols);
    area_fill(a, ' ', INK_TEXT);
    for (int k = 0; p.rule && k < a.cols; k++)
        area_char(a, 0, k, INK_DIM, 0x2500);
    row = p.rule;
    if (s->echo[0] && p.head)
        area_putf(a, row++, 0, INK_DIM, "saddle> %s", s->echo);
    if (p.caret)
        paint_caret(s, a, row++);
    for (int i = s->n_messages - p.lines; i < s->n_messages; i++) {
        int n = p.wrap ? message_rows(whole.canvas, s->message[i].text, r->cols) : 1;
        paint_message(a, row, n, &s->message[i]);
        row += n;
    }
}

static void paint_completions(const struct screen *s, struct area whole)
{
    const struct rect *hints = &s->layout.hints;
    int widest = 1, n = s->n_completions;
    if (n == 0)
        return;
    for (int i = 0; i < n; i++) {
        int width = text_width(whole.canvas, s->completions[i]);
        widest = width > widest ? width : widest;
    }
    if (n > 6 && widest > 36) /* one long entry must not make a single column of many */
        widest = 36;
    int across = (hints->cols + 2) / (widest + 2);
    across = across < 1 ? 1 : across;
    int rows = (n + across - 1) / across, most = hints->row < 6 ? hints->row : 6;
    bool cut = rows > most;
    int page = cut ? (most - 1) * across : n, pages = (n + page - 1) / page; /* the last row says where one is */
    int first = s->completion_page % pages * page, last = first + page < n ? first + page : n;
    rows = cut ? most : rows;
    struct area a = area_part(whole, hints->row - rows, 0, rows, hints->cols);
    area_fill(a, ' ', INK_TEXT);
    for (int i = first; i < last; i++)
        area_putn(a, (i - first) / across, (i - first) % across * (widest + 2), INK_TEXT, s->completions[i], widest);
    if (cut)
        area_putf(a, rows - 1, 0, INK_BOLD, "%d to %d of %d; Tab shows the next", first + 1, last, n);
}

static void compute_layout(struct screen *s, const struct canvas *c)
{
    const struct history *h = s->view.h;
    struct layout_input in = { .rows = c->rows, .cols = c->cols, .n_classes = h->n_classes, .n_groups = h->n_groups,
                               .events = (int)h->n_line, .messages = plan_messages(s, c).rows, .density = s->compare.density,
                               .runs = s->view.comparison ? comparison_runs(s->view.comparison) : 0, .focus = s->focus, .zoom = s->zoom };
    layout_compute(&in, &s->layout);
    if (s->layout.pane[s->focus].rows == 0)
        s->focus = 0;
}

void screen_paint(struct screen *s, struct canvas *c)
{
    canvas_clear(c);
    compare_begin(s);
    compute_layout(s, c);
    struct area whole = area_whole(c);
    const struct layout *l = &s->layout;
    if (l->too_small) {
        char text[64];
        snprintf(text, sizeof text, "%dx%d needed, %dx%d now", LAYOUT_MIN_COLS, LAYOUT_MIN_ROWS, c->cols, c->rows);
        area_put(area_part(whole, l->notice.row, l->notice.col, l->notice.rows, l->notice.cols), 0, 0, INK_TEXT, text);
        return;
    }
    (s->view.comparison ? compare_header : header_paint)(s, area_part(whole, l->header.row, l->header.col, l->header.rows, l->header.cols));
    if (l->timeline.rows)
        timeline_paint(s, area_part(whole, l->timeline.row, l->timeline.col, 1, l->timeline.cols));
    paint_panes(s, whole);
    paint_messages(s, whole);
    if (s->overlay != OVERLAY_NONE)
        overlay_paint(s, area_part(whole, l->body.row, l->body.col, l->body.rows, l->body.cols));
    paint_completions(s, whole);
    hints_paint(s, area_part(whole, l->hints.row, l->hints.col, 1, l->hints.cols));
}

/* --- what keys do --- */

int pane_find(const char *name)
{
    int found = -1;
    size_t n = strlen(name);
    for (int p = 0; p < PANE_COUNT; p++)
        if (n && strncmp(pane_table[p]->name, name, n) == 0) {
            if (found >= 0)
                return -1;
            found = p;
        }
    return found;
}

void screen_move(struct screen *s, int rows)
{
    if (s->overlay != OVERLAY_NONE)
        s->overlay_top += rows;
    else if (s->view.comparison)
        compare_move(s, rows);
    else if (s->focus == PANE_EVENTS)
        s->events_back = s->events_back - rows < 0 ? 0 : s->events_back - rows;
    else
        classes_move(s, rows);
}

void screen_move_end(struct screen *s, bool last)
{
    if (s->overlay != OVERLAY_NONE)
        s->overlay_top = last ? 1 << 20 : 0;
    else if (s->view.comparison)
        compare_move(s, last ? 1 << 20 : -(1 << 20));
    else if (s->focus == PANE_EVENTS)
        s->events_back = last ? 0 : (int)s->view.h->n_line;
    else
        classes_move_end(s, last);
}

void screen_focus_next(struct screen *s, int direction)
{
    for (int k = 1; k <= PANE_COUNT; k++) {
        int p = (((int)s->focus + k * direction) % PANE_COUNT + PANE_COUNT) % PANE_COUNT;
        if (s->layout.pane[p].rows || (s->zoom != ZOOM_NONE && screen_pane(s, (enum pane_id)p))) {
            s->focus = (enum pane_id)p;
            return;
        }
    }
}

void screen_focus_number(struct screen *s, int number)
{
    if (number < 1 || number > PANE_COUNT || !screen_pane(s, (enum pane_id)(number - 1)))
        return;
    s->focus = (enum pane_id)(number - 1);
    if (s->layout.pane[s->focus].rows == 0) /* there is no room for it beside the others */
        s->zoom = ZOOM_FULL;
}

int screen_zoom_pane(struct screen *s, const char *name, struct err *err)
{
    if (strcmp(name, "none") == 0 || strcmp(name, "all") == 0) {
        s->zoom = ZOOM_NONE;
        return 0;
    }
    int pane = pane_find(name);
    char views[200] = "";
    for (int v = 0; pane < 0 && v < CURVES_COUNT; v++) {
        text_append(views, sizeof views, "%s%s", v ? ", " : "", curves_name(v));
        if (strcmp(name, curves_name(v)) == 0) {
            pane = PANE_CURVATURE;
            s->curves = v;
        }
    }
    if (pane < 0)
        return err_set(err, ERR_INVALID, "no pane '%s'; there are classes, curvature (%s), traces, events, confused, host and none", name, views);
    s->focus = (enum pane_id)pane;
    s->zoom = ZOOM_FULL;
    return 0;
}

int screen_sort_by(struct screen *s, const char *key, struct err *err)
{
    for (int i = 0; i < SORT_COUNT; i++)
        if (strcmp(sort_names[i], key) == 0) {
            s->reversed = s->sort == (enum class_sort)i && !s->reversed;
            s->sort = (enum class_sort)i;
            classes_resort(s);
            return 0;
        }
    return err_set(err, ERR_INVALID, "no sort key '%s'; there are n, acc, delta, lmin and name", key);
}

void screen_open(struct screen *s)
{
    if (classes_toggle_group(s))
        return;
    if (s->selected >= 0 && s->selected < s->view.h->n_classes) {
        s->overlay = OVERLAY_CLASS;
        s->overlay_top = 0;
        s->overlay_filter[0] = '\0';
    }
}

void screen_mark_move(struct screen *s, int direction, bool snapshots)
{
    const struct history *h = s->view.h;
    size_t at = s->mark ? s->mark - 1 : h->n_mark;
    for (size_t i = direction < 0 ? at : at + 1; direction < 0 ? i > 0 : i < h->n_mark; i = direction < 0 ? i - 1 : i + 1) {
        size_t k = direction < 0 ? i - 1 : i;
        if ((h->mark[k].letter == 'S') == snapshots) {
            s->mark = k + 1;
            return;
        }
    }
    if (direction > 0)
        s->mark = 0;
}
