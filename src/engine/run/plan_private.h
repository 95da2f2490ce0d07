/* engine/run/plan_private.h - what the files of the plan share; nobody else includes it. */
#ifndef ENGINE_PLAN_PRIVATE_H
#define ENGINE_PLAN_PRIVATE_H

#include "engine/run/plan.h"

uint64_t plan_epoch_steps(const struct plan *p); /* optimiser steps in an epoch */

/* Does a schedule have a part that its stage does not come to? text says which. */
bool plan_schedule_is_late(const struct plan *p, enum knob_id id, char *text, size_t size);

/* Part of plan_check(). */
int plan_check_batches(const struct knobs *k, const struct net *net, uint32_t images, struct err *err);

/* The rule about `rho auto`. */
bool plan_rho_auto(const struct plan *p, char *text, size_t size);

/* Rules about a second stage, for the table in plan.c. */
bool plan_power_is_idle(const struct plan *p, char *text, size_t size);
bool plan_stage_never_begins(const struct plan *p, char *text, size_t size);
bool plan_stage_lr_is_late(const struct plan *p, char *text, size_t size);
bool plan_stage_rho_is_late(const struct plan *p, char *text, size_t size);
bool plan_stage_loss_is_same(const struct plan *p, char *text, size_t size);
bool plan_stage_on_cosines(const struct plan *p, char *text, size_t size);

#endif
