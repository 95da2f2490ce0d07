#include "kernels/cuda/cuda.h"
#include "kernels/cuda/mixed.h"

/* Gradient of a 3x3 convolution's weights on tensor cores: for each of the nine taps dL/da (turned: output channels down)
 * times the input (input channels across), with the pixels as the depth of the product. A block has 16 x 16 channels: a
 * warp the three taps of one row of the kernel, and four groups of such warps other pixels of a tile. Blocks walk over
 * tiles of pixels, with the next one on its way; then a block's groups join, and each block leaves one piece. After the
 * last unit one kernel adds up the pieces of all units, in a fixed order. */

enum { ROWS = 3, GROUPS = 4, WARPS = ROWS * GROUPS, THREADS = WARPS * 32, BLOCKS = 256 };
enum { APART = 24, FRAGMENT = CUDA_FRAGMENT }; /* numbers from pixel to pixel of a tile: other banks for the next; weights that a warp has of one tap and 8 input channels */
enum { TAPS_HALVES = 6, JOIN_BYTES = GROUPS / 2 * ROWS * TAPS_HALVES * FRAGMENT * (int)sizeof(float) };

template <class E>
struct shape; /* of a tile: as much as shared memory holds with the input's edge */
template <>
struct shape<tensor_bf16> {
    static constexpr int rows[3] = { 0, 8, 4 }, columns[3] = { 0, 32, 16 }; /* by stride */
};
template <>
struct shape<tensor_tf32> {
    static constexpr int rows[3] = { 0, 4, 4 }, columns[3] = { 0, 16, 8 };
};

/* A warp stages a row of the tile, two lanes the 16 channels of a pixel: 16 pixels a time. */
template <class E, int STRIDE>
struct gradient_tile {
    static constexpr int rows = shape<E>::rows[STRIDE], most_columns = shape<E>::columns[STRIDE];
    static constexpr int in_rows = (rows - 1) * STRIDE + 3, most_in_columns = (most_columns - 1) * STRIDE + 3;
    static constexpr int in_times = (most_in_columns + 15) / 16, ga_times = (most_columns + 15) / 16;
    static constexpr int in_numbers = in_rows * most_in_columns * APART, ga_numbers = rows * most_columns * APART;
    static constexpr int bytes = (in_numbers + ga_numbers) * (int)sizeof(typename E::stored);
    static constexpr int room = bytes > JOIN_BYTES ? bytes : JOIN_BYTES;
};

struct mixed_walk { /* the tiles of a batch */
    int log_columns; /* of a tile */
    int tiles_y, tiles_x, total;
    int pieces_in, pieces, shares;
};

static struct mixed_walk walk_over(enum math math, int n, int height, int width, int in_channels, int channels, int stride)
{
    const int rows = math == MATH_BF16 ? shape<tensor_bf16>::rows[stride] : shape<tensor_tf32>::rows[stride];
    const int most = math == MATH_BF16 ? shape<tensor_bf16>::columns[stride] : shape<tensor_tf32>::columns[stride];
    struct mixed_walk w;
    w.log_columns = 3;
    while ((1 << w.log_columns) < width && (1 << w.log_columns) < most)
        w.log_columns++;
    w.tiles_y = cuda_ceil(height, rows);
    w.tiles_x = cuda_ceil(width, 1 << w.log_columns);
    w.total = n * w.tiles_y * w.tiles_x;
    w.pieces_in = cuda_mixed_wide(in_channels) / 16;
    w.pieces = w.pieces_in * (cuda_mixed_wide(channels) / 16);
    w.shares = cuda_smaller(w.pieces < BLOCKS ? BLOCKS / w.pieces : 1, w.total);
    return w;
}

extern "C" void cuda_mixed_share_out(enum math math, int n, int height, int width, struct cuda_mixed_unit *u)
{
    const struct mixed_walk w = walk_over(math, n, height, width, u->in_channels, u->channels, u->stride);
    u->fragments = w.pieces * ROWS * TAPS_HALVES;
    u->most_shares = w.shares;
    u->tiles = w.tiles_y * w.tiles_x;
}

/* --- staging --- */

template <class E, int STRIDE>
struct staged { /* of the next tile, what this thread brings */
    typename E::eight in[gradient_tile<E, STRIDE>::in_times], ga[gradient_tile<E, STRIDE>::ga_times];
};

