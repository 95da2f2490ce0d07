/* Completion by grammar slot: what the table says may stand at the cursor. */
#include "config.h"
#include "repl/bench.h"
#include "repl/sweep.h"
#include "repl/words.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/text.h"
#include "session/metric.h"

void completion_release(struct completion *c)
{
    for (int i = 0; i < c->n; i++) {
        if (c->show[i] != c->word[i])
            free(c->show[i]);
        free(c->word[i]);
    }
    free(c->word);
    free(c->show);
    *c = (struct completion){ 0 };
}

/* --- collecting ---------------------------------------------------------------------------------------------------- */

struct completing { /* what is completed */
    struct workbench *w;
    const char *prefix; /* the typed beginning of the word, quotes taken out */
    const char *knob;   /* the first argument: of VALUE its knob */
    struct completion *out;
    int *place;         /* [places] by hash: which words are there, from 1; 0: none */
    size_t places;
};

static bool grow_pairs(struct completion *c)
{
    if (c->n < c->cap)
        return true;
    int cap = c->cap ? 2 * c->cap : 32;
    char **word = realloc(c->word, (size_t)cap * sizeof *word);
    if (word)
        c->word = word;
    char **show = word ? realloc(c->show, (size_t)cap * sizeof *show) : NULL;
    if (!show)
        return false;
    c->show = show;
    c->cap = cap;
    return true;
}

static int *seek_place(const struct completing *x, const char *word)
{
    uint32_t hash = 2166136261u;
    for (const char *at = word; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    for (size_t i = hash & (x->places - 1);; i = (i + 1) & (x->places - 1))
        if (!x->place[i] || strcmp(x->out->word[x->place[i] - 1], word) == 0)
            return &x->place[i];
}

/* The place where a word is noted, or will be; there are thousands of runs or classes. NULL: no memory. */
static int *word_place(struct completing *x, const char *word)
{
    if (2 * (size_t)x->out->n >= x->places) {
        const size_t places = x->places ? 2 * x->places : 128;
        int *more = calloc(places, sizeof *more);
        if (!more)
            return NULL;
        free(x->place);
        x->place = more;
        x->places = places;
        for (int i = 0; i < x->out->n; i++)
            *seek_place(x, x->out->word[i]) = i + 1;
    }
    return seek_place(x, word);
}

static void offer(struct completing *x, const char *word, const char *show)
{
    struct completion *c = x->out;
    if (strncmp(word, x->prefix, strlen(x->prefix)) != 0)
        return;
    int *place = word_place(x, word);
    if (!place || *place || !grow_pairs(c))
        return;
    char *copy = strdup(word), *shown = show ? strdup(show) : copy;
    if (!copy || !shown) {
        free(copy);
        if (shown != copy)
            free(shown);
        return;
    }
    c->word[c->n] = copy;
    c->show[c->n++] = shown;
    *place = c->n;
}

static void range_text(const struct knob_info *k, char *out, size_t size)
{
    switch (k->type) {
    case KNOB_BOOL:
        snprintf(out, size, "on off");
        break;
    case KNOB_ENUM:
        snprintf(out, size, "%s", k->choices);
        break;
    case KNOB_TEXT:
        snprintf(out, size, "%s", k->unit);
        break;
    default:
        snprintf(out, size, "%.10g..%.10g", k->low, k->high);
    }
}

static void add_knobs(struct completing *x)
{
    struct knobs k;
    workbench_knobs(x->w, &k);
    for (int i = 0; i < KNOB_COUNT; i++) {
        char value[KNOB_TEXT_MAX], range[256], show[1024];
        knob_format((enum knob_id)i, &k.v[i], value, sizeof value);
        range_text(&knob_table[i], range, sizeof range);
        snprintf(show, sizeof show, "%-14s %s%s  %s", knob_table[i].name, value, k.by_hand[i] ? "*" : "", range);
        offer(x, knob_table[i].name, show);
        if (x->prefix[0] && knob_table[i].alias[0])
            offer(x, knob_table[i].alias, NULL);
    }
}

static void add_words(struct completing *x, const char *words, const char *separators)
{
    char list[512], *save = NULL;
    snprintf(list, sizeof list, "%s", words);
    for (char *p = strtok_r(list, separators, &save); p; p = strtok_r(NULL, separators, &save))
        offer(x, p, NULL);
}

/* The driver is only started for somebody who has typed the colon. */
static void add_devices(struct completing *x, const struct backend *b)
{
    char name[BACKEND_NAME_MAX];
    const int n = b->devices && strchr(x->prefix, ':') ? b->devices(NULL) : 0;
    offer(x, b->name, NULL);
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%s:%d", b->name, i);
        offer(x, name, NULL);
    }
}

