/* Warps: lanes that part and meet, shuffles, products of matrices, matrix loads, calls, vectors in memory, the counting atomic; and each
 * fault that the interpreter looks for, in a kernel that has it beside one that has not. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ptx/ptx.h"

#define HEAD ".version 9.0\n.target sm_80\n.address_size 64\n"
#define KERNEL(body)                                                                                                       \
    HEAD ".entry k(.param .u64 a, .param .u64 b)\n{\n.reg .pred %p<9>; .reg .b16 %h<9>; .reg .f32 %f<30>; .reg .b32 %r<40>;\n" \
         ".reg .b64 %d<20>; .shared .align 16 .b8 room[2048];\n"                                                           \
         "ld.param.u64 %d1, [a]; ld.param.u64 %d2, [b]; mov.u32 %r1, %tid.x; mov.u32 %r2, %ctaid.x;\n"                     \
         "mul.wide.u32 %d3, %r1, 4; add.s64 %d4, %d1, %d3; add.s64 %d5, %d2, %d3; shl.b32 %r3, %r1, 2;\n"                  \
         "mov.u32 %r4, room; add.s32 %r5, %r4, %r3;\n" body "\nret;\n}\n"

enum { WORDS = 1024 };
static _Alignas(256) uint32_t room[2][WORDS + 64]; /* something lies between the two */
static uint32_t *const in = room[0], *const out = room[1];

/* `in` is initialised but for its last quarter; `out` is not. */
static void run_with(const char *text, struct ptx_size grid, struct ptx_size block, long counts[PTX_FAULTS])
{
    struct err err = { 0 };
    const uint32_t *a = in, *b = out;
    const struct ptx_argument arguments[] = { { &a, 8 }, { &b, 8 } };
    const struct ptx_launch launch = { grid, block, arguments, 2, false, NULL };
    struct ptx_module *m = ptx_load_text("test", text, NULL, &err);
    if (!m)
        fail_msg("%s", err.text);
    ptx_memory_add(in, WORDS * 4);
    ptx_memory_add(out, WORDS * 4);
    ptx_memory_written(in, WORDS * 3);
    if (counts) {
        memset(counts, 0, PTX_FAULTS * sizeof *counts);
        ptx_count_faults(counts);
    }
    if (!ptx_run(ptx_kernel(m, 0), &launch, &err))
        fail_msg("%s", err.text);
    ptx_count_faults(NULL);
    ptx_memory_remove(in);
    ptx_memory_remove(out);
    ptx_unload(m);
}

static void run(const char *text, unsigned blocks, unsigned threads)
{
    run_with(text, (struct ptx_size){ blocks, 1, 1 }, (struct ptx_size){ threads, 1, 1 }, NULL);
}

/* --- control --- */

/* if (lane & 1) { if (lane & 2) x = 3; else x = 1; } else x = 0; then all: x += 100. */
static void branches_inside_each_other(void **state)
{
    (void)state;
    run(KERNEL("and.b32 %r6, %r1, 1; setp.eq.s32 %p1, %r6, 0; @%p1 bra $even;\n"
               "and.b32 %r7, %r1, 2; setp.eq.s32 %p2, %r7, 0; @%p2 bra $one;\n"
               "mov.u32 %r8, 3; bra $odd;\n$one: mov.u32 %r8, 1;\n$odd: bra.uni $all;\n$even: mov.u32 %r8, 0;\n"
               "$all: add.s32 %r8, %r8, 100; shfl.sync.bfly.b32 %r9|%p3, %r8, 1, 31, -1;\nst.global.u32 [%d5], %r9;"), 1, 64);
    for (unsigned l = 0; l < 64; l++) {
        const unsigned x = l ^ 1;
        assert_int_equal(out[l], 100 + (x & 1 ? (x & 2 ? 3 : 1) : 0));
    }
}

/* A loop of as many rounds as the lane has a number; lanes leave it one by one and meet behind it. */
static void loops_that_lanes_leave(void **state)
{
    (void)state;
    run(KERNEL("mov.u32 %r6, 0; mov.u32 %r7, 0;\n$again: setp.ge.u32 %p1, %r6, %r1; @%p1 bra $out;\n"
               "add.s32 %r7, %r7, %r6; add.s32 %r6, %r6, 1; bra.uni $again;\n"
               "$out: shfl.sync.bfly.b32 %r8, %r7, 0, 31, -1; bar.sync 0; st.global.u32 [%d5], %r8;"), 1, 96);
    for (unsigned t = 0; t < 96; t++)
        assert_int_equal(out[t], t * (t - 1) / 2);
}

