/* engine/criteria/loss.h - the paper's losses as settings of the criteria that back ends know (kernels/criterion.h; methods 3).
 * Class-dependent numbers are computed in double from the class counts and rounded once to float.
 *
 *   struct loss l; struct loss_config c; loss_config_default(&c);
 *   loss_init(&l, classes, counts, &err);        allocates; once per run
 *   loss_set(&l, &c, &err);                      at start and whenever a knob or the DRW phase changes: no allocation
 *   pass.criterion = &l.criterion;               points into l
 *   loss_release(&l);
 * A struct loss belongs to one thread. */
#ifndef ENGINE_LOSS_H
#define ENGINE_LOSS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/knobs.h"
#include "kernels/backend.h"

struct err;

enum loss_id {
#define LOSS_ENUM(id, ...) LOSS_##id,
    LOSS_TABLE(LOSS_ENUM)
#undef LOSS_ENUM
    LOSS_COUNT
};

enum { LOSS_KNOBS_MAX = 6 };
struct loss_info { /* a row of engine/losses.h */
    const char *name, *help;
    enum criterion_kind criterion;
    enum head_kind head;
    bool priors, batch_mean;
    enum knob_id first_epoch;
    enum knob_id knobs[LOSS_KNOBS_MAX + 1];
};
extern const struct loss_info loss_table[LOSS_COUNT];

/* True when the loss reads the knob. */
bool loss_reads(enum loss_id id, enum knob_id knob);

enum loss_weights { /* methods 3.2; both normalised to sum C */
    WEIGHTS_NONE,
    WEIGHTS_EFFECTIVE, /* (1 - beta_en)/(1 - beta_en^n) */
    WEIGHTS_INVERSE,   /* 1/n */
    WEIGHTS_COUNT
};
extern const char *const loss_weights_names[WEIGHTS_COUNT]; /* "none", "effective", "inverse" */
int loss_weights_find(const char *name, struct err *err);

struct loss_config {
    enum loss_id id;
    enum loss_weights weights;
    bool reweight;            /* the weights act now (DRW phase); else all are exactly 1 */
    enum reduction reduction; /* of all that are not divided by the batch size anyway */
    /* Numbers of the knobs with these names, in the ranges of their rows. */
    double beta_en;
    double margin, ldam_s;    /* LDAM: largest margin, scale */
    double focal_gamma;
    double vs_gamma, tau;     /* VS; LA uses tau only */
    double ib_alpha;          /* IB: the factor's numerator */
    bool ib_frozen;           /* and that of a step's first pass acts in its second; detached too */
    bool ib_detached;         /* the factor is a number to the gradient */
};
/* ce, no weights, weighted mean, the defaults of the knobs. */
void loss_config_default(struct loss_config *c);

struct loss {
    struct criterion criterion; /* its arrays are the ones below */
    int classes;
    double *counts, *scratch;                 /* [classes] images of each class; loss.c's own */
    float *scale, *shift, *margin, *weight;   /* [classes] */
};

/* counts[classes]: training images of each class. 0, or -1 with *err and *l empty. Until loss_set() it is plain ce. */
int loss_init(struct loss *l, int classes, const uint32_t *counts, struct err *err);
void loss_release(struct loss *l); /* a zeroed struct is allowed */

/* Class weights are made of counts: -1 with *err for a class that has none. */
int loss_weights_check(enum loss_weights rule, int classes, const double *counts, struct err *err);

/* Takes the numbers from the knobs of these names. */
void loss_config_numbers(struct loss_config *c, const struct knobs *k);

/* Fills l->criterion. -1 with *err, nothing changed, when a number is out of range or a class without images would need one. */
int loss_set(struct loss *l, const struct loss_config *c, struct err *err);

/* The vectors themselves, in double (methods 3.2, 3.5, 3.6); out[classes]. For screens and tests. */
void loss_class_weights(enum loss_weights rule, double beta_en, int classes, const double *counts, double *out);
void loss_ldam_margins(double margin, int classes, const double *counts, double *out); /* margin (n_min/n)^(1/4) */
void loss_vs_delta(double gamma, int classes, const double *counts, double *out);      /* (n_max/n)^gamma */
void loss_vs_iota(double tau, int classes, const double *counts, double *out);         /* tau ln(n/N) */

#endif