/* Eight channels of 16 pixels of a row and the next 16 ..., from column x on; what lies outside the image is zero. */
template <class E, int TIMES>
static __device__ inline void fetch_row(typename E::eight (&to)[TIMES], const struct cuda_mixed_side &s, const void *plane, int image, int y, int x,
                                        int c, bool mine)
{
    const int wide = cuda_mixed_wide(s.channels);
    const typename E::stored *from = (const typename E::stored *)plane + (size_t)image * s.height * s.width * wide + c;
    const bool inside = mine && y >= 0 && y < s.height;
#pragma unroll
    for (int i = 0; i < TIMES; i++)
        to[i] = inside && x + 16 * i >= 0 && x + 16 * i < s.width ? E::load_eight(from + (y * s.width + x + 16 * i) * wide) : E::no_eight();
}

template <class E, int STRIDE>
static __device__ inline void fetch(struct staged<E, STRIDE> &s, const struct cuda_mixed &k, const struct mixed_walk &walk, int tile)
{
    typedef gradient_tile<E, STRIDE> T;
    const int warp = threadIdx.x / 32, pixel = threadIdx.x % 32 / 2, c = threadIdx.x % 2 * 8;
    const int first_in = (int)blockIdx.y % walk.pieces_in * 16, first_out = (int)blockIdx.y / walk.pieces_in * 16;
    const int image = tile / (walk.tiles_y * walk.tiles_x), rest = tile % (walk.tiles_y * walk.tiles_x);
    const int top = rest / walk.tiles_x * T::rows, left = rest % walk.tiles_x << walk.log_columns;
    fetch_row<E>(s.in, k.from, k.from.out, image, top * STRIDE - 1 + warp, left * STRIDE - 1 + pixel, first_in + c, warp < T::in_rows);
    fetch_row<E>(s.ga, k.into, k.into.ga, image, top + WARPS - 1 - warp, left + pixel, first_out + c, WARPS - 1 - warp < T::rows);
}

/* The last warps have fewer rows of the input: they begin with those of dL/da. */
template <class E, int STRIDE>
static __device__ inline void put_tile(const struct staged<E, STRIDE> &s, typename E::stored *in, typename E::stored *ga, int in_columns, int columns)
{
    typedef gradient_tile<E, STRIDE> T;
    const int warp = threadIdx.x / 32, pixel = threadIdx.x % 32 / 2, c = threadIdx.x % 2 * 8, ga_row = WARPS - 1 - warp;
#pragma unroll
    for (int i = 0; i < T::in_times; i++)
        if (warp < T::in_rows && pixel + 16 * i < in_columns)
            E::store_eight(in + (warp * in_columns + pixel + 16 * i) * APART + c, s.in[i]);
#pragma unroll
    for (int i = 0; i < T::ga_times; i++)
        if (ga_row < T::rows && pixel + 16 * i < columns)
            E::store_eight(ga + (ga_row * columns + pixel + 16 * i) * APART + c, s.ga[i]);
}

/* --- what a warp multiplies: of `deep` pixels 16 channels of dL/da, and 16 of the input at one tap --- */

/* Tiles are 8, 16 or 32 pixels across. So what a group takes after each other lies whole rows apart, and a thread's own pixel, of 16 (bf16) or 8 (tf32)
 * that a warp takes at once, lies as far from the first of them as in the first row: it keeps two places, and moves both. */
struct tile_lines {
    int log_columns, in_columns, stride;
};

static __device__ inline int in_place(const struct tile_lines &l, int pixel)
{
    const int y = pixel >> l.log_columns, x = pixel & ((1 << l.log_columns) - 1);
    return (y * l.in_columns + x) * l.stride;
}

static __device__ inline const uint16_t *lane_of_ga(const uint16_t *ga)
{
    const int lane = threadIdx.x % 32, matrix = lane / 8;
    return ga + (matrix / 2 * 8 + lane % 8) * APART + matrix % 2 * 8;
}

static __device__ inline const uint16_t *lane_of_in(const uint16_t *in, const struct tile_lines &l)
{
    const int lane = threadIdx.x % 32, matrix = lane / 8;
    return in + in_place(l, matrix % 2 * 8 + lane % 8) * APART + matrix / 2 * 8;
}

static __device__ inline void load_ga(uint32_t (&a)[4], const uint16_t *ga)
{
    tensor_load_turned(a, ga);
}

