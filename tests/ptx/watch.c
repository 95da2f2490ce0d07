#include "config.h"
#include "tests/ptx/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what there is of device memory --- */

struct region {
    uint64_t base, bytes;
    struct word *words;
};
static struct region *regions; /* by address */
static int n_regions, room_regions;

/* The last region that begins at the address or before; NULL: none. */
static struct region *region_before(uint64_t address)
{
    int low = 0, high = n_regions;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (regions[middle].base <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &regions[low - 1] : NULL;
}

static struct region *region_of(uint64_t address)
{
    static int last;
    if (last < n_regions && address - regions[last].base < regions[last].bytes)
        return &regions[last];
    struct region *r = region_before(address);
    if (!r || address - r->base >= r->bytes)
        return NULL;
    last = (int)(r - regions);
    return r;
}

void ptx_memory_add(void *base, size_t bytes)
{
    const uint64_t at = (uint64_t)(uintptr_t)base;
    if (n_regions == room_regions) {
        room_regions = room_regions ? room_regions * 2 : 16;
        regions = realloc(regions, (size_t)room_regions * sizeof *regions);
        if (!regions)
            abort();
    }
    const struct region *r = region_before(at);
    const int place = r ? (int)(r - regions) + 1 : 0;
    memmove(regions + place + 1, regions + place, (size_t)(n_regions - place) * sizeof *regions);
    n_regions++;
    regions[place] = (struct region){ at, bytes, calloc(bytes / 4 + 2, sizeof(struct word)) };
    if (!regions[place].words)
        abort();
}

void ptx_memory_remove(void *base)
{
    struct region *r = region_before((uint64_t)(uintptr_t)base);
    if (!r || r->base != (uint64_t)(uintptr_t)base)
        return;
    free(r->words);
    n_regions--;
    memmove(r, r + 1, (size_t)(regions + n_regions - r) * sizeof *r);
}

struct word *watch_find(uint64_t address, size_t bytes)
{
    const struct region *r = region_of(address);
    if (!r || address - r->base + bytes > r->bytes)
        return NULL;
    return &r->words[(address - r->base) / 4];
}

/* The bytes of the word at `at` that lie in from .. to - 1 of a region. */
static unsigned bytes_within(uint64_t at, uint64_t from, uint64_t to)
{
    const unsigned low = at < from ? (unsigned)(from - at) : 0, high = at + 4 > to ? (unsigned)(to - at) : 4;
    return ((1u << high) - 1) & ~((1u << low) - 1);
}

void ptx_memory_guard(void *base, size_t bytes)
{
    struct region *r = region_of((uint64_t)(uintptr_t)base);
    if (!r)
        return;
    const uint64_t from = (uint64_t)(uintptr_t)base - r->base, to = from + bytes < r->bytes ? from + bytes : r->bytes;
    for (uint64_t at = from / 4 * 4; at < to; at += 4)
        if (bytes_within(at, from, to) == 0xf)
            r->words[at / 4].guard = true;
}

void ptx_memory_written(void *base, size_t bytes)
{
    struct region *r = region_of((uint64_t)(uintptr_t)base);
    if (!r)
        return;
    const uint64_t from = (uint64_t)(uintptr_t)base - r->base, to = from + bytes < r->bytes ? from + bytes : r->bytes;
    for (uint64_t at = from / 4 * 4; at < to; at += 4)
        r->words[at / 4].known |= (uint8_t)bytes_within(at, from, to);
}

static bool byte_known(uint64_t address)
{
    const struct region *r = region_of(address);
    return !r || r->words[(address - r->base) / 4].known >> (address - r->base) % 4 & 1;
}

static void know_byte(uint64_t address, bool known)
{
    const struct region *r = region_of(address);
    const uint8_t bit = (uint8_t)(r ? 1u << (address - r->base) % 4 : 0);
    uint8_t *of = r ? &r->words[(address - r->base) / 4].known : NULL;
    if (of)
        *of = (uint8_t)(known ? *of | bit : *of & ~bit);
}

void ptx_memory_copied(void *to, const void *from, size_t bytes)
{
    const uint64_t t = (uint64_t)(uintptr_t)to, f = (uint64_t)(uintptr_t)from;
    struct word *target = watch_find(t, bytes), *source = watch_find(f, bytes);
    if (!target)
        return;
    if (!source) {
        ptx_memory_written(to, bytes);
        return;
    }
    if ((t | f | bytes) % 4 == 0)
        for (size_t i = 0; i < bytes / 4; i++)
            target[i].known = source[i].known;
    else
        for (size_t i = 0; i < bytes; i++)
            know_byte(t + i, byte_known(f + i));
}

/* --- global memory --- */

/* The release of the block that was at work in a phase of this launch. */
static const struct release *release_at(const struct block *b, uint64_t phase)
{
    size_t low = 0, high = b->n_releases;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (b->releases[middle].begun <= phase)
            low = middle + 1;
        else
            high = middle;
    }
    return &b->releases[low - 1];
}

/* The accesses of an earlier block are over for this thread if that block fenced them and counted, and this one has counted after it at the same
 * place, with a barrier (or as the same thread) and a fence in between: its own, or before the barrier that of the thread that counted. */
