/* tests/unit/written.h - what the session writes, told as text: the calls to the operating system by thread, and each file down to its last field.
 * Read here by hand, with none of the program's readers. What depends on the version of libzstd (sizes and checksums of frames) is checked, not told;
 * the clock stands still unless a test lets it go on, and random numbers are counted. */
#ifndef UNIT_WRITTEN_H
#define UNIT_WRITTEN_H

#include "base/buf.h"
#include "session/io.h"

void clock_set(uint64_t ms); /* far ahead of the real one, so that nobody who waits until a moment wakes up by himself */
void clock_pass(uint64_t ms);
void random_restart(void);

/* The calls of the table `told_calls` since the last time: those of the calling thread, then of the writer, of the publisher. */
extern const struct io told_calls;
void calls_forget(void);
void calls_tell(struct buf *out);
int calls_count(const char *call); /* lines that begin so, of any thread, since the last time */

/* From now on the nth call of a thread fails once; has it? And calls that begin so wait until they are let. */
enum told_thread { TOLD_CALLER, TOLD_WRITER, TOLD_PUBLISHER };
void calls_fail(enum told_thread thread, int nth, int reason);
bool calls_failed(void);
void calls_shut(const char *call);
void calls_let(void);

/* A folder of a session with all its files, and one file. */
void folder_tell(struct buf *out, const char *dir);
void file_tell(struct buf *out, const char *path);

/* Compares with tests/unit/held/session-NAME.txt of the sources, where the path `root` is called ROOT; SADDLE_HELD=update writes that file instead. */
void expect_told(const char *name, const struct buf *told, const char *root);

#endif
