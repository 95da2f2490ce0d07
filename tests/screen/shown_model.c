/* Commands of a scene that make up what is shown.
 *
 *   run CLASSES               the run of tui_model.c; 0: nothing yet
 *   probe CLASS               a probe of it is under way
 *   fold JSON                 an event as a journal has it
 *   data NAME STEPS GROUPS CLASS...   groups "head,mid,tail"; a class "NAME:GROUP:IMAGES:TEST_IMAGES"
 *   steps FROM TO LOSS LOSS LR RHO [GN]     training steps; the loss goes from one value to the other
 *   eval EPOCH ACC...         an evaluation: a number for each class, nan: without images
 *   put NAME VALUE            a value of the model: table puts[]
 *   knob NAME VALUE, hand NAME   of the knobs in force; set by hand
 *   recorded NAME VALUE       the same of the recording
 *   sweep LINE                one more line of the table of a sweep that is shown */
#include "config.h"

#include "shown.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { REAL, FLOAT, WHOLE, INT, FLAG, TEXT };
static const struct put {
    const char *name;
    enum kind kind;
    void *at;
    size_t size;
} puts_[] = {
#define P(name, kind, member) { name, kind, &(member), sizeof(member) }
    P("state", TEXT, stage.m.h.state), P("name", TEXT, stage.m.h.name), P("id", TEXT, stage.m.h.id), P("parent", TEXT, stage.m.h.parent),
    P("data_name", TEXT, stage.m.h.data_name), P("step", WHOLE, stage.m.h.step), P("epoch", REAL, stage.m.h.epoch), P("loss", FLOAT, stage.m.h.loss),
    P("lr", FLOAT, stage.m.h.lr), P("rho", FLOAT, stage.m.h.rho), P("rate", REAL, stage.m.h.images_per_s), P("drw_on", FLAG, stage.m.h.drw_on),
    P("first_step", WHOLE, stage.m.h.first_step), P("best", REAL, stage.m.h.best), P("best_epoch", REAL, stage.m.h.best_epoch),
    P("step_ms", FLOAT, stage.m.h.step_ms), P("threads", WHOLE, stage.m.h.threads), P("backend", TEXT, stage.m.h.backend),
    P("isa", TEXT, stage.m.h.isa), P("build", TEXT, stage.m.h.build),
    P("progress", TEXT, stage.m.h.progress_what), P("progress_done", WHOLE, stage.m.h.progress_done),
    P("progress_of", WHOLE, stage.m.h.progress_of), P("progress_class", WHOLE, stage.m.h.progress_class),
    P("progress_lmin", REAL, stage.m.h.progress_lmin), P("progress_lmax", REAL, stage.m.h.progress_lmax),
    P("has_run", FLAG, stage.m.s.view.has_run), P("phase", INT, stage.m.s.view.run.phase), P("run_rate", REAL, stage.m.s.view.run.images_per_s),
    P("eta", REAL, stage.m.s.view.run.eta_s), P("pending", INT, stage.m.s.view.run.n_pending), P("waits", REAL, stage.m.s.view.run.data_share),
    P("total_steps", WHOLE, stage.m.s.view.run.total_steps), P("run_epoch", REAL, stage.m.s.view.run.epoch),
    P("training", FLAG, stage.training), P("quit", FLAG, stage.quit), P("measures", FLAG, stage.measures), P("sweeps", FLAG, stage.sweeps),
    P("recorded", FLAG, stage.recorded), P("stalled", FLAG, stage.session.stalled), P("why", TEXT, stage.session.why),
    P("queued", WHOLE, stage.session.queued_bytes), P("snapshot", TEXT, stage.session.last_snapshot),
    P("snapshot_busy", FLAG, stage.session.snapshot_busy), P("slow", REAL, stage.session.slow_s),
    P("replays", FLAG, stage.replays), P("playing", FLAG, stage.replay.playing), P("live", FLAG, stage.replay.live),
    P("attached", FLAG, stage.replay.attached), P("speed", REAL, stage.replay.speed), P("replay_step", WHOLE, stage.replay.step),
    P("last_step", WHOLE, stage.replay.last_step), P("replay_epoch", REAL, stage.replay.epoch), P("last_epoch", REAL, stage.replay.last_epoch),
    P("caret_end", INT, stage.caret_end), P("exit_code", INT, stage.exit_code), P("point", TEXT, stage.point),
    P("processors", INT, stage.m.host.processors), P("rss", REAL, stage.m.host.rss_bytes), P("memory", REAL, stage.m.host.total_bytes),
    P("free", REAL, stage.m.host.free_bytes), P("ui", REAL, app.screen.view.ui_share), P("h_drw", FLAG, stage.m.h.drw_on),
    P("focus", INT, app.screen.focus), P("zoom", INT, app.screen.zoom), P("selected", INT, app.screen.selected), P("curves", INT, app.screen.curves),
    P("trace", INT, app.screen.trace), P("sort", INT, app.screen.sort), P("log_y", FLAG, app.screen.log_y), P("x_axis", INT, app.screen.x_axis),
    P("keys", FLAG, app.screen.keys), P("filter", TEXT, app.screen.filter), P("overlay", INT, app.screen.overlay),
    P("link_ms", INT, app.input.link_ms),
#undef P
};

