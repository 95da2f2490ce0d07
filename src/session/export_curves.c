#include "config.h"
#include "session/export_curves.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "session/csv.h"
#include "session/density.h"

static_assert(MEASURE_EIG == 0, "curves_of() counts from it");

const char *curves_what_name(int what)
{
    static const char *const own[CURVES_OWN] = { [CURVES_OF_SPECTRA] = "spectra", [CURVES_OF_DENSITY] = "density", [CURVES_OF_LAMBDA] = "lambda" };
    return what < CURVES_OWN ? own[what] : curves_measure(what)->verb;
}

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
    if (isfinite(q->epoch) && !(epoch <= q->epoch))
        return false;
    if (curves_measure(q->what)->class_index < 0)
        return true;
    if (class >= (uint32_t)h->n_classes)
        return false;
    if (q->classes)
        return q->classes[class];
    return q->what >= CURVES_OWN || h->cls[class].watched || !any_watched(h);
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

int curves_slices(const struct history *h, const struct curves_request *q, const struct history_result *out[CURVES_MOST])
{
    const struct history_results *list = &h->result[MEASURE_SLICE];
    int n = 0;
    for (size_t i = list->n; i > 0 && n < CURVES_MOST; i--) {
        const struct history_result *s = &list->at[i - 1];
        bool known = !curves_wanted(h, q, s->class, s->epoch);
        for (int k = 0; k < n; k++)
            known |= out[k]->class == s->class && strcmp(out[k]->f[EV_SLICE_ALONG].s, s->f[EV_SLICE_ALONG].s) == 0;
        if (!known)
            out[n++] = s;
    }
    return n;
}

int curves_nothing(const struct curves_request *q, struct err *err)
{
    const struct measure_info *m = curves_measure(q->what);
    const char *what = q->what >= CURVES_OWN ? m->verb : q->what == CURVES_OF_LAMBDA ? "eigenvalue" : "spectrum";
    if (m->class_index < 0)
        return err_set(err, ERR_INVALID, "no %s of the wanted epochs was recorded; '%s' makes one", what, m->example);
    return err_set(err, ERR_INVALID, "no %s of the wanted classes and epochs was recorded; '%s' measures one", what, m->example);
}

/* --- tables ---------------------------------------------------------------------------------------------------------- */

static void put_number(FILE *out, double value, const char *format)
{
    putc(',', out);
    if (!isnan(value))
        fprintf(out, format, value);
}

static void put_eig(FILE *out, const struct history *h, const struct history_eig *e)
{
    csv_put_text(out, h->name);
    fprintf(out, ",%" PRIu64, e->step);
    put_number(out, e->epoch, "%.6g");
    fprintf(out, ",%" PRIu32 ",", e->class);
    csv_put_text(out, h->cls[e->class].name);
    fprintf(out, ",%" PRIu32 ",", e->images);
    csv_put_text(out, e->subset);
    putc(',', out);
    csv_put_text(out, e->how);
    fprintf(out, ",%" PRIu32, e->iters);
    put_number(out, e->lmin, "%.17g");
    put_number(out, e->rmin, "%.3g");
    put_number(out, e->lmax, "%.17g");
    put_number(out, e->rmax, "%.3g");
}

#define EIG_HEAD "run,step,epoch,class,name,images,subset,how,iters,lmin,lmin_bound,lmax,lmax_bound"

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
        putc(',', out);
        csv_put_text(out, e->why);
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
        struct density_nodes d = density_of(of[i]);
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

/* --- by the rows of events.def --- */

static void put_cell(FILE *out, const struct measure_info *m, const struct measure_column *c, const struct event_field *f, uint32_t place)
{
    const enum event_type type = c->field < 0 ? EVENT_STR : event_table[m->kind].field[c->field].type;
    char name[32];
    if (type == EVENT_STR) {
        measure_place(m, place, name);
        putc(',', out);
        csv_put_text(out, c->field < 0 ? name : f[c->field].s);
    } else
        put_number(out, type == EVENT_U64 ? (double)f[c->field].u : type == EVENT_F64S ? event_number_at(&f[c->field], place) : f[c->field].f,
                   c->format);
}

static void put_row(FILE *out, const struct history *h, const struct history_result *r, const struct measure_info *m,
                    const struct event_field *f, uint32_t place)
{
    csv_put_text(out, h->name);
    fprintf(out, ",%" PRIu64, r->step);
    put_number(out, r->epoch, "%.6g");
    if (m->class_index >= 0) {
        fprintf(out, ",%" PRIu32 ",", r->class);
        csv_put_text(out, h->cls[r->class].name);
    }
    for (const struct measure_column *c = m->column; c->name; c++)
        put_cell(out, m, c, f, place);
    putc('\n', out);
}

/* The network's own classifier, then each tau, or the one value of a kind without; only the row that counts says where its tau is from. */
static size_t put_reading(FILE *out, const struct history *h, const struct history_result *r)
{
    const struct measure_info *m = &measure_table[MEASURE_READING];
    struct event_field f[EVENT_MAX_FIELDS], one[EVENT_MAX_FIELDS];
    memcpy(f, r->f, (size_t)event_table[m->kind].n_fields * sizeof *f);
    f[EV_READING_CHOSEN].s = "";
    for (int own = 1; own >= (r->n == 0 ? 0 : 1); own--) {
        memcpy(one, f, sizeof one);
        const struct event_field *parts = &f[own ? EV_READING_PLAIN : EV_READING_VALUE];
        one[EV_READING_KIND].s = own ? "plain" : f[EV_READING_KIND].s;
        one[EV_READING_TAU].n = 0;
        for (uint32_t k = 0; k < READING_PARTS; k++)
            one[EV_READING_ACC + k] = (struct event_field){ .f64s = parts->f64s + k, .n = k < parts->n };
        put_row(out, h, r, m, one, 0);
    }
    for (uint32_t k = 0; k < r->n; k++) {
        f[EV_READING_CHOSEN].s = f[EV_READING_TAU].f64s[k] == f[EV_READING_AT].f ? r->f[EV_READING_CHOSEN].s : "";
        put_row(out, h, r, m, f, k);
    }
    return r->n + 1 + (r->n == 0);
}

static size_t put_results(FILE *out, const struct history *h, const struct curves_request *q)
{
    const struct measure_info *m = curves_measure(q->what);
    const struct history_results *list = &h->result[measure_number(m)];
    size_t rows = 0;
    fputs(m->class_index < 0 ? "run,step,epoch" : "run,step,epoch,class,name", out);
    for (const struct measure_column *c = m->column; c->name; c++)
        fprintf(out, ",%s", c->name);
    putc('\n', out);
    for (size_t i = 0; i < list->n; i++) {
        const struct history_result *r = &list->at[i];
        if (!curves_wanted(h, q, r->class, r->epoch))
            continue;
        if (m->kind == EVENT_READING)
            rows += put_reading(out, h, r);
        for (uint32_t k = 0; k < r->n && m->kind != EVENT_READING; k++, rows++)
            put_row(out, h, r, m, r->f, k);
    }
    return rows;
}

int curves_put_csv(FILE *out, const struct history *h, const struct curves_request *q, struct err *err)
{
    static size_t (*const own[CURVES_OWN])(FILE *, const struct history *, const struct curves_request *) = {
        [CURVES_OF_SPECTRA] = put_nodes, [CURVES_OF_DENSITY] = put_density, [CURVES_OF_LAMBDA] = put_lambda };
    const size_t rows = q->what < CURVES_OWN ? own[q->what](out, h, q) : put_results(out, h, q);
    return rows ? 0 : curves_nothing(q, err);
}
