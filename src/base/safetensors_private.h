/* base/safetensors_private.h - what the reader and the writer of tensor files share; nobody else includes it. */
#ifndef BASE_SAFETENSORS_PRIVATE_H
#define BASE_SAFETENSORS_PRIVATE_H

#include <stdbool.h>

#include "base/safetensors.h"

#define SIZE_LIMIT (UINT64_C(1) << 40) /* of any dimension, product or offset */
enum { HEADER_LIMIT = SAFETENSORS_MAX_HEADER, PREFIX = 8, DATA_ALIGN = 64 };

struct safetensors_type {
    const char *name;
    unsigned bytes;
};
extern const struct safetensors_type safetensors_types[SAFETENSORS_DTYPE_COUNT];

bool safetensors_name_is_plain(const char *name);
/* count and bytes from dims; false when a product passes the limit. */
bool safetensors_measure(struct safetensors_tensor *t);

#endif
