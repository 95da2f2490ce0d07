#include "config.h"
#include "engine/probe/curvature_op.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/optim/scales.h"
#include "engine/room.h"

enum { NOTHING = -1, MAX_SLOTS = 64 };

struct curvature_op {
    const struct backend *backend;
    const struct net *net;
    struct curvature_options options;
    struct model *model;
    float *params, *stats;
    float **part; /* [max_vectors] products of one shard, when there are several */
    float *part_grad;
    struct param_groups groups;
    bool restricted, head_only;   /* not everything trains; nothing but the classifier */
    float **whole_v, **whole_out; /* [max_vectors] of all parameters, when restricted */
    struct {
        float *classifier;        /* host; NULL: no scales */
        float *rows, *s;          /* host: like it; [classes] */
        double *sum;              /* [classes] */
    } scaled;
    float *pixels; /* [max_images][values of an image] host */
    int32_t *labels;
    bool has_weights, has_set;

    const struct image_set *images;
    uint32_t *index, n, index_room;
    struct augment augment;
    enum pass_mode mode;
    struct criterion criterion;
    int n_slots;
    struct shard_slot {
        long loaded, prepared; /* shard, or NOTHING */
    } slot[MAX_SLOTS];
};

static void forget(struct curvature_op *op, bool loaded)
{
    for (int k = 0; k < MAX_SLOTS; k++) {
        op->slot[k].prepared = NOTHING;
        if (loaded)
            op->slot[k].loaded = NOTHING;
    }
}

/* --- life ---------------------------------------------------------------------------------------------------------- */

static void free_whole(struct curvature_op *op)
{
    float **lists[] = { op->whole_v, op->whole_out };
    for (int i = 0; i < 2; i++)
        for (int k = 0; lists[i] && k < op->options.max_vectors; k++)
            op->backend->vec_free(op->model, lists[i][k]);
    free(op->whole_v);
    free(op->whole_out);
    op->whole_v = op->whole_out = NULL;
}

static void free_scaled(struct curvature_op *op)
{
    free(op->scaled.classifier);
    free(op->scaled.rows);
    free(op->scaled.s);
    free(op->scaled.sum);
    memset(&op->scaled, 0, sizeof op->scaled);
}

void curvature_op_free(struct curvature_op *op)
{
    if (!op)
        return;
    free_whole(op);
    free_scaled(op);
    float *vectors[] = { op->params, op->stats, op->part_grad };
    for (int k = 0; op->model && k < op->options.max_vectors; k++)
        op->backend->vec_free(op->model, op->part[k]);
    for (size_t i = 0; op->model && i < sizeof vectors / sizeof vectors[0]; i++)
        op->backend->vec_free(op->model, vectors[i]);
    op->backend->close(op->model);
    param_groups_release(&op->groups);
    free(op->part);
    free(op->pixels);
    free(op->labels);
    free(op->index);
    free(op);
}

static float *vector(struct curvature_op *op, size_t n, struct err *err)
{
    return op->backend->vec_new(op->model, n, err);
}

static struct image_geometry image_of(const struct net *net)
{
    return (struct image_geometry){ net->height, net->width, net->image_channels };
}

static size_t op_vector_bytes(const struct curvature_op *op)
{
    const size_t vectors = (size_t)op->options.max_vectors * (op->restricted ? 3 : 1) + 2;
    return (vectors * op->net->params.total + op->net->stats.total) * sizeof(float);
}

static size_t bytes_of_image(const struct curvature_op *op)
{
    return image_values(image_of(op->net)) * sizeof *op->pixels + sizeof *op->labels;
}

static int slots_wanted(const struct curvature_op *op)
{
    const uint32_t shards = op->options.set_images ? (op->options.set_images - 1) / op->options.max_images + 1 : MAX_SLOTS;
    return shards < MAX_SLOTS ? (int)shards : MAX_SLOTS;
}

static int open_probe_model(struct curvature_op *op, struct err *err)
{
    const struct room room = { .backend = op->backend, .net = op->net, .least = op->options.max_images, .beside = op_vector_bytes(op),
                               .each = bytes_of_image(op),
                               .options = { .threads = op->options.threads, .background = true, .products = true, .math = MATH_FP32,
                                            .device = op->options.device } };
    const size_t n = op->net->params.total;
    op->model = room_open(&room, err);
    op->n_slots = 1;
    if (param_groups_init(&op->groups, op->net, err) < 0)
        return -1;
    if (op->model && op->backend->slots)
        op->n_slots = op->backend->slots(op->model, op->options.keep_bytes, slots_wanted(op), err);
    if (!op->model || op->n_slots < 1 || !(op->params = vector(op, n, err)) || !(op->stats = vector(op, op->net->stats.total, err)) ||
        !(op->part_grad = vector(op, n, err)))
        return -1;
    for (int k = 0; k < op->options.max_vectors; k++)
        if (!(op->part[k] = vector(op, n, err)))
            return -1;
    return 0;
}

