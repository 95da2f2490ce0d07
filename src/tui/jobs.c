/* Signals and the shell's job control: whose the terminal is, and when to let go of it. */
#include "config.h"
#include "tui/app.h"

#include "base/clock.h"
#include "tui/guard.h"
#include "tui/term.h"

#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

int app_open_terminal(struct err *err)
{
    char color[16], theme[16];
    app_color_word(color, sizeof color);
    knob_choice(&app.knobs, KNOB_THEME, theme, sizeof theme);
    struct term_options t = { .color = color, .theme = theme, .mouse = knob_on(&app.knobs, KNOB_MOUSE) };
    return term_open(&t, err);
}

void app_ask_terminal(void)
{
    if (term_ask_background())
        input_asked(&app.input, clock_now_ns() / 1000000);
}

/* Looks whose the terminal is. Training goes on in either case. */
void app_follow_foreground(void)
{
    struct err err;
    bool front = term_foreground();
    if (app.hung_up || front == !app.away)
        return;
    app.away = !front;
    if (!front) {
        term_away();
        return;
    }
    if (!app.entered && app_open_terminal(&err) != 0) { /* TERM was known at the start */
        app.hung_up = true;
        return;
    }
    if (app.entered)
        term_resume();
    app.entered = true;
    app_resize();
    app_ask_terminal();
}

void app_suspend(void)
{
    term_suspend();
    app.away = true;
    raise(SIGSTOP); /* the guard sees it and stops with us */
    guard_continue();
    app_follow_foreground();
}

/* After `fg` or `bg`; or the worker alone was stopped, which made the guard give the terminal back, and continued. */
static void continued(void)
{
    guard_continue();
    app_follow_foreground();
    if (term_is_open()) {
        term_repair();
        app_resize();
    }
}

static void handle_signal(int number)
{
    switch (number) {
    case SIGWINCH:
        app_resize();
        break;
    case SIGTERM:
    case SIGUSR1:
        app.end_signal = number;
        break;
    case SIGHUP:
        app.hung_up = true;
        break;
    case SIGUSR2:
        workbench_snapshot(app.w);
        break;
    case SIGTSTP:
        app_suspend();
        break;
    case SIGCONT:
        continued();
        break;
    default: /* SIGINT with a screen never ends the run */
        app_interrupt();
        app_dirty(true);
    }
}

/* Only the last of several waiting resizes counts: they are one signal number. */
void app_read_signals(void)
{
    struct signalfd_siginfo info;
    bool resized = false;
    while (read(app.signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGWINCH)
            resized = true;
        else
            handle_signal((int)info.ssi_signo);
    }
    if (resized)
        handle_signal(SIGWINCH);
}

