/* tests/fault/dying.h - the program without a face in a scratch folder, and processes of it that are killed at the Nth call that writes.
 * Included once by each test; everything is static. */
#ifndef TESTS_FAULT_DYING_H
#define TESTS_FAULT_DYING_H

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/sessions.h"
#include "base/buf.h"
#include "base/err.h"
#include "repl/workbench.h"
#include "session/io.h"

static char root[256], dir[300];
static struct buf said;

/* --- a workbench without a face ------------------------------------------------------------------------------------- */

static void hear(void *ctx, enum say_level level, const char *line, int caret)
{
    (void)ctx, (void)level, (void)caret;
    buf_addf(&said, "%s\n", line);
}

static struct {
    bool (*begins)(const char *opened, const struct event *heard);
    atomic_bool on;
    atomic_long calls, at;
    const char *call; /* those of this name alone count; NULL: all */
} death;

static void hear_event(void *ctx, const struct event *e)
{
    (void)ctx;
    if (death.begins && death.begins(NULL, e))
        death.on = true;
    if (e->kind == EVENT_FAULT)
        buf_addf(&said, "%s\n", e->f[EV_FAULT_TEXT].s);
}

static inline struct workbench *open_bench(const char *line)
{
    struct workbench_face face = { .say = hear, .event = hear_event };
    struct workbench_options options = { .sessions = root, .script = true, .yes = true };
    struct err err = { 0 };
    struct workbench *w = workbench_new(&options, &face, &err);
    buf_clear(&said);
    buf_adds(&said, "");
    if (!w || workbench_line(w, line, false) < 0)
        fail_msg("'%s': %s%s", line, err.text, said.data);
    return w;
}

/* The exit code, as a program without a screen gives it. */
static inline int end_bench(struct workbench *w)
{
    struct err err = { 0 };
    workbench_wait(w);
    int code = workbench_end(w, "done", &err) < 0 ? exit_code_of(err.code) : workbench_exit_code(w);
    buf_addf(&said, "%s\n", err.text);
    workbench_free(w);
    return code;
}

/* --- killed --------------------------------------------------------------------------------------------------------- */

/* Before the call, which is then not made. */
static void count(const char *call)
{
    if (death.on && (!death.call || strcmp(death.call, call) == 0) && atomic_fetch_add(&death.calls, 1) + 1 == death.at)
        kill(getpid(), SIGKILL);
}

static int k_openat(int d, const char *name, int flags, mode_t mode)
{
    if (death.begins(name, NULL))
        death.on = true;
    if (flags & O_CREAT)
        count("openat");
    return io_system.openat(d, name, flags, mode);
}
#define COUNTED(type, name, params, args) \
    static type k_##name params \
    { \
        count(#name); \
        return io_system.name args; \
    }
COUNTED(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n))
COUNTED(int, fsync, (int fd), (fd))
COUNTED(int, fdatasync, (int fd), (fd))
COUNTED(int, renameat, (int d, const char *a, const char *b), (d, a, b))
COUNTED(int, unlinkat, (int d, const char *n, int f), (d, n, f))

/* A process that runs this line and dies at that call, counted from when `begins` is true of a file being opened or an event being heard;
 * 0: at none. `call` names those that count ("write"), NULL all. How many there were, or -1 when it was killed. */
static inline long die_in(const char *call, const char *line, bool begins(const char *opened, const struct event *heard), long at)
{
    int ends[2], status;
    long calls = -1;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct io killing = io_system;
        killing.openat = k_openat;
        killing.write = k_write;
        killing.fsync = k_fsync;
        killing.fdatasync = k_fdatasync;
        killing.renameat = k_renameat;
        killing.unlinkat = k_unlinkat;
        death.begins = begins;
        death.at = at;
        death.call = call;
        io = &killing;
        int code = end_bench(open_bench(line));
        calls = death.calls;
        if (write(ends[1], &calls, sizeof calls) != (ssize_t)sizeof calls)
            code = 9;
        _exit(code);
    }
    close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        fail_msg("it ended with %d", WEXITSTATUS(status));
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
        fail_msg("it ended by signal %d", WTERMSIG(status));
    if (read(ends[0], &calls, sizeof calls) != (ssize_t)sizeof calls)
        calls = -1;
    close(ends[0]);
    return calls;
}

static inline long die(const char *line, bool begins(const char *opened, const struct event *heard), long at)
{
    return die_in(NULL, line, begins, at);
}

#endif
