#include "config.h"
#include "tests/ptx/flow.h"

#include <stdlib.h>
#include <string.h>

/* Places for registers. nvcc gives every number a register of its own, thousands a kernel; a warp's would not fit into the cache. So those
 * that are never alive together share a place: by the first and last instruction where each is alive, in the order of the text. */

enum { PREDICATES, NARROW, WIDE, POOLS };
static const uint32_t pool_bytes[POOLS] = { 4, LANES * 4, LANES * 8 };

struct span {
    uint32_t reg;
    int first, last;
    int pool;
};

struct alive {
    const struct builder *b;
    const struct flow *f;
    size_t words;
    uint64_t *used, *set, *in; /* [piece][words]: read before they are set; set; alive at its beginning */
    struct span *span;         /* of each register */
};

static const uint32_t *operands_of(const struct builder *b, int i)
{
    const struct insn *insn = &b->kernel->code[i];
    return b->shapes[i].count > OPERANDS ? insn->more : insn->o;
}

static int pool_of(const struct builder *b, uint32_t reg)
{
    return b->width[reg] == 0 ? PREDICATES : b->width[reg] == 8 ? WIDE : NARROW;
}

static void touch(struct span *s, int at)
{
    if (s->first < 0 || at < s->first)
        s->first = at;
    if (at > s->last)
        s->last = at;
}

static void read_register(struct alive *a, int piece, int at, uint32_t reg)
{
    uint64_t *used = a->used + (size_t)piece * a->words, *set = a->set + (size_t)piece * a->words;
    touch(&a->span[reg], at);
    if (!(set[reg / 64] >> reg % 64 & 1))
        used[reg / 64] |= UINT64_C(1) << reg % 64;
}

static void gather(struct alive *a, int piece)
{
    const struct builder *b = a->b;
    for (int i = a->f->piece[piece].first; i < a->f->piece[piece].end; i++) {
        const struct insn *insn = &b->kernel->code[i];
        const uint32_t *o = operands_of(b, i);
        const bool kept = insn->guard != NO_GUARD; /* lanes without it keep what is there */
        if (kept)
            read_register(a, piece, i, insn->guard);
        for (int n = kept ? 0 : b->shapes[i].results; n < b->shapes[i].count; n++)
            read_register(a, piece, i, o[n]);
        for (int n = 0; n < b->shapes[i].results; n++) {
            touch(&a->span[o[n]], i);
            a->set[(size_t)piece * a->words + o[n] / 64] |= UINT64_C(1) << o[n] % 64;
        }
    }
}

/* A register that is alive where a piece begins is so where those before it end. */
static void spread(struct alive *a)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (int p = a->f->n - 1; p >= 0; p--) {
            const struct piece *at = &a->f->piece[p];
            uint64_t *in = a->in + (size_t)p * a->words;
            for (size_t w = 0; w < a->words; w++) {
                uint64_t out = 0;
                for (int k = 0; k < at->n_next; k++)
                    out |= a->in[(size_t)at->next[k] * a->words + w];
                const uint64_t now = a->used[(size_t)p * a->words + w] | (out & ~a->set[(size_t)p * a->words + w]);
                changed |= now != in[w];
                in[w] = now;
            }
        }
    }
}

static void touch_all(struct alive *a, const uint64_t *set, int at)
{
    for (size_t w = 0; w < a->words; w++)
        for (uint64_t bits = set[w]; bits; bits &= bits - 1)
            touch(&a->span[w * 64 + (size_t)__builtin_ctzll(bits)], at);
}

static void stretch(struct alive *a)
{
    for (int p = 0; p < a->f->n; p++) {
        const struct piece *at = &a->f->piece[p];
        touch_all(a, a->in + (size_t)p * a->words, at->first);
        for (int k = 0; k < at->n_next; k++)
            touch_all(a, a->in + (size_t)at->next[k] * a->words, at->end - 1);
    }
}

static int by_first(const void *a, const void *b)
{
    const struct span *s = a, *t = b;
    return s->first != t->first ? (s->first > t->first) - (s->first < t->first) : (s->reg > t->reg) - (s->reg < t->reg);
}

struct free_places { /* of a pool: those in use until an instruction */
    int *until, n;
};

/* Numbers within the pool; a place is free again behind the last instruction of who had it. */
static void share(struct span *span, size_t n, uint32_t *number, struct free_places pool[POOLS])
{
    qsort(span, n, sizeof *span, by_first);
    for (size_t i = 0; i < n; i++) {
        struct free_places *p = &pool[span[i].pool];
        int place = 0;
        if (span[i].first < 0) { /* nobody uses it */
            p->n += p->n == 0;
            continue;
        }
        while (place < p->n && p->until[place] >= span[i].first)
            place++;
        if (place == p->n)
            p->n++;
        p->until[place] = span[i].last;
        number[span[i].reg] = (uint32_t)place;
    }
}

static void find_spans(struct builder *b, struct span *span)
{
    struct flow f = flow_of(b->kernel);
    struct alive a = { b, &f, ((size_t)b->n_registers + 63) / 64, NULL, NULL, NULL, span };
    const size_t all = ((size_t)f.n + 1) * a.words;
    a.used = calloc(3 * all, sizeof *a.used);
    if (!a.used)
        abort();
    a.set = a.used + all;
    a.in = a.set + all;
    for (int p = 0; p < f.n; p++)
        gather(&a, p);
    spread(&a);
    stretch(&a);
    free(a.used);
    flow_release(&f);
}

static void put_in_place(struct builder *b, const uint32_t *place)
{
    struct ptx_kernel *k = b->kernel;
    for (int i = 0; i < k->n_code; i++) {
        struct insn *insn = &k->code[i];
        uint32_t *o = b->shapes[i].count > OPERANDS ? (uint32_t *)(uintptr_t)insn->more : insn->o;
        for (int n = 0; n < b->shapes[i].count; n++)
            o[n] = place[o[n]];
        if (insn->guard != NO_GUARD)
            insn->guard = place[insn->guard];
    }
    for (int i = 0; i < k->n_presets; i++)
        k->presets[i].place = place[k->presets[i].place];
}

bool layout_kernel(struct builder *b)
{
    struct ptx_kernel *k = b->kernel;
    const size_t n = (size_t)b->n_registers;
    struct span *span = calloc(n, sizeof *span);
    uint32_t *place = calloc(n, sizeof *place), start[POOLS], end = 0;
    struct free_places pool[POOLS];
    if (!span || !place)
        abort();
    for (uint32_t reg = 0; reg < n; reg++)
        span[reg] = (struct span){ reg, -1, -1, pool_of(b, reg) };
    find_spans(b, span);
    for (int i = 0; i < k->n_presets; i++) { /* they keep what they are set to */
        span[k->presets[i].place].first = 0;
        span[k->presets[i].place].last = k->n_code;
    }
    for (int p = 0; p < POOLS; p++)
        if (!(pool[p] = (struct free_places){ calloc(n, sizeof(int)), 0 }).until)
            abort();
    int *kind = calloc(n, sizeof *kind);
    for (size_t reg = 0; reg < n; reg++)
        kind[reg] = span[reg].pool;
    share(span, n, place, pool);
    for (int p = 0; p < POOLS; p++) {
        start[p] = end;
        end = (end + (uint32_t)pool[p].n * pool_bytes[p] + 127) / 128 * 128;
        free(pool[p].until);
    }
    for (size_t reg = 0; reg < n; reg++)
        place[reg] = start[kind[reg]] + place[reg] * pool_bytes[kind[reg]];
    k->file_bytes = end;
    put_in_place(b, place);
    free(kind);
    free(span);
    free(place);
    return true;
}