static bool put(const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof puts_ / sizeof *puts_; i++) {
        const struct put *p = &puts_[i];
        if (strcmp(p->name, name) != 0)
            continue;
        switch (p->kind) {
        case REAL: *(double *)p->at = strtod(value, NULL); break;
        case FLOAT: *(float *)p->at = strtof(value, NULL); break;
        case WHOLE: *(uint64_t *)p->at = strtoull(value, NULL, 10); break;
        case INT: *(int *)p->at = atoi(value); break;
        case FLAG: *(bool *)p->at = atoi(value) != 0; break;
        case TEXT: snprintf(p->at, p->size, "%s", value); break;
        }
        return true;
    }
    return false;
}

/* Without the time of day: what happened is told by its epoch. */
static void fold(struct event *e)
{
    if (e) {
        e->ns = 0;
        history_fold(&stage.m.h, e);
    }
    event_unref(e);
}

static void fold_line(const char *line)
{
    struct event *e = NULL;
    struct err err;
    if (event_from_json(line, strlen(line), &e, &err) != 0)
        told("! %s", err.text);
    fold(e);
}

static void fold_data(char *words)
{
    enum { MOST = 1024 };
    static const char *names[MOST], *groups[16];
    static uint32_t counts[MOST], tests[MOST], group[MOST];
    uint32_t n = 0, n_groups = 0;
    struct event *e = event_new(EVENT_DATA, 0);
    event_set_str(e, EV_DATA_NAME, strsep(&words, " "));
    event_set_u64(e, EV_DATA_STEPS_PER_EPOCH, strtoull(strsep(&words, " "), NULL, 10));
    for (char *list = strsep(&words, " "), *one; (one = strsep(&list, ","));)
        groups[n_groups++] = one;
    for (char *one; (one = strsep(&words, " ")) && n < MOST; n++) {
        names[n] = strsep(&one, ":");
        group[n] = (uint32_t)atoi(strsep(&one, ":"));
        counts[n] = (uint32_t)atoi(strsep(&one, ":"));
        tests[n] = (uint32_t)atoi(one ? one : "100");
    }
    event_set_strs(e, EV_DATA_CLASSES, names, n);
    event_set_strs(e, EV_DATA_GROUPS, groups, n_groups);
    event_set_u32s(e, EV_DATA_COUNTS, counts, n);
    event_set_u32s(e, EV_DATA_TEST_COUNTS, tests, n);
    event_set_u32s(e, EV_DATA_GROUP_OF, group, n);
    fold(e);
}

static double number(char **words)
{
    const char *word = strsep(words, " ");
    return word ? strtod(word, NULL) : NAN;
}

