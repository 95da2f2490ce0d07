#include "kernels/cuda/general.h"
#include "kernels/cuda/lanes.h"

/* Convolution and its data gradient as a product of matrices that are never written down: rows are pixels of the plane written, columns
 * its channels within a group, and what is summed over ("depth") are the taps of the kernel times the channels read. A block of 256
 * threads makes ROWS x COLUMNS of it, DEPTH at a time through shared memory; a thread has ROWS/16 rows of 4 columns.
 *
 * The data gradient of a stride s falls apart into s x s phases: pixels whose row and column leave the same remainders read the same taps,
 * a plain product of matrices each. Where there are fewer tiles than BLOCKS, several blocks share the depth of one; their parts are added
 * up in order. Channels in groups too narrow for a tile are treated one number a thread. */

enum { THREADS = 256, COLUMNS = 64, DEPTH = 16, LANES = 4, BLOCKS = 256, NARROW = 16, LEAST_CHUNKS = 8 };

struct phase { /* which pixels, which taps: pixel (y, x) of it reads (y mul + base_y + j way, ...) with tap (first_y + j step, ...) */
    int rows, columns;  /* of pixels */
    int ny, nx;         /* of taps */
    int first_y, first_x, base_y, base_x;
};

struct conv_plan { /* of a launch */
    int read_height, read_width, read_channels, write_height, write_width, write_channels;
    int depth_channels, columns; /* of a group: read, written */
    int mul, way, step;          /* see struct phase; pixels lie `step` apart */
    int phases, splits;
};

static CUDA_BOTH inline struct conv_plan shape_of(const struct cuda_convolution *c)
{
    const bool back = c->what == CONVOLVE_INPUT;
    struct conv_plan p = { c->in_height, c->in_width, c->in_channels, c->height, c->width, c->channels,
                           c->in_channels / c->groups, c->channels / c->groups, c->stride, 1, 1, 1, 1 };
    if (!back)
        return p;
    struct conv_plan q = { c->height, c->width, c->channels, c->in_height, c->in_width, c->in_channels,
                           c->channels / c->groups, c->in_channels / c->groups, 1, -1, c->stride, c->stride * c->stride, 1 };
    return q;
}

/* Numbers from 0 to below n that leave the remainder r when divided by d. */
static CUDA_BOTH inline int counted(int n, int r, int d)
{
    return n > r ? (n - r + d - 1) / d : 0;
}

static CUDA_BOTH inline struct phase conv_phase_of(const struct cuda_convolution *c, const struct conv_plan *p, int number)
{
    struct phase f = { p->write_height, p->write_width, c->kernel, c->kernel, 0, 0, -c->pad, -c->pad };
    if (c->what != CONVOLVE_INPUT)
        return f;
    const int y = number / c->stride, x = number % c->stride;
    f.rows = counted(p->write_height, y, c->stride);
    f.columns = counted(p->write_width, x, c->stride);
    f.first_y = (y + c->pad) % c->stride;
    f.first_x = (x + c->pad) % c->stride;
    f.ny = counted(c->kernel, f.first_y, c->stride);
    f.nx = counted(c->kernel, f.first_x, c->stride);
    f.base_y = (y + c->pad) / c->stride;
    f.base_x = (x + c->pad) / c->stride;
    return f;
}

/* A step through the depth: at / channels is the tap's number, at % channels the channel's. */
struct conv_depth {
    int tap_y, tap_x, channel;
};

static __device__ inline struct conv_depth conv_depth_of(const struct phase &f, const struct conv_plan &p, int at)
{
    const int tap = at / p.depth_channels;
    struct conv_depth d = { tap / f.nx, tap % f.nx, at % p.depth_channels };
    return d;
}

/* --- tiles --- */

struct conv_row { /* a pixel written: where its window begins in the plane read */
    size_t image; /* where the image begins */
    int y, x;
};

static __device__ inline struct conv_row conv_row_of(const struct cuda_convolution &c, const struct conv_plan &p, const struct phase &f, int index)
{
    const int pixels = f.rows * f.columns, image = index / pixels, pixel = index % pixels;
    struct conv_row r = { (size_t)image * p.read_height * p.read_width * p.read_channels, pixel / f.columns * p.mul + f.base_y,
                          pixel % f.columns * p.mul + f.base_x };
    if (image >= c.n)
        r.y = -0x40000000; /* no tap reaches into the plane */
    return r;
}

