#include "config.h"
#include "kernels/backend.h"

#include "base/buf.h"
#include "base/err.h"
#include "kernels/cpu/isa.h"

int backend_describe(struct buf *out)
{
    struct err err = { 0 };
    const struct kernels *k = kernels_choose(&err);
    if (k)
        buf_addf(out, "cpu: instruction set %s (SADDLE_ISA chooses another)\n", k->name);
    else
        buf_addf(out, "cpu: %s\n", err.text);
    return backend_cuda_describe(out);
}