/* Lanes that have returned are not waited for; a guard keeps an instruction from lanes. */
static void returns_and_guards(void **state)
{
    (void)state;
    memset(out, 0, WORDS * 4);
    run(KERNEL("setp.gt.u32 %p1, %r1, 9; @%p1 ret; setp.lt.u32 %p2, %r1, 4; mov.u32 %r6, 1; @%p2 mov.u32 %r6, 2; @!%p2 add.s32 %r6, %r6, 5;\n"
               "st.global.u32 [%d5], %r6;"), 1, 32);
    for (unsigned l = 0; l < 32; l++)
        assert_int_equal(out[l], l > 9 ? 0 : l < 4 ? 2 : 6);
}

static void special_registers(void **state)
{
    (void)state;
    run(KERNEL("mov.u32 %r6, %ntid.x; mov.u32 %r7, %nctaid.x; mad.lo.s32 %r8, %r2, %r6, %r1; mul.wide.u32 %d6, %r8, 4; add.s64 %d6, %d2, %d6;\n"
               "mov.u32 %r9, %laneid; mad.lo.s32 %r9, %r7, 1000, %r9; st.global.u32 [%d6], %r9;"), 3, 40);
    for (unsigned i = 0; i < 120; i++)
        assert_int_equal(out[i], 3000 + i % 40 % 32);
}

/* Threads of a block and blocks of a grid are counted along x first. */
static void three_dimensions(void **state)
{
    (void)state;
    run_with(KERNEL("mov.u32 %r6, %ntid.x; mov.u32 %r7, %ntid.y; mov.u32 %r8, %ntid.z; mov.u32 %r9, %tid.y; mov.u32 %r10, %tid.z;\n"
                    "mad.lo.s32 %r11, %r10, %r7, %r9; mad.lo.s32 %r11, %r11, %r6, %r1;\n"
                    "mov.u32 %r12, %nctaid.x; mov.u32 %r13, %nctaid.y; mov.u32 %r14, %nctaid.z; mov.u32 %r15, %ctaid.y; mov.u32 %r16, %ctaid.z;\n"
                    "mad.lo.s32 %r17, %r16, %r13, %r15; mad.lo.s32 %r17, %r17, %r12, %r2;\n"
                    "mul.lo.s32 %r18, %r6, %r7; mul.lo.s32 %r18, %r18, %r8; mad.lo.s32 %r19, %r17, %r18, %r11;\n"
                    "mul.wide.u32 %d6, %r19, 4; add.s64 %d6, %d2, %d6;\n"
                    "mov.u32 %r20, %laneid; mad.lo.s32 %r20, %r9, 100, %r20; mad.lo.s32 %r20, %r10, 1000, %r20; mad.lo.s32 %r20, %r15, 10000, %r20;\n"
                    "mad.lo.s32 %r20, %r16, 100000, %r20; mad.lo.s32 %r20, %r14, 1000000, %r20; st.global.u32 [%d6], %r20;"),
             (struct ptx_size){ 2, 3, 4 }, (struct ptx_size){ 5, 4, 2 }, NULL);
    for (unsigned i = 0; i < 24 * 40; i++) {
        const unsigned thread = i % 40, block = i / 40;
        assert_int_equal(out[i], thread % 32 + thread / 5 % 4 * 100 + thread / 20 * 1000 + block / 2 % 3 * 10000 + block / 6 * 100000 + 4000000);
    }
}

/* A function of a double. */
static void calls_with_doubles(void **state)
{
    static const char text[] =
        HEAD ".entry k(.param .u64 a, .param .u64 b)\n{\n.reg .b32 %r<9>; .reg .b64 %d<9>;\n"
             "ld.param.u64 %d2, [b]; mov.u32 %r1, %tid.x; mul.wide.u32 %d3, %r1, 8; add.s64 %d5, %d2, %d3; cvt.rn.f64.u32 %d6, %r1;\n"
             "{ .param .b64 p0; st.param.f64 [p0], %d6; .param .b64 r0; call.uni (r0), half, (p0); ld.param.f64 %d7, [r0]; }\n"
             "st.global.f64 [%d5], %d7; ret;\n}\n"
             ".func (.param .b64 back) half(.param .b64 x)\n{\n.reg .b64 %d<3>;\nld.param.f64 %d1, [x]; mul.f64 %d2, %d1, 0d3FE0000000000000;\n"
             "st.param.f64 [back], %d2; ret;\n}\n";
    (void)state;
    run(text, 1, 32);
    for (unsigned l = 0; l < 32; l++) {
        double x;
        memcpy(&x, out + 2 * l, sizeof x);
        assert_true(x == l / 2.0);
    }
}

