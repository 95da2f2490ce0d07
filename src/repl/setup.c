/* The parts of the next run: knobs, data, network, weights. */
#include "config.h"
#include "repl/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/criteria/loss_knobs.h"
#include "engine/model/params.h"
#include "engine/stages.h"

void setup_init(struct bench_setup *s)
{
    memset(s, 0, sizeof *s);
    knobs_init(&s->knobs);
}

static void forget_weights(struct bench_setup *s)
{
    free(s->params);
    free(s->stats);
    s->params = s->stats = NULL;
    s->weights_key[0] = '\0';
}

void setup_forget_later(struct bench_setup *s)
{
    for (int i = 0; i < s->n_later; i++)
        free(s->later[i].command);
    free(s->later);
    s->later = NULL;
    s->n_later = s->cap_later = 0;
}

void setup_forget_prepared(struct bench_setup *s)
{
    s->any = true;
    s->n_watched = 0;
    s->weights_file[0] = '\0';
    setup_forget_later(s);
}

void setup_release(struct bench_setup *s)
{
    forget_weights(s);
    setup_forget_later(s);
    net_release(&s->net);
    dataset_free(&s->data);
}

/* --- all of a command or nothing ----------------------------------------------------------------------------------- */

void setup_keep(const struct bench_setup *s, struct choices *out)
{
    out->knobs = s->knobs;
    memcpy(out->touched, s->touched, sizeof out->touched);
    memcpy(out->by_set, s->by_set, sizeof out->by_set);
    memcpy(out->asked, s->asked, sizeof out->asked);
}

void setup_restore(struct bench_setup *s, const struct choices *from)
{
    s->knobs = from->knobs;
    memcpy(s->touched, from->touched, sizeof s->touched);
    memcpy(s->by_set, from->by_set, sizeof s->by_set);
    memcpy(s->asked, from->asked, sizeof s->asked);
}

/* --- knobs --------------------------------------------------------------------------------------------------------- */

int setup_set(struct workbench *w, enum knob_id id, const char *text, struct err *err)
{
    struct knob_value value;
    if (knob_parse(id, text, &value, err) < 0)
        return -1;
    setup_set_value(w, id, &value);
    return 0;
}

void setup_set_value(struct workbench *w, enum knob_id id, const struct knob_value *value)
{
    struct bench_setup *s = &w->setup;
    struct undo u = { .knob = id };
    char now[KNOB_TEXT_MAX];
    knob_format(id, &s->knobs.v[id], u.old, sizeof u.old);
    knob_format(id, value, now, sizeof now);
    if (strcmp(u.old, now) != 0) { /* else there is nothing to take back */
        if (w->n_undo == MAX_UNDO)
            memmove(w->undo, w->undo + 1, sizeof *w->undo * (size_t)--w->n_undo);
        w->undo[w->n_undo++] = u;
    }
    s->knobs.v[id] = *value;
    if (knob_table[id].when == KNOB_SCREEN) {
        if (w->face.screen_knob)
            w->face.screen_knob(w->face.ctx, id);
        return;
    }
    s->touched[id] = s->any = true;
    s->by_set[id] = false;
    s->asked[id] = !w->recipe && !w->rc;
    run_drop_idle(w); /* it was made of the old settings */
}

/* --- data ---------------------------------------------------------------------------------------------------------- */

static enum data_source source_of(const struct knobs *k)
{
    static const struct {
        const char *name;
        enum data_source source;
    } named[] = { { "cifar10", DATA_CIFAR10 }, { "cifar100", DATA_CIFAR100 }, { "tensors", DATA_TENSORS }, { "folder", DATA_FOLDER }, { "list", DATA_LIST } };
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (knob_is(k, KNOB_DATA, named[i].name))
            return named[i].source;
    return DATA_DEMO;
}

static enum imbalance imbalance_of(const struct knobs *k)
{
    if (knob_is(k, KNOB_IMBALANCE, "exp"))
        return IMBALANCE_EXP;
    return knob_is(k, KNOB_IMBALANCE, "step") ? IMBALANCE_STEP : IMBALANCE_NONE;
}

const char *setup_data_path(const struct knobs *k)
{
    const char *path = knob_text(k, KNOB_DATA_PATH);
    const enum data_source source = source_of(k);
    if (path[0] || (source != DATA_CIFAR10 && source != DATA_CIFAR100))
        return path;
    const char *env = getenv("SADDLE_DATA");
    return env ? env : "";
}

