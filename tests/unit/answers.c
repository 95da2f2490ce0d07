/* Whoever gave a command hears what became of it, also when there is no memory left in the thread that trains: a prompt that waits for an
 * answer that nobody could make would wait for ever. The linker puts functions of this file before those that ask for memory. */
#include "config.h"
#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/event.h"
#include "repl/workbench.h"
#include "heard.h"
#include "session_root.h"
#include "small_data.h"

enum { PATIENCE = 200 }; /* times 200 ms that a line may wait for its answer: it only ends a test that has failed */

void *__real_malloc(size_t n);
void *__real_realloc(void *p, size_t n);
struct event *__real_event_new(enum event_kind kind, uint64_t step);
void *__wrap_malloc(size_t n);
void *__wrap_realloc(void *p, size_t n);
struct event *__wrap_event_new(enum event_kind kind, uint64_t step);

static pthread_t prompt;       /* the thread that gives the commands */
static bool none_elsewhere;    /* every other thread is without memory */
static bool no_event_here;     /* this one cannot make an event */
static struct workbench *bench;

static bool lacks(void)
{
    return none_elsewhere && !pthread_equal(pthread_self(), prompt);
}

void *__wrap_malloc(size_t n)
{
    return lacks() ? NULL : __real_malloc(n);
}

void *__wrap_realloc(void *p, size_t n)
{
    return lacks() ? NULL : __real_realloc(p, n);
}

struct event *__wrap_event_new(enum event_kind kind, uint64_t step)
{
    return lacks() || (no_event_here && kind == EVENT_ANSWER) ? NULL : __real_event_new(kind, step);
}

static int waited;

static bool wait_a_little(void *ctx, int timeout_ms)
{
    struct pollfd fd = { .fd = workbench_fd(bench), .events = POLLIN };
    (void)ctx;
    poll(&fd, 1, timeout_ms);
    return ++waited < PATIENCE;
}

/* What is said to a line that has this result. */
static void says(const char *line, int result, const char *text)
{
    buf_clear(&said);
    buf_adds(&said, "");
    waited = 0;
    const int got = workbench_line(bench, line, false);
    none_elsewhere = no_event_here = false;
    if (got != result || !strstr(said.data, text))
        fail_msg("'%s' gives %d, not %d, or does not say '%s':\n%s", line, got, result, text, said.data);
}

static int open_run(void **state)
{
    char line[600];
    struct workbench_face face = { .say = hear, .idle = wait_a_little };
    struct workbench_options options = { .sessions = root, .script = true, .yes = true };
    struct err err = { 0 };
    (void)state;
    bench = workbench_new(&options, &face, &err);
    if (!bench)
        fail_msg("%s", err.text);
    snprintf(line, sizeof line, "data tensors %s/data.safetensors; model resnet8 --head linear; set hessian_every 0; set snapshot_seconds 0; "
             "set snapshot_every 0; set threads 1; set batch 8; unwatch; train --epochs 2 --paused", root);
    says(line, 0, "");
    says("cancel 9", -1, "no pending command 9"); /* it has begun: without memory the recording's beginning would wait, and every command with it */
    return 0;
}

static int close_run(void **state)
{
    (void)state;
    none_elsewhere = no_event_here = false;
    workbench_free(bench);
    return 0;
}

static void an_answer_comes_without_memory(void **state)
{
    (void)state;
    none_elsewhere = true;
    says("cancel 77", -1, "cancel: refused, and there is no memory to say why");
    says("cancel 77", -1, "cancel: no pending command 77; 'show pending' lists them");
}

static void what_cannot_be_answered_is_not_begun(void **state)
{
    (void)state;
    no_event_here = true;
    says("set momentum 0.5", -1, "no memory for a command");
    says("show momentum", 0, "0.9");
    says("set momentum 0.5", 0, "");
}

static int make_data(void **state)
{
    prompt = pthread_self();
    make_root(state);
    small_data(root);
    return 0;
}

static int remove_data(void **state)
{
    buf_release(&said);
    return remove_root(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_comes_without_memory, open_run, close_run),
        cmocka_unit_test_setup_teardown(what_cannot_be_answered_is_not_begun, open_run, close_run),
    };
    return cmocka_run_group_tests_name("unit/answers", tests, make_data, remove_data);
}
