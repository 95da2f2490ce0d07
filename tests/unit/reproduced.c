/* The numbers of recorded runs beside the paper's: means over seeds, spectra of classes, and what each way of telling makes of them. */
#include "config.h"

#include "compared.h"

#include <math.h>
#include <string.h>

#include "repl/reproduce.h"

enum { RUNS = 3, TEXT = 16384 };

static void record_run(const char *name, double acc, uint64_t seed)
{
    struct written w = { .name = name, .classes = 10 };
    begin_config(&w, "0.5", seed, NULL, 0);
    write_data(&w, "aa", 0);
    write_epoch(&w, 1, acc + 5, 1); /* better than the last: the best */
    write_epoch(&w, 2, acc, 1);
    write_eig(&w, 2 * SPE, 2, -4);
    write_eig(&w, 2 * SPE, 7, -8);
    end_run(&w);
}

static struct reproduction *reproduced(enum paper_id of)
{
    static const char *const names[RUNS] = { "one", "two", "three" };
    struct reproduction *p = calloc(1, sizeof *p);
    char path[RUNS][1024];
    const char *dir[RUNS + 1] = { NULL };
    struct err err;
    *p = (struct reproduction){ .of = of, .seeds = RUNS + 1, .way.probed = "" };
    for (int i = 0; i < n_paper_rows; i++)
        if (paper_rows[i].of == of && p->n < REPRODUCE_ROWS)
            p->row[p->n++] = (struct reproduced_row){ .row = &paper_rows[i], .mean = { NAN, NAN, NAN, NAN }, .sd = { NAN, NAN, NAN, NAN } };
    if (of == PAPER_F2) {
        p->n_classes = 3;
        p->class[0] = 2, p->class[1] = 5, p->class[2] = 7;
    }
    for (int i = 0; i < RUNS; i++) {
        at(names[i], path[i]);
        dir[i] = path[i];
    }
    assert_int_equal(reproduce_read(p, &p->row[1], dir, RUNS + 1, &err), 0); /* one is not there */
    return p;
}

static void drop(struct reproduction *p)
{
    reproduce_release(p);
    free(p);
}

static void means_and_deviations_over_seeds(void **state)
{
    (void)state;
    struct reproduction *p = reproduced(PAPER_T3);
    const struct reproduced_row *r = &p->row[1];
    assert_int_equal(r->n, RUNS);
    assert_true(fabs(r->mean[PAPER_ACC] - 80) < 1e-9 && fabs(r->sd[PAPER_ACC] - 2) < 1e-9); /* 78, 80, 82 */
    assert_true(fabs(r->mean[PAPER_HEAD] - 90) < 1e-9 && fabs(r->mean[PAPER_TAIL] - 70) < 1e-9);
    assert_true(fabs(r->best - 85) < 1e-9);
    assert_true(isnan(p->row[0].mean[PAPER_ACC]) && p->row[0].n == 0);
    drop(p);
}

static void one_run_has_no_deviation(void **state)
{
    (void)state;
    char path[1024];
    const char *const dir[] = { path };
    struct err err;
    struct reproduction *p = reproduced(PAPER_T3);
    at("two", path);
    assert_int_equal(reproduce_read(p, &p->row[2], dir, 1, &err), 0);
    assert_true(p->row[2].n == 1 && p->row[2].mean[PAPER_ACC] == 80 && isnan(p->row[2].sd[PAPER_ACC]));
    drop(p);
}

static void add_said(void *ctx, const char *line)
{
    char *text = ctx;
    snprintf(text + strlen(text), TEXT - strlen(text), "%s\n", line);
}

static void has_text(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no '%s' in:\n%s", part, text);
}

