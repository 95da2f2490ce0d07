#include "config.h"
#include "kernels/cuda/model.h"

/* A step's kernels, in the order in which they run: one function for each of enum descent_rule, which says what they come to. No decision in
 * them needs the host: what depends on numbers (nobody climbs, kept is 0) the kernels find out, and a step always has the same kernels. */

static const struct cuda_factor ONE = { FACTOR_CONSTANT, 0, 1 }, MINUS_ONE = { FACTOR_CONSTANT, 0, -1 };

static struct cuda_factor order(enum cuda_factor_kind kind, int which)
{
    return (struct cuda_factor){ kind, which, 0 };
}

struct scenery { /* what the parts of a step share */
    struct model *m;
    struct cuda_key key;
    struct cuda_step s;
    cudaError_t status; /* of the first call that failed */
};

static bool climbs(const struct scenery *c)
{
    return c->s.ascent != ASCENT_NONE;
}

static void run_flow(struct scenery *c, struct flow *f)
{
    f->follows = true; /* of all passes in a step: a kernel stands before each */
    if (c->status == cudaSuccess)
        c->status = cuda_flow_run(f);
}

static void rule_pass(struct scenery *c, enum pass_kind kind, enum step_pass which)
{
    struct flow f = cuda_flow_of(c->m, c->key, kind, which);
    run_flow(c, &f);
}

static void norm(const struct scenery *c, enum step_vector of, enum cuda_number number)
{
    cuda_step_norm(&c->s, of, number, c->m->stream);
}

static void climb(const struct scenery *c, enum step_vector from, enum cuda_number number, bool rest)
{
    cuda_step_perturb(&c->s, (struct cuda_climb){ from, number, rest }, c->m->stream);
}

static void rule_blend(const struct scenery *c, struct cuda_blend b)
{
    cuda_step_blend(&c->s, &b, c->m->stream);
}

/* to = a to, where there is nothing to be added. */
static void rule_scale(const struct scenery *c, enum step_vector to, struct cuda_factor a)
{
    rule_blend(c, (struct cuda_blend){ .to = to, .from = to, .x = VECTOR_ZEROS, .a = a });
}

static void add(const struct scenery *c, enum step_vector to, struct cuda_factor b, enum step_vector x)
{
    rule_blend(c, (struct cuda_blend){ .to = to, .from = to, .x = x, .a = ONE, .b = b });
}

static void rule_tell(const struct scenery *c, enum cuda_telling what, double share)
{
    cuda_step_tell(&c->s, what, share, c->m->stream);
}

/* --- the gradient at w, and that at w + e --- */

static void at_w(struct scenery *c)
{
    rule_pass(c, KIND_GRADIENT, PASS_AT_W);
    norm(c, VECTOR_GRAD, NUMBER_G);
}

/* g_s into `above`, e along `from`. */
static void rule_sharp(struct scenery *c, enum step_vector from, enum cuda_number number, enum step_vector above)
{
    climb(c, from, number, false);
    rule_pass(c, KIND_GRADIENT, PASS_UP);
    norm(c, above, NUMBER_UP);
    if (c->s.gauges || c->s.rule == RULE_GSAM)
        cuda_step_dot(&c->s, VECTOR_GRAD, VECTOR_PIECE, NUMBER_ACROSS, c->m->stream);
}

static void last(struct scenery *c)
{
    at_w(c);
    if (climbs(c))
        rule_sharp(c, VECTOR_GRAD, c->s.ascent == ASCENT_ADAPTIVE ? NUMBER_SCALED : NUMBER_G, c->s.along);
}

static void gsam(struct scenery *c)
{
    at_w(c);
    rule_sharp(c, VECTOR_GRAD, NUMBER_G, VECTOR_PIECE);
    rule_blend(c, (struct cuda_blend){ VECTOR_GRAD, VECTOR_GRAD, VECTOR_PIECE, order(FACTOR_ORDER, 1), order(FACTOR_ALONG, 0), false });
}

