#include "kernels/cuda/cuda.h"
#include "kernels/cuda/lanes.h"
#include "kernels/cuda/numbers.h"

/* The work of an optimiser step besides its passes. Anything that may change from step to step is read from struct cuda_orders. */

static __global__ void __launch_bounds__(THREADS) step_begin_kernel(const __grid_constant__ struct cuda_step s)
{
    EACH(i, s.n_stats)
        s.stats_before[i] = s.orders->stats[i];
    if (blockIdx.x > 0 || threadIdx.x > 0)
        return;
    if (s.orders->fresh)
        s.progress->halted = 0;
    s.progress->skip = s.progress->halted;
}

static __global__ void __launch_bounds__(THREADS) step_norm_kernel(const __grid_constant__ struct cuda_step s, bool adaptive)
{
    __shared__ double room[256];
    const float *g = s.orders->grad;
    early_let_go();
    dot_part(g, g, s.n_params, DOT_PLAIN, s.partial, room);
    if (adaptive)
        dot_part(s.orders->params, g, s.n_params, DOT_SQUARES_OF_PRODUCTS, s.partial + CUDA_DOT_BLOCKS, room);
}

/* square[1] stays what the back end's sam_norm() would be asked for: sum g^2 again without `adaptive`. */
static __global__ void __launch_bounds__(THREADS)
    step_norm_end_kernel(const __grid_constant__ struct cuda_step s, bool up, bool adaptive, int blocks)
{
    __shared__ double room[256];
    double *square = up ? &s.progress->square_up : s.progress->square;
    early_wait();
    early_let_go();
    dot_whole(s.partial, blocks, square, room);
    if (up)
        return;
    dot_whole(s.partial + (adaptive ? CUDA_DOT_BLOCKS : 0), blocks, square + 1, room);
}

static __global__ void __launch_bounds__(THREADS) step_perturb_kernel(const __grid_constant__ struct cuda_step s)
{
    early_wait();
    early_let_go();
    const struct cuda_orders o = *s.orders;
    const double divisor = s.ascent == ASCENT_PLAIN ? 1 : sqrt(s.progress->square[1]) + 1e-12;
    const float scale = (float)(o.rho / divisor);
    EACH(i, s.n_params)
        o.moved[i] = perturbed_one(o.params[i], o.grad[i], scale, s.ascent == ASCENT_ADAPTIVE);
}

static __device__ inline bool step_finite(const struct cuda_step &s)
{
    const struct cuda_progress &p = *s.progress;
    bool good = isfinite(s.result[0].loss) && isfinite(p.square[0]);
    if (s.ascent != ASCENT_NONE)
        good = good && isfinite(p.square[1]) && isfinite(s.result[1].loss) && isfinite(p.square_up);
    return good;
}

static __device__ inline void write_record(const struct cuda_step &s, bool updated)
{
    struct cuda_record r;
    const bool two_passes = s.ascent != ASCENT_NONE;
    r.pass[0] = s.result[0];
    r.pass[1] = s.result[two_passes ? 1 : 0];
    r.norm = sqrt(s.progress->square[0]);
    r.reach = sqrt(s.progress->square[1]);
    r.norm_up = sqrt(two_passes ? s.progress->square_up : s.progress->square[0]);
    r.updated = updated;
    r.skipped = s.progress->skip;
    *s.orders->record = r;
}

/* Nobody reads `halted` here, so that one thread may write it while others decide by themselves. */
static __global__ void __launch_bounds__(THREADS) step_finish_kernel(const __grid_constant__ struct cuda_step s)
{
    early_wait();
    const struct cuda_orders o = *s.orders;
    const bool update = !s.progress->skip && step_finite(s);
    EACH(i, (size_t)s.n)
        o.losses[i] = s.value[i];
    if (update) {
        EACH(i, s.n_params)
            descend_one(o.params + i, o.momentum + i, o.grad[i], o.lr, o.momentum_factor, o.weight_decay, o.nesterov);
    } else {
        EACH(i, s.n_stats)
            o.stats[i] = s.stats_before[i];
    }
    if (blockIdx.x > 0 || threadIdx.x > 0)
        return;
    if (!update)
        s.progress->halted = 1;
    write_record(s, update);
}

extern "C" void cuda_step_begin(const struct cuda_step *s, cudaStream_t stream)
{
    LAUNCH(step_begin_kernel, s->n_stats ? blocks_of(s->n_stats) : 1, THREADS, stream, *s);
}

extern "C" void cuda_step_norm(const struct cuda_step *s, bool up, cudaStream_t stream)
{
    const unsigned blocks = dot_blocks(s->n_params);
    const bool adaptive = s->ascent == ASCENT_ADAPTIVE && !up;
    LAUNCH(step_norm_kernel, blocks, THREADS, stream, *s, adaptive);
    LAUNCH_EARLY(s->early, step_norm_end_kernel, 1, THREADS, stream, *s, up, adaptive, (int)blocks);
}

extern "C" void cuda_step_perturb(const struct cuda_step *s, cudaStream_t stream)
{
    LAUNCH_EARLY(s->early, step_perturb_kernel, blocks_of(s->n_params), THREADS, stream, *s);
}

extern "C" void cuda_step_finish(const struct cuda_step *s, cudaStream_t stream)
{
    const size_t n = s->n_params > s->n_stats ? s->n_params : s->n_stats;
    LAUNCH_EARLY(s->early, step_finish_kernel, blocks_of(n), THREADS, stream, *s);
}
