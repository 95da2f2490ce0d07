/* Small recordings made to cost much: every checksum is right, and what they say is absurd. Whatever the program is asked to do with one,
 * reading it takes at most 1 s of CPU for each MiB begun and 64 MiB of memory beside the network (saddle-session(5), Reading), start-up
 * aside, and what is left out for that is said. CPU seconds and bytes are measured, never the clock. TAP by cmocka. */
#include "config.h"
#include "../unit/check.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/sessions.h"
#include "base/buf.h"
#include "base/clock.h"
#include "forge.h"
#include "session/folder.h"
#include "session/io.h"
#include "session/journal.h"
#include "session/history.h"
#include "session/session.h"
#include "shapes.h"

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { SLOWER = 30, MEMORY_COUNTS = 0 };
#else
enum { SLOWER = 1, MEMORY_COUNTS = 1 };
#endif
#define MOST_MEMORY (64.0 * (1 << 20))

static char root[256];
static char *program;

/* --- making them --------------------------------------------------------------------------------------------------- */

static void segments(void)
{
    struct forge f = forge_new(root, "segments");
    for (int i = 0; i < 4000; i++) {
        begin_segment(&f);
        say(&f, i ? "note" : "env", 1, "");
        end_segment(&f);
    }
    forge_release(&f);
}

static double size_of(const char *name)
{
    char dir[300];
    struct folder list;
    double bytes = 0;
    snprintf(dir, sizeof dir, "%s/%s.saddle", root, name);
    int fd = open(dir, O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0 && folder_list(fd, &list, NULL) == 0);
    for (int i = 0; i < list.n_segments; i++) {
        char segment[FOLDER_NAME_MAX];
        struct stat st;
        folder_segment_name(list.segment[i], segment);
        assert_int_equal(fstatat(fd, segment, &st, 0), 0);
        bytes += (double)st.st_size;
    }
    folder_release(&list);
    close(fd);
    return bytes;
}

static int make_all(void **state)
{
    (void)state;
    program = getenv("SADDLE");
    if (!program)
        return -1;
    scratch_make(root);
    setenv("HOME", root, 1);
    for (int i = 0; i < SHAPES; i++) {
        struct forge f = forge_new(root, shapes[i].name);
        begin_segment(&f);
        say(&f, "env", 0, ""); /* it computed: not one that ended while it was set up */
        shapes[i].make(&f);
        end_segment(&f);
        forge_release(&f);
    }
    segments();
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    scratch_remove(root);
    return 0;
}

/* --- measuring ----------------------------------------------------------------------------------------------------- */

struct cost {
    double seconds, bytes;
    int code;
    char text[4096]; /* the end of what it printed */
};

static void read_end(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY);
    struct stat st;
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    off_t from = st.st_size > (off_t)size - 1 ? st.st_size - (off_t)size + 1 : 0;
    ssize_t n = pread(fd, text, size - 1, from);
    text[n > 0 ? n : 0] = '\0';
    close(fd);
}

/* Runs the program on the forged sessions. `words` is split at blanks; the words after "-c" are one. */
static struct cost measure_once(const char *words)
{
    char line[600], *argv[24] = { program, "--no-config", "--sessions", root };
    struct cost c = { 0 };
    int n = 4, status;
    char out[300];
    struct rusage use;
    snprintf(line, sizeof line, "%s", words);
    snprintf(out, sizeof out, "%s/out", root);
    for (char *word = strtok(line, " "); word && n < 22; word = strtok(NULL, " ")) {
        argv[n++] = word;
        if (strcmp(word, "-c") == 0 && (argv[n] = strtok(NULL, "")))
            n++;
    }
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600), none = open("/dev/null", O_RDONLY);
        if (fd < 0 || none < 0 || dup2(none, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
            _exit(99);
        execv(program, argv);
        _exit(99);
    }
    assert_int_equal(wait4(child, &status, 0, &use), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 99)
        fail_msg("saddle %s: ended with status 0x%x", words, (unsigned)status);
    c.code = WEXITSTATUS(status);
    c.seconds = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) + 1e-6 * (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
    c.bytes = 1024.0 * (double)use.ru_maxrss;
    read_end(out, c.text, sizeof c.text);
    return c;
}

