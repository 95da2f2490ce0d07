/* Parameter groups, on every back end of this program: what is frozen keeps its bits, norms and perturbations are those of what trains, each
 * group has its learning rate and weight decay. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/model/initial.h"
#include "tests/unit/groups.h"

/* --- the list ------------------------------------------------------------------------------------------------------ */

static void a_list_covers_the_network(void **state)
{
    (void)state;
    struct bench *k = open_head(HEAD_LINEAR);
    const size_t head = k->net.head_weight, n = k->n;
    assert_true(param_groups_plain(&k->groups) && k->groups.trainable == n && !param_groups_head_only(&k->groups, &k->net));
    set(k, "backbone", &frozen);
    assert_true(k->groups.n == 2 && k->groups.group[0].count == head && k->groups.group[1].first == head);
    assert_true(k->groups.trainable == n - head && param_groups_head_only(&k->groups, &k->net) && !param_groups_plain(&k->groups));
    set(k, "linear.bias", &frozen);
    assert_true(k->groups.n == 3 && k->groups.trainable == (size_t)(k->net.classes * k->net.features));
    set(k, "all", &param_rule_plain);
    assert_true(param_groups_plain(&k->groups) && k->groups.trainable == n);
    const struct param_rule decayed = { .trainable = true, .lr = 0.5f, .weight_decay = 0.1f, .rho = 1 };
    set(k, "linear.", &decayed);
    assert_true(k->groups.n == 2 && k->groups.trainable == n && !param_groups_plain(&k->groups));
    size_t at = 0;
    for (int i = 0; i < k->groups.n; at += k->groups.group[i++].count)
        assert_int_equal(k->groups.group[i].first, at);
    assert_int_equal(at, n);
    close_bench(k);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct bench *k = open_head(HEAD_LINEAR);
    struct err err = { 0 };
    assert_int_equal(param_groups_set(&k->groups, &k->net, "layer9", &frozen, &err), -1);
    assert_non_null(strstr(err.text, "no tensor of tiny is named 'layer9'; accepted are all, head, backbone, or"));
    assert_int_equal(param_groups_set(&k->groups, &k->net, "", &frozen, &err), -1);
    assert_int_equal(param_groups_set(&k->groups, &k->net, "all", &frozen, &err), -1);
    assert_string_equal(err.text, "with 'all' frozen nothing of tiny is left to train");
    set(k, "backbone", &frozen);
    assert_int_equal(param_groups_set(&k->groups, &k->net, "head", &frozen, &err), -1);
    struct param_rule rule = param_rule_plain;
    rule.lr = -1;
    assert_int_equal(param_groups_set(&k->groups, &k->net, "head", &rule, &err), -1);
    assert_string_equal(err.text, "learning rate of a parameter group: -1 times the step's; 0 or more is accepted");
    rule = param_rule_plain;
    rule.weight_decay = INFINITY;
    assert_int_equal(param_groups_set(&k->groups, &k->net, "head", &rule, &err), -1);
    assert_true(k->groups.n == 2 && k->groups.group[1].rule.lr == 1); /* as it was */
    float w[PARAMS_MAX];
    assert_int_equal(params_redraw(&k->net, "fc", 1, 1, w, &err), -1);
    close_bench(k);
}

/* Floats of the list that train when nothing else does. */
static size_t alone(const struct net *net, const char *which)
{
    struct param_groups g;
    assert_int_equal(param_groups_init(&g, net, NULL), 0);
    assert_int_equal(param_groups_set(&g, net, which, &(struct param_rule){ .trainable = true, .lr = 2, .weight_decay = NAN, .rho = 1 }, NULL), 0);
    size_t n = 0;
    for (int i = 0; i < g.n; i++)
        n += g.group[i].rule.lr > 1 ? g.group[i].count : 0;
    param_groups_release(&g);
    return n;
}

