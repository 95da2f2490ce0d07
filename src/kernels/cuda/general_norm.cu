#include "kernels/cuda/general.h"
#include "kernels/cuda/lanes.h"

/* Bias, batch norm, additions and ReLU of units that have some of these: formulas as in norm.cu. Kernels that sum over a batch have blocks
 * of 32 channels x 8 pixels, which take the pixels of one share; shares meet in double. The others write one number a thread. */

enum { THREADS = 256, SUM_THREADS = 128, CHANNELS = 32, PIXELS = THREADS / CHANNELS, SHARES = 256, LEAST_PIXELS = 64 };

struct plane_spot { /* one number */
    int image, y, x, c;
    size_t at;
};

/* The place of channel c of pixel number `pixel` of the batch. */
static __device__ inline struct plane_spot plane_spot_of(const struct cuda_between &k, size_t pixel, int c)
{
    struct plane_spot s = { (int)(pixel / k.width / k.height), (int)(pixel / k.width % k.height), (int)(pixel % k.width), c, pixel * k.channels + c };
    return s;
}

static __device__ inline bool thread_spot(const struct cuda_between &k, struct plane_spot *s)
{
    const size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x;
    *s = plane_spot_of(k, i / k.channels, (int)(i % k.channels));
    return s->image < k.n;
}

/* The number of a plane at pixel (y, x), channel c, both its own; 0 where it has no such channel. */
static __device__ inline float plane_at(const struct cuda_plane &p, int image, int y, int x, int c)
{
    if (c < 0 || c >= p.channels)
        return 0;
    return ((const float *)p.data)[(((size_t)image * p.height + y) * p.width + x) * p.channels + c];
}

static __device__ inline float added(const struct cuda_plane &p, const struct plane_spot &s)
{
    return p.data ? plane_at(p, s.image, s.y * p.step, s.x * p.step, s.c - p.shift) : 0;
}

/* --- sums over the batch --- */

static int shares_of(int n, int height, int width)
{
    const size_t shares = ((size_t)n * height * width + LEAST_PIXELS - 1) / LEAST_PIXELS;
    return shares < SHARES ? (int)shares : (int)SHARES;
}

struct stretch { /* pixels begin .. end - 1 */
    size_t begin, end;
};

static __device__ inline struct stretch stretch_of(const struct cuda_between &k, int number, int shares)
{
    const size_t pixels = (size_t)k.n * k.height * k.width, per = (pixels + shares - 1) / shares, begin = number * per;
    struct stretch s = { begin < pixels ? begin : pixels, begin + per < pixels ? begin + per : pixels };
    return s;
}

/* A channel's sum over the block's eight pixels, in every thread of that channel. */
static __device__ inline float sum_of_channel(float v, float (&room)[PIXELS][CHANNELS])
{
    float sum = 0;
    __syncthreads();
    room[threadIdx.x / CHANNELS][threadIdx.x % CHANNELS] = v;
    __syncthreads();
    for (int p = 0; p < PIXELS; p++)
        sum += room[p][threadIdx.x % CHANNELS];
    return sum;
}

static __device__ inline void write_sums(const struct cuda_between &k, int c, float first, float second)
{
    if (threadIdx.x >= CHANNELS || c >= k.channels)
        return;
    k.partial[(size_t)c * gridDim.x + blockIdx.x] = first;
    k.partial[(size_t)(k.channels + c) * gridDim.x + blockIdx.x] = second;
}

/* Sum, and sum of squared distances from the share's own mean. */
static __global__ void __launch_bounds__(THREADS) between_moments_kernel(const __grid_constant__ struct cuda_between k)
{
    __shared__ float room[PIXELS][CHANNELS];
    const int c = blockIdx.y * CHANNELS + threadIdx.x % CHANNELS;
    const struct stretch s = stretch_of(k, blockIdx.x, gridDim.x);
    float sum = 0, square = 0;
    for (size_t p = s.begin + threadIdx.x / CHANNELS; p < s.end && c < k.channels; p += PIXELS)
        sum += k.a[p * k.channels + c];
    sum = sum_of_channel(sum, room);
    const float mean = s.end > s.begin ? sum / (float)(s.end - s.begin) : 0;
    for (size_t p = s.begin + threadIdx.x / CHANNELS; p < s.end && c < k.channels; p += PIXELS) {
        const float d = k.a[p * k.channels + c] - mean;
        square += d * d;
    }
    write_sums(k, c, sum, sum_of_channel(square, room));
}

