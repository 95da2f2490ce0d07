#include "config.h"
#include "tui/layout.h"

#include <string.h>

struct need {
    int min, want, weight; /* rows with the title; want: enough; weight: share of what is left over */
    int most;              /* twentieths of a column it may take before the others had what they want */
};

static int least_of(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

static void needs(const struct layout_input *in, bool framed, struct need need[PANE_COUNT])
{
    bool columns = framed && in->cols >= 180 && in->n_classes > 30;
    int classes = in->n_classes > 500 ? (columns ? 40 : 24) : columns ? in->n_classes * 45 / 100 + 2 : in->n_classes + (framed ? in->n_groups : 0);
    need[PANE_CLASSES] = (struct need){ 4, most(4, 1 + classes), 4, columns ? 16 : 11 };
    need[PANE_CURVATURE] = (struct need){ framed ? 6 : 8, framed ? 14 : 12, 2, 11 };
    need[PANE_TRACES] = (struct need){ 6, framed ? 24 : 6, 3, 11 };
    if (in->messages && !framed) { /* rows of classes hold still while something is told: the others make room */
        need[PANE_CLASSES].most = 20;
        need[PANE_TRACES].min = 4;
    }
    need[PANE_EVENTS] = (struct need){ 3, 7, 2, 11 };
    need[PANE_CONFUSED] = (struct need){ 4, 6, 1, 11 };
    need[PANE_HOST] = (struct need){ 3, 5, 0, 11 };
}

/* Gives `rows` to the panes of one column: the minimum each, then up to what they want in the order given, then by weight. */
static void share_rows(const struct need need[PANE_COUNT], const enum pane_id *order, int n, int rows, int out[PANE_COUNT])
{
    int left = rows, weights = 0;
    for (int i = 0; i < n; i++) {
        out[order[i]] = need[order[i]].min;
        left -= need[order[i]].min;
    }
    for (int i = 0; i < n; i++) {
        enum pane_id p = order[i];
        /* one hungry pane leaves something of the column to the others */
        int cap = n > 1 ? most(need[p].min, rows * need[p].most / 20) : rows;
        int more = least_of(left, most(0, least_of(need[p].want, cap) - out[p]));
        out[p] += more;
        left -= more;
    }
    /* what is left goes by weight to panes that can use more than they asked for, and to those that did not get it */
    int rest = left, weight[PANE_COUNT], last = 0;
    for (int i = 0; i < n; i++) {
        weight[i] = order[i] == PANE_CLASSES && out[PANE_CLASSES] >= need[PANE_CLASSES].want ? 0 : need[order[i]].weight;
        weights += weight[i];
        last = weight[i] ? i : last;
    }
    for (int i = 0; i < n && weights > 0; i++) {
        int more = rest * weight[i] / weights;
        out[order[i]] += more;
        left -= more;
    }
    if (n > 0)
        out[order[last]] += left;
}

/* Drops panes whole until the minima fit: host, confused, events, traces, curvature, never classes. In one column the
 * curvature pane goes first: its smallest eigenvalue is a column of the classes pane there. */
static int choose_panes(const struct need need[PANE_COUNT], enum pane_id *order, int n, int rows, bool stacked)
{
    static const enum pane_id drop[] = { PANE_HOST, PANE_CONFUSED, PANE_EVENTS, PANE_TRACES, PANE_CURVATURE };
    static const enum pane_id drop_stacked[] = { PANE_CURVATURE, PANE_HOST, PANE_CONFUSED, PANE_EVENTS, PANE_TRACES };
    for (int k = 0;; k++) {
        int sum = 0;
        for (int i = 0; i < n; i++)
            sum += need[order[i]].min;
        bool held = need[PANE_CLASSES].most == 20;
        if (stacked && k < (held ? 4 : 3)) /* the lesser panes must not take the rows of the classes */
            sum += most(0, least_of(need[PANE_CLASSES].want, rows * need[PANE_CLASSES].most / 20) - need[PANE_CLASSES].min);
        if (sum <= rows || n == 1 || k == 5)
            return n;
        enum pane_id victim = (stacked ? drop_stacked : drop)[k];
        int kept = 0;
        for (int i = 0; i < n; i++)
            if (order[i] != victim)
                order[kept++] = order[i];
        n = kept;
    }
}

static void stack(struct layout *out, const struct need need[PANE_COUNT], enum pane_id *order, int n, struct rect where, bool stacked)
{
    int rows[PANE_COUNT] = { 0 };
    n = choose_panes(need, order, n, where.rows, stacked);
    share_rows(need, order, n, where.rows, rows);
    int row = where.row;
    for (int i = 0; i < n; i++) {
        int here = least_of(rows[order[i]], where.row + where.rows - row);
        if (here < 2)
            break;
        out->pane[order[i]] = (struct rect){ row, where.col, here, where.cols };
        row += here;
    }
}

static void place_two_columns(const struct layout_input *in, const struct need need[PANE_COUNT], struct layout *out)
{
    /* many classes: room for two or three columns of them */
    int left = in->cols * 3 / 5 - 1;
    if (in->n_classes > out->body.rows && in->cols >= 180)
        left = 132;
    else if (in->cols >= 180) /* wider rows of few classes would say nothing more: curves do */
        left = in->cols / 2;
    out->framed = true;
    out->split = left;
    out->split_row = out->body.row;
    struct rect a = { out->body.row, 1, out->body.rows, left - 1 };
    struct rect b = { out->body.row, left + 1, out->body.rows, in->cols - left - 1 };
    const bool confused = in->n_classes <= 128; /* of more classes none is kept */
    enum pane_id first[] = { PANE_CLASSES, PANE_EVENTS, confused ? PANE_CONFUSED : PANE_HOST, PANE_HOST };
    enum pane_id second[] = { PANE_CURVATURE, PANE_TRACES };
    stack(out, need, first, confused ? 4 : 3, a, false);
    stack(out, need, second, 2, b, false);
}

static void place_zoomed(const struct layout_input *in, const struct need need[PANE_COUNT], struct layout *out)
{
    int rows = in->zoom == ZOOM_FULL || out->body.rows < 12 ? out->body.rows : out->body.rows / 2;
    out->pane[in->focus] = (struct rect){ out->body.row, 0, rows, in->cols };
    struct rect rest = { out->body.row + rows, 0, out->body.rows - rows, in->cols };
    enum pane_id order[PANE_COUNT];
    int n = 0;
    for (int p = 0; p < PANE_COUNT; p++)
        if (p != (int)in->focus)
            order[n++] = (enum pane_id)p;
    if (rest.rows >= 4)
        stack(out, need, order, n, rest, true);
}

static void place_header(const struct layout_input *in, struct layout *out)
{
    int cols = in->cols, messages = most(0, least_of(in->messages, in->rows - LAYOUT_MIN_ROWS));
    out->header = (struct rect){ 0, 0, 2, cols };
    int timeline = cols >= 120 && in->rows >= 24 && in->runs == 0 ? 1 : 0;
    out->timeline = (struct rect){ 2, 0, timeline, cols };
    out->body = (struct rect){ 2 + timeline, 0, in->rows - 4 - timeline - messages, cols };
    out->messages = (struct rect){ in->rows - 2 - messages, 0, messages, cols };
    out->hints = (struct rect){ in->rows - 2, 0, 1, cols };
    out->prompt = (struct rect){ in->rows - 1, 0, 1, cols };
}

static void number_panes(struct layout *out)
{
    for (int p = 0; p < PANE_COUNT; p++)
        out->number[p] = out->pane[p].rows > 0 ? p + 1 : 0;
}

/* Below the runs: curves on the left, classes and densities on the right. */
static void compare_wide(const struct layout_input *in, struct layout *out, int runs)
{
    const int row = out->body.row + runs, rows = out->body.rows - runs, left = in->cols / 2;
    const int density = rows >= 20 ? rows * 9 / 20 : 0;
    out->framed = true;
    out->split = left;
    out->split_row = row;
    out->pane[COMPARE_RUNS] = (struct rect){ out->body.row, 1, runs, in->cols - 1 };
    out->pane[COMPARE_TRACES] = (struct rect){ row, 1, rows, left - 1 };
    out->pane[in->density && !density ? COMPARE_DENSITY : COMPARE_CLASSES] = (struct rect){ row, left + 1, rows - density, in->cols - left - 1 };
    if (density)
        out->pane[COMPARE_DENSITY] = (struct rect){ row + rows - density, left + 1, density, in->cols - left - 1 };
}

/* One under the other; the curves have what the classes leave. */
static void compare_stacked(const struct layout_input *in, struct layout *out, int runs)
{
    const int rows = out->body.rows - runs, below = rows >= 10 ? rows / 2 : 0;
    out->pane[COMPARE_RUNS] = (struct rect){ out->body.row, 0, runs, in->cols };
    if (rows >= 4)
        out->pane[COMPARE_TRACES] = (struct rect){ out->body.row + runs, 0, rows - below, in->cols };
    if (below)
        out->pane[in->density ? COMPARE_DENSITY : COMPARE_CLASSES] = (struct rect){ out->body.row + out->body.rows - below, 0, below, in->cols };
}

static void place_comparison(const struct layout_input *in, struct layout *out)
{
    const int runs = least_of(1 + in->runs, out->body.rows);
    if (in->zoom != ZOOM_NONE)
        out->pane[in->focus] = out->body;
    else if (in->cols >= 100 && out->body.rows - runs >= 12)
        compare_wide(in, out, runs);
    else
        compare_stacked(in, out, runs);
}

void layout_compute(const struct layout_input *in, struct layout *out)
{
    memset(out, 0, sizeof *out);
    out->split = -1;
    if (in->rows < LAYOUT_MIN_ROWS || in->cols < LAYOUT_MIN_COLS) {
        out->too_small = true;
        out->notice = (struct rect){ 0, 0, in->rows > 1 ? 1 : 0, in->cols };
        out->prompt = (struct rect){ in->rows - 1, 0, 1, in->cols };
        return;
    }
    place_header(in, out);
    if (in->runs) {
        place_comparison(in, out);
        number_panes(out);
        return;
    }
    bool wide = in->cols >= 100 && out->body.rows >= 18;
    struct need need[PANE_COUNT];
    needs(in, wide && in->zoom == ZOOM_NONE, need);
    if (in->n_classes == 0 && in->zoom == ZOOM_NONE) { /* the welcome, and what happened so far */
        enum pane_id order[] = { PANE_CLASSES, PANE_EVENTS };
        need[PANE_CLASSES].weight = 20;
        stack(out, need, order, in->events > 0 ? 2 : 1, out->body, true);
    } else if (in->zoom != ZOOM_NONE) {
        place_zoomed(in, need, out);
    } else if (wide) {
        place_two_columns(in, need, out);
    } else {
        enum pane_id order[] = { PANE_CLASSES, PANE_CURVATURE, PANE_TRACES, PANE_EVENTS, PANE_CONFUSED, PANE_HOST };
        stack(out, need, order, PANE_COUNT, out->body, true);
    }
    number_panes(out);
}
