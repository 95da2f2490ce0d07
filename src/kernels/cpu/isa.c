#include "config.h"
#include "kernels/cpu/isa.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "kernels/cpu/amx.h"
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

#if HAVE_AMX
static bool has_amx(void)
{
    bool there;
    return has_avx512bf16() && !amx_refusal(&there);
}
#endif

static bool has_everything(void)
{
    return true;
}

struct set {
    const char *name; /* what SADDLE_ISA accepts */
    const struct kernels *kernels;
    bool (*supported)(void);
    const struct bf16_kernels *half; /* NULL: none */
    bool (*has_half)(void);
    bool by_name_only;
};

static const struct set sets[] = { /* fastest first */
#if defined(__x86_64__)
    { "avx512", &kernels_avx512, has_avx512, &bf16_avx512, has_avx512bf16, false },
    { "avx2", &kernels_avx2, has_avx2, NULL, has_everything, false },
#endif
    { "portable", &kernels_portable, has_everything, &bf16_portable, has_everything, false },
#if HAVE_AMX
    { "amx", &kernels_avx512, has_amx, &bf16_amx, has_everything, true },
#endif
    { "amx-emulated", &kernels_portable, has_everything, &bf16_amx_emulated, has_everything, true },
};

enum { N_SETS = sizeof sets / sizeof *sets };

static const char *asked_for(void)
{
    const char *name = getenv("SADDLE_ISA");
    return name && *name ? name : NULL;
}

static const struct set *set_named(const char *name, struct err *err)
{
    for (int i = 0; i < N_SETS; i++) {
        if (strcmp(sets[i].name, name) != 0)
            continue;
        if (sets[i].supported())
            return &sets[i];
        bool there;
        const char *why = strcmp(name, "amx") == 0 ? amx_refusal(&there) : NULL;
        err_set(err, ERR_DEVICE, "SADDLE_ISA=%s: %s", name, why ? why : "this processor does not have these instructions");
        return NULL;
    }
    char known[64] = "";
    for (int i = 0; i < N_SETS; i++)
        text_append(known, sizeof known, "%s%s", i ? ", " : "", sets[i].name);
    err_set(err, ERR_INVALID, "SADDLE_ISA=%s: %s; accepted: %s", name, strcmp(name, "amx") == 0 ? "the compiler of this build knew no AMX" : "unknown", known);
    return NULL;
}

static const struct set *choose_set(struct err *err)
{
    const char *name = asked_for();
    if (name)
        return set_named(name, err);
    for (int i = 0; i < N_SETS; i++)
        if (!sets[i].by_name_only && sets[i].supported())
            return &sets[i];
    err_set(err, ERR_DEVICE, "no instruction set found");
    return NULL;
}

const struct kernels *kernels_choose(struct err *err)
{
    const struct set *s = choose_set(err);
    return s ? s->kernels : NULL;
}

/* Portable loops in bf16 are slower than in fp32: for those who ask. Nobody else's first pass waits for tiles to be tried. */
const struct bf16_kernels *bf16_choose(void)
{
    const struct set *s = choose_set(NULL);
    if (!s || !s->half || !s->has_half() || (s->kernels == &kernels_portable && !asked_for()))
        return NULL;
#if HAVE_AMX
    if (s->half == &bf16_avx512 && !asked_for() && has_amx())
        return &bf16_amx;
#endif
    return s->half;
}
