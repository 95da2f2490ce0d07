/* kernels/cuda/criterion.h - the two kernels that pool, classify and apply a criterion, a block per image; forward and along a
 * direction. A criterion's .cu file says what C is and makes both (CUDA_CRITERION_LAUNCHERS). Only .cu files include it.
 *
 *   struct C {
 *       static const bool looks_at_features;
 *       struct row;                                     what every thread knows of the block's image with one label
 *       static row of(h, label, divisor, room);         by the whole block; its derivatives are over divisor; room: [256]
 *       static double value(r);                         what is summed, undivided and for one whole image
 *       static float gradient(h, r, j);                 dL/doutput j
 *       static float feature_gradient(h, r, f);         dL/dfeature f at fixed outputs; if it looks at features
 *       struct along;                                   the same along the direction of h.r_logit and h.r_feature
 *       static along move(h, r, room);
 *       static float r_gradient(h, r, along, j), r_feature_gradient(h, r, along, f);
 *   };
 * Losses are computed in double. */
#ifndef KERNELS_CUDA_CRITERION_H
#define KERNELS_CUDA_CRITERION_H

#include "kernels/cuda/head.h"

/* --- cross-entropy, which other criteria are made of too --- */

struct sample {
    double loss, value; /* l_i before the focal factor; what is summed */
    double slope, bend; /* first and second derivative of value by loss */
};

/* u^g l with u = 1 - exp(-l); see kernels/reference/head.c for the derivatives and their limit at l = 0. */
static __device__ inline struct sample focal(double l, double g)
{
    const double q = exp(-l), u = -expm1(-l), ratio = u > 0 ? l / u : 1.0, power = pow(u, g);
    struct sample s = { l, power * l, power * (1 + g * q * ratio), 0 };
    if (u > 0 || g >= 1)
        s.bend = g == 0 ? 0 : g * pow(u, g - 1) * q * (2 - l + (g - 1) * q * ratio);
    else if (isnan(l))
        s.bend = l;
    return s;
}

struct softmax { /* of one image's adjusted logits: p_j = exp(adjusted_j - top) / sum */
    double top, sum;
    struct sample sample;
    double divisor;
    int label;
};

static __device__ inline double adjusted(const struct cuda_head &h, const float *x, int label, int j)
{
    return (double)coefficients(h, CUDA_SCALE)[j] * x[j] + coefficients(h, CUDA_SHIFT)[j] -
           (j == label ? (double)coefficients(h, CUDA_MARGIN)[j] : 0.0);
}

static __device__ inline double probability(const struct cuda_head &h, const struct softmax &s, const float *x, int j)
{
    return exp(adjusted(h, x, s.label, j) - s.top) / s.sum;
}

/* Largest of a block's numbers; NaN loses against anything. */
static __device__ inline double block_largest(double v, double *room)
{
    __syncthreads();
    room[threadIdx.x] = v;
    for (unsigned half = THREADS / 2; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half)
            room[threadIdx.x] = fmax(room[threadIdx.x], room[threadIdx.x + half]);
    }
    __syncthreads();
    return room[0];
}

static __device__ inline struct softmax softmax_of(const struct cuda_head &h, int label, double divisor, double *room)
{
    struct softmax s;
    const float *x = h.logit + (size_t)blockIdx.x * h.classes;
    s.label = label;
    s.divisor = divisor;
    double top = -INFINITY, sum = 0;
    for (int j = threadIdx.x; j < h.classes; j += THREADS)
        top = fmax(top, adjusted(h, x, s.label, j));
    s.top = block_largest(top, room);
    for (int j = threadIdx.x; j < h.classes; j += THREADS)
        sum += exp(adjusted(h, x, s.label, j) - s.top);
    s.sum = lanes_block_sum(sum, room);
    const double l = coefficients(h, CUDA_WEIGHT)[s.label] * (log(s.sum) - (adjusted(h, x, s.label, s.label) - s.top));
    if (h.control->criterion.coef.focal)
        s.sample = focal(l, (double)h.control->criterion.coef.gamma);
    else
        s.sample = { l, l, 1, 0 };
    return s;
}

struct softmax_along { /* along R{outputs} */
    double mean, r_loss; /* sum_j p_j R{adjusted output j}; R{l} */
};

static __device__ inline struct softmax_along softmax_move(const struct cuda_head &h, const struct softmax &s, double *room)
{
    const size_t i = blockIdx.x;
    const float *x = h.logit + i * h.classes, *rx = h.r_logit + i * h.classes, *scale = coefficients(h, CUDA_SCALE);
    struct softmax_along a = { 0, 0 };
    for (int j = threadIdx.x; j < h.classes; j += THREADS)
        a.mean += probability(h, s, x, j) * scale[j] * rx[j];
    a.mean = lanes_block_sum(a.mean, room);
    a.r_loss = coefficients(h, CUDA_WEIGHT)[s.label] * (a.mean - (double)scale[s.label] * rx[s.label]);
    return a;
}

/* --- the classifier --- */

