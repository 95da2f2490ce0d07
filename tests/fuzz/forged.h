/* tests/fuzz/forged.h - a session's folder made of text, checksums that hold: so a mutation of the text is a mutation of what a recording says.
 *
 *   #AFTER           the next segment, which goes on after event AFTER; nothing: after the last one that counts; -: after none
 *   ##               the next segment without its open event
 *   KIND STEP REST   an event, numbered by itself: {"k":"KIND","q":...,"s":STEP,"m":0,REST}
 *   {...             a line as it stands
 *   =N               the end of a record; N is the timeline of the next ones
 *   ~N               the end of a record, of which the last N bytes are not there: it is torn, and with it the segment ends
 */
#ifndef FUZZ_FORGED_H
#define FUZZ_FORGED_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct recording;

enum { FORGED_SEGMENTS = 12, FORGED_LINES = 1024 };

struct forged_line {
    unsigned segment; /* from 1 */
    size_t at, n;     /* in `text` */
};
struct forged {
    int n_segments, n_lines;
    struct buf text, segment[FORGED_SEGMENTS]; /* bytes of the files */
    struct forged_line line[FORGED_LINES];     /* those of whole records, in order */
};

/* Zeros, or what it was before. */
void forged_make(struct forged *f, const uint8_t *data, size_t size);
/* The folder of all calls, a memory's where there is one, without any segment; removed at the end. */
const char *forged_folder(void);
/* Puts segment i, from 0, into it. */
void forged_write(const struct forged *f, int i);
/* All of it; NULL: it has no segment. */
struct recording *forged_open(const uint8_t *data, size_t size);

#endif
