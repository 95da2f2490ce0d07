/* Target: the JSON header of a safetensors file. */
#include "config.h"
#include "fuzz.h"

#include "base/err.h"
#include "base/safetensors.h"

size_t fuzz_repair(uint8_t *data, size_t size, size_t room)
{
    (void)data;
    (void)room;
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = { 0 };
    struct safetensors *s = safetensors_from_header(data, size, &err);
    if (!s) {
        FUZZ_CHECK(err.text[0]);
        return 0;
    }
    uint64_t end = 0;
    for (int i = 0; i < safetensors_count(s); i++) {
        const struct safetensors_tensor *t = safetensors_at(s, i);
        FUZZ_CHECK(safetensors_offset(t) == end && t->rank <= SAFETENSORS_MAX_RANK && safetensors_find(s, t->name) == t);
        end += t->bytes;
    }
    FUZZ_CHECK(end == safetensors_data_bytes(s));
    safetensors_close(s);
    return 0;
}