static __device__ inline void load_in(uint32_t (&b)[4], const uint16_t *in, int)
{
    tensor_load_turned(b, in);
}

static __device__ inline const float *lane_of_ga(const float *ga)
{
    return ga + (int)threadIdx.x % 4 * APART + threadIdx.x % 32 / 4;
}

static __device__ inline const float *lane_of_in(const float *in, const struct tile_lines &l)
{
    return in + (int)threadIdx.x % 4 * l.stride * APART + threadIdx.x % 32 / 4;
}

static __device__ inline void load_ga(uint32_t (&a)[4], const float *ga)
{
    for (int i = 0; i < 4; i++)
        a[i] = __float_as_uint(ga[i / 2 * 4 * APART + i % 2 * 8]);
}

static __device__ inline void load_in(uint32_t (&b)[4], const float *in, int stride)
{
    for (int i = 0; i < 4; i++)
        b[i] = __float_as_uint(in[i % 2 * 4 * stride * APART + i / 2 * 8]);
}

/* ga, in: of the tile, at this thread's places for its group and row of the kernel. */
template <class E, int STRIDE>
static __device__ inline void multiply(const typename E::stored *in, const typename E::stored *ga, int turns, int in_step, float (&sum)[TAPS_HALVES][4])
{
    for (int i = 0; i < turns; i++, ga += GROUPS * E::deep * APART, in += in_step) {
        uint32_t a[4];
        load_ga(a, ga);
#pragma unroll
        for (int column = 0; column < 3; column++) {
            uint32_t b[4];
            load_in(b, in + column * APART, STRIDE);
            E::multiply(sum[2 * column], a, b[0], b[1]);
            E::multiply(sum[2 * column + 1], a, b[2], b[3]);
        }
    }
}

/* Groups 2 and 3 come to 0 and 1, then 1 to 0: group 0 has the block's sums. room: JOIN_BYTES */
static __device__ inline void join_groups(float (&sum)[TAPS_HALVES][4], float4 *room, int group, int row)
{
    const int lane = threadIdx.x % 32;
    for (int half = GROUPS / 2; half > 0; half /= 2) {
        float4 *const mine = room + (group % half * ROWS + row) * TAPS_HALVES * 32 + lane;
        __syncthreads();
        for (int i = 0; i < TAPS_HALVES && group >= half && group < 2 * half; i++)
            mine[i * 32] = make_float4(sum[i][0], sum[i][1], sum[i][2], sum[i][3]);
        __syncthreads();
        for (int i = 0; i < TAPS_HALVES && group < half; i++) {
            const float4 other = mine[i * 32];
            sum[i][0] += other.x;
            sum[i][1] += other.y;
            sum[i][2] += other.z;
            sum[i][3] += other.w;
        }
    }
}

template <class E, int STRIDE>
static __global__ void __launch_bounds__(THREADS, 2)
    mixed_weights_kernel(const __grid_constant__ struct cuda_mixed k, const __grid_constant__ struct mixed_walk walk, float4 *partial)
{
    typedef gradient_tile<E, STRIDE> T;
    typedef typename E::stored stored;
    __shared__ __align__(16) unsigned char room[T::room];
    stored *const in = (stored *)room, *const ga = in + T::in_numbers;
    const int warp = threadIdx.x / 32, group = warp / ROWS, row = warp % ROWS;
    const int columns = 1 << walk.log_columns, in_columns = (columns - 1) * STRIDE + 3;
    const struct tile_lines l = { walk.log_columns, in_columns, STRIDE };
    const stored *const my_in = lane_of_in(in, l) + (row * in_columns + in_place(l, group * E::deep)) * APART;
    const stored *const my_ga = lane_of_ga(ga) + group * E::deep * APART;
    const int turns = (T::rows * columns / E::deep - group + GROUPS - 1) / GROUPS, in_step = in_place(l, GROUPS * E::deep) * APART;
    float sum[TAPS_HALVES][4] = { { 0 } };
    struct staged<E, STRIDE> next;
    fetch<E, STRIDE>(next, k, walk, (int)blockIdx.x);
    for (int t = blockIdx.x; t < walk.total; t += gridDim.x) {
        __syncthreads();
        put_tile<E, STRIDE>(next, in, ga, in_columns, columns);
        __syncthreads();
        if (t + (int)gridDim.x < walk.total)
            fetch<E, STRIDE>(next, k, walk, t + (int)gridDim.x);
        multiply<E, STRIDE>(my_in, my_ga, turns, in_step, sum);
    }
    join_groups(sum, (float4 *)room, group, row);
    float4 *to = partial + (((size_t)blockIdx.x * walk.pieces + blockIdx.y) * ROWS + row) * TAPS_HALVES * 32 + threadIdx.x % 32;
    for (int i = 0; i < TAPS_HALVES && group == 0; i++)
        to[i * 32] = make_float4(sum[i][0], sum[i][1], sum[i][2], sum[i][3]);
}

