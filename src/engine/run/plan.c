#include "config.h"
#include "engine/run/plan_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "engine/criteria/loss_knobs.h"
#include "engine/data/order.h"
#include "engine/run/climb.h"
#include "engine/stages.h"

/* --- the run's length ---------------------------------------------------------------------------------------------- */

uint64_t plan_epoch_steps(const struct plan *p)
{
    return order_batches(p->data->train.n, (uint32_t)knob_int(p->knobs, KNOB_BATCH));
}

static uint64_t all_epochs(const struct plan *p)
{
    return (uint64_t)knobs_epochs(p->knobs) * plan_epoch_steps(p);
}

uint64_t plan_steps(const struct plan *p)
{
    const uint64_t total = all_epochs(p), most = (uint64_t)knob_num(p->knobs, KNOB_STEPS);
    return most > 0 && most < total ? most : total;
}

const char *plan_end(const struct plan *p, char out[64])
{
    const uint64_t total = plan_steps(p);
    if (total == all_epochs(p))
        snprintf(out, 64, "%ld", knobs_epochs(p->knobs));
    else
        snprintf(out, 64, "%" PRIu64 " %s, epoch %.3g", total, total == 1 ? "step" : "steps", (double)total / (double)plan_epoch_steps(p));
    return out;
}

/* Those before a second stage. */
static uint64_t first_steps(const struct plan *p)
{
    const uint64_t first = (uint64_t)knob_int(p->knobs, KNOB_EPOCHS) * plan_epoch_steps(p), total = plan_steps(p);
    return first < total ? first : total;
}

const char *plan_first_end(const struct plan *p, char out[96])
{
    char end[64];
    if (first_steps(p) == plan_steps(p))
        snprintf(out, 96, "the end of training (%s)", plan_end(p, end));
    else
        snprintf(out, 96, "the end of the first stage (%ld)", knob_int(p->knobs, KNOB_EPOCHS));
    return out;
}

bool plan_past(const struct plan *p, double epoch)
{
    return epoch * (double)plan_epoch_steps(p) >= (double)first_steps(p);
}

/* Nothing that is due at the end of every n-th epoch comes before the run is over, nor with its last step. */
static bool is_too_rare(const struct plan *p, long n)
{
    return (double)n * (double)plan_epoch_steps(p) > (double)plan_steps(p);
}

/* --- questions of several rules ------------------------------------------------------------------------------------ */

static bool plan_weighted(const struct plan *p)
{
    return !knob_is(p->knobs, KNOB_WEIGHTS, "none");
}

/* rho_drw is there and takes over at the DRW epoch. */
static bool follows_rho(const struct plan *p)
{
    return knob_schedule(p->knobs, KNOB_RHO_DRW)->kind != SCHEDULE_SAME && plan_weighted(p);
}

static bool is_balanced(const struct plan *p)
{
    for (int c = 1; c < p->data->classes; c++)
        if (p->data->train.count[c] != p->data->train.count[0])
            return false;
    return true;
}

static bool evaluates(const struct plan *p)
{
    return p->data->test.n > 0 || p->data->val.n > 0;
}

static int n_watched(const struct plan *p)
{
    int n = 0;
    for (int c = 0; p->watched && c < p->data->classes; c++)
        n += p->watched[c];
    return n;
}

/* The reason why the watched classes are never probed by themselves; false: they are. */
static bool no_rounds(const struct plan *p, char *text, size_t size)
{
    const long every = knob_int(p->knobs, KNOB_HESSIAN_EVERY);
    char end[64];
    if (every == 0)
        snprintf(text, size, "hessian_every is 0, so nothing is probed; 'set hessian_every 1'");
    else if (knob_num(p->knobs, KNOB_BUDGET) <= 0)
        snprintf(text, size, "budget is 0, so nothing is probed; 'set budget 0.1'");
    else if (is_too_rare(p, every))
        snprintf(text, size, "hessian_every %ld is past the end of training (%s): nothing is probed", every, plan_end(p, end));
    else
        return false;
    return true;
}

/* --- knobs of something that was not chosen ------------------------------------------------------------------------ */

