/* tests/unit/sessions.h - sessions in a temporary folder, for tests: make events and states, write, read back, remove. */
#ifndef UNIT_SESSIONS_H
#define UNIT_SESSIONS_H

#include "engine/event.h"
#include "engine/run/trainer.h"
#include "session/session.h"

/* A fresh folder under $TMPDIR; removed with everything in it by scratch_remove(). */
void scratch_make(char path[256]);
void scratch_remove(const char *path);

struct event *step_event(uint64_t step, double loss);
struct event *note_event(uint64_t step, const char *text);
struct event *data_event(uint64_t steps_per_epoch);

/* A network of as many numbers, in three tensors; rows borrow the layout. */
struct state_layout {
    struct net net;
    struct tensor_info tensor[3];
    struct state_row row[STATE_ROWS_MAX];
};
const struct state_row *layout_rows(struct state_layout *l, size_t n_params, size_t n_stats);
/* A state of n_params + n_stats numbers that depend on the step; a snapshot of such a one. */
struct train_state *make_state(uint64_t step, size_t n_params, size_t n_stats);
struct train_state *load_state(const struct recording *r, int i, size_t n_params, size_t n_stats, struct err *err);

/* Emits and gives the reference away. */
void send_event(const struct event_sink *sink, struct event *e);

#endif
