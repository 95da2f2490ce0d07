/* Slices and Theorem 2 in the curvature pane: the loss along a direction through the weights, and gradients along v_min against
 * the theorem's prediction. */
#include "config.h"
#include "tui/curves.h"

#include "tui/widgets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

enum { LABELS = CURVES_LABELS, MOST_SLICES = 3 };
static const char letters[MOST_SLICES] = { 'a', 'b', '*' }; /* of the curves in ASCII; the last is on top */

/* Of the selected class, else the newest. */
const struct history_slice *slice_source(const struct screen *s)
{
    const struct history *h = s->view.h;
    const struct history_slice *own = s->selected >= 0 ? history_last_slice(h, (uint32_t)s->selected) : NULL;
    return own ? own : h->n_slice ? &h->slice[h->n_slice - 1] : NULL;
}

const struct history_cnc *cnc_source(const struct screen *s)
{
    const struct history *h = s->view.h;
    const struct history_cnc *own = s->selected >= 0 ? history_last_cnc(h, (uint32_t)s->selected) : NULL;
    return own ? own : h->n_cnc ? &h->cnc[h->n_cnc - 1] : NULL;
}

/* --- slices ---------------------------------------------------------------------------------------------------------- */

/* The newest slice of each direction at the same weights, the given one last so that it lies on top. */
static int family(const struct history *h, const struct history_slice *main, const struct history_slice *out[MOST_SLICES])
{
    int n = 0;
    for (size_t i = h->n_slice; i > 0 && n < MOST_SLICES - 1; i--) {
        const struct history_slice *s = &h->slice[i - 1];
        bool known = s == main || s->class != main->class || s->step != main->step || strcmp(s->along, main->along) == 0;
        for (int k = 0; k < n; k++)
            known |= strcmp(out[k]->along, s->along) == 0;
        if (!known)
            out[n++] = s;
    }
    out[n++] = main;
    return n;
}

static double loss_at(const struct history_slice *s, double t)
{
    if (t < s->at[0] || t > s->at[s->n - 1])
        return NAN;
    uint32_t i = 1;
    while (i + 1 < s->n && s->at[i] < t)
        i++;
    if (s->n < 2 || s->at[i] <= s->at[i - 1])
        return s->loss[0];
    double share = (t - s->at[i - 1]) / (s->at[i] - s->at[i - 1]);
    return s->loss[i - 1] + share * (s->loss[i] - s->loss[i - 1]);
}

/* Value and slope at the weights. */
static bool at_weights(const struct history_slice *s, double *loss, double *slope)
{
    for (uint32_t i = 1; i + 1 < s->n; i++)
        if (s->at[i] == 0 && s->at[i - 1] < 0 && s->at[i + 1] > 0) {
            *loss = s->loss[i];
            *slope = (s->loss[i + 1] - s->loss[i - 1]) / (s->at[i + 1] - s->at[i - 1]);
            return isfinite(*loss) && isfinite(*slope);
        }
    return false;
}

struct scale {
    double x0, x1, y0, y1;
};

static struct scale scale_of(const struct history_slice *const *slice, int n)
{
    struct scale k = { INFINITY, -INFINITY, INFINITY, -INFINITY };
    for (int i = 0; i < n; i++)
        for (uint32_t j = 0; j < slice[i]->n; j++) {
            k.x0 = fmin(k.x0, slice[i]->at[j]);
            k.x1 = fmax(k.x1, slice[i]->at[j]);
            if (isfinite(slice[i]->loss[j])) {
                k.y0 = fmin(k.y0, slice[i]->loss[j]);
                k.y1 = fmax(k.y1, slice[i]->loss[j]);
            }
        }
    if (!(k.y1 - k.y0 > 1e-12 * fabs(k.y1))) {
        k.y0 -= 0.5;
        k.y1 += 0.5;
    }
    return k;
}

