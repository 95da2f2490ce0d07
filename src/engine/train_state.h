/* engine/train_state.h - everything that a run needs to go on exactly, as plain host memory: what an event carries to whoever records it, and
 * a snapshot gives back. Any thread; whoever holds it owns it. */
#ifndef ENGINE_TRAIN_STATE_H
#define ENGINE_TRAIN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a snapshot holds. Heap; train_state_free() frees. */
struct train_state {
    uint64_t step;              /* optimiser steps done */
    size_t n_params, n_stats;
    float *params, *momentum, *stats;
    double best, best_epoch;    /* accuracy %, epochs; best < 0: none yet */
    double epoch_loss, epoch_correct; /* sums over the running epoch's steps so far, for train_loss and train_acc */
    uint64_t epoch_images;
    double grad_norm, rho;      /* of the step just done, for the amplification of probes; NaN: not known, or without SAM */
    bool finite;
    char **knobs;               /* name=value of every run knob in force, NULL-terminated */
    char **pending;             /* text of commands still waiting ("set rho 0.8 at epoch 170"), NULL-terminated */
    char **watched;             /* class indices as text, NULL-terminated */
};
void train_state_free(struct train_state *state); /* NULL allowed */
/* SHA-256 (hex, 65 bytes with NUL) over params, momentum, stats and step, little-endian. */
void train_state_hash(const struct train_state *state, char out[65]);

#endif
