/* tests/unit/held.h - numbers that are held as a whole: a test writes lines, and they must be those of tests/unit/held/NAME.txt. For what has no
 * short oracle, such as which images an epoch visits; what can be counted by hand is counted by hand. SADDLE_HELD=update writes the file
 * anew, in the sources: read the difference. Everything is static. */
#ifndef UNIT_HELD_H
#define UNIT_HELD_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/digest.h"
#include "check.h"

static FILE *held;
static char *held_text;
static size_t held_size;

static inline void held_begin(void)
{
    alarm(600); /* what never ends has failed */
    held = open_memstream(&held_text, &held_size);
    assert_non_null(held);
}

/* The bytes in a dozen digits of their SHA-256. */
static inline void held_bytes(const void *bytes, size_t n)
{
    struct digest d;
    char hex[DIGEST_HEX];
    digest_init(&d);
    digest_add(&d, bytes, n);
    digest_hex(&d, hex);
    fprintf(held, " %.12s", hex);
}

/* Same until the end of a line that differs; the lines of both there. */
static inline void held_compare(const char *name, const char *wanted, const char *text)
{
    const char *a = wanted, *b = text;
    for (int line = 1; *a || *b; line++) {
        const size_t in_a = strcspn(a, "\n"), in_b = strcspn(b, "\n");
        if (in_a != in_b || memcmp(a, b, in_a) != 0)
            fail_msg("held/%s.txt:%d: '%.*s', now '%.*s'", name, line, (int)in_a, a, (int)in_b, b);
        a += in_a + (a[in_a] == '\n');
        b += in_b + (b[in_b] == '\n');
    }
}

/* `size` bytes of a text that a zero ends. */
static inline void held_check(const char *name, const char *text, size_t size)
{
    const char *top = getenv("top_srcdir"), *how = getenv("SADDLE_HELD");
    static char path[1024], wanted[1 << 18];
    snprintf(path, sizeof path, "%s/tests/unit/held/%s.txt", top ? top : "..", name);
    FILE *f = fopen(path, how && strcmp(how, "update") == 0 ? "w+" : "r");
    if (!f)
        fail_msg("no file %s", path);
    if (how && strcmp(how, "update") == 0)
        fwrite(text, 1, size, f), rewind(f);
    wanted[fread(wanted, 1, sizeof wanted - 1, f)] = '\0';
    fclose(f);
    held_compare(name, wanted, text);
}

static inline void held_end(const char *name)
{
    fclose(held);
    held_check(name, held_text, held_size);
    free(held_text);
}

#endif
