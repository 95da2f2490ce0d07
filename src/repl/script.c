#include "config.h"
#include "repl/script.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/text.h"
#include "engine/event.h"
#include "engine/knobs.h"
#include "engine/recorded.h"
#include "repl/commands.h"
#include "session/session.h"

enum { MAX_CARRIED = 64 };
struct script {
    struct buf needs, body; /* what the first line says is missing; the commands */
    uint64_t first, last;   /* steps: at which it begins, and made */
    bool child, fork;       /* it begins with another run's state; and goes on as that did */
    int n_carried;          /* commands that waited there, as recorded; "": cancelled */
    char carried[MAX_CARRIED][256];
};

static void add_safe(struct buf *out, const char *text)
{
    char safe[200];
    text_safe(text, safe, sizeof safe);
    buf_adds(out, safe);
}

/* Looks as it is, everywhere. */
static bool is_safe(const char *text)
{
    size_t n = strlen(text);
    char *safe = malloc(4 * n + 1);
    bool same = safe && text_safe(text, safe, 4 * n + 1) == n && strcmp(safe, text) == 0;
    free(safe);
    return same;
}

static bool is_hash(const char *text)
{
    return strlen(text) == DIGEST_HEX - 1 && strspn(text, "0123456789abcdef") == DIGEST_HEX - 1;
}

static void need(struct script *s, const char *what, const char *which)
{
    buf_adds(&s->needs, s->needs.len ? "; " : "");
    buf_adds(&s->needs, what);
    add_safe(&s->needs, which);
}

/* --- knobs --------------------------------------------------------------------------------------------------------- */

/* `value` as the knob's own text again; false when this version does not take it. */
static bool knob_value(int id, const char *value, char *out, size_t size)
{
    struct knob_value v;
    if (id < 0 || !knob_recorded((enum knob_id)id) || knob_parse((enum knob_id)id, value, &v, NULL) < 0)
        return false;
    knob_format((enum knob_id)id, &v, out, size);
    return is_safe(out);
}

static void add_set(struct script *s, int id, const char *value)
{
    buf_addf(&s->body, "set %s ", knob_table[id].name);
    lex_quote(&s->body, value);
}

/* One setting of the start, "name=value". Those of the data go into the `data` line. */
static void take_pair(struct script *s, const char *pair, struct knobs *k, bool *said)
{
    char name[64], value[KNOB_TEXT_MAX];
    const char *equals = strchr(pair, '=');
    size_t n = equals ? (size_t)(equals - pair) : 0;
    snprintf(name, sizeof name, "%.*s", (int)(n < 63 ? n : 63), pair);
    int id = n && n < sizeof name ? knob_find(name, NULL) : -1;
    if (id >= 0 && !knob_recorded((enum knob_id)id)) /* of the machine that recorded */
        return;
    if (id < 0 && knobs_read(k, &pair, 1, NULL) == 0) /* one that nothing looks at any more */
        return;
    if (id < 0 || said[id] || !knob_value(id, equals + 1, value, sizeof value)) {
        need(s, "a saddle that takes this setting: ", pair);
        return;
    }
    said[id] = true;
    knob_parse((enum knob_id)id, value, &k->v[id], NULL);
}

static bool is_of_data(int id)
{
    return id == KNOB_DATA || id == KNOB_IMBALANCE || id == KNOB_BETA || id == KNOB_SUBSET_SEED || id == KNOB_VAL || id == KNOB_VAL_FROM ||
           id == KNOB_GROUPS || id == KNOB_CLASSES;
}

static void add_option(struct script *s, const struct knobs *k, const char *option, enum knob_id id)
{
    char value[KNOB_TEXT_MAX];
    knob_format(id, &k->v[id], value, sizeof value);
    buf_addf(&s->body, " --%s ", option);
    lex_quote(&s->body, value);
}

/* --- what it is made of -------------------------------------------------------------------------------------------- */

