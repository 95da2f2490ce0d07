/* engine/criteria/loss_knobs.h - the loss that knobs ask for. */
#ifndef ENGINE_LOSS_KNOBS_H
#define ENGINE_LOSS_KNOBS_H

#include <stdbool.h>

#include "engine/criteria/loss.h"
#include "engine/knobs.h"

/* reweight: the class weights act now. -1 with *err for a choice that no loss has. */
int loss_config_of(const struct knobs *k, bool reweight, struct loss_config *c, struct err *err);

#endif
