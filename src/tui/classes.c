/* The classes pane's model: which rows there are and in which order, and how the selection moves over them. */
#include "config.h"
#include "tui/classes.h"

#include "tui/compare.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const sort_names[SORT_COUNT] = { "n", "acc", "delta", "lmin", "name" };

struct sorter {
    const struct history *h;
    const double *key;
    bool by_name, reversed;
};

/* Missing values last in either direction; equal keys keep the order of class indices. */
static int compare_classes(const void *pa, const void *pb, void *ctx)
{
    const struct sorter *s = ctx;
    int a = *(const int *)pa, b = *(const int *)pb, sign = s->reversed ? -1 : 1;
    if (s->by_name) {
        int order = strcmp(s->h->cls[a].name, s->h->cls[b].name);
        return order ? sign * order : a - b;
    }
    double x = s->key[a], y = s->key[b];
    if (isnan(x) || isnan(y))
        return isnan(x) && isnan(y) ? a - b : isnan(x) ? 1 : -1;
    return x < y ? -sign : x > y ? sign : a - b;
}

static double sort_key(const struct screen *s, int class)
{
    const struct history *h = s->view.h;
    switch (s->sort) {
    case SORT_ACC:
        return h->n_eval ? history_class_acc(h, h->n_eval - 1, class) : NAN;
    case SORT_DELTA:
        return -fabs(history_class_delta(h, class, 10));
    case SORT_LMIN: {
        const struct history_eig *e = history_last_eig(h, (uint32_t)class);
        return e ? e->lmin : NAN;
    }
    default:
        return -(double)h->cls[class].n;
    }
}

static int reserve_order(struct classes_view *v, int n)
{
    if (n <= v->order_cap)
        return 0;
    int *order = realloc(v->order, (size_t)n * sizeof *order);
    if (order)
        v->order = order;
    double *key = realloc(v->key, (size_t)n * sizeof *key);
    if (key)
        v->key = key;
    if (!order || !key)
        return -1;
    v->order_cap = n;
    return 0;
}

static void refresh_order(struct screen *s)
{
    struct classes_view *v = &s->classes;
    const struct history *h = s->view.h;
    bool asked = v->order_sort != s->sort || v->order_reversed != s->reversed || v->order_classes != h->n_classes;
    bool stale = v->order_evals != h->n_eval || (s->sort == SORT_LMIN && v->order_eigs != h->n_eig);
    /* rows hold still while they are being read */
    bool reading = s->keys && s->focus == PANE_CLASSES && s->sort != SORT_N && s->sort != SORT_NAME;
    v->held = stale && reading && !asked;
    if ((!asked && !stale) || v->held || reserve_order(v, h->n_classes) != 0)
        return;
    for (int i = 0; i < h->n_classes; i++) {
        v->order[i] = i;
        v->key[i] = sort_key(s, i);
    }
    struct sorter sorter = { h, v->key, s->sort == SORT_NAME, s->reversed };
    if (h->n_classes > 0)
        qsort_r(v->order, (size_t)h->n_classes, sizeof v->order[0], compare_classes, &sorter);
    v->order_evals = h->n_eval;
    v->order_eigs = h->n_eig;
    v->order_classes = h->n_classes;
    v->order_sort = s->sort;
    v->order_reversed = s->reversed;
}

void classes_resort(struct screen *s)
{
    s->classes.order_classes = -1;
}

