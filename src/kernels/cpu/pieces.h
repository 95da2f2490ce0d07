/* kernels/cpu/pieces.h - the back end's pass in pieces (kernels/backend.h), and what of cpu.c it is made of. */
#ifndef KERNELS_CPU_PIECES_H
#define KERNELS_CPU_PIECES_H

#include "kernels/cpu/cpu.h"

int piece_forward(struct model *m, const struct pass *pass, struct err *err);
void piece_output(struct model *m, int which, float *host);
int piece_backward(struct model *m, const float *const *upstream, const float *features, float *grad, struct err *err);
int piece_r_forward(struct model *m, const float *v, struct err *err);
void piece_r_output(struct model *m, int which, float *host);
int piece_r_backward(struct model *m, const float *const *r_upstream, float *out, struct err *err);

/* cpu.c. slope: the criterion's gradient is wanted; keep: for products. */
void model_begin_pass(struct model *m, const struct pass *pass, bool slope, bool want_grad, bool keep);
void model_load_parameters(struct model *m);
void model_load_directions(struct model *m);
void model_store_gradient(struct model *m, float *grad); /* after all steps */
void model_store_product(struct model *m, struct direction *d);

#endif
