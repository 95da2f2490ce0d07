/* kernels/criterion.h - what a pass minimises. A criterion is a kind and its numbers; a kind is a row of the table below and a
 * file of each back end (reference/criterion_NAME.c, cpu/criterion_NAME.c, cuda/criterion_NAME.cu). It gets what the network
 * says of the images (features, outputs), their labels and the class weights, and yields the loss L, dL/doutputs and, where it
 * looks at features, dL/dfeatures at fixed outputs. Along a direction (R-pass) it gets R{outputs} and R{features} too and
 * yields R of both derivatives. A rowwise kind treats one image at a time, inside the step that classifies it; a batchwide one
 * couples the images of a batch. */
#ifndef KERNELS_CRITERION_H
#define KERNELS_CRITERION_H

#include <stdbool.h>

/* CRITERION(ID, name, batchwide, looks at features, needs the plain linear head) */
#define CRITERION_TABLE(CRITERION) \
    CRITERION(SOFTMAX, softmax, false, false, false)

enum criterion_kind {
#define CRITERION_ENUM(id, ...) CRITERION_##id,
    CRITERION_TABLE(CRITERION_ENUM)
#undef CRITERION_ENUM
    N_CRITERIA
};

struct criterion_info {
    const char *name;
    bool batchwide, looks_at_features, linear_head;
};
extern const struct criterion_info criterion_table[N_CRITERIA];

/* What is asked of a criterion: loss and gradient; Hessian products. */
enum criterion_use { CRITERION_GRADIENT, CRITERION_PRODUCT };

/* Softmax cross-entropy over adjusted outputs; engine/criteria/loss.h says which losses of the papers are settings of it.
 *   a_j = scale[j] * x_j + shift[j] - [j = y] * margin[j]         x: the network's output
 *   l_i = weight[y_i] * -log softmax(a_i)[y_i]
 *   plain:  L = sum_i l_i / D
 *   focal:  L = sum_i (1 - exp(-l_i))^gamma * l_i / D              (weight inside the exponent too)
 *   D = divisor if > 0; else sum_i weight[y_i] (REDUCE_WEIGHTED_MEAN) or the batch size (REDUCE_BATCH_MEAN)
 * Arrays have net.classes entries, belong to the caller and are only read during the call. */
enum reduction { REDUCE_WEIGHTED_MEAN, REDUCE_BATCH_MEAN };
struct loss_coef {
    const float *scale, *shift, *margin, *weight;
    bool focal;
    float gamma; /* of the focal loss, >= 0 */
    enum reduction reduction;
    double divisor; /* lets shards of one large set add up; 0 = from the batch */
};

struct criterion {
    enum criterion_kind kind;
    struct loss_coef coef; /* class weights and D of every kind, and the cross-entropy inside it */
};

#endif
