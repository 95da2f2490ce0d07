/* tests/fuzz/fuzz.h - what a fuzz target is. With --enable-fuzzing (clang) each becomes a libFuzzer program; without, driver.c
 * replays its corpus and then runs random mutations of it for a while. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The code under test. A breach of what it promises aborts. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Makes a mutated input pass its checksums, so that the code behind them is reached; returns its size. */
size_t fuzz_repair(uint8_t *data, size_t size, size_t room);

#define FUZZ_CHECK(claim) \
    do { \
        if (!(claim)) { \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #claim); \
            __builtin_trap(); \
        } \
    } while (0)

#endif
