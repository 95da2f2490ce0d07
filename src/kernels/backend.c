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

const char *const math_name[N_MATHS] = { [MATH_FP32] = "fp32", [MATH_TF32] = "tf32", [MATH_BF16] = "bf16" };

static bool has_math(const struct backend *b, enum math math)
{
    return math == MATH_FP32 || (b->has_math && b->has_math(math));
}

int backend_check_math(const struct backend *b, enum math math, struct err *err)
{
    if (has_math(b, math))
        return 0;
    char others[64] = "";
    bool several = false;
    for (int i = MATH_FP32 + 1; i < N_MATHS; i++)
        if (has_math(b, (enum math)i)) {
            size_t used = strlen(others);
            snprintf(others + used, sizeof others - used, ", %s", math_name[i]);
            several = true;
        }
    return err_set(err, ERR_DEVICE, "math %s: device %s computes in fp32%s only; accepted here %s fp32%s", math_name[math], b->name,
                   others, several ? "are" : "is", others);
}

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
