#include "kernels/cuda/cuda.h"
#include "kernels/cuda/mixed.h"
#include "kernels/cuda/mixed_join.h"

/* 3x3 convolutions of a mixed-precision pass, forward and back to the input. A block of 8 warps computes CONV_ROWS x
 * 512/CO pixels of one image for CO channels, a warp 32 pixels for 16 of them. Input and weights pass through shared memory 32 bytes
 * of channels at a time, 48 bytes apart, so that the eight rows of a matrix lie in different banks. */

enum { THREADS = CUDA_MIXED_THREADS, WARPS = THREADS / 32, APART = 48, WARP_PIXELS = 32, WARP_CHANNELS = 16 };

template <int CO, int STRIDE>
struct mixed_tile {
    static constexpr int columns = 512 / CO;
    static constexpr int in_rows = (CONV_ROWS - 1) * STRIDE + 3, in_columns = (columns - 1) * STRIDE + 3;
    static constexpr int in_bytes = in_rows * in_columns * APART, weight_bytes = 9 * CO * APART;
    static constexpr int warps_across = CO / WARP_CHANNELS, warps_down = WARPS / warps_across;
};
typedef float sums[2][2][4]; /* of a warp: [16 pixels][8 channels] as tensor.h says */

struct mixed_spot { /* of a block */
    int image, top, left, first; /* first pixel and channel that it computes */
};

static __device__ inline struct mixed_spot mixed_spot_of(const struct cuda_grid &g, int columns, int channels)
{
    const int per_image = g.tiles_y * g.tiles_x, b = (int)blockIdx.x;
    struct mixed_spot s = { b / per_image, b % per_image / g.tiles_x * CONV_ROWS, b % g.tiles_x * columns, (int)blockIdx.y * channels };
    return s;
}

/* --- staging --- */

/* The tile's input: what lies outside the image is zero. Each pixel is finished by the block whose own it is, too. */
template <class E, int CO, int STRIDE>
static __device__ inline void stage_out(const struct cuda_mixed &k, const struct mixed_spot &s, int c0, unsigned char *in)
{
    typedef mixed_tile<CO, STRIDE> T;
    typedef typename E::stored stored;
    constexpr int groups = E::deep / 8;
    const int c = c0 + (int)threadIdx.x % groups * 8;
    struct mixed_forward_numbers b;
    if (!k.images)
        mixed_numbers(b, k.from, c);
    for (int i = (int)threadIdx.x / groups; i < T::in_rows * T::in_columns; i += THREADS / groups) {
        const int row = i / T::in_columns - 1, column = i % T::in_columns - 1;
        const int y = s.top * STRIDE + row, x = s.left * STRIDE + column;
        float v[8] = { 0 };
        if (y >= 0 && x >= 0 && y < k.from.height && x < k.from.width) {
            const int channels = k.from.channels;
            const float *image = k.images + (((size_t)s.image * k.from.height + y) * k.from.width + x) * channels;
            if (!k.images)
                mixed_out<E>(v, k, b, s.image, y, x, c);
            else
                for (int j = 0; j < 8; j++)
                    v[j] = c + j < channels ? image[c + j] : 0;
            if (blockIdx.y == 0 && row >= 0 && column >= 0 && row < CONV_ROWS * STRIDE && column < T::columns * STRIDE)
                E::put8((stored *)k.from.out + mixed_at(k.from, s.image, y, x, c), v);
        }
        tensor_round8<E>(v);
        E::put8((stored *)(in + (size_t)i * APART) + (c - c0), v);
    }
}

/* dL/da of the unit on the way back, with stride 2 only in every second row and column of a grid that is else zero. */
template <class E, int CI>
static __device__ inline void stage_ga(const struct cuda_mixed &k, const struct mixed_spot &s, int c0, unsigned char *in)
{
    typedef mixed_tile<CI, 1> T;
    typedef typename E::stored stored;
    constexpr int groups = E::deep / 8;
    const int c = c0 + (int)threadIdx.x % groups * 8;
    struct mixed_backward_numbers b;
    mixed_numbers(b, k.into, c);
    for (int i = (int)threadIdx.x / groups; i < T::in_rows * T::in_columns; i += THREADS / groups) {
        const int row = i / T::in_columns - 1, column = i % T::in_columns - 1;
        const int y = s.top + row, x = s.left + column, into_y = y / k.stride, into_x = x / k.stride;
        float v[8] = { 0 };
        if (y >= 0 && x >= 0 && y % k.stride == 0 && x % k.stride == 0 && into_y < k.into.height && into_x < k.into.width) {
            mixed_ga<E>(v, k, b, s.image, into_y, into_x, c);
            if (blockIdx.y == 0 && row >= 0 && column >= 0 && row < CONV_ROWS && column < T::columns)
                E::put8((stored *)k.into.ga + mixed_at(k.into, s.image, into_y, into_x, c), v);
        }
        tensor_round8<E>(v);
        E::put8((stored *)(in + (size_t)i * APART) + (c - c0), v);
    }
}

