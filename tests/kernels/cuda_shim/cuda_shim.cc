#include "config.h"
#include "cuda_shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "compiled.h"
#include "early.h"
#include "fibre.h"

static int set_to(const char *name, int otherwise)
{
    const char *n = getenv(name);
    return n ? atoi(n) : otherwise;
}

int shim_devices = set_to("SHIM_DEVICES", 1), shim_old_devices = set_to("SHIM_OLD_DEVICES", 0), shim_driver = 13000, shim_runtime = 13000, shim_major = 9, shim_code = 90;
bool shim_reverse;
long shim_calls, shim_fail_at = set_to("SHIM_FAIL_AT", 0), shim_launches, shim_early, shim_waits, shim_alive;
cudaError_t shim_fail_with = cudaErrorUnknown;

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

static thread_local cudaError_t last_error;
static thread_local int current; /* device of this thread */

[[noreturn]] static void stop(const char *what)
{
    fprintf(stderr, "cuda shim: %s (block %u %u %u)\n", what, blockIdx.x, blockIdx.y, blockIdx.z);
    abort();
}

/* A thing of another device than this thread's current one. */
static void mine(int device, const char *what)
{
    if (device == current)
        return;
    fprintf(stderr, "cuda shim: %s of device %d while device %d is current\n", what, device, current);
    abort();
}

static cudaError_t failed(cudaError_t status)
{
    last_error = status;
    return status;
}

/* For whoever wants to know which calls of a program could fail: how many there were. */
static struct last_words {
    ~last_words()
    {
        const char *name = getenv("SHIM_CALLS");
        FILE *out = name ? fopen(name, "w") : NULL;
        if (out) {
            fprintf(out, "%ld\n", shim_calls);
            fclose(out);
        }
    }
} last_words;

/* The next call's fate: the tests make each one fail in turn. A device that is lost stays so, until nobody has a stream. */
static int lost = -1;
static cudaError_t fate()
{
    return ++shim_calls == shim_fail_at ? failed(shim_fail_with) : lost == current ? failed(cudaErrorUnknown) : cudaSuccess;
}

void shim_guard(void *address, size_t bytes)
{
    compiled_memory_guard(address, bytes);
#ifdef FIBRE_ASAN
    ASAN_POISON_MEMORY_REGION(address, bytes);
#else
    (void)address;
    (void)bytes;
#endif
}

/* --- one block: its threads are fibres that change places at barriers and shuffles --- */

enum { MAX_THREADS = 1024, WARP = 32 };
enum state { IDLE, WORKING, AT_BARRIER, AT_MEETING, AT_EARLY_WAIT };
typedef void (*meeting)(void *const (&lanes)[WARP]); /* what the lanes of a warp do together; one pointer from each */

struct worker { /* a fibre, and the thread it runs */
    struct fibre fibre;
    bool made;
    enum state state;
    bool waited;    /* it has called early_wait() */
    unsigned index; /* of the thread in the block */
    uint3 thread;   /* the same as the kernel sees it */
};

struct warp { /* its lanes that wait at a meeting */
    unsigned present;
    meeting what;
    void *brings[WARP];
    struct worker *who[WARP];
};

static struct worker workers[MAX_THREADS], *now;
static struct warp warps[MAX_THREADS / WARP];
static unsigned n_workers, n_threads, n_begun, n_finished;              /* of the block at work */
static const shim_work *kernel;                                         /* the same */
static bool is_early;                                                   /* and whether it was launched early */

static uint3 places[MAX_THREADS]; /* of the threads in the block */
static unsigned scan;             /* which worker is looked at next, */
static bool any;                  /* and whether one of this round could go on */

static void set_places(void)
{
    unsigned i = 0;
    for (unsigned z = 0; z < blockDim.z; z++)
        for (unsigned y = 0; y < blockDim.y; y++)
            for (unsigned x = 0; x < blockDim.x; x++)
                places[i++] = { x, y, z };
}

static void release(void);

