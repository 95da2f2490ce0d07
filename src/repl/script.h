/* repl/script.h - a recorded run as a script that repeats it. What the recording says is a stranger's: every word is a known knob, a number
 * or quoted, and what cannot be said safely is named in the first line as missing. One thread. */
#ifndef REPL_SCRIPT_H
#define REPL_SCRIPT_H

#include <stdio.h>

struct err;
struct recording;

/* -1 with *err: the recording says no configuration, or no memory. */
int script_put(FILE *out, const struct recording *r, struct err *err);

#endif