static void add_pictures(struct script *s, const struct knobs *k)
{
    add_option(s, k, "size", KNOB_PICTURE_SIZE);
    if (knob_int(k, KNOB_PICTURE_RESIZE) > 0)
        add_option(s, k, "resize", KNOB_PICTURE_RESIZE);
    if (!knob_is(k, KNOB_PICTURE_DECODE, "exact"))
        add_option(s, k, "decode", KNOB_PICTURE_DECODE);
    add_option(s, k, "memory", KNOB_PICTURE_MEMORY); /* the hash depends on it */
    if (!knob_is(k, KNOB_PICTURE_BAD, "stop"))
        add_option(s, k, "bad", KNOB_PICTURE_BAD);
    add_option(s, k, "imb", KNOB_IMBALANCE);
}

/* `data` with the options that mean something for it, and the hash by which it is found and checked. */
static void add_data(struct script *s, const struct knobs *k, const struct event *data)
{
    struct knobs fresh;
    char kind[32];
    knobs_init(&fresh);
    knob_choice(k, KNOB_DATA, kind, sizeof kind);
    bool demo = strcmp(kind, "demo") == 0, tensors = strcmp(kind, "tensors") == 0;
    const bool pictures = strcmp(kind, "folder") == 0 || strcmp(kind, "list") == 0;
    bool none = tensors || knob_is(k, KNOB_IMBALANCE, "none"), step = knob_is(k, KNOB_IMBALANCE, "step");
    buf_addf(&s->body, "data %s%s", kind, none || pictures ? "" : step ? "-step" : demo ? "" : "-lt");
    if (pictures)
        add_pictures(s, k);
    if (demo && none)
        buf_adds(&s->body, " --imb none");
    if (!none)
        add_option(s, k, "beta", KNOB_BETA);
    if (!none && !demo && knob_num(k, KNOB_SUBSET_SEED) > 0)
        add_option(s, k, "subset_seed", KNOB_SUBSET_SEED);
    if ((tensors || pictures) && knob_int(k, KNOB_CLASSES) > 0)
        add_option(s, k, "classes", KNOB_CLASSES);
    if (knob_int(k, KNOB_VAL) > 0)
        add_option(s, k, "val", KNOB_VAL);
    if (knob_int(k, KNOB_VAL) > 0 && knob_is(k, KNOB_VAL_FROM, "unused"))
        add_option(s, k, "val-from", KNOB_VAL_FROM);
    if (strcmp(knob_text(k, KNOB_GROUPS), knob_text(&fresh, KNOB_GROUPS)) != 0)
        add_option(s, k, "groups", KNOB_GROUPS);
    const char *hash = data ? event_text(data, EV_DATA_SHA256) : "";
    if (is_hash(hash))
        buf_addf(&s->body, " --sha256 %s", hash);
    if (!demo && is_hash(hash))
        need(s, pictures ? "the pictures with this SHA-256 (where 'data' does not find them, write the folder or list behind 'data folder' or 'data list'; "
                           "--test, --val-list and --names of a list are not recorded): "
             : tensors   ? "the tensors with this SHA-256 (where 'data' does not find them, write FILE behind 'data tensors'): "
                         : "the images with this SHA-256 (where 'data' does not find them, add --root DIR): ", hash);
    else if (!demo)
        need(s, pictures ? "the folder or list of its pictures, behind 'data folder' or 'data list'" : tensors ? "the file of its tensors, behind 'data tensors'" : "the folder of its images, as 'data ... --root DIR'", "");
    buf_adds(&s->body, demo ? "\nunwatch\n" : "\n");
}

static void add_weights(struct script *s, const char *hash)
{
    if (!hash[0])
        return;
    need(s, "the weights it began with, with this SHA-256 (where 'load' does not find them, write FILE behind 'load weights'): ", hash);
    if (is_hash(hash))
        buf_addf(&s->body, "load weights --sha256 %s\n", hash);
    else
        buf_adds(&s->body, "load weights\n"); /* refuses to go on: without a hash there is nothing to look for */
}

/* --- a run that began with another one's state --- */

static const struct {
    const char *option;
    enum knob_id knob;
} stage_options[] = { { "epochs", KNOB_STAGE_EPOCHS }, { "lr", KNOB_STAGE_LR }, { "wd", KNOB_STAGE_WEIGHT_DECAY }, { "rho", KNOB_STAGE_RHO },
                      { "sampler", KNOB_STAGE_SAMPLER }, { "norm", KNOB_STAGE_NORM }, { "loss", KNOB_STAGE_LOSS } };

