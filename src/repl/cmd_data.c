/* data: which images to train on */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <stdio.h>
#include <string.h>

struct data_name {
    const char *name, *data, *imbalance;
    const char *place; /* the word behind it: its file or folder; NULL: none */
};
static const struct data_name data_names[] = {
    { "demo", "demo", "exp", NULL }, { "demo-lt", "demo", "exp", NULL }, { "demo-step", "demo", "step", NULL },
    { "cifar10", "cifar10", "none", NULL }, { "cifar10-lt", "cifar10", "exp", NULL }, { "cifar10-step", "cifar10", "step", NULL },
    { "cifar100", "cifar100", "none", NULL }, { "cifar100-lt", "cifar100", "exp", NULL }, { "cifar100-step", "cifar100", "step", NULL },
    { "tensors", "tensors", "none", "FILE" }, { "folder", "folder", "none", "DIR" }, { "list", "list", "none", "FILE" },
};

static bool is_data(const struct data_name *d, const char *kind)
{
    return strcmp(d->data, kind) == 0;
}

static bool has_pictures(const struct data_name *d)
{
    return is_data(d, "folder") || is_data(d, "list");
}

static const struct data_name *find_data(const char *name, struct err *err)
{
    const int n = sizeof data_names / sizeof *data_names;
    const char *list[sizeof data_names / sizeof *data_names];
    for (int i = 0; i < n; i++) {
        list[i] = data_names[i].name;
        if (strcmp(list[i], name) == 0)
            return &data_names[i];
    }
    const char *near = nearest_word(name, list, n);
    if (near)
        err_set(err, ERR_INVALID, "unknown data '%s'; did you mean '%s'?", name, near);
    else
        err_set(err, ERR_INVALID, "unknown data '%s'; demo, cifar10, cifar10-lt, cifar10-step, cifar100..., tensors FILE, folder DIR, list FILE", name);
    return NULL;
}

/* The classes whose validation images had to be taken from those that the profile keeps. */
static void say_kept(struct workbench *w)
{
    const struct dataset *d = &w->setup.data;
    const bool unused = d->val.n > 0 && knob_is(&w->setup.knobs, KNOB_VAL_FROM, "unused");
    enum { NAMED = 4 };
    char list[NAMED * (CLASS_NAME_SIZE + 24)] = "";
    int n = 0;
    for (int c = 0; unused && c < d->classes; c++) {
        const uint32_t given = d->profile[c] - d->train.count[c];
        size_t used = strlen(list);
        if (given && n++ < NAMED)
            snprintf(list + used, sizeof list - used, "%s%d %s (%u)", used ? ", " : "", c, d->class_name[c], given);
    }
    if (n)
        bench_say(w, "val: too few images are left out of %s%s; kept ones are held out instead", list, n > NAMED ? " and more" : "");
}

/* Gaps in the data that a user would otherwise find out only after the training. */
static void say_missing(struct workbench *w)
{
    const struct dataset *d = &w->setup.data;
    int empty = 0, first = 0;
    for (int c = d->classes - 1; c >= 0; c--)
        if (d->train.count[c] == 0) {
            first = c;
            empty++;
        }
    if (empty)
        bench_say(w, "%d of the %d classes without an image to train on, the first is %d; labels count from 0", empty, d->classes, first);
    if (d->test.n == 0 && d->val.n == 0)
        bench_say(w, "no images to test on, so nothing will be evaluated; %s, or --val N, change that",
                  knob_is(&w->setup.knobs, KNOB_DATA, "tensors") ? "test_images and test_labels in the file"
                  : knob_is(&w->setup.knobs, KNOB_DATA, "list")  ? "--test LIST"
                                                                 : "a folder test beside train");
}

static void say_data(struct workbench *w)
{
    const struct dataset *d = &w->setup.data;
    uint32_t most = 0, least = UINT32_MAX;
    for (int i = 0; i < d->classes; i++) {
        most = d->train.count[i] > most ? d->train.count[i] : most;
        least = d->train.count[i] < least ? d->train.count[i] : least;
    }
    char held[64] = "";
    if (d->val.n > 0)
        snprintf(held, sizeof held, ", %u held out", d->val.n);
    const struct image_geometry size = d->train.kind.size;
    bench_say(w, "%s: %d classes of %u..%u images, %u in all, %u to test on%s; %dx%d pixels, %d channel%s", d->name, d->classes, least, most,
              d->train.n, d->test.n, held, size.height, size.width, size.channels, size.channels == 1 ? "" : "s");
    if (d->note[0])
        bench_say(w, "%s", d->note);
    say_missing(w);
}

/* Tensors are somebody's finished images: as they are, unless the user said otherwise. */
static void tensors_as_they_are(struct workbench *w, bool tensors)
{
    if (!w->setup.touched[KNOB_AUGMENT])
        w->setup.knobs.v[KNOB_AUGMENT].num = !tensors;
}

