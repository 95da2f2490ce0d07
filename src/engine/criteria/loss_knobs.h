/* engine/criteria/loss_knobs.h - the loss that knobs ask for, and the network: its head may be the loss's choice. */
#ifndef ENGINE_LOSS_KNOBS_H
#define ENGINE_LOSS_KNOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/criteria/loss.h"
#include "engine/image_geometry.h"
#include "engine/knobs.h"

/* The parts of the loss in force in an epoch: class weights from `drw` on; a loss with a first epoch of its own from there on, and
 * plain cross-entropy before. In a second stage, as stage_loss says. */
struct loss_phase {
    bool reweight, started;
};
struct loss_phase loss_phase_at(const struct knobs *k, long epoch);
bool loss_phase_same(struct loss_phase a, struct loss_phase b);
#define LOSS_PHASE_LAST ((struct loss_phase){ true, true }) /* everything acts */

/* The row that the knob chose. */
const struct loss_info *loss_chosen(const struct knobs *k);

/* -1 with *err for a choice that no loss has. */
int loss_config_of(const struct knobs *k, struct loss_phase phase, struct loss_config *c, struct err *err);

/* -1 with *err when the loss is made for another classifier than the one chosen. */
int loss_check_head(const struct knobs *k, struct err *err);

/* -1 with *err when opt ccsam, or stage ccsam, is to perturb a classifier, or for a loss, that it is not made for. */
int loss_check_classes(const struct knobs *k, struct err *err);

/* -1 with *err when a step of the optimiser is not of a first and a second pass, and factors of the first are to act in the second. */
int loss_check_frozen(const struct knobs *k, struct err *err);
bool loss_is_frozen(const struct knobs *k);

/* -1 with *err when the second stage trains scales of a classifier that they do not change. */
int stage_check_head(const struct knobs *k, struct err *err);

/* Its knobs and their values, "margin 0.5, ldam_s 30"; empty without any. */
void loss_tell_knobs(const struct knobs *k, char *out, size_t size);

enum head_kind head_of_knobs(const struct knobs *k); /* `auto` is what the loss's row wants */
int net_of_knobs(const struct knobs *k, struct image_geometry image, int classes, struct net *out, struct err *err);

#endif
