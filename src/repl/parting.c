/* The line that a screen leaves on the shell: what was looked at, and the command that goes on with it. */
#include "config.h"
#include "repl/bench.h"

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

void workbench_parting(struct workbench *w, const char *program, struct buf *out)
{
    const struct history *h = bench_shown(w);
    const char *dir = w->replay.on ? w->replay.stream.dir : w->run.dir;
    char name[256];
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
    shell_word(out, point_run_word(w, dir, name));
}
