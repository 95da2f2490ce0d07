/* engine/run/climb.h - which classes climb, and how far (methods 4.8): the shares c of ImbSAM, Focal-SAM, blend and SSE-SAM. They follow from
 * knobs and class sizes alone. Pure; any thread. */
#ifndef ENGINE_CLIMB_H
#define ENGINE_CLIMB_H

#include <stdbool.h>

#include <stdint.h>

#include "engine/data/dataset.h"
#include "engine/knobs.h"

struct err;

struct climb_classes { /* borrows */
    int n;
    const uint32_t *count; /* [n] training images */
    const uint8_t *group;  /* [n] enum class_group */
};
struct climb_classes climb_classes_of(const struct dataset *d);

/* The share of each class's loss that climbs, 0 to 1, into out[classes]; ones for an optimiser that climbs with all of it, zeros for one
 * that does not climb. true: they are all the same. */
bool climb_shares(const struct knobs *k, struct climb_classes of, float *out);

/* CC-SAM's radius of each class where their gradients are as long, or in its second stage the shift of its features, as a part of the rarest one's,
 * into out[classes]. */
void climb_reaches(struct climb_classes of, bool shifts, float *out);

/* SSE-SAM's radius of the rest in an epoch, 0 for the others. */
double climb_rho_head(const struct knobs *k, long epoch);

/* -1 with *err, when the tail of an optimiser that needs one has no class, or all of them. */
int climb_check(const struct knobs *k, struct climb_classes of, struct err *err);

#endif