/* CPU seconds of a busy machine hold what others did to its caches: who seems to be late runs again, and the quickest counts.
 * A first run that changes the session is not repeated. */
static struct cost measure(const char *words)
{
    struct cost best = measure_once(words);
    bool changes = strncmp(words, "resume", 6) == 0 || strstr(words, "-c resume") || strstr(words, "export") || strstr(words, "train");
    for (int i = 0; i < 2 && !changes && best.seconds > 0.5; i++) {
        struct cost again = measure_once(words);
        best = again.seconds < best.seconds ? again : best;
    }
    return best;
}

/* Within the promise for a session of so many bytes; `idle` is what the program takes to do nothing. */
static void check_cost(const char *what, const struct cost *c, const struct cost *idle, double size)
{
    double seconds = c->seconds - idle->seconds, memory = c->bytes - idle->bytes, most = ceil(size / (1 << 20)) * SLOWER;
    print_message("%-44s %6.2f MiB: %5.2f s of %2.0f, %5.1f MiB\n", what, size / (1 << 20), seconds, most, memory / (1 << 20));
    if (seconds > most)
        fail_msg("%s: %.2f s of CPU for %.2f MiB; at most %.0f are promised", what, seconds, size / (1 << 20), most);
    if (MEMORY_COUNTS && memory > MOST_MEMORY)
        fail_msg("%s: %.1f MiB of memory for a file of %.2f MiB", what, memory / (1 << 20), size / (1 << 20));
}

static struct cost idle_cost(void)
{
    static struct cost once;
    if (once.bytes == 0)
        once = measure("-c show");
    return once;
}

/* Every other use, of SADDLE_FAULT_SEED which, and the first, which says what is left out; SADDLE_HOSTILE=all: each. */
static bool has_its_turn(const char *name, int use)
{
    const char *seed = getenv("SADDLE_FAULT_SEED"), *asked = getenv("SADDLE_HOSTILE");
    return use == 0 || (asked && strcmp(asked, "all") == 0) || (use + (int)strlen(name) + (seed ? atoi(seed) : 0)) % 2 == 0;
}

static void check_uses(const char *name, bool says, int n)
{
    struct cost idle = idle_cost();
    double size = size_of(name);
    for (int i = 0; i < n; i++) {
        if (!has_its_turn(name, i))
            continue;
        char words[400], use[400];
        const char *file = strstr(shape_uses[i], "FILE");
        snprintf(use, sizeof use, file ? "%.*s%s/%s.%d%s" : "%.*s", file ? (int)(file - shape_uses[i]) : 100, shape_uses[i], root, name, i,
                 file ? file + 4 : "");
        snprintf(words, sizeof words, use, name);
        struct cost c = measure(words);
        snprintf(words, sizeof words, shape_uses[i], name);
        check_cost(words, &c, &idle, size);
        bool said = strstr(c.text, "left out") || strstr(c.text, "damaged") || strstr(c.text, "skipped");
        if (i == 0 && said != says)
            fail_msg("%s: it should %s that something is left out:\n%s", name, says ? "say" : "not say", c.text);
    }
}

static void a_small_file_costs_little(void **state)
{
    const struct shape *shape = *state;
    check_uses(shape->name, shape->says, shape->tries);
}

static void many_segments_cost_little(void **state)
{
    (void)state;
    check_uses("segments", false, 5);
}

/* --- snapshots ----------------------------------------------------------------------------------------------------- */

/* One slice of `n` bytes, without a seal. */
static double forge_snapshot(struct forge *f, uint64_t step, const char *bytes, size_t n)
{
    char name[FOLDER_NAME_MAX], path[400];
    struct record r = { .type = RECORD_SLICE, .first_step = step, .last_step = step };
    memcpy(r.session, f->next.session, sizeof r.session);
    buf_clear(&f->out);
    assert_int_equal(record_encode(f->coder, &r, &(const struct record_body){ .data = bytes, .n = n }, &f->out, NULL), 0);
    folder_snapshot_name(step, 0, name);
    snprintf(path, sizeof path, "%s/%s", f->dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0 && write(fd, f->out.data, f->out.len) == (ssize_t)f->out.len);
    close(fd);
    return (double)f->out.len;
}

