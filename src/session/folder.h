/* session/folder.h - the files of a session folder: names made from numbers only, and who is there (saddle-session(5), Files). */
#ifndef SESSION_FOLDER_H
#define SESSION_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

struct err;

enum { FOLDER_NAME_MAX = 64, FOLDER_SEGMENTS_MAX = 10000, FOLDER_SNAPSHOTS_MAX = 100000 };

#define FOLDER_STEP_MAX UINT64_C(999999999999) /* twelve digits, in the names of snapshots */

struct folder_snapshot {
    uint64_t step;
    unsigned timeline;
};
struct folder { /* what one look found; a plain value with heap arrays */
    unsigned *segment;               /* ascending */
    int n_segments;
    struct folder_snapshot *snapshot; /* ascending steps, then timelines */
    int n_snapshots;
    char (*tmp)[FOLDER_NAME_MAX];     /* in flight, or left behind by a crash */
    int n_tmp;
};

void folder_segment_name(unsigned number, char out[FOLDER_NAME_MAX]);
void folder_snapshot_name(uint64_t step, unsigned timeline, char out[FOLDER_NAME_MAX]);

/* Lists an open session folder; other names are ignored. -1 with *err (too many files, no memory, no permission). */
int folder_list(int dir_fd, struct folder *out, struct err *err);
/* Adds a file by its name; other names are ignored. Then, when all are there, puts them in order. */
int folder_add(struct folder *f, const char *name, struct err *err);
void folder_sort(struct folder *f);
void folder_release(struct folder *f);

#endif
