#include "config.h"
#include "base/safetensors_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/foreign.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensor data are copied as they lie in the file");

const struct safetensors_type safetensors_types[SAFETENSORS_DTYPE_COUNT] = {
#define DTYPE_ROW(id, name, bytes) [SAFETENSORS_##id] = { name, bytes },
    SAFETENSORS_DTYPES(DTYPE_ROW)
#undef DTYPE_ROW
};

struct safetensors {
    json_t *header; /* owns names and metadata texts */
    unsigned char *owned;
    struct safetensors_tensor *tensor; /* by position in the file */
    const struct safetensors_tensor **by_name;
    int n;
    uint64_t data_bytes;
};

/* --- small checks shared by reader and writer --- */

bool safetensors_name_is_plain(const char *name)
{
    static const char accepted[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-";
    size_t n = strlen(name);
    return n >= 1 && n <= SAFETENSORS_MAX_NAME && strspn(name, accepted) == n;
}

bool safetensors_measure(struct safetensors_tensor *t)
{
    t->count = 1;
    bool empty = false;
    for (int i = 0; i < t->rank; i++) {
        if (t->dims[i] > SIZE_LIMIT)
            return false;
        empty = empty || t->dims[i] == 0;
    }
    for (int i = 0; i < t->rank && !empty; i++) {
        if (t->count > SIZE_LIMIT / t->dims[i])
            return false;
        t->count *= t->dims[i];
    }
    if (empty)
        t->count = 0;
    t->bytes = t->count * safetensors_types[t->dtype].bytes; /* <= 2^43 */
    return t->bytes <= SIZE_LIMIT;
}

static int find_dtype(const char *name)
{
    for (int i = 0; name && i < SAFETENSORS_DTYPE_COUNT; i++)
        if (strcmp(name, safetensors_types[i].name) == 0)
            return i;
    return -1;
}

void safetensors_shape_text(int rank, const uint64_t *dims, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "[");
    for (int i = 0; i < rank && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%" PRIu64, i ? ", " : "", dims[i]);
    if (used < size)
        snprintf(out + used, size - used, "]");
}

/* --- reading --- */

/* A whole number 0..2^40 of a JSON array. */
static bool take_size(const json_t *array, size_t i, uint64_t *out)
{
    const json_t *value = json_array_get(array, i);
    if (!json_is_integer(value) || json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > SIZE_LIMIT)
        return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

static int read_shape(const json_t *entry, struct safetensors_tensor *t, struct err *err)
{
    const json_t *shape = json_object_get(entry, "shape");
    if (!json_is_array(shape) || json_array_size(shape) > SAFETENSORS_MAX_RANK)
        return err_set(err, ERR_DATA, "tensor '%s': shape is not a list of at most %d sizes", t->name,
                       SAFETENSORS_MAX_RANK);
    t->rank = (int)json_array_size(shape);
    for (int i = 0; i < t->rank; i++)
        if (!take_size(shape, (size_t)i, &t->dims[i]))
            return err_set(err, ERR_DATA, "tensor '%s': size %d of its shape is not a whole number from 0 to 2^40", t->name,
                           i + 1);
    if (!safetensors_measure(t))
        return err_set(err, ERR_DATA, "tensor '%s': more than 2^40 bytes", t->name);
    return 0;
}

/* Leaves the beginning of the data in *begin. */
static int read_entry(const json_t *entry, struct safetensors_tensor *t, uint64_t *begin, struct err *err)
{
    if (!json_is_object(entry) || json_object_size(entry) != 3)
        return err_set(err, ERR_DATA, "tensor '%s': its entry is not dtype, shape and data_offsets", t->name);
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    int known = find_dtype(dtype);
    if (known < 0)
        return err_set(err, ERR_DATA, "tensor '%s': unknown dtype '%.16s'", t->name, dtype ? dtype : "");
    t->dtype = (enum safetensors_dtype)known;
    if (read_shape(entry, t, err) < 0)
        return -1;
    const json_t *offsets = json_object_get(entry, "data_offsets");
    uint64_t end;
    if (!json_is_array(offsets) || json_array_size(offsets) != 2 || !take_size(offsets, 0, begin) ||
        !take_size(offsets, 1, &end) || end < *begin)
        return err_set(err, ERR_DATA, "tensor '%s': data_offsets are not two ascending whole numbers", t->name);
    if (end - *begin != t->bytes)
        return err_set(err, ERR_DATA, "tensor '%s': data_offsets span %" PRIu64 " bytes, dtype and shape say %" PRIu64,
                       t->name, end - *begin, t->bytes);
    return 0;
}

static int check_metadata(const json_t *metadata, struct err *err)
{
    const char *key;
    json_t *value;
    if (!json_is_object(metadata))
        return err_set(err, ERR_DATA, "__metadata__ is not an object");
    json_object_foreach((json_t *)metadata, key, value)
        if (!json_is_string(value))
            return err_set(err, ERR_DATA, "__metadata__ holds something that is not a string");
    return 0;
}

/* While the table is built, data holds the offset; place_tensors() turns it into an address. */
static int by_offset(const void *a, const void *b)
{
    const struct safetensors_tensor *x = a, *y = b;
    uintptr_t p = (uintptr_t)x->data, q = (uintptr_t)y->data;
    if (p != q)
        return p < q ? -1 : 1;
    return (x->bytes > y->bytes) - (x->bytes < y->bytes); /* an empty tensor before its neighbour */
}

static int by_tensor_name(const void *a, const void *b)
{
    const struct safetensors_tensor *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static int read_entries(struct safetensors *s, struct err *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(s->header, key, value) {
        if (strcmp(key, "__metadata__") == 0) {
            if (check_metadata(value, err) < 0)
                return -1;
            continue;
        }
        struct safetensors_tensor *t = &s->tensor[s->n];
        uint64_t begin;
        t->name = key;
        if (!safetensors_name_is_plain(key))
            return err_set(err, ERR_DATA, "tensor %d has a name that is not 1 to %d of [A-Za-z0-9._/-]", s->n + 1,
                           SAFETENSORS_MAX_NAME);
        if (read_entry(value, t, &begin, err) < 0)
            return -1;
        t->data = (const void *)(uintptr_t)begin;
        s->n++;
    }
    return 0;
}

static int place_tensors(struct safetensors *s, const unsigned char *data, uint64_t size, struct err *err)
{
    uint64_t expected = 0;
    qsort(s->tensor, (size_t)s->n, sizeof *s->tensor, by_offset);
    for (int i = 0; i < s->n; i++) {
        struct safetensors_tensor *t = &s->tensor[i];
        uint64_t begin = (uint64_t)(uintptr_t)t->data;
        if (begin != expected)
            return err_set(err, ERR_DATA, "tensor '%s' begins at byte %" PRIu64 ", not at %" PRIu64 ": %s", t->name, begin,
                           expected, begin < expected ? "tensors overlap" : "there is a hole");
        expected += t->bytes;
        if (expected > size)
            return err_set(err, ERR_DATA, "tensor '%s' ends at byte %" PRIu64 " of %" PRIu64 " bytes of data: cut short",
                           t->name, expected, size);
        if (data)
            t->data = data + begin;
        s->by_name[i] = t;
    }
    if (expected != size)
        return err_set(err, ERR_DATA, "%" PRIu64 " bytes after the last tensor", size - expected);
    qsort(s->by_name, (size_t)s->n, sizeof *s->by_name, by_tensor_name);
    s->data_bytes = size;
    return 0;
}

static int parse_header(struct safetensors *s, const unsigned char *text, size_t length, struct err *err)
{
    json_error_t why;
    if (length == 0 || text[0] != '{') /* the format asks for it; JSON would allow space first */
        return err_set(err, ERR_DATA, "the header does not begin with '{'");
    s->header = json_loadb((const char *)text, length, JSON_REJECT_DUPLICATES, &why);
    if (!s->header)
        return err_set(err, ERR_DATA, "the header is not JSON without duplicate keys (byte %d)", why.position);
    if (!json_is_object(s->header))
        return err_set(err, ERR_DATA, "the header is not an object");
    size_t n = json_object_size(s->header);
    if (n > SAFETENSORS_MAX_TENSORS + 1)
        return err_set(err, ERR_DATA, "%zu tensors; at most %d are accepted", n, SAFETENSORS_MAX_TENSORS);
    s->tensor = calloc(n + 1, sizeof *s->tensor);
    s->by_name = calloc(n + 1, sizeof *s->by_name);
    if (!s->tensor || !s->by_name)
        return err_set(err, ERR_MEMORY, "no memory for the table of %zu tensors", n);
    return read_entries(s, err);
}

static int parse_file(struct safetensors *s, const unsigned char *bytes, size_t size, struct err *err)
{
    uint64_t length;
    if (size < PREFIX)
        return err_set(err, ERR_DATA, "%zu bytes: too short for a safetensors file", size);
    memcpy(&length, bytes, sizeof length);
    if (length > HEADER_LIMIT)
        return length > size ? err_set(err, ERR_DATA, "not a safetensors file: it does not begin with the length of a header")
                             : err_set(err, ERR_DATA, "a header of %" PRIu64 " bytes; at most 4 MiB are accepted", length);
    if (length > size - PREFIX)
        return err_set(err, ERR_DATA, "the header says %" PRIu64 " bytes, the file has %zu: cut short", length, size - PREFIX);
    if (parse_header(s, bytes + PREFIX, (size_t)length, err) < 0)
        return -1;
    return place_tensors(s, bytes + PREFIX + length, size - PREFIX - length, err);
}

struct safetensors *safetensors_from_memory(const void *bytes, size_t size, struct err *err)
{
    struct safetensors *s = calloc(1, sizeof *s);
    if (!s) {
        err_set(err, ERR_MEMORY, "no memory for a tensor file");
        return NULL;
    }
    if (parse_file(s, bytes, size, err) < 0) {
        safetensors_close(s);
        return NULL;
    }
    return s;
}

struct safetensors *safetensors_from_header(const void *json, size_t length, struct err *err)
{
    struct safetensors *s = calloc(1, sizeof *s);
    uint64_t size = 0;
    if (!s) {
        err_set(err, ERR_MEMORY, "no memory for a tensor file");
        return NULL;
    }
    if (length > HEADER_LIMIT)
        err_set(err, ERR_DATA, "a header of %zu bytes; at most 4 MiB are accepted", length);
    else if (parse_header(s, json, length, err) == 0) {
        for (int i = 0; i < s->n && size <= SIZE_LIMIT; i++)
            size += s->tensor[i].bytes;
        if (place_tensors(s, NULL, size, err) == 0)
            return s;
    }
    safetensors_close(s);
    return NULL;
}

uint64_t safetensors_offset(const struct safetensors_tensor *t)
{
    return (uint64_t)(uintptr_t)t->data;
}

uint64_t safetensors_data_bytes(const struct safetensors *s)
{
    return s->data_bytes;
}

void safetensors_close(struct safetensors *s)
{
    if (!s)
        return;
    json_decref(s->header);
    free(s->tensor);
    free(s->by_name);
    free(s->owned);
    free(s);
}

static int read_whole(int fd, unsigned char *to, size_t size)
{
    while (size > 0) {
        ssize_t got = read(fd, to, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0) { /* it shrank since fstat() */
            errno = EIO;
            return -1;
        }
        to += got;
        size -= (size_t)got;
    }
    return 0;
}

/* *size bytes of the file on the heap. */
static unsigned char *read_file(int fd, size_t *size, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0) {
        err_io(err, "cannot read it");
        return NULL;
    }
    if (!S_ISREG(st.st_mode)) {
        err_set(err, ERR_DATA, "not a regular file");
        return NULL;
    }
    if ((uint64_t)st.st_size > SIZE_LIMIT) {
        err_set(err, ERR_DATA, "larger than 2^40 bytes");
        return NULL;
    }
    *size = (size_t)st.st_size;
    unsigned char *bytes = malloc(*size + 1);
    if (!bytes) {
        err_set(err, ERR_MEMORY, "no memory for its %zu bytes", *size);
        return NULL;
    }
    if (read_whole(fd, bytes, *size) < 0) {
        err_io(err, "cannot read it");
        free(bytes);
        return NULL;
    }
    return bytes;
}

struct safetensors *safetensors_open(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* nonblocking: a fifo must not hang us */
    if (fd < 0) {
        err_io(err, "cannot open %s", path);
        return NULL;
    }
    size_t size = 0;
    unsigned char *bytes = read_file(fd, &size, err);
    close(fd);
    struct safetensors *s = bytes ? safetensors_from_memory(bytes, size, err) : NULL;
    if (!s) {
        if (!bytes || !foreign_file(path, bytes, size, err))
            err_prefix(err, "%s", path);
        free(bytes);
        return NULL;
    }
    s->owned = bytes;
    return s;
}

int safetensors_count(const struct safetensors *s)
{
    return s->n;
}

const struct safetensors_tensor *safetensors_at(const struct safetensors *s, int i)
{
    return &s->tensor[i];
}

const struct safetensors_tensor *safetensors_find(const struct safetensors *s, const char *name)
{
    const struct safetensors_tensor key = { .name = name }, *p = &key;
    const struct safetensors_tensor **found = bsearch(&p, s->by_name, (size_t)s->n, sizeof *s->by_name, by_tensor_name);
    return found ? *found : NULL;
}

const char *safetensors_metadata(const struct safetensors *s, const char *key)
{
    return json_string_value(json_object_get(json_object_get(s->header, "__metadata__"), key));
}

/* --- conversion --- */

static float half_to_float(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000u) << 16, exponent = (h >> 10) & 31u, fraction = h & 0x3FFu, bits;
    float value;
    if (exponent == 0) { /* zero and subnormal: fraction * 2^-24 */
        value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    bits = sign | (exponent == 31 ? 0x7F800000u : (exponent + 112) << 23) | fraction << 13;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#define COPY(type, expression)                                                                                 \
    for (uint64_t i = 0; i < t->count; i++) {                                                                  \
        type x;                                                                                                \
        memcpy(&x, from + i * sizeof x, sizeof x);                                                             \
        out[i] = expression;                                                                                   \
    }                                                                                                          \
    return 0

static float brain_to_float(uint16_t h)
{
    uint32_t bits = (uint32_t)h << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

int safetensors_to_float(const struct safetensors_tensor *t, float *out, struct err *err)
{
    const unsigned char *from = t->data;
    switch (t->dtype) {
    case SAFETENSORS_F64:
        COPY(double, (float)x);
    case SAFETENSORS_F32:
        COPY(float, x);
    case SAFETENSORS_F16:
        COPY(uint16_t, half_to_float(x));
    case SAFETENSORS_BF16:
        COPY(uint16_t, brain_to_float(x));
    default:
        return err_set(err, ERR_DATA, "tensor '%s' is %s; accepted are F64, F32, F16 and BF16", t->name,
                       safetensors_types[t->dtype].name);
    }
}

int safetensors_to_int64(const struct safetensors_tensor *t, int64_t *out, struct err *err)
{
    const unsigned char *from = t->data;
    switch (t->dtype) {
    case SAFETENSORS_I64:
        COPY(int64_t, x);
    case SAFETENSORS_I32:
        COPY(int32_t, x);
    case SAFETENSORS_I16:
        COPY(int16_t, x);
    case SAFETENSORS_I8:
        COPY(int8_t, x);
    case SAFETENSORS_U32:
        COPY(uint32_t, x);
    case SAFETENSORS_U16:
        COPY(uint16_t, x);
    case SAFETENSORS_U8:
    case SAFETENSORS_BOOL:
        COPY(uint8_t, x);
    case SAFETENSORS_U64:
        for (uint64_t i = 0; i < t->count; i++) {
            uint64_t x;
            memcpy(&x, from + i * sizeof x, sizeof x);
            if (x > INT64_MAX)
                return err_set(err, ERR_DATA, "tensor '%s' holds %" PRIu64 "; at most 2^63 - 1 is accepted", t->name, x);
            out[i] = (int64_t)x;
        }
        return 0;
    default:
        return err_set(err, ERR_DATA, "tensor '%s' is %s; accepted are integers", t->name, safetensors_types[t->dtype].name);
    }
}
