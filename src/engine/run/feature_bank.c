#include "config.h"
#include "engine/run/feature_bank.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

int feature_bank_init(struct feature_bank *f, const struct image_set *set, int features, uint32_t room, struct err *err)
{
    *f = (struct feature_bank){ .set = set, .features = (size_t)features, .room = room };
    f->feature = malloc((size_t)set->n * f->features * sizeof *f->feature);
    f->rows = malloc((size_t)room * f->features * sizeof *f->rows);
    f->labels = malloc((size_t)room * sizeof *f->labels);
    if (f->feature && f->rows && f->labels)
        return 0;
    feature_bank_release(f);
    return err_set(err, ERR_MEMORY, "no memory for the features of %u images", set->n);
}

void feature_bank_release(struct feature_bank *f)
{
    free(f->feature);
    free(f->rows);
    free(f->labels);
    *f = (struct feature_bank){ 0 };
}

size_t feature_bank_memory(const struct feature_bank *f)
{
    return f->feature ? ((size_t)f->set->n + f->room) * f->features * sizeof(float) + f->room * sizeof(int32_t) : 0;
}

int feature_bank_take(struct feature_bank *f, const struct backend *backend, struct model *model, struct batches *batches,
                      const struct pass *pass, struct err *err)
{
    const struct pass alone = { .params = pass->params, .stats = pass->stats, .mode = PASS_EVAL, .criterion = pass->criterion,
                                .head_only = true };
    struct pass_result ignored;
    struct batch batch;
    for (uint32_t first = 0; first < f->set->n; first += batch.n) {
        const uint32_t left = f->set->n - first, n = left < batches->room ? left : batches->room;
        if (batches_plain(batches, f->set, first, n, &batch, err) < 0 || backend->load(model, &batch, err) < 0 ||
            backend->gradient(model, &alone, NULL, &ignored, err) < 0)
            return -1;
        backend->features(model, f->feature + first * f->features);
    }
    return 0;
}

void feature_bank_batch(struct feature_bank *f, const uint32_t *position, uint32_t n, struct batch *out)
{
    for (uint32_t i = 0; i < n; i++) {
        memcpy(f->rows + i * f->features, f->feature + position[i] * f->features, f->features * sizeof *f->rows);
        f->labels[i] = f->set->labels[position[i]];
    }
    *out = (struct batch){ .n = n, .features = f->rows, .labels = f->labels };
}