/* The function twice, the second time only by some lanes. */
static void calls(void **state)
{
    static const char text[] =
        HEAD ".func (.param .b32 back) twice(.param .b32 x);\n"
             ".entry k(.param .u64 a, .param .u64 b)\n{\n.reg .pred %p<4>; .reg .b32 %r<9>; .reg .b64 %d<9>;\n"
             "ld.param.u64 %d2, [b]; mov.u32 %r1, %tid.x; mul.wide.u32 %d3, %r1, 4; add.s64 %d5, %d2, %d3;\n"
             "{ .param .b32 p0; st.param.b32 [p0+0], %r1; .param .b32 r0; call.uni (r0), twice, (p0); ld.param.b32 %r2, [r0+0]; }\n"
             "setp.lt.u32 %p1, %r1, 8; @%p1 bra $end;\n"
             "{ .param .b32 p0; st.param.b32 [p0+0], %r2; .param .b32 r0; call.uni (r0), twice, (p0); ld.param.b32 %r2, [r0+0]; }\n"
             "$end: st.global.u32 [%d5], %r2; ret;\n}\n"
             ".func (.param .b32 back) twice(.param .b32 x)\n{\n.reg .b32 %r<3>; .reg .pred %p<2>;\nld.param.b32 %r1, [x];\n"
             "setp.eq.s32 %p1, %r1, 5; @%p1 bra $five; add.s32 %r2, %r1, %r1; bra.uni $back;\n$five: mov.u32 %r2, 55;\n"
             "$back: st.param.b32 [back+0], %r2; ret;\n}\n";
    (void)state;
    run(text, 1, 32);
    for (unsigned l = 0; l < 32; l++)
        assert_int_equal(out[l], l == 5 ? 55 : l < 8 ? 2 * l : 4 * l);
}

/* --- lanes together --- */

/* Segments of 8 lanes (c = 0x1807): mask 8 leads up out of them, and a lane keeps its own; down it may. */
static void shuffles_within_segments(void **state)
{
    (void)state;
    run(KERNEL("shfl.sync.bfly.b32 %r6|%p1, %r1, 3, 31, -1; shfl.sync.bfly.b32 %r7|%p2, %r1, 8, 0x1807, -1;\n"
               "selp.b32 %r8, 1000, 0, %p2; mad.lo.s32 %r9, %r7, 32, %r6; add.s32 %r9, %r9, %r8; st.global.u32 [%d5], %r9;"), 1, 32);
    for (unsigned l = 0; l < 32; l++)
        {
        const bool inside = (l ^ 8) <= (l & 0x18) + 7;
        assert_int_equal(out[l], (inside ? l ^ 8 : l) * 32 + (l ^ 3) + (inside ? 1000 : 0));
    }
}

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits;
}

/* Small whole numbers: every sum is exact, whatever its order. bf16 is the upper half of a float. */
static float of_a(int row, int k)
{
    return (float)((row * 7 + k * 3) % 11 - 5);
}
static float of_b(int k, int column)
{
    return (float)((k * 5 + column * 2) % 13 - 6);
}

/* The layout of a lane's registers, as PTX has it: number i of register r of a, b and c. each: numbers in a register. */
static void fill_fragments(int each)
{
    for (int l = 0; l < 32; l++)
        for (int r = 0; r < 6; r++) {
            const int g = l / 4, t = l % 4;
            uint32_t bits = 0;
            for (int i = 0; i < each; i++) {
                const float x = r < 4 ? of_a(g + r % 2 * 8, t * each + i + r / 2 * 4 * each) : of_b(t * each + i + (r - 4) * 4 * each, g);
                bits |= each == 1 ? bits_of(x) : bits_of(x) >> 16 << 16 * i;
            }
            in[l * 8 + r] = bits;
        }
}

static void products(const char *text, int deep)
{
    fill_fragments(deep / 8);
    run(text, 1, 32);
    for (int l = 0; l < 32; l++)
        for (int n = 0; n < 4; n++) {
            const int row = l / 4 + n / 2 * 8, column = l % 4 * 2 + n % 2;
            float sum = (float)(n + 1);
            for (int k = 0; k < deep; k++)
                sum += of_a(row, k) * of_b(k, column);
            assert_int_equal(out[l * 4 + n], bits_of(sum));
        }
}

