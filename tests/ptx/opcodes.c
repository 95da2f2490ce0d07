/* Each instruction by itself: inputs and results worked out from NVIDIA's PTX ISA document, as bits. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ptx/ptx.h"

#define N32 0x7fffffffu         /* the NaN of float arithmetic */
#define Q64 0x7ff8000000000000u /* some NaN of double arithmetic: only that it is one counts */
#define INF32 0x7f800000u
#define INF64 0x7ff0000000000000u
#define MINUS32 0x80000000u
#define MINUS64 0x8000000000000000u

struct row {
    const char *name, *operands; /* as in struct spelling, without capitals; p h w d */
    uint64_t in[4], out;
};

static const struct row rows[] = {
    /* whole numbers wrap around */
    { "add.s32", "w=ww", { 0x7fffffff, 1 }, 0x80000000 },
    { "add.u32", "w=ww", { 0xffffffff, 2 }, 1 },
    { "add.s64", "d=dd", { 0x7fffffffffffffff, 1 }, MINUS64 },
    { "add.s64", "d=dd", { 0xffffffff, 1 }, 0x100000000 },
    { "add.s16", "h=hh", { 0x7fff, 1 }, 0x8000 },
    { "add.s16", "h=hh", { 0xffff, 1 }, 0 },
    { "sub.s32", "w=ww", { 0, 1 }, 0xffffffff },
    { "sub.s64", "d=dd", { 0, 1 }, 0xffffffffffffffff },
    { "sub.s16", "h=hh", { 0, 1 }, 0xffff },
    { "mul.lo.s32", "w=ww", { 0x10001, 0x10001 }, 0x20001 },
    { "mul.lo.s32", "w=ww", { 0xffffffff, 5 }, 0xfffffffb },
    { "mul.lo.s64", "d=dd", { 0x100000001, 0x100000001 }, 0x200000001 },
    { "mul.hi.s32", "w=ww", { 0xffffffff, 5 }, 0xffffffff },
    { "mul.hi.s32", "w=ww", { 0x80000000, 0x80000000 }, 0x40000000 },
    { "mul.hi.u32", "w=ww", { 0xffffffff, 5 }, 4 },
    { "mul.hi.u64", "d=dd", { 0xffffffffffffffff, 0xffffffffffffffff }, 0xfffffffffffffffe },
    { "mul.hi.s64", "d=dd", { 0xffffffffffffffff, 0xffffffffffffffff }, 0 },
    { "mul.wide.s32", "d=ww", { 0xffffffff, 2 }, 0xfffffffffffffffe },
    { "mul.wide.u32", "d=ww", { 0xffffffff, 2 }, 0x1fffffffe },
    { "mad.lo.s32", "w=www", { 0xffffffff, 3, 10 }, 7 },
    { "mad.wide.s32", "d=wwd", { 0xffffffff, 3, 0x100000000 }, 0xfffffffd },
    { "mad.wide.u32", "d=wwd", { 0xffffffff, 3, 1 }, 0x2fffffffe },
    { "div.s32", "w=ww", { (uint32_t)-7, 2 }, (uint32_t)-3 },
    { "div.s32", "w=ww", { 7, (uint32_t)-2 }, (uint32_t)-3 },
    { "div.u32", "w=ww", { (uint32_t)-7, 2 }, 0x7ffffffc },
    { "div.s64", "d=dd", { (uint64_t)-7, 2 }, (uint64_t)-3 },
    { "div.u64", "d=dd", { (uint64_t)-7, 2 }, 0x7ffffffffffffffc },
    { "rem.s32", "w=ww", { (uint32_t)-7, 2 }, (uint32_t)-1 },
    { "rem.s32", "w=ww", { 7, (uint32_t)-2 }, 1 },
    { "rem.u32", "w=ww", { 0xffffffff, 10 }, 5 },
    { "rem.u64", "d=dd", { 0xffffffffffffffff, 10 }, 5 },
    { "min.s32", "w=ww", { (uint32_t)-1, 1 }, (uint32_t)-1 },
    { "min.u32", "w=ww", { (uint32_t)-1, 1 }, 1 },
    { "min.u64", "d=dd", { (uint64_t)-1, 1 }, 1 },
    { "min.s64", "d=dd", { (uint64_t)-1, 1 }, (uint64_t)-1 },
    { "max.s32", "w=ww", { (uint32_t)-1, 1 }, 1 },
    { "max.u64", "d=dd", { (uint64_t)-1, 1 }, (uint64_t)-1 },
    { "max.s64", "d=dd", { (uint64_t)-1, 1 }, 1 },
    { "neg.s32", "w=w", { 0x80000000 }, 0x80000000 },
    { "neg.s64", "d=d", { 1 }, 0xffffffffffffffff },
    { "abs.s32", "w=w", { (uint32_t)-5 }, 5 },
    /* bits; shifts by more than there are bits give 0, or the sign */
    { "and.b32", "w=ww", { 0xff00ff00, 0x0ff00ff0 }, 0x0f000f00 },
    { "and.b16", "h=hh", { 0xff00, 0x0ff0 }, 0x0f00 },
    { "and.b64", "d=dd", { 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0 }, 0x0f000f000f000f00 },
    { "or.b16", "h=hh", { 0xf000, 1 }, 0xf001 },
    { "or.b32", "w=ww", { 0xf0000000, 1 }, 0xf0000001 },
    { "or.b64", "d=dd", { 0xf000000000000000, 1 }, 0xf000000000000001 },
    { "xor.b16", "h=hh", { 0xffff, 0x0ff0 }, 0xf00f },
    { "xor.b64", "d=dd", { 0xffffffffffffffff, 0xff }, 0xffffffffffffff00 },
    { "not.b32", "w=w", { 0x0f0f0f0f }, 0xf0f0f0f0 },
    { "not.b16", "h=h", { 0x00ff }, 0xff00 },
    { "shl.b32", "w=ww", { 1, 31 }, 0x80000000 },
    { "shl.b32", "w=ww", { 1, 32 }, 0 },
    { "shl.b32", "w=ww", { 1, 0xffffffff }, 0 },
    { "shl.b64", "d=dw", { 1, 63 }, MINUS64 },
    { "shl.b64", "d=dw", { 1, 64 }, 0 },
    { "shr.u32", "w=ww", { 0x80000000, 31 }, 1 },
    { "shr.u32", "w=ww", { 0x80000000, 32 }, 0 },
    { "shr.s32", "w=ww", { 0x80000000, 31 }, 0xffffffff },
    { "shr.s32", "w=ww", { 0x80000000, 40 }, 0xffffffff },
    { "shr.s32", "w=ww", { 0x7fffffff, 40 }, 0 },
    { "shr.s64", "d=dw", { MINUS64, 64 }, 0xffffffffffffffff },
    { "shr.u64", "d=dw", { MINUS64, 63 }, 1 },
    { "shr.u64", "d=dw", { MINUS64, 64 }, 0 },
    { "bfi.b32", "w=wwww", { 0xab, 0xffffffff, 8, 8 }, 0xffffabff },
    { "bfi.b32", "w=wwww", { 0xffff, 0, 28, 16 }, 0xf0000000 },
    { "bfi.b32", "w=wwww", { 0xffff, 0x1234, 32, 4 }, 0x1234 },
    { "bfi.b32", "w=wwww", { 0xffff, 0x1234, 4, 0 }, 0x1234 },
    { "bfi.b32", "w=wwww", { 0x5678, 0x12340000, 0, 16 }, 0x12345678 },
    { "bfe.u32", "w=www", { 0x12345678, 8, 8 }, 0x56 },
    { "selp.b32", "w=wwp", { 5, 6, 1 }, 5 },
    { "selp.f64", "d=ddp", { 5, 6, 0 }, 6 },
    { "selp.u16", "h=hhp", { 5, 6, 1 }, 5 },
    { "selp.b64", "d=ddp", { 0x500000000, 6, 1 }, 0x500000000 },
    { "selp.f32", "w=wwp", { 0x3f800000, N32, 0 }, N32 },
    { "selp.u32", "w=wwp", { 5, 6, 0 }, 6 },
    { "and.pred", "p=pp", { 1, 0 }, 0 },
    { "or.pred", "p=pp", { 1, 0 }, 1 },
    { "xor.pred", "p=pp", { 1, 1 }, 0 },
    { "not.pred", "p=p", { 0 }, 1 },
    { "mov.pred", "p=p", { 1 }, 1 },
    { "mov.pred", "p=p", { 0 }, 0 },
    { "cvta.to.global.u64", "d=d", { 0x123456789abcdef0 }, 0x123456789abcdef0 },
    { "mov.b32", "w=w", { 0xdeadbeef }, 0xdeadbeef },
    { "mov.u16", "h=h", { 0xbeef }, 0xbeef },
    { "mov.f64", "d=d", { Q64 }, Q64 },
    /* comparisons */
    { "setp.eq.s16", "p=hh", { 0xffff, 0xffff }, 1 },
    { "setp.eq.b32", "p=ww", { 0x80000000, 0 }, 0 },
    { "setp.eq.s64", "p=dd", { 1, 0x100000001 }, 0 },
    { "setp.eq.s64", "p=dd", { MINUS64, MINUS64 }, 1 },
    { "setp.ne.s16", "p=hh", { 0x8000, 0x7fff }, 1 },
    { "setp.ne.s16", "p=hh", { 0x8000, 0x8000 }, 0 },
    { "setp.ne.s64", "p=dd", { 1, 0x100000001 }, 1 },
    { "setp.lt.s32", "p=ww", { (uint32_t)-1, 1 }, 1 },
    { "setp.lt.u32", "p=ww", { (uint32_t)-1, 1 }, 0 },
    { "setp.ge.s32", "p=ww", { 5, 5 }, 1 },
    { "setp.gt.s32", "p=ww", { 5, 5 }, 0 },
    { "setp.gt.s64", "p=dd", { (uint64_t)-5, 5 }, 0 },
    { "setp.gt.s64", "p=dd", { 5, (uint64_t)-5 }, 1 },
    { "setp.le.s32", "p=ww", { 0x80000000, 0x7fffffff }, 1 },
    { "setp.le.s32", "p=ww", { 5, 5 }, 1 },
    { "setp.le.u64", "p=dd", { (uint64_t)-5, 5 }, 0 },
    { "setp.le.u64", "p=dd", { 5, 5 }, 1 },
    { "setp.lt.u64", "p=dd", { 0x7fffffffffffffff, MINUS64 }, 1 },
    { "setp.lt.u64", "p=dd", { 5, 5 }, 0 },
    { "setp.le.s64", "p=dd", { (uint64_t)-5, 5 }, 1 },
    { "setp.ge.u64", "p=dd", { (uint64_t)-5, 5 }, 1 },
    { "setp.gt.s16", "p=hh", { 0x7fff, 0x8000 }, 1 },
    { "setp.lt.f32", "p=ww", { 0x3f800000, 0x40000000 }, 1 },
    { "setp.lt.f32", "p=ww", { N32, 0x40000000 }, 0 },
    { "setp.le.f32", "p=ww", { 0x3f800000, 0x3f800000 }, 1 },
    { "setp.le.f32", "p=ww", { 0xff800000, N32 }, 0 },
    { "setp.ge.f32", "p=ww", { MINUS32, 0 }, 1 },
    { "setp.ge.f32", "p=ww", { N32, 0xff800000 }, 0 },
    { "setp.gt.f32", "p=ww", { 0x00000001, 0 }, 1 },
    { "setp.gt.f32", "p=ww", { INF32, N32 }, 0 },
    { "setp.eq.f32", "p=ww", { MINUS32, 0 }, 1 },
    { "setp.eq.f32", "p=ww", { N32, N32 }, 0 },
    { "setp.ne.f32", "p=ww", { N32, 0x40000000 }, 0 },
    { "setp.neu.f32", "p=ww", { N32, 0x40000000 }, 1 },
    { "setp.equ.f32", "p=ww", { N32, 0x40000000 }, 1 },
    { "setp.geu.f32", "p=ww", { N32, 0x40000000 }, 1 },
    { "setp.geu.f32", "p=ww", { 0x3f800000, 0x40000000 }, 0 },
    { "setp.ltu.f32", "p=ww", { 0x40000000, N32 }, 1 },
    { "setp.leu.f32", "p=ww", { 0x40000000, 0x3f800000 }, 0 },
    { "setp.gtu.f64", "p=dd", { Q64, 0 }, 1 },
    { "setp.gtu.f64", "p=dd", { 0, 0x3ff0000000000000 }, 0 },
    { "setp.neu.f64", "p=dd", { 0, MINUS64 }, 0 },
    { "setp.num.f32", "p=ww", { 0, N32 }, 0 },
    { "setp.nan.f64", "p=dd", { 0, Q64 }, 1 },
    { "setp.eq.f64", "p=dd", { MINUS64, 0 }, 1 },
    { "setp.eq.f64", "p=dd", { Q64, Q64 }, 0 },
    { "setp.lt.f64", "p=dd", { 0, 1 }, 1 }, /* the smallest number there is */
    { "setp.lt.f64", "p=dd", { Q64, INF64 }, 0 },
    { "setp.geu.f64", "p=dd", { 0, Q64 }, 1 },
    { "setp.geu.f64", "p=dd", { 0, 1 }, 0 },
    { "setp.leu.f64", "p=dd", { Q64, 0 }, 1 },
    { "setp.leu.f64", "p=dd", { 1, 0 }, 0 },
    { "setp.le.f64", "p=dd", { MINUS64, 0 }, 1 },
    { "setp.gt.f64", "p=dd", { INF64, 0x7fefffffffffffff }, 1 },
    /* floats: nearest even, subnormal numbers kept, one NaN */
    { "add.f32", "w=ww", { 0x3f800000, 0x33800000 }, 0x3f800000 }, /* 1 + 2^-24: a tie, to even */
    { "add.f32", "w=ww", { 0x3f800001, 0x33800000 }, 0x3f800002 }, /* the other way */
    { "add.f32", "w=ww", { 0x00000001, 0x00000001 }, 0x00000002 },
    { "add.f32", "w=ww", { INF32, 0xff800000 }, N32 },
    { "add.f32", "w=ww", { 0xffc01234, 0 }, N32 },
    { "add.f32", "w=ww", { 0x7f7fffff, 0x7f7fffff }, INF32 },
    { "sub.f32", "w=ww", { 0x00800000, 0x00000001 }, 0x007fffff },
    { "sub.f32", "w=ww", { 0x3f800000, 0x3f800000 }, 0 },
    { "mul.f32", "w=ww", { 0x00800000, 0x3f000000 }, 0x00400000 },
    { "mul.f32", "w=ww", { 0x00000001, 0x3f000000 }, 0 }, /* half of the smallest: a tie, to even */
    { "mul.f32", "w=ww", { 0x80000000, 0x3f800000 }, 0x80000000 },
    { "mul.f32", "w=ww", { 0, INF32 }, N32 },
    { "add.f64", "d=dd", { 0x3ff0000000000000, 0x3ca0000000000000 }, 0x3ff0000000000000 },
    { "add.rn.f64", "d=dd", { 0x3ff0000000000001, 0x3ca0000000000000 }, 0x3ff0000000000002 },
    { "mul.f64", "d=dd", { 0x3ff0000000000001, 0x3ff0000000000001 }, 0x3ff0000000000002 }, /* 1 + 2^-51 + 2^-104: down */
    { "mul.f64", "d=dd", { MINUS64, INF64 }, Q64 },
    { "mul.rn.f64", "d=dd", { 0x0010000000000000, 0x3fe0000000000000 }, 0x0008000000000000 },
    { "sub.f64", "d=dd", { 0x3ff0000000000000, 0x3ff0000000000001 }, 0xbcb0000000000000 },
    { "sub.rn.f64", "d=dd", { 0x3ff0000000000001, 0x3ca8000000000000 }, 0x3ff0000000000000 }, /* 1 + 2^-52 - 3 2^-54: down */
    /* (1 + 2^-12)^2 - (1 + 2^-11) = 2^-24: lost when the product is rounded */
    { "fma.rn.f32", "w=www", { 0x3f800800, 0x3f800800, 0xbf801000 }, 0x33800000 },
    { "fma.rn.f32", "w=www", { INF32, 0, 0x3f800000 }, N32 },
    { "fma.rn.f32", "w=www", { 0x7f7fffff, 0x40000000, 0xff7fffff }, 0x7f7fffff },
    { "fma.rn.f64", "d=ddd", { 0x3ff0000002000000, 0x3ff0000002000000, 0xbff0000004000000 }, 0x3c90000000000000 },
    { "div.rn.f32", "w=ww", { 0x3f800000, 0x40400000 }, 0x3eaaaaab },
    { "div.rn.f32", "w=ww", { 0x3f800000, 0 }, INF32 },
    { "div.rn.f32", "w=ww", { 0, 0 }, N32 },
    { "div.rn.f32", "w=ww", { 0x00000003, 0x40000000 }, 0x00000002 }, /* 1.5 of the smallest: to even */
    { "div.rn.f64", "d=dd", { 0x3ff0000000000000, 0x4008000000000000 }, 0x3fd5555555555555 },
    { "rcp.rn.f32", "w=w", { 0x40400000 }, 0x3eaaaaab },
    { "rcp.rn.f32", "w=w", { 0x80000000 }, 0xff800000 },
    { "rcp.rn.f64", "d=d", { 0x4008000000000000 }, 0x3fd5555555555555 },
    { "rcp.rn.f64", "d=d", { MINUS64 }, 0xfff0000000000000 },
    { "rcp.approx.ftz.f64", "d=d", { 0x4000000000000000 }, 0x3fe0000000000000 },
    { "rcp.approx.ftz.f64", "d=d", { 0x40000000ffffffff }, 0x3fe0000000000000 }, /* the lower half does not count */
    { "rcp.approx.ftz.f64", "d=d", { 0x000fffff00000000 }, INF64 },             /* subnormal: as zero */
    { "rcp.approx.ftz.f64", "d=d", { 0xfff0000000000000 }, MINUS64 },
    { "sqrt.rn.f32", "w=w", { 0x40000000 }, 0x3fb504f3 },
    { "sqrt.rn.f32", "w=w", { 0xbf800000 }, N32 },
    { "sqrt.rn.f32", "w=w", { MINUS32 }, MINUS32 },
    { "sqrt.rn.f64", "d=d", { 0x4000000000000000 }, 0x3ff6a09e667f3bcd },
    { "min.f32", "w=ww", { N32, 0x3f800000 }, 0x3f800000 },
    { "min.f32", "w=ww", { 0, MINUS32 }, MINUS32 },
    { "max.f32", "w=ww", { MINUS32, 0 }, 0 },
    { "max.f32", "w=ww", { 0x7fc00001, 0xffc00001 }, N32 },
    { "max.f64", "d=dd", { Q64, 0xbff0000000000000 }, 0xbff0000000000000 },
    { "max.f64", "d=dd", { 0xbff0000000000000, 0x3ff0000000000000 }, 0x3ff0000000000000 },
    { "neg.f32", "w=w", { 0 }, MINUS32 },
    { "abs.f32", "w=w", { 0xbf800000 }, 0x3f800000 },
    { "neg.f64", "d=d", { MINUS64 }, 0 },
    { "abs.f64", "d=d", { 0xfff0000000000000 }, INF64 },
    /* from one kind to another */
    { "cvt.s64.s32", "d=w", { 0xffffffff }, 0xffffffffffffffff },
    { "cvt.s64.s32", "d=d", { 0x12345678ffffffff }, 0xffffffffffffffff },
    { "cvt.u64.u32", "d=w", { 0xffffffff }, 0xffffffff },
    { "cvt.u32.u64", "w=d", { 0x1234567890abcdef }, 0x90abcdef },
    { "cvt.u16.u32", "h=w", { 0x12345678 }, 0x5678 },
    { "cvt.u16.u64", "h=d", { 0x1234567812345678 }, 0x5678 },
    { "cvt.s32.s16", "w=h", { 0x8000 }, 0xffff8000 },
    { "cvt.u32.u16", "w=h", { 0x8000 }, 0x8000 },
    { "cvt.s32.s8", "w=h", { 0x80 }, 0xffffff80 },
    { "cvt.f64.f32", "d=w", { 0x00000001 }, 0x36a0000000000000 },
    { "cvt.rn.f32.f64", "w=d", { 0x3ff0000010000000 }, 0x3f800000 }, /* 1 + 2^-24: to even */
    { "cvt.rn.f32.f64", "w=d", { 0x3ff0000010000001 }, 0x3f800001 },
    { "cvt.rn.f32.f64", "w=d", { 0x7fefffffffffffff }, INF32 },
    { "cvt.rn.f32.f64", "w=d", { Q64 }, N32 },
    { "cvt.rn.f32.s32", "w=w", { 0x01000001 }, 0x4b800000 },
    { "cvt.rn.f32.s32", "w=w", { 0xffffffff }, 0xbf800000 },
    { "cvt.rn.f32.u32", "w=w", { 0xffffffff }, 0x4f800000 },
    { "cvt.rn.f32.u64", "w=d", { 0xffffffffffffffff }, 0x5f800000 },
    { "cvt.rn.f32.u64", "w=d", { 0x8000008000000000 }, 0x5f000000 }, /* a tie: to even, once and not by way of a double */
    { "cvt.rn.f32.u64", "w=d", { 0x8000008000000001 }, 0x5f000001 },
    { "cvt.rn.f64.s32", "d=w", { 0x80000000 }, 0xc1e0000000000000 },
    { "cvt.rn.f64.u32", "d=w", { 0xffffffff }, 0x41efffffffe00000 },
    { "cvt.rn.f64.u64", "d=d", { 0xffffffffffffffff }, 0x43f0000000000000 },
    { "cvt.rzi.s32.f32", "w=w", { 0xbfc00000 }, 0xffffffff },
    { "cvt.rzi.s32.f32", "w=w", { 0x4f000000 }, 0x7fffffff },
    { "cvt.rzi.s32.f32", "w=w", { N32 }, 0 },
    { "cvt.rzi.u32.f64", "w=d", { 0xbff0000000000000 }, 0 },
    { "cvt.rzi.u32.f64", "w=d", { 0x41f0000000000000 }, 0xffffffff },
    { "cvt.rzi.f64.f64", "d=d", { 0xbffe666666666666 }, 0xbff0000000000000 },
    { "cvt.rni.f64.f64", "d=d", { 0x4004000000000000 }, 0x4000000000000000 }, /* 2.5: to even */
    { "cvt.rna.tf32.f32", "w=w", { 0x3f801000 }, 0x3f802000 }, /* a tie: away from zero */
    { "cvt.rna.tf32.f32", "w=w", { 0xbf801000 }, 0xbf802000 },
    { "cvt.rna.tf32.f32", "w=w", { 0x3f800fff }, 0x3f800000 },
    { "cvt.rna.tf32.f32", "w=w", { 0x7f7fffff }, INF32 },
    { "cvt.rna.tf32.f32", "w=w", { INF32 }, INF32 },
    { "cvt.rn.bf16x2.f32", "w=ww", { 0x3f800000, 0x40000000 }, 0x3f804000 }, /* the first in the upper half */
    { "cvt.rn.bf16x2.f32", "w=ww", { 0x3f808000, 0x3f818000 }, 0x3f803f82 }, /* ties: to even */
    { "cvt.rn.bf16x2.f32", "w=ww", { 0x7f7fffff, N32 }, 0x7f807fff },
};

