/* session/board.h - event files of TensorBoard: its records and messages, written here. One thread.
 *
 * A file is a sequence of records: u64 length, masked CRC-32C of it, data, masked CRC-32C of them; data are a message Event of protocol buffers.
 * Tags: acc/overall and acc/GROUP, class/CLASS, knob/NAME (lr rho drw), eval/NAME and step/NAME for the other numbers of an evaluation and of a step,
 * METRIC/CLASS (lmin/flower) for what is measured, density/CLASS histograms of spectra, and marks as texts. */
#ifndef SESSION_BOARD_H
#define SESSION_BOARD_H

#include <stdio.h>

#include "base/buf.h"
#include "session/history.h"

struct board {
    FILE *out;               /* borrowed */
    struct history *history; /* borrowed; board_event() folds into it */
    struct buf summary, value, event, part;
    double last_wall;        /* seconds, of what has no time of its own */
    uint64_t n_marks;
};

/* The record that a file begins with. opened_ns: wall clock of the run's beginning. */
void board_begin(struct board *b, FILE *out, struct history *h, uint64_t opened_ns);
/* The next event of the run: folds it, and writes what it tells. Of a long run's steps every so many. */
void board_event(struct board *b, const struct event *e);
/* Tells readers to forget what stands before: the recording went another way. */
void board_restart(struct board *b);
/* -1 with *err: no memory. What could not be written the stream knows. */
int board_end(struct board *b, struct err *err);

/* "events.out.tfevents.SECONDS.saddle": SECONDS of the run's beginning, so that the same run has the same name. */
void board_file_name(uint64_t opened_ns, char *out, size_t size);

#endif
