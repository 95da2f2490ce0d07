/* The screen's needs from outside, and what to set when one is missing. */
#include "config.h"
#include "tui/tui.h"

#include "base/buf.h"
#include "tui/glyphs.h"
#include "tui/term.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRY_UTF8 "LC_ALL=C.UTF-8 gives lines, blocks and braille"

/* The variable that decides the locale, or NULL. */
static const char *deciding(const char **value)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        *value = getenv(names[i]);
        if (*value && (*value)[0])
            return names[i];
    }
    return NULL;
}

bool tui_locale_trouble(char *out, size_t size)
{
    const char *value, *name = deciding(&value);
    out[0] = '\0';
    if (!name)
        snprintf(out, size, "no locale is set (LANG), so the screen is in ASCII; " TRY_UTF8);
    else if (!setlocale(LC_CTYPE, ""))
        snprintf(out, size, "%s=%.40s is not installed here, so the screen is in ASCII; " TRY_UTF8, name, value);
    return out[0] != '\0';
}

void tui_describe(struct buf *out)
{
    char text[200];
    struct err err;
    const char *value, *name = deciding(&value), *term = getenv("TERM");
    if (term_known(&err))
        buf_addf(out, "terminal: TERM=%s, %d colours\n", term ? term : "", term_colors());
    else
        buf_addf(out, "terminal: %s\n", err.text);
    if (tui_locale_trouble(text, sizeof text))
        buf_addf(out, "locale: %s\n", text);
    else
        buf_addf(out, "locale: %s=%s, %s\n", name, value, glyphs_locale_utf8() ? "UTF-8" : "no UTF-8, so the screen is in ASCII; " TRY_UTF8);
}
