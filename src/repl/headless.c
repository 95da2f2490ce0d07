#include "config.h"
#include "repl/headless.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "repl/lex.h"

#define HEARTBEAT_NS UINT64_C(60000000000)

static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };

/* nohup means: the line may go, the run goes on. SIGINT is read all the same: a shell without job control makes every
 * background job ignore it. */
static bool is_kept(int signo)
{
    struct sigaction before;
    return signo == SIGHUP && sigaction(signo, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
}

static void signal_set(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (!is_kept(signals[i]))
            sigaddset(set, signals[i]);
}

void headless_signals(bool trains)
{
    sigset_t set;
    signal_set(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (trains)
        signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit is a failed write, not a death */
}

/* --- lines --------------------------------------------------------------------------------------------------------- */

/* Output that cannot be printed is lost: said once, the run goes on, and the exit code tells it too. */
static void check_printed(struct headless *h, FILE *out)
{
    bool *failed = out == stdout ? &h->output_failed : &h->log_failed;
    if (out == stderr || *failed || !ferror(out))
        return;
    int reason = errno;
    *failed = true;
    fprintf(stderr, "saddle: cannot write %s: %s\n", out == stdout ? "standard output" : "the log file", strerror(reason));
}

static void put_line(struct headless *h, FILE *out, const char *line)
{
    if (h->at_prompt && (out == stdout || out == stderr)) {
        fputc('\n', h->asks_on); /* a line that arrives while somebody types goes below */
        fflush(h->asks_on);
        h->at_prompt = false;
    }
    fputs(line, out);
    fputc('\n', out);
    fflush(out);
    check_printed(h, out);
}

/* Puts the line to stdout and the log file, and releases it. */
static void put_log(struct headless *h, struct buf *line)
{
    if (!line->failed && line->len) {
        put_line(h, stdout, line->data);
        if (h->log)
            put_line(h, h->log, line->data);
        h->last_line_ns = clock_now_ns();
    }
    buf_release(line);
}

static void put_event(struct headless *h, const struct event *e, bool verbose)
{
    struct trainer_status s;
    struct buf line = { 0 };
    bool running = h->w && workbench_status(h->w, &s);
    if (h->w && log_line(&line, workbench_history(h->w), running ? &s : NULL, e, verbose, clock_wall_ns()))
        put_log(h, &line);
}

static void put_json(struct headless *h, const char *text, uint64_t ns)
{
    struct buf line = { 0 };
    log_json(&line, text, h->wall_offset ? (uint64_t)((int64_t)ns + h->wall_offset) : clock_wall_ns());
    put_log(h, &line);
}

static void put_text_record(struct headless *h, FILE *out, const char *level, const char *text)
{
    struct buf line = { 0 };
    const struct history *run = h->w ? workbench_history(h->w) : NULL;
    log_json_say(&line, run ? run->step : 0, run ? run->epoch : 0, level, text, clock_wall_ns());
    if (!line.failed && line.len)
        put_line(h, out, line.data);
    buf_release(&line);
}

static void put_caret(struct headless *h, const char *line, int caret)
{
    int end = h->w ? workbench_caret_end(h->w) : caret + 1;
    (void)line;
    char mark[256];
    int at = (int)strlen("saddle> ") + caret, n = end - caret < 1 ? 1 : end - caret;
    if (at + n >= (int)sizeof mark)
        return;
    memset(mark, ' ', (size_t)at);
    memset(mark + at, '~', (size_t)n);
    mark[at] = '^';
    mark[at + n] = '\0';
    put_line(h, stderr, mark);
}

static void print_said(void *ctx, enum say_level level, const char *line, int caret)
{
    struct headless *h = ctx;
    char *safe = text_safe_copy(line);
    if (!safe)
        return;
    bool json = h->format == LOG_JSONL, bad = level == SAY_WARNING || level == SAY_ERROR;
    if (bad) {
        put_line(h, stderr, safe);
        if (h->prompt && caret >= 0)
            put_caret(h, line, caret);
    } else if (!h->quiet) {
        json ? put_text_record(h, stdout, "text", safe) : put_line(h, stdout, safe);
        h->last_line_ns = clock_now_ns();
    }
    if (h->log && (bad || (json && !h->quiet)))
        json ? put_text_record(h, h->log, level == SAY_ERROR ? "error" : bad ? "warning" : "text", safe) : put_line(h, h->log, safe);
    free(safe);
}

/* Warnings of the engine and faults of the recording go to stderr as well. */
static void put_diagnostic(struct headless *h, const struct event *e)
{
    bool say = e->kind == EVENT_SAY && e->f[EV_SAY_LEVEL].s && strcmp(e->f[EV_SAY_LEVEL].s, "note") != 0;
    if (!say && e->kind != EVENT_FAULT)
        return;
    const char *level = say ? e->f[EV_SAY_LEVEL].s : "warning: recording", *text = say ? e->f[EV_SAY_TEXT].s : e->f[EV_FAULT_TEXT].s;
    struct buf line = { 0 };
    buf_addf(&line, "%s: %s", level, text ? text : "");
    char *safe = text_safe_copy(line.data);
    if (safe)
        put_line(h, stderr, safe);
    free(safe);
    buf_release(&line);
}

static bool is_printed(const struct headless *h, const struct event *e)
{
    const int kind = e->kind == EVENT_PART ? event_kind_of(event_text(e, EV_PART_OF)) : (int)e->kind;
    return h->quiet ? kind == EVENT_EPOCH : h->verbose || (kind != EVENT_STEP && kind != EVENT_GAUGE);
}

/* --log=jsonl: the journal's own line, with its number. */
static void on_record(void *ctx, const struct event *e, const char *line)
{
    struct headless *h = ctx;
    if (e->kind == EVENT_OPEN && e->f[EV_OPEN_WALL].u)
        h->wall_offset = (int64_t)(e->f[EV_OPEN_WALL].u - e->ns);
    if (e->kind == EVENT_STEP) {
        buf_clear(&h->last_record);
        buf_adds(&h->last_record, line);
        h->last_record_ns = e->ns;
    }
    if (is_printed(h, e))
        put_json(h, line, e->ns);
}

static void count_record(void *ctx, const struct event *e, const char *line)
{
    (void)e;
    (void)line;
    ++*(uint64_t *)ctx;
}

/* A run of another process: what was read from its journal. An event has the number of its last line. */
static void on_viewed(struct headless *h, const struct event *e)
{
    uint64_t lines = 0;
    lines_of_event(e, e->q, count_record, &lines);
    lines_of_event(e, e->q + 1 - (lines > e->q ? e->q + 1 : lines), on_record, h);
}

static void on_event(void *ctx, const struct event *e)
{
    struct headless *h = ctx;
    if (e->kind == EVENT_STEP) {
        event_unref(h->last_step);
        h->last_step = event_ref((struct event *)(uintptr_t)e);
    }
    put_diagnostic(h, e);
    if (h->format == LOG_JSONL && h->view)
        on_viewed(h, e);
    else if (h->format == LOG_TEXT && is_printed(h, e))
        put_event(h, e, h->verbose);
}

/* Once, and then not a word until it goes on: who reads the end of the log sees why nothing comes. */
static void say_stands_still(struct headless *h, const struct trainer_status *s)
{
    struct buf line = { 0 };
    struct session_status session;
    if (h->pause_told || h->format != LOG_TEXT)
        return;
    log_pause(&line, workbench_session_status(h->w, &session) ? workbench_history(h->w)->name : NULL, s, clock_wall_ns());
    put_log(h, &line);
    h->pause_told = true;
}

static void heartbeat(struct headless *h)
{
    struct trainer_status s;
    uint64_t now = clock_now_ns();
    if (!h->w || !workbench_training(h->w))
        return;
    const bool paused = workbench_status(h->w, &s) && s.phase == TRAINER_PAUSED;
    h->pause_told &= paused;
    if (now - h->last_line_ns < HEARTBEAT_NS)
        return;
    if (paused)
        say_stands_still(h, &s);
    else if (h->format == LOG_JSONL && h->last_record.len)
        put_json(h, h->last_record.data, h->last_record_ns);
    else if (h->format == LOG_TEXT && h->last_step)
        put_event(h, h->last_step, true);
    h->last_line_ns = now;
}

/* Trouble with the recording is told at once and every minute; its end is an event of the recording itself. */
static void watch_recording(struct headless *h)
{
    struct session_status s;
    char why[256], line[300];
    bool waits = h->w && workbench_session_status(h->w, &s) && session_waits(&s, why, sizeof why);
    uint64_t now = clock_now_ns();
    if (waits && (!h->recording_waits || now - h->told_ns >= HEARTBEAT_NS)) {
        snprintf(line, sizeof line, "warning: %s; training stands still until it can be written", why);
        put_line(h, stderr, line);
        h->told_ns = now;
    }
    h->recording_waits = waits;
}

/* --- waiting and signals ------------------------------------------------------------------------------------------- */

static void read_signals(struct headless *h)
{
    struct signalfd_siginfo s;
    while (read(h->signal_fd, &s, sizeof s) == (ssize_t)sizeof s) {
        if (s.ssi_signo == SIGUSR2)
            workbench_snapshot(h->w);
        else if (!h->stop_signal)
            h->stop_signal = (int)s.ssi_signo;
    }
}

/* Sleeps until events, a signal, input (with_input) or the timeout. true: input can be read. */
static bool sleep_for(struct headless *h, int timeout_ms, bool with_input)
{
    enum { WATCH_MS = 250 };
    struct pollfd p[3] = { { .fd = workbench_fd(h->w), .events = POLLIN }, { .fd = h->signal_fd, .events = POLLIN },
        { .fd = with_input ? STDIN_FILENO : -1, .events = POLLIN } };
    int n = poll(p, 3, timeout_ms < WATCH_MS ? timeout_ms : WATCH_MS);
    if (n > 0 && p[1].revents)
        read_signals(h);
    workbench_look_outside(h->w);
    watch_recording(h);
    heartbeat(h);
    return n > 0 && p[2].revents;
}

static bool idle(void *ctx, int timeout_ms)
{
    struct headless *h = ctx;
    if (!h->stop_signal)
        sleep_for(h, timeout_ms, false);
    return !h->stop_signal;
}

static bool confirm(void *ctx, const char *question)
{
    struct headless *h = ctx;
    char *line = NULL;
    size_t cap = 0;
    h->at_prompt = false;
    fprintf(h->asks_on, "%s [y/N] ", question);
    fflush(h->asks_on);
    bool yes = getline(&line, &cap, stdin) > 0 && (line[0] == 'y' || line[0] == 'Y') && (line[1] == '\n' || strcmp(line + 1, "es\n") == 0);
    free(line);
    return yes;
}

static int table_columns(void *ctx)
{
    struct winsize size;
    (void)ctx;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* --- life ---------------------------------------------------------------------------------------------------------- */

int headless_init(struct headless *h, struct workbench_face *face, struct err *err)
{
    sigset_t set;
    signal_set(&set);
    h->w = NULL;
    h->stop_signal = 0;
    h->last_step = NULL;
    h->last_record = (struct buf){ 0 };
    h->wall_offset = 0;
    h->at_prompt = false;
    h->asks_on = isatty(STDOUT_FILENO) ? stdout : stderr; /* what is asked and typed is no part of the output */
    h->recording_waits = h->output_failed = h->log_failed = false;
    h->last_line_ns = clock_now_ns();
    h->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (h->signal_fd < 0)
        return err_io(err, "cannot listen to signals");
    *face = (struct workbench_face){ .ctx = h, .say = print_said, .event = on_event, .record = h->format == LOG_JSONL ? on_record : NULL,
        .idle = idle, .confirm = h->prompt ? confirm : NULL, .table_columns = table_columns };
    return 0;
}

int headless_release(struct headless *h)
{
    event_unref(h->last_step);
    buf_release(&h->last_record);
    if (h->signal_fd >= 0)
        close(h->signal_fd);
    if (h->log && fclose(h->log) != 0 && !h->log_failed) {
        fprintf(stderr, "saddle: cannot write the log file: %s\n", strerror(errno));
        h->log_failed = true;
    }
    return h->output_failed || h->log_failed ? -1 : 0;
}

/* The run ends with a snapshot; a second signal ends the program at once (the session is made for that). */
static int end_by_signal(struct headless *h)
{
    sigset_t set;
    struct err err = { 0 };
    int signo = h->stop_signal;
    struct session_status session;
    const bool training = workbench_training(h->w), campaign = workbench_campaign_cut(h->w);
    const bool recorded = training && workbench_session_status(h->w, &session);
    signal_set(&set);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    bool safe = workbench_end(h->w, strsignal(signo), &err) == 0;
    const struct history *run = workbench_history(h->w);
    if (!safe)
        fprintf(stderr, "saddle: %s\n", err.text);
    else if (recorded)
        fprintf(stderr, "saddle: %s at step %llu; 'saddle resume %s' goes on\n", strsignal(signo), (unsigned long long)run->step, run->name);
    else if (training)
        fprintf(stderr, "saddle: %s at step %llu; nothing of the run is recorded\n", strsignal(signo), (unsigned long long)run->step);
    else
        fprintf(stderr, "saddle: %s; %s\n", strsignal(signo), campaign ? "its runs ended with snapshots and can be gone on with" : "no run was under way");
    if (signo == SIGINT)
        return 130;
    return (recorded || campaign) && safe ? 75 : 128 + (signo == SIGHUP ? SIGHUP : SIGTERM);
}

/* After the last command: wait is implied. */
static int finish_script(struct headless *h, int result)
{
    struct err err = { 0 };
    workbench_pump(h->w);
    if (result == 0 && !h->stop_signal && !workbench_quit_asked(h->w) && workbench_wait(h->w) < 0)
        result = -1;
    if (h->stop_signal)
        return end_by_signal(h);
    bool diverged = !h->prompt && workbench_diverged(h->w);
    if (workbench_end(h->w, result < 0 ? "a command failed" : "done", &err) < 0) {
        fprintf(stderr, "saddle: %s\n", err.text);
        const int why = workbench_exit_code(h->w); /* of the run says more */
        return why ? why : exit_code_of(err.code);
    }
    int code = workbench_exit_code(h->w);
    if (code == 0 && diverged)
        code = exit_code_of(ERR_DIVERGED);
    return result < 0 && code == 0 ? 1 : code;
}

int headless_commands(struct headless *h, struct workbench *w, const char *commands)
{
    h->w = w;
    return finish_script(h, workbench_line(w, commands, false));
}

int headless_script(struct headless *h, struct workbench *w, const char *path, bool dry)
{
    h->w = w;
    return finish_script(h, workbench_script(w, path, dry));
}

/* --- commands from stdin ------------------------------------------------------------------------------------------- */

static void show_prompt(struct headless *h, bool more)
{
    if (!h->prompt || h->at_prompt)
        return;
    fputs(more ? "      > " : "saddle> ", h->asks_on);
    fflush(h->asks_on);
    h->at_prompt = true;
}

/* Reads what is there into `in`; 0 at the end of input. */
static bool read_more(struct buf *in)
{
    char *room = buf_reserve(in, 4096);
    if (!room)
        return false;
    ssize_t n = read(STDIN_FILENO, room, 4096);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    in->len += (size_t)n;
    in->data[in->len] = '\0';
    return n > 0;
}

/* Takes one whole line (several, when they continue) off `in`; NULL when there is none yet. Heap. */
static char *take_typed(struct buf *in, bool at_end, int *lines)
{
    size_t from = 0;
    *lines = 0;
    for (;;) {
        char *newline = in->len > from ? memchr(in->data + from, '\n', in->len - from) : NULL;
        if (!newline && !(at_end && in->len > 0))
            return NULL;
        size_t len = newline ? (size_t)(newline - in->data) : in->len;
        char *line = strndup(in->data, len);
        ++*lines;
        if (line && newline && lex_continues(line)) {
            free(line);
            from = len + 1;
            continue;
        }
        size_t used = newline ? len + 1 : len;
        memmove(in->data, in->data + used, in->len - used);
        in->len -= used;
        in->data[in->len] = '\0';
        if (line)
            line[strcspn(line, "\r")] = '\0';
        return line;
    }
}

/* Runs whole lines. A script's first error ends it; a person goes on. */
static int run_input(struct headless *h, struct buf *in, bool at_end, int *line_no)
{
    int lines, result = 0;
    for (char *line; result == 0 && !workbench_quit_asked(h->w) && !h->stop_signal && (line = take_typed(in, at_end, &lines)); free(line)) {
        if (!h->prompt)
            workbench_place(h->w, "stdin", *line_no + 1);
        result = workbench_line(h->w, line, h->prompt);
        *line_no += lines;
        if (h->prompt) {
            result = 0;
            workbench_settle(h->w, 300);
        }
    }
    return result;
}

int headless_stdin(struct headless *h, struct workbench *w)
{
    struct buf in = { 0 };
    bool more = true;
    int result = 0, line_no = 0;
    h->w = w;
    while (more && result == 0 && !h->stop_signal && !workbench_quit_asked(w)) {
        show_prompt(h, in.len > 0);
        if (sleep_for(h, 500, true)) {
            more = read_more(&in);
            h->at_prompt = false; /* what was typed has ended the prompt's line */
            result = run_input(h, &in, !more, &line_no);
        }
        workbench_pump(w);
        if (!h->prompt && workbench_diverged(w)) /* nobody is here to change a knob */
            more = false;
    }
    workbench_place(w, NULL, 0);
    buf_release(&in);
    return finish_script(h, result);
}

/* --- view ---------------------------------------------------------------------------------------------------------- */

int headless_view(struct headless *h, struct workbench *w, const char *run)
{
    enum { LOOK_MS = 500, LOOKS_PER_CHECK = 10 };
    h->w = w;
    if (workbench_open_replay(w, run, true) < 0)
        return finish_script(h, -1);
    int result = workbench_line(w, "show", false);
    for (int looks = 0; result == 0 && !h->stop_signal; looks++) {
        workbench_replay_tick(w, clock_now_ns());
        if (looks % LOOKS_PER_CHECK == 0 && workbench_view_over(w))
            break;
        sleep_for(h, LOOK_MS, false);
    }
    workbench_replay_tick(w, clock_now_ns());
    return finish_script(h, result);
}
