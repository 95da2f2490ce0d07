#include "config.h"
#include "repl/campaign.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "engine/run/trainer.h"
#include "repl/lex.h"
#include "repl/workbench.h"
#include "session/session.h"

enum { MOST_TRIES = 3, PATH_BYTES = 1300 };
#define LOOK_AGAIN_NS UINT64_C(1000000000)
#define END_NS UINT64_C(60000000000)

struct row {
    char *name, *lines;
    char dir[PATH_BYTES];
    double aim;
    enum campaign_row_state state;
    pid_t pid;        /* of its child, or 0 */
    int words;        /* what the child says on stderr, or -1 */
    int tries;        /* how many children ended without having come further */
    double came_to;   /* epochs, when its last child began */
    uint64_t again_ns; /* not looked at before that */
    char why[300];
};

struct campaign {
    struct campaign_options options;
    char *root, *device;
    int n, cap, running;
    struct row *row;
};

/* --- life ---------------------------------------------------------------------------------------------------------- */

static int share_of_processors(int jobs)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > jobs ? (int)(n / jobs) : 1;
}

struct campaign *campaign_new(const struct campaign_options *options, struct err *err)
{
    struct campaign *c = calloc(1, sizeof *c);
    char *root = strdup(options->root), *device = strdup(options->device ? options->device : "");
    if (!c || !root || !device) {
        free(c);
        free(root);
        free(device);
        err_set(err, ERR_MEMORY, "no memory for a campaign");
        return NULL;
    }
    *c = (struct campaign){ .options = *options, .root = root, .device = device };
    if (c->options.threads <= 0)
        c->options.threads = share_of_processors(options->jobs > 0 ? options->jobs : 1);
    return c;
}

static struct row *room_for_row(struct campaign *c)
{
    if (c->n < c->cap)
        return &c->row[c->n];
    const int cap = c->cap ? 2 * c->cap : 16;
    struct row *more = realloc(c->row, (size_t)cap * sizeof *more);
    if (!more)
        return NULL;
    c->row = more;
    c->cap = cap;
    return &c->row[c->n];
}

int campaign_add(struct campaign *c, const char *name, const char *lines, struct err *err)
{
    for (int i = 0; i < c->n; i++)
        if (strcmp(c->row[i].name, name) == 0)
            return err_set(err, ERR_INVALID, "run '%s' is there twice", name);
    struct row *r = room_for_row(c);
    char *own_name = strdup(name), *own_lines = strdup(lines);
    if (!r || !own_name || !own_lines) {
        free(own_name);
        free(own_lines);
        return err_set(err, ERR_MEMORY, "no memory for run '%s'", name);
    }
    *r = (struct row){ .name = own_name, .lines = own_lines, .aim = INFINITY, .words = -1 };
    snprintf(r->dir, sizeof r->dir, "%.900s/%.300s.saddle", c->root, name);
    return c->n++;
}

static void set_state(struct campaign *c, struct row *r, enum campaign_row_state state)
{
    const bool changed = r->state != state;
    r->state = state;
    if (changed && c->options.changed)
        c->options.changed(c->options.ctx, (int)(r - c->row));
}

void campaign_aim(struct campaign *c, int row, double epochs)
{
    struct row *r = &c->row[row];
    r->aim = epochs;
    if (!r->pid)
        r->state = ROW_WAITS;
}

/* --- how far a run is ---------------------------------------------------------------------------------------------- */

/* Is there a run in the folder? One that was ended while it was being set up is begun anew. */
static bool is_begun(const char *dir)
{
    struct recording *r = recording_open(dir, NULL);
    const bool begun = r && !recording_is_empty(r);
    recording_close(r);
    return begun;
}

struct campaign_look campaign_look(const struct campaign *c, int row)
{
    struct session_info info;
    struct campaign_look look = { .epoch = NAN };
    if (session_info(c->row[row].dir, &info, NULL) < 0)
        return look;
    look.locked = info.locked;
    look.begun = is_begun(c->row[row].dir);
    look.epoch = info.epoch;
    look.finished = run_end_of(info.state) == RUN_FINISHED;
    return look;
}

static bool is_at_aim(const struct row *r, const struct campaign_look *look)
{
    return look->begun && (look->finished || look->epoch >= r->aim);
}

