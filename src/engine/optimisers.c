#include "config.h"
#include "engine/optimisers.h"

const struct optimiser_info optimiser_table[OPTIMISER_COUNT] = {
#define OPTIMISER_ROW(id, name_, passes_, ascent_, fused_, way_, keeps_, help_, ...) \
    [OPTIMISER_##id] = { .name = name_, .help = help_, .passes = passes_, .ascent = ASCENT_##ascent_, .fused = fused_, \
                         .keeps = keeps_, .way = WAY_##way_, .knobs = { __VA_ARGS__ } },
    OPTIMISER_TABLE(OPTIMISER_ROW)
#undef OPTIMISER_ROW
};

bool optimiser_reads(enum optimiser kind, enum knob_id knob)
{
    const enum knob_id *k = optimiser_table[kind].knobs;
    while (*k != KNOB_NONE && *k != knob)
        k++;
    return *k == knob;
}

bool optimiser_uses_rho(enum optimiser kind)
{
    return optimiser_reads(kind, KNOB_RHO);
}

/* The choices are made of the same table, in its order. */
enum optimiser knobs_optimiser(const struct knobs *k)
{
    return (enum optimiser)knob_int(k, KNOB_OPT);
}