/* packed: [9][n_packed][n_in] */
template <class E, int CO>
static __device__ inline void stage_weights(const void *packed, int n_packed, int n_in, int first, int c0, unsigned char *weights)
{
    typedef typename E::stored stored;
    for (int i = threadIdx.x; i < 9 * CO * 2; i += THREADS) {
        const int half = i % 2, channel = i / 2 % CO, tap = i / 2 / CO;
        const stored *from = (const stored *)packed + ((size_t)tap * n_packed + first + channel) * n_in + c0;
        *(uint4 *)(weights + (size_t)(i / 2) * APART + half * 16) = ((const uint4 *)from)[half];
    }
}

/* The first weights come while the kernel before ends, unless that is the one that packs them. */
template <class E, int CO>
static __device__ inline void stage_early(const struct cuda_mixed &k, int n_packed, int n_in, int first, unsigned char *weights)
{
    if (k.packed_just_now)
        early_wait();
    stage_weights<E, CO>(k.weights, n_packed, n_in, first, 0, weights);
    early_wait();
}

/* --- products --- */

template <class E, int CO, int STRIDE>
static __device__ inline void multiply_tile(const unsigned char *in, const unsigned char *weights, sums &sum)
{
    typedef mixed_tile<CO, STRIDE> T;
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, matrix = lane / 8, row = lane % 8;
    const unsigned char *pixel[2];
    for (int m = 0; m < 2; m++) {
        const int p = warp / T::warps_across * WARP_PIXELS + m * 16 + matrix % 2 * 8 + row;
        pixel[m] = in + ((size_t)(p / T::columns) * STRIDE * T::in_columns + (size_t)(p % T::columns) * STRIDE) * APART + matrix / 2 * 16;
    }
    const unsigned char *channel = weights +
        (size_t)(warp % T::warps_across * WARP_CHANNELS + matrix / 2 * 8 + row) * APART + matrix % 2 * 16;
#pragma unroll
    for (int tap = 0; tap < 9; tap++) {
        uint32_t a[2][4], b[4];
        tensor_load(b, channel + tap * CO * APART);
        for (int m = 0; m < 2; m++) {
            tensor_load(a[m], pixel[m] + (tap / 3 * T::in_columns + tap % 3) * APART);
            E::multiply(sum[m][0], a[m], b[0], b[1]);
            E::multiply(sum[m][1], a[m], b[2], b[3]);
        }
    }
}

/* --- sums over the block --- */

/* The channels and pixels that the thread's sums belong to. */
struct mine {
    int channel;        /* the first: of the 8 of half h channel + 8 h and the next */
    int y[2][2], x[2][2]; /* [m][row or row + 8] */
    bool exists[2][2];
};

template <int CO>
static __device__ inline struct mine mine_of(const struct mixed_spot &s, int height, int width)
{
    typedef mixed_tile<CO, 1> T;
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    struct mine w;
    w.channel = s.first + warp % T::warps_across * WARP_CHANNELS + lane % 4 * 2;
#pragma unroll
    for (int m = 0; m < 2; m++)
        for (int h = 0; h < 2; h++) {
            const int p = warp / T::warps_across * WARP_PIXELS + m * 16 + h * 8 + lane / 4;
            w.y[m][h] = s.top + p / T::columns;
            w.x[m][h] = s.left + p % T::columns;
            w.exists[m][h] = w.y[m][h] < height && w.x[m][h] < width;
        }
    return w;
}

