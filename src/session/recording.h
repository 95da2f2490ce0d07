/* session/recording.h - what the other files of this room know of a recording, beyond session.h. */
#ifndef SESSION_RECORDING_H
#define SESSION_RECORDING_H

#include "session/journal.h"
#include "session/session.h"

/* The same as recording_open() for who wants the lists and texts of a few kinds only: of the others (bit k of `kinds` is 0) the heads are kept. */
struct recording *recording_open_heads(const char *dir, uint64_t kinds, struct err *err);

const struct place *recording_place(const struct recording *r);
const struct journal *recording_journal(const struct recording *r);

/* Every sealed snapshot of the place that can be gone on from, ascending steps. Of several timelines with the same step the
 * last counts. Heap; *n = -1 with *err on failure. */
struct snapshot_info *snapshot_list(const struct place *place, const struct recording *r, int *n, struct err *err);

#endif
