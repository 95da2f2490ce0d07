/* tests/kernels/cuda_shim/fibre.h - functions with a stack of their own, entered and left by hand. One thread only.
 * x86-64 changes stacks itself, because ucontext makes a system call each time; other processors use ucontext. */
#ifndef FIBRE_H
#define FIBRE_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1 /* as gcc says it */
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define FIBRE_ASAN
#endif

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

struct fibre {
#if defined(__x86_64__)
    void *place;
#else
    ucontext_t place;
#endif
    char *stack;
    void *shadow; /* AddressSanitizer's fake stack while the fibre rests */
};

/* The fibre is not begun; main never returns. Ends the program without memory. */
void fibre_make(struct fibre *f, void (*main)(void));
void fibre_enter(struct fibre *f); /* from outside; returns when the fibre leaves */
void fibre_pass(struct fibre *f, struct fibre *to); /* from inside f: on with another; returns when somebody goes on with f */
void fibre_leave(struct fibre *f); /* from inside */
void fibre_begun(struct fibre *f); /* the first thing main does */

#endif
