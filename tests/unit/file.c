/* base/file: a file is there whole or not at all, and what somebody else has is left alone. */
#include "config.h"
#include "check.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"

static int enter(void **state)
{
    static char dir[] = "/tmp/saddle-file-XXXXXX";
    (void)state;
    return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    char dir[256], command[300];
    (void)state;
    if (!getcwd(dir, sizeof dir) || chdir("/") != 0)
        return -1;
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static int put(void *ctx, FILE *out, struct err *err)
{
    (void)err;
    fputs(ctx, out);
    return 0;
}

static void make(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void holds(const char *path, const char *text)
{
    char got[64] = "";
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_true(fread(got, 1, sizeof got - 1, f) < sizeof got);
    fclose(f);
    assert_string_equal(got, text);
}

static unsigned mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static int entries(void)
{
    int n = 0;
    DIR *d = opendir(".");
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static void refused(const char *path, bool force, file_fill *fill, enum err_code code, const char *text)
{
    struct err err = { 0 };
    int before = entries();
    assert_int_equal(file_publish(path, force, fill, "new", &err), -1);
    assert_int_equal(err.code, code);
    assert_string_equal(err.text, text);
    assert_true(entries() <= before + 1); /* the one that `fill` made itself */
}

static void test_mode(void **state)
{
    (void)state;
    mode_t before = umask(077);
    struct err err;
    assert_int_equal(file_publish("a", false, put, "text", &err), 0);
    umask(027);
    assert_int_equal(file_publish("b", false, put, "text", &err), 0);
    umask(0);
    assert_int_equal(file_replace_private("c", put, "text", &err), 0);
    umask(before);
    assert_int_equal(mode_of("a"), 0600);
    assert_int_equal(mode_of("b"), 0640);
    assert_int_equal(mode_of("c"), 0600);
    holds("a", "text");
    assert_int_equal(entries(), 3);
    unlink("a"), unlink("b"), unlink("c");
}

static void test_taken(void **state)
{
    struct err err;
    (void)state;
    make("file", "old");
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    assert_int_equal(symlink("file", "link"), 0);
    refused("file", false, put, ERR_INVALID, "'file' exists; --force replaces it");
    refused("dangling", false, put, ERR_INVALID, "'dangling' exists; --force replaces it");
    refused("link", false, put, ERR_INVALID, "'link' exists; --force replaces it");
    assert_int_equal(file_may_publish("file", false, &err), -1);
    assert_string_equal(err.text, "'file' exists; --force replaces it");
    assert_int_equal(file_may_publish("file", true, &err) + file_may_publish("new", false, &err), 0);
    holds("file", "old");
    assert_int_equal(file_publish("link", true, put, "new", &err), 0);
    holds("link", "new");
    holds("file", "old"); /* the link was replaced, not written through */
    assert_int_equal(file_publish("./file", true, put, "new", &err), 0);
    holds("file", "new");
    assert_int_equal(entries(), 3);
    unlink("file"), unlink("dangling"), unlink("link");
}

/* Somebody takes the name while we write. */
static int put_and_lose(void *ctx, FILE *out, struct err *err)
{
    make("late", "theirs");
    return put(ctx, out, err);
}

static int put_and_lose_to_link(void *ctx, FILE *out, struct err *err)
{
    assert_int_equal(symlink("nowhere", "late"), 0);
    return put(ctx, out, err);
}

static void test_meanwhile(void **state)
{
    (void)state;
    refused("late", false, put_and_lose, ERR_INVALID, "'late' exists; --force replaces it");
    holds("late", "theirs");
    unlink("late");
    refused("late", false, put_and_lose_to_link, ERR_INVALID, "'late' exists; --force replaces it");
    assert_int_equal(access("nowhere", F_OK), -1);
    unlink("late");
    assert_int_equal(entries(), 0);
}

static void test_not_files(void **state)
{
    (void)state;
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    refused("folder", true, put, ERR_INVALID, "'folder' is not a regular file and is not replaced");
    refused("pipe", true, put, ERR_INVALID, "'pipe' is not a regular file and is not replaced");
    refused("folder/", true, put, ERR_INVALID, "'folder/' names a folder, not a file");
    refused("no/file", true, put, ERR_IO, "cannot write 'no/file': No such file or directory");
    rmdir("folder"), unlink("pipe");
}

static int give_up(void *ctx, FILE *out, struct err *err)
{
    put(ctx, out, err);
    return err_set(err, ERR_DATA, "no numbers");
}

static int put_much(void *ctx, FILE *out, struct err *err)
{
    for (int i = 0; i < 100000; i++)
        put(ctx, out, err);
    return 0;
}

static void test_failures(void **state)
{
    struct rlimit before, small = { 4096, RLIM_INFINITY };
    (void)state;
    refused("a", false, give_up, ERR_DATA, "no numbers");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    refused("a", false, put_much, ERR_IO, "cannot write 'a': File too large");
    make("a", "old");
    refused("a", true, put_much, ERR_IO, "cannot write 'a': File too large");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    holds("a", "old");
    unlink("a");
    assert_int_equal(entries(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mode),      cmocka_unit_test(test_taken),    cmocka_unit_test(test_meanwhile),
        cmocka_unit_test(test_not_files), cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
