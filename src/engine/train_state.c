#include "config.h"
#include "engine/train_state.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_texts(char **texts)
{
    for (char **t = texts; t && *t; t++)
        free(*t);
    free(texts);
}

void train_state_free(struct train_state *state)
{
    if (!state)
        return;
    free(state->params);
    free(state->momentum);
    free(state->stats);
    free_texts(state->knobs);
    free_texts(state->pending);
    free_texts(state->watched);
    free(state);
}

/* The same bytes on every host: floats as their IEEE-754 bits, lowest byte first. */
static void hash_floats(struct sha256_ctx *sha, const float *v, size_t n)
{
    uint8_t bytes[4096];
    while (n > 0) {
        size_t part = n < sizeof bytes / 4 ? n : sizeof bytes / 4;
        for (size_t i = 0; i < part; i++) {
            uint32_t bits;
            memcpy(&bits, &v[i], sizeof bits);
            for (int b = 0; b < 4; b++)
                bytes[4 * i + (size_t)b] = (uint8_t)(bits >> 8 * b);
        }
        sha256_update(sha, 4 * part, bytes);
        v += part;
        n -= part;
    }
}

void train_state_hash(const struct train_state *state, char out[65])
{
    struct sha256_ctx sha;
    uint8_t step[8], digest[SHA256_DIGEST_SIZE];
    sha256_init(&sha);
    hash_floats(&sha, state->params, state->n_params);
    hash_floats(&sha, state->momentum, state->n_params);
    hash_floats(&sha, state->stats, state->n_stats);
    for (int b = 0; b < 8; b++)
        step[b] = (uint8_t)(state->step >> 8 * b);
    sha256_update(&sha, sizeof step, step);
    sha256_digest(&sha, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}
