#include "config.h"
#define TILES_EMULATED 1
#include "kernels/cpu/tiles.h"

#include <stdbool.h>
#include <string.h>

enum { TILES = 8, ROW_BYTES = 64 };

const struct tile_config tile_config_full = {
    .palette = 1,
    .colsb = { ROW_BYTES, ROW_BYTES, ROW_BYTES, ROW_BYTES, ROW_BYTES, ROW_BYTES, ROW_BYTES, ROW_BYTES },
    .rows = { TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS },
};

struct tile {
    int rows, colsb;
    _Alignas(64) uint8_t byte[TILE_ROWS][ROW_BYTES];
};

static _Thread_local struct {
    bool configured;
    struct tile tile[TILES];
} mine;

/* The signal of an instruction that faults, as the processor would send it. */
static void require(bool fine)
{
    if (!fine)
        __builtin_trap();
}

void tiles_emulated_begin(const struct tile_config *c)
{
    require(c->palette == 1);
    require(c->start_row == 0);
    for (size_t i = 0; i < sizeof c->reserved; i++)
        require(c->reserved[i] == 0);
    for (int t = 0; t < 16; t++) {
        require(c->rows[t] <= TILE_ROWS && (t < TILES || !c->rows[t]));
        require(c->colsb[t] <= ROW_BYTES && (t < TILES || !c->colsb[t]));
        require(!c->rows[t] == !c->colsb[t]);
    }
    memset(&mine, 0, sizeof mine);
    mine.configured = true;
    for (int t = 0; t < TILES; t++) {
        mine.tile[t].rows = c->rows[t];
        mine.tile[t].colsb = c->colsb[t];
    }
}

void tiles_emulated_end(void)
{
    memset(&mine, 0, sizeof mine);
}

static struct tile *tile(int t)
{
    require(t >= 0 && t < TILES);
    require(mine.configured && mine.tile[t].rows);
    return &mine.tile[t];
}

void tile_emulated_zero(int t)
{
    struct tile *to = tile(t);
    memset(to->byte, 0, sizeof to->byte);
}

void tile_emulated_load(int t, const void *p, ptrdiff_t step)
{
    struct tile *to = tile(t);
    memset(to->byte, 0, sizeof to->byte);
    for (int r = 0; r < to->rows; r++)
        memcpy(to->byte[r], (const uint8_t *)p + r * step, (size_t)to->colsb);
}

void tile_emulated_store(int t, void *p, ptrdiff_t step)
{
    const struct tile *from = tile(t);
    for (int r = 0; r < from->rows; r++)
        memcpy((uint8_t *)p + r * step, from->byte[r], (size_t)from->colsb);
}

/* Denormal floats as zeros of their sign. */
static inline uint32_t flushed(uint32_t bits)
{
    return bits & 0x7f800000 ? bits : bits & 0x80000000;
}

static inline float float_of(uint32_t bits)
{
    float f;
    bits = flushed(bits);
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline float normal(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return float_of(bits);
}

void tile_emulated_dot(int c, int a, int b)
{
    struct tile *sum = tile(c);
    const struct tile *left = tile(a), *right = tile(b);
    const int pairs = left->colsb / 4, columns = sum->colsb / 4;
    require(c != a && c != b && a != b);
    require(left->colsb % 4 == 0 && sum->colsb % 4 == 0);
    require(right->rows == pairs);
    require(sum->rows == left->rows);
    require(sum->colsb == right->colsb);
    float low[TILE_PAIRS][TILE_PAIRS] = { 0 }, high[TILE_PAIRS][TILE_PAIRS] = { 0 };
    for (int k = 0; k < pairs; k++)
        for (int n = 0; n < columns; n++) {
            uint32_t pair;
            memcpy(&pair, right->byte[k] + 4 * n, sizeof pair);
            low[k][n] = float_of(pair << 16);
            high[k][n] = float_of(pair & 0xffff0000);
        }
    for (int m = 0; m < sum->rows; m++) {
        float even[TILE_PAIRS] = { 0 }, odd[TILE_PAIRS] = { 0 }, to[TILE_PAIRS];
        for (int k = 0; k < pairs; k++) {
            uint32_t pair;
            memcpy(&pair, left->byte[m] + 4 * k, sizeof pair);
            const float x = float_of(pair << 16), y = float_of(pair & 0xffff0000);
            for (int n = 0; n < TILE_PAIRS; n++) {
                even[n] = normal(even[n] + x * low[k][n]);
                odd[n] = normal(odd[n] + y * high[k][n]);
            }
        }
        memcpy(to, sum->byte[m], sizeof to);
        for (int n = 0; n < columns; n++)
            to[n] = normal(normal(to[n]) + normal(even[n] + odd[n]));
        memcpy(sum->byte[m], to, sizeof to);
    }
}
