/* tests/ptx/flow.h - straight pieces of a kernel and what follows each; inside of tests/ptx. */
#ifndef PTX_FLOW_H
#define PTX_FLOW_H

#include "tests/ptx/build.h"

struct piece {
    int first, end; /* instructions */
    int next[2], n_next;
};
struct flow {
    struct piece *piece;
    int *piece_of, n; /* piece n, without instructions, is the kernel's end */
};

struct flow flow_of(const struct ptx_kernel *k);
void flow_release(struct flow *f);

#endif
