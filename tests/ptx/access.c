#include "config.h"
#include "tests/ptx/watch.h"

#include <inttypes.h>
#include <string.h>

/* Loads, stores, the counting atomic and matrix loads: lane by lane, after asking watch.c. */

/* The place of a lane's bytes as the host sees them, and their words (NULL: parameters, which nobody writes). */
struct place {
    char *at;
    struct word *words;
};

/* An address in the block's shared memory, the parameters, or device memory; at NULL: out of bounds, which was told. */
static struct place place_of(struct warp *w, const struct insn *i, int lane, uint64_t address, size_t bytes)
{
    struct block *b = w->block;
    const bool shared = i->space == SPACE_SHARED;
    const size_t limit = shared ? b->kernel->shared_bytes : b->kernel->param_bytes;
    struct place p = { NULL, NULL };
    if (address % bytes != 0) {
        fault(w, i, lane, PTX_MISALIGNED, "%zu bytes at %#" PRIx64, bytes, address);
    } else if (shared || i->space == SPACE_PARAM) {
        if (address >= limit || limit - address < bytes)
            fault(w, i, lane, PTX_BOUNDS, "%zu bytes at %#" PRIx64 " of %zu bytes of %s", bytes, address, limit, shared ? "shared memory" : "parameters");
        else if (shared)
            p = (struct place){ b->shared + address, b->shared_words + address / 4 };
        else
            p.at = (char *)(uintptr_t)b->params + address;
    } else if (!(p.words = watch_find(address, bytes))) {
        fault(w, i, lane, PTX_BOUNDS, "%zu bytes at %#" PRIx64 ", which nobody reserved", bytes, address);
    } else
        p.at = (char *)(uintptr_t)address;
    return p;
}

/* The places of all lanes; at NULL: none, or no such lane. Most often all lie in one piece of memory. */
static void find_places(struct warp *w, const struct insn *i, const uint64_t address[LANES], size_t bytes, struct place to[LANES])
{
    const int first = __builtin_ctz(w->mask);
    uint64_t low = address[first], high = low, odd = 0;
    for (int l = 0; l < LANES; l++) {
        const uint64_t at = w->lane[l] ? address[l] : address[first];
        low = at < low ? at : low;
        high = at > high ? at : high;
        odd |= at;
    }
    const bool global = i->space == SPACE_GENERIC || i->space == SPACE_GLOBAL;
    const size_t limit = i->space == SPACE_SHARED ? w->block->kernel->shared_bytes : w->block->kernel->param_bytes;
    struct place base = { NULL, NULL };
    if (odd % bytes == 0 && global)
        base = (struct place){ (char *)(uintptr_t)low, watch_find(low, high - low + bytes) };
    const bool near = odd % bytes == 0 && (global ? base.words != NULL : high < limit && limit - high >= bytes);
    if (near && !global)
        base = place_of(w, i, first, low, bytes);
    for (int l = 0; l < LANES; l++)
        if (!w->lane[l])
            to[l] = (struct place){ NULL, NULL };
        else if (!near)
            to[l] = place_of(w, i, l, address[l], bytes);
        else
            to[l] = (struct place){ base.at + (address[l] - low), base.words ? base.words + (address[l] / 4 - low / 4) : NULL };
}

/* Word by word, those bytes that matter: a bit each in `used`. */
static void watch_words(struct warp *w, const struct insn *i, int lane, uint64_t address, struct word *word, uint32_t used, bool writes)
{
    used <<= address % 4;
    for (uint64_t at = address / 4 * 4; used; at += 4, used >>= 4, word++)
        if ((used & 0xf) && !(writes ? watch_write : watch_read)(w, i, lane, at, word, used & 0xf))
            return;
}

static inline bool settled(const struct warp *w, const struct insn *i, const struct word *word)
{
    return i->used == 0xffff && word->settled == w->block->phase && !w->early;
}

