#include "kernels/cuda/cuda.h"
#include "kernels/cuda/lanes.h"

/* Global average pooling, the two classifiers (spec 2.1, 2.2) and the loss (backend.h), each with its derivative along
 * a direction. A block per image; the loss itself is computed in double. Formulas as in kernels/reference/head.c. */

enum { THREADS = 128, WARPS = THREADS / 32 };
#define TINY 1e-12f

static __device__ inline const float *coefficients(const struct cuda_head &h, int which)
{
    return (const float *)(h.control + 1) + (size_t)which * h.classes;
}
enum { SCALE, SHIFT, MARGIN, WEIGHT };

static __device__ inline size_t weight_at(const struct cuda_head &h, int f, int c)
{
    return h.norm ? (size_t)f * h.classes + c : (size_t)c * h.features + f;
}

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

/* --- HEAD_NORM: lengths of the columns, a warp per class --- */

static __global__ void head_columns_kernel(const __grid_constant__ struct cuda_head h, bool product)
{
    const int c = blockIdx.x * WARPS + threadIdx.x / 32;
    const float *w = h.control->params + h.weight, *v = h.control->v + h.weight;
    float square = 0, along = 0;
    for (int f = threadIdx.x % 32; f < h.features && c < h.classes; f += 32) {
        const float x = w[weight_at(h, f, c)];
        square += x * x;
        along += product ? x * v[weight_at(h, f, c)] : 0;
    }
    square = lanes_warp_sum(square);
    along = lanes_warp_sum(along);
    if (threadIdx.x % 32 > 0 || c >= h.classes)
        return;
    const float length = fmaxf(sqrtf(square), TINY);
    if (product)
        h.r_column[c] = along / length; /* the length is known; several products may be under way */
    else
        h.column[c] = length;
}

/* --- loss --- */

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
    return (double)coefficients(h, SCALE)[j] * x[j] + coefficients(h, SHIFT)[j] -
           (j == label ? (double)coefficients(h, MARGIN)[j] : 0.0);
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

static __device__ inline double weight_sum(const struct cuda_head &h, double *room)
{
    double sum = 0;
    for (int i = threadIdx.x; i < h.n; i += THREADS)
        sum += coefficients(h, WEIGHT)[h.label[i]];
    return lanes_block_sum(sum, room);
}

static __device__ inline double divisor_of(const struct cuda_head &h, double weights)
{
    return h.control->divisor > 0 ? h.control->divisor : h.control->weighted_mean ? weights : (double)h.n;
}