static const struct knob_need {
    enum knob_id knob, needs;
    const char *words[4]; /* what `needs` must be; the last may be NULL */
} needs[] = {
    { KNOB_RHO_DRW, KNOB_WEIGHTS, { "effective", "inverse" } },
    { KNOB_DRW, KNOB_WEIGHTS, { "effective", "inverse" } },
    { KNOB_BETA, KNOB_IMBALANCE, { "exp", "step" } },
    { KNOB_SUBSET_SEED, KNOB_DATA, { "cifar10", "cifar100", "folder", "list" } },
    { KNOB_CLASSES, KNOB_DATA, { "tensors", "list" } },
    { KNOB_PICTURE_SIZE, KNOB_DATA, { "folder", "list" } },
    { KNOB_PICTURE_RESIZE, KNOB_DATA, { "folder", "list" } },
    { KNOB_PICTURE_DECODE, KNOB_DATA, { "folder", "list" } },
    { KNOB_PICTURE_BAD, KNOB_DATA, { "folder", "list" } },
    { KNOB_PICTURE_MEMORY, KNOB_DATA, { "folder", "list" } },
    { KNOB_LIST_ROOT, KNOB_DATA, { "list", NULL } },
    { KNOB_LIST_TEST, KNOB_DATA, { "list", NULL } },
    { KNOB_LIST_VAL, KNOB_DATA, { "list", NULL } },
    { KNOB_LIST_NAMES, KNOB_DATA, { "list", NULL } },
    { KNOB_SHUFFLE, KNOB_RESAMPLE, { "off", NULL } },
    { KNOB_SHUFFLE, KNOB_SAMPLER, { "instance", NULL } },
    { KNOB_SAMPLER, KNOB_RESAMPLE, { "off", NULL } },
    { KNOB_STAGE_EPOCHS, KNOB_STAGE, { "crt", "lws", "ccsam" } },
    { KNOB_STAGE_LR, KNOB_STAGE, { "crt", "lws", "ccsam" } },
    { KNOB_STAGE_WEIGHT_DECAY, KNOB_STAGE, { "crt", "lws", "ccsam" } },
    { KNOB_STAGE_RHO, KNOB_STAGE, { "crt", "lws" } },
    { KNOB_STAGE_SAMPLER, KNOB_STAGE, { "crt", "lws", "ccsam" } },
    { KNOB_STAGE_NORM, KNOB_STAGE, { "crt", "lws", "ccsam" } },
    { KNOB_STAGE_LOSS, KNOB_STAGE, { "crt", "lws", "ccsam" } },
    { KNOB_STAGE_AUGMENT, KNOB_STAGE, { "crt", "lws", "ccsam" } },
    { KNOB_CCSAM_CAP, KNOB_STAGE, { "ccsam", NULL } },
    { KNOB_SAMPLER_EPOCHS, KNOB_SAMPLER, { "progressive", NULL } },
};

static bool lacks(const struct plan *p, const struct knob_need *n, char *text, size_t size)
{
    char now[32];
    const char *knob = knob_table[n->knob].name, *other = knob_table[n->needs].name;
    char words[96] = "";
    for (int i = 0; i < 4 && n->words[i]; i++) {
        if (knob_is(p->knobs, n->needs, n->words[i]))
            return false;
        text_append(words, sizeof words, "%s%s", i == 0 ? "" : i < 3 && n->words[i + 1] ? ", " : " and ", n->words[i]);
    }
    knob_choice(p->knobs, n->needs, now, sizeof now);
    if (knob_table[n->needs].when == KNOB_LIVE)
        snprintf(text, size, "%s is %s, so %s does nothing until 'set %s %s'", other, now, knob, other, n->words[0]);
    else
        snprintf(text, size, "%s is %s, so %s does nothing; it is for %s %s", other, now, knob, other, words);
    return true;
}

/* The first optimiser that reads a knob; -1: none does. */
static int reader_of(enum knob_id knob)
{
    for (int i = 0; i < OPTIMISER_COUNT; i++)
        if (optimiser_reads((enum optimiser)i, knob))
            return i;
    return -1;
}

