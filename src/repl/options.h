/* repl/options.h - the command line. Pure: reads argv, writes a struct. */
#ifndef REPL_OPTIONS_H
#define REPL_OPTIONS_H

#include <stdbool.h>

#include "repl/headless.h"

struct err;
struct buf;

/* ACTION(id, word, least and most arguments, usage, help) */
#define ACTIONS(ACTION) \
    ACTION(PROMPT, "", 0, 0, "", "the screen when stdin and stdout are terminals, else commands from stdin") \
    ACTION(RUN, "run", 1, 1, "FILE", "run a script, wait for the end of the run") \
    ACTION(RESUME, "resume", 1, 1, "RUN[@EPOCH]", "go on from the last snapshot") \
    ACTION(FORK, "fork", 1, 2, "RUN[@POINT] [NAME]", "make a new run that goes on from any moment of a recorded one") \
    ACTION(REPLAY, "replay", 1, 1, "RUN[@EPOCH]", "look at a recorded run") \
    ACTION(VIEW, "view", 1, 1, "RUN", "follow a run that another process records, read-only") \
    ACTION(ATTACH, "attach", 1, 1, "RUN", "take a run over that another process records: its screen, from where it is steered") \
    ACTION(CTL, "ctl", 2, 8, "RUN COMMAND", "hand a command to the process that records a run, and print its answer") \
    ACTION(SESSIONS, "sessions", 0, 1, "[PATTERN]", "list recorded runs") \
    ACTION(INFO, "info", 1, 1, "RUN", "what is known about a run") \
    ACTION(COMPARE, "compare", 1, 8, "RUN RUN...", "lay recorded runs beside each other") \
    ACTION(SWEEP, "sweep", 0, 8, "KNOB=V,V,... ... | NAME [--resume]", "train every combination of some knobs' values, and rank them") \
    ACTION(REPRODUCE, "reproduce", 1, 1, "TABLE|FIGURE", "run rows of the paper's tables and figures, its numbers beside ours") \
    ACTION(VERIFY, "verify", 1, 1, "RUN", "check every checksum of a run") \
    ACTION(CAT, "cat", 1, 1, "RUN", "print the verified events of a run as JSON Lines") \
    ACTION(EXPORT, "export", 3, 66, "csv|jsonl|script|tex|md|tensorboard|svg|png|safetensors|bundle PATH RUN[@EPOCH]...", "write a run to a file") \
    ACTION(IMPORT, "import", 1, 2, "FILE [NAME]", "make a session of a packed one") \
    ACTION(COMPLETION, "completion", 1, 1, "bash|zsh|fish", "print a completion script for a shell") \
    ACTION(DOCTOR, "doctor", 0, 0, "", "what can compute here: devices, driver and libraries found and missing")

enum program_action {
#define ACTION_ENUM(id, ...) ACTION_##id,
    ACTIONS(ACTION_ENUM)
#undef ACTION_ENUM
    ACTION_COUNT, ACTION_COMMANDS = ACTION_COUNT, ACTION_SHORT_HELP, ACTION_HELP, ACTION_VERSION, ACTION_DUMP_MAN, ACTION_CANDIDATES
};
struct program_action_info {
    const char *word, *usage, *help;
    int min, max;
};
extern const struct program_action_info program_actions[ACTION_COUNT];

struct option_info {
    const char *name, *argument, *help;
    int letter;
};
extern const struct option_info option_table[];
extern const int n_option_table;

struct program { /* what the command line asks for; strings point into argv or the environment */
    const char *name; /* argv[0]: as it was called */
    enum program_action action;
    const char *const *typed; /* of ACTION_CANDIDATES: the words of a line that a shell completes */
    int n_typed;
    const char *argument[66];
    int n_arguments;
    struct {
        const char *name, *value; /* "--what"; the name may go on with "=VALUE"; value NULL: of a switch, or it is behind the = */
    } option[16];                  /* of the command that the sub-command is */
    int n_options;
    const char *commands, *before; /* -c, --do */
    const char *config, *sessions, *root, *device, *color, *glyphs, *size, *log_file;
    bool no_config, no_screen, force, yes, readonly, quiet, verbose, dry, json;
    int fps, threads, timeout; /* timeout: -1 = not given */
    char home[4][1024]; /* files and folders whose ~ we had to expand */
    int n_home;
    enum log_format log;
};

/* -1 with *err: wrong usage, exit 2. $SADDLE_CONFIG, $SADDLE_DEVICE and $SADDLE_LOG count where no option says otherwise. */
int options_parse(struct program *p, int argc, char **argv, struct err *err);

void options_help(struct buf *out, bool all);
void options_version(struct buf *out);
void options_doctor(struct buf *out); /* what `device auto` takes, and everything about this machine's devices */

#endif