int call_hash(struct call *c, const char **out, struct err *err)
{
    const char *hash = call_value(c, "sha256");
    *out = hash;
    if (!hash || (strlen(hash) == DIGEST_HEX - 1 && strspn(hash, "0123456789abcdef") == DIGEST_HEX - 1))
        return hash != NULL;
    return err_set(err, ERR_INVALID, "--sha256 '%s'; 64 digits 0-9 a-f are accepted", hash), call_bad_option(c, "sha256");
}

/* The file or folder that a `data` command names; NULL: none. */
static const char *given_path(const struct call *c, const struct data_name *d)
{
    if (!d->place)
        return call_value(c, "root");
    return c->n > 1 ? c->word[1].text : NULL;
}

/* Data whose place is said: they have the hash, or are others. */
static int load_named(struct workbench *w, const char *hash, struct err *err)
{
    const struct dataset *d = &w->setup.data;
    if (setup_data(w, err) < 0)
        return -1;
    return strcmp(d->digest, hash) == 0
               ? 0
               : err_set(err, ERR_DATA, "%.64s: its training images have SHA-256 %.12s, and --sha256 says %.12s", d->name, d->digest, hash);
}

/* The data are checked with --sha256, and looked for where no path is given. */
static int load_data(struct workbench *w, struct call *c, const struct data_name *d, struct err *err)
{
    const char *hash, *path = given_path(c, d);
    int checked = call_hash(c, &hash, err);
    if (checked <= 0)
        return checked < 0 ? -1 : setup_data(w, err);
    if (path || is_data(d, "demo"))
        return load_named(w, hash, err);
    struct event *e = event_new(EVENT_DATA, 0);
    if (!e)
        return err_set(err, ERR_MEMORY, "no memory for an event");
    event_set_str(e, EV_DATA_SHA256, hash);
    event_set_str(e, EV_DATA_NAME, d->name);
    int result = setup_find_data(w, &w->setup, e, NULL, c->info->verb, err);
    event_unref(e);
    if (result < 0 && err && err->code == ERR_DATA)
        return err_set(err, ERR_DATA, "where are the data %s with SHA-256 %.12s? %s%s%s%s%s says it", d->name, hash, d->place ? "'data " : "--root DIR",
                       d->place ? d->name : "", d->place ? " " : "", d->place ? d->place : "", d->place ? "'" : "");
    return result;
}

/* Another list has other lists beside it. --beta alone asks for a long tail. */
static int set_pictures(struct workbench *w, struct call *c, const struct data_name *d, struct err *err)
{
    static const struct {
        enum knob_id knob;
        const char *option;
    } places[] = { { KNOB_LIST_ROOT, "root" }, { KNOB_LIST_TEST, "test" }, { KNOB_LIST_VAL, "val-list" }, { KNOB_LIST_NAMES, "names" } };
    for (size_t i = 0; is_data(d, "list") && i < sizeof places / sizeof *places; i++) {
        const char *value = call_value(c, places[i].option);
        const bool stale = c->n > 1 && knob_text(&w->setup.knobs, places[i].knob)[0];
        if ((value || stale) && setup_set(w, places[i].knob, value ? value : "", err) < 0)
            return call_bad_option(c, places[i].option);
    }
    if ((w->recipe_beta || call_value(c, "beta")) && !call_value(c, "imb"))
        return setup_set(w, KNOB_IMBALANCE, "exp", err);
    return 0;
}

/* The words and options of `data` into knobs. */
static int set_data(struct workbench *w, struct call *c, const struct data_name *d, struct err *err)
{
    if (d->place && c->n != 2 && !call_has(c, "sha256"))
        return err_set(err, ERR_USAGE, "which %s? data %s %s", is_data(d, "folder") ? "folder" : "file", d->name, d->place);
    if (!d->place && c->n == 2)
        return err_set(err, ERR_USAGE, "'%s' is too much; usage: %s", c->word[1].text, c->info->usage);
    const char *path = given_path(c, d);
    if (setup_set(w, KNOB_DATA, d->data, err) < 0 || setup_set(w, KNOB_IMBALANCE, d->imbalance, err) < 0)
        return -1;
    /* a folder given by --root or 'set data_path' stays for the next data command, a tensors file does not */
    if (path && setup_set(w, KNOB_DATA_PATH, path, err) < 0)
        return -1;
    if (has_pictures(d) && set_pictures(w, c, d, err) < 0)
        return -1;
    if (w->recipe_beta && setup_set(w, KNOB_BETA, w->recipe_beta, err) < 0)
        return -1;
    for (int i = 0; i < c->n_options; i++) {
        bool is_root = strncmp(c->option[i].name, "root", 4) == 0;
        bool beta_given = w->recipe_beta && strncmp(c->option[i].name, "beta", 4) == 0;
        if (!is_root && !beta_given && option_set(w, c, i, err) < 0)
            return -1;
    }
    return 0;
}

