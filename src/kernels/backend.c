#include "config.h"
#include "kernels/backend.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

const struct backend *const backend_list[] = {
#if defined(HAVE_CUDA) || defined(SADDLE_CUDA_SHIM)
    &backend_cuda,
#endif
    &backend_cpu, &backend_reference, NULL,
};

const char *const math_name[N_MATHS] = { [MATH_FP32] = "fp32", [MATH_TF32] = "tf32", [MATH_BF16] = "bf16", [MATH_WINOGRAD] = "winograd" };

static bool knows_math(bool (*has)(enum math math), enum math math)
{
    return math == MATH_FP32 || (has && has(math));
}

static int check_math(const struct backend *b, const char *knob, const char *does, bool (*has)(enum math math), enum math math, struct err *err)
{
    if (knows_math(has, math))
        return 0;
    char others[64] = "";
    bool several = false;
    for (int i = MATH_FP32 + 1; i < N_MATHS; i++)
        if (knows_math(has, (enum math)i)) {
            size_t used = strlen(others);
            snprintf(others + used, sizeof others - used, ", %s", math_name[i]);
            several = true;
        }
    return err_set(err, ERR_DEVICE, "%s %s: device %s %s in fp32%s only; accepted here %s fp32%s", knob, math_name[math], b->name,
                   does, others, several ? "are" : "is", others);
}

int backend_check_math(const struct backend *b, enum math math, struct err *err)
{
    return check_math(b, "math", "computes", b->has_math, math, err);
}

int backend_check_eval_math(const struct backend *b, enum math math, struct err *err)
{
    return check_math(b, "eval_math", "evaluates", b->has_eval_math, math, err);
}

int backend_check_device(const struct backend *b, struct model *m, struct err *err)
{
    struct err why;
    float *v = b->vec_new(m, 1, &why);
    b->vec_free(m, v);
    return v || why.code != ERR_DEVICE ? 0 : err_set(err, why.code, "%s", why.text);
}

const struct criterion_info criterion_table[N_CRITERIA] = {
#define CRITERION_ROW(id, name, ...) [CRITERION_##id] = { #name, __VA_ARGS__ },
    CRITERION_TABLE(CRITERION_ROW)
#undef CRITERION_ROW
};

int backend_check_criterion(const struct backend *b, const struct net *net, const struct criterion *c, enum criterion_use use,
                            struct err *err)
{
    const struct criterion_info *info = &criterion_table[c->kind];
    if (info->linear_head && net->head != HEAD_LINEAR)
        return err_set(err, ERR_INVALID, "criterion %s is made for a linear classifier, and that of %s is normalised; head linear is accepted",
                       info->name, net->name);
    if (b->supports(c->kind, use))
        return 0;
    char others[128] = "none has";
    size_t used = 0;
    for (const struct backend *const *other = backend_list; *other; other++)
        if ((*other)->supports(c->kind, use) && used < sizeof others) {
            snprintf(others + used, sizeof others - used, "%s%s", used ? ", " : "accepted: device ", (*other)->name);
            used = strlen(others);
        }
    return err_set(err, ERR_DEVICE, "device %s has no %s of criterion %s; %s", b->name,
                   use == CRITERION_PRODUCT ? "Hessian products" : "gradient", info->name, others);
}

static int check_targets(const struct net *net, const struct batch *batch, struct err *err)
{
    const uint32_t classes = (uint32_t)net->classes;
    for (uint32_t i = 0; batch->weights && i < batch->n; i++)
        if (!(batch->weights[i] >= 0) || isinf(batch->weights[i]))
            return err_set(err, ERR_DATA, "weight %g of image %u in the batch; accepted are 0 and more", (double)batch->weights[i], i);
    for (uint32_t k = 0; batch->targets && k < batch->n * classes; k++)
        if (!(batch->targets[k] >= 0) || isinf(batch->targets[k]))
            return err_set(err, ERR_DATA, "soft label %g of image %u and class %u in the batch; accepted are 0 and more",
                           (double)batch->targets[k], k / classes, k % classes);
    return 0;
}

