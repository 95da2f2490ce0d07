#include "config.h"
#include "base/digest.h"

#include <stdint.h>

void digest_init(struct digest *d)
{
    sha256_init(&d->state);
}

void digest_add(struct digest *d, const void *bytes, size_t n)
{
    if (n)
        sha256_update(&d->state, n, bytes);
}

void digest_hex(struct digest *d, char hex[DIGEST_HEX])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t sum[SHA256_DIGEST_SIZE];
    sha256_digest(&d->state, sizeof sum, sum); /* nettle re-initialises the state */
    for (size_t i = 0; i < sizeof sum; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[2 * sizeof sum] = '\0';
}
