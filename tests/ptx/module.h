/* tests/ptx/module.h - decoded kernels, and the warp that runs them; inside of tests/ptx. */
#ifndef PTX_MODULE_H
#define PTX_MODULE_H

#include "tests/ptx/ptx.h"

enum { LANES = 32, FULL = -1 };
enum { OPERANDS = 6, MORE_OPERANDS = 14 }; /* the latter: of a product of matrices */

struct warp;
struct insn;
typedef void (*insn_fn)(struct warp *w, const struct insn *i);

/* The classes by which instructions are counted. */
enum class { CLASS_INTEGER, CLASS_FP32, CLASS_FP64, CLASS_TENSOR, CLASS_CONTROL, CLASS_SHUFFLE, CLASS_BARRIER, CLASS_MEMORY,
             CLASS_MEETING, /* none of the program's */ CLASSES };

enum space { SPACE_GENERIC, SPACE_GLOBAL, SPACE_SHARED, SPACE_PARAM };

/* Registers are 32 lanes next to each other, of 4 bytes (8 for 64-bit ones); a predicate is 4 bytes, a bit per lane. Constants and special
 * registers are registers that nobody writes. Operands are their places in bytes from the warp's `file`. */
struct insn {
    insn_fn run;
    uint32_t o[OPERANDS]; /* results first */
    union {
        int64_t offset;            /* added to an address */
        struct {
            int32_t target, join;  /* of a branch: instructions; JOIN_NONE: its lanes meet at the end only */
        };
        const uint32_t *more;      /* all operands, where o[] is too short */
    };
    uint32_t guard;   /* place of a predicate; NO_GUARD: none */
    uint32_t used;    /* of a load: a bit for each byte that matters */
    int32_t line;
    uint8_t bytes, n; /* of one number; numbers */
    uint8_t class, space;
    uint8_t to;       /* of a load or store: bytes of its registers */
    bool guard_not, sign, wide; /* wide: the address is a 64-bit register */
};
#define NO_GUARD UINT32_MAX
enum { JOIN_NONE = -1 };

struct param {
    size_t offset, bytes;
};

/* A register that is set before a kernel begins. */
enum special { SPECIAL_TID_X, SPECIAL_TID_Y, SPECIAL_TID_Z, SPECIAL_NTID_X, SPECIAL_NTID_Y, SPECIAL_NTID_Z, SPECIAL_CTAID_X, SPECIAL_CTAID_Y,
               SPECIAL_CTAID_Z, SPECIAL_NCTAID_X, SPECIAL_NCTAID_Y, SPECIAL_NCTAID_Z, SPECIAL_LANEID, SPECIALS, SPECIAL_CONSTANT = SPECIALS };

struct preset {
    uint32_t place;
    enum special what;
    uint8_t width;  /* bytes; 0: a predicate */
    uint64_t value; /* of a constant */
};

struct ptx_kernel {
    char *name;
    const char *file;
    struct insn *code;
    int n_code, room_code;
    struct param *params;
    int n_params;
    size_t param_bytes, shared_bytes;
    unsigned max_threads; /* 0: as many as there can be */
    size_t file_bytes;    /* of a warp's registers */
    struct preset *presets;
    int n_presets, room_presets;
    uint32_t **more; /* what instructions' `more` point at */
    int n_more, room_more;
    struct ptx_counts counts;
};

struct ptx_module {
    char *name;
    struct ptx_kernel **kernels;
    int n_kernels, room_kernels;
};

/* --- at work --- */

struct part { /* lanes that wait for others at instruction `join`, or go on at pc until there */
    uint32_t mask;
    int32_t pc, join;
};
enum { PARTS = 80 };
enum warp_state { WARP_READY, WARP_AT_BARRIER, WARP_DONE };

struct block;
struct warp {
    _Alignas(64) uint32_t lane[LANES]; /* of mask: all ones where active */
    char *file;
    struct block *block;
    uint32_t mask, alive; /* alive: exist, and have not returned */
    uint32_t early;       /* may not yet read what the kernel before writes */
    int32_t pc;
    int depth; /* part[depth] is at work */
    unsigned index;
    enum warp_state state;
    uint64_t steps;          /* instructions of this block so far */
    uint32_t fences;         /* so many membar.gl so far */
    uint64_t last_fence;     /* phase of the last */
    uint32_t fences_before;  /* how many when the block's counting was done; see struct release */
    struct part part[PARTS];
};

enum { MOST_WARPS = 32, MOST_THREADS = MOST_WARPS * LANES };

/* The writes that a block has handed on to whoever counts after it: all that its warps had written before so many fences, and before this phase. */
struct release {
    uint64_t begun;        /* the block's first phase */
    const void *counter;   /* NULL: nothing */
    uint64_t phase, last_fence;
    uint32_t thread, fences[MOST_WARPS];
};

struct block {
    struct warp warp[MOST_WARPS];
    int n_warps;
    unsigned n_threads;
    struct ptx_size at, grid, size;
    char *shared;
    struct word *shared_words;
    const char *params;
    uint64_t phase, begun; /* barriers of all blocks of all launches so far; the block's first */
    uint64_t launch_begun;
    const struct ptx_phases *behind; /* as in struct ptx_launch */
    struct release *releases; /* of the launch's blocks, the last is this one's */
    size_t n_releases;
    struct ptx_kernel *kernel;
    uint64_t longest; /* of this launch: see struct ptx_counts */
    bool failed; /* it cannot go on */
};

#define REG32(w, place) ((uint32_t *)(void *)((w)->file + (place)))
#define REG64(w, place) ((uint64_t *)(void *)((w)->file + (place)))

void warp_set_mask(struct warp *w, uint32_t mask);
/* lane: the first that is at fault, or -1. Says so, and ends the program unless faults are counted. */
void fault(struct warp *w, const struct insn *i, int lane, enum ptx_fault what, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* --- instructions: ops.c, move.c, tensor.c, run.c --- */

/* One spelling of an instruction, and its operands, results before '='. p predicate, h w d registers of 16, 32 and 64 bits; capitals: such a
 * register or a constant; {..} a vector; | between two results; m an address; l a label; 0 that number. Several may have one name. */
struct spelling {
    const char *name, *operands;
    insn_fn run, run_split; /* run_split: with split_fma, where that differs; else NULL */
    uint8_t class;
};
const struct spelling *spelling_first(const char *name); /* NULL: not known */
const struct spelling *spelling_next(const struct spelling *s);
/* The rows of ops.inc for this processor, and those of run.c. */
extern const struct spelling spellings_portable[], spellings_avx2[], spellings_control[];

void run_branch(struct warp *w, const struct insn *i);
void run_return(struct warp *w, const struct insn *i);
void run_meeting(struct warp *w, const struct insn *i);
void run_barrier(struct warp *w, const struct insn *i);
void run_shuffle(struct warp *w, const struct insn *i);

/* --- memory: access.c (what an instruction asks for), watch.c (who may) --- */
void run_load(struct warp *w, const struct insn *i);
void run_store(struct warp *w, const struct insn *i);
void run_atom_inc(struct warp *w, const struct insn *i);
void run_fence(struct warp *w, const struct insn *i);
void run_early_wait(struct warp *w, const struct insn *i);
void run_let_go(struct warp *w, const struct insn *i);
void run_matrix_load(struct warp *w, const struct insn *i);
void run_matrix_load_turned(struct warp *w, const struct insn *i);

#endif