/* Whose turn it is: first all threads begin, then those that can go on do so in turn. NULL: the block is done. */
static struct worker *next_worker(void)
{
    if (n_begun < n_threads)
        return &workers[n_workers++];
    while (n_finished < n_threads) {
        while (scan < n_workers) {
            struct worker *w = &workers[shim_reverse ? n_workers - 1 - scan : scan];
            scan++;
            if (w->state == WORKING) {
                any = true;
                return w;
            }
        }
        if (!any)
            release();
        scan = 0;
        any = false;
    }
    return NULL;
}

static void worker_main(void);

/* The stacks of a block's threads do not fit into the processor's nearest cache: the one that is needed next is fetched meanwhile. */
static inline void fetch_next(void)
{
#if defined(__x86_64__)
    if (scan >= n_workers)
        return;
    const char *top = (const char *)workers[shim_reverse ? n_workers - 1 - scan : scan].fibre.place;
    for (int line = 0; line < 4; line++)
        __builtin_prefetch(top + line * 64);
#endif
}

static void give_turn(struct worker *w)
{
    fetch_next();
    now = w;
    if (!w->made)
        fibre_make(&w->fibre, worker_main);
    w->made = true;
    if (w->state != IDLE)
        threadIdx = w->thread;
}

/* Hands the turn over from worker to worker without a detour. */
static void wait_at(enum state state)
{
    struct worker *me = now;
    me->state = state;
    struct worker *w = next_worker();
    give_turn(w);
    if (w != me)
        fibre_pass(&me->fibre, &w->fibre);
}

/* Runs thread after thread until one has to wait, which then keeps this fibre: kernels without barriers need only one. */
static void worker_main(void)
{
    fibre_begun(&now->fibre);
    for (;;) {
        struct worker *me = now;
        while (n_begun < n_threads) {
            me->index = shim_reverse ? n_threads - 1 - n_begun : n_begun;
            me->state = WORKING;
            n_begun++;
            me->waited = false;
            threadIdx = me->thread = places[me->index];
            kernel->call(kernel->argument);
            if (is_early && !me->waited)
                stop("a thread of a kernel launched early that returns without having waited");
            n_finished++;
        }
        me->state = IDLE;
        struct worker *w = next_worker();
        if (!w) {
            fibre_leave(&me->fibre);
            continue;
        }
        give_turn(w);
        fibre_pass(&me->fibre, &w->fibre);
    }
}

void __syncthreads()
{
    wait_at(AT_BARRIER);
}

void early_wait()
{
    now->waited = true;
    if (early_hidden())
        wait_at(AT_EARLY_WAIT);
}

void early_let_go()
{
    if (is_early && !now->waited)
        stop("a kernel launched early lets the next one go before it has waited");
}

/* All lanes of a warp come to the same meeting; the last one holds it, and they go on. */
static void meet(meeting what, void *brings)
{
    struct worker *me = now;
    struct warp *w = &warps[me->index / WARP];
    if (w->present > 0 && w->what != what)
        stop("threads of a warp at different shuffles or products");
    w->what = what;
    w->brings[me->index % WARP] = brings;
    w->who[me->index % WARP] = me;
    if (++w->present < WARP) {
        wait_at(AT_MEETING);
        return;
    }
    w->present = 0;
    what(w->brings);
    for (struct worker *lane : w->who)
        lane->state = WORKING;
}

template <typename T>
struct shuffle {
    T offered, received;
    int mask;
};

template <typename T>
static void do_shuffle(void *const (&lanes)[WARP])
{
    for (unsigned i = 0; i < WARP; i++) {
        shuffle<T> *mine = (shuffle<T> *)lanes[i];
        mine->received = ((shuffle<T> *)lanes[i ^ (unsigned)mine->mask])->offered;
    }
}

template <typename T>
static T shuffle_xor(unsigned lanes, T v, int mask)
{
    shuffle<T> s = { v, v, mask };
    if (lanes != 0xffffffffu)
        stop("a shuffle of part of a warp");
    meet(do_shuffle<T>, &s);
    return s.received;
}

float __shfl_xor_sync(unsigned lanes, float v, int mask)
{
    return shuffle_xor(lanes, v, mask);
}

double __shfl_xor_sync(unsigned lanes, double v, int mask)
{
    return shuffle_xor(lanes, v, mask);
}

