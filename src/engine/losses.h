/* engine/losses.h - the master table of losses. The knob `loss`, its help, what of a loss can never act, its head and its criterion
 * come from here.
 *
 *   LOSS(ID, name, criterion, head, priors, batch mean, first epoch, (knobs), help)
 *
 * criterion   the kind that back ends know (kernels/criterion.h)
 * head        what `head auto` is with it: LINEAR or NORM
 * priors      it is made of the class counts: a class without images is refused
 * batch mean  divided by the number of images whatever `reduction` says
 * first epoch the knob that says from which epoch on it acts, with plain cross-entropy before; KNOB_COUNT: always
 * knobs       that it reads, beside those of the class weights; ended by KNOB_COUNT */
#ifndef ENGINE_LOSSES_H
#define ENGINE_LOSSES_H

#define LOSS_TABLE(LOSS)                                                                                               \
    LOSS(CE, "ce", SOFTMAX, LINEAR, false, false, KNOB_COUNT, (KNOB_COUNT), "cross-entropy")                           \
    LOSS(FOCAL, "focal", SOFTMAX, LINEAR, false, true, KNOB_COUNT, (KNOB_FOCAL_GAMMA, KNOB_COUNT),                     \
         "focal loss, (1 - exp(-l))^gamma l, divided by the batch size")                                               \
    LOSS(LDAM, "ldam", SOFTMAX, NORM, true, false, KNOB_COUNT, (KNOB_MARGIN, KNOB_LDAM_S, KNOB_COUNT),                 \
         "margins that grow for rare classes, on scaled cosines")                                                      \
    LOSS(VS, "vs", SOFTMAX, LINEAR, true, false, KNOB_COUNT, (KNOB_VS_GAMMA, KNOB_TAU, KNOB_COUNT),                    \
         "vector scaling, logits divided by and shifted by class priors")                                              \
    LOSS(LA, "la", SOFTMAX, LINEAR, true, false, KNOB_COUNT, (KNOB_TAU, KNOB_COUNT),                                   \
         "logit adjustment, logits shifted by class priors (vs with gamma 0)")                                         \
    LOSS(IB, "ib", IB, LINEAR, false, true, KNOB_IB_START, (KNOB_IB_START, KNOB_IB_ALPHA, KNOB_IB_FACTOR, KNOB_COUNT), \
         "influence-balanced, cross-entropy times ib_alpha/(|p - e|_1 |f|_1 + 0.001), divided by the batch size")      \
    LOSS(IB_FOCAL, "ib-focal", IB, LINEAR, false, true, KNOB_IB_START,                                                 \
         (KNOB_IB_START, KNOB_IB_ALPHA, KNOB_IB_FACTOR, KNOB_FOCAL_GAMMA, KNOB_COUNT), "the same of the focal loss")

/* Texts for knobs.def: the choices, and what each is. */
#define LOSS_CHOICE(id, name, ...) " " name
#define LOSS_CHOICES (("" LOSS_TABLE(LOSS_CHOICE)) + 1)
#define LOSS_TOLD(id, name, criterion, head, priors, batch_mean, first, knobs, help) "; " name ": " help
#define LOSS_HELP "loss function" LOSS_TABLE(LOSS_TOLD)

#endif
