#include "config.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

/* The ten rounds of `blocks` blocks side by side, word k of block i in c[k * blocks + i]: for a fixed number of blocks a loop
 * that a compiler turns into vector instructions. */
static inline void philox(uint32_t *c, const int blocks, uint32_t k0, uint32_t k1)
{
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < blocks; i++) {
            uint32_t *c0 = c + i, *c1 = c0 + blocks, *c2 = c1 + blocks, *c3 = c2 + blocks;
            uint64_t p0 = (uint64_t)0xD2511F53u * *c0, p1 = (uint64_t)0xCD9E8D57u * *c2;
            *c0 = (uint32_t)(p1 >> 32) ^ *c1 ^ k0;
            *c1 = (uint32_t)p1;
            *c2 = (uint32_t)(p0 >> 32) ^ *c3 ^ k1;
            *c3 = (uint32_t)p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

struct rng_words rng_philox(const uint32_t counter[4], const uint32_t key[2])
{
    struct rng_words words = { { counter[0], counter[1], counter[2], counter[3] } };
    philox(words.w, 1, key[0], key[1]);
    return words;
}

struct rng_words rng_draw(uint64_t seed, enum rng_purpose purpose, uint32_t epoch, uint32_t index, uint32_t block)
{
    const uint32_t counter[4] = { block, index, epoch, (uint32_t)purpose };
    const uint32_t key[2] = { (uint32_t)seed, (uint32_t)(seed >> 32) };
    return rng_philox(counter, key);
}

void rng_init(struct rng *r, uint64_t seed, enum rng_purpose purpose, uint32_t epoch, uint32_t index)
{
    *r = (struct rng){ .seed = seed, .purpose = (uint32_t)purpose, .epoch = epoch, .index = index, .used = 4 };
}

uint32_t rng_u32(struct rng *r)
{
    if (r->used == 4) {
        r->words = rng_draw(r->seed, (enum rng_purpose)r->purpose, r->epoch, r->index, r->block++);
        r->used = 0;
    }
    return r->words.w[r->used++];
}

enum { SIDE_BY_SIDE = 8 };

/* The next blocks, each as rng_draw() makes it. */
static void draw_blocks(struct rng *r, uint32_t words[SIDE_BY_SIDE * 4])
{
    uint32_t c[4][SIDE_BY_SIDE];
    for (uint32_t i = 0; i < SIDE_BY_SIDE; i++) {
        c[0][i] = r->block++;
        c[1][i] = r->index;
        c[2][i] = r->epoch;
        c[3][i] = r->purpose;
    }
    philox(c[0], SIDE_BY_SIDE, (uint32_t)r->seed, (uint32_t)(r->seed >> 32));
    for (int i = 0; i < SIDE_BY_SIDE; i++)
        for (int k = 0; k < 4; k++)
            *words++ = c[k][i];
}

void rng_fill(struct rng *r, uint32_t *words, size_t n)
{
    size_t i = 0;
    while (i < n && r->used < 4)
        words[i++] = rng_u32(r);
    for (; n - i >= SIDE_BY_SIDE * 4; i += SIDE_BY_SIDE * 4)
        draw_blocks(r, words + i);
    for (; n - i >= 4; i += 4) {
        struct rng_words block = rng_draw(r->seed, (enum rng_purpose)r->purpose, r->epoch, r->index, r->block++);
        memcpy(words + i, block.w, sizeof block.w);
    }
    while (i < n)
        words[i++] = rng_u32(r);
}

float rng_unit(struct rng *r)
{
    return (float)(rng_u32(r) >> 8) * 0x1p-24f;
}

uint32_t rng_below(struct rng *r, uint32_t bound)
{
    /* Lemire's method: the high half of a 64-bit product, the biased low slice rejected. */
    uint64_t product = (uint64_t)rng_u32(r) * bound;
    if ((uint32_t)product < bound) {
        uint32_t reject = (uint32_t)(-bound) % bound;
        while ((uint32_t)product < reject)
            product = (uint64_t)rng_u32(r) * bound;
    }
    return (uint32_t)(product >> 32);
}

float rng_normal(struct rng *r)
{
    double u = ((double)rng_u32(r) + 1.0) * 0x1p-32; /* in (0, 1]: its logarithm is finite */
    double angle = (double)rng_u32(r) * (2.0 * M_PI * 0x1p-32);
    return (float)(sqrt(-2.0 * log(u)) * cos(angle));
}

void rng_permutation(uint32_t *order, uint32_t n, uint64_t seed, uint32_t epoch)
{
    struct rng r;
    rng_init(&r, seed, RNG_ORDER, epoch, 0);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = rng_below(&r, i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

void rng_twister_init(struct rng_twister *t, uint32_t seed)
{
    t->state[0] = seed;
    for (uint32_t i = 1; i < 624; i++)
        t->state[i] = 1812433253u * (t->state[i - 1] ^ (t->state[i - 1] >> 30)) + i;
    t->next = 624;
}

static void twister_refill(struct rng_twister *t)
{
    for (int i = 0; i < 624; i++) {
        uint32_t y = (t->state[i] & 0x80000000u) | (t->state[(i + 1) % 624] & 0x7FFFFFFFu);
        t->state[i] = t->state[(i + 397) % 624] ^ (y >> 1) ^ ((y & 1) ? 0x9908B0DFu : 0);
    }
    t->next = 0;
}

uint32_t rng_twister_u32(struct rng_twister *t)
{
    if (t->next == 624)
        twister_refill(t);
    uint32_t y = t->state[t->next++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9D2C5680u;
    y ^= (y << 15) & 0xEFC60000u;
    return y ^ (y >> 18);
}

void rng_twister_shuffle(struct rng_twister *t, uint32_t *items, uint32_t n)
{
    for (uint32_t i = n - 1; n > 1 && i >= 1; i--) {
        uint32_t mask = i, j;
        for (uint32_t shift = 1; shift < 32; shift *= 2)
            mask |= mask >> shift;
        do
            j = rng_twister_u32(t) & mask;
        while (j > i);
        uint32_t kept = items[i];
        items[i] = items[j];
        items[j] = kept;
    }
}
