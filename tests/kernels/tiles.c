/* AMX tiles where there are none: the emulation against the instruction's description, what it refuses, and the loops on tiles (amx.inc) against
 * their definition, with the plain vectors and with those of the table for processors that have tiles. Whole passes are in bf16.c. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define TILES_EMULATED 1
#include "kernels/cpu/amx.h"
#include "kernels/cpu/tiles.h"
#include "tests/kernels/half.h"
#include "tests/kernels/problem.h"

/* --- the emulation ------------------------------------------------------------------------------------------------- */

static uint32_t bits_of(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

/* Row 0 of a times column 0 of b onto c. */
static float dot(const float *a, const float *b, int n, float c)
{
    bf16 left[TILE_ROWS][TILE_K] = { 0 }, right[TILE_PAIRS][TILE_K] = { 0 };
    float sum[TILE_ROWS][TILE_PAIRS] = { { c } };
    for (int k = 0; k < n; k++) {
        left[0][k] = bf16_round(a[k]);
        right[k / 2][k % 2] = bf16_round(b[k]);
    }
    tiles_emulated_begin(&tile_config_full);
    tile_emulated_load(0, sum, 64);
    tile_emulated_load(1, left, 64);
    tile_emulated_load(2, right, 64);
    tile_emulated_dot(0, 1, 2);
    tile_emulated_store(0, sum, 64);
    tiles_emulated_end();
    return sum[0][0];
}

/* Even elements, odd ones, both together, then onto what was there; each step rounded. */
static void order_of_sums(void **state)
{
    const float big = 0x1p24f, one[4] = { 1, 1, 1, 1 };
    (void)state;
    assert_true(dot((float[]){ big, 1, 1, 1 }, one, 4, 0) == big + 2); /* even: big + 1 = big; odd: 2 */
    assert_true(dot((float[]){ big, 1, -big, 1 }, one, 4, 0) == 2);
    assert_true(dot((float[]){ 1, big, 1, -big }, one, 4, 0) == 2);
    assert_true(dot((float[]){ big, -big, 1, 0 }, one, 4, 0) == 0); /* not in one chain, which would give 1 */
    assert_true(dot((float[]){ 1, 1, 0, 0 }, one, 4, big) == big + 2); /* c comes last */
    assert_true(dot((float[]){ 1, 0, 0, 0 }, one, 4, big) == big); /* a tie goes to even */
    assert_true(dot((float[]){ 3, 0, 0, 0 }, one, 4, big) == big + 4);
    assert_true(isnan(dot((float[]){ INFINITY, 0 }, (float[]){ 0, 0 }, 2, 0)));
    assert_true(dot((float[]){ 0x1.8p100f, 1 }, (float[]){ 0x1p100f, 1 }, 2, 0) == INFINITY);
}

/* Denormal numbers, in or out, are zeros of their sign. */
static void denormals(void **state)
{
    (void)state;
    assert_true(dot((float[]){ 0x1p-127f, 0 }, (float[]){ 0x1p100f, 0 }, 2, 0) == 0);
    assert_true(dot((float[]){ 0x1p-70f, 0 }, (float[]){ 0x1p-70f, 0 }, 2, 0) == 0);
    assert_true(dot((float[]){ 0x1p-126f, -0x1.8p-126f }, (float[]){ 1, 1 }, 2, 0) == 0);
    assert_true(dot((float[]){ 0, 0 }, (float[]){ 0, 0 }, 2, 0x1p-130f) == 0);
    assert_true(dot((float[]){ 0x1p-63f, 0 }, (float[]){ 0x1p-63f, 0 }, 2, 0) == 0x1p-126f);
    assert_int_equal(bits_of(dot((float[]){ 0, 0 }, (float[]){ 0, 0 }, 2, -0x1p-130f)), 0); /* -0 + 0 */
}

/* Every element, by itself and in a smaller shape. */
static void shapes_of_tiles(void **state)
{
    struct tile_config c = tile_config_full;
    bf16 *a = half_numbers(TILE_ROWS * TILE_K, 1), *b = half_numbers(TILE_PAIRS * TILE_K, 2);
    float sum[TILE_ROWS][TILE_PAIRS];
    (void)state;
    for (int small = 0; small < 2; small++) {
        const int rows = small ? 5 : 16, pairs = small ? 3 : 16, columns = small ? 7 : 16;
        c.rows[0] = c.rows[1] = (uint8_t)rows;
        c.colsb[1] = (uint16_t)(4 * pairs);
        c.rows[2] = (uint8_t)pairs;
        c.colsb[0] = c.colsb[2] = (uint16_t)(4 * columns);
        memset(sum, 0, sizeof sum);
        tiles_emulated_begin(&c);
        tile_emulated_zero(0);
        tile_emulated_load(1, a, 64);
        tile_emulated_load(2, b, 64);
        tile_emulated_dot(0, 1, 2);
        tile_emulated_dot(0, 1, 2);
        tile_emulated_store(0, sum, 64);
        tiles_emulated_end();
        for (int m = 0; m < 16; m++)
            for (int n = 0; n < 16; n++) {
                double want = 0;
                for (int k = 0; k < 2 * pairs && m < rows && n < columns; k++)
                    want += 2 * (double)bf16_float(a[m * 32 + k]) * (double)bf16_float(b[k / 2 * 32 + 2 * n + k % 2]);
                assert_true(fabs((double)sum[m][n] - want) < 1e-4);
            }
    }
    free(a);
    free(b);
}

static void configure(void (*spoil)(struct tile_config *c))
{
    struct tile_config c = tile_config_full;
    if (spoil)
        spoil(&c);
    tiles_emulated_begin(&c);
}

static void palette(struct tile_config *c) { c->palette = 2; }
static void many_rows(struct tile_config *c) { c->rows[3] = 17; }
static void long_rows(struct tile_config *c) { c->colsb[3] = 128; }
static void ninth(struct tile_config *c) { c->rows[8] = 1, c->colsb[8] = 1; }
static void reserved(struct tile_config *c) { c->reserved[5] = 1; }
static void fewer_rows(struct tile_config *c) { c->rows[0] = 8; }
static void fewer_pairs(struct tile_config *c) { c->colsb[1] = 32; }
static void narrow(struct tile_config *c) { c->colsb[2] = 32; }
static void none_there(struct tile_config *c) { c->rows[2] = 0, c->colsb[2] = 0; }

static void do_nothing(void) { }
static void do_dot(void) { tile_emulated_dot(0, 1, 2); }
static void zero_eight(void) { tile_emulated_zero(8); }
static void zero_less(void) { tile_emulated_zero(-1); }
static void dot_itself(void) { tile_emulated_dot(0, 0, 2); }
static void after_the_end(void)
{
    tiles_emulated_end();
    tile_emulated_zero(0);
}

/* What the processor would refuse ends the program: here, a child. */
static void refusals(void **state)
{
    static const struct {
        void (*spoil)(struct tile_config *c), (*use)(void);
        bool fine;
    } cases[] = { { NULL, do_dot, true }, { palette, do_nothing, false }, { many_rows, do_nothing, false }, { long_rows, do_nothing, false },
                  { ninth, do_nothing, false }, { reserved, do_nothing, false }, { fewer_rows, do_dot, false }, { fewer_pairs, do_dot, false },
                  { narrow, do_dot, false }, { none_there, do_dot, false }, { NULL, zero_eight, false }, { NULL, zero_less, false },
                  { NULL, dot_itself, false }, { NULL, after_the_end, false } };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int status = 0;
        fflush(NULL);
        const pid_t child = fork();
        if (child == 0) {
            signal(SIGILL, SIG_DFL); /* not cmocka's */
            signal(SIGTRAP, SIG_DFL);
            configure(cases[i].spoil);
            cases[i].use();
            _exit(0);
        }
        assert_true(child > 0 && waitpid(child, &status, 0) == child);
        if (cases[i].fine ? status != 0 : !(WIFSIGNALED(status) && (WTERMSIG(status) == SIGILL || WTERMSIG(status) == SIGTRAP)))
            fail_msg("case %d: status %d", (int)i, status);
    }
}