static void fold_steps(char *words)
{
    const double from = number(&words), to = number(&words), first = number(&words), last = number(&words), lr = number(&words),
                 rho = number(&words), gn = number(&words);
    for (double step = from; step <= to; step++) {
        struct event *e = event_new(EVENT_STEP, (uint64_t)step);
        event_set_f64(e, EV_STEP_LOSS, to > from ? first + (last - first) * (step - from) / (to - from) : first);
        event_set_f64(e, EV_STEP_LR, lr);
        event_set_f64(e, EV_STEP_RHO, rho);
        event_set_f64(e, EV_STEP_GN, gn);
        event_set_f64(e, EV_STEP_MS, 20);
        fold(e);
    }
}

/* Groups are means of their classes; of two classes' confusions two of three go to the next class, the rest to the one before. */
static void fold_eval(char *words, const char *split)
{
    const struct history *h = &stage.m.h;
    const int n = h->n_classes;
    const double epoch = number(&words);
    float *cls = calloc((size_t)n, sizeof *cls);
    uint32_t *conf = calloc((size_t)n * (size_t)n, sizeof *conf);
    double group[16] = { 0 }, all = 0;
    int count[16] = { 0 }, known = 0;
    for (int i = 0; i < n; i++) {
        cls[i] = (float)number(&words);
        if (isnan(cls[i]))
            continue;
        group[h->cls[i].group] += (double)cls[i];
        count[h->cls[i].group]++;
        all += (double)cls[i];
        known++;
        const uint32_t right = (uint32_t)lround((double)cls[i] / 100 * h->cls[i].n_test), wrong = h->cls[i].n_test - right;
        conf[i * n + i] = right;
        conf[i * n + (i + 1) % n] += wrong * 2 / 3;
        conf[i * n + (i + n - 1) % n] += wrong - wrong * 2 / 3;
    }
    for (int g = 0; g < h->n_groups; g++)
        group[g] = count[g] ? group[g] / count[g] : (double)NAN;
    struct event *e = event_new(EVENT_EPOCH, (uint64_t)llround(epoch * (double)h->steps_per_epoch));
    event_set_f64(e, EV_EPOCH_EP, epoch);
    event_set_str(e, EV_EPOCH_SPLIT, split);
    event_set_f64(e, EV_EPOCH_ACC, all / known);
    event_set_f64s(e, EV_EPOCH_GROUPS, group, (uint32_t)h->n_groups);
    event_set_f32s(e, EV_EPOCH_CLS, cls, (uint32_t)n);
    if (n <= 128)
        event_set_u32s(e, EV_EPOCH_CONF, conf, (uint32_t)(n * n));
    event_set_u64(e, EV_EPOCH_DRW, h->drw_on);
    fold(e);
    free(cls);
    free(conf);
}

/* eig EPOCH CLASS LMIN LMAX [RMIN RMAX AMP]: a spectrum from the one to the other. */
static void fold_eig(char *words)
{
    enum { NODES = 12 };
    double nodes[NODES], wts[NODES], sum = 0;
    const double epoch = number(&words), class = number(&words), low = number(&words), high = number(&words), rmin = number(&words),
                 rmax = number(&words), amp = number(&words);
    struct event *e = event_new(EVENT_EIG, (uint64_t)llround(epoch * (double)stage.m.h.steps_per_epoch));
    for (int i = 0; i < NODES; i++) {
        nodes[i] = low + (high - low) * i * i / ((NODES - 1.0) * (NODES - 1.0));
        sum += wts[i] = exp(-i);
    }
    for (int i = 0; i < NODES; i++)
        wts[i] /= sum;
    event_set_u64(e, EV_EIG_OF, e->step);
    event_set_f64(e, EV_EIG_EP, epoch);
    event_set_u64(e, EV_EIG_CLASS, (uint64_t)class);
    event_set_u64(e, EV_EIG_IMAGES, 64);
    event_set_f64(e, EV_EIG_LMIN, low);
    event_set_f64(e, EV_EIG_LMAX, high);
    event_set_f64(e, EV_EIG_RMIN, rmin);
    event_set_f64(e, EV_EIG_RMAX, rmax);
    event_set_f64(e, EV_EIG_AMP, amp);
    event_set_u64(e, EV_EIG_ITERS, 33);
    event_set_f64(e, EV_EIG_SECONDS, 1.5);
    event_set_u64(e, EV_EIG_RUNS, 1);
    event_set_str(e, EV_EIG_WHY, "bound");
    event_set_f64s(e, EV_EIG_NODES, nodes, NODES);
    event_set_f64s(e, EV_EIG_WTS, wts, NODES);
    fold(e);
}

