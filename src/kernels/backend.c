#include "config.h"
#include "kernels/backend.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

const struct backend *const backend_list[] = {
#if defined(HAVE_CUDA) || defined(SADDLE_CUDA_SHIM)
    &backend_cuda,
#endif
    &backend_cpu, &backend_reference, NULL,
};

static const struct backend *first_that_runs(struct err *err)
{
    for (const struct backend *const *b = backend_list; *b; b++)
        if ((*b)->probe(err) == 0)
            return *b;
    return NULL;
}

const struct backend *backend_find(const char *name, struct err *err)
{
    if (strcmp(name, "auto") == 0)
        return first_that_runs(err);
    char names[128] = "auto";
    for (const struct backend *const *b = backend_list; *b; b++) {
        if (strcmp(name, (*b)->name) == 0)
            return (*b)->probe(err) == 0 ? *b : NULL;
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, ", %s", (*b)->name);
    }
    err_set(err, ERR_INVALID, "unknown device '%s'; known: %s", name, names);
    return NULL;
}
