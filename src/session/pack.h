/* session/pack.h - a session in one file that can be mailed, NAME.saddle.zst: all its events, snapshots behind them, and a table of both
 * (saddle-session(5), BUNDLES). Read through session/place.h. */
#ifndef SESSION_PACK_H
#define SESSION_PACK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct err;

/* The table at the end is that of zstd's seekable format: a skippable frame of two u32 for each record, then the number of records (u32), a
 * descriptor byte and a magic number. */
#define PACK_TABLE_MAGIC 0x184d2a5eu
#define PACK_FOOT_MAGIC 0x8f92eab1u
enum { PACK_ENTRY_BYTES = 8, PACK_FOOT_BYTES = 9 };
#define PACK_SUFFIX ".saddle.zst"

enum pack_weights { PACK_NONE, PACK_LAST, PACK_ALL };

struct pack_summary {
    int kept, left_out;    /* snapshots */
    uint64_t left_bytes;   /* of those that were left out, coded */
    uint64_t bytes;        /* of the packed file */
};

/* Writes the session of a folder or packed file to `out`. What is damaged is refused. Of snapshots that are left out, events of kind unsnap
 * behind the last one say that they were removed. */
int pack_write(FILE *out, const char *dir, enum pack_weights weights, struct pack_summary *sum, struct err *err);

/* Makes the session ROOT/NAME.saddle of a packed file whose every checksum holds: in a folder of another name, synced, then renamed. -1 with
 * *err: damaged, or the name is taken; nothing is left behind. `name` was checked. */
int pack_unpack(const char *path, const char *root, const char *name, struct err *err);

#endif
