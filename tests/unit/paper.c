/* The rows of the paper: each has its recipe, with the radius of the paper's table; and the lines of a run that is shortened. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "engine/knobs.h"
#include "repl/paper.h"

static const struct paper_row *row_of(enum paper_id table, const char *label)
{
    char text[64];
    for (int i = 0; i < n_paper_rows; i++)
        if (paper_rows[i].of == table && paper_label(&paper_rows[i], text, sizeof text) && strcmp(text, label) == 0)
            return &paper_rows[i];
    fail_msg("no row %s", label);
    return NULL;
}

static char *recipe_of(const struct paper_row *r)
{
    static char text[4096];
    char path[512];
    const char *top = getenv("top_srcdir");
    snprintf(path, sizeof path, "%s/recipes/paper/%s/%s.sad", top ? top : ".", r->data, r->method);
    FILE *in = fopen(path, "r");
    if (!in)
        fail_msg("no recipe %s", path);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    fclose(in);
    return text;
}

static void every_row_that_runs_has_its_recipe(void **state)
{
    (void)state;
    int runs = 0;
    for (int i = 0; i < n_paper_rows; i++) {
        const struct paper_row *r = &paper_rows[i];
        if (r->cannot || r->beta == 0)
            continue;
        const char *text = recipe_of(r);
        char sam[32];
        runs++;
        snprintf(sam, sizeof sam, "\nopt sam --rho %g\n", r->rho);
        if (!isnan(r->rho))
            assert_non_null(strstr(text, sam)); /* the radius that the paper names is the one that is trained with */
        char epochs[32];
        snprintf(epochs, sizeof epochs, "\nset epochs %ld\n", paper_epochs(r, &(const struct paper_way){ .probed = "" }));
        assert_non_null(strstr(text, epochs));
    }
    assert_int_equal(runs, 16 + 16 + 16 + 4 + 16 + 6);
}

static void cells_are_accuracies(void **state)
{
    (void)state;
    for (int i = 0; i < n_paper_rows; i++) {
        const struct paper_row *r = &paper_rows[i];
        for (int k = 0; k < PAPER_CELLS; k++)
            assert_true(isnan(r->cell[k]) || (r->cell[k] > 5 && r->cell[k] < 95));
        if (!isnan(r->cell[PAPER_ACC]) && !isnan(r->cell[PAPER_HEAD])) /* of all lies between those of groups */
            assert_true(r->cell[PAPER_ACC] < fmax(r->cell[PAPER_HEAD], r->cell[PAPER_TAIL]) && r->cell[PAPER_ACC] > fmin(r->cell[PAPER_MID], r->cell[PAPER_TAIL]));
    }
    assert_true(row_of(PAPER_T3, "ce+drw+sam b10")->cell[PAPER_TAIL] == 90.8);
    assert_true(isnan(row_of(PAPER_T4, "ldam+drw b200")->cell[PAPER_ACC]));
    assert_non_null(row_of(PAPER_T5, "paco b100")->cannot);
}

/* The value of the last `set KNOB` in the lines; "": none. */
static const char *set_to(const char *lines, const char *knob, char out[256])
{
    char start[64];
    const char *at = lines, *found = NULL;
    snprintf(start, sizeof start, "\nset %s ", knob);
    while ((at = strstr(at, start)))
        found = at += strlen(start);
    snprintf(out, 256, "%.*s", found ? (int)strcspn(found, "\n") : 0, found ? found : "");
    return out;
}

