/* engine/run/step_knobs.h - a learner's knobs as the optimiser takes them, in force in one step. */
#ifndef ENGINE_STEP_KNOBS_H
#define ENGINE_STEP_KNOBS_H

#include "engine/run/learner.h"

/* Of the step after `step` others. Shares of classes are in l->share until the next call. */
struct optim_knobs learner_step_knobs(struct learner *l, uint64_t step);

#endif
