/* session/comparison_private.h - the inside of a comparison, for the files comparison*.c. */
#ifndef SESSION_COMPARISON_PRIVATE_H
#define SESSION_COMPARISON_PRIVATE_H

#include "session/comparison.h"
#include "session/session.h"

enum { LINE_MAX = 17, SOURCES_MAX = COMPARISON_RUNS * LINE_MAX }; /* a run, and a fork of a fork of ... it */

/* A recording, and the fold of all of it: of a run, or of an ancestor of one. */
struct compared_source {
    char dir[1024], id[40], name[128];
    struct recording *recording; /* of one that somebody writes; else NULL: the fold is all that is needed */
    struct history h;
    size_t folded;
    unsigned generation;
    uint64_t version;            /* +1 with everything that came */
    uint64_t left;               /* the earliest step after which its line was left for another one; UINT64_MAX: never */
    char began_with[20];         /* hash of another run's state, its beginning; "" */
    size_t n_states;
    struct compared_state {      /* that were saved */
        uint64_t step;
        char hash[20];
    } *state;
    char damage[400];            /* "" when clean */
};

/* A part of a stream's line: what a source has of the steps after `after` up to `to`. The eldest has its first step too. */
struct compared_stretch {
    int source;
    uint64_t after, to;
    bool eldest;
};

struct compared_series {
    struct metric_point *at;
    size_t n, own;
    struct metric_point *lost;
    size_t n_lost;
    uint64_t version; /* of the line it was made of; 0: not made */
};

struct compared_stream {
    int source;
    char name[160];
    int n_line;
    struct compared_stretch line[LINE_MAX]; /* eldest first; the last is of its own source */
    bool too_long, circle;         /* the line ends at LINE_MAX; at a run that is in it already, which is forged */
    char missing[200];             /* the ancestor that is not there; "" */
    char doubt[200];               /* the ancestor whose line may be another one now; "" */
    double wanted;                 /* epoch; INFINITY: the end */
    int *class_of;                 /* [classes of run 0] number here, -1: none; NULL: as in run 0 */
    struct compared_series series[COMPARISON_METRICS], steps[COMPARISON_METRICS]; /* steps: of a held metric, of each step */
};

struct comparison {
    int n, n_sources, n_metrics, n_classes; /* n_classes: of run 0 when it was opened */
    struct compared_stream stream[COMPARISON_RUNS];
    char root[1024]; /* where ancestors are looked for besides; "" */
    struct compared_source *source[SOURCES_MAX];
    struct metric metric[COMPARISON_METRICS];
    char **note;
    int n_notes;
};

static inline const struct compared_source *comparison_source(const struct comparison *c, int run)
{
    return c->source[c->stream[run].source];
}
/* The steps done at an epoch in a source, and the epoch of a step. */
uint64_t comparison_step(const struct compared_source *s, double epoch);
double comparison_epoch(const struct compared_source *s, uint64_t step);
/* A recording and its fold, for the comparison that it is given to; NULL with *err. */
struct compared_source *comparison_source_open(const char *dir, struct err *err);
int comparison_known(const struct comparison *c, const char *id); /* the source of that id, -1: none */
/* Stretches from the run itself back to its first ancestor that is there; then in the order of time. A parent that left its line for another
 * one is in doubt, unless it is known to have had that state. */
void comparison_make_line(struct comparison *c, struct compared_stream *stream);

#endif
