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

int train_state_rows(const struct net *net, struct state_row rows[STATE_ROWS_MAX])
{
    int n = 0;
    rows[n++] = (struct state_row){ .prefix = "", .flat = "w/params", .tensors = &net->params };
    rows[n++] = (struct state_row){ .prefix = "momentum/", .flat = "opt/m/params", .tensors = &net->params };
    rows[n++] = (struct state_row){ .prefix = "", .flat = "bn/stats", .tensors = &net->stats };
    return n;
}

static bool make_vector(struct state_vector *v, const struct state_row *row)
{
    *v = (struct state_vector){ .flat = row->flat, .dtype = row->dtype, .n_tensors = row->tensors->n, .n = row->tensors->total };
    v->tensor = calloc((size_t)v->n_tensors + 1, sizeof *v->tensor);
    v->data = calloc(v->n + 1, sizeof(float));
    for (int i = 0; v->tensor && i < v->n_tensors; i++) {
        const struct tensor_info *from = &row->tensors->tensor[i];
        struct state_tensor *to = &v->tensor[i];
        snprintf(to->name, sizeof to->name, "%s%s", row->prefix, from->name);
        to->rank = from->rank;
        to->first = from->offset;
        to->count = from->count;
        for (int k = 0; k < from->rank; k++)
            to->dims[k] = (uint64_t)from->dims[k];
    }
    return v->tensor && v->data;
}

struct train_state *train_state_new(const struct state_row *rows, int n)
{
    struct train_state *s = calloc(1, sizeof *s);
    bool made = s != NULL;
    for (int i = 0; made && i < n; i++) {
        s->n_vectors = i + 1;
        made = make_vector(&s->vector[i], &rows[i]);
    }
    if (made)
        return s;
    train_state_free(s);
    return NULL;
}

void train_state_free(struct train_state *state)
{
    if (!state)
        return;
    for (int i = 0; i < state->n_vectors; i++) {
        free(state->vector[i].tensor);
        free(state->vector[i].data);
    }
    free_texts(state->knobs);
    free_texts(state->pending);
    free_texts(state->watched);
    free_texts(state->class_losses);
    free(state);
}

size_t train_state_bytes(const struct train_state *state)
{
    size_t n = 0;
    for (int i = 0; i < state->n_vectors; i++)
        n += state->vector[i].n;
    return n * sizeof(float);
}

/* The same bytes on every host: numbers as their 32 bits, lowest byte first. */
static void hash_numbers(struct sha256_ctx *sha, const char *v, size_t n)
{
    uint8_t bytes[4096];
    while (n > 0) {
        size_t part = n < sizeof bytes / 4 ? n : sizeof bytes / 4;
        for (size_t i = 0; i < part; i++) {
            uint32_t bits;
            memcpy(&bits, v + 4 * i, sizeof bits);
            for (int b = 0; b < 4; b++)
                bytes[4 * i + (size_t)b] = (uint8_t)(bits >> 8 * b);
        }
        sha256_update(sha, 4 * part, bytes);
        v += 4 * part;
        n -= part;
    }
}

void train_state_hash(const struct train_state *state, char out[65])
{
    struct sha256_ctx sha;
    uint8_t step[8], digest[SHA256_DIGEST_SIZE];
    sha256_init(&sha);
    for (int i = 0; i < state->n_vectors && i <= STATE_STATS; i++)
        hash_numbers(&sha, state->vector[i].data, state->vector[i].n);
    for (int b = 0; b < 8; b++)
        step[b] = (uint8_t)(state->step >> 8 * b);
    sha256_update(&sha, sizeof step, step);
    for (int i = STATE_STATS + 1; i < state->n_vectors; i++)
        hash_numbers(&sha, state->vector[i].data, state->vector[i].n);
    sha256_digest(&sha, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}
