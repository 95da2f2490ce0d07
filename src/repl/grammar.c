/* The small parts of the grammar: numbers, when-clauses, classes. */
#include "config.h"
#include "repl/commands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/number.h"
#include "base/text.h"
#include "engine/knobs.h"

/* --- numbers --- */

int word_number(const char *text, const char *what, double low, double high, double *out, struct err *err)
{
    double value;
    if (!number_parse(text, &value))
        return err_set(err, ERR_INVALID, "%s '%s' is not a number", what, text);
    if (value < low || value > high)
        return err_set(err, ERR_RANGE, "%s %s is outside %.15g..%.15g", what, text, low, high);
    *out = value;
    return 0;
}

int word_whole(const char *text, const char *what, long low, long high, long *out, struct err *err)
{
    double value;
    if (word_number(text, what, -9e15, 9e15, &value, err) < 0)
        return -1;
    if (value != floor(value))
        return err_set(err, ERR_INVALID, "%s '%s' is not a whole number", what, text);
    if (value < (double)low || value > (double)high)
        return err_set(err, ERR_RANGE, "%s %s is outside %ld..%ld", what, text, low, high);
    *out = (long)value;
    return 0;
}

/* --- when --- */

static bool keyword(const struct word *w, const char *text)
{
    return !w->quoted && strcmp(w->text, text) == 0;
}

static int bad_number(const char *text, const char *what, int i, int *bad, double *out, struct err *err)
{
    *bad = i;
    return word_number(text, what, 0, 1e12, out, err);
}

static const char *const metrics[] = { "loss", "acc", "head", "mid", "tail" };

static int check_metric(const char *name, struct err *err)
{
    const int n = sizeof metrics / sizeof *metrics;
    for (int i = 0; i < n; i++)
        if (strcmp(metrics[i], name) == 0)
            return 0;
    if (strncmp(name, "lmin:", 5) == 0 && name[5])
        return 0;
    const char *near = strncmp(name, "lmin", 4) == 0 ? NULL : nearest_word(name, metrics, n); /* not mid: a class is missing */
    if (near)
        return err_set(err, ERR_INVALID, "unknown metric '%s'; did you mean '%s'?", name, near);
    return err_set(err, ERR_INVALID, "unknown metric '%s'; loss, acc, head, mid, tail or lmin:CLASS", name);
}

/* "if tail > 70", also as "if tail>70": the words after "if" are glued and cut at the sign. */
int condition_parse(struct when *out, const struct word *words, int n, int *bad, struct err *err)
{
    char text[256] = "";
    for (int i = 0; i < n; i++)
        text_append(text, sizeof text, "%s", words[i].text);
    char *sign = text + strcspn(text, "<>");
    *bad = 0;
    if (!*sign || n > 3)
        return err_set(err, ERR_USAGE, "a condition is 'METRIC > NUMBER' or 'METRIC < NUMBER', such as tail > 60");
    out->above = *sign == '>';
    *sign = '\0';
    if (strlen(text) >= sizeof out->metric || check_metric(text, err) < 0)
        return strlen(text) >= sizeof out->metric ? err_set(err, ERR_INVALID, "unknown metric '%s'", text) : -1;
    snprintf(out->metric, sizeof out->metric, "%.31s", text);
    *bad = n - 1;
    out->kind = IF_METRIC;
    return word_number(sign + 1, "the limit", -1e12, 1e12, &out->value, err);
}

static int unit_of(const char *word) /* 'e', 's' or 0 */
{
    if (strcmp(word, "epoch") == 0 || strcmp(word, "epochs") == 0)
        return 'e';
    return strcmp(word, "step") == 0 || strcmp(word, "steps") == 0 ? 's' : 0;
}

/* The place in words[0..n) where a when-clause begins, or n. Verbs with free text take no when-clause, so a keyword is one. */
static int when_start(const struct word *words, int n)
{
    for (int i = 0; i < n; i++)
        if (keyword(&words[i], "at") || keyword(&words[i], "in") || keyword(&words[i], "if"))
            return i;
    return n;
}

static int parse_position(struct when *out, const struct word *words, int n, int *bad, struct err *err)
{
    bool at = keyword(&words[0], "at");
    *bad = 0;
    if (n != 3)
        return err_set(err, ERR_USAGE, "when? 'at epoch N', 'at step N', 'in N epochs' or 'in N steps'");
    int unit = unit_of(words[at ? 1 : 2].text);
    if (!unit) {
        *bad = at ? 1 : 2;
        return err_set(err, ERR_USAGE, "'%s' is neither epoch nor step", words[*bad].text);
    }
    out->kind = at ? (unit == 'e' ? AT_EPOCH : AT_STEP) : (unit == 'e' ? IN_EPOCHS : IN_STEPS);
    int number = at ? 2 : 1;
    if (bad_number(words[number].text, unit == 'e' ? "epoch" : "step", number, bad, &out->value, err) < 0)
        return -1;
    if (unit == 's' && out->value != floor(out->value))
        return err_set(err, ERR_INVALID, "step '%s' is not a whole number", words[number].text);
    return 0;
}

