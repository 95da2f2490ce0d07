#include "config.h"
#include "session/export_curves.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "session/csv.h"
#include "session/density.h"

const char *const curves_what_names[CURVES_WHATS] = { "spectra", "density", "lambda", "slice", "cnc", "reading" };

/* --- what is wanted -------------------------------------------------------------------------------------------------- */

static bool any_watched(const struct history *h)
{
    for (size_t i = 0; i < h->n_eig; i++)
        if (h->cls[h->eig[i].class].watched)
            return true;
    return false;
}

bool curves_wanted(const struct history *h, const struct curves_request *q, uint32_t class, double epoch)
{
    if (class >= (uint32_t)h->n_classes || (isfinite(q->epoch) && !(epoch <= q->epoch)))
        return false;
    if (q->classes)
        return q->classes[class];
    bool spectra = q->what == CURVES_OF_SPECTRA || q->what == CURVES_OF_DENSITY || q->what == CURVES_OF_LAMBDA;
    return !spectra || h->cls[class].watched || !any_watched(h);
}

int curves_spectra(const struct history *h, const struct curves_request *q, const struct history_eig *out[CURVES_MOST])
{
    int n = 0;
    for (uint32_t class = 0; class < (uint32_t)h->n_classes && n < CURVES_MOST; class++)
        for (size_t i = h->n_eig; i > 0; i--) {
            const struct history_eig *e = &h->eig[i - 1];
            if (e->class == class && e->n_nodes && curves_wanted(h, q, class, e->epoch)) {
                out[n++] = e;
                break;
            }
        }
    return n;
}

int curves_slices(const struct history *h, const struct curves_request *q, const struct history_slice *out[CURVES_MOST])
{
    int n = 0;
    for (size_t i = h->n_slice; i > 0 && n < CURVES_MOST; i--) {
        const struct history_slice *s = &h->slice[i - 1];
        bool known = !curves_wanted(h, q, s->class, s->epoch);
        for (int k = 0; k < n; k++)
            known |= out[k]->class == s->class && strcmp(out[k]->along, s->along) == 0;
        if (!known)
            out[n++] = s;
    }
    return n;
}

int curves_nothing(const struct curves_request *q, struct err *err)
{
    static const char *const what[CURVES_WHATS] = { "spectrum", "spectrum", "eigenvalue", "slice", "cnc", "reading" };
    static const char *const how[CURVES_WHATS] = { "hessian", "hessian", "hessian", "slice", "cnc", "reading" };
    if (q->what == CURVES_OF_READINGS)
        return err_set(err, ERR_INVALID, "no reading of the wanted epochs was recorded; 'reading tau_norm' makes one");
    return err_set(err, ERR_INVALID, "no %s of the wanted classes and epochs was recorded; '%s CLASS' measures one", what[q->what], how[q->what]);
}

/* --- tables ---------------------------------------------------------------------------------------------------------- */

static void put_number(FILE *out, double value, const char *format)
{
    putc(',', out);
    if (!isnan(value))
        fprintf(out, format, value);
}

struct probed { /* what was measured */
    uint64_t step;
    double epoch;
    uint32_t class, images;
    const char *subset;
};

/* run,step,epoch,class,name,images,subset */
static void put_head(FILE *out, const struct history *h, struct probed p)
{
    csv_put_text(out, h->name);
    fprintf(out, ",%" PRIu64, p.step);
    put_number(out, p.epoch, "%.6g");
    fprintf(out, ",%" PRIu32 ",", p.class);
    csv_put_text(out, h->cls[p.class].name);
    fprintf(out, ",%" PRIu32 ",%s", p.images, p.subset);
}

static void put_eig(FILE *out, const struct history *h, const struct history_eig *e)
{
    put_head(out, h, (struct probed){ e->step, e->epoch, e->class, e->images, e->subset });
    putc(',', out);
    csv_put_text(out, e->how);
    fprintf(out, ",%" PRIu32, e->iters);
    put_number(out, e->lmin, "%.17g");
    put_number(out, e->rmin, "%.3g");
    put_number(out, e->lmax, "%.17g");
    put_number(out, e->rmax, "%.3g");
}

