/* tests/ptx/watch.h - who touched a word of memory last, and whether another may; inside of tests/ptx. */
#ifndef PTX_WATCH_H
#define PTX_WATCH_H

#include "tests/ptx/module.h"

/* Of each 4 bytes: the last write and the last read, as phase << TAG_PHASE | fences << TAG_FENCES | thread. Phases only grow, so that tags
 * compare as times. A block's own thread numbers end below MANY, which stands for several readers. */
struct word {
    uint64_t written, read;
    uint64_t settled; /* of the first of 4 words: the phase in which reading any of them changes nothing more, see watch_settle() */
    uint8_t known;   /* bytes that were written, a bit for each */
    uint8_t bytes;   /* those of the last write */
    bool guard;      /* not to be touched */
    bool read_by_others; /* in this launch, by a block before the one that read last */
};
enum { TAG_FENCES = 11, TAG_PHASE = 27, MANY = 0x7ff };

static inline uint64_t watch_tag(const struct warp *w, uint32_t thread)
{
    return w->block->phase << TAG_PHASE | (uint64_t)(w->fences & 0xffff) << TAG_FENCES | thread;
}
static inline uint32_t watch_thread(uint64_t tag)
{
    return (uint32_t)tag & MANY;
}

/* Device memory at address .. address + bytes - 1: its words from the one that holds `address` on; NULL: not all of it is reserved together. */
struct word *watch_find(uint64_t address, size_t bytes);

/* An access of a lane to bytes (a bit each) of a word; false when it is a fault, which was told. */
bool watch_read(struct warp *w, const struct insn *i, int lane, uint64_t address, struct word *word, unsigned bytes);
bool watch_write(struct warp *w, const struct insn *i, int lane, uint64_t address, struct word *word, unsigned bytes);

static inline void watch_note_read(const struct block *b, struct word *word, uint64_t mine)
{
    const uint64_t phase = word->read >> TAG_PHASE;
    if (phase < b->begun) { /* the first one of this block */
        word->read_by_others = phase >= b->launch_begun;
        word->read = mine;
    } else if (phase < b->phase)
        word->read = mine;
    else if (watch_thread(word->read) != watch_thread(mine))
        word->read |= MANY;
}
/* Four words that several threads have read in this phase, and nobody has written: the next read of them needs no question. A write is a
 * fault then, so that it stays true for the phase. */
static inline void watch_settle(const struct block *b, struct word *word)
{
    for (int k = 0; k < 4; k++)
        if (word[k].read >> TAG_PHASE != b->phase || watch_thread(word[k].read) != MANY)
            return;
    word->settled = b->phase;
}

/* An atomic access: no conflict with other atomic ones. */
bool watch_atomic(struct warp *w, const struct insn *i, int lane, uint64_t address);
/* The block counts: it hands on what it has, and takes what blocks before have handed on there. */
void watch_count(struct warp *w, int lane, const void *counter);

/* costs.c: what a warp's access costs; address: of each lane in mask. */
unsigned count_passes(const uint64_t address[LANES], uint32_t mask, size_t bytes);
unsigned count_sectors(const uint64_t address[LANES], uint32_t mask, size_t bytes);

#endif
