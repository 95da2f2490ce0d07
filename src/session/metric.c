#include "config.h"
#include "session/metric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

/* --- the rows -------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int better;
    bool percent, held;
} evals[] = { { "acc", 1, true, false }, { "loss", -1, false, false }, { "train_loss", -1, false, false }, { "train_acc", 1, true, false },
              { "lr", 0, false, true },  { "rho", 0, false, true },    { "drw", 0, false, true } };
enum { EVALS = sizeof evals / sizeof evals[0] };

enum { CLASS_ACC, CLASS_LOSS, CLASS_TRAIN_LOSS, CLASS_ROWS };
static const struct {
    const char *name, *table;
    int better;
} classes[CLASS_ROWS] = { { "acc", "class_acc", 1 }, { "loss", "class_loss", -1 }, { "train_loss", "class_train_loss", -1 } };

const char *const metric_trace_name[METRIC_TRACES] = { "step_loss", "step_gn", "step_lr", "step_rho", "step_rise", "step_rho_gn", "step_rho_wn", "step_cos" };
enum { TRACES_HELD = 2, TRACES_GAUGES = 4 }; /* settings; measured again, from here on */

int metric_evals(void)
{
    return EVALS;
}

const char *metric_eval_name(int row)
{
    return evals[row].name;
}

double metric_eval(const struct history_eval *e, int row)
{
    const double value[EVALS] = { e->acc, e->loss, e->train_loss, e->train_acc, e->lr, e->rho, e->drw };
    return value[row];
}

double metric_eig(const struct history_eig *e, int field)
{
    switch (field) {
    case EV_EIG_LMIN: return e->lmin;
    case EV_EIG_LMAX: return e->lmax;
    case EV_EIG_RMIN: return e->rmin;
    case EV_EIG_RMAX: return e->rmax;
    case EV_EIG_LOSS: return e->loss;
    case EV_EIG_ITERS: return e->iters;
    case EV_EIG_SECONDS: return e->seconds;
    case EV_EIG_TRACE: return e->trace;
    case EV_EIG_TRACE_SE: return e->trace_se;
    case EV_EIG_AMP: return e->amp;
    default: return NAN;
    }
}

const struct history_trace *metric_trace(const struct history *h, int row)
{
    const struct history_trace *const trace[TRACES_GAUGES] = { &h->loss_trace, &h->gn_trace, &h->lr_trace, &h->rho_trace };
    return row < TRACES_GAUGES ? trace[row] : &h->gauge[row - TRACES_GAUGES];
}

void metric_bin(const struct history *h, const struct history_trace *t, uint32_t i, struct metric_point *out)
{
    const struct history_bin *bin = &t->bin[i];
    out->step = t->first_step + (uint64_t)i * t->width + (i + 1 < t->n ? t->width : t->filled) - 1;
    out->epoch = h->steps_per_epoch ? (double)out->step / (double)h->steps_per_epoch : 0;
    out->value = (double)bin->last;
    out->low = (double)bin->min;
    out->high = (double)bin->max;
}

static bool is_list(const struct measure_info *m, const struct measure_column *c)
{
    return event_table[m->kind].field[c->field].type == EVENT_F64S;
}

/* "lmin", "margins_mean", "cnc_sam_ratio". place -1: a single number. */
static void result_name(const struct measure_info *m, const struct measure_column *c, int place, char out[64])
{
    char name[32] = "";
    if (place >= 0)
        measure_place(m, (uint32_t)place, name);
    if (m->kind == EVENT_EIG)
        snprintf(out, 64, "%s", c->name);
    else
        snprintf(out, 64, "%s_%s%s%s", m->verb, name, place >= 0 ? "_" : "", c->name);
}

/* --- every name ------------------------------------------------------------------------------------------------------ */

/* The i-th number of what is measured, its place counted; false: there are not so many. */
static bool result_at(int i, struct metric *out)
{
    for (int k = 0; k < MEASURES; k++)
        for (const struct measure_column *c = measure_table[k].metric; c->name; c++) {
            const struct measure_info *m = &measure_table[k];
            const int places = is_list(m, c) ? (int)measure_places(m) : 1;
            if (i < places) {
                *out = (struct metric){ .kind = m->kind == EVENT_EIG ? METRIC_EIG : METRIC_RESULT, .row = is_list(m, c) ? i : -1,
                                        .measure = m, .column = c, .index = -1, .better = c->better };
                result_name(m, c, out->row, out->table);
                return true;
            }
            i -= places;
        }
    return false;
}

