#include "config.h"
#include "base/intern.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct kept_text {
    size_t n;
    _Alignas(max_align_t) unsigned char bytes[];
};

static int compare_texts(const void *a, const void *b)
{
    const struct kept_text *x = a, *y = b;
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return memcmp(x->bytes, y->bytes, x->n);
}

/* The tree of the C library is balanced: a recording cannot make it slow, as it could a table of hashes. */
const void *intern(const void *bytes, size_t n)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static void *tree;
    struct kept_text *made = malloc(sizeof *made + n);
    if (!made)
        return NULL;
    made->n = n;
    memcpy(made->bytes, bytes, n);
    pthread_mutex_lock(&lock);
    struct kept_text *const *found = tsearch(made, &tree, compare_texts);
    const struct kept_text *kept = found ? *found : NULL;
    pthread_mutex_unlock(&lock);
    if (kept != made)
        free(made);
    return kept ? kept->bytes : NULL;
}
