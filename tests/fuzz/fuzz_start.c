/* Target: what the program is started with. The first byte says what the rest is: a command line, a word on each line, or a saddlerc. */
#include "config.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "repl/bench.h"
#include "repl/options.h"

/* Text has no NUL. */
size_t fuzz_repair(uint8_t *data, size_t size, size_t room)
{
    (void)room;
    for (size_t i = 1; i < size; i++)
        data[i] = data[i] ? data[i] : ' ';
    return size;
}

/* --- a command line ----------------------------------------------------------------------------------------------------- */

enum { WORDS = 100 };

static bool is_word_of(const char *p, const char *text, size_t n)
{
    return p >= text && p < text + n;
}

static void check_program(const struct program *p, const char *text, size_t n)
{
    FUZZ_CHECK((int)p->action >= 0 && p->action <= ACTION_CANDIDATES);
    if (p->action < ACTION_COUNT)
        FUZZ_CHECK(p->n_arguments >= program_actions[p->action].min && p->n_arguments <= program_actions[p->action].max);
    for (int i = 0; i < p->n_arguments; i++)
        FUZZ_CHECK(is_word_of(p->argument[i], text, n));
    for (int i = 0; i < p->n_options; i++) {
        FUZZ_CHECK(is_word_of(p->option[i].name, text, n) && strncmp(p->option[i].name, "--", 2) == 0);
        FUZZ_CHECK(!p->option[i].value || is_word_of(p->option[i].value, text, n));
    }
    FUZZ_CHECK(p->threads >= 0 && p->threads <= 1024 && p->fps >= 0 && p->fps <= 30 && p->timeout >= -1 && p->timeout <= 86400);
    FUZZ_CHECK(p->n_home >= 0 && p->n_home <= 4 && (int)p->log >= 0 && p->log <= LOG_NONE);
}

static void read_arguments(char *text, size_t n)
{
    static char name[] = "saddle";
    char *words[WORDS + 2] = { name };
    int count = 1;
    struct program p;
    struct err err = { 0 };
    for (char *at = text, *end; at < text + n && count <= WORDS; at = end + 1) {
        end = at + strcspn(at, "\n");
        *end = '\0';
        words[count++] = at;
    }
    words[count] = NULL;
    if (options_parse(&p, count, words, &err) == 0)
        check_program(&p, text, n);
    else
        FUZZ_CHECK(err.text[0]);
}

/* --- a saddlerc --------------------------------------------------------------------------------------------------------- */

static char rc[64];

static void remove_rc(void)
{
    unlink(rc);
}

static void write_rc(const char *text, size_t n)
{
    int fd = -1;
    if (!rc[0]) {
        snprintf(rc, sizeof rc, "%s/saddle-fuzz-rc-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        fd = mkstemp(rc);
        atexit(remove_rc);
        close(fd);
    }
    FILE *f = fopen(rc, "w");
    FUZZ_CHECK(f && fwrite(text, 1, n, f) == n && fclose(f) == 0);
}

/* It sets and names, and does nothing else: no run, no data, no set-up; what it set holds, and reads back as it is said. */
static void read_rc(char *text, size_t n)
{
    const struct workbench_options options = { .no_record = true, .script = true };
    const struct workbench_face face = { 0 };
    struct workbench *w = workbench_new(&options, &face, NULL);
    FUZZ_CHECK(w);
    write_rc(text, n);
    (void)workbench_rc(w, rc);
    FUZZ_CHECK(!workbench_training(w) && !w->setup.any && !w->setup.data_key[0] && w->n_undo == 0 && !w->quit && !w->rc && w->depth == 0);
    for (int i = 0; i < KNOB_COUNT; i++) {
        struct knob_value again;
        char out[KNOB_TEXT_MAX];
        knob_format((enum knob_id)i, &w->setup.knobs.v[i], out, sizeof out);
        FUZZ_CHECK(!w->setup.touched[i] && !w->setup.asked[i] && knob_parse((enum knob_id)i, out, &again, NULL) == 0);
    }
    for (int i = 0; i < w->n_alias; i++)
        FUZZ_CHECK(w->alias[i].name[0] && !command_find(w->alias[i].name, false, NULL));
    workbench_free(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    char *text = malloc(size);
    FUZZ_CHECK(text);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    (data[0] % 2 ? read_rc : read_arguments)(text, size - 1);
    free(text);
    return 0;
}
