/* base/foreign.h - files of tensors that are no safetensors: what they are, and what makes safetensors of them. Any thread. */
#ifndef BASE_FOREIGN_H
#define BASE_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

struct err;

/* True when the file begins like a known format: fills *err (ERR_DATA) with what it is and, where Python can, the line that converts it, and
 * says true. Otherwise *err stays. */
bool foreign_file(const char *path, const void *bytes, size_t size, struct err *err);

#endif
