/* session/csv.h - one cell of a table in a file. Any thread. */
#ifndef SESSION_CSV_H
#define SESSION_CSV_H

#include <stdint.h>
#include <stdio.h>

/* RFC 4180 quoting; a cell that a spreadsheet would take for a formula gets an apostrophe in front. */
void csv_put_text(FILE *out, const char *text);

/* The shortest digits that read back to the same float32: 0.1 where 0.100000001 is what it holds. */
void csv_put_number(FILE *out, double value);

/* "2026-08-23T10:15:31Z", or nothing for 0. */
void csv_put_time(FILE *out, uint64_t wall_ns);

#endif
