/* preset data model loss opt seed device load */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/criteria/loss_knobs.h"
#include "engine/stages.h"

/* --- options that set knobs ---------------------------------------------------------------------------------------- */

/* The knob that an option of the row sets ("beta=@beta"), or -1. */
static int knob_of_option(const char *options, const char *name)
{
    size_t len = strlen(name);
    for (const char *p = options; *p;) {
        size_t word = strcspn(p, " "), bare = strcspn(p, " =");
        if (bare == len && strncmp(p, name, len) == 0 && word > bare + 1 && p[bare + 1] == '@') {
            char knob[64];
            snprintf(knob, sizeof knob, "%.*s", (int)(word - bare - 2), p + bare + 2);
            return knob_find(knob, NULL);
        }
        p += word + strspn(p + word, " ");
    }
    return -1;
}

int option_knob(const struct call *c, int i)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(c->option[i].name, "="), c->option[i].name);
    return c->option[i].value ? knob_of_option(c->info->options, name) : -1;
}

static int set_option(struct workbench *w, struct call *c, int i, struct err *err)
{
    const int id = option_knob(c, i);
    if (id < 0)
        return 0;
    return setup_set(w, (enum knob_id)id, c->option[i].value, err) < 0 ? call_bad_option(c, c->option[i].name) : 0;
}

static int set_options(struct workbench *w, struct call *c, struct err *err)
{
    for (int i = 0; i < c->n_options; i++)
        if (set_option(w, c, i, err) < 0)
            return -1;
    return 0;
}

/* A verb without its word tells at the prompt what there is; a script must not go on as if it had said which. */
static int tell_choices(struct workbench *w, const struct call *c, const char *now, const struct buf *choices, struct err *err)
{
    const char *text = choices->data && !choices->failed ? choices->data : "";
    if (!c->interactive || c->n_options)
        return err_set(err, ERR_USAGE, "nothing given; %s; usage: %s", text, c->info->usage);
    bench_say(w, "%s %s; %s; 'help %s' says more", c->info->verb, now, text, c->info->verb);
    return 0;
}

static int tell_knob(struct workbench *w, const struct call *c, enum knob_id id, struct err *err)
{
    struct buf choices = { 0 };
    char now[KNOB_TEXT_MAX];
    knob_format(id, &w->setup.knobs.v[id], now, sizeof now);
    if (id == KNOB_DEVICE)
        buf_adds(&choices, "auto, cuda, cuda:N, cpu or reference");
    else
        help_accepted(&knob_table[id], &choices);
    int result = tell_choices(w, c, now, &choices, err);
    buf_release(&choices);
    return result;
}

/* A verb whose first word is a knob's value. */
static int set_word(struct workbench *w, struct call *c, enum knob_id id, struct err *err)
{
    struct choices before;
    if (c->n == 0)
        return tell_knob(w, c, id, err);
    setup_keep(&w->setup, &before);
    if (setup_set(w, id, c->word[0].text, err) < 0)
        return call_bad(c, 0);
    if (set_options(w, c, err) == 0)
        return 0;
    setup_restore(&w->setup, &before);
    return -1;
}

/* --- preset -------------------------------------------------------------------------------------------------------- */

static int list_recipes(struct workbench *w)
{
    char **names;
    int n = recipe_list(&names);
    bench_say(w, "demo  (built in)");
    for (int i = 0; i < n; i++) {
        bench_say(w, "%s", names[i]);
        free(names[i]);
    }
    free(names);
    return 0;
}

static void say_setup(struct workbench *w, const char *name)
{
    const struct knobs *k = &w->setup.knobs;
    char method[96], model[32], rho[KNOB_TEXT_MAX] = "";
    setup_method(k, method, sizeof method);
    knob_choice(k, KNOB_MODEL, model, sizeof model);
    if (optimiser_uses_rho(knobs_optimiser(k))) {
        strcpy(rho, " rho ");
        knob_format(KNOB_RHO, &k->v[KNOB_RHO], rho + 5, sizeof rho - 5);
    }
    bench_say(w, "%s: %s, %s, %s%s, %ld epochs; 'train' starts", name, w->setup.data.name, model, method, rho, knobs_epochs(k));
}

