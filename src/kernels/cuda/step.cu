#include "kernels/cuda/cuda.h"
#include "kernels/cuda/lanes.h"
#include "kernels/cuda/numbers.h"

/* The work of an optimiser step besides its passes (rules.c says in which order). Anything that may change from step to step is read from
 * struct cuda_orders. Each number is made by the operations that engine/optim does on the host, rounded as often. */

enum { ONE_WARP = 32 };

static __device__ inline double number_root(const struct cuda_step &s, enum cuda_number number)
{
    return sqrt(s.progress->number[number]);
}

/* What rho is divided by, squared. */
static __device__ inline enum cuda_number reach_number(const struct cuda_step &s)
{
    return s.ascent == ASCENT_ADAPTIVE ? NUMBER_SCALED : s.rule == RULE_FSAM || s.rule == RULE_FSAM_BEGINS ? NUMBER_LENGTH : NUMBER_G;
}

static __device__ inline enum step_place bad_place(const struct cuda_step &s)
{
    const struct cuda_progress &p = *s.progress;
    if (s.tallied)
        return (enum step_place)p.tally.bad;
    if (!isfinite(s.result[0].loss) || !isfinite(p.number[NUMBER_G]))
        return PLACE_W;
    if (s.ascent == ASCENT_ADAPTIVE && !isfinite(p.number[NUMBER_SCALED]))
        return PLACE_REACH;
    if (s.ascent != ASCENT_NONE && (!isfinite(s.result[1].loss) || !isfinite(p.number[NUMBER_UP])))
        return PLACE_UP;
    return PLACE_NONE;
}

static __device__ inline bool step_updates(const struct cuda_step &s)
{
    return !s.progress->skip && bad_place(s) == PLACE_NONE;
}

/* --- its beginning, sums over all parameters --- */

static __global__ void __launch_bounds__(THREADS) step_begin_kernel(const __grid_constant__ struct cuda_step s)
{
    EACH(i, s.n_stats)
        s.stats_before[i] = s.orders->stats[i];
    if (blockIdx.x > 0 || threadIdx.x > 0)
        return;
    if (s.orders->fresh)
        s.progress->halted = 0;
    s.progress->skip = s.progress->halted;
    if (!s.tallied)
        return;
    struct cuda_tally t = {};
    const bool pieces = s.rule == RULE_MICRO;
    t.pass[0].loss = t.norm = pieces ? 0 : (double)NAN;
    t.pass[1].loss = pieces && s.ascent != ASCENT_NONE ? 0 : (double)NAN;
    t.reach = t.norm_up = (double)NAN;
    s.progress->tally = t;
}

static __global__ void __launch_bounds__(THREADS)
    step_norm_kernel(const __grid_constant__ struct cuda_step s, enum step_vector x, enum step_vector y, bool adaptive)
{
    __shared__ double room[256];
    const float *g = s.orders->vector[x];
    early_let_go();
    dot_part(g, s.orders->vector[y], s.n_params, DOT_PLAIN, s.partial, room);
    if (adaptive)
        dot_part(s.orders->vector[VECTOR_PARAMS], g, s.n_params, DOT_SQUARES_OF_PRODUCTS, s.partial + CUDA_DOT_BLOCKS, room);
}

static __global__ void __launch_bounds__(THREADS)
    step_norm_end_kernel(const __grid_constant__ struct cuda_step s, enum cuda_number number, bool adaptive, int blocks)
{
    __shared__ double room[256];
    early_wait();
    early_let_go();
    dot_whole(s.partial, blocks, &s.progress->number[number], room);
    if (adaptive)
        dot_whole(s.partial + CUDA_DOT_BLOCKS, blocks, &s.progress->number[NUMBER_SCALED], room);
}

/* --- vectors --- */

static __global__ void __launch_bounds__(THREADS) step_perturb_kernel(const __grid_constant__ struct cuda_step s, struct cuda_climb c)
{
    early_wait();
    early_let_go();
    const struct cuda_orders &o = *s.orders;
    const float *w = o.vector[VECTOR_PARAMS], *from = o.vector[c.from];
    float *moved = o.vector[VECTOR_MOVED];
    const bool part = s.rule == RULE_PARTS && !c.rest; /* its length may be a share of another */
    const double length = part ? s.progress->tally.reach : number_root(s, c.number);
    const double divisor = s.ascent == ASCENT_PLAIN ? 1 : __dadd_rn(length, 1e-12);
    const float scale = (float)((c.rest ? o.rho_rest : o.rho) / divisor);
    EACH(i, s.n_params)
        moved[i] = perturbed_one(w[i], from[i], scale, s.ascent == ASCENT_ADAPTIVE);
}

