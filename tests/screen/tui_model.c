#include "config.h"
#include "tui_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_PER_EPOCH = 97, EVALS = 163, PROBES = 16 };

static const char *const names[10] = { "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck" };
static const double final_acc[10] = { 93.1, 95.6, 85.5, 74.9, 81.2, 74.3, 81.6, 75.8, 74.2, 69.3 };

static void fill_classes(struct history *h, int n)
{
    h->n_classes = n;
    h->n_groups = 3;
    snprintf(h->group_name[0], 16, "head");
    snprintf(h->group_name[1], 16, "mid");
    snprintf(h->group_name[2], 16, "tail");
    h->cls = calloc((size_t)n, sizeof *h->cls);
    for (int i = 0; i < n; i++) {
        struct history_class *c = &h->cls[i];
        if (n == 10)
            snprintf(c->name, sizeof c->name, "%s", names[i]);
        else
            snprintf(c->name, sizeof c->name, "c%0*d", n > 1000 ? 4 : 2, i);
        c->n = (uint32_t)lround((n == 10 ? 5000 : 500) * pow(0.01, (double)i / (n - 1)));
        c->n_test = n == 10 ? 1000 : 100;
        c->group = i * 10 < n * 3 ? 0 : i * 10 < n * 7 ? 1 : 2;
        c->watched = n == 10 && (i == 0 || i == 5 || i == 9);
    }
}

static double accuracy(int n, int class, double epoch)
{
    double end = n == 10 ? final_acc[class] : 60 - 55.0 * class / n;
    double rise = 1 - exp(-epoch / (20 + 6.0 * 10 * class / n));
    return end * (rise + (epoch >= 160 ? 1 - rise : 0)) * 0.999 + 0.0005 * class;
}

static void fill_evals(struct history *h)
{
    size_t n = (size_t)h->n_classes;
    h->n_eval = EVALS;
    h->eval = calloc(256, sizeof *h->eval); /* as the history grows it: powers of two */
    for (int i = 0; i < EVALS; i++) {
        struct history_eval *e = &h->eval[i];
        double sum[3] = { 0 }, all = 0;
        int count[3] = { 0 };
        e->epoch = i + 1;
        e->step = (uint64_t)(i + 1) * STEPS_PER_EPOCH;
        e->cls = calloc(n, sizeof *e->cls);
        for (int k = 0; k < EVAL_LOSSES; k++)
            e->cls_loss[k] = calloc(n, sizeof *e->cls_loss[k]);
        for (size_t c = 0; c < n; c++) {
            double acc = accuracy((int)n, (int)c, e->epoch);
            e->cls[c] = (float)acc;
            e->cls_loss[EVAL_LOSS][c] = (float)(3.5 - 0.03 * acc);
            e->cls_loss[EVAL_TRAIN_LOSS][c] = (float)(2.3 * exp(-e->epoch / 30));
            sum[h->cls[c].group] += acc;
            count[h->cls[c].group]++;
            all += acc;
        }
        for (int g = 0; g < 3; g++)
            e->group[g] = sum[g] / count[g];
        e->acc = all / (double)n;
        e->drw = e->epoch > 160;
        if (n == 10) {
            e->conf = calloc(n * n, sizeof *e->conf);
            for (size_t c = 0; c < n; c++) {
                uint32_t right = (uint32_t)lround(e->cls[c] * 10), wrong = 1000 - right;
                e->conf[c * n + c] = right;
                e->conf[c * n + (c + 2) % n] = wrong * 2 / 3;
                e->conf[c * n + (c + 9) % n] = wrong - wrong * 2 / 3;
            }
        }
    }
    h->best = h->eval[EVALS - 1].acc;
    h->best_epoch = EVALS;
}

static void fill_trace(struct history_trace *t, uint32_t n, double (*f)(double epoch))
{
    t->n = t->cap = n;
    t->width = 4;
    t->bin = calloc(n, sizeof *t->bin);
    for (uint32_t i = 0; i < n; i++) {
        float v = (float)f(i * 4.0 / STEPS_PER_EPOCH), noise = (float)(i * 7919 % 13) / 13;
        t->bin[i] = (struct history_bin){ v * (0.95f + 0.03f * noise), v * (1.02f + 0.05f * noise), v };
    }
}

static double loss_at(double e)
{
    return 0.4 + 1.9 * exp(-e / 25);
}

static double lr_at(double e)
{
    return e < 5 ? 0.02 * (floor(e) + 1) : e < 160 ? 0.1 : 0.001;
}

static double rho_at(double e)
{
    return e < 41 ? 0.05 : e < 163 ? 0.1 : 0.5;
}

static void add_mark(struct history *h, double epoch, char letter, bool by_hand, const char *text)
{
    struct history_mark *m = &h->mark[h->n_mark++];
    *m = (struct history_mark){ .step = (uint64_t)(epoch * STEPS_PER_EPOCH), .epoch = epoch, .letter = letter, .by_hand = by_hand };
    snprintf(m->text, sizeof m->text, "%s", text);
}

