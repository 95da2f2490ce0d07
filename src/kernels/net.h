/* kernels/net.h - what a network is, as plain numbers: a list of units, and where each parameter lies in one flat array.
 *
 * A unit is one operation with what a back end may fuse into it, each part said by a flag:
 *
 *   a = its operation on the output of unit `in` (or on the images) [+ bias]
 *   y = [batch norm of] a [+ the output of unit `add`];   output = y, or max(y, 0) with relu
 *
 * A unit reads and adds earlier units only; any number of units may read one. The classifier reads the mean over the pixels of
 * unit `head_in`. Further outputs (a second head, a projection) are units of one pixel with a name.
 *
 * Weights, gradient, momentum and any Lanczos vector are flat float arrays of `params.total` numbers in one layout:
 * PyTorch's, tensor after tensor (conv [out][in/groups][h][w]; linear [out][in]; normalised classifier [features][classes]).
 * Batch-norm running statistics are a second flat array of `stats.total` numbers.
 *
 *   struct net net;
 *   net_begin(&net, "small", 32, 32, 3, &err);
 *   int stem = net_add(&net, &(struct unit_plan){ UNIT_CONV, NET_IMAGE, NET_NO_ADD, .channels = 64, .kernel = 7, .stride = 2, .pad = 3,
 *                                                 .norm = true, .relu = true }, "conv1", "bn1", &err);
 *   int pool = net_add(&net, &(struct unit_plan){ UNIT_MAX_POOL, stem, NET_NO_ADD, .kernel = 3, .stride = 2, .pad = 1 }, "", "", &err);
 *   net_classifier(&net, pool, 10, HEAD_LINEAR, "fc", &err);
 *
 * After an error the calls that follow do nothing but fail, with *err as it is: only the last one need be asked.
 * Read-only once built; any thread. */
#ifndef KERNELS_NET_H
#define KERNELS_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum { NET_MAX_UNITS = 128, NET_MAX_OUTPUTS = 4, NET_MAX_KERNEL = 11, NET_MAX_CHANNELS = 65536, NET_IMAGE = -1, NET_NO_ADD = -2 };

#define NET_BN_EPS 1e-5      /* methods 2.1 */
#define NET_BN_MOMENTUM 0.1  /* running = 0.9 running + 0.1 batch; variance unbiased for running, biased to normalise */

enum unit_kind {
    UNIT_CONV,        /* cross-correlation, kernel x kernel, pad zeros on each side, channels in `groups` that see only their like */
    UNIT_MAX_POOL,    /* greatest of each window; of equal ones the first (by row, then column) has the gradient; padding never wins, a NaN
                         always */
    UNIT_AVG_POOL,    /* sum of each window / kernel^2: padding counts as zeros (PyTorch's count_include_pad) */
    UNIT_GLOBAL_POOL, /* mean over all pixels: one pixel */
    UNIT_LINEAR,      /* W x, of one pixel; W [channels][in_channels] */
    UNIT_COSINE       /* y_c = <x/max(|x|,1e-12), W_c/max(|W_c|,1e-12)>, of one pixel; W as of UNIT_LINEAR */
};
enum { N_UNIT_KINDS = UNIT_COSINE + 1 };
extern const char *const unit_kind_name[N_UNIT_KINDS]; /* for messages: "convolution", "max pooling" ... */

enum head_kind {
    HEAD_LINEAR, /* z = W f + b */
    HEAD_NORM    /* z_c = <f/max(|f|,1e-12), W_c/max(|W_c|,1e-12)>, W [features][classes], no bias (methods 2.2) */
};

enum net_init { /* how its weights begin (engine/model/initial.h); nothing that a back end asks */
    INIT_FAN_IN,
    INIT_FAN_OUT
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
    enum unit_kind kind;
    int in;                      /* unit whose output is read, or NET_IMAGE */
    int add;                     /* unit whose output is added, or NET_NO_ADD */
    bool option_a;               /* it has half the side (rounded up) and at most the channels: rows and columns 0, 2, 4 ..., and zeros
                                    for the channels missing, (channels - add_channels)/2 before and the rest behind (methods 2.1) */
    bool has_bias, norm, relu;   /* a bias: of convolutions and linear units */
    int kernel, stride, pad;     /* of convolutions and pools; else 1, 1, 0 */
    int groups;                  /* of convolutions; else 1 */
    int in_channels, channels;
    int in_height, in_width;     /* of the input */
    int height, width;           /* of the output: (in + 2 pad - kernel)/stride + 1, rounded down */
    size_t weight, bias;         /* offsets into the parameter array: of units that have them; */
    size_t gamma, beta;          /* with norm; */
    size_t mean, variance;       /* with norm, into the statistics array */
};

struct net_output {
    char name[24];
    int unit; /* of one pixel: the values are its output [n][channels] */
};

struct net {
    char name[32]; /* "resnet32" */
    int height, width, image_channels;
    int classes;
    int head_in;   /* unit that the classifier reads, averaged over its pixels */
    int features;  /* its channels = inputs of the classifier */
    enum head_kind head;
    enum net_init init;
    size_t head_weight, head_bias; /* offsets; head_bias unused with HEAD_NORM */
    int n_units;
    struct unit units[NET_MAX_UNITS];
    int n_outputs; /* beside the classifier's */
    struct net_output outputs[NET_MAX_OUTPUTS];
    struct tensor_table params, stats;
    bool failed;   /* while it is built */
};

/* --- building (net.c): the only place where shapes are worked out --- */

/* A unit as its builder says it; groups and stride 0 mean 1. channels: not of pools. kernel, pad: of convolutions and pools. */
struct unit_plan {
    enum unit_kind kind;
    int in, add;
    int channels, kernel, stride, pad, groups;
    bool norm, relu, has_bias, option_a;
};

/* Images of height x width x channels (of one pixel: features, from wherever). -1 with *err: sizes outside 1..NET_MAX_SIDE and
 * 1..NET_MAX_CHANNELS, a name too long. */
enum { NET_MAX_SIDE = 4096 };
int net_begin(struct net *net, const char *name, int height, int width, int channels, struct err *err);

/* Appends a unit; `tensor` and `norm` are the names of its tensors before the dot ("layer1.0.conv1", "layer1.0.bn1"), unused where it
 * has none. Returns its number, or -1 with *err: it leaves no pixels, groups that do not divide, an addition of another shape, a
 * tensor's name that is too long or taken, no memory ... */
int net_add(struct net *net, const struct unit_plan *plan, const char *tensor, const char *norm, struct err *err);

/* The classifier, and a further output. -1 with *err. classes: 2..NET_MAX_CLASSES. name: one that no other output has. */
enum { NET_MAX_CLASSES = 100000 };
int net_classifier(struct net *net, int in, int classes, enum head_kind head, const char *tensor, struct err *err);
int net_add_output(struct net *net, const char *name, int unit, struct err *err);

void net_release(struct net *net); /* frees the tables and zeroes *net; a zeroed net is allowed */

/* Number of images that a pass by batch statistics needs: 2 where a unit with batch norm has one pixel, since one value has no variance; else 1. */
int net_least_images(const struct net *net);

/* Nothing but 3x3 convolutions, pad 1, stride 1 or 2, one group, without bias, with norm and ReLU, the classifier on the last and no
 * further output: the CIFAR residual networks and their like. */
bool net_is_plain(const struct net *net);

/* 0 when it is plain; else -1 with *err: "`who` does not have ..." (the first that it lacks), and what is accepted. */
int net_require_plain(const struct net *net, const char *who, struct err *err);

#endif