static __device__ inline double step_ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static __device__ inline float factor_of(const struct cuda_step &s, const struct cuda_factor &f)
{
    const double order = s.orders->factor[f.which];
    const bool begins = s.rule == RULE_FSAM_BEGINS && !(number_root(s, NUMBER_KEPT) > 0);
    switch (f.kind) {
    case FACTOR_ORDER:
        return (float)order;
    case FACTOR_SHARE:
        return (float)s.orders->share;
    case FACTOR_BEGINS_0:
        return begins ? 0 : (float)order;
    case FACTOR_BEGINS_1:
        return begins ? 1 : (float)order;
    case FACTOR_ALONG: {
        const double up = number_root(s, NUMBER_UP);
        return (float)__dadd_rn(1, __dmul_rn(order, step_ratio(s.progress->number[NUMBER_ACROSS], __dmul_rn(up, up))));
    }
    default:
        return f.constant;
    }
}

static __global__ void __launch_bounds__(THREADS)
    step_blend_kernel(const __grid_constant__ struct cuda_step s, const __grid_constant__ struct cuda_blend k)
{
    early_wait();
    early_let_go();
    if (k.lasts && !step_updates(s))
        return;
    float *const *v = s.orders->vector;
    const float *from = v[k.from], *x = v[k.x];
    float *to = v[k.to];
    const float a = factor_of(s, k.a), b = factor_of(s, k.b);
    EACH(i, s.n_params) {
        const float scaled = k.from == VECTOR_ZEROS ? 0 : from[i] * a;
        to[i] = k.x == VECTOR_ZEROS ? scaled : added_one(scaled, b, x[i]);
    }
}

/* --- what is across, of the whole or of each tensor --- */

static __device__ inline int step_range(const struct cuda_step &s, int block)
{
    int low = 0, end = s.n_ranges;
    while (end - low > 1) {
        const int middle = (low + end) / 2;
        if (s.ranges[middle].block <= block)
            low = middle;
        else
            end = middle;
    }
    return low;
}

/* Partial sums of x y and of z z, in the blocks and the order of dot_part() over the range alone. */
static __global__ void __launch_bounds__(THREADS)
    range_dots_kernel(const __grid_constant__ struct cuda_step s, enum step_vector x, enum step_vector y, enum step_vector z)
{
    __shared__ double room[256];
    early_wait();
    early_let_go();
    const struct cuda_range r = s.ranges[step_range(s, (int)blockIdx.x)];
    const float *p = s.orders->vector[x] + r.first, *q = s.orders->vector[y] + r.first, *t = s.orders->vector[z] + r.first;
    double product = 0, square = 0;
    for (size_t i = ((size_t)blockIdx.x - r.block) * THREADS + threadIdx.x; i < r.count; i += (size_t)r.blocks * THREADS) {
        product = __dadd_rn(product, __dmul_rn(p[i], q[i]));
        square = __dadd_rn(square, __dmul_rn(t[i], t[i]));
    }
    product = lanes_block_sum(product, room);
    square = lanes_block_sum(square, room);
    if (threadIdx.x > 0)
        return;
    s.range_partial[blockIdx.x] = product;
    s.range_partial[s.range_blocks + blockIdx.x] = square;
}

static __global__ void __launch_bounds__(THREADS) range_dots_end_kernel(const __grid_constant__ struct cuda_step s)
{
    __shared__ double room[256];
    early_wait();
    early_let_go();
    const struct cuda_range r = s.ranges[blockIdx.x];
    for (int k = 0; k < 2; k++)
        dot_whole(s.range_partial + (size_t)k * s.range_blocks + r.block, r.blocks, s.range_sum + 2 * blockIdx.x + k, room);
}

