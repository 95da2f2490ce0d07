/* tui/canvas.h - a grid of character cells, and the only gate between text and the terminal: whatever is put into a cell is
 * a printable character, so that names and messages from a foreign session cannot send control sequences.
 * Text is UTF-8; a bad byte, a control character or an unprintable character becomes '?'; characters of no width are
 * dropped. With `ascii` set every glyph of the user interface has a 7-bit spelling ("λ" l, "→" ->, "█" #); with `utf8`
 * unset everything else outside 7 bits is '?'. No ncurses here. One thread. */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

/* Colours by meaning; the terminal layer maps them. Colour is never alone: a letter, sign or arrow says the same. */
enum ink {
    INK_TEXT, INK_HEAD, INK_MID, INK_TAIL, INK_DIM, INK_MARK, INK_WARN,
    INK_SHADE0, INK_SHADE1, INK_SHADE2, INK_SHADE3, INK_SHADE4,
    INK_COUNT,
    INK_MASK = 0xff, /* the rest are bits added to an ink */
    INK_BOLD = 0x100, INK_UNDERLINE = 0x200, INK_REVERSE = 0x400
};

struct cell {
    uint32_t ch;  /* code point; 0 = right half of the wide character before it */
    uint32_t ink;
};
struct canvas {
    int rows, cols;
    bool utf8;  /* the terminal can show more than 7 bits */
    bool ascii; /* glyphs of the user interface in 7 bits */
    long cap;
    struct cell *cell; /* [rows][cols] */
};

/* Part of a canvas; drawing outside of it does nothing. A value. */
struct area {
    struct canvas *canvas;
    int row, col, rows, cols;
};

int canvas_resize(struct canvas *c, int rows, int cols); /* blank afterwards; -1 = no memory, canvas unchanged */
void canvas_release(struct canvas *c);
void canvas_clear(struct canvas *c);
void canvas_to_text(const struct canvas *c, struct buf *out); /* UTF-8 lines without trailing blanks */

struct area area_whole(struct canvas *c);
struct area area_part(struct area a, int row, int col, int rows, int cols); /* clipped to a */
void area_fill(struct area a, uint32_t ch, unsigned ink);
void area_char(struct area a, int row, int col, unsigned ink, uint32_t ch);
/* Returns the columns used. Text that does not fit is cut at the edge. */
int area_put(struct area a, int row, int col, unsigned ink, const char *text);
int area_putn(struct area a, int row, int col, unsigned ink, const char *text, int limit); /* at most limit columns, then "…" */
int area_putf(struct area a, int row, int col, unsigned ink, const char *format, ...) __attribute__((format(printf, 5, 6)));
int area_put_right(struct area a, int row, int end, unsigned ink, const char *text); /* ends before column `end`; returns its start */
void area_ink(struct area a, int row, int col, int n, unsigned bits); /* adds attribute bits to n cells */

int char_width(uint32_t ch, bool utf8);                 /* 0, 1, 2; -1 = not printable */
int text_width(const struct canvas *c, const char *text); /* columns area_put() would use */
/* Bytes of text that fill a row of `cols` columns, broken behind a blank where the second half of the row has one; all of a
 * text that fits. At least one character of a text that is not empty. */
int text_break(const struct canvas *c, const char *text, int cols);

#endif
