/* The data of a recorded run, on this machine: a recording names them by hash, and what it might say of paths is never used. */
#include "config.h"
#include "repl/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "repl/datasets.h"

static int same_hash(const char *what, const char *recorded, const char *here, struct err *err)
{
    char safe[DIGEST_HEX];
    if (!recorded || strcmp(recorded, here) == 0)
        return 0;
    text_safe(recorded, safe, sizeof safe);
    return err_set(err, ERR_DATA, "%s not those of this run (SHA-256 %.12s, recorded %.12s)", what, here, safe);
}

struct image_geometry setup_recorded_size(const struct event *data)
{
    const struct event_field *f = &data->f[EV_DATA_IMAGE];
    return f->n == 3 ? (struct image_geometry){ (int)f->u32s[0], (int)f->u32s[1], (int)f->u32s[2] } : IMAGE_CIFAR;
}

static int same_size(const struct event *data, struct image_geometry here, struct err *err)
{
    const struct image_geometry then = setup_recorded_size(data);
    if (data->f[EV_DATA_IMAGE].n == 0 || image_same_geometry(then, here)) /* where it is not said the hash tells them apart too */
        return 0;
    return err_set(err, ERR_DATA, "its images are of %dx%d pixels with %d channel%s, those of this run of %dx%d with %d", here.height, here.width,
                   here.channels, here.channels == 1 ? "" : "s", then.height, then.width, then.channels);
}

/* Older recordings have no hash of the test images. */
static int check_loaded(const struct bench_setup *s, const struct event *data, struct err *err)
{
    if (!data || (same_size(data, s->data.train.kind.size, err) == 0 &&
                  same_hash("its training images are", data->f[EV_DATA_SHA256].s, s->data.digest, err) == 0 &&
                  same_hash("its test images are", data->f[EV_DATA_TEST_SHA256].s, s->data.test_digest, err) == 0))
        return 0;
    const char *path = setup_data_path(&s->knobs);
    return err_prefix(err, "%.64s%s%.200s", s->data.name, path[0] ? " of " : " here", path);
}

static int try_path(struct workbench *w, struct bench_setup *s, const struct event *data, const char *path, struct err *err)
{
    if (knob_parse(KNOB_DATA_PATH, path, &s->knobs.v[KNOB_DATA_PATH], err) < 0 || setup_load_data(w, s, err) < 0)
        return -1;
    return check_loaded(s, data, err);
}

/* Leaves what was wrong with the first place of all in *why. */
static int try_places(struct workbench *w, struct bench_setup *s, const struct event *data, char *const *path, int n, struct err *why)
{
    for (int i = 0; i < n; i++) {
        struct err err = { 0 };
        if (try_path(w, s, data, path[i], &err) == 0)
            return 0;
        if (!why->text[0])
            *why = err;
    }
    return -1;
}

/* Tries the places where data of the kind were seen here: those with this hash, or (NULL) all. */
static int try_known(struct workbench *w, struct bench_setup *s, const struct event *data, const char *sha256, struct err *why)
{
    char kind[32], **path;
    int n = datasets_find(sha256, knob_choice(&s->knobs, KNOB_DATA, kind, sizeof kind), &path);
    int result = try_places(w, s, data, path, n, why);
    for (int i = 0; i < n; i++)
        free(path[i]);
    free(path);
    return result;
}

/* Tries the places where this very hash was seen, what is set here, $SADDLE_DATA, where data of other hashes but the same files may be. */
static int search(struct workbench *w, struct bench_setup *s, const struct event *data, struct err *why)
{
    const char *sha256 = data ? data->f[EV_DATA_SHA256].s : NULL, *env = getenv("SADDLE_DATA");
    const bool cifar = knob_is(&s->knobs, KNOB_DATA, "cifar10") || knob_is(&s->knobs, KNOB_DATA, "cifar100");
    char own[KNOB_TEXT_MAX], *set[2];
    int n = 0;
    snprintf(own, sizeof own, "%s", knob_text(&s->knobs, KNOB_DATA_PATH));
    if (own[0])
        set[n++] = own;
    if (cifar && env && env[0])
        set[n++] = "";
    if ((sha256 && try_known(w, s, data, sha256, why) == 0) || try_places(w, s, data, set, n, why) == 0 ||
        (!knob_is(&s->knobs, KNOB_DATA, "tensors") && try_known(w, s, data, NULL, why) == 0))
        return 0;
    knob_parse(KNOB_DATA_PATH, own, &s->knobs.v[KNOB_DATA_PATH], NULL);
    return -1;
}

/* --- lists --- */

/* Other paths that a list needs; all are remembered by the hash of the images to train on but lists of others, by the hash of those. */
static const struct list_place {
    enum knob_id knob;
    const char *kind;
    bool of_test;
} list_places[] = { { KNOB_LIST_ROOT, "list-root", false }, { KNOB_LIST_NAMES, "list-names", false }, { KNOB_LIST_TEST, "list-test", true },
                    { KNOB_LIST_VAL, "list-val", true } };

/* Recalls the paths that are not set here and were seen with these hashes. */
static void recall_lists(struct bench_setup *s, const struct event *data)
{
    for (size_t i = 0; data && i < sizeof list_places / sizeof *list_places; i++) {
        const struct list_place *p = &list_places[i];
        const char *hash = data->f[p->of_test ? EV_DATA_TEST_SHA256 : EV_DATA_SHA256].s;
        char **path;
        if (!hash || knob_text(&s->knobs, p->knob)[0])
            continue;
        const int n = datasets_find(hash, p->kind, &path);
        int there = 0;
        while (there < n - 1 && access(path[there], R_OK) < 0)
            there++;
        if (n > 0)
            knob_parse(p->knob, path[there], &s->knobs.v[p->knob], NULL);
        for (int k = 0; k < n; k++)
            free(path[k]);
        free(path);
    }
}