/* A stem with two readers: what the classifier reads, and a branch with a head of two layers. */
static void heads_by_name(void **state)
{
    (void)state;
    struct net net;
    const struct unit_plan conv = { UNIT_CONV, NET_IMAGE, NET_NO_ADD, .channels = 4, .kernel = 1, .norm = true };
    struct unit_plan next = conv, hidden = { UNIT_LINEAR, 3, NET_NO_ADD, .channels = 5, .has_bias = true, .norm = true };
    struct unit_plan out = { UNIT_LINEAR, 4, NET_NO_ADD, .channels = 7 };
    next.in = 0;
    net_begin(&net, "of two heads", 2, 2, 3, NULL);
    net_add(&net, &conv, "stem", "bn1", NULL);
    net_add(&net, &next, "deep", "bn2", NULL);
    net_classifier(&net, 1, 10, HEAD_LINEAR, "fc", NULL);
    net_add(&net, &next, "side", "bn3", NULL);
    net_add(&net, &(struct unit_plan){ .kind = UNIT_GLOBAL_POOL, .in = 2, .add = NET_NO_ADD }, "", "", NULL);
    net_add(&net, &hidden, "mlp.0", "mlp.1", NULL);
    net_add(&net, &out, "mlp.3", "", NULL);
    assert_int_equal(net_add_output(&net, "projection", 5, NULL), 0);
    enum { STEM = 3 * 4 + 8, DEEP = 4 * 4 + 8, CLASSIFIER = 4 * 10 + 10, MLP = 4 * 5 + 5 + 10 + 5 * 7 };
    assert_int_equal(net.params.total, STEM + 2 * DEEP + CLASSIFIER + MLP);
    assert_int_equal(alone(&net, "head"), CLASSIFIER);
    assert_int_equal(alone(&net, "backbone"), STEM + DEEP);
    assert_int_equal(alone(&net, "projection"), DEEP + MLP);
    assert_int_equal(alone(&net, "mlp."), MLP);
    net_release(&net);
}

static void drawn_again(void **state)
{
    (void)state;
    static float first[PARAMS_MAX], again[PARAMS_MAX], same[PARAMS_MAX], other[PARAMS_MAX];
    for (int head = 0; head < 2; head++) {
        struct bench *k = open_head(head ? HEAD_NORM : HEAD_LINEAR);
        const size_t from = k->net.head_weight, rest = (k->n - from) * sizeof *first;
        net_init_params(&k->net, 7, first, NULL);
        memcpy(again, first, sizeof first), memcpy(same, first, sizeof first), memcpy(other, first, sizeof first);
        assert_int_equal(params_redraw(&k->net, "head", 7, 1, again, NULL), 0);
        assert_int_equal(params_redraw(&k->net, "head", 7, 1, same, NULL), 0);
        assert_int_equal(params_redraw(&k->net, "head", 7, 2, other, NULL), 0);
        assert_memory_equal(again, first, from * sizeof *first);
        assert_memory_equal(again, same, k->n * sizeof *first);
        assert_true(memcmp(again + from, first + from, rest) != 0 && memcmp(again + from, other + from, rest) != 0);
        double square = 0;
        for (int f = 0; head && f < k->net.features; f++)
            square += pow(again[from + (size_t)(f * k->net.classes)], 2);
        assert_true(!head || fabs(square - 1) < 1e-5); /* a normalised column */
        close_bench(k);
    }
}

/* --- passes of the classifier alone -------------------------------------------------------------------------------- */

/* By running statistics the features are rounded to floats first. */
static void assert_only_head(const struct bench *k, const float *head, const float *whole, enum pass_mode mode)
{
    const size_t from = k->net.head_weight;
    double scale = 0;
    for (size_t i = 0; i < from; i++)
        assert_true(head[i] == 7);
    if (mode == PASS_TRAIN)
        assert_memory_equal(head + from, whole + from, (k->n - from) * sizeof *head);
    for (size_t i = from; i < k->n; i++)
        scale = fmax(scale, fabs((double)whole[i]));
    for (size_t i = from; i < k->n; i++)
        assert_true(fabs((double)head[i] - (double)whole[i]) <= 1e-6 * scale);
}

