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

static bool within_reach(const stretch &s)
{
    return s.device < 0 || s.device == open_device;
}

UNWATCHED static copy remember()
{
    copy c;
    for (const auto &s : stretches) {
        if (!within_reach(s.second))
            continue;
        const volatile uint32_t *from = (const volatile uint32_t *)s.first;
        const size_t at = c.size();
        c.resize(at + s.second.words);
        uint32_t *to = c.data() + at;
        for (size_t i = 0; i < s.second.words; i++)
            to[i] = from[i];
    }
    return c;
}

UNWATCHED static std::vector<volatile uint32_t *> changed_since(const copy &c)
{
    std::vector<volatile uint32_t *> changed;
    const uint32_t *was = c.data();
    for (const auto &s : stretches) {
        if (!within_reach(s.second))
            continue;
        volatile uint32_t *is = (volatile uint32_t *)s.first;
        for (size_t i = 0; i < s.second.words; i++)
            if (is[i] != was[i])
                changed.push_back(is + i);
        was += s.second.words;
    }
    return changed;
}

void early_watch(early_trace &mine, const std::function<void()> &run)
{
    const copy before = remember();
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
    hidden.where = before.changed;
    hidden.what.clear();
    for (volatile uint32_t *p : hidden.where) {
        hidden.what.push_back((uint32_t)*p);
        *p = UINT32_MAX;
    }
    hidden.seen = remember();
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
