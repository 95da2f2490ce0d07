#include "config.h"
#include "repl/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/path.h"
#include "engine/knobs.h"
#include "engine/operations.h"
#include "engine/optimisers.h"
#include "repl/handlers.h"

const char *const command_group_name[N_COMMAND_GROUPS] = { "set up", "run", "knobs", "look", "sessions", "out", "shell" };

const struct command_info command_table[] = {
#define ROW(handler, builder, op, verb, group, min, max, usage, arguments, options, flags, help, text) \
    { #verb, GROUP_##group, min, max, usage, arguments, options, flags, help, text, handler, builder, op },
#define COMMAND(verb, ...) ROW(cmd_##verb, NULL, -1, verb, __VA_ARGS__)
#define RUN_COMMAND(op, builder, verb, ...) ROW(cmd_##verb, build_##builder, COMMAND_##op, verb, __VA_ARGS__)
#define PROBE_COMMAND(op, builder, ...) ROW(cmd_probe, build_##builder, COMMAND_##op, __VA_ARGS__)
#include "repl/commands.def"
#undef COMMAND
#undef ROW
};
const int n_commands = sizeof command_table / sizeof *command_table;

/* The meaning of a verb that users of other programs type; NULL: nothing known. */
static const char *named_elsewhere(const char *verb)
{
    static const struct {
        const char *word, *meant;
    } elsewhere[] = {
#define COMMAND(...)
#define ELSEWHERE(word, meant) { word, meant },
#include "repl/commands.def"
#undef COMMAND
    };
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        if (strcmp(verb, elsewhere[i].word) == 0)
            return elsewhere[i].meant;
    return NULL;
}

static int unknown_verb(const char *verb, struct err *err)
{
    const char *names[sizeof command_table / sizeof *command_table];
    for (int i = 0; i < n_commands; i++)
        names[i] = command_table[i].verb;
    const char *near = named_elsewhere(verb);
    if (!near)
        near = nearest_word(verb, names, n_commands);
    if (near)
        return err_set(err, ERR_INVALID, "unknown command '%s'; did you mean '%s'?", verb, near);
    return err_set(err, ERR_INVALID, "unknown command '%s'; 'help' lists what there is", verb);
}

static int ambiguous_verb(const char *verb, struct err *err)
{
    char could[200] = "";
    size_t len = strlen(verb), used = 0;
    for (int i = 0; i < n_commands && used < sizeof could; i++)
        if (strncmp(command_table[i].verb, verb, len) == 0)
            used += (size_t)snprintf(could + used, sizeof could - used, "%s%s", used ? ", " : "", command_table[i].verb);
    return err_set(err, ERR_INVALID, "'%s' is the beginning of several commands: %s", verb, could);
}

const struct command_info *command_find(const char *verb, bool prefix, struct err *err)
{
    const struct command_info *found = NULL;
    size_t len = strlen(verb);
    int matches = 0;
    for (int i = 0; i < n_commands; i++) {
        if (strcmp(command_table[i].verb, verb) == 0)
            return &command_table[i];
        if (len > 0 && strncmp(command_table[i].verb, verb, len) == 0) {
            found = &command_table[i];
            matches++;
        }
    }
    if (prefix && matches == 1)
        return found;
    if (prefix && matches > 1)
        ambiguous_verb(verb, err);
    else if (matches == 1)
        err_set(err, ERR_INVALID, "unknown command '%s'; in a script write it out: '%s'", verb, found->verb);
    else
        unknown_verb(verb, err);
    return NULL;
}

/* --- options --- */

/* `name` (n bytes) in the row's options: what follows it there ("", " ...", "=ARGUMENT ..."), or NULL. */
static const char *find_in_row(const char *options, const char *name, size_t n)
{
    for (const char *p = options; *p;) {
        size_t word = strcspn(p, " "), bare = strcspn(p, " =");
        if (bare == n && strncmp(p, name, n) == 0)
            return p + bare;
        p += word + strspn(p + word, " ");
    }
    return NULL;
}

int command_option_kind(const struct command_info *info, const char *name, size_t n)
{
    const char *found = find_in_row(info->options, name, n);
    return found ? *found == '=' : -1;
}

static int unknown_option(const struct call *c, const char *name, struct err *err)
{
    if (!*c->info->options)
        return err_set(err, ERR_USAGE, "no options here, but '--%s' was given; usage: %s", name, c->info->usage);
    char list[512];
    const char *names[32];
    int n = 0;
    snprintf(list, sizeof list, "%s", c->info->options);
    for (char *save, *p = strtok_r(list, " ", &save); p && n < 32; p = strtok_r(NULL, " ", &save)) {
        p[strcspn(p, "=")] = '\0';
        names[n++] = p;
    }
    const char *near = nearest_word(name, names, n);
    if (near)
        return err_set(err, ERR_USAGE, "unknown option '--%s'; did you mean '--%s'?", name, near);
    return err_set(err, ERR_USAGE, "unknown option '--%s'; usage: %s", name, c->info->usage);
}

/* The option at words[i]; how many words it took, or -1. Its name is looked up in the row so that it can be borrowed. */
static int take_option(struct call *c, const struct word *words, int n, int i, struct err *err)
{
    const char *text = words[i].text + 2;
    size_t len = strcspn(text, "=");
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(len < 63 ? len : 63), text);
    int kind = command_option_kind(c->info, name, strlen(name));
    if (kind < 0)
        return unknown_option(c, name, err);
    if (c->n_options == CALL_MAX_OPTIONS)
        return err_set(err, ERR_USAGE, "more than %d options", CALL_MAX_OPTIONS);
    struct call_option *o = &c->option[c->n_options];
    *o = (struct call_option){ .name = text, .start = words[i].start, .end = words[i].end };
    int took = 1;
    if (kind == 0 && text[len])
        return err_set(err, ERR_USAGE, "option '--%s' takes no value", name);
    if (kind == 1) {
        if (!text[len] && i + 1 >= n)
            return err_set(err, ERR_USAGE, "option '--%s' needs a value", name);
        o->value = text[len] ? text + len + 1 : words[i + 1].text;
        o->tilde = text[len] ? o->value[0] == '~' : words[i + 1].tilde;
        took = text[len] ? 1 : 2;
        o->end = words[i + took - 1].end;
    }
    c->n_options++;
    return took;
}

