/* session/lineage.h - which recorded run came of which. A parent is known by its id, so that a new name changes nothing. Pure; any thread. */
#ifndef SESSION_LINEAGE_H
#define SESSION_LINEAGE_H

#include "session/session.h"

struct kin {
    int run;    /* its place in the list */
    int parent; /* its parent's place in the list; -1: it began anew, or its parent is not there */
    int depth;  /* parents above it that are there */
};
/* A row of out[n] for each run of the list: those that began anew, or whose parents are gone, in the order of the list; behind each what came
 * of it, by where it begins. Of several runs with one id, which are copies, the one that still has the parent's name is the parent, or else
 * the first by name. -1: no memory. */
int lineage_of(const struct session_info *list, int n, struct kin *out);
/* By the same rule the run of the list that `parent`, NAME@EPOCH, of that id is now; NULL: it is not there. */
const struct session_info *lineage_parent(const struct session_info *list, int n, const char *parent, const char *parent_id);

#endif
