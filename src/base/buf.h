/* base/buf.h - a byte buffer that grows. Zero-fill, then add; buf_release() frees.
 * data is always followed by a NUL byte (not counted), so text can be used as a string; data is NULL only before the
 * first addition. On no memory the buffer is marked `failed`, further additions do nothing, and the caller checks
 * once at the end. Not thread-safe. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data;
    size_t len, cap; /* bytes */
    bool failed;
};

void buf_release(struct buf *b);               /* frees; the buffer can be used again, empty */
void buf_clear(struct buf *b);                 /* empty, memory kept */
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_adds(struct buf *b, const char *text);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
/* Makes room for n more bytes and returns where they go, or NULL; the caller then adds to len what it wrote. */
char *buf_reserve(struct buf *b, size_t n);

#endif