#define PRODUCT(name)                                                                                                      \
    KERNEL("shl.b64 %d6, %d3, 3; add.s64 %d6, %d1, %d6; shl.b64 %d7, %d3, 2; add.s64 %d7, %d2, %d7;\n"                     \
           "ld.global.v4.u32 {%r10, %r11, %r12, %r13}, [%d6]; ld.global.v2.u32 {%r14, %r15}, [%d6+16];\n"                  \
           "mov.f32 %f1, 0f3F800000; mov.f32 %f2, 0f40000000; mov.f32 %f3, 0f40400000; mov.f32 %f4, 0f40800000;\n" name    \
           " {%f1, %f2, %f3, %f4}, {%r10, %r11, %r12, %r13}, {%r14, %r15}, {%f1, %f2, %f3, %f4};\n"                        \
           "st.global.v4.f32 [%d7], {%f1, %f2, %f3, %f4};")

static void products_of_matrices(void **state)
{
    (void)state;
    products(PRODUCT("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"), 16);
    products(PRODUCT("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32"), 8);
}

/* Shared memory holds 0, 1, 2 ... as 16-bit numbers; lane l gives row l of 8 numbers: matrix l / 8, row l % 8. */
#define MATRIX(name)                                                                                                       \
    KERNEL("shl.b32 %r6, %r1, 4; add.s32 %r6, %r4, %r6; shl.b32 %r7, %r1, 3; mul.lo.s32 %r8, %r7, 65537; add.s32 %r8, %r8, 65536;\n" \
           "add.s32 %r9, %r8, 131074; add.s32 %r10, %r9, 131074; add.s32 %r11, %r10, 131074;\n"                            \
           "st.shared.v4.u32 [%r6], {%r8, %r9, %r10, %r11}; bar.sync 0;\n" name " {%r12, %r13, %r14, %r15}, [%r6];\n"      \
           "shl.b64 %d7, %d3, 2; add.s64 %d7, %d2, %d7; st.global.v4.u32 [%d7], {%r12, %r13, %r14, %r15};")

static void matrix_loads(void **state)
{
    (void)state;
    run(MATRIX("ldmatrix.sync.aligned.m8n8.x4.shared.b16"), 1, 32);
    for (unsigned l = 0; l < 32; l++)
        for (unsigned m = 0; m < 4; m++) {
            const unsigned first = (m * 8 + l / 4) * 8 + l % 4 * 2;
            assert_int_equal(out[l * 4 + m], first | (first + 1) << 16);
        }
    run(MATRIX("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16"), 1, 32);
    for (unsigned l = 0; l < 32; l++)
        for (unsigned m = 0; m < 4; m++) {
            const unsigned low = (m * 8 + l % 4 * 2) * 8 + l / 4;
            assert_int_equal(out[l * 4 + m], low | (low + 8) << 16);
        }
}

/* --- memory --- */

/* Bytes, halves and words, with and without sign; halves of a 64-bit register. */
static void sizes_in_memory(void **state)
{
    (void)state;
    in[0] = 0x8281fffe;
    run(KERNEL("ld.global.u8 %h1, [%d1]; ld.global.s8 %h2, [%d1+1]; ld.global.s16 %r6, [%d1+2]; ld.global.u16 %r7, [%d1+2];\n"
               "cvt.u32.u16 %r8, %h1; cvt.u32.u16 %r9, %h2; mov.b64 %d6, {%r6, %r7}; mov.b64 {%r10, %r11}, %d6;\n"
               "setp.ne.s32 %p1, %r1, 0; @%p1 bra $end;\n"
               "st.global.v4.u32 [%d2], {%r8, %r9, %r10, %r11}; st.global.u8 [%d2+16], %h2; st.global.u16 [%d2+18], %h1; st.global.u8 [%d2+17], 7;\n"
               "ld.global.u32 %r12, [%d2+16]; st.global.u32 [%d2+20], %r12; ld.global.s32 %d7, [%d1]; st.global.u64 [%d2+24], %d7;\n$end:"), 1, 32);
    const uint32_t truth[] = { 0xfe, 0xffff, 0xffff8281, 0x8281, 0x00fe07ff, 0x00fe07ff, 0x8281fffe, 0xffffffff };
    assert_memory_equal(out, truth, sizeof truth);
}

#define COUNT(fence)                                                                                                       \
    "mul.wide.u32 %d6, %r2, 4; add.s64 %d7, %d2, %d6; setp.ne.s32 %p1, %r1, 0; @%p1 bra $wait;\nst.global.u32 [%d7], %r2;\n" \
    "$wait: " fence " bar.sync 0; @%p1 bra $counted; atom.global.inc.u32 %r6, [%d1], 3; st.shared.u32 [%r4], %r6;\n"       \
    "$counted: bar.sync 0; ld.shared.u32 %r7, [%r4]; setp.ne.s32 %p2, %r7, 3; @%p2 bra $end; " fence "\n"