/* Of V sums that lanes 4, 8 and 16 apart all have, that of all eight: number lane_sum<V>(). At each step a lane hands on the half that it does not keep,
 * so the numbers meet in the same order as if every lane kept them all. */
template <int V>
static __device__ inline int lane_sum(void)
{
    const int lane = threadIdx.x % 32, turned = (lane >> 2 & 1) << 2 | (lane >> 3 & 1) << 1 | lane >> 4;
    return V == 8 ? turned : turned >> 1;
}

template <int V>
static __device__ inline float sum_lanes(const float (&v)[V])
{
    const int lane = threadIdx.x % 32;
    float four[V / 2], two[V / 4];
#pragma unroll
    for (int i = 0; i < V / 2; i++) {
        const bool upper = lane & 4;
        four[i] = (upper ? v[V / 2 + i] : v[i]) + __shfl_xor_sync(0xffffffffu, upper ? v[i] : v[V / 2 + i], 4);
    }
#pragma unroll
    for (int i = 0; i < V / 4; i++) {
        const bool upper = lane & 8;
        two[i] = (upper ? four[V / 4 + i] : four[i]) + __shfl_xor_sync(0xffffffffu, upper ? four[i] : four[V / 4 + i], 8);
    }
    if (V == 4)
        return two[0] + __shfl_xor_sync(0xffffffffu, two[0], 16);
    const bool upper = lane & 16;
    return (upper ? two[V / 4 - 1] : two[0]) + __shfl_xor_sync(0xffffffffu, upper ? two[0] : two[V / 4 - 1], 16);
}

enum { ROOM = 2 * WARPS * WARP_CHANNELS }; /* floats: two sums of a channel from each row of warps */

/* Where warps leave the sum number `which` (0, 1) of a channel of the block. */
template <int CO>
static __device__ inline float *room_of(float *room, int which, int down, int channel)
{
    return room + ((which * mixed_tile<CO, 1>::warps_down + down) * CO + channel);
}

/* v: a thread's own sums; one of four channels each, or first those and then another of each. All threads can read what is left after a barrier. */
template <int CO, int V>
static __device__ inline void leave_sums(const float (&v)[V], float *room, int which)
{
    typedef mixed_tile<CO, 1> T;
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, number = lane_sum<V>();
    const float sum = sum_lanes<V>(v);
    if (V == 8 || lane < 16)
        *room_of<CO>(room, which + number / 4, warp / T::warps_across,
                     warp % T::warps_across * WARP_CHANNELS + lane % 4 * 2 + number / 2 % 2 * 8 + number % 2) = sum;
}

template <int CO>
static __device__ inline float block_sum(float *room, int which, int channel)
{
    float sum = 0;
#pragma unroll
    for (int d = 0; d < mixed_tile<CO, 1>::warps_down; d++)
        sum += *room_of<CO>(room, which, d, channel);
    return sum;
}

/* Both numbers of each of the block's channels to where its last block looks for them; scale: of the first. */
template <int CO>
static __device__ inline void leave_partial(float *partial, int wide, int first, float *room, float scale)
{
    const int channel = threadIdx.x;
    if (channel < CO && first + channel < wide)
        *(float2 *)(partial + 2 * ((size_t)blockIdx.x * wide + first + channel)) =
            make_float2(block_sum<CO>(room, 0, channel) * scale, block_sum<CO>(room, 1, channel));
}

/* --- forward --- */

/* Stores the sums as the planes hold them, and hands those numbers on. */
template <class E>
static __device__ inline void store_sums(const struct cuda_mixed_side &u, void *plane, int image, const struct mine &w, sums &sum)
{
    typedef typename E::stored stored;
    const int wide = cuda_mixed_wide(u.channels);
    stored *to = (stored *)plane + (size_t)image * (u.height * u.width * wide) + w.channel;
#pragma unroll
    for (int m = 0; m < 2; m++)
        for (int h = 0; h < 2; h++) {
            const int at = (w.y[m][h] * u.width + w.x[m][h]) * wide;
            for (int n = 0; n < 2; n++) {
                const bool exists = w.exists[m][h] && w.channel + n * 8 < wide;
                const float v[2] = { exists ? sum[m][n][2 * h] : 0, exists ? sum[m][n][2 * h + 1] : 0 };
                if (exists)
                    E::put2(to + at + n * 8, v);
                sum[m][n][2 * h] = E::get(E::put(v[0]));
                sum[m][n][2 * h + 1] = E::get(E::put(v[1]));
            }
        }
}

