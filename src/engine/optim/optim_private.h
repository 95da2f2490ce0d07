/* engine/optim/optim_private.h - what the files that make a step share. */
#ifndef ENGINE_OPTIM_PRIVATE_H
#define ENGINE_OPTIM_PRIVATE_H

#include "engine/optim/optim.h"

struct step { /* what the parts of one step share */
    struct optim *o;
    const struct optim_knobs *k;
    const struct optim_task *task;
    struct optimiser_result *result;
    struct err *err;
};

/* --- optim.c --- */
bool optim_by_eta(const struct optim_knobs *k); /* ASAM of its authors' code: no back end has such a step in one piece */
/* The next group that trains after `group` (NULL: the first); NULL: there are no more. */
const struct param_group *optim_next_group(const struct optim *o, const struct param_group *group);
/* Over what trains: |g|, or with adaptive |w g|; y += a x; v *= a; to = from; <x, y>. */
double optim_norm(const struct optim *o, const float *w, const float *g, bool adaptive);
void optim_axpy(const struct optim *o, float *y, double a, const float *x);
void optim_scale(const struct optim *o, float *v, double a);
void optim_copy(const struct optim *o, float *to, const float *from);
double optim_dot(const struct optim *o, const float *x, const float *y);

/* A pass over the loaded batch at `at` into g (NULL: the loss alone, *norm is 0), of the task's criterion with this part of it (NULL: the whole); *norm = |g|. */
struct optim_pass {
    const float *at, *part;
    bool update_stats;
};
int optim_pass_at(const struct step *s, const struct optim_pass *pass, float *g, struct pass_result *r, double *norm);
/* Hands out the losses of the pass, or of the step that was waited for; `from` is its first image's place in the batch. */
void optim_tell_losses(const struct optim *o, uint32_t from);
void optim_clear_result(struct optimiser_result *result, uint32_t n); /* nothing is known until a pass has told */
struct sgd_step optim_descent_of(const struct optim_knobs *k, const struct param_rule *rule);
/* -1 with *err, ERR_DIVERGED, which names what is not finite; where: " at w + e". */
int optim_not_finite(const struct step *s, const char *what, double value);
int optim_check_finite(const struct step *s, const char *where, double loss, double norm);
/* Loads the batch; g at w into o->g, the result's first and norm. */
int optim_first_pass(const struct step *s);
/* The result's cosine of g at w and of g_s at w + e, whose norms it has. */
void optim_tell_cosine(const struct step *s, const float *g, const float *g_s);
/* o->moved = w + scale d, along the direction d (or w^2 d); what does not train is as in w. */
void optim_climb(const struct step *s, const float *direction, double scale, bool adaptive);
/* o->rows has so many bytes, of whatever they were. */
int optim_rows(const struct step *s, size_t bytes);
/* n images of the step's batch from `from` on; *choice is room for a part of its choice. */
struct batch optim_batch_part(const struct step *s, uint32_t from, uint32_t n, struct image_choice *choice);

/* --- variants.c: the passes of those optimisers that do more than descend along the last gradient --- */
int optim_parts(const struct step *s);   /* ImbSAM, Focal-SAM, blend, SSE-SAM */
int optim_surrogate(const struct step *s); /* GSAM; WSAM; what WSAM adds after the descent is in o->piece */
int optim_friendly(const struct step *s); /* F-SAM */
int optim_look(const struct step *s);    /* LookSAM */
int optim_micro(const struct step *s);   /* m-SAM */
int optim_chosen(const struct step *s);  /* ESAM */

/* --- queued.c --- */
/* The factors of the optimiser's rule (kernels/backend.h), for a step in one piece and for one of single calls. */
void optim_factors(const struct optim_knobs *k, double factor[STEP_FACTORS]);

/* --- adaptive.c --- */
/* o->piece = T^2 g of o->g at the task's w, where something trains; returns |T g|. */
double optim_adaptive_direction(const struct step *s);

/* --- classwise.c --- */
int optim_classwise(const struct step *s); /* CC-SAM */

#endif