static int check_curvature(const struct curvature_options *o, struct err *err)
{
    if (o->max_images < 1 || o->max_vectors < 1)
        return err_set(err, ERR_RANGE, "curvature of %u images, %d directions at once: at least 1 of each is accepted",
                       o->max_images, o->max_vectors);
    return 0;
}

struct curvature_op *curvature_op_new(const struct backend *backend, const struct net *net,
                                      const struct curvature_options *options, struct err *err)
{
    if (check_curvature(options, err) < 0)
        return NULL;
    struct curvature_op *op = calloc(1, sizeof *op);
    if (!op) {
        err_set(err, ERR_MEMORY, "no memory for a curvature operator");
        return NULL;
    }
    *op = (struct curvature_op){ .backend = backend, .net = net, .options = *options };
    forget(op, true);
    op->part = calloc((size_t)options->max_vectors, sizeof *op->part);
    op->pixels = malloc(options->max_images * image_values(image_of(net)) * sizeof *op->pixels);
    op->labels = malloc((size_t)options->max_images * sizeof *op->labels);
    if (!op->part || !op->pixels || !op->labels)
        err_set(err, ERR_MEMORY, "no memory for the %u images of a curvature operator", options->max_images);
    else if (open_probe_model(op, err) == 0)
        return op;
    curvature_op_free(op);
    return NULL;
}

static size_t classifier_count(const struct curvature_op *op)
{
    return (size_t)op->net->classes * ((size_t)op->net->features + 1);
}

size_t curvature_op_memory_bytes(const struct curvature_op *op)
{
    const size_t scaled = op->scaled.classifier ? 2 * classifier_count(op) * sizeof(float) + (size_t)op->net->classes * (sizeof(float) + sizeof(double)) : 0;
    return sizeof *op + op->backend->memory_bytes(op->model) + op->index_room * sizeof *op->index + scaled +
           op_vector_bytes(op) + op->options.max_images * bytes_of_image(op);
}

int curvature_op_kept(const struct curvature_op *op)
{
    return op->n_slots;
}

struct model *curvature_op_model(const struct curvature_op *op)
{
    return op->model;
}

/* --- what trains --------------------------------------------------------------------------------------------------- */

static int take_whole(struct curvature_op *op, struct err *err)
{
    const size_t n = (size_t)op->options.max_vectors;
    op->whole_v = calloc(n, sizeof *op->whole_v);
    op->whole_out = calloc(n, sizeof *op->whole_out);
    if (!op->whole_v || !op->whole_out)
        return err_set(err, ERR_MEMORY, "no memory for %zu directions", n);
    for (size_t k = 0; k < n; k++)
        if (!(op->whole_v[k] = vector(op, op->net->params.total, err)) || !(op->whole_out[k] = vector(op, op->net->params.total, err)))
            return -1;
    return 0;
}

int curvature_op_restrict(struct curvature_op *op, const struct param_groups *groups, struct err *err)
{
    struct param_groups copy;
    const bool restricted = groups && groups->trainable < op->net->params.total;
    if (!restricted && !op->restricted)
        return 0;
    if (restricted && !op->whole_v && take_whole(op, err) < 0) {
        free_whole(op);
        return -1;
    }
    if ((groups ? param_groups_copy(&copy, groups, err) : param_groups_init(&copy, op->net, err)) < 0)
        return -1;
    param_groups_release(&op->groups);
    op->groups = copy;
    op->restricted = restricted;
    op->head_only = param_groups_head_only(&op->groups, op->net);
    if (!op->head_only)
        free_scaled(op);
    if (!restricted)
        free_whole(op);
    forget(op, false);
    return 0;
}

