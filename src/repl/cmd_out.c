/* save gradient hvp */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <string.h>

int path_check(const char *path, struct err *err)
{
    return strlen(path) < COMMAND_TEXT_MAX ? 0 : err_set(err, ERR_INVALID, "path longer than %d bytes", COMMAND_TEXT_MAX - 1);
}

static int path_word(struct call *c, int word, const char **out, struct err *err)
{
    *out = c->word[word].text;
    return path_check(*out, err) < 0 ? call_bad(c, word) : 0;
}

static int batch_options(struct call *c, struct command *out, struct err *err)
{
    if (call_whole(c, "batch", 0, 1000000000L, &out->count, err) < 0)
        return -1;
    out->train_mode = call_has(c, "train-mode");
    return 0;
}

int build_save(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    if (strcmp(c->word[0].text, "weights") != 0)
        return err_set(err, ERR_USAGE, "'%s' cannot be saved; usage: %s", c->word[0].text, c->info->usage), call_bad(c, 0);
    return path_word(c, 1, &out->text, err);
}

int build_gradient(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    if (path_word(c, 0, &out->text, err) < 0)
        return -1;
    return batch_options(c, out, err);
}

int build_hvp(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    if (path_word(c, 0, &out->direction, err) < 0 || path_word(c, 1, &out->text, err) < 0)
        return -1;
    return batch_options(c, out, err);
}

static int export_tensors(struct workbench *w, struct call *c, struct err *err)
{
    return look_ready(w, c, err) < 0 ? -1 : call_post(w, c, err);
}

int cmd_save(struct workbench *w, struct call *c, struct err *err)
{
    if (w->replay.on && strcmp(c->word[0].text, "weights") == 0)
        return moment_save(w, c, w->replay.stream.dir, w->replay.stream.history.step, c->word[1].text, err) < 0 ? call_bad(c, 1) : 0;
    return export_tensors(w, c, err);
}

int cmd_gradient(struct workbench *w, struct call *c, struct err *err)
{
    return export_tensors(w, c, err);
}

int cmd_hvp(struct workbench *w, struct call *c, struct err *err)
{
    return export_tensors(w, c, err);
}
