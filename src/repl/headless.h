/* repl/headless.h - the workbench without a screen: commands from -c, a file or a pipe; log lines to stdout. No question, no
 * escape sequence, no carriage return; every line is flushed; at least one a minute while training.
 *
 * And the plain prompt (standard input is a terminal; --no-screen, TERM=dumb, or the output goes elsewhere): the same lines in the normal scrollback, with a prompt.
 *
 * Signals (SIGTERM SIGINT SIGHUP SIGUSR1 SIGUSR2) are blocked by headless_signals() before any thread exists and read here. */
#ifndef REPL_HEADLESS_H
#define REPL_HEADLESS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "repl/workbench.h"

enum log_format { LOG_TEXT, LOG_JSONL, LOG_NONE };

struct headless {
    enum log_format format;
    bool verbose;             /* every step */
    bool quiet;               /* no lines of effect */
    bool prompt;              /* the plain prompt: commands are typed by a person */
    bool view;                /* follows a run of another process: its events are records */
    FILE *log;                /* --log-file, or NULL; text or jsonl like stdout */
    /* headless.c's own */
    struct workbench *w;
    int signal_fd;
    int stop_signal;          /* SIGTERM ...: end the run and leave; 0 = none */
    uint64_t last_line_ns;
    bool pause_told;          /* of the pause that the run is in */
    struct event *last_step;
    struct buf last_record;   /* the last step as a line of JSON, and its time on the line's clock */
    uint64_t last_record_ns;
    int64_t wall_offset;      /* wall clock minus the clock of recorded lines; 0: not known */
    bool at_prompt;           /* the cursor stands behind the prompt */
    FILE *asks_on;            /* the prompt and questions: stdout, or stderr when that is no terminal */
    bool recording_waits;
    uint64_t told_ns;         /* when that was last told */
    bool output_failed, log_failed; /* a line could not be written, and that was told */
};

/* Blocks the signals. First thing in main, before threads. trains: a reader of stdout that goes away (SIGPIPE) ends no run; what
 * only prints ends with it, as programs do. */
void headless_signals(bool trains);

/* Prepares *h (its first five fields are the caller's) and the callbacks for workbench_new(). */
int headless_init(struct headless *h, struct workbench_face *face, struct err *err);
/* -1: lines could not be written to stdout or the log file, which was said on stderr. */
int headless_release(struct headless *h);

/* Each runs its commands, then waits for the end of the run, and returns the exit code (saddle(1)). The run is over then. */
int headless_commands(struct headless *h, struct workbench *w, const char *commands);
int headless_script(struct headless *h, struct workbench *w, const char *path, bool dry);
int headless_stdin(struct headless *h, struct workbench *w);
/* Follows a run that another process records: a log line for every event from now on, until it is over. */
int headless_view(struct headless *h, struct workbench *w, const char *run);

/* One log line for an event, without a newline; false: this event has none. wall_ns: time of day. */
bool log_line(struct buf *out, const struct history *h, const struct trainer_status *s, const struct event *e, bool verbose,
              uint64_t wall_ns);
/* That it stands still, and how it goes on. recorded: the run's name, or NULL: nobody outside finds it. */
void log_pause(struct buf *out, const char *recorded, const struct trainer_status *s, uint64_t wall_ns);
/* A line of the journal with the time of day as its last key. */
void log_json(struct buf *out, const char *line, uint64_t wall_ns);
/* A line that a command said, which no journal has: q and m are null. */
void log_json_say(struct buf *out, uint64_t step, double epoch, const char *level, const char *text, uint64_t wall_ns);

#endif
