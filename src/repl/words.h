/* repl/words.h - the words of the screen (words.def) as data. Any thread. */
#ifndef REPL_WORDS_H
#define REPL_WORDS_H

struct word_info {
    const char *names, *pane, *text;
};
extern const struct word_info word_table[];
extern const int n_words;

/* The entry of a word, by any of its names, whatever its case; NULL. */
const struct word_info *word_find(const char *name);

struct buf;
/* Text broken at blanks into lines of at most `cols` characters, each after the indent, which counts. */
void wrap_text(struct buf *out, const char *text, int cols, const char *indent);
/* Help on the words that belong to this pane ("screen", "replay"): names and text, wrapped, for the help on a screen. */
void words_of_pane(const char *pane, int cols, struct buf *out);

#endif
