/* session/catalog.h - names of sessions, shared within this room. */
#ifndef SESSION_CATALOG_H
#define SESSION_CATALOG_H

#include <stddef.h>

/* The name of a session folder: its last component without ".saddle". */
void session_name_of(const char *dir, char *out, size_t size);

#endif
