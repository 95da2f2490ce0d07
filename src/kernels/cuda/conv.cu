#include "kernels/cuda/cuda.h"
#include "kernels/cuda/lanes.h"

/* Direct 3x3 convolution in exact float. A block of 1024/PX threads computes CONV_ROWS x 512/CO pixels of one image
 * for CO channels. A thread holds PX neighbouring pixels of a row times 4 channels; for each row of the kernel it reads
 * the pixels it needs once, four input channels at a time, and uses them for all three columns. Pixel groups are
 * numbered down the rows first: the lanes of a warp then read different banks. */

enum { CHUNK = 8, LANES = 4 }; /* input channels staged at a time; channels of a thread */

template <int CO, int PX, int STRIDE>
struct conv_tile {
    static constexpr int columns = 512 / CO, threads = 1024 / PX;
    static constexpr int in_rows = (CONV_ROWS - 1) * STRIDE + 3, in_columns = (columns - 1) * STRIDE + 3;
    static constexpr int in_floats = in_rows * in_columns * CHUNK, weight_floats = 9 * CHUNK * CO;
    static constexpr int groups = CONV_ROWS * columns / PX; /* of pixels */
    static constexpr int window = (PX - 1) * STRIDE + 3;
};

/* Input channels k .. k+3 of one pixel of the grid convolved; zero outside it and between spread pixels. */
static __device__ inline float4 read_input(const struct cuda_conv &c, const float *in, int image, int y, int x, int k)
{
    if (c.spread == 1)
        return lanes_pixel(in, image, c.in_height, c.in_width, c.in_channels, y, x, k);
    if (y < 0 || x < 0 || ((y | x) & 1))
        return lanes_zero();
    return lanes_pixel(in, image, c.spread_height, c.spread_width, c.in_channels, y / 2, x / 2, k);
}

template <int CO, int PX, int STRIDE>
static __device__ inline void stage(const struct cuda_conv &c, const struct cuda_conv_source &s, int image, int top, int left,
                                    int first, int k0, float *in, float *weights)
{
    typedef conv_tile<CO, PX, STRIDE> T;
    const int packed = cuda_packed_channels(c.channels);
    for (int i = threadIdx.x; i < T::in_floats / 4; i += T::threads) {
        int k = i % (CHUNK / 4) * 4, pixel = i / (CHUNK / 4);
        ((float4 *)in)[i] =
            read_input(c, s.in, image, top + pixel / T::in_columns, left + pixel % T::in_columns, k0 + k);
    }
    for (int i = threadIdx.x; i < T::weight_floats / 4; i += T::threads) {
        int o = i % (CO / 4) * 4, k = i / (CO / 4) % CHUNK, tap = i / (CO / 4) / CHUNK;
        ((float4 *)weights)[i] =
            k0 + k < c.in_channels
                ? *(const float4 *)(s.weights + ((size_t)tap * c.in_channels + k0 + k) * packed + first + o)
                : lanes_zero();
    }
}

static __device__ inline void multiply_add(float (&sum)[LANES], float x, const float4 &w)
{
    sum[0] = fmaf(x, w.x, sum[0]);
    sum[1] = fmaf(x, w.y, sum[1]);
    sum[2] = fmaf(x, w.z, sum[2]);
    sum[3] = fmaf(x, w.w, sum[3]);
}

template <int CO, int PX, int STRIDE>
static __device__ inline void accumulate_tap(const float *in, const float *weights, float (&sum)[PX][LANES])
{
    typedef conv_tile<CO, PX, STRIDE> T;
    for (int row = 0; row < 3; row++)
        for (int k = 0; k < CHUNK; k += 4) {
            float4 x[T::window];
#pragma unroll
            for (int p = 0; p < T::window; p++)
                x[p] = *(const float4 *)(in + (row * T::in_columns + p) * CHUNK + k);
#pragma unroll
            for (int column = 0; column < 3; column++) {
                const float *w = weights + ((row * 3 + column) * CHUNK + k) * CO;
                const float4 w0 = *(const float4 *)w, w1 = *(const float4 *)(w + CO);
                const float4 w2 = *(const float4 *)(w + 2 * CO), w3 = *(const float4 *)(w + 3 * CO);
#pragma unroll
                for (int p = 0; p < PX; p++) {
                    multiply_add(sum[p], x[p * STRIDE + column].x, w0);
                    multiply_add(sum[p], x[p * STRIDE + column].y, w1);
                    multiply_add(sum[p], x[p * STRIDE + column].z, w2);
                    multiply_add(sum[p], x[p * STRIDE + column].w, w3);
                }
            }
        }
}

