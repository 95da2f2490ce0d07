/* tests/pictures/png.h - the checksum of a PNG's chunk, and how its numbers lie. Everything is static. */
#ifndef TESTS_PICTURES_PNG_H
#define TESTS_PICTURES_PNG_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t png_crc(const uint8_t *bytes, size_t n)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int k = 0; k < 8; k++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    return ~crc;
}

static inline void put_big(uint8_t *to, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> (24 - 8 * i));
}

#endif
