#include "config.h"
#include "base/host.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/memory.h"

void host_init(struct host *h)
{
    *h = (struct host){ .rss_bytes = NAN, .total_bytes = NAN, .free_bytes = NAN };
    h->processors = (int)sysconf(_SC_NPROCESSORS_ONLN);
}

static uint64_t process_cpu_ns(void)
{
    struct rusage u;
    if (getrusage(RUSAGE_SELF, &u) != 0)
        return 0;
    return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000u +
           (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000u;
}

double host_busy(struct host *h, FILE *f)
{
    unsigned long long v[8] = { 0 };
    int got = f ? fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7) : 0;
    if (got < 5)
        return NAN;
    unsigned long long all = 0;
    for (int i = 0; i < 8; i++)
        all += v[i];
    unsigned long long busy = all - v[3] - v[4]; /* without idle and iowait */
    double share = h->last_all && all > h->last_all ? (double)(busy - h->last_busy) / (double)(all - h->last_all) : NAN;
    h->last_all = all;
    h->last_busy = busy;
    return share;
}

static double machine_busy(struct host *h)
{
    FILE *f = fopen("/proc/stat", "re");
    const double share = host_busy(h, f);
    if (f)
        fclose(f);
    return share;
}

static double known_or_nan(uint64_t bytes)
{
    return bytes > 0 ? (double)bytes : NAN;
}

static void read_memory(struct host *h)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f) {
        if (fscanf(f, "%*d %ld", &pages) == 1)
            h->rss_bytes = (double)pages * (double)sysconf(_SC_PAGESIZE);
        fclose(f);
    }
    h->total_bytes = known_or_nan(memory_total_bytes());
    h->free_bytes = known_or_nan(memory_available_bytes());
}

bool host_sample(struct host *h, uint64_t now_ns)
{
    if (h->last_ns && now_ns - h->last_ns < 1000000000u)
        return false;
    uint64_t cpu = process_cpu_ns();
    double busy = machine_busy(h);
    if (h->last_ns) {
        int at = (int)(h->n % HOST_SAMPLES);
        h->cores[at] = (double)(cpu - h->last_cpu_ns) / (double)(now_ns - h->last_ns);
        h->busy[at] = busy;
        h->n++;
    }
    h->last_ns = now_ns;
    h->last_cpu_ns = cpu;
    read_memory(h);
    return h->n > 0;
}

double host_get(const double *ring, uint64_t n, int back)
{
    if (back < 0 || (uint64_t)back >= n || back >= HOST_SAMPLES)
        return NAN;
    return ring[(n - 1 - (uint64_t)back) % HOST_SAMPLES];
}
