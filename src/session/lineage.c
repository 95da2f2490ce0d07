#include "config.h"
#include "session/lineage.h"

#include <stdlib.h>
#include <string.h>

struct id_row { /* a run by its id */
    const struct session_info *info;
    int run;
};

static int by_id(const void *a, const void *b)
{
    const struct id_row *x = a, *y = b;
    const int order = strcmp(x->info->id, y->info->id);
    return order ? order : x->run - y->run;
}

/* Is it called as the parent was, NAME of "NAME@EPOCH"? */
static bool has_name_of(const struct session_info *info, const char *parent)
{
    const char *at = strrchr(parent, '@');
    const size_t n = at ? (size_t)(at - parent) : strlen(parent);
    return strlen(info->name) == n && strncmp(info->name, parent, n) == 0;
}

/* Is it rather the parent than another run with the same id? */
static bool is_rather(const struct session_info *info, const struct session_info *other, const char *parent)
{
    const bool named = has_name_of(info, parent);
    return named != has_name_of(other, parent) ? named : strcmp(info->name, other->name) < 0;
}

const struct session_info *lineage_parent(const struct session_info *list, int n, const char *parent, const char *parent_id)
{
    const struct session_info *found = NULL;
    for (int i = 0; parent_id[0] && i < n; i++)
        if (strcmp(list[i].id, parent_id) == 0 && (!found || is_rather(&list[i], found, parent)))
            found = &list[i];
    return found;
}

static int find_by_parent_id(const struct session_info *child, const struct id_row *sorted, int n)
{
    int low = 0, high = n;
    const struct id_row *found = NULL;
    if (!child->parent_id[0])
        return -1;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (strcmp(sorted[middle].info->id, child->parent_id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < n && strcmp(sorted[low].info->id, child->parent_id) == 0; low++)
        if (sorted[low].info != child && (!found || is_rather(sorted[low].info, found->info, child->parent)))
            found = &sorted[low];
    return found ? found->run : -1;
}

struct branch { /* a run under its parent */
    struct kin kin;
    uint64_t step;
};

static int by_parent(const void *a, const void *b)
{
    const struct branch *x = a, *y = b;
    if (x->kin.parent != y->kin.parent)
        return x->kin.parent < y->kin.parent ? -1 : 1;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    return x->kin.run - y->kin.run;
}

struct descent {
    const struct branch *branch; /* by parent; those without one first */
    int *first;                  /* [1 + run]: of its children among them */
    int n;
    bool *told;
    int *stack;                  /* a run to be told; -1: one with all that came of it is told */
    struct kin *out;
    int n_out;
};

/* A run and all that came of it. */
static void tell_descent(struct descent *d, int run)
{
    int n = 0, depth = 0;
    d->stack[n++] = run;
    while (n > 0) {
        const int at = d->stack[--n];
        if (at < 0)
            depth--;
        if (at < 0 || d->told[at])
            continue;
        d->told[at] = true;
        d->out[d->n_out++] = (struct kin){ .run = at, .depth = depth++ };
        d->stack[n++] = -1;
        for (int i = d->first[at + 2]; i-- > d->first[at + 1];)
            d->stack[n++] = d->branch[i].kin.run;
    }
}

static void tell_all(struct descent *d, const int *parent)
{
    for (int run = 0; run < d->n; run++)
        if (parent[run] < 0)
            tell_descent(d, run);
    for (int run = 0; run < d->n; run++) /* a forged circle has no beginning */
        if (!d->told[run])
            tell_descent(d, run);
    for (int i = 0; i < d->n_out; i++)
        d->out[i].parent = parent[d->out[i].run];
}

/* The branches are sorted by parent; first[] then says where the children of each begin. */
static void find_parents(const struct session_info *list, int n, const struct id_row *sorted, struct branch *branch, int *first, int *parent)
{
    for (int i = 0; i < n; i++) {
        parent[i] = find_by_parent_id(&list[i], sorted, n);
        branch[i] = (struct branch){ .kin = { .run = i, .parent = parent[i] }, .step = list[i].parent_step };
        first[parent[i] + 2]++;
    }
    qsort(branch, (size_t)n, sizeof *branch, by_parent);
    for (int i = 1; i <= n + 1; i++)
        first[i] += first[i - 1];
}

int lineage_of(const struct session_info *list, int n, struct kin *out)
{
    const size_t room = (size_t)n + 2;
    struct id_row *sorted = malloc(room * sizeof *sorted);
    struct branch *branch = malloc(room * sizeof *branch);
    int *parent = malloc(room * sizeof *parent), *first = calloc(room, sizeof *first), *stack = malloc(2 * room * sizeof *stack);
    struct descent d = { .branch = branch, .first = first, .n = n, .told = calloc(room, sizeof *d.told), .stack = stack, .out = out };
    const bool made = sorted && branch && parent && first && stack && d.told;
    if (made) {
        for (int i = 0; i < n; i++)
            sorted[i] = (struct id_row){ &list[i], i };
        qsort(sorted, (size_t)n, sizeof *sorted, by_id);
        find_parents(list, n, sorted, branch, first, parent);
        tell_all(&d, parent);
    }
    free(sorted);
    free(branch);
    free(parent);
    free(first);
    free(stack);
    free(d.told);
    return made ? 0 : -1;
}