/* The losses that read a knob, "vs and la"; false: none does. */
static bool losses_reading(enum knob_id knob, char *out, size_t size)
{
    size_t used = 0;
    for (int i = 0; i < LOSS_COUNT && used < size; i++)
        if (loss_reads((enum loss_id)i, knob)) {
            snprintf(out + used, size - used, "%s%s", used ? " and " : "", loss_table[i].name);
            used = strlen(out);
        }
    return used > 0;
}

/* True when another loss reads the knob, and the loss in force does not; else the same of optimisers. */
static bool unread(const struct plan *p, enum knob_id knob, char *text, size_t size)
{
    char losses[128];
    if (losses_reading(knob, losses, sizeof losses)) {
        const struct loss_info *loss = loss_chosen(p->knobs);
        snprintf(text, size, "loss is %s, so %s does nothing; it is for loss %s", loss->name, knob_table[knob].name, losses);
        return !loss_reads((enum loss_id)(loss - loss_table), knob);
    }
    const int reader = reader_of(knob);
    const enum optimiser now = knobs_optimiser(p->knobs);
    if (reader < 0 || optimiser_reads(now, knob))
        return false;
    snprintf(text, size, "opt is %s, so %s does nothing until 'set opt %s'", optimiser_table[now].name, knob_table[knob].name,
             optimiser_table[reader].name);
    return true;
}

/* --- moments past the end ------------------------------------------------------------------------------------------ */

static bool drw_is_late(const struct plan *p, char *text, size_t size)
{
    char end[96];
    const double drw = knob_num(p->knobs, KNOB_DRW);
    if (!plan_weighted(p) || !plan_past(p, drw))
        return false;
    snprintf(text, size, "drw %g is past %s: class weights never act", drw, plan_first_end(p, end));
    return true;
}

/* A loss with a first epoch of its own. */
static bool loss_is_late(const struct plan *p, char *text, size_t size)
{
    char end[96];
    const struct loss_info *loss = loss_chosen(p->knobs);
    const enum knob_id first = loss->first_epoch;
    if (first == KNOB_COUNT || !plan_past(p, knob_num(p->knobs, first)))
        return false;
    snprintf(text, size, "%s %g is past %s: %s never acts, the loss stays plain cross-entropy", knob_table[first].name,
             knob_num(p->knobs, first), plan_first_end(p, end), loss->name);
    return true;
}

static bool rho_drw_is_late(const struct plan *p, char *text, size_t size)
{
    char end[96];
    const double drw = knob_num(p->knobs, KNOB_DRW);
    if (!optimiser_uses_rho(knobs_optimiser(p->knobs)) || !follows_rho(p) || !plan_past(p, drw))
        return false;
    snprintf(text, size, "drw %g is past %s: rho_drw never acts", drw, plan_first_end(p, end));
    return true;
}

static bool sampler_is_late(const struct plan *p, char *text, size_t size)
{
    char end[96];
    const double epochs = knob_num(p->knobs, KNOB_SAMPLER_EPOCHS);
    if (!knob_is(p->knobs, KNOB_SAMPLER, "progressive") || !knob_is(p->knobs, KNOB_RESAMPLE, "off") || !plan_past(p, epochs - 1))
        return false;
    snprintf(text, size, "sampler_epochs %g is past %s: the classes are never visited alike", epochs, plan_first_end(p, end));
    return true;
}

/* rho hands over to rho_drw. */
static bool point_of_other(const struct plan *p, enum knob_id id, char *text, size_t size)
{
    const struct schedule *s = knob_schedule(p->knobs, id);
    const double drw = knob_num(p->knobs, KNOB_DRW);
    for (int i = 0; i < s->n && id == KNOB_RHO && follows_rho(p); i++)
        if (s->at[i] > 0 && s->at[i] >= drw) {
            snprintf(text, size, "rho: rho_drw holds from epoch %g (drw) on, so it never changes at epoch %.10g", drw, s->at[i]);
            return true;
        }
    return false;
}

