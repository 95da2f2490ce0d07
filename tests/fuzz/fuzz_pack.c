/* Target: a packed session, from its headers and table to its events and snapshots, by all who read one in place. */
#include "config.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "memory_io.h"
#include "repair.h"
#include "session/place.h"
#include "session/session.h"

size_t fuzz_repair(uint8_t *data, size_t size, size_t room)
{
    return repair_packed(data, size, room);
}

/* Each file of it lies within the packed one, and no two have one name. */
static int check_place(const struct place *p, size_t size)
{
    struct folder f;
    char name[FOLDER_NAME_MAX];
    FUZZ_CHECK(place_list(p, &f, NULL) == 0);
    for (int i = 0; i < f.n_segments + f.n_snapshots; i++) {
        struct walk w;
        struct stat st;
        if (i < f.n_segments)
            folder_segment_name(f.segment[i], name);
        else
            folder_snapshot_name(f.snapshot[i - f.n_segments].step, f.snapshot[i - f.n_segments].timeline, name);
        FUZZ_CHECK(place_stat(p, name, &st) == 0 && st.st_size > 0 && (size_t)st.st_size <= size);
        FUZZ_CHECK(place_walk(p, &w, name, NULL, NULL) == 0);
        while (walk_next(&w, true, NULL) > 0)
            FUZZ_CHECK(w.offset <= w.part.end);
        walk_release(&w);
        FUZZ_CHECK(i == 0 || i >= f.n_segments || f.segment[i - 1] < f.segment[i]);
    }
    const int n = f.n_segments + f.n_snapshots;
    struct walk none;
    struct stat st;
    folder_segment_name(FOLDER_SEGMENTS_MAX, name);
    FUZZ_CHECK(place_stat(p, name, &st) < 0 && place_walk(p, &none, name, NULL, NULL) < 0);
    folder_release(&f);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct place p;
    struct err err = { 0 };
    struct session_info info;
    memory_io_use(data, size);
    if (place_open(&p, "fuzz", &err) < 0) {
        FUZZ_CHECK(err.text[0]);
        return 0;
    }
    FUZZ_CHECK(check_place(&p, size) > 0);
    const bool broken = place_broken(&p) != NULL;
    place_release(&p);
    const int clean = session_verify("fuzz", NULL, NULL, &err);
    FUZZ_CHECK(clean == 0 || err.text[0]);
    FUZZ_CHECK(!broken || clean < 0);
    session_info("fuzz", &info, NULL);
    struct recording *r = recording_open("fuzz", &err);
    bool loud = false;
    if (r)
        recording_damage(r, &loud);
    FUZZ_CHECK(!r || !broken || loud);
    recording_close(r);
    return 0;
}
