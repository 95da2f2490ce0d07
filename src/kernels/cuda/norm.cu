#include "kernels/cuda/cuda.h"
#include "kernels/cuda/lanes.h"

/* Batch norm, ReLU and shortcuts: what happens to numbers one by one between two convolutions, and the sums over a
 * batch that batch norm asks for. V channels of a pixel per thread: 4, or 1 when channels come in no fours. */

enum { THREADS = 256, SUM_THREADS = 128, MASK_BLOCKS = 256 };

/* --- statistics, a block per channel --- */

static __global__ void norm_running_kernel(const struct cuda_unit *units, const struct cuda_control *control, float *mean,
                                      float *inv_s)
{
    const struct cuda_unit u = units[blockIdx.y];
    const int c = blockIdx.x * blockDim.x + threadIdx.x;
    if (c >= u.channels)
        return;
    mean[u.channel_base + c] = control->stats[u.mean + c];
    inv_s[u.channel_base + c] = (float)(1.0 / sqrt((double)control->stats[u.variance + c] + NET_BN_EPS));
}

extern "C" void cuda_norm_running(const struct cuda_unit *units, int n_units, int most_channels,
                                  const struct cuda_control *control, float *mean, float *inv_s, cudaStream_t stream)
{
    LAUNCH(norm_running_kernel, dim3(cuda_ceil(most_channels, 64), n_units), 64, stream, units, control, mean, inv_s);
}

/* Chan's formula over the blocks of the convolution: distances from a block's own mean never cancel. */
static __global__ void norm_batch_kernel(struct cuda_grid g, int channels, int columns, const float *partial, float *mean_out,
                                    float *inv_s_out, const struct cuda_control *control, size_t mean_offset,
                                    size_t variance_offset)
{
    __shared__ double room[256];
    const int c = blockIdx.x, blocks = cuda_grid_blocks(&g);
    const float *sums = partial + (size_t)c * blocks, *squares = sums + (size_t)channels * blocks;
    const double count = (double)g.n * g.height * g.width;
    double sum = 0, square = 0;
    for (int b = threadIdx.x; b < blocks; b += SUM_THREADS)
        sum += sums[b];
    const double mean = lanes_block_sum(sum, room) / count;
    for (int b = threadIdx.x; b < blocks; b += SUM_THREADS) {
        double pixels = cuda_grid_pixels(&g, columns, b), d = sums[b] / pixels - mean;
        square += squares[b] + pixels * d * d;
    }
    const double variance = lanes_block_sum(square, room) / count;
    if (threadIdx.x > 0)
        return;
    mean_out[c] = (float)mean;
    inv_s_out[c] = (float)(1.0 / sqrt(variance + NET_BN_EPS));
    lanes_move_statistics(control, mean_offset + c, variance_offset + c, mean, variance, count / (count - 1));
}

extern "C" void cuda_norm_batch(const struct cuda_grid *grid, int channels, const float *partial, float *mean, float *inv_s,
                                const struct cuda_control *control, size_t mean_offset, size_t variance_offset,
                                cudaStream_t stream)
{
    LAUNCH(norm_batch_kernel, channels, SUM_THREADS, stream, *grid, channels, cuda_conv_columns(channels), partial, mean, inv_s,
           control, mean_offset, variance_offset);
}

static __global__ void norm_sums_kernel(const __grid_constant__ struct cuda_sums s)
{
    __shared__ double room[256];
    const int c = blockIdx.x;
    const float *p0 = s.partial + (size_t)c * s.blocks, *p1 = p0 + (size_t)s.channels * s.blocks;
    double first, second;
    lanes_two_sums(p0, p1, s.blocks, SUM_THREADS, room, &first, &second);
    if (threadIdx.x > 0)
        return;
    s.first[c] = (float)(s.share * first);
    s.second[c] = (float)(s.share * second * (s.scale ? (double)s.scale[c] : 1.0));
    if (s.first_offset != CUDA_NO_OFFSET && s.control->grad) {
        s.control->grad[s.first_offset + c] = (float)first;
        s.control->grad[s.second_offset + c] = (float)second;
    }
}

extern "C" void cuda_sums_run(const struct cuda_sums *s, cudaStream_t stream)
{
    LAUNCH(norm_sums_kernel, s->channels, SUM_THREADS, stream, *s);
}

/* --- numbers one by one --- */

