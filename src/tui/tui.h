/* tui/tui.h - the screen of saddle, for main. In this order:
 *
 *     if (tui_possible(&why)) tui_begin();        before any thread exists: the guard process, signals
 *     tui_face(&face); w = workbench_new(&options, &face, &err);
 *     code = tui_run(w, &tui_options, &err);
 *     workbench_free(w);
 *
 * One terminal in a process; everything here belongs to the main thread. */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "repl/workbench.h"

struct tui_options {
    const char *color, *glyphs; /* --color, --glyphs or NULL: the knobs decide */
    int fps;                    /* --fps or 0 */
    int rows, cols;             /* --size, or 0: the terminal's */
    bool keys;                  /* start in state KEYS (view, replay) */
};

/* stdin and stdout are terminals and TERM can show a screen; else *why says why not. */
bool tui_possible(const char **why);

/* The reason why there is no locale, and what to set; false: there is one. */
bool tui_locale_trouble(char *out, size_t size);
/* The terminal and the locale, for `saddle doctor`: a line each. */
struct buf;
void tui_describe(struct buf *out);

/* Starts the guard (guard.h) and blocks the signals the loop reads. Returns in the worker process. */
void tui_begin(void);

/* The callbacks of this screen for workbench_new(). Lines said before tui_run() are kept and shown in it. */
void tui_face(struct workbench_face *out);

/* Runs until the user leaves. Returns the exit code: workbench_exit_code(), or 75 (129, 143 without a safe snapshot) after a
 * signal. -1 with *err when the screen cannot be opened. */
int tui_run(struct workbench *w, const struct tui_options *options, struct err *err);

/* Reads "COLSxROWS" (1x1 .. 500x200). -1 with *err. */
int tui_size_parse(const char *text, int *cols, int *rows, struct err *err);

#endif