/* --- ~ --- */

/* Replaces *text by the path it means; the call keeps it. */
static int expand_path(struct call *c, const char **text, struct err *err)
{
    char *to = c->home + c->home_used;
    size_t room = sizeof c->home - c->home_used;
    if (path_expand(*text, to, room, err) < 0)
        return -1;
    c->home_used += (unsigned)strlen(to) + 1;
    *text = to;
    return 0;
}

static bool names_path(const char *kinds, size_t n)
{
    static const char *const words[] = { "PATH", "RUN", "POINT" };
    for (const char *p = kinds; p < kinds + n; p += strcspn(p, "| ") + 1)
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strncmp(p, words[i], strlen(words[i])) == 0)
                return true;
    return false;
}

/* True when the n-th word of the call is a path: the row says so, or the knob it is set to is one. */
static bool is_path(const struct call *c, int n)
{
    const char *p = c->info->arguments;
    for (int i = 0; i < n && *p; i++)
        p += strcspn(p, " ") + (p[strcspn(p, " ")] == ' ');
    if (n == 1 && strncmp(p, "VALUE", 5) == 0) {
        int id = knob_find(c->word[0].text, NULL);
        return id >= 0 && strcmp(knob_table[id].unit, "path") == 0;
    }
    return names_path(p, strcspn(p, " "));
}

static int expand_paths(struct call *c, struct err *err)
{
    for (int i = 0; i < c->n; i++)
        if (c->word[i].tilde && is_path(c, i) && expand_path(c, &c->word[i].text, err) < 0)
            return call_bad(c, i);
    for (int i = 0; i < c->n_options; i++) {
        struct call_option *o = &c->option[i];
        size_t bare = strcspn(o->name, "=");
        const char *row = c->info->options;
        while (*row && (strncmp(row, o->name, bare) != 0 || row[bare] != '='))
            row += strcspn(row, " ") + (row[strcspn(row, " ")] == ' ');
        if (o->tilde && *row && names_path(row + bare + 1, strcspn(row + bare + 1, " ")) && expand_path(c, &o->value, err) < 0) {
            c->bad_start = o->start;
            c->bad_end = o->end;
            return -1;
        }
    }
    return 0;
}

