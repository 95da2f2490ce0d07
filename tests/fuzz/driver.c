/* Runs a fuzz target without a fuzzer: every file of the corpus, then random mutations of them, with checksums repaired in
 * half of the cases, for SADDLE_FUZZ_RUNS inputs or SADDLE_FUZZ_SECONDS (1). Same seed, same inputs. An input that ends the program is left in
 * the file TARGET-finding. */
#include "config.h"
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { ROOM = 1 << 16 };

struct corpus_file {
    uint8_t *bytes;
    size_t n;
};
static struct corpus_file *corpus;
static int n_corpus;
static uint32_t seed = 12345;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(seed ^ seed >> 16) * below >> 32);
}

static void load(const char *dir)
{
    static uint8_t bytes[ROOM];
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        FILE *f = e->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (!f)
            continue;
        const size_t n = fread(bytes, 1, ROOM, f);
        fclose(f);
        corpus = realloc(corpus, (size_t)(n_corpus + 1) * sizeof *corpus);
        FUZZ_CHECK(corpus);
        corpus[n_corpus] = (struct corpus_file){ malloc(n + 1), n };
        FUZZ_CHECK(corpus[n_corpus].bytes);
        memcpy(corpus[n_corpus++].bytes, bytes, n);
    }
    if (d)
        closedir(d);
}

/* A few random edits: flips, interesting bytes, cuts, copies within. */
static size_t mutate(uint8_t *p, size_t n)
{
    static const uint8_t interesting[] = { 0, 1, 0x7f, 0x80, 0xff, '"', '{', '[', '\\', '\n' };
    for (uint32_t edits = 1 + draw(6); edits && n; edits--) {
        uint32_t at = draw((uint32_t)n), length = 1 + draw(32);
        switch (draw(6)) {
        case 0:
            p[at] ^= (uint8_t)(1u << draw(8));
            break;
        case 1:
            p[at] = interesting[draw(sizeof interesting)];
            break;
        case 2:
            p[at] = (uint8_t)draw(256);
            break;
        case 3:
            n = draw(8) ? n : at;
            break;
        case 4: /* bytes of elsewhere */
            if (at + length <= n)
                memmove(p + at, p + draw((uint32_t)(n - length + 1)), length);
            break;
        case 5: /* grow: repeat a piece */
            if (n + length < ROOM && at + length <= n) {
                memmove(p + at + length, p + at, n - at);
                n += length;
            }
            break;
        }
    }
    return n;
}

/* --- what ends the program ---------------------------------------------------------------------------------------------- */

static char finding[256];
static const uint8_t *input;
static size_t input_bytes;

static void leave_input(int number)
{
    const int fd = open(finding, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd >= 0 && write(fd, input, input_bytes) == (ssize_t)input_bytes)
        close(fd);
    signal(number, SIG_DFL);
    raise(number);
}

static void watch_signals(const char *name)
{
    static const int fatal[] = { SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE };
    snprintf(finding, sizeof finding, "%s-finding", name);
    void (*before)(int);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if ((before = signal(fatal[i], leave_input)) != SIG_DFL) /* a sanitizer tells more */
            signal(fatal[i], before);
}

static void try_input(const uint8_t *bytes, size_t n)
{
    input = bytes;
    input_bytes = n;
    LLVMFuzzerTestOneInput(bytes, n);
}

int main(int argc, char **argv)
{
    static uint8_t bytes[ROOM];
    const char *runs = getenv("SADDLE_FUZZ_RUNS"), *seconds = getenv("SADDLE_FUZZ_SECONDS"), *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0], *src = getenv("srcdir");
    char dir[1024];
    if (strncmp(name, "lt-", 3) == 0)
        name += 3;
    snprintf(dir, sizeof dir, "%s/tests/fuzz/corpus/%s", src ? src : ".", name);
    load(argc > 1 ? argv[1] : dir);
    if (n_corpus == 0) {
        fprintf(stderr, "%s: no corpus in %s\n", name, argc > 1 ? argv[1] : dir);
        return 1;
    }
    watch_signals(name);
    for (int i = 0; i < n_corpus; i++)
        try_input(corpus[i].bytes, corpus[i].n);
    uint64_t until = clock_now_ns() + (seconds ? strtoull(seconds, NULL, 10) : 1) * 1000000000u, n = 0, limit = runs ? strtoull(runs, NULL, 10) : UINT64_MAX;
    for (; n < limit && (runs || n % 64 || clock_now_ns() < until); n++) {
        const struct corpus_file *from = &corpus[draw((uint32_t)n_corpus)];
        memcpy(bytes, from->bytes, from->n);
        size_t size = mutate(bytes, from->n);
        if (draw(2))
            size = fuzz_repair(bytes, size, ROOM);
        try_input(bytes, size);
    }
    printf("%s: %d files, %llu mutations, no finding\n", name, n_corpus, (unsigned long long)n);
    return 0;
}
