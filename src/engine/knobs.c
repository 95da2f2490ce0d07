#include "config.h"
#include "engine/knobs.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/intern.h"
#include "base/number.h"
#include "base/text.h"
#include "engine/optimisers.h"
#include "engine/stages.h"

/* Row order of the macro, not of the structure: the table reads better with the default beside its range. */
#define KNOB(id, name_, alias_, type_, unit_, low_, high_, initial_, when_, choices_, help_) \
    [KNOB_##id] = { .name = name_, .alias = alias_, .unit = unit_, .initial = initial_, .choices = choices_, \
                    .help = help_, .type = KNOB_##type_, .when = KNOB_##when_, .low = low_, .high = high_ },
const struct knob_info knob_table[KNOB_COUNT] = {
#include "engine/knobs.def"
};
#undef KNOB

/* --- words near to another ----------------------------------------------------------------------------------------- */

enum { WORD_MAX = 63 };

/* Edit distance where swapping two neighbours counts once, the commonest slip of fast fingers. */
static int edit_distance(const char *a, const char *b)
{
    int rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *row = rows[2];
    int n = (int)strlen(a), m = (int)strlen(b);
    if (n > WORD_MAX || m > WORD_MAX)
        return WORD_MAX;
    for (int j = 0; j <= m; j++)
        last[j] = j;
    for (int i = 1; i <= n; i++) {
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int d = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < d)
                d = last[j] + 1;
            if (row[j - 1] + 1 < d)
                d = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < d)
                d = before[j - 2] + 1;
            row[j] = d;
        }
        int *spare = before;
        before = last, last = row, row = spare;
    }
    return last[m];
}

const char *nearest_word(const char *word, const char *const *list, int n)
{
    const char *best = NULL;
    const int len = (int)strlen(word);
    int best_distance = len > 3 ? 3 : 2; /* of a short word two letters more make any other one */
    for (int i = 0; i < n; i++) {
        int d = list[i] && list[i][0] ? strcasecmp(word, list[i]) == 0 ? 0 : edit_distance(word, list[i]) : WORD_MAX;
        if (d < best_distance && d < len) {
            best = list[i];
            best_distance = d;
        }
    }
    return best;
}

/* --- the table ----------------------------------------------------------------------------------------------------- */

int knob_find(const char *name, struct err *err)
{
    const char *words[2 * KNOB_COUNT];
    for (int i = 0; i < KNOB_COUNT; i++) {
        if (strcmp(name, knob_table[i].name) == 0 || (name[0] && strcmp(name, knob_table[i].alias) == 0))
            return i;
        words[i] = knob_table[i].name;
        words[KNOB_COUNT + i] = knob_table[i].alias;
    }
    const char *near = err ? nearest_word(name, words, 2 * KNOB_COUNT) : NULL;
    if (near)
        return err_set(err, ERR_INVALID, "unknown knob '%s'; did you mean '%s'?", name, near);
    return err_set(err, ERR_INVALID, "unknown knob '%s'; 'show' lists them", name);
}

/* Length of the i-th of the space-separated choices and where it starts, or NULL past the last. */
static const char *choice_at(const char *choices, int index, size_t *len)
{
    const char *word = choices;
    for (; *word; word += *len + strspn(word + *len, " ")) {
        *len = strcspn(word, " ");
        if (index-- == 0)
            return word;
    }
    return NULL;
}

/* Every choice is tried; those beyond MAX are not suggested. */
static int parse_enum(const struct knob_info *k, const char *text, struct knob_value *out, struct err *err)
{
    enum { MAX = 32 };
    char words[MAX][32];
    const char *list[MAX], *word;
    size_t len;
    int suggested = 0;
    for (int i = 0; (word = choice_at(k->choices, i, &len)); i++) {
        if (strlen(text) == len && strncmp(text, word, len) == 0) {
            out->num = i;
            return 0;
        }
        if (suggested < MAX) {
            snprintf(words[suggested], sizeof words[0], "%.*s", (int)len, word);
            list[suggested] = words[suggested];
            suggested++;
        }
    }
    const char *near = nearest_word(text, list, suggested);
    if (near)
        return err_set(err, ERR_INVALID, "%s: unknown value '%s'; did you mean '%s'? accepted: %s", k->name, text, near, k->choices);
    return err_set(err, ERR_INVALID, "%s: unknown value '%s'; accepted: %s", k->name, text, k->choices);
}

