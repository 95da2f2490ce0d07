/* base/host.h - what this process costs the machine: cores, memory, load. Read from /proc, at most once a second, by the thread that owns the
 * struct; what was read is a mean since the time before. */
#ifndef BASE_HOST_H
#define BASE_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { HOST_SAMPLES = 128 };

struct host {
    double cores[HOST_SAMPLES];  /* of this process; ring, newest at (n - 1) % HOST_SAMPLES */
    double busy[HOST_SAMPLES];   /* of the whole machine, 0..1; NaN when unknown */
    uint64_t n;
    double rss_bytes, total_bytes, free_bytes; /* NaN when unknown */
    int processors;
    uint64_t last_ns, last_cpu_ns;
    unsigned long long last_busy, last_all;
};

void host_init(struct host *h);
/* Takes a sample when a second has passed; true when it did. */
bool host_sample(struct host *h, uint64_t now_ns);
/* Of a text like /proc/stat: the share of the machine's time that was spent since the text before; NaN for the first, or when it is none. */
double host_busy(struct host *h, FILE *f);
double host_get(const double *ring, uint64_t n, int back); /* back 0 = newest; NaN before the first */

#endif
