/* tui/line.h - the prompt: GNU readline's editing, history and completion, without readline ever touching the terminal. The
 * only file that includes readline. Bytes of keys go in, an accepted line comes out; what to paint is asked for. One line
 * editor in a process; the terminal thread only. */
#ifndef TUI_LINE_H
#define TUI_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "repl/workbench.h"

struct line_options {
    const char *prompt;
    const char *history_path;  /* NULL: history is not kept */
    void *ctx;
    /* Candidates for the word that ends at `cursor` (workbench_complete). NULL: none. */
    void (*complete)(void *ctx, const char *line, size_t cursor, struct completion *out);
};

void line_open(const struct line_options *options);
void line_close(void);

void line_feed(const char *bytes, int n);     /* the bytes of one key */
void line_paste(const char *text);            /* as typed, newlines included; nothing runs before Enter */
void line_fill(const char *text);             /* replaces the line */
void line_interrupt(void);                    /* C-c: ends a search, clears the line */
bool line_is_empty(void);

/* The line that Enter accepted (heap, free()), or NULL. eof: C-d on an empty line. */
char *line_accepted(bool *eof);
/* Adds a line to the history, in memory and on disk. Blank first, repeated or empty lines are not kept. */
void line_remember(const char *line);
/* The reason why the history is not kept, once after it was found out (a lock that is held, a pipe of that name ...). false: no news. */
bool line_trouble(char *out, size_t size);

const char *line_prompt(void);                /* what readline shows before the line: the prompt, or its search's */
const char *line_text(void);
int line_cursor(void);                        /* byte */
bool line_vi(void);                           /* editing-mode vi: Esc belongs to readline */
bool line_vi_command(void);
/* The list to show above the prompt, borrowed until the next key; page: how often Tab was pressed again. */
char **line_candidates(int *n, int *page);

/* $XDG_STATE_HOME/saddle/history or ~/.local/state/...; makes the folders. false: nowhere to keep it. */
bool line_history_path(char *out, size_t size);

#endif
