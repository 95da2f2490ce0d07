/* The outputs of a network for images, for tests/reference/torch_weights.py:
 *
 *   logits BACKEND NETWORK CLASSES WEIGHTS IMAGES OUT
 *
 * WEIGHTS as for `load weights`; IMAGES: a file with images [N,C,H,W] and labels [N]; OUT: a new file with logits [N,CLASSES] and
 * features, by running statistics. Exit status 1 with a line when something is refused, 77 without the back end. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "engine/criteria/loss.h"
#include "engine/model/families.h"
#include "engine/model/params.h"
#include "tests/reference/fixture.h"

static void must(int result, const struct err *err)
{
    if (result < 0)
        fixture_stop(1, "%s", err->text);
}

static float *memory(size_t n)
{
    float *x = calloc(n + 1, sizeof *x);
    if (!x)
        fixture_stop(1, "no memory");
    return x;
}

static struct model *open_model(const struct backend *b, const struct net *net, uint32_t n)
{
    struct err err = { 0 };
    struct model *m = b->open(net, &(struct model_options){ .max_batch = n, .threads = fixture_threads(), .device = fixture_device() }, &err);
    if (!m)
        fixture_stop(1, "%s", err.text);
    return m;
}

/* Vectors of the back end, which its model takes with it. */
static void load_weights(const struct backend *b, struct model *m, const struct net *net, const char *path, struct pass *pass)
{
    struct err err = { 0 };
    struct params_note note;
    float *params = memory(net->params.total), *stats = memory(net->stats.total);
    float *w = fixture_vector(b, m, net->params.total);
    pass->stats = fixture_vector(b, m, net->stats.total);
    must(params_load_weights(net, path, params, stats, &note, &err), &err);
    b->vec_write(m, w, params, net->params.total);
    b->vec_write(m, pass->stats, stats, net->stats.total);
    pass->params = w;
    free(params);
    free(stats);
}

/* Images of one pass after another: labels do not matter. */
static void forward(const struct backend *b, struct model *m, const struct net *net, struct pass *pass, const struct batch *batch)
{
    struct err err = { 0 };
    struct loss loss;
    struct pass_result result;
    uint32_t *counts = calloc((size_t)net->classes, sizeof *counts);
    for (int k = 0; counts && k < net->classes; k++)
        counts[k] = 1;
    must(loss_init(&loss, net->classes, counts, &err), &err);
    pass->criterion = &loss.criterion;
    must(b->load(m, batch, &err), &err);
    must(b->gradient(m, pass, NULL, &result, &err), &err);
    loss_release(&loss);
    free(counts);
}

static void save(const struct backend *b, struct model *m, const struct net *net, uint32_t n, const char *path)
{
    struct err err = { 0 };
    float *logits = memory((size_t)n * (size_t)net->classes), *features = memory((size_t)n * (size_t)net->features);
    b->logits(m, logits);
    b->features(m, features);
    const struct safetensors_item items[] = {
        { .name = "logits", .dtype = SAFETENSORS_F32, .rank = 2, .dims = { n, (uint64_t)net->classes }, .data = logits },
        { .name = "features", .dtype = SAFETENSORS_F32, .rank = 2, .dims = { n, (uint64_t)net->features }, .data = features },
    };
    must(safetensors_save(path, true, items, 2, NULL, &err), &err);
    free(logits);
    free(features);
}

int main(int argc, char **argv)
{
    struct err err = { 0 };
    struct net net;
    struct images images;
    struct pass pass = { .mode = PASS_EVAL };
    if (argc != 7)
        fixture_stop(2, "usage: logits BACKEND NETWORK CLASSES WEIGHTS IMAGES OUT");
    const struct backend *b = fixture_backend(argv[1]);
    struct safetensors *file = safetensors_open(argv[5], &err);
    must(file ? 0 : -1, &err);
    fixture_images(&images, file, "");
    safetensors_close(file);
    must(net_of_family(&net, argv[2], images.geometry, (int)strtol(argv[3], NULL, 10), HEAD_LINEAR, &err), &err);
    struct model *m = open_model(b, &net, images.batch.n);
    load_weights(b, m, &net, argv[4], &pass);
    forward(b, m, &net, &pass, &images.batch);
    save(b, m, &net, images.batch.n, argv[6]);
    b->close(m);
    fixture_images_release(&images);
    net_release(&net);
}
