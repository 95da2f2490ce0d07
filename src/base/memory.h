/* base/memory.h - how much memory this machine has and can give. Any thread. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdint.h>

/* Bytes built in; 0 when unknown. */
uint64_t memory_total_bytes(void);

/* Bytes that can be had without swapping, as the system estimates them (Linux: MemAvailable); where it does not, half of
 * what is built in; 0 when even that is unknown. Never more than what the process's control group, its parents and its limit of
 * address space (RLIMIT_AS) leave. */
uint64_t memory_available_bytes(void);

/* Bytes that the limit of address space leaves; UINT64_MAX: there is none. */
uint64_t memory_address_bytes(void);

/* Bytes that the groups named in `membership` (/proc/self/cgroup) and their parents leave, by their files under `root` (/sys/fs/cgroup), of
 * version 2 or 1; memory of files that can be dropped counts as left. UINT64_MAX: no limit. */
uint64_t memory_group_bytes(const char *membership, const char *root);

/* Gives freed memory that the allocator keeps back to the system, where it can. */
void memory_give_back(void);

#endif