static __device__ inline struct softmax softmax_of(const struct cuda_head &h, double *room)
{
    struct softmax s;
    const float *x = h.logit + (size_t)blockIdx.x * h.classes;
    s.label = h.label[blockIdx.x];
    s.divisor = divisor_of(h, weight_sum(h, room));
    double top = -INFINITY, sum = 0;
    for (int j = threadIdx.x; j < h.classes; j += THREADS)
        top = fmax(top, adjusted(h, x, s.label, j));
    s.top = block_largest(top, room);
    for (int j = threadIdx.x; j < h.classes; j += THREADS)
        sum += exp(adjusted(h, x, s.label, j) - s.top);
    s.sum = lanes_block_sum(sum, room);
    const double l = coefficients(h, WEIGHT)[s.label] * (log(s.sum) - (adjusted(h, x, s.label, s.label) - s.top));
    if (h.control->focal)
        s.sample = focal(l, (double)h.control->gamma);
    else
        s.sample = { l, l, 1, 0 };
    return s;
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

static __device__ inline void backward_features(const struct cuda_head &h)
{
    const size_t i = blockIdx.x;
    const float *w = h.control->params + h.weight, *g = h.g_logit + i * h.classes, *z = h.logit + i * h.classes;
    for (int f = threadIdx.x; f < h.features; f += THREADS) {
        float sum = 0;
        const float unit = h.norm ? h.feature[i * h.features + f] / h.norm_of[i] : 0;
        for (int c = 0; c < h.classes; c++)
            sum += h.norm ? g[c] * (w[weight_at(h, f, c)] / h.column[c] - z[c] * unit) : g[c] * w[weight_at(h, f, c)];
        h.g_feature[i * h.features + f] = h.norm ? sum / h.norm_of[i] : sum;
    }
}

static __global__ void __launch_bounds__(THREADS)
    head_forward_kernel(const __grid_constant__ struct cuda_head h, bool want_gradient)
{
    __shared__ double room[256];
    const size_t i = blockIdx.x;
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
    const struct softmax s = softmax_of(h, room);
    const bool right = is_right(h, s.label, room);
    if (threadIdx.x == 0) {
        h.value[i] = s.sample.value;
        h.right[i] = right;
    }
    if (!want_gradient)
        return;
    const double k = s.sample.slope * coefficients(h, WEIGHT)[s.label] / s.divisor;
    for (int j = threadIdx.x; j < h.classes; j += THREADS)
        h.g_logit[i * h.classes + j] = (float)(k * coefficients(h, SCALE)[j] *
                                               (probability(h, s, h.logit + i * h.classes, j) - (j == s.label)));
    __syncthreads();
    backward_features(h);
}

static __global__ void __launch_bounds__(THREADS) head_result_kernel(const __grid_constant__ struct cuda_head h)
{
    __shared__ double room[256];
    double value = 0, right = 0;
    for (int i = threadIdx.x; i < h.n; i += THREADS) {
        value += h.value[i];
        right += h.right[i];
    }
    value = lanes_block_sum(value, room);
    right = lanes_block_sum(right, room);
    const double weights = weight_sum(h, room);
    if (threadIdx.x > 0)
        return;
    h.result->loss = value / divisor_of(h, weights);
    h.result->weight_sum = weights;
    h.result->correct = (uint32_t)right;
    h.result->unused = 0; /* the whole struct is copied; initcheck looks */
}

/* --- gradient of the classifier's weights: a thread per weight, then per bias --- */

struct weight_place {
    int f, c;
    bool bias, exists;
    size_t offset; /* into the parameters */
};

static __device__ inline struct weight_place place_of(const struct cuda_head &h)
{
    const size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x, count = (size_t)h.features * h.classes;
    struct weight_place p;
    p.bias = i >= count;
    p.exists = i < count || (!h.norm && i < count + h.classes);
    p.f = p.bias ? 0 : (int)(h.norm ? i / h.classes : i % h.features);
    p.c = (int)(p.bias ? i - count : h.norm ? i % h.classes : i / h.features);
    p.offset = p.bias ? h.bias + p.c : h.weight + i;
    return p;
}

static __global__ void __launch_bounds__(THREADS) head_weights_kernel(const __grid_constant__ struct cuda_head h)
{
    const struct weight_place p = place_of(h);
    if (!p.exists)
        return;
    const float unit = h.norm ? h.control->params[p.offset] / h.column[p.c] : 0;
    float sum = 0;
    for (size_t i = 0; i < (size_t)h.n; i++) {
        const float g = h.g_logit[i * h.classes + p.c];
        const float x = p.bias ? 1 : h.feature[i * h.features + p.f];
        sum += h.norm ? g * (x / h.norm_of[i] - h.logit[i * h.classes + p.c] * unit) : g * x;
    }
    h.control->grad[p.offset] = h.norm ? sum / h.column[p.c] : sum;
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

static __device__ inline void r_loss(const struct cuda_head &h, double *room)
{
    const size_t i = blockIdx.x;
    const struct softmax s = softmax_of(h, room);
    const float *x = h.logit + i * h.classes, *rx = h.r_logit + i * h.classes, *scale = coefficients(h, SCALE);
    const double weight = coefficients(h, WEIGHT)[s.label];
    double mean = 0;
    for (int j = threadIdx.x; j < h.classes; j += THREADS)
        mean += probability(h, s, x, j) * scale[j] * rx[j];
    mean = lanes_block_sum(mean, room);
    const double r_loss = weight * (mean - (double)scale[s.label] * rx[s.label]);
    for (int j = threadIdx.x; j < h.classes; j += THREADS) {
        const double p = probability(h, s, x, j), rp = p * ((double)scale[j] * rx[j] - mean);
        h.r_g_logit[i * h.classes + j] = (float)(weight / s.divisor * scale[j] *
                                                 (s.sample.slope * rp + s.sample.bend * r_loss * (p - (j == s.label))));
    }
}

struct cosine { /* everything about one (image, class) of the normalised classifier, see norm_product_backward() */
    float g, rg, z, rz, nf, nw, grow, r_column;
};

static __device__ inline struct cosine cosine_of(const struct cuda_head &h, size_t i, int c)
{
    const size_t k = i * h.classes + c;
    return { h.g_logit[k], h.r_g_logit[k], h.logit[k],  h.r_logit[k],
             h.norm_of[i], h.column[c],    h.growth[i], h.r_column[c] };
}

static __device__ inline float r_feature_term(const struct cosine &k, float f, float rf, float w, float v)
{
    const float uf = f / k.nf, uw = w / k.nw, ruf = (rf - uf * k.grow) / k.nf, ruw = (v - uw * k.r_column) / k.nw;
    const float df = uw - k.z * uf;
    return (k.rg * df + k.g * (ruw - k.rz * uf - k.z * ruf) - k.g * df * k.grow / k.nf) / k.nf;
}

static __device__ inline float r_weight_term(const struct cosine &k, float f, float rf, float w, float v)
{
    const float uf = f / k.nf, uw = w / k.nw, ruf = (rf - uf * k.grow) / k.nf, ruw = (v - uw * k.r_column) / k.nw;
    const float dw = uf - k.z * uw;
    return (k.rg * dw + k.g * (ruf - k.rz * uw - k.z * ruw) - k.g * dw * k.r_column / k.nw) / k.nw;
}

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
        h.r_g_feature[i * h.features + f] = sum;
    }
}

