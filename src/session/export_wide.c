#include "config.h"
#include "session/rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "session/csv.h"

/* A cell of the table, noted in the order in which history tells it. */
struct wide_cell {
    uint64_t step, wall_ns;
    double epoch, value;
    size_t column, told;
};
struct wide_column {
    char metric[96];
    const char *class; /* the history's */
};
struct wide {
    struct wide_cell *cell;
    struct wide_column *column;
    size_t n, cap, columns, columns_cap, next; /* next: the column that follows the last one */
    bool failed;
};

static bool is_column(const struct wide *t, size_t i, const struct row *r)
{
    return i < t->columns && strcmp(t->column[i].metric, r->metric) == 0 && strcmp(t->column[i].class, r->class) == 0;
}

/* Rows come in the same order again and again, so the next column is nearly always the one that is meant. */
static size_t wide_column_of(struct wide *t, const struct row *r)
{
    size_t i = t->next;
    if (!is_column(t, i, r))
        for (i = 0; i < t->columns && !is_column(t, i, r); i++)
            ;
    if (i == t->columns) {
        if (t->columns == t->columns_cap) {
            const size_t cap = t->columns_cap ? 2 * t->columns_cap : 64;
            struct wide_column *more = realloc(t->column, cap * sizeof *more);
            t->failed |= !more;
            if (!more)
                return 0;
            t->column = more;
            t->columns_cap = cap;
        }
        snprintf(t->column[i].metric, sizeof t->column[i].metric, "%s", r->metric);
        t->column[t->columns++].class = r->class;
    }
    t->next = i + 1;
    return i;
}

static void note_cell(void *ctx, const struct row *r)
{
    struct wide *t = ctx;
    if (t->n == t->cap && !t->failed) {
        const size_t cap = t->cap ? 2 * t->cap : 1024;
        struct wide_cell *more = realloc(t->cell, cap * sizeof *more);
        t->failed |= !more;
        t->cell = more ? more : t->cell;
        t->cap = more ? cap : t->cap;
    }
    const size_t column = t->failed ? 0 : wide_column_of(t, r);
    if (!t->failed) {
        t->cell[t->n] = (struct wide_cell){ r->step, r->wall_ns, r->epoch, r->value, column, t->n };
        t->n++;
    }
}

/* By steps, and in the order of telling, so that of a number that was measured twice the last one stands. */
static int cells_by_step(const void *a, const void *b)
{
    const struct wide_cell *x = a, *y = b;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    return x->told < y->told ? -1 : 1;
}

static void put_titles(FILE *out, const struct wide *t)
{
    fputs("run,step,epoch,time", out);
    for (size_t i = 0; i < t->columns; i++) {
        char title[160];
        snprintf(title, sizeof title, "%s%s%s", t->column[i].metric, t->column[i].class[0] ? ":" : "", t->column[i].class);
        putc(',', out);
        csv_put_text(out, title);
    }
    fputs(",mark,mark_text\n", out);
}

/* The marks of a step: "RL", "rho 0.1 -> 0.3; lr ...". */
static void put_marks_of(FILE *out, const struct history *h, uint64_t step)
{
    char letters[32] = "", *at = letters, text[512] = "";
    for (size_t i = 0; i < h->n_mark; i++)
        if (h->mark[i].step == step && at < letters + sizeof letters - 1) {
            *at++ = h->mark[i].letter;
            *at = '\0';
            text_append(text, sizeof text, "%s%s", text[0] ? "; " : "", h->mark[i].text);
        }
    fprintf(out, ",%s,", letters);
    csv_put_text(out, text);
}

/* The cells of one step, of which `value` is filled for each column; epoch and time are the first known ones. */
static void put_step(FILE *out, const struct history *h, const struct wide *t, const struct wide_cell *first, size_t n, const bool *there, const double *value)
{
    uint64_t wall = 0;
    for (size_t i = 0; i < n && !wall; i++)
        wall = first[i].wall_ns;
    csv_put_text(out, h->name);
    fprintf(out, ",%" PRIu64 ",%.6g,", first->step, first->epoch);
    csv_put_time(out, wall);
    for (size_t i = 0; i < t->columns; i++) {
        putc(',', out);
        if (there[i])
            csv_put_number(out, value[i]);
    }
    put_marks_of(out, h, first->step);
    putc('\n', out);
}

/* A mark has a cell without a column, so that its step has a row. */
static void note_marks(struct wide *t, const struct history *h)
{
    for (size_t i = 0; i < h->n_mark && !t->failed; i++) {
        note_cell(t, &(struct row){ .step = h->mark[i].step, .epoch = h->mark[i].epoch, .metric = "", .class = "" });
        if (!t->failed)
            t->cell[t->n - 1].column = SIZE_MAX;
    }
}

int history_put_wide(FILE *out, const struct history *h, struct err *err)
{
    struct wide t = { .next = 0 };
    rows_each(h, note_cell, &t);
    const size_t columns = t.columns;
    note_marks(&t, h);
    t.columns = columns; /* not that of the marks, which is the last */
    bool *there = calloc(columns + 1, sizeof *there);
    double *value = calloc(columns + 1, sizeof *value);
    const bool good = !t.failed && there && value;
    if (good && t.n)
        qsort(t.cell, t.n, sizeof *t.cell, cells_by_step);
    if (good)
        put_titles(out, &t);
    for (size_t i = 0, end; good && i < t.n; i = end) {
        memset(there, 0, columns + 1);
        for (end = i; end < t.n && t.cell[end].step == t.cell[i].step; end++)
            if (t.cell[end].column < columns) {
                there[t.cell[end].column] = true;
                value[t.cell[end].column] = t.cell[end].value;
            }
        put_step(out, h, &t, &t.cell[i], end - i, there, value);
    }
    free(there);
    free(value);
    free(t.cell);
    free(t.column);
    return good ? 0 : err_set(err, ERR_MEMORY, "no memory for a table");
}
