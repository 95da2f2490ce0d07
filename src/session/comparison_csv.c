#include "config.h"
#include "session/comparison.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "session/csv.h"

enum { DENSITY_CELLS = 1000 };

static void put_start(FILE *out, const struct comparison *c, int run)
{
    csv_put_text(out, comparison_name(c, run));
    putc(',', out);
}

static size_t put_series(FILE *out, struct comparison *c, int run, int metric)
{
    const struct metric *m = comparison_metric(c, metric);
    const struct comparison_series s = comparison_series(c, run, metric);
    const size_t n = comparison_at(c, run, metric).of;
    size_t i = 0, lost = 0;
    for (const struct metric_point *p;; p == &s.at[i] ? i++ : lost++) {
        const bool more = lost < s.n_lost && s.lost[lost].epoch <= comparison_cursor(c, run) + 1e-9;
        if (i == n && !more)
            break;
        p = i == n || (more && s.lost[lost].step < s.at[i].step) ? &s.lost[lost] : &s.at[i];
        put_start(out, c, run);
        fprintf(out, "%s,", m->table);
        csv_put_text(out, m->of);
        fprintf(out, ",%.6g,%" PRIu64 ",%.9g\n", p->epoch, p->step, isnan(p->value) ? fabs(p->value) : p->value);
    }
    return i + lost;
}

static size_t put_metrics(FILE *out, struct comparison *c)
{
    size_t rows = 0;
    fputs("run,metric,class,epoch,step,value\n", out);
    for (int run = 0; run < comparison_runs(c); run++)
        for (int m = 0; m < comparison_metrics(c); m++)
            rows += put_series(out, c, run, m);
    return rows;
}

/* One class of every run, on one axis. */
static size_t put_class(FILE *out, struct comparison *c, int class, double *value)
{
    double low, high;
    size_t rows = 0;
    if (comparison_densities(c, class, DENSITY_CELLS, &low, &high, value) == 0)
        return 0;
    for (int run = 0; run < comparison_runs(c); run++) {
        const struct history_eig *e = comparison_spectrum(c, run, class);
        for (int k = 0; e && e->n_nodes && k < DENSITY_CELLS; k++, rows++) {
            put_start(out, c, run);
            csv_put_text(out, comparison_history(c, 0)->cls[class].name);
            fprintf(out, ",%.6g,%" PRIu64 ",%.9g,%.9g\n", e->epoch, e->step, low + (k + 0.5) * (high - low) / DENSITY_CELLS, value[run * DENSITY_CELLS + k]);
        }
    }
    return rows;
}

static int put_densities(FILE *out, struct comparison *c, const struct comparison_view *view, struct err *err)
{
    const int classes = comparison_history(c, 0)->n_classes;
    int *class = malloc(sizeof *class * ((size_t)classes + 1));
    double *value = malloc(sizeof *value * DENSITY_CELLS * COMPARISON_RUNS);
    size_t rows = 0;
    const bool memory = class && value;
    fputs("run,class,epoch,step,eigenvalue,density\n", out);
    for (int i = 0, n = memory ? comparison_density_classes(c, view, class, classes) : 0; i < n; i++)
        rows += put_class(out, c, class[i], value);
    free(class);
    free(value);
    if (!memory)
        return err_set(err, ERR_MEMORY, "no memory for densities");
    return rows ? 0 : comparison_nothing(view, err);
}

int comparison_nothing(const struct comparison_view *view, struct err *err)
{
    if (view->density)
        return err_set(err, ERR_INVALID, "no spectrum of the wanted classes was recorded in any of these runs; 'hessian CLASS' measures one");
    return err_set(err, ERR_INVALID, "nothing of these metrics was recorded in any of these runs up to there");
}

int comparison_put_csv(FILE *out, struct comparison *c, const struct comparison_view *view, struct err *err)
{
    if (view->density)
        return put_densities(out, c, view, err);
    return put_metrics(out, c) ? 0 : comparison_nothing(view, err);
}
