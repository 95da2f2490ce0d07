/* session/fold.h - the parts of the history fold. */
#ifndef SESSION_FOLD_H
#define SESSION_FOLD_H

#include "session/history.h"

/* A value of a step. Steps that were seen are ignored; steps left out stay unknown. false: no memory. */
bool trace_add(struct history_trace *t, uint64_t step, float value);
void trace_cut(struct history_trace *t, uint64_t step); /* forgets what is after `step`; a wide bin keeps its extremes */
void trace_release(struct history_trace *t);

/* --- fold_probe.c: spectra --- */
void fold_eig(struct history *h, const struct event *e);
void fold_live(struct history *h, const struct event *progress);
void fold_answer(struct history *h, const struct event *e);
void fold_drop_live(struct history *h);
void fold_drop_probes(struct history *h, uint64_t after, bool all); /* of weights after that step; or all */

uint64_t fold_weights(const struct event *e, const struct event_field *of); /* the step of what was probed: none of the future */

/* --- fold_result.c: what is measured besides, by the rows of events.def --- */
void fold_result(struct history *h, const struct event *e);
void fold_drop_results(struct history *h, uint64_t after, bool all);

/* --- fold_lines.c: what is said about events --- */
void fold_line(struct history *h, const struct event *e, double epoch, char level, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void fold_mark(struct history *h, const struct event *e, double epoch, char letter, bool by_hand, const char *text);
/* Forgets the mark of the snapshot of this step, if there is one. */
void fold_unmark(struct history *h, const struct event *e, uint64_t step);
void fold_say_eval(struct history *h, const struct event *e);   /* before the evaluation is added */
void fold_say_eig(struct history *h, const struct history_eig *eig, const struct event *e);
void fold_say_result(struct history *h, const struct measure_info *m, const struct history_result *r, const struct event *e);
void fold_command(struct history *h, const struct event *e);
void fold_short(double value, char out[24]);                    /* a number for people: three digits, "-" for none */
uint64_t fold_wall(const struct history *h, const struct event *e);

/* Room for one more item of a growing array; NULL and h->failed on no memory. */
void *fold_grow(struct history *h, void *items, size_t n, size_t size);

#endif
