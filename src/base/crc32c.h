/* base/crc32c.h - CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, RFC 3720 B.4), the check of session records.
 * SSE4.2 when the processor has it, a table otherwise; both give the same value. Any thread. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* CRC of `n` more bytes after those that gave `crc`; start with 0. crc32c(0, "123456789", 9) is 0xe3069283. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t n);

/* The table version, so that a test can compare the two. */
uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t n);

#endif