template <int V>
struct some {
    float v[V];
};

template <int V>
static __device__ inline struct some<V> load(const float *p)
{
    return { { *p } };
}

template <>
__device__ inline struct some<4> load<4>(const float *p)
{
    const float4 q = *(const float4 *)p;
    return { { q.x, q.y, q.z, q.w } };
}

static __device__ inline void save(float *p, const struct some<1> &s)
{
    *p = s.v[0];
}

static __device__ inline void save(float *p, const struct some<4> &s)
{
    *(float4 *)p = make_float4(s.v[0], s.v[1], s.v[2], s.v[3]);
}

/* Adds channels from .. from + V - 1 of a pixel; those that do not exist are zero. */
template <int V>
static __device__ inline void add_plane(struct some<V> &to, const struct cuda_plane &plane, int image, int y, int x, int from)
{
    const float *p = (const float *)plane.data + (((size_t)image * plane.height + y) * plane.width + x) * plane.channels;
    if (V == 4 && (from | plane.channels) % 4 == 0) {
        if (from < 0 || from >= plane.channels)
            return;
        const struct some<V> s = load<V>(p + from);
        for (int j = 0; j < V; j++)
            to.v[j] += s.v[j];
        return;
    }
    for (int j = 0; j < V; j++)
        if (from + j >= 0 && from + j < plane.channels)
            to.v[j] += p[from + j];
}

struct spot { /* one thread's channels of one pixel */
    int image, y, x, c;
    size_t at; /* in the unit's planes */
};

template <int V>
static __device__ inline bool spot_of(const struct cuda_norm &k, size_t i, struct spot *s)
{
    const int groups = k.channels / V;
    const size_t pixel = i / groups;
    s->c = (int)(i % groups) * V;
    s->x = (int)(pixel % k.width);
    s->y = (int)(pixel / k.width % k.height);
    s->image = (int)(pixel / k.width / k.height);
    s->at = pixel * k.channels + s->c;
    return s->image < k.n;
}

/* A NaN passes the ReLU, so that the loss shows it. */
template <int V>
static __global__ void __launch_bounds__(THREADS) norm_forward_kernel(const __grid_constant__ struct cuda_norm k)
{
    struct spot s;
    if (!spot_of<V>(k, (size_t)blockIdx.x * THREADS + threadIdx.x, &s))
        return;
    const struct some<V> a = load<V>(k.a + s.at);
    const float *gamma = k.control->params + k.gamma + s.c, *beta = k.control->params + k.beta + s.c;
    struct some<V> y;
    for (int j = 0; j < V; j++)
        y.v[j] = lanes_norm(a.v[j], k.mean[s.c + j], k.inv_s[s.c + j], gamma[j], beta[j]);
    if (k.add.data)
        add_plane<V>(y, k.add, s.image, s.y * k.add.step, s.x * k.add.step, s.c - k.add.shift);
    for (int j = 0; j < V; j++)
        y.v[j] = y.v[j] <= 0 ? 0 : y.v[j];
    save(k.out + s.at, y);
}

template <int V>
static __global__ void __launch_bounds__(THREADS) norm_product_kernel(const __grid_constant__ struct cuda_norm k)
{
    struct spot s;
    if (!spot_of<V>(k, (size_t)blockIdx.x * THREADS + threadIdx.x, &s))
        return;
    const struct some<V> a = load<V>(k.a + s.at), ra = load<V>(k.r_a + s.at), out = load<V>(k.out + s.at);
    const float *gamma = k.control->params + k.gamma + s.c;
    const float *v_gamma = k.control->v + k.gamma + s.c, *v_beta = k.control->v + k.beta + s.c;
    struct some<V> ry;
    for (int j = 0; j < V; j++) {
        const float inv_s = k.inv_s[s.c + j], xh = (a.v[j] - k.mean[s.c + j]) * inv_s;
        const float rxh = (ra.v[j] - k.r_mean[s.c + j]) * inv_s - xh * k.rs_over_s[s.c + j];
        ry.v[j] = v_gamma[j] * xh + gamma[j] * rxh + v_beta[j];
    }
    if (k.r_add.data)
        add_plane<V>(ry, k.r_add, s.image, s.y * k.r_add.step, s.x * k.r_add.step, s.c - k.r_add.shift);
    for (int j = 0; j < V; j++)
        ry.v[j] = out.v[j] > 0 ? ry.v[j] : 0;
    save(k.r_out + s.at, ry);
}

