/* Each load and store by itself, as it is spelled: which bytes it moves, in which order, and with which sign. What is expected follows from the
 * name: space, count, type. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ptx/ptx.h"

static const char *const names[] = {
    "ld.f32",           "ld.f64",           "ld.u32",           "ld.u64",           "ld.param.f32",     "ld.param.f64",     "ld.param.s32",
    "ld.param.s8",      "ld.param.u8",      "ld.param.u16",     "ld.param.u32",     "ld.param.u64",     "ld.param.v2.u32",  "ld.param.v2.u8",
    "ld.param.v4.u8",   "ld.param.v4.u32",  "ld.global.f32",    "ld.global.f64",    "ld.global.s8",     "ld.global.s16",    "ld.global.u8",
    "ld.global.u16",    "ld.global.u32",    "ld.global.u64",    "ld.global.v2.f32", "ld.global.v2.u32", "ld.global.v4.f32", "ld.global.v4.u32",
    "ld.global.v2.f64", "ld.global.cg.f32", "ld.global.cg.v4.f32", "ld.global.nc.f32", "ld.shared.f32",    "ld.shared.f64",    "ld.shared.u8",
    "ld.shared.u16",    "ld.shared.u32",    "ld.shared.v2.f32", "ld.shared.v4.f32", "ld.shared.v4.u32", "st.f32",           "st.f64",
    "st.global.f32",    "st.global.f64",    "st.global.u8",     "st.global.u16",    "st.global.u32",    "st.global.u64",    "st.global.v2.f32",
    "st.global.v2.u32", "st.global.v4.f32", "st.global.v4.u32", "st.shared.f32",    "st.shared.f64",    "st.shared.u8",     "st.shared.u16",
    "st.shared.u32",    "st.shared.v2.f32", "st.shared.v4.f32", "st.shared.v4.u32", "ld.shared.v2.f64", "st.shared.v2.f64", "st.v2.u32",
    "ld.global.s32",
};

struct access {
    const char *name;
    bool store, shared, param, sign;
    int n, bytes;
    int wide; /* bytes of a register */
};

/* In the smallest register of 2, 4 and 8 bytes that holds it, or one twice as wide. */
static struct access access_of(const char *name, int wider)
{
    struct access a = { .name = name, .store = name[0] == 's', .shared = strstr(name, ".shared"), .param = strstr(name, ".param"), .n = 1 };
    const char *type = strrchr(name, '.') + 1, *vector = strstr(name, ".v");
    unsigned bits = 0;
    for (const char *digit = type + 1; *digit; digit++)
        bits = bits * 10 + (unsigned)(*digit - '0');
    a.sign = type[0] == 's';
    a.bytes = (int)bits / 8;
    a.n = vector ? vector[2] - '0' : 1;
    a.wide = (a.bytes < 2 ? 2 : a.bytes) << wider;
    return a;
}

enum { BYTES = 16, NUMBERS = 4 };

static char letter(const struct access *a)
{
    return a->wide == 8 ? 'd' : a->wide == 4 ? 'w' : 'h';
}

static void operands(const struct access *a, char *to, size_t size)
{
    snprintf(to, size, "%s%%%c1", a->n > 1 ? "{" : "", letter(a));
    for (int k = 1; k < a->n; k++)
        snprintf(to + strlen(to), size - strlen(to), ", %%%c%d", letter(a), k + 1);
    if (a->n > 1)
        strcat(to, "}");
}

