/* kernels/cpu/tiles.h - the operations on AMX tiles that amx.inc is written with. The including file defines TILES_EMULATED as 0, for the
 * instructions, or 1, for plain C that any machine runs and that ends the program where the processor would refuse.
 *
 * A thread has eight tiles of 16 rows x 64 bytes between TILES_BEGIN() and TILES_END(), and none outside; both lie in one function of
 * amx.inc, so no thread, and no code that a thread calls, ever meets tiles that were not configured. Tile numbers are literals. Rows of memory
 * lie `step` bytes apart.
 *   TILE_ZERO(t)
 *   TILE_LOAD(t, p, step), TILE_STORE(t, p, step)
 *   TILE_DOT(c, a, b)   c[m][n] += sum over k < 16 of a[m][2k] b[k][2n] + a[m][2k+1] b[k][2n+1]: a, b of bf16, c of 16 x 16 floats */
#ifndef KERNELS_CPU_TILES_H
#define KERNELS_CPU_TILES_H

#include <stddef.h>
#include <stdint.h>

enum { TILE_ROWS = 16, TILE_PAIRS = 16, TILE_K = 32, TILE_FLOATS = 256 };

/* What LDTILECFG reads. */
struct tile_config {
    uint8_t palette, start_row, reserved[14];
    uint16_t colsb[16]; /* bytes of a row; of tiles 0 to 7, then zeros */
    uint8_t rows[16];
};

extern const struct tile_config tile_config_full;

/* Any of them stops the program by __builtin_trap() where the instruction would fault: a palette but 1, shapes past 16 rows x 64 bytes, tiles that are
 * not configured or do not fit each other, numbers past 7. Sums are formed as the manual of the instruction says: those of even and of odd
 * elements apart, from zero, in the order of k; then the two together; then onto c. Each is rounded to nearest even; denormal inputs
 * count as zeros and denormal results become zeros. (A product of two bf16 fits a float, so that multiplying and adding rounds once, but for
 * products outside float's normal range.) */
void tiles_emulated_begin(const struct tile_config *c);
void tiles_emulated_end(void);
void tile_emulated_zero(int t);
void tile_emulated_load(int t, const void *p, ptrdiff_t step);
void tile_emulated_store(int t, void *p, ptrdiff_t step);
void tile_emulated_dot(int c, int a, int b);

#if TILES_EMULATED
#define TILES_BEGIN() tiles_emulated_begin(&tile_config_full)
#define TILES_END() tiles_emulated_end()
#define TILE_ZERO(t) tile_emulated_zero(t)
#define TILE_LOAD(t, p, step) tile_emulated_load((t), (p), (step))
#define TILE_STORE(t, p, step) tile_emulated_store((t), (p), (step))
#define TILE_DOT(c, a, b) tile_emulated_dot((c), (a), (b))
#else
/* The compiler must have stored what a tile reads: gcc 12's intrinsics do not say that they read memory. */
#define TILES_FENCE() __asm__ volatile("" ::: "memory")
#define TILES_BEGIN()                        \
    do {                                     \
        TILES_FENCE();                       \
        _tile_loadconfig(&tile_config_full); \
    } while (0)
#define TILES_END() _tile_release()
#define TILE_ZERO(t) _tile_zero(t)
#define TILE_LOAD(t, p, step)        \
    do {                             \
        TILES_FENCE();               \
        _tile_loadd(t, (p), (step)); \
    } while (0)
#define TILE_STORE(t, p, step)        \
    do {                              \
        _tile_stored(t, (p), (step)); \
        TILES_FENCE();                \
    } while (0)
#define TILE_DOT(c, a, b) _tile_dpbf16ps(c, a, b)
#endif

#endif
