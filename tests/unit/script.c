/* The text of a stranger's recording, in a script and in log lines: quoted, replaced or named as missing, never more than one word. */
#include "config.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "engine/knobs.h"
#include "engine/run/trainer.h"
#include "repl/commands.h"
#include "repl/headless.h"
#include "repl/script.h"
#include "session/history.h"
#include "session/session.h"
#include "session_root.h"

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char *const hostile[] = {
    "x\necho pwned", "x\r\necho pwned", "\x1b]0;title\x07", "\x1b[2J", "a\x07", "\xc2\x9b" "31m", "\xe2\x80\xae" "evil", "\xe2\x80\x8b",
    "\"; echo pwned; \"", "'; echo pwned; '", "\\", "a\\\"; echo pwned", "$(touch pwned)", "`touch pwned`", "a;echo pwned", "# a", "--force",
    "at step 3", "at", "~/x", "a b", "", "\xff\xfe", "load weights /etc/passwd",
};
enum { N_HOSTILE = sizeof hostile / sizeof *hostile };

static struct event *config_event(const char *name, const char *const *pairs, uint32_t n, const char *weights)
{
    struct event *e = event_new(EVENT_CONFIG, 0);
    event_set_str(e, EV_CONFIG_NAME, name);
    event_set_strs(e, EV_CONFIG_KNOBS, pairs, n);
    event_set_str(e, EV_CONFIG_WEIGHTS, weights);
    return e;
}

static struct event *set_event(uint64_t step, const char *key, const char *value, const char *text)
{
    struct event *e = event_new(EVENT_CMD, step);
    event_set_str(e, EV_CMD_OP, "set");
    event_set_str(e, EV_CMD_KEY, key);
    event_set_str(e, EV_CMD_VALUE, value);
    event_set_str(e, EV_CMD_TXT, text);
    event_set_str(e, EV_CMD_BY, "user");
    return e;
}

static struct event *watch_event(const char *text)
{
    struct event *e = event_new(EVENT_CMD, 0);
    event_set_str(e, EV_CMD_OP, "watch");
    event_set_str(e, EV_CMD_TXT, text);
    event_set_str(e, EV_CMD_BY, "user");
    return e;
}

/* The script of a recording of these events. */
static char *script_of(struct event *const *event, int n)
{
    static int number;
    char name[32], *text = NULL;
    size_t size;
    struct err err = { 0 };
    snprintf(name, sizeof name, "s%d", ++number);
    struct session *s = session_create(root, name, NULL, &err);
    assert_non_null(s);
    char dir[1024];
    snprintf(dir, sizeof dir, "%s", session_dir(s));
    struct event_sink sink = session_sink(s);
    for (int i = 0; i < n; i++)
        send_event(&sink, event[i]);
    assert_int_equal(session_close(s, "done", &err), 0);
    struct recording *r = recording_open(dir, &err);
    assert_non_null(r);
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(script_put(out, r, &err), 0);
    fclose(out);
    recording_close(r);
    return text;
}

/* Only commands that a script of a run has, each with words its grammar takes; only `set` of known knobs. Returns how many. */
static int check_script(const char *text, int *sets)
{
    static const char *const verbs[] = { "data", "unwatch", "set", "load", "watch", "train", "stage", "resume" };
    struct lexed l;
    struct err err = { 0 };
    struct call *c = malloc(sizeof *c);
    int at, n;
    char *safe = malloc(3 * strlen(text) + 1), *copy = strdup(text);
    for (char *p = copy; *p; p++)
        *p = *p == '\n' ? ' ' : *p;
    text_safe(copy, safe, 3 * strlen(text) + 1);
    assert_string_equal(safe, copy); /* nothing but newlines steers */
    free(copy);
    free(safe);
    assert_int_equal(lex_line(text, &l, &at, &err), 0);
    *sets = 0;
    for (int i = 0; i < l.n_commands; i++) {
        const struct word *w = &l.word[l.command[i].first];
        bool known = false;
        for (size_t v = 0; v < sizeof verbs / sizeof *verbs; v++)
            known |= strcmp(verbs[v], w->text) == 0;
        if (!known)
            fail_msg("'%s' in the script\n%s", w->text, text);
        const struct command_info *info = command_find(w->text, false, &err);
        if (call_parse(c, info, w, l.command[i].n, &err) < 0)
            fail_msg("%s: %s in\n%s", w->text, err.text, text);
        if (strcmp(w->text, "set") == 0) {
            char value[KNOB_TEXT_MAX];
            struct knob_value v;
            int id = knob_find(c->word[0].text, &err);
            assert_true(id >= 0 && knob_recorded((enum knob_id)id));
            call_join(c, 1, value, sizeof value);
            assert_int_equal(knob_parse((enum knob_id)id, value, &v, &err), 0);
            ++*sets;
        }
    }
    n = l.n_commands;
    lex_release(&l);
    free(c);
    return n;
}

