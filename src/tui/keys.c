#include "config.h"
#include "tui/keys.h"

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

void keys_help(struct buf *out)
{
    for (int g = 0; g < KEYS_GROUPS; g++) {
        buf_addf(out, "%s%s\n", g ? "\n" : "", key_group_names[g]);
        for (int i = 1; i < ACTION_COUNT; i++)
            if ((int)action_table[i].group == g)
                buf_addf(out, "  %-10s %s\n", action_table[i].keys, action_table[i].help);
    }
    buf_adds(out, "\nREPLAY\n"
                  "  Space      play or stop\n"
                  "  Left Right evaluation before, next\n"
                  "  [ ]        mark before, next\n"
                  "  , .        event before, next\n"
                  "  < >        slower, faster\n"
                  "  g          go to an epoch\n"
                  "  l          back to the live run\n"
                  "\nCOMPARE\n"
                  "  r R        highlight the next run, the one before\n"
                  "  t T        next metric, the one before\n"
                  "  Left Right an epoch before, next\n"
                  "  , .        value of the metric before, next\n"
                  "  [ ]        mark of any run before, next\n"
                  "  g Home End go to an epoch, to the begin, to the end\n"
                  "  x          curves from the first fork on, or all of them\n"
                  "  v          densities or classes, where there is no room for both\n"
                  "  Enter      replay of the highlighted run at this epoch\n"
                  "  F          fill the prompt: fork it there\n"
                  "  Esc l q    leave the comparison\n"
                  "\nat the prompt: `help` lists the commands, `help VERB` explains one\n");
}