static int idle_beta(struct workbench *w, struct call *c, const struct data_name *d, struct err *err)
{
    const char *beta = w->recipe_beta ? w->recipe_beta : call_value(c, "beta");
    if (!beta || !knob_is(&w->setup.knobs, KNOB_IMBALANCE, "none"))
        return 0;
    if (call_value(c, "imb"))
        err_set(err, ERR_USAGE, "beta %s does nothing with --imb none; exp and step take it", beta);
    else
        err_set(err, ERR_USAGE, "%s keeps every image, so beta %s does nothing; %s-lt and %s-step take it", d->name, beta, d->data, d->data);
    return call_bad_option(c, "beta");
}

/* An option that this data does not look at is refused rather than dropped. */
static int idle_option(struct workbench *w, struct call *c, const struct data_name *d, struct err *err)
{
    const bool tensors = is_data(d, "tensors"), demo = is_data(d, "demo"), folder = is_data(d, "folder"), list = is_data(d, "list");
    const char *root = demo ? "is for CIFAR; the demo is drawn and needs no folder" : folder ? "is for CIFAR and list FILE; folder DIR names its folder"
                                                                                           : "is for CIFAR; tensors FILE names its file";
    const struct {
        const char *option;
        bool idle;
        const char *why;
    } rows[] = {
        { "classes", !tensors && !list, "is for tensors FILE and list FILE; this data has classes of its own" },
        { "root", tensors || demo || folder, root },
        { "imb", tensors, "is not for tensors FILE, which is taken as it is" },
        { "beta", tensors, "is not for tensors FILE, which is taken as it is" },
        { "subset_seed", tensors || demo, "is for CIFAR, folder and list, whose images it chooses" },
        { "size", !folder && !list, "is for folder DIR and list FILE, whose pictures become so large" },
        { "resize", !folder && !list, "is for folder DIR and list FILE" },
        { "decode", !folder && !list, "is for folder DIR and list FILE" },
        { "shorter", true, "is for data cache DIR" },
        { "memory", !folder && !list, "is for folder DIR and list FILE" },
        { "bad", !folder && !list, "is for folder DIR and list FILE" },
        { "test", !list, "is for list FILE" },
        { "val-list", !list, "is for list FILE" },
        { "names", !list, "is for list FILE" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].idle && call_value(c, rows[i].option))
            return err_set(err, ERR_USAGE, "--%s %s", rows[i].option, rows[i].why), call_bad_option(c, rows[i].option);
    return idle_beta(w, c, d, err);
}

static int tell_data(struct workbench *w, const struct call *c, struct err *err)
{
    struct buf choices = { 0 };
    char now[64];
    knob_choice(&w->setup.knobs, KNOB_DATA, now, sizeof now);
    buf_adds(&choices, "one of");
    for (size_t i = 0; i < sizeof data_names / sizeof *data_names; i++)
        buf_addf(&choices, data_names[i].place ? " %s %s" : " %s%s", data_names[i].name, data_names[i].place ? data_names[i].place : "");
    int result = call_tell_choices(w, c, w->setup.data_key[0] ? w->setup.data.name : now, &choices, err);
    buf_release(&choices);
    return result;
}

/* Its path is that of one file or set. */
static bool names_place(const char *data)
{
    for (size_t i = 0; i < sizeof data_names / sizeof *data_names; i++)
        if (strcmp(data_names[i].data, data) == 0)
            return data_names[i].place != NULL;
    return false;
}

int cmd_data(struct workbench *w, struct call *c, struct err *err)
{
    if (c->n == 0)
        return tell_data(w, c, err);
    if (strcmp(c->word[0].text, "check") == 0)
        return data_check(w, c, err);
    if (strcmp(c->word[0].text, "cache") == 0)
        return data_cache(w, c, err);
    if (bench_no_training(w, err) < 0)
        return -1;
    const struct data_name *d = find_data(c->word[0].text, err);
    if (!d)
        return call_bad(c, 0);
    struct choices before;
    setup_keep(&w->setup, &before);
    char was[32];
    knob_choice(&before.knobs, KNOB_DATA, was, sizeof was);
    if (names_place(was) && strcmp(was, d->data) != 0)
        w->setup.knobs.v[KNOB_DATA_PATH] = (struct knob_value){ 0 };
    if (set_data(w, c, d, err) < 0 || idle_option(w, c, d, err) < 0 || load_data(w, c, d, err) < 0) {
        setup_restore(&w->setup, &before);
        return c->bad_start >= 0 || c->n == 0 ? -1 : call_bad(c, c->n - 1);
    }
    tensors_as_they_are(w, strcmp(d->data, "tensors") == 0);
    w->setup.n_watched = 0; /* classes of other data */
    if (strcmp(d->data, "demo") == 0)
        setup_demo(w, false);
    if (!w->recipe)
        say_data(w);
    say_kept(w); /* by a recipe too */
    return 0;
}