static __device__ inline const float *spot(const struct conv_plan &p, const float *plane, const struct conv_row &r, const struct conv_depth &d)
{
    const int y = r.y + d.tap_y * p.way, x = r.x + d.tap_x * p.way;
    if (y < 0 || x < 0 || y >= p.read_height || x >= p.read_width)
        return NULL;
    return plane + r.image + ((size_t)y * p.read_width + x) * p.read_channels + d.channel;
}

/* Four numbers in a row of the depth; with V = 4 they are neighbours in memory. plane: from the group's first channel on. */
template <int V>
static __device__ inline float4 read_plane(const struct conv_plan &p, const struct phase &f, const float *plane, const struct conv_row &r, int at, int depth)
{
    if (V == 4) {
        const float *from = at < depth ? spot(p, plane, r, conv_depth_of(f, p, at)) : NULL;
        return from ? *(const float4 *)from : lanes_zero();
    }
    float v[4] = { 0 };
    for (int j = 0; j < 4; j++) {
        const float *from = at + j < depth ? spot(p, plane, r, conv_depth_of(f, p, at + j)) : NULL;
        v[j] = from ? *from : 0;
    }
    return make_float4(v[0], v[1], v[2], v[3]);
}

/* Four columns of packed weights at one place of the depth. */
template <int V>
static __device__ inline float4 read_weights(const struct cuda_convolution &c, const struct conv_plan &p, const struct phase &f, const float *weights,
                                             int group, int column, int at, int depth)
{
    if (at >= depth || column >= p.columns)
        return lanes_zero();
    const struct conv_depth d = conv_depth_of(f, p, at);
    const int tap = (f.first_y + d.tap_y * p.step) * c.kernel + f.first_x + d.tap_x * p.step;
    const float *w = weights + ((size_t)tap * p.depth_channels + d.channel) * p.write_channels + group * p.columns + column;
    if (V == 4)
        return *(const float4 *)w;
    const int left = p.columns - column;
    return make_float4(w[0], left > 1 ? w[1] : 0, left > 2 ? w[2] : 0, left > 3 ? w[3] : 0);
}

/* Number of the plane's pixel that row `index` of a phase is. */
static __device__ inline size_t pixel_of(const struct conv_plan &p, const struct phase &f, int phase, int index)
{
    const int pixels = f.rows * f.columns, image = index / pixels, pixel = index % pixels;
    const int y = pixel / f.columns * p.step + phase / p.step, x = pixel % f.columns * p.step + phase % p.step;
    return ((size_t)image * p.write_height + y) * p.write_width + x;
}

static __device__ inline float bias_at(const struct cuda_convolution &c, int channel)
{
    if (c.bias == CUDA_NO_OFFSET)
        return 0;
    return (c.bias_along ? c.control->v : c.control->params)[c.bias + channel];
}

/* Rows of a thread: four in a row at a time, so that reads of shared memory are of 16 bytes. */
template <int RP>
static __device__ inline void multiply_piece(const float *in, const float *weights, float (&sum)[RP][LANES])
{
#pragma unroll
    for (int k = 0; k < DEPTH; k++) {
        float a[RP];
        const float4 w = *(const float4 *)(weights + k * COLUMNS);
        const float b[LANES] = { w.x, w.y, w.z, w.w };
#pragma unroll
        for (int i = 0; i < RP; i += RP < 4 ? 1 : 4) {
            if (RP < 4) {
                a[i] = in[k * (RP * 16 + 4) + i];
            } else {
                const float4 q = *(const float4 *)(in + k * (RP * 16 + 4) + i);
                a[i] = q.x, a[i + 1] = q.y, a[i + 2] = q.z, a[i + 3] = q.w;
            }
        }
#pragma unroll
        for (int i = 0; i < RP; i++)
#pragma unroll
            for (int j = 0; j < LANES; j++)
                sum[i][j] = fmaf(a[i], b[j], sum[i][j]);
    }
}

struct product_tile { /* a block's place */
    int phase, split, group, row, column; /* of the phase's pixels, of the group's channels */
};