bool text_contains(const char *text, const char *part)
{
    size_t n = strlen(part);
    for (; *text; text++) {
        size_t i = 0;
        while (i < n && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
            i++;
        if (i == n)
            return true;
    }
    return n == 0;
}

static void add_row(struct classes_view *v, int group, int class)
{
    if (v->n == v->cap) {
        int cap = v->cap ? v->cap * 2 : 64;
        struct class_row *row = realloc(v->row, (size_t)cap * sizeof *row);
        if (!row)
            return;
        v->row = row;
        v->cap = cap;
    }
    v->row[v->n++] = (struct class_row){ group, class };
}

static void decide_groups(struct screen *s, int rows)
{
    struct classes_view *v = &s->classes;
    const struct history *h = s->view.h;
    if (v->groups_decided || h->n_classes == 0)
        return;
    /* more classes than a person scrolls through: groups first, opened with Enter */
    bool close = h->n_classes > 30 && h->n_classes + h->n_groups > rows && v->columns == 1;
    for (int g = 0; g < h->n_groups; g++)
        v->group_closed[g] = close;
    v->groups_decided = true;
}

static int largest_group(const struct history *h)
{
    int count[HISTORY_MAX_GROUPS] = { 0 }, most = 0;
    for (int i = 0; i < h->n_classes; i++)
        if (h->cls[i].group >= 0 && h->cls[i].group < HISTORY_MAX_GROUPS && ++count[h->cls[i].group] > most)
            most = count[h->cls[i].group];
    return most;
}

void classes_recalc(struct screen *s, int rows, int cols)
{
    struct classes_view *v = &s->classes;
    const struct history *h = s->view.h;
    refresh_order(s);
    if (v->order_classes != h->n_classes)
        return;
    v->heat = h->n_classes > 500;
    v->columns = h->n_classes > rows && cols >= 2 * CLASSES_COLUMN ? cols / CLASSES_COLUMN : 1;
    bool grouped = s->sort == SORT_N && !s->reversed && !s->filter[0] && h->n_groups > 1 && !v->heat;
    bool fits = h->n_classes + h->n_groups <= rows;
    v->with_groups = grouped && (fits || h->n_classes > 30);
    bool column_each = v->columns > 1 && v->columns >= h->n_groups && largest_group(h) < rows;
    decide_groups(s, rows);
    v->n = 0;
    v->column_rows = rows;
    int group = -1;
    for (int i = 0; i < h->n_classes; i++) {
        int class = v->order[i];
        if (!text_contains(h->cls[class].name, s->filter))
            continue;
        int g = h->cls[class].group;
        if (v->with_groups && g != group) {
            /* in columns with room for it every group starts a column */
            while (group >= 0 && column_each && v->n % rows)
                add_row(v, -1, -1);
            add_row(v, g, -1);
            group = g;
        }
        if (!v->with_groups || g < 0 || g >= HISTORY_MAX_GROUPS || !v->group_closed[g] || v->columns > 1)
            add_row(v, g, class);
    }
    if (s->selected >= h->n_classes)
        s->selected = h->n_classes - 1;
    if (s->selected < 0 && v->n) {
        s->selected_group = v->row[0].class < 0;
        s->selected = s->selected_group ? v->order[0] : v->row[0].class;
    }
    classes_select_visible(s);
}

/* Index of the selected row, or of the nearest that stands for it. */
int classes_selected_row(const struct screen *s)
{
    const struct classes_view *v = &s->classes;
    const struct history *h = s->view.h;
    int header = -1;
    if (s->selected < 0 || s->selected >= h->n_classes)
        return v->n ? 0 : -1;
    int group = h->cls[s->selected].group;
    for (int i = 0; i < v->n; i++) {
        if (v->row[i].class == s->selected && !s->selected_group)
            return i;
        if (v->row[i].class < 0 && v->row[i].group == group && group >= 0)
            header = i;
    }
    return header >= 0 ? header : v->n ? 0 : -1;
}

/* Rows of the list itself (the heat strip takes some). */
int classes_list_rows(const struct screen *s, int rows)
{
    return s->classes.heat ? rows - HEAT_ROWS : rows;
}

void classes_select_visible(struct screen *s)
{
    struct classes_view *v = &s->classes;
    int at = classes_selected_row(s), rows = classes_list_rows(s, v->column_rows);
    if (v->columns > 1) {
        int page = rows * v->columns;
        v->top = page > 0 && at >= 0 ? at / page * page : 0;
        if (v->heat && v->top > v->n - page) /* the last page is full */
            v->top = v->n > page ? v->n - page : 0;
        return;
    }
    if (at >= 0 && at < v->top)
        v->top = at;
    if (at >= 0 && rows > 0 && at >= v->top + rows)
        v->top = at - rows + 1;
    if (v->top > v->n - rows)
        v->top = v->n - rows;
    if (v->top < 0)
        v->top = 0;
}

static void select_row(struct screen *s, int row)
{
    const struct classes_view *v = &s->classes;
    const struct history *h = s->view.h;
    if (row < 0 || row >= v->n)
        return;
    s->selected_group = v->row[row].class < 0;
    if (!s->selected_group) {
        s->selected = v->row[row].class;
        return;
    }
    for (int i = 0; i < h->n_classes; i++) /* a header is remembered by the first class of its group */
        if (h->cls[v->order[i]].group == v->row[row].group) {
            s->selected = v->order[i];
            return;
        }
}

void classes_move(struct screen *s, int by)
{
    const struct classes_view *v = &s->classes;
    int at = classes_selected_row(s), step = by < 0 ? -1 : 1;
    int to = at + by < 0 ? 0 : at + by >= v->n ? v->n - 1 : at + by;
    while (to > 0 && to < v->n - 1 && v->row[to].class < 0 && v->row[to].group < 0)
        to += step; /* over the blank rows at a column's end */
    select_row(s, to);
    classes_select_visible(s);
}

void classes_move_end(struct screen *s, bool last)
{
    select_row(s, last ? s->classes.n - 1 : 0);
    classes_select_visible(s);
}

bool classes_toggle_group(struct screen *s)
{
    struct classes_view *v = &s->classes;
    if (!s->selected_group || s->selected < 0 || !v->with_groups)
        return false;
    int g = s->view.h->cls[s->selected].group;
    if (g < 0 || g >= HISTORY_MAX_GROUPS)
        return false;
    v->group_closed[g] = !v->group_closed[g];
    return true;
}

bool screen_find(struct screen *s, const char *text, int direction)
{
    if (s->view.comparison)
        return compare_find(s, text, direction);
    const struct history *h = s->view.h;
    struct classes_view *v = &s->classes;
    if (v->order_classes != h->n_classes || h->n_classes == 0)
        return false;
    int at = 0;
    for (int i = 0; i < h->n_classes; i++)
        if (v->order[i] == s->selected)
            at = i;
    for (int k = 1; k <= h->n_classes; k++) {
        int i = ((at + k * direction) % h->n_classes + h->n_classes) % h->n_classes, class = v->order[i];
        if (!text_contains(h->cls[class].name, text) || !text_contains(h->cls[class].name, s->filter))
            continue;
        s->selected = class;
        s->selected_group = false;
        if (h->cls[class].group >= 0 && h->cls[class].group < HISTORY_MAX_GROUPS)
            v->group_closed[h->cls[class].group] = false;
        return true;
    }
    return false;
}
