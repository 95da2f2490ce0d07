/* repl/commands.h - the table of commands and the grammar that turns words into a checked call.
 *
 *   command = verb { word } { --option[=value] } [ when ]
 *   when    = "at" ("epoch"|"step") N | "in" N ("epochs"|"steps") | "if" METRIC (">"|"<") NUMBER
 *
 * Words in quotes are never options or part of a when-clause; "--" ends the options. Where a path or a run is expected (and as the value of
 * a knob that is a path) a leading ~ or ~USER that is not quoted becomes the home folder. Any thread. */
#ifndef REPL_COMMANDS_H
#define REPL_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "repl/lex.h"

struct err;
struct workbench;
struct call;
struct command;

enum command_group { GROUP_SETUP, GROUP_RUN, GROUP_KNOBS, GROUP_LOOK, GROUP_SESSIONS, GROUP_OUT, GROUP_SHELL, N_COMMAND_GROUPS };
extern const char *const command_group_name[N_COMMAND_GROUPS];

enum command_flags {
    F_WHEN = 1,
    F_SETUP = 2,
    F_CHANGES = 4,
    F_RC = 8,
    F_SCREEN = 16,
    F_RECIPE = 32,
    F_RECORDED = 64,
    F_STEERS = 128,
    F_STARTS = 256,
    F_DATA = 512,
    F_OUTSIDE = 1024
};

struct command_info { /* one row of commands.def */
    const char *verb;
    enum command_group group;
    int min, max;
    const char *usage, *arguments, *options;
    int flags;
    const char *help, *text;
    int (*run)(struct workbench *w, struct call *c, struct err *err);
    int (*build)(struct workbench *w, struct call *c, struct command *out, struct err *err); /* NULL: no run is asked */
    int op; /* enum command_op, or -1 */
};
extern const struct command_info command_table[];
extern const int n_commands;

/* The row of a verb. With `prefix` a unique beginning is enough. NULL: *err says unknown (and what was perhaps meant)
 * or ambiguous (and what it could be). */
const struct command_info *command_find(const char *verb, bool prefix, struct err *err);

/* The kind of the command's option of this name: 0 a switch, 1 it takes a value, -1 unknown. */
int command_option_kind(const struct command_info *info, const char *name, size_t n);

/* --- a parsed command --- */
enum when_kind { AT_ONCE, AT_EPOCH, AT_STEP, IN_EPOCHS, IN_STEPS, IF_METRIC };
struct when {
    enum when_kind kind;
    double value;    /* epoch, step, how many, or the threshold */
    char metric[32];
    bool above;      /* > */
};

enum { CALL_MAX_WORDS = 512, CALL_MAX_OPTIONS = 16, CALL_MAX_CLASSES = 1024 };
struct call_option {
    const char *name, *value; /* value NULL for a switch */
    bool tilde;               /* the value begins with a ~ that is not quoted */
    int start, end;           /* bytes of the line, for the caret */
};
struct call {
    const struct command_info *info;
    int n;                                /* words after the verb, options and when-clause taken out */
    struct word word[CALL_MAX_WORDS];
    int n_options;
    struct call_option option[CALL_MAX_OPTIONS];
    struct when when;
    char typed[1024];                     /* the command as it was typed, cut at its size */
    char home[4096];                      /* words that began with ~, as paths */
    char joined[1024];                    /* what a builder made of its words: a text; classes */
    int classes[CALL_MAX_CLASSES];
    unsigned home_used;
    bool interactive;
    int bad_start, bad_end;               /* bytes of the line an error is about; start < 0: none in particular */
};

/* Cuts one command's words into *c and checks them against their row: number of words, known options, the when-clause.
 * The call borrows the words' text. -1 with *err and c->bad_* set. */
int call_parse(struct call *c, const struct command_info *info, const struct word *words, int n, struct err *err);

/* Reads a trailing when-clause off words[0..*n); *n shrinks by what it took. */
int when_parse(struct when *out, const struct word *words, int *n, int *bad, struct err *err);

/* "tail > 70" or "tail>70" as the words of a condition; *bad: the word that is wrong. */
int condition_parse(struct when *out, const struct word *words, int n, int *bad, struct err *err);

bool call_has(const struct call *c, const char *option);
const char *call_value(const struct call *c, const char *option); /* NULL when not given */
/* err_set() results passed through, with the caret on word i (or on an option). Always -1. */
int call_bad(struct call *c, int i);
int call_bad_option(struct call *c, const char *option);

/* A number in low..high (a whole one); -1 with *err "WHAT 'text' is not ...". Takes 1e3 and 50%. */
int word_number(const char *text, const char *what, double low, double high, double *out, struct err *err);
int word_whole(const char *text, const char *what, long low, long high, long *out, struct err *err);
/* The same of an option, when it is given: `what` is its name, with dashes if they are to be said. */
int call_whole(struct call *c, const char *what, long low, long high, long *out, struct err *err);

/* May this be carried out because a recording says so? Its row allows it and it names no file. Whatever takes commands from a
 * recording asks this. */
bool call_may_be_recorded(const struct call *c);

/* A word or an option of it is a file, or a recorded run. */
bool call_names_file(const struct call *c);

/* Words of a command joined by one blank, from word i on. */
void call_join(const struct call *c, int i, char *out, unsigned size);

/* --- classes --- */
struct class_names {  /* what classes there are; borrowed */
    int n, n_groups;
    const char *(*name)(const void *ctx, int i);
    int (*group)(const void *ctx, int i);
    const char *(*group_name)(const void *ctx, int g);
    double (*acc)(const void *ctx, int i); /* last accuracy, NaN when there is none */
    const void *ctx;
};
/* Adds the classes `text` names to set[n] (true = named). index | name | a..b | cA..cB | a,b,c | head mid tail | all |
 * worst:K. -1 with *err. */
int classes_parse(const struct class_names *names, const char *text, bool *set, struct err *err);

#endif
