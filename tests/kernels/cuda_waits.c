/* How often the host waits for a device in a step of each kind, emulated: never while steps are queued, once for each that is collected; and
 * as often as HACKING.md says in those that are made of single calls. It prints the table. */
#include "config.h"

#include "cuda_shim.h"
#include "tests/kernels/trial.h"

enum { SIDE = 32, VALUES = SIDE * SIDE * 3, CLASSES = 3 };

static const struct net_spec photo = { .name = "photo", SIDE, SIDE, 3, CLASSES, HEAD_LINEAR, { PLAIN(NET_IMAGE, NET_NO_ADD, 4, 2) } };
static const float share[2 * CLASSES] = { 0.25f, 0.5f, 1, 0.75f, 0.5f, 0 };

static const struct wait_case {
    const char *name;
    struct optim_knobs k;
    int waits; /* of a step that is not queued */
    bool queued;
} cases[] = {
    { "sgd", { .kind = OPTIMISER_SGD }, 2, true },
    { "sam", { .kind = OPTIMISER_SAM }, 4, true },
    { "asam", { .kind = OPTIMISER_ASAM }, 5, true },
    { "asam, eta", { .kind = OPTIMISER_ASAM, .asam_eta = 0.01 }, 7, false },
    { "usam", { .kind = OPTIMISER_USAM }, 4, true },
    { "imbsam", { .kind = OPTIMISER_IMBSAM, .part_gain = 1 }, 8, true },
    { "focalsam", { .kind = OPTIMISER_FOCALSAM, .part_gain = 1 }, 8, true },
    { "blend", { .kind = OPTIMISER_BLEND, .part_gain = 1, .one_share = true }, 6, true },
    { "ssesam", { .kind = OPTIMISER_SSESAM, .part_gain = 1, .rho_head = 0.1 }, 10, true },
    { "gsam", { .kind = OPTIMISER_GSAM, .gsam_alpha = 0.4 }, 5, true },
    { "wsam", { .kind = OPTIMISER_WSAM, .wsam_gamma = 0.9 }, 4, true },
    { "wsam coupled", { .kind = OPTIMISER_WSAM, .wsam_gamma = 0.9, .wsam_coupled = true }, 4, true },
    { "fsam", { .kind = OPTIMISER_FSAM, .fsam_sigma = 1, .fsam_lambda = 0.6 }, 6, true },
    { "fsam paper", { .kind = OPTIMISER_FSAM, .fsam_sigma = 1, .fsam_lambda = 0.6, .fsam_paper = true }, 5, true },
    { "looksam, climbs", { .kind = OPTIMISER_LOOKSAM, .looksam_k = 1, .looksam_alpha = 0.7 }, 6, true },
    { "looksam, between", { .kind = OPTIMISER_LOOKSAM, .looksam_k = 64, .looksam_alpha = 0.7 }, 5, true },
    { "looksam by tensor, between", { .kind = OPTIMISER_LOOKSAM, .looksam_k = 64, .looksam_alpha = 0.7, .looksam_by_tensor = true }, 13, true },
    { "msam", { .kind = OPTIMISER_MSAM, .msam_m = 2 }, 9, true },
    { "msam, 17 pieces", { .kind = OPTIMISER_MSAM, .msam_m = 17 }, 17, false },
    { "esam", { .kind = OPTIMISER_ESAM, .esam_beta = 0.5, .esam_gamma = 0.5 }, 5, false },
    { "pgd", { .kind = OPTIMISER_PGD }, 3, false },
    { "lpf", { .kind = OPTIMISER_LPF, .lpf_m = 2 }, 8, false },
};
enum { N_CASES = sizeof cases / sizeof *cases };

struct album { /* what the device keeps */
    uint8_t bytes[POSITIONS * VALUES];
    int32_t labels[POSITIONS];
    float table[3 * 256];
};

static struct image_store *store_of(struct trial *t)
{
    static struct album a;
    for (int i = 0; i < POSITIONS * VALUES; i++)
        a.bytes[i] = (uint8_t)(i * 37 >> 2);
    for (int i = 0; i < POSITIONS; i++)
        a.labels[i] = i % CLASSES;
    for (int i = 0; i < 3 * 256; i++)
        a.table[i] = (float)(i % 256) / 128 - 1;
    const struct image_source source = { .n = POSITIONS, .images = a.bytes, .labels = a.labels, .table = a.table };
    struct image_store *store = t->b->store_new(t->m, &source, &t->err);
    if (!store)
        fail_msg("%s", t->err.text);
    return store;
}