static bool schedule_is_late(const struct plan *p, enum knob_id id, char *text, size_t size)
{
    if (id == KNOB_RHO_DRW && (!follows_rho(p) || plan_past(p, knob_num(p->knobs, KNOB_DRW))))
        return false;
    return plan_schedule_is_late(p, id, text, size) || point_of_other(p, id, text, size);
}

static bool lr_is_late(const struct plan *p, char *text, size_t size)
{
    return schedule_is_late(p, KNOB_LR, text, size);
}

static bool rho_is_late(const struct plan *p, char *text, size_t size)
{
    return schedule_is_late(p, KNOB_RHO, text, size);
}

static bool rho_drw_schedule_is_late(const struct plan *p, char *text, size_t size)
{
    return schedule_is_late(p, KNOB_RHO_DRW, text, size);
}

static bool snapshots_are_late(const struct plan *p, char *text, size_t size)
{
    const long every = knob_int(p->knobs, KNOB_SNAPSHOT_EVERY);
    char end[64];
    if (!is_too_rare(p, every))
        return false;
    snprintf(text, size, "snapshot_every %ld is past the end of training (%s): it makes none before the last", every, plan_end(p, end));
    return true;
}

/* --- choices that make no difference ------------------------------------------------------------------------------- */

static bool weights_are_alike(const struct plan *p, char *text, size_t size)
{
    if (!plan_weighted(p))
        return false;
    if (is_balanced(p))
        snprintf(text, size, "every class has %" PRIu32 " images, so all class weights are 1", p->data->train.count[0]);
    else if (knob_is(p->knobs, KNOB_WEIGHTS, "effective") && knob_num(p->knobs, KNOB_BETA_EN) == 0)
        snprintf(text, size, "beta_en is 0, so all class weights are 1");
    else
        return false;
    return true;
}

static bool priors_are_alike(const struct plan *p, char *text, size_t size)
{
    char loss[32];
    if ((!knob_is(p->knobs, KNOB_LOSS, "vs") && !knob_is(p->knobs, KNOB_LOSS, "la")) || !is_balanced(p))
        return false;
    snprintf(text, size, "every class has %" PRIu32 " images, so %s is plain cross-entropy", p->data->train.count[0],
             knob_choice(p->knobs, KNOB_LOSS, loss, sizeof loss));
    return true;
}

static bool beta_en_is_idle(const struct plan *p, char *text, size_t size)
{
    if (knob_is(p->knobs, KNOB_WEIGHTS, "effective") || knob_is(p->knobs, KNOB_RESAMPLE, "on"))
        return false;
    snprintf(text, size, "beta_en does nothing without 'weights effective' or 'resample on'");
    return true;
}

static bool reduction_is_idle(const struct plan *p, char *text, size_t size)
{
    if (loss_chosen(p->knobs)->batch_mean)
        snprintf(text, size, "%s divides by the batch, whatever reduction says", loss_chosen(p->knobs)->name);
    else if (!plan_weighted(p))
        snprintf(text, size, "weights is none, so reduction makes no difference until 'set weights effective'");
    else
        return false;
    return true;
}

static bool head_is_wrong(const struct plan *p, char *text, size_t size)
{
    if (!knob_is(p->knobs, KNOB_HEAD, "linear") || loss_chosen(p->knobs)->head != HEAD_NORM)
        return false;
    snprintf(text, size, "head is linear, but %s's margin and scale are for cosines: they act as meant with 'head norm' only (auto takes it)",
             loss_chosen(p->knobs)->name);
    return true;
}

static bool nesterov_is_idle(const struct plan *p, char *text, size_t size)
{
    if (!knob_on(p->knobs, KNOB_NESTEROV) || knob_num(p->knobs, KNOB_MOMENTUM) != 0)
        return false;
    snprintf(text, size, "momentum is 0, so nesterov makes no difference");
    return true;
}

static bool imbalance_is_idle(const struct plan *p, char *text, size_t size)
{
    if (!knob_is(p->knobs, KNOB_DATA, "tensors") || knob_is(p->knobs, KNOB_IMBALANCE, "none"))
        return false;
    snprintf(text, size, "tensors are trained on as they are, whatever imbalance says");
    return true;
}

