/* engine/operations.h - what can be asked of a run: the rows of operations.def. Constant; any thread. */
#ifndef ENGINE_OPERATIONS_H
#define ENGINE_OPERATIONS_H

#include <stdbool.h>

enum command_op {
#define OPERATION(id, ...) COMMAND_##id,
#include "engine/operations.def"
#undef OPERATION
    COMMAND_OPS
};

enum operation_flags {
    OP_LOOKS = 1,
    OP_MEASURES = 2,
    OP_WEIGHTS = 4,
    OP_NEWS = 8,
    OP_AT_ONCE = 16,
    OP_REPEATED = 32,
    OP_REDONE = 64,
    OP_LISTED = 128,
    OP_FILE = 256,
    OP_SETS = 512,
    OP_WATCHES = 1024,
    OP_UNWATCHES = 2048,
    OP_WATCHED = 4096,
    OP_WITHDRAWS = 8192,
    OP_ENDS = 16384,
    OP_KEEPS = 32768
};

struct operation { /* one row */
    const char *word;
    int result, of, which; /* enum event_kind, or -1: none; its fields with the step of the weights, and the class or kind */
    int flags;
};
extern const struct operation operation_table[COMMAND_OPS];

/* Does its row have one of these flags? op -1: no. */
static inline bool operation_is(int op, int flags)
{
    return op >= 0 && operation_table[op].flags & flags;
}

int operation_find(const char *word);  /* as the journal says it; -1: none */
int operation_with_result(int event);  /* the one that this kind of event is a result of; -1: none */

#endif
