#include "config.h"
#include "tui/glyphs.h"

#include <langinfo.h>
#include <string.h>
#include <wchar.h>

enum glyph_mode glyphs_choose(const char *word, bool utf8, bool wide, const char *term)
{
    if (!utf8 || wide || strcmp(word, "ascii") == 0)
        return GLYPHS_ASCII;
    if (strcmp(word, "block") == 0)
        return GLYPHS_BLOCK;
    if (strcmp(word, "braille") == 0)
        return GLYPHS_BRAILLE;
    /* the Linux console's fonts have blocks but no braille */
    return term && strcmp(term, "linux") == 0 ? GLYPHS_BLOCK : GLYPHS_BRAILLE;
}

bool glyphs_locale_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool glyphs_locale_wide(void)
{
    return wcwidth(L'█') != 1 || wcwidth(L'│') != 1;
}
