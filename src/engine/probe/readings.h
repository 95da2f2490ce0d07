/* engine/probe/readings.h - readings (reading.h) of a guest's network over one of its splits: its features and outputs are taken once,
 * in evaluation mode, and read at every tau. */
#ifndef ENGINE_READINGS_H
#define ENGINE_READINGS_H

#include "engine/probe/guest.h"
#include "engine/probe/reading.h"

struct err;

enum { READINGS_TAUS = 21 }; /* 0, 0.1 ... 2 */

struct reading_plan {
    enum reading_kind kind;
    double tau;        /* NaN: the best on `split`, and where that is val, what it comes to on test */
    const char *split; /* "test", "val", "train"; "": val when there is one, else test */
};

/* READING events, and a line for people added to `text`. 0, or -1 with *err and nothing told: a kind or a tau that this
 * network cannot be read with, a split without images, ERR_CANCELLED. Nothing of the network moves. The event that completes a reading is the last one. */
int readings_take(const struct guest *g, const struct reading_plan *plan, struct buf *text, struct err *err);

#endif
