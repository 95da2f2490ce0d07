/* Tensor files written: a header, then the data as it lies in memory. */
#include "config.h"
#include "base/safetensors_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

static json_t *entry_of(const struct safetensors_tensor *t, uint64_t begin)
{
    json_t *shape = json_array();
    for (int i = 0; i < t->rank; i++)
        json_array_append_new(shape, json_integer((json_int_t)t->dims[i]));
    json_t *offsets = json_array();
    json_array_append_new(offsets, json_integer((json_int_t)begin));
    json_array_append_new(offsets, json_integer((json_int_t)(begin + t->bytes)));
    json_t *entry = json_object();
    json_object_set_new(entry, "dtype", json_string(safetensors_types[t->dtype].name));
    json_object_set_new(entry, "shape", shape);
    json_object_set_new(entry, "data_offsets", offsets);
    return entry;
}

static int measure_item(const struct safetensors_item *item, struct safetensors_tensor *t, struct err *err)
{
    if (!safetensors_name_is_plain(item->name))
        return err_set(err, ERR_DATA, "tensor name '%.64s' is not 1 to %d of [A-Za-z0-9._/-]", item->name,
                       SAFETENSORS_MAX_NAME);
    *t = (struct safetensors_tensor){ .name = item->name, .dtype = item->dtype, .rank = item->rank, .data = item->data };
    if (item->rank < 0 || item->rank > SAFETENSORS_MAX_RANK)
        return err_set(err, ERR_DATA, "tensor '%s' of rank %d; at most %d is accepted", item->name, item->rank,
                       SAFETENSORS_MAX_RANK);
    memcpy(t->dims, item->dims, sizeof t->dims);
    if (!safetensors_measure(t))
        return err_set(err, ERR_DATA, "tensor '%s': more than 2^40 bytes", item->name);
    return 0;
}

static int add_items(json_t *root, const struct safetensors_item *items, int n, struct err *err)
{
    uint64_t begin = 0;
    if (n > SAFETENSORS_MAX_TENSORS)
        return err_set(err, ERR_DATA, "%d tensors; at most %d are accepted", n, SAFETENSORS_MAX_TENSORS);
    for (int i = 0; i < n; i++) {
        struct safetensors_tensor t;
        if (measure_item(&items[i], &t, err) < 0)
            return -1;
        if (json_object_get(root, t.name))
            return err_set(err, ERR_DATA, "two tensors are called '%s'", t.name);
        if (json_object_set_new(root, t.name, entry_of(&t, begin)) < 0)
            return err_set(err, ERR_MEMORY, "no memory for the header");
        begin += t.bytes;
        if (begin > SIZE_LIMIT)
            return err_set(err, ERR_DATA, "more than 2^40 bytes of tensors");
    }
    return 0;
}

static int add_metadata(json_t *root, const char *const *metadata, struct err *err)
{
    if (!metadata || !metadata[0])
        return 0;
    json_t *object = json_object();
    if (json_object_set_new(root, "__metadata__", object) < 0)
        return err_set(err, ERR_MEMORY, "no memory for the header");
    for (int i = 0; metadata[i]; i += 2)
        if (json_object_set_new(object, metadata[i], json_string(metadata[i + 1])) < 0)
            return err_set(err, ERR_DATA, "metadata '%.64s' is not UTF-8", metadata[i]);
    return 0;
}

static int add_json(struct buf *out, const json_t *root, struct err *err)
{
    char *text = json_dumps(root, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (!text)
        return err_set(err, ERR_MEMORY, "no memory for the header");
    size_t length = strlen(text), padded = (PREFIX + length + DATA_ALIGN - 1) / DATA_ALIGN * DATA_ALIGN - PREFIX;
    uint64_t word = padded;
    if (padded <= HEADER_LIMIT) {
        buf_add(out, &word, sizeof word);
        buf_add(out, text, length);
        for (size_t i = length; i < padded; i++)
            buf_addc(out, ' ');
    }
    free(text);
    if (padded > HEADER_LIMIT)
        return err_set(err, ERR_DATA, "a header of %zu bytes; at most 4 MiB are accepted", padded);
    return out->failed ? err_set(err, ERR_MEMORY, "no memory for the header") : 0;
}

int safetensors_header(struct buf *out, const struct safetensors_item *items, int n, const char *const *metadata,
                       struct err *err)
{
    json_t *root = json_object();
    if (!root)
        return err_set(err, ERR_MEMORY, "no memory for the header");
    int result = add_metadata(root, metadata, err);
    if (result == 0)
        result = add_items(root, items, n, err);
    if (result == 0)
        result = add_json(out, root, err);
    json_decref(root);
    return result;
}

struct contents {
    const struct buf *header;
    const struct safetensors_item *items;
    int n;
};

static int write_tensors(void *ctx, FILE *out, struct err *err)
{
    const struct contents *c = ctx;
    fwrite(c->header->data, 1, c->header->len, out);
    for (int i = 0; i < c->n; i++) {
        struct safetensors_tensor t;
        measure_item(&c->items[i], &t, err); /* accepted when the header was made */
        fwrite(t.data, 1, (size_t)t.bytes, out);
    }
    return 0;
}

int safetensors_save(const char *path, bool force, const struct safetensors_item *items, int n,
                     const char *const *metadata, struct err *err)
{
    struct buf header = { 0 };
    struct contents c = { &header, items, n };
    int result = safetensors_header(&header, items, n, metadata, err);
    if (result < 0)
        err_prefix(err, "%s", path);
    else
        result = file_publish(path, force, write_tensors, &c, err);
    buf_release(&header);
    return result;
}
