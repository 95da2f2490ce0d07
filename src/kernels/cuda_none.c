#include "config.h"
#include "kernels/backend.h"

#include "base/buf.h"

/* The description of CUDA by a build without it. */
int backend_cuda_describe(struct buf *out)
{
    buf_adds(out, "cuda: not in this saddle (configure found no nvcc, or was told --with-cuda=no)\n");
    return out->failed ? -1 : 0;
}
