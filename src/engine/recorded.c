#include "config.h"
#include "engine/recorded.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

bool recorded_read(const struct event *e, struct recorded *out)
{
    if (e->kind != EVENT_CMD)
        return false;
    *out = (struct recorded){ .word = event_text(e, EV_CMD_OP), .key = event_text(e, EV_CMD_KEY), .text = event_text(e, EV_CMD_TXT), .by = event_text(e, EV_CMD_BY),
                              .value = e->f[EV_CMD_VALUE].s, 
                              .old = e->f[EV_CMD_OLD].s, .why = e->f[EV_CMD_WHY].s, .step = e->step, .id = e->f[EV_CMD_ID].u,
                              .epoch = e->f[EV_CMD_EP].f, .knob = -1 };
    out->op = operation_find(out->word);
    out->waits = strcmp(out->word, RECORDED_WAITS) == 0;
    out->scheduled = strcmp(out->by, "schedule") == 0;
    out->automatic = strcmp(out->by, RECORDED_AUTO) == 0;
    out->repeated = strcmp(out->by, "roll") == 0;
    if (operation_is(out->op, OP_SETS) || out->waits)
        out->knob = knob_find(out->key, NULL);
    out->undo = operation_is(out->op, OP_SETS) && strcmp(out->text, RECORDED_UNDO) == 0;
    return true;
}

int recorded_value(const struct recorded *r, struct knob_value *out, struct err *err)
{
    if (r->knob < 0)
        return knob_find(r->key, err);
    if (!r->value)
        return err_set(err, ERR_DATA, "the value of %s is missing", r->key);
    return knob_parse((enum knob_id)r->knob, r->value, out, err);
}

bool recorded_class(const char **list, unsigned long *class_index)
{
    char *end;
    *class_index = strtoul(*list, &end, 10);
    if (end == *list)
        return false;
    *list = end + strspn(end, " ,");
    return true;
}

bool recorded_names_classes(const struct recorded *r)
{
    enum { WHOLE = 1000 }; /* bytes: a list that may have been cut is longer */
    return r->key[0] && strlen(r->key) < WHOLE && !r->key[strspn(r->key, "0123456789 ")];
}
