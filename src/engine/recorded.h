/* engine/recorded.h - a command as the journal has it: the one reader of CMD events, which trainer_journal() writes. Who takes a run up,
 * repeats it by a script, folds it or tells it in a line asks here what was done. Texts are those of the event. Pure; any thread. */
#ifndef ENGINE_RECORDED_H
#define ENGINE_RECORDED_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/event.h"
#include "engine/knobs.h"
#include "engine/operations.h"

struct err;

#define RECORDED_UNDO "undo"     /* the words of a change that takes another one back */
#define RECORDED_AUTO "auto"     /* by whom: what moves rho */
#define RECORDED_WAITS "pending" /* instead of the operation's word: it is to act later */

struct recorded {
    const char *word;            /* of the operation; or RECORDED_WAITS; "" when not said */
    int op;                      /* enum command_op; -1: this program knows none of that word, or it waits */
    bool waits;
    bool scheduled;              /* it had waited, and its moment came */
    bool repeated;               /* by who took the run up: it was done before */
    bool automatic;              /* `rho auto` moved it */
    bool undo;                   /* `undo` changed the knob */
    int knob;                    /* that is changed, or waits to be; -1: none that this program knows */
    const char *key, *text, *by; /* "" when not said */
    const char *value, *old, *why; /* NULL when not said */
    uint64_t step, id;
    double epoch;
};
bool recorded_read(const struct event *e, struct recorded *out); /* false: the event is no command */

/* The value that a knob was set to. -1 with *err. */
int recorded_value(const struct recorded *r, struct knob_value *out, struct err *err);

/* Goes on in a list of classes, "0 9"; false at its end. */
bool recorded_class(const char **list, unsigned long *class_index);
/* Is the key such a list, and whole? A long one is cut. */
bool recorded_names_classes(const struct recorded *r);

#endif