/* --- the loops ----------------------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
extern const struct bf16_kernels tiles_among_vectors;
#endif

static const struct bf16_tiles *table(int t)
{
#if defined(__x86_64__)
    if (t == 1 && __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vl"))
        return tiles_among_vectors.tiles;
#endif
    return t == 0 ? bf16_amx_emulated.tiles : NULL;
}
enum { N_TABLES = 2 };

struct conv_case {
    struct conv_shape s;
    bf16 *in, *w, *before, *out;
    size_t n_out;
    bf16_pair *packed;
    float *shift;
};

static void conv_case_init(struct conv_case *c, const struct conv_shape *s)
{
    const size_t n_in = (size_t)s->in_h * (size_t)s->in_row;
    *c = (struct conv_case){ .s = *s, .n_out = (size_t)s->out_h * (size_t)s->out_row };
    c->in = half_numbers(n_in, 1);
    c->w = half_numbers((size_t)9 * (size_t)(s->in_c * s->out_c), 2);
    c->before = half_numbers(c->n_out, 3);
    c->out = half_numbers(c->n_out, 3);
    c->packed = half_pack(CHANNEL_PAD, c->w, s->in_c, s->out_c);
    c->shift = host_floats((size_t)s->out_c);
    for (int o = 0; o < s->out_c; o++)
        c->shift[o] = (float)(o % 7) - 3;
}

static void conv_case_release(struct conv_case *c)
{
    free(c->in);
    free(c->w);
    free(c->before);
    free(c->out);
    free(c->packed);
    free(c->shift);
}

/* The sum alone, onto what is there, and both ends of a unit; all pixels, and nothing beside them. */
static void check_tile_conv(const struct bf16_tiles *k, const struct conv_shape *s)
{
    struct conv_case c;
    conv_case_init(&c, s);
    const struct bf16_end ends[] = { { .load = false }, { .load = true }, { false, c.shift, NULL }, { false, c.shift, c.before } };
    const size_t room = k->spread_size(s);
    bf16 *spread = malloc(room * sizeof *spread); /* no more: a sanitizer sees what is read behind it */
    assert_non_null(spread);
    memset(spread, 0xff, room * sizeof *spread); /* not a number: all that counts must have been written */
    k->spread(s, c.in, spread);
    for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
        memcpy(c.out, c.before, c.n_out * sizeof *c.out);
        k->conv(s, spread, c.packed, c.out, &ends[e], NULL);
        for (size_t p = 0; p < c.n_out; p++) {
            const int o = (int)(p % (size_t)s->out_pix), x = (int)(p % (size_t)s->out_row) / (int)s->out_pix, y = (int)(p / (size_t)s->out_row);
            double size, want;
            if (x >= s->out_w) {
                assert_int_equal(c.out[p], c.before[p]);
                continue;
            }
            want = half_convolved(s, c.in, c.w, y, x, o, &size);
            want += ends[e].load || ends[e].add ? (double)bf16_float(c.before[p]) : 0;
            want += ends[e].shift ? (double)c.shift[o] : 0;
            half_assert_rounded(c.out[p], ends[e].shift && want < 0 ? 0 : want, size + 4);
        }
    }
    free(spread);
    conv_case_release(&c);
}