/* Sums a thread's four channels over the block's pixel groups, in group order. Every thread gets its own channels' sums. */
template <int CO, int GROUPS>
static __device__ inline void sum_groups(float (&v)[LANES], float *room, int lane, int group)
{
    for (int j = 0; j < LANES; j++)
        room[group * CO + lane * LANES + j] = v[j];
    __syncthreads();
    if (threadIdx.x < CO) {
        float sum = 0;
        for (int g = 0; g < GROUPS; g++)
            sum += room[g * CO + threadIdx.x];
        room[threadIdx.x] = sum; /* group 0's own place, which only this thread reads */
    }
    __syncthreads();
    for (int j = 0; j < LANES; j++)
        v[j] = room[lane * LANES + j];
    __syncthreads();
}

struct conv_place { /* of a thread's results */
    int image, y, x, channel; /* first pixel, first channel */
    int pixels, channels;     /* that exist */
};

/* Writes what exists; in `sum` everything else becomes zero, for the moments. */
template <int PX>
static __device__ inline void store_tile(const struct cuda_conv &c, const struct conv_place &at, float (&sum)[PX][LANES])
{
    float *to = c.out + (((size_t)at.image * c.height + at.y) * c.width + at.x) * c.channels + at.channel;
    const bool whole = at.channels == LANES && c.channels % LANES == 0;
#pragma unroll
    for (int p = 0; p < PX; p++, to += c.channels)
        if (whole && p < at.pixels) {
            float4 before = c.add ? *(float4 *)to : lanes_zero();
            sum[p][0] += before.x;
            sum[p][1] += before.y;
            sum[p][2] += before.z;
            sum[p][3] += before.w;
            *(float4 *)to = make_float4(sum[p][0], sum[p][1], sum[p][2], sum[p][3]);
        } else {
#pragma unroll
            for (int j = 0; j < LANES; j++)
                if (p < at.pixels && j < at.channels)
                    to[j] = sum[p][j] = c.add ? to[j] + sum[p][j] : sum[p][j];
                else
                    sum[p][j] = 0;
        }
}

/* What evaluation keeps of a unit: its output alone. A NaN passes the ReLU, so that the loss shows it. */
template <int PX>
static __device__ inline void finish_tile(const struct cuda_conv &c, const struct conv_place &at, float (&sum)[PX][LANES])
{
    const float *params = c.finish.control->params;
    const struct cuda_plane &add = c.finish.add;
#pragma unroll
    for (int j = 0; j < LANES; j++) {
        const int channel = at.channel + j;
        if (j >= at.channels)
            continue;
        const float mean = c.mean[channel], inv_s = c.inv_s[channel], gamma = params[c.finish.gamma + channel], beta = params[c.finish.beta + channel];
#pragma unroll
        for (int p = 0; p < PX; p++)
            sum[p][j] = lanes_norm(sum[p][j], mean, inv_s, gamma, beta);
    }
#pragma unroll
    for (int p = 0; p < PX; p++) {
        if (add.data && p < at.pixels) {
            const float4 other = lanes_plane(add, at.image, at.y * add.step, (at.x + p) * add.step, at.channel - add.shift);
            sum[p][0] += other.x;
            sum[p][1] += other.y;
            sum[p][2] += other.z;
            sum[p][3] += other.w;
        }
        for (int j = 0; j < LANES; j++)
            sum[p][j] = sum[p][j] <= 0 ? 0 : sum[p][j];
    }
}

template <int CO, int PX, int GROUPS>
static __device__ inline void write_moments(const struct cuda_conv &c, const struct conv_place &at, const float (&sum)[PX][LANES],
                                            int block_pixels, int lane, int group, float *room)
{
    float first[LANES], second[LANES];
    for (int j = 0; j < LANES; j++) {
        first[j] = 0;
        for (int p = 0; p < PX; p++)
            first[j] += sum[p][j];
    }
    sum_groups<CO, GROUPS>(first, room, lane, group);
    size_t from = (((size_t)at.image * c.height + at.y) * c.width + at.x) * c.channels + at.channel;
    for (int j = 0; j < LANES; j++) {
        bool product = c.moments == MOMENTS_PRODUCT && j < at.channels;
        float mean = product ? c.mean[at.channel + j] : first[j] / (float)block_pixels;
        float inv_s = product ? c.inv_s[at.channel + j] : 0;
        second[j] = 0;
        for (int p = 0; p < PX; p++)
            if (p < at.pixels && j < at.channels) {
                float d = (product ? c.a[from + (size_t)p * c.channels + j] : sum[p][j]) - mean;
                second[j] += product ? d * inv_s * sum[p][j] : d * d;
            }
    }
    sum_groups<CO, GROUPS>(second, room, lane, group);
    for (int j = 0; group == 0 && j < LANES; j++)
        if (at.channel + j < c.channels) {
            c.partial[(size_t)(at.channel + j) * gridDim.x + blockIdx.x] = first[j];
            c.partial[(size_t)(c.channels + at.channel + j) * gridDim.x + blockIdx.x] = second[j];
        }
}

