/* tests/fuzz/memory_io.h - an io table whose only file is a piece of memory; any write traps. */
#ifndef FUZZ_MEMORY_IO_H
#define FUZZ_MEMORY_IO_H

#include <stddef.h>
#include <stdint.h>

void memory_io_use(const uint8_t *bytes, size_t n);

#endif
