/* session/journal.h - the events of a session in the order that counts: segments walked one after the other, each
 * overriding what the one before wrote after its `after` (saddle-session(5), Segments). Never writes. One thread. */
#ifndef SESSION_JOURNAL_H
#define SESSION_JOURNAL_H

#include "engine/event.h"
#include "session/place.h"

struct journal_line { /* the first four keys of a line; text is not NUL-terminated */
    const char *text, *rest; /* rest: what follows those keys */
    size_t n;
    char kind[24];
    uint64_t q, step, ns;
    unsigned segment;
    uint16_t timeline;
};

/* Reads kind, q, s, m from a line. -1 with *err when it does not start with them. */
int journal_line_read(const char *text, size_t n, struct journal_line *out, struct err *err);

struct journal_reader { /* what its user wants to hear; any slot may be NULL */
    void *ctx;
    /* The next event that counts. -1 with *err: its text is not acceptable; the segment is read no further. */
    int (*line)(void *ctx, const struct journal_line *line, struct err *err);
    /* Events with q > after do not count any more (-1: none does). */
    void (*cut)(void *ctx, unsigned segment, int64_t after);
};

struct journal {
    struct place place;          /* borrowed */
    struct journal_reader reader;
    struct walk walk;            /* of the current segment */
    struct walk_budget budget;   /* of all segments */
    unsigned only;               /* HOLDS_...; 0: every record is decoded */
    unsigned segment;            /* its number; 0 = none yet */
    bool open_seen, taking, dead;
    int64_t last_q;              /* of the last event that counts; -1 none */
    uint64_t last_step;
    uint16_t timeline;
    uint8_t id[16];
    bool have_id;
    uint64_t n_skipped;          /* records of types we do not know */
    bool broken;                 /* events are missing or damaged and nothing later makes up for it */
    bool unread;                 /* the operating system refused to open or read a part: nobody knows what it holds */
    bool newer;                  /* needs a newer program */
    char note[240];              /* the last thing worth saying; "" when clean */
};

void journal_init(struct journal *j, const struct place *place, const struct journal_reader *reader);
void journal_release(struct journal *j);
/* Limits a journal to these kinds (bit k: kind k): records that hold none of them are not decoded, where their headers tell. */
void journal_only(struct journal *j, uint64_t kinds);
unsigned journal_holds(enum event_kind kind); /* as record headers tell of it (HOLDS_...); 0: they do not */

/* Reads everything there is now; can be called again when the session grew. -1 with *err: the folder cannot be read.
 * Damage is not an error: see broken and note. */
int journal_follow(struct journal *j, struct err *err);

#endif