static bool val_from_is_idle(const struct plan *p, char *text, size_t size)
{
    if (knob_int(p->knobs, KNOB_VAL) > 0)
        return false;
    snprintf(text, size, "val is 0, so val_from does nothing; 'data ... --val N' sets validation images apart");
    return true;
}

static bool evaluations_are_missing(const struct plan *p, char *text, size_t size)
{
    if (evaluates(p) || knob_int(p->knobs, KNOB_EVAL_EVERY) == 0)
        return false;
    snprintf(text, size, "there are neither test nor val images, so eval_every does nothing");
    return true;
}

static bool nothing_is_watched(const struct plan *p, char *text, size_t size)
{
    if (n_watched(p) > 0 || knob_int(p->knobs, KNOB_HESSIAN_EVERY) == 0)
        return false;
    snprintf(text, size, "no class is watched, so hessian_every and budget do nothing until 'watch CLASS'");
    return true;
}

static bool watched_for_nothing(const struct plan *p, char *text, size_t size)
{
    return n_watched(p) > 0 && no_rounds(p, text, size);
}

/* A piece has at least one image; the divisor stays lpf_m all the same (methods 4.4), and the loss would shrink. */
static int check_pieces(const struct knobs *k, struct err *err)
{
    const long pieces = knob_int(k, KNOB_LPF_M), batch = knob_int(k, KNOB_BATCH);
    if (!knob_is(k, KNOB_OPT, "lpf") || pieces <= batch)
        return 0;
    return err_set(err, ERR_RANGE, "lpf_m %ld: a batch of %ld images has no more than %ld pieces; accepted with this batch: 1..%ld", pieces,
                   batch, batch, batch);
}

/* Cannot be asked for any more; recordings of before have it. */
static bool lpf_is_cut(const struct plan *p, char *text, size_t size)
{
    if (check_pieces(p->knobs, NULL) == 0)
        return false;
    snprintf(text, size, "lpf_m %ld is above the batch of %ld: loss and gradient are divided by more pieces than there are",
             knob_int(p->knobs, KNOB_LPF_M), knob_int(p->knobs, KNOB_BATCH));
    return true;
}

/* --- the table ------------------------------------------------------------------------------------------------------ */

