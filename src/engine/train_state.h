/* engine/train_state.h - everything that a run needs to go on exactly, as plain host memory: what an event carries to whoever records it, and
 * a snapshot gives back. Any thread; whoever holds it owns it.
 *
 * The vectors that a run keeps are a table. Its rows say what they are called and how they are laid out; capture, snapshots and restore
 * read it, so that who needs one more vector adds a row (train_state_rows()) and says where it lies (vectors_of() of engine/run/learner.c). */
#ifndef ENGINE_TRAIN_STATE_H
#define ENGINE_TRAIN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/rho_auto.h"
#include "kernels/net.h"

enum state_owner { STATE_OF_RUN, STATE_OF_STAGE, STATE_OF_OPTIMISER }; /* who keeps it: every run; a second stage; an optimiser that says so */
enum state_dtype { STATE_F32, STATE_I32 }; /* 4 bytes each */
enum { STATE_PARAMS, STATE_MOMENTUM, STATE_STATS, STATE_SCALED, STATE_SCALES, STATE_SCALES_MOMENTUM };
enum { STATE_ROWS_MAX = 8, STATE_NAME_MAX = 96, STATE_RANK_MAX = 4 };

struct state_row { /* what is expected of a vector; borrows */
    const char *prefix;   /* before the name of each of its tensors; "": they are the weights, called as PyTorch calls them */
    const char *flat;     /* its name in snapshots of before, which held one tensor a vector; NULL: it is younger */
    enum state_dtype dtype;
    const struct tensor_table *tensors;
    int from, n;          /* of the table: so many tensors from there on; n 0: all */
    const char *name;     /* not NULL: of its only tensor, in place of prefix and the table's name */
    enum state_owner of;  /* a snapshot has all vectors of an owner that is not the run, or none */
};
/* The rows of a run of this network: parameters, momentum, running statistics, in this order. Returns how many. */
int train_state_rows(const struct net *net, struct state_row rows[STATE_ROWS_MAX]);
/* The same, what stage lws keeps beside them, where the classifier is plain (the classifier that is scaled, its scales s [classes], their
 * momentum; parameters hold the scaled one), and last the vector of an optimiser that keeps one: all that a snapshot may hold. */
int train_state_all_rows(const struct net *net, struct state_row rows[STATE_ROWS_MAX]);

struct state_tensor { /* a part of a vector, with the name it has in a file; they follow each other without holes */
    char name[STATE_NAME_MAX]; /* "layer1.0.conv1.weight", "momentum/layer1.0.conv1.weight" */
    int rank;
    uint64_t dims[STATE_RANK_MAX];
    size_t first, count;       /* in numbers */
};

struct state_vector {
    const char *flat; /* as in its row; a literal */
    enum state_dtype dtype;
    int n_tensors;
    struct state_tensor *tensor;
    size_t n;         /* numbers */
    void *data;       /* float or int32_t */
    enum state_owner of; /* as in its row */
};

/* The contents of a snapshot. Heap; train_state_free() frees. */
struct train_state {
    uint64_t step;              /* optimiser steps done */
    int n_vectors;
    struct state_vector vector[STATE_ROWS_MAX];
    double best, best_epoch;    /* accuracy %, epochs; best < 0: none yet */
    double epoch_loss, epoch_correct; /* sums over the running epoch's steps so far, for train_loss and train_acc */
    uint64_t epoch_images;
    char **class_losses;        /* of its steps, "sum images" of each class, NULL-terminated; NULL: an epoch begins, or nobody knows */
    struct rho_auto rho_auto;   /* what `set rho auto` knows from its looks */
    double grad_norm, rho;      /* of the step just done, for the amplification of probes; NaN: not known, or without SAM */
    bool finite;
    char **knobs;               /* name=value of every run knob in force, NULL-terminated */
    char **pending;             /* text of commands still waiting ("set rho 0.8 at epoch 170"), NULL-terminated */
    char **watched;             /* class indices as text, NULL-terminated */
};
/* A state with room for these vectors, all zero. NULL: no memory. */
struct train_state *train_state_new(const struct state_row *rows, int n);
void train_state_free(struct train_state *state); /* NULL allowed */
void train_state_drop(struct train_state *state, enum state_owner of); /* its vectors */
size_t train_state_bytes(const struct train_state *state); /* of all vectors */
/* SHA-256 (hex, 65 bytes with NUL) over params, momentum, stats and step, little-endian; then over further vectors. */
void train_state_hash(const struct train_state *state, char out[65]);

#endif