static int parse_num(const struct knob_info *k, const char *text, struct knob_value *out, struct err *err)
{
    char low[NUMBER_TEXT_MAX], high[NUMBER_TEXT_MAX];
    number_format(k->low, low, sizeof low);
    number_format(k->high, high, sizeof high);
    const char *kind = k->type == KNOB_INT ? "a whole number" : "a number";
    double value;
    if (!number_parse(text, &value))
        return err_set(err, ERR_INVALID, "%s: '%s' is not %s in %s..%s", k->name, text, kind, low, high);
    if (k->type == KNOB_INT && value != trunc(value))
        return err_set(err, ERR_INVALID, "%s: %s is not whole; %s..%s is accepted", k->name, text, low, high);
    if (!(k->low <= value && value <= k->high))
        return err_set(err, ERR_RANGE, "%s: %s is not in %s..%s", k->name, text, low, high);
    out->num = value == 0 ? 0 : value; /* not -0, which would be told as such */
    return 0;
}

static int parse_bool(const struct knob_info *k, const char *text, struct knob_value *out, struct err *err)
{
    bool on = strcmp(text, "on") == 0;
    if (!on && strcmp(text, "off") != 0)
        return err_set(err, ERR_INVALID, "%s: '%s' is neither on nor off", k->name, text);
    out->num = on;
    return 0;
}

static int parse_text(const struct knob_info *k, const char *text, struct knob_value *out, struct err *err)
{
    if (strlen(text) >= KNOB_TEXT_MAX)
        return err_set(err, ERR_RANGE, "%s: at most %d bytes are accepted", k->name, KNOB_TEXT_MAX - 1);
    for (const char *c = text; *c; c++)
        if (iscntrl((unsigned char)*c))
            return err_set(err, ERR_INVALID, "%s: control characters are not accepted", k->name);
    out->text = intern(text, strlen(text) + 1);
    return out->text ? 0 : err_set(err, ERR_MEMORY, "%s: no memory for the text", k->name);
}

/* Field by field into zeros: what lies between the fields counts when two are compared. */
static const struct schedule *keep_schedule(const struct schedule *s)
{
    struct schedule plain;
    memset(&plain, 0, sizeof plain);
    plain.kind = s->kind;
    plain.base = s->base;
    plain.end = s->end;
    plain.over = s->over;
    plain.warmup = s->warmup;
    plain.n = s->n;
    memcpy(plain.at, s->at, (size_t)s->n * sizeof *s->at);
    memcpy(plain.value, s->value, (size_t)s->n * sizeof *s->value);
    return intern(&plain, sizeof plain);
}

static int parse_schedule(enum knob_id id, const char *text, struct knob_value *out, struct err *err)
{
    const struct knob_info *k = &knob_table[id];
    struct schedule s;
    if (schedule_parse(&s, text, k->low, k->high, err) < 0)
        return err_prefix(err, "%s", k->name);
    if (s.kind == SCHEDULE_SAME && id != KNOB_RHO_DRW)
        return err_set(err, ERR_INVALID, "%s: '=' is for rho_drw only (as rho)", k->name);
    if (s.kind == SCHEDULE_AUTO && id != KNOB_RHO)
        return err_set(err, ERR_INVALID, "%s: 'auto' is for rho only", k->name);
    out->schedule = keep_schedule(&s);
    return out->schedule ? 0 : err_set(err, ERR_MEMORY, "%s: no memory for the schedule", k->name);
}

