#include "config.h"
#include "repl/lex.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

struct lexer {
    const char *line;
    int at;
    char *out; /* where the next byte of a word goes: never longer than the line plus a NUL for each word */
    struct lexed *l;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* "\" newline is a blank; so is "\" as the very last character of the text (the caller had no further line). */
static bool at_continuation(const struct lexer *x)
{
    const char *p = x->line + x->at;
    return p[0] == '\\' && (p[1] == '\n' || p[1] == '\0');
}

static void skip_blanks(struct lexer *x)
{
    for (;;) {
        if (is_blank(x->line[x->at]))
            x->at++;
        else if (at_continuation(x))
            x->at += x->line[x->at + 1] ? 2 : 1;
        else
            return;
    }
}

static bool ends_word(const struct lexer *x)
{
    char c = x->line[x->at];
    return !c || is_blank(c) || c == ';' || c == '\n' || at_continuation(x);
}

static int bad_byte(const struct lexer *x, int *at, struct err *err)
{
    unsigned char c = (unsigned char)x->line[x->at];
    if ((c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n')
        return 0;
    *at = x->at;
    return err_set(err, ERR_INVALID, "control character 0x%02x in a command", c);
}

/* The part of a word between quotes; x->at is on the opening one. */
static int lex_quoted(struct lexer *x, int *at, struct err *err)
{
    int open = x->at;
    char quote = x->line[x->at++];
    while (x->line[x->at] != quote) {
        if (quote == '"' && x->line[x->at] == '\\' && x->line[x->at + 1])
            x->at++;
        if (!x->line[x->at] || x->line[x->at] == '\n') {
            *at = open;
            return err_set(err, ERR_INVALID, "quote %c is not closed", quote);
        }
        if (bad_byte(x, at, err) < 0)
            return -1;
        *x->out++ = x->line[x->at++];
    }
    x->at++;
    return 0;
}

static int lex_word(struct lexer *x, int *at, struct err *err)
{
    struct word *w = &x->l->word[x->l->n_words];
    *w = (struct word){ .text = x->out, .start = x->at, .tilde = x->line[x->at] == '~' };
    while (!ends_word(x)) {
        char c = x->line[x->at];
        if (c == '"' || c == '\'') {
            w->quoted = true;
            if (lex_quoted(x, at, err) < 0)
                return -1;
            continue;
        }
        if (c == '\\') {
            x->at++;
            w->quoted = true; /* what was escaped is meant literally */
        }
        if (bad_byte(x, at, err) < 0)
            return -1;
        *x->out++ = x->line[x->at++];
    }
    *x->out++ = '\0';
    w->end = x->at;
    x->l->n_words++;
    return 0;
}

static void end_command(struct lexer *x, int first)
{
    struct lexed *l = x->l;
    if (l->n_words == first)
        return;
    l->command[l->n_commands++] = (struct lexed_command){ .first = first, .n = l->n_words - first,
        .start = l->word[first].start, .end = l->word[l->n_words - 1].end };
}

static int lex_all(struct lexer *x, int *at, struct err *err)
{
    int first = 0;
    for (;;) {
        skip_blanks(x);
        char c = x->line[x->at];
        if (c == '#')
            x->at += (int)strcspn(x->line + x->at, "\n");
        else if (!c || c == ';' || c == '\n') {
            end_command(x, first);
            first = x->l->n_words;
            if (!c)
                return 0;
            x->at++;
        } else if (x->l->n_words == LEX_MAX_WORDS) {
            *at = x->at;
            return err_set(err, ERR_RANGE, "more than %d words", LEX_MAX_WORDS);
        } else if (lex_word(x, at, err) < 0)
            return -1;
    }
}

/* A word takes at least one byte, and so does what separates two. */
static int most_words(size_t len)
{
    size_t most = len / 2 + 1;
    return most > LEX_MAX_WORDS ? LEX_MAX_WORDS : (int)most;
}

int lex_line(const char *line, struct lexed *out, int *at, struct err *err)
{
    *out = (struct lexed){ 0 };
    *at = 0;
    size_t len = strlen(line);
    if (len > LEX_MAX_BYTES)
        return err_set(err, ERR_RANGE, "line of %zu bytes; at most %d are taken", len, LEX_MAX_BYTES);
    size_t words = (size_t)most_words(len);
    out->word = calloc(words, sizeof *out->word);
    out->command = calloc(words, sizeof *out->command);
    out->memory = malloc(len + words + 1);
    if (!out->word || !out->command || !out->memory) {
        lex_release(out);
        return err_set(err, ERR_MEMORY, "no memory for a line of %zu bytes", len);
    }
    struct lexer x = { .line = line, .out = out->memory, .l = out };
    if (lex_all(&x, at, err) == 0)
        return 0;
    lex_release(out);
    return -1;
}

void lex_release(struct lexed *l)
{
    free(l->word);
    free(l->command);
    free(l->memory);
    *l = (struct lexed){ 0 };
}

bool lex_continues(const char *line)
{
    size_t len = strlen(line), n = 0;
    while (n < len && line[len - 1 - n] == '\\')
        n++;
    return n % 2 == 1;
}

/* Not an option, a keyword of a when-clause, or anything else that a bare word may be. */
static bool is_plain_word(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+/:=,@";
    return text[0] && text[0] != '-' && !text[strspn(text, letters)] && strcmp(text, "at") != 0 && strcmp(text, "in") != 0 &&
           strcmp(text, "if") != 0;
}

void lex_quote(struct buf *out, const char *text)
{
    bool plain = is_plain_word(text);
    buf_adds(out, plain ? "" : "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_addc(out, '\\');
        buf_addc(out, *text);
    }
    buf_adds(out, plain ? "" : "\"");
}