static void add_values(struct completing *x, const char *knob)
{
    struct err none;
    int id = knob_find(knob, &none);
    if (id < 0)
        return;
    const struct knob_info *k = &knob_table[id];
    char value[KNOB_TEXT_MAX];
    struct knobs now;
    workbench_knobs(x->w, &now);
    if (k->type == KNOB_BOOL)
        add_words(x, "on off", " ");
    else if (k->type == KNOB_ENUM)
        add_words(x, k->choices, " ");
    else if (id == KNOB_DEVICE) {
        offer(x, "auto", NULL);
        for (const struct backend *const *b = backend_list; *b; b++)
            add_devices(x, *b);
    } else {
        knob_format((enum knob_id)id, &now.v[id], value, sizeof value);
        if (value[0])
            offer(x, value, NULL);
        if (id == KNOB_RHO)
            offer(x, "auto", NULL);
    }
}

static void offer_classes(struct completing *x)
{
    struct class_names names;
    struct err none;
    bool known = bench_shown(x->w)->n_classes > 0 || x->w->setup.data_key[0]; /* Tab never loads a data set */
    if (!known || bench_classes(x->w, &names, &none) < 0)
        return;
    for (int i = 0; i < names.n; i++) {
        char index[16], show[96];
        snprintf(index, sizeof index, "%d", i);
        snprintf(show, sizeof show, "%s  %d", names.name(names.ctx, i), i);
        offer(x, names.name(names.ctx, i), show);
        if (x->prefix[0])
            offer(x, index, NULL);
    }
    for (int g = 0; g < names.n_groups; g++)
        offer(x, names.group_name(names.ctx, g), NULL);
    add_words(x, "all worst:1 worst:5", " ");
}

/* A line that tells of a run takes a look into it; so many names are nobody's choice yet, and stand alone. */
static void offer_run(struct completing *x, const struct session_info *named, bool described)
{
    struct session_info info;
    char line[512];
    const bool told = described && session_info(named->dir, &info, NULL) == 0;
    if (told && info.unborn)
        return;
    if (told)
        session_line(&info, line, sizeof line);
    offer(x, named->name, told ? line : NULL);
}

static void add_runs(struct completing *x)
{
    enum { DESCRIBED = 40 };
    char root[1024];
    struct session_info *list;
    int n, matching = 0;
    struct err none;
    if (session_root(x->w->options.sessions, root, sizeof root, &none) < 0 || session_names(root, &list, &n, &none) < 0)
        return;
    for (int i = 0; i < n; i++)
        matching += strncmp(list[i].name, x->prefix, strlen(x->prefix)) == 0;
    for (int i = 0; i < n; i++)
        if (strncmp(list[i].name, x->prefix, strlen(x->prefix)) == 0)
            offer_run(x, &list[i], matching <= DESCRIBED);
    free(list);
}

/* What a sweep tries: "rho=", and behind it and each comma a value. */
static void add_axes(struct completing *x)
{
    const char *equals = strchr(x->prefix, '='), *comma = strrchr(x->prefix, ',');
    char name[64];
    if (!equals) {
        for (int i = 0; i < KNOB_COUNT; i++) {
            snprintf(name, sizeof name, "%.60s=", knob_table[i].name);
            if (sweep_takes((enum knob_id)i))
                offer(x, name, NULL);
        }
        return;
    }
    const char *value = (comma && comma > equals ? comma : equals) + 1;
    snprintf(name, sizeof name, "%.*s", (int)(equals - x->prefix), x->prefix);
    x->out->start += (size_t)(value - x->prefix);
    x->prefix = value;
    add_values(x, name);
}

