#include "config.h"
#include "kernels/reference/reference.h"

#include <math.h>

/* Small beside the convolutions, so in one thread. */

static const double TINY = 1e-12;

struct ref_cosine ref_unit_cosine(const struct model *m, int unit)
{
    const struct unit *u = &m->net->units[unit];
    const struct grid *g = ref_in_grid(m, u);
    const size_t pixel = ref_at(g, 0, 0);
    struct ref_cosine s = m->unit[unit].cosine;
    s.n = (int)m->n;
    s.in = u->in_channels;
    s.out = u->channels;
    s.w = m->pass.params + u->weight;
    s.step_in = 1;
    s.step_out = (size_t)u->in_channels;
    s.x = ref_input(m, u) + pixel;
    s.r_x = u->in == NET_IMAGE || !m->has_products ? NULL : m->unit[u->in].r_out + pixel;
    s.x_step = ref_padded(g);
    return s;
}

static size_t hat_weight_at(const struct ref_cosine *s, int f, int c)
{
    return (size_t)f * s->step_in + (size_t)c * s->step_out;
}

static double length(double square)
{
    double norm = sqrt(square);
    return norm > TINY ? norm : TINY;
}

static void norms(const struct ref_cosine *s)
{
    for (int c = 0; c < s->out; c++) {
        double square = 0;
        for (int f = 0; f < s->in; f++)
            square += (double)s->w[hat_weight_at(s, f, c)] * s->w[hat_weight_at(s, f, c)];
        s->column_norm[c] = length(square);
    }
    for (int i = 0; i < s->n; i++) {
        const double *x = s->x + (size_t)i * s->x_step;
        double square = 0;
        for (int f = 0; f < s->in; f++)
            square += x[f] * x[f];
        s->norm[i] = length(square);
    }
}

void ref_cosine_forward(const struct ref_cosine *s)
{
    norms(s);
    for (int i = 0; i < s->n; i++) {
        const double *x = s->x + (size_t)i * s->x_step;
        for (int c = 0; c < s->out; c++) {
            double sum = 0;
            for (int f = 0; f < s->in; f++)
                sum += x[f] * s->w[hat_weight_at(s, f, c)];
            s->z[i * s->out + c] = sum / (s->norm[i] * s->column_norm[c]);
        }
    }
}

/* g_a = (g_u - u <u, g_u>)/|a| for a = x and a = W_c; <u, g_u> of an image is sum_c g z, since u_x . u_c = z. */
void ref_cosine_backward(const struct ref_cosine *s, const double *g, double *g_x, size_t g_step, double *g_w)
{
    for (int i = 0; i < s->n; i++) {
        const double *x = s->x + (size_t)i * s->x_step;
        for (int c = 0; c < s->out; c++) {
            const double gz = g[i * s->out + c], cosine = s->z[i * s->out + c];
            for (int f = 0; f < s->in; f++) {
                double ux = x[f] / s->norm[i];
                double uw = s->w[hat_weight_at(s, f, c)] / s->column_norm[c];
                if (g_x)
                    g_x[(size_t)i * g_step + (size_t)f] += gz * (uw - cosine * ux) / s->norm[i];
                g_w[hat_weight_at(s, f, c)] += gz * (ux - cosine * uw) / s->column_norm[c];
            }
        }
    }
}

/* --- product with the Hessian --- */

static double r_x(const struct ref_cosine *s, int i, int f)
{
    return s->r_x ? s->r_x[(size_t)i * s->x_step + (size_t)f] : 0;
}

/* <ux, R{x}> of an image: how fast its length grows. */
static double growth(const struct ref_cosine *s, int i)
{
    const double *x = s->x + (size_t)i * s->x_step;
    double sum = 0;
    for (int f = 0; f < s->in; f++)
        sum += x[f] * r_x(s, i, f);
    return sum / s->norm[i];
}

/* R{z_c} = <R{ux}, uW> + <ux, R{uW}>, with R{u} = (R{a} - u <u, R{a}>)/|a|. */
void ref_cosine_product(const struct ref_cosine *s, const float *v)
{
    for (int c = 0; c < s->out; c++) {
        double sum = 0;
        for (int f = 0; f < s->in; f++)
            sum += (double)s->w[hat_weight_at(s, f, c)] * v[hat_weight_at(s, f, c)];
        s->r_column[c] = sum / s->column_norm[c];
    }
    for (int i = 0; i < s->n; i++) {
        const double *x = s->x + (size_t)i * s->x_step;
        const double grow = growth(s, i);
        for (int c = 0; c < s->out; c++) {
            double cosine = s->z[i * s->out + c], sum = 0;
            for (int f = 0; f < s->in; f++)
                sum += r_x(s, i, f) / s->norm[i] * s->w[hat_weight_at(s, f, c)] / s->column_norm[c] +
                       x[f] / s->norm[i] * v[hat_weight_at(s, f, c)] / s->column_norm[c];
            s->r_z[i * s->out + c] = sum - cosine * (grow / s->norm[i] + s->r_column[c] / s->column_norm[c]);
        }
    }
}

/* The derivative of ref_cosine_backward(), term by term: g (uw - z ux)/|x| and g (ux - z uw)/|W_c|. */
void ref_cosine_product_backward(const struct ref_cosine *s, const float *v, const double *g, const double *r_g, double *r_g_x,
                                 size_t g_step, double *g_w)
{
    for (int i = 0; i < s->n; i++) {
        const double *x = s->x + (size_t)i * s->x_step;
        const double nx = s->norm[i], grow = growth(s, i);
        for (int c = 0; c < s->out; c++) {
            const size_t k = (size_t)(i * s->out + c);
            const double nw = s->column_norm[c], cosine = s->z[k], r_cosine = s->r_z[k];
            for (int f = 0; f < s->in; f++) {
                size_t at = hat_weight_at(s, f, c);
                double ux = x[f] / nx, uw = s->w[at] / nw;
                double rux = (r_x(s, i, f) - ux * grow) / nx;
                double ruw = (v[at] - uw * s->r_column[c]) / nw;
                double dx = uw - cosine * ux, dw = ux - cosine * uw;
                if (r_g_x)
                    r_g_x[(size_t)i * g_step + (size_t)f] +=
                        (r_g[k] * dx + g[k] * (ruw - r_cosine * ux - cosine * rux) - g[k] * dx * grow / nx) / nx;
                g_w[at] += (r_g[k] * dw + g[k] * (rux - r_cosine * uw - cosine * ruw) - g[k] * dw * s->r_column[c] / nw) / nw;
            }
        }
    }
}
