#include "kernels/cuda/general.h"
#include "kernels/cuda/lanes.h"

/* Gradient of a convolution's weights as a product of matrices: rows are the taps times the input's channels in a group, columns the
 * output's channels in it, and what is summed over are the pixels of the output. A block makes a tile of 64 x 64, 16 pixels at a time
 * through shared memory. Where there are fewer tiles than BLOCKS, several blocks share the pixels of one and a second kernel adds up their
 * sums in order, in double. Groups too narrow for a tile: a thread has one weight. */

enum { THREADS = 256, TILE = 64, DEPTH = 16, LANES = 4, BLOCKS = 256, NARROW = 16, LEAST_PIXELS = 128 };

struct weights_plan {
    int in, out;         /* channels in a group */
    int rows;            /* taps x in */
    int pixels, splits, per; /* of the output; blocks that share them; pixels of each */
};

static struct weights_plan weights_plan_of(const struct cuda_convolution *c)
{
    const int in = c->in_channels / c->groups, out = c->channels / c->groups;
    struct weights_plan p = { in, out, c->kernel * c->kernel * in, c->n * c->height * c->width, 1, 0 };
    const int tiles = out < NARROW && c->groups > 1 ? cuda_ceil(p.rows * c->channels, THREADS)
                                                    : cuda_ceil(p.rows, TILE) * cuda_ceil(out, TILE) * c->groups;
    const int wanted = cuda_smaller(BLOCKS / tiles, p.pixels / LEAST_PIXELS);
    p.splits = wanted > 1 ? wanted : 1;
    p.per = cuda_ceil(cuda_ceil(p.pixels, p.splits), DEPTH) * DEPTH;
    return p;
}

static __device__ inline float *gradient_at(const struct cuda_convolution &c)
{
    return c.to ? c.to : c.control->grad + c.weight;
}

/* The place of the weight of row (tap, channel read) and channel written in the layout of the parameters. */
static __device__ inline size_t weight_place_of(const struct cuda_convolution &c, const struct weights_plan &p, int row, int channel)
{
    return ((size_t)channel * p.in + row % p.in) * (c.kernel * c.kernel) + row / p.in;
}

static __device__ inline void store_weight(const struct cuda_convolution &c, const struct weights_plan &p, int split, int row, int channel, float sum)
{
    if (p.splits > 1)
        c.partial[((size_t)split * p.rows + row) * c.channels + channel] = sum;
    else
        gradient_at(c)[weight_place_of(c, p, row, channel)] = sum;
}

struct pixel_spot { /* what a pixel of the output and a tap make of the input; NULL outside it */
    int image, y, x;
};

static __device__ inline struct pixel_spot pixel_spot_of(const struct cuda_convolution &c, int pixel)
{
    const int x = pixel % c.width, y = pixel / c.width % c.height;
    struct pixel_spot s = { pixel / c.width / c.height, y * c.stride - c.pad, x * c.stride - c.pad };
    return s;
}

static __device__ inline const float *input_at(const struct cuda_convolution &c, const float *plane, const struct pixel_spot &s, int tap, int channel)
{
    const int y = s.y + tap / c.kernel, x = s.x + tap % c.kernel;
    if (y < 0 || x < 0 || y >= c.in_height || x >= c.in_width)
        return NULL;
    return plane + (((size_t)s.image * c.in_height + y) * c.in_width + x) * c.in_channels + channel;
}

/* Rows row .. row + 3 at one pixel; with V = 4 they are neighbours. */
template <int V>
static __device__ inline float4 read_pixel(const struct cuda_convolution &c, const struct weights_plan &p, const float *plane, int group, int pixel, int end,
                                           int row)
{
    if (pixel >= end)
        return lanes_zero();
    const struct pixel_spot s = pixel_spot_of(c, pixel);
    if (V == 4) {
        const float *from = row < p.rows ? input_at(c, plane, s, row / p.in, group * p.in + row % p.in) : NULL;
        return from ? *(const float4 *)from : lanes_zero();
    }
    float v[4] = { 0 };
    for (int j = 0; j < 4; j++) {
        const int r = row + j;
        const float *from = r < p.rows ? input_at(c, plane, s, r / p.in, group * p.in + r % p.in) : NULL;
        v[j] = from ? *from : 0;
    }
    return make_float4(v[0], v[1], v[2], v[3]);
}

template <int V>
static __device__ inline float4 read_ga(const struct cuda_convolution &c, const struct weights_plan &p, const float *ga, int group, int pixel, int end,
                                        int column)
{
    if (pixel >= end || column >= p.out)
        return lanes_zero();
    const float *from = ga + (size_t)pixel * c.channels + group * p.out + column;
    if (V == 4)
        return *(const float4 *)from;
    const int left = p.out - column;
    return make_float4(from[0], left > 1 ? from[1] : 0, left > 2 ? from[2] : 0, left > 3 ? from[3] : 0);
}

struct weights_tile { /* a block's place */
    int group, row, column; /* of the gradient: first ones */
    int begin, end;         /* its pixels */
};

struct factor_piece { /* what a thread brings to shared memory */
    float4 in, ga;
};

