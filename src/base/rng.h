/* base/rng.h - randomness without state. Every draw is a pure function of (seed, purpose, epoch, index), so batch
 * order, crops, flips, initial weights and probe vectors are the same on every back end, for any number of threads,
 * and a resumed run needs no saved stream. Philox 4x32-10 (Salmon et al. 2011). Any thread. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* The purpose of a draw. Values are part of the session format: never renumber, only append. */
enum rng_purpose {
    RNG_INIT = 1,    /* initial weights: epoch 0, index = tensor number */
    RNG_ORDER = 2,   /* batch order of an epoch: index = position */
    RNG_AUGMENT = 3, /* crop and flip: index = sample number in the data set */
    RNG_PROBE = 4,   /* start vectors of curvature probes */
    RNG_LPF = 5,     /* LPF-SGD's noise: epoch = step, index = piece */
    RNG_PGD = 6,     /* PGD's noise: epoch = step */
    RNG_DEMO = 7,    /* rendered demo images: index = image number */
    RNG_RESAMPLE = 8, /* re-sampled batch order */
    RNG_SAMPLER = 9, /* batch order of the other samplers: a stream for each epoch, index 0 */
    RNG_REDRAW = 10, /* initial weights of a later stage: epoch = which draw, index = tensor number */
    RNG_MASK = 11,   /* which weights climb: epoch = step; index = tensor number, or 0 of a draw for each weight */
    RNG_PICTURE = 21 /* boxes and colours of pictures: index = sample number in the data set; 12 to 20 are kept for mixing and queues */
};

/* Four independent 32-bit words; block distinguishes successive draws of one (seed, purpose, epoch, index). */
struct rng_words {
    uint32_t w[4];
};
struct rng_words rng_draw(uint64_t seed, enum rng_purpose purpose, uint32_t epoch, uint32_t index, uint32_t block);

/* The raw generator: counter and key as in the paper's reference code. */
struct rng_words rng_philox(const uint32_t counter[4], const uint32_t key[2]);

/* A little stream over one (seed, purpose, epoch, index): blocks 0, 1, 2 ... word by word. A plain value. */
struct rng {
    uint64_t seed;
    uint32_t purpose, epoch, index, block, used; /* used: words taken from `words`, 4 = empty */
    struct rng_words words;
};
void rng_init(struct rng *r, uint64_t seed, enum rng_purpose purpose, uint32_t epoch, uint32_t index);
uint32_t rng_u32(struct rng *r);
void rng_fill(struct rng *r, uint32_t *words, size_t n); /* the next n words */
float rng_unit(struct rng *r);                      /* uniform in [0, 1), 24 bits */
uint32_t rng_below(struct rng *r, uint32_t bound);  /* uniform in 0..bound-1, unbiased; bound > 0 */
float rng_normal(struct rng *r);                    /* N(0, 1), Box-Muller in double */

/* Fills order[0..n) with a permutation of 0..n-1 (Fisher-Yates over a stream of RNG_ORDER draws). */
void rng_permutation(uint32_t *order, uint32_t n, uint64_t seed, uint32_t epoch);

/* The reference's 32-bit Mersenne Twister and its masked-rejection shuffle: only to pick the very same kept images
 * as the paper's code (methods 1.2, 10.3). */
struct rng_twister {
    uint32_t state[624];
    int next;
};
void rng_twister_init(struct rng_twister *t, uint32_t seed);
uint32_t rng_twister_u32(struct rng_twister *t);
void rng_twister_shuffle(struct rng_twister *t, uint32_t *items, uint32_t n);

#endif
