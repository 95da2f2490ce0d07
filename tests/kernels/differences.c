#include "config.h"
#include "tests/kernels/differences.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/rng.h"

static void must(const struct function *f, int result, const struct err *err)
{
    if (result != 0)
        fail_msg("%s, %s: %s", f->backend->name, f->net->name, err->text);
}

static float *vec(const struct function *f, size_t n)
{
    struct err err = { 0 };
    float *v = f->backend->vec_new(f->model, n, &err);
    must(f, v ? 0 : -1, &err);
    return v;
}

static double norm(const struct function *f, const float *x)
{
    const size_t n = f->net->params.total;
    return sqrt(f->backend->vec_dot(f->model, x, x, n));
}

/* --- the sum over all outputs --- */

size_t function_output_size(const struct function *f, int which)
{
    const struct net *net = f->net;
    return f->n * (size_t)(which == 0 ? net->classes : net->units[net->outputs[which - 1].unit].channels);
}

static void fill_c(float *c, size_t n, int which)
{
    struct rng r;
    rng_init(&r, 900 + (uint64_t)which, RNG_INIT, 0, 0);
    for (size_t k = 0; k < n; k++)
        c[k] = 2 * rng_unit(&r) - 1;
}

double function_upstream(const struct function *f, bool r, float *up[1 + NET_MAX_OUTPUTS])
{
    double sum = 0;
    for (int which = 0; which <= f->net->n_outputs; which++) {
        const size_t n = function_output_size(f, which);
        float *x = calloc(2 * n, sizeof *x), *c = x + n;
        assert_non_null(x);
        (r ? f->backend->r_output : f->backend->output)(f->model, which, x);
        fill_c(c, n, which);
        for (size_t k = 0; k < n; k++) {
            sum += (double)c[k] * (double)x[k] + (double)x[k] * (double)x[k] / 8;
            x[k] = (r ? 0 : c[k]) + x[k] / 4;
        }
        up[which] = x;
    }
    return sum;
}

static void release(float *up[1 + NET_MAX_OUTPUTS], int n)
{
    for (int which = 0; which < n; which++)
        free(up[which]);
}

double function_features(const struct function *f, float **past)
{
    const size_t n = f->n * (size_t)f->net->features;
    float *features = calloc(2 * n, sizeof *features), *d = features + n;
    double sum = 0;
    assert_non_null(features);
    f->backend->features(f->model, features);
    fill_c(d, n, 1 + NET_MAX_OUTPUTS);
    for (size_t k = 0; k < n; k++) {
        d[k] /= 4;
        sum += (double)d[k] * (double)features[k];
        features[k] = d[k];
    }
    *past = features;
    return sum;
}

static double pieces_gradient(const struct function *f, const struct pass *pass, float *g, bool backward)
{
    struct err err = { 0 };
    float *up[1 + NET_MAX_OUTPUTS], *past;
    must(f, f->backend->forward(f->model, pass, &err), &err);
    const double loss = function_upstream(f, false, up) + function_features(f, &past);
    if (backward)
        must(f, f->backend->backward(f->model, (const float *const *)up, past, g, &err), &err);
    free(past);
    release(up, 1 + f->net->n_outputs);
    return loss;
}

static void pieces_product(const struct function *f, const float *v, float *out)
{
    struct err err = { 0 };
    float *up[1 + NET_MAX_OUTPUTS];
    pieces_gradient(f, &f->pass, NULL, true);
    must(f, f->backend->r_forward(f->model, v, &err), &err);
    function_upstream(f, true, up);
    must(f, f->backend->r_backward(f->model, (const float *const *)up, out, &err), &err);
    release(up, 1 + f->net->n_outputs);
}

/* --- either function --- */

double function_gradient(const struct function *f, const float *w, float *g)
{
    struct err err = { 0 };
    struct pass pass = f->pass;
    struct pass_result result;
    pass.params = w;
    if (f->pieces)
        return pieces_gradient(f, &pass, g, g != NULL);
    must(f, f->backend->gradient(f->model, &pass, g, &result, &err), &err);
    return result.loss;
}

void function_product(const struct function *f, const float *v, float *out)
{
    struct err err = { 0 };
    struct pass_result result;
    if (f->pieces) {
        pieces_product(f, v, out);
        return;
    }
    must(f, f->backend->hvp_prepare(f->model, &f->pass, &result, &err), &err);
    must(f, f->backend->hvp(f->model, 1, &v, &out, &err), &err);
}

