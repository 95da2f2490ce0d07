#include "config.h"
#include "tui/canvas.h"

#include "base/buf.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* The glyphs we draw with are one column wide in every set that is offered (glyphs.c checks the terminal's locale), so
 * they skip wcwidth(), which is most of the cost of a frame. */
static bool is_own_glyph(uint32_t ch)
{
    return (ch >= 0x2500 && ch <= 0x25ff) || (ch >= 0x2800 && ch <= 0x28ff) || ch == 0x3bb || ch == 0x394 || ch == 0xb7 ||
           ch == 0x2192 || ch == 0x2026;
}

int char_width(uint32_t ch, bool utf8)
{
    if (ch < 0x7f)
        return ch < 0x20 ? -1 : 1;
    if (ch < 0xa0)
        return -1;
    if (!utf8 || is_own_glyph(ch))
        return 1;
    int width = wcwidth((wchar_t)ch);
    return width > 2 ? -1 : width;
}

/* 7-bit spelling of a glyph, or NULL. Ordered by use: the first rows are the hot ones. */
static const char *spelling(uint32_t ch)
{
    static const char ramp[8][2] = { " ", ".", ":", "-", "=", "+", "*", "#" };
    static const char box[][2] = { "-", "=", "|", "|" };
    if (ch >= 0x2581 && ch <= 0x2588)
        return ramp[ch - 0x2581];
    if (ch >= 0x2500 && ch <= 0x2503)
        return box[ch - 0x2500];
    if (ch >= 0x2589 && ch <= 0x258f)
        return ch <= 0x258c ? "#" : ".";
    if (ch >= 0x2504 && ch <= 0x250b)
        return ":";
    if (ch >= 0x250c && ch <= 0x254b)
        return "+";
    static const struct {
        uint32_t ch;
        const char *text;
    } table[] = { { 0xb7, "." },     { 0x25cf, "*" },  { 0x25cb, "o" },  { 0x3bb, "l" },    { 0x394, "d" },   { 0x2192, "->" },
                  { 0x25b2, "+" },   { 0x25bc, "-" },  { 0x25b8, ">" },  { 0x25be, "v" },   { 0x2026, ".." }, { 0x2212, "-" },
                  { 0x2013, "-" },   { 0x2014, "-" },  { 0xb1, "+-" },   { 0xd7, "x" },     { 0x2264, "<=" }, { 0x2265, ">=" },
                  { 0x3c1, "rho" },  { 0x3b2, "beta" }, { 0x2190, "<-" }, { 0x2191, "^" },  { 0x2193, "v" },  { 0x25b6, ">" },
                  { 0x21b5, "$" },   { 0x3a3, "S" },   { 0x2591, "." },  { 0x2592, "+" },   { 0x2593, "*" },  { 0xb0, "deg" },
                  { 0x2018, "'" },   { 0x2019, "'" },  { 0x201c, "\"" }, { 0x201d, "\"" },  { 0x2580, "*" },  { 0x223c, "~" },
                  { 0x2248, "~" },   { 0x3c3, "s" },   { 0x2016, "|" },  { 0xb2, "^2" },    { 0x21b3, ">" } };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].ch == ch)
            return table[i].text;
    return NULL;
}

int canvas_resize(struct canvas *c, int rows, int cols)
{
    long need = (long)rows * cols;
    if (need > c->cap) {
        struct cell *cell = realloc(c->cell, (size_t)need * sizeof *cell);
        if (!cell)
            return -1;
        c->cell = cell;
        c->cap = need;
    }
    c->rows = rows;
    c->cols = cols;
    canvas_clear(c);
    return 0;
}

void canvas_release(struct canvas *c)
{
    free(c->cell);
    *c = (struct canvas){ 0 };
}

void canvas_clear(struct canvas *c)
{
    for (long i = 0; i < (long)c->rows * c->cols; i++)
        c->cell[i] = (struct cell){ ' ', INK_TEXT };
}

void canvas_to_text(const struct canvas *c, struct buf *out)
{
    for (int r = 0; r < c->rows; r++) {
        const struct cell *row = c->cell + (long)r * c->cols;
        int end = c->cols;
        while (end > 0 && row[end - 1].ch == ' ')
            end--;
        for (int i = 0; i < end; i++) {
            char bytes[4];
            if (row[i].ch)
                buf_add(out, bytes, text_encode(row[i].ch, bytes));
        }
        buf_addc(out, '\n');
    }
}

struct area area_whole(struct canvas *c)
{
    return (struct area){ c, 0, 0, c->rows, c->cols };
}

