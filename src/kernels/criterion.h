/* kernels/criterion.h - what a pass minimises: a kind of criterion and its numbers. It gets what the network says of the images
 * (features, outputs), their labels and the class weights, and yields the loss and its derivatives. */
#ifndef KERNELS_CRITERION_H
#define KERNELS_CRITERION_H

#include <stdbool.h>

enum criterion_kind { CRITERION_SOFTMAX };

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
