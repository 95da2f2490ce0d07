/* tests/kernels/cuda_shim/compiled.h - the launches of the emulated device on what nvcc made of the kernels (tests/ptx).
 *
 *   SADDLE_EMULATOR   sources (the default), ptx, or both: each launch twice, from the same memory, and what differs is counted by kernel
 *   SADDLE_PTX        the folder of the .ptx files; default src/kernels/cuda below top_builddir
 *   SADDLE_PTX_ARCH   80 (the default) or 90: which of them
 *   SADDLE_PTX_FMA    split: two roundings, as the sources here compute
 *   SADDLE_PTX_REPLACE  FILE:LINE:TEXT: that line of a .ptx file reads so: a deliberate fault
 *   SADDLE_PTX_COSTS  a file: a table of what each kernel did is added to it at the end, by kernel, blocks of a launch and threads of a block;
 *                     code: instructions of its PTX; early: launches behind whose predecessor it began early; passes: over the banks of shared memory; the others as in struct ptx_counts
 *   SADDLE_EMULATOR_LOG  a file for the last words (how many launches went where); default stderr
 *
 * A kernel that is not in the files ends the program. */
#ifndef COMPILED_H
#define COMPILED_H

#include <functional>

#include "cuda_shim.h"
#include "tests/ptx/ptx.h"

enum compiled_mode { COMPILED_NOT, COMPILED_ONLY, COMPILED_BOTH };
enum compiled_mode compiled_mode();

/* before: of the kernel that this one is early behind, or NULL. Returns its own. */
struct ptx_phases compiled_run(dim3 grid, dim3 block, const shim_work &work, bool reverse, const struct ptx_phases *before);
int compiled_arch(); /* 80 or 90, of the .ptx files */
struct ptx_phases compiled_compare(dim3 grid, dim3 block, const shim_work &work, bool reverse, const struct ptx_phases *before,
                                   const std::function<void()> &sources);
void compiled_count(const shim_work &work, enum compiled_mode where);

void compiled_memory_add(void *base, size_t bytes, bool host);
void compiled_memory_remove(void *base);
void compiled_memory_guard(void *base, size_t bytes);
void compiled_memory_copied(void *to, const void *from, size_t bytes); /* from NULL: set */

#endif
