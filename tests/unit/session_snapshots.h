/* tests/unit/session_snapshots.h - the second half of tests/unit/session: how many of its tests failed. */
#ifndef UNIT_SESSION_SNAPSHOTS_H
#define UNIT_SESSION_SNAPSHOTS_H

int session_snapshot_tests(void);

#endif