/* --- tensor cores --- */

static uint32_t to_bf16(float x)
{
    const uint32_t bits = __float_as_uint(x);
    if (x != x)
        return 0x7fff;
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

uint32_t tensor_pack(float low, float high)
{
    return to_bf16(low) | to_bf16(high) << 16;
}

float tensor_round(float x)
{
    const uint32_t bits = __float_as_uint(x);
    return (bits & 0x7f800000) == 0x7f800000 ? x : __uint_as_float((bits + 0x1000) & ~(uint32_t)0x1fff);
}

struct row_load {
    const void *row;
    uint32_t to[4];
};

static void do_load(void *const (&lanes)[WARP])
{
    for (unsigned lane = 0; lane < WARP; lane++)
        for (unsigned m = 0; m < 4; m++) {
            const row_load *owner = (const row_load *)lanes[m * 8 + lane / 4];
            memcpy(&((row_load *)lanes[lane])->to[m], (const char *)owner->row + lane % 4 * 4, 4);
        }
}

static void do_load_turned(void *const (&lanes)[WARP])
{
    for (unsigned lane = 0; lane < WARP; lane++)
        for (unsigned m = 0; m < 4; m++) {
            uint16_t pair[2];
            for (unsigned i = 0; i < 2; i++) {
                const row_load *owner = (const row_load *)lanes[m * 8 + lane % 4 * 2 + i];
                memcpy(&pair[i], (const char *)owner->row + lane / 4 * 2, 2);
            }
            ((row_load *)lanes[lane])->to[m] = pair[0] | (uint32_t)pair[1] << 16;
        }
}

static void load_rows(meeting how, uint32_t (&to)[4], const void *row)
{
    row_load r = { row, { 0 } };
    if ((uintptr_t)row % 16)
        stop("a row of a tensor load that does not begin at 16 bytes");
    meet(how, &r);
    memcpy(to, r.to, sizeof r.to);
}

void tensor_load(uint32_t (&to)[4], const void *row)
{
    load_rows(do_load, to, row);
}

void tensor_load_turned(uint32_t (&to)[4], const void *row)
{
    load_rows(do_load_turned, to, row);
}

struct product {
    float *sum;
    const uint32_t *a;
    uint32_t b[2];
};

/* Number i of a lane's 32 bits: bf16 twice, or one tf32. */
static float number(uint32_t word, int i, bool bf16)
{
    if (!bf16 && (word & 0x1fff) && (word & 0x7f800000) != 0x7f800000)
        stop("a number multiplied as tf32 that was not rounded to it");
    return __uint_as_float(!bf16 ? word : i ? word & 0xffff0000u : word << 16);
}

/* A row of four columns at a time, each sum in the order of k. */
template <bool BF16>
static void do_multiply(void *const (&lanes)[WARP])
{
    typedef float four __attribute__((vector_size(16), may_alias));
    enum { EACH = BF16 ? 2 : 1, DEPTH = 8 * EACH };
    alignas(16) static float a[16][DEPTH], b[DEPTH][8], sum[16][8];
    for (int lane = 0; lane < WARP; lane++) {
        const product *p = (const product *)lanes[lane];
        const int g = lane / 4, t = lane % 4;
#pragma GCC unroll 2
        for (int i = 0; i < EACH; i++) {
#pragma GCC unroll 4
            for (int part = 0; part < 4; part++)
                a[g + part % 2 * 8][part / 2 * 4 * EACH + t * EACH + i] = number(p->a[part], i, BF16);
#pragma GCC unroll 2
            for (int part = 0; part < 2; part++)
                b[part * 4 * EACH + t * EACH + i][g] = number(p->b[part], i, BF16);
        }
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++)
            sum[g + i / 2 * 8][t * 2 + i % 2] = p->sum[i];
    }
    for (int row = 0; row < 16; row++) {
        four *s = (four *)sum[row], left = s[0], right = s[1];
#pragma GCC unroll 16
        for (int k = 0; k < DEPTH; k++) {
            left += a[row][k] * ((const four *)b[k])[0];
            right += a[row][k] * ((const four *)b[k])[1];
        }
        s[0] = left;
        s[1] = right;
    }
    for (int lane = 0; lane < WARP; lane++)
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++)
            ((const product *)lanes[lane])->sum[i] = sum[lane / 4 + i / 2 * 8][lane % 4 * 2 + i % 2];
}

