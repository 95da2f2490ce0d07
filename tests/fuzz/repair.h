/* tests/fuzz/repair.h - makes bytes that look like session records pass their checksums. */
#ifndef FUZZ_REPAIR_H
#define FUZZ_REPAIR_H

#include <stddef.h>
#include <stdint.h>

size_t repair_records(uint8_t *p, size_t n);

#endif
