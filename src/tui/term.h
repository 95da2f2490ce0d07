/* tui/term.h - the terminal itself: modes, colours, and copying changed cells of a canvas to curses. The only file that
 * includes ncurses. One terminal in a process; the terminal thread only. */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include <stdbool.h>

#include "base/err.h"
#include "tui/canvas.h"

struct term_options {
    const char *color; /* auto never always 8 256 */
    const char *theme; /* auto dark light mono */
    bool mouse;
};

/* Opens the screen: raw mode, alternate screen, bracketed paste. -1 with *err when stdin or stdout is no terminal, or TERM
 * is unknown: curses itself would draw into a pipe or exit. Fatal signals and exit() restore the terminal from here on. */
int term_open(const struct term_options *options, struct err *err);
void term_close(void);   /* leaves the screen; may be opened again. Nothing when it is not open */
void term_lost(void);    /* the line is gone: forget the screen without writing */
void term_suspend(void); /* as close, for C-z; term_resume() comes back and repaints everything */
void term_resume(void);
bool term_is_open(void);

/* The shell's job control: in the background the terminal is somebody else's, and is neither written to nor read nor changed. */
bool term_foreground(void);
bool term_known(struct err *err); /* whether TERM is known, without touching the terminal */
int term_colors(void);            /* that TERM has; after term_known() */
void term_away(void);             /* the shell took the terminal: it is forgotten as it is; term_resume() comes back */
void term_repair(void);           /* somebody else restored the terminal under us: modes and screen are set again */

void term_size(int *rows, int *cols);                  /* of the terminal now */
void term_resize(int rows, int cols);                  /* curses follows; everything is repainted */
void term_redraw(void);                                /* the next show repaints everything */
void term_set_color(const char *color);
void term_set_theme(const char *theme);
/* Sends the question for the background, and behind it one that every terminal answers; false: there is no need to know. */
bool term_ask_background(void);
void term_set_background(int red, int green, int blue); /* what it answered */
void term_set_mouse(bool on);

/* Output that blocks (C-s, a link that stands still) holds nobody who was told to end: with SIGTERM, SIGUSR1 or SIGHUP waiting, or while
 * the screen is being left, what the terminal does not take within a moment is thrown away. */

/* Puts the canvas and the cursor on the screen: one update, and nothing at all when nothing changed. */
void term_show(const struct canvas *c, int row, int col);

#endif