static void set_class(char *words)
{
    const int class = (int)number(&words);
    const char *what = strsep(&words, " ");
    if (class < 0 || class >= stage.m.h.n_classes || !words)
        return;
    struct history_class *c = &stage.m.h.cls[class];
    if (strcmp(what, "name") == 0)
        snprintf(c->name, sizeof c->name, "%s", words);
    else if (strcmp(what, "n") == 0)
        c->n = (uint32_t)atoi(words);
    else if (strcmp(what, "group") == 0)
        c->group = atoi(words);
    else if (strcmp(what, "watched") == 0)
        c->watched = atoi(words) != 0;
    else if (strcmp(what, "acc") == 0) /* in the last evaluation */
        stage.m.h.eval[stage.m.h.n_eval - 1].cls[class] = strtof(words, NULL);
}

static void begin_run(int classes)
{
    const double ui = app.screen.view.ui_share;
    model_release(&stage.m);
    model_init(&stage.m, classes);
    knobs_set(&stage.m.knobs, "esc_ms", "1", NULL);
    stage.training = classes > 0;
    app.screen.view.ui_share = ui;
}

static void set_knob(struct knobs *k, char *words)
{
    struct err err;
    const char *name = strsep(&words, " ");
    if (knobs_set(k, name, words ? words : "", &err) != 0)
        told("! %s", err.text);
}

static void host_samples(char *words)
{
    struct host *host = &stage.m.host;
    host->n = 0;
    for (char *one; (one = strsep(&words, " ")); host->n++) {
        host->cores[host->n % HOST_SAMPLES] = strtod(strsep(&one, "/"), NULL);
        host->busy[host->n % HOST_SAMPLES] = one ? strtod(one, NULL) : NAN;
    }
}

bool model_command(const char *verb, char *words)
{
    struct err err;
    char *rest = words;
    stage.m.h.changes++;
    app.status_ns = 0;
    if (strcmp(verb, "run") == 0) {
        begin_run(atoi(words));
    } else if (strcmp(verb, "probe") == 0) {
        model_probe(&stage.m, atoi(words));
    } else if (strcmp(verb, "fold") == 0) {
        fold_line(words);
    } else if (strcmp(verb, "data") == 0) {
        fold_data(words);
    } else if (strcmp(verb, "steps") == 0) {
        fold_steps(words);
    } else if (strcmp(verb, "eval") == 0) {
        fold_eval(words, "test");
    } else if (strcmp(verb, "val") == 0) {
        fold_eval(words, "val");
    } else if (strcmp(verb, "eig") == 0) {
        fold_eig(words);
    } else if (strcmp(verb, "class") == 0) {
        set_class(words);
    } else if (strcmp(verb, "host") == 0) {
        host_samples(words);
    } else if (strcmp(verb, "knob") == 0) {
        set_knob(&stage.m.knobs, words);
    } else if (strcmp(verb, "recorded") == 0) {
        set_knob(&stage.m.h.knobs, words);
    } else if (strcmp(verb, "hand") == 0) {
        stage.m.knobs.by_hand[knob_find(words, &err)] = true;
    } else if (strcmp(verb, "sweep") == 0) {
        buf_addf(&app.sweep, "%s\n", words);
    } else if (strcmp(verb, "put") == 0) {
        const char *name = strsep(&rest, " ");
        if (!put(name, rest ? rest : ""))
            told("! nothing is called '%s'", name);
    } else {
        return false;
    }
    return true;
}