template <int RP>
static __device__ inline void store_rows(const struct cuda_convolution &c, const struct conv_plan &p, const struct phase &f, const struct product_tile &t,
                                         const float (&sum)[RP][LANES])
{
    float *part = c.partial + (size_t)t.split * c.n * p.write_height * p.write_width * p.write_channels;
    for (int i = 0; i < RP; i++) {
        if (t.row + i >= c.n * f.rows * f.columns)
            return;
        const size_t pixel = pixel_of(p, f, t.phase, t.row + i);
        for (int j = 0; j < LANES && t.column + j < p.columns; j++) {
            const int channel = t.group * p.columns + t.column + j;
            const size_t place = pixel * p.write_channels + channel;
            if (p.splits > 1)
                part[place] = sum[i][j];
            else
                c.to[place] = (c.add ? c.to[place] : 0) + sum[i][j] + bias_at(c, channel);
        }
    }
}

template <int RP>
struct conv_sizes {
    static constexpr int rows = 16 * RP, wide = rows + 4, loads = (rows + 63) / 64; /* of a block; in shared memory; 4 numbers each, of a thread */
};

template <int RP>
struct conv_piece { /* of the depth: what a thread brings to shared memory */
    float4 in[conv_sizes<RP>::loads], weights;
};

/* Piece number q of all sources' depths. */
template <int RP, int V>
static __device__ inline void fetch_piece(const struct cuda_convolution &c, const struct conv_plan &p, const struct phase &f, const struct product_tile &t,
                                          const struct conv_row (&rows)[conv_sizes<RP>::loads], int q, int depth, struct conv_piece<RP> &to)
{
    const int chunks = cuda_ceil(depth, DEPTH), at = q % chunks * DEPTH;
    const struct cuda_convolution_source &s = c.source[q / chunks];
#pragma unroll
    for (int l = 0; l < conv_sizes<RP>::loads; l++)
        if (l * 64 + (int)threadIdx.x / 4 < conv_sizes<RP>::rows)
            to.in[l] = read_plane<V>(p, f, s.plane + t.group * p.depth_channels, rows[l], at + threadIdx.x % 4 * 4, depth);
    to.weights = read_weights<V>(c, p, f, s.factor, t.group, t.column, at + threadIdx.x / 16, depth);
}

template <int RP>
static __device__ inline void put_piece(const struct conv_piece<RP> &piece, float *in, float *weights)
{
    typedef conv_sizes<RP> S;
#pragma unroll
    for (int l = 0; l < S::loads; l++)
        if (l * 64 + (int)threadIdx.x / 4 < S::rows) {
            float *to = in + threadIdx.x % 4 * 4 * S::wide + l * 64 + threadIdx.x / 4;
            to[0] = piece.in[l].x, to[S::wide] = piece.in[l].y, to[2 * S::wide] = piece.in[l].z, to[3 * S::wide] = piece.in[l].w;
        }
    *(float4 *)(weights + threadIdx.x / 16 * COLUMNS + threadIdx.x % 16 * LANES) = piece.weights;
}

