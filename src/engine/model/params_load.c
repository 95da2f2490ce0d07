/* Weights from files of tensors: names, shapes and values are checked before anything is believed. */
#include "config.h"
#include "engine/model/params.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/number.h"
#include "base/safetensors.h"
#include "base/text.h"
#include "engine/model/families.h"

enum { SHAPE_TEXT = 200, NAME_SIZE = 2 * SAFETENSORS_MAX_NAME, SHOWN = 3 };
static const char variance_end[] = ".running_var", batches_end[] = ".num_batches_tracked";

/* Names of classifiers: one for the other is taken. */
static const char *const classifiers[] = { "linear.", "fc." };
enum { N_CLASSIFIERS = sizeof classifiers / sizeof *classifiers };

/* The file's spelling of the network's names. */
struct spelling {
    int prefix;         /* bytes before each name */
    const char *before; /* these, borrowed from the file; not ended */
    const char *own, *there; /* how the network's classifier begins, and the file's; NULL: alike */
};

/* --- names --------------------------------------------------------------------------------------------------------- */

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

static bool starts_with(const char *name, const char *with)
{
    return strncmp(name, with, strlen(with)) == 0;
}

/* Length of the words that wrappers and checkpoints put before names; no part of a network here is called so. */
static int usual_prefix(const char *name)
{
    static const char *const words[] = { "module.", "model.", "net.", "network.", "backbone.", "state_dict.", "model_state_dict.", "_orig_mod." };
    const char *p = name;
    for (size_t i = 0; i < sizeof words / sizeof *words;)
        if (strncmp(p, words[i], strlen(words[i])) == 0) {
            p += strlen(words[i]);
            i = 0;
        } else
            i++;
    return (int)(p - name);
}

static const struct safetensors_tensor *find_spelled(const struct safetensors *file, const struct spelling *s, const char *name)
{
    char full[NAME_SIZE];
    bool other = s->there && starts_with(name, s->own);
    snprintf(full, sizeof full, "%.*s%s%s", s->prefix, s->before, other ? s->there : "", other ? name + strlen(s->own) : name);
    return safetensors_find(file, full);
}

/* A decoded snapshot is a file of weights too: momentum and what else it keeps have names with a slash, which no weight has. */
static bool is_beside(const struct safetensors *file, const char *name)
{
    const char *format = safetensors_metadata(file, "format");
    return format && strcmp(format, "saddle-2") == 0 && strchr(name, '/');
}

/* The network's own name where the file has it. */
static void choose_classifier(const struct net *net, const struct safetensors *file, struct spelling *s)
{
    const char *name = "";
    for (int i = 0; i < net->params.n; i++)
        if (net->params.tensor[i].offset == net->head_weight)
            name = net->params.tensor[i].name;
    s->own = s->there = NULL;
    for (int i = 0; i < N_CLASSIFIERS; i++)
        if (starts_with(name, classifiers[i]))
            s->own = classifiers[i];
    if (!s->own || net->head != HEAD_LINEAR || find_spelled(file, s, name))
        return;
    for (int i = 0; i < N_CLASSIFIERS && (!s->there || !find_spelled(file, s, name)); i++)
        s->there = classifiers[i];
    if (!find_spelled(file, s, name))
        s->there = NULL;
}

/* One prefix for all names: two sets of weights in one file (EMA beside the model's) are not ours to choose from. */
static int choose_spelling(const struct net *net, const struct safetensors *file, struct spelling *s, struct err *err)
{
    const char *first = safetensors_count(file) ? safetensors_at(file, 0)->name : "";
    *s = (struct spelling){ .prefix = usual_prefix(first), .before = first };
    for (int i = 1; i < safetensors_count(file); i++) {
        const char *name = safetensors_at(file, i)->name;
        if (!is_beside(file, name) && (usual_prefix(name) != s->prefix || strncmp(name, first, (size_t)s->prefix) != 0))
            return err_set(err, ERR_DATA, "'%.80s' and '%.80s' do not begin alike; expected the tensors of one %s and nothing else", first, name,
                           net->name);
    }
    choose_classifier(net, file, s);
    return 0;
}

static bool in_table(const struct tensor_table *table, const char *name)
{
    for (int i = 0; i < table->n; i++)
        if (strcmp(table->tensor[i].name, name) == 0)
            return true;
    return false;
}

