/* Steps of each rule (kernels/backend.h) in one piece against the same steps made of single calls: the same bits, the same numbers told, the
 * same messages. */
#include "config.h"

#include "tests/kernels/trial.h"

#include "tests/kernels/steps.h"

static struct backend whole, parts; /* the one under test; the same without its step() */

enum { CLASSES = 5, STEPS = 3 };

enum share { SHARE_NONE, SHARE_SOME, SHARE_EACH, SHARE_ABSENT }; /* of classes: whole classes; each its own; one that no batch has */

static const struct rule_case {
    const char *name;
    struct optim_knobs k; /* lr and so on are those of knobs_of() */
    enum share share;
    bool still;   /* rho 0 */
} cases[] = {
    { "sam, gauges", { .kind = OPTIMISER_SAM, .gauges = true }, .still = false },
    { "asam, gauges", { .kind = OPTIMISER_ASAM, .gauges = true }, .still = false },
    { "usam, gauges", { .kind = OPTIMISER_USAM, .gauges = true }, .still = false },
    { "imbsam", { .kind = OPTIMISER_IMBSAM, .part_gain = 1, .gauges = true }, .share = SHARE_SOME },
    { "imbsam, gain", { .kind = OPTIMISER_IMBSAM, .part_gain = 2 }, .share = SHARE_SOME },
    { "imbsam, nobody climbs", { .kind = OPTIMISER_IMBSAM, .part_gain = 1, .gauges = true }, .share = SHARE_ABSENT },
    { "imbsam, gain, rho 0", { .kind = OPTIMISER_IMBSAM, .part_gain = 2 }, .share = SHARE_SOME, .still = true },
    { "focalsam", { .kind = OPTIMISER_FOCALSAM, .part_gain = 1 }, .share = SHARE_EACH },
    { "blend", { .kind = OPTIMISER_BLEND, .part_gain = 1, .one_share = true, .gauges = true }, .share = SHARE_EACH },
    { "ssesam", { .kind = OPTIMISER_SSESAM, .part_gain = 1, .rho_head = 0.1 }, .share = SHARE_SOME },
    { "ssesam, only the rest", { .kind = OPTIMISER_SSESAM, .part_gain = 1, .rho_head = 0.1, .gauges = true }, .share = SHARE_SOME, .still = true },
    { "ssesam, nobody of the part", { .kind = OPTIMISER_SSESAM, .part_gain = 1, .rho_head = 0.1 }, .share = SHARE_ABSENT },
    { "gsam", { .kind = OPTIMISER_GSAM, .gsam_alpha = 0.4, .gauges = true }, .still = false },
    { "gsam, rho 0", { .kind = OPTIMISER_GSAM, .gsam_alpha = 0.4, .gauges = true }, .still = true },
    { "wsam", { .kind = OPTIMISER_WSAM, .wsam_gamma = 0.9, .gauges = true }, .still = false },
    { "wsam coupled", { .kind = OPTIMISER_WSAM, .wsam_gamma = 0.9, .wsam_coupled = true }, .still = false },
    { "fsam", { .kind = OPTIMISER_FSAM, .fsam_sigma = 1, .fsam_lambda = 0.6, .gauges = true }, .still = false },
    { "fsam paper", { .kind = OPTIMISER_FSAM, .fsam_sigma = 0.9, .fsam_lambda = 0.6, .fsam_paper = true }, .still = false },
    { "fsam, rho 0", { .kind = OPTIMISER_FSAM, .fsam_sigma = 1, .fsam_lambda = 0.6 }, .still = true },
    { "looksam", { .kind = OPTIMISER_LOOKSAM, .looksam_k = 2, .looksam_alpha = 0.7, .gauges = true }, .still = false },
    { "looksam, by tensor", { .kind = OPTIMISER_LOOKSAM, .looksam_k = 3, .looksam_alpha = 0.7, .looksam_by_tensor = true }, .still = false },
    { "msam", { .kind = OPTIMISER_MSAM, .msam_m = 2, .gauges = true }, .still = false },
    { "msam, single images", { .kind = OPTIMISER_MSAM, .msam_m = 16 }, .still = false },
    { "msam, rho 0", { .kind = OPTIMISER_MSAM, .msam_m = 3 }, .still = true },
};
enum { N_CASES = sizeof cases / sizeof *cases };

/* SADDLE_RULES: part of the name of those that are tried. */
static bool wanted(const struct rule_case *c)
{
    const char *part = getenv("SADDLE_RULES");
    return !part || strstr(c->name, part);
}

