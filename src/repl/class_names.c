/* The classes that there are, for words that name them: of the history that is shown, or else of the set-up's data. */
#include "config.h"
#include "repl/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *history_name(const void *ctx, int i)
{
    return ((const struct history *)ctx)->cls[i].name;
}

static int history_group(const void *ctx, int i)
{
    return ((const struct history *)ctx)->cls[i].group;
}

static const char *history_group_name(const void *ctx, int g)
{
    return ((const struct history *)ctx)->group_name[g];
}

static double history_acc(const void *ctx, int i)
{
    const struct history *h = ctx;
    return h->n_eval ? history_class_acc(h, h->n_eval - 1, i) : NAN;
}

static const char *data_name(const void *ctx, int i)
{
    return ((const struct dataset *)ctx)->class_name[i];
}

static int data_group(const void *ctx, int i)
{
    return ((const struct dataset *)ctx)->group[i];
}

static const char *data_group_name(const void *ctx, int g)
{
    (void)ctx;
    return class_group_name[g];
}

static double no_acc(const void *ctx, int i)
{
    (void)ctx;
    (void)i;
    return NAN;
}

void bench_history_classes(const struct history *h, struct class_names *out)
{
    *out = (struct class_names){ h->n_classes, h->n_groups, history_name, history_group, history_group_name, history_acc, h };
}

static void data_classes(const struct dataset *d, struct class_names *out)
{
    *out = (struct class_names){ d->classes, N_GROUPS, data_name, data_group, data_group_name, no_acc, d };
}

int bench_classes(struct workbench *w, struct class_names *out, struct err *err)
{
    const struct history *h = bench_shown(w);
    if (w->classes_of)
        data_classes(w->classes_of, out);
    else if (h->n_classes > 0 && (w->replay.on || w->run.trainer))
        bench_history_classes(h, out);
    else if (setup_data(w, err) < 0)
        return -1;
    else
        data_classes(&w->setup.data, out);
    return 0;
}

int bench_class_list(struct workbench *w, struct call *c, int i, int *out, struct err *err)
{
    struct class_names names;
    if (bench_classes(w, &names, err) < 0)
        return -1;
    bool *set = calloc((size_t)names.n, sizeof *set);
    if (!set)
        return err_set(err, ERR_MEMORY, "no memory for %d classes", names.n);
    int n = 0, failed = 0;
    for (; i < c->n && !failed; i++)
        if (classes_parse(&names, c->word[i].text, set, err) < 0)
            failed = call_bad(c, i);
    for (int k = 0; k < names.n && !failed; k++) {
        if (set[k] && n == COMMAND_MAX_CLASSES)
            failed = err_set(err, ERR_RANGE, "more than %d classes at once", COMMAND_MAX_CLASSES);
        else if (set[k])
            out[n++] = k;
    }
    free(set);
    return failed ? -1 : n;
}

bool *call_classes(struct call *c, const struct history *h, struct err *err)
{
    struct class_names names;
    bool *set = calloc((size_t)h->n_classes + 1, sizeof *set);
    if (!set) {
        err_set(err, ERR_MEMORY, "no memory for %d classes", h->n_classes);
        return NULL;
    }
    bench_history_classes(h, &names);
    for (int i = 0; i < c->n_options; i++) {
        if (strncmp(c->option[i].name, "class", 5) != 0 || classes_parse(&names, c->option[i].value, set, err) == 0)
            continue;
        free(set);
        call_bad_option(c, "class");
        return NULL;
    }
    return set;
}
