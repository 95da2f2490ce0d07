#include "config.h"
#include "kernels/cuda/model.h"

/* A stream beside the model's, which gives way to it: for gradients of weights, which the way back to the input does not need. */

/* One below the model's own, where there is one: greater priorities are smaller numbers. */
static int make_side(struct model *m)
{
    int least = 0, greatest = 0;
    if (cuda_check(m, cudaDeviceGetStreamPriorityRange(&least, &greatest), "asking for priorities") < 0)
        return -1;
    const int priority = m->priority < least ? m->priority + 1 : least;
    return cuda_check(m, cudaStreamCreateWithPriority(&m->side.stream, cudaStreamNonBlocking, priority), "making a stream");
}

int cuda_side_open(struct model *m)
{
    if (make_side(m) < 0 || cuda_check(m, cudaEventCreateWithFlags(&m->side.fork, cudaEventDisableTiming), "making an event") < 0)
        return -1;
    return cuda_check(m, cudaEventCreateWithFlags(&m->side.join, cudaEventDisableTiming), "making an event");
}

void cuda_side_close(struct model *m)
{
    if (m->side.fork)
        cudaEventDestroy(m->side.fork);
    if (m->side.join)
        cudaEventDestroy(m->side.join);
    if (m->side.stream)
        cudaStreamDestroy(m->side.stream);
}

cudaError_t cuda_side_waits(struct model *m)
{
    const cudaError_t status = cudaEventRecord(m->side.fork, m->stream);
    return status ? status : cudaStreamWaitEvent(m->side.stream, m->side.fork, 0);
}

cudaError_t cuda_side_joins(struct model *m)
{
    const cudaError_t status = cudaEventRecord(m->side.join, m->side.stream);
    return status ? status : cudaStreamWaitEvent(m->stream, m->side.join, 0);
}
