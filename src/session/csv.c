#include "config.h"
#include "session/csv.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* Nine digits do for a float32, more for a double whose float32 lies between two of them. */
void csv_put_number(FILE *out, double value)
{
    char text[32];
    const float single = (float)value;
    if (single == truncf(single) && fabsf(single) < 1e15f) { /* 10, not 1e+01 */
        fprintf(out, "%.0f", (double)single);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (!isfinite(value) || (float)strtod(text, NULL) == single)
            break;
    }
    fputs(text, out);
}

void csv_put_time(FILE *out, uint64_t wall_ns)
{
    char when[32];
    time_t seconds = (time_t)(wall_ns / 1000000000);
    struct tm tm;
    if (wall_ns && gmtime_r(&seconds, &tm) && strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm))
        fputs(when, out);
}
