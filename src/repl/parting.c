/* The line that a screen leaves on the shell: what was looked at, and the command that goes on with it. */
#include "config.h"
#include "repl/bench.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

/* A word as a shell takes it: in single quotes unless it is plain. */
static void shell_word(struct buf *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-/@:,";
    if (text[0] && text[strspn(text, plain)] == '\0') {
        buf_adds(out, text);
        return;
    }
    buf_addc(out, '\'');
    for (const char *p = text; *p; p++)
        *p == '\'' ? buf_adds(out, "'\\''") : buf_addc(out, *p);
    buf_addc(out, '\'');
}

/* The run is called by its name where that is enough to find it. */
static void run_word(struct workbench *w, struct buf *out, const char *dir)
{
    char root[1024], found[1300], name[128];
    session_name_of(dir, name, sizeof name);
    bool by_name = session_root(w->options.sessions, root, sizeof root, NULL) == 0 && session_find(root, name, found, sizeof found, NULL) == 0 &&
                   strcmp(found, dir) == 0;
    shell_word(out, by_name ? name : dir);
}

void workbench_parting(struct workbench *w, const char *program, struct buf *out)
{
    const struct history *h = bench_shown(w);
    const char *dir = w->replay.on ? w->replay.stream.dir : w->run.dir;
    if (!dir[0] || !h->name[0])
        return;
    const bool over = run_end_of(h->state) == RUN_FINISHED;
    buf_addf(out, "%s: ", h->name);
    if (!w->replay.on)
        buf_addf(out, "%s at ", h->state[0] ? h->state : "left");
    buf_addf(out, "epoch %.*f; ", h->epoch < 10 ? 2 : 1, h->epoch);
    buf_adds(out, w->replay.on ? "again: " : over ? "look at it: " : "go on: ");
    shell_word(out, program);
    if (w->options.sessions) {
        buf_adds(out, " --sessions ");
        shell_word(out, w->options.sessions);
    }
    buf_adds(out, w->replay.live ? " view " : w->replay.on || over ? " replay " : " resume ");
    run_word(w, out, dir);
}