/* Does the network have this tensor of the file? How often a batch norm was updated is nobody's business here. */
static bool net_has(const struct net *net, const struct spelling *s, const char *name)
{
    char own[NAME_SIZE];
    name += s->prefix;
    bool other = s->there && starts_with(name, s->there);
    if (s->there && starts_with(name, s->own))
        return false; /* beside the other one */
    snprintf(own, sizeof own, "%s%s", other ? s->own : "", other ? name + strlen(s->there) : name);
    return in_table(&net->params, own) || in_table(&net->stats, own) || ends_in(own, batches_end);
}

/* "'a' [3], 'b' [2, 2] and 5 more": tensors of the file that the network has not. How many. */
static int list_foreign(const struct net *net, const struct safetensors *file, const struct spelling *s, char *out, size_t size)
{
    int n = 0;
    out[0] = '\0';
    for (int i = 0; i < safetensors_count(file); i++) {
        const struct safetensors_tensor *t = safetensors_at(file, i);
        char shape[SHAPE_TEXT];
        if (is_beside(file, t->name) || net_has(net, s, t->name) || n++ >= SHOWN)
            continue;
        safetensors_shape_text(t->rank, t->dims, shape, sizeof shape);
        text_append(out, size, "%s'%.48s' %.40s", n > 1 ? ", " : "", t->name, shape);
    }
    if (n > SHOWN)
        text_append(out, size, " and %d more", n - SHOWN);
    return n;
}

/* Tensors of a table that the file has not; *first is the first of them. */
static int count_missing(const struct tensor_table *table, const struct safetensors *file, const struct spelling *s, const char **first)
{
    int n = 0;
    for (int i = 0; i < table->n; i++)
        if (!find_spelled(file, s, table->tensor[i].name) && n++ == 0 && !*first)
            *first = table->tensor[i].name;
    return n;
}

/* Tells what is missing and what is left over, in one line. 0 when nothing is missing. */
static int check_missing(const struct net *net, bool with_stats, const struct safetensors *file, const struct spelling *s, struct err *err)
{
    const char *first = NULL;
    char more[32] = "", over[400];
    int n = count_missing(&net->params, file, s, &first), all = net->params.n;
    if (with_stats)
        n += count_missing(&net->stats, file, s, &first), all += net->stats.n;
    if (n == 0)
        return 0;
    int foreign = list_foreign(net, file, s, over, sizeof over);
    if (n == all)
        return err_set(err, ERR_DATA, "none of the tensors of %s is there; it holds %s", net->name, foreign ? over : "no tensors");
    if (n > 1)
        snprintf(more, sizeof more, ", and %d more", n - 1);
    return err_set(err, ERR_DATA, "tensor '%s' of %s is missing%s%s%s", first, net->name, more, foreign ? "; left over: " : "", over);
}

static int check_left_over(const struct net *net, const struct safetensors *file, const struct spelling *s, struct err *err)
{
    char over[400];
    return list_foreign(net, file, s, over, sizeof over) ? err_set(err, ERR_DATA, "%s has no tensor %s", net->name, over) : 0;
}

/* --- shapes and values --------------------------------------------------------------------------------------------- */

static bool same_shape(const struct tensor_info *want, const struct safetensors_tensor *have)
{
    bool same = want->rank == have->rank;
    for (int i = 0; same && i < want->rank; i++)
        same = (uint64_t)want->dims[i] == have->dims[i];
    return same;
}

static int check_shape(const struct net *net, const struct tensor_info *want, const struct safetensors_tensor *have, struct err *err)
{
    uint64_t dims[SAFETENSORS_MAX_RANK] = { 0 };
    char is[SHAPE_TEXT], should[SHAPE_TEXT];
    if (same_shape(want, have))
        return 0;
    for (int i = 0; i < want->rank; i++)
        dims[i] = (uint64_t)want->dims[i];
    safetensors_shape_text(have->rank, have->dims, is, sizeof is);
    safetensors_shape_text(want->rank, dims, should, sizeof should);
    return err_set(err, ERR_DATA, "tensor '%s' is %s; %s needs %s", have->name, is, net->name, should);
}

/* The number that the file holds there, before it became a float. */
static double exact_value(const struct safetensors_tensor *t, uint64_t i, float value)
{
    double wide = (double)value;
    if (t->dtype == SAFETENSORS_F64)
        memcpy(&wide, (const char *)t->data + i * sizeof wide, sizeof wide);
    return wide;
}