static __global__ void __launch_bounds__(THREADS) head_product_kernel(const __grid_constant__ struct cuda_head h)
{
    __shared__ double room[256];
    const size_t i = blockIdx.x;
    pool(h, h.r_out, h.r_feature);
    __syncthreads();
    if (h.norm) {
        double along = 0;
        for (int f = threadIdx.x; f < h.features; f += THREADS)
            along += (double)h.feature[i * h.features + f] * h.r_feature[i * h.features + f];
        along = lanes_block_sum(along, room);
        if (threadIdx.x == 0)
            h.growth[i] = (float)(along / h.norm_of[i]);
        __syncthreads();
    }
    r_logits(h);
    __syncthreads();
    r_loss(h, room);
    __syncthreads();
    r_backward_features(h);
}

static __global__ void __launch_bounds__(THREADS) head_product_weights_kernel(const __grid_constant__ struct cuda_head h)
{
    const struct weight_place p = place_of(h);
    if (!p.exists)
        return;
    const float w = h.control->params[p.offset], v = h.control->v[p.offset];
    float sum = 0;
    for (size_t i = 0; i < (size_t)h.n; i++) {
        const float x = p.bias ? 1 : h.feature[i * h.features + p.f], rx = p.bias ? 0 : h.r_feature[i * h.features + p.f];
        const size_t k = i * h.classes + p.c;
        sum += h.norm ? r_weight_term(cosine_of(h, i, p.c), x, rx, w, v) : h.r_g_logit[k] * x + h.g_logit[k] * rx;
    }
    h.control->grad[p.offset] = sum;
}

/* --- launchers --- */

static unsigned weight_blocks(const struct cuda_head *h)
{
    size_t count = (size_t)h->features * h->classes + (h->norm ? 0 : h->classes);
    return (unsigned)((count + THREADS - 1) / THREADS);
}

extern "C" void cuda_head_forward(const struct cuda_head *h, bool want_gradient, cudaStream_t stream)
{
    if (h->norm)
        LAUNCH(head_columns_kernel, cuda_ceil(h->classes, WARPS), THREADS, stream, *h, false);
    LAUNCH(head_forward_kernel, h->n, THREADS, stream, *h, want_gradient);
    LAUNCH(head_result_kernel, 1, THREADS, stream, *h);
}

extern "C" void cuda_head_weights(const struct cuda_head *h, cudaStream_t stream)
{
    LAUNCH(head_weights_kernel, weight_blocks(h), THREADS, stream, *h);
}

extern "C" void cuda_head_product(const struct cuda_head *h, cudaStream_t stream)
{
    if (h->norm)
        LAUNCH(head_columns_kernel, cuda_ceil(h->classes, WARPS), THREADS, stream, *h, true);
    LAUNCH(head_product_kernel, h->n, THREADS, stream, *h);
    LAUNCH(head_product_weights_kernel, weight_blocks(h), THREADS, stream, *h);
}