static void remember_lists(struct workbench *w, const char *verb)
{
    const struct bench_setup *s = &w->setup;
    struct err err = { 0 };
    for (size_t i = 0; i < sizeof list_places / sizeof *list_places; i++) {
        const struct list_place *p = &list_places[i];
        const char *path = knob_text(&s->knobs, p->knob);
        if (path[0] && datasets_remember(p->of_test ? s->data.test_digest : s->data.digest, p->kind, path, &err) < 0)
            bench_warn(w, verb, "where '%s' lies is not remembered: %s", path, err.text);
    }
}

/* --root of a list: the folder of its pictures, or the list. */
static const char *root_of_list(struct bench_setup *s, const char *root)
{
    struct stat st;
    if (!root || stat(root, &st) < 0 || !S_ISDIR(st.st_mode))
        return root;
    knob_parse(KNOB_LIST_ROOT, root, &s->knobs.v[KNOB_LIST_ROOT], NULL);
    return NULL;
}

/* A verb of a run that takes --root itself; the place of others is said by 'resume', which remembers it. */
static bool takes_root(const char *verb)
{
    const struct command_info *info = verb ? command_find(verb, false, NULL) : NULL;
    return info && info->min > 0 && strstr(info->options, "root=");
}

int setup_find_data(struct workbench *w, struct bench_setup *s, const struct event *data, const char *root, const char *verb, struct err *err)
{
    char name[64];
    struct err why = { 0 };
    bool demo = knob_is(&s->knobs, KNOB_DATA, "demo");
    if (demo && root)
        return err_set(err, ERR_USAGE, "the demo is drawn and needs no folder");
    if (demo)
        return setup_load_data(w, s, err) < 0 ? -1 : check_loaded(s, data, err);
    if (knob_is(&s->knobs, KNOB_DATA, "list")) {
        root = root_of_list(s, root);
        recall_lists(s, data);
    }
    if ((root ? try_path(w, s, data, root, &why) : search(w, s, data, &why)) == 0)
        return 0;
    text_safe(data ? data->f[EV_DATA_NAME].s : NULL, name, sizeof name);
    if (root)
        return err_set(err, ERR_DATA, "--root names other data than the run's (%s): %s", name, why.text);
    return err_set(err, ERR_DATA, "where are the data of this run (%s)? '%s RUN --root %s' or 'set data_path' says it%s%s", name,
                   takes_root(verb) ? verb : "resume", knob_is(&s->knobs, KNOB_DATA, "tensors") ? "FILE" : "DIR", why.text[0] ? "; tried: " : "", why.text);
}

/* --- usual places ---------------------------------------------------------------------------------------------------- */

static bool has_file(const char *folder, const char *file)
{
    char path[1400];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    return access(path, R_OK) == 0;
}

bool setup_usual_folder(bool cifar10, char *out, size_t size)
{
    static const char *const place[] = { ".", "data", "../data", "~/data", "~/datasets", "~/Downloads" };
    const char *home = getenv("HOME"), *own = cifar10 ? "cifar-10-batches-bin" : "cifar-100-binary", *file = cifar10 ? "data_batch_1.bin" : "train.bin";
    for (size_t i = 0; i < 2 * sizeof place / sizeof place[0]; i++) {
        const char *p = place[i / 2];
        bool at_home = p[0] == '~';
        if (at_home && (!home || home[0] != '/'))
            continue;
        int n = snprintf(out, size, "%s%s%s%s", at_home ? home : "", at_home ? p + 1 : p, i % 2 ? "" : "/", i % 2 ? "" : own);
        if (n > 0 && (size_t)n < size && has_file(out, file))
            return true;
    }
    return false;
}

static const char kind_of_weights[] = "weights";

int setup_find_weights(struct workbench *w, const char *sha256, struct err *err)
{
    char **path;
    struct err why = { 0 };
    int n = datasets_find(sha256, kind_of_weights, &path), result = -1;
    for (int i = 0; i < n; i++) {
        if (result < 0)
            result = setup_load_weights(w, path[i], sha256, &why);
        free(path[i]);
    }
    free(path);
    return result == 0 ? 0 : err_set(err, ERR_DATA, "where are the weights with SHA-256 %.12s? 'load weights FILE' says it%s%s", sha256,
                                     why.text[0] ? "; tried: " : "", why.text);
}

void setup_remember_data(struct workbench *w, const char *verb)
{
    const struct bench_setup *s = &w->setup;
    char kind[32];
    struct err err = { 0 };
    if (!knob_is(&s->knobs, KNOB_DATA, "demo") &&
        datasets_remember(s->data.digest, knob_choice(&s->knobs, KNOB_DATA, kind, sizeof kind), setup_data_path(&s->knobs), &err) < 0)
        bench_warn(w, verb, "where the data lie is not remembered, 'resume' will need --root: %s", err.text);
    if (knob_is(&s->knobs, KNOB_DATA, "list"))
        remember_lists(w, verb);
    if (s->params && datasets_remember(s->weights_sha256, kind_of_weights, s->weights_file, &err) < 0)
        bench_warn(w, verb, "where the weights lie is not remembered: %s", err.text);
}
