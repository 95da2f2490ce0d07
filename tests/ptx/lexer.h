/* tests/ptx/lexer.h - words of a PTX file; inside of tests/ptx. */
#ifndef PTX_LEXER_H
#define PTX_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_NUMBER, TOKEN_STRING, TOKEN_MARK };

struct token {
    enum token_kind kind;
    const char *at; /* in the text; not terminated */
    size_t length;
    uint64_t bits;  /* of a number: as an integer, or the bits of a float (0f........) or double (0d................) */
    char mark;
    int line;
};

struct lexer {
    const char *next;
    int line;
    struct token token; /* the present one */
};

void lexer_start(struct lexer *l, const char *text);
void lexer_advance(struct lexer *l);
bool token_is(const struct token *t, const char *word); /* a word or mark */

#endif
