#include "config.h"
#include "repl/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/path.h"
#include "base/text.h"
#include "kernels/backend.h"
#include "repl/commands.h"

const struct program_action_info program_actions[ACTION_COUNT] = {
#define ACTION_ROW(id, word, min, max, usage, help) { word, usage, help, min, max },
    ACTIONS(ACTION_ROW)
#undef ACTION_ROW
};

const struct option_info option_table[] = {
#define OPTION(id, name, letter, argument, help) { name, argument, help, letter },
#include "repl/options.def"
#undef OPTION
};
const int n_option_table = sizeof option_table / sizeof *option_table;

enum { OPT_FIRST = 256,
#define OPTION(id, ...) OPT_##id,
#include "repl/options.def"
#undef OPTION
       OPT_DUMP_MAN };

/* --- getopt_long from the table ------------------------------------------------------------------------------------ */

static void make_tables(struct option *longs, char *shorts)
{
    *shorts++ = ':'; /* a missing value is told from an unknown option */
    for (int i = 0; i < n_option_table; i++) {
        const struct option_info *o = &option_table[i];
        longs[i] = (struct option){ o->name, o->argument ? required_argument : no_argument, NULL, OPT_FIRST + 1 + i };
        if (o->letter) {
            *shorts++ = (char)o->letter;
            if (o->argument)
                *shorts++ = ':';
        }
    }
    longs[n_option_table] = (struct option){ "dump-man", no_argument, NULL, OPT_DUMP_MAN };
    longs[n_option_table + 1] = (struct option){ 0 };
    *shorts = '\0';
}

static int id_of_letter(int letter)
{
    for (int i = 0; i < n_option_table; i++)
        if (option_table[i].letter == letter)
            return OPT_FIRST + 1 + i;
    return letter;
}

static int log_parse(const char *text, enum log_format *out, struct err *err)
{
    if (strcmp(text, "text") == 0)
        *out = LOG_TEXT;
    else if (strcmp(text, "jsonl") == 0)
        *out = LOG_JSONL;
    else if (strcmp(text, "none") == 0)
        *out = LOG_NONE;
    else
        return err_set(err, ERR_USAGE, "--log '%s'; text, jsonl or none", text);
    return 0;
}

static int number_option(const char *name, const char *text, long low, long high, int *out, struct err *err)
{
    long value;
    if (word_whole(text, name, low, high, &value, err) < 0) {
        if (err)
            err->code = ERR_USAGE;
        return -1;
    }
    *out = (int)value;
    return 0;
}

/* Those that take no value: what each switches on. NULL: it is none of them. */
static bool *switch_of(struct program *p, int id)
{
    switch (id) {
    case OPT_DRY_RUN:
        return &p->dry;
    case OPT_NO_CONFIG:
        return &p->no_config;
    case OPT_FORCE:
        return &p->force;
    case OPT_NO_SCREEN:
        return &p->no_screen;
    case OPT_JSON:
        return &p->json;
    case OPT_YES:
        return &p->yes;
    case OPT_READONLY:
        return &p->readonly;
    case OPT_QUIET:
        return &p->quiet;
    case OPT_VERBOSE:
        return &p->verbose;
    }
    return NULL;
}

/* Those whose value is kept as it is. NULL: it is none of them. */
static const char **text_of(struct program *p, int id)
{
    switch (id) {
    case OPT_DO:
        return &p->before;
    case OPT_CONFIG:
        return &p->config;
    case OPT_SESSIONS:
        return &p->sessions;
    case OPT_ROOT:
        return &p->root;
    case OPT_DEVICE:
        return &p->device;
    case OPT_COLOR:
        return &p->color;
    case OPT_GLYPHS:
        return &p->glyphs;
    case OPT_SIZE:
        return &p->size;
    case OPT_LOG_FILE:
        return &p->log_file;
    }
    return NULL;
}

