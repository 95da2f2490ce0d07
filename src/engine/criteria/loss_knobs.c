#include "config.h"
#include "engine/criteria/loss_knobs.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "engine/model/families.h"
#include "engine/optimisers.h"
#include "engine/stages.h"

const struct loss_info *loss_chosen(const struct knobs *k)
{
    return &loss_table[knob_int(k, KNOB_LOSS)];
}

struct loss_phase loss_phase_at(const struct knobs *k, long epoch)
{
    const enum knob_id first = loss_chosen(k)->first_epoch;
    const bool second = stage_is_second(k, epoch);
    const long at = second ? knob_int(k, KNOB_EPOCHS) - 1 : epoch; /* a loss that is the first stage's stays as it was at its end */
    const bool plain = second && stage_at(k, epoch).own_loss;
    return (struct loss_phase){ .reweight = knobs_drw_on(k, epoch), .started = !plain && (first == KNOB_COUNT || at >= knob_int(k, first)) };
}

bool loss_phase_same(struct loss_phase a, struct loss_phase b)
{
    return a.reweight == b.reweight && a.started == b.started;
}

int loss_config_of(const struct knobs *k, struct loss_phase phase, struct loss_config *c, struct err *err)
{
    loss_config_default(c);
    char word[32];
    int weights = loss_weights_find(knob_choice(k, KNOB_WEIGHTS, word, sizeof word), err);
    if (weights < 0)
        return -1;
    c->id = phase.started ? (enum loss_id)(loss_chosen(k) - loss_table) : LOSS_CE;
    c->weights = (enum loss_weights)weights;
    c->reweight = phase.reweight;
    c->reduction = knob_is(k, KNOB_REDUCTION, "batch-mean") ? REDUCE_BATCH_MEAN : REDUCE_WEIGHTED_MEAN;
    loss_config_numbers(c, k);
    return 0;
}

int loss_check_head(const struct knobs *k, struct err *err)
{
    const struct loss_info *loss = loss_chosen(k);
    if (!criterion_table[loss->criterion].linear_head || head_of_knobs(k) == HEAD_LINEAR)
        return 0;
    return err_set(err, ERR_INVALID, "loss %s is made for the plain linear classifier, and head is norm; accepted with it: head auto, head linear",
                   loss->name);
}

int stage_check_head(const struct knobs *k, struct err *err)
{
    struct stage list[STAGES_MAX];
    const struct stage *last = &list[stages_of(k, list) - 1];
    if (last->trains != TRAINS_SCALES || head_of_knobs(k) == HEAD_LINEAR)
        return 0;
    const bool chosen = knob_is(k, KNOB_HEAD, "auto");
    return err_set(err, ERR_INVALID, "stage %s trains a factor for each row of the classifier, and head is norm, which does not see the "
                   "length of its rows; accepted with it: head linear%s%s%s", last->name, chosen ? " (auto takes norm for loss " : "",
                   chosen ? loss_chosen(k)->name : "", chosen ? ")" : "");
}

int loss_check_classes(const struct knobs *k, struct err *err)
{
    struct stage list[STAGES_MAX];
    const struct stage *last = &list[stages_of(k, list) - 1];
    const struct loss_info *loss = loss_chosen(k);
    const bool opt = knobs_optimiser(k) == OPTIMISER_CCSAM;
    const char *which = opt ? "opt" : "stage";
    if (!opt && !last->shifts)
        return 0;
    if (loss->criterion != CRITERION_SOFTMAX && (opt || !last->own_loss))
        return err_set(err, ERR_INVALID, "%s ccsam perturbs the classifier's part alone, and loss %s looks at the features too; accepted with it: the losses "
                       "of outputs alone, such as ce and la%s", which, loss->name, opt ? "" : ", and stage_loss ce");
    if (head_of_knobs(k) != HEAD_LINEAR)
        return err_set(err, ERR_INVALID, "%s ccsam perturbs a linear classifier, and loss %s has head norm here; accepted with it: head linear", which,
                       loss->name);
    return 0;
}

bool loss_is_frozen(const struct knobs *k)
{
    return loss_chosen(k)->criterion == CRITERION_IB && knob_is(k, KNOB_IB_FACTOR, "frozen");
}

int loss_check_frozen(const struct knobs *k, struct err *err)
{
    const struct optimiser_info *opt = &optimiser_table[knobs_optimiser(k)];
    if (!loss_is_frozen(k) || opt->passes < 2 || opt->way == WAY_PASSES)
        return 0;
    return err_set(err, ERR_INVALID, "loss %s with ib_factor frozen keeps the factors of a step's first pass in its second, and opt %s has passes of other parts; accepted "
                   "with it: opt sam, asam and usam, those of one pass, and ib_factor detached", loss_chosen(k)->name, opt->name);
}

void loss_tell_knobs(const struct knobs *k, char *out, size_t size)
{
    const struct loss_info *loss = loss_chosen(k);
    size_t used = 0;
    out[0] = '\0';
    for (const enum knob_id *id = loss->knobs; *id != KNOB_COUNT && used < size; id++) {
        char value[64];
        if (*id == loss->first_epoch)
            continue;
        knob_format(*id, &k->v[*id], value, sizeof value);
        snprintf(out + used, size - used, "%s%s %s", used ? ", " : "", knob_table[*id].name, value);
        used = strlen(out);
    }
}

enum head_kind head_of_knobs(const struct knobs *k)
{
    if (knob_is(k, KNOB_HEAD, "auto"))
        return loss_chosen(k)->head;
    return knob_is(k, KNOB_HEAD, "norm") ? HEAD_NORM : HEAD_LINEAR;
}

int net_of_knobs(const struct knobs *k, struct image_geometry image, int classes, struct net *out, struct err *err)
{
    char model[32];
    return net_of_family(out, knob_choice(k, KNOB_MODEL, model, sizeof model), image, classes, head_of_knobs(k), err);
}