static int clip(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

struct area area_part(struct area a, int row, int col, int rows, int cols)
{
    int top = clip(row, 0, a.rows), left = clip(col, 0, a.cols);
    int bottom = clip(row + (rows < 0 ? 0 : rows), top, a.rows), right = clip(col + (cols < 0 ? 0 : cols), left, a.cols);
    return (struct area){ a.canvas, a.row + top, a.col + left, bottom - top, right - left };
}

static struct cell *cell_at(struct area a, int row, int col)
{
    if (row < 0 || col < 0 || row >= a.rows || col >= a.cols)
        return NULL;
    return a.canvas->cell + (long)(a.row + row) * a.canvas->cols + a.col + col;
}

void area_fill(struct area a, uint32_t ch, unsigned ink)
{
    for (int r = 0; r < a.rows; r++)
        for (int k = 0; k < a.cols; k++)
            area_char(a, r, k, ink, ch);
}

/* Overwriting half of a wide character leaves a blank, never the other half. */
static void set_cell(struct area a, int row, int col, unsigned ink, uint32_t ch)
{
    struct cell *cell = cell_at(a, row, col);
    if (!cell)
        return;
    int at = a.col + col;
    if (cell->ch == 0 && at > 0 && ch != 0)
        cell[-1].ch = ' ';
    if (at + 1 < a.canvas->cols && cell[1].ch == 0)
        cell[1].ch = ' ';
    *cell = (struct cell){ ch, ink };
}

void area_char(struct area a, int row, int col, unsigned ink, uint32_t ch)
{
    if (ch > 0x7e && a.canvas->ascii) {
        const char *ascii = spelling(ch);
        ch = ascii ? (uint32_t)(unsigned char)ascii[0] : ch;
    }
    if (char_width(ch, a.canvas->utf8) != 1 || (ch > 0x7e && !a.canvas->utf8))
        ch = '?';
    set_cell(a, row, col, ink, ch);
}

/* Columns of one character as put_limited() shows it; *text its 7-bit spelling or NULL, *ch what to show otherwise. */
static int shown_as(const struct canvas *c, uint32_t *ch, const char **text)
{
    *text = *ch > 0x7e && c->ascii ? spelling(*ch) : NULL;
    if (*text)
        return (int)strlen(*text);
    int width = char_width(*ch, c->utf8);
    if (width < 0 || *ch == 0xfffd || (*ch > 0x7e && !c->utf8)) {
        *ch = '?';
        return 1;
    }
    return width;
}

int text_width(const struct canvas *c, const char *text)
{
    int width = 0;
    while (*text) {
        uint32_t ch = text_next(&text);
        const char *ascii;
        width += shown_as(c, &ch, &ascii);
    }
    return width;
}

int text_break(const struct canvas *c, const char *text, int cols)
{
    int used = 0, blank = 0;
    const char *at = text;
    while (*at) {
        const char *next = at, *ascii;
        uint32_t ch = text_next(&next);
        used += shown_as(c, &ch, &ascii);
        if (used > cols)
            return blank ? blank : (int)((at > text ? at : next) - text);
        at = next;
        if (ch == ' ' && 2 * used > cols)
            blank = (int)(at - text);
    }
    return (int)(at - text);
}

static int put_limited(struct area a, int row, int col, unsigned ink, const char *text, int limit)
{
    int used = 0;
    while (*text) {
        uint32_t ch = text_next(&text);
        const char *ascii;
        int width = shown_as(a.canvas, &ch, &ascii);
        if (used + width > limit || col + used + width > a.cols)
            break;
        if (ascii) {
            for (int i = 0; i < width; i++)
                set_cell(a, row, col + used + i, ink, (unsigned char)ascii[i]);
        } else if (width > 0) {
            set_cell(a, row, col + used, ink, ch);
            if (width == 2)
                set_cell(a, row, col + used + 1, ink, 0);
        }
        used += width;
    }
    return used;
}

int area_put(struct area a, int row, int col, unsigned ink, const char *text)
{
    return put_limited(a, row, col, ink, text, 1 << 20);
}

int area_putn(struct area a, int row, int col, unsigned ink, const char *text, int limit)
{
    if (limit > a.cols - col)
        limit = a.cols - col;
    if (limit <= 0)
        return 0;
    if (text_width(a.canvas, text) <= limit)
        return put_limited(a, row, col, ink, text, limit);
    int used = put_limited(a, row, col, ink, text, limit - 1);
    area_char(a, row, col + used, ink, 0x2026);
    return used + 1;
}

int area_putf(struct area a, int row, int col, unsigned ink, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return area_put(a, row, col, ink, text);
}

int area_put_right(struct area a, int row, int end, unsigned ink, const char *text)
{
    int col = end - text_width(a.canvas, text);
    area_put(a, row, col, ink, text);
    return col;
}

void area_ink(struct area a, int row, int col, int n, unsigned bits)
{
    for (int i = 0; i < n; i++) {
        struct cell *cell = cell_at(a, row, col + i);
        if (cell)
            cell->ink |= bits;
    }
}
