/* Can each step of a run be made: batch norm by batch statistics has no variance of a single value. */
#include "config.h"
#include "engine/run/plan_private.h"

#include <stdio.h>

#include "base/err.h"
#include "engine/optimisers.h"
#include "engine/stages.h"
#include "kernels/net.h"

static uint32_t last_of(uint32_t n, uint32_t batch)
{
    return n % batch ? n % batch : batch;
}

static uint32_t smaller_count(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Images of the smallest pass of an epoch of n; pieces: of a whole batch, each as large as the one before it but for the last. */
static uint32_t smallest_pass(uint32_t n, uint32_t batch, uint32_t pieces)
{
    const uint32_t last = last_of(n, batch), piece = batch / pieces > 0 ? batch / pieces : 1;
    return smaller_count(smaller_count(last, last_of(last, piece)), n < batch ? last : last_of(batch, piece));
}

/* m-SAM cuts a batch into pieces that are as large as can be alike. */
static uint32_t smallest_micro(uint32_t n, uint32_t batch, uint32_t pieces)
{
    const uint32_t last = last_of(n, batch), whole = n < batch ? last : batch;
    return smaller_count(last / smaller_count(pieces, last), whole / smaller_count(pieces, whole));
}

/* A second stage with frozen norms takes the running statistics, but it comes after one that does not. */
int plan_check_batches(const struct knobs *k, const struct net *net, uint32_t images, struct err *err)
{
    const uint32_t least = (uint32_t)net_least_images(net), batch = (uint32_t)knob_int(k, KNOB_BATCH);
    const bool lpf = knobs_optimiser(k) == OPTIMISER_LPF, micro = knobs_optimiser(k) == OPTIMISER_MSAM, cut = lpf || micro;
    const uint32_t pieces = cut ? (uint32_t)knob_int(k, lpf ? KNOB_LPF_M : KNOB_MSAM_M) : 1;
    uint32_t (*const smallest)(uint32_t n, uint32_t batch, uint32_t pieces) = micro ? smallest_micro : smallest_pass;
    uint32_t other = 0;
    if (images == 0 || smallest(images, batch, pieces) >= least)
        return 0;
    for (uint32_t apart = 1; apart < images && !other; apart++)
        for (int side = 0; side < 2 && !other; side++) {
            const uint32_t b = side ? batch - apart : batch + apart;
            if ((!side || apart < batch) && b <= knob_table[KNOB_BATCH].high && smallest(images, b, pieces) >= least)
                other = b;
        }
    char cuts[32] = "", instead[32] = "more images are";
    if (cut)
        snprintf(cuts, sizeof cuts, " and %u pieces (%s)", pieces, lpf ? "lpf_m" : "msam_m");
    if (other)
        snprintf(instead, sizeof instead, "batch %u is", other);
    return err_set(err, ERR_RANGE, "batch %u: %u images in such batches%s leave one alone, and one image of %dx%d has no statistics for batch norm "
                   "in %s, whose last units have a single pixel; %s accepted", batch, images, cuts, net->height, net->width, net->name, instead);
}