/* --- the way back: the ReLU's mask, and the sums of gy and of gy xh (or their R) --- */

/* A block treats CT channels; V of them per thread. */
template <int V, int CT>
struct mask_tile {
    static constexpr int lanes = CT / V, pixels = THREADS / lanes;
};

static int mask_tile_channels(int channels)
{
    return channels % 4 ? 16 : cuda_conv_tile(channels);
}

extern "C" int cuda_mask_blocks(int n, int height, int width, int channels)
{
    const int v = channels % 4 ? 1 : 4, pixels = THREADS / (mask_tile_channels(channels) / v);
    const size_t blocks = ((size_t)n * height * width + pixels - 1) / pixels;
    return blocks < MASK_BLOCKS ? (int)blocks : (int)MASK_BLOCKS;
}

template <int V>
static __device__ inline struct some<V> incoming(const struct cuda_norm &k, const struct spot &s, const float *own,
                                                 const struct cuda_plane *pull, const float *feature)
{
    struct some<V> g = { { 0 } };
    if (!k.fresh)
        g = load<V>(own + s.at);
    for (int i = 0; i < k.n_pulls; i++)
        if (s.y % pull[i].step == 0 && s.x % pull[i].step == 0)
            add_plane<V>(g, pull[i], s.image, s.y / pull[i].step, s.x / pull[i].step, s.c + pull[i].shift);
    for (int j = 0; feature && j < V; j++)
        g.v[j] += feature[(size_t)s.image * k.channels + s.c + j] / (float)(k.height * k.width);
    return g;
}

template <int V, bool PRODUCT>
static __device__ inline void mask_spot(const struct cuda_norm &k, const struct spot &s, float (&first)[V], float (&second)[V])
{
    const struct some<V> out = load<V>(k.out + s.at), a = load<V>(k.a + s.at);
    struct some<V> g = PRODUCT ? incoming<V>(k, s, k.r_gy, k.r_pull, k.r_g_feature)
                               : incoming<V>(k, s, k.gy, k.pull, k.g_feature);
    struct some<V> gy = { { 0 } }, ra = { { 0 } };
    if (PRODUCT) {
        gy = load<V>(k.gy + s.at);
        ra = load<V>(k.r_a + s.at);
    }
    for (int j = 0; j < V; j++) {
        const float inv_s = k.inv_s[s.c + j], xh = (a.v[j] - k.mean[s.c + j]) * inv_s;
        g.v[j] = out.v[j] > 0 ? g.v[j] : 0;
        first[j] += g.v[j];
        second[j] += g.v[j] * xh;
        if (PRODUCT)
            second[j] += gy.v[j] * ((ra.v[j] - k.r_mean[s.c + j]) * inv_s - xh * k.rs_over_s[s.c + j]);
    }
    save((PRODUCT ? k.r_gy : k.gy) + s.at, g);
}

template <int V, int CT, bool PRODUCT>
static __global__ void __launch_bounds__(THREADS) norm_mask_kernel(const __grid_constant__ struct cuda_norm k)
{
    typedef mask_tile<V, CT> T;
    __shared__ float room[2][T::pixels][CT];
    const int lane = threadIdx.x % T::lanes, pixel_lane = threadIdx.x / T::lanes, c = blockIdx.y * CT + lane * V;
    const size_t pixels = (size_t)k.n * k.height * k.width;
    float first[V] = { 0 }, second[V] = { 0 };
    for (size_t p = (size_t)blockIdx.x * T::pixels + pixel_lane; p < pixels && c < k.channels;
         p += (size_t)gridDim.x * T::pixels) {
        struct spot s;
        spot_of<V>(k, p * (k.channels / V) + c / V, &s);
        mask_spot<V, PRODUCT>(k, s, first, second);
    }
    for (int j = 0; j < V; j++) {
        room[0][pixel_lane][lane * V + j] = first[j];
        room[1][pixel_lane][lane * V + j] = second[j];
    }
    __syncthreads();
    const int which = threadIdx.x / CT, mine = threadIdx.x % CT, channel = blockIdx.y * CT + mine;
    if (which > 1 || channel >= k.channels)
        return;
    float sum = 0;
    for (int p = 0; p < T::pixels; p++)
        sum += room[which][p][mine];
    k.partial[(size_t)(which * k.channels + channel) * gridDim.x + blockIdx.x] = sum;
}

