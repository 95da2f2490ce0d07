/* No change of a knob moves the schedule of another one: all pairs, in mid-run; and what a longer run makes of one that keeps its length. */
#include "config.h"

#include "engine/stages.h"
#include "tests/unit/running.h"

/* --- all pairs ----------------------------------------------------------------------------------------------------- */

enum { SCHEDULES = 6, EPOCHS = 12, STAGE = 4 };
static const enum knob_id schedules[SCHEDULES] = { KNOB_LR, KNOB_RHO, KNOB_RHO_DRW, KNOB_RHO_HEAD, KNOB_STAGE_LR, KNOB_STAGE_RHO };
static const char *const shapes[][SCHEDULES] = {
    { "cosine:0.1", "linear:0.05..0.4", "cosine:0.3..0.1", "linear:0.2..0.1", "cosine:0.05", "linear:0..0.1" },
    { "linear:0.1..0.01", "cosine:0.2", "linear:0.2..0.1@9", "cosine:0.3@5", "linear:0.1..0.05", "cosine:0.2..0.1@3" },
    { "multistep:0.1,warmup=3,6:0.1", "0.05@0 0.1@7", "0.3", "0.2@0 0.1@4", "0.1@0 0.05@2", "0.1" },
};

static bool is_of_stage(enum knob_id id)
{
    return id == KNOB_STAGE_LR || id == KNOB_STAGE_RHO;
}

/* What a schedule says of an epoch, of the run or, for those of a second stage, of that. */
static double value_at(const struct knobs *k, enum knob_id id, long epoch)
{
    if (id == KNOB_RHO_HEAD && (double)epoch >= knob_num(k, KNOB_HEAD_UNTIL) * knob_num(k, KNOB_EPOCHS))
        return 0;
    return schedule_at(knob_schedule(k, id), (double)epoch, knob_num(k, is_of_stage(id) ? KNOB_STAGE_EPOCHS : KNOB_EPOCHS));
}

/* It says the same of every epoch that both runs have. */
static void assert_kept(const struct knobs *before, const struct knobs *after, enum knob_id id, enum knob_id changed)
{
    const enum knob_id length = is_of_stage(id) ? KNOB_STAGE_EPOCHS : KNOB_EPOCHS;
    const double was = knob_num(before, length), is = knob_num(after, length);
    for (long e = 0; (double)e < (was < is ? was : is); e++)
        if (value_at(before, id, e) != value_at(after, id, e))
            fail_msg("%s moves %s: epoch %ld has %.17g, and %.17g before", knob_table[changed].name, knob_table[id].name, e, value_at(after, id, e),
                     value_at(before, id, e));
}

/* Another value that its row takes. */
static void other_value(const struct knobs *k, enum knob_id id, int which, struct knob_value *out)
{
    const struct knob_info *info = &knob_table[id];
    *out = k->v[id];
    if (info->type == KNOB_SCHEDULE)
        assert_int_equal(knob_parse(id, which ? "0.07@0 0.02@1" : "0.03", out, &last), 0);
    else if (info->type == KNOB_ENUM)
        out->num = k->v[id].num > 0 ? 0 : 1;
    else if (id == KNOB_EPOCHS || id == KNOB_STAGE_EPOCHS)
        out->num = which ? k->v[id].num - 1 : 2 * k->v[id].num + 1;
    else
        out->num = k->v[id].num == info->high ? info->low : which ? info->high : (info->type == KNOB_FLOAT ? (info->low + info->high) / 3 : info->low + 2);
}

struct pairs {
    struct run r;
    int changed, refused;
};

static void shape(struct pairs *p, const char *const *texts)
{
    for (int i = 0; i < SCHEDULES; i++)
        (void)set(&p->r, knob_table[schedules[i]].name, texts[i]); /* it may have it */
}

/* Changes a knob, looks at every other one's schedule, and changes it back, which moves none either. What is left out is the very end of rho_head, and the
 * length of a stage that has not begun. */
static void change(struct pairs *p, enum knob_id id, const struct knob_value *to)
{
    struct knobs before, after;
    struct command c = { .op = COMMAND_SET, .knob = (int)id, .value = *to, .force = true, .by = "user" };
    trainer_knobs(p->r.t, &before);
    const bool done = post(&p->r, &c);
    trainer_knobs(p->r.t, &after);
    p->changed += done;
    p->refused += !done;
    for (int i = 0; i < SCHEDULES; i++)
        if (schedules[i] != id && (id != KNOB_HEAD_UNTIL || schedules[i] != KNOB_RHO_HEAD) && (id != KNOB_STAGE_EPOCHS || p->r.setup.max_steps == 0 || !is_of_stage(schedules[i])))
            assert_kept(&before, &after, schedules[i], id);
}

static void try_all(struct pairs *p)
{
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int id = 0; id < KNOB_COUNT; id++)
            for (int which = 0; which < 2 && knob_table[id].when == KNOB_LIVE; which++) {
                struct knobs k;
                struct knob_value to;
                shape(p, shapes[s]);
                trainer_knobs(p->r.t, &k);
                other_value(&k, (enum knob_id)id, which, &to);
                change(p, (enum knob_id)id, &to);
                change(p, (enum knob_id)id, &k.v[id]);
            }
}