static void a_gradient_of_the_head_has_its_bits(void **state)
{
    static float whole[PARAMS_MAX], head[PARAMS_MAX];
    (void)state;
    for (int variant = 0; variant < 4 * N_MATHS; variant++) {
        const enum math math = (enum math)(variant / 4);
        if (math != MATH_FP32 && !(b->has_math && b->has_math(math)))
            continue;
        struct bench *k = open_math(variant & 1 ? HEAD_NORM : HEAD_LINEAR, math);
        const enum pass_mode mode = variant & 2 ? PASS_TRAIN : PASS_EVAL;
        const struct pass_result all = gradient_of(k, k->w, mode, false, whole), some = gradient_of(k, k->w, mode, true, head);
        assert_true(fabs(all.loss - some.loss) <= (mode == PASS_TRAIN ? 0 : 1e-6 * all.loss) && all.correct == some.correct);
        assert_only_head(k, head, whole, mode);
        assert_true(gradient_of(k, k->w, mode, false, head).loss == all.loss); /* and back */
        assert_memory_equal(head, whole, k->n * sizeof *head);
        close_bench(k);
    }
}

static void product_of(struct bench *k, const struct pass *pass, int n, float *const *v, float *const *out)
{
    struct err err = { 0 };
    struct pass_result r;
    if (b->load(k->model, &k->batch, &err) < 0 || b->hvp_prepare(k->model, pass, &r, &err) < 0 ||
        b->hvp(k->model, n, (const float *const *)v, out, &err) < 0)
        fail_msg("%s: %s", b->name, err.text);
}

/* Whatever the direction says of the rest, and several at once: the classifier's block, and nothing else is written. */
static void a_product_of_the_head_is_its_block(void **state)
{
    enum { MANY = 3 };
    static float host[PARAMS_MAX], whole[PARAMS_MAX], head[PARAMS_MAX], before[PARAMS_MAX];
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        struct bench *k = open_head(variant & 1 ? HEAD_NORM : HEAD_LINEAR);
        struct pass pass = { .params = k->w, .stats = k->stats, .mode = variant & 2 ? PASS_TRAIN : PASS_EVAL,
                             .criterion = &k->loss.criterion };
        float *v[MANY], *out[MANY], *noisy[MANY], *block[MANY];
        for (int j = 0; j < MANY; j++) {
            v[j] = b->vec_new(k->model, k->n, NULL), out[j] = b->vec_new(k->model, k->n, NULL);
            noisy[j] = b->vec_new(k->model, k->n, NULL), block[j] = b->vec_new(k->model, k->n, NULL);
            tiny_fill(host, k->n, 1, 50 + (uint32_t)j);
            b->vec_write(k->model, noisy[j], host, k->n);
            b->vec_write(k->model, block[j], host, k->n);
            memset(host, 0, k->net.head_weight * sizeof *host);
            b->vec_write(k->model, v[j], host, k->n);
        }
        product_of(k, &pass, MANY, v, out);
        pass.head_only = true;
        product_of(k, &pass, MANY, noisy, block);
        for (int j = 0; j < MANY; j++) {
            read(k, whole, out[j]);
            read(k, head, block[j]);
            read(k, before, noisy[j]);
            double scale = 0;
            for (size_t i = k->net.head_weight; i < k->n; i++)
                scale = fmax(scale, fabs((double)whole[i]));
            for (size_t i = 0; i < k->n; i++)
                if (!(i < k->net.head_weight ? head[i] == before[i] : fabs((double)head[i] - whole[i]) <= 1e-6 * scale))
                    fail_msg("%s: direction %d, number %zu: %.9g, in the whole %.9g", b->name, j, i, (double)head[i], (double)whole[i]);
            b->vec_free(k->model, v[j]), b->vec_free(k->model, out[j]), b->vec_free(k->model, noisy[j]), b->vec_free(k->model, block[j]);
        }
        close_bench(k);
    }
}

/* --- steps --------------------------------------------------------------------------------------------------------- */

