/* tui/prompt.h - painting the prompt row. Pure. */
#ifndef TUI_PROMPT_H
#define TUI_PROMPT_H

#include "tui/canvas.h"

/* Paints prompt and text into row 0 of `a`, scrolled so that the cursor (a byte of text) stays inside; returns its column.
 * Control characters are ^X, a newline is ↵, a bad byte takes one column. */
int prompt_paint(struct area a, const char *prompt, const char *text, int cursor);

#endif
