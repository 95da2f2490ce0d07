#include "kernels/cuda/cuda.h"
#include "kernels/cuda/lanes.h"

/* Gradient of a 3x3 convolution's weights. A block of 192 threads keeps 9 x 16 x CO sums in registers while it walks
 * over its share of the pixel tiles: a thread has one row of the kernel (3 columns), 4 input channels and 4 output
 * channels; with fewer than 64 output channels the threads form groups that take rows of the tile in turn. Each group
 * writes its sums; a second kernel adds them up in a fixed order. Shares depend on the shapes alone. */

enum { THREADS = 192, IN = 16, LANES = 4, BLOCKS = 256 };

template <int CO, int STRIDE>
struct grid_tile {
    static constexpr int rows = STRIDE == 1 ? 8 : 4, columns = 512 / CO;
    static constexpr int in_rows = (rows - 1) * STRIDE + 3, in_columns = (columns - 1) * STRIDE + 3;
    static constexpr int groups = 64 / CO, group_threads = 3 * CO; /* 3 rows x 4 quads of input x CO/4 of output */
};

struct pixel_walk { /* the tiles of a batch */
    int tiles_y, tiles_x, total;
    int per_block; /* groups of a block */
};

static int rows_of(const struct cuda_weights *w)
{
    return w->stride == 1 ? 8 : 4;
}

static struct pixel_walk walk_of(const struct cuda_weights *w)
{
    int tile = cuda_conv_tile(w->channels);
    struct pixel_walk k = { cuda_ceil(w->height, rows_of(w)), cuda_ceil(w->width, 512 / tile), 0, 64 / tile };
    k.total = w->n * k.tiles_y * k.tiles_x;
    return k;
}

/* Blocks that share the tiles of one piece of the weights. */
static int shares(const struct cuda_weights *w, const struct pixel_walk *k)
{
    int pieces = cuda_ceil(w->in_channels, IN) * cuda_ceil(w->channels, cuda_conv_tile(w->channels));
    int wanted = pieces < BLOCKS ? BLOCKS / pieces : 1;
    return wanted < k->total ? wanted : k->total;
}

extern "C" size_t cuda_weights_partial(const struct cuda_weights *w)
{
    struct pixel_walk k = walk_of(w);
    return (size_t)shares(w, &k) * k.per_block * 9 * w->in_channels * w->channels;
}

