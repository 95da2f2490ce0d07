/* The learner without a run: steps that can be taken up again with the same bits, one at a time or several under way. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "engine/run/learner.h"
#include "tests/unit/lazy.h"
#include "tests/unit/school.h"

static void steps(struct learner *l, int n)
{
    struct learned done;
    for (int i = 0; i < n; i++)
        if (learner_step(l, &done, &last) < 0)
            fail_msg("%s", last.text);
}

static void assert_same(const struct learner *a, const struct learner *b)
{
    float *x = weights_of(a), *y = weights_of(b);
    assert_int_equal(a->step, b->step);
    assert_memory_equal(x, y, a->net.params.total * sizeof *x);
    free(x);
    free(y);
}

static void test_taken_up_again(void **state)
{
    struct learner a, b;
    knob(&((struct school *)*state)->knobs, "opt", "sam");
    open_learner(&a, *state, &backend_cpu);
    assert_int_equal(learner_total(&a), 12);
    steps(&a, 4); /* one into the second epoch */
    struct train_state *s = learner_capture(&a);
    steps(&a, 3);
    open_learner(&b, *state, &backend_cpu);
    assert_int_equal(learner_restore(&b, s, &last), 0);
    assert_true(learner_epoch(&b) == 4.0 / 3);
    steps(&b, 3);
    assert_same(&a, &b);
    assert_true(a.epoch_loss == b.epoch_loss && a.last_gn == b.last_gn && a.last_rho == 0.05);
    train_state_free(s);
    learner_close(&a);
    learner_close(&b);
}

static void test_strange_state(void **state)
{
    struct learner l;
    open_learner(&l, *state, &backend_cpu);
    struct train_state *s = learner_capture(&l);
    s->finite = false;
    assert_int_equal(learner_restore(&l, s, &last), -1);
    assert_int_equal(last.code, ERR_DIVERGED);
    s->vector[STATE_PARAMS].n--;
    assert_int_equal(learner_restore(&l, s, &last), -1);
    assert_int_equal(last.code, ERR_DATA);
    train_state_free(s);
    learner_close(&l);
}

/* Queued steps are the same steps, whatever is under way when one is awaited. */
static void test_queued(void **state)
{
    struct learner a, b;
    struct learned done;
    open_learner(&a, *state, &backend_cpu);
    steps(&a, 3);
    lazy_reset();
    open_learner(&b, *state, &backend_lazy);
    assert_true(learner_queues(&b) && !learner_queues(&a));
    for (int i = 0; i < 3; i++)
        assert_int_equal(learner_queue(&b, &last), 0);
    assert_int_equal(learner_under_way(&b), 3);
    assert_int_equal(b.step, 0);
    learner_spent_beside(&b, 3000000);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(learner_collect(&b, &done, &last), 0);
        assert_int_equal(done.beside_ns, 1000000); /* shared by those that were under way */
        assert_int_equal(done.k.step, i);
    }
    assert_same(&a, &b);
    learner_close(&a);
    learner_close(&b);
}

/* A back end that keeps images crops and mirrors them, and knows no more: other changes must not be lost there. */
static void test_changed_colours(void **state)
{
    struct learner a, b;
    knob(&((struct school *)*state)->knobs, "jitter", "0.4");
    lazy_reset();
    open_learner(&a, *state, &backend_cpu);
    open_learner(&b, *state, &backend_lazy);
    steps(&a, 4);
    steps(&b, 4);
    assert_same(&a, &b);
    learner_close(&a);
    learner_close(&b);
}

static void test_loss_of_the_epoch(void **state)
{
    struct school *s = *state;
    struct learner l;
    knob(&s->knobs, "drw", "1");
    knob(&s->knobs, "weights", "inverse");
    open_learner(&l, s, &backend_cpu);
    steps(&l, 3);
    assert_false(l.phase.reweight || l.drw_came_on);
    assert_true(l.loss.weight[0] == l.loss.weight[2]);
    steps(&l, 1);
    assert_true(l.phase.reweight && l.drw_came_on);
    assert_true(l.loss.weight[0] < l.loss.weight[2]);
    l.drw_came_on = false;
    steps(&l, 3);
    assert_false(l.drw_came_on); /* told once */
    struct knobs none = l.knobs;
    knob(&none, "weights", "none");
    assert_int_equal(learner_check_loss(&l, &none, &last), 0);
    assert_true(l.loss.weight[0] < l.loss.weight[2]); /* the one in force stays */
    learner_close(&l);
}

