/* tests/unit/heard.h - what a workbench says, line by line; a test clears and releases it. */
#ifndef TESTS_UNIT_HEARD_H
#define TESTS_UNIT_HEARD_H

#include "base/buf.h"
#include "repl/workbench.h"

static struct buf said;

static inline void hear(void *ctx, enum say_level level, const char *line, int caret)
{
    (void)ctx, (void)level, (void)caret;
    buf_addf(&said, "%s\n", line);
}

#endif
