/* base/intern.h - one unchangeable copy of a value for the whole process, so that who holds it holds a pointer: copied freely, never
 * freed, read by every thread without a lock. Two equal values give the same pointer.
 * For what a person or a recording spells out, each once: the copies stay until the process ends. Any thread. */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stddef.h>

/* The copy of these n bytes, aligned for any type; NULL: no memory. Padding counts as bytes. */
const void *intern(const void *bytes, size_t n);

#endif