static void a_run_becomes_its_commands(void **state)
{
    (void)state;
    static const char *const pairs[] = { "data=cifar10", "imbalance=exp", "beta=50", "lr=0.05@0 0.1@5", "momentum=0.8", "threads=7", "data_path=/home/me" };
    struct event *data = data_event(10);
    event_set_str(data, EV_DATA_SHA256, HASH);
    struct event *const events[] = { config_event("mine", pairs, 7, HASH), data, watch_event("wat tail every 5"),
                                     set_event(0, "rho", "0.3", ""), step_event(1, 2.0), set_event(1, "lr", "0.2@0", ""), step_event(2, 1.5) };
    char *text = script_of(events, 7);
    assert_string_equal(text, "# needs: the images with this SHA-256 (where 'data' does not find them, add --root DIR): " HASH
                              "; the weights it began with, with this SHA-256 (where 'load' does not find them, write FILE behind 'load weights'): " HASH
                              "\n# repeats mine; run it with: saddle run FILE\n"
                              "data cifar10-lt --beta 50 --sha256 " HASH "\n"
                              "set lr \"0.05@0 0.1@5\"\nset momentum 0.8\nload weights --sha256 " HASH
                              "\nwatch tail every 5\nset rho 0.3\nset lr 0.2@0 at step 1 --force\ntrain --steps 2\n");
    free(text);
}

static void hostile_words_stay_words(void **state)
{
    (void)state;
    for (int i = 0; i < N_HOSTILE; i++) {
        const char *bad = hostile[i];
        char device[200], key[200], watch[200];
        int sets;
        snprintf(device, sizeof device, "device=%s", bad);
        snprintf(key, sizeof key, "%s=1", bad);
        snprintf(watch, sizeof watch, "watch %s", bad);
        const char *const pairs[] = { "data=tensors", "momentum=0.8", device, key, "groups=0-2/3-6/7-9", bad };
        struct event *data = data_event(10);
        event_set_str(data, EV_DATA_SHA256, bad);
        event_set_str(data, EV_DATA_NAME, bad);
        struct event *env = event_new(EVENT_ENV, 0);
        event_set_str(env, EV_ENV_BACKEND, bad);
        event_set_str(env, EV_ENV_BUILD, bad);
        struct event *const events[] = { config_event(bad, pairs, 6, bad), data, env, watch_event(watch), watch_event(bad),
                                         set_event(0, bad, "1", bad), set_event(1, "device", bad, bad), set_event(1, "rho", bad, bad),
                                         set_event(2, "momentum", "0.7", bad), step_event(2, 2.0), note_event(2, bad) };
        char *text = script_of(events, 11);
        int n = check_script(text, &sets);
        assert_true(sets >= 2 && n >= 4);
        assert_non_null(strstr(text, "\nset momentum 0.8\n"));
        assert_non_null(strstr(text, "\nset momentum 0.7 at step 2 --force\n"));
        assert_non_null(strstr(text, "\ntrain --steps 2\n"));
        assert_int_equal(strncmp(text, "# needs: ", 9), 0); /* an unknown key at least */
        free(text);
    }
}

static struct event *child_event(const char *parent, const char *hash)
{
    static const char *const pairs[] = { "data=cifar10", "beta=50", "momentum=0.8", "stage=lws", "stage_epochs=7", "stage_augment=off", "epochs=3", "steps=0" };
    struct event *e = config_event("mine", pairs, 8, NULL);
    e->step = 9;
    event_set_str(e, EV_CONFIG_PARENT, parent);
    event_set_str(e, EV_CONFIG_PARENT_STATE, hash);
    return e;
}

