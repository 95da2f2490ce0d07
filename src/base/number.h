/* base/number.h - numbers as text, for people and files alike. The program keeps the C locale for numbers. Any thread. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

enum { NUMBER_TEXT_MAX = 40 };

/* The whole of `text` as a finite decimal number: 0.5 .5 1e-3 50% (= 0.5). No hexadecimal, no nan, no inf.
 * false: not a number; *out is then unchanged. */
bool number_parse(const char *text, double *out);

/* Shortest decimal text that number_parse() reads back to the same bits: 0.1, 1e-05, 200. NaN and infinities: nan inf -inf. */
void number_format(double value, char *out, size_t size);

/* value x factor in twelve digits, as somebody would write it: 0.05 x 3 is 0.15. */
double number_scaled(double value, double factor);

/* A number for people to read: printf's format, or "-" where there is no number (NaN). Returns out. */
const char *number_told(char out[NUMBER_TEXT_MAX], const char *format, double value);

#endif