static void a_short_run_changes_at_the_same_shares(void **state)
{
    (void)state;
    const struct paper_way way = { .epochs = 20, .probed = "" };
    struct buf lines = { 0 };
    char value[256], name[256];
    paper_lines(row_of(PAPER_T3, "ce+drw+sam b50"), &way, 3, "/data x", &lines);
    assert_true(lines.data == strstr(lines.data, "preset paper/cifar10-lt/ce+drw+sam@50 --root \"/data x\"\n"));
    assert_string_equal(set_to(lines.data, "epochs", value), "20");
    assert_string_equal(set_to(lines.data, "drw", value), "16");
    assert_string_equal(set_to(lines.data, "lr", value), "multistep:0.1,warmup=1,16:0.01,18:0.0001");
    assert_non_null(strstr(lines.data, "\nseed 3\n"));
    paper_run_name(row_of(PAPER_T3, "ce+drw+sam b50"), &way, 3, name, sizeof name);
    assert_string_equal(name, "paper-cifar10-lt-b50-ce+drw+sam-e20-s3");
    const struct paper_way as_paper = { .epochs = 200, .model = "resnet32", .probed = "" }; /* the same run as without saying so */
    paper_run_name(row_of(PAPER_T3, "ce+drw+sam b50"), &as_paper, 0, name, sizeof name);
    assert_string_equal(name, "paper-cifar10-lt-b50-ce+drw+sam-s0");
    const struct paper_way bf16 = { .math = "bf16", .probed = "" };
    paper_run_name(row_of(PAPER_T3, "ce+drw b50"), &bf16, 0, name, sizeof name);
    assert_string_equal(name, "paper-cifar10-lt-b50-ce+drw-bf16-s0");
    buf_clear(&lines);
    paper_lines(row_of(PAPER_T3, "ce+drw b50"), &bf16, 0, "/data", &lines);
    assert_string_equal(set_to(lines.data, "math", value), "bf16");
    buf_clear(&lines);
    paper_lines(row_of(PAPER_T3, "ce+drw b50"), &(const struct paper_way){ .probed = "" }, 0, "/data", &lines);
    assert_string_equal(set_to(lines.data, "lr", value), ""); /* as the recipe has it */
    buf_release(&lines);
}

/* Whatever the length: what is set is accepted, and re-weighting begins within the run. */
static void any_length_makes_a_schedule(void **state)
{
    (void)state;
    struct err err;
    struct knob_value read;
    char value[256];
    for (int i = 0; i < n_paper_rows; i++)
        for (long n = 1; n < 400 && !paper_rows[i].cannot; n += n < 20 ? 1 : 37) {
            const struct paper_way way = { .epochs = n, .probed = "" };
            struct buf lines = { 0 };
            paper_lines(&paper_rows[i], &way, 0, "/data", &lines);
            if (knob_parse(KNOB_LR, set_to(lines.data, "lr", value), &read, &err) < 0)
                fail_msg("%s, %ld epochs: %s: %s", paper_rows[i].method, n, value, err.text);
            const char *rho = set_to(lines.data, "rho", value);
            if (rho[0] && knob_parse(KNOB_RHO, rho, &read, &err) < 0)
                fail_msg("%s, %ld epochs: %s", paper_rows[i].method, n, err.text);
            assert_true(atol(set_to(lines.data, "drw", value)) <= n);
            buf_release(&lines);
        }
}

static void images_of_an_epoch(void **state)
{
    (void)state;
    assert_true(paper_train_images(row_of(PAPER_T3, "ce+drw b200")) == 11203);
    assert_true(paper_train_images(row_of(PAPER_T4, "ce+drw b10")) == 19573);
    assert_true(paper_train_images(&paper_rows[4]) == 25250 && strcmp(paper_rows[4].data, "cifar10-step") == 0);
    assert_int_equal(paper_passes(row_of(PAPER_FIG4, "ce+drw+sam-0.05 b100")), 2);
    assert_int_equal(paper_passes(row_of(PAPER_FIG4, "ce+drw+lpf b100")), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_that_runs_has_its_recipe), cmocka_unit_test(cells_are_accuracies),
        cmocka_unit_test(a_short_run_changes_at_the_same_shares), cmocka_unit_test(any_length_makes_a_schedule),
        cmocka_unit_test(images_of_an_epoch),
    };
    return cmocka_run_group_tests_name("unit/paper", tests, NULL, NULL);
}
