#include "kernels/cuda/head.h"

/* The classifier's parts that no criterion changes (methods 2.1, 2.2): lengths of columns, the sums of a batch, the gradients of its
 * weights, each with its derivative along a direction. What is between them: criterion.h. */

/* --- HEAD_NORM: lengths of the columns, a warp per class --- */

static __global__ void head_columns_kernel(const __grid_constant__ struct cuda_head h, bool product)
{
    const int c = blockIdx.x * WARPS + threadIdx.x / 32;
    const float *w = h.control->params + h.weight, *v = h.control->v + h.weight;
    float square = 0, along = 0;
    early_wait();
    early_let_go();
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

static __global__ void __launch_bounds__(THREADS, 4) head_result_kernel(const __grid_constant__ struct cuda_head h)
{
    __shared__ double room[256];
    double value = 0, right = 0;
    early_wait();
    early_let_go();
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

static __device__ inline float r_weight_term(const struct cosine &k, float f, float rf, float w, float v)
{
    const float uf = f / k.nf, uw = w / k.nw, ruf = (rf - uf * k.grow) / k.nf, ruw = (v - uw * k.r_column) / k.nw;
    const float dw = uf - k.z * uw;
    return (k.rg * dw + k.g * (ruf - k.rz * uw - k.z * ruw) - k.g * dw * k.r_column / k.nw) / k.nw;
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

static const struct {
    void (*forward)(const struct cuda_head *h, bool want_gradient, cudaStream_t stream);
    void (*product)(const struct cuda_head *h, cudaStream_t stream);
} criteria[N_CRITERIA + 1] = {
#define ROW(id, name, ...) { cuda_##name##_forward, cuda_##name##_product },
    CRITERION_TABLE(ROW)
#undef ROW
    { cuda_from_outside_forward, cuda_from_outside_product },
};

static unsigned weight_blocks(const struct cuda_head *h)
{
    size_t count = (size_t)h->features * h->classes + (h->norm ? 0 : h->classes);
    return (unsigned)((count + THREADS - 1) / THREADS);
}

extern "C" void cuda_head_forward(const struct cuda_head *h, bool want_gradient, cudaStream_t stream)
{
    if (h->norm)
        LAUNCH_EARLY(h->early, head_columns_kernel, cuda_ceil(h->classes, WARPS), THREADS, stream, *h, false);
    criteria[h->criterion].forward(h, want_gradient, stream);
    if (h->criterion < N_CRITERIA)
        LAUNCH_EARLY(h->early, head_result_kernel, 1, THREADS, stream, *h);
}

extern "C" void cuda_head_weights(const struct cuda_head *h, cudaStream_t stream)
{
    LAUNCH(head_weights_kernel, weight_blocks(h), THREADS, stream, *h);
}

extern "C" void cuda_head_product(const struct cuda_head *h, bool want_weights, cudaStream_t stream)
{
    if (h->norm)
        LAUNCH(head_columns_kernel, cuda_ceil(h->classes, WARPS), THREADS, stream, *h, true);
    criteria[h->criterion].product(h, stream);
    if (want_weights)
        LAUNCH(head_product_weights_kernel, weight_blocks(h), THREADS, stream, *h);
}