static int apply_option(struct program *p, int id, const char *arg, struct err *err)
{
    bool *on = switch_of(p, id);
    const char **text = text_of(p, id);
    if (on)
        *on = true;
    if (text)
        *text = arg;
    switch (id) {
    case OPT_COMMANDS:
        p->action = ACTION_COMMANDS;
        p->commands = arg;
        break;
    case OPT_THREADS:
        return number_option("--threads", arg, 0, 1024, &p->threads, err);
    case OPT_FPS:
        return number_option("--fps", arg, 1, 30, &p->fps, err);
    case OPT_LOG:
        return log_parse(arg, &p->log, err);
    case OPT_TIMEOUT:
        return number_option("--timeout", arg, 0, 86400, &p->timeout, err);
    case OPT_SHORT_HELP:
        p->action = ACTION_SHORT_HELP;
        break;
    case OPT_HELP:
        p->action = ACTION_HELP;
        break;
    case OPT_VERSION:
        p->action = ACTION_VERSION;
        break;
    case OPT_DUMP_MAN:
        p->action = ACTION_DUMP_MAN;
        break;
    }
    return 0;
}

/* --NAME=~/x: the shell has expanded every other ~ that was meant. */
static int expand_option(struct program *p, int id, const char **arg, struct err *err)
{
    const char *kind = id > OPT_FIRST && id < OPT_DUMP_MAN ? option_table[id - OPT_FIRST - 1].argument : NULL;
    if (!kind || **arg != '~' || (strcmp(kind, "FILE") != 0 && strcmp(kind, "DIR") != 0))
        return 0;
    const int most = sizeof p->home / sizeof *p->home;
    if (p->n_home == most)
        return err_set(err, ERR_USAGE, "more than %d options with ~; write paths out", most);
    if (path_expand(*arg, p->home[p->n_home], sizeof *p->home, err) < 0)
        return -1;
    *arg = p->home[p->n_home++];
    return 0;
}

/* --- sub-commands -------------------------------------------------------------------------------------------------- */

/* A command of the prompt is no sub-command of the shell, but -c runs it. */
static int unknown_action(int n, char **words, struct err *err)
{
    const char *list[ACTION_COUNT], *word = words[0];
    char line[300] = "";
    if (command_find(word, false, NULL)) {
        for (int i = 0; i < n; i++)
            text_append(line, sizeof line, "%s%s", i ? " " : "", words[i]);
        return err_set(err, ERR_USAGE, "'%s' is a command of the prompt: saddle -c \"%s\" runs it", word, line);
    }
    for (int i = 0; i < ACTION_COUNT; i++)
        list[i] = program_actions[i].word;
    const char *near = nearest_word(word, list, ACTION_COUNT);
    if (near)
        return err_set(err, ERR_USAGE, "unknown sub-command '%s'; did you mean '%s'?", word, near);
    return err_set(err, ERR_USAGE, "unknown sub-command '%s'; 'saddle -h' lists them, 'saddle run %s' runs a file", word, word);
}

static int take_action(struct program *p, int n, char **words, struct err *err)
{
    if (p->action != ACTION_PROMPT) {
        if (n && p->action == ACTION_COMMANDS)
            return err_set(err, ERR_USAGE, "'%s' beside -c; quote all commands together", words[0]);
        return 0;
    }
    if (n == 0)
        return 0;
    for (int i = 1; i < ACTION_COUNT && p->action == ACTION_PROMPT; i++)
        if (strcmp(words[0], program_actions[i].word) == 0)
            p->action = (enum program_action)i;
    if (p->action == ACTION_PROMPT)
        return unknown_action(n, words, err);
    const struct program_action_info *a = &program_actions[p->action];
    if (n - 1 < a->min || n - 1 > a->max)
        return err_set(err, ERR_USAGE, "usage: saddle %s %s", a->word, a->usage);
    for (int i = 1; i < n; i++)
        p->argument[p->n_arguments++] = words[i];
    return 0;
}

/* The command of the language that a sub-command is; its place in argv to *at. NULL: another sub-command, or none. */
static const struct command_info *command_of(int argc, char **argv, int *at)
{
    static const enum program_action lines[] = { ACTION_RESUME, ACTION_FORK, ACTION_REPLAY, ACTION_SESSIONS, ACTION_INFO, ACTION_COMPARE, ACTION_SWEEP, ACTION_REPRODUCE, ACTION_EXPORT, ACTION_IMPORT };
    for (int i = 1; i < argc; i++)
        for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
            if (strcmp(argv[i], program_actions[lines[k]].word) == 0) {
                *at = i;
                return command_find(argv[i], false, NULL);
            }
    return NULL;
}

static bool is_our_option(const char *name, size_t n)
{
    for (int i = 0; i < n_option_table; i++)
        if (strlen(option_table[i].name) == n && strncmp(option_table[i].name, name, n) == 0)
            return true;
    return false;
}