static unsigned width_of(char letter)
{
    return letter == 'd' ? 8 : letter == 'h' ? 2 : 4;
}

/* A register's name: %h1, %w1 ... */
static void load_operand(char *text, size_t size, char letter, int n)
{
    char *end = text + strlen(text);
    size -= strlen(text);
    if (letter == 'p')
        snprintf(end, size, "ld.global.u32 %%w%d, [%%d8+%d];\nsetp.ne.s32 %%p%d, %%w%d, 0;\n", n, 8 * n, n, n);
    else
        snprintf(end, size, "ld.global.u%u %%%c%d, [%%d8+%d];\n", 8 * width_of(letter), letter, n, 8 * n);
}

/* A kernel of the one instruction: lane l writes its result to out[l]. */
static void write_kernel(char *text, size_t size, const struct row *r)
{
    char operands[80] = "";
    int n = 0;
    snprintf(text, size, ".version 9.0\n.target sm_80\n.address_size 64\n.entry one(.param .u64 in, .param .u64 out)\n{\n"
                         ".reg .pred %%p<8>; .reg .b16 %%h<8>; .reg .b32 %%w<12>; .reg .b64 %%d<12>;\n"
                         "ld.param.u64 %%d8, [in];\nld.param.u64 %%d9, [out];\nmov.u32 %%w8, %%tid.x;\nmul.wide.u32 %%d10, %%w8, 8;\n"
                         "add.s64 %%d9, %%d9, %%d10;\n");
    for (const char *p = r->operands + 2; *p; p++, n++) {
        load_operand(text, size, *p, n);
        snprintf(operands + strlen(operands), sizeof operands - strlen(operands), ", %%%c%d", *p, n);
    }
    const char letter = r->operands[0];
    char *end = text + strlen(text);
    size -= strlen(text);
    if (letter == 'p')
        snprintf(end, size, "%s %%p7%s;\nselp.b64 %%d11, 1, 0, %%p7;\nst.global.u64 [%%d9], %%d11;\nret;\n}\n", r->name, operands);
    else
        snprintf(end, size, "%s %%%c7%s;\nst.global.u%u [%%d9], %%%c7;\nret;\n}\n", r->name, letter, operands, 8 * width_of(letter), letter);
}