#define HEAD "run,step,epoch,class,name,images,subset"
#define EIG_HEAD HEAD ",how,iters,lmin,lmin_bound,lmax,lmax_bound"

static size_t put_lambda(FILE *out, const struct history *h, const struct curves_request *q)
{
    size_t rows = 0;
    fputs(EIG_HEAD ",ratio,loss,trace,trace_se,amplification,why,seconds\n", out);
    for (size_t i = 0; i < h->n_eig; i++) {
        const struct history_eig *e = &h->eig[i];
        if (!curves_wanted(h, q, e->class, e->epoch))
            continue;
        put_eig(out, h, e);
        put_number(out, e->lmax != 0 ? fabs(e->lmin / e->lmax) : NAN, "%.9g"); /* methods 7.3 */
        put_number(out, e->loss, "%.17g");
        put_number(out, e->trace, "%.17g");
        put_number(out, e->trace_se, "%.3g");
        put_number(out, e->amp, "%.9g");
        fprintf(out, ",%s", e->why);
        put_number(out, e->seconds, "%.4g");
        putc('\n', out);
        rows++;
    }
    return rows;
}

static size_t put_nodes(FILE *out, const struct history *h, const struct curves_request *q)
{
    size_t rows = 0;
    fputs(EIG_HEAD ",runs,node,weight\n", out);
    for (size_t i = 0; i < h->n_eig; i++) {
        const struct history_eig *e = &h->eig[i];
        for (uint32_t k = 0; k < e->n_nodes && curves_wanted(h, q, e->class, e->epoch); k++) {
            put_eig(out, h, e);
            fprintf(out, ",%" PRIu32 ",%.17g,%.17g\n", e->runs ? e->runs : 1, e->nodes[k], e->wts[k]);
            rows++;
        }
    }
    return rows;
}

static size_t put_density(FILE *out, const struct history *h, const struct curves_request *q)
{
    const struct history_eig *of[CURVES_MOST];
    int n = curves_spectra(h, q, of), points = q->reference ? DENSITY_REFERENCE_POINTS : 1000;
    double *value = malloc((size_t)points * sizeof *value);
    size_t rows = 0;
    fputs(EIG_HEAD ",smoothing,eigenvalue,density\n", out);
    for (int i = 0; i < n && value; i++) {
        struct density_nodes d = { of[i]->nodes, of[i]->wts, of[i]->n_nodes, of[i]->runs };
        double low = 0, high = 0;
        if (q->reference)
            density_reference(&d, points, &low, &high, value);
        else if (density_range(&d, 1, 0.05, &low, &high))
            density_resolved(&d, low, high, points, value);
        else
            continue;
        for (int k = 0; k < points; k++) {
            double x = q->reference ? low + k * (high - low) / (points - 1) : low + (k + 0.5) * (high - low) / points;
            put_eig(out, h, of[i]);
            fprintf(out, ",%s,%.9g,%.9g\n", q->reference ? "reference" : "resolved", x, value[k]);
            rows++;
        }
    }
    free(value);
    return rows;
}

static size_t put_slices(FILE *out, const struct history *h, const struct curves_request *q)
{
    size_t rows = 0;
    fputs(HEAD ",along,curvature,at,loss\n", out);
    for (size_t i = 0; i < h->n_slice; i++) {
        const struct history_slice *s = &h->slice[i];
        for (uint32_t k = 0; k < s->n && curves_wanted(h, q, s->class, s->epoch); k++) {
            put_head(out, h, (struct probed){ s->step, s->epoch, s->class, s->images, s->subset });
            putc(',', out);
            csv_put_text(out, s->along);
            put_number(out, s->lambda, "%.17g");
            put_number(out, s->at[k], "%.17g");
            put_number(out, s->loss[k], "%.17g");
            putc('\n', out);
            rows++;
        }
    }
    return rows;
}

