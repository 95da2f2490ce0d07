/* tests/fault/forge.h - writes recordings that saddle would not: any lines, any number of segments, checksums that hold. A failure ends the
 * test case. */
#ifndef TESTS_FAULT_FORGE_H
#define TESTS_FAULT_FORGE_H

#include <stdint.h>

#include "base/buf.h"
#include "session/record.h"

struct forge {
    char dir[300];
    struct record next;
    struct record_coder *coder;
    struct buf text, out;
    uint64_t q;
    unsigned segment, lines;
};

struct forge forge_new(const char *root, const char *name);
void forge_release(struct forge *f);
void begin_segment(struct forge *f);
void end_segment(struct forge *f);
/* One line: the kind, its step, and the rest as it stands. */
void say(struct forge *f, const char *kind, uint64_t step, const char *rest);
/* `"key":[item,item,...]`, for free(). */
char *list(const char *key, const char *item, int n);

#endif