static uint64_t out[64];

static void run_row(const struct row *r, unsigned threads)
{
    char text[2048];
    struct err err = { 0 };
    const uint64_t *in = r->in, *to = out;
    const struct ptx_argument arguments[] = { { &in, 8 }, { &to, 8 } };
    write_kernel(text, sizeof text, r);
    struct ptx_module *m = ptx_load_text(r->name, text, NULL, &err);
    if (!m)
        fail_msg("%s\n%s", err.text, text);
    memset(out, 0, sizeof out);
    ptx_memory_add((void *)(uintptr_t)r->in, sizeof r->in);
    ptx_memory_written((void *)(uintptr_t)r->in, sizeof r->in);
    const struct ptx_launch launch = { { 1, 1, 1 }, { threads, 1, 1 }, arguments, 2, false, NULL };
    if (!ptx_run(ptx_kernel(m, 0), &launch, &err))
        fail_msg("%s", err.text);
    ptx_memory_remove((void *)(uintptr_t)r->in);
    ptx_unload(m);
}

static bool same(const struct row *r, uint64_t got)
{
    if (r->operands[0] == 'd' && r->out == Q64)
        return (got & INT64_MAX) > INF64;
    return got == r->out;
}

/* Each instruction with all lanes, and with some: two ways through the interpreter. */
static void instructions(void **state)
{
    int bad = 0;
    (void)state;
    ptx_memory_add(out, sizeof out);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (unsigned threads = 5; threads <= 32; threads += 27) {
            run_row(&rows[i], threads);
            for (unsigned l = 0; l < 64; l++)
                if (!same(&rows[i], out[l]) && l < threads) {
                    print_message("%s %#llx %#llx %#llx: %#llx instead of %#llx (%u threads)\n", rows[i].name, (unsigned long long)rows[i].in[0],
                                  (unsigned long long)rows[i].in[1], (unsigned long long)rows[i].in[2], (unsigned long long)out[l],
                                  (unsigned long long)rows[i].out, threads);
                    bad++;
                    break;
                } else if (l >= threads && out[l] != 0)
                    fail_msg("%s: a thread that does not exist wrote", rows[i].name);
        }
    ptx_memory_remove(out);
    assert_int_equal(bad, 0);
}

/* Instructions that move numbers between lanes, and control, are in warps.c. */
int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(instructions) };
    return cmocka_run_group_tests_name("tests/ptx/opcodes", tests, NULL, NULL);
}
