#include "config.h"
#include "repl/words.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"

const struct word_info word_table[] = {
#define WORD(names, pane, text) { names, pane, text },
#include "repl/words.def"
#undef WORD
};
const int n_words = (int)(sizeof word_table / sizeof word_table[0]);

/* Exact spelling first: 'T' is the tail and 't' nothing. */
static const struct word_info *find(const char *name, int (*compare)(const char *, const char *, size_t))
{
    size_t n = strlen(name);
    for (int i = 0; i < n_words; i++)
        for (const char *p = word_table[i].names; *p; p += strspn(p, " ")) {
            size_t len = strcspn(p, " ");
            if (len == n && compare(p, name, n) == 0)
                return &word_table[i];
            p += len;
        }
    return NULL;
}

const struct word_info *word_find(const char *name)
{
    const struct word_info *exact = find(name, strncmp);
    return exact || strlen(name) < 2 ? exact : find(name, strncasecmp);
}

static size_t characters(const char *text, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

void wrap_text(struct buf *out, const char *text, int cols, const char *indent)
{
    size_t column = 0, begin = strlen(indent);
    for (const char *p = text; *p;) {
        size_t word = strcspn(p, " "), width = characters(p, word);
        if (column && column + 1 + width > (size_t)cols) {
            buf_addc(out, '\n');
            column = 0;
        }
        buf_adds(out, column ? " " : indent);
        buf_add(out, p, word);
        column += (column ? 1 : begin) + width;
        p += word + strspn(p + word, " ");
    }
    if (column)
        buf_addc(out, '\n');
}

void words_of_pane(const char *pane, int cols, struct buf *out)
{
    for (int i = 0; i < n_words; i++) {
        const struct word_info *w = &word_table[i];
        if (strcmp(w->pane, pane) != 0)
            continue;
        buf_addf(out, "%.*s\n", (int)strcspn(w->names, " "), w->names);
        wrap_text(out, w->text, cols, "  ");
    }
}