/* Every optimiser, three ways to freeze: what is frozen keeps its bits and its momentum, everything else moves. */
static void frozen_ranges_stay(void **state)
{
    static float before[PARAMS_MAX], after[PARAMS_MAX], momentum[PARAMS_MAX];
    (void)state;
    for (int kind = 0; kind < OPTIMISER_COUNT; kind++)
        for (int way = 0; way < 3; way++) {
            struct bench *k = open_head(way == 1 ? HEAD_NORM : HEAD_LINEAR);
            k->knobs.kind = (enum optimiser)kind;
            k->knobs.pgd_on_weights = way == 2;
            step(k); /* the momentum of all is not zero any more */
            set(k, way == 0 ? "backbone" : way == 1 ? "head" : k->net.params.tensor[1].name, &frozen);
            if (way == 2)
                set(k, k->net.params.tensor[6].name, &frozen);
            use(k, NORM_MOVING);
            read(k, before, k->w);
            read(k, momentum, k->optim.momentum);
            step(k);
            step(k);
            read(k, after, k->w);
            size_t moved = 0;
            for (size_t i = 0; i < k->n; i++) {
                if (!trains(k, i) && memcmp(&before[i], &after[i], sizeof after[i]))
                    fail_msg("%s, %s: number %zu is frozen and moved", b->name, optimiser_table[kind].name, i);
                moved += trains(k, i) && before[i] != after[i];
            }
            assert_true(moved > k->groups.trainable * 9 / 10);
            read(k, after, k->optim.momentum);
            for (size_t i = 0; i < k->n; i++)
                assert_true(trains(k, i) || after[i] == momentum[i]);
            close_bench(k);
        }
}

/* |g|, |w g| and e, by hand from the whole gradient. */
static void sam_climbs_over_what_trains(void **state)
{
    static float w[PARAMS_MAX], g[PARAMS_MAX], moved[PARAMS_MAX];
    (void)state;
    for (int adaptive = 0; adaptive < 2; adaptive++) {
        struct bench *k = open_head(HEAD_LINEAR);
        const struct param_rule half = { .trainable = true, .lr = 1, .weight_decay = NAN, .rho = 0.5 };
        k->knobs.kind = adaptive ? OPTIMISER_ASAM : OPTIMISER_SAM;
        set(k, k->net.params.tensor[3].name, &frozen);
        set(k, "head", &half);
        use(k, NORM_MOVING);
        read(k, w, k->w);
        gradient(k, k->w, PASS_TRAIN, g);
        double norm = 0, reach = 0;
        for (size_t i = 0; i < k->n; i++)
            if (trains(k, i)) {
                norm += (double)g[i] * g[i];
                reach += pow(adaptive ? (double)w[i] * g[i] : g[i], 2);
            }
        norm = sqrt(norm), reach = sqrt(reach);
        const struct optimiser_result r = step(k);
        assert_true(fabs(r.norm - norm) < 1e-6 * norm && fabs(r.reach - reach) < 1e-6 * reach);
        read(k, moved, k->optim.moved);
        double length = 0;
        for (size_t i = 0; i < k->n; i++) {
            const double rho = k->knobs.rho * param_groups_rule(&k->groups, i)->rho;
            const double e = trains(k, i) ? rho / (reach + 1e-12) * g[i] * (adaptive ? (double)w[i] * w[i] : 1) : 0;
            assert_true(fabs((double)moved[i] - (w[i] + e)) < 2e-7 * (1 + fabs((double)w[i])));
            length += i < k->net.head_weight ? e * e : 4 * e * e; /* as if no group had half of rho */
        }
        assert_true(adaptive || fabs(sqrt(length) - k->knobs.rho) < 1e-9);
        close_bench(k);
    }
}

