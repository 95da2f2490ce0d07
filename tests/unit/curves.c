/* Measurements of curvature, as tables and figures. */
#include "config.h"
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "session/export_curves.h"
#include "sessions.h"

static struct history h;

static void fold(struct event *e)
{
    history_fold(&h, e);
    event_unref(e);
}

static void fold_eig(uint64_t class, double epoch, double lmin)
{
    const double nodes[] = { lmin, 0, 0.5, 20 }, wts[] = { 0.01, 0.9, 0.08, 0.01 };
    struct event *e = event_new(EVENT_EIG, (uint64_t)(epoch * 97));
    event_set_u64(e, EV_EIG_OF, (uint64_t)(epoch * 97));
    event_set_f64(e, EV_EIG_EP, epoch);
    event_set_u64(e, EV_EIG_CLASS, class);
    event_set_u64(e, EV_EIG_IMAGES, 20);
    event_set_u64(e, EV_EIG_ITERS, 23);
    event_set_str(e, EV_EIG_SUBSET, "0123456789abcdef");
    event_set_f64(e, EV_EIG_LMIN, lmin);
    event_set_f64(e, EV_EIG_LMAX, 20);
    event_set_f64(e, EV_EIG_RMIN, 0.002);
    event_set_f64s(e, EV_EIG_NODES, nodes, 4);
    event_set_f64s(e, EV_EIG_WTS, wts, 4);
    fold(e);
}

static int set_up(void **state)
{
    static const double at[] = { -1, 0, 1 }, loss[] = { 1, 2, 1.5 }, three[] = { 1, 2, 3 };
    static const char *const classes[] = { "circle", "star" };
    (void)state;
    history_init(&h);
    struct event *data = data_event(97);
    event_set_strs(data, EV_DATA_CLASSES, classes, 2);
    fold(data);
    fold_eig(0, 1, -1);
    fold_eig(1, 1, -4.5);
    fold_eig(1, 2, -3.5);
    struct event *e = event_new(EVENT_SLICE, 97);
    event_set_u64(e, EV_SLICE_CLASS, 1);
    event_set_f64(e, EV_SLICE_EP, 1);
    event_set_str(e, EV_SLICE_ALONG, "v_min");
    event_set_f64(e, EV_SLICE_LAMBDA, -3.5);
    event_set_f64s(e, EV_SLICE_AT, at, 3);
    event_set_f64s(e, EV_SLICE_LOSS, loss, 3);
    fold(e);
    e = event_new(EVENT_CNC, 97);
    event_set_u64(e, EV_CNC_CLASS, 1);
    event_set_f64(e, EV_CNC_EP, 1);
    event_set_f64s(e, EV_CNC_RATIO, three, 3);
    fold(e);
    e = event_new(EVENT_READING, 97);
    event_set_f64(e, EV_READING_EP, 1);
    event_set_str(e, EV_READING_KIND, "tau_norm");
    event_set_str(e, EV_READING_SPLIT, "val");
    event_set_str(e, EV_READING_CHOSEN, "val");
    event_set_f64(e, EV_READING_AT, 1);
    event_set_f64s(e, EV_READING_TAU, at, 3);
    for (int column = EV_READING_ACC; column <= EV_READING_TAIL; column++)
        event_set_f64s(e, column, three, 3);
    event_set_f64s(e, EV_READING_VALUE, three, 3);
    event_set_f64s(e, EV_READING_PLAIN, three, 3);
    fold(e);
    e = event_new(EVENT_MARGIN, 97);
    event_set_u64(e, EV_MARGIN_CLASS, 1);
    event_set_f64(e, EV_MARGIN_EP, 1);
    event_set_str(e, EV_MARGIN_SPLIT, "test");
    event_set_f64(e, EV_MARGIN_MEAN, 2.5);
    fold(e);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    history_release(&h);
    return 0;
}

static struct curves_request request(int what)
{
    return (struct curves_request){ .what = what, .epoch = INFINITY };
}

static int table(const struct curves_request *q, char *text, size_t size, struct err *err)
{
    FILE *f = tmpfile();
    assert_non_null(f);
    int result = curves_put_csv(f, &h, q, err);
    rewind(f);
    text[fread(text, 1, size - 1, f)] = '\0';
    fclose(f);
    return result;
}

