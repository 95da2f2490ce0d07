/* engine/criteria/loss.h - the paper's losses as settings of the criteria that back ends know (kernels/criterion.h; spec 3).
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

#include "kernels/backend.h"

struct err;

/* LOSS(ID, name, help, head of `head auto`) */
#define LOSS_TABLE(LOSS)                                                                                       \
    LOSS(CE, "ce", "cross-entropy", HEAD_LINEAR)                                                               \
    LOSS(FOCAL, "focal", "focal loss: (1 - exp(-l))^gamma l, divided by the batch size", HEAD_LINEAR)          \
    LOSS(LDAM, "ldam", "margins that grow for rare classes, on scaled cosines", HEAD_NORM)                     \
    LOSS(VS, "vs", "vector scaling: logits divided by and shifted by class priors", HEAD_LINEAR)               \
    LOSS(LA, "la", "logit adjustment: logits shifted by class priors (vs with gamma 0)", HEAD_LINEAR)

enum loss_id {
#define LOSS_ENUM(id, ...) LOSS_##id,
    LOSS_TABLE(LOSS_ENUM)
#undef LOSS_ENUM
    LOSS_COUNT
};

struct loss_info {
    const char *name, *help;
    enum head_kind head;
};
extern const struct loss_info loss_table[LOSS_COUNT];

/* By name; -1 with *err naming what exists. */
int loss_find(const char *name, struct err *err);

enum loss_weights { /* spec 3.2; both normalised to sum C */
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
    enum reduction reduction; /* of all but focal, which is divided by the batch size always (spec 3.9) */
    double beta_en;           /* 0 <= beta_en < 1 */
    double margin, ldam_s;    /* LDAM: largest margin, scale */
    double focal_gamma;       /* >= 0 */
    double vs_gamma, tau;     /* VS; LA uses tau only */
};
/* ce, no weights, weighted mean; beta_en 0.9999, margin 0.5, s 30, focal 1, vs 0.05, tau 0.75 (spec 12). */
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

/* Fills l->criterion. -1 with *err, nothing changed, when a number is out of range or a class without images would need one. */
int loss_set(struct loss *l, const struct loss_config *c, struct err *err);

/* The vectors themselves, in double (spec 11.3); out[classes]. For screens and tests. */
void loss_class_weights(enum loss_weights rule, double beta_en, int classes, const double *counts, double *out);
void loss_ldam_margins(double margin, int classes, const double *counts, double *out); /* margin (n_min/n)^(1/4) */
void loss_vs_delta(double gamma, int classes, const double *counts, double *out);      /* (n_max/n)^gamma */
void loss_vs_iota(double tau, int classes, const double *counts, double *out);         /* tau ln(n/N) */

#endif
