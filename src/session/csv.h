/* session/csv.h - one cell of a table in a file. Any thread. */
#ifndef SESSION_CSV_H
#define SESSION_CSV_H

#include <stdio.h>

/* RFC 4180 quoting; a cell that a spreadsheet would take for a formula gets an apostrophe in front. */
void csv_put_text(FILE *out, const char *text);

#endif