/* The same for reads; what nobody writes in this launch (or, of shared memory, since the barrier) needs few questions. */
static void watch_lane_reads(struct warp *w, const struct insn *i, int lane, uint64_t address, struct word *word)
{
    const struct block *b = w->block;
    const uint64_t quiet = (i->space == SPACE_SHARED ? b->phase : b->launch_begun) << TAG_PHASE, mine = watch_tag(w, w->index * LANES + (unsigned)lane);
    const unsigned n = i->n * (unsigned)i->bytes / 4;
    bool plain = n > 0 && i->used == (1u << 4 * n) - 1 && !w->early;
    for (unsigned k = 0; plain && k < n; k++)
        plain = word[k].known == 0xf && !word[k].guard && word[k].written < quiet;
    if (!plain)
        watch_words(w, i, lane, address, word, i->used, false);
    for (unsigned k = 0; plain && k < n; k++)
        watch_note_read(b, &word[k], mine);
    if (plain && n == 4)
        watch_settle(b, word);
}

/* Counts what memory saw of a warp's access, for the cost model: passes over the banks, or sectors. */
static void count_access(struct warp *w, const struct insn *i, const uint64_t address[LANES], size_t bytes)
{
    struct ptx_counts *c = &w->block->kernel->counts;
    if (!ptx_cost_model)
        return;
    if (i->space == SPACE_SHARED) {
        c->shared_accesses++;
        c->shared_passes += count_passes(address, w->mask, bytes);
    } else if (i->space != SPACE_PARAM) {
        c->global_accesses++;
        c->global_sectors += count_sectors(address, w->mask, bytes);
    }
}

static void addresses(const struct warp *w, const struct insn *i, uint32_t base, uint64_t to[LANES])
{
    if (i->wide)
        for (int l = 0; l < LANES; l++)
            to[l] = REG64(w, base)[l] + (uint64_t)i->offset;
    else
        for (int l = 0; l < LANES; l++)
            to[l] = REG32(w, base)[l] + (uint64_t)i->offset;
}

/* A number from memory, as its register holds it. */
static uint64_t widen(const struct insn *i, const char *from)
{
    uint64_t bits = 0;
    memcpy(&bits, from, i->bytes);
    if (i->sign && i->bytes < i->to) {
        const unsigned shift = 64 - 8u * i->bytes;
        bits = (uint64_t)((int64_t)(bits << shift) >> shift);
    }
    return i->to == 2 ? (uint16_t)bits : bits;
}

/* Parameters at a constant place: the same for all lanes. */
static bool load_same(struct warp *w, const struct insn *i, const uint64_t address[LANES])
{
    const uint64_t at = address[0];
    const size_t bytes = (size_t)i->n * i->bytes;
    if (w->mask != UINT32_MAX || at % bytes != 0 || at + bytes > w->block->kernel->param_bytes)
        return false;
    for (int l = 1; l < LANES; l++)
        if (address[l] != at)
            return false;
    for (int n = 0; n < i->n; n++) {
        const uint64_t bits = widen(i, w->block->params + at + n * i->bytes);
        if (i->to == 8)
            for (int l = 0; l < LANES; l++)
                REG64(w, i->o[n])[l] = bits;
        else
            for (int l = 0; l < LANES; l++)
                REG32(w, i->o[n])[l] = (uint32_t)bits;
    }
    return true;
}

/* Numbers of 4 bytes, the most frequent. */
static void put_words(struct warp *w, const struct insn *i, const struct place place[LANES])
{
    for (int n = 0; n < i->n; n++) {
        uint32_t *to = REG32(w, i->o[n]);
        for (int l = 0; l < LANES; l++)
            if (place[l].at)
                memcpy(&to[l], place[l].at + 4 * n, 4);
    }
}

static void put_numbers(struct warp *w, const struct insn *i, const struct place place[LANES])
{
    for (int l = 0; l < LANES; l++)
        for (int n = 0; n < i->n && place[l].at; n++)
            if (i->to == 8)
                REG64(w, i->o[n])[l] = widen(i, place[l].at + n * i->bytes);
            else
                REG32(w, i->o[n])[l] = (uint32_t)widen(i, place[l].at + n * i->bytes);
}

/* A lane whose access is a fault keeps what its registers hold. */
void run_load(struct warp *w, const struct insn *i)
{
    uint64_t address[LANES];
    struct place place[LANES];
    const size_t bytes = (size_t)i->n * i->bytes;
    addresses(w, i, i->o[i->n], address);
    if (i->space == SPACE_PARAM && load_same(w, i, address))
        return;
    count_access(w, i, address, bytes);
    find_places(w, i, address, bytes, place);
    for (int l = 0; l < LANES && i->space != SPACE_PARAM; l++)
        if (place[l].at && !settled(w, i, place[l].words))
            watch_lane_reads(w, i, l, address[l], place[l].words);
    if (i->bytes == 4 && i->to == 4)
        put_words(w, i, place);
    else
        put_numbers(w, i, place);
}