static void wsam(struct scenery *c)
{
    at_w(c);
    rule_sharp(c, VECTOR_GRAD, NUMBER_G, VECTOR_PIECE);
    add(c, VECTOR_PIECE, MINUS_ONE, VECTOR_GRAD);
    rule_scale(c, VECTOR_PIECE, order(FACTOR_ORDER, 0));
    if (c->s.rule == RULE_WSAM_COUPLED)
        add(c, VECTOR_GRAD, ONE, VECTOR_PIECE);
}

static void fsam(struct scenery *c)
{
    at_w(c);
    if (c->s.rule == RULE_FSAM_BEGINS)
        norm(c, VECTOR_KEPT, NUMBER_KEPT);
    if (climbs(c)) {
        rule_blend(c, (struct cuda_blend){ VECTOR_PIECE, VECTOR_GRAD, VECTOR_KEPT, order(FACTOR_ORDER, 0), order(FACTOR_BEGINS_0, 1), false });
        norm(c, VECTOR_PIECE, NUMBER_LENGTH);
        rule_sharp(c, VECTOR_PIECE, NUMBER_LENGTH, VECTOR_PIECE);
    }
    rule_blend(c, (struct cuda_blend){ VECTOR_KEPT, VECTOR_KEPT, VECTOR_GRAD, order(FACTOR_ORDER, 2), order(FACTOR_BEGINS_1, 3), true });
}

static void rule_look(struct scenery *c)
{
    at_w(c);
    rule_sharp(c, VECTOR_GRAD, NUMBER_G, VECTOR_PIECE);
    cuda_step_keep_across(&c->s, c->m->stream);
}

static void remembered(struct scenery *c)
{
    at_w(c);
    cuda_step_add_across(&c->s, c->m->stream);
}

/* --- parts: `piece` is the gradient of what climbs, `grad` that of the rest --- */

static void rule_split(struct scenery *c)
{
    at_w(c);
    rule_tell(c, TELL_WHOLE, 1);
    if (c->s.one_share) {
        rule_blend(c, (struct cuda_blend){ VECTOR_PIECE, VECTOR_GRAD, VECTOR_ZEROS, order(FACTOR_SHARE, 0), ONE, false });
        rule_tell(c, TELL_SHARE, 1);
    } else {
        rule_pass(c, KIND_AGAIN, PASS_OF_PART);
        norm(c, VECTOR_PIECE, NUMBER_LENGTH);
        rule_tell(c, TELL_PART, 1);
    }
    add(c, VECTOR_GRAD, MINUS_ONE, VECTOR_PIECE);
}

static void rest_climbs(struct scenery *c)
{
    norm(c, VECTOR_GRAD, NUMBER_REST);
    rule_tell(c, TELL_REST_LENGTH, 1);
    climb(c, VECTOR_GRAD, NUMBER_REST, true);
    rule_pass(c, KIND_GRADIENT, PASS_OF_REST);
    norm(c, VECTOR_GRAD, NUMBER_UP);
    rule_tell(c, TELL_REST, 1);
}

static void part_climbs(struct scenery *c)
{
    climb(c, VECTOR_PIECE, NUMBER_LENGTH, false);
    rule_pass(c, KIND_GRADIENT, PASS_UP);
    norm(c, VECTOR_PIECE, NUMBER_UP);
    rule_tell(c, TELL_UP, 1);
    if (c->s.one_share)
        rule_scale(c, VECTOR_PIECE, order(FACTOR_SHARE, 0));
}

static void parts(struct scenery *c)
{
    rule_split(c);
    if (c->key.shape.rest_up)
        rest_climbs(c);
    if (climbs(c))
        part_climbs(c);
    add(c, VECTOR_GRAD, order(FACTOR_ORDER, 0), VECTOR_PIECE);
    norm(c, VECTOR_GRAD, NUMBER_UP);
    rule_tell(c, TELL_SUM, 1);
}

/* --- pieces of the batch --- */

/* The model's batch is its images from `from` on (before it with a negative number): passes know nothing of pieces. */
static void to_piece(struct model *m, ptrdiff_t from)
{
    const ptrdiff_t image = (ptrdiff_t)m->net->height * m->net->width * m->net->image_channels;
    m->images += from * image;
    m->labels += from;
    m->head.target += from * m->net->classes;
    m->head.image_weight += from;
    m->head.value += from;
}

