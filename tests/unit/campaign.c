/* A campaign whose children are this very program, called as `saddle` would be: each does what the test has planned for it. */
#include "config.h"
#include "check.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "repl/campaign.h"
#include "session_root.h"

/* --- time ---------------------------------------------------------------------------------------------------------- */

static double ahead; /* seconds by which this program's clock is */
static bool hurry;   /* each look at it costs ten of them */

int clock_gettime(clockid_t id, struct timespec *t);
int clock_gettime(clockid_t id, struct timespec *t)
{
    const int result = (int)syscall(SYS_clock_gettime, id, t);
    ahead += hurry ? 10 : 0;
    t->tv_sec += (time_t)ahead;
    return result;
}

/* --- a child ------------------------------------------------------------------------------------------------------- */

static void put_file(const char *folder, const char *name, const char *mode, const char *text)
{
    char path[1400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, mode);
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        abort();
}

static void read_file(const char *folder, const char *name, char *out, size_t size)
{
    char path[1400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "r");
    out[f ? fread(out, 1, size - 1, f) : 0] = '\0';
    if (f)
        fclose(f);
}

static void write_eval(const struct event_sink *sink, uint64_t epoch)
{
    struct event *e = event_new(EVENT_EPOCH, epoch * 2);
    event_set_f64(e, EV_EPOCH_EP, (double)epoch);
    event_set_str(e, EV_EPOCH_SPLIT, "test");
    event_set_f64(e, EV_EPOCH_ACC, 50);
    send_event(sink, e);
}

/* The recording is made anew with so many evaluated epochs. */
static void record(const char *name, int epochs, bool finished)
{
    char dir[1024];
    at(name, dir);
    scratch_remove(dir);
    struct session *s = create(name);
    const struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(2));
    for (int epoch = 1; epoch <= epochs; epoch++) {
        for (uint64_t step = 1; step <= 2; step++)
            send_event(&sink, event_new(EVENT_STEP, (uint64_t)(epoch - 1) * 2 + step));
        write_eval(&sink, (uint64_t)epoch);
    }
    struct event *e = event_new(EVENT_STATE, (uint64_t)epochs * 2);
    event_set_str(e, EV_STATE_STATE, finished ? "finished" : "stopped");
    send_event(&sink, e);
    struct err err = { 0 };
    if (session_close(s, finished ? "finished" : "stopped", &err) < 0)
        abort();
}

static void await_end(const char *name)
{
    sigset_t set;
    int signo;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    put_file(root, name, "a", "waits\n");
    sigwait(&set, &signo);
    put_file(root, name, "a", "SIGTERM\n");
}

/* Its line of NAME.plan is "EPOCHS END WORDS": so many epochs are there when it ends (0: no recording yet, -: it is left as it was); "finished", a
 * signal's number behind a -, an exit code, "waits" for SIGTERM, or "deaf" to it. The words are its own on stderr, | is a new line. */
static int be_child(int argc, char **argv)
{
    char heard[1500] = "", plan[2000], name[64], file[100], epochs[8], how[16], words[600] = "";
    struct buf said = { 0 };
    snprintf(root, sizeof root, "%s", argv[5]);
    heard[fread(heard, 1, sizeof heard - 1, stdin)] = '\0';
    const char *at_name = strstr(heard, "--name ");
    at_name = at_name ? at_name + 7 : strstr(heard, "resume ") + 7;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(at_name, "\n"), at_name);
    for (int i = 1; i < argc; i++)
        buf_addf(&said, "%s%s", i > 1 ? " " : "", i == 5 ? "ROOT" : argv[i]);
    buf_addf(&said, "%s\n%s", getpgrp() == getpid() ? "" : " in the group of its parent", heard);
    snprintf(file, sizeof file, "%s.said", name);
    put_file(root, file, "a", said.data);
    buf_release(&said);
    snprintf(file, sizeof file, "%s.plan", name);
    read_file(root, file, plan, sizeof plan);
    put_file(root, file, "w", plan[0] ? plan + strcspn(plan, "\n") + 1 : "");
    if (sscanf(plan, "%7s %15s%*[ ]%599[^\n]", epochs, how, words) < 2)
        return 77;
    if (epochs[0] != '-' && strcmp(epochs, "0") != 0)
        record(name, atoi(epochs), strcmp(how, "finished") == 0);
    for (char *bar; (bar = strchr(words, '|'));)
        *bar = '\n';
    if (words[0])
        fprintf(stderr, "%s\n", words);
    snprintf(file, sizeof file, "%s.said", name);
    if (strcmp(how, "waits") == 0)
        await_end(file);
    if (strcmp(how, "deaf") == 0) {
        signal(SIGTERM, SIG_IGN);
        put_file(root, file, "a", "waits\n");
        for (;;)
            pause();
    }
    if (how[0] == '-')
        kill(getpid(), atoi(how + 1));
    return atoi(how);
}

