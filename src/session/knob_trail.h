/* session/knob_trail.h - the values that a knob had, one after the other, and their text: "0.1 > 0.3@2.5 > 0.1@5.3", each with the epoch from
 * which it held; one alone where it was never changed. Pure; any thread. */
#ifndef SESSION_KNOB_TRAIL_H
#define SESSION_KNOB_TRAIL_H

#include "session/history.h"

struct knob_trail { /* begins as all zero */
    int n;                    /* values so far */
    char text[KNOB_TEXT_MAX]; /* the last one */
    double epoch;             /* since when */
};
/* true: it is another value than the one before. */
bool knob_trail_add(struct knob_trail *t, enum knob_id knob, const struct knob_value *value, double epoch);
/* Between these values `rho auto` moved it: a run does so at its own times, and is a repeat of another one all the same. */
bool knob_trail_moved(const char *before, const char *now);
/* Appends the value it is at, of the first few; when there are no more, the end tells how many were left out, and the last one. */
void knob_trail_put(const struct knob_trail *t, char *out, size_t size);
void knob_trail_end(const struct knob_trail *t, char *out, size_t size);

/* The next value in a history, also where it is the same again; *at: 0 at first. *until: the step of its change, UINT64_MAX: it is in force. */
const struct knob_value *knob_trail_next(const struct history *h, enum knob_id knob, size_t *at, uint64_t *until);
/* The text of a history; how many values there were. */
int knob_trail_text(const struct history *h, enum knob_id knob, char *out, size_t size);
/* Was it set to the same values in both, from the same epochs on? */
bool knob_trail_same(const struct history *a, const struct history *b, enum knob_id knob);

#endif
