/* base/safetensors.h - reads and writes the safetensors format: an 8-byte little-endian header length, a JSON header
 * {"name":{"dtype":"F32","shape":[..],"data_offsets":[begin,end]}, "__metadata__":{"key":"text"}}, then the data.
 *
 * The reader trusts nothing: header <= 4 MiB, <= 65536 tensors, rank <= 8, names of 1..255
 * characters [A-Za-z0-9._/-], sizes in checked 64-bit arithmetic and <= 2^40 each, no duplicate keys, no unknown keys,
 * tensors contiguous without holes or overlap up to the end of the file. Any breach is one line in *err (ERR_DATA).
 * An open file is read-only and may be used by any thread. Little-endian machines only. */
#ifndef BASE_SAFETENSORS_H
#define BASE_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct buf;

enum { SAFETENSORS_MAX_RANK = 8, SAFETENSORS_MAX_TENSORS = 65536, SAFETENSORS_MAX_NAME = 255, SAFETENSORS_MAX_HEADER = 4 << 20 };

/* DTYPE(ID, name in the file, bytes) */
#define SAFETENSORS_DTYPES(DTYPE)                                                                              \
    DTYPE(F64, "F64", 8) DTYPE(F32, "F32", 4) DTYPE(F16, "F16", 2) DTYPE(BF16, "BF16", 2)                      \
    DTYPE(I64, "I64", 8) DTYPE(I32, "I32", 4) DTYPE(I16, "I16", 2) DTYPE(I8, "I8", 1)                          \
    DTYPE(U64, "U64", 8) DTYPE(U32, "U32", 4) DTYPE(U16, "U16", 2) DTYPE(U8, "U8", 1) DTYPE(BOOL, "BOOL", 1)

enum safetensors_dtype {
#define DTYPE_ENUM(id, ...) SAFETENSORS_##id,
    SAFETENSORS_DTYPES(DTYPE_ENUM)
#undef DTYPE_ENUM
    SAFETENSORS_DTYPE_COUNT
};

struct safetensors_tensor {
    const char *name;
    enum safetensors_dtype dtype;
    int rank; /* 0: a single number */
    uint64_t dims[SAFETENSORS_MAX_RANK];
    uint64_t count, bytes;
    const void *data; /* not aligned */
};

struct safetensors;

/* The whole file is read into memory. NULL with *err (ERR_IO or ERR_DATA; the message begins with the path). */
struct safetensors *safetensors_open(const char *path, struct err *err);
/* Over bytes that stay the caller's and must outlive the result. */
struct safetensors *safetensors_from_memory(const void *bytes, size_t size, struct err *err);
/* The header alone (its JSON, without the length word), for readers that take the data piece by piece: where the header says
 * is safetensors_offset(), and `data` must not be used. */
struct safetensors *safetensors_from_header(const void *json, size_t length, struct err *err);
uint64_t safetensors_offset(const struct safetensors_tensor *t);     /* of its first byte, after the header */
uint64_t safetensors_data_bytes(const struct safetensors *s);        /* of all tensors */
void safetensors_close(struct safetensors *s); /* NULL allowed */

int safetensors_count(const struct safetensors *s);
const struct safetensors_tensor *safetensors_at(const struct safetensors *s, int i); /* in file order */
const struct safetensors_tensor *safetensors_find(const struct safetensors *s, const char *name); /* NULL: none */
const char *safetensors_metadata(const struct safetensors *s, const char *key);                    /* NULL: none */

/* Copy count numbers, converting: floats from F64 F32 F16 BF16, integers from every integer type (U64 up to 2^63-1).
 * -1 with *err naming tensor and type when the type does not convert. */
int safetensors_to_float(const struct safetensors_tensor *t, float *out, struct err *err);
int safetensors_to_int64(const struct safetensors_tensor *t, int64_t *out, struct err *err);

/* "[16, 3, 3, 3]" for messages. */
void safetensors_shape_text(int rank, const uint64_t *dims, char *out, size_t size);

/* --- writing --- */

struct safetensors_item {
    const char *name;
    enum safetensors_dtype dtype;
    int rank;
    uint64_t dims[SAFETENSORS_MAX_RANK];
    const void *data;
};

/* Length word and JSON, padded with spaces so that the data begins at a multiple of 64 bytes. The data follow it item by
 * item. metadata: key, text, key, text ..., NULL; may be NULL itself. Refuses what the reader would refuse. */
int safetensors_header(struct buf *out, const struct safetensors_item *items, int n, const char *const *metadata,
                       struct err *err);

/* Writes by file_publish(): an existing file is replaced only with `force`. Blocks on the disk. */
int safetensors_save(const char *path, bool force, const struct safetensors_item *items, int n,
                     const char *const *metadata, struct err *err);

#endif