static void add_sweeps(struct completing *x)
{
    char root[1024], **name, command[400], safe[400], show[500];
    if (session_root(x->w->options.sessions, root, sizeof root, NULL) < 0 || sweep_names(root, &name, NULL) < 0)
        return;
    for (int i = 0; name[i]; i++) {
        if (strncmp(name[i], x->prefix, strlen(x->prefix)) != 0)
            continue;
        sweep_file_command(root, name[i], command, sizeof command);
        text_safe(command, safe, sizeof safe);
        snprintf(show, sizeof show, "%-14s %s", name[i], safe);
        offer(x, name[i], show);
    }
    sweep_names_free(name);
}

/* Moments of a run whose weights are on disk. A run that is not named is the one that is shown. */
static void add_points(struct completing *x)
{
    const char *at = strrchr(x->prefix, '@');
    const struct snapshot_info *s;
    char dir[1024], word[400], show[500];
    const char *point;
    int n;
    if (!at) {
        add_runs(x);
        return;
    }
    if (point_run(x->w, x->prefix, "fork", dir, sizeof dir, &point, NULL) < 0)
        return;
    struct recording *r = recording_open(dir, NULL);
    s = r ? recording_snapshots(r, &n) : NULL;
    for (int i = 0; s && i < n; i++) {
        snprintf(word, sizeof word, "%.*s@%.63s", (int)(at - x->prefix), x->prefix, s[i].name);
        snprintf(show, sizeof show, "%s  ep %.1f  step %llu", word, s[i].epoch, (unsigned long long)s[i].step);
        if (s[i].name[0] && s[i].finite)
            offer(x, word, show);
    }
    for (int i = 0; r && i < 2; i++) {
        snprintf(word, sizeof word, "%.*s@%s", (int)(at - x->prefix), x->prefix, i ? "last" : "best");
        offer(x, word, NULL);
    }
    recording_close(r);
}

static void add_paths(struct completing *x)
{
    char dir[1024], real[1024] = ".";
    const char *slash = strrchr(x->prefix, '/');
    int len = slash ? (int)(slash - x->prefix + 1) : 0;
    if (len >= (int)sizeof dir)
        return;
    snprintf(dir, sizeof dir, "%.*s", len, x->prefix);
    DIR *d = !len || path_expand(dir, real, sizeof real, NULL) == 0 ? opendir(real) : NULL;
    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));) {
        char path[1400];
        struct stat st;
        if (e->d_name[0] == '.' && x->prefix[len] != '.')
            continue;
        snprintf(path, sizeof path, "%s%s", dir, e->d_name);
        if (fstatat(dirfd(d), e->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode))
            snprintf(path + strlen(path), sizeof path - strlen(path), "/");
        offer(x, path, NULL);
    }
    closedir(d);
}

static void add_presets(struct completing *x)
{
    char **names;
    int n = recipe_list(&names);
    offer(x, "demo", NULL);
    for (int i = 0; i < n; i++) {
        offer(x, names[i], NULL);
        free(names[i]);
    }
    free(names);
}

static void add_verbs(struct completing *x)
{
    for (int i = 0; i < n_commands; i++) {
        char show[256];
        snprintf(show, sizeof show, "%-10s %s", command_table[i].verb, command_table[i].help);
        offer(x, command_table[i].verb, show);
    }
}

/* The first name of each word of the screen. */
static void add_screen_words(struct completing *x)
{
    char name[64];
    for (int i = 0; i < n_words; i++) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word_table[i].names, " "), word_table[i].names);
        offer(x, name, NULL);
    }
}

/* Verbs of what is measured and has a table and a view of its own; spectra, the first, have several. */
static void add_measures(struct completing *x)
{
    for (int m = MEASURE_EIG + 1; m < MEASURES; m++)
        offer(x, measure_table[m].verb, NULL);
}

/* The metrics of the run that is shown; without one, those that every run has. */
static void add_metrics(struct completing *x)
{
    char name[64];
    for (int i = 0; metric_name(bench_shown(x->w), i, name); i++)
        offer(x, name, NULL);
}

