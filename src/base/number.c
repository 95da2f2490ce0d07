#include "config.h"
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool number_parse(const char *text, double *out)
{
    size_t n = strlen(text);
    /* strtod() alone would also take hexadecimal, "nan", "infinity" and leading blanks */
    if (n == 0 || strspn(text, "0123456789+-.eE%") != n)
        return false;
    char *end;
    double value = strtod(text, &end);
    if (end == text)
        return false;
    if (*end == '%') {
        value /= 100.0;
        end++;
    }
    if (*end != '\0' || !isfinite(value))
        return false;
    *out = value;
    return true;
}

void number_format(double value, char *out, size_t size)
{
    if (!isfinite(value)) {
        snprintf(out, size, "%s", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
        return;
    }
    if (value == trunc(value) && fabs(value) < 1e15) { /* 200, not 2e+02 */
        snprintf(out, size, "%.0f", value);
        return;
    }
    char text[NUMBER_TEXT_MAX];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    snprintf(out, size, "%s", text);
}

const char *number_told(char out[NUMBER_TEXT_MAX], const char *format, double value)
{
    if (isnan(value))
        snprintf(out, NUMBER_TEXT_MAX, "-");
    else
        snprintf(out, NUMBER_TEXT_MAX, format, value);
    return out;
}

double number_scaled(double value, double factor)
{
    char text[NUMBER_TEXT_MAX];
    double scaled = value * factor;
    snprintf(text, sizeof text, "%.12g", scaled);
    number_parse(text, &scaled);
    return scaled;
}
