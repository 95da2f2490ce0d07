/* session/rows.h - the numbers of a history one at a time, as the tables of `export` and event files of TensorBoard have them. Pure; any thread
 * that may read the history. */
#ifndef SESSION_ROWS_H
#define SESSION_ROWS_H

#include <stdio.h>

#include "session/history.h"

struct row {
    uint64_t step;
    double epoch;
    uint64_t wall_ns;          /* 0: not known */
    const char *metric, *class; /* class "": of no class, else also the name of a group */
    double value;              /* never NaN: what was not measured has no row */
};
typedef void row_fn(void *ctx, const struct row *r);

void rows_of_eval(const struct history *h, const struct history_eval *e, row_fn *fn, void *ctx);
void rows_of_eig(const struct history *h, const struct history_eig *e, row_fn *fn, void *ctx);
void rows_of_result(const struct history *h, enum measure measure, const struct history_result *r, row_fn *fn, void *ctx);
/* A long run's trace is kept in bins: the last value of each, at its last step. */
void rows_of_traces(const struct history *h, row_fn *fn, void *ctx);
void rows_each(const struct history *h, row_fn *fn, void *ctx); /* all of these */

/* A table with a row for each step and a column for each metric, of a class METRIC:CLASS, and the marks in columns of their own: run,step,epoch,
 * time, metrics ..., mark,mark_text. -1 with *err: no memory. */
int history_put_wide(FILE *out, const struct history *h, struct err *err);

#endif
