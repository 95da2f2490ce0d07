/* tests/unit/compared.h - recorded runs of made-up numbers to compare. Included once by each test file; everything is static. */
#ifndef UNIT_COMPARED_H
#define UNIT_COMPARED_H

#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "session/comparison.h"
#include "session_root.h"

enum { SPE = 10 }; /* steps in an epoch */

struct written { /* a run being recorded */
    struct session *session;
    struct event_sink sink;
    const char *name;
    char id[40];
    int classes;
};

static inline void begin_config(struct written *w, const char *rho, uint64_t seed, const struct written *parent, uint64_t from)
{
    char rho_text[48], seed_text[48], text[160];
    const char *const knobs[] = { "opt=sam", "batch=100", "epochs=30", rho_text, seed_text };
    snprintf(rho_text, sizeof rho_text, "rho=%s", rho);
    snprintf(seed_text, sizeof seed_text, "seed=%" PRIu64, seed);
    w->session = create(w->name);
    w->sink = session_sink(w->session);
    snprintf(w->id, sizeof w->id, "%s", session_id(w->session));
    struct event *e = event_new(EVENT_CONFIG, from);
    event_set_strs(e, EV_CONFIG_KNOBS, knobs, 5);
    event_set_str(e, EV_CONFIG_NAME, w->name);
    if (parent) {
        snprintf(text, sizeof text, "%s@%" PRIu64, parent->name, from / SPE);
        event_set_str(e, EV_CONFIG_PARENT, text);
        event_set_str(e, EV_CONFIG_PARENT_ID, parent->id);
        event_set_u64(e, EV_CONFIG_PARENT_STEP, from);
        event_set_str(e, EV_CONFIG_PARENT_STATE, "00");
    }
    send_event(&w->sink, e);
}

/* Classes c0, c1 ... in three groups. `first` is the number in the first name. */
static inline void write_data(struct written *w, const char *sha256, int first)
{
    static const char *const groups[] = { "head", "mid", "tail" };
    const size_t n = (size_t)w->classes;
    char (*name)[16] = calloc(n, sizeof *name);
    const char **names = calloc(n, sizeof *names);
    uint32_t *counts = calloc(n, sizeof *counts), *group = calloc(n, sizeof *group);
    for (size_t i = 0; i < n; i++) {
        snprintf(name[i], sizeof name[i], "c%d", first + (int)i);
        names[i] = name[i];
        counts[i] = (uint32_t)(1000 / (i + 1) + 1);
        group[i] = (uint32_t)(3 * i / n);
    }
    struct event *e = data_event(SPE);
    event_set_str(e, EV_DATA_SHA256, sha256);
    event_set_strs(e, EV_DATA_CLASSES, names, (uint32_t)n);
    event_set_strs(e, EV_DATA_GROUPS, groups, 3);
    event_set_u32s(e, EV_DATA_COUNTS, counts, (uint32_t)n);
    event_set_u32s(e, EV_DATA_TEST_COUNTS, counts, (uint32_t)n);
    event_set_u32s(e, EV_DATA_GROUP_OF, group, (uint32_t)n);
    send_event(&w->sink, e);
    free(name);
    free(names);
    free(counts);
    free(group);
}

/* acc of all; of class i acc + i / 2. */
static inline void write_epoch(struct written *w, uint64_t epoch, double acc, double loss)
{
    const double groups[] = { acc + 10, acc, acc - 10 };
    const size_t n = (size_t)w->classes;
    float *cls = calloc(n, sizeof *cls), *lost = calloc(n, sizeof *lost);
    for (uint64_t s = (epoch - 1) * SPE + 1; s <= epoch * SPE; s++)
        send_event(&w->sink, step_event(s, loss));
    for (size_t i = 0; i < n; i++) {
        cls[i] = (float)acc + 0.5f * (float)(i % 100);
        lost[i] = (float)loss + 0.01f * (float)(i % 100);
        if (i > 3) /* as little alike as real ones: a recording is bounded by what it takes on disk */
            lost[i] += (float)((uint32_t)(i * 2654435761u + epoch * 40503u) % 65521) * 1e-6f;
    }
    struct event *e = event_new(EVENT_EPOCH, epoch * SPE);
    event_set_f64(e, EV_EPOCH_EP, (double)epoch);
    event_set_str(e, EV_EPOCH_SPLIT, "test");
    event_set_f64(e, EV_EPOCH_ACC, acc);
    event_set_f64(e, EV_EPOCH_LOSS, loss);
    event_set_f64s(e, EV_EPOCH_GROUPS, groups, 3);
    event_set_f32s(e, EV_EPOCH_CLS, cls, (uint32_t)n);
    event_set_f32s(e, EV_EPOCH_CLS_LOSS, lost, (uint32_t)n);
    send_event(&w->sink, e);
    free(cls);
    free(lost);
}