static size_t put_cnc(FILE *out, const struct history *h, const struct curves_request *q)
{
    static const char *const ways[CNC_WAYS] = { "linear", "unnormalised", "sam" };
    size_t rows = 0;
    fputs(HEAD ",lmin,residual,rho,batches,batch,a2,a2_se,gradient_norm,share,step_of,ratio,low,high,predicted\n", out);
    for (size_t i = 0; i < h->n_cnc; i++) {
        const struct history_cnc *c = &h->cnc[i];
        for (int k = 0; k < CNC_WAYS && curves_wanted(h, q, c->class, c->epoch); k++) {
            const double numbers[] = { c->a2, c->a2_se, c->gn, c->share }, results[] = { c->ratio[k], c->low[k], c->high[k], c->predicted[k] };
            put_head(out, h, (struct probed){ c->step, c->epoch, c->class, c->images, c->subset });
            put_number(out, c->lmin, "%.17g");
            put_number(out, c->residual, "%.3g");
            put_number(out, c->rho, "%.9g");
            fprintf(out, ",%" PRIu32 ",%" PRIu32, c->batches, c->batch);
            for (int j = 0; j < 4; j++)
                put_number(out, numbers[j], "%.9g");
            fprintf(out, ",%s", ways[k]);
            for (int j = 0; j < 4; j++)
                put_number(out, results[j], "%.9g");
            putc('\n', out);
            rows++;
        }
    }
    return rows;
}

static void put_reading(FILE *out, const struct history *h, const struct history_reading *r, const char *kind, double tau,
                        const double parts[READING_PARTS])
{
    csv_put_text(out, h->name);
    fprintf(out, ",%" PRIu64, r->step);
    put_number(out, r->epoch, "%.6g");
    putc(',', out);
    csv_put_text(out, kind);
    putc(',', out);
    csv_put_text(out, r->split);
    fprintf(out, ",%" PRIu32, r->images);
    put_number(out, tau, "%.9g");
    for (int k = 0; k < READING_PARTS; k++)
        put_number(out, parts[k], "%.9g");
    putc(',', out);
    if (tau == r->at) /* the row that counts says where its tau comes from */
        csv_put_text(out, r->chosen);
    putc('\n', out);
}

bool curves_reading_wanted(const struct curves_request *q, const struct history_reading *r)
{
    return !(isfinite(q->epoch) && !(r->epoch <= q->epoch));
}

/* The network's own classifier, then each tau; `chosen` marks the row that counts. */
static size_t put_readings(FILE *out, const struct history *h, const struct curves_request *q)
{
    size_t rows = 0;
    fputs("run,step,epoch,reading,split,images,tau,acc,head,mid,tail,chosen\n", out);
    for (size_t i = 0; i < h->n_reading; i++) {
        const struct history_reading *r = &h->reading[i];
        if (!curves_reading_wanted(q, r))
            continue;
        put_reading(out, h, r, "plain", NAN, r->plain);
        if (r->n == 0)
            put_reading(out, h, r, r->kind, NAN, r->value);
        for (uint32_t k = 0; k < r->n; k++) {
            const double parts[READING_PARTS] = { r->acc[READING_ALL][k], r->acc[READING_HEAD][k], r->acc[READING_MID][k], r->acc[READING_TAIL][k] };
            put_reading(out, h, r, r->kind, r->tau[k], parts);
        }
        rows += r->n + 1 + (r->n == 0);
    }
    return rows;
}

int curves_put_csv(FILE *out, const struct history *h, const struct curves_request *q, struct err *err)
{
    static size_t (*const put[CURVES_WHATS])(FILE *, const struct history *, const struct curves_request *) = {
        put_nodes, put_density, put_lambda, put_slices, put_cnc, put_readings };
    return put[q->what](out, h, q) ? 0 : curves_nothing(q, err);
}
