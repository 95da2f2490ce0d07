/* runs.c - `runs FOLDER COUNT EPOCHS STEPS CLASSES [NAME]`: that many recordings in FOLDER/NAME-1.saddle ..., as a run of so many epochs of so
 * many steps leaves them, without training one: what lists and reads many or large recordings is timed on them. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/knobs.h"
#include "session/session.h"

enum { NAME_ROOM = 32, LAST_WORD = 6 };

static double draw(void)
{
    static uint64_t x = 88172645463325252u;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (double)(x >> 11) / (double)(UINT64_C(1) << 53);
}

static void fail_on(int result, const struct err *err)
{
    if (result == 0)
        return;
    fprintf(stderr, "runs: %s\n", err->text);
    exit(1);
}

static void tell(struct session *s, struct event *e)
{
    struct err err = { 0 };
    struct event_hub hub = { .n = 1, .sink = { session_sink(s) } };
    const bool sync = event_table[e->kind].class == EVENT_CLASS_B;
    event_hub_emit(&hub, e);
    if (sync)
        fail_on(event_hub_sync(&hub, &err), &err);
}

static struct event *config(const char *name)
{
    struct event *e = event_new(EVENT_CONFIG, 0);
    static char text[KNOB_COUNT][600];
    const char *list[KNOB_COUNT];
    struct knobs k;
    uint32_t n = 0;
    knobs_init(&k);
    knobs_set(&k, "opt", "sam", NULL);
    for (int id = 0; id < KNOB_COUNT; id++) {
        char value[KNOB_TEXT_MAX];
        if (!knob_recorded((enum knob_id)id))
            continue;
        knob_format((enum knob_id)id, &k.v[id], value, sizeof value);
        snprintf(text[n], sizeof text[n], "%s=%.500s", knob_table[id].name, value);
        list[n] = text[n];
        n++;
    }
    event_set_strs(e, EV_CONFIG_KNOBS, list, n);
    event_set_str(e, EV_CONFIG_NAME, name);
    return e;
}

static struct event *data(uint32_t classes, uint64_t steps)
{
    static const char *const groups[] = { "head", "mid", "tail" };
    struct event *e = event_new(EVENT_DATA, 0);
    char (*names)[NAME_ROOM] = calloc(classes, sizeof *names);
    const char **list = calloc(classes, sizeof *list);
    uint32_t *number = calloc(2 * (size_t)classes, sizeof *number);
    if (!names || !list || !number)
        abort();
    for (uint32_t i = 0; i < classes; i++) {
        snprintf(names[i], sizeof names[i], "species %u", i);
        list[i] = names[i];
        number[i] = 1000 / (i + 1) + 2;
        number[classes + i] = 3 * i / classes;
    }
    event_set_str(e, EV_DATA_NAME, "made up");
    event_set_strs(e, EV_DATA_CLASSES, list, classes);
    event_set_u32s(e, EV_DATA_COUNTS, number, classes);
    event_set_u32s(e, EV_DATA_TEST_COUNTS, number, classes);
    event_set_u32s(e, EV_DATA_GROUP_OF, number + classes, classes);
    event_set_strs(e, EV_DATA_GROUPS, groups, 3);
    event_set_u64(e, EV_DATA_STEPS_PER_EPOCH, steps);
    free(names);
    free(list);
    free(number);
    return e;
}

/* Of three images for each class, and losses that are like no others. */
static struct event *evaluation(uint64_t step, uint64_t epoch, uint32_t classes)
{
    struct event *e = event_new(EVENT_EPOCH, step);
    float *number = calloc(3 * (size_t)classes, sizeof *number);
    double group[3] = { 60, 50, 40 };
    if (!number)
        abort();
    for (uint32_t i = 0; i < classes; i++) {
        number[i] = (float)(100.0 / 3 * (int)(4 * draw()));
        number[classes + i] = (float)(9 * draw());
        number[2 * (size_t)classes + i] = (float)(9 * draw());
    }
    event_set_f64(e, EV_EPOCH_EP, (double)epoch);
    event_set_str(e, EV_EPOCH_SPLIT, "test");
    event_set_f64(e, EV_EPOCH_LOSS, 1 / (1 + draw()));
    event_set_f64(e, EV_EPOCH_ACC, 50 + draw());
    event_set_f64s(e, EV_EPOCH_GROUPS, group, 3);
    event_set_f32s(e, EV_EPOCH_CLS, number, classes);
    event_set_f32s(e, EV_EPOCH_CLS_LOSS, number + classes, classes);
    event_set_f32s(e, EV_EPOCH_TRAIN_CLS_LOSS, number + 2 * (size_t)classes, classes);
    event_set_f64(e, EV_EPOCH_BEST, 51);
    event_set_f64(e, EV_EPOCH_BEST_EP, 1);
    free(number);
    return e;
}

static struct event *state(uint64_t step, uint64_t epoch, const char *word)
{
    struct event *e = event_new(EVENT_STATE, step);
    event_set_str(e, EV_STATE_STATE, word);
    event_set_f64(e, EV_STATE_EP, (double)epoch);
    return e;
}

static struct event *one_step(uint64_t step)
{
    struct event *e = event_new(EVENT_STEP, step);
    for (int field = EV_STEP_LOSS; field <= EV_STEP_MS; field++)
        event_set_f64(e, field, draw());
    return e;
}

static struct event *set_rho(uint64_t step)
{
    struct event *e = event_new(EVENT_CMD, step);
    event_set_str(e, EV_CMD_TXT, "set rho 0.2");
    event_set_str(e, EV_CMD_OP, "set");
    event_set_str(e, EV_CMD_KEY, "rho");
    event_set_str(e, EV_CMD_VALUE, "0.2");
    event_set_str(e, EV_CMD_BY, "user");
    return e;
}

static void record_run(const char *folder, const char *name, const uint64_t size[3])
{
    struct err err = { 0 };
    struct session *s = session_create(folder, name, NULL, &err);
    const uint64_t epochs = size[0], steps = size[1];
    fail_on(s ? 0 : -1, &err);
    tell(s, config(name));
    tell(s, data((uint32_t)size[2], steps));
    tell(s, event_new(EVENT_ENV, 0));
    tell(s, state(0, 0, "training"));
    for (uint64_t epoch = 1; epoch <= epochs; epoch++) {
        for (uint64_t step = (epoch - 1) * steps + 1; step <= epoch * steps; step++)
            tell(s, one_step(step));
        tell(s, evaluation(epoch * steps, epoch, (uint32_t)size[2]));
        if (epoch == epochs / 2)
            tell(s, set_rho(epoch * steps));
    }
    tell(s, state(epochs * steps, epochs, "finished"));
    fail_on(session_close(s, "done", &err), &err);
}

int main(int argc, char **argv)
{
    uint64_t size[3] = { 0 };
    const int count = argc >= LAST_WORD ? atoi(argv[2]) : 0;
    for (int i = 0; i < 3 && argc >= LAST_WORD; i++)
        size[i] = strtoull(argv[3 + i], NULL, 10);
    if (count < 1 || !size[0] || !size[1] || !size[2]) {
        fprintf(stderr, "usage: runs FOLDER COUNT EPOCHS STEPS CLASSES [NAME]\n");
        return 2;
    }
    for (int i = 1; i <= count; i++) {
        char name[100];
        snprintf(name, sizeof name, "%.80s-%d", argc > LAST_WORD ? argv[LAST_WORD] : "run", i);
        record_run(argv[1], name, size);
    }
    return 0;
}
