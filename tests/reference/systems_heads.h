/* tests/reference/systems_heads.h - networks of several outputs that no row has, and losses over outputs. Tests: they print and exit. */
#ifndef TESTS_REFERENCE_SYSTEMS_HEADS_H
#define TESTS_REFERENCE_SYSTEMS_HEADS_H

#include <stdbool.h>
#include <stdint.h>

#include "kernels/net.h"

struct err;

/* Each 0, or -1 with *err. Images of side x side x 3. */
int heads_projection(struct net *net, int side, int classes, struct err *err); /* ResNet-32 for CIFAR; linear, batch norm, ReLU, linear: "u" */
int heads_glmc(struct net *net, int side, int classes, struct err *err);       /* GLMC's ResNet-34: "logits_cb", "z" and "p", which reads z */

/* The part of an output in the loss: `part` times the mean over images of the cross-entropy, or of cos(output, target). */
enum part_kind { PART_NONE, PART_ENTROPY, PART_COSINE };
struct head_part {
    const char *name;
    enum part_kind kind;
    double part;
    bool unit; /* the file of numbers has its rows divided by their length */
};

/* An output and what belongs to it, each [n][channels] in host memory; r_: the derivative along a direction. */
struct head_rows {
    int channels;
    float *out, *upstream, *r_out, *r_upstream;
};

/* The part of the loss, and upstream = dL/dout. labels [n]; targets [n][channels] of length 1. */
double heads_loss(const struct head_part *part, const struct head_rows *rows, uint32_t n, const int32_t *labels, const float *targets);
/* r_upstream from out and r_out. */
void heads_r_loss(const struct head_part *part, const struct head_rows *rows, uint32_t n, const float *targets);

#endif
