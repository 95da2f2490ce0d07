/* session/walk.h - walking the records of one file, checking everything (saddle-session(5), Reading). Never writes. One thread. */
#ifndef SESSION_WALK_H
#define SESSION_WALK_H

#include "session/record.h"

enum walk_stop {
    WALK_NOT,     /* did not stop */
    WALK_TORN,    /* no valid record follows: the normal end of a file whose writer died */
    WALK_DAMAGED, /* a valid record follows, or this one does not belong here */
    WALK_IO       /* the operating system refused a read */
};

/* The size that files may decode to: `free` bytes to begin with and `ratio` for each byte of them. A record beyond that is damage, found
 * before it is decoded. */
struct walk_budget {
    uint64_t coded, decoded; /* so far */
    uint64_t free;
    unsigned ratio;
};
/* The budget of a session's journal. What saddle writes stays below: steps have a ratio of 6; matrices of a network that has learned nothing
 * have one of 100, but there are steps between them, and the first hundreds are free. */
#define WALK_JOURNAL ((struct walk_budget){ .free = 16 << 20, .ratio = 40 })

struct walk_part { /* a stretch of records of a file, and what the first of them is to say of those before */
    bool packed;         /* in a packed file, where snapshots are embedded */
    uint64_t begin, end; /* bytes; end 0: to the end of the file */
    uint64_t seq;
    uint32_t chain;
};
struct walk {
    int fd;                     /* owned, or of a part borrowed */
    struct walk_part part;
    bool borrowed;
    uint64_t size, offset;      /* end of what is walked in the file; where the next record starts */
    uint64_t seq;               /* expected next */
    uint32_t chain;
    uint8_t id[16];             /* session; taken from the first record unless given */
    bool have_id;
    /* the record just read, valid until the next call */
    struct record r;
    const uint8_t *ext;
    const char *data;           /* r.ulen decoded bytes */
    const void *frame;          /* r.clen coded bytes; with data only */
    struct buf head, out;       /* header and ext; decoded */
    struct buf window;          /* bytes of the file from window_at on */
    uint64_t window_at;
    struct record_coder *coder; /* owned */
    unsigned only;              /* HOLDS_...: EVENTS records that hold nothing of it are not decoded; 0: all are */
    struct walk_budget *budget; /* borrowed, of all files that count together; set after walk_open(); NULL: no bound */
    enum walk_stop stop;
    uint64_t stop_size;         /* size of the file when it stopped there */
};

/* Opens a file of a session folder. `id` may be NULL. -1 with *err. */
int walk_open(struct walk *w, int dir_fd, const char *name, const uint8_t *id, struct err *err);
/* The same of a part of an open file. */
int walk_part_open(struct walk *w, int fd, const struct walk_part *part, const uint8_t *id, struct err *err);
void walk_release(struct walk *w); /* a walk of zeros with fd -1 is released already */

/* 1: a record was read (and, with `decode`, its payload checked and decoded; without, or left out by `only`, only its header checked, and
 * w->data is NULL).
 * 0: the end of the file. -1: stopped at `offset`; w->stop says how, *err why. A file that grew can be walked on. */
int walk_next(struct walk *w, bool decode, struct err *err);

/* Size of the file now. */
int walk_refresh(struct walk *w, struct err *err);

#endif
