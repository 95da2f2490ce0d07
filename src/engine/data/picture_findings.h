/* engine/data/picture_findings.h - what an earlier `data check` found in files of the same name, size and time: a file of lines
 * "NAME SIZE TIME FOUND HASH" in hexadecimal digits, sorted, where NAME is a hash of 64 bits. A hint of this machine: one that cannot be read
 * holds nothing. Looked up by any number of threads. */
#ifndef ENGINE_PICTURE_FINDINGS_H
#define ENGINE_PICTURE_FINDINGS_H

#include <stdint.h>

#include "base/err.h"

struct picture_finding {
    uint64_t name;    /* picture_finding_name() */
    uint64_t size;    /* bytes */
    uint64_t time;    /* of its last change, nanoseconds */
    uint64_t content; /* of its bytes: a hash */
    uint8_t found;    /* what of it is unusual, as who checks says; 0: nothing */
};

struct picture_findings {
    struct picture_finding *list; /* by name, each once */
    uint32_t n;
};

uint64_t picture_finding_name(const char *name);

/* Those of the file; none where it is missing or no such file. Release them. */
void picture_findings_read(struct picture_findings *f, const char *path);
void picture_findings_release(struct picture_findings *f);

/* NULL: nothing is known of a file of this name, size and time. */
const struct picture_finding *picture_findings_of(const struct picture_findings *f, const struct picture_finding *like);

/* Replaces the file: list[n], sorted here, and those of `before` whose names are not among them. -1 with *err; the file is then as it was. */
int picture_findings_write(const struct picture_findings *before, struct picture_finding *list, uint32_t n, const char *path, struct err *err);

#endif
