/* The real table's source, with its vectors, on emulated tiles. */
#define TILES_EMULATED 1
#define bf16_avx512 vectors_of_tiles
#define bf16_amx tiles_among_vectors
#include "kernels/cpu/isa_avx512bf16.c"
