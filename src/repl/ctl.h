/* repl/ctl.h - `saddle ctl RUN COMMAND`: hands a command to the process that records a run, and tells what came of it. */
#ifndef REPL_CTL_H
#define REPL_CTL_H

#include <stdbool.h>

struct err;

struct ctl {
    const char *dir, *line;
    int timeout_s; /* how long an answer is waited for */
    bool json;     /* a line of JSON for each state instead of the answer's text */
};
/* 0: applied, or it waits for its moment; -1 with *err, also when it was refused. */
int ctl_send(const struct ctl *c, struct err *err);

/* The run can be steered: a process records it. -1 with *err. */
int ctl_check(const char *dir, struct err *err);

#endif