/* Piece number q of all sources' pixels, `pieces` each. */
template <int V>
static __device__ inline struct factor_piece fetch_factors(const struct cuda_convolution &c, const struct weights_plan &p, const struct weights_tile &t, int q, int pieces)
{
    const struct cuda_convolution_source &s = c.source[q / pieces];
    const int pixel = t.begin + q % pieces * DEPTH + threadIdx.x / 16, lane = threadIdx.x % 16 * LANES;
    struct factor_piece to = { read_pixel<V>(c, p, s.plane, t.group, pixel, t.end, t.row + lane),
                               read_ga<V>(c, p, s.factor, t.group, pixel, t.end, t.column + lane) };
    return to;
}

/* The next piece is on its way while one is multiplied. */
template <int V>
static __global__ void __launch_bounds__(THREADS, 3)
    general_weights_kernel(const __grid_constant__ struct cuda_convolution c, const __grid_constant__ struct weights_plan p)
{
    __shared__ __align__(16) float in[DEPTH * TILE];
    __shared__ __align__(16) float ga[DEPTH * TILE];
    const int wide = cuda_ceil(p.out, TILE), lane = threadIdx.x % 16 * LANES, sixteenth = threadIdx.x / 16, begin = blockIdx.x * p.per;
    const struct weights_tile t = { (int)blockIdx.z / wide, (int)blockIdx.y * TILE, (int)blockIdx.z % wide * TILE, begin, min(p.pixels, begin + p.per) };
    const int pieces = t.end > begin ? cuda_ceil(t.end - begin, DEPTH) : 0, total = c.n_sources * pieces;
    float sum[LANES][LANES] = { { 0 } };
    struct factor_piece next;
    if (total > 0)
        next = fetch_factors<V>(c, p, t, 0, pieces);
    for (int q = 0; q < total; q++) {
        __syncthreads();
        *(float4 *)(in + sixteenth * TILE + lane) = next.in;
        *(float4 *)(ga + sixteenth * TILE + lane) = next.ga;
        __syncthreads();
        if (q + 1 < total)
            next = fetch_factors<V>(c, p, t, q + 1, pieces);
#pragma unroll
        for (int k = 0; k < DEPTH; k++)
            lanes_outer(*(const float4 *)(in + k * TILE + sixteenth * LANES), *(const float4 *)(ga + k * TILE + lane), sum);
    }
    for (int i = 0; i < LANES; i++)
        for (int j = 0; j < LANES; j++) {
            const int row = t.row + sixteenth * LANES + i, column = t.column + lane + j;
            if (row < p.rows && column < p.out)
                store_weight(c, p, blockIdx.x, row, t.group * p.out + column, sum[i][j]);
        }
}

static __global__ void __launch_bounds__(THREADS)
    general_weights_narrow_kernel(const __grid_constant__ struct cuda_convolution c, const __grid_constant__ struct weights_plan p)
{
    const int i = blockIdx.y * THREADS + threadIdx.x, channel = i % c.channels, row = i / c.channels;
    const int begin = blockIdx.x * p.per, end = min(p.pixels, begin + p.per);
    const int tap = row / p.in, from = channel / p.out * p.in + row % p.in;
    if (row >= p.rows)
        return;
    float sum = 0;
    for (int s = 0; s < c.n_sources; s++)
        for (int pixel = begin; pixel < end; pixel++) {
            const float *in = input_at(c, c.source[s].plane, pixel_spot_of(c, pixel), tap, from);
            sum = fmaf(in ? *in : 0, c.source[s].factor[(size_t)pixel * c.channels + channel], sum);
        }
    store_weight(c, p, blockIdx.x, row, channel, sum);
}

static __global__ void __launch_bounds__(THREADS)
    general_weights_sum_kernel(const __grid_constant__ struct cuda_convolution c, const __grid_constant__ struct weights_plan p)
{
    const int i = blockIdx.x * THREADS + threadIdx.x, count = p.rows * c.channels;
    if (i >= count)
        return;
    double sum = 0;
    for (int s = 0; s < p.splits; s++)
        sum += c.partial[(size_t)s * count + i];
    gradient_at(c)[weight_place_of(c, p, i / c.channels, i % c.channels)] = (float)sum;
}

extern "C" size_t cuda_general_weights_partial(const struct cuda_convolution *c)
{
    const struct weights_plan p = weights_plan_of(c);
    return p.splits > 1 ? (size_t)p.splits * p.rows * c->channels : 0;
}

extern "C" void cuda_general_weights(const struct cuda_convolution *c, cudaStream_t stream)
{
    const struct weights_plan p = weights_plan_of(c);
    const dim3 grid(p.splits, cuda_ceil(p.rows, TILE), cuda_ceil(p.out, TILE) * c->groups);
    const int blocks = cuda_ceil(p.rows * c->channels, THREADS);
    if (p.out < NARROW && c->groups > 1)
        LAUNCH(general_weights_narrow_kernel, dim3(p.splits, blocks), THREADS, stream, *c, p);
    else if ((p.in | p.out) % 4)
        LAUNCH(general_weights_kernel<1>, grid, THREADS, stream, *c, p);
    else
        LAUNCH(general_weights_kernel<4>, grid, THREADS, stream, *c, p);
    if (p.splits > 1)
        LAUNCH(general_weights_sum_kernel, blocks, THREADS, stream, *c, p);
}
