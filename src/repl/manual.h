/* repl/manual.h - pages made from the tables: man/saddle-commands.7 and the completion of shells. */
#ifndef REPL_MANUAL_H
#define REPL_MANUAL_H

struct buf;
struct err;

/* saddle-commands(7) as roff. The committed file is compared with this in `make check`. */
void manual_page(struct buf *out);

/* Completion for "bash", "zsh" or "fish". -1 with *err for another shell. */
int shell_completion(const char *shell, struct buf *out, struct err *err);
/* What these ask: a line for each candidate for the last of the n words behind `saddle`, what it is behind a tab. -1 with *err. */
int shell_candidates(const char *const *word, int n, struct buf *out, struct err *err);

#endif
