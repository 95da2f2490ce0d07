/* why CLASS: what was recorded about a class, one sentence each, with the command that would tell more. */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"
#include "base/text.h"
#include "engine/criteria/loss.h"

struct about {
    struct workbench *w;
    const struct history *h;
    struct knobs knobs;
    int class;
};

static void why_images(const struct about *a)
{
    const struct history_class *c = &a->h->cls[a->class];
    int fewer = 0;
    for (int i = 0; i < a->h->n_classes; i++)
        fewer += a->h->cls[i].n < c->n;
    bench_say(a->w, "%d %s: %u training images%s%s, %d of %d classes have fewer; %u test images", a->class, c->name, c->n,
              c->group >= 0 ? ", " : "", c->group >= 0 ? a->h->group_name[c->group] : "", fewer, a->h->n_classes, c->n_test);
}

/* The last evaluation whose weights had not yet taken the step after `step`; SIZE_MAX: none. */
static size_t evaluation_until(const struct history *h, uint64_t step)
{
    for (size_t i = h->n_eval; i > 0; i--)
        if (h->eval[i - 1].step <= step)
            return i - 1;
    return SIZE_MAX;
}

static bool losses(const struct about *a, size_t eval, char *out, size_t size)
{
    const struct history *h = a->h;
    const double now = history_class_loss(h, eval, a->class, EVAL_LOSS), trained = history_class_loss(h, eval, a->class, EVAL_TRAIN_LOSS);
    out[0] = '\0';
    if (isfinite(now))
        text_append(out, size, "%.4g on %s images", now, history_best_on_test(h) ? "test" : "val");
    if (isfinite(trained))
        text_append(out, size, "%s%.4g in the epoch's steps", isfinite(now) ? ", " : "", trained);
    return out[0];
}

static void accuracy(const struct about *a)
{
    const struct history *h = a->h;
    double now = h->n_eval ? history_class_acc(h, h->n_eval - 1, a->class) : NAN, best = NAN, best_epoch = 0;
    if (isnan(now)) {
        bench_say(a->w, h->n_eval && h->eval[h->n_eval - 1].cls ? "its accuracy is not known: it has no image among those that are evaluated"
                                                                : "its accuracy is not known yet: 'eval' measures it");
        return;
    }
    for (size_t i = 0; i < h->n_eval; i++) {
        double acc = history_class_acc(h, i, a->class);
        if (!isnan(acc) && !(best >= acc)) {
            best = acc;
            best_epoch = h->eval[i].epoch;
        }
    }
    double change = history_class_delta(h, a->class, 10);
    char moved[48] = "", loss[96];
    if (isfinite(change))
        snprintf(moved, sizeof moved, ", %+.1f %s", change, h->n_eval > 10 ? "in ten evaluations" : "since the first evaluation");
    bench_say(a->w, "accuracy %.1f %% at epoch %.4g%s; best %.1f at epoch %.4g", now, h->eval[h->n_eval - 1].epoch, moved, best, best_epoch);
    if (losses(a, h->n_eval - 1, loss, sizeof loss))
        bench_say(a->w, "its mean loss is %s, without class weights", loss);
    int told = 0;
    for (size_t i = h->n_mark; i > 0 && told < 3; i--) {
        const struct history_mark *m = &h->mark[i - 1];
        size_t at = m->letter == 'S' || m->letter == 'N' ? SIZE_MAX : evaluation_until(h, m->step);
        if (at == SIZE_MAX || isnan(history_class_acc(h, at, a->class)))
            continue;
        const bool known = losses(a, at, loss, sizeof loss);
        bench_say(a->w, "  before %c%.0f (%s) it was %.1f %%%s%s", m->letter, m->epoch, m->text, history_class_acc(h, at, a->class),
                  known ? ", its loss " : "", known ? loss : "");
        told++;
    }
}

static void confused(const struct about *a)
{
    const struct history *h = a->h;
    const uint32_t *row = NULL;
    for (size_t i = h->n_eval; i > 0 && !row; i--)
        row = h->eval[i - 1].conf ? h->eval[i - 1].conf + (size_t)a->class * (size_t)h->n_classes : NULL;
    if (!row) {
        bench_say(a->w, "what it is taken for is not known%s", h->n_classes > 128 ? ": kept up to 128 classes" : " yet: 'eval' measures it");
        return;
    }
    int first = -1, second = -1;
    double all = 0;
    for (int i = 0; i < h->n_classes; i++) {
        all += row[i];
        if (i == a->class || row[i] == 0)
            continue;
        if (first < 0 || row[i] > row[first])
            second = first, first = i;
        else if (second < 0 || row[i] > row[second])
            second = i;
    }
    if (all == 0) /* without images nothing is taken for anything, which accuracy() has said */
        return;
    if (first < 0)
        bench_say(a->w, "it is never taken for another class");
    else if (second < 0)
        bench_say(a->w, "it is taken for %s (%.1f %%) and for no other", h->cls[first].name, 100 * row[first] / all);
    else
        bench_say(a->w, "it is taken for %s (%.1f %%) and %s (%.1f %%); 'confusion %d' lists more", h->cls[first].name, 100 * row[first] / all,
                  h->cls[second].name, 100 * row[second] / all, a->class);
}