/* keeps: kept = piece - sum/square g; else g += factor sqrt(sum/square) kept. */
static __global__ void __launch_bounds__(THREADS) range_across_kernel(const __grid_constant__ struct cuda_step s, bool keeps)
{
    early_wait();
    early_let_go();
    if (keeps && !step_updates(s))
        return;
    const int range = step_range(s, (int)blockIdx.x);
    const struct cuda_range r = s.ranges[range];
    const double share = step_ratio(s.range_sum[2 * range], s.range_sum[2 * range + 1]);
    const float a = (float)(keeps ? -share : __dmul_rn(s.orders->factor[0], sqrt(share)));
    float *const *v = s.orders->vector;
    const float *from = v[keeps ? VECTOR_PIECE : VECTOR_GRAD] + r.first, *x = v[keeps ? VECTOR_GRAD : VECTOR_KEPT] + r.first;
    float *to = v[keeps ? VECTOR_KEPT : VECTOR_GRAD] + r.first;
    for (size_t i = ((size_t)blockIdx.x - r.block) * THREADS + threadIdx.x; i < r.count; i += (size_t)r.blocks * THREADS)
        to[i] = added_one(from[i], a, x[i]);
}

/* --- the tally of parts and pieces --- */

/* The first place that is not finite is told, and nothing behind it. */
static __device__ inline bool good_at(struct cuda_tally *t, enum step_place place, double loss, double norm)
{
    if (isfinite(loss) && isfinite(norm))
        return true;
    t->bad = place;
    t->bad_loss = loss;
    t->bad_norm = norm;
    return false;
}

static __device__ inline void tell_part(const struct cuda_step &s, struct cuda_tally *t, double loss, double norm)
{
    if (!good_at(t, PLACE_PART, loss, norm))
        return;
    t->part = loss;
    t->rest = __dsub_rn(t->pass[0].loss, loss);
    t->reach = norm;
    if (!(norm > 0))
        s.second[0]->update_stats = 0;
}

/* Of a pass that somebody climbed for; `loss` of the tally is what it gave. */
static __device__ inline void tell_climbed(struct cuda_tally *t, const struct cuda_result &r, double norm, double share, double *loss)
{
    t->pass[1] = r;
    t->climbed = 1;
    if (good_at(t, PLACE_UP, r.loss, norm))
        *loss = __dmul_rn(r.loss, share);
}

static __device__ inline void tell_sum(struct cuda_tally *t, double norm)
{
    if (!t->climbed)
        return;
    t->pass[1].loss = __dadd_rn(t->rest, t->part);
    t->norm_up = norm;
    good_at(t, PLACE_UP, t->pass[1].loss, norm);
}

static __device__ inline void tell_piece(struct cuda_tally *t, const struct cuda_result &r, double norm, double share)
{
    if (!good_at(t, PLACE_PIECE, r.loss, norm))
        return;
    t->pass[0].loss = __dadd_rn(t->pass[0].loss, __dmul_rn(share, r.loss));
    t->pass[0].correct += r.correct;
    t->norm = __dadd_rn(t->norm, __dmul_rn(share, norm));
}

static __device__ inline void tell_piece_up(struct cuda_tally *t, const struct cuda_result &r, double norm, double share)
{
    const double before = t->pass[1].loss;
    double loss;
    tell_climbed(t, r, norm, 1, &loss);
    if (t->bad == PLACE_NONE)
        t->pass[1].loss = __dadd_rn(before, __dmul_rn(share, loss));
}

