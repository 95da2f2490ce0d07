#include "config.h"
#include "engine/model/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/safetensors.h"

static const char mean_end[] = ".running_mean", batches_end[] = ".num_batches_tracked";

static void add_item(struct safetensors_item *item, const struct tensor_info *t, const float *data)
{
    *item = (struct safetensors_item){ .name = t->name, .dtype = SAFETENSORS_F32, .rank = t->rank };
    for (int i = 0; i < t->rank; i++)
        item->dims[i] = (uint64_t)t->dims[i];
    item->data = data + t->offset;
}

/* The counters come first: 8-byte numbers stay aligned in the file. Names are cut from the running means'. */
static int add_counters(const struct net *net, struct safetensors_item *items, char (*names)[96], const int64_t *batches)
{
    int n = 0;
    for (int i = 0; i < net->stats.n; i++) {
        const char *name = net->stats.tensor[i].name;
        size_t length = strlen(name), end = sizeof mean_end - 1;
        if (length <= end || strcmp(name + length - end, mean_end) != 0)
            continue;
        snprintf(names[n], sizeof names[n], "%.*s%s", (int)(length - end), name, batches_end);
        items[n] = (struct safetensors_item){ .name = names[n], .dtype = SAFETENSORS_I64, .data = batches };
        n++;
    }
    return n;
}

int params_save(const struct net *net, const struct params_file *to, const float *params, const float *stats, int64_t batches, struct err *err)
{
    size_t most = (size_t)net->params.n + 2 * (size_t)net->stats.n;
    struct safetensors_item *items = calloc(most, sizeof *items);
    char(*names)[96] = calloc((size_t)net->stats.n + 1, sizeof *names);
    int n = 0, result = -1;
    if (items && names) {
        if (stats)
            n = add_counters(net, items, names, &batches);
        for (int i = 0; i < net->params.n; i++)
            add_item(&items[n++], &net->params.tensor[i], params);
        for (int i = 0; stats && i < net->stats.n; i++)
            add_item(&items[n++], &net->stats.tensor[i], stats);
        result = safetensors_save(to->path, to->force, items, n, to->metadata, err);
    } else {
        err_set(err, ERR_MEMORY, "no memory to write %s", to->path);
    }
    free(items);
    free(names);
    return result;
}

int params_save_named(const struct net *net, const struct params_file *to, const char *const *name, const float *const *vector, int n,
                      struct err *err)
{
    size_t count = (size_t)n * (size_t)net->params.n;
    struct safetensors_item *items = calloc(count + 1, sizeof *items);
    char (*names)[96] = calloc(count + 1, sizeof *names);
    int result = -1;
    for (size_t i = 0; items && names && i < count; i++) {
        size_t k = i / (size_t)net->params.n;
        const struct tensor_info *t = &net->params.tensor[i % (size_t)net->params.n];
        add_item(&items[i], t, vector[k]);
        snprintf(names[i], sizeof names[i], "%.20s.%s", name[k], t->name);
        items[i].name = names[i];
    }
    if (items && names)
        result = safetensors_save(to->path, to->force, items, (int)count, to->metadata, err);
    else
        err_set(err, ERR_MEMORY, "no memory to write %s", to->path);
    free(items);
    free(names);
    return result;
}
