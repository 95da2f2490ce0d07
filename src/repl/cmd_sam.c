/* show sam: which share of each class's loss climbs, or how far it perturbs the classifier, and in how many of the steps that were made. */
#include "config.h"
#include "repl/bench.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/optimisers.h"
#include "engine/run/climb.h"
#include "engine/stages.h"

enum { BAR = 20 };

struct sam_view { /* owns its lists */
    struct class_names names;
    uint32_t *count;
    uint8_t *group;
    float *share;
};

static void free_sam_view(struct sam_view *v)
{
    free(v->count);
    free(v->group);
    free(v->share);
}

static int make_sam_view(struct workbench *w, struct sam_view *v, struct err *err)
{
    const struct history *h = bench_shown(w);
    if (bench_classes(w, &v->names, err) < 0)
        return -1;
    const size_t n = (size_t)v->names.n;
    v->count = calloc(n + 1, sizeof *v->count);
    v->group = calloc(n + 1, sizeof *v->group);
    v->share = calloc(n + 1, sizeof *v->share);
    if (!v->count || !v->group || !v->share)
        return err_set(err, ERR_MEMORY, "no memory for %zu classes", n);
    for (int i = 0; i < v->names.n; i++) {
        const bool tail = strcmp(v->names.group_name(v->names.ctx, v->names.group(v->names.ctx, i)), class_group_name[GROUP_TAIL]) == 0;
        v->count[i] = v->names.ctx == h ? h->cls[i].n : w->setup.data.train.count[i];
        v->group[i] = tail ? GROUP_TAIL : GROUP_HEAD;
    }
    return 0;
}

/* Classes perturb the classifier, and nothing climbs with a rho. */
static bool by_classes(const struct knobs *k, long epoch)
{
    return optimiser_reads(knobs_optimiser_at(k, epoch), KNOB_CCSAM_A);
}

static void say_reach(struct workbench *w, const struct knobs *k, long epoch)
{
    if (stage_at(k, epoch).shifts) {
        bench_say(w, "stage ccsam in epoch %ld: %.3g of the loss is of shifted features, up to ccsam_cap %g", epoch, knobs_ccsam_phi(k, epoch),
                  knob_num(k, KNOB_CCSAM_CAP));
        bench_say(w, "r: how far a class shifts the features of its images, and what its loss weighs then; the rarest one has r 1");
        return;
    }
    bench_say(w, "opt ccsam in epoch %ld: ccsam_a %g, ccsam_phi %g of the loss is under the perturbed classifiers", epoch, knob_num(k, KNOB_CCSAM_A),
              knob_num(k, KNOB_CCSAM_PHI));
    bench_say(w, "r: how far a class perturbs the classifier where its gradient is as long as the rarest one's, which has r 1");
}

static void say_radius(struct workbench *w, const struct knobs *k, long epoch)
{
    const enum optimiser kind = knobs_optimiser_at(k, epoch);
    char head[48] = "", gain[48] = "";
    if (optimiser_reads(kind, KNOB_RHO_HEAD))
        snprintf(head, sizeof head, ", rho_head %g", climb_rho_head(k, epoch));
    if (optimiser_reads(kind, KNOB_TAIL_GAIN))
        snprintf(gain, sizeof gain, ", tail_gain %g", knob_num(k, KNOB_TAIL_GAIN));
    bench_say(w, "opt %s in epoch %ld: rho %g%s%s", optimiser_table[kind].name, epoch, knobs_rho(k, epoch), head, gain);
    if (optimiser_reads(kind, KNOB_ESAM_BETA))
        bench_say(w, "esam_beta %g of the weights climb, esam_gamma %g of a batch's images are descended", knob_num(k, KNOB_ESAM_BETA),
                  knob_num(k, KNOB_ESAM_GAMMA));
}

static void say_steps(struct workbench *w, const struct knobs *k, long epoch, const struct history *h)
{
    if (!stage_is_second(k, epoch) && (knob_int(k, KNOB_SAM_FROM) > epoch || knob_int(k, KNOB_SAM_EVERY) > 1))
        bench_say(w, "sam_from %ld, sam_every %ld: the other steps are of sgd", knob_int(k, KNOB_SAM_FROM), knob_int(k, KNOB_SAM_EVERY));
    if (h->n_steps > 0)
        bench_say(w, "steps without ascent: %" PRIu64 " of %" PRIu64 " (%.1f %%)", h->n_steps - h->n_climbed, h->n_steps,
                  100 * (double)(h->n_steps - h->n_climbed) / (double)h->n_steps);
}

/* What the steps that climb tell of themselves, of the last that did. */
static void say_gauges(struct workbench *w, const struct history *h)
{
    double last[GAUGES];
    const struct history_trace *rise = &h->gauge[EV_GAUGE_RISE];
    for (int i = 0; i < GAUGES; i++)
        last[i] = h->gauge[i].n > 0 ? (double)h->gauge[i].bin[h->gauge[i].n - 1].last : NAN;
    if (rise->n > 0)
        bench_say(w, "gauges of step %" PRIu64 ": L(w+e) - L(w) %.4g, rho/|g| %.4g, rho/|w| %.4g, cos(g, g_s) %.4g",
                  rise->first_step + (uint64_t)(rise->n - 1) * rise->width + rise->filled - 1, last[EV_GAUGE_RISE], last[EV_GAUGE_RHO_GN],
                  last[EV_GAUGE_RHO_WN], last[EV_GAUGE_COS]);
}

static void say_shares(struct workbench *w, const struct sam_view *v, char letter)
{
    for (int i = 0; i < v->names.n; i++) {
        char bar[BAR + 1] = "";
        memset(bar, '#', (size_t)(v->share[i] * BAR + 0.5f));
        bench_say(w, "%4d %-16s %-4s n %6" PRIu32 "  %c %.3f %s", i, v->names.name(v->names.ctx, i),
                  v->names.group_name(v->names.ctx, v->names.group(v->names.ctx, i)), v->count[i], letter,
                  (double)v->share[i], bar);
    }
}

int show_sam(struct workbench *w, const struct knobs *k, struct err *err)
{
    const struct history *h = bench_shown(w);
    const long epoch = h->n_classes ? (long)h->epoch : 0;
    struct sam_view v = { .count = NULL };
    const bool classes = by_classes(k, epoch);
    if (!classes && !optimiser_uses_rho(knobs_optimiser_at(k, epoch)))
        return bench_say(w, "opt %s does not climb; 'opt sam', 'opt imbsam' and others do", optimiser_table[knobs_optimiser_at(k, epoch)].name), 0;
    int result = make_sam_view(w, &v, err);
    const struct climb_classes of = { .n = v.names.n, .count = v.count, .group = v.group };
    if (result == 0)
        result = climb_check(k, of, err);
    if (result == 0) {
        if (classes) {
            say_reach(w, k, epoch);
            climb_reaches(of, stage_at(k, epoch).shifts, v.share);
        } else {
            say_radius(w, k, epoch);
            climb_shares(k, of, v.share);
        }
        say_shares(w, &v, classes ? 'r' : 'c');
        say_steps(w, k, epoch, h);
        if (!classes)
            say_gauges(w, h);
    }
    free_sam_view(&v);
    return result;
}