/* RP: rows of a thread. The next piece is on its way while one is multiplied. */
template <int RP, int V>
static __global__ void __launch_bounds__(THREADS, 2)
    general_conv_kernel(const __grid_constant__ struct cuda_convolution c, const __grid_constant__ struct conv_plan p)
{
    typedef conv_sizes<RP> S;
    __shared__ __align__(16) float in[DEPTH * S::wide];
    __shared__ __align__(16) float weights[DEPTH * COLUMNS];
    const int wide = cuda_ceil(p.columns, COLUMNS), sixteenth = threadIdx.x / 16, lane = threadIdx.x % 16 * LANES;
    const struct product_tile t = { (int)blockIdx.z / p.splits, (int)blockIdx.z % p.splits, (int)blockIdx.y / wide, (int)blockIdx.x * S::rows + sixteenth * RP,
                                    (int)blockIdx.y % wide * COLUMNS + lane };
    const struct phase f = conv_phase_of(&c, &p, t.phase);
    const int depth = f.ny * f.nx * p.depth_channels, total = c.n_sources * cuda_ceil(depth, DEPTH);
    const int per = cuda_ceil(total, p.splits), begin = t.split * per, end = min(total, begin + per);
    float sum[RP][LANES];
    struct conv_row rows[S::loads];
    struct conv_piece<RP> piece;
    if (f.rows * f.columns == 0)
        return;
    for (int l = 0; l < S::loads; l++)
        rows[l] = conv_row_of(c, p, f, blockIdx.x * S::rows + l * 64 + threadIdx.x / 4);
    for (int i = 0; i < RP; i++)
        for (int j = 0; j < LANES; j++)
            sum[i][j] = 0;
    if (begin < end)
        fetch_piece<RP, V>(c, p, f, t, rows, begin, depth, piece);
    for (int q = begin; q < end; q++) {
        __syncthreads();
        put_piece<RP>(piece, in, weights);
        __syncthreads();
        if (q + 1 < end)
            fetch_piece<RP, V>(c, p, f, t, rows, q + 1, depth, piece);
        multiply_piece<RP>(in + sixteenth * RP, weights + lane, sum);
    }
    store_rows<RP>(c, p, f, t, sum);
}

static __global__ void __launch_bounds__(THREADS)
    general_conv_sum_kernel(const __grid_constant__ struct cuda_convolution c, const __grid_constant__ struct conv_plan p)
{
    const size_t count = (size_t)c.n * p.write_height * p.write_width * p.write_channels, i = (size_t)blockIdx.x * THREADS + threadIdx.x;
    if (i >= count)
        return;
    float sum = 0;
    for (int s = 0; s < p.splits; s++)
        sum += c.partial[(size_t)s * count + i];
    c.to[i] = (c.add ? c.to[i] : 0) + sum + bias_at(c, (int)(i % p.write_channels));
}

/* --- narrow groups: a thread writes one number --- */

static __global__ void __launch_bounds__(THREADS)
    general_conv_narrow_kernel(const __grid_constant__ struct cuda_convolution c, const __grid_constant__ struct conv_plan p)
{
    const size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x;
    if (i >= (size_t)c.n * p.write_height * p.write_width * p.write_channels)
        return;
    const int channel = (int)(i % p.write_channels), group = channel / p.columns;
    const int x = (int)(i / p.write_channels % p.write_width), y = (int)(i / p.write_channels / p.write_width % p.write_height);
    const size_t image = i / p.write_channels / p.write_width / p.write_height;
    const struct phase f = conv_phase_of(&c, &p, y % p.step * p.step + x % p.step);
    float sum = 0;
    for (int s = 0; s < c.n_sources; s++)
        for (int tap = 0; tap < f.ny * f.nx; tap++) {
            const struct conv_row r = { image * p.read_height * p.read_width * p.read_channels, y / p.step * p.mul + f.base_y,
                                        x / p.step * p.mul + f.base_x };
            const struct conv_depth d = { tap / f.nx, tap % f.nx, group * p.depth_channels };
            const int place = (f.first_y + d.tap_y * p.step) * c.kernel + f.first_x + d.tap_x * p.step;
            const float *in = spot(p, c.source[s].plane, r, d), *w = c.source[s].factor + (size_t)place * p.depth_channels * p.write_channels + channel;
            for (int k = 0; in && k < p.depth_channels; k++)
                sum = fmaf(in[k], w[(size_t)k * p.write_channels], sum);
        }
    c.to[i] = (c.add ? c.to[i] : 0) + sum + bias_at(c, channel);
}

/* --- launchers --- */

static bool is_narrow(const struct conv_plan *p)
{
    return p->columns < NARROW && p->columns < p->write_channels;
}

/* Rows of the largest phase, the first. */
static int conv_rows(const struct cuda_convolution *c, const struct conv_plan *p)
{
    const struct phase f = conv_phase_of(c, p, 0);
    return c->n * f.rows * f.columns;
}

static int thread_rows(int rows)
{
    return rows <= 64 ? 2 : 8;
}

