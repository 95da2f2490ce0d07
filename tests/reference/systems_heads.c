#include "config.h"
#include "tests/reference/systems_heads.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "engine/model/families.h"

/* --- networks ------------------------------------------------------------------------------------------------------ */

int heads_projection(struct net *net, int side, int classes, struct err *err)
{
    if (net_of_family(net, "resnet32", (struct image_geometry){ side, side, 3 }, classes, HEAD_LINEAR, err) < 0)
        return -1;
    const int features = net_add(net, &(struct unit_plan){ .kind = UNIT_GLOBAL_POOL, .in = net->head_in, .add = NET_NO_ADD }, "", "", err);
    const int hidden = net_add(net, &(struct unit_plan){ UNIT_LINEAR, features, NET_NO_ADD, .channels = 64, .has_bias = true, .norm = true,
                                                         .relu = true }, "head.0", "head.1", err);
    const int u = net_add(net, &(struct unit_plan){ UNIT_LINEAR, hidden, NET_NO_ADD, .channels = 32, .has_bias = true }, "head.3", "", err);
    return net_add_output(net, "u", u, err);
}

/* A convolution that keeps the side but for its stride: PREFIX.<which> and its batch norm PREFIX.<which + 1>. */
static int glmc_conv(struct net *net, struct unit_plan plan, const char *prefix, int which, struct err *err)
{
    char conv[64], norm[64];
    snprintf(conv, sizeof conv, "%s.%d", prefix, which);
    snprintf(norm, sizeof norm, "%s.%d", prefix, which + 1);
    plan.kind = UNIT_CONV;
    plan.pad = plan.kernel / 2;
    plan.norm = true;
    return net_add(net, &plan, conv, norm, err);
}

static int glmc_block(struct net *net, int from, int stage, int block, struct err *err)
{
    char residual[48], shortcut[48];
    const int channels = 64 << stage, stride = stage > 0 && block == 0 ? 2 : 1;
    const bool projects = stride == 2;
    snprintf(residual, sizeof residual, "conv%d_x.%d.residual_function", stage + 2, block);
    snprintf(shortcut, sizeof shortcut, "conv%d_x.%d.shortcut", stage + 2, block);
    const int inner = glmc_conv(net, (struct unit_plan){ .in = from, .add = NET_NO_ADD, .channels = channels, .kernel = 3, .stride = stride,
                                                         .relu = true }, residual, 0, err);
    const int last = glmc_conv(net, (struct unit_plan){ .in = inner, .add = projects ? NET_NO_ADD : from, .channels = channels, .kernel = 3,
                                                        .relu = !projects }, residual, 3, err);
    return projects ? glmc_conv(net, (struct unit_plan){ .in = from, .add = last, .channels = channels, .kernel = 1, .stride = 2, .relu = true },
                                shortcut, 0, err)
                    : last;
}

static int linear(struct net *net, int in, int channels, const char *tensor, struct err *err)
{
    return net_add(net, &(struct unit_plan){ UNIT_LINEAR, in, NET_NO_ADD, .channels = channels, .has_bias = true }, tensor, "", err);
}

int heads_glmc(struct net *net, int side, int classes, struct err *err)
{
    static const int blocks[] = { 3, 4, 6, 3 };
    net_begin(net, "glmc-resnet34", side, side, 3, err);
    int last = glmc_conv(net, (struct unit_plan){ .in = NET_IMAGE, .add = NET_NO_ADD, .channels = 64, .kernel = 3, .relu = true }, "conv1", 0, err);
    for (int stage = 0; stage < 4; stage++)
        for (int block = 0; block < blocks[stage]; block++)
            last = glmc_block(net, last, stage, block, err);
    net_classifier(net, last, classes, HEAD_LINEAR, "fc", err);
    const int features = net_add(net, &(struct unit_plan){ .kind = UNIT_GLOBAL_POOL, .in = last, .add = NET_NO_ADD }, "", "", err);
    net_add_output(net, "logits_cb", linear(net, features, classes, "fc_cb", err), err);
    const int z = linear(net, features, 256, "projection_head.0", err);
    net_add_output(net, "z", z, err);
    return net_add_output(net, "p", linear(net, z, 256, "contrast_head.0", err), err);
}

/* --- losses -------------------------------------------------------------------------------------------------------- */

static double dot(const float *x, const float *y, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)x[i] * y[i];
    return sum;
}

/* log sum exp x. */
static double log_sum(const float *x, int n)
{
    double most = x[0], sum = 0;
    for (int i = 1; i < n; i++)
        most = fmax(most, x[i]);
    for (int i = 0; i < n; i++)
        sum += exp(x[i] - most);
    return most + log(sum);
}

/* -log softmax(z)[y]; its derivative is softmax(z) - e_y. */
static double entropy(const float *z, int n, int label, double part, float *upstream)
{
    const double all = log_sum(z, n);
    for (int j = 0; j < n; j++)
        upstream[j] = (float)(part * (exp(z[j] - all) - (j == label)));
    return part * (all - z[label]);
}

static void r_entropy(const float *z, const float *r_z, int n, double part, float *r_upstream)
{
    const double all = log_sum(z, n);
    double mean = 0;
    for (int j = 0; j < n; j++)
        mean += exp(z[j] - all) * r_z[j];
    for (int j = 0; j < n; j++)
        r_upstream[j] = (float)(part * exp(z[j] - all) * (r_z[j] - mean));
}

/* c = <u, t>/|u|, |t| = 1; its derivative is (t - c u/|u|)/|u|. */
static double cosine(const float *u, const float *t, int n, double part, float *upstream)
{
    const double length = sqrt(dot(u, u, n)), c = dot(u, t, n) / length;
    for (int j = 0; j < n; j++)
        upstream[j] = (float)(part * (t[j] - c * u[j] / length) / length);
    return part * c;
}

static void r_cosine(const float *u, const float *r_u, const float *t, int n, double part, float *r_upstream)
{
    const double length = sqrt(dot(u, u, n)), c = dot(u, t, n) / length, r_length = dot(u, r_u, n) / length;
    const double r_c = dot(r_u, t, n) / length - c * r_length / length;
    for (int j = 0; j < n; j++) {
        const double unit = u[j] / length, r_unit = (r_u[j] - unit * r_length) / length;
        r_upstream[j] = (float)(part * ((-r_c * unit - c * r_unit) / length - (t[j] - c * unit) * r_length / (length * length)));
    }
}

double heads_loss(const struct head_part *part, const struct head_rows *rows, uint32_t n, const int32_t *labels, const float *targets)
{
    const double share = part->part / n;
    double loss = 0;
    for (uint32_t i = 0; i < n; i++) {
        const size_t at = (size_t)i * (size_t)rows->channels;
        loss += part->kind == PART_ENTROPY ? entropy(rows->out + at, rows->channels, labels[i], share, rows->upstream + at)
                                           : cosine(rows->out + at, targets + at, rows->channels, share, rows->upstream + at);
    }
    return loss;
}

void heads_r_loss(const struct head_part *part, const struct head_rows *rows, uint32_t n, const float *targets)
{
    const double share = part->part / n;
    for (uint32_t i = 0; i < n; i++) {
        const size_t at = (size_t)i * (size_t)rows->channels;
        if (part->kind == PART_ENTROPY)
            r_entropy(rows->out + at, rows->r_out + at, rows->channels, share, rows->r_upstream + at);
        else
            r_cosine(rows->out + at, rows->r_out + at, targets + at, rows->channels, share, rows->r_upstream + at);
    }
}
