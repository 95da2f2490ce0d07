#include "config.h"
#include "session/history.h"

#include <inttypes.h>
#include <stdio.h>

#include "session/csv.h"
#include "session/rows.h"

struct table {
    FILE *out;
    const char *run;
};

static void put_start_of_row(const struct table *t, const struct row *r)
{
    csv_put_text(t->out, t->run);
    fprintf(t->out, ",%" PRIu64 ",%.6g,", r->step, r->epoch);
    csv_put_time(t->out, r->wall_ns);
    fprintf(t->out, ",%s,", r->metric);
    csv_put_text(t->out, r->class);
    putc(',', t->out);
}

static void put_value_row(void *ctx, const struct row *r)
{
    const struct table *t = ctx;
    put_start_of_row(t, r);
    csv_put_number(t->out, r->value);
    fputs(",\n", t->out);
}

/* A mark is a row without a number: its words have a column of their own, so that `value` holds nothing but numbers. */
static void put_marks(const struct table *t, const struct history *h)
{
    for (size_t i = 0; i < h->n_mark; i++) {
        char metric[8];
        snprintf(metric, sizeof metric, "mark_%c", h->mark[i].letter);
        put_start_of_row(t, &(struct row){ .step = h->mark[i].step, .epoch = h->mark[i].epoch, .metric = metric, .class = "" });
        putc(',', t->out);
        csv_put_text(t->out, h->mark[i].text);
        putc('\n', t->out);
    }
}

void history_put_csv(FILE *out, const struct history *h)
{
    struct table t = { .out = out, .run = h->name };
    fputs("run,step,epoch,time,metric,class,value,text\n", out);
    rows_each(h, put_value_row, &t);
    put_marks(&t, h);
}
