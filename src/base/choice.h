/* base/choice.h - a word looked up in a table whose rows begin with their name. Any thread. */
#ifndef BASE_CHOICE_H
#define BASE_CHOICE_H

#include <stddef.h>

struct err;

/* n rows of `size` bytes, each beginning with a const char *. The number of the row, or -1 with *err (which may be NULL):
 * "unknown WHAT 'WORD'; known: a, b, c". */
int choice_find(const char *word, const char *what, const void *rows, size_t size, int n, struct err *err);

#endif
