#include "kernels/cuda/cuda.h"
#include "kernels/cuda/mixed.h"

/* Gradient of a 3x3 convolution's weights on tensor cores: for each of the nine taps dL/da (turned: output channels down)
 * times the input (input channels across), with the pixels as the depth of the product. A warp keeps 16 x 16 channels of
 * the three taps of one row of the kernel; a block of 12 warps MT x NT such squares of channels, and where that is fewer than
 * 12 warps the rest take other pixels of the tile. Blocks walk over tiles of pixels; each group writes its sums, and
 * cuda_weights_add_up() adds them in a fixed order. */

enum { WARPS = 12, THREADS = WARPS * 32, BLOCKS = 256 };

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

template <class E, int MT, int NT, int STRIDE>
struct gradient_tile {
    static constexpr int rows = shape<E>::rows[STRIDE], most_columns = shape<E>::columns[STRIDE];
    static constexpr int in_rows = (rows - 1) * STRIDE + 3, most_in_columns = (most_columns - 1) * STRIDE + 3;
    static constexpr int in_apart = NT * 16 + 8, ga_apart = MT * 16 + 8; /* numbers: other banks for the next pixel */
    static constexpr int jobs = MT * NT * 3, groups = WARPS / jobs;
};

struct mixed_walk { /* the tiles of a batch */
    int rows, log_columns; /* of a tile */
    int tiles_y, tiles_x, total;
    int mt, nt, pieces_in, pieces_out, shares, groups;
};

static struct mixed_walk mixed_walk_of(enum math math, const struct cuda_weights *w)
{
    const int rows = math == MATH_BF16 ? shape<tensor_bf16>::rows[w->stride] : shape<tensor_tf32>::rows[w->stride];
    const int most = math == MATH_BF16 ? shape<tensor_bf16>::columns[w->stride] : shape<tensor_tf32>::columns[w->stride];
    struct mixed_walk k;
    k.rows = rows;
    k.log_columns = 3;
    while ((1 << k.log_columns) < w->width && (1 << k.log_columns) < most)
        k.log_columns++;
    k.tiles_y = cuda_ceil(w->height, rows);
    k.tiles_x = cuda_ceil(w->width, 1 << k.log_columns);
    k.total = w->n * k.tiles_y * k.tiles_x;
    k.mt = w->channels > 16 ? 2 : 1;
    k.nt = w->in_channels > 16 ? 2 : 1;
    k.pieces_out = cuda_ceil(w->channels, 16 * k.mt);
    k.pieces_in = cuda_ceil(w->in_channels, 16 * k.nt);
    const int pieces = k.pieces_in * k.pieces_out, wanted = pieces < BLOCKS ? BLOCKS / pieces : 1;
    k.shares = wanted < k.total ? wanted : k.total;
    k.groups = WARPS / (k.mt * k.nt * 3);
    return k;
}

extern "C" size_t cuda_mixed_weights_partial(enum math math, const struct cuda_weights *w)
{
    const struct mixed_walk k = mixed_walk_of(math, w);
    return (size_t)k.shares * k.groups * 9 * w->in_channels * w->channels;
}

/* Eight channels of a pixel into a tile; what does not exist is zero. */
template <class E>
static __device__ inline void stage8(const struct cuda_mixed_side &s, const void *plane, int image, int y, int x, int c,
                                     typename E::stored *to)
{
    float v[8] = { 0 };
    if (y >= 0 && x >= 0 && y < s.height && x < s.width && c < cuda_mixed_wide(s.channels))
        E::get8(v, (const typename E::stored *)plane + mixed_at(s, image, y, x, c));
    tensor_round8<E>(v);
    E::put8(to, v);
}

/* --- what a warp multiplies: of `deep` pixels 16 channels of dL/da, and 16 of the input at one tap --- */

struct lanes { /* pixels (by place in the tile) that this thread reads */
    const struct mixed_walk *walk;
    int in_columns, stride, row; /* row of the kernel */
};

static __device__ inline int in_place(const struct lanes &l, int pixel, int column)
{
    const int y = pixel >> l.walk->log_columns, x = pixel & ((1 << l.walk->log_columns) - 1);
    return (y * l.stride + l.row) * l.in_columns + x * l.stride + column;
}

static __device__ inline void load_ga(tensor_bf16, uint32_t (&a)[4], const uint16_t *ga, int apart, int pixel)
{
    const int lane = threadIdx.x % 32, matrix = lane / 8;
    tensor_load_turned(a, ga + (size_t)(pixel + matrix / 2 * 8 + lane % 8) * apart + matrix % 2 * 8);
}

static __device__ inline void load_ga(tensor_tf32, uint32_t (&a)[4], const float *ga, int apart, int pixel)
{
    const int g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
    for (int i = 0; i < 4; i++)
        a[i] = __float_as_uint(ga[(size_t)(pixel + i / 2 * 4 + t) * apart + g + i % 2 * 8]);
}

static __device__ inline void load_in(tensor_bf16, uint32_t (&b)[4], const uint16_t *in, int apart, const struct lanes &l, int pixel,
                                      int column)
{
    const int lane = threadIdx.x % 32, matrix = lane / 8;
    tensor_load_turned(b, in + (size_t)in_place(l, pixel + matrix % 2 * 8 + lane % 8, column) * apart + matrix / 2 * 8);
}

