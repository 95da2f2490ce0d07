#include "config.h"
#include "session/history.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "session/csv.h"
#include "session/metric.h"

struct table {
    FILE *out;
    const char *run;
};

struct csv_moment {
    uint64_t step;
    double epoch;
    uint64_t wall_ns; /* 0: not known */
};

static void csv_row(const struct table *t, struct csv_moment at, const char *metric, const char *class)
{
    char when[32] = "";
    time_t seconds = (time_t)(at.wall_ns / 1000000000);
    struct tm tm;
    if (at.wall_ns && gmtime_r(&seconds, &tm))
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
    csv_put_text(t->out, t->run);
    fprintf(t->out, ",%" PRIu64 ",%.6g,%s,%s,", at.step, at.epoch, when, metric);
    csv_put_text(t->out, class);
    putc(',', t->out);
}

static void csv_number(const struct table *t, struct csv_moment at, const char *metric, const char *class, double value)
{
    if (isnan(value))
        return; /* not measured: no row */
    csv_row(t, at, metric, class);
    fprintf(t->out, "%.9g,\n", value);
}

static void put_classes(const struct table *t, const struct history *h, const struct history_eval *e, const char *metric, const float *value)
{
    const struct csv_moment at = { e->step, e->epoch, e->wall_ns };
    for (int c = 0; value && c < h->n_classes; c++)
        csv_number(t, at, metric, h->cls[c].name, (double)value[c]);
}

static void put_eval(const struct table *t, const struct history *h, const struct history_eval *e)
{
    const struct csv_moment at = { e->step, e->epoch, e->wall_ns };
    for (int i = 0; i < metric_evals(); i++)
        csv_number(t, at, metric_eval_name(i), "", metric_eval(e, i));
    for (int g = 0; g < h->n_groups; g++)
        csv_number(t, at, "group_acc", h->group_name[g], e->group[g]);
    put_classes(t, h, e, "class_acc", e->cls);
    put_classes(t, h, e, "class_loss", e->cls_loss[EVAL_LOSS]);
    put_classes(t, h, e, "class_train_loss", e->cls_loss[EVAL_TRAIN_LOSS]);
}

static void csv_eig(const struct table *t, const struct history *h, const struct history_eig *e)
{
    const struct csv_moment at = { e->step, e->epoch, e->wall_ns };
    for (const struct measure_column *c = measure_table[MEASURE_EIG].metric; c->name; c++)
        csv_number(t, at, c->name, h->cls[e->class].name, metric_eig(e, c->field));
}

static bool has_list(const struct measure_info *m, const struct measure_column *c)
{
    return event_table[m->kind].field[c->field].type == EVENT_F64S;
}

/* Single numbers first; then place by place. */
static void put_result(const struct table *t, const struct history *h, const struct measure_info *m, const struct history_result *r)
{
    const struct csv_moment at = { r->step, r->epoch, r->wall_ns };
    const char *class = m->class_index >= 0 ? h->cls[r->class].name : "";
    char metric[96], place[32];
    for (const struct measure_column *c = m->metric; c->name; c++)
        if (!has_list(m, c)) {
            snprintf(metric, sizeof metric, "%s_%s", m->verb, c->name);
            csv_number(t, at, metric, class, r->f[c->field].f);
        }
    for (uint32_t i = 0; i < measure_places(m); i++)
        for (const struct measure_column *c = m->metric; c->name; c++)
            if (has_list(m, c)) {
                measure_place(m, i, place);
                snprintf(metric, sizeof metric, "%s_%s_%s", m->verb, place, c->name);
                csv_number(t, at, metric, class, event_number_at(&r->f[c->field], i));
            }
}

/* A long run's trace is kept in bins: the last value of each, at its last step. */
static void put_trace(const struct table *t, const struct history *h, int row)
{
    const struct history_trace *trace = metric_trace(h, row);
    struct metric_point p;
    for (uint32_t i = 0; i < trace->n; i++) {
        metric_bin(h, trace, i, &p);
        csv_number(t, (struct csv_moment){ p.step, p.epoch, 0 }, metric_trace_name[row], "", p.value);
    }
}

/* A mark is a row without a number: its words have a column of their own, so that `value` holds nothing but numbers. */
static void put_marks(const struct table *t, const struct history *h)
{
    for (size_t i = 0; i < h->n_mark; i++) {
        char metric[8];
        snprintf(metric, sizeof metric, "mark_%c", h->mark[i].letter);
        csv_row(t, (struct csv_moment){ h->mark[i].step, h->mark[i].epoch, 0 }, metric, "");
        putc(',', t->out);
        csv_put_text(t->out, h->mark[i].text);
        putc('\n', t->out);
    }
}

void history_put_csv(FILE *out, const struct history *h)
{
    struct table t = { .out = out, .run = h->name };
    fputs("run,step,epoch,time,metric,class,value,text\n", out);
    for (size_t i = 0; i < h->n_eval; i++)
        put_eval(&t, h, &h->eval[i]);
    for (size_t i = 0; i < h->n_eig; i++)
        csv_eig(&t, h, &h->eig[i]);
    for (int m = 0; m < MEASURES; m++)
        for (size_t i = 0; i < h->result[m].n; i++)
            put_result(&t, h, &measure_table[m], &h->result[m].at[i]);
    for (int i = 0; i < METRIC_TRACES; i++)
        put_trace(&t, h, i);
    put_marks(&t, h);
}
