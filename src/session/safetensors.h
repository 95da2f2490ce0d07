/* session/safetensors.h - the header of a safetensors stream: u64 length, JSON padded with spaces to 64 bytes, then the
 * tensors, contiguous, without holes or overlap. Strict on reading (session-format 2.12). Any thread. */
#ifndef SESSION_SAFETENSORS_H
#define SESSION_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

enum {
    SAFETENSORS_HEADER_MAX = 4 << 20, SAFETENSORS_TENSORS_MAX = 65536, SAFETENSORS_RANK_MAX = 8, SAFETENSORS_NAME_MAX = 255,
    SAFETENSORS_ALIGN = 64
};

struct safetensors_tensor {
    char name[SAFETENSORS_NAME_MAX + 1], dtype[8];
    uint64_t n;          /* elements */
    uint64_t begin, end; /* bytes after the header */
};
struct safetensors_meta {
    char *key, *value;
};
struct safetensors {
    int n_tensors, n_meta;
    struct safetensors_tensor *tensor; /* ascending offsets */
    struct safetensors_meta *meta;
    uint64_t data_bytes;               /* of all tensors */
};

/* Checks and reads a header (JSON without its length). -1 with *err; *out is then empty. */
int safetensors_parse(const char *json, size_t n, struct safetensors *out, struct err *err);
void safetensors_release(struct safetensors *s);
const struct safetensors_tensor *safetensors_find(const struct safetensors *s, const char *name); /* NULL: not there */
const char *safetensors_meta(const struct safetensors *s, const char *key);                       /* NULL: not there */

/* A JSON string in 7-bit ASCII with its quotes; bytes that are not UTF-8 become U+FFFD. */
void safetensors_add_string(struct buf *out, const char *text);

#endif
