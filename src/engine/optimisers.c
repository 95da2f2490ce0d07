#include "config.h"
#include "engine/optimisers.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

const struct optimiser_info optimiser_table[OPTIMISER_COUNT] = {
#define OPTIMISER_ROW(id, name_, passes_, ascent_, fused_, help_, ...) \
    [OPTIMISER_##id] = { .name = name_, .help = help_, .passes = passes_, .ascent = ASCENT_##ascent_, .fused = fused_, \
                         .knobs = { __VA_ARGS__ } },
    OPTIMISER_TABLE(OPTIMISER_ROW)
#undef OPTIMISER_ROW
};

int optimiser_find(const char *name, struct err *err)
{
    char known[128] = "";
    for (int i = 0; i < OPTIMISER_COUNT; i++) {
        if (strcmp(name, optimiser_table[i].name) == 0)
            return i;
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", optimiser_table[i].name);
    }
    return err_set(err, ERR_INVALID, "unknown optimiser '%s'; known: %s", name, known);
}

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
