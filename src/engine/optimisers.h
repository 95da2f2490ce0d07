/* engine/optimisers.h - the optimisers and the facts about them: one row each. The choices of the knob `opt`, what can never act,
 * what a step costs and whether rho means anything are read from here. A row's formula is in engine/optim. */
#ifndef ENGINE_OPTIMISERS_H
#define ENGINE_OPTIMISERS_H

#include <stdbool.h>

#include "engine/knobs.h"
#include "kernels/backend.h"

/* OPTIMISER(ID, name, passes, ascent, fused, help, knobs ...)
 *   passes  over the images of a batch, forward and backward, in one step
 *   ascent  where the second of them is made (kernels/backend.h)
 *   fused   a back end that has step() may run the whole step as one piece of work
 *   knobs   that it reads beside those of every descent (lr, momentum, weight_decay, nesterov); KNOB_NONE ends them */
#define OPTIMISER_TABLE(OPTIMISER)                                                                                             \
    OPTIMISER(SGD, "sgd", 1, NONE, true, "stochastic gradient descent with momentum", KNOB_NONE)                               \
    OPTIMISER(SAM, "sam", 2, SAM, true, "sharpness-aware: the gradient at w + rho g/|g|; two passes",                          \
              KNOB_RHO, KNOB_RHO_DRW, KNOB_BN_SECOND_PASS, KNOB_NONE)                                                          \
    OPTIMISER(ASAM, "asam", 2, ADAPTIVE, true, "adaptive SAM: the perturbation is scaled by w^2; two passes",                  \
              KNOB_RHO, KNOB_RHO_DRW, KNOB_BN_SECOND_PASS, KNOB_NONE)                                                          \
    OPTIMISER(PGD, "pgd", 1, NONE, false, "SGD with Gaussian noise on the gradient or the weights",                            \
              KNOB_PGD_SIGMA, KNOB_PGD_WHERE, KNOB_NONE)                                                                       \
    OPTIMISER(LPF, "lpf", 1, NONE, false, "low-pass filter: each piece of a batch with its own noise on the weights",          \
              KNOB_LPF_M, KNOB_LPF_GAMMA, KNOB_NONE)                                                                           \
    OPTIMISER(USAM, "usam", 2, PLAIN, true, "unnormalised SAM: the gradient at w + rho g; two passes",                         \
              KNOB_RHO, KNOB_RHO_DRW, KNOB_BN_SECOND_PASS, KNOB_NONE)

/* "sgd sam ...": the choices of the knob, for engine/knobs.def. */
#define OPTIMISER_CHOICE(id, name, ...) " " name
#define OPTIMISER_CHOICES (&(OPTIMISER_TABLE(OPTIMISER_CHOICE))[1])

enum optimiser {
#define OPTIMISER_ENUM(id, ...) OPTIMISER_##id,
    OPTIMISER_TABLE(OPTIMISER_ENUM)
#undef OPTIMISER_ENUM
    OPTIMISER_COUNT
};

enum { OPTIMISER_KNOBS = 8 };
struct optimiser_info {
    const char *name, *help;
    int passes;
    enum ascent ascent;
    bool fused;
    enum knob_id knobs[OPTIMISER_KNOBS]; /* KNOB_NONE ends them */
};
extern const struct optimiser_info optimiser_table[OPTIMISER_COUNT];

bool optimiser_reads(enum optimiser kind, enum knob_id knob); /* one of its row's knobs? */
bool optimiser_uses_rho(enum optimiser kind);

enum optimiser knobs_optimiser(const struct knobs *k); /* the one that `opt` chooses */

#endif
