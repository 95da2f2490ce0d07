/* session/metric.h - the numbers of a history by name, as `export csv` writes them and `compare` lays them side by side. A metric is
 *
 *   acc loss train_loss train_acc lr rho drw      of an evaluation
 *   GROUP, GROUP_acc                              the same, of a group: tail
 *   acc:CLASS loss:CLASS train_loss:CLASS         the same, of a class, by number or name
 *   NAME:CLASS, NAME                              a row METRIC of engine/events.def: lmin:9, margins_mean:truck
 *   step_loss step_gn step_lr step_rho            of each step; of a long run, of so many steps
 *   step_rise step_rho_gn step_rho_wn step_cos    the same, of steps that told their gauges
 *
 * Pure; any thread that may read the history. */
#ifndef SESSION_METRIC_H
#define SESSION_METRIC_H

#include "session/history.h"

struct err;

enum metric_kind { METRIC_EVAL, METRIC_GROUP, METRIC_CLASS, METRIC_EIG, METRIC_RESULT, METRIC_TRACE };
struct metric {
    enum metric_kind kind;
    int row;                            /* number, list or trace of an evaluation, of a class or of steps; place of a result's list, or -1 */
    const struct measure_info *measure; /* of a spectrum or result */
    const struct measure_column *column;
    const struct history_result *newest; /* of a result, once it is bound: only what was measured as this one was counts; the history's */
    int index;                          /* of its class or group in the history at hand; -1: it has none */
    int better;                         /* 1 more is better, -1 less, 0 neither */
    bool percent;
    bool held;                          /* a setting: it stays what it is until it is changed */
    char table[64], of[32];             /* in a table: class_acc, of truck; "" of all */
    char label[72];                     /* to people: tail, lmin:truck */
};
struct metric_point {
    uint64_t step; /* of the weights */
    double epoch, value;
    double low, high; /* of the steps that the point stands for; value, where it stands for one */
};

/* The metric that is meant, in this history. -1 with *err: no such metric, or no such class in it. */
int metric_parse(const char *text, const struct history *h, struct metric *out, struct err *err);
/* The same in a history as it is now, also another one, whose classes and groups may be others: found by name. false: it has no such class
 * or group. */
bool metric_bind(const struct metric *m, const struct history *h, struct metric *out);
/* The class of that name; first looked for at `index`. -1: none. */
int metric_class(const struct history *h, const char *name, int index);

/* Of a metric that is bound to the history. */
size_t metric_count(const struct metric *m, const struct history *h); /* places of it, measured or not */
/* The point at place i; false: nothing of this metric. Ascending steps, but for points measured later of earlier weights. A value may be
 * infinite, and of a loss NaN, when it was measured and is no number. */
bool metric_point(const struct metric *m, const struct history *h, size_t i, struct metric_point *out);

/* --- the rows of an evaluation and of a spectrum, for tables of everything --- */
int metric_evals(void);
const char *metric_eval_name(int row);
double metric_eval(const struct history_eval *e, int row);
double metric_eig(const struct history_eig *e, int field); /* EV_EIG_LMIN ... of a row METRIC */
enum { METRIC_TRACES = 4 + GAUGES };
extern const char *const metric_trace_name[METRIC_TRACES];
/* What tells a held metric of evaluations step by step. false: there is none. */
bool metric_of_steps(const struct metric *m, struct metric *out);
const struct history_trace *metric_trace(const struct history *h, int row);
/* The i-th bin: its last value, at its last step. */
void metric_bin(const struct history *h, const struct history_trace *t, uint32_t i, struct metric_point *out);

/* Every name that there is in this history, one at a time; a class follows one that ends in ':'. false: no more. */
bool metric_name(const struct history *h, int i, char out[64]);

#endif