void tensor_multiply_bf16(float (&sum)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1)
{
    product p = { sum, a, { b0, b1 } };
    meet(do_multiply<true>, &p);
}

void tensor_multiply_tf32(float (&sum)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1)
{
    product p = { sum, a, { b0, b1 } };
    meet(do_multiply<false>, &p);
}

/* The kernel before is done; those that wait for something else wait on. */
static bool released_early(void)
{
    bool any_waits = false;
    for (unsigned i = 0; i < n_workers; i++)
        if (workers[i].state == AT_EARLY_WAIT) {
            workers[i].state = WORKING;
            any_waits = true;
        }
    if (any_waits)
        early_show();
    return any_waits;
}

/* Nobody can go on: that is right if all wait at the barrier. */
static void release(void)
{
    if (released_early())
        return;
    for (unsigned i = 0; i < n_workers; i++)
        if (workers[i].state == AT_MEETING)
            stop("a shuffle or product that not all threads of a warp reach");
    if (n_finished > 0)
        stop("a barrier that not all threads of the block reach");
    for (unsigned i = 0; i < n_workers; i++)
        workers[i].state = WORKING;
}

static void run_block()
{
    n_begun = n_finished = n_workers = scan = 0;
    any = false;
    for (struct warp &w : warps)
        w.present = 0;
    struct worker *first = next_worker();
    give_turn(first);
    fibre_enter(&first->fibre);
}

/* before: the kernel that this one is early behind, or NULL. */
static void run_sources(dim3 grid, dim3 block, const shim_work &work, const early_trace *before)
{
    const unsigned n = grid.x * grid.y * grid.z;
    gridDim = grid;
    blockDim = block;
    n_threads = block.x * block.y * block.z;
    set_places();
    kernel = &work;
    is_early = before != NULL;
    for (unsigned i = 0; i < n; i++) {
        const unsigned b = shim_reverse ? n - 1 - i : i;
        blockIdx = { b % grid.x, b / grid.x % grid.y, b / grid.x / grid.y };
        if (before && i == 0)
            early_hide(*before);
        run_block();
    }
}

static void run_grid(dim3 grid, dim3 block, const shim_work &work, early_trace &mine, const early_trace *before)
{
    const struct ptx_phases *phases = before ? &before->phases : NULL;
    shim_launches++;
    shim_early += before != NULL;
    if (compiled_mode() == COMPILED_ONLY)
        mine.phases = compiled_run(grid, block, work, shim_reverse, phases);
    else if (compiled_mode() == COMPILED_BOTH)
        mine.phases = compiled_compare(grid, block, work, shim_reverse, phases, [&] { run_sources(grid, block, work, NULL); });
    else if (early_due(mine))
        early_watch(mine, [&] { run_sources(grid, block, work, before); });
    else {
        run_sources(grid, block, work, before);
        early_forget();
    }
    compiled_count(work, compiled_mode());
}

/* --- streams: lists of things to do; graphs: things to do and what must come before each --- */

struct shim_node {
    std::function<void()> what;
    std::vector<size_t> after; /* indices of earlier nodes */
    std::shared_ptr<early_trace> trace; /* of a kernel */
};
struct shim_graph {
    std::vector<shim_node> nodes;
    int device;
};
struct shim_stream {
    int device;
    std::deque<std::function<void()>> todo;
    shim_graph *capture;
    std::vector<size_t> last; /* of the capture: what the next node must wait for */
};
struct shim_event {
    int device;
    shim_graph *capture; /* recorded in this one, after these nodes */
    std::vector<size_t> nodes;
    shim_stream *stream; /* recorded there; NULL: never */
    std::shared_ptr<bool> done;
};

static std::vector<shim_stream *> streams;
static std::map<int, std::deque<std::function<void()>>> legacy; /* by device: what its legacy stream has still to do */

