#include "config.h"

#define NAME(x) portable_##x
#define SPELLINGS spellings_portable
#include "tests/ptx/ops.inc"