int knob_parse(enum knob_id id, const char *text, struct knob_value *out, struct err *err)
{
    const struct knob_info *k = &knob_table[id];
    struct knob_value made = { 0 };
    int failed = -1;
    switch (k->type) {
    case KNOB_FLOAT:
    case KNOB_INT:
        failed = parse_num(k, text, &made, err);
        break;
    case KNOB_BOOL:
        failed = parse_bool(k, text, &made, err);
        break;
    case KNOB_ENUM:
        failed = parse_enum(k, text, &made, err);
        break;
    case KNOB_SCHEDULE:
        failed = parse_schedule(id, text, &made, err);
        break;
    case KNOB_TEXT:
        failed = parse_text(k, text, &made, err);
        break;
    }
    if (failed)
        return -1;
    *out = made;
    return 0;
}

static void format_choice(const struct knob_info *k, double num, char *out, size_t size)
{
    size_t len = 0;
    const char *word = choice_at(k->choices, (int)num, &len);
    snprintf(out, size, "%.*s", (int)len, word ? word : "");
}

static const struct schedule *schedule_of(const struct knob_value *value)
{
    static const struct schedule zero;
    return value->schedule ? value->schedule : &zero;
}

void knob_format(enum knob_id id, const struct knob_value *value, char *out, size_t size)
{
    const struct knob_info *k = &knob_table[id];
    switch (k->type) {
    case KNOB_FLOAT:
    case KNOB_INT:
        number_format(value->num, out, size);
        break;
    case KNOB_BOOL:
        snprintf(out, size, "%s", value->num != 0 ? "on" : "off");
        break;
    case KNOB_ENUM:
        format_choice(k, value->num, out, size);
        break;
    case KNOB_SCHEDULE:
        schedule_format(schedule_of(value), out, size);
        break;
    case KNOB_TEXT:
        snprintf(out, size, "%s", value->text ? value->text : "");
        break;
    }
}

/* --- a set of values ----------------------------------------------------------------------------------------------- */

/* Says where on this machine something lies. */
static bool knob_is_place(enum knob_id id)
{
    return id == KNOB_DATA_PATH || id == KNOB_LIST_ROOT || id == KNOB_LIST_TEST || id == KNOB_LIST_VAL || id == KNOB_LIST_NAMES;
}

bool knob_of_machine(enum knob_id id)
{
    return id == KNOB_DEVICE || id == KNOB_THREADS || knob_is_place(id);
}

bool knob_recorded(enum knob_id id)
{
    return knob_table[id].when != KNOB_SCREEN && !knob_is_place(id);
}

void knobs_init(struct knobs *k)
{
    memset(k, 0, sizeof *k);
    for (int i = 0; i < KNOB_COUNT; i++)
        (void)knob_parse((enum knob_id)i, knob_table[i].initial, &k->v[i], NULL); /* tests/unit/knobs reads every row */
}

int knob_factor(enum knob_id id, const char *text, double *factor, struct err *err)
{
    const enum knob_type type = knob_table[id].type;
    const bool divides = text[0] == '/', number = type == KNOB_FLOAT || type == KNOB_INT || type == KNOB_SCHEDULE;
    double by;
    if (type == KNOB_TEXT || (!divides && !(text[0] == 'x' && strchr("0123456789.", text[1]) && text[1])))
        return 0;
    if (!number)
        return err_set(err, ERR_INVALID, "%s is no number, so '%s' means nothing for it", knob_table[id].name, text);
    if (!number_parse(text + 1, &by) || by <= 0 || by > 1e6)
        return err_set(err, ERR_RANGE, "%s '%s': /2 and x1.5 are accepted, of numbers above 0 up to 1000000", knob_table[id].name, text);
    *factor = divides ? 1 / by : by;
    return 1;
}

