#include "config.h"
#include "tests/ptx/lexer.h"

#include <ctype.h>
#include <string.h>

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '%' || c == '.';
}

static void skip_blanks(struct lexer *l)
{
    for (;; l->next++) {
        if (l->next[0] == '/' && l->next[1] == '/')
            l->next += strcspn(l->next, "\n");
        if (*l->next == '\n')
            l->line++;
        if (*l->next == '\0' || !isspace((unsigned char)*l->next))
            return;
    }
}

/* Hexadecimal after 0x, 0f or 0d, else decimal; a U behind it says only that it is unsigned. */
static void read_number(struct lexer *l)
{
    const char *p = l->next;
    const bool hex = p[0] == '0' && p[1] != '\0' && strchr("xXfFdD", p[1]);
    uint64_t bits = 0;
    for (p += hex ? 2 : 0; hex ? isxdigit((unsigned char)*p) : isdigit((unsigned char)*p); p++) {
        const int digit = isdigit((unsigned char)*p) ? *p - '0' : tolower((unsigned char)*p) - 'a' + 10;
        bits = bits * (hex ? 16 : 10) + (uint64_t)digit;
    }
    if (*p == 'U')
        p++;
    l->token.kind = TOKEN_NUMBER;
    l->token.bits = bits;
    l->next = p;
}

void lexer_advance(struct lexer *l)
{
    skip_blanks(l);
    struct token *t = &l->token;
    *t = (struct token){ TOKEN_END, l->next, 0, 0, '\0', l->line };
    const char c = *l->next;
    if (c == '\0')
        return;
    if (isdigit((unsigned char)c)) {
        read_number(l);
    } else if (in_word(c)) {
        t->kind = TOKEN_WORD;
        while (in_word(*l->next))
            l->next++;
    } else if (c == '"') {
        t->kind = TOKEN_STRING;
        l->next += 1 + strcspn(l->next + 1, "\"\n");
        l->next += *l->next == '"';
    } else {
        t->kind = TOKEN_MARK;
        t->mark = c;
        l->next++;
    }
    t->length = (size_t)(l->next - t->at);
}

void lexer_start(struct lexer *l, const char *text)
{
    l->next = text;
    l->line = 1;
    lexer_advance(l);
}

bool token_is(const struct token *t, const char *word)
{
    return (t->kind == TOKEN_WORD || t->kind == TOKEN_MARK) && strlen(word) == t->length && strncmp(t->at, word, t->length) == 0;
}