template <int CO>
static __device__ inline void leave_moments(const struct cuda_mixed &k, const struct mixed_spot &s, const struct mine &w, const sums &sum, float pixels,
                                            float *room)
{
    float first[4] = { 0 }, second[4] = { 0 }; /* [half][next] */
    const float each = 1 / pixels;
    for (int n = 0; n < 2; n++)
        for (int j = 0; j < 2; j++)
            for (int i = 0; i < 4; i++)
                first[n * 2 + j] += sum[i / 2][n][i % 2 * 2 + j];
    leave_sums<CO, 4>(first, room, 0);
    __syncthreads();
    for (int n = 0; n < 2; n++)
        for (int j = 0; j < 2; j++) {
            const float mean = block_sum<CO>(room, 0, w.channel - s.first + n * 8 + j) * each;
            for (int i = 0; i < 4; i++) {
                const float d = sum[i / 2][n][i % 2 * 2 + j] - mean;
                second[n * 2 + j] += w.exists[i / 2][i % 2] ? d * d : 0;
            }
        }
    leave_sums<CO, 4>(second, room, 1);
    __syncthreads();
    leave_partial<CO>(k.partial, cuda_mixed_wide(k.into.channels), s.first, room, each);
}

template <class E, int CO, int STRIDE>
static __global__ void __launch_bounds__(THREADS, 2)
    mixed_forward_kernel(const __grid_constant__ struct cuda_mixed k, const __grid_constant__ struct cuda_grid g)
{
    typedef mixed_tile<CO, STRIDE> T;
    __shared__ __align__(16) unsigned char in[T::in_bytes + T::weight_bytes];
    unsigned char *const weights = in + T::in_bytes;
    __shared__ float room[ROOM];
    const struct mixed_spot s = mixed_spot_of(g, T::columns, CO);
    const int n_in = cuda_mixed_wide(k.from.channels), n_packed = cuda_mixed_packed(k.into.channels, STRIDE);
    sums sum = { { { 0 } } };
    stage_early<E, CO>(k, n_packed, n_in, s.first, weights);
    for (int c0 = 0; c0 < n_in; c0 += E::deep) {
        __syncthreads();
        stage_out<E, CO, STRIDE>(k, s, c0, in);
        if (c0 > 0)
            stage_weights<E, CO>(k.weights, n_packed, n_in, s.first, c0, weights);
        __syncthreads();
        multiply_tile<E, CO, STRIDE>(in, weights, sum);
    }
    early_let_go();
    const struct mine w = mine_of<CO>(s, g.height, g.width);
    store_sums<E>(k.into, k.into.a, s.image, w, sum);
    leave_moments<CO>(k, s, w, sum, (float)cuda_grid_pixels(&g, T::columns, (int)blockIdx.x), room);
    if (mixed_last_to_arrive(k.arrived))
        mixed_finish_forward<CO>(k, g, in);
}

/* --- back to the input --- */

/* Adds the gradients that reach the output of `from` beside the convolution. */
template <class E>
static __device__ inline void add_pulls(const struct cuda_mixed &k, int image, const struct mine &w, sums &sum)
{
    typedef typename E::stored stored;
    for (int i = 0; i < k.n_pulls; i++) {
        const struct cuda_plane &p = k.pull[i];
        const int odd = p.step - 1, wide = cuda_mixed_wide(p.channels); /* odd: of 1 or 2, also what a division shifts by */
        const bool even = ((p.shift | k.from.channels) & 1) == 0;
        const stored *from = (const stored *)p.data + (size_t)image * p.height * p.width * wide + p.shift + w.channel;
#pragma unroll
        for (int m = 0; m < 2; m++)
            for (int h = 0; h < 2; h++) {
                const int y = w.y[m][h], x = w.x[m][h], at = ((y >> odd) * p.width + (x >> odd)) * wide;
                if (!w.exists[m][h] || ((y | x) & odd))
                    continue;
                for (int n = 0; n < 2; n++) {
                    const int left = k.from.channels - w.channel - n * 8;
                    float v[2] = { 0 };
                    if (even && left > 0)
                        E::get2(v, from + at + n * 8);
                    for (int j = 0; j < 2 && !even && j < left; j++)
                        v[j] = E::get(from[at + n * 8 + j]);
                    sum[m][n][2 * h] += v[0];
                    sum[m][n][2 * h + 1] += v[1];
                }
            }
    }
}

