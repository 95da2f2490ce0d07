#include "config.h"
#include "kernels/cpu/isa.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "kernels/cpu/bf16.h"

#if defined(__x86_64__)
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && has_avx2();
}

static bool has_avx512bf16(void)
{
    return __builtin_cpu_supports("avx512bf16") && has_avx512();
}
#endif

static bool has_everything(void)
{
    return true;
}

static const struct {
    const struct kernels *kernels;
    bool (*supported)(void);
} sets[] = { /* fastest first */
#if defined(__x86_64__)
    { &kernels_avx512, has_avx512 },
    { &kernels_avx2, has_avx2 },
#endif
    { &kernels_portable, has_everything },
};

enum { N_SETS = sizeof sets / sizeof *sets };

static const struct kernels *kernels_named(const char *name, struct err *err)
{
    for (int i = 0; i < N_SETS; i++) {
        if (strcmp(sets[i].kernels->name, name) != 0)
            continue;
        if (sets[i].supported())
            return sets[i].kernels;
        err_set(err, ERR_DEVICE, "SADDLE_ISA=%s: this processor does not have these instructions", name);
        return NULL;
    }
    err_set(err, ERR_INVALID, "SADDLE_ISA=%s: unknown; accepted: portable, avx2, avx512", name);
    return NULL;
}

const struct kernels *kernels_choose(struct err *err)
{
    const char *name = getenv("SADDLE_ISA");
    if (name && *name)
        return kernels_named(name, err);
    for (int i = 0; i < N_SETS; i++)
        if (sets[i].supported())
            return sets[i].kernels;
    err_set(err, ERR_DEVICE, "no instruction set found");
    return NULL;
}

const struct bf16_kernels *bf16_choose(void)
{
    const struct kernels *k = kernels_choose(NULL);
#if defined(__x86_64__)
    if (k == &kernels_avx512 && has_avx512bf16())
        return &bf16_avx512;
#endif
    return k == &kernels_portable && getenv("SADDLE_ISA") ? &bf16_portable : NULL;
}
