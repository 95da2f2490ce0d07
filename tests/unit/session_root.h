/* tests/unit/session_root.h - a folder of sessions for the tests of one file, made before the first and removed after the last. Included
 * once by each; everything is static. */
#ifndef UNIT_SESSION_ROOT_H
#define UNIT_SESSION_ROOT_H

#include "check.h"

#include <stdio.h>

#include "base/err.h"
#include "session/session.h"
#include "sessions.h"

static char root[256];

static inline int make_root(void **state)
{
    (void)state;
    scratch_make(root);
    return 0;
}

static inline int remove_root(void **state)
{
    (void)state;
    scratch_remove(root);
    return 0;
}

static inline struct session *create(const char *name)
{
    struct err err = { 0 };
    struct session *s = session_create(root, name, NULL, &err);
    if (!s)
        fail_msg("%s", err.text);
    return s;
}

static inline void close_session(struct session *s)
{
    struct err err = { 0 };
    if (session_close(s, "finished", &err) < 0)
        fail_msg("%s", err.text);
}

static inline void at(const char *name, char path[1024])
{
    snprintf(path, 1024, "%s/%s.saddle", root, name);
}

static inline struct recording *open_recording(const char *name)
{
    char dir[1024];
    struct err err = { 0 };
    at(name, dir);
    struct recording *r = recording_open(dir, &err);
    if (!r)
        fail_msg("%s", err.text);
    return r;
}

#endif