/* The kernel has 16 bytes as a parameter, and in global and shared memory. A load's numbers go to `out`; a store takes its own from `in`. */
static void write_kernel(const struct access *a, char *text, size_t size)
{
    char list[64];
    operands(a, list, sizeof list);
    snprintf(text, size, ".version 9.0\n.target sm_80\n.address_size 64\n"
                         ".entry k(.param .align 16 .b8 data[16], .param .u64 memory, .param .u64 in, .param .u64 out)\n{\n"
                         ".reg .b16 %%h<9>; .reg .b32 %%w<9>; .reg .b32 %%r<9>; .reg .b64 %%d<9>; .reg .b64 %%a<9>; .shared .align 16 .b8 room[16];\n"
                         "ld.param.u64 %%a1, [memory]; ld.param.u64 %%a2, [in]; ld.param.u64 %%a3, [out]; mov.u32 %%r5, room;\n"
                         "ld.global.v4.u32 {%%r1, %%r2, %%r3, %%r4}, [%%a1]; st.shared.v4.u32 [%%r5], {%%r1, %%r2, %%r3, %%r4};\n");
    for (int k = 0; k < a->n && a->store; k++)
        snprintf(text + strlen(text), size - strlen(text), "ld.global.u%d %%%c%d, [%%a2+%d];\n", 8 * a->wide, letter(a), k + 1, 8 * k);
    char *end = text + strlen(text);
    size -= strlen(text);
    const char *place = a->param ? "data" : a->shared ? "%r5" : "%a1";
    if (a->store)
        snprintf(end, size, "%s [%s], %s;\n%s", a->name, place, list,
                 a->shared ? "ld.shared.v4.u32 {%r1, %r2, %r3, %r4}, [%r5]; st.global.v4.u32 [%a1], {%r1, %r2, %r3, %r4};\n" : "");
    else
        snprintf(end, size, "%s %s, [%s];\n", a->name, list, place);
    for (int k = 0; k < a->n && !a->store; k++)
        snprintf(end + strlen(end), size - strlen(end), "st.global.u%d [%%a3+%d], %%%c%d;\n", 8 * a->wide, 8 * k, letter(a), k + 1);
    strcat(end, "ret;\n}\n");
}

static _Alignas(64) uint8_t memory[BYTES];
static uint64_t in[NUMBERS], out[NUMBERS];

static void run(const struct access *a, const uint8_t data[BYTES])
{
    char text[2048];
    struct err err = { 0 };
    const void *to_memory = memory, *to_in = in, *to_out = out;
    const struct ptx_argument arguments[] = { { data, BYTES }, { &to_memory, 8 }, { &to_in, 8 }, { &to_out, 8 } };
    const struct ptx_launch launch = { { 1, 1, 1 }, { 1, 1, 1 }, arguments, 4, false, NULL };
    write_kernel(a, text, sizeof text);
    struct ptx_module *m = ptx_load_text(a->name, text, NULL, &err);
    if (!m)
        fail_msg("%s\n%s", err.text, text);
    if (!ptx_run(ptx_kernel(m, 0), &launch, &err))
        fail_msg("%s", err.text);
    ptx_unload(m);
}

/* The number that begins at a byte: the first byte is the lowest. */
static uint64_t number_at(const struct access *a, const uint8_t *byte)
{
    uint64_t bits = 0;
    for (int i = a->bytes - 1; i >= 0; i--)
        bits = bits << 8 | byte[i];
    if (a->sign && a->bytes < a->wide && byte[a->bytes - 1] & 0x80)
        bits |= UINT64_MAX << 8 * a->bytes;
    return a->wide == 8 ? bits : bits & ((UINT64_C(1) << 8 * a->wide) - 1);
}

static void check(const struct access *a)
{
    uint8_t data[BYTES], expected[BYTES];
    for (int i = 0; i < BYTES; i++)
        expected[i] = data[i] = (uint8_t)(0x8f - 0x17 * i);
    memcpy(memory, data, BYTES);
    memset(out, 0, sizeof out);
    for (int k = 0; k < NUMBERS; k++)
        in[k] = UINT64_C(0xf1e2d3c4b5a69788) + (uint64_t)k;
    for (int i = 0; i < a->n * a->bytes && a->store; i++)
        expected[i] = (uint8_t)(in[i / a->bytes] >> i % a->bytes * 8);
    run(a, data);
    if (memcmp(memory, expected, BYTES) != 0)
        fail_msg("%s from registers of %d bytes: other bytes than those", a->name, a->wide);
    for (int k = 0; k < a->n && !a->store; k++)
        if (out[k] != number_at(a, data + k * a->bytes))
            fail_msg("%s into registers of %d bytes: number %d is %#llx instead of %#llx", a->name, a->wide, k, (unsigned long long)out[k],
                     (unsigned long long)number_at(a, data + k * a->bytes));
}

static void each_access(void **state)
{
    (void)state;
    ptx_memory_add(memory, sizeof memory);
    ptx_memory_add(in, sizeof in);
    ptx_memory_add(out, sizeof out);
    ptx_memory_written(memory, sizeof memory);
    ptx_memory_written(in, sizeof in);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (int wider = 0; wider < 2; wider++) {
            const struct access a = access_of(names[i], wider);
            if (a.wide <= 8)
                check(&a);
        }
    ptx_memory_remove(memory);
    ptx_memory_remove(in);
    ptx_memory_remove(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_access) };
    return cmocka_run_group_tests_name("tests/ptx/accesses", tests, NULL, NULL);
}
