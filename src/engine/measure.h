/* engine/measure.h - what can be measured at the weights of a moment, by the rows of events.def: where its event has what all measurements
 * have, and how it is told. Constant; any thread. */
#ifndef ENGINE_MEASURE_H
#define ENGINE_MEASURE_H

#include <math.h>

#include "engine/event.h"

enum measure {
#define MEASURE(id, ...) MEASURE_##id,
#include "engine/events.def"
    MEASURES
};

struct measure_column { /* lists end with a name that is NULL */
    const char *name;
    int field;          /* -1: the name of the place */
    const char *format; /* of a double, or of a text */
    int better;         /* of a metric: 1 more is better, -1 less, 0 neither */
};
struct measure_info {
    enum event_kind kind;
    const char *verb;    /* the command that measures it, and its name everywhere */
    const char *example; /* of that command */
    int of, epoch, seconds; /* fields that each has */
    int class_index;     /* -1: of the whole network */
    int axis;            /* ascending numbers that the other lists among the columns belong to; -1: none */
    uint32_t least;      /* numbers on the axis */
    const char *places;  /* "a,b,c": names of the places of lists without an axis; NULL: it has none */
    const struct measure_column *column, *metric, *logged;
};
extern const struct measure_info measure_table[MEASURES];

const struct measure_info *measure_of_event(enum event_kind kind); /* NULL: such an event is no measurement */
const struct measure_info *measure_of_verb(const char *verb);      /* NULL: none */
static inline enum measure measure_number(const struct measure_info *m)
{
    return (enum measure)(m - measure_table);
}

uint32_t measure_places(const struct measure_info *m);                          /* how many; 0: none */
void measure_place(const struct measure_info *m, uint32_t i, char out[32]);      /* name of the i-th */

/* A number of a list; NaN behind its end. */
static inline double event_number_at(const struct event_field *list, uint32_t i)
{
    return i < list->n ? list->f64s[i] : (double)NAN;
}

#endif