void setup_request(const struct knobs *k, struct data_request *r)
{
    *r = (struct data_request){ .source = source_of(k), .path = setup_data_path(k), .imbalance = imbalance_of(k),
        .beta = knob_num(k, KNOB_BETA), .subset_seed = (uint32_t)knob_num(k, KNOB_SUBSET_SEED),
        .val = (uint32_t)knob_int(k, KNOB_VAL), .val_unused = knob_is(k, KNOB_VAL_FROM, "unused"), .groups = knob_text(k, KNOB_GROUPS),
        .tensor_classes = (int)knob_int(k, KNOB_CLASSES), .size = (int)knob_int(k, KNOB_PICTURE_SIZE),
        .resize = (int)knob_int(k, KNOB_PICTURE_RESIZE), .fast = knob_is(k, KNOB_PICTURE_DECODE, "fast"),
        .skip_bad = knob_is(k, KNOB_PICTURE_BAD, "skip"), .kept_mib = (uint32_t)knob_int(k, KNOB_PICTURE_MEMORY),
        .test_list = knob_text(k, KNOB_LIST_TEST), .val_list = knob_text(k, KNOB_LIST_VAL), .names_list = knob_text(k, KNOB_LIST_NAMES),
        .list_root = knob_text(k, KNOB_LIST_ROOT) };
}

/* A data file that cannot be read is a data set that is not there: exit code 3. Always -1. */
static int missing_data(struct err *err)
{
    if (err && err->code == ERR_IO)
        err->code = ERR_DATA;
    return -1;
}

/* Nobody may look at the old images or network any more: the run of this process holds those of w->setup until it is freed. */
static int let_go(struct workbench *w, const struct bench_setup *s, const char *why, struct err *err)
{
    return s == &w->setup ? run_end(w, why, err) : 0;
}

/* No folder was named: one of those where such files usually lie is taken, and said. */
static int load_from_usual_place(struct workbench *w, struct bench_setup *s, const struct data_request *r, struct err *err)
{
    const char *kind = r->source == DATA_CIFAR10 ? "cifar10" : "cifar100";
    char found[KNOB_TEXT_MAX];
    if (!setup_usual_folder(r->source == DATA_CIFAR10, found, sizeof found))
        return err_set(err, ERR_DATA, "%s needs its binary version, %s; name their folder with --root DIR or $SADDLE_DATA (looked here, in data, "
                       "../data, ~/data, ~/datasets and ~/Downloads)", kind,
                       r->source == DATA_CIFAR10 ? "data_batch_1.bin to data_batch_5.bin and test_batch.bin" : "train.bin and test.bin");
    if (knob_parse(KNOB_DATA_PATH, found, &s->knobs.v[KNOB_DATA_PATH], err) < 0)
        return -1;
    bench_say(w, "%s: found in '%s'; --root DIR names another folder", kind, found);
    return setup_load_data(w, s, err);
}

int setup_load_data(struct workbench *w, struct bench_setup *s, struct err *err)
{
    struct data_request r;
    char key[sizeof s->data_key];
    setup_request(&s->knobs, &r);
    snprintf(key, sizeof key, "%d|%d|%.17g|%u|%u|%d|%d|%s|%s|%d %d %d %d %u|%s|%s|%s|%s", (int)r.source, (int)r.imbalance, r.beta, r.subset_seed, r.val, r.val_unused,
             r.tensor_classes, r.groups, r.path, r.size, r.resize, r.fast, r.skip_bad, r.kept_mib, r.test_list, r.val_list, r.names_list, r.list_root);
    if (s->data_key[0] && strcmp(key, s->data_key) == 0)
        return 0;
    if ((r.source == DATA_CIFAR10 || r.source == DATA_CIFAR100) && !r.path[0])
        return load_from_usual_place(w, s, &r, err);
    if (r.source == DATA_TENSORS && !r.path[0])
        return err_set(err, ERR_USAGE, "which file? data tensors FILE");
    if ((r.source == DATA_FOLDER || r.source == DATA_LIST) && !r.path[0])
        return err_set(err, ERR_USAGE, r.source == DATA_FOLDER ? "which folder? data folder DIR" : "which list? data list FILE");
    struct dataset loaded;
    if (dataset_open(&loaded, &r, err) < 0)
        return missing_data(err);
    if (let_go(w, s, "data changed", err) < 0) {
        dataset_free(&loaded);
        return -1;
    }
    dataset_free(&s->data);
    s->data = loaded;
    snprintf(s->data_key, sizeof s->data_key, "%s", key);
    return 0;
}

int setup_data(struct workbench *w, struct err *err)
{
    if (w->setup.refused[0])
        return err_set(err, ERR_INVALID, "'%s' failed, and other data are not taken instead; 'data ...' or 'preset ...' first",
                       w->setup.refused);
    if (!w->setup.touched[KNOB_DATA]) { /* no data chosen: the demo, with what suits it */
        setup_demo(w, false);
        w->setup.touched[KNOB_DATA] = true;
    }
    return setup_load_data(w, &w->setup, err);
}

