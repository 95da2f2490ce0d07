#include "config.h"
#include "base/memory.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

uint64_t memory_total_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0;
}

/* The number behind `key` in a file of lines, or the first where key is "". False: it is not there, as with the word "max". */
static bool read_limit(const char *folder, const char *name, const char *key, uint64_t *out)
{
    char path[4096], line[256];
    unsigned long long number = 0;
    bool found = false;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
        return false;
    FILE *f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof line, f))
        found = strncmp(line, key, strlen(key)) == 0 && sscanf(line + strlen(key), "%llu", &number) == 1;
    if (f)
        fclose(f);
    *out = number;
    return found;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The two versions of control groups. */
struct group_kind {
    const char *mark; /* before the group's path in a line of /proc/self/cgroup */
    const char *under, *most, *used, *droppable;
};
static const struct group_kind group_kinds[] = {
    { "0::/", "", "memory.max", "memory.current", "inactive_file " },
    { ":memory:/", "/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file " },
};

static uint64_t folder_leaves(const struct group_kind *k, const char *folder)
{
    uint64_t most, used = 0, files = 0;
    if (!read_limit(folder, k->most, "", &most))
        return UINT64_MAX;
    read_limit(folder, k->used, "", &used);
    read_limit(folder, "memory.stat", k->droppable, &files);
    used -= smaller(files, used);
    return used < most ? most - used : 0;
}

/* Bytes that the group and its parents leave. */
static uint64_t group_leaves(const struct group_kind *k, const char *path, const char *root)
{
    char folder[3072];
    uint64_t left = UINT64_MAX;
    const int base = snprintf(folder, sizeof folder, "%s%s", root, k->under);
    snprintf(folder + base, sizeof folder - (size_t)base, "%s", path);
    for (char *end; left = smaller(left, folder_leaves(k, folder)), (end = strrchr(folder + base, '/'));)
        *end = '\0';
    return left;
}

uint64_t memory_group_bytes(const char *membership, const char *root)
{
    char line[2048];
    uint64_t left = UINT64_MAX;
    FILE *f = fopen(membership, "re");
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; i < sizeof group_kinds / sizeof *group_kinds; i++) {
            const char *at = strstr(line, group_kinds[i].mark);
            if (at)
                left = smaller(left, group_leaves(&group_kinds[i], strrchr(at, ':') + 1, root));
        }
    }
    if (f)
        fclose(f);
    return left;
}

uint64_t memory_address_bytes(void)
{
    struct rlimit limit;
    unsigned long long pages = 0;
    const long page = sysconf(_SC_PAGESIZE);
    FILE *f = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? fopen("/proc/self/statm", "re") : NULL;
    if (!f)
        return UINT64_MAX;
    const bool known = fscanf(f, "%llu", &pages) == 1;
    fclose(f);
    const uint64_t used = pages * (uint64_t)page;
    return !known ? UINT64_MAX : used < limit.rlim_cur ? limit.rlim_cur - used : 0;
}

static uint64_t system_leaves(void)
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

uint64_t memory_available_bytes(void)
{
    const uint64_t all = system_leaves(), group = memory_group_bytes("/proc/self/cgroup", "/sys/fs/cgroup");
    return smaller(all ? all : UINT64_MAX, smaller(group, memory_address_bytes()));
}

void memory_give_back(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