void run_store(struct warp *w, const struct insn *i)
{
    uint64_t address[LANES];
    struct place place[LANES];
    const size_t bytes = (size_t)i->n * i->bytes;
    addresses(w, i, i->o[i->n], address);
    count_access(w, i, address, bytes);
    find_places(w, i, address, bytes, place);
    for (int l = 0; l < LANES; l++) {
        if (!place[l].at)
            continue;
        watch_words(w, i, l, address[l], place[l].words, i->used, true);
        for (int n = 0; n < i->n; n++)
            memcpy(place[l].at + n * i->bytes, i->to == 8 ? (void *)&REG64(w, i->o[n])[l] : (void *)&REG32(w, i->o[n])[l], i->bytes);
    }
}

void run_fence(struct warp *w, const struct insn *i)
{
    (void)i;
    w->fences++;
    w->last_fence = w->block->phase;
}

/* The kernel before is done for these threads. */
void run_early_wait(struct warp *w, const struct insn *i)
{
    (void)i;
    w->early &= ~w->mask;
}

void run_let_go(struct warp *w, const struct insn *i)
{
    if (w->mask & w->early)
        fault(w, i, __builtin_ctz(w->mask & w->early), PTX_EARLY, "griddepcontrol.launch_dependents before griddepcontrol.wait");
}

/* atom.inc d, [a], last: *a = *a >= last ? 0 : *a + 1; d = what was there. */
void run_atom_inc(struct warp *w, const struct insn *i)
{
    uint64_t address[LANES];
    addresses(w, i, i->o[1], address);
    count_access(w, i, address, 4);
    for (int l = 0; l < LANES; l++) {
        char *at = w->lane[l] ? place_of(w, i, l, address[l], 4).at : NULL;
        uint32_t before;
        if (!at)
            continue;
        watch_atomic(w, i, l, address[l]);
        memcpy(&before, at, 4);
        const uint32_t after = before >= REG32(w, i->o[2])[l] ? 0 : before + 1;
        memcpy(at, &after, 4);
        REG32(w, i->o[0])[l] = before;
        watch_count(w, l, at);
    }
}

/* Four matrices of 8 rows of 8 16-bit numbers: lane l has the address of row l % 8 of matrix l / 8. */
static void matrix_rows(struct warp *w, const struct insn *i, const char *row[LANES])
{
    uint64_t address[LANES];
    addresses(w, i, i->o[4], address);
    if (w->mask != UINT32_MAX)
        fault(w, i, __builtin_ctz(w->mask), PTX_LANES, "a matrix load of lanes %08x", w->mask);
    struct ptx_counts *c = &w->block->kernel->counts;
    c->shared_accesses += ptx_cost_model;
    for (int m = 0; m < 4 && ptx_cost_model; m++)
        c->shared_passes += count_passes(address, w->mask & 0xffu << 8 * m, 16);
    struct place place[LANES];
    find_places(w, i, address, 16, place);
    for (int l = 0; l < LANES; l++) {
        row[l] = place[l].at ? place[l].at : w->block->shared;
        if (place[l].at && !settled(w, i, place[l].words))
            watch_lane_reads(w, i, l, address[l], place[l].words);
    }
}

void run_matrix_load(struct warp *w, const struct insn *i)
{
    const char *row[LANES];
    matrix_rows(w, i, row);
    for (int m = 0; m < 4; m++)
        for (int l = 0; l < LANES; l++)
            memcpy(&REG32(w, i->o[m])[l], row[m * 8 + l / 4] + l % 4 * 4, 4);
}

/* Each matrix turned: a lane gets column l / 4 of rows 2t and 2t + 1, t = l % 4. */
void run_matrix_load_turned(struct warp *w, const struct insn *i)
{
    const char *row[LANES];
    matrix_rows(w, i, row);
    for (int m = 0; m < 4; m++)
        for (int l = 0; l < LANES; l++) {
            uint16_t low, high;
            memcpy(&low, row[m * 8 + l % 4 * 2] + l / 4 * 2, 2);
            memcpy(&high, row[m * 8 + l % 4 * 2 + 1] + l / 4 * 2, 2);
            REG32(w, i->o[m])[l] = low | (uint32_t)high << 16;
        }
}