/* Three steps of two groups written out in double; the second time decay pulls one of them to where it began. */
static void groups_have_their_own_numbers(void **state)
{
    static float w[PARAMS_MAX], g[PARAMS_MAX], got[PARAMS_MAX], centre[PARAMS_MAX];
    static double expected[PARAMS_MAX], buf[PARAMS_MAX];
    (void)state;
    for (int nesterov = 0; nesterov < 2; nesterov++) {
        struct bench *k = open_head(HEAD_LINEAR);
        float *beginning = b->vec_new(k->model, k->n, NULL);
        const struct param_rule slow = { .trainable = true, .lr = 0.25f, .weight_decay = 0.01f, .rho = 1,
                                         .decay_centre = nesterov ? beginning : NULL };
        memset(centre, 0, sizeof centre);
        if (nesterov)
            read(k, centre, k->w);
        b->vec_copy(k->model, beginning, k->w, k->n);
        set(k, "backbone", &slow);
        use(k, NORM_BATCH);
        k->knobs.nesterov = nesterov;
        memset(buf, 0, sizeof buf);
        for (int n = 0; n < 3; n++) {
            read(k, w, k->w);
            gradient(k, k->w, PASS_TRAIN, g);
            for (size_t i = 0; i < k->n; i++) {
                const bool head = i >= k->net.head_weight;
                const double pull = head ? (double)k->knobs.weight_decay * w[i] : (double)0.01f * ((double)w[i] - centre[i]);
                const double d = g[i] + pull, m = (double)k->knobs.momentum;
                buf[i] = m * buf[i] + d;
                expected[i] = w[i] - (double)k->knobs.lr * (head ? 1 : 0.25) * (nesterov ? d + m * buf[i] : buf[i]);
            }
            step(k);
            read(k, got, k->w);
            for (size_t i = 0; i < k->n; i++)
                if (!(fabs(got[i] - expected[i]) < 1e-6 * (1 + fabs(expected[i]))))
                    fail_msg("%s, step %d, number %zu: %.9g, expected %.9g", b->name, n, i, (double)got[i], expected[i]);
        }
        b->vec_free(k->model, beginning);
        close_bench(k);
    }
}

/* Groups that say what the step says anyway: the bits of a step in one piece, where the back end has one. */
static void the_same_in_two_ranges(void **state)
{
    static float one[PARAMS_MAX], two[PARAMS_MAX];
    (void)state;
    struct bench *k = open_head(HEAD_LINEAR), *l = open_head(HEAD_LINEAR);
    struct param_rule same = param_rule_plain;
    same.weight_decay = l->knobs.weight_decay;
    set(l, "head", &same);
    use(l, NORM_MOVING);
    assert_true(l->groups.n == 2 && !optim_queues(&l->optim, &(const struct optim_knobs){ .kind = OPTIMISER_SGD }));
    assert_int_equal(optim_queues(&k->optim, &(const struct optim_knobs){ .kind = OPTIMISER_SGD }), b->step != NULL);
    for (int n = 0; n < 3; n++) {
        step(k);
        step(l);
    }
    read(k, one, k->w);
    read(l, two, l->w);
    assert_memory_equal(one, two, k->n * sizeof *one);
    close_bench(k);
    close_bench(l);
}

static void norm_policies(void **state)
{
    static float before[STATS_MAX], after[STATS_MAX], g[PARAMS_MAX];
    (void)state;
    for (int norm = 0; norm < 3; norm++) {
        struct bench *k = open_head(HEAD_LINEAR);
        use(k, (enum norm_policy)norm);
        k->knobs.kind = OPTIMISER_SAM;
        b->vec_read(k->model, before, k->stats, k->n_stats);
        const double loss = gradient(k, k->w, norm == NORM_RUNNING ? PASS_EVAL : PASS_TRAIN, g).loss;
        const struct optimiser_result r = step(k);
        assert_true(r.first.loss == loss && r.second.loss > r.first.loss);
        b->vec_read(k->model, after, k->stats, k->n_stats);
        assert_int_equal(memcmp(before, after, k->n_stats * sizeof *after) != 0, norm == NORM_MOVING);
        close_bench(k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_covers_the_network),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(heads_by_name),
        cmocka_unit_test(drawn_again),
        cmocka_unit_test(a_gradient_of_the_head_has_its_bits),
        cmocka_unit_test(a_product_of_the_head_is_its_block),
        cmocka_unit_test(frozen_ranges_stay),
        cmocka_unit_test(sam_climbs_over_what_trains),
        cmocka_unit_test(groups_have_their_own_numbers),
        cmocka_unit_test(the_same_in_two_ranges),
        cmocka_unit_test(norm_policies),
    };
    int failed = 0;
    for (const struct backend *const *each = backend_list; *each; each++) {
        b = *each;
        if (b->probe(0, NULL) == 0)
            failed += cmocka_run_group_tests_name(b->name, tests, NULL, NULL) + run_scales_tests(b);
    }
    return failed;
}