int when_parse(struct when *out, const struct word *words, int *n, int *bad, struct err *err)
{
    *out = (struct when){ .kind = AT_ONCE };
    int start = when_start(words, *n);
    if (start == *n)
        return 0;
    int len = *n - start, result;
    if (keyword(&words[start], "if"))
        result = condition_parse(out, words + start + 1, len - 1, bad, err);
    else
        result = parse_position(out, words + start, len, bad, err);
    *bad += start + (keyword(&words[start], "if") ? 1 : 0);
    if (result < 0) {
        if (*bad >= *n)
            *bad = *n - 1;
        return -1;
    }
    *n = start;
    return 0;
}

/* --- classes --- */

/* An index, cINDEX, or a name; -1 when it is none of them. A name wins over an index. */
static int class_index(const struct class_names *names, const char *text)
{
    for (int i = 0; i < names->n; i++)
        if (strcmp(names->name(names->ctx, i), text) == 0)
            return i;
    const char *digits = text[0] == 'c' ? text + 1 : text;
    char *end;
    long i = strtol(digits, &end, 10);
    if (end == digits || *end || digits[0] == '-' || digits[0] == '+' || i < 0 || i >= names->n)
        return -1;
    return (int)i;
}

static int unknown_class(const struct class_names *names, const char *text, struct err *err)
{
    const char **list = malloc(sizeof *list * (size_t)(names->n + names->n_groups));
    const char *near = NULL;
    if (list) {
        for (int i = 0; i < names->n; i++)
            list[i] = names->name(names->ctx, i);
        for (int g = 0; g < names->n_groups; g++)
            list[names->n + g] = names->group_name(names->ctx, g);
        near = nearest_word(text, list, names->n + names->n_groups);
        free(list);
    }
    if (near)
        return err_set(err, ERR_INVALID, "unknown class '%s'; did you mean '%s'?", text, near);
    return err_set(err, ERR_INVALID, "unknown class '%s'; an index 0..%d, a name, a..b, head, mid, tail, all or worst:K", text,
                   names->n - 1);
}

static int add_range(const struct class_names *names, const char *text, const char *dots, bool *set, struct err *err)
{
    char from[64];
    snprintf(from, sizeof from, "%.*s", (int)(dots - text < 63 ? dots - text : 63), text);
    int a = class_index(names, from), b = class_index(names, dots + 2);
    if (a < 0)
        return unknown_class(names, from, err);
    if (b < 0)
        return unknown_class(names, dots + 2, err);
    if (a > b)
        return err_set(err, ERR_RANGE, "range '%s' runs backwards", text);
    for (int i = a; i <= b; i++)
        set[i] = true;
    return 0;
}

/* The k classes with the lowest accuracy; before any evaluation nothing is known, and saying so beats guessing. */
static int add_worst(const struct class_names *names, const char *text, bool *set, struct err *err)
{
    long k;
    if (word_whole(text + 6, "worst:", 1, names->n, &k, err) < 0)
        return -1;
    bool *taken = calloc((size_t)names->n, sizeof *taken);
    if (!taken)
        return err_set(err, ERR_MEMORY, "no memory for %d classes", names->n);
    for (; k > 0; k--) {
        int worst = -1;
        for (int i = 0; i < names->n; i++) {
            double acc = names->acc(names->ctx, i);
            if (!taken[i] && !isnan(acc) && (worst < 0 || acc < names->acc(names->ctx, worst)))
                worst = i;
        }
        if (worst < 0)
            break;
        taken[worst] = set[worst] = true;
    }
    bool any = k == 0;
    free(taken);
    return any ? 0 : err_set(err, ERR_INVALID, "'%s' needs an evaluation first; 'eval' makes one", text);
}

/* Adds the classes of a group; returns how many, -1: no such group. */
static int add_group(const struct class_names *names, const char *text, bool *set)
{
    for (int g = 0; g < names->n_groups; g++) {
        if (strcmp(names->group_name(names->ctx, g), text) != 0)
            continue;
        int n = 0;
        for (int i = 0; i < names->n; i++)
            if (names->group(names->ctx, i) == g)
                set[i] = true, n++;
        return n;
    }
    return -1;
}

static int add_classes(const struct class_names *names, const char *text, bool *set, struct err *err)
{
    const char *dots = strstr(text, "..");
    int i = class_index(names, text), n;
    if (i >= 0)
        set[i] = true;
    else if (strcmp(text, "all") == 0)
        memset(set, true, (size_t)names->n * sizeof *set);
    else if (strncmp(text, "worst:", 6) == 0)
        return add_worst(names, text, set, err);
    else if (dots)
        return add_range(names, text, dots, set, err);
    else if ((n = add_group(names, text, set)) < 0)
        return unknown_class(names, text, err);
    else if (n == 0)
        return err_set(err, ERR_INVALID, "no class is in group '%s' of this data; 'show classes' lists them with their groups", text);
    return 0;
}

int classes_parse(const struct class_names *names, const char *text, bool *set, struct err *err)
{
    char list[512];
    if (strlen(text) >= sizeof list)
        return err_set(err, ERR_INVALID, "list of classes longer than %zu characters", sizeof list - 1);
    snprintf(list, sizeof list, "%s", text);
    for (char *p = list, *comma; p; p = comma ? comma + 1 : NULL) {
        comma = strchr(p, ',');
        if (comma)
            *comma = '\0';
        if (!*p)
            return err_set(err, ERR_INVALID, "empty entry in list '%s'", text);
        if (add_classes(names, p, set, err) < 0)
            return -1;
    }
    return 0;
}
