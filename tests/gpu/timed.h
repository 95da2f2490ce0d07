/* tests/gpu/timed.h - how long each launch of a kernel takes on a device. In programs that are linked with TIMED_LDFLAGS: an event goes before
 * and behind each launch while it is on. Such launches cannot be captured. One thread. */
#ifndef TESTS_GPU_TIMED_H
#define TESTS_GPU_TIMED_H

#include <stdbool.h>
#include <stdio.h>

void timed_start(void);
/* The next launch waits some milliseconds on the device for the host to get ahead, so that those behind it follow each other without gaps. */
void timed_pause(void);
/* Waits for the device, ends, and prints of each kernel "MATH KERNEL US LAUNCHES": its mangled name, the mean of one launch. Then "MATH pair US N": two
 * events with nothing between. False when a call failed, or there were more launches than can be kept: told on standard error. */
bool timed_print(FILE *out, const char *math);

#endif