/* The same with the fences of the thread that counts alone, before and behind. */
#define COUNT_FENCED(before, behind)                                                                                       \
    "mul.wide.u32 %d6, %r2, 4; add.s64 %d7, %d2, %d6; setp.ne.s32 %p1, %r1, 0; setp.ne.s32 %p3, %r1, 40; @%p3 bra $wait;\nst.global.u32 [%d7], %r2;\n" \
    "$wait: bar.sync 0; @%p1 bra $counted; " before " atom.global.inc.u32 %r6, [%d1], 3; " behind " st.shared.u32 [%r4], %r6;\n" \
    "$counted: bar.sync 0; ld.shared.u32 %r7, [%r4]; setp.ne.s32 %p2, %r7, 3; @%p2 bra $end; @%p3 bra $end;\n"              \
    "ld.global.u32 %r8, [%d2]; ld.global.u32 %r9, [%d2+4]; ld.global.u32 %r10, [%d2+8]; ld.global.u32 %r11, [%d2+12];\n"    \
    "add.s32 %r8, %r8, %r9; add.s32 %r8, %r8, %r10; add.s32 %r8, %r8, %r11; st.global.u32 [%d2+400], %r8;\n$end:"
#define LAST_ADDS                                                                                                          \
    "@%p1 bra $end; ld.global.u32 %r8, [%d2]; ld.global.u32 %r9, [%d2+4]; ld.global.u32 %r10, [%d2+8]; ld.global.u32 %r11, [%d2+12];\n" \
    "add.s32 %r8, %r8, %r9; add.s32 %r8, %r8, %r10; add.s32 %r8, %r8, %r11; st.global.u32 [%d2+400], %r8;\n$end:"

static void last_block_adds_up(void **state)
{
    (void)state;
    in[0] = 0;
    run(KERNEL(COUNT("membar.gl;") LAST_ADDS), 4, 64);
    assert_int_equal(in[0], 0);
    assert_int_equal(out[100], 0 + 1 + 2 + 3);
    out[100] = 0;
    run(KERNEL(COUNT_FENCED("membar.gl;", "membar.gl;")), 4, 64);
    assert_int_equal(in[0], 0);
    assert_int_equal(out[100], 0 + 1 + 2 + 3);
}

/* --- faults --- */

struct broken {
    const char *what, *text;
    enum ptx_fault fault;
    const char *right; /* the same without it; NULL: in a test above */
    unsigned blocks, threads;
};

#define ALL_MEET(barrier) "st.shared.u32 [%r5], 0; xor.b32 %r6, %r3, 128; add.s32 %r6, %r6, %r4; bar.sync 0; st.shared.u32 [%r5], %r1; " barrier " ld.shared.u32 %r7, [%r6]; st.global.u32 [%d5], %r7;"