/* An evaluation that tells rho. */
static inline void write_rho(struct written *w, uint64_t step, double rho)
{
    struct event *e = event_new(EVENT_EPOCH, step);
    event_set_f64(e, EV_EPOCH_EP, (double)step / SPE);
    event_set_str(e, EV_EPOCH_SPLIT, "test");
    event_set_f64(e, EV_EPOCH_ACC, 50);
    event_set_f64(e, EV_EPOCH_RHO, rho);
    send_event(&w->sink, e);
}

static inline void write_set(struct written *w, uint64_t step, const char *knob, const char *value, const char *old)
{
    struct event *e = event_new(EVENT_CMD, step);
    event_set_str(e, EV_CMD_OP, "set");
    event_set_str(e, EV_CMD_KEY, knob);
    event_set_str(e, EV_CMD_VALUE, value);
    event_set_str(e, EV_CMD_OLD, old);
    event_set_str(e, EV_CMD_BY, "user");
    event_set_str(e, EV_CMD_TXT, "set");
    event_set_f64(e, EV_CMD_EP, (double)step / SPE);
    send_event(&w->sink, e);
}

static inline void write_eig(struct written *w, uint64_t step, uint64_t class, double lmin)
{
    const double nodes[] = { lmin, 0, 40 }, wts[] = { 0.1, 0.6, 0.3 };
    struct event *e = event_new(EVENT_EIG, step);
    event_set_u64(e, EV_EIG_OF, step);
    event_set_f64(e, EV_EIG_EP, (double)step / SPE);
    event_set_u64(e, EV_EIG_CLASS, class);
    event_set_f64(e, EV_EIG_LMIN, lmin);
    event_set_f64(e, EV_EIG_LMAX, 40);
    event_set_f64(e, EV_EIG_RMIN, 0.25);
    event_set_f64(e, EV_EIG_RMAX, 0.5);
    event_set_f64s(e, EV_EIG_NODES, nodes, 3);
    event_set_f64s(e, EV_EIG_WTS, wts, 3);
    send_event(&w->sink, e);
}

static inline void write_margin(struct written *w, uint64_t step, uint64_t class, const char *split, double mean)
{
    struct event *e = event_new(EVENT_MARGIN, step);
    event_set_u64(e, EV_MARGIN_OF, step);
    event_set_f64(e, EV_MARGIN_EP, (double)step / SPE);
    event_set_u64(e, EV_MARGIN_CLASS, class);
    event_set_str(e, EV_MARGIN_SPLIT, split);
    event_set_f64(e, EV_MARGIN_MEAN, mean);
    send_event(&w->sink, e);
}

static inline void end_run(struct written *w)
{
    struct err err;
    assert_int_equal(session_close(w->session, "test", &err), 0);
}

/* Of runs by their names; one more than may be, to see that refused. */
static inline struct comparison *open_runs(const char *const *names, int n, struct err *err)
{
    char dir[COMPARISON_RUNS + 1][1024];
    const char *dirs[COMPARISON_RUNS + 1];
    for (int i = 0; i < n; i++) {
        at(names[i], dir[i]);
        dirs[i] = dir[i];
    }
    return comparison_open(dirs, n, NULL, err);
}

#endif