/* v: a direction that is zero outside the tensor; the weights moved along it. They are floats: the step really taken is their
 * difference. */
struct step {
    double h;
    float *v, *up, *down;
};

/* A ReLU or a maximum that changes its mind on the way spoils a direction and a step, a wrong derivative all of them: the test takes several,
 * each half as long as the one before. */
enum { TRIES = 4 };

static struct step step_along(const struct function *f, const struct tensor_info *t, int turn)
{
    const size_t n = f->net->params.total;
    struct step s = { 5e-5 / (1 << turn), vec(f, n), vec(f, n), vec(f, n) };
    struct rng r;
    rng_init(&r, 31 + (uint64_t)turn, RNG_INIT, 0, 0);
    for (size_t i = t->offset; i < t->offset + t->count; i++)
        s.v[i] = 2 * rng_unit(&r) - 1;
    for (size_t i = 0; i < n; i++) {
        s.up[i] = (float)((double)f->pass.params[i] + s.h * (double)s.v[i]);
        s.down[i] = (float)((double)f->pass.params[i] - s.h * (double)s.v[i]);
    }
    return s;
}

static void step_release(const struct function *f, struct step *s)
{
    f->backend->vec_free(f->model, s->v);
    f->backend->vec_free(f->model, s->up);
    f->backend->vec_free(f->model, s->down);
}

/* The part that L's own rounding hides: nothing where a pass says it in double; output() says its numbers as floats. */
static double rounding(const struct function *f)
{
    double square = 0;
    float *up[1 + NET_MAX_OUTPUTS];
    if (!f->pieces)
        return 1e-11;
    pieces_gradient(f, &f->pass, NULL, false);
    function_upstream(f, false, up);
    for (int which = 0; which <= f->net->n_outputs; which++)
        for (size_t k = 0; k < function_output_size(f, which); k++)
            square += (double)up[which][k] * (double)up[which][k];
    release(up, 1 + f->net->n_outputs);
    return 2e-7 * sqrt(square);
}

static bool gradient_fits(const struct function *f, const struct tensor_info *t, int turn, const char *label)
{
    float *g = vec(f, f->net->params.total);
    struct step s = step_along(f, t, turn);
    double slope = 0, size = 0, difference = function_gradient(f, s.up, NULL) - function_gradient(f, s.down, NULL);
    function_gradient(f, f->pass.params, g);
    for (size_t i = t->offset; i < t->offset + t->count; i++) {
        slope += (double)g[i] * ((double)s.up[i] - (double)s.down[i]);
        size += fabs((double)g[i] * ((double)s.up[i] - (double)s.down[i]));
    }
    const bool ok = fabs(difference - slope) <= 2e-5 * size + rounding(f);
    if (!ok && turn == TRIES - 1)
        print_error("%s, %s: loss difference %.9g, gradient says %.9g\n", label, t->name, difference, slope);
    step_release(f, &s);
    f->backend->vec_free(f->model, g);
    return ok;
}

static bool product_fits(const struct function *f, const struct tensor_info *t, int turn, const char *label)
{
    const size_t n = f->net->params.total;
    float *up = vec(f, n), *down = vec(f, n), *out = vec(f, n);
    struct step s = step_along(f, t, turn);
    function_gradient(f, s.up, up);
    function_gradient(f, s.down, down);
    function_product(f, s.v, out);
    double error = 0, noise = 4e-8 * norm(f, up) / s.h; /* the gradient's own rounding, magnified */
    for (size_t i = 0; i < n; i++) {
        double d = ((double)up[i] - (double)down[i]) / (2 * s.h) - (double)out[i];
        error += d * d;
    }
    const bool ok = sqrt(error) <= 1e-3 * norm(f, out) + noise;
    if (!ok && turn == TRIES - 1)
        print_error("%s, %s: product off by %.3g of %.3g (noise %.3g)\n", label, t->name, sqrt(error), norm(f, out), noise);
    step_release(f, &s);
    f->backend->vec_free(f->model, up);
    f->backend->vec_free(f->model, down);
    f->backend->vec_free(f->model, out);
    return ok;
}

bool gradient_is_slope(const struct function *f, const struct tensor_info *t, const char *label)
{
    int turn = 0;
    while (turn < TRIES && !gradient_fits(f, t, turn, label))
        turn++;
    return turn < TRIES;
}

bool product_is_slope(const struct function *f, const struct tensor_info *t, const char *label)
{
    int turn = 0;
    while (turn < TRIES && !product_fits(f, t, turn, label))
        turn++;
    return turn < TRIES;
}