/* Said by the line that starts it, or by its parent. */
static bool is_of_stage(int id)
{
    bool is = id == KNOB_STAGE || id == KNOB_STAGE_AUGMENT || id == KNOB_EPOCHS || id == KNOB_STEPS;
    for (size_t i = 0; i < sizeof stage_options / sizeof *stage_options; i++)
        is |= id == (int)stage_options[i].knob;
    return is;
}

static bool is_written(const struct script *s, int id)
{
    if (s->fork)
        return false;
    return s->child ? knob_table[id].when == KNOB_LIVE && !is_of_stage(id) : !is_of_data(id) && id != KNOB_THREADS;
}

/* The state that the run goes on from, by name and by hash. Paused: changes by hand are waiting when it goes on. */
static void add_parent(struct script *s, const struct knobs *k, const struct event *config)
{
    const char *parent = event_text(config, EV_CONFIG_PARENT), *hash = event_text(config, EV_CONFIG_PARENT_STATE);
    char kind[32];
    need(s, "the recorded run and epoch that it goes on from (its own script repeats it): ", parent);
    if (!is_safe(parent) || strchr(parent, '/')) { /* no name of a recording: nothing goes on from it */
        buf_adds(&s->body, s->fork ? "fork\n" : "stage\n");
        return;
    }
    knob_choice(k, KNOB_STAGE, kind, sizeof kind);
    if (s->fork)
        buf_adds(&s->body, "fork ");
    else
        buf_addf(&s->body, "stage %s --from ", kind);
    lex_quote(&s->body, parent);
    if (is_hash(hash))
        buf_addf(&s->body, " --sha256 %s", hash);
    if (s->fork) {
        buf_addc(&s->body, '\n');
        return;
    }
    for (size_t i = 0; i < sizeof stage_options / sizeof *stage_options; i++)
        add_option(s, k, stage_options[i].option, stage_options[i].knob);
    buf_addf(&s->body, "%s --paused\n", knob_on(k, KNOB_STAGE_AUGMENT) ? "" : " --no-augment");
}

static void script_config(struct script *s, const struct event *e, const struct event *data)
{
    const struct event_field *f = &e->f[EV_CONFIG_KNOBS];
    struct knobs k, older;
    bool said[KNOB_COUNT] = { false };
    char value[KNOB_TEXT_MAX];
    knobs_init(&k);
    knobs_init(&older);
    for (uint32_t i = 0; i < f->n; i++)
        take_pair(s, f->strs[i] ? f->strs[i] : "", &k, said);
    if (said[KNOB_RESAMPLE] && knobs_read(&older, f->strs, f->n, NULL) == 0)
        k.v[KNOB_RESAMPLE] = older.v[KNOB_RESAMPLE]; /* an older `on` was another rule */
    s->first = e->step;
    s->child = event_text(e, EV_CONFIG_PARENT)[0];
    s->fork = s->child && event_text(e, EV_CONFIG_BEGAN)[0];
    if (!s->child)
        add_data(s, &k, data);
    for (int id = 0; id < KNOB_COUNT; id++) {
        if (!said[id] || !is_written(s, id))
            continue;
        knob_format((enum knob_id)id, &k.v[id], value, sizeof value);
        add_set(s, id, value);
        buf_addc(&s->body, '\n');
    }
    if (!s->child)
        add_weights(s, event_text(e, EV_CONFIG_WEIGHTS));
    else {
        if (!s->fork)
            buf_addf(&s->body, "set steps %" PRIu64 "\n", s->last);
        add_parent(s, &k, e);
    }
}

/* --- what was done to it ------------------------------------------------------------------------------------------- */

/* `watch` at the start, word by word. */
static void add_watch(struct script *s, const char *typed)
{
    struct lexed l;
    int at;
    if (!is_safe(typed) || lex_line(typed, &l, &at, NULL) < 0)
        return;
    const struct command_info *info = l.n_commands == 1 ? command_find(l.word[0].text, true, NULL) : NULL;
    if (info && l.n_words > 1 && operation_is(info->op, OP_WATCHES)) {
        buf_adds(&s->body, "watch");
        for (int i = 1; i < l.n_words; i++) {
            buf_addc(&s->body, ' ');
            lex_quote(&s->body, l.word[i].text);
        }
        buf_addc(&s->body, '\n');
    }
    lex_release(&l);
}

