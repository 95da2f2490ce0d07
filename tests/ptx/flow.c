#include "config.h"
#include "tests/ptx/flow.h"

#include <stdlib.h>
#include <string.h>

/* Straight pieces of a kernel, what follows each, and where lanes that part meet again: at the nearest piece that all ways from a branch to
 * the end lead through (its immediate post-dominator, found as Cooper, Harvey and Kennedy find dominators). */

void flow_release(struct flow *f)
{
    free(f->piece);
    free(f->piece_of);
    *f = (struct flow){ 0 };
}

static bool ends_piece(const struct insn *i)
{
    return i->run == run_branch || i->run == run_return;
}

/* piece_of[i] becomes the piece of instruction i. */
static void cut(struct flow *f, const struct ptx_kernel *k)
{
    bool *first = calloc((size_t)k->n_code + 1, sizeof *first);
    f->piece_of = calloc((size_t)k->n_code + 1, sizeof *f->piece_of);
    if (!first || !f->piece_of)
        abort();
    first[0] = true;
    for (int i = 0; i < k->n_code; i++) {
        if (k->code[i].run == run_branch)
            first[k->code[i].target] = true;
        if (ends_piece(&k->code[i]))
            first[i + 1] = true;
    }
    for (int i = 0; i < k->n_code; i++)
        f->n += first[i];
    f->piece = calloc((size_t)f->n + 1, sizeof *f->piece);
    if (!f->piece)
        abort();
    int n = -1;
    for (int i = 0; i < k->n_code; i++) {
        if (first[i])
            f->piece[++n].first = i;
        f->piece_of[i] = n;
        f->piece[n].end = i + 1;
    }
    f->piece_of[k->n_code] = f->n;
    free(first);
}

/* The end of the kernel is piece number n. */
static void connect(struct flow *f, const struct ptx_kernel *k)
{
    for (int p = 0; p < f->n; p++) {
        const struct insn *last = &k->code[f->piece[p].end - 1];
        struct piece *at = &f->piece[p];
        if (!ends_piece(last) || last->guard != NO_GUARD)
            at->next[at->n_next++] = p + 1;
        if (last->run == run_branch)
            at->next[at->n_next++] = f->piece_of[last->target];
        if (last->run == run_return)
            at->next[at->n_next++] = f->n;
    }
}

struct flow flow_of(const struct ptx_kernel *k)
{
    struct flow f = { 0 };
    cut(&f, k);
    connect(&f, k);
    return f;
}

struct search { /* backwards from the end */
    const struct flow *f;
    int *before, *n_before; /* [piece][..]: what a piece follows, as lists in one array */
    int *order, *number, n; /* pieces as they are finished; number[piece] in that order, -1: no way to the end */
    int *up;                /* nearest post-dominator */
};

static void list_before(struct search *s)
{
    const struct flow *f = s->f;
    for (int p = 0; p < f->n; p++)
        for (int i = 0; i < f->piece[p].n_next; i++)
            s->n_before[f->piece[p].next[i] + 1]++;
    for (int p = 0; p <= f->n; p++)
        s->n_before[p + 1] += s->n_before[p];
    int *fill = calloc((size_t)f->n + 1, sizeof *fill);
    if (!fill)
        abort();
    for (int p = 0; p < f->n; p++)
        for (int i = 0; i < f->piece[p].n_next; i++) {
            const int q = f->piece[p].next[i];
            s->before[s->n_before[q] + fill[q]++] = p;
        }
    free(fill);
}

static void visit(struct search *s, int p)
{
    s->number[p] = 0;
    for (int i = s->n_before[p]; i < s->n_before[p + 1]; i++)
        if (s->number[s->before[i]] < 0)
            visit(s, s->before[i]);
    s->number[p] = s->n;
    s->order[s->n++] = p;
}

static int common(const struct search *s, int a, int b)
{
    while (a != b) {
        while (s->number[a] < s->number[b])
            a = s->up[a];
        while (s->number[b] < s->number[a])
            b = s->up[b];
    }
    return a;
}

static void climb(struct search *s)
{
    const struct flow *f = s->f;
    s->up[f->n] = f->n;
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = s->n - 2; i >= 0; i--) {
            const int p = s->order[i];
            int up = -1;
            for (int k = 0; k < f->piece[p].n_next; k++) {
                const int q = f->piece[p].next[k];
                if (s->number[q] >= 0 && s->up[q] >= 0)
                    up = up < 0 ? q : common(s, up, q);
            }
            changed |= up != s->up[p];
            s->up[p] = up;
        }
    }
}

/* A meeting before each piece where lanes meet; targets and joins become instructions of the longer list. */
static void insert_meetings(struct builder *b, const struct flow *f, const int *up)
{
    struct ptx_kernel *k = b->kernel;
    bool *meets = calloc((size_t)f->n + 1, sizeof *meets);
    int32_t *moved = calloc((size_t)f->n + 1, sizeof *moved);
    struct insn *old = k->code;
    struct shape *old_shapes = b->shapes;
    if (!meets || !moved)
        abort();
    for (int p = 0; p < f->n; p++) {
        const struct insn *last = &old[f->piece[p].end - 1];
        if (last->run == run_branch && last->guard != NO_GUARD && up[p] >= 0)
            meets[up[p]] = true;
    }
    k->code = NULL;
    b->shapes = NULL;
    k->n_code = k->room_code = b->n_shapes = b->room_shapes = 0;
    for (int p = 0; p < f->n; p++) {
        moved[p] = k->n_code;
        if (meets[p])
            build_insn(b, run_meeting, old[f->piece[p].first].line)->class = CLASS_MEETING;
        for (int i = f->piece[p].first; i < f->piece[p].end; i++) {
            *build_insn(b, NULL, 0) = old[i];
            b->shapes[b->n_shapes - 1] = old_shapes[i];
        }
    }
    for (int p = 0; p < f->n; p++) {
        struct insn *last = &k->code[p + 1 < f->n ? moved[p + 1] - 1 : k->n_code - 1];
        if (last->run != run_branch)
            continue;
        last->target = moved[f->piece_of[last->target]];
        last->join = up[p] >= 0 && up[p] < f->n ? moved[up[p]] : JOIN_NONE;
    }
    free(old);
    free(old_shapes);
    free(moved);
    free(meets);
}

bool flow_joins(struct builder *b)
{
    struct ptx_kernel *k = b->kernel;
    for (int i = 0; i < k->n_code; i++)
        if (k->code[i].run == run_branch)
            k->code[i].target = b->labels[k->code[i].target].at;
    if (k->n_code == 0 || k->code[k->n_code - 1].guard != NO_GUARD || !ends_piece(&k->code[k->n_code - 1]))
        return build_failed(b, b->lex.token.line, "%s does not end with a return", k->name);
    struct flow f = flow_of(k);
    const size_t n = (size_t)f.n + 2;
    struct search s = { &f, calloc(2 * n, sizeof(int)), calloc(n + 1, sizeof(int)), calloc(n, sizeof(int)), calloc(n, sizeof(int)), 0,
                        calloc(n, sizeof(int)) };
    if (!s.before || !s.n_before || !s.order || !s.number || !s.up)
        abort();
    memset(s.number, 0xff, n * sizeof(int));
    memset(s.up, 0xff, n * sizeof(int));
    list_before(&s);
    visit(&s, f.n);
    climb(&s);
    insert_meetings(b, &f, s.up);
    free(s.before);
    free(s.n_before);
    free(s.order);
    free(s.number);
    free(s.up);
    flow_release(&f);
    return true;
}
