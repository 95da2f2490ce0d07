/* tui/palette.h - which colour an ink is on a dark, a light and an unknown background, with 8, 256 and 2^24 colours. The terminal's own
 * background is kept always; every text has a contrast of 4.5 : 1 to it or more, every mark 3 : 1 (tests/screen/palette.c). No
 * terminal needed. */
#ifndef TUI_PALETTE_H
#define TUI_PALETTE_H

#include "tui/canvas.h"

enum theme { THEME_UNKNOWN, THEME_DARK, THEME_LIGHT, THEME_MONO, THEME_COUNT };
enum depth { DEPTH_8, DEPTH_256, DEPTH_DIRECT };

/* Number of the colour: of 8, of 256, or 0xRRGGBB. -1: the terminal's own foreground. */
int palette_color(enum theme theme, enum depth depth, enum ink ink);

/* 0xRRGGBB of a colour of xterm's 256. */
int palette_rgb(int index);

/* Contrast of two colours 0xRRGGBB as WCAG 2 defines it: 1 .. 21. */
double palette_contrast(int a, int b);

/* The theme for a background of this colour. */
enum theme palette_theme(int red, int green, int blue);

#endif
