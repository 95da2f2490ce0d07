/* tests/fuzz/repair.h - makes bytes that look like session records pass their checksums. */
#ifndef FUZZ_REPAIR_H
#define FUZZ_REPAIR_H

#include <stddef.h>
#include <stdint.h>

size_t repair_records(uint8_t *p, size_t n);
/* The same of a packed session; its table is written anew. Returns its size, at most `room`. */
size_t repair_packed(uint8_t *p, size_t n, size_t room);

#endif
