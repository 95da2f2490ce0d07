#include "config.h"
#include "engine/run/trainer.h"

#include <stdlib.h>
#include <string.h>

static size_t text_bytes(const char *text)
{
    return (text ? strlen(text) : 0) + 1;
}

size_t command_extra(const struct command *c)
{
    const size_t bytes = sizeof *c->classes * (size_t)c->n_classes + text_bytes(c->text) + text_bytes(c->direction) + text_bytes(c->typed);
    return (bytes + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
}

/* `from` at *end; *end moves on. */
static const char *put_text(char **end, const char *from)
{
    char *to = *end;
    *end += text_bytes(from);
    return memcpy(to, from ? from : "", text_bytes(from));
}

void command_pack(struct command *to, const struct command *from, void *extra)
{
    const size_t bytes = sizeof *from->classes * (size_t)from->n_classes;
    char *end = (char *)extra + bytes;
    *to = *from;
    to->classes = bytes ? memcpy(extra, from->classes, bytes) : NULL;
    to->text = put_text(&end, from->text);
    to->direction = put_text(&end, from->direction);
    to->typed = put_text(&end, from->typed);
}

struct command *command_copy(const struct command *c)
{
    struct command *copy = malloc(sizeof *copy + command_extra(c));
    if (copy)
        command_pack(copy, c, copy + 1);
    return copy;
}
