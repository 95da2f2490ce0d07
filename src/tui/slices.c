/* Slices and Theorem 2 in the curvature pane: the loss along a direction through the weights, and gradients along v_min against
 * the theorem's prediction. */
#include "config.h"
#include "tui/curves.h"

#include "tui/widgets.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

enum { LABELS = CURVES_LABELS, MOST_SLICES = 3 };
static const char letters[MOST_SLICES] = { 'a', 'b', '*' }; /* of the curves in ASCII; the last is on top */

const struct history_result *curves_source(const struct screen *s, enum measure measure)
{
    const struct history_result *own = s->selected >= 0 ? history_last(s->view.h, measure, s->selected) : NULL;
    return own ? own : history_last(s->view.h, measure, -1);
}

/* --- slices ---------------------------------------------------------------------------------------------------------- */

static const char *along(const struct history_result *s)
{
    return s->f[EV_SLICE_ALONG].s;
}

/* The newest slice of each direction at the same weights, the given one last so that it lies on top. */
static int family(const struct history *h, const struct history_result *main, const struct history_result *out[MOST_SLICES])
{
    const struct history_results *list = &h->result[MEASURE_SLICE];
    int n = 0;
    for (size_t i = list->n; i > 0 && n < MOST_SLICES - 1; i--) {
        const struct history_result *s = &list->at[i - 1];
        bool known = s == main || s->class != main->class || s->step != main->step || strcmp(along(s), along(main)) == 0;
        for (int k = 0; k < n; k++)
            known |= strcmp(along(out[k]), along(s)) == 0;
        if (!known)
            out[n++] = s;
    }
    out[n++] = main;
    return n;
}

static double loss_at(const struct history_result *s, double t)
{
    const double *at = s->f[EV_SLICE_AT].f64s, *loss = s->f[EV_SLICE_LOSS].f64s;
    if (t < at[0] || t > at[s->n - 1])
        return NAN;
    uint32_t i = 1;
    while (i + 1 < s->n && at[i] < t)
        i++;
    if (s->n < 2 || at[i] <= at[i - 1])
        return loss[0];
    double share = (t - at[i - 1]) / (at[i] - at[i - 1]);
    return loss[i - 1] + share * (loss[i] - loss[i - 1]);
}

/* Value and slope at the weights. */
static bool at_weights(const struct history_result *s, double *loss, double *slope)
{
    const double *at = s->f[EV_SLICE_AT].f64s, *ys = s->f[EV_SLICE_LOSS].f64s;
    for (uint32_t i = 1; i + 1 < s->n; i++)
        if (at[i] == 0 && at[i - 1] < 0 && at[i + 1] > 0) {
            *loss = ys[i];
            *slope = (ys[i + 1] - ys[i - 1]) / (at[i + 1] - at[i - 1]);
            return isfinite(*loss) && isfinite(*slope);
        }
    return false;
}

struct scale {
    double x0, x1, y0, y1;
};

static struct scale scale_of(const struct history_result *const *slice, int n)
{
    struct scale k = { INFINITY, -INFINITY, INFINITY, -INFINITY };
    for (int i = 0; i < n; i++)
        for (uint32_t j = 0; j < slice[i]->n; j++) {
            const double at = slice[i]->f[EV_SLICE_AT].f64s[j], loss = slice[i]->f[EV_SLICE_LOSS].f64s[j];
            k.x0 = fmin(k.x0, at);
            k.x1 = fmax(k.x1, at);
            if (isfinite(loss)) {
                k.y0 = fmin(k.y0, loss);
                k.y1 = fmax(k.y1, loss);
            }
        }
    if (!(k.y1 - k.y0 > 1e-12 * fabs(k.y1))) {
        k.y0 -= 0.5;
        k.y1 += 0.5;
    }
    return k;
}

