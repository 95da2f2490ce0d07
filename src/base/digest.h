/* base/digest.h - SHA-256 as hexadecimal text, for naming data by its content. Init, add, then hex once; a plain
 * value without memory of its own. Not for secrets. Any thread, one owner. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <nettle/sha2.h>
#include <stddef.h>

enum { DIGEST_HEX = 65 }; /* 64 lower-case digits and the NUL */

struct digest {
    struct sha256_ctx state;
};

void digest_init(struct digest *d);
void digest_add(struct digest *d, const void *bytes, size_t n);
void digest_hex(struct digest *d, char hex[DIGEST_HEX]); /* and starts anew */

#endif