static const struct broken broken[] = {
    { "read past the end", KERNEL("ld.global.u32 %r6, [%d4+4096]; st.global.u32 [%d5], %r6;"), PTX_BOUNDS,
      KERNEL("ld.global.u32 %r6, [%d4+1024]; st.global.u32 [%d5], %r6;"), 1, 32 },
    { "off by one", KERNEL("setp.gt.u32 %p1, %r1, 8; @%p1 bra $end; st.global.u32 [%d5+4064], %r1;\n$end:"), PTX_BOUNDS,
      KERNEL("setp.ge.u32 %p1, %r1, 8; @%p1 bra $end; st.global.u32 [%d5+4064], %r1;\n$end:"), 1, 32 },
    { "null", KERNEL("mov.u64 %d6, 0; ld.f32 %f1, [%d6];"), PTX_BOUNDS, NULL, 1, 32 },
    { "past shared memory", KERNEL("st.shared.u32 [%r5+1984], %r1;"), PTX_BOUNDS, KERNEL("st.shared.u32 [%r5+1920], %r1;"), 1, 32 },
    { "past the parameters", KERNEL("ld.param.u32 %r6, [b+8];"), PTX_BOUNDS, KERNEL("ld.param.u32 %r6, [b+4];"), 1, 32 },
    { "16 bytes at a multiple of 4", KERNEL("ld.global.v4.u32 {%r6, %r7, %r8, %r9}, [%d4];"), PTX_MISALIGNED,
      KERNEL("shl.b64 %d6, %d3, 2; add.s64 %d6, %d1, %d6; ld.global.v4.u32 {%r6, %r7, %r8, %r9}, [%d6];"), 1, 32 },
    { "shared, at an odd address", KERNEL("st.shared.u32 [%r5+2], %r1;"), PTX_MISALIGNED, KERNEL("st.shared.u16 [%r5+2], 5;"), 1, 32 },
    { "global memory nobody wrote", KERNEL("ld.global.u32 %r6, [%d4+3072];"), PTX_UNINITIALISED, KERNEL("ld.global.u32 %r6, [%d4+2944];"), 1, 32 },
    { "half of a word that nobody wrote",
      KERNEL("st.shared.u16 [%r5], 5; ld.shared.u32 %r6, [%r5];"), PTX_UNINITIALISED, KERNEL("st.shared.u16 [%r5], 5; ld.shared.u16 %r6, [%r5];"), 1, 32 },
    { "an accumulator nobody cleared", KERNEL("ld.shared.f32 %f1, [%r5]; add.f32 %f1, %f1, 0f3F800000; st.shared.f32 [%r5], %f1;"),
      PTX_UNINITIALISED, KERNEL("st.shared.f32 [%r5], 0f00000000; ld.shared.f32 %f1, [%r5]; add.f32 %f1, %f1, 0f3F800000; st.shared.f32 [%r5], %f1;"), 1, 64 },
    { "shared memory of the block before",
      KERNEL("setp.ne.u32 %p1, %r2, 0; @%p1 bra $read; st.shared.u32 [%r5], %r1;\n$read: ld.shared.u32 %r6, [%r5];"), PTX_UNINITIALISED,
      KERNEL("st.shared.u32 [%r5], %r1; ld.shared.u32 %r6, [%r5];"), 2, 32 },
    { "a barrier in one arm of a branch", KERNEL("setp.lt.u32 %p1, %r1, 8; @%p1 bra $end; bar.sync 0;\n$end:"), PTX_BARRIER, KERNEL("bar.sync 0;"), 1, 32 },
    { "a barrier that one warp leaves out", KERNEL("setp.lt.u32 %p1, %r1, 32; @%p1 bra $end; bar.sync 0;\n$end:"), PTX_BARRIER, KERNEL("bar.sync 0;"), 1, 64 },
    { "no barrier between write and read", KERNEL(ALL_MEET("")), PTX_SHARED_RACE, KERNEL(ALL_MEET("bar.sync 0;")), 1, 64 },
    { "no barrier between read and write", KERNEL("st.shared.u32 [%r5], %r1; bar.sync 0; ld.shared.u32 %r6, [%r4]; st.shared.u32 [%r5], %r6;"),
      PTX_SHARED_RACE, KERNEL("st.shared.u32 [%r5], %r1; bar.sync 0; ld.shared.u32 %r6, [%r4]; bar.sync 0; st.shared.u32 [%r5], %r6;"), 1, 64 },
    { "two lanes write one word", KERNEL("shr.u32 %r6, %r3, 1; and.b32 %r6, %r6, -4; add.s32 %r6, %r6, %r4; st.shared.u32 [%r6], %r1;"),
      PTX_SHARED_RACE, KERNEL("add.s32 %r6, %r3, %r4; st.shared.u32 [%r6], %r1;"), 1, 32 },
    { "two blocks write one word", KERNEL("st.global.u32 [%d5], %r2;"), PTX_GLOBAL_RACE,
      KERNEL("mul.wide.u32 %d6, %r2, 128; add.s64 %d6, %d6, %d5; st.global.u32 [%d6], %r2;"), 2, 32 },
    { "a block reads what another writes",
      KERNEL("setp.eq.u32 %p1, %r2, 0; @%p1 bra $write; ld.global.u32 %r6, [%d4]; bra.uni $end;\n$write: st.global.u32 [%d4], %r1;\n$end:"),
      PTX_GLOBAL_RACE, KERNEL("ld.global.u32 %r6, [%d4]; setp.ne.u32 %p1, %r2, 0; @%p1 bra $end; st.global.u32 [%d5], %r6;\n$end:"), 2, 32 },
    { "a block writes what others have read",
      KERNEL("ld.global.u32 %r6, [%d4]; setp.ne.u32 %p1, %r2, 2; @%p1 bra $end; st.global.u32 [%d4], %r6;\n$end:"), PTX_GLOBAL_RACE, NULL, 3, 32 },
    { "two threads of a block at one global word",
      KERNEL("st.global.u32 [%d5], %r1; ld.global.u32 %r6, [%d2];"), PTX_GLOBAL_RACE, KERNEL("st.global.u32 [%d5], %r1; bar.sync 0; ld.global.u32 %r6, [%d2];"), 1, 32 },
    { "a count without a fence before it", KERNEL(COUNT("") LAST_ADDS), PTX_GLOBAL_RACE, KERNEL(COUNT("membar.gl;") LAST_ADDS), 4, 64 },
    { "one thread counts for its block and does not fence", KERNEL(COUNT_FENCED("", "membar.gl;")), PTX_GLOBAL_RACE,
      KERNEL(COUNT_FENCED("membar.gl;", "membar.gl;")), 4, 64 },
    { "one thread counts for its block and fences too early", KERNEL(COUNT_FENCED("membar.gl;", "")), PTX_GLOBAL_RACE,
      KERNEL(COUNT_FENCED("membar.gl;", "membar.gl;")), 4, 64 },
    { "a count that is none",
      KERNEL("setp.ne.s32 %p1, %r1, 0; @%p1 bra $end; ld.global.u32 %r6, [%d1]; add.s32 %r6, %r6, 1; st.global.u32 [%d1], %r6;\n$end:"),
      PTX_GLOBAL_RACE, KERNEL("setp.ne.s32 %p1, %r1, 0; @%p1 bra $end; atom.global.inc.u32 %r6, [%d1], 3;\n$end:"), 4, 64 },
    { "a shuffle in one arm of a branch",
      KERNEL("setp.lt.u32 %p1, %r1, 16; @%p1 bra $end; shfl.sync.bfly.b32 %r6, %r1, 1, 31, -1;\n$end:"), PTX_LANES,
      KERNEL("shfl.sync.bfly.b32 %r6, %r1, 1, 31, -1;"), 1, 32 },
    { "a shuffle with a lane that is not named",
      KERNEL("setp.ge.u32 %p1, %r1, 16; @%p1 bra $end; shfl.sync.bfly.b32 %r6, %r1, 16, 31, 65535;\n$end:"), PTX_LANES,
      KERNEL("setp.ge.u32 %p1, %r1, 16; @%p1 bra $end; shfl.sync.bfly.b32 %r6, %r1, 8, 31, 65535;\n$end:"), 1, 32 },
    { "a shuffle of half a warp", KERNEL("shfl.sync.bfly.b32 %r6, %r1, 1, 31, -1;"), PTX_LANES, NULL, 1, 16 },
    { "a product of some lanes",
      KERNEL("setp.lt.u32 %p1, %r1, 1; @%p1 bra $end; mov.u32 %r6, 0; mov.f32 %f1, 0f00000000;\n"
             "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f1, %f1, %f1, %f1}, {%r6, %r6, %r6, %r6}, {%r6, %r6}, {%f1, %f1, %f1, %f1};\n$end:"),
      PTX_LANES, NULL, 1, 32 },
    { "a matrix load of some lanes",
      KERNEL("shl.b32 %r6, %r1, 4; add.s32 %r6, %r4, %r6; st.shared.v4.u32 [%r6], {0, 0, 0, 0}; bar.sync 0; setp.lt.u32 %p1, %r1, 1; @%p1 bra $end;\n"
             "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r12, %r13, %r14, %r15}, [%r6];\n$end:"), PTX_LANES, NULL, 1, 32 },
    { "a number that was not rounded to tf32",
      KERNEL("mov.u32 %r6, 0x3f800001; mov.f32 %f1, 0f00000000;\n"
             "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f1, %f2, %f3, %f4}, {%r6, %r6, %r6, %r6}, {%r6, %r6}, {%f1, %f1, %f1, %f1};"),
      PTX_ARITHMETIC, NULL, 1, 32 },
    { "division by zero", KERNEL("div.s32 %r6, %r1, %r2;"), PTX_ARITHMETIC, KERNEL("add.s32 %r6, %r2, 1; div.s32 %r6, %r1, %r6;"), 1, 32 },
};