static int preset_demo(struct workbench *w, const char *beta, struct err *err)
{
    if (setup_set(w, KNOB_DATA, "demo", err) < 0 || setup_set(w, KNOB_BETA, beta ? beta : "100", err) < 0)
        return -1;
    setup_demo(w, true);
    return setup_data(w, err);
}

/* A recipe says everything: only what belongs to this machine, and the seed, stay as they were. */
static void reset_knobs(struct workbench *w)
{
    struct knobs fresh;
    bool tensors = knob_is(&w->setup.knobs, KNOB_DATA, "tensors");
    knobs_init(&fresh);
    for (int i = 0; i < KNOB_COUNT; i++)
        if (knob_table[i].when != KNOB_SCREEN && i != KNOB_DEVICE && i != KNOB_MATH && i != KNOB_THREADS && i != KNOB_DATA_PATH &&
            i != KNOB_SEED) {
            w->setup.knobs.v[i] = fresh.v[i];
            w->setup.touched[i] = w->setup.by_set[i] = false;
        }
    if (tensors) /* the path is one file's, not a folder of data sets */
        w->setup.knobs.v[KNOB_DATA_PATH] = fresh.v[KNOB_DATA_PATH];
    w->setup.n_watched = 0;
    setup_forget_later(&w->setup);
}

static int preset_file(struct workbench *w, const char *name, const char *beta, struct err *err)
{
    char path[1024];
    if (recipe_find(name, path, sizeof path, err) < 0)
        return -1;
    bool recipe = w->recipe, done = w->recipe_done;
    w->recipe = true;
    w->recipe_done = false;
    w->recipe_beta = beta;
    int result = bench_script(w, path, err);
    w->recipe_beta = NULL;
    w->recipe = recipe;
    w->recipe_done = done;
    return result;
}

int cmd_preset(struct workbench *w, struct call *c, struct err *err)
{
    if (c->n == 0)
        return list_recipes(w);
    char name[256];
    snprintf(name, sizeof name, "%s", c->word[0].text);
    char *at = strchr(name, '@');
    const char *beta = call_value(c, "beta");
    if (at) {
        *at = '\0';
        beta = at + 1;
    }
    struct knob_value value;
    if (beta && knob_parse(KNOB_BETA, beta, &value, err) < 0)
        return call_bad(c, 0);
    const char *root = call_value(c, "root");
    bool demo = strcmp(name, "demo") == 0;
    if (demo && root)
        return err_set(err, ERR_USAGE, "the demo is drawn and needs no folder"), call_bad_option(c, "root");
    struct choices before;
    setup_keep(&w->setup, &before);
    reset_knobs(w);
    if (root && setup_set(w, KNOB_DATA_PATH, root, err) < 0) {
        setup_restore(&w->setup, &before);
        return call_bad_option(c, "root");
    }
    int result = demo ? preset_demo(w, beta, err) : preset_file(w, name, beta, err);
    if (result < 0) {
        setup_restore(&w->setup, &before);
        return call_bad(c, 0);
    }
    say_setup(w, name);
    return 0;
}

/* --- data ---------------------------------------------------------------------------------------------------------- */

struct data_name {
    const char *name, *data, *imbalance;
};
static const struct data_name data_names[] = {
    { "demo", "demo", "exp" },           { "demo-lt", "demo", "exp" },         { "demo-step", "demo", "step" },
    { "cifar10", "cifar10", "none" },    { "cifar10-lt", "cifar10", "exp" },   { "cifar10-step", "cifar10", "step" },
    { "cifar100", "cifar100", "none" },  { "cifar100-lt", "cifar100", "exp" }, { "cifar100-step", "cifar100", "step" },
    { "tensors", "tensors", "none" },
};

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
        err_set(err, ERR_INVALID, "unknown data '%s'; demo, cifar10, cifar10-lt, cifar10-step, cifar100..., tensors FILE", name);
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

/* What a user would find out after the training only. */
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
        bench_say(w, "no images to test on, so nothing will be evaluated; test_images and test_labels in the file, or --val N, change that");
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
    if (strcmp(d->name, "tensors") != 0)
        return call_value(c, "root");
    return c->n > 1 ? c->word[1].text : NULL;
}

