/* Target: a recording whose commands are a stranger's, as it is taken up: what of them is carried out once more, what waits, to where it goes on.
 * Nothing that may not come from a recording is among it. The recording is made of text (forged.h). */
#include "config.h"
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/event.h"
#include "forged.h"
#include "repl/bench.h"
#include "session/recording.h"

enum { CLASSES = 3 };
static struct workbench *bench;
static struct dataset classes;
static int n_said;

static void hear(void *ctx, enum say_level level, const char *line, int caret)
{
    (void)ctx, (void)caret;
    n_said++;
    FUZZ_CHECK(line[0] && level >= SAY_TEXT && level <= SAY_ERROR);
}

static void release(void)
{
    bench->classes_of = NULL;
    workbench_free(bench);
    dataset_free(&classes);
}

static void begin(void)
{
    static const char *const names[CLASSES] = { "cat", "dog", "a b" };
    const struct workbench_options options = { .no_record = true, .script = true };
    const struct workbench_face face = { .say = hear };
    bench = workbench_new(&options, &face, NULL);
    FUZZ_CHECK(bench && dataset_init(&classes, CLASSES, NULL) == 0);
    for (int i = 0; i < CLASSES; i++)
        snprintf(classes.class_name[i], CLASS_NAME_SIZE, "%s", names[i]);
    bench->classes_of = &classes;
    atexit(release);
}

/* Measures, changes a knob, watches, keeps a snapshot, or hears of an eigenvalue; writes no file. */
static void check_command(const struct command *c)
{
    FUZZ_CHECK(c->op >= 0 && c->op < COMMAND_OPS && strcmp(c->by, "roll") == 0);
    FUZZ_CHECK(isfinite(c->when_value) || c->op == COMMAND_FOUND); /* no condition holds for an eigenvalue that is NaN */
    FUZZ_CHECK(!operation_is(c->op, OP_FILE) || !c->text || !c->text[0]);
    if (operation_is(c->op, OP_SETS)) {
        char text[KNOB_TEXT_MAX];
        struct knob_value again;
        FUZZ_CHECK(c->knob >= 0 && c->knob < KNOB_COUNT);
        knob_format((enum knob_id)c->knob, &c->value, text, sizeof text);
        FUZZ_CHECK(c->when || knob_parse((enum knob_id)c->knob, text, &again, NULL) == 0);
    }
    for (int i = 0; i < c->n_classes; i++)
        FUZZ_CHECK(c->classes[i] >= 0 && c->classes[i] < CLASSES);
}

static void check_roll(const struct roll *r, uint64_t from, uint64_t last)
{
    const struct trainer_roll *t = &r->roll;
    FUZZ_CHECK(t->until >= from && (t->until == from || t->until <= last) && t->n_commands <= 2048);
    for (int i = 0; i < t->n_commands; i++) {
        check_command(t->commands[i]);
        FUZZ_CHECK(t->at[i] <= last && t->at[i] >= from);
    }
    for (int i = 0; i < t->n_known; i++)
        FUZZ_CHECK(strlen(t->known[i].op) < sizeof t->known[i].op && strlen(t->known[i].key) < sizeof t->known[i].key);
    for (int i = 0; i < t->n_results; i++)
        FUZZ_CHECK(t->results[i].of >= from && operation_is((int)t->results[i].op, OP_MEASURES));
    FUZZ_CHECK(t->until_eval <= t->until);
}

/* From its beginning, and as if there were a snapshot in its middle. */
static void take_up(const struct recording *rec, uint64_t last, const struct train_state *state)
{
    struct roll r = { 0 };
    struct err err = { 0 };
    const struct snapshot_info snap = { .step = state ? state->step : 0, .q = recording_count(rec) / 2 };
    n_said = 0;
    if (roll_make(bench, &r, rec, (struct roll_start){ .verb = "resume", .snap = state ? &snap : NULL, .state = state }, last, &err) == 0)
        check_roll(&r, snap.step, last);
    else
        FUZZ_CHECK(err.text[0]);
    FUZZ_CHECK(n_said <= 52); /* a flood is not said */
    roll_release(&r);
}

/* Texts of commands wait in a state as well, and notes name points. */
static void read_texts(const struct recording *rec, char **pending)
{
    int n = 0;
    for (size_t i = 0; i < recording_count(rec); i++) {
        const struct event *e = recording_event(rec, i);
        uint64_t step;
        struct err err = { 0 };
        if (e->kind == EVENT_CMD && e->f[EV_CMD_TXT].s && n < 16)
            FUZZ_CHECK((pending[n++] = strdup(e->f[EV_CMD_TXT].s)));
        if (e->kind != EVENT_NOTE)
            continue;
        if (point_step(rec, event_text(e, EV_NOTE_TEXT), &step, &err) < 0)
            FUZZ_CHECK(err.text[0]);
    }
    pending[n] = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *pending[17];
    struct knobs k;
    struct err err = { 0 };
    struct recording *rec = forged_open(data, size);
    if (!rec)
        return 0;
    if (!bench)
        begin();
    const struct event *config = recording_first(rec, EVENT_CONFIG);
    knobs_init(&k);
    if (config)
        FUZZ_CHECK(config_knobs(config, &k, &err) == 0 || err.text[0]);
    take_up(rec, UINT64_MAX, NULL);
    take_up(rec, recording_last_step(rec) / 2, NULL);
    read_texts(rec, pending);
    const struct train_state state = { .step = recording_last_step(rec) / 2, .pending = pending };
    take_up(rec, UINT64_MAX, &state);
    for (char **p = pending; *p; p++)
        free(*p);
    recording_close(rec);
    return 0;
}
