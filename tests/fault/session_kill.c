/* kill -9 at any moment: a child writes a session and tells through a pipe what was acknowledged; after each kill everything acknowledged must be
 * there, and the next child goes on with the same session. 50 kills; SADDLE_FAULT_LONG=1 makes it 2000. */
#include "config.h"
#include "../unit/check.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/sessions.h"
#include "base/err.h"
#include "base/rng.h"
#include "session/session.h"

enum { PARAMS = 3000, STATS = 30 };
static char root[256], dir[300];

struct acknowledged {
    char what; /* 'e' every event up to step, 's' the snapshot of step */
    uint64_t step;
};

static void tell(int fd, char what, uint64_t step)
{
    struct acknowledged a;
    memset(&a, 0, sizeof a);
    a.what = what;
    a.step = step;
    if (write(fd, &a, sizeof a) != (ssize_t)sizeof a)
        _exit(9);
}

static void hear(void *ctx, struct event *e)
{
    if (e->kind == EVENT_SNAP)
        tell(*(int *)ctx, 's', e->step);
}

/* Writes until it is killed. */
static void write_session(int fd, uint64_t step)
{
    struct err err;
    struct session *s = step ? session_reopen(dir, &err) : session_create(root, "k", NULL, &err);
    if (!s)
        _exit(8);
    struct event_sink sink = session_sink(s);
    session_listen(s, hear, &fd);
    if (step == 0)
        send_event(&sink, data_event(5));
    for (;;) {
        for (uint64_t until = step + 5; step < until; step++)
            send_event(&sink, step_event(step + 1, 1.0 / (double)(step + 1)));
        if (step % 3 == 0)
            sink.snapshot(sink.ctx, make_state(step, PARAMS, STATS), NULL, step % 7 == 0);
        if (sink.sync(sink.ctx, &err) < 0)
            _exit(7);
        tell(fd, 'e', step);
    }
}

/* One child, killed after `us`; returns what it acknowledged last. */
static struct acknowledged kill_after(uint64_t step, unsigned us, uint64_t *snapshot)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        write_session(ends[1], step);
    }
    close(ends[1]);
    if (us % 4) /* mostly once it is at work, however slow the machine; else while it opens the session */
        poll(&(struct pollfd){ .fd = ends[0], .events = POLLIN }, 1, 120000);
    usleep(us);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status))
        fail_msg("the writer ended by itself with code %d", WEXITSTATUS(status));
    struct acknowledged last = { 0 }, one;
    while (read(ends[0], &one, sizeof one) == (ssize_t)sizeof one) {
        if (one.what == 'e')
            last = one;
        else
            *snapshot = one.step;
    }
    close(ends[0]);
    return last;
}

/* Returns the last step that is there. */
static uint64_t check(uint64_t acknowledged, uint64_t snapshot, int round)
{
    struct err err = { 0 };
    bool loud = false;
    struct recording *r = recording_open(dir, &err);
    if (!r && acknowledged == 0)
        return 0;
    if (!r)
        fail_msg("round %d: %s", round, err.text);
    recording_damage(r, &loud);
    if (loud)
        fail_msg("round %d: %s", round, recording_damage(r, NULL));
    uint64_t step = 0;
    for (size_t i = 0; i < recording_count(r); i++)
        if (recording_event(r, i)->kind == EVENT_STEP) {
            assert_int_equal(recording_event(r, i)->step, ++step);
            assert_true(recording_event(r, i)->f[EV_STEP_LOSS].f == (double)(float)(1.0 / (double)step));
        }
    if (step < acknowledged)
        fail_msg("round %d: step %d was acknowledged, %d is the last", round, (int)acknowledged, (int)step);
    int at = snapshot_at(r, snapshot);
    int n;
    const struct snapshot_info *info = recording_snapshots(r, &n);
    if (snapshot) {
        if (at < 0 || info[at].step != snapshot)
            fail_msg("round %d: the snapshot of step %d was acknowledged and is not there", round, (int)snapshot);
        struct train_state *s = load_state(r, at, PARAMS, STATS, &err), *want = make_state(snapshot, PARAMS, STATS);
        if (!s)
            fail_msg("round %d: %s", round, err.text);
        assert_memory_equal(s->vector[STATE_PARAMS].data, want->vector[STATE_PARAMS].data, PARAMS * sizeof(float));
        train_state_free(s);
        train_state_free(want);
    }
    recording_close(r);
    return step;
}

static void nothing_acknowledged_is_lost(void **state)
{
    (void)state;
    int rounds = getenv("SADDLE_FAULT_LONG") ? 2000 : 50;
    uint64_t step = 0, acknowledged = 0, snapshot = 0, told = 0;
    scratch_make(root);
    snprintf(dir, sizeof dir, "%s/k.saddle", root);
    struct rng rng;
    rng_init(&rng, 1, RNG_DEMO, 0, 0);
    for (int round = 0; round < rounds; round++) {
        struct acknowledged last = kill_after(step, rng_below(&rng, 40000), &snapshot);
        if (last.what) {
            acknowledged = last.step;
            told++;
        }
        step = check(acknowledged, snapshot, round);
        if (step == 0) { /* killed before the first event: start anew */
            scratch_remove(root);
            scratch_make(root);
            snprintf(dir, sizeof dir, "%s/k.saddle", root);
        }
    }
    print_message("%d kills, %d with acknowledgements, %d steps, snapshot of step %d\n", rounds, (int)told, (int)step, (int)snapshot);
    assert_true(told > (uint64_t)rounds / 4 && snapshot > 0);
    struct err err = { 0 };
    if (session_verify(dir, NULL, NULL, &err) < 0)
        fail_msg("%s", err.text);
    scratch_remove(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_acknowledged_is_lost) };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("fault/session_kill", tests, NULL, NULL);
}