static void add_line(struct history *h, double epoch, char level, const char *text)
{
    struct history_line *l = &h->line[h->n_line++];
    *l = (struct history_line){ .step = (uint64_t)(epoch * STEPS_PER_EPOCH), .epoch = epoch, .level = level };
    snprintf(l->text, sizeof l->text, "%s", text);
}

static void fill_curvature(struct history *h)
{
    static const int watched[3] = { 0, 5, 9 };
    static const double lmin[3] = { -0.04, -1.2, -4.1 }, lmax[3] = { 60.9, 87.5, 245.5 },
                        amp[3] = { -0.02, -0.9, -2.31 };
    h->eig = calloc(64, sizeof *h->eig);
    for (int i = 0; i < PROBES; i++)
        for (int k = 0; k < 3; k++) {
            struct history_eig *e = &h->eig[h->n_eig++];
            double left = 1 + 4 * exp(-i / 4.0) - 4 * exp(-(PROBES - 1) / 4.0);
            *e = (struct history_eig){ .step = (uint64_t)(i + 1) * 970, .epoch = 10 * (i + 1), .class = (uint32_t)watched[k],
                                       .lmin = lmin[k] * left, .lmax = lmax[k] * left, .rmin = 2e-4, .rmax = 1e-3,
                                       .trace = 400, .trace_se = 20, .amp = amp[k] * left, .why = "bound", .runs = 1,
                                       .images = 128, .iters = 40, .seconds = 2.9, .n_nodes = 40 };
            e->nodes = calloc(40, sizeof *e->nodes);
            e->wts = calloc(40, sizeof *e->wts);
            for (int j = 0; j < 40; j++) {
                e->nodes[j] = e->lmin + (e->lmax - e->lmin) * j * j / (39.0 * 39.0);
                e->wts[j] = exp(-j / 3.0);
            }
        }
}

/* Without its line: those of the model are its own. */
static void fold(struct history *h, struct event *e)
{
    const size_t lines = h->n_line;
    const uint64_t step = h->step;
    const double epoch = h->epoch;
    history_fold(h, e);
    h->n_line = lines;
    h->step = step;
    h->epoch = epoch;
    event_unref(e);
}

/* Along v_min of the tail class the loss has a ridge at the weights; along a random direction it hardly changes. */
static void fill_slices(struct history *h)
{
    enum { POINTS = 21 };
    for (int k = 0; k < 2; k++) {
        double at[POINTS], loss[POINTS];
        struct event *e = event_new(EVENT_SLICE, 15870);
        for (int i = 0; i < POINTS; i++) {
            double t = (i - 10) / 10.0;
            at[i] = t;
            loss[i] = k ? 1.7 - 2.05 * t * t + 1.3 * t * t * t * t + 0.1 * t : 1.7 + 0.4 * t * t;
        }
        event_set_u64(e, EV_SLICE_OF, 15870);
        event_set_f64(e, EV_SLICE_EP, 163.6);
        event_set_u64(e, EV_SLICE_CLASS, 9);
        event_set_u64(e, EV_SLICE_IMAGES, 50);
        event_set_str(e, EV_SLICE_ALONG, k ? "v_min" : "random:1");
        event_set_f64(e, EV_SLICE_LAMBDA, k ? -4.1 : 0.8);
        event_set_f64s(e, EV_SLICE_AT, at, POINTS);
        event_set_f64s(e, EV_SLICE_LOSS, loss, POINTS);
        event_set_f64(e, EV_SLICE_SECONDS, 2);
        fold(h, e);
    }
}

static void fill_cnc(struct history *h)
{
    static const double ratio[] = { 1.1025, 0.94, 1.43 }, low[] = { 1.1025, 0.8, 1.2 }, high[] = { 1.1025, 1.09, 1.71 },
                        predicted[] = { 1.1025, 1.1025, 1.5 };
    struct event *e = event_new(EVENT_CNC, 15870);
    event_set_u64(e, EV_CNC_OF, 15870);
    event_set_f64(e, EV_CNC_EP, 163.6);
    event_set_u64(e, EV_CNC_CLASS, 9);
    event_set_u64(e, EV_CNC_IMAGES, 50);
    event_set_f64(e, EV_CNC_LMIN, -4.1);
    event_set_f64(e, EV_CNC_RESIDUAL, 2e-4);
    event_set_f64(e, EV_CNC_RHO, 0.5);
    event_set_u64(e, EV_CNC_BATCHES, 64);
    event_set_u64(e, EV_CNC_BATCH, 16);
    event_set_f64(e, EV_CNC_A2, 3.1e-4);
    event_set_f64(e, EV_CNC_A2_SE, 2e-5);
    event_set_f64(e, EV_CNC_GN, 0.31);
    event_set_f64(e, EV_CNC_SHARE, 0.62);
    event_set_f64(e, EV_CNC_SECONDS, 12);
    event_set_f64s(e, EV_CNC_RATIO, ratio, 3);
    event_set_f64s(e, EV_CNC_LOW, low, 3);
    event_set_f64s(e, EV_CNC_HIGH, high, 3);
    event_set_f64s(e, EV_CNC_PREDICTED, predicted, 3);
    fold(h, e);
}