static void each_fault_is_found(void **state)
{
    int bad = 0;
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        long counts[PTX_FAULTS], right[PTX_FAULTS] = { 0 }, others = 0, none = 0;
        memset(in, 0, WORDS * 4);
        const struct ptx_size grid = { broken[i].blocks, 1, 1 }, block = { broken[i].threads, 1, 1 };
        run_with(broken[i].text, grid, block, counts);
        const long found = counts[broken[i].fault];
        for (int f = 0; f < PTX_FAULTS; f++)
            others += f != (int)broken[i].fault ? counts[f] : 0;
        memset(in, 0, WORDS * 4);
        if (broken[i].right)
            run_with(broken[i].right, grid, block, right);
        for (int f = 0; f < PTX_FAULTS; f++)
            none += right[f];
        if (found == 0 || others > 0 || none > 0) {
            print_message("%s: %ld %s, %ld other faults, %ld in the right one (%s)\n", broken[i].what, found, ptx_fault_name[broken[i].fault], others,
                          none, ptx_last_fault());
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

/* A kernel launched early behind one that writes `out`: what it may do before it waits. */
static long early_faults(const char *text)
{
    static const char before[] = KERNEL("st.global.u32 [%d5], %r1;");
    struct err err = { 0 };
    const uint32_t *a = in, *b = out;
    const struct ptx_argument arguments[] = { { &a, 8 }, { &b, 8 } };
    struct ptx_launch launch = { { 1, 1, 1 }, { 64, 1, 1 }, arguments, 2, false, NULL };
    long counts[PTX_FAULTS] = { 0 }, others = 0;
    struct ptx_module *first = ptx_load_text("before", before, NULL, &err), *m = ptx_load_text("test", text, NULL, &err);
    if (!first || !m)
        fail_msg("%s", err.text);
    ptx_memory_add(in, WORDS * 4);
    ptx_memory_add(out, WORDS * 4);
    ptx_memory_written(in, WORDS * 4);
    ptx_count_faults(counts);
    assert_true(ptx_run(ptx_kernel(first, 0), &launch, &err));
    const struct ptx_phases behind = ptx_last_launch();
    launch.behind = &behind;
    assert_true(ptx_run(ptx_kernel(m, 0), &launch, &err));
    ptx_count_faults(NULL);
    ptx_memory_remove(in);
    ptx_memory_remove(out);
    ptx_unload(first);
    ptx_unload(m);
    for (int f = 0; f < PTX_EARLY; f++)
        others += counts[f];
    assert_int_equal(others, 0);
    return counts[PTX_EARLY];
}

#define WAIT "griddepcontrol.wait;"
#define LET_GO "griddepcontrol.launch_dependents;"

static void early_launches_wait(void **state)
{
    (void)state;
    assert_int_equal(early_faults(KERNEL("ld.global.u32 %r6, [%d4]; st.shared.u32 [%r5], %r6;" WAIT LET_GO "ld.global.u32 %r7, [%d5]; st.global.u32 [%d4], %r7;")), 0);
    assert_int_equal(early_faults(KERNEL("ld.global.u32 %r7, [%d5];" WAIT)), 64);
    assert_int_equal(early_faults(KERNEL("st.global.u32 [%d4], %r1;" WAIT)), 64);
    assert_int_equal(early_faults(KERNEL("setp.ne.s32 %p1, %r1, 0; @%p1 bra $end; atom.global.inc.u32 %r6, [%d1], 3;\n$end: " WAIT)), 1);
    assert_true(early_faults(KERNEL(LET_GO WAIT)) > 0);
    assert_true(early_faults(KERNEL("add.s32 %r6, %r1, 1;")) > 0);
    assert_true(early_faults(KERNEL("setp.ge.u32 %p1, %r1, 8; @%p1 bra $end;" WAIT "\n$end:")) > 0);
}

/* Text that is not known is refused with its place. */
static void unknown_text_is_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { KERNEL("wgmma.fence.sync.aligned;"), "test:11: wgmma.fence.sync.aligned is not known" },
        { KERNEL("add.s32 %r1, %r2;"), "test:11: add.s32 with other operands than are known" },
        { KERNEL("add.s32 %r1, %r2, %d1;"), "test:11: add.s32 with other operands than are known" },
        { KERNEL("add.s32 %r1, %r2, %r40;"), "test:11: unknown name %r40" },
        { KERNEL("bra $nowhere;"), "test:11: no label $nowhere" },
        { KERNEL("ld.global.v4.f64 {%d6, %d7, %d8, %d9}, [%d1];"), "test:11: ld.global.v4.f64 is not known" },
        { KERNEL(".local .align 4 .b8 here[4];"), "test:11: unknown directive .local" },
        { KERNEL("bar.sync 1;"), "test:11: bar.sync with other operands than are known" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err = { 0 };
        assert_null(ptx_load_text("test", rows[i].text, NULL, &err));
        assert_string_equal(err.text, rows[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(branches_inside_each_other), cmocka_unit_test(loops_that_lanes_leave), cmocka_unit_test(returns_and_guards),
        cmocka_unit_test(special_registers),          cmocka_unit_test(three_dimensions),       cmocka_unit_test(calls_with_doubles),
        cmocka_unit_test(calls),                  cmocka_unit_test(shuffles_within_segments),
        cmocka_unit_test(products_of_matrices),       cmocka_unit_test(matrix_loads),           cmocka_unit_test(sizes_in_memory),
        cmocka_unit_test(last_block_adds_up),         cmocka_unit_test(each_fault_is_found),    cmocka_unit_test(unknown_text_is_refused),
        cmocka_unit_test(early_launches_wait),
    };
    return cmocka_run_group_tests_name("tests/ptx/warps", tests, NULL, NULL);
}