int knob_scale(enum knob_id id, const struct knob_value *from, double factor, struct knob_value *out, struct err *err)
{
    char text[KNOB_TEXT_MAX];
    struct schedule s;
    struct knob_value scaled = { .num = 0 };
    if (knob_table[id].type == KNOB_SCHEDULE) {
        s = *schedule_of(from);
        if (schedule_scale(&s, factor, err) < 0)
            return err_prefix(err, "%s", knob_table[id].name);
        scaled.schedule = &s;
    } else
        scaled.num = number_scaled(from->num, factor);
    knob_format(id, &scaled, text, sizeof text);
    return knob_parse(id, text, out, err);
}

int knobs_set(struct knobs *k, const char *name, const char *text, struct err *err)
{
    int id = knob_find(name, err);
    return id < 0 ? -1 : knob_parse((enum knob_id)id, text, &k->v[id], err);
}

/* --- as recorded --------------------------------------------------------------------------------------------------- */

/* Nobody ever read it: `classes` is the knob. */
static const char gone[] = "tensor_classes";

static int read_pair(struct knobs *k, const char *pair, bool *older, struct err *err)
{
    char name[64];
    const char *value = pair ? strchr(pair, '=') : NULL;
    if (!value || value - pair >= (long)sizeof name)
        return err_set(err, ERR_DATA, "recorded setting '%.60s' is damaged", pair ? pair : "");
    snprintf(name, sizeof name, "%.*s", (int)(value - pair), pair);
    if (strcmp(name, gone) == 0) {
        *older = true;
        return 0;
    }
    int id = knob_find(name, NULL);
    if (id < 0)
        return err_set(err, ERR_DATA, "the recording sets '%s', which this version does not know", name);
    if (!knob_recorded((enum knob_id)id)) /* data_path in a recording of before: a path of another machine, perhaps */
        return 0;
    return knob_parse((enum knob_id)id, value + 1, &k->v[id], err);
}

int knobs_read(struct knobs *k, const char *const *pairs, size_t n, struct err *err)
{
    bool older = false;
    for (size_t i = 0; i < n; i++)
        if (read_pair(k, pairs[i], &older, err) < 0)
            return -1;
    if (older && knob_is(k, KNOB_RESAMPLE, "on") && knob_num(k, KNOB_BETA_EN) != 0.9999) /* it drew by 0.9999 all the same */
        return knob_parse(KNOB_RESAMPLE, "fixed", &k->v[KNOB_RESAMPLE], err);
    return 0;
}

char **knobs_texts(const struct knobs *k)
{
    char **texts = calloc(KNOB_COUNT + 1, sizeof *texts), value[KNOB_TEXT_MAX], text[KNOB_TEXT_MAX + 64];
    int n = 0;
    for (int i = 0; texts && i < KNOB_COUNT; i++) {
        if (!knob_recorded((enum knob_id)i))
            continue;
        knob_format((enum knob_id)i, &k->v[i], value, sizeof value);
        snprintf(text, sizeof text, "%s=%s", knob_table[i].name, value);
        if (!(texts[n++] = strdup(text))) {
            texts_free(texts);
            return NULL;
        }
    }
    return texts;
}

/* --- values -------------------------------------------------------------------------------------------------------- */

double knob_num(const struct knobs *k, enum knob_id id)
{
    return k->v[id].num;
}

long knob_int(const struct knobs *k, enum knob_id id)
{
    return (long)k->v[id].num;
}

bool knob_on(const struct knobs *k, enum knob_id id)
{
    return k->v[id].num != 0;
}

const char *knob_text(const struct knobs *k, enum knob_id id)
{
    const char *text = k->v[id].text;
    return text ? text : "";
}

const struct schedule *knob_schedule(const struct knobs *k, enum knob_id id)
{
    return schedule_of(&k->v[id]);
}

const char *knob_choice(const struct knobs *k, enum knob_id id, char *out, size_t size)
{
    format_choice(&knob_table[id], k->v[id].num, out, size);
    return out;
}

bool knob_is(const struct knobs *k, enum knob_id id, const char *word)
{
    size_t len = 0;
    const char *chosen = choice_at(knob_table[id].choices, (int)k->v[id].num, &len);
    return chosen && strlen(word) == len && memcmp(chosen, word, len) == 0;
}