/* Memory of the devices, by its last byte. While one of several devices works, that of the others is closed. */
struct allocation {
    char *base;
    size_t bytes, mapped; /* mapped: 0 on the heap */
    int device;           /* HOST: pinned */
};
enum { HOST = -1 };
static std::map<char *, allocation> allocations;
static int working; /* the device whose memory is open */

static void work(int device)
{
    if (device == working)
        return;
    working = device;
    early_device(device);
    for (const auto &a : allocations)
        if (a.second.mapped)
            mprotect(a.second.base, a.second.mapped, a.second.device == device ? PROT_READ | PROT_WRITE : PROT_NONE);
}

/* The allocation that p lies in; NULL: in none, as pageable memory does. */
static const allocation *reserved(const void *p)
{
    const auto a = allocations.lower_bound((char *)(uintptr_t)p);
    return a != allocations.end() && a->second.base <= p ? &a->second : NULL;
}

/* Device memory at p belongs to the current device; other memory to anybody. */
static void mine_at(const void *p, const char *what)
{
    const allocation *a = reserved(p);
    if (a && a->device != HOST)
        mine(a->device, what);
}

static void drain(shim_stream *s)
{
    while (!s->todo.empty()) {
        work(s->device);
        std::function<void()> what = s->todo.front();
        s->todo.pop_front();
        what();
    }
}

static void drain_legacy(void)
{
    std::deque<std::function<void()>> todo;
    todo.swap(legacy[current]);
    work(current);
    for (const auto &what : todo)
        what();
}

static void drain_until(shim_stream *s, const bool *done)
{
    while (!*done && !s->todo.empty()) {
        work(s->device);
        std::function<void()> what = s->todo.front();
        s->todo.pop_front();
        what();
    }
}

/* Calls that wait for the device may not happen while a stream is captured. */
static cudaError_t drain_all()
{
    for (shim_stream *s : streams) {
        if (s->device != current)
            continue;
        if (s->capture)
            return failed(cudaErrorStreamCaptureInvalidated);
        drain(s);
    }
    return cudaSuccess;
}

/* A device that fails while somebody waits for it does nothing later, and says so to everybody. */
static cudaError_t die(cudaError_t status)
{
    for (shim_stream *s : streams)
        if (s->device == current)
            s->todo.clear();
    if (status == cudaErrorUnknown)
        lost = current;
    return status;
}

static void add(shim_stream *s, std::function<void()> what, std::shared_ptr<early_trace> trace = nullptr)
{
    if (!s->capture) {
        s->todo.push_back(what);
        return;
    }
    s->capture->nodes.push_back({ what, s->last, trace });
    s->last = { s->capture->nodes.size() - 1 };
}

/* Any order that the edges allow is right: first come first served, or (shim_reverse) the last that may run. */
static void run_graph(const shim_graph *g)
{
    const size_t n = g->nodes.size();
    std::vector<std::vector<size_t>> next(n);
    std::vector<size_t> waits(n);
    std::set<size_t> ready;
    for (size_t i = 0; i < n; i++) {
        waits[i] = g->nodes[i].after.size();
        for (size_t before : g->nodes[i].after)
            next[before].push_back(i);
        if (waits[i] == 0)
            ready.insert(i);
    }
    early_forget();
    while (!ready.empty()) {
        const size_t i = shim_reverse ? *ready.rbegin() : *ready.begin();
        ready.erase(i);
        g->nodes[i].what();
        if (!g->nodes[i].trace)
            early_forget();
        for (size_t k : next[i])
            if (--waits[k] == 0)
                ready.insert(k);
    }
}

/* A launch that stays: its arguments are copies. */
struct kept_work {
    shim_work work;
    std::vector<const void *> argument;
    std::vector<std::unique_ptr<char[]>> copies;

    explicit kept_work(const shim_work &w) : work(w)
    {
        for (int i = 0; i < w.n_arguments; i++) {
            copies.emplace_back(new char[w.bytes[i]]);
            argument.push_back(memcpy(copies.back().get(), w.argument[i], w.bytes[i]));
        }
        work.argument = argument.data();
    }
};