static int lines(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void every_row_says_what_it_was_taken_from(void **state)
{
    static char text[1 << 19];
    static const int rows[CURVES_WHATS] = { 12, 2000, 3, 3, 3, 4, 1 }; /* a reading: the own classifier, then each tau */
    struct err err;
    (void)state;
    for (int what = 0; what < CURVES_WHATS; what++) {
        struct curves_request q = request(what);
        assert_int_equal(table(&q, text, sizeof text, &err), 0);
        assert_int_equal(lines(text), 1 + rows[what]);
        const char *head = what == curves_of(MEASURE_READING) ? "run,step,epoch,reading,split,images,tau" : "run,step,epoch,class,name,images,";
        assert_memory_equal(text, head, strlen(head));
        assert_null(strstr(text, "nan"));
    }
    struct curves_request q = request(CURVES_OF_LAMBDA);
    table(&q, text, sizeof text, &err);
    assert_non_null(strstr(text, ",194,2,1,"));
    assert_non_null(strstr(text, ",20,0123456789abcdef,,23,-3.5,0.002,20,,0.175,"));
}

static void classes_and_epochs_are_chosen(void **state)
{
    static char text[1 << 19];
    const bool second[] = { false, true, false };
    struct err err;
    (void)state;
    struct curves_request q = request(CURVES_OF_LAMBDA);
    q.classes = second;
    q.epoch = 1;
    assert_int_equal(table(&q, text, sizeof text, &err), 0);
    assert_int_equal(lines(text), 2);
    q.epoch = 0.5;
    assert_int_equal(table(&q, text, sizeof text, &err), -1);
    assert_says(err, "no eigenvalue of the wanted classes and epochs");
    const struct history_eig *e[CURVES_MOST];
    q.epoch = INFINITY;
    assert_int_equal(curves_spectra(&h, &q, e), 1);
    assert_true(e[0]->lmin == -3.5);
    h.cls[0].watched = true; /* the watched ones, when nothing is asked for */
    q.classes = NULL;
    assert_int_equal(curves_spectra(&h, &q, e), 1);
    assert_true(e[0]->lmin == -1);
}

/* The density of a table integrates to one, whichever way it was smoothed. */
static void densities_are_densities(void **state)
{
    static char text[1 << 22];
    const bool second[] = { false, true, false };
    struct err err;
    (void)state;
    for (int reference = 0; reference < 2; reference++) {
        struct curves_request q = request(CURVES_OF_DENSITY);
        double x, y, sum = 0, first = NAN, last = NAN;
        int n = 0;
        q.reference = reference;
        q.classes = second;
        assert_int_equal(table(&q, text, sizeof text, &err), 0);
        for (char *rest = strchr(text, '\n') + 1, *line; (line = strsep(&rest, "\n")) && *line; n++) {
            char *cell = strrchr(line, ',');
            y = strtod(cell + 1, NULL);
            *cell = '\0';
            x = strtod(strrchr(line, ',') + 1, NULL);
            first = n ? first : x;
            last = x;
            sum += y;
        }
        assert_true(fabs(sum * (last - first) / (n - 1) - 1) < 0.01);
    }
}

static void figures_are_drawn(void **state)
{
    struct err err;
    (void)state;
#ifndef HAVE_CAIRO
    skip();
#endif
    for (int what = 0; what < CURVES_WHATS; what++)
        for (int format = 0; format < 2; format++) {
            struct curves_request q = request(what);
            unsigned char head[24] = "";
            FILE *f = tmpfile();
            q.reference = format == 1;
            int result = figure_put(f, &h, &q, (enum figure_format)format, &err);
            rewind(f);
            size_t n = fread(head, 1, sizeof head, f);
            fclose(f);
            if (what == curves_of(MEASURE_CNC) || what == curves_of(MEASURE_MARGIN)) {
                assert_int_equal(result, -1);
                assert_says(err, "no figure of");
                continue;
            }
            assert_int_equal(result, 0);
            assert_int_equal(n, sizeof head);
            assert_memory_equal(head, format == FIGURE_PNG ? "\211PNG\r\n\032\n" : "<?xml ve", 8);
            if (format == FIGURE_PNG) /* 6.4 inches at 300 dots */
                assert_int_equal(head[18] << 8 | head[19], 1920);
        }
    struct curves_request q = request(CURVES_OF_SPECTRA);
    q.epoch = 0;
    FILE *f = tmpfile();
    assert_int_equal(figure_put(f, &h, &q, FIGURE_PNG, &err), -1);
    assert_says(err, "no spectrum of the wanted classes and epochs");
    fclose(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_row_says_what_it_was_taken_from), TEST(classes_and_epochs_are_chosen), TEST(densities_are_densities),
        TEST(figures_are_drawn),
    };
    return cmocka_run_group_tests_name("unit/curves", tests, NULL, NULL);
}