template <class E, int STRIDE>
static void run_weights(const struct cuda_mixed *k, float *partial, cudaStream_t stream)
{
    const struct cuda_mixed_side *u = &k->into;
    const struct mixed_walk walk = walk_over(k->math, k->n, u->height, u->width, k->from.channels, u->channels, STRIDE);
    LAUNCH((mixed_weights_kernel<E, STRIDE>), dim3(walk.shares, walk.pieces), THREADS, stream, *k, walk, (float4 *)partial);
}

extern "C" void cuda_mixed_weights(const struct cuda_mixed *k, float *partial, cudaStream_t stream)
{
    if (k->math == MATH_BF16 && k->stride == 1)
        run_weights<tensor_bf16, 1>(k, partial, stream);
    else if (k->math == MATH_BF16)
        run_weights<tensor_bf16, 2>(k, partial, stream);
    else if (k->stride == 1)
        run_weights<tensor_tf32, 1>(k, partial, stream);
    else
        run_weights<tensor_tf32, 2>(k, partial, stream);
}

/* --- the pieces of all units together: a block has a fragment, of which each of its eight warps adds up every eighth piece --- */

enum { ADDERS = 8 };

static __global__ void __launch_bounds__(ADDERS * 32)
    mixed_add_up_kernel(const struct cuda_mixed_unit *units, int n_units, int n, const float *partial, const struct cuda_control *control)
{
    __shared__ __align__(16) float room[ADDERS][FRAGMENT];
    __shared__ int which;
    for (int i = threadIdx.x; i < n_units; i += ADDERS * 32)
        if ((int)blockIdx.x >= units[i].first_fragment && (int)blockIdx.x < units[i].first_fragment + units[i].fragments)
            which = i;
    __syncthreads();
    const struct cuda_mixed_unit u = units[which];
    const int fragment = (int)blockIdx.x - u.first_fragment, shares = cuda_smaller(u.most_shares, n * u.tiles);
    const int lane = threadIdx.x % 32, adder = threadIdx.x / 32;
    early_wait();
    const float4 *from = (const float4 *)(partial + u.partial) + (size_t)fragment * 32 + lane;
    float4 sum = lanes_zero();
#pragma unroll 8
    for (int s = adder; s < shares; s += ADDERS) {
        const float4 piece = from[(size_t)s * u.fragments * 32];
        sum.x += piece.x;
        sum.y += piece.y;
        sum.z += piece.z;
        sum.w += piece.w;
    }
    *(float4 *)&room[adder][lane * 4] = sum;
    __syncthreads();
    /* what a lane holds of a fragment: tensor.h */
    const int mine = threadIdx.x, holder = mine / 4, half = fragment % 2, tap = fragment / 2 % 9, piece = fragment / (ROWS * TAPS_HALVES);
    const int pieces_in = cuda_mixed_wide(u.in_channels) / 16;
    const int o = piece / pieces_in * 16 + mine % 4 / 2 * 8 + holder / 4, c = piece % pieces_in * 16 + half * 8 + holder % 4 * 2 + mine % 2;
    if (mine >= FRAGMENT || o >= u.channels || c >= u.in_channels)
        return;
    double total = 0;
    for (int i = 0; i < ADDERS; i++)
        total += room[i][mine];
    control->grad[u.weight + ((size_t)o * u.in_channels + c) * 9 + tap] = (float)total;
}

extern "C" void cuda_mixed_add_up(const struct cuda_mixed_unit *units, int n_units, int n_fragments, int n, const float *partial,
                                  const struct cuda_control *control, bool early, cudaStream_t stream)
{
    LAUNCH_EARLY(early, mixed_add_up_kernel, n_fragments, ADDERS * 32, stream, units, n_units, n, partial, control);
}
