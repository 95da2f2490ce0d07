/* What the completion of a shell asks: candidates for the last of the words behind `saddle`. The prompt's own completion knows them. */
#include "config.h"
#include "repl/manual.h"

#include <string.h>

#include "base/buf.h"
#include "repl/commands.h"
#include "repl/lex.h"
#include "repl/options.h"
#include "repl/workbench.h"

struct typed_words { /* the command line so far */
    const char *const *word;
    int n;                          /* the one being typed included */
    const char *last;
    const struct option_info *open; /* whose value is being typed; NULL: none */
    int action;                     /* place of the sub-command among the words; -1: none yet */
    const char *sessions;           /* --sessions, or NULL */
};

static const struct option_info *option_named(const char *word)
{
    const size_t n = strncmp(word, "--", 2) == 0 ? strcspn(word + 2, "=") : 0;
    for (int i = 0; i < n_option_table; i++) {
        const struct option_info *o = &option_table[i];
        if (n ? strlen(o->name) == n && strncmp(o->name, word + 2, n) == 0 : o->letter && word[1] == o->letter && !word[2])
            return o;
    }
    return NULL;
}

static void read_asked(struct typed_words *a)
{
    static const char sessions[] = "sessions";
    a->last = a->n ? a->word[a->n - 1] : "";
    a->action = -1;
    for (int i = 0; i + 1 < a->n; i++) {
        const char *equals = strchr(a->word[i], '=');
        const struct option_info *o = !a->open && a->word[i][0] == '-' ? option_named(a->word[i]) : NULL;
        if (a->open && strcmp(a->open->name, sessions) == 0)
            a->sessions = a->word[i];
        else if (o && equals && strcmp(o->name, sessions) == 0)
            a->sessions = equals + 1;
        else if (!a->open && !o && a->action < 0 && a->word[i][0] != '-')
            a->action = i;
        a->open = o && o->argument && !equals ? o : NULL;
    }
}

/* A candidate and what it is, behind a tab. */
static void put_candidate(struct buf *out, const char *head, size_t head_bytes, const char *word, const char *show)
{
    const size_t n = strlen(word);
    buf_add(out, head, head_bytes);
    buf_adds(out, word);
    if (show && strncmp(show, word, n) == 0)
        show += n;
    show += show ? strspn(show, " ") : 0;
    if (show && *show)
        buf_addf(out, "\t%s", show);
    buf_addc(out, '\n');
}

static void put_if(struct buf *out, const struct typed_words *a, const char *word, const char *show)
{
    if (strncmp(word, a->last, strlen(a->last)) == 0)
        put_candidate(out, "", 0, word, show);
}

/* What the prompt would offer behind `line`, whose last `typed` bytes are the word of the shell. */
static void ask_prompt(struct workbench *w, const char *line, size_t typed, struct buf *out)
{
    struct completion c;
    const size_t n = strlen(line), begin = n - typed;
    workbench_complete(w, line, n, &c);
    for (int i = 0; i < c.n && c.start >= begin; i++)
        put_candidate(out, line + begin, c.start - begin, c.word[i], c.show[i]);
    completion_release(&c);
}

static void put_options(struct buf *out, const struct typed_words *a)
{
    char name[64];
    for (int i = 0; i < n_option_table; i++) {
        snprintf(name, sizeof name, "--%s%s", option_table[i].name, option_table[i].argument ? "=" : "");
        put_if(out, a, name, option_table[i].help);
    }
}

/* The verb whose words a sub-command takes: its own, or where it is none and takes a run any that takes a run alone. */
static const char *verb_of(const char *action)
{
    if (command_find(action, false, NULL))
        return action;
    for (int k = 1; k < ACTION_COUNT; k++)
        for (int i = 0; strcmp(program_actions[k].word, action) == 0 && strncmp(program_actions[k].usage, "RUN", 3) == 0 && i < n_commands; i++)
            if (strcmp(command_table[i].arguments, "RUN") == 0)
                return command_table[i].verb;
    return NULL;
}

/* "bash|zsh|fish" of the usage of a sub-command that is no command of the prompt. */
static void put_choices(struct buf *out, const struct typed_words *a, const char *action)
{
    char word[32];
    for (int k = 1; k < ACTION_COUNT; k++)
        for (const char *p = program_actions[k].usage; strcmp(program_actions[k].word, action) == 0 && strchr(program_actions[k].usage, '|') && *p;) {
            snprintf(word, sizeof word, "%.*s", (int)strcspn(p, "|"), p);
            put_if(out, a, word, NULL);
            p += strcspn(p, "|");
            p += *p == '|';
        }
}

static void ask_action(struct workbench *w, const struct typed_words *a, struct buf *out)
{
    struct buf line = { 0 };
    const char *verb = verb_of(a->word[a->action]);
    if (!verb) {
        put_choices(out, a, a->word[a->action]);
        return;
    }
    buf_adds(&line, verb);
    for (int i = a->action + 1; i + 1 < a->n; i++) {
        buf_addc(&line, ' ');
        lex_quote(&line, a->word[i]);
    }
    buf_addf(&line, " %s", a->last);
    if (!line.failed)
        ask_prompt(w, line.data, strlen(a->last), out);
    buf_release(&line);
}

int shell_candidates(const char *const *word, int n, struct buf *out, struct err *err)
{
    struct typed_words a = { .word = word, .n = n };
    read_asked(&a);
    struct workbench_face face = { .say = NULL };
    struct workbench_options options = { .sessions = a.sessions, .readonly = true };
    struct workbench *w = workbench_new(&options, &face, err);
    if (!w)
        return -1;
    const bool line = a.open && a.open->argument && strcmp(a.open->argument, "CMDS") == 0;
    if (line)
        ask_prompt(w, a.last, strlen(a.last), out);
    else if (!a.open && a.action >= 0)
        ask_action(w, &a, out);
    if (!a.open && a.last[0] == '-')
        put_options(out, &a);
    for (int k = 1; !a.open && a.action < 0 && k < ACTION_COUNT; k++)
        put_if(out, &a, program_actions[k].word, program_actions[k].help);
    workbench_free(w);
    return 0;
}
