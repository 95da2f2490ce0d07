#include "config.h"
#include "kernels/backend.h"

#include "base/buf.h"
#include "base/err.h"
#include "kernels/cpu/bf16.h"

static void describe_cpu(const struct kernels *k, struct buf *out)
{
    const struct bf16_kernels *half = bf16_choose();
    buf_addf(out, "cpu: instruction set %s (SADDLE_ISA chooses another)\n", k->name);
    if (half)
        buf_addf(out, "cpu: math fp32, winograd, bf16 (%s)\n", half->name);
    else
        buf_addf(out, "cpu: math fp32, winograd; bf16 needs the instructions AVX512-BF16, and no other set chosen\n");
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
