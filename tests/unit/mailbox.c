/* What looking into the inbox of a run costs when there is nothing in it: calls, and processor time. The clock has no say in it, so a busy machine does
 * not either. And whom it is taken from. */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "session/io.h"
#include "session/mailbox.h"
#include "session_root.h"

/* --- calls --------------------------------------------------------------------------------------------------------- */

static int calls;

static int counted_openat(int dir_fd, const char *name, int flags, mode_t mode)
{
    calls++;
    return io_system.openat(dir_fd, name, flags, mode);
}

static int counted_close(int fd)
{
    calls++;
    return io_system.close(fd);
}

static int counted_fstat(int fd, struct stat *out)
{
    calls++;
    return io_system.fstat(fd, out);
}

static int counted_unlinkat(int dir_fd, const char *name, int flags)
{
    calls++;
    return io_system.unlinkat(dir_fd, name, flags);
}

static int look(const char *dir)
{
    struct letter letter;
    struct mail_refused refused;
    struct err err = { 0 };
    const int n = mail_take(dir, &letter, 1, &refused, &err);
    if (n < 0)
        fail_msg("%s", err.text);
    assert_int_equal(refused.n, 0);
    return n;
}

static int calls_of_a_look(const char *dir)
{
    struct io counted = io_system;
    counted.openat = counted_openat;
    counted.close = counted_close;
    counted.fstat = counted_fstat;
    counted.unlinkat = counted_unlinkat;
    calls = 0;
    io = &counted;
    assert_int_equal(look(dir), 0);
    io = &io_system;
    return calls;
}

/* --- processor time ------------------------------------------------------------------------------------------------ */

enum { LOOKS = 2000, LOOKS_A_SECOND = 3 }; /* the program looks every 0.4 s */

/* Of one look, in nanoseconds: user and system. */
static double cost_of_a_look(const char *dir)
{
    struct timespec from, to;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (int i = 0; i < LOOKS; i++)
        assert_int_equal(look(dir), 0);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / LOOKS;
}

/* A fiftieth of what would slow training down by 0.5 % if the machine had one processor. */
static void assert_cheap(const char *what, const char *dir, int most_calls)
{
    const int n = calls_of_a_look(dir);
    const double ns = cost_of_a_look(dir), share = ns * LOOKS_A_SECOND / 1e9;
    print_message("# %s: %d calls, %.1f us of a processor, %.5f %% of one at %d looks a second\n", what, n, ns / 1000, 100 * share, LOOKS_A_SECOND);
    assert_in_range(n, 1, most_calls);
    assert_true(share < 0.005 / 50);
}

static void test_costs(void **state)
{
    (void)state;
    char dir[1024], inbox[1100];
    struct err err = { 0 };
    struct letter letter;
    close_session(create("quiet"));
    at("quiet", dir);
    snprintf(inbox, sizeof inbox, "%s/inbox", dir);
    assert_cheap("no inbox", dir, 3);
    assert_int_equal(mkdir(inbox, 0700), 0);
    assert_cheap("an empty one", dir, 6);
    if (mail_send(dir, "set rho .5", &letter, &err) < 0) /* and it is the inbox that was looked into */
        fail_msg("%s", err.text);
    assert_int_equal(look(dir), 1);
}

/* --- who else may write -------------------------------------------------------------------------------------------- */

/* Nothing is taken where the group alone or others alone might have written it. */
static void test_other_writers(void **state)
{
    (void)state;
    static const mode_t good[] = { 0600, 0644, 0400 }, bad[] = { 0620, 0602, 0622 };
    char dir[1024], inbox[1100], name[1200];
    struct err err = { 0 };
    struct letter sent, taken;
    struct mail_refused refused;
    close_session(create("guarded"));
    at("guarded", dir);
    snprintf(inbox, sizeof inbox, "%s/inbox", dir);
    for (int i = 0; i < 6; i++) {
        const bool trusted = i < 3;
        assert_int_equal(mail_send(dir, "set rho .5", &sent, &err), 0);
        snprintf(name, sizeof name, "%s/cmd-%06d", inbox, sent.number);
        assert_int_equal(chmod(name, trusted ? good[i] : bad[i - 3]), 0);
        assert_int_equal(mail_take(dir, &taken, 1, &refused, &err), trusted);
        assert_int_equal(refused.n, !trusted);
        if (!trusted)
            assert_non_null(strstr(refused.first, "can be written by others"));
        assert_int_equal(access(name, F_OK), -1);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(mail_send(dir, "set rho .5", &sent, &err), 0);
        assert_int_equal(chmod(inbox, bad[i] | 0110), 0);
        assert_int_equal(mail_take(dir, &taken, 1, &refused, &err), -1);
        assert_non_null(strstr(err.text, "folder inbox can be written by others"));
        assert_int_equal(chmod(inbox, 0700), 0);
        assert_int_equal(mail_take(dir, &taken, 1, &refused, &err), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_costs), cmocka_unit_test(test_other_writers) };
    return cmocka_run_group_tests_name("unit/mailbox", tests, make_root, remove_root);
}
