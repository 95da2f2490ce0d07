/* base/err.h - how a failure travels: a negative result and a message a user can act on.
 * A message says what, with which value, and what would be accepted: lower case, one line, no full stop.
 * struct err is a plain value owned by the caller; it holds no memory. Functions that take `struct err *`
 * accept NULL when the caller only wants the result. Any thread. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_code {
    ERR_NONE = 0,
    ERR_INVALID,  /* a word or value that is not accepted */
    ERR_RANGE,    /* a number outside its range */
    ERR_USAGE,    /* the command line or a command has the wrong shape */
    ERR_DATA,     /* a data set, tensor or session file is missing or damaged */
    ERR_IO,       /* the operating system refused a read, write or sync */
    ERR_MEMORY,   /* no memory */
    ERR_DEVICE,   /* a device is missing or failed */
    ERR_LOCKED,   /* another process writes this session */
    ERR_DIVERGED, /* a loss or weight is not finite */
    ERR_CANCELLED /* the user or a signal stopped it */
};

enum { ERR_TEXT_MAX = 480 }; /* bytes of a refusal: one line; what was done may be told at any length */
struct err {
    enum err_code code;
    char text[ERR_TEXT_MAX];
};

/* Fills *err (if not NULL; text is cut at its size) and returns -1, so that a caller can `return err_set(...)`. */
int err_set(struct err *err, enum err_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same as err_set(), with ": <strerror(errno)>" appended; code ERR_IO. */
int err_io(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "<text>: " before the message already in *err (context added on the way up). Returns -1. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