/* --- network and weights ------------------------------------------------------------------------------------------- */

static int make_net(struct workbench *w, struct bench_setup *s, struct err *err)
{
    char model[32], key[sizeof s->net_key];
    knob_choice(&s->knobs, KNOB_MODEL, model, sizeof model);
    const struct image_geometry size = s->data.train.kind.size;
    snprintf(key, sizeof key, "%s %d %d %dx%dx%d", model, s->data.classes, (int)head_of_knobs(&s->knobs), size.height, size.width, size.channels);
    if (strcmp(key, s->net_key) == 0)
        return 0;
    struct net made;
    if (net_of_knobs(&s->knobs, s->data.train.kind.size, s->data.classes, &made, err) < 0)
        return -1;
    if (let_go(w, s, "model changed", err) < 0) {
        net_release(&made);
        return -1;
    }
    net_release(&s->net);
    s->net = made;
    snprintf(s->net_key, sizeof s->net_key, "%s", key);
    return 0;
}

int setup_net_is_plain(const struct workbench *w, struct err *err)
{
    static const struct image_geometry usual = { .channels = 3, .height = 32, .width = 32 };
    const struct bench_setup *s = &w->setup;
    const bool loaded = s->data.train.n > 0;
    struct net net;
    if (net_of_knobs(&s->knobs, loaded ? s->data.train.kind.size : usual, loaded ? s->data.classes : 10, &net, err) < 0)
        return -1;
    const bool plain = net_is_plain(&net);
    net_release(&net);
    return plain;
}

/* Named by what they are: the file may be another, its tensors spelt otherwise. */
static void name_weights(struct bench_setup *s)
{
    struct digest d;
    digest_init(&d);
    digest_add(&d, s->params, sizeof *s->params * s->net.params.total);
    digest_add(&d, s->stats, sizeof *s->stats * s->net.stats.total);
    digest_hex(&d, s->weights_sha256);
}

static int load_weights(struct workbench *w, const char *path, struct err *err)
{
    struct bench_setup *s = &w->setup;
    if (s->params && strcmp(s->weights_key, s->net_key) == 0 && strcmp(s->weights_file, path) == 0)
        return 0;
    float *params = malloc(sizeof *params * s->net.params.total), *stats = malloc(sizeof *stats * s->net.stats.total);
    int result = params && stats ? 0 : err_set(err, ERR_MEMORY, "no memory for the weights");
    if (result == 0)
        result = params_load_weights(&s->net, path, params, stats, &s->weights_note, err) < 0 ? missing_data(err) : 0;
    if (result < 0) {
        free(params);
        free(stats);
        return -1;
    }
    forget_weights(s);
    s->params = params;
    s->stats = stats;
    snprintf(s->weights_file, sizeof s->weights_file, "%s", path);
    snprintf(s->weights_key, sizeof s->weights_key, "%s", s->net_key);
    name_weights(s);
    return 0;
}

int setup_load_weights(struct workbench *w, const char *path, const char *sha256, struct err *err)
{
    if (strlen(path) >= sizeof w->setup.weights_file)
        return err_set(err, ERR_INVALID, "path longer than %zu bytes", sizeof w->setup.weights_file - 1);
    if (setup_data(w, err) < 0 || make_net(w, &w->setup, err) < 0)
        return -1;
    forget_weights(&w->setup);
    if (load_weights(w, path, err) < 0)
        return -1;
    if (!sha256 || strcmp(sha256, w->setup.weights_sha256) == 0)
        return 0;
    forget_weights(&w->setup);
    w->setup.weights_file[0] = '\0';
    return err_set(err, ERR_DATA, "%s holds other weights (SHA-256 %.12s, wanted %.12s)", path, w->setup.weights_sha256, sha256);
}

int setup_ready(struct workbench *w, struct err *err)
{
    if (setup_data(w, err) < 0 || make_net(w, &w->setup, err) < 0)
        return -1;
    return w->setup.weights_file[0] ? load_weights(w, w->setup.weights_file, err) : 0;
}

int setup_load(struct workbench *w, struct bench_setup *s, struct err *err)
{
    return setup_load_data(w, s, err) < 0 ? -1 : make_net(w, s, err);
}

const struct backend *setup_device(const struct knobs *k, int *device, struct err *err)
{
    const struct backend *b = backend_find(knob_text(k, KNOB_DEVICE), device, err);
    if (!b && err && err->code == ERR_INVALID)
        err->code = ERR_DEVICE; /* what was asked for is not here */
    return b;
}

const struct backend *setup_backend(const struct knobs *k, int *device, struct err *err)
{
    const struct backend *b = setup_device(k, device, err);
    if (b && backend_check_math(b, (enum math)knob_int(k, KNOB_MATH), err) < 0)
        return NULL;
    return b;
}