enum { NONE = -1, OWN_FIRST_EPOCH = -2 }; /* the latter: the knob of the loss's first epoch, if it has one */
static const struct rule {
    bool (*never)(const struct plan *p, char *text, size_t size);
    int subject[2];  /* what never acts: said when one of them was chosen */
    int because[5];  /* what else decides it; a zero ends the list (KNOB_DATA is 0, and no command changes it) */
    bool lost;       /* also said when a change of something else makes it so */
} rules[] = {
    { drw_is_late, { KNOB_WEIGHTS, KNOB_DRW }, { KNOB_EPOCHS }, true },
    { rho_drw_is_late, { KNOB_RHO_DRW, NONE }, { KNOB_DRW, KNOB_EPOCHS, KNOB_WEIGHTS, KNOB_OPT }, true },
    { loss_is_late, { KNOB_LOSS, OWN_FIRST_EPOCH }, { KNOB_EPOCHS }, true },
    { sampler_is_late, { KNOB_SAMPLER, KNOB_SAMPLER_EPOCHS }, { KNOB_EPOCHS }, true },
    { lr_is_late, { KNOB_LR, NONE }, { KNOB_EPOCHS }, true },
    { rho_is_late, { KNOB_RHO, NONE }, { KNOB_EPOCHS, KNOB_DRW, KNOB_RHO_DRW, KNOB_WEIGHTS, KNOB_OPT }, true },
    { rho_drw_schedule_is_late, { KNOB_RHO_DRW, NONE }, { KNOB_EPOCHS, KNOB_DRW, KNOB_WEIGHTS, KNOB_OPT }, true },
    { plan_rho_auto, { KNOB_RHO, NONE }, { PLAN_WATCH, KNOB_HESSIAN_EVERY, KNOB_EVAL_EVERY }, true },
    { plan_power_is_idle, { KNOB_SAMPLER_POWER, NONE }, { KNOB_STAGE, KNOB_STAGE_SAMPLER }, false },
    { plan_stage_never_begins, { KNOB_STAGE, NONE }, { KNOB_EPOCHS, KNOB_STEPS }, true },
    { plan_stage_lr_is_late, { KNOB_STAGE_LR, NONE }, { KNOB_STAGE, KNOB_STAGE_EPOCHS, KNOB_EPOCHS, KNOB_STEPS }, false },
    { plan_stage_rho_is_late, { KNOB_STAGE_RHO, NONE }, { KNOB_STAGE, KNOB_STAGE_EPOCHS, KNOB_EPOCHS, KNOB_STEPS }, false },
    { plan_stage_loss_is_same, { KNOB_STAGE_LOSS, NONE }, { KNOB_STAGE, KNOB_WEIGHTS }, false },
    { plan_stage_on_cosines, { KNOB_STAGE, KNOB_STAGE_LOSS }, { 0 }, false },
    { snapshots_are_late, { KNOB_SNAPSHOT_EVERY, NONE }, { KNOB_EPOCHS }, true },
    { weights_are_alike, { KNOB_WEIGHTS, KNOB_BETA_EN }, { 0 }, false },
    { priors_are_alike, { KNOB_LOSS, KNOB_TAU }, { 0 }, false },
    { val_from_is_idle, { KNOB_VAL_FROM, NONE }, { 0 }, false },
    { beta_en_is_idle, { KNOB_BETA_EN, NONE }, { KNOB_WEIGHTS }, false },
    { reduction_is_idle, { KNOB_REDUCTION, NONE }, { KNOB_WEIGHTS }, false },
    { head_is_wrong, { KNOB_HEAD, NONE }, { 0 }, false },
    { nesterov_is_idle, { KNOB_NESTEROV, NONE }, { KNOB_MOMENTUM }, false },
    { imbalance_is_idle, { KNOB_IMBALANCE, NONE }, { 0 }, false },
    { evaluations_are_missing, { KNOB_EVAL_EVERY, NONE }, { 0 }, false },
    { nothing_is_watched, { KNOB_HESSIAN_EVERY, KNOB_BUDGET }, { PLAN_WATCH }, false },
    { watched_for_nothing, { PLAN_WATCH, NONE }, { KNOB_HESSIAN_EVERY, KNOB_BUDGET, KNOB_EPOCHS }, false },
    { lpf_is_cut, { KNOB_LPF_M, KNOB_BATCH }, { KNOB_OPT }, false },
};
/* The questions, in this order: of each knob whether loss or optimiser read it, the needs, the rules. */
enum { NEEDS = KNOB_COUNT, RULES = NEEDS + sizeof needs / sizeof *needs, QUESTIONS = RULES + sizeof rules / sizeof *rules };

static int subject_of(const struct plan *p, int i, int which)
{
    if (i < RULES)
        return which > 0 ? NONE : i < NEEDS ? i : (int)needs[i - NEEDS].knob;
    const int subject = rules[i - RULES].subject[which];
    if (subject != OWN_FIRST_EPOCH)
        return subject;
    return loss_chosen(p->knobs)->first_epoch == KNOB_COUNT ? NONE : (int)loss_chosen(p->knobs)->first_epoch;
}

/* A command that waits may still change it. */
static bool is_open(const struct plan *p, int i)
{
    if (i < RULES)
        return p->changes[subject_of(p, i, 0)] || p->changes[i < NEEDS ? KNOB_OPT : needs[i - NEEDS].needs];
    const struct rule *r = &rules[i - RULES];
    bool open = false;
    for (int s = 0; s < 2; s++)
        open |= subject_of(p, i, s) != NONE && p->changes[subject_of(p, i, s)];
    for (int b = 0; b < 5 && r->because[b]; b++)
        open |= p->changes[r->because[b]];
    return open;
}

static bool rule_holds(const struct plan *p, int i, char *text, size_t size)
{
    if (is_open(p, i))
        return false;
    if (i < NEEDS)
        return unread(p, (enum knob_id)i, text, size);
    return i < RULES ? lacks(p, &needs[i - NEEDS], text, size) : rules[i - RULES].never(p, text, size);
}