/* Chan's formula over the shares. */
static __global__ void __launch_bounds__(SUM_THREADS) between_statistics_kernel(const __grid_constant__ struct cuda_between k, int shares)
{
    __shared__ double room[256];
    const int c = blockIdx.x;
    const float *sums = k.partial + (size_t)c * shares, *squares = sums + (size_t)k.channels * shares;
    const double count = (double)k.n * k.height * k.width;
    double sum = 0, square = 0;
    for (int b = threadIdx.x; b < shares; b += SUM_THREADS)
        sum += sums[b];
    const double mean = lanes_block_sum(sum, room) / count;
    for (int b = threadIdx.x; b < shares; b += SUM_THREADS) {
        const struct stretch s = stretch_of(k, b, shares);
        const double pixels = (double)(s.end - s.begin), d = pixels > 0 ? sums[b] / pixels - mean : 0;
        square += squares[b] + pixels * d * d;
    }
    const double variance = lanes_block_sum(square, room) / count;
    if (threadIdx.x > 0)
        return;
    k.mean[c] = (float)mean;
    k.inv_s[c] = (float)(1.0 / sqrt(variance + NET_BN_EPS));
    lanes_move_statistics(k.control, k.mean_at + c, k.variance_at + c, mean, variance, count / (count - 1));
}

/* Sums of R{a} and xh R{a}. */
static __global__ void __launch_bounds__(THREADS) between_moves_kernel(const __grid_constant__ struct cuda_between k)
{
    __shared__ float room[PIXELS][CHANNELS];
    const int c = blockIdx.y * CHANNELS + threadIdx.x % CHANNELS;
    const struct stretch s = stretch_of(k, blockIdx.x, gridDim.x);
    float first = 0, second = 0;
    for (size_t p = s.begin + threadIdx.x / CHANNELS; p < s.end && c < k.channels; p += PIXELS) {
        const size_t at = p * k.channels + c;
        first += k.r_a[at];
        second += (k.a[at] - k.mean[c]) * k.inv_s[c] * k.r_a[at];
    }
    first = sum_of_channel(first, room);
    write_sums(k, c, first, sum_of_channel(second, room));
}

/* --- forward --- */

static __global__ void __launch_bounds__(THREADS) between_forward_kernel(const __grid_constant__ struct cuda_between k)
{
    struct plane_spot s;
    if (!thread_spot(k, &s))
        return;
    float y = k.a[s.at];
    if (k.norm)
        y = k.control->params[k.gamma + s.c] * ((y - k.mean[s.c]) * k.inv_s[s.c]) + k.control->params[k.beta + s.c];
    y += added(k.add, s);
    k.out[s.at] = k.relu && y <= 0 ? 0 : y; /* a NaN passes */
}

static __device__ inline float r_xh_of(const struct cuda_between &k, int c, float xh, float ra)
{
    return (ra - k.r_mean[c]) * k.inv_s[c] - xh * k.rs_over_s[c];
}

static __global__ void __launch_bounds__(THREADS) between_product_kernel(const __grid_constant__ struct cuda_between k)
{
    struct plane_spot s;
    if (!thread_spot(k, &s))
        return;
    float ry = k.r_a[s.at];
    if (k.norm) {
        const float xh = (k.a[s.at] - k.mean[s.c]) * k.inv_s[s.c];
        ry = k.control->v[k.gamma + s.c] * xh + k.control->params[k.gamma + s.c] * r_xh_of(k, s.c, xh, ry) + k.control->v[k.beta + s.c];
    }
    ry += added(k.r_add, s);
    k.r_out[s.at] = !k.relu || k.out[s.at] > 0 ? ry : 0;
}