/* One alternative of a slot. */
static void add_kind(struct completing *x, const char *kind)
{
    if (strcmp(kind, "KNOB") == 0)
        add_knobs(x);
    else if (strcmp(kind, "VALUE") == 0)
        add_values(x, x->knob);
    else if (strcmp(kind, "CLASS") == 0)
        offer_classes(x);
    else if (strcmp(kind, "RUN") == 0)
        add_runs(x);
    else if (strcmp(kind, "AXIS") == 0)
        add_axes(x);
    else if (strcmp(kind, "SWEEP") == 0)
        add_sweeps(x);
    else if (strcmp(kind, "POINT") == 0)
        add_points(x);
    else if (strcmp(kind, "PATH") == 0)
        add_paths(x);
    else if (strcmp(kind, "PRESET") == 0)
        add_presets(x);
    else if (strcmp(kind, "VERB") == 0)
        add_verbs(x);
    else if (strcmp(kind, "MEASURE") == 0)
        add_measures(x);
    else if (strcmp(kind, "METRIC") == 0)
        add_metrics(x);
    else if (strcmp(kind, "WORD") == 0)
        add_screen_words(x);
    else if (kind[0] == '@')
        add_values(x, kind + 1);
    else if (strcmp(kind, "-") != 0)
        offer(x, kind, NULL);
}

/* An alternative "WORD?KIND" is for commands whose first argument is this word. */
static void add_slot(struct completing *x, const char *slot)
{
    char kinds[512], *save = NULL;
    snprintf(kinds, sizeof kinds, "%s", slot);
    for (char *p = strtok_r(kinds, "|", &save); p; p = strtok_r(NULL, "|", &save)) {
        const size_t n = strcspn(p, "?");
        if (!p[n] || (strncmp(p, x->knob, n) == 0 && !x->knob[n]))
            add_kind(x, p[n] ? p + n + 1 : p);
    }
}

/* --- where the cursor is ------------------------------------------------------------------------------------------- */

/* The n-th slot of a row's arguments; the last one repeats when it ends in "...". */
static bool slot_at(const char *arguments, int n, char *out, size_t size)
{
    const char *p = arguments, *last = NULL;
    size_t len = 0;
    for (int i = 0; *p; i++) {
        last = p;
        len = strcspn(p, " ");
        if (i == n)
            break;
        p += len + strspn(p + len, " ");
    }
    if (!last)
        return false;
    bool repeats = len > 3 && strncmp(last + len - 3, "...", 3) == 0;
    if (!*p && !repeats)
        return false;
    snprintf(out, size, "%.*s", (int)(repeats ? len - 3 : len), last);
    return true;
}