/* With --sha256 the data are checked, and looked for where no path is given. */
static int load_data(struct workbench *w, struct call *c, const struct data_name *d, struct err *err)
{
    const char *hash, *path = given_path(c, d);
    int checked = call_hash(c, &hash, err);
    if (checked <= 0)
        return checked < 0 ? -1 : setup_data(w, err);
    struct event *e = event_new(EVENT_DATA, 0);
    if (!e)
        return err_set(err, ERR_MEMORY, "no memory for an event");
    event_set_str(e, EV_DATA_SHA256, hash);
    event_set_str(e, EV_DATA_NAME, d->name);
    int result = setup_find_data(w, &w->setup, e, path, err);
    event_unref(e);
    if (result < 0 && err && err->code == ERR_DATA && !path && strcmp(d->data, "demo") != 0)
        return err_set(err, ERR_DATA, "where are the data %s with SHA-256 %.12s? %s says it", d->name, hash,
                       strcmp(d->data, "tensors") == 0 ? "'data tensors FILE'" : "--root DIR");
    return result;
}

/* The words and options of `data` into knobs. */
static int set_data(struct workbench *w, struct call *c, const struct data_name *d, struct err *err)
{
    bool tensors = strcmp(d->name, "tensors") == 0;
    if (tensors && c->n != 2 && !call_has(c, "sha256"))
        return err_set(err, ERR_USAGE, "which file? data tensors FILE");
    if (!tensors && c->n == 2)
        return err_set(err, ERR_USAGE, "'%s' is too much; usage: %s", c->word[1].text, c->info->usage);
    const char *path = given_path(c, d);
    if (setup_set(w, KNOB_DATA, d->data, err) < 0 || setup_set(w, KNOB_IMBALANCE, d->imbalance, err) < 0)
        return -1;
    /* a folder given by --root or 'set data_path' stays for the next data command, a tensors file does not */
    if (path && setup_set(w, KNOB_DATA_PATH, path, err) < 0)
        return -1;
    if (w->recipe_beta && setup_set(w, KNOB_BETA, w->recipe_beta, err) < 0)
        return -1;
    for (int i = 0; i < c->n_options; i++) {
        bool is_root = strncmp(c->option[i].name, "root", 4) == 0;
        bool beta_given = w->recipe_beta && strncmp(c->option[i].name, "beta", 4) == 0;
        if (!is_root && !beta_given && set_option(w, c, i, err) < 0)
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

/* What this data does not look at is refused rather than dropped. */
static int idle_option(struct workbench *w, struct call *c, const struct data_name *d, struct err *err)
{
    const bool tensors = strcmp(d->data, "tensors") == 0, demo = strcmp(d->data, "demo") == 0;
    const struct {
        const char *option;
        bool idle;
        const char *why;
    } rows[] = {
        { "classes", !tensors, "is for tensors FILE; this data has classes of its own" },
        { "root", tensors || demo, tensors ? "is for CIFAR; tensors FILE names its file" : "is for CIFAR; the demo is drawn and needs no folder" },
        { "imb", tensors, "is not for tensors FILE, which is taken as it is" },
        { "beta", tensors, "is not for tensors FILE, which is taken as it is" },
        { "subset_seed", tensors || demo, "is for CIFAR, whose images it chooses" },
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
        buf_addf(&choices, " %s%s", data_names[i].name, strcmp(data_names[i].name, "tensors") == 0 ? " FILE" : "");
    int result = tell_choices(w, c, w->setup.data_key[0] ? w->setup.data.name : now, &choices, err);
    buf_release(&choices);
    return result;
}

int cmd_data(struct workbench *w, struct call *c, struct err *err)
{
    if (c->n == 0)
        return tell_data(w, c, err);
    const struct data_name *d = find_data(c->word[0].text, err);
    if (!d)
        return call_bad(c, 0);
    struct choices before;
    setup_keep(&w->setup, &before);
    bool was_tensors = knob_is(&before.knobs, KNOB_DATA, "tensors");
    if (was_tensors && strcmp(d->data, "tensors") != 0)
        w->setup.knobs.v[KNOB_DATA_PATH] = (struct knob_value){ 0 };
    if (set_data(w, c, d, err) < 0 || idle_option(w, c, d, err) < 0 || load_data(w, c, d, err) < 0) {
        setup_restore(&w->setup, &before);
        return c->bad_start < 0 || c->n == 0 ? -1 : call_bad(c, c->n - 1);
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

/* --- the rest ------------------------------------------------------------------------------------------------------ */

int cmd_model(struct workbench *w, struct call *c, struct err *err)
{
    return set_word(w, c, KNOB_MODEL, err);
}

/* --gamma means the exponent that the loss reads. */
static int set_gamma(struct workbench *w, struct call *c, struct err *err)
{
    static const enum knob_id exponents[] = { KNOB_FOCAL_GAMMA, KNOB_VS_GAMMA };
    const char *gamma = call_value(c, "gamma");
    const enum loss_id loss = (enum loss_id)knob_int(&w->setup.knobs, KNOB_LOSS);
    if (!gamma)
        return 0;
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++)
        if (loss_reads(loss, exponents[i]))
            return setup_set(w, exponents[i], gamma, err) < 0 ? call_bad_option(c, "gamma") : 0;
    return err_set(err, ERR_USAGE, "--gamma is for losses with an exponent (focal, vs), not for %s", loss_table[loss].name),
           call_bad_option(c, "gamma");
}

int cmd_loss(struct workbench *w, struct call *c, struct err *err)
{
    struct choices before;
    setup_keep(&w->setup, &before);
    if (set_word(w, c, KNOB_LOSS, err) < 0)
        return -1;
    if (set_gamma(w, c, err) == 0)
        return 0;
    setup_restore(&w->setup, &before);
    return -1;
}

/* While training this is `set opt NAME`, option by option. */
static int change_opt(struct workbench *w, struct call *c, struct err *err)
{
    for (int i = -1; i < c->n_options; i++) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", i < 0 ? 3 : (int)strcspn(c->option[i].name, "="), i < 0 ? "opt" : c->option[i].name);
        int id = i < 0 ? KNOB_OPT : knob_of_option(c->info->options, name);
        const char *value = i < 0 ? c->word[0].text : c->option[i].value;
        if (strcmp(name, "nesterov") == 0)
            id = KNOB_NESTEROV, value = "on";
        struct command set = { .op = COMMAND_SET, .knob = id };
        if (knob_parse((enum knob_id)id, value, &set.value, err) < 0 || run_when(w, c, &set, err) < 0 || run_post(w, c, &set, err) < 0)
            return -1;
    }
    return 0;
}

int cmd_opt(struct workbench *w, struct call *c, struct err *err)
{
    if (run_active(w))
        return change_opt(w, c, err);
    if (call_has(c, "nesterov") && setup_set(w, KNOB_NESTEROV, "on", err) < 0)
        return -1;
    return set_word(w, c, KNOB_OPT, err);
}

int cmd_seed(struct workbench *w, struct call *c, struct err *err)
{
    return set_word(w, c, KNOB_SEED, err);
}

int cmd_device(struct workbench *w, struct call *c, struct err *err)
{
    struct choices before;
    setup_keep(&w->setup, &before);
    if (set_word(w, c, KNOB_DEVICE, err) < 0)
        return -1;
    int device;
    char name[BACKEND_NAME_MAX];
    const struct backend *b = setup_device(&w->setup.knobs, &device, err);
    if (!b) {
        setup_restore(&w->setup, &before);
        return call_bad(c, 0);
    }
    backend_device_name(b, device, name);
    bench_say(w, "device %s: %s", name, b->help);
    return 0;
}

int cmd_load(struct workbench *w, struct call *c, struct err *err)
{
    const char *hash;
    if (strcmp(c->word[0].text, "weights") != 0)
        return err_set(err, ERR_USAGE, "'%s' cannot be loaded; usage: %s", c->word[0].text, c->info->usage), call_bad(c, 0);
    if (call_hash(c, &hash, err) < 0)
        return -1;
    if (c->n < 2 && !hash)
        return err_set(err, ERR_USAGE, "which file? usage: %s", c->info->usage);
    run_drop_idle(w);
    if ((c->n < 2 ? setup_find_weights(w, hash, err) : setup_load_weights(w, c->word[1].text, hash, err)) < 0)
        return call_bad(c, c->n - 1);
    w->setup.any = true;
    const char *note = w->setup.weights_note.text;
    bench_say(w, "weights of %s from %s%s%s", w->setup.net.name, w->setup.weights_file, note[0] ? ": " : "", note);
    return 0;
}