/* What a kernel launched early into the stream has before it. */
static std::shared_ptr<early_trace> early_behind(const shim_stream *stream)
{
    const shim_graph *g = stream->capture;
    std::shared_ptr<early_trace> before = g && stream->last.size() == 1 ? g->nodes[stream->last[0]].trace : nullptr;
    if (!before)
        stop("an early launch outside a graph, or behind anything but one kernel");
    before->watched = true;
    return before;
}

void shim_launch(bool early, dim3 grid, dim3 block, cudaStream_t stream, const shim_work &work)
{
    const unsigned size = block.x * block.y * block.z;
    mine(stream->device, "a launch into a stream");
    if (fate() != cudaSuccess)
        return;
    if (size < 1 || size > MAX_THREADS || grid.x < 1 || grid.y < 1 || grid.z < 1 || grid.y > 65535 || grid.z > 65535)
        failed(cudaErrorInvalidValue);
    else {
        const auto mine = std::make_shared<early_trace>();
        const auto before = early ? early_behind(stream) : nullptr;
        add(stream, [=, kept = std::make_shared<kept_work>(work)] { run_grid(grid, block, kept->work, *mine, before.get()); }, mine);
    }
}

cudaError_t shim_func_attributes(struct cudaFuncAttributes *out)
{
    if (cudaError_t status = fate())
        return status;
    out->ptxVersion = compiled_mode() == COMPILED_NOT ? shim_code : compiled_arch();
    return cudaSuccess;
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t *out, unsigned, int)
{
    if (cudaError_t status = fate())
        return status;
    *out = new shim_stream{};
    (*out)->device = current;
    streams.push_back(*out);
    shim_alive++;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetStreamPriorityRange(int *least, int *greatest)
{
    if (cudaError_t status = fate())
        return status;
    *least = 0;
    *greatest = -5;
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    mine(stream->device, "a stream");
    streams.erase(std::find(streams.begin(), streams.end(), stream));
    delete stream;
    shim_alive--;
    if (lost >= 0 && streams.empty()) {
        lost = -1;
        last_error = cudaSuccess;
    }
    return fate();
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    mine(stream->device, "waiting for a stream");
    if (cudaError_t status = fate())
        return die(status);
    if (stream->capture)
        return failed(cudaErrorStreamCaptureInvalidated);
    shim_waits++;
    drain(stream);
    return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode)
{
    mine(stream->device, "capturing a stream");
    if (cudaError_t status = fate())
        return status;
    if (stream->capture)
        return failed(cudaErrorStreamCaptureInvalidated);
    stream->capture = new shim_graph{};
    stream->capture->device = stream->device;
    stream->last.clear();
    shim_alive++;
    return cudaSuccess;
}

/* Work of another stream that joined the capture must have been waited for by the one that began it. */
static bool all_joined(const shim_stream *origin)
{
    std::set<size_t> ends;
    for (size_t i = 0; i < origin->capture->nodes.size(); i++) {
        for (size_t before : origin->capture->nodes[i].after)
            ends.erase(before);
        ends.insert(i);
    }
    for (size_t i : origin->last)
        ends.erase(i);
    return ends.empty();
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *out)
{
    mine(stream->device, "capturing a stream");
    shim_graph *graph = stream->capture;
    const bool joined = graph && all_joined(stream);
    *out = graph;
    for (shim_stream *s : streams)
        if (s->capture == graph)
            s->capture = nullptr;
    cudaError_t status = fate();
    if (status == cudaSuccess && graph && joined)
        return cudaSuccess;
    if (graph) /* the capture is over all the same */
        cudaGraphDestroy(graph);
    *out = nullptr;
    return status != cudaSuccess ? status : failed(graph ? cudaErrorStreamCaptureUnjoined : cudaErrorStreamCaptureInvalidated);
}

/* --- events --- */

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *out, unsigned)
{
    if (cudaError_t status = fate())
        return status;
    *out = new shim_event{};
    (*out)->device = current;
    shim_alive++;
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    mine(event->device, "an event");
    delete event;
    shim_alive--;
    return fate();
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    mine(stream->device, "an event in a stream");
    mine(event->device, "an event");
    if (cudaError_t status = fate())
        return status;
    event->capture = stream->capture;
    event->nodes = stream->last;
    event->stream = stream;
    event->done = std::make_shared<bool>(false);
    std::shared_ptr<bool> done = event->done;
    if (!stream->capture)
        add(stream, [done] { *done = true; });
    return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned)
{
    mine(stream->device, "an event in a stream");
    mine(event->device, "an event");
    if (cudaError_t status = fate())
        return status;
    if (!event->capture && stream->capture)
        return failed(cudaErrorStreamCaptureInvalidated); /* of what lies outside the capture */
    if (event->capture) {
        if (!stream->capture)
            stream->last.clear();
        else if (stream->capture != event->capture)
            return failed(cudaErrorStreamCaptureInvalidated);
        stream->capture = event->capture; /* joins it */
        for (size_t i : event->nodes)
            if (std::find(stream->last.begin(), stream->last.end(), i) == stream->last.end())
                stream->last.push_back(i);
    } else if (event->stream) {
        shim_stream *other = event->stream;
        std::shared_ptr<bool> done = event->done;
        add(stream, [=] { drain_until(other, done.get()); });
    }
    return cudaSuccess;
}

