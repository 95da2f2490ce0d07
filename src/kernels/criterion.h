/* kernels/criterion.h - what a pass minimises. A criterion is a kind and its numbers; a kind is a row of the table below and a
 * file of each back end (reference/criterion_NAME.c, cpu/criterion_NAME.c, cuda/criterion_NAME.cu). It gets what the network
 * says of the images (features, outputs), their labels and the class weights, and yields the loss L, dL/doutputs and, where it
 * looks at features, dL/dfeatures at fixed outputs. Along a direction (R-pass) it gets R{outputs} and R{features} too and
 * yields R of both derivatives. A rowwise kind treats one image at a time, inside the step that classifies it; a batchwide one
 * couples the images of a batch.
 *
 * A rowwise kind is written for one label. With soft labels t_ik and weights s_i of the images (struct batch) an image counts as s_i t_ik
 * images of each label k:
 *   L = sum_i s_i sum_k t_ik c(x_i, k) / D      c(x, y): what the sums below have for an image with label y, weight[y] included
 * and so do its derivatives; labels with t_ik = 0 and images with s_i = 0 are not looked at, each other label costs a row. */
#ifndef KERNELS_CRITERION_H
#define KERNELS_CRITERION_H

#include <stdbool.h>

/* CRITERION(ID, name, needs the plain linear head) */
#define CRITERION_TABLE(CRITERION) \
    CRITERION(SOFTMAX, softmax, false) \
    CRITERION(IB, ib, true)

enum criterion_kind {
#define CRITERION_ENUM(id, ...) CRITERION_##id,
    CRITERION_TABLE(CRITERION_ENUM)
#undef CRITERION_ENUM
    N_CRITERIA
};

struct criterion_info {
    const char *name;
    bool linear_head;
};
extern const struct criterion_info criterion_table[N_CRITERIA];

/* The use of a criterion: loss and gradient; Hessian products. */
enum criterion_use { CRITERION_GRADIENT, CRITERION_PRODUCT };

/* Softmax cross-entropy over adjusted outputs; engine/criteria/loss.h says which losses of the papers are settings of it.
 *   a_j = scale[j] * x_j + shift[j] - [j = y] * margin[j]         x: the network's output
 *   l_i = weight[y_i] * -log softmax(a_i)[y_i]
 *   plain:  L = sum_i l_i / D
 *   focal:  L = sum_i (1 - exp(-l_i))^gamma * l_i / D              (weight inside the exponent too)
 *   D = divisor if > 0; else sum_i s_i sum_k t_ik weight[k], of plain labels sum_i weight[y_i] (REDUCE_WEIGHTED_MEAN), or the batch
 *   size (REDUCE_BATCH_MEAN)
 * Arrays have net.classes entries, belong to the caller and are only read during the call. */
enum reduction { REDUCE_WEIGHTED_MEAN, REDUCE_BATCH_MEAN };
struct loss_coef {
    const float *scale, *shift, *margin, *weight;
    bool focal;
    float gamma; /* of the focal loss, >= 0 */
    enum reduction reduction;
    double divisor; /* lets shards of one large set add up; 0 = from the batch */
};

/* Influence-balanced loss: cross-entropy times a factor that falls with the L1 size of the image's gradient in a linear classifier,
 * which is |p - e|_1 |f|_1.
 *   L = sum_i a_i v_i / D      v_i: what softmax sums for image i, plain or focal, with its class weight
 *   a = alpha / (|p - e|_1 |f|_1 + floor)       p = softmax(a_j), e: one at y; |p - e|_1 = 2 (1 - p_y); f: the features
 * The gradient goes through the factor:
 *   da = -(a^2/alpha) (|f|_1 d|p - e|_1 + |p - e|_1 d|f|_1)      d|p - e|_1/da_j = 2 p_y (p_j - e_j)      d|f|_1/df = sign f
 * (not differentiable where a feature is 0; sign 0 = 0 is taken there, as PyTorch does), or, detached, a is a number of its own: in
 * products too, which are then of the Hessian at this a. Frozen, the second pass of a step keeps the a of the first: whoever makes the step
 * sees to it, a pass does not look at that. */
struct ib_coef {
    float alpha, floor; /* > 0 */
    bool detached;      /* always where frozen */
    bool frozen;
};

struct criterion {
    enum criterion_kind kind;
    struct loss_coef coef; /* class weights and D of every kind, and the cross-entropy inside it */
    struct ib_coef ib;     /* of CRITERION_IB */
    const float *part;     /* [classes] finite and >= 0, or NULL for ones: L is the sum of part[y] c(x_i, y) over D, and D is that of the whole. So
                              the criteria of `part` and of 1 - `part` add up to that of NULL, which no weight inside a criterion could do */
};

#endif
