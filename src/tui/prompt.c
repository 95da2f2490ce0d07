#include "config.h"
#include "tui/prompt.h"

#include "base/text.h"

/* One character as it is shown: columns, and up to two code points. */
static int shown(const struct canvas *c, uint32_t ch, uint32_t out[2])
{
    out[1] = 0;
    if (ch == '\n') {
        out[0] = 0x21b5;
        return 1;
    }
    if (ch < 0x20 || ch == 0x7f) {
        out[0] = '^';
        out[1] = ch == 0x7f ? '?' : ch + '@';
        return 2;
    }
    int width = ch == 0xfffd || (ch > 0x7e && !c->utf8) ? -1 : char_width(ch, c->utf8);
    out[0] = width < 0 ? '?' : ch;
    return width < 0 ? 1 : width;
}

static int width_to(const struct canvas *c, const char *text, int end)
{
    int width = 0;
    uint32_t out[2];
    for (const char *at = text; *at && at - text < end;)
        width += shown(c, text_next(&at), out);
    return width;
}

static void put_char(struct area a, int col, int width, const uint32_t out[2], uint32_t ch)
{
    if (width == 2 && !out[1]) { /* a wide character: only whole */
        char bytes[8] = { 0 };
        text_encode(ch, bytes);
        if (col + 1 < a.cols)
            area_put(a, 0, col, INK_TEXT, bytes);
        return;
    }
    for (int i = 0; i < width; i++)
        area_char(a, 0, col + i, INK_TEXT, out[i]);
}

int prompt_paint(struct area a, const char *prompt, const char *text, int cursor)
{
    if (a.rows < 1 || a.cols < 1)
        return 0;
    int head = text_width(a.canvas, prompt), at = width_to(a.canvas, text, cursor), left;
    if (head + 8 > a.cols)
        head = 0; /* too narrow for both: the text matters */
    int room = a.cols - head;
    int shift = at < room ? 0 : at - room + 1;
    area_fill(area_part(a, 0, 0, 1, a.cols), ' ', INK_TEXT);
    struct area field = area_part(a, 0, head, 1, room);
    left = -shift;
    while (*text && left < room) {
        uint32_t ch = text_next(&text), out[2];
        int width = shown(a.canvas, ch, out);
        if (left >= 0 && width > 0)
            put_char(field, left, width, out, ch);
        left += width;
    }
    if (head)
        area_put(a, 0, 0, INK_BOLD, prompt);
    if (shift && head)
        area_char(field, 0, 0, INK_DIM, '<');
    return head + at - shift;
}