/* Only what lies before the event is done; whoever reads what comes later finds that it has not come. */
cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    mine(event->device, "waiting for an event");
    if (cudaError_t status = fate())
        return die(status);
    if (event->capture)
        return failed(cudaErrorStreamCaptureInvalidated);
    shim_waits++;
    if (event->stream)
        drain_until(event->stream, event->done.get());
    return cudaSuccess;
}

/* --- graphs --- */

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *out, cudaGraph_t graph, unsigned long long)
{
    mine(graph->device, "a graph");
    if (cudaError_t status = fate())
        return status;
    *out = new shim_graph(*graph);
    shim_alive++;
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    mine(stream->device, "a graph in a stream");
    mine(exec->device, "a graph");
    if (cudaError_t status = fate())
        return status;
    const shim_graph nodes = *exec; /* may be destroyed before its turn comes */
    add(stream, [nodes] { run_graph(&nodes); });
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    mine(graph->device, "a graph");
    delete graph;
    shim_alive--;
    return fate();
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    return cudaGraphDestroy(exec);
}

/* --- memory: NaN at birth --- */

/* On the heap, where AddressSanitizer watches; of several devices in pages of its own. */
static bool reserve(allocation *a)
{
    void *p = NULL;
    if (a->device == HOST || shim_devices < 2) {
        if (posix_memalign(&p, 256, a->bytes) != 0)
            return false;
    } else {
        a->mapped = (a->bytes + 4095) / 4096 * 4096;
        p = mmap(NULL, a->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            return false;
    }
    a->base = (char *)p;
    return true;
}

static cudaError_t allocate(void **out, size_t bytes, int device)
{
    if (cudaError_t status = fate())
        return status;
    if (cudaError_t status = drain_all())
        return status;
    allocation a = { NULL, bytes, 0, device };
    work(current);
    if (bytes == 0 || bytes > SIZE_MAX / 2 || !reserve(&a))
        return failed(cudaErrorMemoryAllocation);
    memset(a.base, 0xff, bytes);
    allocations[a.base + bytes - 1] = a;
    early_memory_add(a.base, bytes, device);
    compiled_memory_add(a.base, bytes, device == HOST);
    *out = a.base;
    shim_alive++;
    return cudaSuccess;
}

static cudaError_t release_memory(void *p)
{
    if (!p)
        return cudaSuccess;
    mine_at(p, "releasing memory");
    drain_all();
    drain_legacy();
    const auto found = allocations.lower_bound((char *)p);
    if (found == allocations.end() || found->second.base != p)
        stop("memory released that was never reserved, or twice");
    const allocation a = found->second;
    allocations.erase(found);
    compiled_memory_remove(a.base);
    early_memory_remove(a.base);
    if (a.mapped) {
#ifdef FIBRE_ASAN
        ASAN_UNPOISON_MEMORY_REGION(a.base, a.mapped); /* of guards: the pages may come again */
#endif
        munmap(a.base, a.mapped);
    } else
        free(a.base);
    shim_alive--;
    return fate();
}

cudaError_t cudaMalloc(void **out, size_t bytes)
{
    return allocate(out, bytes, current);
}

cudaError_t cudaMemGetInfo(size_t *left, size_t *all)
{
    if (cudaError_t status = fate())
        return status;
    *left = *all = (size_t)1 << 30;
    return cudaSuccess;
}

cudaError_t cudaFree(void *p)
{
    return release_memory(p);
}

cudaError_t cudaMallocHost(void **out, size_t bytes)
{
    return allocate(out, bytes, HOST);
}

cudaError_t cudaFreeHost(void *p)
{
    return release_memory(p);
}

/* NVIDIA, API synchronization behavior: bytes from pageable memory are taken before the call comes back, and may land after it; other copies
 * with the host are done when it comes back. */
cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind)
{
    mine_at(to, "a copy into memory");
    mine_at(from, "a copy out of memory");
    if (cudaError_t status = fate())
        return status;
    if (kind == cudaMemcpyHostToDevice && !reserved(from)) {
        const auto taken = std::make_shared<std::vector<char>>((const char *)from, (const char *)from + bytes);
        legacy[current].push_back([=] {
            memcpy(to, taken->data(), bytes);
            compiled_memory_copied(to, NULL, bytes);
        });
        return cudaSuccess;
    }
    drain_legacy();
    memcpy(to, from, bytes);
    compiled_memory_copied(to, from, bytes);
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind, cudaStream_t stream)
{
    mine_at(to, "a copy into memory");
    mine_at(from, "a copy out of memory");
    mine(stream->device, "a copy in a stream");
    if (cudaError_t status = fate())
        return status;
    add(stream, [=] {
        memmove(to, from, bytes);
        compiled_memory_copied(to, from, bytes);
    });
    return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream)
{
    mine_at(to, "clearing memory");
    mine(stream->device, "clearing in a stream");
    if (cudaError_t status = fate())
        return status;
    add(stream, [=] {
        memset(to, value, bytes);
        compiled_memory_copied(to, NULL, bytes);
    });
    return cudaSuccess;
}