static __device__ inline void pool(const struct cuda_head &h, const float *out, float *feature)
{
    const size_t image = blockIdx.x;
    for (int f = threadIdx.x; f < h.features; f += THREADS) {
        float sum = 0;
        for (int p = 0; p < h.pixels; p++)
            sum += out[(image * h.pixels + p) * h.features + f];
        feature[image * h.features + f] = sum / (float)h.pixels;
    }
}

/* Is the largest output the label's: none larger, none equal before it. NaN never is. */
static __device__ inline bool is_right(const struct cuda_head &h, int label, double *room)
{
    const float *x = h.logit + (size_t)blockIdx.x * h.classes, own = x[label];
    double better = 0;
    for (int j = threadIdx.x; j < h.classes; j += THREADS)
        better += x[j] > own || (x[j] == own && j < label);
    return lanes_block_sum(better, room) == 0 && own > -INFINITY;
}

/* --- forward, and back to the features --- */

static __device__ inline void logits(const struct cuda_head &h)
{
    const size_t i = blockIdx.x;
    const float *w = h.control->params + h.weight, *feature = h.feature + i * h.features;
    for (int c = threadIdx.x / 32; c < h.classes; c += WARPS) {
        float sum = 0;
        for (int f = threadIdx.x % 32; f < h.features; f += 32)
            sum += feature[f] * w[weight_at(h, f, c)];
        sum = lanes_warp_sum(sum);
        if (threadIdx.x % 32 == 0)
            h.logit[i * h.classes + c] =
                h.norm ? sum / (h.norm_of[i] * h.column[c]) : sum + h.control->params[h.bias + c];
    }
}

/* The zeros that a vector of the block's image begins with; thread t writes, and adds up, elements t, t + THREADS ... */
static __device__ inline void clear_image(float *v, int n)
{
    for (int k = threadIdx.x; k < n; k += THREADS)
        v[k] = 0;
}

/* The image with all its labels: what L sums; into g_logit the derivative, into g_feature that at fixed outputs. */
template <class C>
static __device__ inline double apply_criterion(const struct cuda_head &h, bool want_gradient, double *room)
{
    const struct labelled b = labelled_of(h);
    const size_t i = blockIdx.x;
    const double divisor = divisor_of(h, weight_sum(h, room));
    float *g = h.g_logit + i * h.classes, *g_feature = h.g_feature + i * h.features;
    double value = 0;
    clear_image(g, want_gradient ? h.classes : 0);
    clear_image(g_feature, want_gradient && C::looks_at_features ? h.features : 0);
    for (EACH_SHARE(s, &b, i)) {
        const typename C::row r = C::of(h, s.label, divisor / s.part, room);
        value += s.part * C::value(r);
        for (int j = threadIdx.x; want_gradient && j < h.classes; j += THREADS)
            g[j] += C::gradient(h, r, j);
        for (int f = threadIdx.x; want_gradient && C::looks_at_features && f < h.features; f += THREADS)
            g_feature[f] += C::feature_gradient(h, r, f);
    }
    return value;
}

template <class C>
static __device__ inline void backward_features(const struct cuda_head &h)
{
    const size_t i = blockIdx.x;
    const float *w = h.control->params + h.weight, *g = h.g_logit + i * h.classes, *z = h.logit + i * h.classes;
    for (int f = threadIdx.x; f < h.features; f += THREADS) {
        float sum = 0;
        const float unit = h.norm ? h.feature[i * h.features + f] / h.norm_of[i] : 0;
        for (int c = 0; c < h.classes; c++)
            sum += h.norm ? g[c] * (w[weight_at(h, f, c)] / h.column[c] - z[c] * unit) : g[c] * w[weight_at(h, f, c)];
        sum = h.norm ? sum / h.norm_of[i] : sum;
        h.g_feature[i * h.features + f] = C::looks_at_features ? sum + h.g_feature[i * h.features + f] : sum;
    }
}

template <class C>
static __global__ void __launch_bounds__(THREADS, 4)
    head_forward_kernel(const __grid_constant__ struct cuda_head h, bool want_gradient)
{
    __shared__ double room[256];
    const size_t i = blockIdx.x;
    early_wait();
    early_let_go();
    if (h.out)
        pool(h, h.out, h.feature);
    __syncthreads();
    if (h.norm) {
        double square = 0;
        for (int f = threadIdx.x; f < h.features; f += THREADS)
            square += (double)h.feature[i * h.features + f] * h.feature[i * h.features + f];
        square = lanes_block_sum(square, room);
        if (threadIdx.x == 0)
            h.norm_of[i] = fmaxf((float)sqrt(square), TINY);
        __syncthreads();
    }
    logits(h);
    __syncthreads();
    const double value = apply_criterion<C>(h, want_gradient, room);
    const bool right = is_right(h, h.label[i], room);
    if (threadIdx.x == 0) {
        h.value[i] = value;
        h.right[i] = right;
    }
    if (!want_gradient)
        return;
    __syncthreads();
    backward_features<C>(h);
}

/* --- product with the Hessian --- */