static void set_shares(const struct problem *p, enum share share, float *part)
{
    for (int c = 0; c < CLASSES; c++) {
        bool here = false;
        for (uint32_t i = 0; i < p->batch.n; i++)
            here = here || p->labels[i] == c;
        part[c] = share == SHARE_SOME ? c == p->labels[0] : share == SHARE_EACH ? 0.3f + 0.1f * (float)c : !here;
        part[CLASSES + c] = 1 - part[c];
    }
}

static struct optim_knobs knobs_of(const struct rule_case *c, int variant, const float *part)
{
    struct optim_knobs k = c->k;
    k.lr = 0.1f, k.momentum = 0.9f, k.weight_decay = 2e-4f;
    k.nesterov = variant & 1;
    k.freeze_second_pass = variant & 2;
    k.rho = c->still ? 0 : 0.5;
    k.part = part;
    k.rest = part + CLASSES;
    k.batch_size = 4;
    return k;
}

/* Three of four images are in the second batch, as in an epoch's last. */
static void compare(const struct rule_case *c, int variant, enum math math)
{
    struct problem p;
    struct trial a, b;
    float part[2 * CLASSES];
    problem_init(&p, trial_net(), 4, PASS_TRAIN, variant % 3);
    p.math = math;
    set_shares(&p, c->share, part);
    struct optim_knobs k = knobs_of(c, variant, part);
    begin(&a, &whole, &p);
    begin(&b, &parts, &p);
    for (int i = 0; i < STEPS; i++) {
        const struct batch batch = { .n = i == 1 ? 3 : 4, .images = p.images, .labels = p.labels };
        k.step = (uint64_t)i;
        if (both(&a, &b, &k, &batch) < 0)
            fail_msg("%s", a.err.text);
        assert_true(a.result.updated);
        k.lr *= 0.5f;
        k.rho *= 1.5;
    }
    end(&a);
    end(&b);
    problem_release(&p);
}

static void rules_give_the_same_bits(void **state)
{
    (void)state;
    for (int i = 0; i < N_CASES; i++) {
        if (!wanted(&cases[i]) || !has_its_turn(i))
            continue;
        print_message("%s\n", cases[i].name);
        for (int variant = FEW ? i % 4 : 0; variant < (FEW ? i % 4 + 1 : 4); variant++)
            compare(&cases[i], variant, MATH_FP32);
        if (!FEW || i % 5 > 2)
            compare(&cases[i], i % 4, i % 2 ? MATH_BF16 : MATH_TF32);
    }
}

/* At w, in what climbs, at w + e; the next step is none the worse. */
static void go_wrong(const struct rule_case *c, bool up)
{
    struct problem p;
    struct trial a, b, before;
    float part[2 * CLASSES];
    problem_init(&p, trial_net(), 4, PASS_TRAIN, 0);
    set_shares(&p, c->share, part);
    struct optim_knobs k = knobs_of(c, 0, part);
    if (up)
        k.rho = 1e38;
    else
        p.images[17] = NAN;
    begin(&a, &whole, &p);
    begin(&b, &parts, &p);
    begin(&before, &parts, &p);
    const int result = both(&a, &b, &k, &p.batch);
    if (result < 0) {
        assert_int_equal(a.err.code, ERR_DIVERGED);
        assert_same_vector(&a, a.w, &before, before.w, p.net.params.total);
        assert_same_vector(&a, a.stats, &before, before.stats, p.net.stats.total);
    }
    p.images[17] = 0.5f;
    k.rho = 0.1;
    k.step = 1;
    assert_int_equal(both(&a, &b, &k, &p.batch), 0);
    end(&a);
    end(&b);
    end(&before);
    problem_release(&p);
}

static void rules_stop_at_the_same_place(void **state)
{
    (void)state;
    for (int i = FEW ? 3 : 0; i < N_CASES; i += FEW ? 3 : 1) {
        if (!wanted(&cases[i]))
            continue;
        print_message("%s\n", cases[i].name);
        go_wrong(&cases[i], false);
        if (!cases[i].still)
            go_wrong(&cases[i], true);
    }
}

int run_rule_tests(const struct backend *dev)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_give_the_same_bits),
        cmocka_unit_test(rules_stop_at_the_same_place),
    };
    whole = parts = *dev;
    parts.step = NULL;
    parts.step_wait = NULL;
    if (!whole.step)
        return 0;
    return cmocka_run_group_tests_name("kernels/step_rules", tests, NULL, NULL);
}