static __device__ inline void load_in(tensor_tf32, uint32_t (&b)[4], const float *in, int apart, const struct lanes &l, int pixel,
                                      int column)
{
    const int g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
    for (int i = 0; i < 4; i++)
        b[i] = __float_as_uint(in[(size_t)in_place(l, pixel + i % 2 * 4 + t, column) * apart + g + i / 2 * 8]);
}

template <class E, int MT, int NT, int STRIDE>
static __global__ void __launch_bounds__(THREADS, 2)
    mixed_weights_kernel(const __grid_constant__ struct cuda_mixed k, const __grid_constant__ struct cuda_weights w,
                         const __grid_constant__ struct mixed_walk walk)
{
    typedef gradient_tile<E, MT, NT, STRIDE> T;
    typedef typename E::stored stored;
    __shared__ __align__(16) stored in[T::in_rows * T::most_in_columns * T::in_apart];
    __shared__ __align__(16) stored ga[T::rows * T::most_columns * T::ga_apart];
    const int warp = threadIdx.x / 32, group = warp / T::jobs, job = warp % T::jobs;
    const int row = job % 3, n = job / 3 % NT, m = job / 3 / NT;
    const int first_in = blockIdx.y % walk.pieces_in * NT * 16, first_out = blockIdx.y / walk.pieces_in * MT * 16;
    const int columns = 1 << walk.log_columns, in_columns = (columns - 1) * STRIDE + 3, pixels = T::rows * columns;
    const struct lanes l = { &walk, in_columns, STRIDE, row };
    float sum[3][2][4] = { { { 0 } } };
    for (int t = blockIdx.x; t < walk.total; t += gridDim.x) {
        const int image = t / (walk.tiles_y * walk.tiles_x);
        const int top = t / walk.tiles_x % walk.tiles_y * T::rows, left = t % walk.tiles_x * columns;
        __syncthreads();
        for (int i = threadIdx.x; i < T::in_rows * in_columns * NT * 2; i += THREADS) {
            const int c = i % (NT * 2) * 8, pixel = i / (NT * 2);
            stage8<E>(k.from, k.from.out, image, top * STRIDE - 1 + pixel / in_columns, left * STRIDE - 1 + pixel % in_columns,
                      first_in + c, in + (size_t)pixel * T::in_apart + c);
        }
        for (int i = threadIdx.x; i < pixels * MT * 2; i += THREADS) {
            const int c = i % (MT * 2) * 8, pixel = i / (MT * 2);
            stage8<E>(k.into, k.into.ga, image, top + pixel / columns, left + pixel % columns, first_out + c,
                      ga + (size_t)pixel * T::ga_apart + c);
        }
        __syncthreads();
        for (int p = group * E::deep; p < pixels; p += T::groups * E::deep) {
            uint32_t a[4];
            load_ga(E(), a, ga + m * 16, T::ga_apart, p);
#pragma unroll
            for (int column = 0; column < 3; column++) {
                uint32_t b[4];
                load_in(E(), b, in + n * 16, T::in_apart, l, p, column);
                E::multiply(sum[column][0], a, b[0], b[1]);
                E::multiply(sum[column][1], a, b[2], b[3]);
            }
        }
    }
    float *to = w.partial + (size_t)(blockIdx.x * T::groups + group) * 9 * w.in_channels * w.channels;
    for (int column = 0; column < 3; column++)
        for (int half = 0; half < 2; half++)
            for (int i = 0; i < 4; i++) {
                const int lane = threadIdx.x % 32, o = first_out + m * 16 + i / 2 * 8 + lane / 4;
                const int c = first_in + n * 16 + half * 8 + lane % 4 * 2 + i % 2;
                if (c < w.in_channels && o < w.channels)
                    to[((size_t)(row * 3 + column) * w.in_channels + c) * w.channels + o] = sum[column][half][i];
            }
}

template <class E, int STRIDE>
static void run_weights(const struct cuda_mixed *k, const struct cuda_weights *w, const struct mixed_walk &walk, cudaStream_t stream)
{
    const dim3 grid(walk.shares, walk.pieces_in * walk.pieces_out);
    if (walk.mt == 1 && walk.nt == 1)
        LAUNCH((mixed_weights_kernel<E, 1, 1, STRIDE>), grid, THREADS, stream, *k, *w, walk);
    else if (walk.mt == 1)
        LAUNCH((mixed_weights_kernel<E, 1, 2, STRIDE>), grid, THREADS, stream, *k, *w, walk);
    else if (walk.nt == 1)
        LAUNCH((mixed_weights_kernel<E, 2, 1, STRIDE>), grid, THREADS, stream, *k, *w, walk);
    else
        LAUNCH((mixed_weights_kernel<E, 2, 2, STRIDE>), grid, THREADS, stream, *k, *w, walk);
}

extern "C" void cuda_mixed_weights(const struct cuda_mixed *k, const struct cuda_weights *w, cudaStream_t stream)
{
    const struct mixed_walk walk = mixed_walk_of(k->math, w);
    if (k->math == MATH_BF16 && w->stride == 1)
        run_weights<tensor_bf16, 1>(k, w, walk, stream);
    else if (k->math == MATH_BF16)
        run_weights<tensor_bf16, 2>(k, w, walk, stream);
    else if (w->stride == 1)
        run_weights<tensor_tf32, 1>(k, w, walk, stream);
    else
        run_weights<tensor_tf32, 2>(k, w, walk, stream);
    cuda_weights_add_up(w, walk.shares * walk.groups, stream);
}