/* A few hundred bytes that decode to 4 MiB of zeros, or to a header of a hundred thousand numbers: `verify` gives up on them. */
static void snapshots_that_are_bombs_cost_little(void **state)
{
    (void)state;
    struct forge f = forge_new(root, "bombs");
    double size = 0;
    char *numbers = list("a", "0", 400000), *zeros = calloc(1, RECORD_SLICE_MAX), *json = malloc(RECORD_SLICE_MAX);
    size_t n = (size_t)snprintf(json + 8, RECORD_SLICE_MAX - 8, "{%s}", numbers);
    store_u64((uint8_t *)json, n);
    begin_segment(&f);
    say(&f, "note", 1, "");
    end_segment(&f);
    for (uint64_t i = 0; i < 200; i++)
        size += i % 2 ? forge_snapshot(&f, i, json, n + 8) : forge_snapshot(&f, i, zeros, RECORD_SLICE_MAX);
    struct cost idle = idle_cost(), c = measure("verify bombs");
    assert_int_equal(c.code, 3);
    check_cost("verify bombs", &c, &idle, size);
    free(numbers);
    free(zeros);
    free(json);
    forge_release(&f);
}

/* --- the honest ---------------------------------------------------------------------------------------------------- */

/* One evaluation of 100 classes, 50 images each: as varied as matrices are. */
static void say_evaluation(struct forge *f, uint64_t step, struct buf *rest, uint32_t *x)
{
    buf_clear(rest);
    buf_addf(rest, "\"ep\":%llu,\"split\":\"test\",\"acc\":50,\"cls\":[50", (unsigned long long)step / 97);
    for (int i = 1; i < 100; i++)
        buf_addf(rest, ",%u", (unsigned)i);
    buf_adds(rest, "],\"conf\":[1");
    for (int i = 1; i < 10000; i++) {
        *x = *x * 1664525u + 1013904223u;
        buf_addf(rest, ",%u", *x >> 30 ? 0 : *x >> 24);
    }
    buf_adds(rest, "]");
    say(f, "epoch", step, rest->data);
}

/* 200 epochs of CIFAR-100: nothing is left out, and going back to any moment is quick. */
static void a_long_run_is_read_whole(void **state)
{
    (void)state;
    enum { EPOCHS = 200, STEPS = 97 };
    struct forge f = forge_new(root, "long");
    struct buf rest = { 0 };
    uint32_t x = 1;
    begin_segment(&f);
    char *names = list("classes", "\"c\"", 100);
    buf_addf(&rest, "%s,\"steps\":%d", names, STEPS);
    say(&f, "data", 0, rest.data);
    free(names);
    for (uint64_t step = 1; step <= EPOCHS * STEPS; step++) {
        char text[120];
        x = x * 1664525u + 1013904223u;
        snprintf(text, sizeof text, "\"loss\":%.9g,\"acc\":0.5,\"gn\":%.9g,\"lr\":0.1,\"ms\":12", (double)x * 1e-9, (double)(x >> 8) * 1e-6);
        say(&f, "step", step, text);
        if (step % STEPS == 0)
            say_evaluation(&f, step, &rest, &x);
    }
    end_segment(&f);
    buf_release(&rest);
    struct recording *r = recording_open(f.dir, NULL);
    assert_non_null(r);
    assert_null(recording_damage(r, NULL));
    assert_int_equal(recording_count(r), 2 + EPOCHS * (STEPS + 1));
    struct history h;
    history_init(&h);
    const uint64_t from = clock_thread_ns();
    for (size_t i = 0; i < recording_count(r); i++)
        history_fold(&h, recording_event(r, i));
    const double seconds = 1e-9 * (double)(clock_thread_ns() - from);
    print_message("folding %d steps and %d evaluations: %.1f ms\n", EPOCHS * STEPS, EPOCHS, 1e3 * seconds);
    assert_true(seconds < 0.05 * SLOWER);
    assert_int_equal(h.n_eval, EPOCHS);
    for (size_t i = 0; i < h.n_eval; i++)
        assert_true(h.eval[i].conf && h.eval[i].conf[0] == 1 && h.eval[i].cls[99] == 99);
    history_release(&h);
    recording_close(r);
    struct cost idle = idle_cost(), c = measure("-c replay long; seek 3; seek end");
    assert_int_equal(c.code, 0);
    check_cost("replay long; seek", &c, &idle, size_of("long"));
    forge_release(&f);
}