int curvature_op_use_scales(struct curvature_op *op, const float *classifier, struct err *err)
{
    const size_t n = classifier_count(op), classes = (size_t)op->net->classes;
    if (!classifier) {
        free_scaled(op);
        return 0;
    }
    if (!op->head_only || op->net->head != HEAD_LINEAR)
        return err_set(err, ERR_INVALID, "curvature over scales of the classifier: a linear classifier that alone trains is accepted");
    if (!op->scaled.classifier) {
        op->scaled.classifier = malloc(n * sizeof *op->scaled.classifier);
        op->scaled.rows = malloc(n * sizeof *op->scaled.rows);
        op->scaled.s = malloc(classes * sizeof *op->scaled.s);
        op->scaled.sum = malloc(classes * sizeof *op->scaled.sum);
    }
    if (!op->scaled.classifier || !op->scaled.rows || !op->scaled.s || !op->scaled.sum) {
        free_scaled(op);
        return err_set(err, ERR_MEMORY, "no memory for the scales of %zu classes", classes);
    }
    memcpy(op->scaled.classifier, classifier, n * sizeof *classifier);
    return 0;
}

size_t curvature_op_dimension(const struct curvature_op *op)
{
    return op->scaled.classifier ? (size_t)op->net->classes : op->groups.trainable;
}

/* J v, by way of the host. */
static void spread_scales(struct curvature_op *op, const float *v, float *whole)
{
    const struct backend *b = op->backend;
    b->vec_read(op->model, op->scaled.s, v, (size_t)op->net->classes);
    scales_spread(op->net->classes, op->net->features, op->scaled.classifier, op->scaled.s, op->scaled.rows);
    b->vec_zero(op->model, whole, op->net->head_weight);
    b->vec_write(op->model, whole + op->net->head_weight, op->scaled.rows, classifier_count(op));
}

/* J^T whole. */
static void gather_scales(struct curvature_op *op, const float *whole, float *out)
{
    const struct backend *b = op->backend;
    b->vec_read(op->model, op->scaled.rows, whole + op->net->head_weight, classifier_count(op));
    scales_gather(op->net->classes, op->net->features, op->scaled.classifier, op->scaled.rows, op->scaled.sum);
    for (int j = 0; j < op->net->classes; j++)
        op->scaled.s[j] = (float)op->scaled.sum[j];
    b->vec_write(op->model, out, op->scaled.s, (size_t)op->net->classes);
}

void curvature_op_expand(struct curvature_op *op, const float *v, float *whole)
{
    if (op->scaled.classifier) {
        spread_scales(op, v, whole);
        return;
    }
    for (int i = 0; i < op->groups.n; i++) {
        const struct param_group *g = &op->groups.group[i];
        if (g->rule.trainable) {
            op->backend->vec_copy(op->model, whole + g->first, v, g->count);
            v += g->count;
        } else {
            op->backend->vec_zero(op->model, whole + g->first, g->count);
        }
    }
}

/* Copies the part of a whole vector that belongs to the block: trainable ranges one after another, or scales. */
static void take_block(struct curvature_op *op, const float *whole, float *out)
{
    if (op->scaled.classifier) {
        gather_scales(op, whole, out);
        return;
    }
    for (int i = 0; i < op->groups.n; i++) {
        const struct param_group *g = &op->groups.group[i];
        if (!g->rule.trainable)
            continue;
        op->backend->vec_copy(op->model, out, whole + g->first, g->count);
        out += g->count;
    }
}

static void clear_frozen(struct curvature_op *op, float *whole)
{
    for (int i = 0; i < op->groups.n; i++) {
        const struct param_group *g = &op->groups.group[i];
        if (!g->rule.trainable)
            op->backend->vec_zero(op->model, whole + g->first, g->count);
    }
}

/* --- what it is the Hessian of ------------------------------------------------------------------------------------- */

static bool vector_finite(const float *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return false;
    return true;
}

int curvature_op_weights(struct curvature_op *op, const float *params_host, const float *stats_host, struct err *err)
{
    const size_t n = op->net->params.total, n_stats = op->net->stats.total;
    forget(op, false);
    op->has_weights = vector_finite(params_host, n) && vector_finite(stats_host, n_stats);
    if (!op->has_weights)
        return err_set(err, ERR_DIVERGED, "the weights are not finite");
    op->backend->vec_write(op->model, op->params, params_host, n);
    op->backend->vec_write(op->model, op->stats, stats_host, n_stats);
    return 0;
}

const float *curvature_op_params(const struct curvature_op *op)
{
    return op->has_weights ? op->params : NULL;
}

