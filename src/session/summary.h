/* session/summary.h - a table of results for a paper: a line for each method, accuracy of all classes and of each group, with mean and deviation
 * where a method has several seeds. Pure. */
#ifndef SESSION_SUMMARY_H
#define SESSION_SUMMARY_H

#include <stdio.h>

#include "session/history.h"

struct err;

struct summary_run {
    const struct history *history; /* of its whole recording */
    const char *name, *method;     /* what it is called; what its method is called */
};

/* booktabs rows, or with `markdown` a table of Markdown. Runs whose knobs are the same but for the seed are one line. -1 with *err: a run without an
 * evaluation, or with other groups than the first. */
int summary_put(FILE *out, const struct summary_run *run, int n, bool markdown, struct err *err);

#endif