static void the_text_lays_them_beside_each_other(void **state)
{
    (void)state;
    char *text = calloc(1, TEXT);
    struct reproduction *p = reproduced(PAPER_T3);
    reproduce_text(p, add_said, text);
    has_text(text, "\nce+drw b10           88.3 .         93.6 .");
    has_text(text, "\nce+drw+sam b10       89.7 80.0+-2.0 93.4 90.0+-2.0 86.1 80.0+-2.0 90.8 70.0+-2.0");
    has_text(text, "\nldam+drw b100           ? .            ? .");
    drop(p);
    free(text);
}

static void a_figure_has_spectra(void **state)
{
    (void)state;
    char *text = calloc(1, TEXT);
    struct reproduction *p = reproduced(PAPER_F2);
    const struct reproduced_spectrum *s = p->row[1].spectrum;
    assert_true(s[0].there && s[0].lmin == -4 && s[0].lmax == 40 && fabs(s[0].below - 0.1) < 1e-12);
    assert_true(!s[1].there && s[2].lmin == -8);
    reproduce_text(p, add_said, text);
    has_text(text, "\nD  ce+drw+sam b100   2 c2");
    has_text(text, "10 %\n");
    has_text(text, "\nE  ce+drw+sam b100   5 no spectrum yet");
    drop(p);
    free(text);
}

static void files_have_the_same_numbers(void **state)
{
    (void)state;
    struct err err;
    char *text = NULL;
    size_t size;
    struct reproduction *p = reproduced(PAPER_F2);
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(reproduce_csv(out, p, &err), 0);
    fclose(out);
    has_text(text, "\nfigure2,cifar10-lt,100,ce+drw+sam,,acc,,80.6,80,2,3,");
    has_text(text, "\nfigure2,cifar10-lt,100,ce+drw+sam,,lmin,c7,?,-8,0.25,1,deviation is the residual bound\n");
    has_text(text, "\nfigure2,cifar10-lt,100,ce+drw+sam,,lmax,c7,?,40,0.5,1,deviation is the residual bound\n");
    has_text(text, "\nfigure2,cifar10-lt,100,ce+drw+sam,,below_zero,c2,?,0.1,,1,");
    free(text);
    out = open_memstream(&text, &size);
    assert_int_equal(reproduce_tex(out, p, &err), 0);
    fclose(out);
    has_text(text, "\ncifar10-lt & ce+drw+sam b100 & 80.6 & $80.0 \\pm 2.0$ & ");
    has_text(text, "\nce+drw+sam b100 & 7 & 126 & ");
    free(text);
    drop(p);
}

/* Every kind of figure is drawn, or the build says that it cannot. */
static void figures_are_drawn(void **state)
{
    (void)state;
    static const enum paper_id tables[] = { PAPER_T3, PAPER_FIG4, PAPER_F2 };
    for (size_t k = 0; k < sizeof tables / sizeof *tables; k++) {
        struct err err = { 0 };
        char *text = NULL;
        size_t size;
        struct reproduction *p = reproduced(tables[k]);
        for (int i = 0; i < p->n; i++)
            for (int cell = 0; cell < PAPER_CELLS; cell++)
                p->row[i].mean[cell] = 60 + 3 * (i % 8) - 8 * cell, p->row[i].sd[cell] = 0.7;
        FILE *out = open_memstream(&text, &size);
        const int result = reproduce_figure(out, p, false, &err);
        fclose(out);
        if (result < 0)
            has_text(err.text, "cairo");
        else
            has_text(text, "</svg>");
        free(text);
        drop(p);
    }
}

static int make_runs_of_it(void **state)
{
    if (make_root(state) < 0)
        return -1;
    record_run("one", 78, 0);
    record_run("two", 80, 1);
    record_run("three", 82, 2);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_and_deviations_over_seeds), cmocka_unit_test(one_run_has_no_deviation),
        cmocka_unit_test(the_text_lays_them_beside_each_other), cmocka_unit_test(a_figure_has_spectra),
        cmocka_unit_test(files_have_the_same_numbers), cmocka_unit_test(figures_are_drawn),
    };
    return cmocka_run_group_tests_name("unit/reproduced", tests, make_runs_of_it, remove_root);
}