static struct conv_plan conv_plan_of(const struct cuda_convolution *c)
{
    struct conv_plan p = shape_of(c);
    const int rows = conv_rows(c, &p), taps = cuda_ceil(c->kernel, p.step);
    const int chunks = c->n_sources * cuda_ceil(taps * taps * p.depth_channels, DEPTH);
    const int tiles = cuda_ceil(rows, 16 * thread_rows(rows)) * cuda_ceil(p.columns, COLUMNS) * c->groups * p.phases;
    if (is_narrow(&p))
        return p;
    const int wanted = cuda_smaller(BLOCKS / tiles, chunks / LEAST_CHUNKS);
    p.splits = wanted > 1 ? wanted : 1;
    return p;
}

static size_t written(const struct cuda_convolution *c, const struct conv_plan *p)
{
    return (size_t)c->n * p->write_height * p->write_width * p->write_channels;
}

/* A smaller batch has fewer tiles, so that more blocks share one: the bound is over all of them. */
extern "C" size_t cuda_general_conv_partial(const struct cuda_convolution *c)
{
    const struct conv_plan p = shape_of(c);
    const int taps = cuda_ceil(c->kernel, p.step), chunks = 2 * cuda_ceil(taps * taps * p.depth_channels, DEPTH);
    const size_t most = (size_t)(chunks / LEAST_CHUNKS) * written(c, &p), whole = (size_t)BLOCKS * 128 * COLUMNS;
    return chunks / LEAST_CHUNKS < 2 || is_narrow(&p) ? 0 : most < whole ? most : whole;
}

template <int RP>
static void launch(const struct cuda_convolution *c, const struct conv_plan *p, int rows, cudaStream_t stream)
{
    const dim3 grid(cuda_ceil(rows, 16 * RP), cuda_ceil(p->columns, COLUMNS) * c->groups, p->phases * p->splits);
    if ((p->columns | p->depth_channels) % 4)
        LAUNCH((general_conv_kernel<RP, 1>), grid, THREADS, stream, *c, *p);
    else
        LAUNCH((general_conv_kernel<RP, 4>), grid, THREADS, stream, *c, *p);
}

extern "C" void cuda_general_conv(const struct cuda_convolution *c, cudaStream_t stream)
{
    const struct conv_plan p = conv_plan_of(c);
    const int rows = conv_rows(c, &p);
    const unsigned blocks = (unsigned)((written(c, &p) + THREADS - 1) / THREADS);
    if (is_narrow(&p)) {
        LAUNCH(general_conv_narrow_kernel, blocks, THREADS, stream, *c, p);
        return;
    }
    if (thread_rows(rows) == 2)
        launch<2>(c, &p, rows, stream);
    else
        launch<8>(c, &p, rows, stream);
    if (p.splits > 1)
        LAUNCH(general_conv_sum_kernel, blocks, THREADS, stream, *c, p);
}

/* --- packing --- */

static __global__ void __launch_bounds__(THREADS) general_pack_kernel(const struct cuda_general_unit *units, const struct cuda_control *control,
                                                                      bool direction, const float *hats, float *packed)
{
    const struct cuda_general_unit u = units[blockIdx.y];
    const float *w = (u.of_hats ? hats : direction ? control->v : control->params) + u.weight;
    const int in = u.in_channels / u.groups, out = u.channels / u.groups, step = gridDim.x * THREADS;
    const int count = u.taps * in * u.channels;
    for (int i = blockIdx.x * THREADS + threadIdx.x; i < count; i += step) {
        const int o = i % u.channels, k = i / u.channels % in, tap = i / u.channels / in;
        packed[u.forward + i] = w[((size_t)o * in + k) * u.taps + tap];
    }
    for (int i = blockIdx.x * THREADS + threadIdx.x; i < count; i += step) {
        const int k = i % u.in_channels, o = i / u.in_channels % out, tap = i / u.in_channels / out;
        packed[u.backward + i] = w[((size_t)(k / in * out + o) * in + k % in) * u.taps + tap];
    }
}

extern "C" void cuda_general_pack(const struct cuda_general_unit *units, int n_units, size_t largest, const struct cuda_control *control,
                                  bool direction, const float *hats, float *packed, cudaStream_t stream)
{
    const size_t blocks = (largest + THREADS - 1) / THREADS;
    LAUNCH(general_pack_kernel, dim3(blocks < 64 ? blocks : 64, n_units), THREADS, stream, units, control, direction, hats, packed);
}
