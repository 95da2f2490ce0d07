/* engine/knobs.h - the values of everything that can be set. One table (knobs.def) is the master.
 * A value is one word: a number, or a pointer to a schedule or a text that is kept for the whole process and never changes
 * (base/intern.h). So struct knobs is a plain value that owns nothing: copy it freely, in any thread. The trainer has the copy in force;
 * the workbench keeps its own for set-up. */
#ifndef ENGINE_KNOBS_H
#define ENGINE_KNOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/losses.h"
#include "engine/networks.h"
#include "engine/schedule.h"

struct err;
struct buf;

#define SAMPLER_CHOICES "instance class-aware square-root progressive weighted" /* the rows of engine/data/sampler.c that have a word */

enum knob_id {
#define KNOB(id, ...) KNOB_##id,
#include "engine/knobs.def"
#undef KNOB
    KNOB_COUNT,
    KNOB_NONE = KNOB_COUNT /* ends a list of knobs */
};
enum knob_type { KNOB_FLOAT, KNOB_INT, KNOB_BOOL, KNOB_ENUM, KNOB_SCHEDULE, KNOB_TEXT };
enum knob_when { KNOB_SETUP, KNOB_LIVE, KNOB_SCREEN };
enum { KNOB_TEXT_MAX = 512 }; /* bytes of any value as text */

struct knob_info { /* one row of the table */
    const char *name, *alias, *unit, *initial, *choices, *help;
    enum knob_type type;
    enum knob_when when;
    double low, high;
};
extern const struct knob_info knob_table[KNOB_COUNT];

/* A choice of this machine, which another one makes for itself: where things lie, device, threads. */
bool knob_of_machine(enum knob_id id);
/* Part of a run, and so of what is recorded of it: not what belongs to a screen, nor where on this machine the data lie. */
bool knob_recorded(enum knob_id id);

struct knob_value { /* zero-filled: 0, off, the first choice, a constant 0, "" */
    union {
        double num;                      /* FLOAT, INT; BOOL 0 or 1; ENUM: index of the choice */
        const struct schedule *schedule; /* SCHEDULE */
        const char *text;                /* TEXT */
    };
};
struct knobs {
    struct knob_value v[KNOB_COUNT];
    bool by_hand[KNOB_COUNT]; /* changed while training: shown with * */
};

void knobs_init(struct knobs *k); /* every default */

/* Name or alias. -1 with *err "unknown knob 'roh'; did you mean 'rho'?" */
int knob_find(const char *name, struct err *err);

/* Checks text against the row (type, range, choices). On failure *out is unchanged; *err says value and range. */
int knob_parse(enum knob_id id, const char *text, struct knob_value *out, struct err *err);
void knob_format(enum knob_id id, const struct knob_value *value, char *out, size_t size); /* parses back to the same */
/* "/2" or "x1.5": 1 and the factor; 0: a value like any other; -1 with *err, also for a knob that is no number. */
int knob_factor(enum knob_id id, const char *text, double *factor, struct err *err);
/* `from` times a factor, every value of a schedule; checked as knob_parse() does. */
int knob_scale(enum knob_id id, const struct knob_value *from, double factor, struct knob_value *out, struct err *err);
int knobs_set(struct knobs *k, const char *name, const char *text, struct err *err);       /* find + parse + store */

/* Settings as a recording or a snapshot holds them, "name=value", into *k. Knobs of the screen and those that are gone are passed
 * over, and what they decided in their time is kept. -1 with *err (ERR_DATA for an unknown one), *k partly changed. */
int knobs_read(struct knobs *k, const char *const *pairs, size_t n, struct err *err);
/* The same of all that are recorded, "name=value", NULL after the last, for texts_free(). NULL: no memory. */
char **knobs_texts(const struct knobs *k);

double knob_num(const struct knobs *k, enum knob_id id);
long knob_int(const struct knobs *k, enum knob_id id);
bool knob_on(const struct knobs *k, enum knob_id id);
const struct schedule *knob_schedule(const struct knobs *k, enum knob_id id);               /* SCHEDULE */
const char *knob_text(const struct knobs *k, enum knob_id id);                              /* TEXT */
const char *knob_choice(const struct knobs *k, enum knob_id id, char *out, size_t size);    /* ENUM: the word */
bool knob_is(const struct knobs *k, enum knob_id id, const char *word);                     /* ENUM: is it this word? */

/* "did you mean": the entry of a list nearest to `word` by edit distance (<= 2 and less than its length), or NULL. */
const char *nearest_word(const char *word, const char *const *list, int n);

#endif
