/* Commands in the journal: before they take effect, and without the folders of this machine. */
#include "config.h"
#include "engine/trainer_private.h"

#include <string.h>

/* Bytes of the folder before the name of the file that a command writes. */
static size_t folder_of(const struct command *c)
{
    const char *slash = c->op == COMMAND_HESSIAN ? strrchr(c->text, '/') : NULL;
    return slash ? (size_t)(slash - c->text) + 1 : 0;
}

void trainer_hide_folder(const struct command *c, char *text)
{
    size_t n = folder_of(c);
    for (char *at = text; n && (at = strstr(at, c->text)); at += strlen(c->text) - n)
        memmove(at, at + n, strlen(at + n) + 1);
}

/* Nothing takes effect before it is recorded; a recorder that cannot write says so and holds the event until it can. */
void trainer_journal(struct trainer *t, const struct command *c, const char *op, const char *key, const char *value,
                     const char *old, const char *bits, uint64_t id)
{
    struct err err;
    char own[COMMAND_TEXT_MAX * 2];
    struct event *e = t->quiet ? NULL : event_new(EVENT_CMD, t->step);
    if (!e)
        return;
    trainer_command_text(c, c->when != WHEN_NOW, own, sizeof own);
    trainer_hide_folder(c, own);
    event_set_str(e, EV_CMD_TXT, c->typed[0] && !folder_of(c) ? c->typed : own);
    event_set_str(e, EV_CMD_OP, op);
    event_set_str(e, EV_CMD_KEY, key);
    event_set_str(e, EV_CMD_VALUE, value);
    event_set_str(e, EV_CMD_OLD, old);
    event_set_str(e, EV_CMD_BITS, bits);
    event_set_str(e, EV_CMD_BY, c->by ? c->by : "user");
    event_set_f64(e, EV_CMD_EP, trainer_epoch(t));
    event_set_u64(e, EV_CMD_ID, id);
    trainer_emit(t, e);
    if (event_hub_sync(&t->hub, &err) < 0)
        trainer_say(t, "warning", "'%s' is not on disk yet: %s", own, err.text);
}
