#include "config.h"
#include "engine/data/sampler.h"

#include <math.h>

#include "base/err.h"

static double total_count(const uint32_t *count, int classes)
{
    double sum = 0;
    for (int c = 0; c < classes; c++)
        sum += count[c];
    return sum;
}

static void shares_by_size(const struct sampler *s, const uint32_t *count, int classes, double t, double *share)
{
    (void)s, (void)t;
    for (int c = 0; c < classes; c++)
        share[c] = count[c];
}

static void alike(const struct sampler *s, const uint32_t *count, int classes, double t, double *share)
{
    (void)s, (void)count, (void)t;
    for (int c = 0; c < classes; c++)
        share[c] = 1;
}

static void by_root(const struct sampler *s, const uint32_t *count, int classes, double t, double *share)
{
    (void)s, (void)t;
    for (int c = 0; c < classes; c++)
        share[c] = sqrt(count[c]);
}

static void shares_mixed(const struct sampler *s, const uint32_t *count, int classes, double t, double *share)
{
    const double n = total_count(count, classes);
    (void)s;
    for (int c = 0; c < classes; c++)
        share[c] = (1 - t) * (count[c] / n) + t / classes;
}

static void by_weight(const struct sampler *s, const uint32_t *count, int classes, double t, double *share)
{
    (void)count, (void)t;
    for (int c = 0; c < classes; c++)
        share[c] = s->weight[c];
}

/* The form stays as it is: with beta_en 0.9999 it gives the bits of the recordings that knew no other (methods 1.7). */
static void by_effective_number(const struct sampler *s, const uint32_t *count, int classes, double t, double *share)
{
    (void)t;
    for (int c = 0; c < classes; c++)
        share[c] = count[c] ? count[c] * (1 - s->beta_en) / (1 - pow(s->beta_en, count[c])) : 0;
}

const struct sampler_info sampler_table[SAMPLER_COUNT] = {
    [SAMPLER_INSTANCE] = { "instance", "every image once in an epoch, in a new order", shares_by_size },
    [SAMPLER_CLASS_AWARE] = { "class-aware", "classes in shuffled cycles, some images of each in turn", alike },
    [SAMPLER_SQUARE_ROOT] = { "square-root", "a class as often as the square root of its size", by_root },
    [SAMPLER_PROGRESSIVE] = { "progressive", "from instance in the first epoch to all classes alike in the last", shares_mixed },
    [SAMPLER_WEIGHTED] = { "weighted", "a class as often as its weight says", by_weight },
    [SAMPLER_EFFECTIVE] = { "effective", "an image as often as its class's effective number of samples says", by_effective_number },
    [SAMPLER_NATURAL] = { "natural", "the set's own order", shares_by_size },
};

/* The progress of PROGRESSIVE: e/(T - 1), as its authors' code has it, so that the last epoch is wholly balanced. */
static double progress_at(const struct sampler *s, uint32_t epoch)
{
    if (epoch <= s->first_epoch || s->epochs <= 1)
        return 0;
    return fmin((double)(epoch - s->first_epoch) / (s->epochs - 1), 1);
}

static int check_share(const struct sampler *s, int c, double share, uint32_t count, struct err *err)
{
    const char *name = sampler_table[s->kind].name;
    if (!(share >= 0) || isinf(share))
        return err_set(err, ERR_RANGE, "sampler %s: weight %g of class %d is not accepted, expected a finite number, 0 or more", name,
                       share, c);
    if (share > 0 && count == 0)
        return err_set(err, ERR_DATA, "sampler %s visits class %d, which has no training images; instance and square-root pass over such "
                       "classes", name, c);
    return 0;
}

int sampler_shares(const struct sampler *s, const uint32_t *count, int classes, uint32_t epoch, double *share, struct err *err)
{
    double sum = 0;
    sampler_table[s->kind].shares(s, count, classes, progress_at(s, epoch), share);
    for (int c = 0; c < classes; c++) {
        if (check_share(s, c, share[c], count[c], err) < 0)
            return -1;
        sum += share[c];
    }
    if (!(sum > 0) || isinf(sum))
        return err_set(err, ERR_RANGE, "sampler %s: the weights of the classes sum to %g, expected a finite sum above 0",
                       sampler_table[s->kind].name, sum);
    return 0;
}