/* The ReLU's mask, and what is stored of the gradient then. both: sums of gy, [half][next], then of gy xh. */
template <class E>
static __device__ inline void mask(const struct cuda_mixed &k, int image, const struct mine &w, const sums &sum, float (&both)[8])
{
    typedef typename E::stored stored;
    const struct cuda_mixed_side &u = k.from;
    const int wide = cuda_mixed_wide(u.channels);
    const size_t base = (size_t)image * u.height * u.width * wide + w.channel;
    const stored *out_of = (const stored *)u.out + base, *a_of = (const stored *)u.a + base;
    stored *gy_of = (stored *)u.gy + base;
#pragma unroll
    for (int n = 0; n < 2; n++) {
        const int c = w.channel + n * 8;
        if (c >= wide)
            continue;
        const float mean[2] = { u.mean[c], u.mean[c + 1] }, inv_s[2] = { u.inv_s[c], u.inv_s[c + 1] };
#pragma unroll
        for (int m = 0; m < 2; m++)
            for (int h = 0; h < 2; h++) {
                if (!w.exists[m][h])
                    continue;
                const int at = (w.y[m][h] * u.width + w.x[m][h]) * wide + n * 8;
                float g[2], out[2], a[2];
                E::get2(out, out_of + at);
                E::get2(a, a_of + at);
                for (int j = 0; j < 2; j++) {
                    g[j] = E::get(E::put(out[j] > 0 ? sum[m][n][2 * h + j] : 0));
                    both[n * 2 + j] += g[j];
                    both[4 + n * 2 + j] += g[j] * ((a[j] - mean[j]) * inv_s[j]);
                }
                E::put2(gy_of + at, g);
            }
    }
}

template <class E, int CI>
static __device__ inline void give_back_sums(const struct cuda_mixed &k, const struct cuda_grid &g, const struct mixed_spot &s, sums &sum, float *room,
                                             void *join_room)
{
    const struct mine w = mine_of<CI>(s, g.height, g.width);
    float both[8] = { 0 };
    add_pulls<E>(k, s.image, w, sum);
    mask<E>(k, s.image, w, sum, both);
    leave_sums<CI, 8>(both, room, 0);
    __syncthreads();
    leave_partial<CI>(k.partial, cuda_mixed_wide(k.from.channels), s.first, room, 1);
    if (mixed_last_to_arrive(k.arrived))
        mixed_finish_backward<CI>(k, g, join_room);
}

template <class E, int CI>
static __global__ void __launch_bounds__(THREADS, 2)
    mixed_backward_kernel(const __grid_constant__ struct cuda_mixed k, const __grid_constant__ struct cuda_grid g)
{
    typedef mixed_tile<CI, 1> T;
    __shared__ __align__(16) unsigned char in[T::in_bytes + T::weight_bytes];
    unsigned char *const weights = in + T::in_bytes;
    __shared__ float room[ROOM];
    const struct mixed_spot s = mixed_spot_of(g, T::columns, CI);
    const int n_in = cuda_mixed_wide(k.into.channels), n_packed = cuda_mixed_packed(k.from.channels, 1);
    sums sum = { { { 0 } } };
    stage_early<E, CI>(k, n_packed, n_in, s.first, weights);
    for (int c0 = 0; c0 < n_in; c0 += E::deep) {
        __syncthreads();
        stage_ga<E, CI>(k, s, c0, in);
        if (c0 > 0)
            stage_weights<E, CI>(k.weights, n_packed, n_in, s.first, c0, weights);
        __syncthreads();
        multiply_tile<E, CI, 1>(in, weights, sum);
    }
    early_let_go();
    give_back_sums<E, CI>(k, g, s, sum, room, in);
}

