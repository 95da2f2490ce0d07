#include "config.h"
#include "engine/model/initial.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/rng.h"

static void init_normal(struct rng *r, float *w, size_t n, int fan)
{
    double deviation = sqrt(2.0 / fan);
    for (size_t i = 0; i < n; i++)
        w[i] = (float)(deviation * rng_normal(r));
}

static void init_uniform(struct rng *r, float *w, size_t n, double bound)
{
    for (size_t i = 0; i < n; i++)
        w[i] = (float)(bound * (2.0 * rng_unit(r) - 1.0));
}

/* w: [features][classes]. 1e-7 in the denominator as in the reference's renorm (methods 2.4). */
static void unit_columns(float *w, int features, int classes)
{
    for (int c = 0; c < classes; c++) {
        double square = 0;
        for (int f = 0; f < features; f++)
            square += (double)w[f * classes + c] * w[f * classes + c];
        for (int f = 0; f < features; f++)
            w[f * classes + c] = (float)(w[f * classes + c] / (sqrt(square) + 1e-7));
    }
}

static void fill_weights(float *w, size_t n, float value)
{
    for (size_t i = 0; i < n; i++)
        w[i] = value;
}

static bool name_ends(const struct tensor_info *t, const char *end)
{
    size_t n = strlen(t->name), k = strlen(end);
    return n >= k && strcmp(t->name + n - k, end) == 0;
}

/* Inputs that reach one output of the layer whose bias lies there; 0: it is a batch norm's. */
static int fan_in_of_bias(const struct net *net, size_t offset)
{
    if (net->head == HEAD_LINEAR && offset == net->head_bias)
        return net->features;
    for (const struct unit *u = net->units; u < net->units + net->n_units; u++)
        if (u->has_bias && u->bias == offset)
            return u->in_channels / u->groups * u->kernel * u->kernel;
    return 0;
}

static void init_vector(const struct net *net, const struct tensor_info *t, struct rng *r, float *w)
{
    const int fan_in = fan_in_of_bias(net, t->offset);
    if (fan_in > 0)
        init_uniform(r, w, t->count, 1.0 / sqrt(fan_in));
    else
        fill_weights(w, t->count, name_ends(t, ".weight") ? 1.0f : 0.0f); /* gamma, beta */
}

void net_init_tensor(const struct net *net, const struct tensor_info *t, struct rng *r, float *w)
{
    const bool classifier = t->offset == net->head_weight;
    if (t->rank == 1) {
        init_vector(net, t, r, w);
    } else if (t->rank == 4) {
        init_normal(r, w, t->count, t->dims[net->init == INIT_FAN_OUT ? 0 : 1] * t->dims[2] * t->dims[3]);
    } else if (classifier && net->head == HEAD_NORM) {
        init_uniform(r, w, t->count, 1.0);
        unit_columns(w, net->features, net->classes);
    } else if (classifier && net->init == INIT_FAN_IN) {
        init_normal(r, w, t->count, net->features);
    } else {
        init_uniform(r, w, t->count, 1.0 / sqrt(t->dims[1]));
    }
}

void net_init_params(const struct net *net, uint64_t seed, float *params_host, float *stats_host)
{
    for (int i = 0; params_host && i < net->params.n; i++) {
        const struct tensor_info *t = &net->params.tensor[i];
        struct rng r;
        rng_init(&r, seed, RNG_INIT, 0, (uint32_t)i);
        net_init_tensor(net, t, &r, params_host + t->offset);
    }
    for (int i = 0; stats_host && i < net->stats.n; i++) {
        const struct tensor_info *t = &net->stats.tensor[i];
        fill_weights(stats_host + t->offset, t->count, name_ends(t, ".running_var") ? 1.0f : 0.0f);
    }
}
