/* tui/guard.h - the terminal comes back whatever happens. The first process keeps the terminal's modes, starts the worker (the
 * rest of the program) before any thread exists, and only waits: after the worker's death by any signal, SIGKILL included, it
 * restores the terminal, says what happened and exits 128 + n; when the worker stops (C-z) it restores and stops too. A terminal
 * that belongs to another job, or takes nothing for a second, is left as it is. Signals sent to it are passed on. The worker ends with the guard (parent-death SIGTERM). */
#ifndef TUI_GUARD_H
#define TUI_GUARD_H

#include <signal.h>
#include <stdbool.h>

/* Call first in main(), on a terminal only. Returns in the worker (0), or with -1 when there can be no guard: the program
 * then runs without. The guard process never returns. */
int guard_begin(void);

/* Signals the loop reads through its signalfd; blocked in every thread made afterwards. guard_begin() blocks them too. */
void guard_block_signals(sigset_t *set);

struct termios;
/* The bytes that must be written to leave the screen, at most 255, and the modes to set then. NULL: the terminal has been given back, or
 * is not ours: the guard leaves it alone. */
void guard_screen(const char *reset, const struct termios *modes);
void guard_continue(void); /* the worker goes on after a stop: the guard, which stopped with it, must as well */
void guard_run_name(const char *name); /* for the message after a crash */

/* Keeps stderr aside while the screen is on; it is shown at the end, by the guard if there is one. guard_stderr_end() gives the
 * terminal back as stderr and, without a guard, prints what was caught. */
void guard_stderr_begin(void);
void guard_stderr_end(void);

#endif