/* --- images that are not in memory ---------------------------------------------------------------------------------- */

struct shelf { /* a file of stored images, one after another */
    int fd;
    _Atomic int reads; /* by several threads */
    _Atomic bool broken;
};

static const void *read_from_shelf(const struct image_set *set, uint32_t position, void *room, struct err *err)
{
    struct shelf *s = set->kept;
    const size_t bytes = image_bytes(&set->kind);
    s->reads++;
    if (s->broken || pread(s->fd, room, bytes, (off_t)(position * bytes)) != (ssize_t)bytes) {
        err_set(err, ERR_IO, "image %u cannot be read", position);
        return NULL;
    }
    return room;
}

static void close_shelf(struct image_set *set)
{
    struct shelf *s = set->kept;
    close(s->fd);
}

static const struct image_reader shelf_reader = { .get = read_from_shelf, .release = close_shelf };

static void put_on_shelf(struct image_set *set, struct shelf *s)
{
    FILE *f = tmpfile();
    assert_non_null(f);
    assert_int_equal(fwrite(set->images, image_bytes(&set->kind), set->n, f), set->n);
    fflush(f);
    s->fd = dup(fileno(f));
    s->reads = 0;
    s->broken = false;
    fclose(f);
    image_reader_resident.release(set);
    set->images = NULL;
    set->reader = &shelf_reader;
    set->kept = s;
}

/* A set that is read image by image trains to the same bits, and an image that cannot be read ends the step with the reason. */
static void test_images_from_a_file(void **state)
{
    struct school *s = *state;
    struct learner a, b;
    struct learned done;
    struct shelf shelf;
    open_learner(&a, s, &backend_cpu);
    steps(&a, 6); /* two epochs: none is read ahead of the next */
    put_on_shelf(&s->data.train, &shelf);
    open_learner(&b, s, &backend_cpu);
    steps(&b, 6);
    assert_same(&a, &b);
    assert_int_equal(shelf.reads, 34 + 34);
    shelf.broken = true;
    assert_int_equal(learner_step(&b, &done, &last), -1);
    assert_non_null(strstr(last.text, "cannot be read"));
    shelf.broken = false;
    steps(&b, 1);
    steps(&a, 1);
    assert_same(&a, &b);
    learner_close(&a);
    learner_close(&b);
    assert_int_equal(dataset_hold_out(&s->data, 3, &last), 0);
    assert_true(image_set_resident(&s->data.val) && image_set_resident(&s->data.train)); /* a choice out of it is in memory */
}

/* --- memory --------------------------------------------------------------------------------------------------------- */

static uint32_t most_images;     /* that the back end below has room for */
static size_t bytes_of_an_image; /* in its models */
static uint32_t opened_for;
static int models;               /* open */

static struct model *narrow_open(const struct net *net, const struct model_options *options, struct err *err)
{
    opened_for = options->max_batch;
    if (options->max_batch > most_images) {
        err_set(err, ERR_MEMORY, "no memory for %u images", options->max_batch);
        return NULL;
    }
    struct model *m = backend_cpu.open(net, options, err);
    models += m != NULL;
    return m;
}

static void narrow_close(struct model *m)
{
    models -= m != NULL;
    backend_cpu.close(m);
}

static size_t narrow_bytes(const struct model *m)
{
    (void)m;
    return opened_for * bytes_of_an_image;
}

static void refused(struct school *s, const struct backend *b, const char *batch, const char *says)
{
    struct learner l;
    knob(&s->knobs, "batch", batch);
    assert_int_equal(learner_open(&l, b, 0, &s->data, &s->knobs, &last), -1);
    learner_close(&l);
    assert_int_equal(last.code, ERR_MEMORY);
    if (!strstr(last.text, says))
        fail_msg("got '%s', wanted '%s'", last.text, says);
    assert_int_equal(models, 0);
}

