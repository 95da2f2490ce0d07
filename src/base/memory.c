#include "config.h"
#include "base/memory.h"

#include <stdio.h>
#include <unistd.h>

uint64_t memory_total_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0;
}

uint64_t memory_available_bytes(void)
{
    char line[128];
    unsigned long long kib = 0;
    FILE *f = fopen("/proc/meminfo", "re");
    while (f && kib == 0 && fgets(line, sizeof line, f))
        (void)sscanf(line, "MemAvailable: %llu kB", &kib);
    if (f)
        fclose(f);
    return kib > 0 ? (uint64_t)kib * 1024 : memory_total_bytes() / 2;
}
