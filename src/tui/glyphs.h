/* tui/glyphs.h - how bars and lines are drawn: blocks for bars and sparklines, braille or half blocks for line plots, or
 * 7-bit characters only. The set is chosen, never hoped for: in the C locale ncurses draws nothing for a block. */
#ifndef TUI_GLYPHS_H
#define TUI_GLYPHS_H

#include <stdbool.h>

enum glyph_mode { GLYPHS_ASCII, GLYPHS_BLOCK, GLYPHS_BRAILLE };

/* `word`: auto, block, braille or ascii. utf8: the locale's codeset; wide: wcwidth() of a block or line is not 1; term:
 * $TERM or NULL. A terminal without UTF-8 gets ASCII whatever the word says. Pure. */
enum glyph_mode glyphs_choose(const char *word, bool utf8, bool wide, const char *term);

/* Asks the current locale. */
bool glyphs_locale_utf8(void);
bool glyphs_locale_wide(void);

#endif
