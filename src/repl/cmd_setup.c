/* preset model loss opt seed device load */
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

int option_set(struct workbench *w, struct call *c, int i, struct err *err)
{
    const int id = option_knob(c, i);
    if (id < 0)
        return 0;
    return setup_set(w, (enum knob_id)id, c->option[i].value, err) < 0 ? call_bad_option(c, c->option[i].name) : 0;
}

static int set_options(struct workbench *w, struct call *c, struct err *err)
{
    for (int i = 0; i < c->n_options; i++)
        if (option_set(w, c, i, err) < 0)
            return -1;
    return 0;
}

int call_tell_choices(struct workbench *w, const struct call *c, const char *now, const struct buf *choices, struct err *err)
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
    int result = call_tell_choices(w, c, now, &choices, err);
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
    const bool cifar = knob_is(&w->setup.knobs, KNOB_DATA, "cifar10") || knob_is(&w->setup.knobs, KNOB_DATA, "cifar100") ||
                       knob_is(&w->setup.knobs, KNOB_DATA, "demo");
    knobs_init(&fresh);
    for (int i = 0; i < KNOB_COUNT; i++)
        if (knob_table[i].when != KNOB_SCREEN && i != KNOB_DEVICE && i != KNOB_MATH && i != KNOB_EVAL_MATH && i != KNOB_THREADS && i != KNOB_DATA_PATH &&
            i != KNOB_SEED) {
            w->setup.knobs.v[i] = fresh.v[i];
            w->setup.touched[i] = w->setup.by_set[i] = false;
        }
    if (!cifar) /* the path is one file's or one set's, not a folder of data sets */
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

/* The same as `set opt NAME`, option by option, while a run trains. */
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
    if (run_active(w) && c->n > 0)
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
