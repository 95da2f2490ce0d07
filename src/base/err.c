#include "config.h"
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
    if (!err)
        return -1;
    err->code = code;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return -1;
}

int err_io(struct err *err, const char *format, ...)
{
    int saved = errno;
    if (!err)
        return -1;
    err->code = ERR_IO;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    size_t n = strlen(err->text);
    char reason[128];
    snprintf(err->text + n, sizeof err->text - n, ": %s", strerror_r(saved, reason, sizeof reason));
    return -1;
}

int err_prefix(struct err *err, const char *format, ...)
{
    if (!err)
        return -1;
    char text[sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t n = strlen(text);
    snprintf(text + n, sizeof text - n, ": %s", err->text);
    memcpy(err->text, text, sizeof text);
    err->text[sizeof err->text - 1] = '\0';
    return -1;
}
