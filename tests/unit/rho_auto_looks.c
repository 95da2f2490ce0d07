/* `set rho auto` in a run whose network answers what the test wants: accuracies of the head that rise and fall, so that what is remembered of one
 * look makes a difference at the next. What is known after each epoch is held, and is the same in whoever takes the run up, or a look at it. */
#include "config.h"

#include "engine/rho_auto.h"
#include "tests/unit/held.h"
#include "tests/unit/running.h"

enum { EPOCHS = 15, KEPT = 2, LATER = 10 * SPE + 1 }; /* snapshots of these steps are asked for */

/* --- a network of our own ------------------------------------------------------------------------------------------ */

static const int head_right[EPOCHS] = { 6, 5, 3, 6, 5, 0, 0, 4, 4, 6, 0, 6, 0, 0, 1 }; /* of six, at the end of each epoch */
static int evaluated;
static uint32_t loaded;
static size_t parameters;

static struct model *made_up_open(const struct net *net, const struct model_options *options, struct err *err)
{
    parameters = net->params.total;
    return backend_cpu.open(net, options, err);
}

static int made_up_load(struct model *m, const struct batch *batch, struct err *err)
{
    loaded = batch->n;
    return backend_cpu.load(m, batch, err);
}

/* Vectors of cpu are memory of this machine. */
static int made_up_gradient(struct model *m, const struct pass *pass, float *grad, struct pass_result *result, struct err *err)
{
    (void)m, (void)pass, (void)err;
    if (grad)
        grad[0] = 1;
    *result = (struct pass_result){ .loss = 1, .weight_sum = loaded, .n = loaded };
    return 0;
}

static void made_up_logits(struct model *m, float *host)
{
    (void)m;
    memset(host, 0, (size_t)loaded * CLASSES * sizeof *host);
    for (int i = 0; i < (int)loaded; i++) /* the head's images come first */
        host[i * CLASSES + (i < head_right[evaluated] ? 0 : 2)] = 1;
    evaluated++;
}

static void made_up_losses(struct model *m, double *host)
{
    (void)m;
    memset(host, 0, loaded * sizeof *host);
}

static int made_up_prepare(struct model *m, const struct pass *pass, struct pass_result *result, struct err *err)
{
    return made_up_gradient(m, pass, NULL, result, err);
}

/* One curvature everywhere: (rho/|g|) lambda_min is inside the dead band at first, and where rho is large it is not. */
static int made_up_product(struct model *m, int n_vectors, const float *const *v, float *const *out, struct err *err)
{
    (void)err;
    for (int k = 0; k < n_vectors; k++) {
        backend_cpu.vec_zero(m, out[k], parameters);
        backend_cpu.vec_axpy(m, out[k], -16, v[k], parameters);
    }
    return 0;
}

static struct backend made_up;

static void auto_run(struct run *r)
{
    made_up = backend_cpu;
    made_up.open = made_up_open;
    made_up.load = made_up_load;
    made_up.gradient = made_up_gradient;
    made_up.logits = made_up_logits;
    made_up.losses = made_up_losses;
    made_up.hvp_prepare = made_up_prepare;
    made_up.hvp = made_up_product;
    run_init(r);
    r->setup.backend = &made_up;
    r->setup.start_paused = true;
    knob(&r->knobs, "opt", "sam");
    knob(&r->knobs, "rho", "auto");
    knob(&r->knobs, "epochs", "20");
    knob(&r->knobs, "hessian_images", "2");
    knob(&r->knobs, "threads", "1");
}

/* --- what is known ------------------------------------------------------------------------------------------------- */

static const struct train_state *state_now(struct run *r)
{
    assert_true(do_op(r, COMMAND_SNAPSHOT, 0));
    return r->log->state[r->log->n_states - 1];
}

/* Its i-th move, or NULL. */
static const struct event *move_of(struct log *log, int i)
{
    int at = -1;
    do
        at = find_event(log, EVENT_CMD, EV_CMD_BY, "auto", at + 1, false);
    while (at >= 0 && i-- > 0);
    return at < 0 ? NULL : log->event[at];
}

