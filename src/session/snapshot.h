/* session/snapshot.h - snapshot files: SLICE records that decode to a safetensors stream, then one SEAL (saddle-session(5), SNAPSHOTS).
 * No SEAL means the snapshot does not exist. */
#ifndef SESSION_SNAPSHOT_H
#define SESSION_SNAPSHOT_H

#include "base/digest.h"
#include "session/place.h"

struct train_state;

/* Metadata `format` of what is written now: a tensor for each that the network names. "saddle-1" held one for each vector. */
#define SNAPSHOT_FORMAT "saddle-2"

/* TLVs of a SEAL's ext. */
enum snapshot_tlv {
    SNAPSHOT_TLV_BYTES = 1,  /* u64: length of the decoded stream */
    SNAPSHOT_TLV_SLICES = 2, /* u64 */
    SNAPSHOT_TLV_SHA256 = 3, /* 64 hexadecimal digits: of the stream */
    SNAPSHOT_TLV_STATE = 4,  /* 64 hexadecimal digits: state hash */
    SNAPSHOT_TLV_Q = 5,      /* u64: last event before the capture */
    SNAPSHOT_TLV_FLAGS = 6,  /* u64: 1 finite, 2 pinned */
    SNAPSHOT_TLV_NAME = 7,   /* UTF-8, at most 63 bytes */
    SNAPSHOT_TLV_EPOCH = 8   /* u64: bits of a double, epochs done */
};
enum { SNAPSHOT_FINITE = 1, SNAPSHOT_PINNED = 2, SNAPSHOT_NAME_MAX = 64 };

struct snapshot_seal {
    uint64_t step, bytes, slices, q;
    uint16_t timeline;
    double epoch;
    bool finite, pinned;
    char name[SNAPSHOT_NAME_MAX], sha256[DIGEST_HEX], state[DIGEST_HEX];
};

/* --- writing, in two halves: the slices, then the seal once the journal is on disk up to the capture --- */
struct snapshot_writer {
    int fd;                   /* borrowed */
    struct record_coder *coder; /* borrowed */
    struct record next;       /* session, seq, chain, step, timeline of the next record */
    struct digest digest;
    struct buf slice, out;
    struct snapshot_seal seal;
};
/* seal: step, timeline, epoch, name, finite and pinned are given; bytes, slices and hashes are filled in. 0, or -1 with *err. */
int snapshot_write_slices(struct snapshot_writer *w, const struct train_state *state, struct err *err);
int snapshot_write_seal(struct snapshot_writer *w, uint64_t q, struct err *err);
void snapshot_writer_release(struct snapshot_writer *w);

/* --- reading --- */

/* Headers only: cheap. `id` NULL: any session. -1 with *err when there is no valid SEAL at the end. */
int snapshot_read_seal(const struct place *place, const char *file, const uint8_t *id, struct snapshot_seal *out, struct err *err);

/* Decodes all and checks every checksum up to the SHA-256. With `state` (of train_state_new()) not NULL the tensors are copied into it,
 * which must be its vectors and no others, and its other members are filled from the metadata; the state hash is then checked too. Vectors that
 * only a second stage keeps are dropped from it when none of them is there. */
int snapshot_read(const struct place *place, const char *file, const uint8_t *id, struct train_state *state, struct snapshot_seal *out,
                  struct err *err);

/* The same without a state, for files of an unknown network that may be bombs. Weights hardly shrink; the room to begin with is for
 * snapshots that are nothing but zeros. One budget for all snapshots of a session. */
#define SNAPSHOT_BUDGET ((struct walk_budget){ .free = 128 << 20, .ratio = 64 })
int snapshot_check(const struct place *place, const char *file, const uint8_t *id, struct walk_budget *budget, struct snapshot_seal *out,
                   struct err *err);

#endif
