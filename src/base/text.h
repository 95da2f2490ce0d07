/* base/text.h - text that came from a file or another person, made fit for a terminal, and
 * text put together piece by piece. Any thread. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* One character of UTF-8 at *text (a NUL-terminated string not at its end), advancing it; a byte that is not part of a
 * well-formed character gives U+FFFD and is skipped alone. */
uint32_t text_next(const char **text);

/* UTF-8 of one character; returns its bytes, 1..4. */
size_t text_encode(uint32_t c, char out[4]);

/* Copies `text` (NULL counts as empty) into out[size], size >= 1. Everything that could steer a terminal or deceive the eye
 * becomes U+FFFD: C0, DEL, C1, bidirectional and zero-width controls, line and paragraph separators, private use,
 * surrogates, unassigned characters and non-characters, and the fifth and later combining mark in a row.
 * Cut at a whole character. Returns the bytes written. */
size_t text_safe(const char *text, char *out, size_t size);

/* The same of any length, allocated; free() it. NULL: no memory. */
char *text_safe_copy(const char *text);

/* printf behind the text that is in out[size] already; cut where it is full. */
void text_append(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The line at *text, of *n bytes without its end, advancing to the next one; NULL: there is none. NULL counts as an empty text. */
const char *text_next_line(const char **text, size_t *n);

/* Does it end so, behind something? */
bool text_ends(const char *text, const char *ending);

/* A name of at most `most` >= 5 bytes: itself, or, in out[size], its two ends with ".." between them, for names of one family differ at
 * their ends. No character is cut. */
const char *text_middle(const char *name, size_t most, char *out, size_t size);

/* Adds `text` as a string of JSON in 7-bit ASCII; NULL: null. */
void text_json(struct buf *out, const char *text);

/* Frees a list of allocated texts that ends with NULL, and them; NULL is allowed. */
void texts_free(char **texts);

#endif