int setup_check_evaluations(const struct knobs *k, const struct backend *b, struct err *err)
{
    return knob_is(k, KNOB_EVAL_MATH, "fp32") ? 0 : backend_check_eval_math(b, MATH_BF16, err);
}

/* The first device of all is not the one that was taken: why? */
void setup_device_remark(const struct workbench *w, const struct backend *b, int device, char *out, size_t size)
{
    const char *wanted = knob_text(&w->setup.knobs, KNOB_DEVICE);
    const struct backend *first = strcmp(wanted, "auto") == 0 ? backend_list[0] : b;
    char taken[BACKEND_NAME_MAX];
    struct err why = { 0 };
    out[0] = '\0';
    if (strchr(wanted, ':') || (b == first && device == 0) || first->probe(0, &why) == 0)
        return;
    backend_device_name(b, device, taken);
    snprintf(out, size, "device %s takes %s: %s", wanted, taken, why.text);
}

/* --- the demo's settings ------------------------------------------------------------------------------------------- */

/* Chosen so that, on a laptop's processor, the tail rises within the first minutes: small network, short schedule,
 * re-weighting for the second half. */
static const struct {
    enum knob_id knob;
    const char *value;
} demo_value[] = {
    { KNOB_MODEL, "resnet8" }, { KNOB_WEIGHTS, "effective" }, { KNOB_DRW, "24" }, { KNOB_OPT, "sam" }, { KNOB_RHO, "0.1" },
    { KNOB_LR, "multistep:0.1,warmup=2,32:0.1,37:0.01" }, { KNOB_EPOCHS, "40" }, { KNOB_BATCH, "64" },
    { KNOB_HESSIAN_EVERY, "2" }, { KNOB_HESSIAN_IMAGES, "64" }, { KNOB_BUDGET, "0.2" },
};

/* The largest class and the smallest. */
static const int demo_watched[] = { 0, 9 };

void setup_demo(struct workbench *w, bool all)
{
    struct bench_setup *s = &w->setup;
    for (size_t i = 0; i < sizeof demo_value / sizeof *demo_value; i++)
        if (all || !s->touched[demo_value[i].knob])
            knob_parse(demo_value[i].knob, demo_value[i].value, &s->knobs.v[demo_value[i].knob], NULL);
    if (all || s->n_watched == 0) {
        memcpy(s->watched, demo_watched, sizeof demo_watched);
        s->n_watched = sizeof demo_watched / sizeof *demo_watched;
    }
}

bool setup_watches_plain(const struct bench_setup *s)
{
    return s->n_watched == 0 || (knob_is(&s->knobs, KNOB_DATA, "demo") && s->n_watched == sizeof demo_watched / sizeof *demo_watched &&
                                 memcmp(s->watched, demo_watched, sizeof demo_watched) == 0);
}

bool setup_is_plain(const struct knobs *k, enum knob_id id)
{
    const char *initial = knob_table[id].initial;
    char plain[KNOB_TEXT_MAX], now[KNOB_TEXT_MAX];
    struct knob_value value;
    for (size_t i = 0; i < sizeof demo_value / sizeof *demo_value; i++)
        if (demo_value[i].knob == id && knob_is(k, KNOB_DATA, "demo"))
            initial = demo_value[i].value;
    if (knob_parse(id, initial, &value, NULL) < 0)
        return false;
    knob_format(id, &value, plain, sizeof plain);
    knob_format(id, &k->v[id], now, sizeof now);
    return strcmp(plain, now) == 0;
}

void setup_method(const struct knobs *k, char *out, size_t size)
{
    char loss[32], opt[32];
    knob_choice(k, KNOB_LOSS, loss, sizeof loss);
    knob_choice(k, KNOB_OPT, opt, sizeof opt);
    const char *weights = knob_is(k, KNOB_WEIGHTS, "none") ? "" : knob_num(k, KNOB_DRW) > 0 ? "+drw" : "+rw";
    const struct stage last = stage_at(k, knobs_epochs(k));
    snprintf(out, size, "%s%s%s%s%s%s", loss, weights, strcmp(opt, "sgd") ? "+" : "", strcmp(opt, "sgd") ? opt : "", last.second ? "+" : "",
             last.second ? last.name : "");
}

void setup_method_at(const struct knobs *k, char *out, size_t size)
{
    char rho[KNOB_TEXT_MAX];
    setup_method(k, out, size);
    knob_format(KNOB_RHO, &k->v[KNOB_RHO], rho, sizeof rho);
    if (optimiser_uses_rho(knobs_optimiser(k)))
        text_append(out, size, " rho %.30s", rho);
}