/* less: channels of a pixel that are not summed; wide: pixels behind each output row. */
static void check_shape(const struct bf16_tiles *k, const struct half_shape *a, int less, int wide)
{
    const int h = half_out_of(a->in_h, a->stride), w = half_out_of(a->in_w, a->stride);
    const struct conv_shape forward = { a->in_h, a->in_w, a->in_c - less, h, w, a->out_c, a->stride, 1, (ptrdiff_t)a->in_w * a->in_c, a->in_c,
                                        (ptrdiff_t)(w + wide) * a->out_c, a->out_c };
    const struct conv_shape back = { h, w, a->out_c - less, a->in_h, a->in_w, a->in_c, 1, a->stride, (ptrdiff_t)(w + wide) * a->out_c, a->out_c,
                                     (ptrdiff_t)a->in_w * a->in_c, a->in_c };
    check_tile_conv(k, &forward);
    check_tile_conv(k, &back);
}

static const struct half_shape odd_shapes[] = { { 16, 16, 2, 3, 2 }, { 48, 16, 5, 16, 1 }, { 16, 80, 6, 15, 2 }, { 32, 32, 17, 1, 1 },
                                                { 16, 16, 1, 40, 1 }, { 16, 48, 4, 64, 2 }, { 32, 16, 2, 2, 2 }, { 80, 16, 3, 7, 1 } };
enum { N_ODD = sizeof odd_shapes / sizeof *odd_shapes };

