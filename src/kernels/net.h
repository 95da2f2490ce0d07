/* kernels/net.h - what a network is, as plain numbers: a list of units, and where each parameter lies in one flat array.
 *
 * A unit is conv3x3 (pad 1, no bias) + batch norm [+ the output of an earlier unit] + ReLU. A residual network is a
 * list of units, then global average pooling and a classifier. Back ends may fuse a unit into one kernel or run four.
 *
 * Weights, gradient, momentum and any Lanczos vector are flat float arrays of `params.total` numbers in one layout:
 * PyTorch's, tensor after tensor (conv OIHW; linear [classes][features]; normalised classifier [features][classes]).
 * Batch-norm running statistics are a second flat array of `stats.total` numbers.
 * Built by engine/model/resnet.c; read-only afterwards; any thread. */
#ifndef KERNELS_NET_H
#define KERNELS_NET_H

#include <stddef.h>
#include <stdint.h>

enum { NET_MAX_UNITS = 128, NET_IMAGE = -1, NET_NO_ADD = -2 };

#define NET_BN_EPS 1e-5      /* spec 2.1 */
#define NET_BN_MOMENTUM 0.1  /* running = 0.9 running + 0.1 batch; variance unbiased for running, biased to normalise */

enum head_kind {
    HEAD_LINEAR, /* z = W f + b */
    HEAD_NORM    /* z_c = <f/max(|f|,1e-12), W_c/max(|W_c|,1e-12)>, W [features][classes], no bias (spec 2.2) */
};

struct tensor_info {
    char name[64];   /* PyTorch's: "layer1.0.conv1.weight", "bn1.running_mean", "linear.weight" */
    int rank;        /* 1, 2 or 4 */
    int dims[4];     /* PyTorch's order */
    size_t offset;   /* in floats, into the flat array */
    size_t count;    /* product of dims */
};

struct tensor_table {
    int n;
    struct tensor_info *tensor; /* ascending offsets without holes */
    size_t total;               /* floats */
};

struct unit {
    int in;                      /* unit whose output is convolved, or NET_IMAGE */
    int add;                     /* unit whose output is added before the ReLU, or NET_NO_ADD */
    int in_channels, channels;   /* of the convolution */
    int stride;                  /* 1 or 2 */
    int in_height, in_width;     /* of the input */
    int height, width;           /* of the output */
    size_t weight, gamma, beta;  /* offsets into the parameter array */
    size_t mean, variance;       /* offsets into the statistics array */
};
/* When unit `add` has another shape (twice the side, half the channels) the shortcut is option A: rows and columns
 * 0, 2, 4 ..., and the channels padded with zeros, (channels - add_channels)/2 on either side (spec 2.1). */

struct net {
    char name[32]; /* "resnet32" */
    int height, width, image_channels;
    int classes;
    int features;  /* channels of the last unit = inputs of the classifier */
    enum head_kind head;
    size_t head_weight, head_bias; /* offsets; head_bias unused with HEAD_NORM */
    int n_units;
    struct unit units[NET_MAX_UNITS];
    struct tensor_table params, stats;
};

#endif
