#include "config.h"
#include "engine/train_state.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int train_state_rows(const struct net *net, struct state_row rows[STATE_ROWS_MAX])
{
    int n = 0;
    rows[n++] = (struct state_row){ .of = STATE_OF_RUN, .prefix = "", .flat = "w/params", .tensors = &net->params };
    rows[n++] = (struct state_row){ .of = STATE_OF_RUN, .prefix = "momentum/", .flat = "opt/m/params", .tensors = &net->params };
    rows[n++] = (struct state_row){ .of = STATE_OF_RUN, .prefix = "", .flat = "bn/stats", .tensors = &net->stats };
    return n;
}

int train_state_all_rows(const struct net *net, struct state_row rows[STATE_ROWS_MAX])
{
    const struct tensor_table *t = &net->params;
    int n = train_state_rows(net, rows), weight = 0;
    const struct state_row kept = { .prefix = "kept/", .tensors = t, .of = STATE_OF_OPTIMISER };
    if (net->head != HEAD_LINEAR) {
        rows[n] = kept;
        return n + 1;
    }
    while (weight < t->n && t->tensor[weight].offset != net->head_weight)
        weight++;
    rows[n++] = (struct state_row){ .prefix = "lws/", .tensors = t, .from = weight, .n = 2, .of = STATE_OF_STAGE }; /* weight and bias */
    rows[n++] = (struct state_row){ .name = "lws/scale", .tensors = t, .from = weight + 1, .n = 1, .of = STATE_OF_STAGE };
    rows[n++] = (struct state_row){ .name = "lws/momentum", .tensors = t, .from = weight + 1, .n = 1, .of = STATE_OF_STAGE };
    rows[n++] = kept;
    return n;
}

static bool make_vector(struct state_vector *v, const struct state_row *row)
{
    const int n = row->n ? row->n : row->tensors->n;
    *v = (struct state_vector){ .flat = row->flat, .dtype = row->dtype, .n_tensors = n, .of = row->of };
    v->tensor = calloc((size_t)n + 1, sizeof *v->tensor);
    for (int i = 0; v->tensor && i < n; i++) {
        const struct tensor_info *from = &row->tensors->tensor[row->from + i];
        struct state_tensor *to = &v->tensor[i];
        snprintf(to->name, sizeof to->name, "%s%s", row->name ? row->name : row->prefix, row->name ? "" : from->name);
        to->rank = from->rank;
        to->first = v->n;
        to->count = from->count;
        v->n += from->count;
        for (int k = 0; k < from->rank; k++)
            to->dims[k] = (uint64_t)from->dims[k];
    }
    v->data = calloc(v->n + 1, sizeof(float));
    return v->tensor && v->data;
}

struct train_state *train_state_new(const struct state_row *rows, int n)
{
    struct train_state *s = calloc(1, sizeof *s);
    bool made = s != NULL;
    if (made)
        s->rho_auto = rho_auto_new;
    for (int i = 0; made && i < n; i++) {
        s->n_vectors = i + 1;
        made = make_vector(&s->vector[i], &rows[i]);
    }
    if (made)
        return s;
    train_state_free(s);
    return NULL;
}

static void drop_vector(struct train_state *state, int i)
{
    struct state_vector *v = &state->vector[i];
    free(v->tensor);
    free(v->data);
    memmove(v, v + 1, (size_t)(--state->n_vectors - i) * sizeof *v);
}

void train_state_drop(struct train_state *state, enum state_owner of)
{
    for (int i = state->n_vectors - 1; i >= 0; i--)
        if (state->vector[i].of == of)
            drop_vector(state, i);
}

void train_state_free(struct train_state *state)
{
    if (!state)
        return;
    while (state->n_vectors > 0)
        drop_vector(state, state->n_vectors - 1);
    texts_free(state->knobs);
    texts_free(state->pending);
    texts_free(state->watched);
    texts_free(state->class_losses);
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
