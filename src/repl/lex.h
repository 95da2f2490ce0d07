/* repl/lex.h - a line of the language cut into commands and words. Pure; any thread.
 *
 *   line = [ command { ";" command } ] [ "#" comment ]
 *
 * Blanks separate words. "..." and '...' keep blanks, ; and # in a word; inside "..." and outside quotes a backslash
 * takes the next character as it is. A backslash before the end of a line continues it. A newline inside the text ends
 * a command like ";" does, so several lines (a paste, `-c`) can be handed over at once. Control characters are refused. */
#ifndef REPL_LEX_H
#define REPL_LEX_H

#include <stdbool.h>

struct err;
struct buf;

enum { LEX_MAX_BYTES = 65536, LEX_MAX_WORDS = 4096 };

struct word {
    const char *text; /* quotes and backslashes taken out */
    int start, end;   /* bytes of the line it came from, end exclusive */
    bool quoted;      /* some part was in quotes: never a keyword, option or alias */
    bool tilde;       /* begins with a ~ that is neither quoted nor escaped */
};

struct lexed_command {
    int first, n;     /* its words */
    int start, end;   /* bytes of the line */
};

struct lexed {
    int n_words, n_commands;
    struct word *word;
    struct lexed_command *command; /* only commands with at least one word */
    char *memory;
};

/* *at is after a failure the byte to point at, and *out needs no release. */
int lex_line(const char *line, struct lexed *out, int *at, struct err *err);
void lex_release(struct lexed *l);

/* Adds `text` so that it is read back as this one word and nothing else: as it is when that is plain, else in double quotes. The text must be free
 * of control characters, which no line may hold. */
void lex_quote(struct buf *out, const char *text);

/* The line ends in a backslash that continues it: read one more before running it. */
bool lex_continues(const char *line);

#endif