/* Takes what stands behind a sub-command and is an option of its command ('saddle export ... --what reading') out of argv. */
static int take_command_options(struct program *p, int *argc, char **argv, struct err *err)
{
    const int most = sizeof p->option / sizeof *p->option;
    int at = 0, left;
    const struct command_info *c = command_of(*argc, argv, &at);
    if (!c)
        return 0;
    left = at + 1;
    for (int i = left; i < *argc; i++) {
        const char *name = strncmp(argv[i], "--", 2) == 0 ? argv[i] + 2 : "";
        const size_t n = strcspn(name, "=");
        const int kind = n == 0 || is_our_option(name, n) ? -1 : command_option_kind(c, name, n);
        if (kind < 0) {
            argv[left++] = argv[i];
            continue;
        }
        if (p->n_options == most)
            return err_set(err, ERR_USAGE, "more than %d options of '%s'", most, c->verb);
        if (kind == 1 && name[n] != '=' && i + 1 == *argc)
            return err_set(err, ERR_USAGE, "option '%s' needs a value", argv[i]);
        p->option[p->n_options].name = argv[i];
        p->option[p->n_options++].value = kind == 1 && name[n] != '=' ? argv[++i] : NULL;
    }
    argv[left] = NULL;
    *argc = left;
    return 0;
}

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static int bad_option(const char *bad, struct err *err)
{
    const char *list[64], *bare = bad + strspn(bad, "-");
    char name[64];
    for (int i = 0; i < n_option_table; i++)
        list[i] = option_table[i].name;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(bare, "="), bare);
    const char *near = nearest_word(name, list, n_option_table);
    if (near)
        return err_set(err, ERR_USAGE, "unknown option '%s'; did you mean '--%s'?", bad, near);
    return err_set(err, ERR_USAGE, "unknown option '%s'; 'saddle --help' lists them", bad);
}

/* The option that getopt stumbled over: a letter, or the word it read last. */
static int option_error(int id, int argc, char **argv, struct err *err)
{
    char letter[3] = { '-', (char)optopt, '\0' };
    const char *word = optopt > 0 && optopt < OPT_FIRST ? letter : optind > 1 && optind <= argc ? argv[optind - 1] : "";
    if (id == ':')
        return err_set(err, ERR_USAGE, "option '%s' needs a value", word);
    if (optopt >= OPT_FIRST)
        return err_set(err, ERR_USAGE, "option '%s' takes no value", word);
    return bad_option(word, err);
}