static __device__ inline void tell_tally(const struct cuda_step &s, struct cuda_tally *t, enum cuda_telling what, double share)
{
    const double all = s.orders->share;
    switch (what) {
    case TELL_WHOLE:
        t->pass[0] = s.result[0];
        t->norm = number_root(s, NUMBER_G);
        good_at(t, PLACE_W, t->pass[0].loss, t->norm);
        break;
    case TELL_SHARE:
        tell_part(s, t, __dmul_rn(all, t->pass[0].loss), __dmul_rn(all, t->norm));
        break;
    case TELL_PART:
        tell_part(s, t, s.result[2].loss, number_root(s, NUMBER_LENGTH));
        break;
    case TELL_REST_LENGTH:
        if (!(s.progress->number[NUMBER_REST] > 0))
            s.second[1]->update_stats = 0;
        break;
    case TELL_REST:
        if (s.progress->number[NUMBER_REST] > 0)
            tell_climbed(t, s.result[3], number_root(s, NUMBER_UP), 1, &t->rest);
        break;
    case TELL_UP:
        if (t->reach > 0)
            tell_climbed(t, s.result[1], number_root(s, NUMBER_UP), s.one_share ? all : 1, &t->part);
        break;
    case TELL_SUM:
        tell_sum(t, number_root(s, NUMBER_UP));
        break;
    case TELL_PIECE:
        tell_piece(t, s.result[0], number_root(s, NUMBER_G), share);
        break;
    case TELL_PIECE_UP:
        tell_piece_up(t, s.result[1], number_root(s, NUMBER_UP), share);
        break;
    case TELL_PIECES:
        t->reach = t->norm;
        t->norm_up = s.ascent != ASCENT_NONE ? number_root(s, NUMBER_UP) : (double)NAN;
        break;
    }
}

static __global__ void __launch_bounds__(ONE_WARP) step_tell_kernel(const __grid_constant__ struct cuda_step s, enum cuda_telling what, double share)
{
    early_wait();
    early_let_go();
    if (threadIdx.x == 0 && s.progress->tally.bad == PLACE_NONE)
        tell_tally(s, &s.progress->tally, what, share);
}

/* --- its end --- */

static __device__ inline void record_gauges(const struct cuda_step &s, struct cuda_record *r)
{
    const double lengths = __dmul_rn(r->norm, r->norm_up);
    const bool told = s.gauges && r->bad == PLACE_NONE && (s.tallied ? s.progress->tally.climbed : s.ascent != ASCENT_NONE);
    r->norm_w = told ? number_root(s, NUMBER_W) : (double)NAN;
    r->cosine = told && !s.tallied && lengths > 0 ? s.progress->number[NUMBER_ACROSS] / lengths : (double)NAN;
}

static __device__ inline void copy_tally(const struct cuda_tally &t, struct cuda_record *r)
{
    r->pass[0] = t.pass[0];
    r->pass[1] = t.pass[1];
    r->norm = t.norm;
    r->reach = t.reach;
    r->norm_up = t.norm_up;
    r->bad_loss = t.bad_loss;
    r->bad_norm = t.bad_norm;
}

/* Nothing is told of what lies behind the bad place. */
static __device__ inline void tell_passes(const struct cuda_step &s, struct cuda_record *r)
{
    const bool up = s.ascent != ASCENT_NONE && (r->bad == PLACE_NONE || r->bad == PLACE_UP);
    r->pass[0] = s.result[0];
    r->pass[1].loss = r->norm_up = (double)NAN;
    r->norm = number_root(s, NUMBER_G);
    r->reach = s.ascent != ASCENT_NONE && r->bad != PLACE_W ? number_root(s, reach_number(s)) : (double)NAN;
    if (up) {
        r->pass[1] = s.result[1];
        r->norm_up = number_root(s, NUMBER_UP);
    }
    r->bad_loss = r->bad == PLACE_W ? r->pass[0].loss : r->pass[1].loss;
    r->bad_norm = r->bad == PLACE_W ? r->norm : r->bad == PLACE_REACH ? r->reach : r->norm_up;
}

static __device__ inline void write_record(const struct cuda_step &s, bool updated)
{
    struct cuda_record r = {};
    r.bad = bad_place(s);
    if (s.tallied)
        copy_tally(s.progress->tally, &r);
    else
        tell_passes(s, &r);
    record_gauges(s, &r);
    r.updated = updated;
    r.skipped = s.progress->skip;
    *s.orders->record = r;
}