/* A batch that does not fit is refused with what it needs and the batch that would fit, found by asking the back end. */
static void test_too_large(void **state)
{
    struct school *s = *state;
    struct backend narrow = backend_cpu;
    struct learner l;
    narrow.open = narrow_open;
    narrow.close = narrow_close;
    narrow.memory_bytes = narrow_bytes;
    most_images = 700;
    bytes_of_an_image = 1 << 18;
    refused(s, &narrow, "1024", "resnet8 on images of 16x16 in batches of 1024 needs about 262 MiB, and no memory for 1024 images; batches of up to 700 fit");
    knob(&s->knobs, "batch", "700");
    assert_int_equal(learner_open(&l, &narrow, 0, &s->data, &s->knobs, &last), 0);
    learner_close(&l);
    assert_int_equal(models, 0);
    most_images = 99;
    refused(s, &narrow, "16", "in batches of 16 needs about 28 MiB, and no memory for 100 images; no batch fits, as evaluations take 100 images at once");
    most_images = 1; /* not enough to tell how it grows */
    refused(s, &narrow, "16", "in batches of 16 needs more memory than there is, and no memory for 100 images; no batch fits");
    most_images = UINT32_MAX;
    bytes_of_an_image = memory_total_bytes(); /* opened, but larger than what is free */
    refused(s, &narrow, "16", "are free; no batch fits, as evaluations take 100 images at once");
    bytes_of_an_image = memory_available_bytes() / 400;
    refused(s, &narrow, "1024", "are free; batches of up to ");
    const int batch = atoi(strstr(last.text, "up to ") + strlen("up to "));
    assert_in_range(batch, 300, 500); /* other programs take and give meanwhile */
}

/* A model is laid out whole: what the limit of addresses leaves beside it must hold the vectors and a snapshot too, of the batch that is named. */
static void test_limit_of_addresses(void **state)
{
    struct school *s = *state;
    struct learner l;
    struct rlimit before, now;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    now = (struct rlimit){ .rlim_cur = before.rlim_max, .rlim_max = before.rlim_max };
    now.rlim_cur = (rlim_t)1 << 46;
    assert_int_equal(setrlimit(RLIMIT_AS, &now), 0);
    now.rlim_cur -= memory_address_bytes() - ((rlim_t)1 << 30);
    assert_int_equal(setrlimit(RLIMIT_AS, &now), 0);
    knob(&s->knobs, "model", "resnet18");
    refused(s, &backend_cpu, "4096", "are free; batches of up to ");
    const char *batch = strstr(last.text, "up to ") + strlen("up to ");
    assert_in_range(atoi(batch), 101, 2000);
    char fits[8];
    snprintf(fits, sizeof fits, "%d", atoi(batch));
    knob(&s->knobs, "batch", fits);
    open_learner(&l, s, &backend_cpu);
    struct train_state *first = learner_capture(&l), *second = learner_capture(&l);
    assert_true(first && second);
    train_state_free(first);
    train_state_free(second);
    learner_close(&l);
    setrlimit(RLIMIT_AS, &before);
}

/* A step that comes to nothing is none: the weights and all counts are as before. */
static void test_diverged(void **state)
{
    struct learner l;
    struct learned done;
    open_learner(&l, *state, &backend_cpu);
    steps(&l, 1);
    float *bad = weights_of(&l);
    bad[0] = NAN;
    l.backend->vec_write(l.model, l.params, bad, l.net.params.total);
    const double sum = l.epoch_loss;
    assert_int_equal(learner_step(&l, &done, &last), -1);
    assert_int_equal(last.code, ERR_DIVERGED);
    assert_true(l.step == 1 && l.epoch_loss == sum);
    free(bad);
    learner_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_taken_up_again, enter, leave),
        cmocka_unit_test_setup_teardown(test_strange_state, enter, leave),
        cmocka_unit_test_setup_teardown(test_queued, enter, leave),
        cmocka_unit_test_setup_teardown(test_changed_colours, enter, leave),
        cmocka_unit_test_setup_teardown(test_loss_of_the_epoch, enter, leave),
        cmocka_unit_test_setup_teardown(test_images_from_a_file, enter, leave),
        cmocka_unit_test_setup_teardown(test_too_large, enter, leave),
        cmocka_unit_test_setup_teardown(test_limit_of_addresses, enter, leave),
        cmocka_unit_test_setup_teardown(test_diverged, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
