#include "config.h"
#include "engine/run/step_knobs.h"

#include "engine/run/climb.h"
#include "engine/stages.h"

/* Late SAM and SAM in each k-th step: the others are of SGD. A second stage has its own radius instead. */
static enum optimiser kind_of(const struct knobs *k, long epoch, uint64_t step)
{
    const enum optimiser kind = knobs_optimiser_at(k, epoch);
    const bool climbs = epoch >= knob_int(k, KNOB_SAM_FROM) && step % (uint64_t)knob_int(k, KNOB_SAM_EVERY) == 0;
    return stage_is_second(k, epoch) || climbs || !optimiser_reads(kind, KNOB_SAM_FROM) ? kind : OPTIMISER_SGD;
}

static uint64_t lowest_multiple(uint64_t a, uint64_t b)
{
    uint64_t x = a, y = b;
    while (y > 0) {
        const uint64_t left = x % y;
        x = y;
        y = left;
    }
    return a / x * b;
}

/* The first of each gauge_every steps that may climb: a function of the step's number, so that a run that was cut tells the same ones. */
static bool tells_gauges(const struct knobs *k, long epoch, uint64_t step)
{
    const uint64_t every = (uint64_t)knob_int(k, KNOB_GAUGE_EVERY), between = stage_is_second(k, epoch) ? 1 : (uint64_t)knob_int(k, KNOB_SAM_EVERY);
    const bool looks = knobs_optimiser_at(k, epoch) == OPTIMISER_LOOKSAM;
    const uint64_t apart = looks ? lowest_multiple(between, (uint64_t)knob_int(k, KNOB_LOOKSAM_K)) : between;
    return every > 0 && step % apart == 0 && (step < apart || step / every != (step - apart) / every);
}

static struct optim_knobs plain_knobs(struct learner *l, uint64_t step)
{
    const struct knobs *k = &l->knobs;
    const long epoch = (long)(step / l->spe);
    const struct optim_knobs out = {
        .kind = kind_of(k, epoch, step),
        .lr = (float)knobs_lr(k, epoch),
        .momentum = (float)knob_num(k, KNOB_MOMENTUM),
        .weight_decay = (float)knobs_weight_decay(k, epoch),
        .nesterov = knob_on(k, KNOB_NESTEROV),
        .rho = knobs_rho(k, epoch),
        .asam_eta = knob_num(k, KNOB_ASAM_ETA),
        .freeze_second_pass = knob_is(k, KNOB_BN_SECOND_PASS, "freeze"),
        .pgd_sigma = (float)knob_num(k, KNOB_PGD_SIGMA),
        .pgd_on_weights = knob_is(k, KNOB_PGD_WHERE, "weights"),
        .lpf_m = (uint32_t)knob_int(k, KNOB_LPF_M),
        .lpf_gamma = knob_num(k, KNOB_LPF_GAMMA),
        .part = l->share,
        .rest = l->share + l->net.classes,
        .part_gain = 1,
        .gsam_alpha = knob_num(k, KNOB_GSAM_ALPHA),
        .wsam_gamma = knob_num(k, KNOB_WSAM_GAMMA),
        .wsam_coupled = knob_is(k, KNOB_WSAM_FORM, "coupled"),
        .fsam_sigma = knob_num(k, KNOB_FSAM_SIGMA),
        .fsam_lambda = knob_num(k, KNOB_FSAM_LAMBDA),
        .fsam_paper = knob_is(k, KNOB_FSAM_FORM, "paper"),
        .looksam_k = (uint32_t)knob_int(k, KNOB_LOOKSAM_K),
        .looksam_alpha = knob_num(k, KNOB_LOOKSAM_ALPHA),
        .looksam_by_tensor = knob_is(k, KNOB_LOOKSAM_FORM, "tensor"),
        .msam_m = (uint32_t)knob_int(k, KNOB_MSAM_M),
        .esam_beta = knob_num(k, KNOB_ESAM_BETA),
        .esam_gamma = knob_num(k, KNOB_ESAM_GAMMA),
        .esam_by_element = knob_is(k, KNOB_ESAM_FORM, "element"),
        .ccsam_a = knob_num(k, KNOB_CCSAM_A),
        .ccsam_phi = knobs_ccsam_phi(k, epoch),
        .ccsam_shifts = stage_at(k, epoch).shifts,
        .class_images = l->loss.counts,
        .gauges = optimiser_reads(kind_of(k, epoch, step), KNOB_GAUGE_EVERY) && tells_gauges(k, epoch, step),
        .batch_size = l->batches.batch,
        .seed = (uint64_t)knob_num(k, KNOB_SEED),
        .step = step,
    };
    return out;
}

struct optim_knobs learner_step_knobs(struct learner *l, uint64_t step)
{
    struct optim_knobs out = plain_knobs(l, step);
    if (optimiser_table[out.kind].way != WAY_PARTS)
        return out;
    out.one_share = climb_shares(&l->knobs, climb_classes_of(l->data), l->share);
    for (int c = 0; c < l->net.classes; c++)
        l->share[l->net.classes + c] = 1 - l->share[c];
    if (optimiser_reads(out.kind, KNOB_TAIL_GAIN))
        out.part_gain = knob_num(&l->knobs, KNOB_TAIL_GAIN);
    out.rho_head = climb_rho_head(&l->knobs, (long)(step / l->spe));
    return out;
}
