#include "config.h"
#include "repl/paper.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/data/imbalance.h"
#include "repl/lex.h"

#define Q NAN
const struct paper_table paper_tables[PAPER_TABLES] = {
#define PAPER_TABLE(id, word_, title_, classes_) [PAPER_##id] = { .word = word_, .title = title_, .classes = classes_ },
#include "repl/paper.def"
};
const struct paper_row paper_rows[] = {
#define PAPER_ROW(id, data_, beta_, method_, rho_, acc, head, mid, tail, note_) \
    { .of = PAPER_##id, .data = data_, .beta = beta_, .method = method_, .rho = rho_, .cell = { acc, head, mid, tail }, .note = note_ },
#define PAPER_CANNOT(id, data_, beta_, method_, acc, head, mid, tail, why) \
    { .of = PAPER_##id, .data = data_, .beta = beta_, .method = method_, .rho = NAN, .cell = { acc, head, mid, tail }, .cannot = why },
#include "repl/paper.def"
};
const int n_paper_rows = sizeof paper_rows / sizeof *paper_rows;
const char *const paper_cell_name[PAPER_CELLS] = { "acc", "head", "mid", "tail" };

static const char imagenet[] = "imagenet-lt", list_file[] = "ImageNet_LT_train.txt";
enum { EPOCHS = 200, EPOCHS_VS = 300, EPOCHS_LARGE = 90, DRW = 160, DRW_LARGE = 60, IB_START = 100, SECOND = 180, WARMUP = 5, STAGE_EPOCHS = 30 };

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool is_large(const struct paper_row *r)
{
    return strcmp(r->data, imagenet) == 0;
}

static bool has_stage(const struct paper_row *r)
{
    return strcmp(r->method, "crt") == 0 || strcmp(r->method, "lws") == 0;
}

int paper_find(const char *word)
{
    for (int i = 0; i < PAPER_TABLES; i++)
        if (strcmp(paper_tables[i].word, word) == 0)
            return i;
    return -1;
}

bool paper_label(const struct paper_row *r, char *out, size_t size)
{
    return (r->beta ? snprintf(out, size, "%s b%d", r->method, r->beta) : snprintf(out, size, "%s", r->method)) < (int)size;
}

const char *paper_model(const struct paper_row *r, const struct paper_way *way)
{
    return way->model ? way->model : is_large(r) ? "resnet50" : "resnet32";
}

static long first_epochs(const struct paper_row *r)
{
    return is_large(r) ? EPOCHS_LARGE : begins(r->method, "vs") ? EPOCHS_VS : EPOCHS;
}

long paper_epochs(const struct paper_row *r, const struct paper_way *way)
{
    return (way->epochs ? way->epochs : first_epochs(r)) + (has_stage(r) ? STAGE_EPOCHS : 0);
}

/* Another length than the paper's, another network. */
static bool is_short(const struct paper_row *r, const struct paper_way *way)
{
    return way->epochs && way->epochs != first_epochs(r);
}

static bool is_other(const struct paper_row *r, const struct paper_way *way)
{
    return way->model && strcmp(way->model, paper_model(r, &(const struct paper_way){ .model = NULL })) != 0;
}

/* Large networks have fp32 alone. */
static const char *math_of(const struct paper_row *r, const struct paper_way *way)
{
    return is_large(r) ? "" : way->math;
}

long paper_batch(const struct paper_row *r)
{
    return is_large(r) ? 256 : 128;
}

int paper_passes(const struct paper_row *r)
{
    return strstr(r->method, "+sam") ? 2 : 1;
}

double paper_train_images(const struct paper_row *r)
{
    enum { MOST = 100 };
    const int classes = begins(r->data, "cifar100") ? 100 : 10;
    const struct imbalance_profile p = { .kind = strstr(r->data, "step") ? IMBALANCE_STEP : IMBALANCE_EXP, .classes = classes,
                                         .full = 50000.0 / classes, .beta = r->beta };
    uint32_t count[MOST];
    double all = 0;
    if (is_large(r))
        return 115846; /* of its list */
    if (imbalance_counts(count, &p, NULL) < 0)
        return NAN;
    for (int c = 0; c < classes; c++)
        all += count[c];
    return all;
}

double paper_test_images(const struct paper_row *r)
{
    return is_large(r) ? 50000 : 10000;
}

/* --- a run --------------------------------------------------------------------------------------------------------- */

void paper_run_name(const struct paper_row *r, const struct paper_way *way, long seed, char *out, size_t size)
{
    char beta[24] = "", epochs[24] = "";
    if (r->beta)
        snprintf(beta, sizeof beta, "-b%d", r->beta);
    if (is_short(r, way))
        snprintf(epochs, sizeof epochs, "-e%ld", way->epochs);
    const char *math = math_of(r, way);
    snprintf(out, size, "paper-%s%s-%s%s%s%s%s%s-s%ld", r->data, beta, r->method, is_other(r, way) ? "-" : "", is_other(r, way) ? way->model : "", epochs,
             math[0] ? "-" : "", math, seed);
}

/* An epoch of the paper's run at the same share of this one. */
static long scaled_epoch(const struct paper_row *r, const struct paper_way *way, long epoch)
{
    return lround((double)epoch * (double)way->epochs / (double)first_epochs(r));
}

/* Its steps down are those of the recipes; two that fall on one epoch are the later one. */
static void add_short_lr(const struct paper_row *r, const struct paper_way *way, struct buf *out)
{
    static const struct {
        long at[3];
        const char *factor[3];
    } plain = { { DRW, SECOND, 0 }, { "0.01", "0.0001", NULL } }, ib = { { IB_START, DRW, SECOND }, { "0.01", "0.0001", "1e-06" } };
    const bool is_ib = begins(r->method, "ib");
    const int n = is_ib ? 3 : 2;
    const long first = scaled_epoch(r, way, is_ib ? IB_START : DRW), warmup = scaled_epoch(r, way, WARMUP);
    buf_addf(out, "set lr multistep:0.1,warmup=%ld", warmup < 1 && first > 0 ? 1 : warmup);
    for (int i = 0; i < n; i++) {
        const long at = scaled_epoch(r, way, is_ib ? ib.at[i] : plain.at[i]);
        const bool last = i + 1 == n || scaled_epoch(r, way, is_ib ? ib.at[i + 1] : plain.at[i + 1]) > at;
        if (last)
            buf_addf(out, ",%ld:%s", at, is_ib ? ib.factor[i] : plain.factor[i]);
    }
    buf_addc(out, '\n');
}

static void add_short(const struct paper_row *r, const struct paper_way *way, struct buf *out)
{
    const bool is_ib = begins(r->method, "ib");
    buf_addf(out, "set epochs %ld\n", way->epochs);
    if (strstr(r->method, "drw") || is_ib)
        buf_addf(out, "set drw %ld\n", scaled_epoch(r, way, is_large(r) ? DRW_LARGE : is_ib ? IB_START : DRW));
    if (is_ib)
        buf_addf(out, "set ib_start %ld\n", scaled_epoch(r, way, IB_START));
    if (!is_large(r))
        add_short_lr(r, way, out);
}

static void add_recipe_lines(const struct paper_row *r, const char *folder, struct buf *out)
{
    char name[128];
    snprintf(name, sizeof name, "paper/%s/%s@%d", r->data, r->method, r->beta);
    buf_adds(out, "preset ");
    lex_quote(out, name);
    buf_adds(out, " --root ");
    lex_quote(out, folder);
    buf_addc(out, '\n');
}

static void add_list(const char *folder, struct buf *out)
{
    char path[1300];
    snprintf(path, sizeof path, "%.1200s/%s", folder, list_file);
    buf_adds(out, "data list ");
    lex_quote(out, path);
    buf_adds(out, " --root ");
    lex_quote(out, folder);
    snprintf(path, sizeof path, "%.1200s/ImageNet_LT_test.txt", folder);
    buf_adds(out, " --test ");
    lex_quote(out, path);
    buf_adds(out, " --imb none --size 224 --resize 256\n");
}

/* ResNet-50 for 90 epochs, cosine, re-weighted from 60 on; SAM's radius in the paper's steps. */
static void add_large(const struct paper_row *r, const struct paper_way *way, const char *folder, struct buf *out)
{
    const bool ldam = begins(r->method, "ldam");
    char steps[80];
    add_list(folder, out);
    buf_adds(out, "model resnet50\nset crop resized\nset jitter 0.4\nset augment on\n");
    buf_adds(out, ldam ? "loss ldam --margin 0.3 --scale 30 --weights effective --drw 60\n" : "loss ce --weights none\n");
    buf_adds(out, paper_passes(r) == 2 ? "opt sam\n" : "opt sgd\n");
    snprintf(steps, sizeof steps, "0.05@0 0.1@%ld 0.5@%ld", is_short(r, way) ? scaled_epoch(r, way, 5) : 5, is_short(r, way) ? scaled_epoch(r, way, DRW_LARGE) : DRW_LARGE);
    if (paper_passes(r) == 2)
        buf_addf(out, "set rho %s\n", is_short(r, way) && scaled_epoch(r, way, 5) < 1 ? "0.05" : steps);
    buf_adds(out, "set lr cosine:0.2\nset momentum 0.9\nset weight_decay 2e-4\nset batch 256\nset epochs 90\n");
    if (has_stage(r))
        buf_addf(out, "stage %s --epochs %d\n", r->method, STAGE_EPOCHS);
}

/* Spectra at the end alone, of as many images as a processor can do; of a whole run with all nodes, so that the density is fine. */
static void add_probes(const struct paper_row *r, const struct paper_way *way, struct buf *out)
{
    const bool drawn = strcmp(r->data, "cifar10-lt") == 0 && r->beta == 100;
    const char *classes = way->probed[0] ? way->probed : drawn ? "0 2 5 7 9" : "";
    buf_adds(out, "unwatch\n");
    if (!classes[0]) {
        buf_adds(out, "set hessian_every 0\n");
        return;
    }
    buf_addf(out, "watch %s\nset hessian_every %ld\nset hessian_images 500\nset budget 1\n", classes, paper_epochs(r, way));
    buf_adds(out, is_short(r, way) ? "set hessian_iters 40\n" : "set hessian_iters 80\nset hessian_tol 0\n");
}

void paper_lines(const struct paper_row *r, const struct paper_way *way, long seed, const char *folder, struct buf *out)
{
    if (is_large(r))
        add_large(r, way, folder, out);
    else
        add_recipe_lines(r, folder, out);
    if (is_other(r, way))
        buf_addf(out, "model %s\n", way->model);
    if (is_short(r, way))
        add_short(r, way, out);
    if (math_of(r, way)[0])
        buf_addf(out, "set math %s\n", math_of(r, way));
    buf_addf(out, "seed %ld\n", seed);
    add_probes(r, way, out);
}

/* --- its images ---------------------------------------------------------------------------------------------------- */

bool paper_images(const struct paper_row *r, const char *root, char *out, size_t size, const char **missing)
{
    const bool hundred = begins(r->data, "cifar100");
    const char *own = is_large(r) ? "ImageNet-LT" : hundred ? "cifar-100-binary" : "cifar-10-batches-bin";
    const char *file = is_large(r) ? list_file : hundred ? "train.bin" : "data_batch_1.bin";
    char path[1400];
    *missing = is_large(r) ? "ImageNet_LT_train.txt, ImageNet_LT_test.txt and the pictures that they name"
               : hundred   ? "train.bin and test.bin of CIFAR-100"
                           : "data_batch_1.bin ... of CIFAR-10";
    for (int i = 0; i < 2 && root[0]; i++) {
        const int n = i ? snprintf(out, size, "%s/%s", root, own) : snprintf(out, size, "%s", root);
        snprintf(path, sizeof path, "%.1300s/%s", out, file);
        if (n > 0 && (size_t)n < size && access(path, R_OK) == 0)
            return true;
    }
    return false;
}