/* --- the device --- */

cudaError_t cudaGetDeviceCount(int *n)
{
    if (cudaError_t status = fate())
        return status;
    if (shim_driver == 0)
        return failed(cudaErrorInsufficientDriver);
    if (shim_driver < 13000)
        return failed(cudaErrorInsufficientDriver);
    if (shim_devices == 0)
        return failed(cudaErrorNoDevice);
    *n = shim_devices;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    if (cudaError_t status = fate())
        return status;
    if (device < 0 || device >= shim_devices)
        return failed(cudaErrorInvalidDevice);
    current = device;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *out, int device)
{
    if (cudaError_t status = fate())
        return status;
    if (device < 0 || device >= shim_devices)
        return failed(cudaErrorInvalidDevice);
    memset(out, 0, sizeof *out);
    strcpy(out->name, "emulated device");
    out->totalGlobalMem = (size_t)1 << 30;
    out->major = device < shim_old_devices ? 7 : shim_major;
    out->multiProcessorCount = 1;
    return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int *version)
{
    *version = shim_driver;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = shim_runtime;
    return cudaSuccess;
}

cudaError_t cudaGetLastError(void)
{
    cudaError_t status = last_error;
    last_error = cudaSuccess;
    return status;
}

const char *cudaGetErrorString(cudaError_t status)
{
    switch (status) {
    case cudaSuccess:
        return "no error";
    case cudaErrorMemoryAllocation:
        return "out of memory";
    case cudaErrorInvalidValue:
        return "invalid argument";
    case cudaErrorInvalidDevice:
        return "invalid device ordinal";
    case cudaErrorInsufficientDriver:
        return "driver version is insufficient for runtime version";
    case cudaErrorNoDevice:
        return "no device";
    case cudaErrorStreamCaptureUnjoined:
        return "capturing stream has unjoined work";
    case cudaErrorStreamCaptureInvalidated:
        return "operation failed due to a previous error during capture";
    default:
        return "unknown error";
    }
}