/* R{z_c} = <R{uf}, uW> + <uf, R{uW}>, with R{u} = (R{a} - u <u, R{a}>)/|a|. */
static __device__ inline void r_logits(const struct cuda_head &h)
{
    const size_t i = blockIdx.x;
    const float *w = h.control->params + h.weight, *v = h.control->v + h.weight;
    const float *feature = h.feature + i * h.features, *r_feature = h.r_feature + i * h.features;
    for (int c = threadIdx.x / 32; c < h.classes; c += WARPS) {
        float sum = 0;
        for (int f = threadIdx.x % 32; f < h.features; f += 32)
            sum += r_feature[f] * w[weight_at(h, f, c)] + feature[f] * v[weight_at(h, f, c)];
        sum = lanes_warp_sum(sum);
        if (threadIdx.x % 32 > 0)
            continue;
        if (h.norm)
            h.r_logit[i * h.classes + c] =
                sum / (h.norm_of[i] * h.column[c]) -
                h.logit[i * h.classes + c] * (h.growth[i] / h.norm_of[i] + h.r_column[c] / h.column[c]);
        else
            h.r_logit[i * h.classes + c] = sum + h.control->v[h.bias + c];
    }
}

static __device__ inline float r_feature_term(const struct cosine &k, float f, float rf, float w, float v)
{
    const float uf = f / k.nf, uw = w / k.nw, ruf = (rf - uf * k.grow) / k.nf, ruw = (v - uw * k.r_column) / k.nw;
    const float df = uw - k.z * uf;
    return (k.rg * df + k.g * (ruw - k.rz * uf - k.z * ruf) - k.g * df * k.grow / k.nf) / k.nf;
}

template <class C>
static __device__ inline void r_apply(const struct cuda_head &h, double *room)
{
    const struct labelled b = labelled_of(h);
    const size_t i = blockIdx.x;
    const double divisor = divisor_of(h, weight_sum(h, room));
    float *rg = h.r_g_logit + i * h.classes, *rg_feature = h.r_g_feature + i * h.features;
    clear_image(rg, h.classes);
    clear_image(rg_feature, C::looks_at_features ? h.features : 0);
    for (EACH_SHARE(s, &b, i)) {
        const typename C::row r = C::of(h, s.label, divisor / s.part, room);
        const typename C::along along = C::move(h, r, room);
        for (int j = threadIdx.x; j < h.classes; j += THREADS)
            rg[j] += C::r_gradient(h, r, along, j);
        for (int f = threadIdx.x; C::looks_at_features && f < h.features; f += THREADS)
            rg_feature[f] += C::r_feature_gradient(h, r, along, f);
    }
}

template <class C>
static __device__ inline void r_backward_features(const struct cuda_head &h)
{
    const size_t i = blockIdx.x;
    const float *w = h.control->params + h.weight, *v = h.control->v + h.weight;
    for (int f = threadIdx.x; f < h.features; f += THREADS) {
        const float x = h.feature[i * h.features + f], rx = h.r_feature[i * h.features + f];
        float sum = 0;
        for (int c = 0; c < h.classes; c++) {
            const size_t at = weight_at(h, f, c);
            sum += h.norm ? r_feature_term(cosine_of(h, i, c), x, rx, w[at], v[at])
                          : h.r_g_logit[i * h.classes + c] * w[at] + h.g_logit[i * h.classes + c] * v[at];
        }
        h.r_g_feature[i * h.features + f] = C::looks_at_features ? sum + h.r_g_feature[i * h.features + f] : sum;
    }
}

template <class C>
static __global__ void __launch_bounds__(THREADS) head_product_kernel(const __grid_constant__ struct cuda_head h)
{
    __shared__ double room[256];
    const size_t i = blockIdx.x;
    pool(h, h.r_out, h.r_feature);
    __syncthreads();
    if (h.norm) {
        double grows = 0;
        for (int f = threadIdx.x; f < h.features; f += THREADS)
            grows += (double)h.feature[i * h.features + f] * h.r_feature[i * h.features + f];
        grows = lanes_block_sum(grows, room);
        if (threadIdx.x == 0)
            h.growth[i] = (float)(grows / h.norm_of[i]);
        __syncthreads();
    }
    r_logits(h);
    __syncthreads();
    r_apply<C>(h, room);
    __syncthreads();
    r_backward_features<C>(h);
}

/* NAME's entries of the list in cuda.h. */
#define CUDA_CRITERION_LAUNCHERS(name, C)                                                                              \
    extern "C" void cuda_##name##_forward(const struct cuda_head *h, bool want_gradient, cudaStream_t stream)          \
    {                                                                                                                  \
        LAUNCH_EARLY(h->early, head_forward_kernel<C>, h->n, THREADS, stream, *h, want_gradient);                      \
    }                                                                                                                  \
    extern "C" void cuda_##name##_product(const struct cuda_head *h, cudaStream_t stream)                              \
    {                                                                                                                  \
        LAUNCH(head_product_kernel<C>, h->n, THREADS, stream, *h);                                                     \
    }

#endif