/* --- a campaign ---------------------------------------------------------------------------------------------------- */

static struct buf told;
static struct campaign *campaign;
static int rows;

static void changed(void *ctx, int row)
{
    static const char *const words[] = { "waits", "runs", "locked", "there", "failed" };
    (void)ctx;
    buf_addf(&told, "%s %s\n", campaign_name(campaign, row), words[campaign_state(campaign, row)]);
}

static void begin(int jobs, const char *device)
{
    struct err err = { 0 };
    const struct campaign_options options = { .root = root, .device = device, .jobs = jobs, .threads = 3, .changed = changed };
    buf_clear(&told);
    ahead = rows = 0;
    campaign = campaign_new(&options, &err);
    assert_non_null(campaign);
}

static int add(const char *name, const char *plan)
{
    char file[100];
    struct err err = { 0 };
    snprintf(file, sizeof file, "%s.plan", name);
    put_file(root, file, "w", plan);
    const int row = campaign_add(campaign, name, "set lr 1\nset batch 8\n", &err);
    assert_int_equal(row, rows++);
    return row;
}

/* Polls until no child runs. */
static int settle(void)
{
    for (;;) {
        const int open = campaign_poll(campaign);
        bool runs = false;
        for (int i = 0; i < rows; i++)
            runs = runs || campaign_state(campaign, i) == ROW_RUNS;
        if (!runs)
            return open;
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
}

/* Until nothing is wanted any more; a row that waits a second gets it at once. */
static void go(void)
{
    while (settle() > 0)
        ahead += 1;
}

static int children(const char *name)
{
    char file[100], said[4000];
    int n = 0;
    snprintf(file, sizeof file, "%s.said", name);
    read_file(root, file, said, sizeof said);
    for (const char *p = said; (p = strstr(p, "--no-config")); p++)
        n++;
    return n;
}

static void said_is(const char *name, const char *text)
{
    char file[100], said[4000];
    snprintf(file, sizeof file, "%s.said", name);
    read_file(root, file, said, sizeof said);
    assert_string_equal(said, text);
}

/* --- tests --------------------------------------------------------------------------------------------------------- */

#define CHILD "--no-config --quiet --log=none --sessions ROOT --threads 3"

/* One that is not there yet is set up; one that is, is gone on with: to its aim, and in the end to its end. */
static void a_run_is_begun_and_gone_on_with(void **state)
{
    (void)state;
    begin(1, "cpu");
    const int row = add("a", "2 0 saddle: warning: slow\n3 0\n5 finished\n");
    campaign_aim(campaign, row, 2);
    go();
    assert_int_equal(campaign_state(campaign, row), ROW_THERE);
    assert_string_equal(campaign_why(campaign, row), "");
    campaign_aim(campaign, row, 3);
    go();
    campaign_aim(campaign, row, INFINITY);
    go();
    said_is("a", CHILD " --device cpu\nset lr 1\nset batch 8\ntrain --name a\nwait epoch 2.001\nstop --yes\n"
                 CHILD " --device cpu\nresume a\nwait epoch 3.001\nstop --yes\n"
                 CHILD " --device cpu\nresume a\n");
    assert_string_equal(told.data, "a runs\na there\na runs\na there\na runs\na there\n");
    const struct campaign_look look = campaign_look(campaign, row);
    assert_true(look.begun && look.finished && !look.locked && look.epoch == 5);
    campaign_free(campaign);
}

/* Three that end without having come further are enough, however far the first came; one that comes further counts anew. */
static void a_run_is_tried_again(void **state)
{
    (void)state;
    begin(1, "");
    const int further = add("further", "0 -9\n0 -9\n1 -9\n- -9\n2 3\n- 4\n3 -15\n4 finished\n");
    go();
    assert_int_equal(campaign_state(campaign, further), ROW_THERE);
    assert_int_equal(children("further"), 8);
    campaign_free(campaign);
    begin(1, NULL);
    const int stuck = add("stuck", "2 -9 a word\n- -9\n- -10 killed\n3 finished\n"), never = add("never", "0 3 first\n0 3|\n0 3 saddle: no|saddle: line 1: it is so\n1 finished\n"),
              mute = add("mute", "0 3 words of another\n0 3 these too\n0 4\n1 finished\n");
    go();
    assert_int_equal(campaign_state(campaign, stuck), ROW_FAILED);
    assert_string_equal(campaign_why(campaign, stuck), "ended by signal 10, 3 times");
    assert_int_equal(children("stuck"), 3);
    assert_int_equal(campaign_state(campaign, never), ROW_FAILED);
    assert_string_equal(campaign_why(campaign, never), "line 1: it is so");
    assert_int_equal(children("never"), 3);
    assert_string_equal(campaign_why(campaign, mute), "ended with exit code 4 before it was done");
    assert_int_equal(children("mute"), 3);
    campaign_free(campaign);
}

/* One that diverged would again. One whose recording another process took first has not failed. */
static void an_exit_code_says_whether_it_is_tried_again(void **state)
{
    (void)state;
    begin(1, "");
    const int diverged = add("diverged", "1 5 saddle: the loss is not finite\n2 finished\n"), taken = add("taken", "0 6\n0 6\n0 6\n0 6\n1 finished\n");
    go();
    assert_int_equal(campaign_state(campaign, diverged), ROW_FAILED);
    assert_string_equal(campaign_why(campaign, diverged), "the loss is not finite");
    assert_int_equal(children("diverged"), 1);
    assert_int_equal(campaign_state(campaign, taken), ROW_THERE);
    assert_int_equal(children("taken"), 5);
    campaign_free(campaign);
}

/* The second between two tries is not spent on it: the other row's turn comes. */
static void a_row_waits_a_second(void **state)
{
    (void)state;
    begin(1, "");
    const int one = add("one", "1 -9\n2 finished\n"), two = add("two", "1 finished\n");
    assert_int_equal(settle(), 1);
    assert_int_equal(campaign_state(campaign, one), ROW_WAITS);
    assert_int_equal(campaign_state(campaign, two), ROW_THERE);
    assert_int_equal(campaign_poll(campaign), 1);
    assert_int_equal(children("one"), 1);
    ahead += 1;
    assert_int_equal(settle(), 0);
    assert_string_equal(told.data, "one runs\none waits\ntwo runs\ntwo there\none runs\none there\n");
    campaign_free(campaign);
}

static void await_words(const char *name, const char *words)
{
    char file[100], said[4000];
    snprintf(file, sizeof file, "%s.said", name);
    for (said[0] = '\0'; !strstr(said, words); nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL))
        read_file(root, file, said, sizeof said);
}

