#include "config.h"
#include "tests/ptx/watch.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Launches, blocks and warps; branches, barriers and shuffles; faults. */

const char *const ptx_fault_name[PTX_FAULTS] = { "bounds", "misaligned", "uninitialised", "barrier", "shared race",
                                                 "global race", "lanes", "arithmetic", "endless", "early" };
enum { MOST_STEPS_LOG2 = 32 }; /* instructions of a block's warps */

static long *fault_counts;
static char fault_text[512];

void ptx_count_faults(long *counts)
{
    fault_counts = counts;
    fault_text[0] = '\0';
}

const char *ptx_last_fault(void)
{
    return fault_text;
}

void fault(struct warp *w, const struct insn *i, int lane, enum ptx_fault what, const char *format, ...)
{
    const struct block *b = w->block;
    char detail[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    snprintf(fault_text, sizeof fault_text, "ptx: %s: %s (%s, %s:%d, block %u %u %u, thread %u)", ptx_fault_name[what], detail,
             b->kernel->name, b->kernel->file, i->line, b->at.x, b->at.y, b->at.z, w->index * LANES + (unsigned)(lane < 0 ? 0 : lane));
    if (fault_counts) {
        fault_counts[what]++;
        return;
    }
    fprintf(stderr, "%s\n", fault_text);
    abort();
}

/* --- lanes that part and meet --- */

void warp_set_mask(struct warp *w, uint32_t mask)
{
    w->mask = mask;
    for (int l = 0; l < LANES; l++)
        w->lane[l] = -(mask >> l & 1);
}

/* Goes on with the part on top; a part whose lanes have all returned is left out. */
static void take_part(struct warp *w)
{
    while (w->depth >= 0 && (w->part[w->depth].mask & w->alive) == 0)
        w->depth--;
    if (w->depth < 0) {
        w->state = WARP_DONE;
        return;
    }
    w->pc = w->part[w->depth].pc;
    warp_set_mask(w, w->part[w->depth].mask & w->alive);
}

static void push_part(struct warp *w, const struct insn *i, struct part part)
{
    if (part.pc == part.join || part.mask == 0)
        return;
    if (w->depth + 1 == PARTS) {
        fault(w, i, -1, PTX_ENDLESS, "branches inside each other, more than %d", PARTS);
        abort();
    }
    w->part[++w->depth] = part;
}

void run_branch(struct warp *w, const struct insn *i)
{
    uint32_t taken = w->mask;
    if (i->guard != NO_GUARD)
        taken &= i->guard_not ? ~*REG32(w, i->guard) : *REG32(w, i->guard);
    if (taken == w->mask)
        w->pc = i->target;
    if (taken == w->mask || taken == 0)
        return;
    const struct part other = { w->mask & ~taken, w->pc, i->join }, jump = { taken, i->target, i->join };
    struct part *here = &w->part[w->depth];
    if (i->join != JOIN_NONE && here->join == i->join) /* its lanes are waited for there already */
        w->depth--;
    else if (i->join != JOIN_NONE)
        here->pc = i->join;
    else
        w->depth--;
    push_part(w, i, other);
    push_part(w, i, jump);
    take_part(w);
}

/* Those that were to meet here are here. */
void run_meeting(struct warp *w, const struct insn *i)
{
    const int32_t here = w->pc - 1;
    (void)i;
    if (w->part[w->depth].join != here)
        return;
    w->depth--;
    take_part(w);
}

void run_return(struct warp *w, const struct insn *i)
{
    uint32_t leaving = w->mask;
    if (i->guard != NO_GUARD)
        leaving &= i->guard_not ? ~*REG32(w, i->guard) : *REG32(w, i->guard);
    if (leaving & w->early)
        fault(w, i, __builtin_ctz(leaving & w->early), PTX_EARLY, "a return without griddepcontrol.wait");
    w->alive &= ~leaving;
    if (leaving == w->mask) {
        w->depth--;
        take_part(w);
    } else
        warp_set_mask(w, w->mask & ~leaving);
}

void run_barrier(struct warp *w, const struct insn *i)
{
    if (w->mask != w->alive)
        fault(w, i, __builtin_ctz(w->mask), PTX_BARRIER, "a barrier that %d of a warp's %d threads reach", __builtin_popcount(w->mask),
              __builtin_popcount(w->alive));
    w->state = WARP_AT_BARRIER;
}

/* d, a, b, c, members: lane l gets what lane l ^ b offers, where that lies in its segment (c); `inside`: a bit where it does. */
static uint32_t shuffle(struct warp *w, const struct insn *i, const uint32_t *o, uint32_t *d)
{
    const uint32_t *a = REG32(w, o[0]), *b = REG32(w, o[1]), *c = REG32(w, o[2]), *members = REG32(w, o[3]);
    uint32_t got[LANES], inside = 0;
    for (uint32_t l = 0; l < LANES; l++) {
        const uint32_t keep = c[l] >> 8 & 31, last = (l & keep) | (c[l] & 31 & ~keep), from = (l ^ b[l]) & 31;
        if (!w->lane[l])
            continue;
        if ((members[l] & w->mask) != members[l] || !(members[l] >> l & 1))
            fault(w, i, (int)l, PTX_LANES, "a shuffle of lanes %08x where %08x are active", members[l], w->mask);
        if (from <= last && !(members[l] & w->mask & UINT32_C(1) << from))
            fault(w, i, (int)l, PTX_LANES, "a shuffle with lane %u, which takes no part", from);
        inside |= (from <= last ? UINT32_C(1) : 0) << l;
        got[l] = from <= last ? a[from] : a[l];
    }
    for (int l = 0; l < LANES; l++)
        if (w->lane[l])
            d[l] = got[l];
    return inside;
}

void run_shuffle(struct warp *w, const struct insn *i)
{
    shuffle(w, i, i->o + 1, REG32(w, i->o[0]));
}

static void run_shuffle_told(struct warp *w, const struct insn *i)
{
    uint32_t *p = REG32(w, i->o[1]);
    *p = shuffle(w, i, i->o + 2, REG32(w, i->o[0])) | (*p & ~w->mask);
}

const struct spelling spellings_control[] = {
    { "bra", "l", run_branch, NULL, CLASS_CONTROL },
    { "bra.uni", "l", run_branch, NULL, CLASS_CONTROL },
    { "ret", "", run_return, NULL, CLASS_CONTROL },
    { "exit", "", run_return, NULL, CLASS_CONTROL },
    { "bar.sync", "0", run_barrier, NULL, CLASS_BARRIER },
    { "barrier.sync", "0", run_barrier, NULL, CLASS_BARRIER },
    { "membar.gl", "", run_fence, NULL, CLASS_BARRIER },
    { "fence.acq_rel.gpu", "", run_fence, NULL, CLASS_BARRIER },
    { "fence.sc.gpu", "", run_fence, NULL, CLASS_BARRIER },
    { "griddepcontrol.wait", "", run_early_wait, NULL, CLASS_BARRIER },
    { "griddepcontrol.launch_dependents", "", run_let_go, NULL, CLASS_BARRIER },
    { "shfl.sync.bfly.b32", "w=WWWW", run_shuffle, NULL, CLASS_SHUFFLE },
    { "shfl.sync.bfly.b32", "w|p=WWWW", run_shuffle_told, NULL, CLASS_SHUFFLE },
    { "atom.global.inc.u32", "w=mW", run_atom_inc, NULL, CLASS_MEMORY },
    { "ldmatrix.sync.aligned.m8n8.x4.shared.b16", "{wwww}=m", run_matrix_load, NULL, CLASS_MEMORY },
    { "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16", "{wwww}=m", run_matrix_load_turned, NULL, CLASS_MEMORY },
    { NULL, NULL, NULL, NULL, 0 },
};

/* --- a warp until it waits or is done --- */

static void count(struct warp *w, const uint64_t by_class[CLASSES], uint64_t lanes)
{
    struct ptx_counts *c = &w->block->kernel->counts;
    uint64_t steps = 0;
    for (int k = 0; k < CLASS_MEETING; k++)
        steps += by_class[k];
    w->steps += steps;
    if (w->steps > w->block->longest)
        w->block->longest = w->steps;
    c->instructions += steps;
    c->lanes += lanes;
    c->integer += by_class[CLASS_INTEGER];
    c->fp32 += by_class[CLASS_FP32];
    c->fp64 += by_class[CLASS_FP64];
    c->tensor += by_class[CLASS_TENSOR];
    c->control += by_class[CLASS_CONTROL];
    c->shuffles += by_class[CLASS_SHUFFLE];
    c->barriers += by_class[CLASS_BARRIER];
}

/* An instruction with a guard is done by the lanes that have it. */
static void run_guarded(struct warp *w, const struct insn *i)
{
    const uint32_t mask = w->mask, has = i->guard_not ? ~*REG32(w, i->guard) : *REG32(w, i->guard);
    if ((mask & has) == 0)
        return;
    warp_set_mask(w, mask & has);
    i->run(w, i);
    warp_set_mask(w, mask);
}

static void run_warp(struct warp *w)
{
    const struct insn *code = w->block->kernel->code;
    uint64_t steps = 0, lanes = 0, by_class[CLASSES] = { 0 };
    while (w->state == WARP_READY && !w->block->failed) {
        const struct insn *i = &code[w->pc++];
        by_class[i->class]++;
        lanes += w->mask == UINT32_MAX ? LANES : (unsigned)__builtin_popcount(w->mask);
        if (i->guard != NO_GUARD && i->class != CLASS_CONTROL)
            run_guarded(w, i);
        else
            i->run(w, i);
        if (++steps >> MOST_STEPS_LOG2) {
            fault(w, i, -1, PTX_ENDLESS, "more than 2^%d instructions without a barrier", MOST_STEPS_LOG2);
            w->block->failed = true;
        }
    }
    count(w, by_class, lanes);
}

/* --- a block --- */

static void begin_warp(struct warp *w, struct block *b, unsigned index)
{
    const unsigned left = b->n_threads - index * LANES;
    w->alive = left >= LANES ? UINT32_MAX : (1u << left) - 1;
    w->early = b->behind ? w->alive : 0;
    w->block = b;
    w->index = index;
    w->state = WARP_READY;
    w->steps = 0;
    w->depth = 0;
    w->pc = 0;
    w->part[0] = (struct part){ w->alive, 0, JOIN_NONE };
    w->fences = w->fences_before = 0;
    w->last_fence = 0;
    warp_set_mask(w, w->alive);
}

static uint32_t special_value(const struct block *b, enum special what, unsigned thread)
{
    switch (what) {
    case SPECIAL_TID_X:
        return thread % b->size.x;
    case SPECIAL_TID_Y:
        return thread / b->size.x % b->size.y;
    case SPECIAL_TID_Z:
        return thread / b->size.x / b->size.y;
    case SPECIAL_NTID_X:
        return b->size.x;
    case SPECIAL_NTID_Y:
        return b->size.y;
    case SPECIAL_NTID_Z:
        return b->size.z;
    case SPECIAL_CTAID_X:
        return b->at.x;
    case SPECIAL_CTAID_Y:
        return b->at.y;
    case SPECIAL_CTAID_Z:
        return b->at.z;
    case SPECIAL_NCTAID_X:
        return b->grid.x;
    case SPECIAL_NCTAID_Y:
        return b->grid.y;
    case SPECIAL_NCTAID_Z:
        return b->grid.z;
    default:
        return thread % LANES;
    }
}

/* Special registers and constants; those of the block's place for each block, the others once a launch. */
static void preset(struct warp *w, bool first)
{
    const struct ptx_kernel *k = w->block->kernel;
    for (int n = 0; n < k->n_presets; n++) {
        const struct preset *p = &k->presets[n];
        const bool of_block = p->what >= SPECIAL_CTAID_X && p->what <= SPECIAL_CTAID_Z;
        if (!first && !of_block)
            continue;
        if (p->width == 0) {
            *REG32(w, p->place) = (uint32_t)p->value;
            continue;
        }
        for (unsigned l = 0; l < LANES; l++) {
            const uint64_t value = p->what == SPECIAL_CONSTANT ? p->value : special_value(w->block, p->what, w->index * LANES + l);
            if (p->width == 8)
                REG64(w, p->place)[l] = value;
            else
                REG32(w, p->place)[l] = (uint32_t)value;
        }
    }
}

/* Nobody can go on: that is right if all wait at the barrier. */
static void pass_barrier(struct block *b)
{
    int waiting = 0;
    struct warp *at = NULL;
    for (int n = 0; n < b->n_warps; n++)
        if (b->warp[n].state == WARP_AT_BARRIER) {
            waiting++;
            at = &b->warp[n];
        }
    if (waiting != b->n_warps)
        fault(at, &b->kernel->code[at->pc - 1], -1, PTX_BARRIER, "a barrier that %d of the block's %d warps reach", waiting, b->n_warps);
    for (int n = 0; n < b->n_warps; n++)
        if (b->warp[n].state == WARP_AT_BARRIER)
            b->warp[n].state = WARP_READY;
    b->phase++;
}

static void run_block(struct block *b, bool first, bool reverse)
{
    for (int n = 0; n < b->n_warps; n++) {
        begin_warp(&b->warp[n], b, (unsigned)n);
        preset(&b->warp[n], first);
    }
    memset(b->shared, 0xff, b->kernel->shared_bytes);
    memset(b->shared_words, 0, (b->kernel->shared_bytes / 4 + 1) * sizeof *b->shared_words);
    b->begun = b->phase;
    b->failed = false;
    b->kernel->counts.blocks++;
    for (bool waiting = true; waiting && !b->failed;) {
        for (int n = 0; n < b->n_warps; n++)
            run_warp(&b->warp[reverse ? b->n_warps - 1 - n : n]);
        waiting = false;
        for (int n = 0; n < b->n_warps; n++)
            waiting |= b->warp[n].state == WARP_AT_BARRIER;
        if (waiting)
            pass_barrier(b);
    }
    b->phase++;
}

/* --- a launch --- */

static bool accept(const struct ptx_kernel *k, const struct ptx_launch *l, struct err *err)
{
    const size_t threads = (size_t)l->block.x * l->block.y * l->block.z;
    if (threads < 1 || threads > MOST_THREADS || (k->max_threads && threads > k->max_threads))
        return err_set(err, ERR_RANGE, "%s: blocks of %zu threads", k->name, threads) == 0;
    if (l->n_arguments != k->n_params)
        return err_set(err, ERR_USAGE, "%s: %d arguments instead of %d", k->name, l->n_arguments, k->n_params) == 0;
    for (int n = 0; n < k->n_params; n++)
        if (l->arguments[n].bytes != k->params[n].bytes)
            return err_set(err, ERR_USAGE, "%s: argument %d has %zu bytes instead of %zu", k->name, n, l->arguments[n].bytes,
                           k->params[n].bytes) == 0;
    return true;
}

static char *pages(size_t bytes)
{
    void *p = NULL;
    if (posix_memalign(&p, 256, bytes + 256) != 0)
        abort();
    memset(p, 0, bytes + 256);
    return p;
}

static void run_grid(struct block *b, const struct ptx_launch *l)
{
    const size_t n = (size_t)l->grid.x * l->grid.y * l->grid.z;
    b->launch_begun = b->phase;
    b->releases = calloc(n, sizeof *b->releases);
    if (!b->releases)
        abort();
    for (size_t i = 0; i < n; i++) {
        const size_t at = l->reverse ? n - 1 - i : i;
        b->at = (struct ptx_size){ (unsigned)(at % l->grid.x), (unsigned)(at / l->grid.x % l->grid.y), (unsigned)(at / l->grid.x / l->grid.y) };
        b->releases[i].begun = b->phase;
        b->n_releases = i + 1;
        run_block(b, i == 0, l->reverse);
    }
    free(b->releases);
}

static struct ptx_phases last_launch;

struct ptx_phases ptx_last_launch(void)
{
    return last_launch;
}

bool ptx_run(struct ptx_kernel *k, const struct ptx_launch *launch, struct err *err)
{
    static uint64_t phase = 1;
    static struct block block; /* large */
    struct block *b = &block;
    if (!accept(k, launch, err))
        return false;
    b->kernel = k;
    b->n_threads = launch->block.x * launch->block.y * launch->block.z;
    b->n_warps = (int)(b->n_threads + LANES - 1) / LANES;
    b->size = launch->block;
    b->grid = launch->grid;
    b->phase = phase;
    b->behind = launch->behind;
    char *params = pages(k->param_bytes), *files = pages(k->file_bytes * (size_t)b->n_warps);
    b->shared = pages(k->shared_bytes);
    b->shared_words = (struct word *)(void *)pages((k->shared_bytes / 4 + 1) * sizeof *b->shared_words);
    for (int n = 0; n < k->n_params; n++)
        memcpy(params + k->params[n].offset, launch->arguments[n].at, k->params[n].bytes);
    b->params = params;
    for (int n = 0; n < b->n_warps; n++)
        b->warp[n].file = files + k->file_bytes * (size_t)n;
    k->counts.launches++;
    b->longest = 0;
    run_grid(b, launch);
    k->counts.longest += b->longest;
    last_launch = (struct ptx_phases){ b->launch_begun, b->phase };
    phase = b->phase;
    free(params);
    free(files);
    free(b->shared);
    free(b->shared_words);
    return true;
}