static void one_piece(struct scenery *c, int n, double share)
{
    struct flow first = cuda_flow_of(c->m, c->key, KIND_GRADIENT, PASS_AT_W), second = cuda_flow_of(c->m, c->key, KIND_GRADIENT, PASS_UP);
    first.n = second.n = n;
    run_flow(c, &first);
    norm(c, VECTOR_PIECE, NUMBER_G);
    rule_tell(c, TELL_PIECE, share);
    if (climbs(c)) {
        climb(c, VECTOR_PIECE, NUMBER_G, false);
        run_flow(c, &second);
        norm(c, VECTOR_PIECE, NUMBER_UP);
        rule_tell(c, TELL_PIECE_UP, share);
    }
    add(c, VECTOR_GRAD, (struct cuda_factor){ FACTOR_CONSTANT, 0, (float)share }, VECTOR_PIECE);
}

static void micro(struct scenery *c)
{
    const uint64_t n = c->key.n, m = c->key.shape.pieces;
    rule_blend(c, (struct cuda_blend){ VECTOR_GRAD, VECTOR_ZEROS, VECTOR_ZEROS, ONE, ONE, false });
    for (uint64_t i = 0; i < m; i++) {
        const uint64_t from = n * i / m, end = n * (i + 1) / m;
        to_piece(c->m, (ptrdiff_t)from);
        one_piece(c, (int)(end - from), (double)(end - from) / (double)n);
        to_piece(c->m, -(ptrdiff_t)from);
    }
    if (climbs(c))
        norm(c, VECTOR_GRAD, NUMBER_UP);
    rule_tell(c, TELL_PIECES, 1);
}

/* --- the step --- */

static enum step_vector rule_along(const struct cuda_shape *s)
{
    const bool friendly = s->rule == RULE_FSAM || s->rule == RULE_FSAM_BEGINS, gauged = s->rule == RULE_LAST && s->gauges;
    return s->ascent != ASCENT_NONE && (friendly || gauged || s->rule == RULE_LOOK) ? VECTOR_PIECE : VECTOR_GRAD;
}

static struct cuda_step step_of(struct model *m, const struct cuda_key *key)
{
    const struct cuda_shape *shape = &key->shape;
    return (struct cuda_step){
        .n_params = m->net->params.total, .n_stats = m->net->stats.total, .orders = m->brief.orders, .n = (int)key->n,
        .result = m->result, .value = m->head.value, .progress = m->progress, .stats_before = m->stats_before,
        .second = { m->brief.control[PASS_UP], m->brief.control[PASS_OF_REST] },
        .partial = m->dot_partial, .ranges = m->ranges + shape->by_tensor, .range_partial = m->range_partial, .range_sum = m->range_sum,
        .n_ranges = shape->by_tensor ? m->net->params.n : 1, .range_blocks = shape->by_tensor ? m->tensor_blocks : m->whole_blocks,
        .ascent = (enum ascent)shape->ascent, .rule = (enum descent_rule)shape->rule, .along = rule_along(shape), .one_share = shape->one_share,
        .tallied = shape->rule == RULE_PARTS || shape->rule == RULE_MICRO, .gauges = shape->gauges, .early = m->early,
    };
}

cudaError_t cuda_rule_run(struct model *m, struct cuda_key key)
{
    static void (*const of[])(struct scenery *) = {
        [RULE_LAST] = last, [RULE_PARTS] = parts, [RULE_GSAM] = gsam, [RULE_WSAM] = wsam, [RULE_WSAM_COUPLED] = wsam, [RULE_FSAM] = fsam,
        [RULE_FSAM_BEGINS] = fsam, [RULE_LOOK] = rule_look, [RULE_REMEMBERED] = remembered, [RULE_MICRO] = micro,
    };
    struct scenery c = { .m = m, .key = key, .s = step_of(m, &key) };
    cuda_step_begin(&c.s, m->stream);
    of[key.shape.rule](&c);
    if (c.s.gauges && (climbs(&c) || key.shape.rest_up))
        norm(&c, VECTOR_PARAMS, NUMBER_W);
    cuda_step_finish(&c.s, m->stream);
    return c.status;
}