int backend_check_batch(const struct net *net, const struct batch *batch, uint32_t max_batch, struct err *err)
{
    if (batch->n < 1 || batch->n > max_batch)
        return err_set(err, ERR_RANGE, "a batch of %u images; accepted are 1 to %u", batch->n, max_batch);
    for (uint32_t i = 0; !batch->choice && i < batch->n; i++)
        if (batch->labels[i] < 0 || batch->labels[i] >= net->classes)
            return err_set(err, ERR_DATA, "label %d of image %u in the batch; accepted are 0 to %d", batch->labels[i], i,
                           net->classes - 1);
    return check_targets(net, batch, err);
}

int backend_check_pass(const struct net *net, uint32_t n, bool loaded_features, enum math eval_math, const struct pass *pass, struct err *err)
{
    if (loaded_features && !(pass->head_only && pass->mode == PASS_EVAL))
        return err_set(err, ERR_INVALID, "a batch of features goes through the classifier alone: head_only with running statistics is accepted");
    if (pass->mode == PASS_EVAL_BF16 && (eval_math != MATH_BF16 || pass->head_only))
        return err_set(err, ERR_USAGE, "an evaluation in bf16 needs the whole network, and a model that was opened for it");
    if (pass->mode == PASS_TRAIN && n < (uint32_t)net_least_images(net))
        return err_set(err, ERR_INVALID, "batch statistics of a single value per channel, of one image in a unit of one pixel of %s; two images "
                       "or more are accepted", net->name);
    return 0;
}

/* The first device that can compute; else what is wrong with the first of all. */
static int first_device(const struct backend *b, int *device, struct err *err)
{
    const int n = b->devices ? b->devices(err) : 1;
    for (int i = 0; i < n; i++)
        if (b->probe(i, i == 0 ? err : NULL) == 0) {
            *device = i;
            return 0;
        }
    return -1;
}

/* cpu fails where SADDLE_ISA asks for what is not there alone: nobody who misspells it is given the slow reference in its place. */
static const struct backend *first_that_runs(int *device, struct err *err)
{
    for (const struct backend *const *b = backend_list; *b && *b != &backend_reference; b++)
        if (first_device(*b, device, err) == 0)
            return *b;
    return NULL;
}

static void unknown_backend(const char *name, struct err *err)
{
    char names[128] = "auto";
    for (const struct backend *const *b = backend_list; *b; b++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, ", %s", (*b)->name);
        used = strlen(names);
        if ((*b)->devices)
            snprintf(names + used, sizeof names - used, ", %s:N", (*b)->name);
    }
    err_set(err, ERR_INVALID, "unknown device '%s'; known: %s", name, names);
}

/* The number after NAME: of a back end with several devices. -1: it is none. */
static int number_of(const struct backend *b, const char *text)
{
    const size_t digits = strspn(text, "0123456789");
    return b->devices && digits > 0 && digits < 6 && !text[digits] ? atoi(text) : -1;
}

const struct backend *backend_find(const char *name, int *device, struct err *err)
{
    const size_t word = strcspn(name, ":");
    *device = 0;
    if (strcmp(name, "auto") == 0)
        return first_that_runs(device, err);
    for (const struct backend *const *b = backend_list; *b; b++) {
        if (strncmp(name, (*b)->name, word) != 0 || (*b)->name[word])
            continue;
        if (!name[word])
            return first_device(*b, device, err) == 0 ? *b : NULL;
        *device = number_of(*b, name + word + 1);
        if (*device >= 0)
            return (*b)->probe(*device, err) == 0 ? *b : NULL;
    }
    unknown_backend(name, err);
    return NULL;
}

void backend_device_name(const struct backend *b, int device, char out[BACKEND_NAME_MAX])
{
    if (device > 0)
        snprintf(out, BACKEND_NAME_MAX, "%s:%d", b->name, device);
    else
        snprintf(out, BACKEND_NAME_MAX, "%s", b->name);
}
