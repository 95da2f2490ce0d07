#include "config.h"
#include "engine/criteria/loss_knobs.h"

#include <stdlib.h>
#include <string.h>

#include "engine/model/resnet.h"

/* Choices of the table stand in the order of the enums (tests/unit/trainer checks it). */
int loss_config_of(const struct knobs *k, bool reweight, struct loss_config *c, struct err *err)
{
    loss_config_default(c);
    char word[32];
    int id = loss_find(knob_choice(k, KNOB_LOSS, word, sizeof word), err);
    int weights = id < 0 ? -1 : loss_weights_find(knob_choice(k, KNOB_WEIGHTS, word, sizeof word), err);
    if (weights < 0)
        return -1;
    c->id = (enum loss_id)id;
    c->weights = (enum loss_weights)weights;
    c->reweight = reweight;
    c->reduction = knob_is(k, KNOB_REDUCTION, "batch-mean") ? REDUCE_BATCH_MEAN : REDUCE_WEIGHTED_MEAN;
    c->beta_en = knob_num(k, KNOB_BETA_EN);
    c->margin = knob_num(k, KNOB_MARGIN);
    c->ldam_s = knob_num(k, KNOB_LDAM_S);
    c->focal_gamma = knob_num(k, KNOB_FOCAL_GAMMA);
    c->vs_gamma = knob_num(k, KNOB_VS_GAMMA);
    c->tau = knob_num(k, KNOB_TAU);
    return 0;
}

enum head_kind head_of_knobs(const struct knobs *k)
{
    if (knob_is(k, KNOB_HEAD, "auto"))
        return loss_table[knob_int(k, KNOB_LOSS)].head;
    return knob_is(k, KNOB_HEAD, "norm") ? HEAD_NORM : HEAD_LINEAR;
}

int net_of_knobs(const struct knobs *k, int classes, struct net *out, struct err *err)
{
    char model[32];
    const int depth = atoi(knob_choice(k, KNOB_MODEL, model, sizeof model) + strlen("resnet"));
    return net_resnet_cifar(out, depth, classes, head_of_knobs(k), err);
}
