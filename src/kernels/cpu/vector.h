/* kernels/cpu/vector.h - the back end's slots for whole parameter vectors (kernels/backend.h). Work is cut into a
 * fixed number of pieces, so sums do not depend on the number of threads. */
#ifndef KERNELS_CPU_VECTOR_H
#define KERNELS_CPU_VECTOR_H

#include "kernels/backend.h"

float *vector_new(struct model *m, size_t n, struct err *err);
void vector_free(struct model *m, float *v);
void vector_write(struct model *m, float *v, const float *host, size_t n);
void vector_read(struct model *m, float *host, const float *v, size_t n);
void vector_zero(struct model *m, float *v, size_t n);
void vector_copy(struct model *m, float *to, const float *from, size_t n);
void vector_scale(struct model *m, float *v, float a, size_t n);
void vector_axpy(struct model *m, float *y, float a, const float *x, size_t n);
double vector_dot(struct model *m, const float *x, const float *y, size_t n);
void vector_sgd(struct model *m, float *w, float *buf, const float *g, size_t n, const struct sgd_step *step);
double vector_sam_norm(struct model *m, const float *w, const float *g, size_t n, bool adaptive);
void vector_sam_perturb(struct model *m, float *out, const float *w, const float *g, float scale, size_t n,
                        bool adaptive);

#endif
