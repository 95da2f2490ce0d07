/* source alias history echo help quit */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

int cmd_source(struct workbench *w, struct call *c, struct err *err)
{
    if (bench_script(w, c->word[0].text, err) == 0)
        return 0;
    return err->text[0] ? call_bad(c, 0) : -1; /* a failing line has spoken for itself */
}

/* --- alias --------------------------------------------------------------------------------------------------------- */

static struct alias *alias_slot(struct workbench *w, const char *name)
{
    for (int i = 0; i < w->n_alias; i++)
        if (strcmp(w->alias[i].name, name) == 0)
            return &w->alias[i];
    struct alias *more = realloc(w->alias, sizeof *more * (size_t)(w->n_alias + 1));
    if (!more)
        return NULL;
    w->alias = more;
    more[w->n_alias] = (struct alias){ .name = strdup(name) };
    return more[w->n_alias].name ? &more[w->n_alias++] : NULL;
}

int cmd_alias(struct workbench *w, struct call *c, struct err *err)
{
    for (int i = 0; i < w->n_alias; i++)
        if (c->n == 0 || (c->n == 1 && strcmp(w->alias[i].name, c->word[0].text) == 0))
            bench_say(w, "alias %s '%s'", w->alias[i].name, w->alias[i].text);
    if (c->n < 2)
        return 0;
    const char *name = c->word[0].text;
    struct err none;
    if (!name[0])
        return err_set(err, ERR_INVALID, "a name of an alias is a word, not ''"), call_bad(c, 0);
    if (command_find(name, false, &none))
        return err_set(err, ERR_INVALID, "'%s' is a command and stays one", name), call_bad(c, 0);
    char text[1024];
    call_join(c, 1, text, sizeof text);
    if (strlen(text) + 1 == sizeof text)
        return err_set(err, ERR_RANGE, "what an alias stands for has at most %zu bytes; a script of commands is run by 'source'", sizeof text - 2), call_bad(c, 1);
    char *copy = strdup(text);
    struct alias *a = copy ? alias_slot(w, name) : NULL;
    if (!a) {
        free(copy);
        return err_set(err, ERR_MEMORY, "no memory for an alias");
    }
    free(a->text);
    a->text = copy;
    return 0;
}

/* --- the rest ------------------------------------------------------------------------------------------------------ */

int cmd_history(struct workbench *w, struct call *c, struct err *err)
{
    long n = 20;
    if (c->n && word_whole(c->word[0].text, "lines", 1, 1000000, &n, err) < 0)
        return call_bad(c, 0);
    for (int i = n < w->n_entered ? w->n_entered - (int)n : 0; i < w->n_entered; i++)
        bench_say(w, "%5d  %s", i + 1, w->entered[i]);
    return 0;
}

int cmd_echo(struct workbench *w, struct call *c, struct err *err)
{
    (void)err;
    char text[4096];
    call_join(c, 0, text, sizeof text);
    bench_say(w, "%s", text);
    return 0;
}

/* 'help set rho' asks for rho, 'help data tensors' for data: the last word of which something is known. */
static int help_of(struct workbench *w, struct call *c, struct buf *out, struct err *err)
{
    const int cols = w->face.columns ? w->face.columns(w->face.ctx) : 78;
    if (c->n == 2 && help_verb(c->word[1].text, cols, out, NULL) == 0)
        return 0;
    return help_verb(c->n ? c->word[0].text : NULL, cols, out, err) < 0 ? call_bad(c, 0) : 0;
}

int cmd_help(struct workbench *w, struct call *c, struct err *err)
{
    struct buf text = { 0 };
    if (help_of(w, c, &text, err) < 0) {
        buf_release(&text);
        return -1;
    }
    char *save = NULL;
    for (char *line = text.data ? strtok_r(text.data, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save))
        bench_say(w, "%s", line);
    buf_release(&text);
    return 0;
}

int cmd_quit(struct workbench *w, struct call *c, struct err *err)
{
    const char *question = w->run.session ? "training is under way: end it with a snapshot and leave?"
                                          : "training is under way, and nothing of it is recorded: end it and leave?";
    if (run_active(w) && bench_confirm(w, c, question, err) < 0)
        return -1;
    if (w->sweep && bench_confirm(w, c, "a sweep is under way: end its runs with snapshots and leave?", err) < 0)
        return -1;
    w->quit = true;
    return 0;
}