static void add_options(struct completing *x, const struct command_info *info)
{
    char list[512], option[80], *save = NULL;
    snprintf(list, sizeof list, "%s", info->options);
    for (char *p = strtok_r(list, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
        size_t bare = strcspn(p, "=");
        snprintf(option, sizeof option, "--%.*s%s", (int)(bare < 64 ? bare : 64), p, p[bare] ? "=" : "");
        offer(x, option, NULL);
    }
}

/* The kind after "name=" in a row's options; NULL when there is no such option or it takes no value. */
static const char *option_slot(const char *options, const char *name, size_t n, char *out, size_t size)
{
    for (const char *p = options; *p;) {
        size_t word = strcspn(p, " "), bare = strcspn(p, " =");
        if (bare == n && strncmp(p, name, n) == 0 && word > bare) {
            snprintf(out, size, "%.*s", (int)(word - bare - 1), p + bare + 1);
            return out;
        }
        p += word + strspn(p + word, " ");
    }
    return NULL;
}

/* Words of the unfinished command before the cursor. A line that cannot be cut yet (an open quote) completes nothing. */
struct word_cursor {
    struct lexed lexed;
    const struct word *word; /* of the last command */
    int n;                   /* words before the one being typed */
    const char *prefix;
    size_t start;
};

static bool find_cursor(const char *line, size_t cursor, struct word_cursor *at)
{
    char *head = strndup(line, cursor);
    int bad;
    bool ok = head && lex_line(head, &at->lexed, &bad, NULL) == 0;
    if (ok) {
        const struct lexed *l = &at->lexed;
        const struct lexed_command *last = l->n_commands ? &l->command[l->n_commands - 1] : NULL;
        bool fresh = !last || strchr(head + last->end, ';') || strchr(head + last->end, '\n');
        bool touching = !fresh && (size_t)last->end == cursor;
        at->word = fresh ? NULL : l->word + last->first;
        at->n = fresh ? 0 : last->n - touching;
        at->prefix = touching ? at->word[at->n].text : "";
        at->start = touching ? (size_t)at->word[at->n].start : cursor;
    }
    free(head);
    return ok;
}

/* The number of arguments among the words before the cursor; options with a separate value count for none. */
static int arguments_before(const struct command_info *info, const struct word_cursor *at, const char **open_option)
{
    int n = 0;
    *open_option = NULL;
    for (int i = 1; i < at->n; i++) {
        const char *t = at->word[i].text;
        if (strncmp(t, "--", 2) != 0) {
            n++;
            continue;
        }
        char slot[64];
        size_t bare = strcspn(t + 2, "=");
        if (!t[2 + bare] && option_slot(info->options, t + 2, bare, slot, sizeof slot)) {
            if (++i >= at->n)
                *open_option = t + 2;
        }
    }
    return n;
}

static bool add_when(struct completing *x, const struct command_info *info, const struct word_cursor *at)
{
    if (!(info->flags & F_WHEN) || at->n < 2)
        return false;
    const char *last = at->word[at->n - 1].text;
    if (strcmp(last, "at") == 0)
        add_words(x, "epoch step", " ");
    else if (strcmp(last, "if") == 0)
        add_words(x, "loss acc head mid tail lmin:", " ");
    else if (at->n >= 3 && strcmp(at->word[at->n - 2].text, "in") == 0)
        add_words(x, "epochs steps", " ");
    else
        return false;
    return true;
}

static void complete_argument(struct completing *x, const struct command_info *info, const struct word_cursor *at)
{
    char slot[512];
    const char *open_option, *equals = strchr(x->prefix, '=');
    int n = arguments_before(info, at, &open_option);
    if (strncmp(x->prefix, "--", 2) == 0 && equals) {
        if (option_slot(info->options, x->prefix + 2, (size_t)(equals - x->prefix - 2), slot, sizeof slot)) {
            x->out->start += (size_t)(equals - x->prefix) + 1;
            x->prefix = equals + 1;
            add_slot(x, slot);
        }
    } else if (strncmp(x->prefix, "--", 2) == 0) {
        add_options(x, info);
    } else if (open_option) {
        if (option_slot(info->options, open_option, strlen(open_option), slot, sizeof slot))
            add_slot(x, slot);
    } else if (!add_when(x, info, at)) {
        x->knob = at->n >= 2 ? at->word[1].text : "";
        if (slot_at(info->arguments, n, slot, sizeof slot) && (strcmp(slot, "VALUE") != 0 || n == 1))
            add_slot(x, slot);
        if (info->flags & F_WHEN && n >= info->min && x->prefix[0])
            add_words(x, "at in if", " ");
    }
}

static int by_word(const void *a, const void *b)
{
    return strcmp(((char *const *)a)[0], ((char *const *)b)[0]);
}

/* Alphabetical, except runs, which come newest first. */
static void sort_completions(struct completion *c)
{
    char *(*pair)[2] = malloc(sizeof *pair * (size_t)(c->n ? c->n : 1));
    if (!pair)
        return;
    for (int i = 0; i < c->n; i++) {
        pair[i][0] = c->word[i];
        pair[i][1] = c->show[i];
    }
    qsort(pair, (size_t)c->n, sizeof *pair, by_word);
    for (int i = 0; i < c->n; i++) {
        c->word[i] = pair[i][0];
        c->show[i] = pair[i][1];
    }
    free(pair);
}

void workbench_complete(struct workbench *w, const char *line, size_t cursor, struct completion *out)
{
    struct word_cursor at = { 0 };
    *out = (struct completion){ .start = cursor };
    if (cursor > strlen(line) || !find_cursor(line, cursor, &at))
        return;
    struct completing x = { .w = w, .prefix = at.prefix, .knob = "", .out = out };
    out->start = at.start;
    bool runs = false;
    if (at.n == 0) {
        add_verbs(&x);
        for (int i = 0; i < w->n_alias; i++)
            offer(&x, w->alias[i].name, NULL);
    } else {
        const struct command_info *info = command_find(at.word[0].text, true, NULL);
        if (info) {
            runs = strstr(info->arguments, "RUN") || strstr(info->arguments, "POINT");
            complete_argument(&x, info, &at);
        }
    }
    free(x.place);
    if (!runs)
        sort_completions(out);
    lex_release(&at.lexed);
}
