/* repl/combinations.h - which loss, optimiser and second stage train together, with everything else as by default. */
#ifndef REPL_COMBINATIONS_H
#define REPL_COMBINATIONS_H

#include "engine/knobs.h"

struct buf;
struct err;

/* The knobs of a combination of choices by their places, and whether `train` accepts them: -1 with *err. */
int combination_check(int loss, int opt, int stage, struct knobs *k, struct err *err);
int combination_stages(void); /* choices of `stage`, none among them */

/* A line for each loss: how many optimisers are accepted with each stage; then their numbers. refused: a line for each that is refused. */
void combinations_table(struct buf *out, struct buf *refused);

#endif