/* The i-th metric of a history, without its class; *of_class: it needs one. false: there are not so many. */
static bool metric_at(const struct history *h, int i, struct metric *out, bool *of_class)
{
    *of_class = false;
    *out = (struct metric){ .row = i, .index = -1 };
    if (i < EVALS) {
        out->kind = METRIC_EVAL;
        out->better = evals[i].better;
        out->percent = evals[i].percent;
        out->held = evals[i].held;
        snprintf(out->table, sizeof out->table, "%s", evals[i].name);
        snprintf(out->label, sizeof out->label, "%s", evals[i].name);
        return true;
    }
    if ((i -= EVALS) < h->n_groups) {
        *out = (struct metric){ .kind = METRIC_GROUP, .index = i, .better = 1, .percent = true, .table = "group_acc" };
        snprintf(out->of, sizeof out->of, "%s", h->group_name[i]);
        snprintf(out->label, sizeof out->label, "%s", h->group_name[i]);
        return true;
    }
    if ((i -= h->n_groups) < CLASS_ROWS) {
        *out = (struct metric){ .kind = METRIC_CLASS, .row = i, .index = -1, .better = classes[i].better, .percent = i == CLASS_ACC };
        snprintf(out->table, sizeof out->table, "%s", classes[i].table);
        snprintf(out->label, sizeof out->label, "%s", classes[i].name);
        *of_class = true;
        return true;
    }
    if ((i -= CLASS_ROWS) < METRIC_TRACES) {
        *out = (struct metric){ .kind = METRIC_TRACE, .row = i, .index = -1, .better = i == 0 ? -1 : 0, .held = i >= TRACES_HELD && i < TRACES_GAUGES };
        snprintf(out->table, sizeof out->table, "%s", metric_trace_name[i]);
        snprintf(out->label, sizeof out->label, "%s", metric_trace_name[i]);
        return true;
    }
    if (!result_at(i - METRIC_TRACES, out))
        return false;
    snprintf(out->label, sizeof out->label, "%s", out->table);
    *of_class = out->measure->class_index >= 0;
    return true;
}

bool metric_name(const struct history *h, int i, char out[64])
{
    struct metric m;
    bool of_class;
    if (!metric_at(h, i, &m, &of_class))
        return false;
    snprintf(out, 64, "%.60s%s", m.label, of_class ? ":" : "");
    return true;
}

/* --- from a text ----------------------------------------------------------------------------------------------------- */

int metric_class(const struct history *h, const char *name, int index)
{
    if (index >= 0 && index < h->n_classes && strcmp(h->cls[index].name, name) == 0)
        return index;
    for (int i = 0; i < h->n_classes; i++)
        if (strcmp(h->cls[i].name, name) == 0)
            return i;
    return -1;
}

static int class_of(const char *text, const struct history *h, struct err *err)
{
    char *end;
    const long number = strtol(text, &end, 10);
    const int named = metric_class(h, text, -1);
    if (named >= 0)
        return named;
    if (*text && !*end && number >= 0 && number < h->n_classes)
        return (int)number;
    return err_set(err, ERR_INVALID, "no class '%.60s' in %.60s: 0 to %d, or a name", text, h->name, h->n_classes - 1);
}

static bool is_group(const char *name, const char *group)
{
    const size_t n = strlen(group);
    return strncmp(name, group, n) == 0 && (!name[n] || strcmp(name + n, "_acc") == 0);
}

/* Those of evaluations and steps, and the best known one of what is measured. */
static void list_names(const struct history *h, char *out, size_t size)
{
    struct metric m;
    bool of_class;
    out[0] = '\0';
    for (int i = 0; metric_at(h, i, &m, &of_class) && m.kind != METRIC_EIG && m.kind != METRIC_RESULT; i++)
        text_append(out, size, "%s%s, ", m.label, of_class ? ":CLASS" : "");
    text_append(out, size, "lmin:CLASS, lmax:CLASS ...");
}

static int refuse_name(const char *name, const struct history *h, struct err *err)
{
    enum { MOST = 128 };
    char text[MOST][64], all[400];
    const char *list[MOST];
    int n = 0;
    for (; n < MOST && metric_name(h, n, text[n]); n++) {
        text[n][strcspn(text[n], ":")] = '\0';
        list[n] = text[n];
    }
    const char *near = nearest_word(name, list, n);
    if (near)
        return err_set(err, ERR_INVALID, "unknown metric '%.60s'; did you mean '%s'?", name, near);
    list_names(h, all, sizeof all);
    return err_set(err, ERR_INVALID, "unknown metric '%.60s'; %s", name, all);
}

/* The row of that name, with or without a class as it is written; if there is none such, one of the other sort. -1: none. */
static int find_row(const char *name, const struct history *h, bool with_class, bool *of_class)
{
    struct metric m;
    int other = -1;
    for (int i = 0; metric_at(h, i, &m, of_class); i++) {
        if (m.kind == METRIC_GROUP ? !is_group(name, m.label) : strcmp(m.label, name) != 0)
            continue;
        if (*of_class == with_class)
            return i;
        other = i;
    }
    *of_class = !with_class;
    return other;
}

int metric_parse(const char *text, const struct history *h, struct metric *out, struct err *err)
{
    char name[64];
    const char *class = strchr(text, ':');
    bool of_class;
    snprintf(name, sizeof name, "%.*s", (int)(class ? class - text : (long)strlen(text)), text);
    const int row = strlen(text) < 256 ? find_row(name, h, class != NULL, &of_class) : -1;
    if (row < 0)
        return refuse_name(name, h, err);
    if (of_class != (class != NULL))
        return of_class ? err_set(err, ERR_INVALID, "'%s' is of a class: %s:CLASS", name, name)
                        : err_set(err, ERR_INVALID, "'%s' is not of a class; without '%.60s'", name, class);
    metric_at(h, row, out, &of_class);
    if (!of_class)
        return 0;
    out->index = class_of(class + 1, h, err);
    if (out->index < 0)
        return -1;
    snprintf(out->of, sizeof out->of, "%s", h->cls[out->index].name);
    text_append(out->label, sizeof out->label, ":%s", out->of);
    return 0;
}