/* --- a child ------------------------------------------------------------------------------------------------------- */

/* A file without a name that holds the text, to be read from its beginning. -1: none. */
static int text_file(const char *text)
{
    const int fd = memfd_create("saddle-campaign", MFD_CLOEXEC);
    size_t n = text ? strlen(text) : 0;
    for (ssize_t put; fd >= 0 && n > 0; text += put, n -= (size_t)put)
        if ((put = write(fd, text, n)) <= 0) {
            close(fd);
            return -1;
        }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

/* The lines that a child reads. The stop comes a step or more behind the aim, so it cuts off no evaluation of that epoch. */
static void child_lines(const struct row *r, bool begun, struct buf *out)
{
    if (begun)
        buf_adds(out, "resume ");
    else {
        buf_adds(out, r->lines);
        buf_adds(out, "train --name ");
    }
    lex_quote(out, r->name);
    buf_addc(out, '\n');
    if (isfinite(r->aim))
        buf_addf(out, "wait epoch %.10g\nstop --yes\n", r->aim + 0.001);
}

/* Between fork() and exec only what is safe there. */
static _Noreturn void be_child(char *const *argv, pid_t parent, int lines, int words)
{
    sigset_t none;
    const int nowhere = open("/dev/null", O_WRONLY);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0); /* what a terminal sends goes to the parent, which ends them once; a second signal would cut their snapshot off */
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* with its parent, and before anybody can begin the run again */
    if (getppid() == parent && dup2(lines, STDIN_FILENO) >= 0 && nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0 &&
        dup2(words, STDERR_FILENO) >= 0)
        execv("/proc/self/exe", argv);
    _exit(127);
}

static pid_t fork_child(const struct campaign *c, int lines, int words)
{
    char threads[16];
    const char *argv[] = { "saddle", "--no-config", "--quiet", "--log=none", "--sessions", c->root, "--threads", threads, NULL, NULL, NULL };
    const pid_t parent = getpid();
    snprintf(threads, sizeof threads, "%d", c->options.threads);
    if (c->device[0]) {
        argv[8] = "--device";
        argv[9] = c->device;
    }
    const pid_t pid = fork();
    if (pid == 0)
        be_child((char *const *)(uintptr_t)argv, parent, lines, words);
    return pid;
}

static void fail_row(struct campaign *c, struct row *r, const char *why)
{
    snprintf(r->why, sizeof r->why, "%s", why);
    set_state(c, r, ROW_FAILED);
}

static void begin(struct campaign *c, struct row *r, const struct campaign_look *look)
{
    struct buf text = { 0 };
    child_lines(r, look->begun, &text);
    const int lines = text.failed ? -1 : text_file(text.data);
    r->words = lines < 0 ? -1 : text_file(NULL);
    r->came_to = look->epoch;
    const pid_t pid = r->words < 0 ? -1 : fork_child(c, lines, r->words);
    if (pid > 0) {
        r->pid = pid;
        c->running++;
        set_state(c, r, ROW_RUNS);
    } else
        fail_row(c, r, "no process can be started for it");
    if (lines >= 0)
        close(lines);
    buf_release(&text);
}

/* The last line that the child said, without the program's name. */
static void read_words(struct row *r)
{
    char text[2048];
    const off_t size = r->words < 0 ? 0 : lseek(r->words, 0, SEEK_END), from = size > (off_t)sizeof text - 1 ? size - (off_t)sizeof text + 1 : 0;
    const ssize_t n = size > 0 ? pread(r->words, text, sizeof text - 1, from) : 0;
    if (r->words >= 0)
        close(r->words);
    r->words = -1;
    text[n > 0 ? n : 0] = '\0';
    for (char *end = text + strlen(text); end > text && end[-1] == '\n';)
        *--end = '\0';
    const char *last = strrchr(text, '\n');
    last = last ? last + 1 : text;
    snprintf(r->why, sizeof r->why, "%.299s", last + (strncmp(last, "saddle: ", 8) == 0 ? 8 : 0));
}

