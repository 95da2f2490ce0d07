/* tui/keys.h - the table of keys (keys.def) as data. */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

enum action {
    ACTION_NONE,
#define ACTION(id, group, keys, help, order, hint) ACTION_##id,
#define BIND(code, id)
#define ALWAYS(code, id)
#include "tui/keys.def"
#undef ACTION
#undef BIND
#undef ALWAYS
    ACTION_COUNT
};
enum key_line {
#define ACTION(...)
#define BIND(...)
#define ALWAYS(...)
#define LINE(id, text) LINE_##id,
#include "tui/keys.def"
#undef ACTION
#undef BIND
#undef ALWAYS
    LINE_COUNT
};
enum key_group { KEYS_MOVE, KEYS_VIEW, KEYS_RUN, KEYS_LOOK, KEYS_PROMPT, KEYS_GROUPS };

struct action_info {
    enum key_group group;
    const char *keys, *help, *hint;
    int order;
};
extern const struct action_info action_table[ACTION_COUNT];
extern const char *const key_group_names[KEYS_GROUPS];
extern const char *const key_line[LINE_COUNT];

/* The action of a key; at_prompt: only those that work while typing. */
enum action key_action(uint32_t code, bool at_prompt);

/* Action at place `order` of the hint row (1, 2, ...), or ACTION_NONE. */
enum action hint_action(int order);

/* What is shown, and with it what keys do. */
enum keys_screen { KEYS_RUN_SCREEN, KEYS_REPLAY, KEYS_COMPARE, KEYS_SCREENS };

/* An action on a class or a view that the screen does not show. */
bool key_is_idle(enum keys_screen screen, enum action action);

/* The text of the help overlay: the screen's own keys, which go first, and all others. A key is told where it does what is told. */
void keys_help_own(enum keys_screen screen, struct buf *out);
void keys_help(enum keys_screen screen, struct buf *out);

#endif
