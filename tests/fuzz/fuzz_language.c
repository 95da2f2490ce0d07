/* Target: what users write. The first byte says which parser reads the rest: a line of commands, a value of a knob, a schedule, groups of classes,
 * classes of a command, text for the terminal. */
#include "config.h"
#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "engine/data/imbalance.h"
#include "engine/knobs.h"
#include "engine/schedule.h"
#include "repl/commands.h"

enum { CLASSES = 7 };

/* Text has no NUL. */
size_t fuzz_repair(uint8_t *data, size_t size, size_t room)
{
    (void)room;
    for (size_t i = 1; i < size; i++)
        data[i] = data[i] ? data[i] : ' ';
    return size;
}

/* --- a line of commands ------------------------------------------------------------------------------------------------- */

static void check_call(const struct word *words, int n, int length)
{
    static struct call c;
    struct err err = { 0 };
    const struct command_info *info = command_find(words->text, true, &err);
    FUZZ_CHECK(info || err.text[0]);
    if (!info)
        return;
    c.bad_start = c.bad_end = -1;
    err = (struct err){ 0 };
    if (call_parse(&c, info, words, n, &err) < 0) {
        FUZZ_CHECK(err.text[0] && c.bad_start <= length && c.bad_end <= length);
        return;
    }
    FUZZ_CHECK(c.n >= info->min && (info->max < 0 || c.n <= info->max) && c.n_options <= CALL_MAX_OPTIONS);
    FUZZ_CHECK(c.when.kind == AT_ONCE || isfinite(c.when.value));
    (void)call_may_be_recorded(&c);
    (void)call_names_file(&c);
}

/* A word that was quoted is read back as itself. */
static void check_quoted(const char *text)
{
    struct buf line = { 0 };
    struct lexed l;
    struct err err = { 0 };
    int at;
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return; /* no line holds such a text */
    lex_quote(&line, text);
    FUZZ_CHECK(!line.failed);
    if (lex_line(line.data, &l, &at, &err) == 0) {
        FUZZ_CHECK(l.n_words == 1 && strcmp(l.word[0].text, text) == 0);
        lex_release(&l);
    } else
        FUZZ_CHECK(line.len > LEX_MAX_BYTES);
    buf_release(&line);
}

static void read_line(const char *text)
{
    struct lexed l;
    struct err err = { 0 };
    int at = -1;
    const int length = (int)strlen(text);
    (void)lex_continues(text);
    if (lex_line(text, &l, &at, &err) < 0) {
        FUZZ_CHECK(err.text[0] && at >= 0 && at <= length);
        return;
    }
    FUZZ_CHECK(l.n_words <= LEX_MAX_WORDS);
    for (int i = 0; i < l.n_commands; i++) {
        const struct lexed_command *c = &l.command[i];
        FUZZ_CHECK(c->n > 0 && c->first + c->n <= l.n_words && c->start <= c->end && c->end <= length);
        check_call(&l.word[c->first], c->n, length);
    }
    for (int i = 0; i < l.n_words && i < 8; i++)
        check_quoted(l.word[i].text);
    lex_release(&l);
}

/* --- values ------------------------------------------------------------------------------------------------------------- */

/* What is accepted is told so that it reads back the same. */
static void read_knob(const char *text)
{
    const int id = (unsigned char)text[0] % KNOB_COUNT;
    struct knob_value v, again;
    struct err err = { 0 };
    char out[KNOB_TEXT_MAX], second[KNOB_TEXT_MAX];
    double factor = 0;
    if (!text[0])
        return;
    (void)knob_factor((enum knob_id)id, text + 1, &factor, &err);
    err = (struct err){ 0 };
    if (knob_parse((enum knob_id)id, text + 1, &v, &err) < 0) {
        FUZZ_CHECK(err.text[0]);
        return;
    }
    knob_format((enum knob_id)id, &v, out, sizeof out);
    FUZZ_CHECK(knob_parse((enum knob_id)id, out, &again, &err) == 0);
    knob_format((enum knob_id)id, &again, second, sizeof second);
    FUZZ_CHECK(strcmp(out, second) == 0);
}

static void read_schedule(const char *text)
{
    struct schedule s, again;
    struct err err = { 0 };
    char out[SCHEDULE_TEXT_MAX];
    if (schedule_parse(&s, text, 0, 100, &err) < 0) {
        FUZZ_CHECK(err.text[0]);
        return;
    }
    for (int e = 0; e < 220 && s.kind != SCHEDULE_SAME; e += 20) {
        const double value = schedule_at(&s, e, 200);
        FUZZ_CHECK(value >= 0 && value <= 100);
    }
    schedule_format(&s, out, sizeof out);
    FUZZ_CHECK(schedule_parse(&again, out, 0, 100, &err) == 0 && again.kind == s.kind && again.n == s.n);
}

/* --- classes ------------------------------------------------------------------------------------------------------------ */

static void read_groups(const char *text)
{
    static const uint32_t count[CLASSES] = { 500, 200, 100, 50, 20, 10, 5 };
    struct dataset d = { 0 };
    struct err err = { 0 };
    if (dataset_init(&d, CLASSES, &err) == 0) {
        if (imbalance_groups(&d, count, IMBALANCE_EXP, text, &err) < 0)
            FUZZ_CHECK(err.text[0]);
        else {
            int in_groups = 0;
            for (int g = 0; g < N_GROUPS; g++)
                in_groups += d.group_classes[g];
            FUZZ_CHECK(in_groups == CLASSES);
        }
    }
    dataset_free(&d);
}

static const char *name_of(const void *ctx, int i)
{
    static const char *const names[CLASSES] = { "airplane", "cat", "3", "a b", "all", "worst:2", "dog" };
    (void)ctx;
    return names[i];
}

static int group_of(const void *ctx, int i)
{
    (void)ctx;
    return i / 3;
}

static const char *group_name(const void *ctx, int g)
{
    static const char *const groups[] = { "head", "mid", "tail" };
    (void)ctx;
    return groups[g];
}

static double acc_of(const void *ctx, int i)
{
    (void)ctx;
    return i == 3 ? (double)NAN : i;
}

static void read_classes(const char *text)
{
    const struct class_names names = { CLASSES, 3, name_of, group_of, group_name, acc_of, NULL };
    bool set[CLASSES + 1] = { false };
    struct err err = { 0 };
    if (classes_parse(&names, text, set, &err) < 0)
        FUZZ_CHECK(err.text[0]);
    FUZZ_CHECK(!set[CLASSES]);
}

/* --- the terminal ------------------------------------------------------------------------------------------------------- */

/* Nothing steers it, whatever room there is, and what is safe stays as it is. */
static void make_safe(const char *text)
{
    char *safe = text_safe_copy(text), *again = safe ? text_safe_copy(safe) : NULL, small[9];
    FUZZ_CHECK(safe && again && strcmp(safe, again) == 0);
    for (const unsigned char *p = (const unsigned char *)safe; *p; p++)
        FUZZ_CHECK(*p >= 0x20 && *p != 0x7f && !(p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f));
    FUZZ_CHECK(text_safe(text, small, sizeof small) < sizeof small && strncmp(small, safe, strlen(small)) == 0);
    free(safe);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(const char *) = { read_line, read_knob, read_schedule, read_groups, read_classes, make_safe };
    if (size < 1)
        return 0;
    char *text = malloc(size);
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    readers[data[0] % (sizeof readers / sizeof *readers)](text);
    free(text);
    return 0;
}