/* One that begins with another run's state has its knobs from there: its script says what may differ. */
static void a_child_becomes_its_commands(void **state)
{
    (void)state;
    struct event *early = set_event(9, "rho", "0.3", ""), *late = set_event(10, "momentum", "0.7", "");
    struct event *const events[] = { child_event("base@3", HASH), data_event(10), early, step_event(10, 2.0), late, step_event(11, 1.5) };
    char *text = script_of(events, 6);
    assert_string_equal(text, "# needs: the recorded run and epoch that it goes on from (its own script repeats it): base@3\n"
                              "# repeats mine; run it with: saddle run FILE\n"
                              "set momentum 0.8\nset steps 11\n"
                              "stage lws --from base@3 --sha256 " HASH " --epochs 7 --lr multistep:0.1,warmup=5,10:0.1,20:0.01 --wd 0.0005 --rho 0 "
                              "--sampler class-aware --norm shifted --loss ce --no-augment --paused\n"
                              "set rho 0.3\nset momentum 0.7 at step 10 --force\nresume\n");
    free(text);
    for (int i = 0; i < N_HOSTILE; i++) {
        if (!hostile[i][0])
            continue; /* it has none then */
        struct event *const bad[] = { child_event(hostile[i], hostile[i]), data_event(10), step_event(10, 2.0) };
        int sets;
        text = script_of(bad, 3);
        check_script(text, &sets);
        assert_non_null(strstr(text, "\nresume\n"));
        assert_null(strstr(text, "--from \"~/"));
        free(text);
    }
}

/* Every text of every event, in the log's line. */
static void hostile_events_are_one_line(void **state)
{
    (void)state;
    struct history h;
    history_init(&h);
    for (int kind = 0; kind < EVENT_KINDS; kind++)
        for (int i = 0; i < N_HOSTILE; i++) {
            const struct event_info *info = &event_table[kind];
            struct event *e = event_new((enum event_kind)kind, 7);
            for (int f = 0; f < info->n_fields; f++)
                if (info->field[f].type == EVENT_STR)
                    event_set_str(e, f, hostile[i]);
            struct buf line = { 0 };
            char safe[16384];
            if (log_line(&line, &h, NULL, e, true, 0)) {
                assert_false(line.failed);
                text_safe(line.data, safe, sizeof safe);
                assert_string_equal(line.data, safe);
            }
            buf_release(&line);
            event_unref(e);
        }
    history_release(&h);
}

static void a_name_is_no_other_word(void **state)
{
    (void)state;
    static const char *const classes[] = { "cat lmin=5", "dog" };
    struct history h;
    history_init(&h);
    struct event *data = data_event(10), *eig = event_new(EVENT_EIG, 1);
    event_set_strs(data, EV_DATA_CLASSES, classes, 2);
    history_fold(&h, data);
    event_set_u64(eig, EV_EIG_CLASS, 0);
    struct buf line = { 0 };
    assert_true(log_line(&line, &h, NULL, eig, true, 0));
    assert_non_null(strstr(line.data, " class=0 name=\"cat lmin=5\" "));
    buf_clear(&line);
    event_set_u64(eig, EV_EIG_CLASS, 1);
    assert_true(log_line(&line, &h, NULL, eig, true, 0));
    assert_non_null(strstr(line.data, " class=1 name=dog "));
    buf_release(&line);
    event_unref(data);
    event_unref(eig);
    history_release(&h);
}

static void quoting_is_undone_by_the_lexer(void **state)
{
    (void)state;
    for (int i = 0; i < N_HOSTILE; i++) {
        struct buf line = { 0 };
        struct lexed l;
        int at;
        if (strpbrk(hostile[i], "\n\r\x1b\x07"))
            continue;
        buf_adds(&line, "set ");
        lex_quote(&line, hostile[i]);
        assert_int_equal(lex_line(line.data, &l, &at, NULL), 0);
        assert_int_equal(l.n_commands, 1);
        assert_int_equal(l.n_words, 2);
        assert_string_equal(l.word[1].text, hostile[i]);
        lex_release(&l);
        buf_release(&line);
    }
}

/* Only a run that is recorded has a name for `saddle ctl`. */
static void a_pause_says_how_it_ends(void **state)
{
    (void)state;
    const struct trainer_status s = { .step = 7, .epoch = 0.5 };
    struct buf line = { 0 };
    log_pause(&line, "mine", &s, 0);
    assert_non_null(strstr(line.data, " event step=7 ep=0.50 PAUSED; \"saddle ctl mine resume\" goes on"));
    buf_clear(&line);
    log_pause(&line, NULL, &s, 0);
    assert_non_null(strstr(line.data, " event step=7 ep=0.50 PAUSED; 'resume' goes on"));
    buf_release(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_becomes_its_commands), cmocka_unit_test(hostile_words_stay_words), cmocka_unit_test(a_child_becomes_its_commands),
        cmocka_unit_test(hostile_events_are_one_line), cmocka_unit_test(a_name_is_no_other_word),
        cmocka_unit_test(quoting_is_undone_by_the_lexer), cmocka_unit_test(a_pause_says_how_it_ends),
    };
    return cmocka_run_group_tests_name("unit/script", tests, make_root, remove_root);
}
