#include "config.h"
#include "fibre.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifdef FIBRE_ASAN
enum { STACK_BYTES = 128 * 1024 };
static void *outside_shadow;
static bool from_outside; /* the switch in progress began there */
static const void *outside_stack;
static size_t outside_bytes;
#else
enum { STACK_BYTES = 64 * 1024 };
#endif

#if defined(__x86_64__)
static void *outside;

extern "C" void fibre_switch(void **save, void *load);
__asm__(".text\n"
        ".type fibre_switch, @function\n"
        "fibre_switch:\n"
        "    pushq %rbp\n    pushq %rbx\n    pushq %r12\n    pushq %r13\n    pushq %r14\n    pushq %r15\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    popq %r15\n    popq %r14\n    popq %r13\n    popq %r12\n    popq %rbx\n    popq %rbp\n"
        "    ret\n"
        ".size fibre_switch, . - fibre_switch\n");

/* The things that fibre_switch() will pop: six registers, then the address of main; above it a place for a return address. */
static void prepare(struct fibre *f, void (*main)(void))
{
    static unsigned n;
    /* Tops of stacks a power of two apart would share the same few lines of the processor's cache. */
    uintptr_t *top = (uintptr_t *)(f->stack + STACK_BYTES - n++ % 64 * 5 * 64);
    top[-2] = (uintptr_t)main;
    f->place = top - 8;
}

static void go_in(struct fibre *f)
{
    fibre_switch(&outside, f->place);
}

static void go_over(struct fibre *f, struct fibre *to)
{
    fibre_switch(&f->place, to->place);
}

static void go_out(struct fibre *f)
{
    fibre_switch(&f->place, outside);
}
#else
static ucontext_t outside;

static void prepare(struct fibre *f, void (*main)(void))
{
    getcontext(&f->place);
    f->place.uc_stack.ss_sp = f->stack;
    f->place.uc_stack.ss_size = STACK_BYTES;
    makecontext(&f->place, main, 0);
}

static void go_in(struct fibre *f)
{
    swapcontext(&outside, &f->place);
}

static void go_over(struct fibre *f, struct fibre *to)
{
    swapcontext(&f->place, &to->place);
}

static void go_out(struct fibre *f)
{
    swapcontext(&f->place, &outside);
}
#endif

void fibre_make(struct fibre *f, void (*main)(void))
{
    void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED) {
        perror("cuda shim: no memory for a fibre");
        abort();
    }
    f->stack = (char *)stack;
    f->shadow = NULL;
    prepare(f, main);
}

void fibre_begun(struct fibre *f)
{
#ifdef FIBRE_ASAN
    const void *stack;
    size_t bytes;
    __sanitizer_finish_switch_fiber(f->shadow, &stack, &bytes);
    if (from_outside) {
        outside_stack = stack;
        outside_bytes = bytes;
    }
#else
    (void)f;
#endif
}

void fibre_enter(struct fibre *f)
{
#ifdef FIBRE_ASAN
    from_outside = true;
    __sanitizer_start_switch_fiber(&outside_shadow, f->stack, STACK_BYTES);
#endif
    go_in(f);
#ifdef FIBRE_ASAN
    __sanitizer_finish_switch_fiber(outside_shadow, NULL, NULL);
#endif
}

void fibre_pass(struct fibre *f, struct fibre *to)
{
#ifdef FIBRE_ASAN
    from_outside = false;
    __sanitizer_start_switch_fiber(&f->shadow, to->stack, STACK_BYTES);
#endif
    go_over(f, to);
    fibre_begun(f);
}

void fibre_leave(struct fibre *f)
{
#ifdef FIBRE_ASAN
    __sanitizer_start_switch_fiber(&f->shadow, outside_stack, outside_bytes);
#endif
    go_out(f);
    fibre_begun(f);
}