/* Commands that waited where a fork began wait in a repeated one too, in the same order. */
static void keep_carried(struct script *s, const char *text)
{
    if (s->n_carried < MAX_CARRIED)
        snprintf(s->carried[s->n_carried++], sizeof s->carried[0], "%s", text);
}

/* A command that was cancelled never acted: it may be cancelled at once. */
static void cancel_carried(struct script *s, const char *text)
{
    char cut[sizeof s->carried[0]];
    snprintf(cut, sizeof cut, "%s", text ? text : "");
    for (int i = 0; i < s->n_carried; i++)
        if (cut[0] && strcmp(s->carried[i], cut) == 0) {
            buf_addf(&s->body, "cancel %d\n", i + 1);
            s->carried[i][0] = '\0';
            return;
        }
}

/* A command by hand, at its step, so that it is waiting when `train` starts. */
static void take_command(struct script *s, const struct recorded *r)
{
    char value[KNOB_TEXT_MAX];
    if (s->fork && r->repeated && r->waits)
        keep_carried(s, r->text);
    if (r->repeated || r->automatic) /* `rho auto` decides again, by the same numbers */
        return;
    if (operation_is(r->op, OP_WITHDRAWS))
        cancel_carried(s, r->value);
    if (operation_is(r->op, OP_WATCHES) && r->step == s->first)
        add_watch(s, r->text);
    if (!operation_is(r->op, OP_SETS))
        return;
    if (!knob_value(r->knob, r->value ? r->value : "", value, sizeof value)) {
        need(s, "a saddle that takes this change of a setting: ", r->key);
        return;
    }
    add_set(s, r->knob, value);
    if (r->step > s->first)
        buf_addf(&s->body, " at step %" PRIu64 " --force", r->step);
    buf_addc(&s->body, '\n');
}

static void put_head(FILE *out, const struct script *s, const struct recording *r)
{
    const struct event *config = recording_first(r, EVENT_CONFIG), *env = recording_first(r, EVENT_ENV);
    struct buf head = { 0 };
    if (s->needs.len)
        buf_addf(&head, "# needs: %s\n", s->needs.data);
    buf_adds(&head, "# repeats ");
    add_safe(&head, event_text(config, EV_CONFIG_NAME));
    if (env) {
        buf_adds(&head, ", recorded on ");
        add_safe(&head, event_text(env, EV_ENV_BACKEND));
        buf_addc(&head, ' ');
        add_safe(&head, event_text(env, EV_ENV_ISA));
        buf_adds(&head, " by ");
        add_safe(&head, event_text(env, EV_ENV_BUILD));
    }
    buf_adds(&head, "; run it with: saddle run FILE\n");
    if (head.data)
        fwrite(head.data, 1, head.len, out);
    buf_release(&head);
}

/* The last step that the run made; one more than `first` when it made none, so that the script makes a run. */
static uint64_t last_step(const struct recording *r, uint64_t first)
{
    uint64_t last = first + 1;
    for (size_t i = 0; i < recording_count(r); i++) {
        const struct event *e = recording_kind(r, i) == EVENT_STEP ? recording_event(r, i) : NULL;
        last = e && e->step > last ? e->step : last;
    }
    return last;
}

int script_put(FILE *out, const struct recording *r, struct err *err)
{
    struct script s = { 0 };
    const struct event *config = recording_first(r, EVENT_CONFIG);
    if (!config)
        return err_set(err, ERR_DATA, "the recording says no configuration");
    s.last = last_step(r, config->step);
    script_config(&s, recording_first(r, EVENT_CONFIG), recording_first(r, EVENT_DATA));
    for (size_t i = 0; i < recording_count(r); i++) {
        struct recorded c;
        if (recorded_read(recording_event(r, i), &c))
            take_command(&s, &c);
    }
    if (s.child && !s.fork)
        buf_adds(&s.body, "resume\n");
    else
        buf_addf(&s.body, "train --steps %" PRIu64 "\n", s.last);
    int result = s.body.failed || s.needs.failed ? err_set(err, ERR_MEMORY, "no memory for a script") : 0;
    if (result == 0) {
        put_head(out, &s, r);
        fwrite(s.body.data, 1, s.body.len, out);
    }
    buf_release(&s.body);
    buf_release(&s.needs);
    return result;
}