static bool is_option(const struct word *w)
{
    return !w->quoted && w->text[0] == '-' && w->text[1] == '-' && w->text[2];
}

static int point_from(struct call *c, const struct word *from, const struct word *to)
{
    c->bad_start = from->start;
    c->bad_end = to->end;
    return -1;
}

static int split_words(struct call *c, const struct word *words, int n, struct err *err)
{
    bool options = true;
    for (int i = 0; i < n;) {
        if (options && !words[i].quoted && strcmp(words[i].text, "--") == 0) {
            options = false;
            i++;
            continue;
        }
        if (options && is_option(&words[i])) {
            int took = take_option(c, words, n, i, err);
            if (took < 0)
                return point_from(c, &words[i], &words[i]);
            i += took;
            continue;
        }
        if (c->n == CALL_MAX_WORDS)
            return err_set(err, ERR_USAGE, "more than %d words", CALL_MAX_WORDS), point_from(c, &words[i], &words[i]);
        c->word[c->n++] = words[i++];
    }
    return 0;
}

static int check_count(struct call *c, struct err *err)
{
    const struct command_info *info = c->info;
    if (c->n < info->min)
        return err_set(err, ERR_USAGE, "%s; usage: %s", c->n ? "something is missing" : "nothing given", info->usage);
    if (info->max < 0 || c->n <= info->max)
        return 0;
    point_from(c, &c->word[info->max], &c->word[c->n - 1]);
    return err_set(err, ERR_USAGE, "'%s' is too much; usage: %s", c->word[info->max].text, info->usage);
}

int call_parse(struct call *c, const struct command_info *info, const struct word *words, int n, struct err *err)
{
    *c = (struct call){ .info = info, .bad_start = -1, .bad_end = -1 };
    if (split_words(c, words + 1, n - 1, err) < 0)
        return -1;
    int bad = 0;
    if (info->flags & F_WHEN && when_parse(&c->when, c->word, &c->n, &bad, err) < 0)
        return call_bad(c, bad);
    return check_count(c, err) < 0 ? -1 : expand_paths(c, err);
}

static const struct call_option *find_option(const struct call *c, const char *name)
{
    size_t len = strlen(name);
    for (int i = c->n_options - 1; i >= 0; i--) /* the last one counts */
        if (strncmp(c->option[i].name, name, len) == 0 && (!c->option[i].name[len] || c->option[i].name[len] == '='))
            return &c->option[i];
    return NULL;
}

bool call_has(const struct call *c, const char *option)
{
    return find_option(c, option) != NULL;
}

const char *call_value(const struct call *c, const char *option)
{
    const struct call_option *o = find_option(c, option);
    return o ? o->value : NULL;
}

int call_bad(struct call *c, int i)
{
    if (i >= 0 && i < CALL_MAX_WORDS && c->word[i].text) {
        c->bad_start = c->word[i].start;
        c->bad_end = c->word[i].end;
    }
    return -1;
}

int call_bad_option(struct call *c, const char *option)
{
    const struct call_option *o = find_option(c, option);
    if (o) {
        c->bad_start = o->start;
        c->bad_end = o->end;
    }
    return -1;
}

int call_whole(struct call *c, const char *what, long low, long high, long *out, struct err *err)
{
    const char *option = what + strspn(what, "-"), *text = call_value(c, option);
    return text && word_whole(text, what, low, high, out, err) < 0 ? call_bad_option(c, option) : 0;
}

static bool option_names_file(const struct call *c)
{
    for (int i = 0; i < c->n_options; i++) {
        const char *argument = find_in_row(c->info->options, c->option[i].name, strcspn(c->option[i].name, "="));
        if (argument && strncmp(argument, "=PATH", 5) == 0)
            return true;
    }
    return false;
}

bool call_may_be_recorded(const struct call *c)
{
    return c->info->flags & F_RECORDED && !option_names_file(c);
}

bool call_names_file(const struct call *c)
{
    bool names = option_names_file(c);
    for (int i = 0; i < c->n; i++)
        names |= is_path(c, i);
    return names;
}

void call_join(const struct call *c, int i, char *out, unsigned size)
{
    size_t used = 0;
    out[0] = '\0';
    for (; i < c->n && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " " : "", c->word[i].text);
}
