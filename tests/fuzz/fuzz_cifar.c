/* Target: the files of a small CIFAR: two of training, one of tests, one of names. The first two bytes say how they are cut. */
#include "config.h"
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "engine/data/cifar.h"

enum { RECORD = 1 + CIFAR_VALUES, LONGEST = 4 };
static const struct cifar_kind kind = { .name = "small", .directory = "small-bin", .n_files = 2, .train_file = { "a.bin", "b.bin" }, .test_file = "t.bin",
                                        .names_file = "names.txt", .train_records = 1, .test_records = 2, .classes = 3, .label_bytes = 1 };
static char dir[64];

static void remove_files(void)
{
    static const char *const files[] = { "a.bin", "b.bin", "t.bin", "names.txt" };
    char path[128];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        unlink(path);
    }
    rmdir(dir);
}

static void write_file(const char *name, const uint8_t *bytes, size_t n)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    FUZZ_CHECK(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    close(fd);
}

/* Labels that are classes, so that what lies behind them is read. */
size_t fuzz_repair(uint8_t *data, size_t size, size_t room)
{
    (void)room;
    for (size_t at = 2; at < size && at < 2 + LONGEST * RECORD; at += RECORD)
        data[at] %= 3;
    if (size > 2)
        data[0] = data[1] = 0;
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dataset d = { 0 };
    struct err err = { 0 };
    if (size < 2)
        return 0;
    if (!dir[0]) {
        snprintf(dir, sizeof dir, "%s/saddle-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"); /* in memory where there is such a place */
        FUZZ_CHECK(mkdtemp(dir));
        atexit(remove_files);
    }
    const uint8_t *at = data + 2, *end = data + size;
    const size_t bytes[3] = { RECORD + data[0] % 5u, RECORD, 2 * RECORD + data[1] % 3u }; /* 0: exactly */
    static const char *const files[3] = { "a.bin", "b.bin", "t.bin" };
    for (int i = 0; i < 3; i++) {
        const size_t n = (size_t)(end - at) < bytes[i] ? (size_t)(end - at) : bytes[i];
        write_file(files[i], at, n);
        at += n;
    }
    write_file("names.txt", at, (size_t)(end - at));
    if (cifar_load(&d, &kind, dir, &err) < 0)
        FUZZ_CHECK(err.text[0]);
    else
        for (uint32_t i = 0; i < d.train.n; i++)
            FUZZ_CHECK(d.train.labels[i] >= 0 && d.train.labels[i] < 3);
    dataset_free(&d);
    return 0;
}
