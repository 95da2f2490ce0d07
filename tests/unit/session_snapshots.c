/* Snapshots in a session: exact, busy until they are on disk, retired by the rule. */
#include "config.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "session/pack.h"
#include "session/session.h"
#include "session_root.h"
#include "session_snapshots.h"
#include "sessions.h"

static void assert_same_state(const struct train_state *a, const struct train_state *b)
{
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->n_vectors, b->n_vectors);
    for (int i = 0; i < a->n_vectors; i++)
        assert_memory_equal(a->vector[i].data, b->vector[i].data, a->vector[i].n * sizeof(float));
    assert_memory_equal(&a->best, &b->best, sizeof a->best);
    assert_memory_equal(&a->best_epoch, &b->best_epoch, sizeof a->best_epoch);
    assert_memory_equal(&a->epoch_loss, &b->epoch_loss, sizeof a->epoch_loss);
    assert_memory_equal(&a->epoch_correct, &b->epoch_correct, sizeof a->epoch_correct);
    assert_int_equal(a->epoch_images, b->epoch_images);
    assert_int_equal(a->finite, b->finite);
    char **const lists[][2] = { { a->knobs, b->knobs }, { a->pending, b->pending }, { a->watched, b->watched }, { a->class_losses, b->class_losses } };
    for (int l = 0; l < 4; l++)
        for (int i = 0; lists[l][0][i] || lists[l][1][i]; i++)
            assert_string_equal(lists[l][0][i], lists[l][1][i]);
}

static void snapshots_are_exact(void **state)
{
    (void)state;
    enum { PARAMS = 1500001, STATS = 333 }; /* several slices, cut inside tensors */
    struct err err = { 0 };
    struct session *s = create("exact");
    struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(10));
    sink.snapshot(sink.ctx, make_state(20, PARAMS, STATS), "mine", true);
    struct train_state *odd = make_state(21, PARAMS, STATS);
    float *params = odd->vector[STATE_PARAMS].data, *momentum = odd->vector[STATE_MOMENTUM].data;
    params[0] = -0.0f;
    params[1] = 1e-45f;
    momentum[0] = __builtin_inff();
    odd->epoch_loss = __builtin_nan("");
    odd->finite = false;
    sink.snapshot(sink.ctx, odd, NULL, false);
    close_session(s);

    struct recording *r = open_recording("exact");
    int n;
    const struct snapshot_info *info = recording_snapshots(r, &n);
    assert_int_equal(n, 2);
    assert_string_equal(info[0].name, "mine");
    assert_string_equal(info[0].file, "snap-000000000020-t0.safetensors.zst");
    assert_string_equal(info[1].name, "s0002");
    assert_true(info[0].epoch == 2 && info[0].pinned && info[0].finite && info[0].sealed);
    assert_false(info[1].finite);
    assert_int_equal(info[0].q, 1);
    assert_int_equal(snapshot_at(r, UINT64_MAX), 0); /* the newer one is not finite */
    assert_int_equal(snapshot_at(r, 19), -1);
    struct train_state *want = make_state(20, PARAMS, STATS), *got = load_state(r, 0, PARAMS, STATS, &err);
    assert_non_null(got);
    assert_same_state(want, got);
    train_state_free(got);
    train_state_free(want);
    assert_null(load_state(r, 0, PARAMS - 1, STATS, &err));
    assert_says(err, "tensor head.weight is [1, 750001]; this network needs [1, 750000]");
    assert_null(load_state(r, 0, PARAMS, STATS + 1, &err));
    assert_null(load_state(r, 2, PARAMS, STATS, &err));
    got = load_state(r, 1, PARAMS, STATS, &err);
    assert_non_null(got);
    params = got->vector[STATE_PARAMS].data;
    momentum = got->vector[STATE_MOMENTUM].data;
    assert_true(got->epoch_loss != got->epoch_loss && __builtin_isinf(momentum[0]) && 1 / params[0] < 0);
    train_state_free(got);
    recording_close(r);
}

/* A file holds the vectors that the run keeps: no fewer, for it could not go on exactly, and no more, for it would lose them. */
static void snapshots_hold_what_the_run_keeps(void **state)
{
    (void)state;
    enum { PARAMS = 40, STATS = 6, MORE = STATE_STATS + 1 };
    struct err err = { 0 };
    struct state_layout layout;
    struct state_row rows[STATE_ROWS_MAX];
    struct tensor_info entries = { .name = "keys", .rank = 2, .dims = { 5, 2 }, .count = 10 };
    const struct tensor_table queue = { .n = 1, .tensor = &entries, .total = 10 };
    memcpy(rows, layout_rows(&layout, PARAMS, STATS), sizeof rows);
    rows[MORE] = (struct state_row){ .prefix = "queue/", .dtype = STATE_I32, .tensors = &queue };
    struct train_state *more = train_state_new(rows, MORE + 1);
    int32_t *keys = more->vector[MORE].data;
    more->step = 20;
    more->finite = true;
    keys[0] = INT32_MIN;
    keys[9] = 7;
    struct session *s = create("kept");
    struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(10));
    sink.snapshot(sink.ctx, make_state(10, PARAMS, STATS), NULL, false);
    sink.snapshot(sink.ctx, more, NULL, false);
    close_session(s);
    struct recording *r = open_recording("kept");
    struct train_state *got = snapshot_load(r, 1, rows, MORE + 1, &err);
    assert_non_null(got);
    keys = got->vector[MORE].data;
    assert_true(keys[0] == INT32_MIN && keys[1] == 0 && keys[9] == 7);
    train_state_free(got);
    assert_null(load_state(r, 1, PARAMS, STATS, &err));
    assert_says(err, "tensor queue/keys in it belongs to no vector that this run keeps; expected parameters, momentum/ and statistics");
    assert_null(snapshot_load(r, 0, rows, MORE + 1, &err));
    assert_says(err, "no tensor queue/keys in it; this run needs one of shape [5, 2]");
    rows[MORE].dtype = STATE_F32;
    assert_null(snapshot_load(r, 1, rows, MORE + 1, &err));
    assert_says(err, "tensor queue/keys is not of type float32");
    recording_close(r);
}