/* The last unit's gradient comes from the classifier, the same for every pixel. */
template <class E, int CI>
static __global__ void __launch_bounds__(THREADS, 2)
    mixed_head_kernel(const __grid_constant__ struct cuda_mixed k, const __grid_constant__ struct cuda_grid g)
{
    typedef mixed_tile<CI, 1> T;
    __shared__ float room[ROOM];
    __shared__ __align__(16) unsigned char join_room[MIXED_JOIN_BYTES];
    const struct mixed_spot s = mixed_spot_of(g, T::columns, CI);
    const struct mine w = mine_of<CI>(s, g.height, g.width);
    const float pixels = (float)(g.height * g.width);
    sums sum;
    early_wait();
    early_let_go();
    for (int n = 0; n < 2; n++)
        for (int j = 0; j < 2; j++) {
            const int c = w.channel + n * 8 + j;
            const float v = c < k.from.channels ? k.g_feature[(size_t)s.image * k.from.channels + c] / pixels : 0;
            for (int i = 0; i < 4; i++)
                sum[i / 2][n][i % 2 * 2 + j] = v;
        }
    give_back_sums<E, CI>(k, g, s, sum, room, join_room);
}

/* --- launching --- */

extern "C" cudaError_t cuda_mixed_compiled_for(int *code)
{
    struct cudaFuncAttributes a;
    const cudaError_t status = cudaFuncGetAttributes(&a, (const void *)mixed_head_kernel<tensor_bf16, 16>);
    if (status == cudaSuccess)
        *code = a.ptxVersion;
    return status;
}

static struct cuda_grid grid_of(const struct cuda_mixed *k, const struct cuda_mixed_side *u, int tile)
{
    return cuda_grid_of(k->n, u->height, u->width, tile);
}

extern "C" size_t cuda_mixed_moments(int n, int height, int width, int channels, int stride)
{
    const struct cuda_grid g = cuda_grid_of(n, height, width, cuda_mixed_tile(channels, stride));
    return 2 * (size_t)cuda_mixed_wide(channels) * cuda_grid_blocks(&g);
}

/* A kernel that computes CO channels a block of u's pixels. */
#define RUN(kernel, u, CO)                                                                          \
    do {                                                                                            \
        const struct cuda_grid g = grid_of(k, &(u), CO);                                            \
        LAUNCH_EARLY(k->early, kernel, dim3(cuda_grid_blocks(&g), cuda_ceil((u).channels, CO)), THREADS, stream, *k, g); \
    } while (0)

template <class E>
static void run_forward(const struct cuda_mixed *k, cudaStream_t stream)
{
    switch (cuda_mixed_tile(k->into.channels, k->stride) + k->stride) {
    case 16 + 1:
        RUN((mixed_forward_kernel<E, 16, 1>), k->into, 16);
        break;
    case 32 + 1:
        RUN((mixed_forward_kernel<E, 32, 1>), k->into, 32);
        break;
    case 64 + 1:
        RUN((mixed_forward_kernel<E, 64, 1>), k->into, 64);
        break;
    case 32 + 2:
        RUN((mixed_forward_kernel<E, 32, 2>), k->into, 32);
        break;
    default:
        RUN((mixed_forward_kernel<E, 64, 2>), k->into, 64);
    }
}

/* A kernel of the way back, whose blocks compute channels of `from`. */
#define RUN_BACK(kernel, E)                               \
    switch (cuda_mixed_tile(k->from.channels, 1)) {       \
    case 16:                                              \
        RUN((kernel<E, 16>), k->from, 16);                \
        break;                                            \
    case 32:                                              \
        RUN((kernel<E, 32>), k->from, 32);                \
        break;                                            \
    default:                                              \
        RUN((kernel<E, 64>), k->from, 64);                \
    }

extern "C" void cuda_mixed_forward(const struct cuda_mixed *k, cudaStream_t stream)
{
    if (k->math == MATH_BF16)
        run_forward<tensor_bf16>(k, stream);
    else
        run_forward<tensor_tf32>(k, stream);
}

extern "C" void cuda_mixed_backward(const struct cuda_mixed *k, cudaStream_t stream)
{
    if (k->math == MATH_BF16)
        RUN_BACK(mixed_backward_kernel, tensor_bf16)
    else
        RUN_BACK(mixed_backward_kernel, tensor_tf32)
}

extern "C" void cuda_mixed_head(const struct cuda_mixed *k, cudaStream_t stream)
{
    if (k->math == MATH_BF16)
        RUN_BACK(mixed_head_kernel, tensor_bf16)
    else
        RUN_BACK(mixed_head_kernel, tensor_tf32)
}
