#include "config.h"
#include "engine/data/imbalance.h"

#include "base/rng.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double profile_count(const struct imbalance_profile *p, double beta, int c)
{
    /* The inverse first, then its power: the reference's order of operations, so the same roundings. */
    double factor = 1.0 / beta;
    if (p->kind == IMBALANCE_EXP && p->classes > 1)
        return trunc(p->full * pow(factor, (double)c / (p->classes - 1)));
    if (p->kind == IMBALANCE_STEP)
        return trunc(c < p->classes / 2 ? p->full : p->full * factor);
    return trunc(p->full);
}

/* The largest whole beta that leaves every class an image; 0 when there is none. */
static double largest_beta(const struct imbalance_profile *p)
{
    double beta = floor(p->full);
    while (beta >= 1 && profile_count(p, beta, p->classes - 1) < 1)
        beta--;
    return beta < 1 ? 0 : beta;
}

static int no_image(const struct imbalance_profile *p, double beta, int c, struct err *err)
{
    return err_set(err, ERR_RANGE, "beta %g leaves class %d%s%s without any image (the largest has %.0f); accepted: 1..%.0f",
                   beta, c, p->class_name ? " " : "", p->class_name ? p->class_name[c] : "", trunc(p->full), largest_beta(p));
}

int imbalance_counts(uint32_t *count, const struct imbalance_profile *p, struct err *err)
{
    const double beta = p->kind == IMBALANCE_NONE ? 1 : p->beta;
    if (!(p->full >= 1))
        return err_set(err, ERR_DATA, "%g images per class, expected at least 1", p->full);
    if (!(beta >= 1) || isinf(beta))
        return err_set(err, ERR_RANGE, "beta %g is not accepted, expected 1..%.0f (largest class / smallest class)", beta, largest_beta(p));
    for (int c = 0; c < p->classes; c++) {
        double n = profile_count(p, beta, c);
        if (n < 1)
            return no_image(p, beta, c, err);
        count[c] = (uint32_t)n;
    }
    return 0;
}

/* list[start[c]..start[c + 1]) are the positions of class c, ascending. */
static void list_classes(uint32_t *list, uint32_t *start, const int32_t *label, uint32_t n, int classes)
{
    for (uint32_t i = 0; i < n; i++)
        start[label[i] + 1]++;
    for (int c = 0; c < classes; c++)
        start[c + 1] += start[c];
    for (uint32_t i = 0; i < n; i++)
        list[start[label[i]]++] = i;
    for (int c = classes; c > 0; c--)
        start[c] = start[c - 1];
    start[0] = 0;
}

static int choose_of_each(uint32_t *position, uint32_t *list, const uint32_t *start, const struct imbalance_choice *choice, struct err *err)
{
    struct rng_twister twister;
    uint32_t kept = 0;
    rng_twister_init(&twister, choice->seed);
    for (int c = 0; c < choice->classes; c++) {
        const uint32_t length = start[c + 1] - start[c], count = choice->count[c];
        if (length < count)
            return err_set(err, ERR_DATA, "class %d has %" PRIu32 " images, the profile needs %" PRIu32, c, length, count);
        rng_twister_shuffle(&twister, list + start[c], length);
        memcpy(position + kept, list + start[c], count * sizeof *list);
        kept += count;
    }
    return 0;
}

int imbalance_choose(uint32_t *position, const int32_t *label, uint32_t n, const struct imbalance_choice *choice, struct err *err)
{
    uint32_t *list = malloc(((size_t)n + 1) * sizeof *list), *start = calloc((size_t)choice->classes + 2, sizeof *start);
    int result = -1;
    if (list && start) {
        list_classes(list, start, label, n, choice->classes);
        result = choose_of_each(position, list, start, choice, err);
    } else {
        err_set(err, ERR_MEMORY, "no memory to choose among %" PRIu32 " images", n);
    }
    free(list);
    free(start);
    return result;
}

/* --- groups ------------------------------------------------------------------------------------------------------ */

static void groups_by_index(struct dataset *d, int n_head, int n_mid)
{
    for (int c = 0; c < d->classes; c++)
        d->group[c] = c < n_head ? GROUP_HEAD : c < n_head + n_mid ? GROUP_MID : GROUP_TAIL;
}

static void groups_by_shots(struct dataset *d, const uint32_t *count)
{
    for (int c = 0; c < d->classes; c++)
        d->group[c] = count[c] > 100 ? GROUP_HEAD : count[c] < 20 ? GROUP_TAIL : GROUP_MID;
}

struct ranked {
    uint32_t count;
    int class_index;
};

static int more_frequent_first(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->class_index < y->class_index ? -1 : 1;
}