int options_parse(struct program *p, int argc, char **argv, struct err *err)
{
    struct option longs[64];
    char shorts[64];
    *p = (struct program){ .name = argc > 0 ? argv[0] : "saddle", .config = environment("SADDLE_CONFIG"), .device = environment("SADDLE_DEVICE"),
                           .timeout = -1 };
    if (argc > 1 && strcmp(argv[1], "--complete") == 0) { /* asked by the completion of a shell, and told to nobody else */
        p->action = ACTION_CANDIDATES;
        p->typed = (const char *const *)argv + 2;
        p->n_typed = argc - 2;
        return 0;
    }
    const char *log = environment("SADDLE_LOG");
    if (log && log_parse(log, &p->log, err) < 0)
        return err_prefix(err, "$SADDLE_LOG");
    if (take_command_options(p, &argc, argv, err) < 0)
        return -1;
    make_tables(longs, shorts);
    opterr = 0;
    optind = 0;
    for (int id; (id = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
        if (id == '?' || id == ':')
            return option_error(id, argc, argv, err);
        const char *arg = optarg;
        if (arg && arg != argv[optind - 1] && expand_option(p, id, &arg, err) < 0)
            return -1;
        if (apply_option(p, id < OPT_FIRST ? id_of_letter(id) : id, arg, err) < 0)
            return -1;
    }
    if (take_action(p, argc - optind, argv + optind, err) < 0)
        return -1;
    if (p->root && p->action != ACTION_RESUME && p->action != ACTION_FORK)
        return err_set(err, ERR_USAGE, "--root is for 'saddle resume RUN' and 'saddle fork RUN'; commands have a --root of their own");
    if ((p->json || p->timeout >= 0) && p->action != ACTION_CTL)
        return err_set(err, ERR_USAGE, "--%s is for 'saddle ctl RUN COMMAND'", p->json ? "json" : "timeout");
    if (p->force && p->action != ACTION_EXPORT && p->action != ACTION_COMPARE && p->action != ACTION_SWEEP && p->action != ACTION_REPRODUCE)
        return err_set(err, ERR_USAGE, "--force is for 'saddle export', 'compare', 'sweep' and 'reproduce'; commands have a --force of their own");
    return 0;
}

/* --- help ---------------------------------------------------------------------------------------------------------- */

static const char examples[] =
    "\nExamples\n"
    "  saddle                                   open the screen; type: train\n"
    "  saddle -c 'preset demo; train'           train on drawn shapes, log to stdout\n"
    "  saddle -c 'preset paper/cifar10-lt/ce+drw+sam; train' --log-file run.log\n"
    "  saddle run exp.sad --dry-run             how many steps, how long\n"
    "  saddle resume cifar10-lt-1               after a power cut, or exit code 75\n"
    "  saddle view cifar10-lt-1                 watch a batch job from the login node\n"
    "  saddle ctl cifar10-lt-1 'set rho .5'     steer it from there\n"
    "  saddle export csv out.csv cifar10-lt-1   every number that was recorded\n"
    "  saddle compare cifar10-lt-1 cifar10-lt-2 --metric tail,lmin:9\n"
    "\nExit codes\n"
    "  0 done  1 a command failed  2 wrong usage  3 data or session missing or damaged  4 device or memory\n"
    "  5 the loss diverged  6 session locked  7 an alert of level error was raised  75 stopped by a signal, 'saddle resume RUN' goes on  130 143 signal  70 our bug\n"
    "\nMore: man saddle, man saddle-commands, man saddlerc\n";

static void one_option(struct buf *out, const struct option_info *o)
{
    char left[64];
    char letter[8] = "    ";
    if (o->letter)
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name, o->argument ? "=" : "", o->argument ? o->argument : "");
    buf_addf(out, "  %-24s %s\n", left, o->help);
}

void options_help(struct buf *out, bool all)
{
    buf_adds(out, "saddle: train image classifiers on long-tailed data, and steer and watch them\n\nusage: saddle [OPTIONS] [SUB-COMMAND]\n");
    for (int i = 0; i < ACTION_COUNT; i++) {
        char left[160];
        snprintf(left, sizeof left, "%s%s%s", program_actions[i].word, *program_actions[i].word ? " " : "(none)", program_actions[i].usage);
        buf_addf(out, "  %-34s %s\n", left, program_actions[i].help);
    }
    if (!all) {
        buf_adds(out, "  -c CMDS                            run commands without a screen\n"
                      "At the prompt: 'train' trains the demo, 'help' lists the commands. All options: saddle --help\n");
        return;
    }
    buf_adds(out, "\nOptions\n");
    for (int i = 0; i < n_option_table; i++)
        one_option(out, &option_table[i]);
    buf_adds(out, examples);
}

static void list_devices(struct buf *out, const struct backend *b)
{
    struct err err = { 0 };
    const int n = b->devices ? b->devices(&err) : 1;
    if (n < 1)
        buf_addf(out, "device    %s: %s\n", b->name, err.text);
    for (int i = 0; i < n; i++) {
        char name[BACKEND_NAME_MAX];
        backend_device_name(b, i, name);
        buf_addf(out, "device    %s: %s\n", name, b->probe(i, &err) == 0 ? b->help : err.text);
    }
}

void options_version(struct buf *out)
{
    buf_adds(out, "saddle " PACKAGE_VERSION "\n");
    buf_adds(out, "compiler  " SADDLE_COMPILER " " __VERSION__ "\n");
    buf_adds(out, "libraries " SADDLE_LIBRARIES "\n");
    for (const struct backend *const *b = backend_list; *b; b++)
        list_devices(out, *b);
    buf_adds(out, "licence   GPL-3.0-or-later; no warranty\n");
}

void options_doctor(struct buf *out)
{
    struct err err;
    int device;
    char name[BACKEND_NAME_MAX];
    const struct backend *chosen = backend_find("auto", &device, &err);
    if (chosen)
        backend_device_name(chosen, device, name);
    buf_addf(out, "auto      %s\n", chosen ? name : err.text);
    backend_describe(out);
}
