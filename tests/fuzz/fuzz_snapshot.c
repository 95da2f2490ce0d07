/* Target: a snapshot file: records, safetensors header, metadata, tensors into a state of a fixed shape. */
#include "config.h"
#include "fuzz.h"

#include <stdlib.h>

#include "base/err.h"
#include "engine/train_state.h"
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
    struct tensor_info tensor[] = { /* as tests/unit/sessions.c */
        { .name = "body.weight", .rank = 1, .dims = { PARAMS / 2 }, .count = PARAMS / 2 },
        { .name = "head.weight", .rank = 2, .dims = { 1, PARAMS / 2 }, .offset = PARAMS / 2, .count = PARAMS / 2 },
        { .name = "bn.running_mean", .rank = 1, .dims = { STATS }, .count = STATS },
    };
    static struct net net;
    net.params = (struct tensor_table){ .n = 2, .tensor = tensor, .total = PARAMS };
    net.stats = (struct tensor_table){ .n = 1, .tensor = tensor + 2, .total = STATS };
    struct state_row rows[STATE_ROWS_MAX];
    struct train_state *s = train_state_new(rows, train_state_all_rows(&net, rows));
    FUZZ_CHECK(s);
    memory_io_use(data, size);
    int headers = snapshot_read_seal(&(struct place){ .fd = 0 }, "fuzz", NULL, &seal, NULL);
    int whole = snapshot_read(&(struct place){ .fd = 0 }, "fuzz", NULL, s, &seal, &err);
    FUZZ_CHECK(whole < 0 ? err.text[0] != '\0' : headers == 0);
    train_state_free(s);
    return 0;
}