static void paint_slice_curve(struct plot *p, const struct scale *k, const struct history_slice *s, double loss, double slope)
{
    bool parabola = isfinite(loss);
    for (int x = 0; x < p->width; x++) {
        double t = k->x0 + (k->x1 - k->x0) * (x + 0.5) / p->width;
        double value = parabola ? loss + slope * t + 0.5 * s->lambda * t * t : loss_at(s, t);
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

static void slice_title(const struct screen *s, struct area a, const struct history_slice *m, const struct history_slice *const *all, int n)
{
    const struct history *h = s->view.h;
    char title[256], lambda[16];
    format_eig(lambda, m->lambda);
    size_t used = (size_t)snprintf(title, 160, " slice %u %s along %s · curvature %s · ep %.1f ", m->class,
                                   m->class < (uint32_t)h->n_classes ? h->cls[m->class].name : "", m->along, lambda, m->epoch);
    for (int i = 0; i < n - 1; i++)
        used += (size_t)snprintf(title + used, sizeof title - used, "· %c %s ", letters[i], all[i]->along);
    curves_rule(a, title, curves_next_name(s));
}

void slice_paint(const struct screen *s, struct area a)
{
    const struct history *h = s->view.h;
    const struct history_slice *m = slice_source(s), *all[MOST_SLICES];
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

/* --- Theorem 2 ------------------------------------------------------------------------------------------------------- */

static void number(char out[NUMBER_TEXT_MAX], double value)
{
    number_told(out, "%.3g", value);
}

void cnc_text(const struct history *h, const struct history_cnc *c, struct buf *out)
{
    static const char *const ways[CNC_WAYS] = { "linear", "unnormalised", "as SAM does it" };
    char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX], d[NUMBER_TEXT_MAX], e[NUMBER_TEXT_MAX];
    number(a, c->lmin);
    number(b, c->residual);
    number(d, c->rho);
    buf_addf(out, "Theorem 2  %u %s, epoch %.1f: λmin %s, |Hv-λv| %s, ρ %s\n", c->class,
             c->class < (uint32_t)h->n_classes ? h->cls[c->class].name : "", c->epoch, a, b, d);
    number(a, c->a2);
    number(b, c->a2_se);
    number(d, c->gn);
    buf_addf(out, "E<v,g>² of SGD %s ± %s; %u batches of %u, |g| %s\n", a, b, c->batches, c->batch, d);
    buf_addf(out, "%-14s%7s  %-14s%7s\n", "SAM / SGD", "ratio", "95% interval", "theorem");
    for (int i = 0; i < CNC_WAYS; i++) {
        char interval[2 * NUMBER_TEXT_MAX + 2];
        bool inside = c->predicted[i] >= c->low[i] && c->predicted[i] <= c->high[i];
        number(a, c->ratio[i]);
        number(b, c->low[i]);
        number(d, c->high[i]);
        number(e, c->predicted[i]);
        snprintf(interval, sizeof interval, "%s..%s", b, d);
        buf_addf(out, "%-14s%7s  %-14s%7s %s\n", ways[i], a, interval, e,
                 isnan(c->ratio[i]) ? "" : inside ? "within" : c->predicted[i] < c->low[i] ? "below" : "above");
    }
    if (isfinite(c->share))
        buf_addf(out, "amplification below -2 in %.0f%% of the batches\n", c->share * 100);
}

void cnc_paint(const struct screen *s, struct area a)
{
    const struct history_cnc *c = cnc_source(s);
    struct buf text = { 0 };
    if (!c)
        return;
    curves_rule(a, " Theorem 2: <v_min, g>², SAM against SGD ", curves_next_name(s));
    cnc_text(s->view.h, c, &text);
    char *rest = text.data;
    int row = 1;
    for (char *line; rest && (line = strsep(&rest, "\n")) && row < a.rows; row++)
        area_putn(a, row, 1, INK_TEXT, row == 1 ? line + strlen("Theorem 2  ") : line, a.cols - 2);
    buf_release(&text);
}
