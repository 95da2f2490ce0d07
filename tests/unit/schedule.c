#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/number.h"
#include "engine/schedule.h"

static struct schedule parsed(const char *text)
{
    struct schedule s;
    struct err err;
    if (schedule_parse(&s, text, 0, 100, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return s;
}

static void assert_value(const struct schedule *s, double e, double wanted)
{
    double got = schedule_at(s, e, 200);
    if (!(got >= wanted * (1 - 1e-12) && got <= wanted * (1 + 1e-12)))
        fail_msg("epoch %g: %.17g, wanted %.17g", e, got, wanted);
}

/* methods 5.2 */
static void test_reference_rate(void **state)
{
    (void)state;
    struct schedule s = parsed("multistep:0.1");
    const double at[] = { 0, 1, 3, 4, 5, 159, 160, 179, 180, 199, 250 };
    const double wanted[] = { 0.02, 0.04, 0.08, 0.1, 0.1, 0.1, 0.001, 0.001, 0.00001, 0.00001, 0.00001 };
    for (int i = 0; i < 11; i++)
        assert_value(&s, at[i], wanted[i]);
}

/* rho in steps, as the paper has it (methods 4.3) */
static void test_reference_rho(void **state)
{
    (void)state;
    struct schedule s = parsed("0.05@0 0.1@5 0.5@160 0.6@180");
    assert_value(&s, 4, 0.05);
    assert_value(&s, 5, 0.1);
    assert_value(&s, 159.9, 0.1);
    assert_value(&s, 160, 0.5);
    assert_value(&s, 180, 0.6);
    assert_value(&s, 1000, 0.6);
    s = parsed("linear:0.05..0.8");
    assert_value(&s, 0, 0.05);
    assert_value(&s, 99, 0.05 + 0.75 * 99 / 199);
    assert_true(schedule_at(&s, 99, 200) > 0.4231155 && schedule_at(&s, 99, 200) < 0.4231156);
    assert_value(&s, 199, 0.8);
    assert_value(&s, 400, 0.8);
    assert_true(schedule_at(&s, 0, 1) == 0.05);
}

/* methods 5.1 */
static void test_cosine(void **state)
{
    (void)state;
    struct schedule s = parsed("cosine:0.2");
    assert_true(schedule_at(&s, 0, 90) == 0.2);
    assert_true(schedule_at(&s, 45, 90) > 0.0999999 && schedule_at(&s, 45, 90) < 0.1000001);
    assert_true(schedule_at(&s, 60, 90) > 0.0499999 && schedule_at(&s, 60, 90) < 0.0500001);
    assert_true(schedule_at(&s, 89, 90) > 6.08e-5 && schedule_at(&s, 89, 90) < 6.10e-5);
    s = parsed("cosine:0.2..0.01");
    assert_true(schedule_at(&s, 90, 90) == 0.01);
}

static void test_round_trip(void **state)
{
    (void)state;
    const char *const texts[] = { "0.1", "0", "1e-05", "0.05@0 0.1@5 0.5@60", "linear:0.05..0.8", "cosine:0.2", "cosine:0.2..0.001",
                                  "multistep:0.1", "multistep:0.1,warmup=5,160:0.01", "multistep:0.1,160:0.01,180:0.0001",
                                  "multistep:0.3,warmup=0", "multistep:0.1,warmup=10", "=" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct schedule s = parsed(texts[i]);
        char text[SCHEDULE_TEXT_MAX];
        schedule_format(&s, text, sizeof text);
        assert_string_equal(text, texts[i]);
    }
    struct schedule s = parsed("multistep:0.1,warmup=5,160:0.01,180:0.0001");
    char text[SCHEDULE_TEXT_MAX];
    schedule_format(&s, text, sizeof text);
    assert_string_equal(text, "multistep:0.1");
    s = parsed("  50% ");
    schedule_format(&s, text, sizeof text);
    assert_string_equal(text, "0.5");
}

/* Every number survives text, whatever its bits. */
static void test_exact_numbers(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        double value = (double)(x >> 11) * 0x1p-53 * (i % 3 ? 1 : 1e-9), back = -1;
        char text[NUMBER_TEXT_MAX];
        number_format(value, text, sizeof text);
        assert_true(number_parse(text, &back));
        assert_memory_equal(&back, &value, sizeof value);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    const char *const texts[] = { "", "abc", "0.1x", "0x10", "nan", "inf", "1e999", "101", "-0.1", "0.1@5", "0.1@0 0.2", "0.1@0 0.2@0",
                                  "0.1@0 0.2@5 0.3@4", "0.1@0 0.2@2.5", "0.1@0 x@3", "linear:0.1", "linear:0.1..", "cosine:", "cosine:0.1..200",
                                  "multistep:", "multistep:0.1,", "multistep:0.1,5", "multistep:0.1,warmup=x", "multistep:1,10:200",
                                  "multistep:0.1,warmup=20,10:0.1", "multistep:0.1,20:0.1,10:0.1", "1 2",
                                  "1@0 1@1 1@2 1@3 1@4 1@5 1@6 1@7 1@8 1@9 1@10 1@11 1@12 1@13 1@14 1@15 1@16" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct schedule s = { .kind = SCHEDULE_COSINE, .base = 7 };
        struct err err = { 0 };
        if (schedule_parse(&s, texts[i], 0, 100, &err) == 0)
            fail_msg("'%s' was accepted", texts[i]);
        assert_true(err.text[0] != '\0');
        assert_true(s.kind == SCHEDULE_COSINE && s.base == 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_rate), cmocka_unit_test(test_reference_rho),  cmocka_unit_test(test_cosine),
        cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_exact_numbers), cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests_name("unit/schedule", tests, NULL, NULL);
}