static int check_set(const struct curvature_op *op, const struct curvature_set *set, struct err *err)
{
    if (set->n < 1)
        return err_set(err, ERR_DATA, "no images are chosen: curvature needs at least one");
    const struct image_geometry size = set->images->kind.size, wanted = image_of(op->net);
    if (!image_same_geometry(size, wanted))
        return err_set(err, ERR_INVALID, "network %s takes images of %dx%dx%d; the data set has %dx%dx%d", op->net->name, wanted.height,
                       wanted.width, wanted.channels, size.height, size.width, size.channels);
    for (uint32_t i = 0; i < set->n; i++)
        if (set->index[i] >= set->images->n)
            return err_set(err, ERR_RANGE, "image %u is chosen; the set has %u", set->index[i], set->images->n);
    if (set->mode == PASS_TRAIN && set->n > op->options.max_images)
        return err_set(err, ERR_RANGE, "%u images in training mode: batch statistics need one batch, at most %u are accepted",
                       set->n, op->options.max_images);
    return 0;
}

static int index_room(struct curvature_op *op, uint32_t n, struct err *err)
{
    if (n <= op->index_room)
        return 0;
    uint32_t *index = realloc(op->index, (size_t)n * sizeof *index);
    if (!index)
        return err_set(err, ERR_MEMORY, "no memory for a list of %u images", n);
    op->index = index;
    op->index_room = n;
    return 0;
}

/* D of the whole set: the shards' losses and products then add up. */
static double divisor(const struct curvature_set *set)
{
    const struct loss_coef *loss = &set->criterion->coef;
    double sum = 0;
    if (loss->divisor > 0)
        return loss->divisor;
    if (loss->reduction == REDUCE_BATCH_MEAN)
        return set->n;
    for (uint32_t i = 0; i < set->n; i++)
        sum += (double)loss->weight[set->images->labels[set->index[i]]];
    return sum;
}

int curvature_op_choose(struct curvature_op *op, const struct curvature_set *set, struct err *err)
{
    const double d = check_set(op, set, err) == 0 ? divisor(set) : NAN;
    op->has_set = false;
    forget(op, true);
    if (isnan(d))
        return -1;
    if (!(d > 0))
        return err_set(err, ERR_INVALID, "the weights of the %u chosen images sum to %g: more than 0 is accepted", set->n, d);
    if (index_room(op, set->n, err) < 0)
        return -1;
    memcpy(op->index, set->index, (size_t)set->n * sizeof *op->index);
    op->images = set->images;
    op->n = set->n;
    op->augment = set->augment ? *set->augment : (struct augment){ .on = false };
    op->mode = set->mode;
    op->criterion = *set->criterion;
    op->criterion.coef.divisor = d;
    op->has_set = true;
    return 0;
}

/* --- shards -------------------------------------------------------------------------------------------------------- */

static int ready(const struct curvature_op *op, struct err *err)
{
    if (!op->has_weights)
        return err_set(err, ERR_USAGE, "a curvature operator needs weights first");
    if (!op->has_set)
        return err_set(err, ERR_USAGE, "a curvature operator needs chosen images first");
    return 0;
}

static long n_shards(const struct curvature_op *op)
{
    return (long)((op->n - 1) / op->options.max_images + 1);
}

static bool stop_wanted(const struct curvature_op *op)
{
    return op->options.stop && op->options.stop(op->options.stop_ctx);
}

/* The last slot serves all shards that find no place of their own. */
static struct shard_slot *turn_to(struct curvature_op *op, long shard)
{
    const int slot = shard < op->n_slots ? (int)shard : op->n_slots - 1;
    if (op->backend->turn)
        op->backend->turn(op->model, slot);
    return &op->slot[slot];
}

static int load_shard(struct curvature_op *op, long shard, struct shard_slot *slot, struct err *err)
{
    const uint32_t room = op->options.max_images, first = (uint32_t)shard * room, left = op->n - first;
    const struct batch batch = { .n = left < room ? left : room, .images = op->pixels, .labels = op->labels };
    if (stop_wanted(op))
        return err_set(err, ERR_CANCELLED, "cancelled");
    if (slot->loaded == shard)
        return 0;
    slot->loaded = slot->prepared = NOTHING;
    const struct image_list list = { op->images, op->index + first, batch.n };
    if (batch_fill(op->pixels, op->labels, &list, &op->augment, err) < 0 ||
        op->backend->load(op->model, &batch, err) < 0)
        return -1;
    slot->loaded = shard;
    return 0;
}

static struct pass probe_pass(const struct curvature_op *op, const float *params)
{
    return (struct pass){ .params = params ? params : op->params, .stats = op->stats, .mode = op->mode, .criterion = &op->criterion,
                          .head_only = op->head_only };
}

