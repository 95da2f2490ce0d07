/* base/memory.h - how much memory this machine has and can give. Any thread. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdint.h>

/* Bytes built in; 0 when unknown. */
uint64_t memory_total_bytes(void);

/* Bytes that can be had without swapping, as the system estimates them (Linux: MemAvailable); where it does not, half of
 * what is built in; 0 when even that is unknown. */
uint64_t memory_available_bytes(void);

#endif