template <int CO, int STRIDE>
static __global__ void __launch_bounds__(THREADS, 3)
    weights_kernel(const __grid_constant__ struct cuda_weights w, const __grid_constant__ struct pixel_walk walk)
{
    typedef grid_tile<CO, STRIDE> T;
    __shared__ __align__(16) float in[T::in_rows * T::in_columns * IN];
    __shared__ __align__(16) float ga[T::rows * T::columns * CO];
    const int group = threadIdx.x / T::group_threads, member = threadIdx.x % T::group_threads;
    const int o = member % (CO / LANES) * LANES, i = member / (CO / LANES) % (IN / LANES) * LANES, row = member / CO;
    const int in_first = blockIdx.y * IN, out_first = blockIdx.z * CO;
    float sum[3][LANES][LANES] = { { { 0 } } };
    for (int s = 0; s < w.n_sources; s++)
        for (int t = blockIdx.x; t < walk.total; t += gridDim.x) {
            const int image = t / (walk.tiles_y * walk.tiles_x);
            const int top = t / walk.tiles_x % walk.tiles_y * T::rows, left = t % walk.tiles_x * T::columns;
            __syncthreads();
            for (int k = threadIdx.x; k < T::in_rows * T::in_columns * (IN / 4); k += THREADS) {
                int c = k % (IN / 4) * 4, pixel = k / (IN / 4);
                ((float4 *)in)[k] = lanes_pixel(w.source[s].in, image, w.in_height, w.in_width, w.in_channels,
                                         top * STRIDE - 1 + pixel / T::in_columns,
                                         left * STRIDE - 1 + pixel % T::in_columns, in_first + c);
            }
            for (int k = threadIdx.x; k < T::rows * T::columns * (CO / 4); k += THREADS) {
                int c = k % (CO / 4) * 4, pixel = k / (CO / 4);
                ((float4 *)ga)[k] = lanes_pixel(w.source[s].ga, image, w.height, w.width, w.channels, top + pixel / T::columns,
                                         left + pixel % T::columns, out_first + c);
            }
            __syncthreads();
            for (int y = group; y < T::rows; y += T::groups) {
                const float *x = in + (size_t)(y * STRIDE + row) * T::in_columns * IN + i;
                const float *g = ga + (size_t)y * T::columns * CO + o;
                float4 x0 = *(const float4 *)x, x1 = *(const float4 *)(x + IN);
#pragma unroll 4
                for (int column = 0; column < T::columns; column++) {
                    const float4 gv = *(const float4 *)(g + column * CO);
                    const float *next = x + (column * STRIDE + 2) * IN;
                    const float4 x2 = *(const float4 *)next;
                    lanes_outer(x0, gv, sum[0]);
                    lanes_outer(x1, gv, sum[1]);
                    lanes_outer(x2, gv, sum[2]);
                    if (STRIDE == 1) {
                        x0 = x1;
                        x1 = x2;
                    } else {
                        x0 = x2;
                        x1 = column + 1 < T::columns ? *(const float4 *)(next + IN) : x2;
                    }
                }
            }
        }
    float *to = w.partial + (size_t)(blockIdx.x * T::groups + group) * 9 * w.in_channels * w.channels;
    for (int column = 0; column < 3; column++)
        for (int a = 0; a < LANES; a++)
            for (int b = 0; b < LANES; b++) {
                int k = in_first + i + a, c = out_first + o + b;
                if (k < w.in_channels && c < w.channels)
                    to[((size_t)(row * 3 + column) * w.in_channels + k) * w.channels + c] = sum[column][a][b];
            }
}

/* Adds up the groups' sums: 32 weights of a block, 8 threads for each; then PyTorch's order. */
static __global__ void add_up_kernel(const __grid_constant__ struct cuda_weights w, int n_partials)
{
    __shared__ float room[8][32];
    const int count = 9 * w.in_channels * w.channels, at = blockIdx.x * 32 + threadIdx.x;
    float sum = 0;
    for (int p = threadIdx.y; p < n_partials && at < count; p += 8)
        sum += w.partial[(size_t)p * count + at];
    room[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y > 0 || at >= count)
        return;
    double total = 0;
    for (int k = 0; k < 8; k++)
        total += room[k][threadIdx.x];
    const int o = at % w.channels, i = at / w.channels % w.in_channels, tap = at / w.channels / w.in_channels;
    w.control->grad[w.weight + ((size_t)o * w.in_channels + i) * 9 + tap] = (float)total;
}

template <int CO, int STRIDE>
static void launch_weights(const struct cuda_weights *w, const struct pixel_walk *walk, cudaStream_t stream)
{
    dim3 grid(shares(w, walk), cuda_ceil(w->in_channels, IN), cuda_ceil(w->channels, CO));
    LAUNCH((weights_kernel<CO, STRIDE>), grid, THREADS, stream, *w, *walk);
}

extern "C" void cuda_weights_run(const struct cuda_weights *w, cudaStream_t stream)
{
    struct pixel_walk k = walk_of(w);
    switch (cuda_conv_tile(w->channels) + w->stride) {
    case 16 + 1:
        launch_weights<16, 1>(w, &k, stream);
        break;
    case 32 + 1:
        launch_weights<32, 1>(w, &k, stream);
        break;
    case 64 + 1:
        launch_weights<64, 1>(w, &k, stream);
        break;
    case 16 + 2:
        launch_weights<16, 2>(w, &k, stream);
        break;
    case 32 + 2:
        launch_weights<32, 2>(w, &k, stream);
        break;
    default:
        launch_weights<64, 2>(w, &k, stream);
    }
    LAUNCH(add_up_kernel, cuda_ceil(9 * w->in_channels * w->channels, 32), dim3(32, 8), stream, *w, shares(w, &k) * k.per_block);
}
