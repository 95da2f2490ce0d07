#include "config.h"
#include "tui/keys.h"

#include <string.h>

#include "base/buf.h"
#include "tui/input.h"

const char *const key_group_names[KEYS_GROUPS] = { "MOVE", "VIEW", "RUN", "LOOK", "PROMPT" };

const struct action_info action_table[ACTION_COUNT] = {
#define ACTION(id, group, keys, help, order, hint) [ACTION_##id] = { KEYS_##group, keys, help, hint, order },
#define BIND(code, id)
#define ALWAYS(code, id)
#include "tui/keys.def"
#undef ACTION
#undef BIND
#undef ALWAYS
};

const char *const key_line[LINE_COUNT] = {
#define ACTION(...)
#define BIND(...)
#define ALWAYS(...)
#define LINE(id, text) text,
#include "tui/keys.def"
#undef ACTION
#undef BIND
#undef ALWAYS
};

static const struct binding {
    uint32_t code;
    enum action action;
    bool always;
} bindings[] = {
#define ACTION(id, group, keys, help, order, hint)
#define BIND(code, id) { (uint32_t)(code), ACTION_##id, false },
#define ALWAYS(code, id) { (uint32_t)(code), ACTION_##id, true },
#include "tui/keys.def"
#undef ACTION
#undef BIND
#undef ALWAYS
};

enum action key_action(uint32_t code, bool at_prompt)
{
    for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++)
        if (bindings[i].code == code && (bindings[i].always || !at_prompt))
            return bindings[i].action;
    return ACTION_NONE;
}

enum action hint_action(int order)
{
    for (int i = 1; i < ACTION_COUNT; i++)
        if (action_table[i].order == order)
            return (enum action)i;
    return ACTION_NONE;
}

/* Keys of a screen beside the table's, as shown: what they do there. */
static const struct own_keys {
    const char *keys, *help;
} replay_keys[] = {
    { "Space", "play or stop" },
    { "Left Right", "evaluation before, next" },
    { "[ ]", "mark before, next" },
    { ", .", "event before, next" },
    { "< >", "slower, faster" },
    { "g Home End", "go to an epoch, to the begin, to the end" },
    { "l", "back to the live run" },
}, compare_keys[] = {
    { "r R", "highlight the next run, the one before" },
    { "t T", "next metric, the one before" },
    { "Left Right", "an epoch before, next" },
    { ", .", "value of the metric before, next" },
    { "[ ]", "mark of any run before, next" },
    { "g Home End", "go to an epoch, to the begin, to the end" },
    { "x", "curves from the first fork on, or all of them" },
    { "v", "densities or classes, where there is no room for both" },
    { "Enter", "replay of the highlighted run at this epoch" },
    { "F", "fill the prompt: fork it there" },
    { "Esc l q", "leave the comparison" },
};

static const struct own_section {
    const char *name;
    const struct own_keys *key;
    size_t n;
} own_sections[KEYS_SCREENS] = {
    [KEYS_REPLAY] = { "REPLAY", replay_keys, sizeof replay_keys / sizeof *replay_keys },
    [KEYS_COMPARE] = { "COMPARE", compare_keys, sizeof compare_keys / sizeof *compare_keys },
};

bool key_is_idle(enum keys_screen screen, enum action action)
{
    return screen == KEYS_COMPARE &&
           (action == ACTION_WATCH || action == ACTION_HESSIAN || action == ACTION_SORT || action == ACTION_SORT_BACK || action == ACTION_REVERSE ||
            action == ACTION_RESORT || action == ACTION_FILTER || action == ACTION_LOG_Y || action == ACTION_SNAP_BACK || action == ACTION_SNAP_NEXT);
}

static bool has_word(const char *words, const char *word, size_t n)
{
    for (const char *p = words; *p; p += strspn(p, " ")) {
        const size_t length = strcspn(p, " ");
        if (length == n && strncmp(p, word, n) == 0)
            return true;
        p += length;
    }
    return false;
}

static bool is_own(const struct own_section *o, const char *word, size_t n)
{
    for (size_t i = 0; i < o->n; i++)
        if (has_word(o->key[i].keys, word, n))
            return true;
    return false;
}

/* An action with those of its keys that the screen does not use for something else; nothing without any. */
static void action_help(const struct action_info *a, const struct own_section *o, struct buf *out)
{
    struct buf keys = { 0 };
    for (const char *p = a->keys; *p; p += strspn(p, " ")) {
        const size_t n = strcspn(p, " ");
        if (!is_own(o, p, n))
            buf_addf(&keys, "%s%.*s", keys.data ? " " : "", (int)n, p);
        p += n;
    }
    if (keys.data)
        buf_addf(out, "  %-10s %s\n", keys.data, a->help);
    buf_release(&keys);
}

static void own_help(const struct own_section *o, struct buf *out)
{
    buf_addf(out, "%s\n", o->name);
    for (size_t i = 0; i < o->n; i++)
        buf_addf(out, "  %-10s %s\n", o->key[i].keys, o->key[i].help);
    buf_addc(out, '\n');
}

void keys_help_own(enum keys_screen screen, struct buf *out)
{
    if (screen != KEYS_RUN_SCREEN)
        own_help(&own_sections[screen], out);
}

void keys_help(enum keys_screen screen, struct buf *out)
{
    for (int g = 0; g < KEYS_GROUPS; g++) {
        buf_addf(out, "%s\n", key_group_names[g]);
        for (int i = 1; i < ACTION_COUNT; i++)
            if ((int)action_table[i].group == g && !key_is_idle(screen, (enum action)i))
                action_help(&action_table[i], &own_sections[screen], out);
        buf_addc(out, '\n');
    }
    for (int i = KEYS_REPLAY; i < KEYS_SCREENS; i++)
        if (i != (int)screen)
            own_help(&own_sections[i], out);
    buf_adds(out, "at the prompt: `help` lists the commands, `help VERB` explains one\n");
}
