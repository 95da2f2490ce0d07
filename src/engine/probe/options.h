/* engine/probe/options.h - what can be asked of a probe. Plain values; zero everywhere is the default. */
#ifndef ENGINE_PROBE_OPTIONS_H
#define ENGINE_PROBE_OPTIONS_H

#include <stdbool.h>

/* Options of a probe. The default: the knobs' values, training images, evaluation mode. */
struct probe_options {
    long images;     /* most of the class; 0: knob */
    long vectors;    /* start vectors of the density; 0: knob */
    long top;        /* eigenvalues at each end to bound and tell; 0: one */
    double tol;      /* with has_tol; else the knob */
    bool has_tol, trace;
    bool pyhessian;  /* the reference's protocol: all images of the class unless `images`, 100 steps, one vector */
    bool test, train_mode, weighted, augment; /* test images; batch statistics; class weights kept; one frozen draw */
};

struct probe_plan {  /* one measurement of a class; each takes what is its own */
    struct probe_options options;
    long iters;          /* products of a spectrum, and of v_min and v_max; 0: knob */
    const char *save;    /* hessian: path of a safetensors file for the eigenvectors, or "" */
    bool force;          /* overwrite it */
    double rho;          /* cnc; 0: the run's */
    long batches, batch; /* cnc: how many of how many images; 0: 1000 of 32 */
    const char *along;   /* slice: v_min (or ""), v_max or random:N */
    double span;         /* slice: to both sides; 0: 1 */
    long points;         /* slice; 0: 41 */
};

#endif
