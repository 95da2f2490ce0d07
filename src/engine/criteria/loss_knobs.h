/* engine/criteria/loss_knobs.h - the loss that knobs ask for, and the network: its head may be the loss's choice. */
#ifndef ENGINE_LOSS_KNOBS_H
#define ENGINE_LOSS_KNOBS_H

#include <stdbool.h>

#include "engine/criteria/loss.h"
#include "engine/knobs.h"

/* reweight: the class weights act now. -1 with *err for a choice that no loss has. */
int loss_config_of(const struct knobs *k, bool reweight, struct loss_config *c, struct err *err);

enum head_kind head_of_knobs(const struct knobs *k); /* `auto` is what the loss's row wants */
int net_of_knobs(const struct knobs *k, int classes, struct net *out, struct err *err);

#endif