static void begin_pairs(struct pairs *p, long epochs)
{
    char text[16];
    snprintf(text, sizeof text, "%ld", epochs);
    run_init(&p->r);
    knob(&p->r.knobs, "opt", "ssesam");
    knob(&p->r.knobs, "tail_below", "10");
    knob(&p->r.knobs, "weights", "effective");
    knob(&p->r.knobs, "epochs", text);
    knob(&p->r.knobs, "eval_every", "0");
    knob(&p->r.knobs, "stage", "crt");
    knob(&p->r.knobs, "stage_epochs", "4");
    p->r.setup.start_paused = true;
    p->r.setup.max_steps = 1000; /* the first stage is the one that goes on */
    run_start(&p->r);
}

static void test_first_stage(void **state)
{
    (void)state;
    struct pairs p = { .changed = 0 };
    begin_pairs(&p, EPOCHS);
    steps(&p.r, SPE + 1);
    try_all(&p);
    print_message("# %d changes, %d refused\n", p.changed, p.refused);
    assert_true(p.changed > 250);
    run_free(&p.r);
}

static void test_second_stage(void **state)
{
    (void)state;
    struct pairs p = { .changed = 0 };
    begin_pairs(&p, 1);
    steps(&p.r, SPE + 1);
    p.r.setup.max_steps = 0; /* its own length counts now */
    try_all(&p);
    print_message("# %d changes, %d refused\n", p.changed, p.refused);
    assert_true(p.changed > 200);
    run_free(&p.r);
}

/* --- a longer run -------------------------------------------------------------------------------------------------- */

static double rate_of_step(const struct run *r, uint64_t step)
{
    return step_event(r->log, step)->f[EV_STEP_LR].f;
}

static void begin_cosine(struct run *r)
{
    run_init(r);
    knob(&r->knobs, "lr", "cosine:0.05..0.001");
    knob(&r->knobs, "eval_every", "0");
    r->setup.start_paused = true;
    run_start(r);
}

static void test_longer(void **state)
{
    (void)state;
    struct run plain, r;
    struct knobs k;
    char text[KNOB_TEXT_MAX];
    begin_cosine(&plain);
    assert_true(do_op(&plain, COMMAND_RESUME, 0));
    assert_over(&plain, "finished");
    begin_cosine(&r);
    steps(&r, 4);
    assert_true(set(&r, "epochs", "5"));
    assert_string_equal(answer_text, "epochs 3 -> 5 from step 5 (ep 1.3); 'undo' reverts; lr keeps its 3 epochs");
    assert_true(find_event(r.log, EVENT_SAY, EV_SAY_TEXT, "set: lr keeps the 3 epochs that it began with, and stays at 0.001 after them; 'set lr cosine:0.05..0.001' "
                           "lays it over all 5", 0, false) >= 0);
    trainer_knobs(r.t, &k);
    knob_format(KNOB_LR, &k.v[KNOB_LR], text, sizeof text);
    assert_string_equal(text, "cosine:0.05..0.001@3");
    steps(&r, 6);
    for (uint64_t s = 1; s <= 3 * SPE; s++)
        assert_true(rate_of_step(&plain, s) == rate_of_step(&r, s));
    assert_true(rate_of_step(&r, 10) == (double)0.001f);
    assert_true(set(&r, "lr", "cosine:0.05..0.001")); /* asked for: over the run as it is now */
    steps(&r, 1);
    const struct schedule s = { .kind = SCHEDULE_COSINE, .base = 0.05, .end = 0.001 };
    assert_true(rate_of_step(&r, 11) == (double)(float)schedule_at(&s, 3, 5));
    /* both changes are recorded, the one that follows first: who repeats the recording finds it */
    const int lr = find_event(r.log, EVENT_CMD, EV_CMD_KEY, "lr", 0, false), epochs = find_event(r.log, EVENT_CMD, EV_CMD_KEY, "epochs", 0, false);
    assert_true(lr >= 0 && lr < epochs);
    assert_string_equal(r.log->event[lr]->f[EV_CMD_TXT].s, "set lr cosine:0.05..0.001@3");
    run_free(&plain);
    run_free(&r);
}

/* Not begun, nothing is kept; and a recording of before this rule is repeated as it was. */
static void test_not_begun_and_repeated(void **state)
{
    (void)state;
    struct run r;
    struct command c = set_command("epochs", "5");
    const struct command *commands[] = { &c };
    const uint64_t at[] = { 1 };
    struct trainer_roll roll = { .until = 4, .n_commands = 1, .at = at, .commands = commands };
    begin_cosine(&r);
    assert_true(set(&r, "epochs", "4"));
    assert_string_equal(answer_text, "epochs 3 -> 4 from step 1 (ep 0.0); 'undo' reverts");
    run_free(&r);
    run_init(&r);
    knob(&r.knobs, "lr", "cosine:0.05..0.001");
    knob(&r.knobs, "eval_every", "0");
    r.setup.roll = &roll;
    r.setup.announce = false;
    run_start(&r);
    assert_over(&r, "finished");
    const struct schedule s = { .kind = SCHEDULE_COSINE, .base = 0.05, .end = 0.001 };
    assert_true(rate_of_step(&r, 5 * SPE) == (double)(float)schedule_at(&s, 4, 5));
    run_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_stage),
        cmocka_unit_test(test_second_stage),
        cmocka_unit_test(test_longer),
        cmocka_unit_test(test_not_begun_and_repeated),
    };
    return cmocka_run_group_tests_name("unit/kept", tests, NULL, NULL);
}