/* --- backward --- */

template <bool PRODUCT>
static __device__ inline float incoming_of(const struct cuda_between &k, const struct plane_spot &s)
{
    const float *own = PRODUCT ? k.r_gy : k.gy, *feature = PRODUCT ? k.r_g_feature : k.g_feature;
    float g = k.fresh ? 0 : own[s.at];
    for (int i = 0; i < k.n_pulls; i++) {
        const struct cuda_plane &p = PRODUCT ? k.r_pull[i] : k.pull[i];
        if (s.y % p.step == 0 && s.x % p.step == 0)
            g += plane_at(p, s.image, s.y / p.step, s.x / p.step, s.c + p.shift);
    }
    if (feature)
        g += feature[(size_t)s.image * k.channels + s.c] / (float)(k.height * k.width);
    return g;
}

template <bool PRODUCT>
static __global__ void __launch_bounds__(THREADS) between_mask_kernel(const __grid_constant__ struct cuda_between k)
{
    __shared__ float room[PIXELS][CHANNELS];
    const int c = blockIdx.y * CHANNELS + threadIdx.x % CHANNELS;
    const struct stretch part = stretch_of(k, blockIdx.x, gridDim.x);
    float first = 0, second = 0;
    for (size_t p = part.begin + threadIdx.x / CHANNELS; p < part.end && c < k.channels; p += PIXELS) {
        const struct plane_spot s = plane_spot_of(k, p, c);
        const float g = !k.relu || k.out[s.at] > 0 ? incoming_of<PRODUCT>(k, s) : 0;
        (PRODUCT ? k.r_gy : k.gy)[s.at] = g;
        first += g;
        if (!k.norm)
            continue;
        const float xh = (k.a[s.at] - k.mean[c]) * k.inv_s[c];
        second += g * xh;
        if (PRODUCT)
            second += k.gy[s.at] * r_xh_of(k, c, xh, k.r_a[s.at]);
    }
    if (!k.norm && !k.has_bias)
        return;
    first = sum_of_channel(first, room);
    write_sums(k, c, first, sum_of_channel(second, room));
}

/* A bias before batch norm moves the mean alone, and with batch statistics nothing at all. */
template <bool PRODUCT>
static __device__ inline float bias_gradient(const struct cuda_between &k, int c, double sum)
{
    if (!k.norm)
        return (float)sum;
    if (k.share > 0)
        return 0;
    const double gamma = k.control->params[k.gamma + c];
    return (float)(k.inv_s[c] * (PRODUCT ? gamma * sum + (double)k.control->v[k.gamma + c] * k.sum_gy[c] : gamma * sum));
}

template <bool PRODUCT>
static __global__ void __launch_bounds__(SUM_THREADS) between_sums_kernel(const __grid_constant__ struct cuda_between k, int shares)
{
    __shared__ double room[256];
    const int c = blockIdx.x;
    const float *p0 = k.partial + (size_t)c * shares, *p1 = p0 + (size_t)k.channels * shares;
    double first, second;
    lanes_two_sums(p0, p1, shares, SUM_THREADS, room, &first, &second);
    if (threadIdx.x > 0)
        return;
    if (!PRODUCT && k.norm)
        k.sum_gy[c] = (float)first;
    if (k.norm) {
        (PRODUCT ? k.r_mean_gy : k.mean_gy)[c] = (float)(k.share * first);
        (PRODUCT ? k.r_mean_gyxh : k.mean_gyxh)[c] = (float)(k.share * second);
    }
    float *grad = k.control->grad;
    if (grad && k.norm) {
        grad[k.beta + c] = (float)first;
        grad[k.gamma + c] = (float)second;
    }
    if (grad && k.has_bias)
        grad[k.bias + c] = bias_gradient<PRODUCT>(k, c, first);
}

