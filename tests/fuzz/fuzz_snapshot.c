/* Target: a snapshot file: records, safetensors header, metadata, tensors into a state of a fixed shape. */
#include "config.h"
#include "fuzz.h"

#include <stdlib.h>

#include "base/err.h"
#include "engine/run/trainer.h"
#include "memory_io.h"
#include "repair.h"
#include "session/snapshot.h"

enum { PARAMS = 40, STATS = 6 }; /* as in the corpus */

size_t fuzz_repair(uint8_t *data, size_t size, size_t room)
{
    (void)room;
    return repair_records(data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = { 0 };
    struct snapshot_seal seal;
    struct train_state *s = calloc(1, sizeof *s);
    FUZZ_CHECK(s);
    s->n_params = PARAMS;
    s->n_stats = STATS;
    s->params = calloc(PARAMS, sizeof *s->params);
    s->momentum = calloc(PARAMS, sizeof *s->momentum);
    s->stats = calloc(STATS, sizeof *s->stats);
    memory_io_use(data, size);
    int headers = snapshot_read_seal(0, "fuzz", NULL, &seal, NULL);
    int whole = snapshot_read(0, "fuzz", NULL, s, &seal, &err);
    FUZZ_CHECK(whole < 0 ? err.text[0] != '\0' : headers == 0);
    train_state_free(s);
    return 0;
}