static void paint_slice_curve(struct plot *p, const struct scale *k, const struct history_result *s, double loss, double slope)
{
    bool parabola = isfinite(loss);
    for (int x = 0; x < p->width; x++) {
        double t = k->x0 + (k->x1 - k->x0) * (x + 0.5) / p->width;
        double value = parabola ? loss + slope * t + 0.5 * s->f[EV_SLICE_LAMBDA].f * t * t : loss_at(s, t);
        double share = (value - k->y0) / (k->y1 - k->y0);
        if (!isfinite(share) || share < -0.001 || share > 1.001 || (parabola && x % 3 == 2))
            plot_gap(p);
        else
            plot_column(p, x, share, share);
    }
}

void curves_values(struct area a, double low, double high, int rows)
{
    for (int r = 0; r < rows; r++) {
        area_char(a, r, LABELS - 1, INK_DIM, 0x2502);
        if (rows > 1 && (r == 0 || r == rows - 1 || (r % 3 == 0 && r < rows - 2))) {
            char text[16];
            format_short(text, high - (high - low) * r / (rows - 1), 7);
            area_put(a, r, 1, INK_DIM, text);
        }
    }
}

static void slice_title(const struct screen *s, struct area a, const struct history_result *m, const struct history_result *const *all, int n)
{
    const struct history *h = s->view.h;
    char title[256], lambda[16];
    format_eig(lambda, m->f[EV_SLICE_LAMBDA].f);
    size_t used = (size_t)snprintf(title, 160, " slice %u %s along %s · curvature %s · ep %.1f ", m->class,
                                   m->class < (uint32_t)h->n_classes ? h->cls[m->class].name : "", along(m), lambda, m->epoch);
    for (int i = 0; i < n - 1; i++)
        used += (size_t)snprintf(title + used, sizeof title - used, "· %c %s ", letters[i], along(all[i]));
    curves_rule(s, a, title);
}

static void slice_paint(const struct screen *s, struct area a)
{
    const struct history *h = s->view.h;
    const struct history_result *m = curves_source(s, MEASURE_SLICE), *all[MOST_SLICES];
    int rows = a.rows - 3;
    if (!m || rows < 2)
        return;
    int n = family(h, m, all);
    slice_title(s, a, m, all, n);
    struct scale k = scale_of(all, n);
    struct area body = area_part(a, 1, 0, a.rows - 1, a.cols), frame = area_part(body, 0, LABELS, rows, a.cols - LABELS);
    curves_values(body, k.y0, k.y1, rows);
    curves_axis(body, LABELS, rows, k.x0, k.x1);
    double loss = NAN, slope = NAN;
    int zero = k.x1 > k.x0 ? (int)(-k.x0 / (k.x1 - k.x0) * frame.cols) : -1;
    for (int r = 0; r < rows && k.x0 <= 0 && k.x1 >= 0; r++)
        area_char(frame, r, zero, INK_DIM, 0x250a);
    struct plot p;
    if (at_weights(m, &loss, &slope)) {
        plot_begin(&p, frame, s->glyphs, INK_DIM);
        p.letter = '.';
        paint_slice_curve(&p, &k, m, loss, slope);
    }
    for (int i = 0; i < n; i++) {
        unsigned ink = all[i] == m ? group_ink(h, h->cls[m->class].group) : INK_DIM;
        plot_begin(&p, frame, s->glyphs, ink);
        p.letter = all[i] == m ? '*' : letters[i];
        paint_slice_curve(&p, &k, all[i], NAN, NAN);
    }
    if (isfinite(loss))
        area_char(frame, (int)lround((1 - (loss - k.y0) / (k.y1 - k.y0)) * (rows - 1)), zero, INK_BOLD, 0x25cf);
}

static void slice_detail(const struct history *h, int class, struct buf *out)
{
    const struct history_result *r = history_last(h, MEASURE_SLICE, class);
    if (r)
        buf_addf(out, "slice       along %s: curvature %.4g, epoch %.1f\n", along(r), r->f[EV_SLICE_LAMBDA].f, r->epoch);
}

