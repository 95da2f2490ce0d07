/* engine/optimisers.h - the optimisers and the facts about them: one row each. The choices of the knob `opt`, what can never act,
 * what a step costs and whether rho means anything are read from here. A row's formula is in engine/optim. */
#ifndef ENGINE_OPTIMISERS_H
#define ENGINE_OPTIMISERS_H

#include <stdbool.h>

#include "engine/knobs.h"
#include "kernels/backend.h"

/* OPTIMISER(ID, name, passes, ascent, fused, way, keeps, help, knobs ...)
 *   passes  over the images of a batch, forward and backward, in one step
 *   ascent  where the second of them is made (kernels/backend.h)
 *   fused   a back end that has step() runs the whole step as one piece of work (engine/optim/queued.c)
 *   way     how a step is made of its passes
 *   keeps   a vector of its own lives from step to step, and is part of a snapshot
 *   knobs   that it reads beside those of every descent (lr, momentum, weight_decay, nesterov); KNOB_NONE ends them */
#define SAM_KNOBS KNOB_RHO, KNOB_RHO_DRW, KNOB_BN_SECOND_PASS, KNOB_SAM_FROM, KNOB_SAM_EVERY, KNOB_GAUGE_EVERY
#define OPTIMISER_TABLE(OPTIMISER) \
    OPTIMISER(SGD, "sgd", 1, NONE, true, PASSES, false, \
              "stochastic gradient descent with momentum", \
              KNOB_NONE) \
    OPTIMISER(SAM, "sam", 2, SAM, true, PASSES, false, \
              "sharpness-aware: the gradient at w + rho g/|g|; two passes", \
              SAM_KNOBS, KNOB_NONE) \
    OPTIMISER(ASAM, "asam", 2, ADAPTIVE, true, PASSES, false, \
              "adaptive SAM: the perturbation is scaled by w^2; two passes", \
              SAM_KNOBS, KNOB_ASAM_ETA, KNOB_NONE) \
    OPTIMISER(PGD, "pgd", 1, NONE, false, PASSES, false, \
              "SGD with Gaussian noise on the gradient or the weights", \
              KNOB_PGD_SIGMA, KNOB_PGD_WHERE, KNOB_NONE) \
    OPTIMISER(LPF, "lpf", 1, NONE, false, LPF, false, \
              "low-pass filter: each piece of a batch with its own noise on the weights", \
              KNOB_LPF_M, KNOB_LPF_GAMMA, KNOB_NONE) \
    OPTIMISER(USAM, "usam", 2, PLAIN, true, PASSES, false, \
              "unnormalised SAM: the gradient at w + rho g; two passes", \
              SAM_KNOBS, KNOB_NONE) \
    OPTIMISER(IMBSAM, "imbsam", 2, SAM, true, PARTS, false, \
              "SAM of the tail's loss alone, the rest stays at w", \
              SAM_KNOBS, KNOB_TAIL_BELOW, KNOB_TAIL_GAIN, KNOB_NONE) \
    OPTIMISER(FOCALSAM, "focalsam", 2, SAM, true, PARTS, false, \
              "SAM of sam_share (1 - n/N)^sam_focus of each class's loss", \
              SAM_KNOBS, KNOB_SAM_SHARE, KNOB_SAM_FOCUS, KNOB_NONE) \
    OPTIMISER(BLEND, "blend", 2, SAM, true, PARTS, false, \
              "SAM of sam_share of every class's loss: SGD and SAM mixed", \
              SAM_KNOBS, KNOB_SAM_SHARE, KNOB_NONE) \
    OPTIMISER(SSESAM, "ssesam", 3, SAM, true, PARTS, false, \
              "SAM of the tail and of the rest, each with its own radius; the rest's ends at head_until", \
              SAM_KNOBS, KNOB_TAIL_BELOW, KNOB_TAIL_GAIN, KNOB_RHO_HEAD, KNOB_HEAD_UNTIL, KNOB_NONE) \
    OPTIMISER(GSAM, "gsam", 2, SAM, true, SURROGATE, false, \
              "SAM that also takes away what of g is across g_s", \
              SAM_KNOBS, KNOB_GSAM_ALPHA, KNOB_NONE) \
    OPTIMISER(WSAM, "wsam", 2, SAM, true, SURROGATE, false, \
              "SAM that goes on from g beyond g_s", \
              SAM_KNOBS, KNOB_WSAM_GAMMA, KNOB_WSAM_FORM, KNOB_NONE) \
    OPTIMISER(FSAM, "fsam", 2, SAM, true, FRIENDLY, true, \
              "friendly SAM: climbs along g less its own running mean", \
              SAM_KNOBS, KNOB_FSAM_SIGMA, KNOB_FSAM_LAMBDA, KNOB_FSAM_FORM, KNOB_NONE) \
    OPTIMISER(LOOKSAM, "looksam", 2, SAM, true, LOOK, true, \
              "SAM in every looksam_k-th step, which the steps between remember", \
              SAM_KNOBS, KNOB_LOOKSAM_K, KNOB_LOOKSAM_ALPHA, KNOB_LOOKSAM_FORM, KNOB_NONE) \
    OPTIMISER(MSAM, "msam", 2, SAM, true, MICRO, false, \
              "SAM of each of msam_m pieces of a batch by itself", \
              SAM_KNOBS, KNOB_MSAM_M, KNOB_NONE) \
    OPTIMISER(ESAM, "esam", 2, SAM, false, CHOSEN, false, \
              "efficient SAM: some weights climb; the images whose loss rises most are descended", \
              SAM_KNOBS, KNOB_ESAM_BETA, KNOB_ESAM_GAMMA, KNOB_ESAM_FORM, KNOB_NONE) \
    OPTIMISER(CCSAM, "ccsam", 1, NONE, false, CLASSES, false, \
              "class-conditional SAM: each class perturbs the classifier, the rarer the further", \
              KNOB_CCSAM_A, KNOB_CCSAM_PHI, KNOB_SAM_FROM, KNOB_SAM_EVERY, KNOB_NONE)

/* "sgd sam ...": the choices of the knob, for engine/knobs.def. */
#define OPTIMISER_CHOICE(id, name, ...) " " name
#define OPTIMISER_CHOICES (&(OPTIMISER_TABLE(OPTIMISER_CHOICE))[1])

enum optimiser {
#define OPTIMISER_ENUM(id, ...) OPTIMISER_##id,
    OPTIMISER_TABLE(OPTIMISER_ENUM)
#undef OPTIMISER_ENUM
    OPTIMISER_COUNT
};

/* The ways: one or two passes, and the last gradient; pieces with noise; a part that climbs and a rest; of g and g_s; along g less its mean;
 * a climb every so many steps; pieces that climb; some weights and some images;
 * a classifier for each class. */
enum step_way { WAY_PASSES, WAY_LPF, WAY_PARTS, WAY_SURROGATE, WAY_FRIENDLY, WAY_LOOK, WAY_MICRO, WAY_CHOSEN, WAY_CLASSES };

enum { OPTIMISER_KNOBS = 12 };
struct optimiser_info {
    const char *name, *help;
    int passes;
    enum ascent ascent;
    bool fused, keeps;
    enum step_way way;
    enum knob_id knobs[OPTIMISER_KNOBS]; /* KNOB_NONE ends them */
};
extern const struct optimiser_info optimiser_table[OPTIMISER_COUNT];

bool optimiser_reads(enum optimiser kind, enum knob_id knob); /* one of its row's knobs? */
bool optimiser_uses_rho(enum optimiser kind);

enum optimiser knobs_optimiser(const struct knobs *k); /* the one that `opt` chooses */

#endif