void model_probe(struct model *m, int class)
{
    struct history *h = &m->h;
    const struct history_eig *e = history_last_eig(h, (uint32_t)class);
    h->has_live = true;
    h->live = *e;
    h->live.iters = 9;
    h->live.of = 40;
    h->live.lmin *= 0.9;
    h->live.nodes = calloc(9, sizeof *e->nodes);
    h->live.wts = calloc(9, sizeof *e->wts);
    h->live.n_nodes = 9;
    for (int i = 0; i < 9; i++) {
        h->live.nodes[i] = h->live.lmin + (h->live.lmax - h->live.lmin) * i * i / 64.0;
        h->live.wts[i] = exp(-i);
    }
    snprintf(h->progress_what, sizeof h->progress_what, "hessian");
    h->progress_class = (uint64_t)class;
    h->progress_done = 9;
    h->progress_of = 40;
    h->progress_lmin = h->live.lmin;
    h->progress_lmax = h->live.lmax;
}

static void fill_run(struct model *m)
{
    struct history *h = &m->h;
    snprintf(h->name, sizeof h->name, "demo-run");
    snprintf(h->id, sizeof h->id, "7f3a0c11223344556677889900aabbcc");
    snprintf(h->data_name, sizeof h->data_name, "cifar10-lt");
    snprintf(h->state, sizeof h->state, "training");
    h->steps_per_epoch = STEPS_PER_EPOCH;
    h->step = 15830;
    h->epoch = 163.2;
    h->loss = 0.41f;
    h->lr = 0.001f;
    h->rho = 0.5f;
    h->images_per_s = 3410;
    h->drw_on = true;
    fill_trace(&h->loss_trace, 15830 / 4, loss_at);
    fill_trace(&h->lr_trace, 15830 / 4, lr_at);
    fill_trace(&h->rho_trace, 15830 / 4, rho_at);
    h->mark = calloc(64, sizeof *h->mark);
    add_mark(h, 41, 'R', true, "rho 0.05>0.1");
    add_mark(h, 80, 'S', false, "s0080");
    add_mark(h, 160, 'D', false, "drw on");
    add_mark(h, 163, 'R', true, "rho 0.1>0.5");
    h->line = calloc(64, sizeof *h->line);
    add_line(h, 41, ' ', "set rho 0.1 (was 0.05) from step 3977, ep 41.0 · snapshot s0041");
    add_line(h, 160, ' ', "drw on at ep 160: weights effective, 0.10..4.63");
    add_line(h, 163.1, ' ', "set rho 0.5 (was 0.1) from step 15821, ep 163.1 · snapshot s0163");
    add_line(h, 163, '!', "class truck: a made-up warning");
    add_line(h, 163, ' ', "eval 163: acc 80.6 (+0.9) tail 73.1 (+2.2) worst 9 truck 69.3");
    h->changes = 1;
    m->s.view.has_run = true;
    m->s.view.run = (struct trainer_status){ .phase = TRAINER_TRAINING, .step = 15830, .steps_per_epoch = STEPS_PER_EPOCH,
                                             .total_steps = 200 * STEPS_PER_EPOCH, .epoch = 163.2, .images_per_s = 3410,
                                             .eta_s = 134, .drw_on = true };
}

void model_init(struct model *m, int n_classes)
{
    memset(m, 0, sizeof *m);
    screen_init(&m->s);
    history_init(&m->h);
    knobs_init(&m->knobs);
    m->host = (struct host){ .processors = 8, .rss_bytes = 512 << 20, .total_bytes = 16e9, .free_bytes = 8e9, .n = 40 };
    for (int i = 0; i < 40; i++) {
        m->host.cores[i] = 1.9;
        m->host.busy[i] = 0.3;
    }
    m->s.view.h = &m->h;
    m->s.view.knobs = &m->knobs;
    m->s.view.host = &m->host;
    m->s.view.ui_share = 0.004;
    knobs_set(&m->knobs, "opt", "sam", NULL);
    knobs_set(&m->knobs, "weights", "effective", NULL);
    knobs_set(&m->knobs, "rho", "0.5", NULL);
    m->knobs.by_hand[KNOB_RHO] = true;
    if (n_classes == 0) {
        knobs_init(&m->knobs);
        return;
    }
    fill_classes(&m->h, n_classes);
    fill_evals(&m->h);
    fill_run(m);
    if (n_classes == 10)
        fill_curvature(&m->h), fill_slices(&m->h), fill_cnc(&m->h);
    m->s.selected = n_classes - 1;
    m->s.keys = true;
}

void model_release(struct model *m)
{
    struct history *h = &m->h;
    history_release(h);
    screen_release(&m->s);
    canvas_release(&m->c);
}

char *model_paint(struct model *m, int rows, int cols, bool utf8, enum glyph_mode glyphs)
{
    struct buf text = { 0 };
    m->c.utf8 = utf8;
    m->c.ascii = glyphs == GLYPHS_ASCII;
    m->s.glyphs = glyphs;
    if (canvas_resize(&m->c, rows, cols) != 0)
        return NULL;
    screen_paint(&m->s, &m->c);
    canvas_to_text(&m->c, &text);
    return text.data;
}
