#include "config.h"
#include "kernels/backend.h"

#include "base/buf.h"
#include "base/err.h"
#include "kernels/cpu/amx.h"
#include "kernels/cpu/bf16.h"

static void describe_tiles(const struct bf16_kernels *half, struct buf *out)
{
    bool there;
    const char *why = amx_refusal(&there);
    if (why && there)
        buf_addf(out, "cpu: AMX tiles refused: %s; math bf16 does without\n", why);
    else if (!why)
        buf_addf(out, "cpu: AMX tiles %s; their speed is unmeasured\n",
                 half && half->tiles ? "compute math bf16 (SADDLE_ISA=avx512 does without)" : "are here; SADDLE_ISA chose another set");
}

static void describe_cpu(const struct kernels *k, struct buf *out)
{
    const struct bf16_kernels *half = bf16_choose();
    buf_addf(out, "cpu: instruction set %s (SADDLE_ISA chooses another)\n", k->name);
    if (half)
        buf_addf(out, "cpu: math fp32, winograd, bf16 (%s)\n", half->name);
    else
        buf_addf(out, "cpu: math fp32, winograd; bf16 needs the instructions AVX512-BF16, and no other set chosen\n");
    describe_tiles(half, out);
}

int backend_describe(struct buf *out)
{
    struct err err = { 0 };
    const struct kernels *k = kernels_choose(&err);
    if (k)
        describe_cpu(k, out);
    else
        buf_addf(out, "cpu: %s\n", err.text);
    return backend_cuda_describe(out);
}
