#include "config.h"
#include "session/csv.h"

#include <stdbool.h>
#include <string.h>

void csv_put_text(FILE *out, const char *text)
{
    bool formula = *text && strchr("=+-@\t", *text);
    if (!formula && !strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputs(formula ? "\"'" : "\"", out);
    for (; *text; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}
