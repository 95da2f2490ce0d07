/* tui/app.h - the running screen: what the loop (tui.c) and the key actions (actions.c) share. */
#ifndef TUI_APP_H
#define TUI_APP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "tui/input.h"
#include "tui/keys.h"
#include "tui/screen.h"
#include "tui/tui.h"

enum { MAX_QUEUED = 64 };
#define PROMPT "saddle> "

/* The little editor in the prompt row for questions, search and filter. */
enum mini_kind { MINI_NONE, MINI_CONFIRM, MINI_FIND, MINI_FILTER, MINI_OVERLAY, MINI_GOTO };
struct mini {
    enum mini_kind kind;
    char label[200], text[128];
    bool done, accepted;
};

struct app {
    struct workbench *w;
    struct tui_options options;
    struct screen screen;
    struct canvas canvas;
    struct input input;
    struct mini mini;
    struct host host;
    struct buf sweep;          /* its table, once a second */

    int signal_fd;
    bool running, open;        /* open: tui_run() is under way */
    bool dirty, urgent;        /* something to paint; at once, not at the next frame */
    bool depth;                /* inside a command: lines wait in the queue */
    bool interrupted;          /* C-c while a command waited */
    bool gave_up;              /* the command under way: C-c, a signal or the end of the terminal ended its wait */
    bool hung_up;              /* the terminal is gone */
    bool entered;              /* the terminal was opened once */
    bool away;                 /* the terminal is another job's: nothing is painted or read */
    bool closed_by_q;          /* q closed a list at an empty prompt; nothing but u was typed since */
    bool esc_switched;         /* the last key was an Esc and changed between KEYS and PROMPT */
    int end_signal;            /* SIGTERM, SIGUSR1, SIGHUP that asked to end; 0 */
    int suspend_asked;         /* C-z pressed once */
    int rows, cols;            /* of the canvas */

    char *queued[MAX_QUEUED];  /* lines to run, oldest first */
    bool queued_echo[MAX_QUEUED];
    int n_queued;

    uint64_t started_ns, next_frame_ns, status_ns, second_ns, second_cpu_ns;
    uint64_t seen_changes;
    struct knobs knobs;        /* shown */
    bool was_replaying;
    const void *was_compared;  /* the comparison that was shown, not looked into; NULL: none */
};

extern struct app app;

/* actions.c */
void app_key(const struct input_event *e);
void app_paste(const struct input_event *e);
void app_not_escape(void); /* the last Esc was the begin of a key that a slow link tore apart: what it did is taken back */
void app_mouse(const struct input_event *e);
void app_interrupt(void);
void app_face(struct workbench_face *face); /* what only a screen can do */
void app_mini_start(enum mini_kind kind, const char *label, const char *text);
void app_to_prompt(const char *fill); /* what stands in the line then; NULL: as it was */
void app_leave_comparison(void);

/* cursor_keys.c: false, where nothing of that is shown, or the key is another one's. */
bool app_replay_key(uint32_t code);
bool app_compare_key(uint32_t code);

/* tui.c */
void app_dirty(bool urgent);
void app_resize(void);
void app_refresh_status(void);
void app_color_word(char *out, size_t size); /* --color, or the knob */
int app_export(const char *path, bool force, struct err *err); /* what is painted now, as text */

/* run_line.c */
void app_run_line(const char *line, bool echo); /* now, or after the command under way */
void app_run_queued(void);
void app_take_line(void);                       /* what Enter accepted at the prompt */
void app_say(enum say_level level, const char *text);
void app_tell_line_trouble(void);
void app_follow_state(void);                    /* a replay and a comparison begin with KEYS */

/* jobs.c */
int app_open_terminal(struct err *err);
void app_ask_terminal(void);                    /* for its background, when that matters */
void app_follow_foreground(void);               /* closes or opens the screen as the terminal is ours */
void app_suspend(void);
void app_read_signals(void);

#endif