bool metric_bind(const struct metric *m, const struct history *h, struct metric *out)
{
    *out = *m;
    if (m->of[0] && m->kind != METRIC_GROUP && (out->index = metric_class(h, m->of, m->index)) < 0)
        return false;
    if (m->kind == METRIC_RESULT)
        out->newest = history_last(h, measure_number(m->measure), out->index);
    if (m->kind != METRIC_GROUP)
        return true;
    for (out->index = 0; out->index < h->n_groups; out->index++)
        if (strcmp(h->group_name[out->index], m->of) == 0)
            return true;
    return false;
}

bool metric_of_steps(const struct metric *m, struct metric *out)
{
    *out = *m;
    for (int i = 0; i < METRIC_TRACES && m->kind == METRIC_EVAL && m->held; i++)
        if (strcmp(metric_trace_name[i] + strlen("step_"), m->label) == 0) {
            *out = (struct metric){ .kind = METRIC_TRACE, .row = i, .index = -1, .held = true };
            return true;
        }
    return false;
}

/* --- its values ------------------------------------------------------------------------------------------------------ */

size_t metric_count(const struct metric *m, const struct history *h)
{
    switch (m->kind) {
    case METRIC_TRACE: return metric_trace(h, m->row)->n;
    case METRIC_EIG: return h->n_eig;
    case METRIC_RESULT: return h->result[measure_number(m->measure)].n;
    default: return h->n_eval;
    }
}

static double eval_value(const struct metric *m, const struct history *h, size_t i)
{
    if (m->kind == METRIC_EVAL)
        return metric_eval(&h->eval[i], m->row);
    if (m->kind == METRIC_GROUP)
        return h->eval[i].group[m->index];
    return m->row == CLASS_ACC ? history_class_acc(h, i, m->index)
                               : history_class_loss(h, i, m->index, m->row == CLASS_LOSS ? EVAL_LOSS : EVAL_TRAIN_LOSS);
}

/* Measured of the same images in the same way: the words of their tables are the same, but for the hash of the images, which changes with
 * how many were taken. */
static bool same_way(const struct measure_info *m, const struct event_field *a, const struct event_field *b)
{
    for (const struct measure_column *c = m->column; c->name; c++)
        if (c->field >= 0 && event_table[m->kind].field[c->field].type == EVENT_STR && strcmp(c->name, "subset") != 0 &&
            strcmp(a[c->field].s, b[c->field].s) != 0)
            return false;
    return true;
}

static bool result_point(const struct metric *m, const struct history *h, size_t i, struct metric_point *out)
{
    const struct history_result *r = &h->result[measure_number(m->measure)].at[i];
    if ((m->index >= 0 && (int)r->class != m->index) || (m->newest && !same_way(m->measure, r->f, m->newest->f)))
        return false;
    out->step = r->step;
    out->epoch = r->epoch;
    out->value = m->row < 0 ? r->f[m->column->field].f : event_number_at(&r->f[m->column->field], (uint32_t)m->row);
    return true;
}

/* A loss that is no number was measured all the same, where its accuracy was: then the network is lost. */
static bool loss_is_lost(const struct metric *m, const struct history *h, size_t i)
{
    const struct history_eval *e = &h->eval[i];
    if (m->kind == METRIC_EVAL)
        return (strcmp(evals[m->row].name, "loss") == 0 && isfinite(e->acc)) || (strcmp(evals[m->row].name, "train_loss") == 0 && isfinite(e->train_acc));
    return m->kind == METRIC_CLASS && m->row == CLASS_LOSS && e->cls_loss[EVAL_LOSS] && isfinite(history_class_acc(h, i, m->index));
}

bool metric_point(const struct metric *m, const struct history *h, size_t i, struct metric_point *out)
{
    if (m->kind == METRIC_TRACE) {
        metric_bin(h, metric_trace(h, m->row), (uint32_t)i, out);
        return m->row == 0 || !isnan(out->value); /* a step has its loss */
    }
    if (m->kind == METRIC_EIG) {
        const struct history_eig *e = &h->eig[i];
        if ((int)e->class != m->index || e->how[0])
            return false;
        *out = (struct metric_point){ .step = e->step, .epoch = e->epoch, .value = metric_eig(e, m->column->field) };
    } else if (m->kind == METRIC_RESULT) {
        if (!result_point(m, h, i, out))
            return false;
    } else
        *out = (struct metric_point){ .step = h->eval[i].step, .epoch = h->eval[i].epoch, .value = eval_value(m, h, i) };
    out->low = out->high = out->value;
    if (!isfinite(out->epoch) || (isnan(out->value) && (m->kind == METRIC_EIG || m->kind == METRIC_RESULT || !loss_is_lost(m, h, i))))
        return false;
    return true;
}