static void tile_convolutions(void **state)
{
    (void)state;
    for (int t = 0; t < N_TABLES; t++) {
        const struct bf16_tiles *k = table(t);
        for (int i = 0; k && i < N_HALF_SHAPES; i++)
            if (half_shapes[i].in_c % CHANNEL_PAD == 0)
                check_shape(k, &half_shapes[i], 0, 0);
        for (int i = 0; k && i < N_ODD; i++)
            check_shape(k, &odd_shapes[i], i % 2 ? 3 : 8, i % 3);
    }
}

static void check_tile_wgrad(const struct bf16_tiles *k, const struct half_shape *a, int images)
{
    const int h = half_out_of(a->in_h, a->stride), w = half_out_of(a->in_w, a->stride), slots = images + 1;
    const struct conv_shape s = { a->in_h, a->in_w, a->in_c, h, w, a->out_c, a->stride, 1, (ptrdiff_t)a->in_w * a->in_c, a->in_c,
                                  (ptrdiff_t)w * a->out_c, a->out_c };
    const size_t in_size = (size_t)(a->in_h * a->in_w * a->in_c), g_size = (size_t)(h * w * a->out_c);
    bf16 *in = half_numbers((size_t)images * in_size, 4), *g = half_numbers((size_t)images * g_size, 5);
    float *acc = host_floats((size_t)9 * (size_t)(a->in_c * a->out_c));
    size_t work, inputs, pairs;
    k->gathering_size(&s, slots, &work, &inputs, &pairs);
    const struct bf16_gathering all = { &s, slots, malloc(work * sizeof(bf16)), malloc(inputs * sizeof(bf16)), malloc(pairs * sizeof(bf16_pair)) };
    assert_true(all.work && all.in && all.g);
    memset(all.work, 0xff, work * sizeof(bf16)); /* not a number: all that is read must have been written */
    memset(all.in, 0xff, inputs * sizeof(bf16));
    memset(all.g, 0xff, pairs * sizeof(bf16_pair));
    for (int i = 0; i < images; i++)
        k->gather(&all, i, in + (size_t)i * in_size, g + (size_t)i * g_size, (ptrdiff_t)w * a->out_c);
    for (int times = 1; times <= 2; times++) {
        k->wgrad(&all, images, acc, times == 2, NULL);
        for (int j = 0; j < 9 * a->in_c * a->out_c; j++) {
            const int o = j % a->out_c, kw = j / a->out_c % 3, i = j / a->out_c / 3 % a->in_c, kh = j / a->out_c / 3 / a->in_c;
            if (j % 7 != times)
                continue;
            const double want = times * half_correlated(a, in, g, images, kh * 3 + kw, i, o);
            if (!(fabs((double)acc[j] - want) <= 2e-5 * images * h * w + 1e-5))
                fail_msg("weight %d of %d to %d channels, %d x %d, stride %d: %g instead of %g", j, a->in_c, a->out_c, a->in_h, a->in_w, a->stride,
                         (double)acc[j], want);
        }
    }
    free(all.work);
    free(all.in);
    free(all.g);
    free(in);
    free(g);
    free(acc);
}

static void tile_weight_gradients(void **state)
{
    (void)state;
    for (int t = 0; t < N_TABLES; t++) {
        const struct bf16_tiles *k = table(t);
        for (int i = 0; k && i < N_HALF_SHAPES; i++)
            if (half_shapes[i].in_c % CHANNEL_PAD == 0)
                check_tile_wgrad(k, &half_shapes[i], 1 + i % 2);
        for (int i = 0; k && i < N_ODD; i++)
            check_tile_wgrad(k, &odd_shapes[i], 1 + i % 3);
    }
}

/* With either vectors the same numbers go into the tiles, and come out: the same bits. */
static void vectors_do_not_matter(void **state)
{
    const struct conv_shape s = { 9, 13, 48, 5, 7, 32, 2, 1, 13 * 48, 48, 7 * 32, 32 };
    struct conv_case c;
    bf16 *out[N_TABLES], *spread = malloc(table(0)->spread_size(&s) * sizeof *spread);
    (void)state;
    assert_non_null(spread);
    if (!table(1)) {
        free(spread);
        skip();
    }
    conv_case_init(&c, &s);
    for (int t = 0; t < N_TABLES; t++) {
        out[t] = half_numbers(c.n_out, 9);
        table(t)->spread(&s, c.in, spread);
        table(t)->conv(&s, spread, c.packed, out[t], &(struct bf16_end){ true, c.shift, c.before }, NULL);
    }
    assert_memory_equal(out[0], out[1], c.n_out * sizeof *out[0]);
    free(out[0]);
    free(out[1]);
    free(spread);
    conv_case_release(&c);
}