/* So many at a time; all are asked to end with the campaign, and one that does not is ended a minute later. */
static void children_end_with_the_campaign(void **state)
{
    (void)state;
    char said[4000];
    begin(2, "");
    const int kept = add("kept", "1 waits\n"), deaf = add("deaf", "1 deaf\n"), third = add("third", "1 finished\n");
    assert_int_equal(campaign_poll(campaign), 3);
    assert_int_equal(campaign_poll(campaign), 3);
    assert_int_equal(campaign_state(campaign, kept), ROW_RUNS);
    assert_int_equal(campaign_state(campaign, deaf), ROW_RUNS);
    assert_int_equal(campaign_state(campaign, third), ROW_WAITS);
    await_words("kept", "waits\n");
    await_words("deaf", "waits\n");
    hurry = true;
    campaign_free(campaign);
    hurry = false;
    read_file(root, "kept.said", said, sizeof said);
    assert_non_null(strstr(said, "SIGTERM\n"));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* Without jobs nothing is begun; what another process records is waited for. */
static void what_is_there_is_seen(void **state)
{
    (void)state;
    struct err err = { 0 };
    record("there", 2, true);
    record("short", 2, false);
    struct session *s = create("held");
    begin(0, "");
    const int none = add("none", "1 finished\n"), there = add("there", "1 finished\n"), part = add("short", "1 finished\n"), held = add("held", "1 finished\n");
    assert_int_equal(campaign_add(campaign, "short", "", &err), -1);
    assert_string_equal(err.text, "run 'short' is there twice");
    assert_int_equal(campaign_poll(campaign), 3);
    assert_int_equal(campaign_state(campaign, none), ROW_WAITS);
    assert_int_equal(campaign_state(campaign, there), ROW_THERE);
    assert_int_equal(campaign_state(campaign, part), ROW_WAITS);
    assert_int_equal(campaign_state(campaign, held), ROW_LOCKED);
    campaign_aim(campaign, part, 2);
    assert_int_equal(campaign_poll(campaign), 2);
    assert_int_equal(campaign_state(campaign, part), ROW_THERE);
    campaign_aim(campaign, part, 2.5);
    assert_int_equal(campaign_poll(campaign), 3);
    assert_int_equal(campaign_state(campaign, part), ROW_WAITS);
    const struct campaign_look look = campaign_look(campaign, none);
    assert_true(!look.begun && !look.locked && isnan(look.epoch));
    close_session(s);
    campaign_free(campaign);
    assert_int_equal(children("none"), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_begun_and_gone_on_with),
        cmocka_unit_test(a_run_is_tried_again),
        cmocka_unit_test(an_exit_code_says_whether_it_is_tried_again),
        cmocka_unit_test(a_row_waits_a_second),
        cmocka_unit_test(children_end_with_the_campaign),
        cmocka_unit_test(what_is_there_is_seen),
    };
    if (argc > 5 && strcmp(argv[1], "--no-config") == 0)
        return be_child(argc, argv);
    return cmocka_run_group_tests_name("unit/campaign", tests, make_root, remove_root);
}
