/* session/fold.h - the parts of the history fold. */
#ifndef SESSION_FOLD_H
#define SESSION_FOLD_H

#include "session/history.h"

/* A value of a step. Steps that were seen are ignored; steps left out stay unknown. false: no memory. */
bool trace_add(struct history_trace *t, uint64_t step, float value);
void trace_cut(struct history_trace *t, uint64_t step); /* forgets what is after `step`; a wide bin keeps its extremes */
void trace_release(struct history_trace *t);

/* --- fold_probe.c: what is measured of curvature --- */
void fold_eig(struct history *h, const struct event *e);
void fold_cnc(struct history *h, const struct event *e);
void fold_slice(struct history *h, const struct event *e);
void fold_reading(struct history *h, const struct event *e); /* fold_reading.c */
void fold_drop_readings(struct history *h, uint64_t after, bool all);
void fold_live(struct history *h, const struct event *progress);
void fold_answer(struct history *h, const struct event *e);
void fold_drop_live(struct history *h);
void fold_drop_probes(struct history *h, uint64_t after, bool all); /* of weights after that step; or all */

/* --- fold_lines.c: what is said about events --- */
void fold_line(struct history *h, const struct event *e, double epoch, char level, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void fold_mark(struct history *h, const struct event *e, double epoch, char letter, bool by_hand, const char *text);
/* Forgets the mark of the snapshot of this step, if there is one. */
void fold_unmark(struct history *h, const struct event *e, uint64_t step);
void fold_say_eval(struct history *h, const struct event *e);   /* before the evaluation is added */
void fold_say_eig(struct history *h, const struct history_eig *eig, const struct event *e);
void fold_say_cnc(struct history *h, const struct history_cnc *cnc, const struct event *e);
void fold_say_slice(struct history *h, const struct history_slice *slice, const struct event *e);
void fold_command(struct history *h, const struct event *e);
void fold_short(double value, char out[24]);                    /* a number for people: three digits, "-" for none */
uint64_t fold_wall(const struct history *h, const struct event *e);

/* Room for one more item of a growing array; NULL and h->failed on no memory. */
void *fold_grow(struct history *h, void *items, size_t n, size_t size);

#endif
