/* tests/fault/shapes.h - lines that make a recording cost much, and the ways to use one. A maker says its lines in an open segment. */
#ifndef TESTS_FAULT_SHAPES_H
#define TESTS_FAULT_SHAPES_H

#include <stdbool.h>

struct forge;

/* %s is its name, FILE one that is not there yet. The first ones try most. */
enum { SHAPE_USES = 8, SHAPES = 16 };
extern const char *const shape_uses[SHAPE_USES];

struct shape {
    const char *name;
    void (*make)(struct forge *f);
    bool says; /* something is left out, and that is said */
    int tries; /* how many of shape_uses */
};
extern const struct shape shapes[SHAPES];

/* Also put behind a run that was really trained; the last two only there. */
void say_notes(struct forge *f);
void say_matrices(struct forge *f);
void say_short_evaluations(struct forge *f);
void say_far_step_of_a_run(struct forge *f);
void say_many_commands(struct forge *f);

#endif
