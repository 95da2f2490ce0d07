/* The margins of a class (methods 6.5): of each of its images the output of its class minus the largest of the others. */
#include "config.h"
#include "engine/probe/probe.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "engine/probe/evaluate.h"

struct margins {
    const struct guest *g;
    const struct image_set *set;
    uint32_t *index; /* [n] images of the class, in the order of the set */
    float *logits;   /* [EVAL_BATCH][classes] */
    double *margin;  /* [n], at last ascending */
    int class_index;
    uint32_t n;
    double mean, worst; /* of all; of the smallest tenth, of at least one */
};

static void release_margins(struct margins *m)
{
    free(m->index);
    free(m->logits);
    free(m->margin);
}

static int take_margins(struct margins *m, const struct probe_options *o, struct err *err)
{
    const struct dataset *data = m->g->data;
    const size_t classes = (size_t)m->g->net->classes;
    m->set = o->test ? &data->test : &data->train;
    const uint32_t most = o->images > 0 && (uint64_t)o->images < m->set->n ? (uint32_t)o->images : m->set->n;
    m->index = malloc(((size_t)most + 1) * sizeof *m->index);
    m->logits = malloc(EVAL_BATCH * classes * sizeof *m->logits);
    m->margin = malloc(((size_t)most + 1) * sizeof *m->margin);
    if (!m->index || !m->logits || !m->margin)
        return err_set(err, ERR_MEMORY, "no memory for the margins of %" PRIu32 " images", most);
    m->n = image_set_of_class(m->set, m->class_index, m->index, most);
    if (m->n == 0)
        return err_set(err, ERR_DATA, "class %d %s has no %s images", m->class_index, data->class_name[m->class_index], o->test ? "test" : "training");
    return 0;
}

static double margin_of(const float *z, int classes, int class_index)
{
    double other = -INFINITY;
    for (int k = 0; k < classes; k++) {
        if (isnan(z[k]))
            return NAN;
        other = k != class_index && (double)z[k] > other ? (double)z[k] : other;
    }
    return (double)z[class_index] - other;
}

/* The network's outputs for all images, in evaluation mode and without augmentation. */
static int walk_images(struct margins *m, struct err *err)
{
    const struct guest *g = m->g;
    const struct pass pass = { .params = g->params, .stats = g->stats, .mode = PASS_EVAL, .criterion = g->criterion };
    const uint32_t most = image_chunk(m->set->kind.size, EVAL_BATCH);
    const int classes = g->net->classes;
    struct pass_result result;
    struct batch batch;
    for (uint32_t first = 0; first < m->n; first += batch.n) {
        const uint32_t n = m->n - first < most ? m->n - first : most;
        g->host->progress(g->ctx, "margins", first, m->n, m->class_index, NULL);
        if (g->host->stopped(g->ctx, true))
            return err_set(err, ERR_CANCELLED, "cancelled");
        if (batches_chosen(g->batches, m->set, m->index + first, n, &batch, err) < 0 || g->backend->load(g->model, &batch, err) < 0 ||
            g->backend->gradient(g->model, &pass, NULL, &result, err) < 0)
            return -1;
        g->backend->logits(g->model, m->logits);
        for (uint32_t i = 0; i < n; i++)
            m->margin[first + i] = margin_of(m->logits + (size_t)i * (size_t)classes, classes, m->class_index);
    }
    g->host->progress(g->ctx, "margins", m->n, m->n, m->class_index, NULL);
    return 0;
}

static int ascending_floats(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int sum_up(struct margins *m, struct err *err)
{
    const uint32_t tenth = (m->n + 9) / 10;
    for (uint32_t i = 0; i < m->n; i++)
        if (!isfinite(m->margin[i]))
            return err_set(err, ERR_DIVERGED, "outputs of class %d are not finite", m->class_index);
    qsort(m->margin, m->n, sizeof *m->margin, ascending_floats);
    for (uint32_t i = 0; i < m->n; i++) {
        m->mean += m->margin[i] / m->n;
        m->worst += i < tenth ? m->margin[i] / tenth : 0;
    }
    return 0;
}

static void describe_margins(const struct margins *m, const struct probe_options *o, double seconds, struct buf *text)
{
    const struct run_moment now = m->g->host->moment(m->g->ctx);
    struct event *e = event_new(EVENT_MARGIN, now.step);
    uint32_t wrong = 0;
    while (wrong < m->n && m->margin[wrong] < 0)
        wrong++;
    const double share = 100.0 * wrong / m->n;
    buf_addf(text, "%d %s: margin %.4g, worst tenth %.4g, smallest %.4g; %.1f %% of %" PRIu32 " %s images below 0; step %" PRIu64 " (ep %.1f)",
             m->class_index, m->g->data->class_name[m->class_index], m->mean, m->worst, m->margin[0], share, m->n, o->test ? "test" : "training",
             now.step, moment_epoch(&now));
    if (!e)
        return;
    event_set_u64(e, EV_MARGIN_OF, now.step);
    event_set_f64(e, EV_MARGIN_EP, moment_epoch(&now));
    event_set_u64(e, EV_MARGIN_CLASS, (uint64_t)m->class_index);
    event_set_u64(e, EV_MARGIN_IMAGES, m->n);
    event_set_str(e, EV_MARGIN_SPLIT, o->test ? "test" : "train");
    event_set_f64(e, EV_MARGIN_MEAN, m->mean);
    event_set_f64(e, EV_MARGIN_WORST, m->worst);
    event_set_f64(e, EV_MARGIN_LEAST, m->margin[0]);
    event_set_f64(e, EV_MARGIN_BELOW, share);
    event_set_f64(e, EV_MARGIN_SECONDS, seconds);
    m->g->host->emit(m->g->ctx, e);
}

int probe_margins(struct probe *p, const struct probe_plan *plan, int class_index, struct buf *text, struct err *err)
{
    struct margins m = { .g = p->guest, .class_index = class_index };
    const uint64_t start = clock_now_ns();
    int result = take_margins(&m, &plan->options, err) < 0 || walk_images(&m, err) < 0 || sum_up(&m, err) < 0 ? -1 : 0;
    if (result == 0)
        describe_margins(&m, &plan->options, (double)(clock_now_ns() - start) * 1e-9, text);
    release_margins(&m);
    return result;
}