void plan_never(const struct plan *p, const bool chosen[PLAN_SUBJECTS], plan_say *say, void *ctx)
{
    bool said[PLAN_SUBJECTS] = { false };
    char text[PLAN_TEXT_MAX];
    for (int i = 0; i < QUESTIONS; i++) {
        const int a = subject_of(p, i, 0), b = subject_of(p, i, 1);
        const bool wanted = (chosen[a] && !said[a]) || (b != NONE && chosen[b] && !said[b]);
        if (!wanted || !rule_holds(p, i, text, sizeof text))
            continue;
        said[a] = true;
        if (b != NONE)
            said[b] = true;
        say(ctx, text);
    }
}

void plan_change(const struct plan *before, const struct plan *after, int changed, plan_say *say, void *ctx)
{
    char text[PLAN_TEXT_MAX], old[PLAN_TEXT_MAX];
    for (int i = 0; i < QUESTIONS; i++) {
        const bool own = subject_of(after, i, 0) == changed || subject_of(after, i, 1) == changed;
        const bool lost = i >= RULES && rules[i - RULES].lost, prepares = i >= NEEDS && i < RULES && needs[i - NEEDS].needs == KNOB_STAGE;
        if (prepares) /* a stage's settings come before the stage */
            continue;
        if ((own || lost) && rule_holds(after, i, text, sizeof text) && (own || !rule_holds(before, i, old, sizeof old)))
            say(ctx, text);
    }
}

/* --- conditions ----------------------------------------------------------------------------------------------------- */

static bool met_by_probe(const struct plan *p, long class, char *text, size_t size)
{
    if (p->changes[PLAN_WATCH] || p->changes[KNOB_HESSIAN_EVERY] || p->changes[KNOB_BUDGET] || p->changes[KNOB_EPOCHS])
        return true;
    if (class >= 0 && class < p->data->classes && (!p->watched || !p->watched[class])) {
        snprintf(text, size, "class %ld is not watched, so it waits for a 'hessian %ld' by hand", class, class);
        return false;
    }
    char why[PLAN_TEXT_MAX];
    if (!no_rounds(p, why, sizeof why))
        return true;
    snprintf(text, size, "%s; it waits for a 'hessian %ld' by hand", why, class);
    return false;
}

static bool met_by_evaluation(const struct plan *p, const char *metric, char *text, size_t size)
{
    const long every = knob_int(p->knobs, KNOB_EVAL_EVERY);
    char end[64];
    for (int g = 0; g < N_GROUPS; g++)
        if (strcmp(metric, class_group_name[g]) == 0 && p->data->group_classes[g] == 0) {
            snprintf(text, size, "no class is in group %s, so it is never met", metric);
            return false;
        }
    if (p->changes[KNOB_EVAL_EVERY] || p->changes[KNOB_EPOCHS])
        return true;
    if (!evaluates(p))
        snprintf(text, size, "there are neither test nor val images, so it is never met");
    else if (every == 0)
        snprintf(text, size, "eval_every is 0: only an 'eval' by hand can meet it");
    else if (is_too_rare(p, every))
        snprintf(text, size, "eval_every %ld is past the end of training (%s): only an 'eval' by hand can meet it", every, plan_end(p, end));
    else
        return true;
    return false;
}

bool plan_condition(const struct plan *p, const char *metric, char *text, size_t size)
{
    if (strncmp(metric, "lmin:", 5) == 0)
        return met_by_probe(p, strtol(metric + 5, NULL, 10), text, size);
    return met_by_evaluation(p, metric, text, size);
}

/* --- refused -------------------------------------------------------------------------------------------------------- */

int plan_check(const struct knobs *k, const struct net *net, const struct dataset *data, struct err *err)
{
    if (loss_check_head(k, err) < 0 || stage_check_head(k, err) < 0 || loss_check_classes(k, err) < 0 || loss_check_frozen(k, err) < 0 ||
         check_pieces(k, err) < 0)
        return -1;
    return climb_check(k, climb_classes_of(data), err) < 0 ? -1 : plan_check_batches(k, net, data->train.n, err);
}
