/* From nodes to a density: mass and moments are kept whatever the widths, and the reference's smoothing gives the reference's
 * numbers (methods 7.7). */
#include "config.h"
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "session/density.h"

static const double three[] = { -0.5, 0.1, 2.0 }, weights[] = { 0.2, 0.5, 0.3 };
static const struct density_nodes vector = { three, weights, 3, 1 };

static void the_reference_is_met(void **state)
{
    (void)state;
    double *out = calloc(DENSITY_REFERENCE_POINTS, sizeof *out), low, high, sum = 0, raw;
    int top = 0;
    density_reference(&vector, DENSITY_REFERENCE_POINTS, &low, &high, out);
    assert_true(fabs(low + 0.51) < 1e-12 && fabs(high - 2.01) < 1e-12);
    double step = (high - low) / (DENSITY_REFERENCE_POINTS - 1);
    for (int i = 0; i < DENSITY_REFERENCE_POINTS; i++) {
        sum += out[i] * step;
        top = out[i] > out[top] ? i : top;
    }
    assert_true(fabs(sum - 1) < 1e-12);
    assert_int_equal(top, 2420);
    assert_true(fabs(out[top] - 40.16627) < 5e-6);
    assert_true(fabs(low + top * step - 0.0999010) < 5e-8);
    /* the sum before normalising: 1 % of the mass is cut off at the ends */
    double z = low + top * step - 0.1;
    raw = 0.5 / sqrt(2 * M_PI * 2.52e-5) * exp(-z * z / (2 * 2.52e-5));
    assert_true(fabs(raw / out[top] - 0.98908556) < 5e-8);
    free(out);
}

static void moments(const double *value, int n, double low, double high, double out[3])
{
    double cell = (high - low) / n;
    out[0] = out[1] = out[2] = 0;
    for (int k = 0; k < n; k++) {
        double x = low + (k + 0.5) * cell, mass = value[k] * cell;
        out[0] += mass;
        out[1] += mass * x;
        out[2] += mass * x * x;
    }
}

static void mass_and_moments_are_those_of_the_nodes(void **state)
{
    (void)state;
    enum { NODES = 100, CELLS = 900 };
    static double node[NODES], wt[NODES], value[CELLS];
    double low, high, sum = 0, mean = 0, second = 0, widen = 0, got[3];
    for (int i = 0; i < NODES; i++) { /* a bulk at zero, a negative tail, outliers far up */
        node[i] = i < 10 ? -20 + 1.9 * i : i < 90 ? -0.1 + 0.005 * (i - 10) : 3 + 2.5 * (i - 90) * (i - 90);
        wt[i] = 3 * exp(-0.5 * (i - 50.0) * (i - 50.0) / 400);
        sum += wt[i];
    }
    struct density_nodes d = { node, wt, NODES, 1 };
    assert_int_equal(density_range(&d, 1, 0.2, &low, &high), 1);
    density_resolved(&d, low, high, CELLS, value);
    double cell = (high - low) / CELLS;
    for (int i = 0; i < NODES; i++) {
        double sigma = density_sigma(&d, (uint32_t)i, cell);
        assert_true(sigma >= 0.6 * cell && sigma <= fmax(0.6 * cell, 0.5 * (node[NODES - 1] - node[0]) / NODES));
        mean += wt[i] / sum * node[i];
        second += wt[i] / sum * node[i] * node[i];
        widen += wt[i] / sum * sigma * sigma;
    }
    moments(value, CELLS, low, high, got);
    assert_true(fabs(got[0] - 1) < 1e-9);
    assert_true(fabs(got[1] - mean) < 1e-6 * fabs(high - low));
    assert_true(fabs(got[2] - second - widen) < cell * cell); /* smoothing adds its variance, cells add a twelfth of theirs */
}

/* Mass is right on a grid far too coarse for the nodes. */
static void a_coarse_grid_keeps_the_mass(void **state)
{
    (void)state;
    double value[8], low, high;
    density_range(&vector, 1, 1, &low, &high);
    for (int cells = 2; cells <= 8; cells++) {
        double got[3];
        density_resolved(&vector, low, high, cells, value);
        moments(value, cells, low, high, got);
        assert_true(fabs(got[0] - 1) < (cells < 6 ? 0.15 : 0.01)); /* the width follows the cell; some of it leaves the ends */
    }
}

/* Evenly spaced nodes are one plateau; two eigenvalues apart from each other are two peaks. */
static void what_is_not_known_is_not_drawn(void **state)
{
    (void)state;
    enum { NODES = 21, CELLS = 800 };
    double node[NODES], wt[NODES], value[CELLS];
    for (int i = 0; i < NODES; i++) {
        node[i] = i;
        wt[i] = 1;
    }
    struct density_nodes even = { node, wt, NODES, 1 };
    density_resolved(&even, 0, 20, CELLS, value);
    for (int k = CELLS / 4; k < CELLS * 3 / 4; k++)
        assert_true(fabs(value[k] * NODES - 1) < 0.04);
    /* the same from three runs: neighbours of a run lie three places away */
    struct density_nodes mixed = { node, wt, NODES, 3 };
    assert_true(density_sigma(&mixed, 10, 0) > 2.9 * density_sigma(&even, 10, 0));
    density_resolved(&vector, -2, 3, CELLS, value);
    int valley = (int)((1.05 + 2) / 5 * CELLS), peak = (int)((0.1 + 2) / 5 * CELLS);
    assert_true(value[valley] < 0.5 * value[peak]);
}

static void nothing_and_one_value_are_no_accidents(void **state)
{
    (void)state;
    double value[16], low, high, got[3];
    static const double zero[] = { 0 }, one[] = { 1 };
    struct density_nodes none = { 0 }, single = { zero, one, 1, 1 };
    assert_int_equal(density_range(&none, 1, 0.1, &low, &high), 0);
    assert_int_equal(density_range(&single, 1, 0.1, &low, &high), 1);
    assert_true(high > low);
    density_resolved(&single, low, high, 16, value);
    moments(value, 16, low, high, got);
    assert_true(fabs(got[0] - 1) < 1e-6);
    density_reference(&none, 16, &low, &high, value);
    for (int i = 0; i < 16; i++)
        assert_true(value[i] == 0);
    density_reference(&single, 16, &low, &high, value);
    assert_true(low == -0.01 && high == 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_is_met),
        cmocka_unit_test(mass_and_moments_are_those_of_the_nodes),
        cmocka_unit_test(a_coarse_grid_keeps_the_mass),
        cmocka_unit_test(what_is_not_known_is_not_drawn),
        cmocka_unit_test(nothing_and_one_value_are_no_accidents),
    };
    return cmocka_run_group_tests_name("session/density", tests, NULL, NULL);
}