static struct rho_auto known[EPOCHS + 1]; /* after so many epochs */
static const struct train_state *kept, *later;

static void whole_run(struct run *r)
{
    static const int tail[] = { 2 };
    const struct command watch = { .op = COMMAND_WATCH, .n_classes = 1, .classes = tail, .by = "user" };
    evaluated = 0;
    auto_run(r);
    run_start(r);
    assert_true(post(r, &watch));
    steps(r, KEPT);
    kept = state_now(r);
    steps(r, SPE - KEPT);
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        known[epoch] = state_now(r)->rho_auto;
        if (epoch * SPE + 1 == LATER) {
            steps(r, 1);
            later = state_now(r);
            steps(r, SPE - 1);
        } else if (epoch < EPOCHS)
            steps(r, SPE);
    }
}

/* Up to the end of that epoch, from a state of the run, by its journal. */
static void taken_up(const struct run *whole, const struct train_state *from, int epoch, bool look)
{
    struct command command[EPOCHS];
    const struct command *commands[EPOCHS];
    uint64_t at[EPOCHS];
    const uint64_t until = (uint64_t)epoch * SPE;
    const struct event *e;
    struct run r;
    int n = 0;
    for (int i = 0; (e = move_of(whole->log, i)) && e->step <= until; i++)
        if (e->step > from->step) {
            command[n] = set_command("rho", e->f[EV_CMD_VALUE].s);
            commands[n] = &command[n];
            at[n++] = e->step;
        }
    struct trainer_roll roll = { .until = until, .until_eval = until, .n_commands = n, .at = at, .commands = commands, .look = look };
    evaluated = (int)(from->step / SPE);
    auto_run(&r);
    knobs_set(&r.knobs, "rho", "auto", &last);
    for (int i = 0; (e = move_of(whole->log, i)) && e->step <= from->step; i++)
        knob(&r.knobs, "rho", e->f[EV_CMD_VALUE].s);
    r.setup.state = from;
    r.setup.roll = &roll;
    r.setup.announce = false;
    run_start(&r);
    const struct train_state *s = state_now(&r);
    const struct rho_auto *a = &s->rho_auto, *b = &known[epoch];
    if (s->step != until || a->head != b->head || a->fell != b->fell || a->rest != b->rest)
        fail_msg("step %d, from %d: head %g fell %d rest %d, not %g %d %d", (int)s->step, (int)from->step, a->head, a->fell, a->rest, b->head, b->fell, b->rest);
    assert_null(move_of(r.log, 0)); /* it is in the journal */
    run_free(&r);
}

static void looks(void **state)
{
    (void)state;
    struct run whole;
    setenv("SADDLE_ISA", "portable", 1);
    held_begin();
    whole_run(&whole);
    int move = 0;
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        const struct event *e = move_of(whole.log, move);
        const bool moved = e && e->step == (uint64_t)(epoch * SPE);
        const struct rho_auto *k = &known[epoch];
        fprintf(held, "epoch %2d: %d of 6 right; mean %.4f%s, rests %d%s%s%s%s\n", epoch, head_right[epoch - 1], k->head, k->fell ? ", has fallen" : "", k->rest,
                moved ? "; " : "", moved ? e->f[EV_CMD_VALUE].s : "", moved ? " by " : "", moved ? e->f[EV_CMD_WHY].s : "");
        move += moved;
    }
    held_end("rho_auto_looks");
    for (int epoch = 1; epoch <= EPOCHS; epoch += 2)
        taken_up(&whole, kept, epoch, true);
    for (int epoch = 11; epoch <= EPOCHS; epoch += 2)
        taken_up(&whole, later, epoch, true);
    taken_up(&whole, kept, 8, false);
    taken_up(&whole, later, EPOCHS, false);
    run_free(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(looks) };
    return cmocka_run_group_tests_name("unit/rho_auto_looks", tests, NULL, NULL);
}