static int bad_value(const struct safetensors_tensor *t, uint64_t i, float value, struct err *err)
{
    uint64_t at[SAFETENSORS_MAX_RANK] = { 0 }, rest = i;
    char index[SHAPE_TEXT], number[NUMBER_TEXT_MAX];
    for (int k = t->rank - 1; k >= 0; k--) {
        at[k] = rest % t->dims[k];
        rest /= t->dims[k];
    }
    safetensors_shape_text(t->rank, at, index, sizeof index);
    number_format(exact_value(t, i, value), number, sizeof number);
    return err_set(err, ERR_DATA, "tensor '%s' holds %s at %s; expected %s", t->name, number, index,
                   isfinite(value) ? "variances of 0 or more" : "numbers that are finite as float32");
}

static int check_values(const struct safetensors_tensor *t, const float *value, struct err *err)
{
    bool variance = ends_in(t->name, variance_end);
    for (uint64_t i = 0; i < t->count; i++)
        if (!isfinite(value[i]) || (variance && value[i] < 0))
            return bad_value(t, i, value[i], err);
    return 0;
}

static int load_table(const struct net *net, const struct tensor_table *table, const struct safetensors *file, const struct spelling *s, float *out,
                      struct err *err)
{
    for (int i = 0; i < table->n; i++) {
        const struct tensor_info *want = &table->tensor[i];
        const struct safetensors_tensor *have = find_spelled(file, s, want->name);
        if (check_shape(net, want, have, err) < 0 || safetensors_to_float(have, out + want->offset, err) < 0 ||
            check_values(have, out + want->offset, err) < 0)
            return -1;
    }
    return 0;
}

static void fresh_stats(const struct net *net, float *stats)
{
    for (int i = 0; i < net->stats.n; i++) {
        const struct tensor_info *t = &net->stats.tensor[i];
        for (size_t k = 0; k < t->count; k++)
            stats[t->offset + k] = ends_in(t->name, variance_end) ? 1 : 0;
    }
}

/* --- whose weights these are --------------------------------------------------------------------------------------- */

/* Tensors of a table that the file has in the same shape. */
static int count_alike(const struct tensor_table *table, const struct safetensors *file, const struct spelling *s)
{
    int n = 0;
    for (int i = 0; i < table->n; i++) {
        const struct safetensors_tensor *have = find_spelled(file, s, table->tensor[i].name);
        n += have && same_shape(&table->tensor[i], have);
    }
    return n;
}

struct likeness {
    int alike, of; /* tensors that both have, and that either has; counters and what lies beside are not counted */
};

static struct likeness likeness_of(const struct net *net, const struct safetensors *file, const struct spelling *s)
{
    const int stats = count_alike(&net->stats, file, s), alike = count_alike(&net->params, file, s) + stats;
    int there = 0;
    for (int i = 0; i < safetensors_count(file); i++) {
        const char *name = safetensors_at(file, i)->name;
        there += !ends_in(name, batches_end) && !is_beside(file, name);
    }
    return (struct likeness){ .alike = alike, .of = there + net->params.n + (stats ? net->stats.n : 0) - alike };
}

/* The family's network of the file's classes, head and channels; without a classifier there, of this network's. */
static int net_as_there(struct net *out, const char *family, const struct net *net, const struct safetensors *file, const struct spelling *s)
{
    const struct safetensors_tensor *stem = find_spelled(file, s, "conv1.weight");
    struct image_geometry image = { net->height, net->width, stem && stem->rank == 4 && stem->dims[1] == 1 ? 1 : 3 };
    enum head_kind head = net->head;
    uint64_t classes = (uint64_t)net->classes;
    for (int i = 0; i < N_CLASSIFIERS; i++) {
        const struct spelling plain = { .prefix = s->prefix, .before = s->before };
        char weight[32], bias[32];
        snprintf(weight, sizeof weight, "%sweight", classifiers[i]);
        snprintf(bias, sizeof bias, "%sbias", classifiers[i]);
        const struct safetensors_tensor *t = find_spelled(file, &plain, weight);
        if (!t || t->rank != 2)
            continue;
        head = find_spelled(file, &plain, bias) ? HEAD_LINEAR : HEAD_NORM;
        classes = t->dims[head == HEAD_LINEAR ? 0 : 1];
    }
    return net_of_family(out, family, image, classes > NET_MAX_CLASSES ? 0 : (int)classes, head, NULL);
}

