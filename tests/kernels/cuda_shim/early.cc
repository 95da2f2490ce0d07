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

/* Into a copy that is used again: fresh memory each time took longer than the words. */
UNWATCHED static void remember(copy &c)
{
    size_t words = 0;
    for (const auto &s : stretches)
        words += within_reach(s.second) ? s.second.words : 0;
    c.resize(words);
    uint32_t *to = c.data();
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
}

UNWATCHED static std::vector<volatile uint32_t *> changed_since(const copy &c)
{
    std::vector<volatile uint32_t *> changed;
    const uint32_t *was = c.data();
    for (const auto &s : stretches) {
        if (!within_reach(s.second))
            continue;
        uint32_t *is = (uint32_t *)s.first;
        for (size_t i = 0; i < s.second.words;) {
            if (i + 4 <= s.second.words) {
                const four differ = *(const four *)(is + i) ^ *(const four *)(was + i);
                if ((differ[0] | differ[1]) == 0) {
                    i += 4;
                    continue;
                }
            }
            for (size_t end = i + 4 < s.second.words ? i + 4 : s.second.words; i < end; i++)
                if (is[i] != was[i])
                    changed.push_back(is + i);
        }
        was += s.second.words;
    }
    return changed;
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
    static copy before;
    remember(before);
    run();
    mine.changed = changed_since(before);
}

static struct {
    bool on;
    std::vector<volatile uint32_t *> where;
    std::vector<uint32_t> what;
    copy seen; /* what memory looks like meanwhile */
} hidden;

UNWATCHED void early_hide(const early_trace &before)
{
    if (!before.seen)
        return;
    hidden.where = before.changed;
    hidden.what.clear();
    for (volatile uint32_t *p : hidden.where) {
        hidden.what.push_back((uint32_t)*p);
        *p = UINT32_MAX;
    }
    remember(hidden.seen);
    hidden.on = true;
}

bool early_hidden()
{
    return hidden.on;
}

UNWATCHED void early_show()
{
    hidden.on = false;
    if (!changed_since(hidden.seen).empty()) {
        fprintf(stderr, "cuda shim: a kernel launched early writes device memory before it has waited\n");
        abort();
    }
    for (size_t i = 0; i < hidden.where.size(); i++)
        *hidden.where[i] = hidden.what[i];
}
