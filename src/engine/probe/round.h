/* engine/probe/round.h - the watched classes, probed as scheduled: one product of a spectrum at a time, between or beside the
 * steps of whoever trains, within the knob `budget`. All of them are about the weights of one moment. */
#ifndef ENGINE_ROUND_H
#define ENGINE_ROUND_H

#include "engine/probe/probe.h"

/* A round begins at the end of this epoch, of the classes that the host wants. One that the budget did not let end goes on
 * instead, and tells about its own epoch; `anew`: it is known to have been replaced. */
void round_schedule(struct probe *p, bool anew);

/* Takes the weights of a round that began at this moment, with no step under way; its products come later. */
void round_take_weights(struct probe *p);

enum round_wish { ROUND_NOTHING, ROUND_WEIGHTS, ROUND_PRODUCT };
/* The next act of the round: nothing (there is none, the budget is spent, or the steps beside the last product are not done),
 * copy the weights for which no step may be under way, or a product. Reads the clock. */
enum round_wish round_wish(const struct probe *p);
void round_turn(struct probe *p); /* does it: at most one product */

/* At the end of a run that took run_s seconds: finishes the round as far as the budget goes, and says what is left. */
bool round_drain(struct probe *p, double run_s); /* false: cancelled before */

#endif
