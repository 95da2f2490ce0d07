/* kernels/cuda/tensor.h - numbers of the mixed-precision passes, and the instructions that multiply them: products of
 * numbers rounded to bf16 or tf32, sums in float. Only .cu files include it.
 *
 * A tensor core multiplies 16 rows by 8 columns, 32 bytes of each deep. Who holds what (g = lane / 4, t = lane % 4):
 *   a[0] (row g), a[1] (row g + 8): bytes 4t .. 4t+3;  a[2], a[3]: the same rows, bytes 16 + 4t ..
 *   b[0] (column g): bytes 4t ..;  b[1]: bytes 16 + 4t ..
 *   sum[0], sum[1] (row g), sum[2], sum[3] (row g + 8): columns 2t and 2t + 1
 * The five instructions are below; the emulator of the tests has its own (tests/kernels/cuda_shim). */
#ifndef KERNELS_CUDA_TENSOR_H
#define KERNELS_CUDA_TENSOR_H

#include "kernels/cuda/lanes.h"

#ifndef SADDLE_CUDA_SHIM
/* Two numbers to bf16, nearest even; the first in the low half. */
static __device__ inline uint32_t tensor_pack(float low, float high)
{
    uint32_t pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
}

/* Rounds to tf32: 10 bits behind the point. */
static __device__ inline float tensor_round(float x)
{
    uint32_t bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
    return __uint_as_float(bits);
}

/* Four matrices of 8 rows of 16 bytes in shared memory; lane l gives the address of row l % 8 of matrix l / 8, and gets
 * of each matrix bytes 4t .. 4t+3 of row g. */
static __device__ inline void tensor_load(uint32_t (&to)[4], const void *row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"((uint32_t)__cvta_generic_to_shared(row))
                 : "memory");
}

/* The same with each matrix of 16-bit numbers turned: of rows 2t and 2t+1 the number in column g. */
static __device__ inline void tensor_load_turned(uint32_t (&to)[4], const void *row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"((uint32_t)__cvta_generic_to_shared(row))
                 : "memory");
}

static __device__ inline void tensor_multiply_bf16(float (&sum)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1)
{
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

static __device__ inline void tensor_multiply_tf32(float (&sum)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1)
{
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
#endif

/* The numbers that a plane holds, and how they are multiplied. `deep`: numbers in 32 bytes. */
struct tensor_bf16 {
    typedef uint16_t stored;
    static constexpr int deep = 16;
    static __device__ inline float get(stored x)
    {
        return __uint_as_float((uint32_t)x << 16);
    }
    static __device__ inline stored put(float x)
    {
        return (stored)tensor_pack(x, 0);
    }
    /* Two or eight neighbours; the first at a multiple of 4 or 16 bytes. */
    static __device__ inline void get2(float (&v)[2], const stored *p)
    {
        const uint32_t pair = *(const uint32_t *)p;
        v[0] = __uint_as_float(pair << 16);
        v[1] = __uint_as_float(pair & 0xffff0000u);
    }
    static __device__ inline void put2(stored *p, const float (&v)[2])
    {
        *(uint32_t *)p = tensor_pack(v[0], v[1]);
    }
    static __device__ inline void get8(float (&v)[8], const stored *p)
    {
        const uint4 q = *(const uint4 *)p;
        const uint32_t pair[4] = { q.x, q.y, q.z, q.w };
#pragma unroll
        for (int i = 0; i < 4; i++) {
            v[2 * i] = __uint_as_float(pair[i] << 16);
            v[2 * i + 1] = __uint_as_float(pair[i] & 0xffff0000u);
        }
    }
    static __device__ inline void put8(stored *p, const float (&v)[8])
    {
        *(uint4 *)p = make_uint4(tensor_pack(v[0], v[1]), tensor_pack(v[2], v[3]), tensor_pack(v[4], v[5]),
                                 tensor_pack(v[6], v[7]));
    }
    /* Eight neighbours on their way from plane to tile. */
    struct eight {
        uint4 q;
    };
    static __device__ inline struct eight no_eight(void)
    {
        return { make_uint4(0, 0, 0, 0) };
    }
    static __device__ inline struct eight load_eight(const stored *p)
    {
        return { *(const uint4 *)p };
    }
    static __device__ inline void store_eight(stored *p, const struct eight &e)
    {
        *(uint4 *)p = e.q;
    }
    static __device__ inline float round(float x) /* put() rounds */
    {
        return x;
    }
    static __device__ inline void multiply(float (&sum)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1)
    {
        tensor_multiply_bf16(sum, a, b0, b1);
    }
};

struct tensor_tf32 { /* kept as float, rounded when multiplied */
    typedef float stored;
    static constexpr int deep = 8;
    static __device__ inline float get(stored x)
    {
        return x;
    }
    static __device__ inline stored put(float x)
    {
        return x;
    }
    static __device__ inline void get2(float (&v)[2], const stored *p)
    {
        v[0] = p[0];
        v[1] = p[1];
    }
    static __device__ inline void put2(stored *p, const float (&v)[2])
    {
        p[0] = v[0];
        p[1] = v[1];
    }
    static __device__ inline void get8(float (&v)[8], const stored *p)
    {
        const float4 a = ((const float4 *)p)[0], b = ((const float4 *)p)[1];
        v[0] = a.x, v[1] = a.y, v[2] = a.z, v[3] = a.w, v[4] = b.x, v[5] = b.y, v[6] = b.z, v[7] = b.w;
    }
    static __device__ inline void put8(stored *p, const float (&v)[8])
    {
        ((float4 *)p)[0] = make_float4(v[0], v[1], v[2], v[3]);
        ((float4 *)p)[1] = make_float4(v[4], v[5], v[6], v[7]);
    }
    struct eight {
        float4 a, b;
    };
    static __device__ inline struct eight no_eight(void)
    {
        return { lanes_zero(), lanes_zero() };
    }
    static __device__ inline struct eight load_eight(const stored *p)
    {
        return { ((const float4 *)p)[0], ((const float4 *)p)[1] };
    }
    static __device__ inline void store_eight(stored *p, const struct eight &e) /* rounded */
    {
        ((float4 *)p)[0] = make_float4(round(e.a.x), round(e.a.y), round(e.a.z), round(e.a.w));
        ((float4 *)p)[1] = make_float4(round(e.b.x), round(e.b.y), round(e.b.z), round(e.b.w));
    }
    static __device__ inline float round(float x)
    {
        return tensor_round(x);
    }
    static __device__ inline void multiply(float (&sum)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1)
    {
        tensor_multiply_tf32(sum, a, b0, b1);
    }
};

template <class E>
static __device__ inline void tensor_round8(float (&v)[8])
{
#pragma unroll
    for (int i = 0; i < 8; i++)
        v[i] = E::round(v[i]);
}

#endif
