/* tests/unit/school.h - a learner of ResNet-8 on the images of bands.h, for tests of what learns without a run. Included once by each, after
 * cmocka; everything is static. */
#ifndef TESTS_UNIT_SCHOOL_H
#define TESTS_UNIT_SCHOOL_H

#include <stdlib.h>

#include "engine/run/learner.h"
#include "tests/unit/bands.h"

struct school {
    struct dataset data;
    struct knobs knobs;
};

/* Four epochs by one thread, in batches of 16, 16 and 2. */
static inline int enter(void **state)
{
    struct school *s = calloc(1, sizeof *s);
    assert_non_null(s);
    make_data(&s->data, train_counts, 0);
    knobs_init(&s->knobs);
    knob(&s->knobs, "model", "resnet8");
    knob(&s->knobs, "batch", "16");
    knob(&s->knobs, "epochs", "4");
    knob(&s->knobs, "threads", "1");
    *state = s;
    return 0;
}

static inline int leave(void **state)
{
    struct school *s = *state;
    dataset_free(&s->data);
    free(s);
    return 0;
}

static inline void open_learner(struct learner *l, struct school *s, const struct backend *backend)
{
    if (learner_open(l, backend, 0, &s->data, &s->knobs, &last) < 0 || learner_set_weights(l, NULL, NULL, &last) < 0)
        fail_msg("%s", last.text);
}

static inline float *weights_of(const struct learner *l)
{
    float *w = malloc(l->net.params.total * sizeof *w);
    assert_non_null(w);
    l->backend->vec_read(l->model, w, l->params, l->net.params.total);
    return w;
}

#endif