/* Whatever ended it may not do so again: a signal, a disk that was full. Tried again, unless that leads nowhere. */
static bool is_gone_on_with(struct row *r, int status, const struct campaign_look *look)
{
    const bool further = look->epoch > r->came_to || (isnan(r->came_to) && !isnan(look->epoch));
    r->tries = further ? 1 : r->tries + 1;
    return r->tries < MOST_TRIES && !(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DIVERGED);
}

static void settle(struct campaign *c, struct row *r, int status)
{
    r->pid = 0;
    c->running--;
    read_words(r);
    const struct campaign_look look = campaign_look(c, (int)(r - c->row));
    if (is_at_aim(r, &look)) {
        r->why[0] = '\0';
        set_state(c, r, ROW_THERE);
    } else if ((WIFEXITED(status) && WEXITSTATUS(status) == EXIT_LOCKED) || is_gone_on_with(r, status, &look)) {
        r->again_ns = clock_now_ns() + LOOK_AGAIN_NS;
        set_state(c, r, ROW_WAITS);
    } else {
        if (WIFSIGNALED(status))
            snprintf(r->why, sizeof r->why, "ended by signal %d, %d times", WTERMSIG(status), MOST_TRIES);
        else if (!r->why[0])
            snprintf(r->why, sizeof r->why, "ended with exit code %d before it was done", WEXITSTATUS(status));
        set_state(c, r, ROW_FAILED);
    }
}

/* --- all of them --------------------------------------------------------------------------------------------------- */

static void look_after(struct campaign *c, struct row *r)
{
    int status;
    const pid_t pid = r->pid ? waitpid(r->pid, &status, WNOHANG) : 0;
    if (pid == r->pid && pid)
        settle(c, r, status);
}

/* What is there already needs no child; what another process records is looked at again in a while. */
static void try_to_begin(struct campaign *c, struct row *r)
{
    const uint64_t now = clock_now_ns();
    if (r->again_ns > now)
        return;
    const struct campaign_look look = campaign_look(c, (int)(r - c->row));
    if (is_at_aim(r, &look))
        set_state(c, r, ROW_THERE);
    else if (look.locked) {
        r->again_ns = now + LOOK_AGAIN_NS;
        set_state(c, r, ROW_LOCKED);
    } else if (c->options.jobs > 0)
        begin(c, r, &look);
}

static bool is_wanted(const struct row *r)
{
    return r->state == ROW_WAITS || r->state == ROW_RUNS || r->state == ROW_LOCKED;
}

int campaign_poll(struct campaign *c)
{
    int open = 0;
    for (int i = 0; i < c->n; i++)
        look_after(c, &c->row[i]);
    for (int i = 0; i < c->n && (c->running < c->options.jobs || c->options.jobs == 0); i++)
        if (is_wanted(&c->row[i]) && !c->row[i].pid)
            try_to_begin(c, &c->row[i]);
    for (int i = 0; i < c->n; i++)
        open += is_wanted(&c->row[i]);
    return open;
}

/* A child that does not end is ended: its recording is made for that. */
static void end_child(struct row *r, uint64_t latest)
{
    while (waitpid(r->pid, NULL, WNOHANG) == 0 && clock_now_ns() < latest)
        nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
    if (waitpid(r->pid, NULL, WNOHANG) == 0) {
        kill(r->pid, SIGKILL);
        waitpid(r->pid, NULL, 0);
    }
}

void campaign_free(struct campaign *c)
{
    if (!c)
        return;
    const uint64_t latest = clock_now_ns() + END_NS;
    for (int i = 0; i < c->n; i++)
        if (c->row[i].pid)
            kill(c->row[i].pid, SIGTERM);
    for (int i = 0; i < c->n; i++) {
        struct row *r = &c->row[i];
        if (r->pid)
            end_child(r, latest);
        if (r->words >= 0)
            close(r->words);
        free(r->name);
        free(r->lines);
    }
    free(c->row);
    free(c->root);
    free(c->device);
    free(c);
}

const char *campaign_name(const struct campaign *c, int row)
{
    return c->row[row].name;
}

const char *campaign_dir(const struct campaign *c, int row)
{
    return c->row[row].dir;
}

enum campaign_row_state campaign_state(const struct campaign *c, int row)
{
    return c->row[row].state;
}

const char *campaign_why(const struct campaign *c, int row)
{
    return c->row[row].why;
}
