#include "config.h"
#include "engine/measure.h"

#include <stdio.h>
#include <string.h>

/* Rows alternate in events.def: each MEASURE closes the list of the one before and opens its own. */
#define MEASURE(id, ...) \
    { .name = NULL } \
    } \
    ; \
    static const struct measure_column columns_##id[] = {
#define COLUMN(ev, id, name_, format_) { name_, EV_##ev##_##id, format_, 0 },
#define PLACES(ev, name_) { name_, -1, "%s", 0 },
__attribute__((unused)) static const struct measure_column columns_none[] = {
#include "engine/events.def"
    { .name = NULL }
};

#define MEASURE(id, ...) \
    { .name = NULL } \
    } \
    ; \
    static const struct measure_column metrics_##id[] = {
#define METRIC(ev, id, name_, better_) { name_, EV_##ev##_##id, "%.9g", better_ },
__attribute__((unused)) static const struct measure_column metrics_none[] = {
#include "engine/events.def"
    { .name = NULL }
};

#define MEASURE(id, ...) \
    { .name = NULL } \
    } \
    ; \
    static const struct measure_column logged_##id[] = {
#define LOGGED(ev, id, name_, format_) { name_, EV_##ev##_##id, format_, 0 },
__attribute__((unused)) static const struct measure_column logged_none[] = {
#include "engine/events.def"
    { .name = NULL }
};

#define MEASURE(id, verb_, example_, class_, axis_, least_, places_) \
    [MEASURE_##id] = { .kind = EVENT_##id, .verb = verb_, .example = example_, .of = EV_##id##_OF, .epoch = EV_##id##_EP, \
                       .seconds = EV_##id##_SECONDS, .class_index = class_, .axis = axis_, .least = least_, \
                       .places = places_, .column = columns_##id, .metric = metrics_##id, .logged = logged_##id },
const struct measure_info measure_table[MEASURES] = {
#include "engine/events.def"
};

const struct measure_info *measure_of_event(enum event_kind kind)
{
    for (int i = 0; i < MEASURES; i++)
        if (measure_table[i].kind == kind)
            return &measure_table[i];
    return NULL;
}

const struct measure_info *measure_of_verb(const char *verb)
{
    for (int i = 0; i < MEASURES; i++)
        if (strcmp(measure_table[i].verb, verb) == 0)
            return &measure_table[i];
    return NULL;
}

uint32_t measure_places(const struct measure_info *m)
{
    uint32_t n = m->places != NULL;
    for (const char *c = m->places ? m->places : ""; *c; c++)
        n += *c == ',';
    return n;
}

void measure_place(const struct measure_info *m, uint32_t i, char out[32])
{
    const char *at = m->places ? m->places : "";
    for (; i > 0 && *at; i--)
        at += strcspn(at, ",") + 1;
    snprintf(out, 32, "%.*s", (int)strcspn(at, ","), at);
}
