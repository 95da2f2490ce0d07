/* tests/ptx/ptx.h - runs the PTX that nvcc made, on the host, and watches it: a test tool, written from NVIDIA's PTX ISA.
 *
 * A module is a .ptx file decoded into instructions (load.c, parse.c, decode.c). A launch runs its blocks one after the other, the warps
 * of a block each until a barrier, the 32 lanes of a warp in lockstep; where lanes part, a stack brings them together again at the
 * branch's nearest common successor. Device memory is host memory at the same address, which the owner makes known (memory.c).
 * The faults that are watched for: enum ptx_fault. A fault is printed with kernel, file, line, block and thread, and ends the program unless somebody
 * counts them (ptx_count_faults). An instruction that is not known is refused when the file is loaded.
 * One thread at a time. */
#ifndef PTX_H
#define PTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ptx_fault {
    PTX_BOUNDS,        /* memory that nobody reserved, a gap between two pieces, past a block's shared memory or the parameters */
    PTX_MISALIGNED,    /* an address that is no multiple of the access's size */
    PTX_UNINITIALISED, /* read of memory that nobody wrote */
    PTX_BARRIER,       /* a barrier that not all threads of a block reach */
    PTX_SHARED_RACE,   /* two threads at the same shared memory between two barriers, one of them writing */
    PTX_GLOBAL_RACE,   /* two threads of a block, or two blocks, at the same global memory with nothing that orders them, one writing */
    PTX_LANES,         /* a shuffle, matrix load or product that lanes are missing from */
    PTX_ARITHMETIC,    /* division by zero; a number multiplied as tf32 that was not rounded to it */
    PTX_ENDLESS,       /* more instructions than any kernel here has */
    PTX_EARLY,         /* a kernel launched early: before griddepcontrol.wait a write, a read of what the kernel before writes, or launch_dependents; a thread
                          that returns without the wait */
    PTX_FAULTS
};
extern const char *const ptx_fault_name[PTX_FAULTS];

struct ptx_module;
struct ptx_kernel;

struct ptx_options {
    bool split_fma;        /* a * b + c with two roundings: what the emulated device computes */
    const char *replace;   /* a line "N:text" of the file to read as `text` instead: deliberate faults; NULL: none */
};

/* NULL with *err set: cannot be read, or an instruction that is not known ("FILE:LINE: ..."). */
struct ptx_module *ptx_load(const char *path, const struct ptx_options *options, struct err *err);
struct ptx_module *ptx_load_text(const char *name, const char *text, const struct ptx_options *options, struct err *err);
void ptx_unload(struct ptx_module *m); /* NULL is allowed */

int ptx_kernels(const struct ptx_module *m);
struct ptx_kernel *ptx_kernel(const struct ptx_module *m, int i);
struct ptx_kernel *ptx_find(const struct ptx_module *m, const char *name); /* mangled; NULL: not there */
const char *ptx_name(const struct ptx_kernel *k);
int ptx_instructions(const struct ptx_kernel *k);
size_t ptx_shared_bytes(const struct ptx_kernel *k);

/* --- device memory --- */
void ptx_memory_add(void *base, size_t bytes);               /* reserved; nothing of it is initialised */
void ptx_memory_remove(void *base);
void ptx_memory_guard(void *base, size_t bytes);             /* a gap: no kernel may touch it */
void ptx_memory_written(void *base, size_t bytes);           /* by the host, or a copy from it */
void ptx_memory_copied(void *to, const void *from, size_t bytes); /* initialised where `from` is; from unknown memory: all of it */

/* --- launches --- */
struct ptx_size {
    unsigned x, y, z;
};
struct ptx_argument {
    const void *at;
    size_t bytes;
};
struct ptx_phases { /* of a launch, among those of all */
    uint64_t begun, ended;
};
struct ptx_launch {
    struct ptx_size grid, block;
    const struct ptx_argument *arguments;
    int n_arguments;
    bool reverse; /* blocks and warps from the last to the first */
    const struct ptx_phases *behind; /* launched early behind that one; NULL: behind nothing */
};
/* False with *err set when the arguments are not those of the kernel, or the block is larger than it allows. */
bool ptx_run(struct ptx_kernel *k, const struct ptx_launch *launch, struct err *err);
struct ptx_phases ptx_last_launch(void);

/* --- faults --- */
/* Counts instead of ending the program; counts: [PTX_FAULTS], or NULL to end it again. Nothing is printed meanwhile. */
void ptx_count_faults(long *counts);
const char *ptx_last_fault(void); /* its line, while they are counted */

/* --- what a kernel did, over all launches since it was loaded --- */
struct ptx_counts {
    uint64_t launches, blocks, instructions; /* of a warp */
    uint64_t fp32, fp64, integer, tensor, control, shuffles, barriers;
    uint64_t shared_accesses, shared_passes; /* of a warp; a pass serves every bank once, so passes - accesses is lost to conflicts */
    uint64_t global_accesses, global_sectors; /* of 32 bytes */
    uint64_t lanes; /* active ones, summed over the instructions */
    uint64_t longest; /* of each launch, instructions of the warp that had most: what only one warp does shows here */
};
extern bool ptx_cost_model; /* count what memory does, too: it takes time; false at first */
const struct ptx_counts *ptx_counted(const struct ptx_kernel *k);

#ifdef __cplusplus
}
#endif

#endif