template <int V, int CT>
static void launch_mask(const struct cuda_norm *k, bool product, cudaStream_t stream)
{
    dim3 grid(cuda_mask_blocks(k->n, k->height, k->width, k->channels), cuda_ceil(k->channels, CT));
    if (product)
        LAUNCH((norm_mask_kernel<V, CT, true>), grid, THREADS, stream, *k);
    else
        LAUNCH((norm_mask_kernel<V, CT, false>), grid, THREADS, stream, *k);
}

extern "C" void cuda_norm_mask(const struct cuda_norm *k, bool product, cudaStream_t stream)
{
    if (k->channels % 4)
        launch_mask<1, 16>(k, product, stream);
    else if (mask_tile_channels(k->channels) == 16)
        launch_mask<4, 16>(k, product, stream);
    else if (mask_tile_channels(k->channels) == 32)
        launch_mask<4, 32>(k, product, stream);
    else
        launch_mask<4, 64>(k, product, stream);
}

template <int V, bool PRODUCT>
static __global__ void __launch_bounds__(THREADS) norm_backward_kernel(const __grid_constant__ struct cuda_norm k)
{
    struct spot s;
    if (!spot_of<V>(k, (size_t)blockIdx.x * THREADS + threadIdx.x, &s))
        return;
    const struct some<V> a = load<V>(k.a + s.at), gy = load<V>(k.gy + s.at);
    struct some<V> ra = { { 0 } }, rgy = { { 0 } }, ga, rga;
    if (PRODUCT) {
        ra = load<V>(k.r_a + s.at);
        rgy = load<V>(k.r_gy + s.at);
    }
    for (int j = 0; j < V; j++) {
        const int c = s.c + j;
        const float gamma = k.control->params[k.gamma + c], inv_s = k.inv_s[c], xh = (a.v[j] - k.mean[c]) * inv_s;
        const float t = gy.v[j] - k.mean_gy[c] - xh * k.mean_gyxh[c];
        ga.v[j] = gamma * inv_s * t;
        if (PRODUCT) {
            const float rxh = (ra.v[j] - k.r_mean[c]) * inv_s - xh * k.rs_over_s[c];
            const float rt = rgy.v[j] - k.r_mean_gy[c] - rxh * k.mean_gyxh[c] - xh * k.r_mean_gyxh[c];
            const float slope = k.control->v[k.gamma + c] - gamma * k.rs_over_s[c];
            rga.v[j] = inv_s * (slope * t + gamma * rt);
        }
    }
    save(k.ga + s.at, ga);
    if (PRODUCT)
        save(k.r_ga + s.at, rga);
}

/* Blocks for V channels of a pixel per thread. */
static unsigned element_blocks(const struct cuda_norm *k, int v)
{
    return (unsigned)(((size_t)k->n * k->height * k->width * k->channels / v + THREADS - 1) / THREADS);
}

extern "C" void cuda_norm_forward(const struct cuda_norm *k, cudaStream_t stream)
{
    if (k->channels % 4)
        LAUNCH(norm_forward_kernel<1>, element_blocks(k, 1), THREADS, stream, *k);
    else
        LAUNCH(norm_forward_kernel<4>, element_blocks(k, 4), THREADS, stream, *k);
}

extern "C" void cuda_norm_product(const struct cuda_norm *k, cudaStream_t stream)
{
    if (k->channels % 4)
        LAUNCH(norm_product_kernel<1>, element_blocks(k, 1), THREADS, stream, *k);
    else
        LAUNCH(norm_product_kernel<4>, element_blocks(k, 4), THREADS, stream, *k);
}

extern "C" void cuda_norm_backward(const struct cuda_norm *k, bool product, cudaStream_t stream)
{
    if (k->channels % 4 && product)
        LAUNCH((norm_backward_kernel<1, true>), element_blocks(k, 1), THREADS, stream, *k);
    else if (k->channels % 4)
        LAUNCH((norm_backward_kernel<1, false>), element_blocks(k, 1), THREADS, stream, *k);
    else if (product)
        LAUNCH((norm_backward_kernel<4, true>), element_blocks(k, 4), THREADS, stream, *k);
    else
        LAUNCH((norm_backward_kernel<4, false>), element_blocks(k, 4), THREADS, stream, *k);
}
