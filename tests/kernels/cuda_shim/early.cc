#include "config.h"
#include "early.h"

#include <stdio.h>
#include <stdlib.h>

#include <map>

/* Words are read and written one by one, past AddressSanitizer: gaps that it guards lie between them. */
#if defined(__clang__) || defined(__SANITIZE_ADDRESS__)
#define UNWATCHED __attribute__((no_sanitize("address")))
#else
#define UNWATCHED
#endif

struct stretch {
    size_t words;
    int device;
};
static std::map<char *, stretch> stretches;
static int open_device;

void early_memory_add(char *base, size_t bytes, int device)
{
    stretches[base] = { bytes / 4, device };
}

void early_memory_remove(char *base)
{
    stretches.erase(base);
}

void early_device(int device)
{
    open_device = device;
}

typedef std::vector<uint32_t> copy; /* of all stretches within reach, in their order */
typedef uint64_t four __attribute__((vector_size(16), aligned(4), may_alias)); /* four words; what they begin at is a word's address */

static bool within_reach(const stretch &s)
{
    return s.device < 0 || s.device == open_device;
}

static copy known; /* what memory looks like: */
static bool is_known;

void early_forget()
{
    is_known = false;
}

/* Into a copy that is used again: fresh memory each time took longer than the words. */
UNWATCHED static void remember()
{
    size_t words = 0;
    for (const auto &s : stretches)
        words += within_reach(s.second) ? s.second.words : 0;
    known.resize(words);
    uint32_t *to = known.data();
    for (const auto &s : stretches) {
        if (!within_reach(s.second))
            continue;
        const uint32_t *from = (const uint32_t *)s.first;
        size_t i = 0;
        for (; i + 4 <= s.second.words; i += 4) {
            *(four *)(to + i) = *(const four *)(from + i);
            __asm__ volatile("" ::: "memory"); /* no call of memcpy, which AddressSanitizer watches */
        }
        for (; i < s.second.words; i++)
            to[i] = *(const volatile uint32_t *)(from + i);
        to += s.second.words;
    }
    is_known = true;
}

enum { STRIDE = 32 };
UNWATCHED static bool differ(const uint32_t *a, const uint32_t *b) /* so many words */
{
    four any = { 0, 0 };
#pragma GCC unroll 8
    for (int i = 0; i < STRIDE; i += 4)
        any |= *(const four *)(a + i) ^ *(const four *)(b + i);
    return (any[0] | any[1]) != 0;
}

/* What is not as it was known; from now on it is. */
UNWATCHED static void changed_since(early_trace &to)
{
    uint32_t *was = known.data();
    to.changed.clear();
    to.places.clear();
    for (const auto &s : stretches) {
        if (!within_reach(s.second))
            continue;
        uint32_t *is = (uint32_t *)s.first;
        for (size_t i = 0; i < s.second.words;) {
            const bool whole = i + STRIDE <= s.second.words;
            if (whole && !differ(is + i, was + i)) {
                i += STRIDE;
                continue;
            }
            for (const size_t end = whole ? i + STRIDE : s.second.words; i < end; i++)
                if (is[i] != was[i]) {
                    was[i] = is[i];
                    to.changed.push_back(is + i);
                    to.places.push_back((size_t)(was + i - known.data()));
                }
        }
        was += s.second.words;
    }
}

/* What a kernel of a graph writes is the same each time, and copies of all memory for each launch were most of what it cost. */
bool early_due(early_trace &mine)
{
    enum { OFTEN = 2 };
    mine.seen = mine.watched && mine.runs++ < OFTEN;
    return mine.seen;
}

void early_watch(early_trace &mine, const std::function<void()> &run)
{
    if (!is_known)
        remember();
    run();
    changed_since(mine);
}

static struct {
    bool on;
    const early_trace *by;
    std::vector<uint32_t> what;
} hidden;

UNWATCHED void early_hide(const early_trace &before)
{
    if (!before.seen)
        return;
    if (!is_known)
        remember();
    hidden.by = &before;
    hidden.what.clear();
    for (size_t i = 0; i < before.changed.size(); i++) {
        hidden.what.push_back((uint32_t)*before.changed[i]);
        *before.changed[i] = known[before.places[i]] = UINT32_MAX;
    }
    hidden.on = true;
}

bool early_hidden()
{
    return hidden.on;
}

UNWATCHED void early_show()
{
    early_trace written;
    hidden.on = false;
    changed_since(written);
    if (!written.changed.empty()) {
        fprintf(stderr, "cuda shim: a kernel launched early writes device memory before it has waited\n");
        abort();
    }
    for (size_t i = 0; i < hidden.what.size(); i++)
        *hidden.by->changed[i] = known[hidden.by->places[i]] = hidden.what[i];
}
