#include "config.h"
#include "engine/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/safetensors.h"

enum { SHAPE_TEXT = 200 };
static const char mean_end[] = ".running_mean", batches_end[] = ".num_batches_tracked";

static bool same_shape(const struct tensor_info *want, const struct safetensors_tensor *have)
{
    if (want->rank != have->rank)
        return false;
    for (int i = 0; i < want->rank; i++)
        if ((uint64_t)want->dims[i] != have->dims[i])
            return false;
    return true;
}

static void wide_dims(const struct tensor_info *t, uint64_t dims[SAFETENSORS_MAX_RANK])
{
    for (int i = 0; i < t->rank; i++)
        dims[i] = (uint64_t)t->dims[i];
}

static int load_table(const struct net *net, const struct tensor_table *table, const struct safetensors *file,
                      float *out, struct err *err)
{
    for (int i = 0; i < table->n; i++) {
        const struct tensor_info *want = &table->tensor[i];
        const struct safetensors_tensor *have = safetensors_find(file, want->name);
        if (!have)
            return err_set(err, ERR_DATA, "tensor '%s' of %s is missing", want->name, net->name);
        if (!same_shape(want, have)) {
            uint64_t dims[SAFETENSORS_MAX_RANK] = { 0 };
            char is[SHAPE_TEXT], should[SHAPE_TEXT];
            wide_dims(want, dims);
            safetensors_shape_text(have->rank, have->dims, is, sizeof is);
            safetensors_shape_text(want->rank, dims, should, sizeof should);
            return err_set(err, ERR_DATA, "tensor '%s' is %s; %s needs %s", want->name, is, net->name, should);
        }
        if (safetensors_to_float(have, out + want->offset, err) < 0)
            return -1;
    }
    return 0;
}

static bool in_table(const struct tensor_table *table, const char *name)
{
    for (int i = 0; i < table->n; i++)
        if (strcmp(table->tensor[i].name, name) == 0)
            return true;
    return false;
}

/* "layer1.0.bn1.num_batches_tracked" of a batch norm that the network has. */
static bool is_batch_counter(const struct net *net, const char *name)
{
    size_t n = strlen(name), end = sizeof batches_end - 1;
    char mean[sizeof net->stats.tensor[0].name + sizeof mean_end];
    if (n <= end || strcmp(name + n - end, batches_end) != 0)
        return false;
    snprintf(mean, sizeof mean, "%.*s%s", (int)(n - end), name, mean_end);
    return in_table(&net->stats, mean);
}

static int check_extra(const struct net *net, const struct safetensors *file, struct err *err)
{
    for (int i = 0; i < safetensors_count(file); i++) {
        const char *name = safetensors_at(file, i)->name;
        if (!in_table(&net->params, name) && !in_table(&net->stats, name) && !is_batch_counter(net, name))
            return err_set(err, ERR_DATA, "%s has no tensor '%s'", net->name, name);
    }
    return 0;
}

int params_load(const struct net *net, const char *path, float *params, float *stats, struct err *err)
{
    struct safetensors *file = safetensors_open(path, err);
    if (!file)
        return -1;
    int result = load_table(net, &net->params, file, params, err);
    if (result == 0 && stats)
        result = load_table(net, &net->stats, file, stats, err);
    if (result == 0)
        result = check_extra(net, file, err);
    safetensors_close(file);
    return result == 0 ? 0 : err_prefix(err, "%s", path);
}

static void add_item(struct safetensors_item *item, const struct tensor_info *t, const float *data)
{
    *item = (struct safetensors_item){ .name = t->name, .dtype = SAFETENSORS_F32, .rank = t->rank };
    wide_dims(t, item->dims);
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

int params_save(const struct net *net, const char *path, bool force, const float *params, const float *stats,
                int64_t batches, const char *const *metadata, struct err *err)
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
        result = safetensors_save(path, force, items, n, metadata, err);
    } else {
        err_set(err, ERR_MEMORY, "no memory to write %s", path);
    }
    free(items);
    free(names);
    return result;
}

int params_save_named(const struct net *net, const char *path, bool force, const char *const *name, const float *const *vector, int n,
                      const char *const *metadata, struct err *err)
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
        result = safetensors_save(path, force, items, (int)count, metadata, err);
    else
        err_set(err, ERR_MEMORY, "no memory to write %s", path);
    free(items);
    free(names);
    return result;
}