template <int CO, int PX, int STRIDE>
static __global__ void __launch_bounds__(1024 / PX)
    conv_kernel(const __grid_constant__ struct cuda_conv c, const __grid_constant__ struct cuda_grid g)
{
    typedef conv_tile<CO, PX, STRIDE> T;
    __shared__ __align__(16) float in[T::in_floats];
    __shared__ __align__(16) float weights[T::weight_floats];
    __shared__ float room[T::groups * CO];
    const int lane = threadIdx.x % (CO / LANES), group = threadIdx.x / (CO / LANES);
    const int row = group % CONV_ROWS, column = group / CONV_ROWS * PX;
    const int per_image = g.tiles_y * g.tiles_x, image = blockIdx.x / per_image;
    const int top = (int)blockIdx.x % per_image / g.tiles_x * CONV_ROWS;
    const int left = (int)blockIdx.x % g.tiles_x * T::columns;
    const int first = blockIdx.y * CO;
    float sum[PX][LANES];
    for (int p = 0; p < PX; p++)
        for (int j = 0; j < LANES; j++)
            sum[p][j] = 0;
    for (int s = 0; s < c.n_sources; s++)
        for (int k = 0; k < c.in_channels; k += CHUNK) {
            __syncthreads();
            stage<CO, PX, STRIDE>(c, c.source[s], image, top * STRIDE - 1, left * STRIDE - 1, first, k, in, weights);
            __syncthreads();
            accumulate_tap<CO, PX, STRIDE>(in + (row * STRIDE * T::in_columns + column * STRIDE) * CHUNK,
                                           weights + lane * LANES, sum);
        }
    struct conv_place at = { image, top + row, left + column, first + lane * LANES,
                             min(PX, g.width - left - column), min((int)LANES, c.channels - first - lane * LANES) };
    if (at.y >= g.height)
        at.pixels = 0;
    if (c.finish.control)
        finish_tile<PX>(c, at, sum);
    store_tile<PX>(c, at, sum);
    int block_pixels = min((int)CONV_ROWS, g.height - top) * min(T::columns, g.width - left);
    if (c.moments != MOMENTS_NONE)
        write_moments<CO, PX, T::groups>(c, at, sum, block_pixels, lane, group, room);
}

template <int CO, int PX, int STRIDE>
static void launch_conv(const struct cuda_conv *c, cudaStream_t stream)
{
    struct cuda_grid g = cuda_grid_of(c->n, c->height, c->width, c->channels);
    dim3 grid(cuda_grid_blocks(&g), cuda_ceil(c->channels, CO));
    LAUNCH((conv_kernel<CO, PX, STRIDE>), grid, 1024 / PX, stream, *c, g);
}

extern "C" void cuda_conv_run(const struct cuda_conv *c, cudaStream_t stream)
{
    switch (cuda_conv_tile(c->channels) + c->stride) {
    case 16 + 1:
        launch_conv<16, 8, 1>(c, stream);
        break;
    case 32 + 1:
        launch_conv<32, 8, 1>(c, stream);
        break;
    case 64 + 1:
        launch_conv<64, 4, 1>(c, stream);
        break;
    case 16 + 2:
        launch_conv<16, 4, 2>(c, stream);
        break;
    case 32 + 2:
        launch_conv<32, 4, 2>(c, stream);
        break;
    default:
        launch_conv<64, 4, 2>(c, stream);
    }
}

/* --- packing --- */

static __global__ void pack_kernel(const struct cuda_unit *units, const struct cuda_control *control, bool direction,
                                   float *packed)
{
    const struct cuda_unit u = units[blockIdx.y];
    const float *w = (direction ? control->v : control->params) + u.weight;
    const int in = u.in_channels, out = u.channels, wide = cuda_packed_channels(out), back = cuda_packed_channels(in);
    const int step = gridDim.x * blockDim.x, start = blockIdx.x * blockDim.x + threadIdx.x;
    for (int i = start; i < 9 * in * wide; i += step) {
        int o = i % wide, k = i / wide % in, tap = i / wide / in;
        packed[u.forward + i] = o < out ? w[((size_t)o * in + k) * 9 + tap] : 0;
    }
    for (int i = start; i < 9 * out * back; i += step) {
        int k = i % back, o = i / back % out, tap = i / back / out;
        packed[u.backward + i] = k < in ? w[((size_t)o * in + k) * 9 + 8 - tap] : 0;
    }
}

extern "C" void cuda_pack(const struct cuda_unit *units, int n_units, size_t largest, const struct cuda_control *control,
                          bool direction, float *packed, cudaStream_t stream)
{
    size_t blocks = (largest + 255) / 256;
    dim3 grid(blocks < 64 ? (unsigned)blocks : 64, n_units);
    LAUNCH(pack_kernel, grid, 256, stream, units, control, direction, packed);
}