static bool handed_on(const struct warp *w, uint64_t tag)
{
    const struct block *b = w->block;
    const struct release *mine = &b->releases[b->n_releases - 1], *other = release_at(b, tag >> TAG_PHASE);
    const uint32_t thread = watch_thread(tag), warp = thread / LANES;
    if (!mine->counter || mine->counter != other->counter)
        return false;
    if (b->phase == mine->phase && mine->thread / LANES != w->index)
        return false;
    const struct warp *counting = &b->warp[mine->thread / LANES];
    const bool fenced_for_all = counting->fences != counting->fences_before && counting->last_fence < b->phase;
    if (w->fences == w->fences_before && !fenced_for_all)
        return false;
    const bool before_barrier = tag >> TAG_PHASE < other->phase || thread == other->thread;
    const bool fenced = thread != MANY && (other->fences[warp] & 0xffff) > (tag >> TAG_FENCES & 0xffff);
    return (before_barrier && (fenced || thread == MANY)) || tag >> TAG_PHASE < other->last_fence;
}

static bool race(struct warp *w, const struct insn *i, int lane, uint64_t address, uint64_t tag, const char *what)
{
    const struct block *b = w->block;
    const bool shared = i->space == SPACE_SHARED;
    char who[40] = "several threads use";
    if (watch_thread(tag) != MANY)
        snprintf(who, sizeof who, "thread %u uses", watch_thread(tag));
    fault(w, i, lane, shared ? PTX_SHARED_RACE : PTX_GLOBAL_RACE, "%s %s%#" PRIx64 ", which %s %s", what, shared ? "shared " : "", address, who,
          tag >> TAG_PHASE >= b->begun ? "before the next barrier" : "in another block");
    return false;
}

/* Does an access conflict with an earlier one of this launch? */
static bool conflicts(const struct warp *w, uint64_t earlier, uint64_t mine)
{
    const struct block *b = w->block;
    const uint64_t phase = earlier >> TAG_PHASE;
    if (phase < b->launch_begun)
        return false;
    if (phase < b->begun)
        return !handed_on(w, earlier);
    return phase == b->phase && watch_thread(earlier) != watch_thread(mine);
}

static bool reachable(struct warp *w, const struct insn *i, int lane, uint64_t address, const struct word *word)
{
    if (word->guard)
        fault(w, i, lane, PTX_BOUNDS, "%#" PRIx64 " lies between two pieces of memory", address);
    return !word->guard;
}

static void unknown(struct warp *w, const struct insn *i, int lane, uint64_t address)
{
    fault(w, i, lane, PTX_UNINITIALISED, "read of %s%#" PRIx64 ", which nobody wrote", i->space == SPACE_SHARED ? "shared " : "", address);
}

/* Before its wait a thread of a kernel launched early reads what the kernel before does not write, and writes nothing but shared memory. */
static bool too_early(struct warp *w, const struct insn *i, int lane, uint64_t address, const struct word *word, bool write)
{
    const struct ptx_phases *behind = w->block->behind;
    const uint64_t phase = word->written >> TAG_PHASE;
    if (!(w->early >> lane & 1) || i->space == SPACE_SHARED || (!write && (phase < behind->begun || phase >= behind->ended)))
        return false;
    fault(w, i, lane, PTX_EARLY, "%s %#" PRIx64 "%s before griddepcontrol.wait", write ? "write to" : "read of", address,
          write ? "" : ", which the kernel before writes,");
    return true;
}

bool watch_read(struct warp *w, const struct insn *i, int lane, uint64_t address, struct word *word, unsigned bytes)
{
    const uint64_t mine = watch_tag(w, w->index * LANES + (unsigned)lane);
    if (!reachable(w, i, lane, address, word))
        return false;
    if ((word->known & bytes) != bytes) {
        unknown(w, i, lane, address);
        return true;
    }
    if (w->early && too_early(w, i, lane, address, word, false))
        return false;
    if ((word->bytes & bytes) && conflicts(w, word->written, mine))
        return race(w, i, lane, address, word->written, "read of");
    watch_note_read(w->block, word, mine);
    return true;
}

bool watch_write(struct warp *w, const struct insn *i, int lane, uint64_t address, struct word *word, unsigned bytes)
{
    const uint64_t mine = watch_tag(w, w->index * LANES + (unsigned)lane), before = w->block->begun - 1;
    const bool again = word->written == mine;
    if (!reachable(w, i, lane, address, word) || (w->early && too_early(w, i, lane, address, word, true)))
        return false;
    if ((word->bytes & bytes) && conflicts(w, word->written, mine))
        return race(w, i, lane, address, word->written, "write to");
    if (conflicts(w, word->read, mine))
        return race(w, i, lane, address, word->read, "write to");
    if (word->read_by_others && word->read >> TAG_PHASE > before && !handed_on(w, before << TAG_PHASE | MANY))
        return race(w, i, lane, address, before << TAG_PHASE | MANY, "write to");
    word->written = mine;
    word->bytes = (uint8_t)(again ? word->bytes | bytes : bytes);
    word->known |= (uint8_t)bytes;
    return true;
}

bool watch_atomic(struct warp *w, const struct insn *i, int lane, uint64_t address)
{
    struct word *word = watch_find(address, 4);
    if (!reachable(w, i, lane, address, word) || (w->early && too_early(w, i, lane, address, word, true)))
        return false;
    if (word->known != 0xf)
        unknown(w, i, lane, address);
    word->known = 0xf;
    if (conflicts(w, word->written, watch_tag(w, w->index * LANES + (unsigned)lane)))
        return race(w, i, lane, address, word->written, "atomic access to");
    return true;
}

void watch_count(struct warp *w, int lane, const void *counter)
{
    struct block *b = w->block;
    struct release *r = &b->releases[b->n_releases - 1];
    r->counter = counter;
    r->phase = b->phase;
    r->last_fence = w->last_fence;
    r->thread = w->index * LANES + (unsigned)lane;
    for (int n = 0; n < b->n_warps; n++) {
        r->fences[n] = b->warp[n].fences;
        b->warp[n].fences_before = b->warp[n].fences;
    }
}
