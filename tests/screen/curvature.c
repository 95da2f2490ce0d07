/* The curvature pane's sparklines: a probe that was measured in another way is no part of the curve, and does not stretch its scale. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui_model.h"

/* The lines with a sparkline. */
static char *sparklines(struct model *m, int cols)
{
    char *text = model_paint(m, 40, cols, true, GLYPHS_BRAILLE), *out = calloc(strlen(text) + 1, 1);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        if (strstr(line, "λmin ") || strstr(line, "λmax "))
            strcat(strcat(out, strrchr(line, 'x') ? strstr(line, "λm") : line), "\n");
    free(text);
    return out;
}

/* The model's probes are an array of just their number. */
static void add_probe(struct model *m, uint32_t class, const char *how, double lmin, double lmax)
{
    struct history *h = &m->h;
    struct history_eig *eig = realloc(h->eig, (h->n_eig + 1) * sizeof *eig);
    assert_non_null(eig);
    h->eig = eig;
    eig[h->n_eig] = (struct history_eig){ .class = class, .lmin = lmin, .lmax = lmax, .epoch = eig[h->n_eig - 1].epoch, .amp = NAN, .trace = NAN };
    strcpy(eig[h->n_eig++].how, how);
}

static void test_other_probes(void **state)
{
    (void)state;
    for (int cols = 100; cols < 220; cols += 60) {
        struct model m;
        model_init(&m, 10);
        const uint32_t class = m.h.eig[m.h.n_eig - 1].class;
        char *before = sparklines(&m, cols);
        assert_true(strlen(before) > 100);
        add_probe(&m, class, "weighted", -1e7, 1e7);
        char *after = sparklines(&m, cols);
        assert_string_equal(before, after);
        add_probe(&m, class, "", -1e7, 1e7); /* one like the others is */
        char *then = sparklines(&m, cols);
        assert_string_not_equal(before, then);
        free(before);
        free(after);
        free(then);
        model_release(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_other_probes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