static void weight(const struct about *a)
{
    const struct knobs *k = &a->knobs;
    int n = a->h->n_classes;
    long from = knob_int(k, KNOB_DRW);
    char rule[32];
    if (knob_is(k, KNOB_WEIGHTS, "none")) {
        bench_say(a->w, "no class is re-weighted; 'set weights effective' and 'set drw N' would");
        return;
    }
    double *count = malloc(sizeof *count * (size_t)n), *weights = malloc(sizeof *weights * (size_t)n);
    for (int i = 0; count && i < n; i++)
        count[i] = a->h->cls[i].n;
    if (count && weights) {
        knob_choice(k, KNOB_WEIGHTS, rule, sizeof rule);
        loss_class_weights(bench_weights_rule(k), knob_num(k, KNOB_BETA_EN), n, count, weights);
        if (a->h->drw_on)
            bench_say(a->w, "its loss counts %.3g times since epoch %ld (weights %s); 'show weights' lists all", weights[a->class], from, rule);
        else
            bench_say(a->w, "it is not re-weighted yet: its loss will count %.3g times from epoch %ld (weights %s), now %.4g", weights[a->class], from, rule,
                      a->h->epoch);
    }
    free(count);
    free(weights);
}

static void saddle(const struct about *a, const struct history_eig *e)
{
    char amp[NUMBER_TEXT_MAX];
    number_told(amp, "%.3g", e->amp);
    if (e->lmin + (isfinite(e->rmin) ? e->rmin : 0) >= 0)
        bench_say(a->w, "no negative curvature was found: these weights are no saddle for it");
    else if (!isfinite(e->amp))
        bench_say(a->w, "its loss falls along v_min: a saddle; (rho/|g|) λmin is not known, SAM was not used or the step after the probe not taken");
    else if (e->amp < -2)
        bench_say(a->w, "(rho/|g|) λmin is %s, below -2: SAM's step makes the component along v_min grow, the saddle is being left", amp);
    else
        bench_say(a->w, "(rho/|g|) λmin is %s, not below -2: SAM's step does not leave the saddle; a larger rho would", amp);
}

static void curvature(const struct about *a)
{
    const struct history_eig *e = history_last_eig(a->h, (uint32_t)a->class);
    char low[NUMBER_TEXT_MAX], high[NUMBER_TEXT_MAX], low_bound[NUMBER_TEXT_MAX], high_bound[NUMBER_TEXT_MAX], loss[NUMBER_TEXT_MAX];
    if (!e) {
        bench_say(a->w, "λmin and λmax are not measured: 'hessian %d' measures them, 'watch %d' while training", a->class, a->class);
        return;
    }
    number_told(low, "%.4g", e->lmin);
    number_told(high, "%.4g", e->lmax);
    number_told(low_bound, "%.1g", e->rmin);
    number_told(high_bound, "%.1g", e->rmax);
    number_told(loss, "%.4g", e->loss);
    bench_say(a->w, "λmin %s ± %s, λmax %s ± %s at epoch %.4g, by %u products on %u images, whose mean loss was %s", low, low_bound, high, high_bound, e->epoch,
              e->iters, e->images, loss);
    saddle(a, e);
}

int cmd_why(struct workbench *w, struct call *c, struct err *err)
{
    int class[COMMAND_MAX_CLASSES];
    workbench_pump(w);
    struct about a = { .w = w, .h = bench_shown(w) };
    if (a.h->n_classes == 0)
        return err_set(err, ERR_INVALID, "nothing is recorded yet; 'train' or 'replay RUN' first");
    int n = bench_class_list(w, c, 0, class, err);
    if (n < 0)
        return -1;
    if (n != 1)
        return err_set(err, ERR_INVALID, "'%s' names %d classes; one is needed", c->word[0].text, n), call_bad(c, 0);
    a.class = class[0];
    if (w->replay.on)
        a.knobs = a.h->knobs;
    else
        workbench_knobs(w, &a.knobs);
    why_images(&a);
    accuracy(&a);
    confused(&a);
    weight(&a);
    curvature(&a);
    return 0;
}
