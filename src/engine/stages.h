/* engine/stages.h - the stages of a run. They follow from its knobs and from nothing else, so that whoever has the knobs (trainer, history,
 * screen) knows what is in force in an epoch. Epochs are counted from 0 over the whole run:
 *
 *   first   the first `epochs` epochs, by the knobs of loss, optimiser and run
 *   drw     the same from epoch `drw` on, when class weights come on meanwhile (deferred re-weighting)
 *   crt lws ccsam
 *           a second stage of `stage_epochs` epochs after those; its schedules count from its start
 *
 * Pure functions of their arguments; any thread. */
#ifndef ENGINE_STAGES_H
#define ENGINE_STAGES_H

#include <stdbool.h>

#include "engine/knobs.h"
#include "engine/optimisers.h"

/* The kinds of a second stage. SECOND_STAGE(ID, name, trains, redraw, shifts, help)
 *   trains  HEAD: the classifier; SCALES: a factor s_j for each row j of it, z'_j = s_j (w_j f + b_j), from 1 on
 *   redraw  the classifier is drawn anew where the stage begins
 *   shifts  each class shifts the features of its images (opt ccsam), and there is no radius
 * (the first two of Kang et al. 2020, "Decoupling representation and classifier"; the third of Zhou et al. 2023) */
#define SECOND_STAGE_TABLE(SECOND_STAGE)                                                                \
    SECOND_STAGE(CRT, "crt", HEAD, true, false, "the classifier is drawn anew and alone trained")       \
    SECOND_STAGE(LWS, "lws", SCALES, false, false, "a factor for each row of the classifier is trained") \
    SECOND_STAGE(CCSAM, "ccsam", HEAD, false, true, "the classifier goes on alone, and each class shifts its features, the rarer the further")

/* Texts for knobs.def: the choices of `stage`, and what each is. */
#define SECOND_STAGE_CHOICE(id, name, ...) " " name
#define SECOND_STAGE_CHOICES "none" SECOND_STAGE_TABLE(SECOND_STAGE_CHOICE)
#define SECOND_STAGE_TOLD(id, name, trains, redraw, shifts, help) "; " name ": " help
#define SECOND_STAGE_HELP "second stage, after the last of `epochs`" SECOND_STAGE_TABLE(SECOND_STAGE_TOLD)

enum stage_trains { TRAINS_ALL, TRAINS_HEAD, TRAINS_SCALES };
extern const char *const stage_trains_name[]; /* "all", "head", "scales" */

enum { STAGES_MAX = 3 };
struct stage {
    const char *name;           /* "first", "drw", "crt" ...: a literal */
    int number;                 /* from 1 on */
    long first, epochs;         /* its first epoch in the run, and how many it has */
    bool second;                /* a stage of its own, with knobs of its own: stage_... */
    enum stage_trains trains;
    bool redraw;
    bool shifts;                /* each class shifts the features of its images */
    bool reweight;              /* class weights act */
    bool own_loss;              /* plain cross-entropy, whatever `loss` says */
    bool frozen_norm;           /* batch norm by its running statistics, which stay; else by the batch's, and they move */
    bool augment;               /* images are cropped and mirrored, where `augment` says so */
    enum knob_id sampler, lr, rho, weight_decay; /* the knobs that say */
};

int stages_of(const struct knobs *k, struct stage out[STAGES_MAX]); /* in order; returns how many, at least one */
struct stage stage_at(const struct knobs *k, long e);               /* the one that epoch e belongs to; the last, past the end */
bool stage_is_second(const struct knobs *k, long e);                /* is that a second stage? */

/* The epoch whose settings hold when epoch e is about to begin, or under way. A second stage begins with its first step: until then
 * (`begun`: was it made?) those of the epoch before do. */
long stage_epoch(const struct knobs *k, long e, bool begun);

long knobs_epochs(const struct knobs *k); /* of the whole run, all stages */
bool knob_is_length(enum knob_id id);     /* one of those that say how long a run is */
bool knob_is_planned(enum knob_id id);    /* one of those that make a second stage what it is: fixed once it has begun */

/* The values in force during epoch e. rho: rho_drw's once re-weighting is on. The optimiser of a second stage that shifts features
 * is CC-SAM, of another one SAM where stage_rho is above 0, and SGD elsewhere. */
double knobs_lr(const struct knobs *k, long e);
double knobs_rho(const struct knobs *k, long e);
double knobs_weight_decay(const struct knobs *k, long e);
double knobs_ccsam_phi(const struct knobs *k, long e); /* ccsam_phi; in a stage that shifts features it grows with the epochs, up to ccsam_cap */
bool knobs_drw_on(const struct knobs *k, long e); /* e >= drw and weights is not none; in a second stage, if its loss is the first's */
enum optimiser knobs_optimiser_at(const struct knobs *k, long e);

#endif