/* --- resume -------------------------------------------------------------------------------------------------------- */

/* A copy of the run "base" that says it was going on, and then what `make` says. */
static void forge_run(const char *name, void (*make)(struct forge *f))
{
    char command[700];
    struct journal j;
    snprintf(command, sizeof command, "rm -rf %s/%s.saddle && cp -r %s/base.saddle %s/%s.saddle && rmdir %s/x.saddle", root, name, root, root, name,
             root);
    struct forge f = forge_new(root, "x");
    snprintf(f.dir, sizeof f.dir, "%s/%s.saddle", root, name);
    assert_int_equal(system(command), 0);
    int fd = open(f.dir, O_RDONLY | O_DIRECTORY);
    journal_init(&j, &(struct place){ .fd = fd }, NULL);
    assert_true(fd >= 0 && journal_follow(&j, NULL) == 0 && j.last_q > 0);
    memcpy(f.next.session, j.id, sizeof j.id);
    f.q = (uint64_t)j.last_q + 1;
    f.segment = j.segment;
    begin_segment(&f);
    say(&f, "state", j.last_step, "\"state\":\"training\"");
    if (make)
        make(&f);
    end_segment(&f);
    journal_release(&j);
    close(fd);
    forge_release(&f);
}

/* A resume changes its run, so one that seems to be late is forged anew and resumed again: as in measure(), the quickest counts. */
static struct cost resume_forged(const char *name, void (*make)(struct forge *f), double *size)
{
    struct cost best = { .seconds = INFINITY };
    char words[100];
    snprintf(words, sizeof words, "-c resume %s", name);
    for (int i = 0; i < 3 && best.seconds > 0.5; i++) {
        forge_run(name, make);
        *size = size_of(name);
        struct cost again = measure(words);
        best = again.seconds < best.seconds ? again : best;
    }
    return best;
}

/* It is gone on with, or refused in one line; never for more than the promise, beside what the honest run takes. */
static void a_forged_run_is_cheap_to_resume(void **state)
{
    (void)state;
    static const struct {
        const char *name, *says;
        void (*make)(struct forge *f);
        int code;
    } runs[] = {
        { "far", "gap from step 4 to 999999999", say_far_step_of_a_run, 0 },
        { "noted", "", say_notes, 0 },
        { "bomb", "decode to more than", say_matrices, 0 },
        { "measured", "not all of the recording is read", say_short_evaluations, 3 },
        { "commanded", "more than 2048 commands", say_many_commands, 3 },
    };
    struct cost c = measure("-c data demo; model resnet8; set batch 8; set eval_every 0; set hessian_every 0; unwatch; train --steps 6 --name base --paused; stop --yes at step 3; resume");
    if (c.code != 0)
        fail_msg("%s", c.text);
    double size;
    struct cost honest = resume_forged("honest", NULL, &size);
    if (honest.code != 0)
        fail_msg("%s", honest.text);
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        char words[100];
        snprintf(words, sizeof words, "-c resume %s", runs[i].name);
        c = resume_forged(runs[i].name, runs[i].make, &size);
        check_cost(words, &c, &honest, size);
        if (c.code != runs[i].code || !strstr(c.text, runs[i].says))
            fail_msg("%s: exit %d instead of %d, or nothing of '%s':\n%s", words, c.code, runs[i].code, runs[i].says, c.text);
    }
}

/* All of them in one folder: each is only glanced at. */
static void a_list_of_them_is_quick(void **state)
{
    (void)state;
    struct cost idle = idle_cost(), c = measure("-c sessions");
    assert_int_equal(c.code, 0);
    check_cost("sessions", &c, &idle, (double)SHAPES * (1 << 19));
}

int main(void)
{
    struct CMUnitTest tests[SHAPES + 5];
    size_t n = 0;
    for (; n < SHAPES; n++)
        tests[n] = (struct CMUnitTest){ .name = shapes[n].name, .test_func = a_small_file_costs_little,
                                        .initial_state = (void *)(uintptr_t)&shapes[n] };
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(many_segments_cost_little);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(snapshots_that_are_bombs_cost_little);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_long_run_is_read_whole);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_forged_run_is_cheap_to_resume);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_list_of_them_is_quick);
    return cmocka_run_group_tests_name("fault/hostile", tests, make_all, remove_all);
}