/* "resnet50 for 1000 classes", and what else of the two differs. */
static void describe_network(const struct net *net, const struct net *other, char *out, size_t size)
{
    snprintf(out, size, "%s for %d classes", net->name, net->classes);
    if (net->head != other->head)
        text_append(out, size, ", head %s", net->head == HEAD_NORM ? "norm" : "linear");
    if (net->image_channels != other->image_channels)
        text_append(out, size, ", images of %d channel%s", net->image_channels, net->image_channels == 1 ? "" : "s");
}

/* Finds the family most like the file, unless that is the network itself; half of the tensors must agree. *best is then its
 * network, to be released. */
static bool find_family(const struct net *net, const struct safetensors *file, const struct spelling *s, struct net *best,
                        struct likeness *likeness)
{
    *best = (struct net){ 0 };
    *likeness = likeness_of(net, file, s);
    for (int i = 0; network_name(i); i++) {
        struct net other;
        if (net_as_there(&other, network_name(i), net, file, s) < 0)
            continue;
        struct spelling its = *s;
        choose_classifier(&other, file, &its);
        const struct likeness l = likeness_of(&other, file, &its);
        if (2 * l.alike >= l.of && (long)l.alike * likeness->of > (long)likeness->alike * l.of) {
            net_release(best);
            *best = other;
            *likeness = l;
        } else {
            net_release(&other);
        }
    }
    return best->n_units > 0;
}

/* After names or shapes did not fit: whose weights these are, in place of the first odd tensor; or whose they are most like, behind it. */
static void tell_family(const struct net *net, const struct safetensors *file, const struct spelling *s, struct err *err)
{
    struct net best;
    struct likeness likeness;
    char there[96], here[96];
    if (!err || err->code != ERR_DATA || !find_family(net, file, s, &best, &likeness))
        return;
    describe_network(&best, net, there, sizeof there);
    describe_network(net, &best, here, sizeof here);
    if (likeness.alike == likeness.of)
        err_set(err, ERR_DATA, "weights of %s; expected those of %s", there, here);
    else
        text_append(err->text, sizeof err->text, "; most like %s (%d of %d tensors)", there, likeness.alike, likeness.of);
    net_release(&best);
}

/* --- a file -------------------------------------------------------------------------------------------------------- */

static int load_params(const struct net *net, const struct safetensors *file, const struct spelling *s, float *params, float *stats, struct err *err)
{
    if (check_missing(net, stats != NULL, file, s, err) < 0 || load_table(net, &net->params, file, s, params, err) < 0 ||
        (stats && load_table(net, &net->stats, file, s, stats, err) < 0))
        return -1;
    return check_left_over(net, file, s, err);
}

int params_load(const struct net *net, const char *path, float *params, float *stats, struct err *err)
{
    struct safetensors *file = safetensors_open(path, err);
    if (!file)
        return -1;
    int result = load_params(net, file, &(struct spelling){ .before = "" }, params, stats, err);
    safetensors_close(file);
    return result == 0 ? 0 : err_prefix(err, "%s", path);
}

int params_load_weights(const struct net *net, const char *path, float *params, float *stats, struct params_note *note, struct err *err)
{
    struct spelling s;
    const char *first = NULL;
    struct safetensors *file = safetensors_open(path, err);
    note->text[0] = '\0';
    if (!file)
        return -1;
    int result = choose_spelling(net, file, &s, err);
    bool bare = result == 0 && count_missing(&net->stats, file, &s, &first) == net->stats.n;
    if (result == 0) {
        result = load_params(net, file, &s, params, bare ? NULL : stats, err);
        if (result < 0)
            tell_family(net, file, &s, err);
    }
    if (result == 0 && bare)
        fresh_stats(net, stats);
    if (result == 0 && s.prefix)
        text_append(note->text, sizeof note->text, "'%.*s' before each name is left out", s.prefix, s.before);
    if (result == 0 && s.there)
        text_append(note->text, sizeof note->text, "%s%.*s is taken for %.*s", note->text[0] ? ", " : "", (int)strlen(s.there) - 1, s.there,
                    (int)strlen(s.own) - 1, s.own);
    if (result == 0 && bare)
        text_append(note->text, sizeof note->text, "%sno running statistics there: 0 and 1", note->text[0] ? ", " : "");
    safetensors_close(file);
    return result == 0 ? 0 : err_prefix(err, "%s", path);
}
