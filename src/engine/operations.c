#include "config.h"
#include "engine/operations.h"

#include <string.h>

#include "engine/event.h"

#define RESULT(event, field) EVENT_##event, EV_##event##_OF, EV_##event##_##field
#define NO_RESULT -1, 0, 0

const struct operation operation_table[COMMAND_OPS] = {
#define OPERATION(id, word, handler, words, result, flags) [COMMAND_##id] = { word, result, flags },
#include "engine/operations.def"
#undef OPERATION
};

int operation_find(const char *word)
{
    for (int i = 0; i < COMMAND_OPS; i++)
        if (word[0] && strcmp(operation_table[i].word, word) == 0)
            return i;
    return -1;
}

int operation_with_result(int event)
{
    for (int i = 0; i < COMMAND_OPS; i++)
        if (operation_table[i].result == event)
            return i;
    return -1;
}