template <bool PRODUCT>
static __global__ void __launch_bounds__(THREADS) between_backward_kernel(const __grid_constant__ struct cuda_between k)
{
    struct plane_spot s;
    if (!thread_spot(k, &s))
        return;
    const int c = s.c;
    const float gamma = k.control->params[k.gamma + c], inv_s = k.inv_s[c], xh = (k.a[s.at] - k.mean[c]) * inv_s;
    const float t = k.gy[s.at] - k.mean_gy[c] - xh * k.mean_gyxh[c];
    k.ga[s.at] = gamma * inv_s * t;
    if (PRODUCT) {
        const float rxh = r_xh_of(k, c, xh, k.r_a[s.at]);
        const float rt = k.r_gy[s.at] - k.r_mean_gy[c] - rxh * k.mean_gyxh[c] - xh * k.r_mean_gyxh[c];
        k.r_ga[s.at] = inv_s * ((k.control->v[k.gamma + c] - gamma * k.rs_over_s[c]) * t + gamma * rt);
    }
}

/* --- launchers --- */

static dim3 sum_grid(const struct cuda_between *k)
{
    return dim3(shares_of(k->n, k->height, k->width), cuda_ceil(k->channels, CHANNELS));
}

static unsigned between_blocks(const struct cuda_between *k)
{
    return (unsigned)(((size_t)k->n * k->height * k->width * k->channels + THREADS - 1) / THREADS);
}

extern "C" size_t cuda_between_partial(int n, int height, int width, int channels)
{
    return 2 * (size_t)channels * shares_of(n, height, width);
}

extern "C" void cuda_between_statistics(const struct cuda_between *k, cudaStream_t stream)
{
    LAUNCH(between_moments_kernel, sum_grid(k), THREADS, stream, *k);
    LAUNCH(between_statistics_kernel, k->channels, SUM_THREADS, stream, *k, shares_of(k->n, k->height, k->width));
}

extern "C" void cuda_between_forward(const struct cuda_between *k, cudaStream_t stream)
{
    if (k->norm || k->relu || k->add.data)
        LAUNCH(between_forward_kernel, between_blocks(k), THREADS, stream, *k);
}

extern "C" void cuda_between_moves(const struct cuda_between *k, cudaStream_t stream)
{
    const struct cuda_sums sums = { k->partial, k->channels, shares_of(k->n, k->height, k->width), k->share, k->inv_s, k->r_mean, k->rs_over_s,
                                    CUDA_NO_OFFSET, CUDA_NO_OFFSET, k->control };
    LAUNCH(between_moves_kernel, sum_grid(k), THREADS, stream, *k);
    cuda_sums_run(&sums, stream);
}

extern "C" void cuda_between_product(const struct cuda_between *k, cudaStream_t stream)
{
    if (k->norm || k->relu || k->r_add.data)
        LAUNCH(between_product_kernel, between_blocks(k), THREADS, stream, *k);
}

extern "C" void cuda_between_mask(const struct cuda_between *k, bool product, cudaStream_t stream)
{
    const int shares = shares_of(k->n, k->height, k->width);
    if (product)
        LAUNCH(between_mask_kernel<true>, sum_grid(k), THREADS, stream, *k);
    else
        LAUNCH(between_mask_kernel<false>, sum_grid(k), THREADS, stream, *k);
    if (!k->norm && !k->has_bias)
        return;
    if (product)
        LAUNCH(between_sums_kernel<true>, k->channels, SUM_THREADS, stream, *k, shares);
    else
        LAUNCH(between_sums_kernel<false>, k->channels, SUM_THREADS, stream, *k, shares);
}

extern "C" void cuda_between_backward(const struct cuda_between *k, bool product, cudaStream_t stream)
{
    if (product)
        LAUNCH(between_backward_kernel<true>, between_blocks(k), THREADS, stream, *k);
    else
        LAUNCH(between_backward_kernel<false>, between_blocks(k), THREADS, stream, *k);
}