const struct curves view_slice = { .measure = MEASURE_SLICE, .paint = slice_paint, .detail = slice_detail };

/* --- Theorem 2 ------------------------------------------------------------------------------------------------------- */

static void number(char out[NUMBER_TEXT_MAX], double value)
{
    number_told(out, "%.3g", value);
}

/* The table, a line for each row. */
static void cnc_text(const struct history *h, const struct history_result *c, struct buf *out)
{
    static const char *const ways[CNC_WAYS] = { [CNC_LINEAR] = "linear", [CNC_UNNORMALISED] = "unnormalised", [CNC_SAM] = "as SAM does it" };
    const struct event_field *f = c->f;
    char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX], d[NUMBER_TEXT_MAX], e[NUMBER_TEXT_MAX];
    number(a, f[EV_CNC_LMIN].f);
    number(b, f[EV_CNC_RESIDUAL].f);
    number(d, f[EV_CNC_RHO].f);
    buf_addf(out, "Theorem 2  %u %s, epoch %.1f: λmin %s, |Hv-λv| %s, ρ %s\n", c->class,
             c->class < (uint32_t)h->n_classes ? h->cls[c->class].name : "", c->epoch, a, b, d);
    number(a, f[EV_CNC_A2].f);
    number(b, f[EV_CNC_A2_SE].f);
    number(d, f[EV_CNC_GN].f);
    buf_addf(out, "E<v,g>² of SGD %s ± %s; %" PRIu64 " batches of %" PRIu64 ", |g| %s\n", a, b, f[EV_CNC_BATCHES].u, f[EV_CNC_BATCH].u, d);
    buf_addf(out, "%-14s%7s  %-14s%7s\n", "SAM / SGD", "ratio", "95% interval", "theorem");
    for (uint32_t i = 0; i < CNC_WAYS; i++) {
        const double ratio = event_number_at(&f[EV_CNC_RATIO], i), low = event_number_at(&f[EV_CNC_LOW], i);
        const double high = event_number_at(&f[EV_CNC_HIGH], i), predicted = event_number_at(&f[EV_CNC_PREDICTED], i);
        char interval[2 * NUMBER_TEXT_MAX + 2];
        bool inside = predicted >= low && predicted <= high;
        number(a, ratio);
        number(b, low);
        number(d, high);
        number(e, predicted);
        snprintf(interval, sizeof interval, "%s..%s", b, d);
        buf_addf(out, "%-14s%7s  %-14s%7s %s\n", ways[i], a, interval, e,
                 isnan(ratio) ? "" : inside ? "within" : predicted < low ? "below" : "above");
    }
    if (isfinite(f[EV_CNC_SHARE].f))
        buf_addf(out, "amplification below -2 in %.0f%% of the batches\n", f[EV_CNC_SHARE].f * 100);
}

static void cnc_paint(const struct screen *s, struct area a)
{
    const struct history_result *c = curves_source(s, MEASURE_CNC);
    struct buf text = { 0 };
    if (!c)
        return;
    curves_rule(s, a, " Theorem 2: <v_min, g>², SAM against SGD ");
    cnc_text(s->view.h, c, &text);
    char *rest = text.data;
    int row = 1;
    for (char *line; rest && (line = strsep(&rest, "\n")) && row < a.rows; row++)
        area_putn(a, row, 1, INK_TEXT, row == 1 ? line + strlen("Theorem 2  ") : line, a.cols - 2);
    buf_release(&text);
}

static void cnc_detail(const struct history *h, int class, struct buf *out)
{
    const struct history_result *r = history_last(h, MEASURE_CNC, class);
    if (r)
        cnc_text(h, r, out);
}

const struct curves view_cnc = { .measure = MEASURE_CNC, .paint = cnc_paint, .detail = cnc_detail };
