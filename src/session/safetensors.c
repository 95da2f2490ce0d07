#include "config.h"
#include "session/safetensors.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

static const uint64_t number_max = UINT64_C(1) << 40;

void safetensors_add_string(struct buf *out, const char *text)
{
    buf_addc(out, '"');
    while (*text) {
        uint32_t c = text_next(&text);
        if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", (char)c);
        else if (c >= 0x20 && c <= 0x7e)
            buf_addc(out, (char)c);
        else if (c < 0x10000)
            buf_addf(out, "\\u%04x", (unsigned)c);
        else
            buf_addf(out, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (c >> 10)), (unsigned)(0xdc00 | (c & 0x3ff)));
    }
    buf_addc(out, '"');
}

static int dtype_bytes(const char *dtype)
{
    static const struct {
        const char *name;
        int bytes;
    } known[] = { { "F32", 4 }, { "F64", 8 }, { "F16", 2 }, { "BF16", 2 }, { "U64", 8 }, { "I64", 8 }, { "U32", 4 },
                  { "I32", 4 }, { "U16", 2 }, { "I16", 2 },  { "U8", 1 },  { "I8", 1 },  { "BOOL", 1 } };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(dtype, known[i].name) == 0)
            return known[i].bytes;
    return 0;
}

/* A whole number 0..2^40. */
static int read_number(const json_t *value, uint64_t *out)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > number_max)
        return -1;
    *out = (uint64_t)json_integer_value(value);
    return 0;
}

static int read_shape(const json_t *shape, uint64_t *n)
{
    *n = 1;
    if (!json_is_array(shape) || json_array_size(shape) > SAFETENSORS_RANK_MAX)
        return -1;
    for (size_t i = 0; i < json_array_size(shape); i++) {
        uint64_t dim;
        if (read_number(json_array_get(shape, i), &dim) < 0 || (dim && *n > number_max / dim))
            return -1;
        *n *= dim;
    }
    return 0;
}

static int read_tensor(const char *name, const json_t *value, struct safetensors_tensor *t, struct err *err)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-";
    size_t length = strlen(name);
    if (length == 0 || length > SAFETENSORS_NAME_MAX || strspn(name, allowed) != length)
        return err_set(err, ERR_DATA, "safetensors: a tensor name has %zu bytes or characters other than A-Z a-z 0-9 . _ / -", length);
    memcpy(t->name, name, length + 1);
    const char *dtype = json_string_value(json_object_get(value, "dtype"));
    const json_t *offsets = json_object_get(value, "data_offsets");
    int size = dtype ? dtype_bytes(dtype) : 0;
    if (!size)
        return err_set(err, ERR_DATA, "safetensors: tensor %s has an unknown type", name);
    snprintf(t->dtype, sizeof t->dtype, "%s", dtype);
    if (read_shape(json_object_get(value, "shape"), &t->n) < 0)
        return err_set(err, ERR_DATA, "safetensors: tensor %s has a shape that is not accepted", name);
    if (json_array_size(offsets) != 2 || read_number(json_array_get(offsets, 0), &t->begin) < 0 ||
        read_number(json_array_get(offsets, 1), &t->end) < 0 || t->end < t->begin ||
        t->end - t->begin != t->n * (uint64_t)size)
        return err_set(err, ERR_DATA, "safetensors: offsets of tensor %s do not fit its shape", name);
    return 0;
}

static int read_meta(json_t *value, struct safetensors *s, struct err *err)
{
    const char *key;
    json_t *item;
    s->meta = calloc(json_object_size(value) + 1, sizeof *s->meta);
    if (!s->meta)
        return err_set(err, ERR_MEMORY, "no memory for metadata");
    json_object_foreach(value, key, item) {
        if (!json_is_string(item))
            return err_set(err, ERR_DATA, "safetensors: metadata holds something other than a string");
        struct safetensors_meta *m = &s->meta[s->n_meta++];
        m->key = strdup(key);
        m->value = strdup(json_string_value(item));
        if (!m->key || !m->value)
            return err_set(err, ERR_MEMORY, "no memory for metadata");
    }
    return 0;
}

static int by_offset(const void *a, const void *b)
{
    const struct safetensors_tensor *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

static int read_all(json_t *root, struct safetensors *s, struct err *err)
{
    const char *key;
    json_t *value;
    if (!json_is_object(root))
        return err_set(err, ERR_DATA, "safetensors: the header is not an object");
    if (json_object_size(root) > SAFETENSORS_TENSORS_MAX)
        return err_set(err, ERR_DATA, "safetensors: more than %d tensors", SAFETENSORS_TENSORS_MAX);
    s->tensor = calloc(json_object_size(root) + 1, sizeof *s->tensor);
    if (!s->tensor)
        return err_set(err, ERR_MEMORY, "no memory for tensor names");
    json_object_foreach(root, key, value) {
        if (!json_is_object(value))
            return err_set(err, ERR_DATA, "safetensors: a header entry is not an object");
        if (strcmp(key, "__metadata__") == 0 ? read_meta(value, s, err) < 0
                                             : read_tensor(key, value, &s->tensor[s->n_tensors++], err) < 0)
            return -1;
    }
    qsort(s->tensor, (size_t)s->n_tensors, sizeof *s->tensor, by_offset);
    for (int i = 0; i < s->n_tensors; i++) {
        if (s->tensor[i].begin != s->data_bytes)
            return err_set(err, ERR_DATA, "safetensors: a hole or overlap before tensor %s", s->tensor[i].name);
        s->data_bytes = s->tensor[i].end;
    }
    return 0;
}

int safetensors_parse(const char *json, size_t n, struct safetensors *out, struct err *err)
{
    *out = (struct safetensors){ 0 };
    if (n > SAFETENSORS_HEADER_MAX)
        return err_set(err, ERR_DATA, "safetensors: header of %zu bytes; at most %d are accepted", n, SAFETENSORS_HEADER_MAX);
    for (size_t i = 0; i < n; i++)
        if (json[i] < 0x20 || json[i] > 0x7e)
            return err_set(err, ERR_DATA, "safetensors: header byte 0x%02x is not printable ASCII", (unsigned char)json[i]);
    json_error_t fault;
    json_t *root = json_loadb(json, n, JSON_REJECT_DUPLICATES, &fault);
    if (!root)
        return err_set(err, ERR_DATA, "safetensors: header is not valid: %s", fault.text);
    int result = read_all(root, out, err);
    json_decref(root);
    if (result < 0)
        safetensors_release(out);
    return result;
}

void safetensors_release(struct safetensors *s)
{
    for (int i = 0; i < s->n_meta; i++) {
        free(s->meta[i].key);
        free(s->meta[i].value);
    }
    free(s->meta);
    free(s->tensor);
    *s = (struct safetensors){ 0 };
}

const struct safetensors_tensor *safetensors_find(const struct safetensors *s, const char *name)
{
    for (int i = 0; i < s->n_tensors; i++)
        if (strcmp(s->tensor[i].name, name) == 0)
            return &s->tensor[i];
    return NULL;
}

const char *safetensors_meta(const struct safetensors *s, const char *key)
{
    for (int i = 0; i < s->n_meta; i++)
        if (strcmp(s->meta[i].key, key) == 0)
            return s->meta[i].value;
    return NULL;
}