/* Nobody reads `halted` here, so that one thread may write it while others decide by themselves. */
static __global__ void __launch_bounds__(THREADS) step_finish_kernel(const __grid_constant__ struct cuda_step s)
{
    early_wait();
    float *w = s.orders->vector[VECTOR_PARAMS], *momentum = s.orders->momentum, *stats = s.orders->stats;
    const float *g = s.orders->vector[s.along], *piece = s.orders->vector[VECTOR_PIECE];
    const float lr = s.orders->lr, factor = s.orders->momentum_factor, decay = s.orders->weight_decay;
    double *losses = s.orders->losses;
    const bool update = step_updates(s), beyond = s.rule == RULE_WSAM, nesterov = s.orders->nesterov;
    EACH(i, (size_t)s.n)
        losses[i] = s.value[i];
    if (update) {
        EACH(i, s.n_params) {
            descend_one(w + i, momentum + i, g[i], lr, factor, decay, nesterov);
            if (beyond)
                w[i] = added_one(w[i], -lr, piece[i]);
        }
    } else {
        EACH(i, s.n_stats)
            stats[i] = s.stats_before[i];
    }
    if (blockIdx.x > 0 || threadIdx.x > 0)
        return;
    if (!update)
        s.progress->halted = 1;
    write_record(s, update);
}

/* --- launchers --- */

extern "C" void cuda_step_begin(const struct cuda_step *s, cudaStream_t stream)
{
    LAUNCH(step_begin_kernel, s->n_stats ? blocks_of(s->n_stats) : 1, THREADS, stream, *s);
}

static void step_dot(const struct cuda_step *s, enum step_vector x, enum step_vector y, enum cuda_number number, bool adaptive, cudaStream_t stream)
{
    const unsigned blocks = dot_blocks(s->n_params);
    LAUNCH(step_norm_kernel, blocks, THREADS, stream, *s, x, y, adaptive);
    LAUNCH_EARLY(s->early, step_norm_end_kernel, 1, THREADS, stream, *s, number, adaptive, (int)blocks);
}

extern "C" void cuda_step_norm(const struct cuda_step *s, enum step_vector of, enum cuda_number number, cudaStream_t stream)
{
    step_dot(s, of, of, number, s->ascent == ASCENT_ADAPTIVE && number == NUMBER_G, stream);
}

extern "C" void cuda_step_dot(const struct cuda_step *s, enum step_vector x, enum step_vector y, enum cuda_number number, cudaStream_t stream)
{
    step_dot(s, x, y, number, false, stream);
}

extern "C" void cuda_step_perturb(const struct cuda_step *s, struct cuda_climb climb, cudaStream_t stream)
{
    LAUNCH_EARLY(s->early, step_perturb_kernel, blocks_of(s->n_params), THREADS, stream, *s, climb);
}

extern "C" void cuda_step_blend(const struct cuda_step *s, const struct cuda_blend *blend, cudaStream_t stream)
{
    LAUNCH_EARLY(s->early, step_blend_kernel, blocks_of(s->n_params), THREADS, stream, *s, *blend);
}

extern "C" void cuda_step_tell(const struct cuda_step *s, enum cuda_telling what, double share, cudaStream_t stream)
{
    LAUNCH_EARLY(s->early, step_tell_kernel, 1, ONE_WARP, stream, *s, what, share);
}

static void range_dots(const struct cuda_step *s, enum step_vector x, enum step_vector y, enum step_vector z, cudaStream_t stream)
{
    LAUNCH_EARLY(s->early, range_dots_kernel, (unsigned)s->range_blocks, THREADS, stream, *s, x, y, z);
    LAUNCH_EARLY(s->early, range_dots_end_kernel, (unsigned)s->n_ranges, THREADS, stream, *s);
}

extern "C" void cuda_step_keep_across(const struct cuda_step *s, cudaStream_t stream)
{
    range_dots(s, VECTOR_PIECE, VECTOR_GRAD, VECTOR_GRAD, stream);
    LAUNCH_EARLY(s->early, range_across_kernel, (unsigned)s->range_blocks, THREADS, stream, *s, true);
}

extern "C" void cuda_step_add_across(const struct cuda_step *s, cudaStream_t stream)
{
    range_dots(s, VECTOR_GRAD, VECTOR_GRAD, VECTOR_KEPT, stream);
    LAUNCH_EARLY(s->early, range_across_kernel, (unsigned)s->range_blocks, THREADS, stream, *s, false);
}

extern "C" void cuda_step_finish(const struct cuda_step *s, cudaStream_t stream)
{
    const size_t n = s->n_params > s->n_stats ? s->n_params : s->n_stats;
    LAUNCH_EARLY(s->early, step_finish_kernel, blocks_of(n), THREADS, stream, *s);
}
