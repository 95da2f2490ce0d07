#include "config.h"
#include "session/rows.h"

#include <math.h>
#include <stdio.h>

#include "session/metric.h"

struct giver { /* of the rows of one moment */
    row_fn *fn;
    void *ctx;
    struct row row;
};

static void give(struct giver *g, const char *metric, const char *class, double value)
{
    if (isnan(value))
        return;
    g->row.metric = metric;
    g->row.class = class;
    g->row.value = value;
    g->fn(g->ctx, &g->row);
}

static void give_classes(struct giver *g, const struct history *h, const char *metric, const float *value)
{
    for (int c = 0; value && c < h->n_classes; c++)
        give(g, metric, h->cls[c].name, (double)value[c]);
}

void rows_of_eval(const struct history *h, const struct history_eval *e, row_fn *fn, void *ctx)
{
    struct giver g = { fn, ctx, { .step = e->step, .epoch = e->epoch, .wall_ns = e->wall_ns } };
    for (int i = 0; i < metric_evals(); i++)
        give(&g, metric_eval_name(i), "", metric_eval(e, i));
    for (int k = 0; k < h->n_groups; k++)
        give(&g, "group_acc", h->group_name[k], e->group[k]);
    give_classes(&g, h, "class_acc", e->cls);
    give_classes(&g, h, "class_loss", e->cls_loss[EVAL_LOSS]);
    give_classes(&g, h, "class_train_loss", e->cls_loss[EVAL_TRAIN_LOSS]);
}

void rows_of_eig(const struct history *h, const struct history_eig *e, row_fn *fn, void *ctx)
{
    struct giver g = { fn, ctx, { .step = e->step, .epoch = e->epoch, .wall_ns = e->wall_ns } };
    for (const struct measure_column *c = measure_table[MEASURE_EIG].metric; c->name; c++)
        give(&g, c->name, h->cls[e->class].name, metric_eig(e, c->field));
}

static bool has_list(const struct measure_info *m, const struct measure_column *c)
{
    return event_table[m->kind].field[c->field].type == EVENT_F64S;
}

/* Single numbers first; then place by place. */
void rows_of_result(const struct history *h, enum measure measure, const struct history_result *r, row_fn *fn, void *ctx)
{
    struct giver g = { fn, ctx, { .step = r->step, .epoch = r->epoch, .wall_ns = r->wall_ns } };
    const struct measure_info *m = &measure_table[measure];
    const char *class = m->class_index >= 0 ? h->cls[r->class].name : "";
    char metric[96], place[32];
    for (const struct measure_column *c = m->metric; c->name; c++)
        if (!has_list(m, c)) {
            snprintf(metric, sizeof metric, "%s_%s", m->verb, c->name);
            give(&g, metric, class, r->f[c->field].f);
        }
    for (uint32_t i = 0; i < measure_places(m); i++)
        for (const struct measure_column *c = m->metric; c->name; c++)
            if (has_list(m, c)) {
                measure_place(m, i, place);
                snprintf(metric, sizeof metric, "%s_%s_%s", m->verb, place, c->name);
                give(&g, metric, class, event_number_at(&r->f[c->field], i));
            }
}

void rows_of_traces(const struct history *h, row_fn *fn, void *ctx)
{
    for (int row = 0; row < METRIC_TRACES; row++) {
        const struct history_trace *trace = metric_trace(h, row);
        struct metric_point p;
        for (uint32_t i = 0; i < trace->n; i++) {
            metric_bin(h, trace, i, &p);
            struct giver g = { fn, ctx, { .step = p.step, .epoch = p.epoch } };
            give(&g, metric_trace_name[row], "", p.value);
        }
    }
}

void rows_each(const struct history *h, row_fn *fn, void *ctx)
{
    for (size_t i = 0; i < h->n_eval; i++)
        rows_of_eval(h, &h->eval[i], fn, ctx);
    for (size_t i = 0; i < h->n_eig; i++)
        rows_of_eig(h, &h->eig[i], fn, ctx);
    for (enum measure m = 0; m < MEASURES; m++)
        for (size_t i = 0; i < h->result[m].n; i++)
            rows_of_result(h, m, &h->result[m].at[i], fn, ctx);
    rows_of_traces(h, fn, ctx);
}
