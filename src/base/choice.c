#include "config.h"
#include "base/choice.h"

#include <string.h>

#include "base/err.h"
#include "base/text.h"

static const char *name_of(const void *rows, size_t size, int i)
{
    const char *name;
    memcpy(&name, (const char *)rows + (size_t)i * size, sizeof name);
    return name;
}

int choice_find(const char *word, const char *what, const void *rows, size_t size, int n, struct err *err)
{
    char known[400] = "";
    for (int i = 0; i < n; i++) {
        const char *name = name_of(rows, size, i);
        if (strcmp(word, name) == 0)
            return i;
        text_append(known, sizeof known, "%s%s", i ? ", " : "", name);
    }
    return err_set(err, ERR_INVALID, "unknown %s '%s'; known: %s", what, word, known);
}