static int groups_by_frequency(struct dataset *d, const uint32_t *count, struct err *err)
{
    struct ranked *rank = malloc((size_t)d->classes * sizeof *rank);
    if (!rank)
        return err_set(err, ERR_MEMORY, "no memory to rank %d classes", d->classes);
    for (int c = 0; c < d->classes; c++)
        rank[c] = (struct ranked){ count[c], c };
    qsort(rank, (size_t)d->classes, sizeof *rank, more_frequent_first);
    int third = d->classes < 3 ? 1 : d->classes / 3;
    for (int r = 0; r < d->classes; r++)
        d->group[rank[r].class_index] = r < third ? GROUP_HEAD : r >= d->classes - third ? GROUP_TAIL : GROUP_MID;
    free(rank);
    return 0;
}

static int bad_groups(const char *given, const char *why, int value, int classes, struct err *err)
{
    return err_set(err, ERR_INVALID, "groups '%.80s': %s %d; expected paper, shots or every class of 0..%d once, such as "
                   "0-2/3-6/7-9 (head/mid/tail) or 0-4/5-9 (head/tail)", given, why, value, classes - 1);
}

static int parse_class(const char **text, int *out)
{
    if (!isdigit((unsigned char)**text))
        return -1;
    char *end;
    long value = strtol(*text, &end, 10);
    *out = value > DATASET_MAX_CLASSES ? DATASET_MAX_CLASSES : (int)value;
    *text = end;
    return 0;
}

static int count_parts(const char *given)
{
    int parts = 1;
    for (const char *c = given; *c; c++)
        parts += *c == '/';
    return parts;
}

/* Marks the classes of one "a" or "a-b"; group entries that are not yet given hold N_GROUPS. */
static int parse_range(struct dataset *d, const char *given, const char **text, uint8_t group, struct err *err)
{
    int from, to;
    int at = (int)(*text - given);
    if (parse_class(text, &from) < 0)
        return bad_groups(given, "no class number at column", at + 1, d->classes, err);
    to = from;
    if (**text == '-') {
        ++*text;
        if (parse_class(text, &to) < 0)
            return bad_groups(given, "no class number at column", (int)(*text - given) + 1, d->classes, err);
    }
    if (from >= d->classes || to >= d->classes)
        return bad_groups(given, "no class", from >= d->classes ? from : to, d->classes, err);
    if (to < from)
        return bad_groups(given, "a range goes backwards to", to, d->classes, err);
    for (int c = from; c <= to; c++) {
        if (d->group[c] != N_GROUPS)
            return bad_groups(given, "twice class", c, d->classes, err);
        d->group[c] = group;
    }
    return 0;
}

static int groups_given(struct dataset *d, const char *given, struct err *err)
{
    int parts = count_parts(given);
    if (parts != 2 && parts != 3)
        return bad_groups(given, "number of groups:", parts, d->classes, err);
    const uint8_t order[] = { GROUP_HEAD, parts == 2 ? GROUP_TAIL : GROUP_MID, GROUP_TAIL };
    int part = 0;
    memset(d->group, N_GROUPS, (size_t)d->classes);
    for (const char *text = given;; text++) {
        if (parse_range(d, given, &text, order[part], err) < 0)
            return -1;
        if (!*text)
            break;
        if (*text != '/' && *text != ',')
            return bad_groups(given, "unexpected character at column", (int)(text - given) + 1, d->classes, err);
        part += *text == '/';
    }
    for (int c = 0; c < d->classes; c++)
        if (d->group[c] == N_GROUPS)
            return bad_groups(given, "missing class", c, d->classes, err);
    return 0;
}

static bool is_sorted_by_frequency(const uint32_t *count, int classes)
{
    for (int c = 1; c < classes; c++)
        if (count[c] > count[c - 1])
            return false;
    return true;
}

int imbalance_groups(struct dataset *d, const uint32_t *count, enum imbalance profile, const char *groups, struct err *err)
{
    int result = 0;
    if (groups && strcmp(groups, "shots") == 0)
        groups_by_shots(d, count);
    else if (groups && strcmp(groups, "paper") != 0)
        result = groups_given(d, groups, err);
    else if (profile == IMBALANCE_STEP)
        groups_by_index(d, d->classes / 2, 0);
    else if (d->classes == 10 && is_sorted_by_frequency(count, d->classes))
        groups_by_index(d, 3, 4);
    else if (d->classes == 100 && is_sorted_by_frequency(count, d->classes))
        groups_by_index(d, 36, 35);
    else
        result = groups_by_frequency(d, count, err);
    memset(d->group_classes, 0, sizeof d->group_classes);
    for (int c = 0; c < d->classes && result == 0; c++)
        d->group_classes[d->group[c]]++;
    return result;
}