/* Who ends a run waits while the session is busy: no moment may look as if nothing were left to save. */
static void a_snapshot_is_busy_until_it_is_on_disk(void **state)
{
    (void)state;
    struct session *s = create("busy");
    struct event_sink sink = session_sink(s);
    struct session_status status;
    send_event(&sink, data_event(10));
    for (uint64_t step = 1; step <= 30; step++) {
        sink.snapshot(sink.ctx, make_state(step, 10, 2), NULL, false);
        session_status(s, &status);
        assert_true(status.snapshot_busy || status.last_snapshot_step == step);
        while (status.snapshot_busy) {
            usleep(1000);
            session_status(s, &status);
        }
        assert_int_equal(status.last_snapshot_step, step);
    }
    close_session(s);
}

static void old_snapshots_are_retired_by_the_rule(void **state)
{
    (void)state;
    struct session *s = create("keep");
    struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(10));
    for (uint64_t epoch = 1; epoch <= 25; epoch++) {
        struct event *e = event_new(EVENT_EPOCH, 10 * epoch);
        event_set_f64(e, EV_EPOCH_EP, (double)epoch);
        event_set_f64(e, EV_EPOCH_BEST_EP, epoch < 13 ? (double)epoch : 13);
        send_event(&sink, e);
        sink.snapshot(sink.ctx, make_state(10 * epoch, 8, 2), epoch == 5 ? "pin" : NULL, epoch == 5);
    }
    close_session(s);
    static const uint64_t kept[] = { 50, 100, 130, 200, 230, 240, 250 };
    struct recording *r = open_recording("keep");
    int n;
    const struct snapshot_info *info = recording_snapshots(r, &n);
    assert_int_equal(n, 7);
    for (int i = 0; i < n; i++)
        assert_int_equal(info[i].step, kept[i]);
    int unsnaps = 0;
    for (size_t i = 0; i < recording_count(r); i++)
        unsnaps += recording_event(r, i)->kind == EVENT_UNSNAP;
    assert_int_equal(unsnaps, 18);
    recording_close(r);
}

static void what_a_left_timeline_retired_is_not_missed(void **state)
{
    (void)state;
    char dir[1024];
    struct err err = { 0 };
    struct session *s = create("retired");
    struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(1000));
    for (uint64_t step = 10; step <= 60; step += 10) {
        struct session_status status;
        sink.snapshot(sink.ctx, make_state(step, 8, 2), NULL, false);
        do {
            usleep(1000);
            session_status(s, &status);
        } while (status.snapshot_busy);
    }
    send_event(&sink, event_new(EVENT_BRANCH, 40)); /* at 50 and 60 those of 20 and 30 went */
    close_session(s);
    at("retired", dir);
    assert_int_equal(session_verify(dir, NULL, NULL, &err), 0);
}

/* A bundle takes the later of two snapshots of one step along, so it must not say that the step's is gone. */
static void a_bundle_keeps_the_step_of_a_replaced_snapshot(void **state)
{
    (void)state;
    char dir[1024], path[1100];
    struct err err = { 0 };
    struct pack_summary sum;
    int n, gone = 0;
    struct session *s = create("twice");
    struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(1000));
    sink.snapshot(sink.ctx, make_state(10, 8, 2), NULL, true);
    sink.snapshot(sink.ctx, make_state(20, 8, 2), NULL, true);
    send_event(&sink, event_new(EVENT_BRANCH, 20));
    sink.snapshot(sink.ctx, make_state(20, 8, 2), NULL, true);
    send_event(&sink, event_new(EVENT_STEP, 21));
    close_session(s);
    at("twice", dir);
    snprintf(path, sizeof path, "%s/twice" PACK_SUFFIX, root);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(pack_write(f, dir, PACK_ALL, &sum, &err), 0);
    assert_int_equal(fclose(f), 0);
    assert_true(sum.kept == 2 && sum.left_out == 1);
    struct recording *r = recording_open(path, &err);
    assert_non_null(r);
    const struct snapshot_info *info = recording_snapshots(r, &n);
    assert_true(n == 2 && info[0].step == 10 && info[1].step == 20 && strstr(info[1].file, "-t1."));
    for (size_t i = 0; i < recording_count(r); i++)
        gone += recording_kind(r, i) == EVENT_UNSNAP;
    assert_int_equal(gone, 0);
    recording_close(r);
}

int session_snapshot_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshots_are_exact),
        cmocka_unit_test(snapshots_hold_what_the_run_keeps),
        cmocka_unit_test(a_snapshot_is_busy_until_it_is_on_disk),
        cmocka_unit_test(old_snapshots_are_retired_by_the_rule),
        cmocka_unit_test(what_a_left_timeline_retired_is_not_missed),
        cmocka_unit_test(a_bundle_keeps_the_step_of_a_replaced_snapshot),
    };
    return cmocka_run_group_tests_name("unit/session, snapshots", tests, make_root, remove_root);
}
