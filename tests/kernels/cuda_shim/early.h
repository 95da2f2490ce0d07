/* tests/kernels/cuda_shim/early.h - what a kernel launched early may not see yet: what the kernel before it writes. The shim hides it from the
 * kernel's first block until all threads of that wait (cuda_shim.h). */
#ifndef SHIM_EARLY_H
#define SHIM_EARLY_H

#include <stddef.h>
#include <stdint.h>

#include <functional>
#include <vector>

#include "tests/ptx/ptx.h"

struct early_trace { /* of a kernel in a graph */
    bool watched;    /* one is launched early behind it */
    long runs;       /* of a watched kernel, so far */
    bool seen;       /* what the last of them changed was noted: */
    std::vector<volatile uint32_t *> changed;
    std::vector<size_t> places; /* of these words among all */
    struct ptx_phases phases; /* of that, on PTX */
};

/* Memory that kernels can write; device: whose, or -1, pinned memory. */
void early_memory_add(char *base, size_t bytes, int device);
void early_memory_remove(char *base);
void early_device(int device); /* the memory of other ones is out of reach from now on */

bool early_due(early_trace &mine); /* watched, and this run is one of the first two */
void early_forget(); /* memory may change otherwise than by watched kernels */
void early_watch(early_trace &mine, const std::function<void()> &run); /* runs, and notes what changed */
void early_hide(const early_trace &before); /* NaN where it wrote; nothing if that was not watched */
bool early_hidden();
void early_show(); /* what it wrote; ends the program if anything else is not as it was when it was hidden */

#endif
