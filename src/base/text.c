#include "config.h"
#include "base/text.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text_range {
    uint32_t first, last;
};
#include "base/text_ranges.inc"

enum { REPLACEMENT = 0xfffd, MARKS_MAX = 4 };

static bool in_ranges(const struct text_range *range, size_t n, uint32_t c)
{
    size_t low = 0, high = n - 1; /* the first range that does not end before c, or the last one */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (range[middle].last < c)
            low = middle + 1;
        else
            high = middle;
    }
    return range[low].first <= c && c <= range[low].last;
}
#define IN(table, c) in_ranges((table), sizeof(table) / sizeof((table)[0]), c)

uint32_t text_next(const char **text)
{
    const unsigned char *t = (const unsigned char *)*text;
    int more = t[0] < 0x80 ? 0 : t[0] < 0xc2 ? -1 : t[0] < 0xe0 ? 1 : t[0] < 0xf0 ? 2 : t[0] < 0xf5 ? 3 : -1;
    uint32_t c = more <= 0 ? t[0] : t[0] & (0x3fu >> more);
    for (int i = 1; i <= more; i++) {
        if ((t[i] & 0xc0) != 0x80) {
            more = -1;
            break;
        }
        c = c << 6 | (t[i] & 0x3fu);
    }
    bool bad = more < 0 || (more == 2 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) ||
               (more == 3 && (c < 0x10000 || c > 0x10ffff));
    *text += bad ? 1 : more + 1;
    return bad ? REPLACEMENT : c;
}

size_t text_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint32_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    for (size_t i = n; --i > 0; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(lead[n] | c);
    return n;
}

size_t text_safe(const char *text, char *out, size_t size)
{
    size_t used = 0;
    int marks = 0;
    while (text && *text) {
        char bytes[4];
        uint32_t c = text_next(&text);
        if (c >= 0x7f || c < 0x20) { /* ASCII needs no table */
            marks = IN(mark_ranges, c) ? marks + 1 : 0;
            if (IN(unsafe_ranges, c) || marks > MARKS_MAX)
                c = REPLACEMENT;
        } else
            marks = 0;
        size_t n = text_encode(c, bytes);
        if (used + n >= size)
            break;
        memcpy(out + used, bytes, n);
        used += n;
    }
    out[used] = '\0';
    return used;
}

char *text_safe_copy(const char *text)
{
    const size_t size = (text ? strlen(text) : 0) * 3 + 1; /* U+FFFD for a byte */
    char *out = malloc(size);
    if (out)
        text_safe(text, out, size);
    return out;
}

void text_append(char *out, size_t size, const char *format, ...)
{
    size_t used = strlen(out);
    va_list args;
    va_start(args, format);
    vsnprintf(out + used, size - used, format, args);
    va_end(args);
}

const char *text_next_line(const char **text, size_t *n)
{
    const char *line = *text;
    if (!line || !*line)
        return NULL;
    *n = strcspn(line, "\n");
    *text = line + *n + (line[*n] == '\n');
    return line;
}

bool text_ends(const char *text, const char *ending)
{
    const size_t n = strlen(text), m = strlen(ending);
    return n > m && strcmp(text + n - m, ending) == 0;
}

const char *text_middle(const char *name, size_t most, char *out, size_t size)
{
    const size_t n = strlen(name);
    if (n <= most)
        return name;
    size_t head = (most - 2) / 3, from = n - (most - 2 - head);
    while (head > 0 && ((unsigned char)name[head] & 0xc0) == 0x80)
        head--;
    while (((unsigned char)name[from] & 0xc0) == 0x80)
        from++;
    snprintf(out, size, "%.*s..%s", (int)head, name, name + from);
    return out;
}

void text_json(struct buf *out, const char *text)
{
    if (!text) {
        buf_adds(out, "null");
        return;
    }
    buf_addc(out, '"');
    while (*text) {
        uint32_t c = text_next(&text);
        if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", (char)c);
        else if (c >= 0x20 && c <= 0x7e)
            buf_addc(out, (char)c);
        else if (c < 0x10000)
            buf_addf(out, "\\u%04x", (unsigned)c);
        else
            buf_addf(out, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (c >> 10)), (unsigned)(0xdc00 | (c & 0x3ff)));
    }
    buf_addc(out, '"');
}

void texts_free(char **texts)
{
    for (char **t = texts; t && *t; t++)
        free(*t);
    free(texts);
}