static void add_result(struct pass_result *sum, const struct pass_result *r)
{
    sum->loss += r->loss;
    sum->weight_sum += r->weight_sum;
    sum->n += r->n;
    sum->correct += r->correct;
}

static int prepare_shard(struct curvature_op *op, long shard, struct shard_slot *slot, struct pass_result *sum, struct err *err)
{
    const struct pass pass = probe_pass(op, NULL);
    struct pass_result r;
    if (load_shard(op, shard, slot, err) < 0)
        return -1;
    slot->prepared = NOTHING;
    if (op->backend->hvp_prepare(op->model, &pass, &r, err) < 0)
        return -1;
    slot->prepared = shard;
    add_result(sum, &r);
    return 0;
}

/* Only the losses are wanted here when there are more shards than can be kept: each is prepared when apply() comes to it. */
int curvature_op_prepare(struct curvature_op *op, struct pass_result *result, struct err *err)
{
    struct pass_result sum = { .loss = 0 };
    if (ready(op, err) < 0)
        return -1;
    const bool all = n_shards(op) <= op->n_slots;
    if (!all && curvature_op_gradient(op, NULL, NULL, &sum, err) < 0)
        return -1;
    for (long shard = 0; all && shard < n_shards(op); shard++)
        if (prepare_shard(op, shard, turn_to(op, shard), &sum, err) < 0)
            return -1;
    if (result)
        *result = sum;
    return isfinite(sum.loss) ? 0 : err_set(err, ERR_DIVERGED, "the loss of the chosen images is not finite");
}

/* --- products ------------------------------------------------------------------------------------------------------ */

/* Products with at most max_vectors directions, of all parameters. */
static int apply_whole(struct curvature_op *op, int n_vectors, const float *const *v, float *const *out, struct err *err)
{
    struct pass_result ignored = { .loss = 0 };
    for (long shard = 0; shard < n_shards(op); shard++) {
        float *const *to = shard == 0 ? out : op->part;
        struct shard_slot *slot = turn_to(op, shard);
        if (stop_wanted(op))
            return err_set(err, ERR_CANCELLED, "cancelled");
        if (slot->prepared != shard && prepare_shard(op, shard, slot, &ignored, err) < 0)
            return -1;
        if (op->backend->hvp(op->model, n_vectors, v, to, err) < 0)
            return -1;
        for (int k = 0; shard > 0 && k < n_vectors; k++)
            op->backend->vec_axpy(op->model, out[k], 1.0f, to[k], op->net->params.total);
    }
    return 0;
}

/* Products with at most max_vectors directions of the block. */
static int apply_block(struct curvature_op *op, int n_vectors, const float *const *v, float *const *out, struct err *err)
{
    if (!op->restricted)
        return apply_whole(op, n_vectors, v, out, err);
    for (int k = 0; k < n_vectors; k++)
        curvature_op_expand(op, v[k], op->whole_v[k]);
    if (apply_whole(op, n_vectors, (const float *const *)op->whole_v, op->whole_out, err) < 0)
        return -1;
    for (int k = 0; k < n_vectors; k++)
        take_block(op, op->whole_out[k], out[k]);
    return 0;
}

int curvature_op_apply(struct curvature_op *op, int n_vectors, const float *const *v, float *const *out, struct err *err)
{
    if (ready(op, err) < 0)
        return -1;
    for (int k = 0; k < n_vectors; k += op->options.max_vectors) {
        const int left = n_vectors - k, n = left < op->options.max_vectors ? left : op->options.max_vectors;
        if (apply_block(op, n, v + k, out + k, err) < 0)
            return -1;
    }
    return 0;
}

/* --- loss and gradient --------------------------------------------------------------------------------------------- */

int curvature_op_gradient(struct curvature_op *op, const float *params, float *grad, struct pass_result *result,
                          struct err *err)
{
    struct pass_result sum = { .loss = 0 }, r;
    if (ready(op, err) < 0)
        return -1;
    const struct pass pass = probe_pass(op, params);
    for (long shard = 0; shard < n_shards(op); shard++) {
        float *to = grad && shard > 0 ? op->part_grad : grad;
        if (load_shard(op, shard, turn_to(op, shard), err) < 0)
            return -1;
        forget(op, false);
        if (op->backend->gradient(op->model, &pass, to, &r, err) < 0)
            return -1;
        if (grad && shard > 0)
            op->backend->vec_axpy(op->model, grad, 1.0f, to, op->net->params.total);
        add_result(&sum, &r);
    }
    if (grad && op->restricted)
        clear_frozen(op, grad);
    if (result)
        *result = sum;
    return 0;
}