/* --- the trial before they are used -------------------------------------------------------------------------------- */

static void off_by_a_digit(const struct conv_shape *s, const bf16 *spread, const bf16_pair *packed, bf16 *out, const struct bf16_end *end,
                           struct ahead *ahead)
{
    bf16_amx_emulated.tiles->conv(s, spread, packed, out, end, ahead);
    out[s->out_c * s->out_w * s->out_h - 1] ^= 4;
}

static void off_when_dilated(const struct conv_shape *s, const bf16 *spread, const bf16_pair *packed, bf16 *out, const struct bf16_end *end,
                             struct ahead *ahead)
{
    bf16_amx_emulated.tiles->conv(s, spread, packed, out, end, ahead);
    out[0] ^= s->dilate == 2 ? 4 : 0;
}

static void off_in_a_sum(const struct bf16_gathering *from, int n, float *acc, bool accumulate, struct ahead *ahead)
{
    bf16_amx_emulated.tiles->wgrad(from, n, acc, accumulate, ahead);
    acc[17] += 0.01f;
}

static void faulty(const struct conv_shape *s, const bf16 *spread, const bf16_pair *packed, bf16 *out, const struct bf16_end *end, struct ahead *ahead)
{
    (void)s, (void)spread, (void)packed, (void)out, (void)end, (void)ahead;
    raise(SIGILL);
}

/* As the alarm does with one that never ends. */
static void late(const struct conv_shape *s, const bf16 *spread, const bf16_pair *packed, bf16 *out, const struct bf16_end *end, struct ahead *ahead)
{
    (void)s, (void)spread, (void)packed, (void)out, (void)end, (void)ahead;
    raise(SIGALRM);
}

/* A run opens its model with all signals blocked. */
static void a_trial_ends_where_signals_are_blocked(void **state)
{
    struct bf16_tiles hang = *bf16_amx_emulated.tiles;
    sigset_t all, before;
    char why[64], wanted[64];
    (void)state;
    hang.conv = late;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    const bool right = tiles_try_apart(&hang, why);
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_false(right);
    snprintf(wanted, sizeof wanted, "the first use ended with signal %d", SIGALRM);
    assert_string_equal(why, wanted);
}

/* Each kind of loop that is off is found and named; one that faults ends its child alone. */
static void trials(void **state)
{
    struct bf16_tiles conv = *bf16_amx_emulated.tiles, dilated = conv, sum = conv, fault = conv;
    char why[64];
    bool there;
    (void)state;
    conv.conv = off_by_a_digit;
    dilated.conv = off_when_dilated;
    sum.wgrad = off_in_a_sum;
    fault.conv = faulty;
    assert_null(tiles_try(bf16_amx_emulated.tiles));
    assert_string_equal(tiles_try(&conv), "a convolution is not what it should be");
    assert_string_equal(tiles_try(&dilated), "a data gradient is not what it should be");
    assert_true(tiles_try_apart(bf16_amx_emulated.tiles, why));
    assert_false(tiles_try_apart(&sum, why));
    assert_string_equal(why, "a weight gradient is not what it should be");
    assert_false(tiles_try_apart(&fault, why));
    assert_string_equal(why, "the first use ended with signal 4");
    const char *refusal = amx_refusal(&there);
    assert_ptr_equal(refusal, amx_refusal(&there));
#if HAVE_AMX
    if (!there) { /* the instructions themselves, where they do not exist */
        assert_non_null(refusal);
        if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vl")) {
            assert_false(tiles_try_apart(bf16_amx.tiles, why));
            assert_string_equal(why, "the first use ended with signal 4");
        }
    }
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_of_sums), cmocka_unit_test(denormals), cmocka_unit_test(shapes_of_tiles), cmocka_unit_test(refusals),
        cmocka_unit_test(tile_convolutions), cmocka_unit_test(tile_weight_gradients), cmocka_unit_test(vectors_do_not_matter),
        cmocka_unit_test(trials), cmocka_unit_test(a_trial_ends_where_signals_are_blocked),
    };
    return cmocka_run_group_tests_name("kernels/tiles", tests, NULL, NULL);
}
