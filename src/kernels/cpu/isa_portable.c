#include "config.h"
#include "kernels/cpu/isa.h"

#include <string.h>

#define SET_NAME "portable"
#define NAME(x) portable_##x
#define KERNELS kernels_portable
#include "kernels/cpu/portable.inc"

#define WGRAD_IN 4
#define WINO_ROWS 4
#define WINO_NARROW 8
#define GEMM_ROWS 6
#define GEMM_VECTORS 2
#define OUTER_ROWS 2

#include "kernels/cpu/kernels.inc"