static struct optim_knobs knobs_of(const struct wait_case *c, uint64_t step)
{
    struct optim_knobs k = c->k;
    k.lr = 0.01f, k.momentum = 0.9f;
    k.rho = 0.05;
    k.part = share, k.rest = share + CLASSES;
    k.batch_size = POSITIONS;
    k.step = step;
    return k;
}

static long waits_of_step(struct trial *t, const struct optim_knobs *k, const struct batch *batch)
{
    const long before = shim_waits;
    if (take_step(t, k, batch) < 0)
        fail_msg("%s", t->err.text);
    return shim_waits - before;
}

/* Several under way. */
static void queue_and_collect(struct trial *t, const struct wait_case *c, const struct batch *batch)
{
    struct optim_knobs k[BACKEND_STEPS];
    const struct optim_task task = { .batch = batch, .criterion = &t->p->criterion, .w = t->w, .stats = t->stats };
    const long before = shim_waits;
    for (int i = 0; i < BACKEND_STEPS; i++) {
        k[i] = knobs_of(c, (uint64_t)(2 + i));
        if (optim_queue(&t->optim, &k[i], &task, &t->err) < 0)
            fail_msg("%s", t->err.text);
    }
    assert_int_equal(shim_waits, before);
    for (int i = 0; i < BACKEND_STEPS; i++) {
        assert_int_equal(optim_collect(&t->optim, &k[i], batch->n, &t->result, &t->err), 0);
        assert_int_equal(shim_waits, before + 1 + i);
    }
}

static bool check(const struct wait_case *c, const struct backend *single)
{
    static const uint32_t positions[POSITIONS] = { 0, 1, 2, 3 };
    struct problem p;
    struct trial t;
    problem_init(&p, &photo, POSITIONS, PASS_TRAIN, 0);
    begin(&t, &backend_cuda, &p);
    struct image_store *store = store_of(&t);
    const struct image_choice choice = { .store = store, .position = positions };
    const struct batch batch = { .n = POSITIONS, .choice = &choice };
    struct optim_knobs k = knobs_of(c, 0);
    assert_int_equal(optim_queues(&t.optim, &k), c->queued);
    if (c->queued) {
        waits_of_step(&t, &k, &batch); /* makes what is kept */
        k = knobs_of(c, 1);
        assert_int_equal(waits_of_step(&t, &k, &batch), 1);
        queue_and_collect(&t, c, &batch);
    }
    t.optim.backend = single;
    k = knobs_of(c, 9);
    const long waits = waits_of_step(&t, &k, &batch);
    print_message("%-28s %s, %2ld of single calls\n", c->name, c->queued ? "1 wait" : "      ", waits);
    t.b->store_free(t.m, store);
    end(&t);
    problem_release(&p);
    if (waits != c->waits)
        print_message("FAIL %s: %ld waits of single calls, %d wanted\n", c->name, waits, c->waits);
    return waits == c->waits;
}

static void a_step_waits_once(void **state)
{
    struct backend single = backend_cuda;
    bool good = true;
    (void)state;
    single.step = NULL;
    single.step_wait = NULL;
    for (int i = 0; i < N_CASES; i++)
        good = check(&cases[i], &single) && good;
    assert_true(good);
}

/* A row of the table of optimisers that no case has would be a kind of which nothing is known. */
static void every_kind_is_here(void **state)
{
    (void)state;
    for (int kind = 0; kind < OPTIMISER_COUNT; kind++) {
        struct err why;
        int i = 0;
        if (optim_check(&backend_cuda, (enum optimiser)kind, &why) < 0)
            continue; /* refused, with a line */
        while (i < N_CASES && (int)cases[i].k.kind != kind)
            i++;
        if (i == N_CASES)
            fail_msg("no case of %s", optimiser_table[kind].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_waits_once),
        cmocka_unit_test(every_kind_is_here),
    };
    return cmocka_run_group_tests_name("kernels/cuda_waits", tests, NULL, NULL);
}
